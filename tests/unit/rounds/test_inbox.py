"""The inbox: files under their hash, whole or not at all, and a record that is written once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from evaluator.errors import RoundError
from evaluator.questionnaire.opening import Unread
from evaluator.rounds.inbox import Arrival, Entry, Post, mail_is_kept, mails_kept, record, twin_of
from evaluator.rounds.keeping import Inbox
from evaluator.rounds.ledger import Ledger
from evaluator.wording import filled

NOW = "2026-03-10T08:00:00Z"


@pytest.fixture
def inbox(tmp_path: Path) -> Inbox:
    return Inbox(tmp_path / "inbox")


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    Ledger.create(tmp_path / "round.db", {"round": "2026-t"}, clock=lambda: NOW)
    with Ledger(tmp_path / "round.db", clock=lambda: NOW) as opened:
        yield opened


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def test_bytes_and_files_are_kept_under_their_hash(inbox: Inbox, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"two")
    assert (inbox.keep(b"one"), inbox.keep_file(tmp_path / "file")) == (digest(b"one"), digest(b"two"))
    for data in (b"one", b"two"):
        place = inbox.place(digest(data))
        assert place == tmp_path / "inbox" / digest(data)[:2] / digest(data)
        assert place.read_bytes() == data
    assert inbox.has(digest(b"one"))
    assert not inbox.has(digest(b"three"))


def test_a_file_that_is_there_is_not_written_again(inbox: Inbox) -> None:
    place = inbox.place(inbox.keep(b"one"))
    before = place.stat().st_ino
    inbox.keep(b"one")
    assert place.stat().st_ino == before


def test_a_spoilt_file_is_written_anew(inbox: Inbox) -> None:
    place = inbox.place(inbox.keep(b"one"))
    place.write_bytes(b"on")
    inbox.keep(b"one")
    assert place.read_bytes() == b"one"


def test_files_that_are_gone_cut_or_changed_are_damaged(inbox: Inbox) -> None:
    one, two, three = (inbox.keep(data) for data in (b"one", b"two", b"three"))
    assert inbox.damaged([one, two, three]) == frozenset()
    inbox.place(two).write_bytes(b"tw")
    inbox.place(three).unlink()
    assert inbox.damaged([one, two, three, three]) == {two, three}


def test_what_a_stopped_process_left_is_removed(inbox: Inbox, tmp_path: Path) -> None:
    inbox.tidy()
    inbox.keep(b"one")
    (tmp_path / "inbox" / ".part" / "half").write_bytes(b"ha")
    inbox.tidy()
    assert list((tmp_path / "inbox" / ".part").iterdir()) == []
    assert inbox.has(digest(b"one"))


def test_a_folder_that_can_t_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "inbox").write_bytes(b"a file where the folder should be")
    with pytest.raises(RoundError) as raised:
        Inbox(tmp_path / "inbox").keep(b"one")
    assert raised.value.key == "round_not_writable"


def loose(name: str, data: bytes) -> Arrival:
    entry = Entry(name=name, sha256=digest(data), size=len(data), arrived=NOW)
    return Arrival(post=None, entries=(entry,), bounced={})


def mailed(data: bytes, *entries: Entry, message_id: str = "m@x.cn") -> Arrival:
    post = Post(
        sha256=digest(data),
        source="in/mail.eml",
        message_id=message_id,
        sender="a@x.cn",
        subject="s",
        arrived=NOW,
        kind="unsettled",
        reason="[]",
    )
    return Arrival(post=post, entries=entries, bounced={})


def names(ledger: Ledger) -> list[tuple[str, str]]:
    return ledger.rows("SELECT name, sha256 FROM files ORDER BY name")


def test_a_file_is_recorded_once_and_its_namesakes_get_numbers(ledger: Ledger) -> None:
    first = record(ledger, [loose("a.xlsx", b"1"), loose("a.xlsx", b"2")])
    again = record(ledger, [loose("a.xlsx", b"2"), loose("a.xlsx", b"1")])
    assert (first.files, first.known, again.files, again.known) == (2, 0, 0, 2)
    assert names(ledger) == [("a (2).xlsx", digest(b"2")), ("a.xlsx", digest(b"1"))]
    assert ledger.rows("SELECT count(*) FROM events WHERE what = 'received'") == [(1,)]


def test_the_same_bytes_loose_and_in_a_mail_are_two_files(ledger: Ledger) -> None:
    entry = Entry(name="a.xlsx", sha256=digest(b"1"), size=1, arrived=NOW)
    record(ledger, [loose("a.xlsx", b"1"), mailed(b"mail", entry)])
    assert names(ledger) == [("a (2).xlsx", digest(b"1")), ("a.xlsx", digest(b"1"))]


def test_an_event_names_what_came_by_its_hash(ledger: Ledger) -> None:
    record(ledger, [mailed(b"mail")])
    assert ledger.rows("SELECT what, sha256 FROM events ORDER BY number DESC LIMIT 1") == [
        ("received", digest(b"mail"))
    ]


def test_an_event_names_the_messages_of_ours_that_came_back(ledger: Ledger) -> None:
    record(ledger, [replace(mailed(b"report"), bounced={"<a1@r>": "550 no"})])
    [(detail,)] = ledger.rows("SELECT detail FROM events WHERE what = 'received'")
    assert json.loads(detail)["bounced"] == ["<a1@r>"]


def test_a_mail_is_kept_only_with_all_its_files(ledger: Ledger, inbox: Inbox) -> None:
    entry = Entry(name="a.xlsx", sha256=digest(b"1"), size=1, arrived=NOW)
    fault = Unread(code="file.not_unpacked", params={"why": filled("terms.damaged", detail="x")})
    faulty = Entry(name="b.xlsx", sha256="", size=0, arrived=NOW, fault=fault)
    inbox.keep(b"mail")
    inbox.keep(b"1")
    assert not mail_is_kept(ledger, inbox, digest(b"mail"))
    record(ledger, [mailed(b"mail", entry, faulty)])
    assert mail_is_kept(ledger, inbox, digest(b"mail"))
    assert mails_kept(ledger, inbox) == {digest(b"mail")}
    inbox.place(digest(b"1")).write_bytes(b"2")
    assert not mail_is_kept(ledger, inbox, digest(b"mail"))
    assert mails_kept(ledger, inbox) == frozenset()
    inbox.place(digest(b"1")).unlink()
    assert not mail_is_kept(ledger, inbox, digest(b"mail"))


def test_the_same_message_is_known_by_its_id_and_its_files_together(ledger: Ledger) -> None:
    entry = Entry(name="a.xlsx", sha256=digest(b"1"), size=1, arrived=NOW)
    other = Entry(name="a.xlsx", sha256=digest(b"2"), size=1, arrived=NOW)
    record(ledger, [mailed(b"mail", entry)])
    assert twin_of(ledger, digest(b"same"), "m@x.cn", [entry]) == digest(b"mail")
    assert twin_of(ledger, digest(b"same"), "m@x.cn", [other]) == ""
    assert twin_of(ledger, digest(b"same"), "other@x.cn", [entry]) == ""
    assert twin_of(ledger, digest(b"same"), "", [entry]) == ""
    assert twin_of(ledger, digest(b"mail"), "m@x.cn", [entry]) == ""
