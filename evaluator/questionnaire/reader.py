"""From the bytes of a returned workbook to what stands in it, found by requirement id and header text.

Owns: recognising the form's parts wherever they were moved, and saying of each cell what kind of content it has.
Judges nothing: what an answer means, whose form it is and whether it counts is decided elsewhere.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Literal

from evaluator.questionnaire import layout, rawcells
from evaluator.questionnaire.opening import Opened, Rows, Unread, Value, open_sheets
from evaluator.questionnaire.rawcells import cell_name
from evaluator.wording.matching import is_empty

Kind = Literal["blank", "text", "number", "other", "formula", "error"]
_ID = re.compile(r"[A-Z]{2}[1-9][0-9]?-[1-9][0-9]?[a-z]?")
_SHOWN_STRAYS = 8
_MOST_INSERTED = 2
"""Empty columns that may stand between a field's label and its value."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FormRow:
    """One row of a questionnaire table."""

    requirement: str
    """Requirement id as read, harmless variants mended (`ss1–3` gives `SS1-3`); what else stands there, verbatim."""
    is_id: bool
    """Whether it has the shape of a requirement id."""
    sheet: str
    row: int
    """Row number, 1-based."""
    kind: Kind
    """What the answer cell holds."""
    typed: str
    """Content of the answer cell as text."""
    evidence: str
    remarks: str
    text: str
    """The requirement's text as it stands in the form; empty where that column is gone."""
    cell: str
    """Answer cell, such as `F12`."""
    evidence_cell: str
    remarks_cell: str
    id_cell: str


@dataclass(frozen=True, kw_only=True, slots=True)
class FieldValue:
    """A value of the institution sheet, with its place."""

    value: str
    sheet: str
    cell: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ReturnedForm:
    """What stands in a returned workbook."""

    meta: Mapping[str, str]
    """Entries of `_meta` (`layout.META_KEYS`); empty where that sheet is lost."""
    fields: Mapping[str, FieldValue]
    """Institution fields by key; those not found or blank are left out."""
    rows: tuple[FormRow, ...]
    """Rows of all questionnaire tables, in the order they stand."""
    strays: Mapping[str, str]
    """Content outside the form's parts: cells, joined for reading, by sheet."""
    has_macros: bool = False
    has_external_links: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class _Table:
    rows: tuple[FormRow, ...]
    strays: tuple[str, ...]


def read_form(data: bytes) -> ReturnedForm | Unread:
    """Read a returned workbook.

    Args:
        data: the whole file, an Open XML workbook that has passed the intake's guards.
    """
    opened = open_sheets(data, _is_read)
    return opened if isinstance(opened, Unread) else _form(opened)


def _is_read(sheet: str) -> bool:
    return sheet not in (layout.LISTS_SHEET, layout.PREVIEW_SHEET) and layout.sheet_of(sheet) != "instructions"


def _form(opened: Opened) -> ReturnedForm | Unread:
    rows: list[FormRow] = []
    fields: dict[str, FieldValue] = {}
    strays: dict[str, str] = {}
    for name, cells in opened.sheets.items():
        if name == layout.META_SHEET:
            continue
        table = _table(name, cells, opened.scans[name])
        if table is not None:
            rows.extend(table.rows)
            if table.strays:
                strays[name] = _listed(table.strays)
            continue
        if len(_labels(cells)) >= 3 or layout.sheet_of(name) == "institution":
            fields = {**_fields(name, cells), **fields}
        elif content := [cell_name(r, c) for r, c, _ in _content(cells)]:
            strays[name] = _listed(content)
    if not any(row.is_id for row in rows):
        return Unread(code="form.not_a_questionnaire")
    return ReturnedForm(
        meta=_meta(opened.sheets.get(layout.META_SHEET, ())),
        fields=fields,
        rows=tuple(rows),
        strays=strays,
        has_macros=any(part.lower().endswith("vbaproject.bin") for part in opened.parts),
        has_external_links=any("/externallinks/" in f"/{part.lower()}" for part in opened.parts),
    )


