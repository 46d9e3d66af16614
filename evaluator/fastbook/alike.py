"""A worksheet that writes rows again as an earlier workbook wrote them: what many workbooks have alike is made once.

Owns: keeping rows, and whole parts of a sheet, and putting them into another one. Knows nothing of what is written.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from functools import partial

from evaluator.fastbook.cells import Figures, Plate, Plates, Strip, Strips, strip_of
from evaluator.fastbook.sheets import FastWorksheet


class AlikeWorksheet(FastWorksheet):
    """A `FastWorksheet` that takes rows as other workbooks wrote them."""

    def row_like(
        self,
        row: int,
        key: Hashable,
        strips: Strips,
        write: Callable[[], object],
        figures: Figures = (),
    ) -> int:
        """Write a row's cells as `write` does, or as it wrote them the last time that `strips` met row and key.

        Args:
            row: the row, with no other cells yet; more may follow to the right.
            key: says all that the cells depend on but `figures`; of texts that cells share, only those known beforehand
                may be there.
            strips: what was written so far, for workbooks with the same formats and known texts.
            write: writes the cells, with these figures; row heights and merged cells are not its business.
            figures: columns, in order, with a number as such or as a formula's result, which the key leaves open.

        Raises:
            ValueError: a text is not one of those known beforehand: another workbook would have another one there.
        """
        if not self.sealed_rows <= row < self.xls_rowmax:
            return -1
        strip = strips.get((row, key))
        if strip is None:
            count = self.str_table.count
            write()
            strips[row, key] = self._strip(row, [column for column, _ in figures], self.str_table.count - count)
            return 0
        self.table[row] = strip.cells(figures)
        self.str_table.count += strip.texts
        if not (self.dim_rowmin is not None and self.dim_rowmin <= row <= self.dim_rowmax):
            self._check_dimensions(row, strip.first)
        if not (self.dim_colmin is not None and self.dim_colmin <= strip.first <= strip.last <= self.dim_colmax):
            self._check_dimensions(row, strip.first)
            self._check_dimensions(row, strip.last)
        return 0

    def _strip(self, row: int, open_: Sequence[int], texts: int) -> Strip:
        cells = {column: self._cell(row, column, cell) for column, cell in sorted(self.table[row].items())}
        if not all(map(self.str_table.is_known, cells.values())):
            raise ValueError(f"row {row + 1}: a text that is not known beforehand")
        return strip_of(cells, open_, texts)

    def rows_like(
        self,
        first: int,
        keys: Sequence[Hashable],
        strips: Strips,
        write: Callable[[int], object],
        figures: Sequence[Figures] | None = None,
    ) -> int:
        """Write rows below one another, as `row_like` does each.

        Args:
            first: the first row.
            keys: one for each row; a row whose key is `None` is written anew.
            strips: as for `row_like`.
            write: writes a row's cells.
            figures: of each row, as for `row_like`; none where not given.
        """
        last, count, low, high = first + len(keys) - 1, 0, self.xls_colmax, -1
        if not self.sealed_rows <= first <= last + 1 <= self.xls_rowmax:
            return -1
        for row, key in enumerate(keys, first):
            strip = strips.get((row, key))
            if strip is not None:
                self.table[row] = strip.cells(figures[row - first] if figures else ())
                count += strip.texts
                if strip.first < low:
                    low = strip.first
                if strip.last > high:
                    high = strip.last
            elif key is None:
                write(row)
            else:
                self.row_like(row, key, strips, partial(write, row), figures[row - first] if figures else ())
        self.str_table.count += count
        if high >= 0:
            self._check_dimensions(first, low)
            self._check_dimensions(last, high)
        return 0

    def part_like(self, key: Hashable, plates: Plates, write: Callable[[], object]) -> int:
        """Write rows as `write` does, or as it did the last time that `plates` met the key.

        Args:
            key: says all that the rows depend on; of texts that cells share, only those known beforehand may be there.
            plates: what was written so far, for workbooks with the same formats and known texts.
            write: writes cells, heights and merged cells of rows that have none yet, the columns' widths, and
                conditional formats for ranges that have none yet, but no bars; nothing else of it is repeated.

        Raises:
            ValueError: a text is not one of those known beforehand.
        """
        plate = plates.get(key)
        if plate is None:
            plates[key] = self._plate(write)
            return 0
        for row, strip in plate.rows.items():
            self.table[row] = {strip.last: "", strip.first: strip.pieces[0]}
        self.str_table.count += plate.texts
        self.row_sizes.update(plate.heights)
        self.merge.extend(plate.merged)
        self.merged_cells.update(plate.places)
        for area, rule in plate.conditions:
            self.cond_formats.setdefault(area, []).append({**rule, "priority": self.dxf_priority})
            self.dxf_priority += 1
        for row, column in plate.corners:
            if self._check_dimensions(row, column):
                return -1
        return self.set_widths(plate.widths) if plate.widths else 0

    def _plate(self, write: Callable[[], object]) -> Plate:
        rows, heights, places = set(self.table), set(self.row_sizes), set(self.merged_cells)
        merged, widths, count = len(self.merge), self._widths, self.str_table.count
        conditions = set(self.cond_formats)
        write()
        strips = {row: self._strip(row, (), 0) for row in sorted(self.table.keys() - rows) if self.table[row]}
        new = self.merged_cells.keys() - places
        high = [row for row in self.row_sizes if row not in heights]
        reached = [row for row, _ in new] + [*strips, *high]
        columns = [column for _, column in new] + [n for strip in strips.values() for n in (strip.first, strip.last)]
        return Plate(
            rows=strips,
            texts=self.str_table.count - count,
            heights={row: self.row_sizes[row] for row in high},
            merged=self.merge[merged:],
            places=dict.fromkeys(new, True),
            conditions=[
                (area, rule) for area, rules in self.cond_formats.items() if area not in conditions for rule in rules
            ],
            widths=() if self._widths == widths else self._widths,
            corners=[(min(reached), min(columns)), (max(reached), max(columns))],
        )
