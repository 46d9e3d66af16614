"""One institution of a run: its own rows of the assessment as they travel to a worker, and as its report reads them.

Owns: taking an institution's rows from columns laid out once (`Extracts`), so that the work for N institutions grows
with N and a worker is sent no other's, and giving them names (`Subject`). Knows nothing of workbooks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

import numpy as np

from evaluator.assessment.codes import GIVEN, STATES, told
from evaluator.assessment.gaps import Standing
from evaluator.assessment.levels import RATED
from evaluator.assessment.rulings import Ruled
from evaluator.assessment.texts import AnswerText, texts_of
from evaluator.findings import Finding
from evaluator.reports.context import Context, Group, plain_list
from evaluator.reports.record import Results

_Own = TypeVar("_Own", Finding, Ruled)


class Extract(NamedTuple):
    """One institution's own rows, small and quick to pickle; for `subject_of`."""

    facts: tuple[Any, ...]
    """Its row of the institutions, columns `Context.columns`; `None` for what is missing."""
    passed: list[int]
    """`p_d` of each domain."""
    returned: list[bool]
    """Whether each domain came."""
    scores: list[float]
    """`S_d` under the official method."""
    attainment: list[list[float]]
    """`D(d,l)`; NaN where the model asks nothing."""
    coverage: list[float]
    na_share: list[float]
    items: list[float | None]
    dimensions: list[float | None]
    state: bytes
    """Indices into `codes.STATES`, one byte a requirement."""
    answer: bytes
    """Indices into `codes.GIVEN`."""
    scored_as: bytes
    """Indices into `codes.GIVEN`."""
    no_evidence: bytes
    """0 or 1."""
    block: bytes
    """What it wrote, as `assessment.texts` packs it."""
    findings: tuple[Finding, ...]
    """Its own, without a file or on its own files."""
    ruled: tuple[Ruled, ...] = ()
    """Its answers that count as a person decided, in model order."""
    robust: tuple[int, int, int, float] | None = None
    """Its 5 %, median and 95 % rank and the share of draws with its star, 0..1; `None` where nothing was drawn."""


class Extracts(Sequence[Extract]):
    """Every institution's extract, in the order of the assessment's institutions."""

    def __init__(self, results: Results) -> None:
        """Lay the results' columns out, once for all institutions."""
        found = results.assessment
        table, answers = found.institutions, found.answers
        self._facts = list(zip(*(plain_list(table[name]) for name in table.columns), strict=True))
        grid = (len(table), len(found.model.domains))
        self._passed = found.scores.passed
        self._returned = found.domains["passed_levels"].notna().to_numpy(dtype=bool).reshape(grid)
        self._scores = found.domain_scores
        self._attainment = found.scores.attainment
        self._coverage, self._na_share = (
            found.domains[name].to_numpy(dtype=np.float64).reshape(grid) for name in ("coverage", "na_share")
        )
        self._items, self._dimensions = plain_list(found.items["score"]), plain_list(found.dimensions["score"])
        self._codes = [answers[name].cat.codes.to_numpy(dtype=np.uint8) for name in ("state", "answer", "scored_as")]
        self._codes.append(answers["no_evidence"].to_numpy(dtype=np.uint8))
        self._texts = results.texts
        ids = table["id"].tolist()
        self._findings = _by_institution(_own_findings(results), ids)
        self._ruled = _by_institution(results.ruled, ids)
        self._robust = _robust(results)

    def __len__(self) -> int:
        return len(self._facts)

    def __getitem__(self, row: Any) -> Any:  # noqa: ANN401 - as a sequence does: an extract, or several for a slice
        if isinstance(row, slice):
            return [self[n] for n in range(*row.indices(len(self)))]
        total = len(self)
        row = range(total)[row]

        def own(values: Any) -> Any:  # noqa: ANN401 - of a list or an array, a slice of the same type
            count = len(values) // total
            return values[row * count : (row + 1) * count]

        state, answer, scored_as, no_evidence = (own(codes).tobytes() for codes in self._codes)
        return Extract(
            facts=self._facts[row],
            passed=self._passed[row].tolist(),
            returned=self._returned[row].tolist(),
            scores=self._scores[row].tolist(),
            attainment=self._attainment[row].tolist(),
            coverage=self._coverage[row].tolist(),
            na_share=self._na_share[row].tolist(),
            items=own(self._items),
            dimensions=own(self._dimensions),
            state=state,
            answer=answer,
            scored_as=scored_as,
            no_evidence=no_evidence,
            block=self._texts[row],
            findings=self._findings[row],
            ruled=self._ruled[row],
            robust=self._robust.get(self._facts[row][0]),
        )


