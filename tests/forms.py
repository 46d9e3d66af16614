"""Forms for tests: filled in through the writer, then changed as people and programs change them.

A form is the bytes of a workbook. `filled` makes one, `edited` changes it through openpyxl (as a person in an office
program would), `with_part` and `with_cell` change its raw XML where openpyxl can't write what is wanted.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from io import BytesIO
from pathlib import Path

import openpyxl
import xlsxwriter
from openpyxl.worksheet.worksheet import Worksheet

from evaluator.intake import guards
from evaluator.intake.archive import unpack
from evaluator.model.files import load_model
from evaluator.model.records import Model
from evaluator.questionnaire import layout
from evaluator.questionnaire.layout import Prefill
from evaluator.questionnaire.opening import Unread
from evaluator.questionnaire.reader import ReturnedForm, read_form
from evaluator.questionnaire.writer import write_form
from evaluator.wording import Lang

CODES = ("914403001922038216", "9144030071526726XG", "91350100M000100Y43")
"""Valid credit codes: two firms' published ones, and the example of GB 32100-2015."""
BY_LEVEL = {1: "full", 2: "full", 3: "large", 4: "partial", 5: "none"}
"""Answers of a form where nothing else is asked for, by level: of every kind, none straight-lined."""
QUESTIONNAIRE_PART = "xl/worksheets/sheet3.xml"
FIRST_ROW = layout.HEADER_ROW + 1

Given = tuple[object, str, str]
"""Answer (a code of the scale, or what to put into the cell), evidence, remarks."""


@cache
def model() -> Model:
    return load_model()


def proof(requirement: str) -> str:
    """Evidence that no two requirements share."""
    return f"{requirement} 制度汇编与台账，2025年"


def answers(domain: str, lang: Lang = "zh", changed: Mapping[str, Given] | None = None) -> dict[str, Given]:
    """Answers to every requirement of a domain: `BY_LEVEL`, with those of `changed` in their place."""
    given: dict[str, Given] = {r.id: (BY_LEVEL[r.level], proof(r.id), "") for r in model().domain(domain).requirements}
    codes = {answer.code: answer.label.say(lang) for answer in model().scale}
    return {
        requirement: (codes.get(answer, answer) if isinstance(answer, str) else answer, evidence, remarks)
        for requirement, (answer, evidence, remarks) in {**given, **(changed or {})}.items()
    }


def filled(
    domain: str = "SS",
    lang: Lang = "zh",
    *,
    changed: Mapping[str, Given] | None = None,
    fields: Mapping[str, str] | None = None,
    made_for: str = "",
    of: Model | None = None,
) -> bytes:
    """A form with all answers given, of institution `N01` unless `fields` says something else."""
    if changed is None and fields is None and not made_for and of is None:
        return _usual(domain, lang)
    stream = BytesIO()
    asked = of or model()
    prefill = Prefill(fields={"id": "N01"} if fields is None else fields, answers=answers(domain, lang, changed))
    write_form(stream, asked, asked.domain(domain), lang, prefill=prefill, institution=made_for)
    return stream.getvalue()


@cache
def _usual(domain: str, lang: Lang) -> bytes:
    return filled(domain, lang, fields={"id": "N01"})


@cache
def blank(domain: str = "SS", lang: Lang = "zh") -> bytes:
    stream = BytesIO()
    write_form(stream, model(), model().domain(domain), lang)
    return stream.getvalue()


def read(data: bytes) -> ReturnedForm:
    found = read_any(data)
    assert isinstance(found, ReturnedForm), found
    return found


def read_any(data: bytes) -> ReturnedForm | Unread:
    """Read a file's bytes under guard, as a run does."""
    parts = guards.inspect(data) or unpack(data)
    return parts if isinstance(parts, Unread) else read_form(parts)


def row_of(requirement: str) -> int:
    """Row of a requirement in a form as written."""
    domain = model().domain(requirement[:2])
    return FIRST_ROW + [r.id for r in domain.requirements].index(requirement)


def cell_of(requirement: str, column: str = "answer") -> str:
    """Cell of a requirement in a form as written, such as `F5`."""
    return f"{layout.column_letter(column)}{row_of(requirement)}"


def field_cell(key: str) -> str:
    return f"B{layout.FIRST_FIELD_ROW + layout.FIELDS.index(key)}"


# Changes through openpyxl


