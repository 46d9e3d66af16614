"""What people and programs do to a form, by the names that `cases/*/case.toml` use.

An edit there is a table such as `{ do = "type", cells = { F5 = "是" } }`: `do` names a function here, the other keys
are its arguments. `BOOK_EDITS` work on the opened workbook, `RAW_EDITS` on the bytes afterwards, for what openpyxl
can't write.
Cells are those of the questionnaire unless `sheet` says otherwise (`institution`, or a sheet's own name).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape

import openpyxl
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.comments import Comment
from openpyxl.utils import column_index_from_string
from openpyxl.worksheet.worksheet import Worksheet

from evaluator.questionnaire import layout
from tests import forms
from tests.forms import sheet_of

Book = openpyxl.Workbook
INSTITUTION_PART = "xl/worksheets/sheet2.xml"


def rename_sheet(book: Book, sheet: str, to: str) -> None:
    sheet_of(book, sheet).title = to


def delete_sheet(book: Book, sheet: str) -> None:
    book.remove(sheet_of(book, sheet))


def copy_sheet(book: Book, sheet: str) -> None:
    book.copy_worksheet(sheet_of(book, sheet))


def blank_inputs(book: Book, sheet: str) -> None:
    """Empty the answer, evidence and remarks cells of a sheet that is laid out as the questionnaire is written."""
    for row in book[sheet].iter_rows(min_row=layout.HEADER_ROW + 1, min_col=6, max_col=8):
        for cell in row:
            cell.value = None


def hide_sheet(book: Book, sheet: str) -> None:
    sheet_of(book, sheet).sheet_state = "hidden"


def type_(book: Book, cells: Mapping[str, object], sheet: str = "questionnaire") -> None:
    """Type values into cells; an empty text clears the cell."""
    for cell, value in cells.items():
        sheet_of(book, sheet)[cell].value = None if value == "" else value


def fill_in(book: Book, fields: Mapping[str, object]) -> None:
    """Type values on the institution sheet."""
    forms.put_fields(**fields)(book)


def move_column(book: Book, column: str, to: str, sheet: str = "questionnaire") -> None:
    """Cut a column and paste it at another place, leaving a gap."""
    page = sheet_of(book, sheet)
    source, target = column_index_from_string(column), column_index_from_string(to)
    for row in range(layout.HEADER_ROW, page.max_row + 1):
        page.cell(row, target).value = page.cell(row, source).value
        page.cell(row, source).value = None


def insert_rows(book: Book, at: int, count: int = 1, sheet: str = "questionnaire") -> None:
    sheet_of(book, sheet).insert_rows(at, count)


def insert_columns(book: Book, at: str, count: int = 1, sheet: str = "questionnaire") -> None:
    sheet_of(book, sheet).insert_cols(column_index_from_string(at), count)


def delete_columns(book: Book, at: str, count: int = 1) -> None:
    sheet_of(book).delete_cols(column_index_from_string(at), count)


def delete_row(book: Book, requirement: str) -> None:
    sheet_of(book).delete_rows(forms.row_of(requirement))


def sort_rows(book: Book, by: str, *, descending: bool = False) -> None:
    """Sort the table by a column, whole rows as they stand."""
    page = sheet_of(book)
    rows = _table(page)
    column = column_index_from_string(by) - 1
    rows.sort(key=lambda row: str(row[column]), reverse=descending)
    for number, row in enumerate(rows, forms.FIRST_ROW):
        for n, value in enumerate(row, 1):
            page.cell(number, n).value = value


def append_row(book: Book, like: str, cells: Mapping[str, object] | None = None) -> None:
    """Copy a requirement's row to the end of the table; `cells` gives values by column letter that differ."""
    page = sheet_of(book)
    copied = [page.cell(forms.row_of(like), n).value for n in range(1, len(layout.COLUMNS) + 1)]
    row = page.max_row + 1
    for n, value in enumerate(copied, 1):
        page.cell(row, n).value = value
    for column, value in (cells or {}).items():
        page[f"{column}{row}"].value = value


def append_header(book: Book) -> None:
    """Copy the header row to the end of the table, as when a second table is pasted below."""
    page = sheet_of(book)
    header = [cell.value for cell in page[layout.HEADER_ROW]]
    for n, value in enumerate(header, 1):
        page.cell(page.max_row + (n == 1), n).value = value


def hide(book: Book, columns: Sequence[str] = (), rows: Sequence[int] = ()) -> None:
    page = sheet_of(book)
    for column in columns:
        page.column_dimensions[column].hidden = True
    for row in rows:
        page.row_dimensions[row].hidden = True


