"""Files that are broken, no workbooks, or made to do harm: one finding each, at once, and never an exception."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from evaluator import pipeline
from evaluator.findings import Finding
from evaluator.limits import DEFAULT, MEBI
from evaluator.model.records import Model
from evaluator.wording import LANGS
from tests import forms
from tests.forms import archive, filled, minimal, worksheet
from tests.intake_here import read

OLE = bytes.fromhex("d0cf11e0a1b11ae1")
FAR = '<c r="XFD1048576"><v>1</v></c>'
SECONDS = 5.0


def checked(folder: Path, model: Model) -> tuple[list[Finding], list[str]]:
    """The findings about a folder with one odd file and a good one, and the files' statuses; the good one counts."""
    forms.folder(folder, zz_good=filled())
    began = time.perf_counter()
    found = pipeline.check([folder], model)
    assert time.perf_counter() - began < SECONDS
    statuses = dict(zip(found.files["path"], found.files["status"], strict=True))
    assert statuses.pop("in/zz_good.xlsx") == "counted"
    for finding in found.findings:
        for lang in LANGS:
            assert "{" not in finding.message(lang)
            assert "\n" not in finding.message(lang)
    return list(found.findings), list(statuses.values())


def code_of(tmp_path: Path, model: Model, data: bytes) -> str:
    findings, statuses = checked(forms.folder(tmp_path / "in", odd=data), model)
    (finding,) = findings
    assert finding.file == "in/odd.xlsx"
    assert len(statuses) == 1
    return finding.code


def damaged(at: Callable[[bytes], int]) -> bytes:
    """A form with one byte of it changed."""
    data = bytearray(filled())
    data[at(bytes(data))] ^= 0xFF
    return bytes(data)


def with_sheets(count: int, xml: str, name: str = "S{n}") -> bytes:
    """A workbook whose sheets are all made of one part."""
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    sheets = "".join(f'<sheet name="{name.format(n=n)}" sheetId="{n}" r:id="r{n}"/>' for n in range(1, count + 1))
    relations = "".join(
        f'<Relationship Id="r{n}" Type="{office}/worksheet" Target="worksheets/sheet1.xml"/>'
        for n in range(1, count + 1)
    )
    return minimal(
        xml,
        workbook_xml=f'<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="{office}">'
        f"<sheets>{sheets}</sheets></workbook>",
        relations=f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{relations}</Relationships>',
    )


