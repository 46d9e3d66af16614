"""Merged ranges: of each, the upper left cell is seen and no other."""

from __future__ import annotations

import hypothesis.strategies as st
import pytest
from hypothesis import given

from evaluator.questionnaire.exactcells import Range
from evaluator.questionnaire.merges import Merges

NUMBERS = st.integers(1, 6)
RANGES = st.builds(lambda a, b, c, d: (min(a, b), max(a, b), min(c, d), max(c, d)), NUMBERS, NUMBERS, NUMBERS, NUMBERS)


@given(st.lists(RANGES, max_size=5))
def test_all_but_the_upper_left_cell_of_a_range_are_hidden(ranges: list[Range]) -> None:
    """Ranges that overlap, as no program writes them, hide what any of them hides."""
    merges = Merges(ranges)
    for row in range(1, 8):
        for column in range(1, 8):
            hidden = any(
                top <= row <= bottom and left <= column <= right and (row, column) != (top, left)
                for top, bottom, left, right in ranges
            )
            assert merges.hides(row, column) == hidden


@pytest.mark.parametrize(
    ("area", "named"),
    [
        ((5, 7, 6, 6), ("F5:F7",)),
        ((4, 6, 5, 9), ("E4:I6",)),
        ((1, 5, 6, 6), ()),  # one row of the block, and what is above it
        ((5, 5, 6, 8), ()),
        ((9, 11, 6, 6), ()),
        ((5, 7, 7, 8), ()),
        ((8, 20, 6, 6), ("F8:F20",)),
        ((0, 0, 0, 0), ()),
    ],
)
def test_ranges_over_several_rows_of_some_cells_are_named(area: Range, named: tuple[str, ...]) -> None:
    assert Merges([area, area]).over_several([([6], [5, 6, 7, 8]), ([6, 9], [20])]) == named
