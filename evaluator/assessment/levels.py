"""From a score to a star, which rule limited it, and who is not rated (METHOD, "From a score to a star").

Owns: bands, domain floor, veto, verified-only, and the reasons for not being rated. Arrays in, arrays out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from evaluator.assessment.scoring import Bools, Floats, Ints, Scores, Weights, quantised
from evaluator.model.records import LEVELS, METHODS, Method, Rules
from evaluator.quantum import quantised_one

RULES = ("band", "domain_floor", "levels", "veto", "verified_only")
"""Rules that can limit a star; where several give the same lowest star, the first in this order is named.

`levels` is the fewest levels passed in any domain, which is the star of the `cumulative` method."""
RATED, NOT_RATED = "rated", "not_rated"
"""Whether an institution has a star."""
REASONS = ("missing_domain", "coverage", "na_share")
"""Reasons for not being rated; where several hold, the first in this order is named."""


@dataclass(frozen=True, kw_only=True)
class Stars:
    """Stars of N institutions under one level method."""

    total: Floats
    """Total under the method, 0 to 5, shape (N,)."""
    star: Ints
    """0 to 5, shape (N,)."""
    limits: Ints
    """Most stars each rule of `RULES` allows, shape (N, len(RULES)); 5 or more where a rule does not limit."""

    @property
    def limited_by(self) -> npt.NDArray[np.str_]:
        """Name the rule that gave the star, shape (N,)."""
        names: npt.NDArray[np.str_] = np.array(RULES)[self.limits.argmin(axis=1)]
        return names


def bands(total: Floats, rules: Rules) -> Ints:
    """Give the star of each total by band alone; a total exactly at a band's start is in it."""
    starts = quantised(np.array(rules.bands))
    return np.searchsorted(starts, quantised(total), side="right").astype(np.int64)


def stars(scores: Scores, failed: Bools, weights: Weights, rules: Rules, method: Method) -> Stars:
    """Give the star under one method: the lowest that any of its rules allows.

    `staged`: band, domain floor. `average`: band of its own total, no gate by levels. `cumulative`: the fewest levels
    passed. Veto and verified-only cap the star under every method.

    Args:
        scores: as from `scoring.score`.
        failed: True where a requirement is answered `none`, blank or invalid, shape (N, R).
        weights: the model's weights.
        rules: the model's rules.
        method: the level method.
    """
    total = scores.total_average if method == "average" else scores.total
    limits = score_limits(total, scores.passed.min(axis=1), rules, method)
    limits[:, RULES.index("veto")] = np.where(failed, weights.veto, len(LEVELS)).min(axis=1)
    if rules.verified_above is not None:
        limits[:, RULES.index("verified_only")] = rules.verified_above
    return Stars(total=total, star=limits.min(axis=1), limits=limits)


def score_limits(total: Floats, fewest: Ints, rules: Rules, method: Method) -> Ints:
    """Give the most stars that the rules about scores allow; veto and verified-only are left without limit.

    Args:
        total: totals under the method, of any shape.
        fewest: the fewest levels passed in any domain, of the same shape.
        rules: the model's rules.
        method: the level method.

    Returns:
        As `Stars.limits`, `RULES` along a last axis of its own.
    """
    most = len(LEVELS)
    limits = np.full((*total.shape, len(RULES)), most + 1, dtype=np.int64)
    if method == "cumulative":
        limits[..., RULES.index("levels")] = fewest
    else:
        limits[..., RULES.index("band")] = bands(total, rules)
    if method == "staged":
        limits[..., RULES.index("domain_floor")] = np.minimum(fewest + rules.domain_floor, most)
    return limits


def all_methods(scores: Scores, failed: Bools, weights: Weights, rules: Rules) -> dict[Method, Stars]:
    """Give the stars under each of the three methods."""
    return {method: stars(scores, failed, weights, rules, method) for method in METHODS}


def reasons(came: Bools, coverage: Floats, na_share: Floats, rules: Rules) -> npt.NDArray[np.str_]:
    """Say why an institution is not rated, `""` where it is rated, shape (N,).

    Args:
        came: whether each domain's workbook came and counts, shape (N, M).
        coverage: share of each domain's weight answered or permitted N/A, shape (N, M).
        na_share: share of each domain's weight that is permitted N/A, shape (N, M).
        rules: the model's rules.
    """
    conditions = [
        ~came.all(axis=1),
        (quantised(coverage) < quantised_one(rules.min_coverage)).any(axis=1),
        (quantised(na_share) > quantised_one(rules.max_na_share)).any(axis=1),
    ]
    found: npt.NDArray[np.str_] = np.select(conditions, list(REASONS), default="")
    return found
