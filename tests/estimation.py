"""Estimates from a sample drawn with unequal probabilities, in plain Python: what the workbook's formulas must give.

The Horvitz-Thompson and Hajek estimators of a population's mean, and their standard errors.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt


@dataclass(frozen=True, kw_only=True, slots=True)
class Estimate:
    """An estimate of a population's mean."""

    mean: float
    error: float | None
    """Its standard error; `None` where a single one that is not certain was observed, which says nothing of spread."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Estimates:
    """Both estimates from the same observations."""

    observed: int
    horvitz_thompson: Estimate
    """Unbiased: `sum(y / pi) / N`."""
    hajek: Estimate
    """`sum(y / pi) / sum(1 / pi)`: biased by less than its error, mostly closer, and never outside the values'
    range."""


def estimates(values: Sequence[float | None], probabilities: Sequence[float], population: int) -> Estimates | None:
    """Estimate the population's mean from a sample.

    Where some of the sample are not observed yet, the probabilities of the others are taken times their share of the
    sample, as if they had been picked from it at random; that makes the estimate provisional.

    The variance is Hájek's approximation: `V = n/(n-1) * sum((1 - pi) (z - B)^2)` with
    `B = sum((1 - pi) z) / sum(1 - pi)`, over the `n` observed with `pi < 1`; `z = y / (pi N)` for Horvitz-Thompson, and
    `z = (y - mean) / (pi sum(1 / pi))`, its linearisation, for Hajek. Sources: `reports.audit.estimate`.

    Args:
        values: what was observed of each in the sample; `None` where nothing was yet.
        probabilities: their inclusion probabilities, above 0 and at most 1.
        population: how many there are in all, `N`.

    Returns:
        The estimates; `None` where nothing was observed.
    """
    seen = [(y, pi) for y, pi in zip(values, probabilities, strict=True) if y is not None]
    if not seen:
        return None
    share = len(seen) / len(values)
    given = [(y, pi * share) for y, pi in seen]
    weight = sum(1 / pi for _, pi in given)
    total = sum(y / pi for y, pi in given)
    mean = total / weight
    doubts = [1 - pi for _, pi in given]
    return Estimates(
        observed=len(seen),
        horvitz_thompson=Estimate(
            mean=total / population, error=_error([y / pi / population for y, pi in given], doubts)
        ),
        hajek=Estimate(mean=mean, error=_error([(y - mean) / pi / weight for y, pi in given], doubts)),
    )


def _error(terms: Sequence[float], doubts: Sequence[float]) -> float | None:
    """Give the standard error of a sum of terms; `doubts` are `1 - pi`."""
    uncertain = sum(1 for doubt in doubts if doubt > 0)
    if uncertain == 0:
        return 0.0
    if uncertain == 1:
        return None
    weight = sum(doubts)
    middle = sum(c * z for c, z in zip(doubts, terms, strict=True)) / weight
    spread = sum(c * (z - middle) ** 2 for c, z in zip(doubts, terms, strict=True))
    return sqrt(spread * uncertain / (uncertain - 1))
