"""A worksheet whose cells are rendered as they are written, and deflated as a long table grows.

Owns: the rows of a sheet's XML, which are XlsxWriter's own character for character (a test holds each part against
plain XlsxWriter). Knows nothing of what is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache, lru_cache
from html import unescape
from io import StringIO
from typing import Any

from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from evaluator.fastbook.cells import (
    LETTERS,
    Pen,
    Pens,
    formula_cell,
    inline_cell,
    style_of,
)
from evaluator.fastbook.texts import LEVEL
from evaluator.zipped import Deflating, Run, deflated, joined

KEPT_ROWS = 1024
"""Rows of a table from which on those before the last ones are deflated."""
_SPAN_ROWS = 16
"""Rows for which XlsxWriter says together which columns they span."""
_ROW_PIXELS = 20
"""Height that rows have in a sheet that says nothing of them."""
_SHEET_DATA = "<sheetData>"


class FastWorksheet(Worksheet):  # type: ignore[misc]  # XlsxWriter ships no types
    """A worksheet whose usual cells are rendered at once; formats of whole rows or columns are not to be had.

    `table` holds an XML text where XlsxWriter keeps a tuple; tuples of its other kinds of cells are rendered by itself.
    """

    table: dict[int, dict[int, Any]]
    dim_rowmin: int | None
    dim_rowmax: int
    dim_colmin: int | None
    dim_colmax: int
    fh: StringIO

    def __init__(self) -> None:
        super().__init__()
        self.pens = Pens({})
        self.plain_formulas = False
        self.sealed_rows = 0
        """Rows before this one are deflated already and take no more cells."""
        self._sealed: Deflating | None = None
        self._widths: tuple[float, ...] = ()
        self._pens: tuple[int, list[Format | None], list[Pen]] | None = None
        """What the last row was written with: its first column, its formats, and pens for them."""

    def _check_dimensions(self, row: int, col: int, ignore_row: bool = False, ignore_col: bool = False) -> int:
        if not (self.sealed_rows <= row < self.xls_rowmax or ignore_row) or not 0 <= col < self.xls_colmax:
            return -1
        if not ignore_row:
            if self.dim_rowmin is None:
                self.dim_rowmin = self.dim_rowmax = row
            elif row > self.dim_rowmax:
                self.dim_rowmax = row
            elif row < self.dim_rowmin:
                self.dim_rowmin = row
        if not ignore_col:
            if self.dim_colmin is None:
                self.dim_colmin = self.dim_colmax = col
            elif col > self.dim_colmax:
                self.dim_colmax = col
            elif col < self.dim_colmin:
                self.dim_colmin = col
        return 0

    def _prepare_formula(self, formula: str, expand_future_functions: bool = False) -> str:
        """Without the search for functions newer than Excel 2010 where there are none: half of the time of writing."""
        if self.plain_formulas:
            return formula.removeprefix("=")
        prepared: str = super()._prepare_formula(formula, expand_future_functions)
        return prepared

    def _write_string(self, row: int, col: int, string: str, cell_format: Format | None = None) -> int:
        if self._check_dimensions(row, col):
            return -1
        number = self.str_table._get_shared_string_index(string)  # noqa: SLF001
        pen = self.pens[col, cell_format]
        self.table[row][col] = f"{pen.place}{row + 1}{pen.text}{number}</v></c>"
        return 0

    def _write_number(self, row: int, col: int, number: float, cell_format: Format | None = None) -> int:
        if self._check_dimensions(row, col):
            return -1
        pen = self.pens[col, cell_format]
        self.table[row][col] = f"{pen.place}{row + 1}{pen.figure}{number:.16G}</v></c>"
        return 0

    def _write_blank(self, row: int, col: int, _: object, cell_format: Format | None = None) -> int:
        if cell_format is None:
            return 0
        if self._check_dimensions(row, col):
            return -1
        pen = self.pens[col, cell_format]
        self.table[row][col] = f"{pen.place}{row + 1}{pen.empty}"
        return 0

    def _write_formula(
        self, row: int, col: int, formula: str, cell_format: Format | None = None, value: str | float = 0
    ) -> int:
        if not self.plain_formulas:
            return int(super()._write_formula(row, col, formula, cell_format, value))
        if self._check_dimensions(row, col):
            return -1
        pen = self.pens[col, cell_format]
        self.table[row][col] = formula_cell(f"{pen.place}{row + 1}{pen.style}", formula.removeprefix("="), value)
        return 0

    write_string, write_number, write_blank = _write_string, _write_number, _write_blank
    write_formula = _write_formula

    def write_inline(self, row: int, col: int, string: str, cell_format: Format | None = None) -> int:
        """Write a text that stands in the cell itself, not among the shared ones."""
        if self._check_dimensions(row, col):
            return -1
        self.table[row][col] = inline_cell(f'r="{LETTERS[col]}{row + 1}"{style_of(cell_format)}', string)
        return 0

    def write_cells(
        self,
        row: int,
        col: int,
        values: Sequence[str | float | None],
        formats: Sequence[Format | None],
        cleaned: Callable[[str], str],
    ) -> int:
        """Write cells side by side: texts, numbers, and empty ones for `None`, NaN and `""`.

        In a long table earlier rows are sealed, so that only the last `KEPT_ROWS` and those of the row's own block can
        still be written to.

        Args:
            row: the row.
            col: the first cell's column.
            values: what to write.
            formats: a format for each.
            cleaned: makes a text one that a cell can hold; called for each text not met before.
        """
        if not values:
            return 0
        if len(self.table) > KEPT_ROWS:
            self._seal(row)
        last = col + len(values) - 1
        if not (self.sealed_rows <= row < self.xls_rowmax and 0 <= col <= last < self.xls_colmax):
            return -1
        if self._pens is None or self._pens[:2] != (col, formats):
            self._pens = (col, list(formats), [self.pens[col + n, look] for n, look in enumerate(formats)])
        known, cells, number, count = self.str_table.string_table, self.table[row], row + 1, 0
        for value, (column, place, text, figure, empty, _) in zip(values, self._pens[2], strict=True):
            if value.__class__ is str:
                at = known.get(value)
                if at is None and (value := cleaned(value)):
                    at = known.setdefault(value, len(known))
                if at is not None:
                    count += 1
                    cells[column] = f"{place}{number}{text}{at}</v></c>"
                    continue
            elif value is not None and value == value:
                cells[column] = f"{place}{number}{figure}{value:.16G}</v></c>"
                continue
            if empty:
                cells[column] = f"{place}{number}{empty}"
        self.str_table.count += count
        if None in formats:  # then not every value is a cell
            there = [column for column in range(col, last + 1) if column in cells]
            col, last = (there[0], there[-1]) if there else (-1, -1)
        if last >= 0:
            self._check_dimensions(row, col)
            self._check_dimensions(row, last)
        return 0

    def set_row(self, row: int, height: float, *_: object) -> int:
        """Set a row's height in points."""
        if self._check_dimensions(row, self.dim_colmin or 0):
            return -1
        self.row_sizes[row] = [int(height * 4.0 / 3.0 + 0.5), False]
        return 0

    def set_widths(self, widths: Sequence[float]) -> int:
        """Set the widths of the columns from the first on, in characters; nothing else is said of them."""
        if len(widths) > self.xls_colmax:
            return -1
        self._widths = tuple(widths)
        self.col_info.update(_columns(self._widths)[0])
        self.col_size_changed = True
        return 0

    def _write_cols(self) -> None:
        infos, words = _columns(self._widths)
        if self.col_info == infos:
            self.fh.write(words)
        else:
            super()._write_cols()

    def merge_range(
        self, first_row: int, first_col: int, last_row: int, last_col: int, data: str, cell_format: Format | None = None
    ) -> int:
        """Merge cells, all empty; the first is to be written to afterwards."""
        if self._check_dimensions(first_row, first_col) or self._check_dimensions(last_row, last_col):
            return -1
        places = [(r, c) for r in range(first_row, last_row + 1) for c in range(first_col, last_col + 1)]
        if not self.merged_cells.keys().isdisjoint(places):
            raise ValueError(f"merged ranges overlap in row {first_row + 1}")
        self.merged_cells.update(dict.fromkeys(places, True))
        self.merge.append([first_row, first_col, last_row, last_col])
        if cell_format is not None:
            for row, column in places:
                pen = self.pens[column, cell_format]
                self.table[row][column] = f"{pen.place}{row + 1}{pen.empty}"
        return 0

    def _write_merge_cell(self, merged_range: Sequence[int]) -> None:
        row, column, last_row, last_column = merged_range
        area = f"{LETTERS[column]}{row + 1}:{LETTERS[last_column]}{last_row + 1}"
        self.fh.write(f'<mergeCell ref="{area}"/>')

    def _get_range_data(self, row_start: int, col_start: int, row_end: int, col_end: int) -> list[object]:
        """Give what a chart keeps of the cells it shows."""
        if row_start < self.sealed_rows:
            raise ValueError("a chart can't show rows of a long table")
        found: list[object] = []
        for row in range(row_start, row_end + 1):
            for column in range(col_start, col_end + 1):
                cell = self.table[row].get(column) if row in self.table else None
                if cell is None or cell.__class__ is not str:
                    found += super()._get_range_data(row, column, row, column) if cell else [None]
                    continue
                value = cell.partition("<v>")[2].partition("<")[0]
                if ' t="s"' in cell:
                    found.append(self.str_table.string_array[int(value)])
                elif ' t="str"' in cell or ' t="e"' in cell:
                    found.append(unescape(value))
                else:
                    found.append(f"{float(value):.16g}" if value else value)
        return found

    def _seal(self, row: int) -> None:
        """Deflate the rows before the block that `row` is in."""
        until = row - row % _SPAN_ROWS
        if self._sealed is None:
            self._sealed = Deflating(LEVEL)
        self._sealed.feed(self._rendered(until).encode())
        self.sealed_rows = until
        for kept in (self.table, self.row_sizes):
            for done in [n for n in kept if n < until]:
                del kept[done]

    def _rendered(self, until: int) -> str:
        """Render the rows before `until` that are not sealed."""
        try:
            return "".join(self._pieces(until))
        except TypeError:  # some of the cells are XlsxWriter's own
            for row, cells in self.table.items():
                self.table[row] = {column: self._cell(row, column, cell) for column, cell in cells.items()}
            return "".join(self._pieces(until))

    def _pieces(self, until: int) -> Iterator[str]:
        first, usual = max(self.dim_rowmin or 0, self.sealed_rows), self.default_row_height
        table, sizes, plain = self.table, self.row_sizes, _height(usual, usual)
        for start in range(first - first % _SPAN_ROWS, until, _SPAN_ROWS):
            rows = range(start, min(start + _SPAN_ROWS, until))
            ordered = {row: sorted(cells) for row in rows if (cells := table.get(row))}
            spans = ""
            if ordered:
                low, high = min([c[0] for c in ordered.values()]), max([c[-1] for c in ordered.values()])
                spans = f' spans="{low + 1}:{high + 1}"'
            for row in rows:
                height = _height(sizes[row][0], usual) if row in sizes else plain
                if row in ordered:
                    cells = table[row]
                    yield f'<row r="{row + 1}"{spans}{height}>'
                    for column in ordered[row]:
                        yield cells[column]
                    yield "</row>"
                elif row in sizes:
                    yield f'<row r="{row + 1}"{spans}{height}/>'

    def _cell(self, row: int, column: int, cell: object) -> str:
        if isinstance(cell, str):
            return cell
        stream, self.fh = self.fh, StringIO()
        try:
            self._write_cell(row, column, cell)
            rendered: str = self.fh.getvalue()
        finally:
            self.fh = stream
        return rendered

    def _write_hyperlinks(self) -> None:
        table, self.table = self.table, {}  # XlsxWriter looks there for linked cells that hold no text; ours all do
        super()._write_hyperlinks()
        self.table = table

    def _write_sheet_data(self) -> None:
        if self.dim_rowmin is None:
            self.fh.write("<sheetData/>")
            return
        self.fh.write(_SHEET_DATA)
        self.fh.write(self._rendered(self.dim_rowmax + 1))
        self.fh.write("</sheetData>")

    def run(self, words: str, level: int) -> Run:
        """Deflate the sheet's part, which XlsxWriter assembled as `words`, with the sealed rows in their place."""
        if self._sealed is None:
            return deflated(words.encode(), level)
        head, mark, tail = words.partition(_SHEET_DATA)
        rows = self._sealed.end(last=False)
        return joined([deflated((head + mark).encode(), level, last=False), rows, deflated(tail.encode(), level)])


@lru_cache(maxsize=256)
def _columns(widths: tuple[float, ...]) -> tuple[dict[int, Any], str]:
    """Give what XlsxWriter keeps of columns with these widths, and writes of them."""
    sheet = Worksheet()
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width)
    infos = dict(sheet.col_info)
    sheet.fh = StringIO()
    sheet._write_cols()  # noqa: SLF001
    return infos, sheet.fh.getvalue()


@cache
def _height(pixels: int, usual: int) -> str:
    return "" if pixels == usual == _ROW_PIXELS else f' ht="{pixels * 0.75:.16g}" customHeight="1"'
