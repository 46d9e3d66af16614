"""Collecting: everything kept, every mail accounted for, and nothing changed by doing it again."""

from __future__ import annotations

import json
import shutil
import socket
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime
from mailbox import mbox
from pathlib import Path
from typing import Any

import pytest

from evaluator.errors import RoundError
from evaluator.intake.reading import file_hash
from evaluator.pipeline import collecting, desk
from evaluator.pipeline.collecting import collect
from evaluator.pipeline.rounds import check_round, score_round, write_round_corrections
from evaluator.pipeline.setup import Setup
from evaluator.rounds import inbox as inboxes
from evaluator.rounds.collecting import Collected
from evaluator.rounds.dealing import deal_with
from evaluator.rounds.folder import Round, at_work, open_round
from evaluator.rounds.imap import Mailbox, Session
from evaluator.rounds.keeping import Inbox
from evaluator.rounds.making import create_round
from evaluator.rounds.packages import masters_of, packages_of
from evaluator.rounds.roster_changes import record_roster
from evaluator.rounds.standing import is_stale, standings
from tests import imapserver, msgfile
from tests.imapserver import ImapServer
from tests.mailrounds import institutions, write_roster
from tests.replies import (
    form,
    forwarded,
    gbk_zip,
    mail,
    note_sent,
    our_mail,
    put,
    report,
)

A, B, C, D = institutions(4)
NOON = datetime(2026, 3, 5, 4, 0, tzinfo=UTC)
SETUP = Setup(workers=1)


@pytest.fixture
def place(tmp_path: Path) -> Round:
    roster = write_roster(tmp_path / "名单.xlsx", (A, B, C, D))
    return create_round(tmp_path / "round", roster=roster, deadline=date(2026, 3, 31), round_id="2026-t", name="自评")


def collected(
    place: Round, *paths: Path, mailbox: Mailbox | None = None, at: str = "2026-03-10T08:00:00Z"
) -> Collected:
    with at_work(place, clock=lambda: at) as ledger:
        return collect(place, ledger, paths, mailbox=mailbox, setup=SETUP)


def rows(place: Round, query: str) -> list[tuple[Any, ...]]:
    with at_work(place) as ledger:
        return ledger.rows(query)


def state(place: Round) -> dict[str, list[tuple[Any, ...]]]:
    """All that collecting writes, but the events that say it was done."""
    tables = {
        table: rows(place, f"SELECT * FROM {table} ORDER BY 1, 2")  # noqa: S608 - names of tables
        for table in ("mails", "files", "returns", "messages")
    }
    tables["events"] = rows(place, "SELECT * FROM events WHERE what <> 'collected' ORDER BY number")
    return tables


def kinds(place: Round) -> dict[str, tuple[str, list[str]]]:
    """Kind and reasons of each mail by its subject."""
    found = rows(place, "SELECT subject, kind, reason FROM mails")
    return {subject: (kind, [key for key, _ in json.loads(reason)]) for subject, kind, reason in found}


def returned(place: Round) -> dict[str, tuple[str, str, str]]:
    """Domain, institution and status of each file by its name."""
    found = rows(place, "SELECT name, domain, institution, status FROM returns")
    return {name: (domain, institution, status) for name, domain, institution, status in found}


