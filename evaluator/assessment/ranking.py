"""Ranks: by total, highest first, ties shared (METHOD, "Ranks").

Owns: the one ranking rule. Series in, series out.
"""

from __future__ import annotations

import pandas as pd

from evaluator.assessment.scoring import QUANTUM_DIGITS

SCOPES = ("overall", "province", "category", "type")
"""Where ranks are given: among all, and inside each province, category and type."""


def rank(totals: pd.Series[float]) -> pd.Series[int]:
    """Rank totals: the highest is 1, ties share a rank and the next rank is skipped (1, 2, 2, 4).

    Totals are compared quantised to 1e-9 and never rounded for display first. A NaN (not rated) has no rank.

    Returns:
        Ranks as nullable integers, on the same index.
    """
    return totals.round(QUANTUM_DIGITS).rank(method="min", ascending=False).astype("Int64")


def rank_within(totals: pd.Series[float], groups: pd.Series[str]) -> pd.Series[int]:
    """Rank totals inside each group by the same rule; an institution whose group is not known has no rank there."""
    quantised = totals.round(QUANTUM_DIGITS)
    ranks = quantised.groupby(groups.mask(groups.eq(""))).rank(method="min", ascending=False)
    return ranks.astype("Int64")
