"""A report's cells, formats, merges, widths and heights, written by openpyxl; without its charts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import openpyxl
from openpyxl.styles import NamedStyle

_STYLE = ("font", "fill", "border", "alignment", "number_format")


@dataclass(frozen=True, kw_only=True)
class Page:
    """What stands on a sheet."""

    name: str
    cells: Sequence[tuple[int, int, object, int]]
    """Row, column, value, number of the style."""
    merged: Sequence[str]
    widths: Mapping[str, float]
    heights: Mapping[int, float]


@dataclass(frozen=True, kw_only=True)
class Copy:
    """A workbook to be written."""

    pages: Sequence[Page]
    styles: Mapping[int, Mapping[str, Any]]
    """Font, fill, border, alignment and number format, by number."""


def plan(report: bytes) -> Copy:
    """Take from a finished report what is to be written."""
    pages, styles = [], {}
    for sheet in openpyxl.load_workbook(BytesIO(report)):
        cells = []
        for cell in (cell for row in sheet.iter_rows() for cell in row if cell.has_style or cell.value is not None):
            if cell.style_id not in styles:
                styles[cell.style_id] = {name: copy(getattr(cell, name)) for name in _STYLE}
            cells.append((cell.row, cell.column, cell.value, cell.style_id))
        sizes = {n: row.height for n, row in sheet.row_dimensions.items() if row.height}
        widths = {letter: column.width for letter, column in sheet.column_dimensions.items()}
        merged = [str(block) for block in sheet.merged_cells.ranges]
        pages.append(Page(name=sheet.title, cells=cells, merged=merged, widths=widths, heights=sizes))
    return Copy(pages=pages, styles=styles)


def write(wanted: Copy) -> bytes:
    """Write it; a named style is what openpyxl puts on a cell quickest."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for number, style in wanted.styles.items():
        book.add_named_style(NamedStyle(f"s{number}", **style))
    for page in wanted.pages:
        sheet = book.create_sheet(page.name)
        for row, column, value, style in page.cells:
            cell = sheet.cell(row, column)
            if value is not None:
                cell.value = value
            cell.style = f"s{style}"
        for block in page.merged:
            sheet.merge_cells(block)
        for letter, width in page.widths.items():
            sheet.column_dimensions[letter].width = width
        for number, height in page.heights.items():
            sheet.row_dimensions[number].height = height
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()
