"""What one institution's report needs beside its own rows, worked out once per run, and its rows taken by position.

Owns: comparison groups with their medians, and slicing the assessment's frames by row number, so that the work for N
institutions grows with N. Knows nothing of workbooks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from evaluator.assessment.results import RATED, Assessment
from evaluator.assessment.scoring import Floats
from evaluator.findings import Finding
from evaluator.reports.record import Results

LEAST_GROUP = 5
"""Fewest rated institutions of a category that serve as a comparison group; with fewer, all rated ones do."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Group:
    """Rated institutions that one is compared with."""

    name: str
    """Service category, empty for all rated institutions."""
    count: int
    """How many there are."""
    total: float | None
    """Median of their totals, 0..5; `None` where there are none."""
    domains: tuple[float | None, ...]
    """Medians of their domain scores, 0..5, in model order."""
    items: tuple[float | None, ...]
    """Medians of their item scores, 0..1, in model order; `None` where nobody has one."""


@dataclass(frozen=True, kw_only=True)
class Context:
    """What the institution reports of a run share; from `context_of`."""

    groups: Mapping[str, Group]
    """Comparison group of each category that is large enough; `""`: all rated institutions."""
    ranked: Mapping[tuple[str, str], int]
    """How many are ranked in each scope and group, under the official method."""
    findings: Mapping[str, tuple[Finding, ...]]
    """Findings of each institution id."""


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


@dataclass(frozen=True, kw_only=True)
class Subject:
    """One institution of a run."""

    results: Results
    context: Context
    row: int
    """Row number in the assessment's institutions."""
    facts: Mapping[str, Any]
    """Its row there by column name; `None` for what is missing."""
    domains: tuple[DomainLine, ...]
    items: tuple[float | None, ...]
    dimensions: tuple[float | None, ...]
    group: Group

    @property
    def rated(self) -> bool:
        """Whether it has a star and ranks."""
        return bool(self.facts["status"] == RATED)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Its findings."""
        return self.context.findings.get(self.facts["id"], ())


def context_of(results: Results) -> Context:
    """Work out what the institution reports of a run share."""
    found = results.assessment
    ranks = found.ranks[found.ranks["method"].eq(found.model.rules.method)]
    sizes = ranks[["scope", "group", "of"]].drop_duplicates().itertuples(index=False)
    findings: dict[str, list[Finding]] = {}
    for finding in results.findings:
        findings.setdefault(finding.institution, []).append(finding)
    return Context(
        groups=_groups(found),
        ranked={(str(scope), str(group)): int(of) for scope, group, of in sizes},
        findings={institution: tuple(own) for institution, own in findings.items()},
    )


def subject_of(results: Results, context: Context, row: int) -> Subject:
    """Take one institution's rows by position; the frames are full grids in the order of the institutions."""
    found = results.assessment
    facts = {str(name): plain(value) for name, value in found.institutions.iloc[row].items()}
    count = len(found.model.domains)
    scores = found.domain_scores
    attainment = found.scores.attainment[row]
    lines = []
    frame = found.domains.iloc[row * count : (row + 1) * count]
    columns = (frame[name].tolist() for name in ("passed_levels", "coverage", "na_share"))
    for d, (passed, coverage, na_share) in enumerate(zip(*columns, strict=True)):
        came = plain(passed) is not None
        lines.append(
            DomainLine(
                came=came,
                score=float(scores[row, d]) if came else None,
                passed=int(passed) if came else None,
                attainment=tuple(plain(float(x)) if came else None for x in attainment[d]),
                coverage=float(coverage),
                na_share=float(na_share),
            )
        )
    return Subject(
        results=results,
        context=context,
        row=row,
        facts=facts,
        domains=tuple(lines),
        items=_slice(found.items, row, len(found.model.items)),
        dimensions=_slice(found.dimensions, row, len(found.dimensions) // max(len(found.institutions), 1)),
        group=context.groups.get(facts["category"] or " ", context.groups[""]),
    )


def plain(value: Any) -> Any:  # noqa: ANN401 - whatever a frame holds
    """Give a frame's value as plain Python, `None` where it is missing."""
    return None if value is None or value is pd.NA or value != value else value


def plain_list(series: pd.Series[Any]) -> list[Any]:
    """Give a column's values as plain Python, `None` where missing."""
    values: list[Any] = series.astype(object).where(series.notna(), None).tolist()
    return values


def _slice(frame: pd.DataFrame, row: int, count: int) -> tuple[float | None, ...]:
    return tuple(plain_list(frame["score"].iloc[row * count : (row + 1) * count]))


def _groups(found: Assessment) -> dict[str, Group]:
    table = found.institutions
    rated = table["status"].eq(RATED).to_numpy()
    own = found.domain_scores
    categories = table["category"].to_numpy(dtype=object)
    groups = {"": _group("", found, own, rated)}
    for category in sorted({name for name in categories[rated] if name}):
        members = rated & (categories == category)
        if members.sum() >= LEAST_GROUP:
            groups[category] = _group(category, found, own, members)
    return groups


def _group(name: str, found: Assessment, own: Floats, members: np.ndarray[Any, Any]) -> Group:
    totals = found.institutions["score"].to_numpy(dtype=np.float64)[members]
    return Group(
        name=name,
        count=int(members.sum()),
        total=_median(totals),
        domains=tuple(_median(own[members, d]) for d in range(own.shape[1])),
        items=tuple(_median(found.scores.item[members, i]) for i in range(found.scores.item.shape[1])),
    )


def _median(values: Floats) -> float | None:
    known = values[~np.isnan(values)]
    return float(np.median(known)) if len(known) else None
