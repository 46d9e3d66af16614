"""Ranks: by total, highest first, ties shared (METHOD, "Ranks").

Owns: the one ranking rule. Series in, series out.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from evaluator.assessment.scoring import quantised

SCOPES = ("overall", "province", "category", "type")
"""Where ranks are given: among all, and inside each province, category and type."""


def compared(totals: pd.Series[float]) -> pd.Series[float]:
    """Give totals as they are compared, quantised to 1e-9, on the same index."""
    return pd.Series(quantised(np.asarray(totals, dtype=np.float64)), index=totals.index)


def rank(totals: pd.Series[float]) -> pd.Series[int]:
    """Rank totals: the highest is 1, ties share a rank and the next rank is skipped (1, 2, 2, 4).

    Totals are compared quantised to 1e-9 and never rounded for display first. A NaN (not rated) has no rank.

    Returns:
        Ranks as nullable integers, on the same index.
    """
    return compared(totals).rank(method="min", ascending=False).astype("Int64")


def rank_within(totals: pd.Series[float], groups: pd.Series[str]) -> pd.Series[int]:
    """Rank totals inside each group by the same rule; an institution whose group is not known has no rank there."""
    ranks = compared(totals).groupby(groups.mask(groups.eq(""))).rank(method="min", ascending=False)
    return ranks.astype("Int64")