def _robust(results: Results) -> dict[str, tuple[int, int, int, float]]:
    """Give the figures of `Extract.robust` by institution id."""
    if results.robustness is None:
        return {}
    table = results.robustness.institutions
    columns = (table[name].tolist() for name in ("rank_p5", "rank_median", "rank_p95", "star_share"))
    return dict(zip(table["institution"].tolist(), zip(*columns, strict=True), strict=True))


def _own_findings(results: Results) -> Iterator[Finding]:
    """Leave out findings about files of others, such as one that only names an institution and was told to nobody."""
    owners = dict(zip(results.files["path"], results.files["institution"], strict=True))
    return (one for one in results.findings if not one.file or owners.get(one.file) == one.institution)


def _by_institution(every: Iterable[_Own], ids: Sequence[str]) -> list[tuple[_Own, ...]]:
    own: dict[str, list[_Own]] = {}
    for one in every:
        own.setdefault(one.institution, []).append(one)
    return [tuple(own.get(institution, ())) for institution in ids]


@dataclass(frozen=True, kw_only=True, slots=True)
class DomainLine:
    """One institution's result in one domain."""

    came: bool
    score: float | None
    passed: int | None
    attainment: tuple[float | None, ...]
    """`D(d,1)` .. `D(d,5)`, 0..1; `None` where the model asks nothing or the workbook is missing."""
    coverage: float
    na_share: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Subject:
    """One institution of a run, with what its report compares it with."""

    context: Context
    facts: Mapping[str, Any]
    """Its row of the institutions by column name; `None` for what is missing."""
    domains: tuple[DomainLine, ...]
    items: tuple[float | None, ...]
    dimensions: tuple[float | None, ...]
    group: Group
    extract: Extract

    @property
    def rated(self) -> bool:
        """Whether it has a star and ranks."""
        return bool(self.facts["status"] == RATED)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Its findings."""
        return self.extract.findings

    @property
    def ruled(self) -> Mapping[str, Ruled]:
        """Its answers that count as a person decided, by requirement id."""
        return {one.requirement: one for one in self.extract.ruled}

    @property
    def answers(self) -> list[tuple[str, str, str, float | None]]:
        """State, answer, what it scores as, and score of each requirement, in model order.

        Of a ruled one the answer is as given and all else is as decided.
        """
        values = self.context.values
        return [
            (STATES[state], GIVEN[answer], GIVEN[scored_as], values[scored_as])
            for state, answer, scored_as in zip(
                self.extract.state, self.extract.answer, self.extract.scored_as, strict=True
            )
        ]

    @property
    def texts(self) -> tuple[AnswerText, ...]:
        """What it wrote on each requirement, in model order."""
        return texts_of(self.extract.block)

    @property
    def standing(self) -> Standing:
        """Where it stands on the way to the next star."""
        state, scored_as = (np.frombuffer(codes, np.uint8) for codes in (self.extract.state, self.extract.scored_as))
        found = told(state, scored_as)
        return Standing(
            star=self.facts["star"],
            values=np.array([value or 0.0 for value in self.context.values])[scored_as],
            applicable=found.applicable,
            failed=found.failed,
            unproven=np.frombuffer(self.extract.no_evidence, np.uint8).astype(bool),
        )


def subject_of(context: Context, extract: Extract) -> Subject:
    """Give an institution's rows their names."""
    facts = dict(zip(context.columns, extract.facts, strict=True))
    lines = zip(
        extract.returned, extract.scores, extract.passed, extract.attainment, extract.coverage, extract.na_share,
        strict=True,
    )  # fmt: skip
    return Subject(
        context=context,
        facts=facts,
        domains=tuple(
            DomainLine(
                came=came,
                score=score if came else None,
                passed=passed if came else None,
                attainment=tuple(x if came and x == x else None for x in attainment),
                coverage=coverage,
                na_share=na_share,
            )
            for came, score, passed, attainment, coverage, na_share in lines
        ),
        items=tuple(extract.items),
        dimensions=tuple(extract.dimensions),
        group=context.groups.get(facts["category"] or " ", context.groups[""]),
        extract=extract,
    )
