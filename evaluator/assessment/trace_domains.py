"""The lower half of a trace: requirements, cells, levels and domains, and the means they are put together by.

Owns: picking their figures out of an assessment, and adding them up anew to hold that against the program's. Knows
nothing of stars, ranks, texts or files.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from itertools import count

import numpy as np

from evaluator.assessment import scoring
from evaluator.assessment.codes import BLANK, INVALID, MISSING, NOT_APPLICABLE
from evaluator.assessment.results import Assessment
from evaluator.assessment.scoring import Floats
from evaluator.assessment.traced_domains import (
    Mean,
    Share,
    SharePart,
    Term,
    TracedDomain,
    TracedItem,
    TracedLevel,
    TracedRequirement,
)
from evaluator.model.records import LEVELS, Domain, Item
from evaluator.quantum import quantised_one

AGREEMENT = 1e-9
"""How near the figures added up anew must come to the program's."""


def mean_of(parts: Iterable[tuple[str, float, float | None]], value: float, name: str) -> Mean:
    """Make a weighted mean of (code, weight, value); what has no value gives its weight to the others.

    Args:
        parts: in model order.
        value: the program's own figure, NaN where nothing applies.
        name: what it is, for the mistake's message.

    Raises:
        RuntimeError: the parts don't give the program's figure.
    """
    listed = list(parts)
    whole = sum(weight for _, weight, part in listed if part is not None)
    terms = tuple(
        Term(code=code, weight=weight, share=0.0 if part is None else weight / whole, value=part)
        for code, weight, part in listed
    )
    again = sum(term.share * term.value for term in terms if term.value is not None)
    held_against(again, 0.0 if np.isnan(value) else value, name)
    return Mean(terms=terms, value=None if np.isnan(value) else value)


def held_against(again: float, value: float, name: str) -> None:
    """Make sure that a figure added up anew is the program's.

    Raises:
        RuntimeError: it is not.
    """
    if not abs(again - value) <= AGREEMENT:
        raise RuntimeError(f"the trace of {name} gives {again!r}, the program {value!r}")


def traced_requirements(found: Assessment, row: int, decided: Container[str]) -> tuple[TracedRequirement, ...]:
    """Trace what each requirement of an institution counts as, in model order; `decided` are ids."""
    asked = found.model.requirements
    rows = found.answers.iloc[row * len(asked) : (row + 1) * len(asked)]
    in_cell: dict[tuple[str, int], float] = {}
    for n, one in enumerate(asked):
        if found.applicable[row, n]:
            key = found.model.item_of[one.id].code, one.level
            in_cell[key] = in_cell.get(key, 0.0) + one.weight
    traced = []
    judged = zip(asked, rows["state"], rows["answer"], rows["scored_as"], rows["score"], strict=True)
    for n, (one, state, answer, scored_as, score) in enumerate(judged):
        whole = in_cell.get((found.model.item_of[one.id].code, one.level), 0.0)
        applies = bool(found.applicable[row, n])
        traced.append(
            TracedRequirement(
                id=one.id,
                number=n,
                level=one.level,
                dimension=one.dimension,
                weight=one.weight,
                share=one.weight / whole if applies else 0.0,
                state=state,
                answer=answer,
                scored_as=scored_as,
                score=None if np.isnan(score) else float(score),
                why=_why(found, row, n, state, answer, one.id in decided),
            )
        )
    return tuple(traced)


def _why(found: Assessment, row: int, number: int, state: str, answer: str, decided: bool) -> str:
    if decided:
        return "decided"
    if state == INVALID and answer == "na":
        asked, category = found.model.requirements[number], found.institutions["category"].iloc[row]
        return "na_unreasoned" if asked.permits_na(str(category)) else "na_refused"
    if bool(found.unproven[row, number]):
        return "no_evidence"
    return {NOT_APPLICABLE: "na", BLANK: "blank", INVALID: "invalid", MISSING: "missing"}.get(state, "as_given")


def applied(found: Assessment, row: int, number: int) -> float | None:
    """Give what a requirement scores, `None` where it is left out."""
    return float(found.values[row, number]) if found.applicable[row, number] else None


