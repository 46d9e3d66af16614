"""Ranks by total, ties shared, never rounded for display first (METHOD, "Ranks")."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations

import pandas as pd
import pytest

from evaluator.assessment.ranking import rank, rank_within

NAN = float("nan")


def listed(ranks: pd.Series[int]) -> list[int | None]:
    return [None if pd.isna(one) else int(one) for one in ranks]


@pytest.mark.parametrize(
    ("totals", "ranks"),
    [
        ([4.0, 3.0, 2.0], [1, 2, 3]),
        ([4.0, 3.0, 3.0, 2.0], [1, 2, 2, 4]),
        ([2.0, 3.0, 4.0, 3.0], [4, 2, 1, 2]),
        ([3.0, 3.0, 3.0], [1, 1, 1]),
        ([0.0, 0.0, 5.0], [2, 2, 1]),
        ([3.0, NAN, 4.0, NAN], [2, None, 1, None]),
        ([NAN, NAN], [None, None]),
        ([], []),
    ],
)
def test_the_highest_is_first_ties_share_and_the_next_rank_is_skipped(
    totals: Sequence[float], ranks: Sequence[int | None]
) -> None:
    assert listed(rank(pd.Series(totals, dtype="float64"))) == ranks


def test_totals_are_never_rounded_for_display_first() -> None:
    assert listed(rank(pd.Series([3.701, 3.704, 3.70400001]))) == [3, 2, 1]


@pytest.mark.parametrize(
    ("higher", "lower", "ranks"),
    [
        (0.8, 0.1 + 0.7, [1, 1]),
        (3.7, 3.7 - 4e-10, [1, 1]),
        (3.7, 3.7 - 6e-10, [1, 2]),
        (3.7, 3.7 - 1e-9, [1, 2]),
    ],
)
def test_totals_equal_at_1e_9_tie(higher: float, lower: float, ranks: list[int]) -> None:
    assert listed(rank(pd.Series([higher, lower]))) == ranks
    assert listed(rank_within(pd.Series([higher, lower]), pd.Series(["江苏省", "江苏省"]))) == ranks


def test_the_order_of_the_institutions_changes_no_rank() -> None:
    totals = {"a": 4.0, "b": 3.0, "c": 0.8, "d": 0.1 + 0.7, "e": NAN}
    for order in permutations(totals):
        found = rank(pd.Series([totals[one] for one in order], index=list(order)))
        assert listed(found[list(totals)]) == [1, 2, 3, 3, None]


def test_ranks_keep_the_index() -> None:
    assert list(rank(pd.Series([1.0, 2.0], index=[7, 3])).index) == [7, 3]


def test_each_group_is_ranked_by_itself_and_an_unknown_group_not_at_all() -> None:
    totals = pd.Series([4.0, 3.0, 3.0, 2.0, 5.0, 1.0, NAN])
    groups = pd.Series(["江苏省", "江苏省", "江苏省", "江苏省", "", "四川省", "四川省"])
    assert listed(rank_within(totals, groups)) == [1, 2, 2, 4, None, 1, None]


def test_where_no_group_is_known_nobody_has_a_rank() -> None:
    assert listed(rank_within(pd.Series([4.0, 3.0]), pd.Series(["", ""]))) == [None, None]