def _table(sheet: str, cells: Rows, scan: rawcells.Scan) -> _Table | None:
    header = _header(cells)
    if header is None:
        return None
    top, columns = header
    rows: list[FormRow] = []
    strays: list[str] = []
    for number, row in enumerate(cells[top:], top + 1):
        typed_id = _text(_at(row, columns["id"]))
        requirement = _requirement_id(typed_id)
        is_id = _ID.fullmatch(requirement) is not None
        answer, evidence, remarks = (_at(row, columns.get(key)) for key in layout.INPUT_COLUMNS)
        if not is_id and is_empty(typed_id):
            strays.extend(_row_strays(row, number, columns))
            continue
        if not is_id and layout.column_of(typed_id) == "id":
            continue  # the header once more, as in a table pasted below another
        cell = cell_name(number, columns["answer"] + 1)
        rows.append(
            FormRow(
                requirement=requirement,
                is_id=is_id,
                sheet=sheet,
                row=number,
                kind=_kind(answer, scan.kind_of(number, columns["answer"] + 1)),
                typed=_text(answer),
                evidence=_text(evidence),
                remarks=_text(remarks),
                text=_text(_at(row, columns.get("text"))),
                cell=cell,
                evidence_cell=cell_name(number, columns["evidence"] + 1) if "evidence" in columns else "",
                remarks_cell=cell_name(number, columns["remarks"] + 1) if "remarks" in columns else "",
                id_cell=cell_name(number, columns["id"] + 1),
            )
        )
        strays.extend(
            cell_name(number, c + 1)
            for c, value in enumerate(row)
            if c not in columns.values() and not is_empty(_text(value))
        )
    return _Table(rows=tuple(rows), strays=tuple(strays))


def _header(cells: Rows) -> tuple[int, dict[str, int]] | None:
    """Find the header row: the first that names the columns ID and Answer; gives the number of rows down to it."""
    for number, row in enumerate(cells, 1):
        columns: dict[str, int] = {}
        for c, value in enumerate(row):
            if isinstance(value, str) and value and len(value) < 60:
                key = layout.column_of(value)
                if key is not None:
                    columns.setdefault(key, c)
        if "id" in columns and "answer" in columns:
            return number, columns
    return None


def _row_strays(row: Sequence[Value], number: int, columns: Mapping[str, int]) -> list[str]:
    own = {columns[key] for key in ("item", "stars", "text", "expected", "status") if key in columns}
    return [cell_name(number, c + 1) for c, value in enumerate(row) if c not in own and not is_empty(_text(value))]


def _fields(sheet: str, cells: Rows) -> dict[str, FieldValue]:
    found: dict[str, FieldValue] = {}
    for key, places in _labels(cells).items():
        for r, c in places:
            if key in found:
                break
            for column in range(c, c + 1 + _MOST_INSERTED):
                words = " ".join(_text(_at(cells[r - 1], column)).split())
                if not is_empty(words):
                    if layout.field_of(words) is None and not layout.is_hint(words):
                        found[key] = FieldValue(value=words, sheet=sheet, cell=cell_name(r, column + 1))
                    break
    return found


def _labels(cells: Rows) -> dict[str, list[tuple[int, int]]]:
    """Find the labels of institution fields, filled in or not; gives the row and column of each, 1-based."""
    found: dict[str, list[tuple[int, int]]] = {}
    for r, c, value in _content(cells):
        key = layout.field_of(value) if isinstance(value, str) and len(value) < 60 else None
        if key is not None:
            found.setdefault(key, []).append((r, c))
    return found


def _meta(cells: Rows) -> dict[str, str]:
    pairs = {_text(_at(row, 0)): _text(_at(row, 1)) for row in cells}
    return {key: pairs[key].strip() for key in layout.META_KEYS if pairs.get(key, "").strip()}


def _content(cells: Rows) -> list[tuple[int, int, Value]]:
    return [
        (r, c, value)
        for r, row in enumerate(cells, 1)
        for c, value in enumerate(row, 1)
        if value != "" and not is_empty(_text(value))
    ]


def _requirement_id(typed: str) -> str:
    folded = unicodedata.normalize("NFKC", typed)
    kept = "".join(c for c in folded if not c.isspace() and unicodedata.category(c)[0] not in "CZ")
    kept = re.sub(r"[\u2010-\u2015\u2212\u4e00_]", "-", kept)
    mended = kept[:-1].upper() + kept[-1:].lower() if kept[-1:].isalpha() and "-" in kept else kept.upper()
    return mended if _ID.fullmatch(mended) else typed.strip()


def _kind(value: Value | None, special: rawcells.Special | None) -> Kind:
    if special is not None:
        return special
    if isinstance(value, str):
        return "blank" if is_empty(value) else "text"
    if value is None:
        return "blank"
    if isinstance(value, bool):
        return "other"
    return "number" if isinstance(value, int | float) else "other"


def _text(value: Value | None) -> str:
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    return str(value)


def _at(row: Sequence[Value], column: int | None) -> Value | None:
    return row[column] if column is not None and column < len(row) else None


def _listed(cells: Sequence[str]) -> str:
    more = f" … (+{len(cells) - _SHOWN_STRAYS})" if len(cells) > _SHOWN_STRAYS else ""
    return ", ".join(cells[:_SHOWN_STRAYS]) + more
