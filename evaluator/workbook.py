"""Writing workbooks: one thin wrapper over XlsxWriter, so that what it reports by a return value can't pass unseen.

Owns: opening a workbook for writing with the settings every workbook here needs (texts stay texts, no clock in the
file, so that equal contents give equal bytes), and checked writes. Knows nothing of what is written.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from xlsxwriter.chart import Chart
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_range_abs, xl_rowcol_to_cell

from evaluator.fastbook.alike import AlikeWorksheet
from evaluator.fastbook.books import FastWorkbook, Kit, indexed
from evaluator.fastbook.cells import Figures, Plates, Strips
from evaluator.fastbook.charts import Print
from evaluator.fastbook.texts import LEVEL, Known
from evaluator.wording.cutting import cut
from evaluator.zipped import Part, write_zip

CREATED = dt.datetime(2023, 12, 1)  # noqa: DTZ001 - a fixed date, so that equal contents give equal bytes
MAX_CELL_TEXT = 32_767
"""Characters that fit into a cell; rare ones count as two."""
MAX_ROW_POINTS = 409.0
MAX_LINKS = 65_530
"""Links that fit into a sheet."""
_PROMPTS = {"input_title": 32, "input_message": 255, "error_title": 32, "error_message": 255}
"""Characters that fit into the texts of a data validation."""
_UNLOCKED = {"format_columns": True, "format_rows": True, "autofilter": True}
_A4 = 9
_TURNING = (*range(0x202A, 0x202F), *range(0x2066, 0x206A))
"""Marks that turn the direction of the text after them, and make a name read as another."""
_CONTROL = {c: None for c in [*range(32), *range(127, 160), *_TURNING, 0xFFFE, 0xFFFF] if c not in (9, 10)}


def font_kit(font: str) -> Kit:
    """Make the kit of workbooks in one font, also of their cells without a format."""
    base = {"font_name": font, "font_size": 10, "valign": "vcenter"}
    return Kit(base, default=base)


def known(texts: Iterable[str]) -> Known:
    """Prepare texts that several workbooks will hold for sure."""
    return Known(kept for words in texts if (kept := writable(words)))


_NOTHING = Known()


@cache
def _usual_kit() -> Kit:
    return font_kit("Microsoft YaHei")


class Book:
    """A workbook being written; use it as a context manager. An error inside leaves no half-written file."""

    def __init__(
        self,
        target: Path | BinaryIO,
        *,
        kit: Kit | None = None,
        title: str = "",
        plain_formulas: bool = False,
        level: int = LEVEL,
        known: Known | None = None,
    ) -> None:
        """Open the workbook.

        Args:
            target: the file, or a stream.
            kit: formats it shares with others; `None`: those of the usual font.
            title: title in the file's properties.
            plain_formulas: all formulas use functions of Excel 2010 only, which makes writing many quicker.
            level: of zlib.
            known: texts that it will hold for sure.
        """
        self._target = target
        self._kit = kit or _usual_kit()
        self.raw = self._opened(self._kit, level, known or _NOTHING)
        self.raw.set_properties({"title": title, "created": CREATED})
        self._plain_formulas = plain_formulas
        self._formats: dict[tuple[tuple[str, object], ...], Format] = {}

    _opened = FastWorkbook
    """What the workbook is made with."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if kind is not None:
            self.raw.fileclosed = True  # XlsxWriter then doesn't warn that nothing was written
            return
        parts = self.parts()
        if isinstance(self._target, Path):
            with self._target.open("wb") as stream:
                write_zip(stream, parts)
        else:
            write_zip(self._target, parts)

    def parts(self) -> list[Part]:
        """Finish the workbook and give its parts instead of writing it."""
        return self.raw.parts()

    def format(self, **properties: object) -> Format:
        """Give the format with these XlsxWriter properties over the kit's base; equal ones are made once."""
        key = tuple(sorted(properties.items()))
        found = self._kit.made.get(key) or self._formats.get(key)
        if found is None:
            found = self._formats[key] = indexed(self.raw.add_format({**self._kit.base, **properties}))
        return found

    def condition(self, **properties: object) -> Format:
        """Give a format for a conditional format: only what it changes."""
        return self.raw.add_format(properties)

    def sheet(self, name: str) -> Sheet:
        """Add a worksheet.

        Raises:
            xlsxwriter.exceptions.XlsxWriterException: the name is too long, taken, or has forbidden characters.
        """
        raw = self.raw.add_worksheet(name)
        raw.plain_formulas = self._plain_formulas
        return Sheet(raw, name)

    def chart(self, kind: str, subtype: str | None = None) -> Chart:
        """Make a chart to be placed with `Sheet.place`."""
        chart = self.raw.add_chart({"type": kind, "subtype": subtype} if subtype else {"type": kind})
        if chart is None:
            raise RuntimeError(f"no such chart type: {kind}")
        return chart

    def chart_like(self, key: Hashable, draw: Callable[[], Chart]) -> Chart | Print:
        """Give a chart to be placed, drawn once for all workbooks and the same key.

        Args:
            key: says all that the drawing depends on, but for the values of the cells that the chart shows.
            draw: draws the chart in full.
        """
        return self.raw.chart_like(key, draw)


