"""From the bytes of a returned workbook to what stands in it, found by requirement id and header text.

Owns: putting together what its sheets hold: tables, institution fields, `_meta`, and what belongs to none of them.
Judges nothing: what an answer means, whose form it is and whether it counts is decided elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from evaluator.limits import DEFAULT, Limits
from evaluator.questionnaire import layout
from evaluator.questionnaire.contents import at, filled_cells, text_of
from evaluator.questionnaire.fields import FieldValue, merged, read_fields
from evaluator.questionnaire.notes import has_others
from evaluator.questionnaire.opening import Opened, Rows, Unread, open_sheets
from evaluator.questionnaire.rawcells import cell_name
from evaluator.questionnaire.tables import FormRow, read_table
from evaluator.wording import filled
from evaluator.wording.matching import plain

__all__ = ["FieldValue", "FormRow", "ReturnedForm", "read_form"]

_SHOWN_STRAYS = 8
_INSTRUCTIONS = 4
"""Different labels of the instructions that tell a sheet of any name to be them."""
_COMMENTS = re.compile(r"/(threaded)?comments.*\.xml$")
_OBJECTS = re.compile(r"/(media|embeddings|activex|ctrlprops)/")
_DRAWING = re.compile(r"/drawings/drawing")


@dataclass(frozen=True, kw_only=True, slots=True)
class ReturnedForm:
    """What stands in a returned workbook."""

    meta: Mapping[str, str]
    """Entries of `_meta` (`layout.META_KEYS`, and `layout.CORRECTS` of a correction); empty without that sheet."""
    fields: Mapping[str, FieldValue]
    """Institution fields by key; those not found or blank are left out."""
    rows: tuple[FormRow, ...]
    """Rows of all questionnaire tables, in the order they stand."""
    strays: Mapping[str, str]
    """Content outside the form's parts: cells, joined for reading, by sheet."""
    merged_answers: Mapping[str, str] = field(default_factory=dict)
    """Merged ranges over the answers of several requirements, with blanks between them (`F5:F7 F9:F10`), by sheet."""
    merged_texts: Mapping[str, str] = field(default_factory=dict)
    """The same over evidence or remarks, but no answers."""
    hidden_rows: Mapping[str, str] = field(default_factory=dict)
    """Ids of requirements whose rows are hidden, with blanks between them, by sheet."""
    choices: Mapping[str, str] = field(default_factory=dict)
    """The dropdown's answers by their cells in `_lists`; empty without a seal, or where that sheet is lost."""
    has_macros: bool = False
    has_external_links: bool = False
    has_comments: bool = False
    has_objects: bool = False
    """Whether there are pictures, drawings or embedded files."""
    disputed: Mapping[str, FieldValue] = field(default_factory=dict)
    """Other values, by field, where the workbook's institution sheets or copies of `_meta` don't agree."""

    def value(self, key: str) -> str:
        """Give what the institution sheet says for a field, empty where nothing."""
        found = self.fields.get(key)
        return found.value if found else ""

    @property
    def model(self) -> str:
        """Id of the model the form is of: of `_meta`, else of the institution sheet; empty where neither says."""
        return self.meta.get("model", "") or self.value(layout.EDITION_FIELD).partition(" ")[0].strip()

    @property
    def edition(self) -> str:
        """The model's edition the form is of: of `_meta`, else of the institution sheet; empty where neither says."""
        return self.meta.get("edition", "") or self.value(layout.EDITION_FIELD).partition(" ")[2].strip()


def read_form(parts: Mapping[str, bytes], limits: Limits = DEFAULT) -> ReturnedForm | Unread:
    """Read a returned workbook.

    Args:
        parts: its parts by name, as the intake's guards gave them.
        limits: how much there may be.
    """
    left_out: list[str] = []

    def is_read(name: str) -> bool:
        if layout.own_sheet(name) is None and not _is_read(name):
            left_out.append(name)
        return _is_read(name)

    found = _read(parts, limits, is_read)
    if left_out and isinstance(found, Unread) and found.code == "form.not_a_questionnaire":
        return _read(parts, limits, lambda name: layout.own_sheet(name) is None)  # the table may be called instructions
    return found


def _is_read(sheet: str) -> bool:
    return layout.own_sheet(sheet) is None and layout.sheet_of(sheet) not in ("instructions", layout.CORRECTION_SHEET)


def _read(parts: Mapping[str, bytes], limits: Limits, wanted: Callable[[str], bool]) -> ReturnedForm | Unread:
    opened = open_sheets(
        parts, lambda name: wanted(name) or layout.own_sheet(name) == layout.META_SHEET, limits, _is_read_then
    )
    form = opened if isinstance(opened, Unread) else _form(opened, parts, limits)
    if isinstance(form, ReturnedForm) and len(form.rows) > limits.rows:
        return Unread(code="file.bomb", params={"why": filled("intake.unsafe.rows", count=len(form.rows))})
    return form


