"""Mails that needed a person: named by a few digits, dealt with once, and on record."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from evaluator.errors import RoundError
from evaluator.rounds.dealing import deal_with, mark_of
from evaluator.rounds.inbox import Arrival, Post, record
from evaluator.rounds.ledger import Ledger
from evaluator.rounds.reasons import said_of

FIRST, SECOND, OTHER = "ab" * 32, "ab" * 31 + "cd", "ef" * 32


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    Ledger.create(tmp_path / "round.db", {"round": "2026-t"})
    with Ledger(tmp_path / "round.db", who="甲") as opened:
        for sha256, kind in ((FIRST, "person"), (SECOND, "matched"), (OTHER, "person")):
            post = Post(
                sha256=sha256,
                source="",
                message_id="",
                sender="",
                subject="",
                arrived="",
                kind=kind,
                reason=json.dumps([["no_attachment", {}]]),
            )
            record(opened, [Arrival(post=post, entries=(), bounced={})])
        yield opened


def test_a_mail_is_dealt_with_and_who_did_it_and_how_is_on_record(ledger: Ledger) -> None:
    assert deal_with(ledger, [mark_of(FIRST)], " 已电话联系 ") == (FIRST,)
    [(kind, reason)] = ledger.rows("SELECT kind, reason FROM mails WHERE sha256 = ?", (FIRST,))
    assert (kind, said_of(reason).zh) == ("done", "没有附件；已由人工处理：已电话联系")
    assert ledger.rows("SELECT who, what, sha256, detail FROM events ORDER BY number DESC LIMIT 1") == [
        ("甲", "dealt_with", FIRST, json.dumps({"why": "已电话联系"}, ensure_ascii=False))
    ]


@pytest.mark.parametrize("mark", ["", "ab", "00000000", mark_of(OTHER) + "0", "%"])
def test_a_mark_must_be_that_of_one_mail_that_waits(ledger: Ledger, mark: str) -> None:
    with pytest.raises(RoundError) as raised:
        deal_with(ledger, [mark_of(FIRST), mark], "x")
    assert raised.value.key == "no_such_mails"
    assert ledger.rows("SELECT count(*) FROM mails WHERE kind = 'person'") == [(2,)]


def test_something_must_be_said(ledger: Ledger) -> None:
    with pytest.raises(RoundError) as raised:
        deal_with(ledger, [mark_of(FIRST)], "  ")
    assert raised.value.key == "nothing_said"
