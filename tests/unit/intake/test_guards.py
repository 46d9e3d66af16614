"""The guards: only workbooks that unpack to a reasonable size reach a reader."""

from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path

import pytest

from evaluator.intake import guards, limits
from evaluator.intake.guards import inspect, load
from evaluator.intake.sources import Source
from evaluator.questionnaire.opening import Unread
from evaluator.wording import Text, text
from tests import forms

OLE = bytes.fromhex("d0cf11e0a1b11ae1")
WORKBOOK = "xl/workbook.xml"


def source(path: Path, *, is_regular: bool = True, is_junk: bool = False) -> Source:
    return Source(name=path.name, path=path, is_regular=is_regular, is_junk=is_junk)


def code(data: bytes) -> str:
    refused = inspect(data)
    return refused.code if refused else ""


def test_a_form_passes() -> None:
    assert inspect(forms.filled()) is None


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
        (b"Rar!\x1a\x07", "archive"),
        (b"7z\xbc\xaf\x27\x1c", "archive"),
        (b"\x1f\x8b\x08", "archive"),
        (b"PK\x05\x06" + bytes(18), "archive"),
        (OLE + bytes(600), "ole"),
        (b"<html><table><tr><td>SS1-1</td></tr></table></html>", "html"),
        (b"\r\n  <TABLE><tr>", "html"),
        ("编号,自评结果\n".encode("gbk"), "text"),
        (b"\xff\xfea\x00b\x00", "other"),
        (bytes(100), "other"),
    ],
)
def test_what_is_no_workbook_is_named_by_its_kind(data: bytes, kind: str) -> None:
    refused = inspect(data)
    assert refused == Unread(code="file.not_a_workbook", params={"kind": text(f"intake.kind.{kind}")})


@pytest.mark.parametrize(
    ("names", "kind"),
    [
        (["xl/workbook.bin"], "xlsb"),
        (["mimetype", "content.xml"], "ods"),
        (["word/document.xml"], "word"),
        (["a.xlsx", "b.xlsx"], "archive"),
        (["xl/worksheets/sheet1.xml"], "archive"),
    ],
)
def test_an_archive_that_is_no_workbook_is_named_by_its_kind(names: list[str], kind: str) -> None:
    refused = inspect(forms.archive(dict.fromkeys(names, b"x")))
    assert refused == Unread(code="file.not_a_workbook", params={"kind": text(f"intake.kind.{kind}")})


def test_a_password_is_named() -> None:
    assert code(OLE + bytes(600) + "EncryptedPackage".encode("utf-16-le") + bytes(600)) == "file.encrypted"


def test_entries_with_a_password_are_named() -> None:
    data = bytearray(forms.archive({WORKBOOK: b"<workbook/>"}))
    data[6] |= 1  # the flag of the entry itself
    data[data.index(b"PK\x01\x02") + 8] |= 1  # and of the directory
    assert code(bytes(data)) == "file.encrypted"


@pytest.mark.parametrize("kept", [0.3, 0.9, 0.999])
def test_half_a_file_is_unreadable(kept: float) -> None:
    data = forms.filled()
    assert code(data[: int(len(data) * kept)]) == "file.unreadable"


def test_a_damaged_entry_is_unreadable() -> None:
    data = bytearray(forms.archive({WORKBOOK: b"<workbook/>" * 100}))
    at = data.index(b"PK\x01\x02")
    data[at + 16] ^= 0xFF  # the entry's checksum
    assert code(bytes(data)) == "file.unreadable"


def test_an_unknown_way_of_packing_is_unreadable() -> None:
    data = bytearray(forms.archive({WORKBOOK: b"<workbook/>"}))
    data[8] = data[data.index(b"PK\x01\x02") + 10] = 99
    assert code(bytes(data)) == "file.unreadable"


def test_an_entry_that_unpacks_to_too_much_is_a_bomb() -> None:
    assert code(forms.archive({WORKBOOK: b"x", "xl/media/a.bin": bytes(limits.RATIO_FROM + 1)})) == "file.bomb"


def test_a_small_entry_may_be_packed_as_tightly_as_it_will() -> None:
    assert code(forms.archive({WORKBOOK: b"x", "xl/media/a.bin": bytes(limits.RATIO_FROM)})) == ""


def test_the_archives_own_claim_of_a_size_is_not_believed() -> None:
    content = bytes(limits.RATIO_FROM * 2)
    data = forms.archive({WORKBOOK: b"x", "big": content})
    lie = data.replace(len(content).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    assert lie != data
    assert code(lie) in ("file.bomb", "file.unreadable")


def test_many_middling_entries_are_a_bomb(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_UNPACKED", 3000)
    parts = {WORKBOOK: b"x"} | {f"part{n}": os.urandom(1000) for n in range(3)}
    assert code(forms.archive(parts)) == "file.bomb"
    del parts["part2"]
    assert code(forms.archive(parts)) == ""


def test_too_many_entries_are_a_bomb(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_ENTRIES", 3)
    parts = {WORKBOOK: b"x", "a": b"", "b": b""}
    assert code(forms.archive(parts)) == ""
    assert code(forms.archive(parts | {"c": b""})) == "file.bomb"


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("twin", [WORKBOOK, "XL/Workbook.xml"])
def test_an_entry_that_stands_twice_is_refused(twin: str) -> None:
    """Readers differ in which of the two they take."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as target:
        target.writestr(WORKBOOK, b"one")
        target.writestr(twin, b"two")
    assert code(stream.getvalue()) == "file.bomb"


def test_an_empty_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").touch()
    assert load(source(tmp_path / "a.xlsx")) == Unread(code="file.empty")


def test_a_file_over_the_limit_is_not_even_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with (tmp_path / "a.xlsx").open("wb") as file:
        file.truncate(limits.MAX_FILE + 1)
    monkeypatch.setattr(Path, "read_bytes", lambda path: pytest.fail("read"))
    refused = load(source(tmp_path / "a.xlsx"))
    assert refused == Unread(code="file.too_large", params={"size": "20.0", "limit": 20})


def test_junk_and_links_are_not_opened(tmp_path: Path) -> None:
    absent = tmp_path / "absent.xlsx"
    assert load(source(absent, is_junk=True)) == Unread(code="file.skipped")
    refused = load(source(absent, is_regular=False))
    assert refused == Unread(code="file.unreadable", params={"why": text("intake.not_regular")})


def test_a_file_that_vanished_is_unreadable(tmp_path: Path) -> None:
    refused = load(source(tmp_path / "absent.xlsx"))
    assert isinstance(refused, Unread)
    assert refused.code == "file.unreadable"
    assert "No such file or directory" in str(refused.params["why"])


def test_a_file_without_permission_is_unreadable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.xlsx").write_bytes(b"x")

    def refuse(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_bytes", refuse)  # root may read anything, so the refusal is made here
    refused = load(source(tmp_path / "a.xlsx"))
    assert isinstance(refused, Unread)
    assert refused.code == "file.unreadable"
    assert "Permission denied" in str(refused.params["why"])


def test_every_kind_has_words() -> None:
    assert isinstance(guards._kind(b""), Text)
    assert isinstance(guards._archive_kind(set()), Text)