def shared_texts(claim: str, words: str, cells: int) -> bytes:
    """A workbook with one shared text, to which all its cells refer."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    data = minimal(worksheet("<row>" + '<c t="s"><v>0</v></c>' * cells + "</row>"))
    return forms.with_part(
        data, "xl/sharedStrings.xml", f'<sst xmlns="{main}" {claim}><si><t>{words}</t></si></sst>'.encode()
    )


NO_WORKBOOKS = {
    "text": "编号,自评结果\nSS1-1,完全满足\n".encode(),
    "pdf": b"%PDF-1.7\n1 0 obj\n",
    "html": b"<html><body><table><tr><td>SS1-1</td></tr></table></body></html>",
    "picture": b"\x89PNG\r\n\x1a\n" + bytes(100),
    "zip": archive({"a.xlsx": filled(), "b.txt": b"x"}),
    "empty zip": b"PK\x05\x06" + bytes(18),
    "old xls": OLE + bytes(2000),
    "xlsb": archive({"xl/workbook.bin": b"\x83\x01\x00", "xl/worksheets/sheet1.bin": b""}),
    "ods": archive({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": b"<x/>"}),
    "docx": archive({"word/document.xml": b"<x/>"}),
    "no workbook part": forms.with_part(filled(), "xl/workbook.xml", None),
    "random bytes": bytes(range(255, 0, -1)) * 20,
    "one byte": b"P",
}


@pytest.mark.parametrize("name", NO_WORKBOOKS)
def test_what_is_no_workbook_is_said_to_be_none(tmp_path: Path, model: Model, name: str) -> None:
    assert code_of(tmp_path, model, NO_WORKBOOKS[name]) == "file.not_a_workbook"


def test_a_file_of_no_bytes_is_empty(tmp_path: Path, model: Model) -> None:
    assert code_of(tmp_path, model, b"") == "file.empty"


def test_a_password_is_said(tmp_path: Path, model: Model) -> None:
    data = OLE + bytes(504) + "EncryptedPackage".encode("utf-16-le") + bytes(2000)
    assert code_of(tmp_path, model, data) == "file.encrypted"


UNREADABLE = {
    "half a file": filled()[: len(filled()) // 2],
    "without its end": filled()[:-10],
    "bad checksum": damaged(lambda data: data.index(b"xl/sharedStrings.xml") + 500),
    "bad directory": damaged(lambda data: data.rindex(b"PK\x01\x02") + 20),
    "missing sheet part": forms.with_part(filled(), forms.QUESTIONNAIRE_PART, None),
    "missing list of sheets": forms.with_part(filled(), "xl/_rels/workbook.xml.rels", None),
    "sheet is no XML": forms.with_part(filled(), forms.QUESTIONNAIRE_PART, b"%PDF-1.7"),
    "half a sheet": forms.with_part(filled(), forms.QUESTIONNAIRE_PART, lambda xml: xml[: len(xml) // 2]),
    "document type": forms.with_part(
        filled(),
        forms.QUESTIONNAIRE_PART,
        lambda xml: xml.replace(b"<worksheet", b'<!DOCTYPE x [<!ENTITY a "b">]><worksheet'),
    ),
    "billion laughs in the list of sheets": minimal(
        worksheet(""),
        workbook_xml='<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
        + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10 if n else "&a;" * 10}">' for n in range(12))
        + "]><workbook>&a11;</workbook>",
    ),
    "external entity": minimal(
        worksheet('<row r="1"><c r="A1" t="inlineStr"><is><t>&x;</t></is></c></row>').replace(
            "<worksheet", '<!DOCTYPE w [<!ENTITY x SYSTEM "file:///etc/passwd">]><worksheet'
        )
    ),
    "encoding nobody knows": minimal(
        worksheet("").replace('version="1.0"', 'version="1.0" encoding="UTF-88"') + "<!-- -->"
    ),
    "list of sheets in an encoding nobody knows": minimal(
        worksheet(""), workbook_xml='<?xml version="1.0" encoding="UTF-88"?><workbook/>'
    ),
    "row of no number": minimal(worksheet('<row r="one"><c><v>1</v></c></row>')),
    "cell beyond all sheets": minimal(worksheet('<row r="1"><c r="A4294967290"><v>1</v></c></row>')),
    "cell in row zero": minimal(worksheet('<row r="0"><c r="A0"><v>1</v></c></row>')),
    "cells that never end": minimal(worksheet("<c>" * 300_000)),
    "sheets of one name": with_sheets(2, worksheet(""), name="S"),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_broken_workbook_is_unreadable(tmp_path: Path, model: Model, name: str) -> None:
    assert code_of(tmp_path, model, UNREADABLE[name]) == "file.unreadable"


BOMBS = {
    "zeros packed tightly": lambda: archive({"xl/workbook.xml": b"<workbook/>", "xl/media/a.bin": bytes(60 * MEBI)}),
    "opposite corners": lambda: minimal(
        worksheet(f'<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576">{FAR}</row>')
    ),
    "far cell in a near row": lambda: minimal(worksheet(f'<!-- --><row r="1"><c r="A1"><v>1</v></c>{FAR}</row>')),
    "far cell in small letters": lambda: minimal(worksheet(f'<row r="1"><c r="A1"><v>1</v></c>{FAR.lower()}</row>')),
    "far cell in another element": lambda: minimal(
        worksheet(f'<row r="1"><!-- --><c r="A1"><v>1</v></c><x>{FAR}</x></row>')
    ),
    "far row": lambda: minimal(worksheet('<row r="99999999"><c><v>1</v></c></row>')),
    "many middling sheets": lambda: with_sheets(
        300, worksheet('<row r="1"><c r="A1"><v>1</v></c></row><row r="1500"><c r="BXX1500"><v>1</v></c></row>')
    ),
    "long text in many cells": lambda: shared_texts("", "x" * 3_900_000, cells=2000),
    "room for four billion texts": lambda: shared_texts('uniqueCount="4294967295"', "x", cells=1),
    "too many entries": lambda: archive({"xl/workbook.xml": b"x"} | {f"p{n}": b"" for n in range(DEFAULT.entries)}),
}


@pytest.mark.parametrize("name", BOMBS)
def test_what_would_fill_the_memory_is_not_read(tmp_path: Path, model: Model, name: str) -> None:
    """The reader would end the whole process where it can't allocate, so this must be known beforehand."""
    assert code_of(tmp_path, model, BOMBS[name]()) == "file.bomb"


def test_a_file_over_the_limit_is_too_large(tmp_path: Path, model: Model) -> None:
    folder = forms.folder(tmp_path / "in", odd=b"x")
    with (folder / "odd.xlsx").open("wb") as file:
        file.truncate(DEFAULT.file + 1)
    assert [finding.code for finding in checked(folder, model)[0]] == ["file.too_large"]


