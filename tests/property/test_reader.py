"""Properties of the reader: harmless edits of a form change nothing, one answer's edit changes one answer, and no
content of a cell makes it fail.

A form is a grid here: sheets by name, each a list of rows of values, as openpyxl reads a filled-in form and writes it
again. Each edit is one that people make.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from copy import deepcopy
from datetime import date, datetime, time
from functools import cache
from io import BytesIO
from random import Random
from typing import Any
from xml.sax.saxutils import quoteattr

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.cell.cell import ERROR_CODES, ILLEGAL_CHARACTERS_RE

from evaluator.questionnaire import layout
from evaluator.questionnaire.opening import Unread
from evaluator.questionnaire.reader import ReturnedForm
from tests import forms

Rows = list[list[Any]]
Book = dict[str, Rows]
Edit = Callable[[Book, Callable[[int], int]], Book]
"""A change of a book; the second argument draws a number below another."""
QUESTIONNAIRE, INSTITUTION, INSTRUCTIONS = "自评问卷", "机构信息", "填写说明"
NAMES = ["Sheet1", "答卷 (2)", "Self assessment", "附表1", "x" * 31]


@cache
def _form() -> Book:
    fields = {"id": "N01", "name": "甲中心", "uscc": forms.CODES[0], "date": "2026-03-31", "city": "苏州市"}
    changed = {"SS1-3": ("", "", ""), "SS2-1": (0.5, "x", "y"), "SS4-4": ("na", "", "无此业务")}
    data = forms.filled(fields=fields, changed=changed)  # type: ignore[arg-type]
    book = openpyxl.load_workbook(BytesIO(data), data_only=True)
    return {sheet.title: [list(row) for row in sheet.iter_rows(values_only=True)] for sheet in book.worksheets}


def _written(book: Book, hidden: Sequence[int] = ()) -> bytes:
    """Write a book; `hidden` rows are hidden on every sheet."""
    target = openpyxl.Workbook()
    target.remove(target.active)
    for name, rows in book.items():
        sheet = target.create_sheet(name)
        for row in rows:
            sheet.append(row)
        for number in hidden:
            sheet.row_dimensions[number + 1].hidden = True
    stream = BytesIO()
    target.save(stream)
    return stream.getvalue()


def _said(form: ReturnedForm) -> tuple[object, ...]:
    """What a form says, wherever it stands."""
    rows = {
        row.requirement: (row.is_id, row.kind, row.typed, row.evidence, row.remarks, row.evidence_computed)
        for row in form.rows
    }
    assert len(rows) == len(form.rows)
    return rows, {key: field.value for key, field in form.fields.items()}, form.meta, form.strays, form.disputed


@cache
def _usual() -> tuple[object, ...]:
    return _said(forms.read(_written(_form())))


def _at(book: Book, old: str) -> str:
    """Find a sheet by what stands on it, whatever it is called by now."""
    mark = {QUESTIONNAIRE: "编号", INSTITUTION: "机构名称"}[old]
    return next(name for name, rows in book.items() if any(_bare(value) == mark for row in rows for value in row))


def _header_row(rows: Rows) -> int:
    return next(n for n, row in enumerate(rows) if "自评结果" in map(_bare, row))


def _bare(value: object) -> str:
    return re.sub(r"[\W_]|必填", "", str(value))


def _sort(book: Book, draw: Callable[[int], int]) -> Book:
    rows = book[_at(book, QUESTIONNAIRE)]
    top = _header_row(rows) + 1
    table = rows[top:]
    shuffled = [table.pop(draw(len(table))) for _ in range(len(table))]
    rows[top:] = shuffled
    return book


def _insert_rows(book: Book, draw: Callable[[int], int]) -> Book:
    rows = book[_at(book, (QUESTIONNAIRE, INSTITUTION)[draw(2)])]
    at = draw(len(rows) + 1)
    rows[at:at] = [[None] * len(rows[0]) for _ in range(1 + draw(5))]
    return book


def _insert_columns(book: Book, draw: Callable[[int], int]) -> Book:
    name = _at(book, QUESTIONNAIRE)
    at, count = draw(len(book[name][0]) + 1), 1 + draw(3)
    return {**book, name: [[*row[:at], *[None] * count, *row[at:]] for row in book[name]]}


def _move_columns(book: Book, draw: Callable[[int], int]) -> Book:
    name = _at(book, QUESTIONNAIRE)
    left = list(range(len(book[name][0])))
    order = [left.pop(draw(len(left))) for _ in range(len(left))]
    return {**book, name: [[row[n] for n in order] for row in book[name]]}


def _shift_values(book: Book, draw: Callable[[int], int]) -> Book:
    """Insert a column or two between the labels and the values of the institution sheet, once."""
    name = _at(book, INSTITUTION)
    shifted = any(_bare(row[0]) == "机构名称" and row[1] is None for row in book[name])
    count = 0 if shifted else 1 + draw(2)
    return {**book, name: [[row[0], *[None] * count, *row[1:]] for row in book[name]]}


def _rename(book: Book, draw: Callable[[int], int]) -> Book:
    old = _at(book, (QUESTIONNAIRE, INSTITUTION)[draw(2)])
    new = next(name for name in [*NAMES[draw(len(NAMES)) :], *NAMES] if name not in book)
    return {new if name == old else name: rows for name, rows in book.items()}


def _reorder(book: Book, draw: Callable[[int], int]) -> Book:
    left = list(book)
    return {name: book[name] for name in [left.pop(draw(len(left))) for _ in range(len(left))]}


def _respell(book: Book, draw: Callable[[int], int]) -> Book:
    """Write an id or a header in other letters, widths or with blanks."""
    rows = book[_at(book, QUESTIONNAIRE)]
    header = rows[_header_row(rows)]
    if draw(2):
        column = [_bare(value) for value in header].index("编号")
        row = rows[_header_row(rows) + 1 + draw(len(rows) - _header_row(rows) - 1)]
        changes = [str.lower, lambda w: w.replace("-", "–"), lambda w: f" {w}\u200b", lambda w: w.replace("S", "Ѕ")]
        row[column] = changes[draw(len(changes))](row[column]) if row[column] else None
    else:
        column = draw(len(header))
        changes = [lambda w: f"{w}：", lambda w: f" {w[:2]}\n{w[2:]}", lambda w: f"{w}（必填）"]
        header[column] = changes[draw(len(changes))](header[column]) if header[column] else None
    return book


def _drop(book: Book, draw: Callable[[int], int]) -> Book:
    """Delete what is only there to be read: a sheet or a column."""
    if draw(2):
        return {name: rows for name, rows in book.items() if name not in (INSTRUCTIONS, "_lists", "_preview")}
    rows = book[_at(book, QUESTIONNAIRE)]
    header = rows[_header_row(rows)]
    gone = [n for n, value in enumerate(header) if value in ("能力项", "星级", "佐证要求", "填写状态")]
    if gone:
        at = gone[draw(len(gone))]
        for row in rows:
            del row[at]
    return book


EDITS: tuple[Edit, ...] = (
    _sort, _insert_rows, _insert_columns, _move_columns, _shift_values, _rename, _reorder, _respell, _drop,
)  # fmt: skip


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.sampled_from(EDITS), min_size=1, max_size=6),
    st.integers(0, 2**32),
    st.lists(st.integers(0, 60), max_size=3),
)
def test_no_harmless_edits_change_what_a_form_says(edits: list[Edit], seed: int, hidden: list[int]) -> None:
    book, random = deepcopy(_form()), Random(seed)  # noqa: S311 - nothing secret
    for edit in edits:
        book = edit(book, random.randrange)
    assert _said(forms.read(_written(book, hidden))) == _usual()


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.__name__)
def test_each_edit_is_one(edit: Edit) -> None:
    """Hold the edits themselves against being none: each changes the workbook."""
    numbers = iter(range(1, 1000))
    assert list(edit(deepcopy(_form()), lambda below: next(numbers) * 7 % below).items()) != list(_form().items())


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\ufffe\uffff"), max_size=60).filter(
    lambda words: not ILLEGAL_CHARACTERS_RE.search(words) and not words.startswith("=") and words not in ERROR_CODES
)
VALUES = (
    TEXTS
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.integers(-(10**15), 10**15)
    | st.booleans()
    | st.none()
    | st.dates(date(1901, 1, 1), date(9999, 12, 31))
    | st.datetimes(datetime(1901, 1, 1), datetime(9999, 12, 31))  # noqa: DTZ001 - cells have no time zone
    | st.times().map(lambda moment: time(moment.hour, moment.minute, moment.second))
)


@settings(max_examples=80, deadline=None)
@given(VALUES, st.integers(0, 26), st.sampled_from(layout.INPUT_COLUMNS))
def test_an_edit_of_one_cell_changes_that_answer_only(value: object, number: int, column: str) -> None:
    book = deepcopy(_form())
    book[QUESTIONNAIRE][layout.HEADER_ROW + number][layout.COLUMNS.index(column)] = value
    found, usual = _said(forms.read(_written(book))), _usual()
    assert found[1:] == usual[1:]
    requirement = list(usual[0])[number]  # type: ignore[call-overload]
    rows, before = dict(found[0]), dict(usual[0])  # type: ignore[call-overload]
    one, other = rows.pop(requirement), before.pop(requirement)
    assert rows == before
    at = {"answer": 2, "evidence": 3, "remarks": 4}[column]
    changing = {at, 1} if column == "answer" else {at}
    assert [part for n, part in enumerate(one) if n not in changing] == [
        part for n, part in enumerate(other) if n not in changing
    ]
    if isinstance(value, str) and "_x" not in value.lower() and "\r" not in value:
        assert one[at] == value


ANYTHING = st.text(st.characters(), max_size=40) | st.sampled_from(
    ["NaN", "1e999", "-0", "9" * 400, "_xD800_", "_x0000_", "#SPILL!", "2026-02-30", "1,5", "SS1-1", "编号", "自评结果"]
)
KINDS = ["", "n", "b", "d", "e", "s", "str", "inlineStr", "x"]


@settings(max_examples=120, deadline=None)
@given(
    ANYTHING, st.sampled_from(KINDS), st.sampled_from(["A4", "F4", "A5", "D5", "F5", "G5", "H5", "I5"]), st.booleans()
)
def test_no_content_of_a_cell_makes_the_reader_fail(words: str, kind: str, cell: str, computed: bool) -> None:
    escaped = "".join(f"&#{ord(c)};" for c in words)
    value = f"<is><t>{escaped}</t></is>" if kind == "inlineStr" else f"<v>{escaped}</v>"
    formula = "<f>A1</f>" if computed else ""
    stated = f" t={quoteattr(kind)}" if kind else ""
    found = forms.read_any(forms.with_cell(forms.filled(), cell, f'<c r="{cell}"{stated}>{formula}{value}</c>'))
    if isinstance(found, Unread):
        assert re.fullmatch(r"(file|form)\.[a-z_]+", found.code)
        return
    others = [row for row in found.rows if row.row != 5]
    assert [row.requirement for row in others] == [row.requirement for row in forms.read(forms.filled()).rows[1:]]
