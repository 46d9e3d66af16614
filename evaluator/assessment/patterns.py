"""Odd patterns in how institutions answer: reasons to look on site first, never a judgement.

Owns: the three flags and their thresholds, under the codes that findings of the family `pattern.` have. Here they are
flags only, which weigh the on-site sample: they change no score, and an honest institution may carry each of them. All
look at what was answered, not at what it scored after the evidence rule. Arrays in, arrays out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from evaluator.assessment.codes import ANSWERED, GIVEN, STATES, Bools, Bytes
from evaluator.assessment.coding import encoded
from evaluator.assessment.results import Assessment
from evaluator.assessment.scoring import Floats, Ints, Weights, quantised
from evaluator.model.records import LEVELS

STRAIGHT_LINE: Final = "pattern.straight_line"
HIGHER_WITHOUT_LOWER: Final = "pattern.higher_without_lower"
IDENTICAL_ANSWERS: Final = "pattern.identical_answers"
PATTERNS = (STRAIGHT_LINE, HIGHER_WITHOUT_LOWER, IDENTICAL_ANSWERS)

LEAST_ANSWERED = 20
"""Answered requirements (N/A doesn't count) below which nothing is said of an institution's pattern."""
STRAIGHT_SHARE = 0.95
"""Share of the answered requirements with one and the same answer from which an institution is flagged, whatever the
answer: all `full` claims that nothing is left to improve, and all `partial` or all `none` may be as thoughtless."""
REVERSED_SHARE = 0.25
"""Share of neighbouring levels, over all items, in which the higher scores more than the lower from which an
institution is flagged. Requirements grow harder with their level, so that few should be; four answers drawn
at random, each as likely, give 3/8."""


@dataclass(frozen=True, kw_only=True)
class Patterns:
    """What is odd in the answers of N institutions; each array has shape (N,)."""

    answered: Ints
    """Requirements answered other than with N/A."""
    commonest: Bytes
    """The commonest of these answers, as index into `codes.GIVEN`; of equally common ones the first in that order."""
    same: Ints
    """How many have it."""
    straight: Bools
    pairs: Ints
    """Neighbouring levels of an item that both are answered, over all items."""
    reversals: Ints
    """Of these, in how many the higher level scores more than the lower."""
    reversed: Bools
    alike: tuple[tuple[int, ...], ...]
    """Rows of all institutions with the same answers to all requirements, the row itself among them; empty for most.

    The institutions of a group share one tuple: a tuple of the others for each would take the square of their number.
    """

    @property
    def identical(self) -> Bools:
        """Whether another institution gave the same answers."""
        return np.array([bool(rows) for rows in self.alike], dtype=bool)

    def twins(self, row: int, most: int | None = None) -> tuple[int, ...]:
        """Give the rows of the others with the same answers, or the first `most` of them."""
        some = self.alike[row] if most is None else self.alike[row][: most + 1]
        return tuple(other for other in some if other != row)[:most]

    def flags(self, row: int) -> tuple[str, ...]:
        """Name an institution's flags, in the order of `PATTERNS`."""
        held = (self.straight[row], self.reversed[row], bool(self.alike[row]))
        return tuple(code for code, holds in zip(PATTERNS, held, strict=True) if holds)


def patterns(found: Assessment) -> Patterns:
    """Look for odd patterns in the answers of all institutions, rated or not; rows as in `found.institutions`."""
    codes = encoded(found.answers)
    shape = found.values.shape
    answered = (codes.state == STATES.index(ANSWERED)).reshape(shape)
    given = codes.answer.reshape(shape)
    values: dict[str, float | None] = {answer.code: answer.value for answer in found.model.scale}
    scored = np.array([values.get(code) or 0.0 for code in GIVEN])
    return patterns_of(answered, given, scored[given], found.weights)


def patterns_of(answered: Bools, given: Bytes, values: Floats, weights: Weights) -> Patterns:
    """Look for odd patterns.

    Args:
        answered: whether a requirement is answered other than with N/A, shape (N, R).
        given: the answers as indices into `codes.GIVEN`, shape (N, R); ignored where not answered.
        values: their values on the scale, 0 to 1, shape (N, R); ignored where not answered.
        weights: the model's weights.
    """
    known = np.where(answered, given, 0).astype(np.uint8)
    counts = np.stack([(known == code).sum(axis=1) for code in range(1, len(GIVEN))], axis=1)
    total = answered.sum(axis=1)
    same = counts.max(axis=1)
    enough = total >= LEAST_ANSWERED
    straight = enough & (quantised(same / np.maximum(total, 1)) >= STRAIGHT_SHARE)
    pairs, reversals = _reversals(answered, values, weights)
    share = quantised(reversals / np.maximum(pairs, 1))
    return Patterns(
        answered=total,
        commonest=(counts.argmax(axis=1) + 1).astype(np.uint8),
        same=same,
        straight=straight,
        pairs=pairs,
        reversals=reversals,
        reversed=enough & (share >= REVERSED_SHARE),
        alike=_alike(known, enough & ~straight),
    )


def _reversals(answered: Bools, values: Floats, weights: Weights) -> tuple[Ints, Ints]:
    """Count the neighbouring answered levels of each item, and those in which the higher scores more.

    A level scores the weighted mean of its answered requirements. Where a level has none, its neighbours are compared.
    """
    levels = len(LEVELS)
    cells = weights.item * levels + weights.level - 1
    top, bottom = (np.zeros((len(values), len(weights.W) * levels)) for _ in range(2))
    for r, cell in enumerate(cells):
        top[:, cell] += weights.v[r] * np.where(answered[:, r], values[:, r], 0.0)
        bottom[:, cell] += weights.v[r] * answered[:, r]
    mean = np.divide(top, bottom, out=np.full_like(top, np.nan), where=bottom > 0)
    mean = quantised(mean.reshape(len(values), len(weights.W), levels))
    pairs, reversals = (np.zeros(len(values), dtype=np.int64) for _ in range(2))
    lower = mean[:, :, 0]
    for level in range(1, levels):
        higher = mean[:, :, level]
        pairs += (~np.isnan(lower) & ~np.isnan(higher)).sum(axis=1)
        reversals += (higher > lower).sum(axis=1)
        lower = np.where(np.isnan(higher), lower, higher)
    return pairs, reversals


def _alike(known: Bytes, looked_at: Bools) -> tuple[tuple[int, ...], ...]:
    """Group equal rows by hashing them; straight lines are left out, as these are equal without being copied."""
    groups: dict[bytes, list[int]] = {}
    for row in np.flatnonzero(looked_at).tolist():
        groups.setdefault(known[row].tobytes(), []).append(row)
    alike: list[tuple[int, ...]] = [()] * len(known)
    for rows in groups.values():
        if len(rows) > 1:
            shared = tuple(rows)
            for row in rows:
                alike[row] = shared
    return tuple(alike)