def merge(book: Book, cells: str) -> None:
    """Merge cells: the upper left one's content stays, as in every spreadsheet program."""
    sheet_of(book).merge_cells(cells)


def rich_text(book: Book, cell: str, parts: Sequence[str]) -> None:
    """Write a text whose parts have different looks."""
    blocks = [TextBlock(InlineFont(b=n % 2 == 0, sz=9 + n), part) for n, part in enumerate(parts)]
    sheet_of(book)[cell].value = CellRichText(*blocks)


def copy_to_fresh_workbook(book: Book, sheets: Mapping[str, str]) -> None:
    """Copy the values of sheets into a new workbook, under new names; all else, `_meta` too, is left behind."""
    old = list(book.worksheets)
    for key, name in sheets.items():
        rows = list(sheet_of(book, key).iter_rows(values_only=True))
        fresh = book.create_sheet(f"new {name}"[:31])
        for row in rows:
            fresh.append(list(row))
    for page in old:
        book.remove(page)
    for page, name in zip(book.worksheets, sheets.values(), strict=True):
        page.title = name


def add_table(book: Book, of: str, sheet: str) -> None:
    """Paste the filled-in questionnaire of another domain on a sheet of its own."""
    other = openpyxl.load_workbook(BytesIO(forms.filled(of)))
    page = book.create_sheet(sheet)
    for row in sheet_of(other).iter_rows(values_only=True):
        page.append(list(row))


def add_sheets(book: Book, of: str, sheets: Mapping[str, str], fields: Mapping[str, str]) -> None:
    """Paste sheets of the form that an institution with these fields filled in for a domain, under new names."""
    other = openpyxl.load_workbook(BytesIO(forms.filled(of, fields=fields)))
    for key, name in sheets.items():
        page = book.create_sheet(name)
        for row in sheet_of(other, key).iter_rows(values_only=True):
            page.append(list(row))


def add_rows(book: Book, sheet: str, rows: Sequence[Sequence[object]]) -> None:
    """Add a sheet of one's own with these rows."""
    page = book.create_sheet(sheet)
    for row in rows:
        page.append(list(row))


def copy_to_one_sheet(book: Book, name: str) -> None:
    """Copy the institution's fields, and below them the table, to one sheet of a new workbook."""
    rows = [row for key in ("institution", "questionnaire") for row in sheet_of(book, key).iter_rows(values_only=True)]
    for page in list(book.worksheets)[1:]:
        book.remove(page)
    book.worksheets[0].title = "old"
    add_rows(book, name, rows)
    del book["old"]


def move_sheet(book: Book, sheet: str, by: int) -> None:
    book.move_sheet(sheet_of(book, sheet), by)


def filter_(book: Book, cells: str, column: int, keep: str, hidden: Sequence[int]) -> None:
    """Filter the table: rows that the filter leaves out are hidden."""
    page = sheet_of(book)
    page.auto_filter.ref = cells
    page.auto_filter.add_filter_column(column, [keep])
    hide(book, rows=hidden)


def group(book: Book, rows: Sequence[int], columns: Sequence[str]) -> None:
    """Group rows and columns and fold the groups up."""
    page = sheet_of(book)
    page.row_dimensions.group(*rows, hidden=True)
    page.column_dimensions.group(*columns, hidden=True)


def comment(book: Book, cell: str, words: str) -> None:
    sheet_of(book)[cell].comment = Comment(words, "")


def _table(page: Worksheet) -> list[list[Any]]:
    return [[cell.value for cell in row] for row in page.iter_rows(min_row=forms.FIRST_ROW)]


BOOK_EDITS: dict[str, Callable[..., None]] = {
    "add_rows": add_rows,
    "add_sheets": add_sheets,
    "add_table": add_table,
    "append_header": append_header,
    "append_row": append_row,
    "blank_inputs": blank_inputs,
    "comment": comment,
    "copy_sheet": copy_sheet,
    "copy_to_fresh_workbook": copy_to_fresh_workbook,
    "copy_to_one_sheet": copy_to_one_sheet,
    "delete_columns": delete_columns,
    "delete_row": delete_row,
    "delete_sheet": delete_sheet,
    "fill_in": fill_in,
    "filter": filter_,
    "group": group,
    "hide": hide,
    "hide_sheet": hide_sheet,
    "insert_columns": insert_columns,
    "insert_rows": insert_rows,
    "merge": merge,
    "move_column": move_column,
    "move_sheet": move_sheet,
    "rename_sheet": rename_sheet,
    "rich_text": rich_text,
    "sort_rows": sort_rows,
    "type": type_,
}


