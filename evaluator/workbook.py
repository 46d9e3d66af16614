"""Writing workbooks: one thin wrapper over XlsxWriter, so that what it reports by a return value can't pass unseen.

Owns: opening a workbook for writing with the settings every workbook here needs (texts stay texts, no clock in the
file), and checked writes. Knows nothing of what is written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

import xlsxwriter
from xlsxwriter.chart import Chart
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

CREATED = datetime(2023, 12, 1)  # noqa: DTZ001 - a fixed date, so that equal contents give equal bytes
MAX_CELL_TEXT = 32_767
"""Characters that fit into a cell."""
_CONTROL = {c: None for c in [*range(32), 127, 0xFFFE, 0xFFFF] if c not in (9, 10)}


class Book:
    """A workbook being written; use it as a context manager. An error inside leaves no half-written file."""

    def __init__(
        self,
        target: Path | BinaryIO,
        *,
        font: str = "Microsoft YaHei",
        size: int = 10,
        title: str = "",
        in_memory: bool = False,
    ) -> None:
        """Open the workbook; `in_memory` does without temporary files, which makes small workbooks quicker."""
        self._target = target
        options = {
            "in_memory": in_memory,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "default_format_properties": {"font_name": font, "font_size": size, "valign": "vcenter"},
        }
        self.raw = xlsxwriter.Workbook(str(target) if isinstance(target, Path) else target, options)
        self.raw.set_properties({"title": title, "created": CREATED})
        self._base = {"font_name": font, "font_size": size, "valign": "vcenter"}
        self._formats: dict[tuple[tuple[str, object], ...], Format] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if kind is None:
            self.raw.close()
        else:
            self.raw.fileclosed = True  # XlsxWriter then writes nothing, and doesn't warn about it

    def format(self, **properties: object) -> Format:
        """Give the format with these XlsxWriter properties over the workbook's font; equal ones are made once."""
        key = tuple(sorted(properties.items()))
        if key not in self._formats:
            self._formats[key] = self.raw.add_format({**self._base, **properties})
        return self._formats[key]

    def sheet(self, name: str) -> Sheet:
        """Add a worksheet.

        Raises:
            xlsxwriter.exceptions.XlsxWriterException: the name is too long, taken, or has forbidden characters.
        """
        return Sheet(self.raw.add_worksheet(name), name)

    def chart(self, kind: str, subtype: str | None = None) -> Chart:
        """Make a chart to be placed with `Sheet.place`."""
        chart = self.raw.add_chart({"type": kind, "subtype": subtype} if subtype else {"type": kind})
        if chart is None:
            raise RuntimeError(f"no such chart type: {kind}")
        return chart


