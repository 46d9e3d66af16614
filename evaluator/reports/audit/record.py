"""The on-site sample of recorded results: who is drawn, with what probability, and what to look at first.

Owns: taking what the draw needs from a record, and choosing the requirements to check. Knows nothing of workbooks or
of wording.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from evaluator.assessment.attention import MARK_REACH, SHORT_EVIDENCE, Attention, attention, strong_answers
from evaluator.assessment.patterns import patterns
from evaluator.assessment.sampling import Draw, Unit, draw
from evaluator.assessment.texts import AnswerText
from evaluator.errors import InputError
from evaluator.reports.recorded import Recorded
from evaluator.wording.matching import plain

MOST_CHECKS = 10
"""Requirements of an institution that are named to be checked first."""
Weakness = Literal["", "missing", "short", "copied"]
WEAKNESSES: tuple[Weakness, ...] = ("", "missing", "short", "copied")
"""What is weak about the evidence of a high answer; `""`: nothing."""


class Check(NamedTuple):
    """A requirement to be checked on site."""

    requirement: int
    """Its place in the model's requirements."""
    near: bool
    """Whether it belongs to the level that is near the pass mark and changes the star by crossing it."""
    weakness: Weakness
    """What is weak about its evidence."""


@dataclass(frozen=True, kw_only=True)
class AuditSample:
    """A sample for verification on site, with all it was drawn from."""

    recorded: Recorded
    draw: Draw
    rated: Sequence[int]
    """Row of each rated institution in the assessment; a unit's `row` is a place in this."""
    attention: Attention
    weakness: npt.NDArray[np.uint8]
    """Index into `WEAKNESSES` of each requirement's evidence, shape (N, R)."""
    claimed: npt.NDArray[np.bool_]
    """Whether a requirement has an answer that scores, shape (N, R)."""

    def row(self, unit: Unit) -> int:
        """Give a unit's row in the assessment."""
        return self.rated[unit.row]

    def checks(self, row: int) -> tuple[Check, ...]:
        """Choose what to look at first at an institution.

        First what the level near the pass mark (`Attention.level`) rests on, high answers with weak evidence before
        others; then further high answers with weak evidence; then other high answers, those at the star's own level
        before those below and these before those above; each by falling weight in the total.
        """
        weights, calls = self.recorded.assessment.weights, self.attention
        near = np.zeros(len(weights.omega), dtype=bool)
        if calls.mark[row] < MARK_REACH:
            near = (weights.domain == calls.domain[row]) & (weights.level == calls.level[row]) & self.claimed[row]
        weak = self.weakness[row] > 0
        strong = self.strong[row] & ~near & ~weak
        star = max(int(self.recorded.assessment.stars.star[row]), 1)
        above = np.where(weights.level <= star, star - weights.level, weights.level)
        order = np.lexsort((-weights.omega, np.where(strong, above, 0), ~(near & weak), ~near, strong))
        chosen = [r for r in order.tolist() if near[r] or weak[r] or strong[r]][:MOST_CHECKS]
        return tuple(Check(r, bool(near[r]), WEAKNESSES[self.weakness[row, r]]) for r in chosen)

    @cached_property
    def strong(self) -> npt.NDArray[np.bool_]:
        """Which answers are high ones, shape (N, R)."""
        return strong_answers(self.recorded.assessment)

    def wrote(self, row: int) -> tuple[AnswerText, ...]:
        """Give what an institution wrote on each requirement."""
        return self.recorded.wrote(self.recorded.assessment.institutions["id"].iloc[row])


def sample_of(recorded: Recorded, count: int, seed: str) -> AuditSample:
    """Draw the on-site sample from recorded results.

    Args:
        recorded: the results.
        count: how many institutions to draw; all rated ones where there are no more.
        seed: the published seed, any text.

    Raises:
        InputError: nobody is rated.
    """
    found = recorded.assessment
    weakness = _weakness(recorded)
    calls = attention(found, weakness > 0, patterns(found))
    rated = np.flatnonzero(calls.rated).tolist()
    if not rated:
        raise InputError("nobody_rated", path=recorded.folder)
    ids = found.institutions["id"].iloc[rated].tolist()
    sizes = [int(size) for size in calls.sizes[rated]]
    return AuditSample(
        recorded=recorded,
        draw=draw(ids, sizes, count, seed),
        rated=rated,
        attention=calls,
        weakness=weakness,
        claimed=found.applicable & (found.values > 0),
    )


def _weakness(recorded: Recorded) -> npt.NDArray[np.uint8]:
    """Say what is weak about the evidence of each high answer that no person decided."""
    found = recorded.assessment
    shape = found.values.shape
    length = np.fromiter(_lengths(recorded), dtype=np.int64, count=shape[0] * shape[1]).reshape(shape)
    place = {requirement.id: r for r, requirement in enumerate(recorded.model.requirements)}
    copied = np.zeros(shape, dtype=bool)
    for code, institution, requirement in recorded.rows("findings", ("code", "institution", "requirement")):
        if code == "evidence.copied" and institution in recorded.ids and requirement in place:
            copied[recorded.ids[institution], place[requirement]] = True
    looked_at = strong_answers(found)
    for institution, requirement in recorded.decided:
        looked_at[recorded.ids[institution], place[requirement]] = False
    kinds = np.select([length == 0, length < SHORT_EVIDENCE, copied], [1, 2, 3], default=0)
    return np.where(looked_at, kinds, 0).astype(np.uint8)


def _lengths(recorded: Recorded) -> Iterator[int]:
    """Count the folded characters of each evidence text; of one that is plainly long, only that it is.

    Letters and digits are not dropped in folding, so that a few of them at the start settle it.
    """
    for (words,) in recorded.each("answers", ("evidence",)):
        shown = str(words)
        start = shown[: 2 * SHORT_EVIDENCE]
        is_long = len(start) > SHORT_EVIDENCE and (start.isalnum() or sum(map(str.isalnum, start)) >= SHORT_EVIDENCE)
        yield len(shown) if is_long else len(plain(shown))
