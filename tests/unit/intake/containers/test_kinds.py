"""What is a container and what is not, by name and content."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from evaluator.intake.containers.kinds import container_of
from tests.msgfile import Attached, compound, message, msg
from tests.zipfiles import Member, zip_of, zip_with

MAIL = b"From: a@b.cn\r\nTo: c@d.cn\r\n\r\nhello"
MBOX = b"From - Thu Jan 01 10:00:00 2026\n" + MAIL
WORKBOOK = zip_of([Member(name=b"[Content_Types].xml"), Member(name=b"xl/workbook.xml")])
OPEN_DOCUMENT = zip_of([Member(name=b"mimetype", data=b"application/vnd.oasis.opendocument.spreadsheet")])
OLD_WORKBOOK = compound({"Workbook": b"x" * 5000})


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("a.zip", zip_with(a=b"1"), "zip"),
        ("a.ZIP", zip_of([]), "zip"),
        ("a", zip_with(a=b"1"), "zip"),
        ("a.dat", zip_with(a=b"1"), "zip"),
        ("a.zip", zip_with(a=b"1")[:-10], "zip"),
        ("a.zip", WORKBOOK, ""),
        ("a.zip", zip_of([Member(name=b"x/xl/workbook.xml"), Member(name=b"x/[Content_Types].xml")]), "zip"),
        ("a.xlsx", WORKBOOK, ""),
        ("a.xlsx", zip_with(a=b"1"), ""),
        ("a.ods", OPEN_DOCUMENT, ""),
        ("a.eml", MAIL, "eml"),
        ("a.EML", b"\xef\xbb\xbf\r\n" + MAIL, "eml"),
        ("a", MAIL, "eml"),
        ("a.txt", MAIL, ""),
        ("a.eml", b"Dear all,\nplease find", ""),
        ("a.eml", b"Note: one\nMemo: two\n\n", ""),
        ("a.eml", MBOX, "mbox"),
        ("a.mbox", MBOX, "mbox"),
        ("Inbox", MBOX, "mbox"),
        ("a.mbox", b"From here on\nnothing", ""),
        ("a.mbox", b"", ""),
        ("a.msg", msg(), "msg"),
        ("a", msg(), "msg"),
        ("a.msg", compound(message([Attached(data=b"x")])), "msg"),
        ("a", compound(message()), ""),
        ("a.xls", OLD_WORKBOOK, ""),
        ("a.msg", OLD_WORKBOOK, ""),
        ("a.msg", OLD_WORKBOOK[:20], ""),
        ("a.msg", MAIL, "eml"),
    ],
)
def test_containers_are_told_by_name_and_content(tmp_path: Path, name: str, data: bytes, kind: str) -> None:
    (tmp_path / "file").write_bytes(data)
    assert container_of(name, tmp_path / "file") == kind


def test_what_can_not_be_read_is_no_container(tmp_path: Path) -> None:
    assert container_of("a.zip", tmp_path / "nothing") == ""
    assert container_of("a.zip", tmp_path) == ""


def test_archives_of_other_programs_are_containers(tmp_path: Path) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.comment = b"returned forms"
        archive.writestr("附件/1.xlsx", b"one")
    for data in (made.getvalue(), b"MZ" + made.getvalue()):
        (tmp_path / "file").write_bytes(data)
        assert container_of("a.zip", tmp_path / "file") == ("zip" if data.startswith(b"PK") else "")
