"""The guards: only a zip archive of reasonable size goes on, and everything else is named by what it is."""

from __future__ import annotations

import os
import struct
from dataclasses import replace
from pathlib import Path

import pytest

from evaluator.intake.archive import unpack
from evaluator.intake.guards import inspect, load
from evaluator.intake.sources import Source
from evaluator.limits import DEFAULT
from evaluator.questionnaire.opening import Unread
from evaluator.wording import text
from tests import forms

OLE = bytes.fromhex("d0cf11e0a1b11ae1")


def source(path: Path, *, is_regular: bool = True, is_junk: bool = False) -> Source:
    return Source(name=path.name, path=path, is_regular=is_regular, is_junk=is_junk)


def compound(*streams: str, first: bytes = b"") -> bytes:
    """A compound file with a directory of these streams, the first of which holds `first`."""
    names = ("Root Entry", *streams)
    directory = b"".join(
        name.encode("utf-16-le").ljust(64, b"\0") + bytes(52) + struct.pack("<LLL", 9, 5000, 0) for name in names
    )
    header = (OLE + bytes(22) + struct.pack("<H", 9)).ljust(512, b"\0")
    return (header + directory.ljust(9 * 512, b"\0") + first).ljust(20 * 512, b"\1")


def flat(kind: str) -> bytes:
    """An OpenDocument file in one piece of XML, as LibreOffice writes it; it holds words of web pages, too."""
    office = "urn:oasis:names:tc:opendocument:xmlns:office:1.0"
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n\n<office:document xmlns:office="{office}" xmlns:x="urn:x"'
        f' office:version="1.3" office:mimetype="application/vnd.oasis.opendocument.{kind}"><office:meta/><table/>'
    ).encode()


def not_a_workbook(kind: str, convertible: str = "") -> Unread:
    return Unread(code="file.not_a_workbook", params={"kind": text(f"intake.kind.{kind}")}, kind=convertible)


def test_a_form_passes_as_it_was_read(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(forms.blank())
    assert load(source(path)) == path.read_bytes()


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"%PDF-1.7 ...", "pdf"),
        (b"\xef\xbb\xbf%PDF-1.7", "pdf"),
        (b"\xff\xd8\xff\xe0 JFIF", "picture"),
        (b"\x89PNG\r\n\x1a\n", "picture"),
        (b"GIF89a", "picture"),
        (b"Rar!\x1a\x07", "archive"),
        (b"7z\xbc\xaf\x27\x1c", "archive"),
        (b"\x1f\x8b\x08", "archive"),
        (b"PK\x05\x06" + bytes(18), "archive"),
        (b"{\\rtf1\\ansi", "word"),
        (OLE + bytes(600), "ole"),
        (b"<html><table><tr><td>SS1-1</td></tr></table></html>", "html"),
        (b"\r\n  <TABLE><tr>", "html"),
        (b"MIME-Version: 1.0\r\nContent-Type: multipart/related", "html"),
        (b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">', "xml2003"),
        (b'<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>\n<!-- ... -->', "xml2003"),
        (flat("spreadsheet"), "fods"),
        (flat("spreadsheet").replace(b"office:document", b"o:document"), "fods"),
        (flat("spreadsheet").decode().replace("UTF-8", "UTF-16").encode("utf-16"), "fods"),
        (flat("spreadsheet").replace(b"office:mimetype", b"office:other-" + b"x" * 9000), "fods"),
        (flat("text"), "document"),
        (b'<?xml version="1.0"?><x/>', "text"),
        ("编号,自评结果\nSS1-1,完全满足\n".encode("gbk"), "csv"),
        ("编号\t自评结果\r\nSS1-1\t完全满足\r\n".encode("utf-16"), "csv"),
        (b"a;b\n1;2\n", "csv"),
        ("请见附件".encode(), "text"),
        (b"BM see enclosed", "text"),
        (bytes(100), "zeros"),
        (bytes(range(256)), "other"),
    ],
)
def test_what_is_no_workbook_is_named_by_its_kind(data: bytes, kind: str) -> None:
    assert inspect(data) == not_a_workbook(kind)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (compound("Workbook"), not_a_workbook("xls", "xls")),
        (compound("Book"), not_a_workbook("xls", "xls")),
        (compound("Workbook", "WordDocument"), not_a_workbook("xls", "xls")),
        (compound("WordDocument", "Workbook"), not_a_workbook("word")),
        (compound("PowerPoint Document"), not_a_workbook("slides")),
        (compound("__properties_version1.0"), not_a_workbook("mail")),
        (compound("Other"), not_a_workbook("ole")),
        (compound("EncryptionInfo", "EncryptedPackage"), Unread(code="file.encrypted")),
        (OLE + bytes(600) + "EncryptedPackage".encode("utf-16-le") + bytes(600), Unread(code="file.encrypted")),
    ],
)
def test_compound_files_are_told_apart_by_their_streams(data: bytes, expected: Unread) -> None:
    assert inspect(data) == expected


