"""The slow twin of `evaluator.fastbook`: a plain XlsxWriter workbook with its own worksheets, packager and zip."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from typing import Any
from unittest import mock

import xlsxwriter
from xlsxwriter.chart import Chart
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from evaluator.fastbook.books import Kit
from evaluator.fastbook.texts import Known
from evaluator.workbook import Book
from evaluator.zipped import Part, deflated


class SlowWorksheet(Worksheet):  # type: ignore[misc]  # XlsxWriter ships no types
    """A plain worksheet that is written cell by cell."""

    plain_formulas = False

    def write_cells(
        self,
        row: int,
        col: int,
        values: Sequence[str | float | None],
        formats: Sequence[Format | None],
        cleaned: Callable[[str], str],
    ) -> int:
        done = 0
        for column, (value, look) in enumerate(zip(values, formats, strict=True), start=col):
            if isinstance(value, str):
                words = cleaned(value)
                args = self.write_string(row, column, words, look) if words else self.write_blank(row, column, "", look)
                done = done or args
            elif value is None or value != value:
                done = done or self.write_blank(row, column, "", look)
            else:
                done = done or self.write_number(row, column, value, look)
        return int(done)

    def set_widths(self, widths: Sequence[float]) -> int:
        return min(self.set_column(column, column, width) for column, width in enumerate(widths))

    def row_like(
        self, _row: int, _key: object, _strips: object, write: Callable[[], object], _figures: object = ()
    ) -> int:
        write()
        return 0

    def rows_like(
        self,
        first: int,
        keys: Sequence[object],
        _strips: object,
        write: Callable[[int], object],
        _figures: object = None,
    ) -> int:
        for row in range(first, first + len(keys)):
            write(row)
        return 0

    def part_like(self, _key: object, _plates: object, write: Callable[[], object]) -> int:
        write()
        return 0

    def write_inline(self, row: int, col: int, string: str, cell_format: Format | None = None) -> int:
        return int(self.write_string(row, col, string, cell_format))


class SlowWorkbook(xlsxwriter.Workbook):  # type: ignore[misc]  # XlsxWriter ships no types
    """A plain workbook; its formats are made beforehand as those of a kit are."""

    worksheet_class = SlowWorksheet

    def __init__(self, kit: Kit, level: int, known: Known) -> None:
        self.stream = BytesIO()
        self.level = level
        super().__init__(self.stream, kit.options)
        kit.equip(self)
        self.str_table.string_table.update(known.numbers)
        self.str_table.unique_count = len(known.numbers)

    def chart_like(self, _: object, draw: Callable[[], Chart]) -> Chart:
        return draw()

    def parts(self) -> list[Part]:
        self.close()
        with zipfile.ZipFile(self.stream) as archive:
            return [Part(name, deflated(archive.read(name), self.level)) for name in archive.namelist()]


@contextmanager
def slowly() -> Iterator[None]:
    """Write all workbooks with plain XlsxWriter for the time being."""
    with mock.patch.object(Book, "_opened", SlowWorkbook):
        yield


def parts_of(data: bytes) -> dict[str, bytes]:
    """Give a workbook's parts by name, in order."""
    with zipfile.ZipFile(BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def both(write: Callable[[Any], object]) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """Give the parts of what `write` writes to a stream, in the fast lane and in the slow one."""
    fast, slow = BytesIO(), BytesIO()
    write(fast)
    with slowly():
        write(slow)
    return parts_of(fast.getvalue()), parts_of(slow.getvalue())
