"""How well the units of a scale hang together: reliability, discrimination, correlations.

Owns: the formulas of classical test theory, on arrays of institutions x units in which NaN means "no answer". Knows
nothing of models, domains or what a figure means. A unit is whatever is scored: a requirement or an item. Every figure
is quantised to 1e-9, so that the order of institutions changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evaluator.assessment.codes import Bools
from evaluator.assessment.scoring import Floats, Ints, quantised

_NO_SPREAD = 1e-12
"""A variance under this is none: scores are 0 to 1, and steps between them are larger than 1e-5."""


@dataclass(frozen=True, kw_only=True)
class Alpha:
    """Cronbach's alpha of a scale."""

    value: float
    """NaN where fewer than two units vary."""
    n: int
    """Institutions with a score on every unit that is used."""
    units: int
    """Units used: those that vary."""
    without: Floats
    """Alpha of the scale without each unit, on the same institutions, shape (k,); NaN where it is not defined."""


def alpha(scores: Floats) -> Alpha:
    """Work out Cronbach's alpha, and what it would be without each unit.

    alpha = k / (k - 1) * (1 - sum of the units' variances / variance of their sum), Cronbach (1951), Coefficient alpha
    and the internal structure of tests, Psychometrika 16, 297-334. Alpha without a unit is the same formula over the
    others (Nunnally, 1978, Psychometric Theory, 2nd ed.). Only institutions with a score on every unit count
    (listwise). Units that don't vary among them are left out, as statistics packages do: they add nothing to the sum.

    Args:
        scores: shape (n, k), NaN where there is no score.
    """
    complete = scores[~np.isnan(scores).any(axis=1)]
    n, k = complete.shape
    without = np.full(k, np.nan)
    if n < 2:
        return Alpha(value=np.nan, n=n, units=0, without=without)
    centred = complete - complete.mean(axis=0)
    varying = np.flatnonzero((centred**2).sum(axis=0) > _NO_SPREAD)
    covariance = centred[:, varying].T @ centred[:, varying] / (n - 1)
    variances, total = np.diagonal(covariance), covariance.sum()
    without[varying] = _alpha(
        len(varying) - 1, variances.sum() - variances, total - 2 * covariance.sum(axis=1) + variances
    )
    value = _alpha(len(varying), np.array([variances.sum()]), np.array([total]))[0]
    return Alpha(value=float(value), n=n, units=len(varying), without=without)


def _alpha(k: int, inner: Floats, total: Floats) -> Floats:
    defined = (total > _NO_SPREAD) & (k > 1)
    share = np.divide(inner, total, out=np.full_like(inner, np.nan), where=defined)
    return quantised(k / max(k - 1, 1) * (1 - share))


def item_rest(scores: Floats) -> Floats:
    """Correlate each unit with what the others amount to: the corrected item-total correlation, shape (k,).

    The unit is left out of the sum, or it would correlate with itself: Peters & Van Voorhis (1940), Statistical
    Procedures and Their Mathematical Bases; Guilford & Fruchter (1978), Fundamental Statistics in Psychology and
    Education, 6th ed.; Nunnally & Bernstein (1994), Psychometric Theory, 3rd ed.

    Where every score is there, this is Pearson's correlation with that sum. Some may be missing, and a sum would then
    take going without a hard unit for being worse, a plain mean for being better. So the rest of institution `i`
    beside unit `j` is the mean of `x_ik - m_k` over the other units `k` that it has; `m_k` is the mean of unit `k` over
    all institutions that have it. (Two-way imputation allows for units and persons in the same way: Bernaards &
    Sijtsma, 2000, Multivariate Behavioral Research 35, 321-364. Nothing is imputed here.) The figure is Pearson's
    correlation of `x_ij` with that rest, over the institutions that have unit `j` and at least one other. NaN where the
    unit or the rest does not vary.

    Args:
        scores: shape (n, k), NaN where there is no score.
    """
    there = ~np.isnan(scores)
    centred = _centred(scores, there)
    others = there.sum(axis=1, keepdims=True) - there
    used = there & (others > 0)
    rest = np.divide(centred.sum(axis=1, keepdims=True) - centred, others, out=np.zeros_like(centred), where=others > 0)
    unit, rest = _centred(centred, used), _centred(rest, used)
    return _divided((unit * rest).sum(axis=0), (unit**2).sum(axis=0), (rest**2).sum(axis=0))


def correlations(scores: Floats) -> tuple[Floats, Ints]:
    """Correlate each unit with each other (Pearson), over the institutions that have both (pairwise).

    Returns:
        The correlations, shape (k, k), NaN where one of the two does not vary, and how many institutions have both.
    """
    there = ~np.isnan(scores)
    centred, flags = _centred(scores, there), there.astype(np.float64)
    n = flags.T @ flags
    least = np.maximum(n, 1.0)
    sums, squares = centred.T @ flags, (centred**2).T @ flags
    spread = squares - sums**2 / least
    both = centred.T @ centred - sums * sums.T / least
    return _divided(both, spread, spread.T), n.astype(np.int64)


def mean_correlation(found: Floats) -> float:
    """Average the correlations between different units that have one; NaN where none has."""
    upper = found[np.triu_indices(len(found), 1)]
    upper = upper[~np.isnan(upper)]
    return float(quantised(np.array([upper.mean()]))[0]) if len(upper) else float("nan")


def exceeds(first: Floats, second: Floats, *, errors: float, least: float) -> bool:
    """Tell whether one score lies above another by `least` on average, and beyond so many standard errors of that.

    The institutions that have both are compared with themselves: Student's paired comparison (1908, Biometrika 6,
    1-25).
    """
    difference = first - second
    difference = difference[~np.isnan(difference)]
    if len(difference) < 2:
        return False
    mean, error = difference.mean(), difference.std(ddof=1) / len(difference) ** 0.5
    beyond, enough = quantised(np.array([mean - errors * error, mean - least]))
    return bool(beyond > 0 and enough >= 0)


def _centred(scores: Floats, there: Bools) -> Floats:
    """Take each column's mean, over where it counts, from it; 0 where it does not count."""
    known = np.where(there, scores, 0.0)
    means = known.sum(axis=0) / np.maximum(there.sum(axis=0), 1)
    centred: Floats = np.where(there, known - means, 0.0)
    return centred


def _divided(both: Floats, one: Floats, other: Floats) -> Floats:
    defined = (one > _NO_SPREAD) & (other > _NO_SPREAD)
    bottom = np.sqrt(np.where(defined, one * other, 1.0))
    return quantised(np.where(defined, np.clip(both / bottom, -1.0, 1.0), np.nan))