def _is_read_then(name: str, sheets: Mapping[str, Rows]) -> bool:
    """Tell whether to read the dropdowns' lists: only of a sealed form is it said where they were altered."""
    return name == layout.LISTS_SHEET and "seal" in _meta(sheets)[0]


def _choices(cells: Rows) -> dict[str, str]:
    """Read the answers of the dropdown, below their header."""
    listed = ((number, text_of(row[0]).strip()) for number, row in enumerate(cells[1:], 2) if row and row[0] != "")
    return {cell_name(number, 1): words for number, words in listed if words}


def _form(opened: Opened, parts: Mapping[str, bytes], limits: Limits) -> ReturnedForm | Unread:
    rows: list[FormRow] = []
    institution: list[Mapping[str, Sequence[FieldValue]]] = []
    strays: dict[str, str] = {}
    merged_answers: dict[str, str] = {}
    merged_texts: dict[str, str] = {}
    hidden_rows: dict[str, str] = {}
    for name, cells in opened.sheets.items():
        scan = opened.scans[name]
        if layout.own_sheet(name) is not None:
            continue
        table = read_table(name, cells, scan, limits.rows)
        if table is None and _is_correction(cells):
            continue
        stated = read_fields(name, cells[: table.top] if table else cells, scan)
        if stated is not None:
            institution.append(stated)
        if table is not None:
            rows.extend(table.rows)
            if table.strays:
                strays[name] = _listed(table.strays)
            if table.merged_answers:
                merged_answers[name] = " ".join(table.merged_answers)
            if table.merged_texts:
                merged_texts[name] = " ".join(table.merged_texts)
            if table.hidden:
                hidden_rows[name] = " ".join(table.hidden)
        elif stated is None and not _is_instructions(cells):
            content = [cell_name(r, c) for r, c, _ in filled_cells(cells)]
            if content:
                strays[name] = _listed(content)
    if not rows:
        return Unread(code="form.not_a_questionnaire")
    fields, disputed = merged(institution)
    meta, other_owner = _meta(opened.sheets)
    names = [f"/{part.lower()}" for part in parts]
    return ReturnedForm(
        meta=meta,
        fields=fields,
        rows=tuple(rows),
        strays=strays,
        merged_answers=merged_answers,
        merged_texts=merged_texts,
        hidden_rows=hidden_rows,
        choices=_choices(opened.sheets.get(layout.LISTS_SHEET, ())),
        has_macros=any(name.endswith("vbaproject.bin") for name in names),
        has_external_links=any("/externallinks/" in name for name in names),
        has_comments=any(
            _COMMENTS.search(name) and has_others(part) for name, part in zip(names, parts.values(), strict=True)
        ),
        has_objects=any(_OBJECTS.search(name) for name in names) or any(map(_is_drawn, names, parts.values())),
        disputed={**disputed, "id": other_owner} if other_owner else disputed,
    )


def _is_drawn(name: str, content: bytes) -> bool:
    """Tell a drawing with something in it; some programs save an empty one for every sheet."""
    return _DRAWING.search(name) is not None and b"Anchor" in content


def _is_instructions(cells: Rows) -> bool:
    """Tell the form's own instructions under another name, by the words that the form writes there."""
    own = {value for _, _, value in filled_cells(cells) if isinstance(value, str) and layout.is_instruction(value)}
    return len(own) >= _INSTRUCTIONS


def _is_correction(cells: Rows) -> bool:
    """Tell the first sheet of a correction, whatever its name is now: its list is no content of the institution's."""
    own = {value for _, _, value in filled_cells(cells) if isinstance(value, str) and layout.is_correction(value)}
    return len(own) >= _INSTRUCTIONS


def _meta(sheets: Mapping[str, Rows]) -> tuple[dict[str, str], FieldValue | None]:
    """Read `_meta`, and another institution that a copy of it names, as it comes along with another form's sheets."""
    found: dict[str, str] = {}
    other: FieldValue | None = None
    for name, cells in sorted(sheets.items(), key=lambda item: item[0] != layout.META_SHEET):
        if layout.own_sheet(name) != layout.META_SHEET:
            continue
        rows = {text_of(at(row, 0)): (text_of(at(row, 1)).strip(), number) for number, row in enumerate(cells, 1)}
        own = {key: rows[key][0] for key in (*layout.META_KEYS, layout.CORRECTS) if key in rows and rows[key][0]}
        first, owner = found.get("institution", ""), own.get("institution", "")
        if first and owner and plain(first) != plain(owner):
            other = FieldValue(value=owner, sheet=name, cell=f"B{rows['institution'][1]}")
        found = found or own
    return found, other


def _listed(cells: Sequence[str]) -> str:
    more = f" … (+{len(cells) - _SHOWN_STRAYS})" if len(cells) > _SHOWN_STRAYS else ""
    return ", ".join(cells[:_SHOWN_STRAYS]) + more
