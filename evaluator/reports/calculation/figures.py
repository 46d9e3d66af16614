"""What the calculation sheet's formulas give, in plain Python: the results that its cells hold beside the formulas.

Owns: the figures between the answers and the program's own scores, step by step as the formulas compute them. Whatever
the program has itself is taken from it. Knows nothing of workbooks.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from evaluator.assessment.codes import BLANK, GIVEN, INVALID, MISSING, NOT_APPLICABLE, STATES
from evaluator.assessment.texts import AnswerText
from evaluator.model.records import LEVELS, Item
from evaluator.reports.context import Context
from evaluator.reports.subject import Subject
from evaluator.wording.matching import is_empty

UNANSWERED = (BLANK, INVALID, MISSING)
"""States in which nothing counts as answered."""


class RowFigures(NamedTuple):
    """One requirement."""

    state: str
    """Of `codes.STATES`; of a ruled answer as decided."""
    answer: str
    """Code as given, empty where none."""
    counts: str
    """Code that counts, `none` also for what is blank or invalid, empty where none does."""
    score: float | None
    """`s_r`, 0..1; `None` where it is left out or its domain never came."""
    proven: bool
    """Whether anything is written as evidence."""
    permitted: bool
    """Whether N/A is permitted to the institution."""
    ruled: bool


class ItemFigures(NamedTuple):
    """One item."""

    cells: tuple[float | None, ...]
    """`x(i,1)` .. `x(i,5)`, 0..1; `None` where undefined."""
    answered: float
    """Share of its weight that is answered or permitted N/A, 0..1."""
    na_share: float
    applicable: float
    """Sum of `v_r` over its applicable requirements; 0 where the domain never came."""


def row_figures(subject: Subject, texts: Sequence[AnswerText]) -> list[RowFigures]:
    """Give the figures of every requirement, in model order; `texts` are the subject's."""
    ruled, extract, values = subject.ruled, subject.extract, subject.context.values
    proven = [not is_empty(wrote.evidence) for wrote in texts]
    decided = [r.id in ruled for r in subject.context.model.requirements] if ruled else [False] * len(texts)
    permitted = permits_na(subject.context, subject.facts["category"])
    each = zip(extract.state, extract.answer, extract.scored_as, proven, permitted, decided, strict=True)
    return [_row(values, *codes) for codes in each]


@lru_cache(maxsize=256)
def permits_na(context: Context, category: str | None) -> Sequence[bool]:
    """Tell of each requirement, in model order, whether N/A is permitted to institutions of a category."""
    return [r.permits_na(category or "") for r in context.model.requirements]


@lru_cache(maxsize=4096)
def _row(
    values: tuple[float | None, ...],
    state: int,
    answer: int,
    scored_as: int,
    proven: bool,
    permitted: bool,
    ruled: bool,
) -> RowFigures:
    missing, left_out = STATES[state] == MISSING, STATES[state] == NOT_APPLICABLE
    return RowFigures(
        state=STATES[state],
        answer=GIVEN[answer],
        counts="na" if left_out else GIVEN[scored_as],
        score=None if missing else values[scored_as],
        proven=proven,
        permitted=permitted,
        ruled=ruled,
    )


def item_figures(item: Item, rows: Sequence[RowFigures]) -> ItemFigures:
    """Give an item's figures from those of its requirements."""
    everything = applicable = unanswered = left_out = 0.0
    top, bottom = [0.0] * len(LEVELS), [0.0] * len(LEVELS)
    for requirement, (state, _, _, score, *_) in zip(item.requirements, rows, strict=True):
        weight, level = requirement.weight, requirement.level - 1
        everything += weight
        if score is not None:
            applicable += weight
            top[level] += weight * score
            bottom[level] += weight
        elif state == NOT_APPLICABLE:
            left_out += weight
        if state in UNANSWERED:
            unanswered += weight
    return ItemFigures(
        tuple([x / y if y else None for x, y in zip(top, bottom, strict=True)]),
        1 - unanswered / everything,
        left_out / everything,
        applicable,
    )


def staged_score(attainment: Sequence[float | None], passed: int) -> float:
    """Give `S_d` of the staged method; the level after those passed is always one that the model asks."""
    return float(passed) if passed == len(LEVELS) else passed + (attainment[passed] or 0.0)


def average_score(weights: Sequence[float], scores: Sequence[float | None]) -> float:
    """Give `S_d` of the average method from the weights and scores of the domain's items."""
    known = [(w, score) for w, score in zip(weights, scores, strict=True) if score is not None]
    return len(LEVELS) * sum(w * x for w, x in known) / sum(w for w, _ in known) if known else 0.0
