"""Forms that went out before the roster changed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from evaluator.intake.institutions import Institution
from evaluator.model.records import Model
from evaluator.rounds.folder import Round
from evaluator.rounds.ledger import Ledger
from evaluator.rounds.messages import Wanted as Message
from evaluator.rounds.messages import mark, mark_sending, put_on_record, resolve
from evaluator.rounds.outdated import outdated
from evaluator.rounds.roster_changes import record, roster_of
from tests.ledgers import NOW, entry, hand_made


@pytest.fixture
def place(tmp_path: Path, model: Model) -> Round:
    return hand_made(tmp_path, model)


@pytest.fixture
def ledger(place: Round) -> Iterator[Ledger]:
    with Ledger(place.database, clock=lambda: NOW) as opened:
        yield opened


def rosters(place: Round, ledger: Ledger, digest: str, *entries: Institution) -> None:
    record(entries, digest, ledger, place.roster)


def send(ledger: Ledger, *institutions: str) -> None:
    wanted = [Message(one, f"{one}@x.cn", "S", NOW, None) for one in institutions]
    given = put_on_record(ledger, "invitation", wanted, round_id="r", domain="x.cn")
    for (number, _), one in zip(given, institutions, strict=True):
        mark_sending(ledger, number, one, "x", ())
        mark(ledger, number, one, "sent")


def found(ledger: Ledger) -> list[tuple[str, int, tuple[str, ...]]]:
    return [(one.institution, one.number, one.fields) for one in outdated(ledger, roster_of(ledger))]


def test_what_changed_after_the_forms_went_out_is_named_with_the_message(place: Round, ledger: Ledger) -> None:
    rosters(place, ledger, "1", entry("A"), entry("B"), entry("C"))
    send(ledger, "A", "B")
    assert found(ledger) == []
    rosters(
        place,
        ledger,
        "2",
        entry("A", name="new", city="c", phone="1"),
        entry("B", email="b@y.cn"),
        entry("C", name="n"),
    )
    assert found(ledger) == [("A", 1, ("name", "city")), ("B", 2, ("email",))]
    assert outdated(ledger, roster_of(ledger), ["B"])[0].institution == "B"


def test_what_is_as_it_was_again_is_not_named(place: Round, ledger: Ledger) -> None:
    rosters(place, ledger, "1", entry("A"))
    send(ledger, "A")
    rosters(place, ledger, "2", entry("A", name="new"))
    rosters(place, ledger, "1", entry("A"))
    assert found(ledger) == []


def test_forms_planned_or_sent_anew_are_up_to_date(place: Round, ledger: Ledger) -> None:
    rosters(place, ledger, "1", entry("A"))
    send(ledger, "A")
    rosters(place, ledger, "2", entry("A", name="new"))
    resolve(ledger, [1], "again", "zh")
    assert found(ledger) == []
    mark_sending(ledger, 2, "A", "x", ())
    mark(ledger, 2, "A", "sent")
    assert found(ledger) == []
