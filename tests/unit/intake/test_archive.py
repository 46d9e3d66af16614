"""Archives: entries checked one by one, and unpacked once with a limit."""

from __future__ import annotations

import io
import re
from dataclasses import replace

import pytest

from evaluator.intake import archive
from evaluator.intake.archive import Entry, entries, inflate, is_safe, unpack
from evaluator.limits import DEFAULT, MEBI
from evaluator.questionnaire.opening import Unread
from evaluator.wording import Text
from tests import forms
from tests.hostile import builders
from tests.hostile.builders import form_with, parts_of, zipped


def listed(data: bytes) -> tuple[Entry, ...]:
    found = entries(io.BytesIO(data), 1000)
    assert not isinstance(found, Unread), found
    return found


def test_a_form_is_unpacked_to_what_the_standard_library_finds() -> None:
    assert unpack(forms.filled()) == parts_of(forms.filled())


@pytest.mark.parametrize("name", ["/a", "../a", "a/../../b", "..", "C:a", "c:/a", "a\\b", "\\\\server\\a", "a\0b"])
def test_a_name_that_leads_elsewhere_is_not_safe(name: str) -> None:
    assert not is_safe(name)


@pytest.mark.parametrize("name", ["a", "a/b.xml", "a..b", "...", "附件/1_SS.xlsx", "[Content_Types].xml"])
def test_any_other_name_is_safe(name: str) -> None:
    assert is_safe(name)


def test_one_faulty_entry_leaves_the_others_to_be_had() -> None:
    """So that a container with one bad member gives the others."""
    data = zipped({"a": b"one", "b": b"two", "c": b"three"}, local={"name": b"x"}, of="b")
    found = listed(data)
    assert [entry.fault for entry in found] == ["", "header", ""]
    assert inflate(io.BytesIO(data), found[2], 100) == b"three"
    assert isinstance(archive.refusal(found[1]), Unread)


def test_both_of_two_entries_that_overlap_are_faulty() -> None:
    faults = {entry.name: entry.fault for entry in listed(builders.overlapping()) if entry.fault}
    assert set(faults.values()) <= {"overlap", "header"}
    assert "xl/worksheets/sheet1.xml" in faults


def spoiled(what: str) -> bytes:
    data = forms.filled()
    match what:
        case "cut":
            return data[: len(data) // 2]
        case "longer":
            return data + b"more"
        case "checksum":
            return zipped(
                {"[Content_Types].xml": b"x", "xl/workbook.xml": b"x"}, central={"crc": 1}, of="xl/workbook.xml"
            )
        case _:
            at = data.rindex(b"PK\x01\x02")
            return data[:at] + b"PK\x09" + data[at + 3 :]


@pytest.mark.parametrize("what", ["cut", "longer", "checksum", "directory"])
def test_what_is_damaged_is_said_in_the_language(what: str) -> None:
    found = unpack(spoiled(what))
    assert isinstance(found, Unread)
    assert found.code == "file.unreadable"
    why = found.params["why"]
    assert isinstance(why, Text)
    assert re.search("[A-Za-z]{3}", why.zh.replace("xl/workbook.xml", "")) is None
    assert why.en.isascii()


def test_names_are_given_as_they_stand() -> None:
    (entry,) = listed(zipped({"x": b""}, local={"name": "附件".encode("gbk")}, central={"name": "附件".encode("gbk")}))
    assert (entry.raw_name, entry.is_utf8) == ("附件".encode("gbk"), False)
    (entry,) = listed(zipped({"附件": b""}, flags=0x800))
    assert (entry.name, entry.is_utf8) == ("附件", True)


def test_an_entry_is_unpacked_up_to_what_is_allowed() -> None:
    data = zipped({"a": bytes(1000)})
    (entry,) = listed(data)
    assert inflate(io.BytesIO(data), entry, 1000) == bytes(1000)
    refused = inflate(io.BytesIO(data), entry, 999)
    assert isinstance(refused, Unread)
    assert refused.code == "file.bomb"


@pytest.mark.parametrize(
    ("limit", "value", "code"),
    [
        ("entries", 3, "file.bomb"),
        ("entry", 10_000, "file.bomb"),
        ("unpacked", 50_000, "file.bomb"),
        ("ratio_from", 1000, ""),
    ],
)
def test_each_limit_holds(limit: str, value: int, code: str) -> None:
    found = unpack(forms.filled(), replace(DEFAULT, **{limit: value}))
    assert (found.code if isinstance(found, Unread) else "") == code


@pytest.mark.parametrize(("more", "is_bomb"), [(0, False), (1, True)])
def test_a_small_entry_may_be_packed_as_tightly_as_it_will(more: int, is_bomb: bool) -> None:
    found = unpack(zipped({**form_with(), "xl/media/a.bin": bytes(4 * MEBI + more)}))
    assert isinstance(found, Unread) == is_bomb


def test_other_programs_data_may_be_in_another_encoding() -> None:
    """As queries and data models are, which Excel keeps in the workbook; they are never parsed."""
    found = unpack(zipped(form_with(customXml__item1_dot_xml="<a/>".encode("utf-16"))))
    assert isinstance(found, dict)


@pytest.mark.parametrize("declared", ["utf-8", "UTF-8", "US-ASCII", "utf8"])
def test_utf_8_is_taken_however_it_is_spelt(declared: str) -> None:
    xml = f'\ufeff<?xml version="1.0" encoding="{declared}"?><a/>'.encode()
    assert isinstance(unpack(zipped({**form_with(), "docProps/app.xml": xml})), dict)


def test_a_long_text_is_no_long_tag() -> None:
    xml = b"<a><b>" + b"x" * (2 * MEBI) + b'</b><c d=">"/></a>'
    assert isinstance(unpack(zipped({**form_with(), "docProps/app.xml": xml}, method=0)), dict)
