"""A wide table in a workbook: with plain XlsxWriter, and with openpyxl's `write_only` mode."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import BytesIO

import xlsxwriter
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, Side

Row = Sequence[str | float]
BASE = {"font_name": "Microsoft YaHei", "font_size": 10, "valign": "vcenter", "border": 1, "border_color": "#C5CCD6"}
KINDS: Mapping[str, Mapping[str, object]] = {
    "text": {},
    "count": {"num_format": "#,##0", "align": "center"},
    "score": {"num_format": "0.00", "align": "center"},
    "share": {"num_format": "0.0%", "align": "center"},
}
"""Formats of a column, by its kind, as XlsxWriter names their properties."""


def with_xlsxwriter(rows: Sequence[Row], kinds: Sequence[str]) -> bytes:
    """Write the table with XlsxWriter."""
    stream = BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as book:
        sheet = book.add_worksheet("排名")
        made = {kind: book.add_format({**BASE, **properties}) for kind, properties in KINDS.items()}
        looks = [made[kind] for kind in kinds]
        for n, row in enumerate(rows):
            for column, (value, look) in enumerate(zip(row, looks, strict=True)):
                if isinstance(value, str):
                    sheet.write_string(n, column, value, look)
                else:
                    sheet.write_number(n, column, value, look)
    return stream.getvalue()


def with_openpyxl(rows: Sequence[Row], kinds: Sequence[str]) -> bytes:
    """Write the table with openpyxl."""
    stream = BytesIO()
    book = Workbook(write_only=True)
    sheet = book.create_sheet("排名")
    edge = Side(style="thin", color="C5CCD6")
    border, font = Border(left=edge, right=edge, top=edge, bottom=edge), Font(name="Microsoft YaHei", size=10)
    alignments = {kind: Alignment(vertical="center", horizontal=look.get("align")) for kind, look in KINDS.items()}
    for row in rows:
        cells = []
        for value, kind in zip(row, kinds, strict=True):
            cell = WriteOnlyCell(sheet, value)
            cell.font, cell.border, cell.alignment = font, border, alignments[kind]
            cell.number_format = str(KINDS[kind].get("num_format", "General"))
            cells.append(cell)
        sheet.append(cells)
    book.save(stream)
    return stream.getvalue()