def traced_domains(found: Assessment, row: int, traced: Sequence[TracedRequirement]) -> tuple[TracedDomain, ...]:
    """Trace the domains of an institution, in model order, from its requirements.

    Raises:
        RuntimeError: what is added up anew is not the program's.
    """
    model, scores, rules = found.model, found.scores, found.model.rules
    cell = scoring.cells(found.values[row : row + 1], found.applicable[row : row + 1], found.weights)[0]
    here = found.domains.iloc[row * len(model.domains) : (row + 1) * len(model.domains)]
    official = found.domain_scores[row]
    numbers, items = count(), iter(traced)
    domains = []
    for d, domain in enumerate(model.domains):
        own = [
            _item(found, row, n, item, [next(items) for _ in item.requirements], cell)
            for item, n in zip(domain.items, numbers, strict=False)  # in this order none of the numbers is lost
        ]
        average = mean_of(
            ((one.code, one.weight, one.mean.value) for one in own), scores.domain_average[row, d] / 5, domain.code
        )
        passed = int(scores.passed[row, d])
        steps = _levels(found, row, d, own)
        if rules.method != "average":
            again = 5.0 if passed == len(LEVELS) else passed + _value(steps[passed].attainment)
            held_against(again, float(official[d]), f"S({domain.code})")
        domains.append(
            TracedDomain(
                code=domain.code,
                weight=domain.weight,
                came=any(r.state != MISSING for item in own for r in item.requirements),
                coverage=_share(
                    domain, own, (BLANK, INVALID, MISSING), False, here["coverage"].iloc[d], rules.min_coverage
                ),
                na_share=_share(domain, own, (NOT_APPLICABLE,), True, here["na_share"].iloc[d], rules.max_na_share),
                levels=steps,
                passed=passed,
                score=float(official[d]),
                average=average,
                items=tuple(own),
            )
        )
    return tuple(domains)


def _item(
    found: Assessment, row: int, number: int, item: Item, traced: Sequence[TracedRequirement], cell: Floats
) -> TracedItem:
    def parts(level: int | None) -> list[tuple[str, float, float | None]]:
        return [(r.id, r.weight, applied(found, row, r.number)) for r in traced if level in (None, r.level)]

    cells = [
        mean_of(parts(level), float(cell[number, level - 1]), f"x({item.code},{level})") if parts(level) else None
        for level in LEVELS
    ]
    return TracedItem(
        code=item.code,
        weight=item.weight,
        cells=tuple(cells),
        mean=mean_of(parts(None), float(found.scores.item[row, number]), f"x({item.code})"),
        requirements=tuple(traced),
    )


def _levels(found: Assessment, row: int, number: int, items: Sequence[TracedItem]) -> tuple[TracedLevel, ...]:
    attainment, passed = found.scores.attainment[row, number], int(found.scores.passed[row, number])
    reached = scoring.reached(attainment, found.model.rules.pass_mark).tolist()
    steps = []
    for n, level in enumerate(LEVELS):
        parts = [(one.code, one.weight, x.value) for one in items if (x := one.cells[n]) is not None]
        name = f"D({found.model.domains[number].code},{level})"
        steps.append(
            TracedLevel(
                level=level,
                attainment=mean_of(parts, float(attainment[n]), name) if parts else None,
                reached=reached[n],
                counts="passed" if n < passed else "next" if n == passed else "beyond",
            )
        )
    return tuple(steps)


def _value(mean: Mean | None) -> float:
    return 0.0 if mean is None or mean.value is None else mean.value


def _share(
    domain: Domain, items: Sequence[TracedItem], states: Sequence[str], within: bool, value: float, limit: float
) -> Share:
    """Trace a share of a domain's weight: of the requirements in these states, or (not `within`) of all the others."""
    parts = tuple(
        SharePart(
            code=item.code,
            weight=item.weight,
            flagged=sum(r.weight for r in item.requirements if (r.state in states) == within),
            whole=sum(r.weight for r in item.requirements),
        )
        for item in items
    )
    whole = sum(part.weight for part in parts)
    held_against(sum(p.weight * p.flagged / p.whole for p in parts) / whole, float(value), f"shares of {domain.code}")
    share, edge = quantised_one(value), quantised_one(limit)
    return Share(parts=parts, value=float(value), limit=limit, kept=share <= edge if within else share >= edge)