NO_QUESTIONNAIRES = {
    "empty sheet": minimal(worksheet("")),
    "other table": forms.workbook(S=[["姓名", "电话"], ["张三", 1]]),
    "formatted to the far corner": minimal(
        worksheet(f'<row r="1"><c r="A1"><v>1</v></c></row>{FAR.replace("<v>1</v>", "")}')
    ),
    "claims to be huge": minimal(
        worksheet('<row r="1"><c r="A1"><v>1</v></c></row>').replace(
            "<sheetData>", '<dimension ref="A1:XFD1048576"/><sheetData>'
        )
    ),
    "many merged regions": minimal(
        worksheet('<row r="1"><c r="A1"><v>1</v></c></row>').replace(
            "</sheetData>", "</sheetData><mergeCells>" + '<mergeCell ref="A1:XFD1048576"/>' * 20_000 + "</mergeCells>"
        )
    ),
    "elements in elements": minimal(worksheet('<row r="1">' + "<a>" * 50_000 + "</a>" * 50_000 + "</row>")),
    "no sheets": with_sheets(0, worksheet("")),
}


@pytest.mark.parametrize("name", NO_QUESTIONNAIRES)
def test_an_odd_workbook_is_no_questionnaire(tmp_path: Path, model: Model, name: str) -> None:
    assert code_of(tmp_path, model, NO_QUESTIONNAIRES[name]) == "form.not_a_questionnaire"


def test_a_folder_named_like_a_workbook_is_a_folder(tmp_path: Path, model: Model) -> None:
    (tmp_path / "in" / "x.xlsx").mkdir(parents=True)
    assert checked(tmp_path / "in", model) == ([], [])


@pytest.mark.parametrize("kind", ["link", "dangling link", "link to itself", "link to a folder of files", "pipe"])
def test_links_and_pipes_are_not_followed(tmp_path: Path, model: Model, kind: str) -> None:
    folder, odd = forms.folder(tmp_path / "in"), tmp_path / "in" / "odd.xlsx"
    elsewhere = forms.folder(tmp_path / "elsewhere", secret=filled(fields={"id": "N02"}))
    if kind == "pipe":
        os.mkfifo(odd)
    else:
        targets = {"link": elsewhere / "secret.xlsx", "dangling link": tmp_path / "nothing", "link to itself": odd}
        odd.symlink_to(targets.get(kind, elsewhere))
    findings, _ = checked(folder, model)
    assert [finding.code for finding in findings] == ["file.unreadable"]


def test_a_file_without_permission_is_unreadable(tmp_path: Path, model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = forms.folder(tmp_path / "in", odd=filled())
    (folder / "odd.xlsx").chmod(0)

    def refusing(real: Callable[..., object]) -> Callable[..., object]:
        def act(path: Path, *args: object, **kwargs: object) -> object:
            if path.name == "odd.xlsx":
                raise PermissionError(13, "Permission denied", str(path))
            return real(path, *args, **kwargs)

        return act

    for method in ("open", "read_bytes"):  # root may read anything, so the refusal is made here
        monkeypatch.setattr(Path, method, refusing(getattr(Path, method)))
    found = next(one for one in read(folder, model) if one.name == "in/odd.xlsx")
    assert (found.code, found.sha256) == ("file.unreadable", "")
    assert "Permission denied" in Finding(code=found.code, params=found.params).message("en")


def test_a_file_name_that_is_no_text_is_listed(tmp_path: Path, model: Model) -> None:
    """As archives packed in GBK leave them."""
    folder = forms.folder(tmp_path / "in")
    name = os.fsencode(folder) + b"/" + "甲.xlsx".encode("gbk")
    with open(name, "wb") as file:  # noqa: PTH123 - a name of bytes
        file.write(b"")
    findings, statuses = checked(folder, model)
    assert [finding.code for finding in findings] == ["file.empty"]
    assert statuses == ["unreadable"]
    findings[0].file.encode("utf-8")


def test_one_of_everything_at_once_leaves_the_good_file_counted(tmp_path: Path, model: Model) -> None:
    every = {**NO_WORKBOOKS, **UNREADABLE, **NO_QUESTIONNAIRES, "corners": BOMBS["opposite corners"]()}
    findings, statuses = checked(
        forms.folder(tmp_path / "in", **{name.replace(" ", "_"): data for name, data in every.items()}), model
    )
    assert len(findings) == len(statuses) == len(every)
    assert "counted" not in statuses
