"""How much an institution calls for verification on site: its measure of size in the on-site sample.

Owns: the parts of the measure and their points. A measure is a whole number of points, so that whatever is drawn from
it is drawn alike on every machine. Everyone rated has `BASE`, hence a chance. Arrays in, arrays out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from evaluator.assessment.codes import ANSWERED, GIVEN, STATES, Bools
from evaluator.assessment.coding import encoded
from evaluator.assessment.levels import RATED, RULES, score_limits
from evaluator.assessment.patterns import Patterns
from evaluator.assessment.results import Assessment
from evaluator.assessment.scoring import (
    Floats,
    Ints,
    domain_scores,
    quantised,
    reached,
    unbroken,
)
from evaluator.model.records import LEVELS
from evaluator.quantum import QUANTA

BASE = 100
"""Points that every rated institution has."""
BAND_POINTS, BAND_REACH = 200, 0.2
"""Points for a total exactly at a band's start that could change the star, falling to 0 at this distance (of 0..5)."""
MARK_POINTS, MARK_REACH = 100, 0.05
"""Points for a level exactly at the pass mark that changes the star by crossing it, falling to 0 at this distance (of
0..1)."""
EVIDENCE_POINTS = 200
"""Points if the evidence is weak for every high answer (`large` or `full`); a share of them for a share of these."""
PATTERN_POINTS = {"straight_line": 100, "all_full": 100, "higher_without_lower": 100, "identical_answers": 200}
"""Points for each pattern; a straight line whose one answer is `full` has those of `all_full` as well."""
PARTS = ("base", "band", "mark", "evidence", *PATTERN_POINTS)
SHORT_EVIDENCE = 4
"""Characters, folded, below which an evidence text can't name a document: `有`, `yes`, `见附件`."""
STRONG = ("large", "full")
"""Answers that need evidence."""

_OF_SCORES = ("band", "domain_floor", "levels")
"""Rules of the star that a level's crossing the pass mark can move."""


@dataclass(frozen=True, kw_only=True)
class Attention:
    """What calls for attention in N institutions; each array has shape (N,) unless said otherwise."""

    rated: Bools
    band: Floats
    """Distance of the total to the nearest band start that could change the star; infinite where there is none."""
    start: Floats
    """That band start; NaN where there is none."""
    mark: Floats
    """Least distance to the pass mark of the levels that alone, by crossing it, change the star; infinite where there
    is none."""
    domain: Ints
    """Domain of that level; -1 where there is none."""
    level: Ints
    """That level, 1 to 5; 0 where there is none."""
    strong: Ints
    """High answers (`STRONG`)."""
    weak: Ints
    """Of these, with weak evidence."""
    patterns: Patterns
    points: Ints
    """Points by part, shape (N, len(PARTS)); all 0 where not rated."""

    @property
    def sizes(self) -> Ints:
        """The measure of size; 0 where not rated."""
        total: Ints = self.points.sum(axis=1)
        return total

    def held(self, row: int) -> Iterator[tuple[str, int]]:
        """Give the parts beside the base for which an institution has points, in order."""
        for part, points in zip(PARTS[1:], self.points[row, 1:].tolist(), strict=True):
            if points:
                yield part, points


def strong_answers(found: Assessment) -> Bools:
    """Tell which answers are high ones, as given, shape (N, R)."""
    codes = encoded(found.answers)
    high = np.isin(codes.answer, [GIVEN.index(code) for code in STRONG])
    strong: Bools = ((codes.state == STATES.index(ANSWERED)) & high).reshape(found.values.shape)
    return strong


def attention(found: Assessment, weak: Bools, patterns: Patterns) -> Attention:
    """Work out every institution's measure of size.

    Args:
        found: the assessment.
        weak: where a high answer has weak evidence, shape (N, R).
        patterns: as from `patterns.patterns`.
    """
    rated = found.institutions["status"].eq(RATED).to_numpy()
    band, start = _band(found)
    mark, domain, level = _mark(found)
    strong, weakly = strong_answers(found).sum(axis=1), weak.sum(axis=1)
    full = patterns.straight & (patterns.commonest == GIVEN.index("full"))
    flags = {
        "straight_line": patterns.straight,
        "all_full": full,
        "higher_without_lower": patterns.reversed,
        "identical_answers": patterns.identical,
    }
    columns = [
        np.full(len(rated), BASE),
        _nearness(band, BAND_POINTS, BAND_REACH),
        _nearness(mark, MARK_POINTS, MARK_REACH),
        EVIDENCE_POINTS * weakly // np.maximum(strong, 1),
        *(points * flags[part] for part, points in PATTERN_POINTS.items()),
    ]
    return Attention(
        rated=rated,
        band=band,
        start=start,
        mark=mark,
        domain=domain,
        level=level,
        strong=strong,
        weak=weakly,
        patterns=patterns,
        points=np.stack(columns, axis=1).astype(np.int64) * rated[:, None],
    )