def test_loose_files_are_kept_and_counted_by_the_moment_they_were_collected(place: Round, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    data = form(place, A)
    put(folder, "甲.xlsx", data)
    put(folder, "photo.jpg", b"\xff\xd8\xff no form")
    found = collected(place, folder)
    assert (found.new_mails, found.new_files, found.known, found.files) == (0, 2, 0, 2)
    assert returned(place) == {"in/甲.xlsx": ("SS", A.id, "counted"), "in/photo.jpg": ("", "", "unreadable")}
    [(sha256, arrived)] = rows(place, "SELECT sha256, arrived FROM files WHERE name = 'in/甲.xlsx'")
    assert arrived == "2026-03-10T08:00:00Z"
    assert Inbox(place.inbox).place(sha256).read_bytes() == data


def test_collecting_twice_changes_nothing(place: Round, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    put(folder, "loose.xlsx", form(place, A))
    put(folder, "packed.zip", gbk_zip([("乙.xlsx", form(place, B))]))
    put(folder, "mail.eml", mail(C.email, files=[("c.xlsx", form(place, C))]).as_bytes())
    first = collected(place, folder)
    before = state(place)
    again = collected(place, folder, at="2026-03-11T08:00:00Z")
    assert state(place) == before
    assert (first.new_mails, first.new_files, again.new_mails, again.new_files) == (1, 3, 0, 0)
    assert again.known == 3
    assert len(rows(place, "SELECT 1 FROM events WHERE what = 'collected'")) == 2


def test_another_file_of_the_same_name_is_another_file(place: Round, tmp_path: Path) -> None:
    path = put(tmp_path / "in", "甲.xlsx", form(place, A))
    collected(place, path.parent)
    path.write_bytes(form(place, A, "SD"))
    collected(place, path.parent)
    assert {name: found[:2] for name, found in returned(place).items()} == {
        "in/甲.xlsx": ("SS", A.id),
        "in/甲 (2).xlsx": ("SD", A.id),
    }


def test_every_mail_is_accounted_for(place: Round, tmp_path: Path) -> None:
    note_sent(place, A, "<a1@round.example>")
    note_sent(place, B, "<b1@round.example>")
    [blank, *_] = packages_of(place, A, masters_of(place))
    with at_work(place) as ledger, ledger.step("packed") as step:
        step.execute(
            "INSERT INTO packages (institution, domain, kind, corrects, lang, file, sha256, seal, made)"
            " VALUES (?, 'SS', 'form', '', 'zh', ?, ?, ?, '')",
            (A.id, blank.file_name, blank.sha256, blank.seal),
        )
    mails = {
        "two": mail(A.email, subject="two", files=[("1.xlsx", form(place, A)), ("2.xlsx", form(place, A, "SD"))]),
        "other": mail("private@qq.com", subject="other", files=[("b.xlsx", form(place, B))]),
        "forwarded": forwarded("boss@c.cn", mail(C.email, subject="c", files=[("c.xlsx", form(place, C))])),
        "gbk": mail(D.email, subject="gbk", files=[("答卷.zip", gbk_zip([("答卷.xlsx", form(place, D))]))]),
        "empty": mail(A.email, subject="empty", words=""),
        "answer": mail("x@y.cn", subject="answer", words="收到", In_Reply_To="<a1@round.example>"),
        "cloud": mail("x@y.cn", subject="cloud", words="链接: https://pan.baidu.com/s/1abc 提取码: x1y2"),
        "away": mail(A.email, subject="自动回复: 您好", words="我在休假", Auto_Submitted="auto-replied"),
        "news": mail("news@shop.cn", subject="news", words="https://docs.qq.com/x", List_Unsubscribe="<http://x>"),
        "spam": mail("who@where.cn", subject="spam", words="buy"),
        "scan": mail("x@y.cn", subject="scan", files=[("scan.pdf", b"%PDF-1.4 x")]),
        "blank": mail(A.email, subject="blank", files=[("b.xlsx", blank.data)]),
        "forged": mail(B.email, subject="forged", files=[("b.xlsx", form(place, B, "SO", seal="0" * 64))]),
        "strange": mail(B.email, subject="strange", files=[("b.xlsx", form(place, replace(B, id="Z9")))]),
        "swapped": mail(
            A.email, subject="swapped", files=[("a.xlsx", form(place, A, "SO")), ("d.xlsx", form(place, D, "SO"))]
        ),
        "last year": mail(B.email, subject="last year", files=[("b.xlsx", form(place, B, of_round="2025"))]),
    }
    for name, made in mails.items():
        put(tmp_path / "in", f"{name}.eml", made.as_bytes())
    bounced = report(our_mail(B, "<b1@round.example>", place.id), B.email)
    put(tmp_path / "in", "bounce.eml", bounced)
    cut = mail(C.email, subject="cut", files=[("c.xlsx", form(place, C, "SD"))]).as_bytes()
    put(tmp_path / "in", "cut.eml", cut[: len(cut) // 2])
    found = collected(place, tmp_path / "in")
    assert kinds(place) == {
        "two": ("matched", []),
        "other": ("matched", ["sender_differs"]),
        "转发：c": ("matched", ["sender_differs"]),
        "gbk": ("matched", []),
        "empty": ("person", ["no_attachment", "known_sender"]),
        "answer": ("person", ["no_attachment", "answers"]),
        "cloud": ("person", ["cloud_link"]),
        "自动回复: 您好": ("auto_reply", ["auto_reply"]),
        "news": ("not_ours", ["bulk", "cloud_link"]),
        "spam": ("not_ours", []),
        "scan": ("person", ["attachment_unreadable"]),
        "blank": ("person", ["unanswered"]),
        "forged": ("person", ["seal_broken"]),
        "strange": ("person", ["identity_unknown"]),
        "swapped": ("person", ["foreign_form"]),
        "last year": ("person", ["other_round"]),
        "Undelivered Mail Returned to Sender": ("bounce", ["bounce"]),
        "cut": ("person", ["damaged", "attachment_unreadable"]),
    }
    assert sum(found.counts.values()) == found.new_mails == 18
    assert rows(place, "SELECT message_id, state, detail FROM messages") == [
        ("<a1@round.example>", "sent", ""),
        ("<b1@round.example>", "bounced", "5.1.1 550 no such user"),
    ]
    counted = {(domain, owner) for domain, owner, status in returned(place).values() if status == "counted"}
    answered = {("SS", A.id), ("SD", A.id), ("SO", A.id), ("SS", B.id), ("SS", C.id), ("SS", D.id), ("SO", D.id)}
    assert counted == answered
    assert returned(place)["in/last year.eml!b.xlsx"] == ("SS", B.id, "not_counted")
    assert returned(place)["in/gbk.eml!答卷.zip!答卷.xlsx"] == ("SS", D.id, "counted")
    assert returned(place)["in/forged.eml!b.xlsx"] == ("SO", B.id, "not_counted")
    assert returned(place)["in/blank.eml!b.xlsx"] == ("", "", "unanswered")


def test_a_mailbox_file_and_an_outlook_message_are_messages_like_others(place: Round, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    box = mbox(folder / "box.mbox")
    for one in (
        mail(A.email, subject="one", files=[("a.xlsx", form(place, A))]),
        mail("x@y.cn", subject="two", words="https://www.kdocs.cn/l/abc"),
    ):
        box.add(one)
    box.close()
    attached = msgfile.Attached(name="丙.xlsx", data=form(place, C))
    put(folder, "saved.msg", msgfile.msg([attached], subject="three"))
    put(
        folder,
        "mails.zip",
        gbk_zip(
            [
                (
                    "信.eml",
                    mail(D.email, subject="four", files=[("d.zip", gbk_zip([("丁.xlsx", form(place, D))]))]).as_bytes(),
                )
            ]
        ),
    )
    collected(place, folder)
    assert kinds(place) == {
        "one": ("matched", []),
        "two": ("person", ["cloud_link"]),
        "three": ("matched", ["sender_differs"]),
        "four": ("matched", []),
    }
    assert sorted(returned(place)) == [
        "in/box.mbox!0001_one.eml!a.xlsx",
        "in/mails.zip!信.eml!d.zip!丁.xlsx",
        "in/saved.msg!丙.xlsx",
    ]
    before = state(place)
    collected(place, folder)
    assert state(place) == before


def test_what_can_t_be_taken_out_is_listed_with_its_finding(place: Round, tmp_path: Path) -> None:
    words = "begin 644 form.xlsx\r\nM" + "A" * 60 + "\r\nend\r\n"
    put(tmp_path / "in", "old.eml", mail(A.email, subject="old", words=words).as_bytes())
    put(tmp_path / "in", "broken.zip", b"PK\x03\x04" + b"x" * 50)
    for _ in range(2):
        collected(place, tmp_path / "in")
        assert kinds(place) == {"old": ("person", ["attachment_unreadable"])}
        found = rows(place, "SELECT name, status, errors, findings FROM returns ORDER BY name")
        assert [(name, status, errors) for name, status, errors, _ in found] == [
            ("in/broken.zip", "unreadable", 1),
            ("in/old.eml!form.xlsx", "unreadable", 1),
        ]
        assert all(json.loads(findings)[0]["zh"] for *_, findings in found)
    with at_work(place) as ledger:
        faults = {one.name: one.fault.code for one in inboxes.sources(place, ledger) if one.fault}
    assert faults == {"in/broken.zip": "file.not_unpacked", "in/old.eml!form.xlsx": "file.not_unpacked"}


def test_a_file_that_can_t_be_read_is_said_to_be_left(place: Round, tmp_path: Path) -> None:
    put(tmp_path / "in", "a.xlsx", form(place, A))
    (tmp_path / "in" / "link.xlsx").symlink_to(tmp_path / "elsewhere.xlsx")
    found = collected(place, tmp_path / "in")
    assert list(found.left) == ["in/link.xlsx"]
    assert list(returned(place)) == ["in/a.xlsx"]


def test_a_return_with_errors_has_its_findings_on_record(place: Round, tmp_path: Path) -> None:

    asked = place.model.domain("SS").requirements[0].id
    put(tmp_path / "in", "a.xlsx", form(place, A, changed={asked: ("差不多", "", "")}))
    found = collected(place, tmp_path / "in")
    [(errors, findings)] = rows(place, "SELECT errors, findings FROM returns")
    [invalid] = [one for one in json.loads(findings) if one["code"] == "answer.invalid"]
    assert errors == found.with_errors == 1
    assert set(invalid) == {"code", "severity", "sheet", "cell", "requirement", "zh", "en"}
    assert (invalid["severity"], invalid["requirement"], invalid["sheet"]) == ("error", asked, "自评问卷")


def test_a_later_return_supersedes_and_an_earlier_ones_row_says_so(place: Round, tmp_path: Path) -> None:
    first = put(tmp_path / "one", "a.xlsx", form(place, A))
    asked = place.model.domain("SS").requirements[0].id
    second = put(tmp_path / "two", "a.xlsx", form(place, A, changed={asked: ("none", "", "")}))
    collected(place, first.parent, at="2026-03-10T08:00:00Z")
    collected(place, second.parent, at="2026-03-12T08:00:00Z")
    assert {name: status for name, (_, _, status) in returned(place).items()} == {
        "one/a.xlsx": "superseded",
        "two/a.xlsx": "counted",
    }


def test_a_kept_file_that_was_spoilt_or_lost_is_kept_anew(place: Round, tmp_path: Path) -> None:
    message = put(tmp_path / "in", "mail.eml", mail(A.email, files=[("a.xlsx", form(place, A))]).as_bytes())
    collected(place, message)
    inbox = Inbox(place.inbox)
    hashes = [one for (one,) in rows(place, "SELECT sha256 FROM files UNION SELECT sha256 FROM mails")]
    before = state(place)
    inbox.place(file_hash(message)).write_bytes(b"spoilt")
    [attached] = [one for one in hashes if one != file_hash(message)]
    inbox.place(attached).unlink()
    collected(place, message)
    assert [file_hash(inbox.place(one)) for one in hashes] == hashes
    assert state(place) == before


def test_a_kept_file_that_was_changed_alone_is_said_until_its_mail_is_collected_again(
    place: Round, tmp_path: Path
) -> None:
    message = put(tmp_path / "in", "mail.eml", mail(A.email, files=[("a.xlsx", form(place, A))]).as_bytes())
    collected(place, message)
    before = state(place)
    [(attached,)] = rows(place, "SELECT sha256 FROM files")
    kept = Inbox(place.inbox).place(attached)
    kept.write_bytes(form(place, A, "SD"))
    for act in (
        lambda: collected(place),
        lambda: score_round(place.path, tmp_path / "out", setup=SETUP),
        lambda: check_round(place.path, setup=SETUP),
        lambda: write_round_corrections(place.path, tmp_path / "corrections", setup=SETUP),
    ):
        with pytest.raises(RoundError) as raised:
            act()
        assert (raised.value.key, raised.value.params["count"]) == ("inbox_damaged", 1)
        assert "mail.eml!a.xlsx" in raised.value.params["files"]
    assert state(place) == before
    collected(place, message)
    assert file_hash(kept) == attached
    assert state(place) == before


def test_a_mail_that_does_not_say_when_it_came_came_when_it_was_collected(place: Round, tmp_path: Path) -> None:
    made = mail(A.email, files=[("a.xlsx", form(place, A))])
    del made["Date"]
    put(tmp_path / "in", "mail.eml", made.as_bytes())
    for at in ("2026-04-02T08:00:00Z", "2026-04-03T08:00:00Z"):
        collected(place, tmp_path / "in", at=at)
        assert rows(place, "SELECT arrived FROM mails UNION SELECT arrived FROM files") == [("2026-04-02T08:00:00Z",)]
    [(findings,)] = rows(place, "SELECT findings FROM returns")
    assert "return.late" in {one["code"] for one in json.loads(findings)}


def test_forms_that_name_an_institution_and_are_withheld_are_returned_not_only_sent(
    place: Round, tmp_path: Path
) -> None:
    note_sent(place, B, "<b1@round.example>")
    put(tmp_path / "in", "other.xlsx", form(place, B, of_round="2025"))
    put(tmp_path / "in", "mixed.xlsx", form(place, replace(B, name=C.name), "SD"))
    collected(place, tmp_path / "in")
    codes = {one["code"] for (found,) in rows(place, "SELECT findings FROM returns") for one in json.loads(found)}
    assert {"return.other_round", "identity.mismatch"} <= codes
    with at_work(place) as ledger:
        record_roster(place, ledger)
        found = standings(place, ledger)
    states = {form.domain: form.state for one in found.institutions if one.institution.id == B.id for form in one.forms}
    assert (states["SS"], states["SD"], states["SO"]) == ("returned", "returned", "sent")


def test_a_check_records_what_it_was_made_on(place: Round, tmp_path: Path) -> None:
    put(tmp_path / "in", "a.xlsx", form(place, A))
    collected(place, tmp_path / "in")
    with at_work(place) as ledger:
        assert not is_stale(place, ledger)
    write_roster(place.roster, (A, B))
    with at_work(place) as ledger:
        assert is_stale(place, ledger)


class Killed(BaseException):
    """As if the process had been killed."""


def test_a_kill_at_any_write_loses_nothing(place: Round, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "in"
    put(folder, "a.xlsx", form(place, A))
    put(folder, "mail.eml", mail(B.email, subject="b", files=[("b.xlsx", form(place, B))]).as_bytes())
    replaced, recorded, written = Path.replace, inboxes.record, collecting._write
    passed = 0

    def counted(act: Any, last: int) -> Any:
        def guarded(*given: Any) -> Any:
            nonlocal passed
            passed += 1
            if passed > last:
                raise Killed
            return act(*given)

        return guarded

    def tried(last: int, name: str) -> Round:
        nonlocal passed
        passed = 0
        copy = shutil.copytree(place.path, tmp_path / name)
        with monkeypatch.context() as patch:
            patch.setattr(Path, "replace", counted(replaced, last))
            patch.setattr(desk, "record", counted(recorded, last))
            patch.setattr(collecting, "_write", counted(written, last))
            with suppress(Killed):
                collected(open_round(copy), folder)
        return open_round(copy)

    whole = state(tried(1000, "whole"))
    writes = passed
    assert writes == 6
    assert {name: owner for name, _, owner, *_ in whole["returns"]} == {"in/a.xlsx": A.id, "in/mail.eml!b.xlsx": B.id}
    for last in range(writes):
        stopped = tried(last, f"killed{last}")
        collected(stopped, folder)
        assert state(stopped) == whole
        assert list((stopped.inbox / ".part").iterdir()) == []


def test_a_mail_that_was_dealt_with_is_no_longer_listed(place: Round, tmp_path: Path) -> None:
    put(tmp_path / "in", "x.eml", mail(A.email, subject="x", words="收到").as_bytes())
    [waiting] = collected(place, tmp_path / "in").mails
    with at_work(place) as ledger:
        deal_with(ledger, [waiting.mark], "已电话联系")
    found = collected(place, tmp_path / "in")
    assert found.mails == ()
    assert (found.counts["person"], found.counts["done"]) == (0, 1)


# A mailbox


@pytest.fixture(scope="module")
def server() -> Iterator[ImapServer]:
    with imapserver.running() as running, pytest.MonkeyPatch.context() as patch:
        patch.setenv("EVALUATOR_IMAP_PASSWORD", imapserver.PASSWORD)
        yield running


@pytest.fixture
def mailbox(server: ImapServer, place: Round) -> Mailbox:
    """An empty folder on the server, new each time, and an empty one to move to."""
    for folder in ("收件", "Done"):
        with server.client() as client:
            if client.folder_exists(folder):
                client.delete_folder(folder)
            client.create_folder(folder)
    return Mailbox(settings=server.settings(folder="收件"), base=place.path)


def filled_box(server: ImapServer, place: Round) -> None:
    for number, made in enumerate(
        (
            mail(A.email, subject="a", files=[("1.xlsx", form(place, A)), ("2.xlsx", form(place, A, "SD"))]),
            mail("news@shop.cn", subject="news", words="sale", List_Id="<x.shop.cn>"),
            mail(B.email, subject="empty", words=""),
        ),
        start=1,
    ):
        server.put(made.as_bytes(), NOON.replace(day=number), "收件")


def test_a_mailbox_is_collected_and_left_as_it_is(server: ImapServer, place: Round, mailbox: Mailbox) -> None:
    filled_box(server, place)
    found = collected(place, mailbox=mailbox)
    assert kinds(place) == {
        "a": ("matched", []),
        "news": ("not_ours", ["bulk"]),
        "empty": ("person", ["no_attachment", "known_sender"]),
    }
    assert rows(place, "SELECT name, arrived FROM files ORDER BY name") == [
        ("收件/0001_a.eml!1.xlsx", "2026-03-01T04:00:00Z"),
        ("收件/0001_a.eml!2.xlsx", "2026-03-01T04:00:00Z"),
    ]
    assert server.flags("收件") == {1: set(), 2: set(), 3: set()}
    assert (found.new_mails, found.new_files, found.moved) == (3, 2, 0)
    before = state(place)
    again = collected(place, mailbox=mailbox)
    assert (again.new_mails, again.known) == (0, 3)
    assert state(place) == before


def test_messages_about_the_round_are_marked_or_moved_when_asked(
    server: ImapServer, place: Round, mailbox: Mailbox
) -> None:
    filled_box(server, place)
    collected(place, mailbox=mailbox)
    seen = collected(place, mailbox=replace(mailbox, mark_seen=True))
    assert server.flags("收件") == {1: {b"\\Seen"}, 2: set(), 3: {b"\\Seen"}}
    assert seen.moved == 2
    moved = collected(place, mailbox=replace(mailbox, move_to="Done"))
    assert (moved.moved, list(server.flags("收件")), len(server.flags("Done"))) == (2, [2], 2)
    before = state(place)
    assert collected(place, mailbox=replace(mailbox, move_to="Done", mark_seen=True)).moved == 0
    assert state(place) == before


def test_a_folder_to_move_to_that_is_not_there_is_said_before_anything_is_done(
    server: ImapServer, place: Round, mailbox: Mailbox
) -> None:
    filled_box(server, place)
    with pytest.raises(RoundError) as raised:
        collected(place, mailbox=replace(mailbox, move_to="Nowhere"))
    assert (raised.value.key, raised.value.params["folder"]) == ("imap_folder", "Nowhere")
    assert rows(place, "SELECT 1 FROM mails") == []


def test_a_message_that_is_too_large_is_noted_and_not_fetched(
    server: ImapServer, place: Round, mailbox: Mailbox
) -> None:
    data = mail(A.email, subject="huge", files=[("a.xlsx", form(place, A))]).as_bytes()
    server.put(data, NOON, "收件")
    small = Setup(workers=1, limits=replace(SETUP.limits, message=len(data) // 2))
    for new in (1, 0):
        with at_work(place) as ledger:
            found = collect(place, ledger, (), mailbox=replace(mailbox, move_to="Done"), setup=small)
        assert (found.new_mails, found.moved, found.files) == (new, 0, 0)
        assert kinds(place) == {"huge": ("person", ["too_large"])}
    assert list(server.flags("收件")) == [1]


def test_numbers_given_anew_bring_no_message_twice(server: ImapServer, place: Round, mailbox: Mailbox) -> None:
    filled_box(server, place)
    collected(place, mailbox=mailbox)
    before = state(place)
    with server.client("收件") as client:
        kept = [client.fetch([uid], ["BODY.PEEK[]"])[uid][b"BODY[]"] for uid in client.search("ALL")]
    with server.client() as client:
        client.delete_folder("收件")
        client.create_folder("收件")
    server.put(mail("new@x.cn", subject="new").as_bytes(), NOON, "收件")
    for data in kept:
        server.put(data, NOON, "收件")
    found = collected(place, mailbox=mailbox)
    assert (found.new_mails, found.known) == (1, 3)
    assert set(before["mails"]) < set(state(place)["mails"])
    assert state(place)["files"] == before["files"]


def test_a_message_saved_to_a_file_is_the_one_that_was_fetched(
    server: ImapServer, place: Round, mailbox: Mailbox, tmp_path: Path
) -> None:
    data = mail(A.email, subject="a", files=[("1.xlsx", form(place, A))]).as_bytes()
    server.put(data, NOON, "收件")
    collected(place, mailbox=mailbox)
    before = state(place)
    saved = put(tmp_path / "in", "saved.eml", b"Received: by mx; Mon, 02 Mar 2026 09:00:01 +0800\n" + data)
    assert collected(place, saved).known == 1
    assert state(place) == before


def test_a_lost_connection_leaves_what_came_before_on_record(
    server: ImapServer, place: Round, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled_box(server, place)
    fetched = Session.message

    def message(self: Session, uid: int) -> bytes | None:
        if uid == 3:
            self._client._imap.sock.shutdown(socket.SHUT_RDWR)
        return fetched(self, uid)

    monkeypatch.setattr(Session, "message", message)
    with pytest.raises(RoundError) as raised:
        collected(place, mailbox=mailbox)
    assert raised.value.key in ("imap_not_reached", "imap_failed")
    assert len(rows(place, "SELECT 1 FROM mails")) == 2
    monkeypatch.undo()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EVALUATOR_IMAP_PASSWORD", imapserver.PASSWORD)
        assert collected(place, mailbox=mailbox).new_mails == 1
    assert len(kinds(place)) == 3