@pytest.mark.parametrize(
    ("records", "code"),
    [
        (((0x809, 16), (0x2F, 54)), "file.encrypted"),
        (((0x809, 16), (0x86, 0), (0x2F, 54)), "file.encrypted"),
        (((0x809, 16), (0x42, 2)), "file.not_a_workbook"),
        (((0x2F, 54),), "file.not_a_workbook"),
    ],
)
def test_an_old_workbook_with_a_password_is_told_by_its_first_records(
    records: tuple[tuple[int, int], ...], code: str
) -> None:
    stream = b"".join(struct.pack("<HH", *record) + bytes(record[1]) for record in records)
    refused = inspect(compound("Workbook", first=stream))
    assert refused is not None
    assert refused.code == code


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ({"xl/workbook.bin": b"x"}, not_a_workbook("xlsb")),
        ({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet"}, not_a_workbook("ods", "ods")),
        ({"content.xml": b"x"}, not_a_workbook("ods", "ods")),
        ({"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": b"x"}, not_a_workbook("document")),
        (
            {"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": b"x",
             "META-INF/manifest.xml": b"<m:encryption-data/>"},
            Unread(code="file.encrypted"),
        ),
        ({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "encrypted-package": b"x"},
         Unread(code="file.encrypted")),
        ({"word/document.xml": b"x"}, not_a_workbook("word")),
        ({"ppt/presentation.xml": b"x"}, not_a_workbook("slides")),
        ({"Index/Document.iwa": b"x"}, not_a_workbook("numbers")),
        ({"a.xlsx": b"x", "b.xlsx": b"x"}, not_a_workbook("archive")),
        ({"xl/worksheets/sheet1.xml": b"x"}, not_a_workbook("archive")),
    ],
)  # fmt: skip
def test_an_archive_that_is_no_workbook_is_named_by_its_kind(parts: dict[str, bytes], expected: Unread) -> None:
    assert unpack(forms.archive(parts)) == expected


def test_an_empty_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").touch()
    assert load(source(tmp_path / "a.xlsx")) == Unread(code="file.empty")


def test_a_file_over_the_limit_is_not_even_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with (tmp_path / "a.xlsx").open("wb") as file:
        file.truncate(DEFAULT.file + 1)
    monkeypatch.setattr(Path, "open", lambda *_: pytest.fail("read"))
    refused = load(source(tmp_path / "a.xlsx"))
    assert refused == Unread(code="file.too_large", params={"size": "20.0", "limit": "20"})


def test_the_limit_can_be_set(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(forms.filled())
    refused = load(source(tmp_path / "a.xlsx"), replace(DEFAULT, file=1000))
    assert isinstance(refused, Unread)
    assert refused.code == "file.too_large"


def test_junk_and_links_are_not_opened(tmp_path: Path) -> None:
    absent = tmp_path / "absent.xlsx"
    assert load(source(absent, is_junk=True)) == Unread(code="file.skipped")
    refused = load(source(absent, is_regular=False))
    assert refused == Unread(code="file.unreadable", params={"why": text("intake.not_regular")})


def test_what_became_a_folder_since_is_not_opened(tmp_path: Path) -> None:
    refused = load(source(tmp_path))
    assert refused == Unread(code="file.unreadable", params={"why": text("intake.not_regular")})


def test_a_file_that_vanished_is_unreadable(tmp_path: Path) -> None:
    refused = load(source(tmp_path / "absent.xlsx"))
    assert isinstance(refused, Unread)
    assert refused.code == "file.unreadable"
    assert os.strerror(2) in str(refused.params["why"])


def test_a_file_without_permission_is_unreadable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.xlsx").write_bytes(b"x")

    def refuse(path: Path, mode: str = "r") -> object:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "open", refuse)  # root may read anything, so the refusal is made here
    refused = load(source(tmp_path / "a.xlsx"))
    assert isinstance(refused, Unread)
    assert refused.code == "file.unreadable"
    assert "Permission denied" in str(refused.params["why"])