def formula(
    data: bytes, cell: str, formula: str, cached: str | float | None = None, sheet: str = "questionnaire"
) -> bytes:
    """Write a formula into a cell, with the result it had when it was saved, or with none."""
    kind = ' t="str"' if isinstance(cached, str) else ""
    value = "" if cached is None else f"<v>{escape(str(cached))}</v>"
    part = forms.QUESTIONNAIRE_PART if sheet == "questionnaire" else INSTITUTION_PART
    return forms.with_cell(data, cell, f'<c r="{cell}"{kind}><f>{escape(formula)}</f>{value}</c>', part)


def spilled_formula(data: bytes, cells: str, formula: str, cached: str) -> bytes:
    """Write one formula whose result fills several cells: only the first holds the formula, all hold its result."""
    column, first, last = re.fullmatch(r"([A-Z]+)(\d+):[A-Z]+(\d+)", cells).groups()  # type: ignore[union-attr]
    for row in range(int(first), int(last) + 1):
        held = f'<f t="array" ref="{cells}">{escape(formula)}</f>' if row == int(first) else ""
        data = _in_questionnaire(data, f"{column}{row}", f'<c r="{column}{row}" t="str">{held}<v>{cached}</v></c>')
    return data


def error_cell(data: bytes, cell: str, value: str) -> bytes:
    """Put an error value such as `#N/A` into a cell of the questionnaire."""
    return _in_questionnaire(data, cell, f'<c r="{cell}" t="e"><v>{value}</v></c>')


def merge_over(data: bytes, cells: Sequence[str]) -> bytes:
    """Merge cells and leave what stands in all of them, as no spreadsheet program does."""
    merges = "".join(f'<mergeCell ref="{area}"/>' for area in cells)
    end = "</sheetData>"
    change = (end.encode(), f'{end}<mergeCells count="{len(cells)}">{merges}</mergeCells>'.encode())
    return forms.with_part(data, forms.QUESTIONNAIRE_PART, lambda xml: xml.replace(*change))


def raw_text(data: bytes, cells: Mapping[str, str]) -> bytes:
    """Write texts into the questionnaire as they stand in the XML, such as `_xD800_` for half a character."""
    for cell, words in cells.items():
        data = _in_questionnaire(data, cell, f'<c r="{cell}" t="inlineStr"><is><t>{words}</t></is></c>')
    return data


def number_cell(data: bytes, cell: str, value: float, sheet: str = "questionnaire") -> bytes:
    """Put a number without any format into a cell."""
    part = forms.QUESTIONNAIRE_PART if sheet == "questionnaire" else INSTITUTION_PART
    return forms.with_cell(data, cell, f'<c r="{cell}"><v>{value}</v></c>', part)


def days_since_1904(data: bytes) -> bytes:
    """Make the workbook one whose day numbers count from 1904, as Excel for the Mac made them."""
    change = (rb"<workbookPr[^>]*>", b'<workbookPr date1904="1"/>')
    return forms.with_part(data, "xl/workbook.xml", lambda xml: re.sub(*change, xml))


def add_part(data: bytes, name: str) -> bytes:
    """Add a part to the file, such as a macro's."""
    return forms.with_part(data, name, b"<x/>")


def _in_questionnaire(data: bytes, cell: str, xml: str) -> bytes:
    return forms.with_cell(data, cell, xml, forms.QUESTIONNAIRE_PART)


RAW_EDITS: dict[str, Callable[..., bytes]] = {
    "add_part": add_part,
    "days_since_1904": days_since_1904,
    "error_cell": error_cell,
    "formula": formula,
    "merge_over": merge_over,
    "number_cell": number_cell,
    "raw_text": raw_text,
    "spilled_formula": spilled_formula,
}


def apply(data: bytes, edits: Iterable[Mapping[str, Any]]) -> bytes:
    """Apply edits: first those on the opened workbook, if any, then those on the bytes."""
    given = [dict(edit) for edit in edits]
    calls = [(edit.pop("do"), edit) for edit in given]
    on_book = [(BOOK_EDITS[name], rest) for name, rest in calls if name in BOOK_EDITS]
    if on_book:
        data = forms.edited(data, *(lambda book, f=f, rest=rest: f(book, **rest) for f, rest in on_book))
    for name, rest in calls:
        if name not in BOOK_EDITS:
            data = RAW_EDITS[name](data, **rest)
    return data