def _nearness(distance: Floats, points: int, reach: float) -> Ints:
    """Give whole points: all at distance 0, none from `reach` on, in between by a straight line, rounded down."""
    limit = round(reach * QUANTA)
    quanta = np.rint(np.minimum(distance, reach) * QUANTA).astype(np.int64)
    found: Ints = points * (limit - quanta) // limit
    return found


def _band(found: Assessment) -> tuple[Floats, Floats]:
    """Find the nearest band start that could change the star: its own below, and the next where no other rule limits.

    Passing down through its own band's start costs a star. Passing up through the next gives one only if every other
    rule allows it.
    """
    limits, star = found.stars.limits, found.stars.star
    place = RULES.index("band")
    others = np.delete(limits, place, axis=1).min(axis=1)
    starts = np.array([np.nan, *found.model.rules.bands, np.nan])
    by_band = limits[:, place] < len(starts) - 1  # under `cumulative` no band limits
    below = np.where(by_band, starts[star], np.nan)
    above = np.where(by_band & (limits[:, place] == star) & (others > star), starts[star + 1], np.nan)
    down = np.nan_to_num(found.stars.total - below, nan=np.inf)
    up = np.nan_to_num(above - found.stars.total, nan=np.inf)
    distance = np.minimum(down, up)
    start = np.where(np.isinf(distance), np.nan, np.where(up < down, above, below))
    return distance, start


def _mark(found: Assessment) -> tuple[Floats, Ints, Ints]:
    """Find the level nearest to the pass mark of those whose crossing it changes the star."""
    count, domains, levels = found.scores.attainment.shape
    if found.model.rules.method == "average":
        none = np.full(count, -1, dtype=np.int64)
        return np.full(count, np.inf), none, np.zeros(count, dtype=np.int64)
    distance = quantised(np.abs(found.scores.attainment - found.model.rules.pass_mark))
    distance = np.where(_decisive(found) & ~np.isnan(distance), distance, np.inf)
    flat = distance.reshape(count, domains * levels)
    nearest = flat.argmin(axis=1)
    least = flat[np.arange(count), nearest]
    any_at_all = np.isfinite(least)
    return least, np.where(any_at_all, nearest // levels, -1), np.where(any_at_all, nearest % levels + 1, 0)


def _decisive(found: Assessment) -> Bools:
    """Tell which levels change the star if they alone cross the pass mark, shape (N, M, 5).

    The star is worked out anew with the level turned: one that reaches the mark falls to just below it, another rises
    to it. That moves the fewest passed levels, and under `staged` the total as well.
    """
    scores, rules = found.scores, found.model.rules
    reaches = reached(scores.attainment, rules.pass_mark)
    others = [np.delete(scores.passed, d, axis=1).min(axis=1, initial=len(LEVELS)) for d in range(reaches.shape[1])]
    rest = np.stack(others, axis=1)
    kept = np.delete(found.stars.limits, [RULES.index(rule) for rule in _OF_SCORES], axis=1).min(axis=1)
    decisive = np.zeros_like(reaches)
    for level in range(len(LEVELS)):
        turned, at_mark = reaches.copy(), scores.attainment.copy()
        turned[:, :, level] ^= True
        at_mark[:, :, level] = rules.pass_mark
        passed = unbroken(turned)
        total = scores.total[:, None] + found.weights.w * (domain_scores(at_mark, passed) - scores.domain)
        total = quantised(total) - reaches[:, :, level] / QUANTA  # just below the mark is below a band's start there
        limits = score_limits(total, np.minimum(passed, rest), rules, rules.method)
        decisive[:, :, level] = np.minimum(limits.min(axis=2), kept[:, None]) != found.stars.star[:, None]
    return decisive
