"""A form reads the same whatever program saved it: every cell, kind, field and finding's place."""

from __future__ import annotations

import io
import re
import zipfile
from functools import cache

import openpyxl
import pandas as pd
import pytest

from evaluator.questionnaire.reader import ReturnedForm
from tests import forms, resaving
from tests.dialects import DIALECTS
from tests.forms import read
from tests.resaving import original, resaved


@cache
def expected() -> ReturnedForm:
    return read(original())


def test_the_form_has_an_answer_of_every_kind() -> None:
    """What the other tests compare with is what was put in."""
    kinds = {row.cell: (row.kind, row.typed) for row in expected().rows}
    assert kinds[resaving.NUMBER] == ("number", "3")
    assert kinds[resaving.FRACTION] == ("number", "0.8")
    assert kinds[resaving.TRUTH] == ("other", "TRUE")
    assert kinds[resaving.DATE] == ("other", "2025-03-04")
    assert kinds[resaving.FORMULA] == ("formula", "完全满足")
    assert kinds[resaving.ERROR] == ("error", "#N/A")
    assert kinds[resaving.RICH] == ("text", "完全满足")
    assert kinds[resaving.BLANK] == ("blank", "")
    assert len(kinds) == len(forms.model().domain("SS").requirements)
    assert resaving.ODD_TEXT in {row.evidence for row in expected().rows}
    assert expected().meta["domain"] == "SS"
    assert expected().meta["seal"] == "0" * 64
    assert list(expected().choices.values()) == [answer.label.zh for answer in forms.model().scale]
    assert expected().fields["name"].value == "甲 & 乙<中心>"


@pytest.mark.parametrize("program", DIALECTS)
def test_a_form_reads_the_same_whatever_program_saved_it(program: str) -> None:
    found = read(resaved(DIALECTS[program]))
    for before, after in zip(expected().rows, found.rows, strict=True):
        assert after == before
    assert found == expected()


def test_the_dialects_differ() -> None:
    """Each way of writing is one of its own: in the questionnaire, the list of texts, or the archive around them."""
    assert len({resaved(dialect) for dialect in DIALECTS.values()}) == len(DIALECTS)
    flags = {program: _flags(resaved(DIALECTS[program])) for program in ("Excel", "Google Sheets", "POI, streamed")}
    assert flags == {"Excel": 0, "Google Sheets": 8, "POI, streamed": 8}


def _flags(data: bytes) -> int:
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        return book.infolist()[0].flag_bits & 8


def test_what_openpyxl_saves_streaming_reads_the_same() -> None:
    source = openpyxl.load_workbook(io.BytesIO(original()), rich_text=True)
    target = openpyxl.Workbook(write_only=True)
    for page in source.worksheets:
        copy = target.create_sheet(page.title)
        copy.sheet_state = page.sheet_state
        for row in page.iter_rows(values_only=True):
            copy.append(row)
    stream = io.BytesIO()
    target.save(stream)
    assert answers(read(stream.getvalue())) == answers(expected())


@pytest.mark.parametrize("engine", ["openpyxl", "xlsxwriter"])
def test_what_pandas_saves_reads_the_same(engine: str) -> None:
    """As scripts do: read every sheet, write every sheet; of a formula only its result is left, of an error nothing."""
    frames = pd.read_excel(io.BytesIO(original()), sheet_name=None, header=None, dtype=object, engine="openpyxl")
    stream = io.BytesIO()
    with pd.ExcelWriter(stream, engine=engine) as target:  # type: ignore[call-overload]
        for name, frame in frames.items():
            frame.to_excel(target, sheet_name=name, header=False, index=False)
    found, before = answers(read(stream.getvalue())), answers(expected())
    assert found.pop(resaving.FORMULA) == ("text", "完全满足", *before.pop(resaving.FORMULA)[2:])
    assert found.pop(resaving.ERROR) == ("blank", "", *before.pop(resaving.ERROR)[2:])
    assert found == before


def answers(form: ReturnedForm) -> dict[str, tuple[str, str, str, str, str]]:
    """What was answered, by cell; a formula's result is not looked at, nor what openpyxl makes of escapes."""
    return {
        row.cell: (
            row.kind,
            "" if row.kind == "formula" else row.typed,
            re.sub("(?:_x005F)*(?:_x0041_|A)", "A", row.evidence),
            row.remarks,
            row.requirement,
        )
        for row in form.rows
    }