def edited(data: bytes, *edits: Callable[[openpyxl.Workbook], object]) -> bytes:
    """Open a workbook, change it and save it, as an office program does."""
    book = openpyxl.load_workbook(BytesIO(data), rich_text=True)
    for edit in edits:
        edit(book)
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def sheet_of(book: openpyxl.Workbook, key: str = "questionnaire") -> Worksheet:
    """Find a sheet by its key (`questionnaire`, `institution`) or by its own name."""
    names = [key, *(layout.sheet_names(key) if key in layout.SHEETS else ())]
    return next(book[name] for name in names if name in book.sheetnames)


def put(**cells: object) -> Callable[[openpyxl.Workbook], None]:
    """Type values into cells of the questionnaire: `put(F5="不满足")`."""

    def edit(book: openpyxl.Workbook) -> None:
        for cell, value in cells.items():
            sheet_of(book)[cell].value = value

    return edit


def put_fields(**values: object) -> Callable[[openpyxl.Workbook], None]:
    """Type values into the institution sheet: `put_fields(id="N02")`."""

    def edit(book: openpyxl.Workbook) -> None:
        for key, value in values.items():
            sheet_of(book, "institution")[field_cell(key)].value = value

    return edit


def drop_sheet(name: str) -> Callable[[openpyxl.Workbook], None]:
    return lambda book: book.remove(sheet_of(book, name))


def workbook(**sheets: Sequence[Sequence[object]]) -> bytes:
    """A workbook with these rows on these sheets."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


# Changes of the raw XML


def with_part(data: bytes, part: str, change: Callable[[bytes], bytes] | bytes | None) -> bytes:
    """Put a changed part in the place of one of the archive's; `None` drops it, a new name adds it."""
    stream = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            if entry.filename != part:
                new.writestr(entry, old.read(entry))
        content = change(old.read(part)) if callable(change) else change
        if content is not None:
            new.writestr(part, content)
    return stream.getvalue()


def archive_parts(data: bytes) -> dict[str, bytes]:
    """The parts of a workbook, by name."""
    with zipfile.ZipFile(BytesIO(data)) as found:
        return {name: found.read(name) for name in found.namelist()}


def with_cell(data: bytes, cell: str, xml: str, part: str = QUESTIONNAIRE_PART) -> bytes:
    """Put raw XML in the place of one cell of a form as written."""

    def change(sheet: bytes) -> bytes:
        new, count = re.subn(rb'<c r="%b"[^>]*?(?:/>|>.*?</c>)' % cell.encode(), lambda _: xml.encode(), sheet, count=1)
        assert count == 1, f"no cell {cell}"
        return new

    return with_part(data, part, change)


def minimal(sheet: str, *, workbook_xml: str = "", relations: str = "") -> bytes:
    """The smallest workbook with one sheet of this XML."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships">'
        f'<Relationship Id="r1" Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": workbook_xml
        or f'<workbook xmlns="{main}" xmlns:r="{office}">'
        '<sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": relations
        or f'<Relationships xmlns="{package}/relationships">'
        f'<Relationship Id="r1" Type="{office}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": sheet,
    }
    return archive(parts)


def worksheet(rows: str) -> str:
    """The XML of a sheet with these `<row>` elements."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return f'<?xml version="1.0"?><worksheet xmlns="{main}"><sheetData>{rows}</sheetData></worksheet>'


def archive(parts: Mapping[str, str | bytes]) -> bytes:
    """A zip archive of these entries."""
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in parts.items():
            target.writestr(name, content)
    return stream.getvalue()


# Rosters and folders


def roster(path: Path, *rows: Mapping[str, object], lang: Lang = "zh", header: Sequence[str] = ()) -> Path:
    """Write a roster; each row gives values by field."""
    keys = list(header or dict.fromkeys(key for row in rows for key in row))
    book = xlsxwriter.Workbook(str(path), {"strings_to_formulas": False})
    sheet = book.add_worksheet()
    for column, key in enumerate(keys):
        sheet.write(0, column, layout.text(f"form.field.{key}").say(lang) if key in layout.FIELDS else key)
        for number, row in enumerate(rows, 1):
            sheet.write(number, column, row.get(key, ""))
    book.close()
    return path


def folder(path: Path, **files: bytes) -> Path:
    """Put files into a folder, with `.xlsx` at their names' ends."""
    path.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (path / f"{name}.xlsx").write_bytes(data)
    return path