class Sheet:
    """A worksheet being written; rows and columns count from 0, as in XlsxWriter."""

    def __init__(self, raw: AlikeWorksheet, name: str) -> None:
        self.raw = raw
        self.name = name
        self._links = 0

    def ref(self, row: int, column: int, last_row: int | None = None) -> str:
        """Give the absolute reference to a cell, or to a column's cells down to `last_row`, as other sheets say it."""
        name = self.name.replace("'", "''")
        return f"'{name}'!{xl_range_abs(row, column, row if last_row is None else last_row, column)}"

    def text(self, row: int, column: int, words: str, look: Format | None = None) -> None:
        """Write a text as a text, whatever it looks like; control characters are dropped, over-long ones cut."""
        kept = writable(words)
        if kept:
            self._checked(self.raw.write_string(row, column, kept, look), row, column)
        else:
            self.blank(row, column, look)

    def inline(self, row: int, column: int, words: str, look: Format | None = None) -> None:
        """Write a text as `text` does, but into the cell itself and not among the texts that cells share."""
        kept = writable(words)
        if kept:
            self._checked(self.raw.write_inline(row, column, kept, look), row, column)
        else:
            self.blank(row, column, look)

    def number(self, row: int, column: int, value: float | None, look: Format | None = None) -> None:
        """Write a number; `None` and NaN leave the cell empty."""
        if value is None or value != value:
            self.blank(row, column, look)
        else:
            self._checked(self.raw.write_number(row, column, value, look), row, column)

    def truth(self, row: int, column: int, value: bool, look: Format | None = None) -> None:
        """Write a truth value."""
        self._checked(self.raw.write_boolean(row, column, value, look), row, column)

    def date(self, row: int, column: int, value: dt.date, look: Format) -> None:
        """Write a date; `look` needs a number format for dates."""
        self._checked(self.raw.write_datetime(row, column, value, look), row, column)

    def value(self, row: int, column: int, value: object, look: Format | None = None) -> None:
        """Write a value by its type: truth value, number, nothing, else text."""
        if isinstance(value, bool):
            self.truth(row, column, value, look)
        elif value is None or isinstance(value, int | float):
            self.number(row, column, value, look)
        else:
            self.text(row, column, str(value), look)

    def blank(self, row: int, column: int, look: Format | None = None) -> None:
        """Write an empty cell with a format; without one there is nothing to write."""
        if look is not None:
            self._checked(self.raw.write_blank(row, column, None, look), row, column)

    def formula(self, row: int, column: int, formula: str, value: str | float, look: Format | None = None) -> None:
        """Write a formula with the result it has now: Protected View and some programs show that."""
        self._checked(self.raw.write_formula(row, column, formula, look, value), row, column)

    def row_like(
        self,
        row: int,
        key: Hashable,
        strips: Strips,
        write: Callable[[], object],
        figures: Figures = (),
    ) -> None:
        """Write a row's cells as `write` does, which is asked once for all workbooks that share `strips`, row and key.

        The key must say all that the cells depend on but `figures`: columns, in order, with a number in each. All
        workbooks need the same kit and known texts, and the cells' shared texts must be among those. More cells may be
        written to the right.
        """
        self._checked(self.raw.row_like(row, key, strips, write, figures), row, 0)

    def rows_like(
        self,
        first: int,
        keys: Sequence[Hashable],
        strips: Strips,
        write: Callable[[int], object],
        figures: Sequence[Figures] | None = None,
    ) -> None:
        """Write rows below one another, as `row_like` does each; one whose key is `None` is written anew."""
        self._checked(self.raw.rows_like(first, keys, strips, write, figures), first, 0)

    def part_like(self, key: Hashable, plates: Plates, write: Callable[[], object]) -> None:
        """Write rows as `write` does, which is asked once for all workbooks that share `plates` and key.

        It may write cells, heights and merged cells of rows that have none yet, the columns' widths, and conditional
        formats, but no bars. For key, kit and texts the same holds as for `row_like`.
        """
        self._checked(self.raw.part_like(key, plates, write), 0, 0)

    def link(self, row: int, column: int, target: str, words: str, look: Format | None = None) -> None:
        """Write a link to `internal:'Sheet'!A1` or `external:folder/file.xlsx`, shown as `words`.

        Past the links that fit into a sheet, `words` stand without one.
        """
        kept = writable(words)
        self._links += 1
        if self._links > MAX_LINKS:
            self.text(row, column, kept, look)
        else:
            self._checked(self.raw.write_url(row, column, target, look, kept), row, column)

    def note(self, row: int, column: int, words: str, width: int, height: int) -> None:
        """Put a note (a comment, in Excel's old words) at a cell, with a box of so many pixels."""
        options = {"author": "evaluator", "width": width, "height": height, "font_size": 9, "color": "#FFFBE6"}
        self._checked(self.raw.write_comment(row, column, writable(words), options), row, column)

    def row(
        self,
        row: int,
        column: int,
        values: Sequence[str | float | None],
        looks: Sequence[Format] | Format | None = None,
    ) -> None:
        """Write texts and numbers side by side, each by its type, with one format or one for each."""
        each = looks if isinstance(looks, list | tuple) else [looks] * len(values)
        self._checked(self.raw.write_cells(row, column, values, each, writable), row, column)

    def merged(
        self, row: int, column: int, last_row: int, last_column: int, words: str, look: Format | None = None
    ) -> None:
        """Write a text over several cells; a range of one cell is written plainly."""
        if (row, column) != (last_row, last_column):
            self._checked(self.raw.merge_range(row, column, last_row, last_column, "", look), row, column)
        self.text(row, column, words, look)

    def widths(self, widths: Sequence[float]) -> None:
        """Set the widths of the columns from A on, in characters."""
        self._checked(self.raw.set_widths(widths), 0, len(widths))

    def height(self, row: int, points: float) -> None:
        """Set a row's height, at most what Excel allows."""
        self._checked(self.raw.set_row(row, min(points, MAX_ROW_POINTS)), row, 0)

    def validated(self, cells: Iterable[tuple[int, int]], rule: Mapping[str, object]) -> None:
        """Put one data validation on some cells; `rule` as XlsxWriter names it, its texts cut to what Excel allows."""
        first, *others = _blocks(cells)
        given: dict[str, object] = {**rule, "other_cells": [list(block) for block in others]}
        for key, limit in _PROMPTS.items():
            words = given.get(key)
            if isinstance(words, str):
                given[key] = cut(words, limit)
        row, column, last_row, last_column = first
        self._checked(self.raw.data_validation(row, column, last_row, last_column, given), row, column)

    def coloured(self, row: int, column: int, last_row: int, last_column: int, rule: Mapping[str, object]) -> None:
        """Put a conditional format on a range; `rule` as XlsxWriter names it."""
        done = self.raw.conditional_format(row, column, last_row, last_column, dict(rule))
        self._checked(done, row, column)

    def place(self, row: int, column: int, chart: Chart | Print, **options: object) -> None:
        """Place a chart with its upper left corner in a cell."""
        self._checked(self.raw.insert_chart(row, column, chart, options), row, column)

    def printed(self, *, landscape: bool, header_row: int | None, footer: str, bottom: float = 0.6) -> None:
        """Set up printing on A4, one page wide, with a repeated header row and a footer; `bottom` is in inches."""
        if landscape:
            self.raw.set_landscape()
        self.raw.set_paper(_A4)
        self.raw.set_margins(left=0.4, right=0.4, top=0.5, bottom=bottom)
        self.raw.fit_to_pages(1, 0)
        if header_row is not None:
            self._checked(self.raw.repeat_rows(header_row), header_row, 0)
        self._checked(self.raw.set_footer(footer), 0, 0)

    def printed_parts(self, rows: Iterable[tuple[int, int]], last_column: int) -> None:
        """Print only these rows, first and last of each part, up to a column; each part begins a page."""
        parts = (f"{self.ref(first, 0)}:{xl_rowcol_to_cell(last, last_column, True, True)}" for first, last in rows)
        self.raw.print_area_range = ",".join(parts)  # XlsxWriter's own method sets a single one

    def protect(self) -> None:
        """Protect the sheet without a password: locked cells can't be edited, columns resized and rows filtered can."""
        self.raw.protect("", dict(_UNLOCKED))

    def _checked(self, result: object, row: int, column: int) -> None:
        if result and isinstance(result, int):
            raise RuntimeError(f"sheet {self.name!r}, cell {xl_rowcol_to_cell(row, column)}: not written ({result})")


def writable(words: str) -> str:
    """Drop the characters a cell can't hold, and what doesn't fit."""
    if not words.isprintable():  # most texts are, and need no cleaning
        words = words.translate(_CONTROL).encode("utf-8", "replace").decode("utf-8")
    if len(words) > MAX_CELL_TEXT // 2 and len(units := words.encode("utf-16-le")) > 2 * MAX_CELL_TEXT:
        words = units[: 2 * (MAX_CELL_TEXT - 1)].decode("utf-16-le", "ignore") + "…"
    return words


def _blocks(cells: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int, int, int]]:
    """Join cells that follow one another downwards into blocks (first row, column, last row, column)."""
    block: tuple[int, int, int, int] | None = None
    for row, column in cells:
        if block and (block[1], block[2]) == (column, row - 1):
            block = (block[0], column, row, column)
        else:
            if block:
                yield block
            block = (row, column, row, column)
    if block:
        yield block
