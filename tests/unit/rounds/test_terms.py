"""A round's terms: whose address the files came from that came in mails."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import openpyxl
import pytest

from evaluator.model.records import Model
from evaluator.rounds.folder import Round
from evaluator.rounds.ledger import Ledger
from evaluator.rounds.terms import terms_of
from tests.ledgers import NOW, hand_made

ROSTER = (
    ("机构编号", "机构名称", "电子邮箱"),
    ("N01", "甲中心", "Office@X.cn; b@x.cn"),
    ("N02", "乙中心", "shared@y.cn"),
    ("N03", "丙中心", "shared@y.cn"),
)


@pytest.fixture
def place(tmp_path: Path, model: Model) -> Round:
    book = openpyxl.Workbook()
    for row in ROSTER:
        book.active.append(row)
    book.save(tmp_path / "roster.xlsx")
    return hand_made(tmp_path, model)


@pytest.fixture
def ledger(place: Round) -> Iterator[Ledger]:
    with Ledger(place.database, clock=lambda: NOW, who="op") as ledger:
        yield ledger


def came(ledger: Ledger, content: str, sender: str | None) -> str:
    """Record a file, in a mail of its own, or loose where there is no sender; gives its hash."""
    digest = sha256(content.encode()).hexdigest()
    mail = f"{content}/{sender}" if sender is not None else ""
    with ledger.step("came") as database:
        if sender is not None:
            values = (mail, "inbox", "", sender, "回复", NOW, "matched", "", NOW)
            database.execute("INSERT INTO mails VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", values)
        row = (f"{mail}!{content}.xlsx", digest, 1, mail, NOW, NOW)
        database.execute("INSERT INTO files VALUES (?, ?, ?, ?, ?, ?)", row)
    return digest


@pytest.mark.parametrize(
    ("sender", "owners"),
    [
        ("office@x.cn", {"N01"}), ("B@x.cn", {"N01"}), ("shared@y.cn", {"N02", "N03"}),
        ("who@z.cn", set()), ("", set()),
    ],
)  # fmt: skip
def test_a_file_from_a_mail_is_known_by_whose_address_the_sender_is(
    place: Round, ledger: Ledger, sender: str, owners: set[str]
) -> None:
    digest = came(ledger, "a", sender)
    assert terms_of(place, ledger).senders == {digest: owners}


def test_a_file_that_the_operator_put_there_is_not_judged_by_its_sender(place: Round, ledger: Ledger) -> None:
    came(ledger, "a", "who@z.cn")
    came(ledger, "a", None)
    came(ledger, "b", None)
    assert terms_of(place, ledger).senders == {}


def test_the_same_file_from_two_senders_is_from_either(place: Round, ledger: Ledger) -> None:
    digest = came(ledger, "a", "who@z.cn")
    came(ledger, "a", "b@x.cn")
    assert terms_of(place, ledger).senders == {digest: {"N01"}}


def test_an_address_put_right_in_the_roster_counts_at_once(place: Round, ledger: Ledger) -> None:
    digest = came(ledger, "a", "who@z.cn")
    book = openpyxl.load_workbook(place.roster)
    book.active["C2"] = "who@z.cn"
    book.save(place.roster)
    assert terms_of(place, ledger).senders == {digest: {"N01"}}
