"""Archives made to harm or to show different readers different things: each gives its finding, and nothing is read."""

from __future__ import annotations

import time
import zipfile
from collections.abc import Callable
from io import BytesIO

import pytest

from evaluator.limits import DEFAULT
from evaluator.questionnaire.opening import Unread
from tests import forms
from tests.hostile import builders
from tests.hostile.builders import MEBI, form_with, parts_of, zipped

SECONDS = 10.0
SHEET = forms.QUESTIONNAIRE_PART


def code_of(data: bytes) -> str:
    """The finding about a file, empty where it is read as a form; within the time that a file may take."""
    began = time.perf_counter()
    found = forms.read_any(data)
    assert time.perf_counter() - began < SECONDS
    if not isinstance(found, Unread):
        return ""
    for why in found.params.values():
        assert "{" not in str(why)
    return found.code


def with_zip(act: Callable[[zipfile.ZipFile], None], data: bytes | None = None) -> bytes:
    stream = BytesIO(forms.filled() if data is None else data)
    with zipfile.ZipFile(stream, "a") as archive:
        act(archive)
    return stream.getvalue()


def method(kind: int) -> bytes:
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", kind) as archive:
        for name, content in parts_of(forms.filled()).items():
            archive.writestr(name, content)
    return stream.getvalue()


def test_a_form_zipped_by_hand_is_read() -> None:
    """So the archives below are refused for what is changed in them, and for nothing else."""
    assert code_of(zipped(form_with())) == ""
    assert code_of(zipped(form_with(), method=0)) == ""
    assert code_of(with_zip(lambda archive: archive.mkdir("xl/empty"))) == ""
    assert code_of(builders.nested_stored()) == ""
    assert code_of(builders.zip64()) == ""


BOMBS: dict[str, Callable[[], bytes]] = {
    "flat bomb": lambda: zipped({**form_with(), "xl/media/a.bin": bytes(47 * MEBI)}),
    "entry over the limit": lambda: zipped({**form_with(), "xl/media/a.bin": bytes(49 * MEBI)}, method=0),
    "many fair entries": lambda: zipped(
        {**form_with(), **{f"xl/media/{n}.bin": bytes(30 * MEBI) for n in range(4)}}, method=0
    ),
    "lies about its size and is a bomb": lambda: zipped(
        {**form_with(), "a.bin": bytes(20 * MEBI)}, local={"size": 100}, central={"size": 100}, of="a.bin"
    ),
    "many entries": lambda: zipped({**form_with(), **{f"p{n}": b"" for n in range(DEFAULT.entries)}}),
    "entries that overlap": builders.overlapping,
    "climbing name": lambda: zipped({**form_with(), "xl/../../evil.xml": b"<x/>"}),
    "name with backslashes": lambda: zipped({**form_with(), "xl\\evil.xml": b"<x/>"}),
    "absolute name": lambda: zipped({**form_with(), "/etc/evil.xml": b"<x/>"}),
    "name of a drive": lambda: zipped({**form_with(), "C:evil.xml": b"<x/>"}),
    "name with a NUL": lambda: zipped({**form_with(), "xl/evil.xml\0.png": b"<x/>"}),
    "names that differ in case": lambda: zipped({**form_with(), "XL/Workbook.XML": b"<x/>"}),
    "zip64 record with four billion entries": lambda: builders.zip64(count=1 << 32),
}
DAMAGED: dict[str, Callable[[], bytes]] = {
    "bzip2": lambda: method(zipfile.ZIP_BZIP2),
    "lzma": lambda: method(zipfile.ZIP_LZMA),
    "deflate64": lambda: zipped(form_with(), method=9),
    "garbage after the end": lambda: forms.filled() + b"garbage",
    "another archive after the end": lambda: forms.filled() + forms.archive({"a": b"b"}),
    "local name differs": lambda: zipped(form_with(), local={"name": b"xl/worksheets/sheet9.xml"}, of=SHEET),
    "local size differs": lambda: zipped(form_with(), local={"size": 5}, of=SHEET),
    "local method differs": lambda: zipped(form_with(), local={"method": 0}, of=SHEET),
    "smaller than it says": lambda: zipped(form_with(), local={"size": 99_999}, central={"size": 99_999}, of=SHEET),
    "larger than it says": lambda: zipped(form_with(), local={"size": 99}, central={"size": 99}, of=SHEET),
    "checksum wrong": lambda: zipped(form_with(), local={"crc": 7}, central={"crc": 7}, of=SHEET),
    "offset beyond the file": lambda: zipped(form_with(), central={"offset": 1 << 30}, of=SHEET),
    "zip64 record that lies": lambda: builders.zip64(offset=1 << 60),
    "zip64 record of another size": lambda: builders.zip64(size=1 << 62, offset=5),
}


@pytest.mark.parametrize("name", BOMBS)
def test_an_archive_made_to_harm_is_refused_as_one(name: str) -> None:
    assert code_of(BOMBS[name]()) == "file.bomb"


@pytest.mark.parametrize("name", DAMAGED)
def test_an_archive_that_can_be_read_in_two_ways_or_in_none_is_damaged(name: str) -> None:
    assert code_of(DAMAGED[name]()) == "file.unreadable"


def test_garbage_in_front_is_no_workbook() -> None:
    assert code_of(b"garbage" + forms.filled()) == "file.not_a_workbook"


def test_an_encrypted_entry_is_encrypted() -> None:
    assert code_of(zipped(form_with(), flags=1)) == "file.encrypted"


@pytest.mark.parametrize("percent", range(5, 100, 5))
def test_a_file_cut_off_anywhere_is_never_read_as_a_form(percent: int) -> None:
    data = forms.filled()
    assert code_of(data[: len(data) * percent // 100]) in ("file.unreadable", "file.not_a_workbook")


def test_a_file_of_one_to_thirty_bytes_is_never_read_as_a_form() -> None:
    for length in range(1, 31):
        assert code_of(forms.filled()[:length]) in ("file.unreadable", "file.not_a_workbook")
