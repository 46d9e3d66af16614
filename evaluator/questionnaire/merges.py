"""Merged cells: which cells nobody sees because of them, and which ranges lie over cells of several rows.

Owns: what follows from a sheet's merged ranges. Knows nothing of what its cells hold or mean.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate

from evaluator.questionnaire.exactcells import Range
from evaluator.questionnaire.rawcells import cell_name


class Merges:
    """Merged ranges of a sheet; of each, a person sees the upper left cell and no other."""

    def __init__(self, ranges: Iterable[Range]) -> None:
        self._ranges = sorted(set(ranges))
        self._hidden: dict[int, tuple[Sequence[int], Sequence[int]]] = {}
        """By column: first rows of what is hidden in it, ascending, and the last row hidden by any up to there."""

    def hides(self, row: int, column: int) -> bool:
        """Tell whether a cell (both numbers 1-based) is hidden by another's content."""
        if column not in self._hidden:
            self._hidden[column] = self._hidden_in(column)
        first, last = self._hidden[column]
        before = bisect_right(first, row)
        return before > 0 and row <= last[before - 1]

    def over_several(self, blocks: Sequence[tuple[Sequence[int], Sequence[int]]]) -> tuple[str, ...]:
        """Name the ranges over cells of more than one row, such as `F5:F7`.

        Args:
            blocks: columns and rows of the cells in question, 1-based, both ascending; no row is in two of them.
        """
        return tuple(
            f"{cell_name(top, left)}:{cell_name(bottom, right)}"
            for top, bottom, left, right in self._ranges
            if top < bottom
            and sum(_within(rows, top, bottom) for columns, rows in blocks if _within(columns, left, right)) > 1
        )

    def _hidden_in(self, column: int) -> tuple[Sequence[int], Sequence[int]]:
        spans = sorted(
            (top + (left == column), bottom)
            for top, bottom, left, right in self._ranges
            if left <= column <= right and top + (left == column) <= bottom
        )
        return [top for top, _ in spans], list(accumulate((bottom for _, bottom in spans), max))


def _within(numbers: Sequence[int], first: int, last: int) -> int:
    return bisect_right(numbers, last) - bisect_left(numbers, first)
