"""Mailbox files: every message once, whatever stands in their texts."""

from __future__ import annotations

import mailbox
import time
from pathlib import Path

import pytest

from evaluator.intake.containers import mboxes
from evaluator.limits import Limits
from tests.unit.intake.containers.opened import opened, said
from tests.unit.intake.containers.test_mails import attached, mixed, written

FROM = b"From - Thu Jan 01 10:00:00 2026\n"


def test_each_message_is_named_by_number_and_subject(tmp_path: Path) -> None:
    box = mailbox.mbox(tmp_path / "box")
    for subject in ("Re: 问卷", "", "a/b\\c:d!e*"):
        box.add(written(("1.xlsx", b"x"), subject=subject))
    box.close()
    found = opened(tmp_path, "mails.mbox", (tmp_path / "box").read_bytes())
    assert found.fault is None
    assert said(found) == {
        "mails.mbox!0001_Re 问卷.eml": "eml",
        "mails.mbox!0001_Re 问卷.eml!1.xlsx": "x",
        "mails.mbox!0002.eml": "eml",
        "mails.mbox!0002.eml!1.xlsx": "x",
        "mails.mbox!0003_a b c d e.eml": "eml",
        "mails.mbox!0003_a b c d e.eml!1.xlsx": "x",
    }


def test_a_message_without_attachments_says_so_and_the_mailbox_does_not(tmp_path: Path) -> None:
    found = opened(tmp_path, "mails.mbox", FROM + b"From: a@b.cn\nTo: c@d.cn\n\nhello\n")
    assert (found.fault, said(found)) == (None, {"mails.mbox!0001.eml": "file.nothing_inside"})


def test_messages_are_no_level_of_nesting(tmp_path: Path) -> None:
    inner = FROM + mixed(b"\r\n", attached(b"2.zip", b"PK\5\6" + bytes(18)))
    found = opened(tmp_path, "mails.mbox", inner)
    assert list(said(found).values()) == ["eml", "file.nothing_inside"]


TWO = [
    FROM + b"From: a@b.cn\nTo: c@d.cn\nSubject: one\n\n%btext\n",
    FROM + b"From: a@b.cn\nTo: c@d.cn\nSubject: two\n\n",
]


@pytest.mark.parametrize(
    "text",
    [
        b"\nFrom here on there are no headers\n",
        b"From the office of\nFrom: x\n",
        b">From here\n",
        b"\nFrom nobody at 10:00 in 2026\nno headers\n",
        b"x" * 200_000 + b"\n",
        b"\nFrom \n\n",
    ],
)
def test_lines_of_the_text_begin_no_message(tmp_path: Path, text: bytes) -> None:
    assert list(said(opened(tmp_path, "mails.mbox", (TWO[0] % text) + b"\n" + TWO[1]))) == [
        "mails.mbox!0001_one.eml", "mails.mbox!0002_two.eml",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "border", [b"\n" + FROM, FROM, b"\nFrom \n", b"\r\n" + FROM.replace(b"\n", b"\r\n"), b"\nFrom a@b.cn Thu Jan\n"]
)
def test_messages_begin_in_every_dialect(tmp_path: Path, border: bytes) -> None:
    data = (TWO[0] % b"") + border + TWO[1].removeprefix(FROM)
    assert list(said(opened(tmp_path, "mails.mbox", data))) == ["mails.mbox!0001_one.eml", "mails.mbox!0002_two.eml"]


def test_marks_before_lines_of_the_text_are_taken_off(tmp_path: Path) -> None:
    found = opened(tmp_path, "mails.mbox", TWO[0] % b">From a\n>>From b\n>Frost\n")
    assert found.members[0].path.read_bytes().endswith(b"\n\nFrom a\n>From b\n>Frost\ntext\n")


@pytest.mark.parametrize("chunk", [1, 7, 64, 8192 + 100])
def test_where_the_file_is_cut_for_reading_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    monkeypatch.setattr(mboxes, "_CHUNK", chunk)
    monkeypatch.setattr(mboxes, "_AHEAD", 100)
    data = b"\n".join((TWO[n % 2] % b"\nFrom \n\n" if n % 2 == 0 else TWO[1]) for n in range(30))
    found = opened(tmp_path, "mails.mbox", data)
    assert [name.split("_")[0] for name in said(found)] == [f"mails.mbox!{n:04}" for n in range(1, 31)]


def test_a_message_over_the_limit_costs_itself_alone(tmp_path: Path) -> None:
    data = (TWO[0] % bytes(5000)) + b"\n" + TWO[1]
    found = opened(tmp_path, "mails.mbox", data, Limits(message=4000))
    assert said(found) == {"mails.mbox!0001.eml": "file.too_large", "mails.mbox!0002_two.eml": "file.nothing_inside"}


def test_more_messages_than_there_may_be_are_said_to_be(tmp_path: Path) -> None:
    found = opened(tmp_path, "mails.mbox", b"\n".join(TWO[1] for _ in range(10)), Limits(container_entries=4))
    assert (found.fault.code if found.fault else "", len(found.members)) == ("file.bomb", 4)


@pytest.mark.parametrize(
    "data",
    [
        FROM + b"From: a\nTo: b\n\n" + b"x" * (100 << 20),
        FROM + b"From: a\nTo: b\n\n" + b"\nFrom \na:b\n" * 500_000,
        FROM + b"From: a\nTo: b\n\n" + b"\nFrom " * 1_000_000,
        FROM + b"From: a\nTo: b\n\n" + b"\n>From " * 1_000_000,
    ],
    ids=["one line", "nearly messages", "marks", "marked"],
)
def test_mailboxes_made_to_take_long_do_not(tmp_path: Path, data: bytes) -> None:
    began = time.perf_counter()
    assert len(opened(tmp_path, "mails.mbox", data).members) == 1
    assert time.perf_counter() - began < 10