class Sheet:
    """A worksheet being written; rows and columns count from 0, as in XlsxWriter."""

    def __init__(self, raw: Worksheet, name: str) -> None:
        self.raw = raw
        self.name = name

    def text(self, row: int, column: int, words: str, look: Format | None = None) -> None:
        """Write a text as a text, whatever it looks like; control characters are dropped, over-long ones cut."""
        kept = words
        if not words.isprintable():  # most texts are, and need no cleaning
            kept = words.translate(_CONTROL).encode("utf-8", "replace").decode("utf-8")
        if len(kept) > MAX_CELL_TEXT:
            kept = kept[: MAX_CELL_TEXT - 1] + "…"
        if kept:
            self._checked(self.raw.write_string(row, column, kept, look), row, column)
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

    def blank(self, row: int, column: int, look: Format | None = None) -> None:
        """Write an empty cell with a format; without one there is nothing to write."""
        if look is not None:
            self._checked(self.raw.write_blank(row, column, None, look), row, column)

    def formula(self, row: int, column: int, formula: str, value: str | float, look: Format | None = None) -> None:
        """Write a formula with the result it has now, which programs show that do not recalculate."""
        self._checked(self.raw.write_formula(row, column, formula, look, value), row, column)

    def link(self, row: int, column: int, target: str, words: str, look: Format | None = None) -> None:
        """Write a link to `internal:'Sheet'!A1` or `external:folder/file.xlsx`, shown as `words`."""
        self._checked(self.raw.write_url(row, column, target, look, words), row, column)

    def row(
        self,
        row: int,
        column: int,
        values: Sequence[str | float | None],
        looks: Sequence[Format] | Format | None = None,
    ) -> None:
        """Write texts and numbers side by side, each by its type, with one format or one for each."""
        each = looks if isinstance(looks, list | tuple) else [looks] * len(values)
        for offset, (value, look) in enumerate(zip(values, each, strict=True)):
            if isinstance(value, str):
                self.text(row, column + offset, value, look)
            else:
                self.number(row, column + offset, value, look)

    def merged(
        self, row: int, column: int, last_row: int, last_column: int, words: str, look: Format | None = None
    ) -> None:
        """Write a text over several cells; a range of one cell is written plainly."""
        if (row, column) != (last_row, last_column):
            self._checked(self.raw.merge_range(row, column, last_row, last_column, "", look), row, column)
        self.text(row, column, words, look)

    def widths(self, widths: Sequence[float]) -> None:
        """Set the widths of the columns from A on, in characters."""
        for column, width in enumerate(widths):
            self._checked(self.raw.set_column(column, column, width), 0, column)

    def height(self, row: int, points: float) -> None:
        """Set a row's height."""
        self._checked(self.raw.set_row(row, points), row, 0)

    def choices(self, row: int, column: int, last_row: int, source: str, **options: object) -> None:
        """Offer a dropdown from a range such as `=_lists!$A$2:$A$6`; `options` as XlsxWriter names them."""
        rule: Mapping[str, object] = {"validate": "list", "source": source, **options}
        self._checked(self.raw.data_validation(row, column, last_row, column, dict(rule)), row, column)

    def validated(self, row: int, column: int, rule: Mapping[str, object]) -> None:
        """Put a data validation on one cell; `rule` as XlsxWriter names it."""
        self._checked(self.raw.data_validation(row, column, row, column, dict(rule)), row, column)

    def coloured(self, row: int, column: int, last_row: int, last_column: int, rule: Mapping[str, object]) -> None:
        """Put a conditional format on a range; `rule` as XlsxWriter names it."""
        done = self.raw.conditional_format(row, column, last_row, last_column, dict(rule))
        self._checked(done, row, column)

    def place(self, row: int, column: int, chart: Chart, **options: object) -> None:
        """Place a chart with its upper left corner in a cell."""
        self._checked(self.raw.insert_chart(row, column, chart, options), row, column)

    def printed(self, *, landscape: bool, header_row: int | None, footer: str) -> None:
        """Set up printing on A4, one page wide, with a repeated header row and a footer."""
        if landscape:
            self.raw.set_landscape()
        self.raw.set_paper(9)
        self.raw.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        self.raw.fit_to_pages(1, 0)
        if header_row is not None:
            self._checked(self.raw.repeat_rows(header_row), header_row, 0)
        self._checked(self.raw.set_footer(footer), 0, 0)

    def _checked(self, result: object, row: int, column: int) -> None:
        if isinstance(result, int) and result != 0:
            raise RuntimeError(f"sheet {self.name!r}, cell {xl_rowcol_to_cell(row, column)}: not written ({result})")


def text_units(words: str) -> float:
    """Measure a text's width in the units of column widths: a Chinese character takes two."""
    return sum(2.0 if ord(c) > 0x2E7F else 1.05 for c in words)


def lines_needed(words: str, width: float) -> int:
    """Estimate the lines a text takes when wrapped in a column of that width."""
    room = max(width - 1.5, 1.0)
    return sum(max(1, -int(-text_units(line) // room)) for line in words.split("\n")) if words else 1
