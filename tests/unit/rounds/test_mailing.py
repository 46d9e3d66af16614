"""The last look at a message before the wire: whose forms are in it, and to whom it goes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from evaluator.model.records import Model
from evaluator.rounds.folder import Round
from evaluator.rounds.ledger import Ledger
from evaluator.rounds.mailing import build, goes_to
from evaluator.rounds.packages import Masters, Package, masters_of, packages_of
from evaluator.rounds.planning import Planned, plan
from evaluator.rounds.tasks import invitations
from tests.ledgers import entry, hand_made
from tests.unit.rounds.test_planning import with_mail

A, B = entry("A"), entry("B")
MASTERS: list[Masters] = []


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, model: Model) -> Round:
    return with_mail(hand_made(tmp_path_factory.mktemp("round"), model), sender="p@office.cn")


@pytest.fixture(scope="module")
def message(place: Round) -> Planned:
    MASTERS[:] = [masters_of(place)]
    with Ledger(place.database) as ledger:
        return plan(place, ledger, "invitation", invitations(place, (A,), MASTERS[0])).messages[0]


def of(place: Round, institution: str) -> tuple[Package, ...]:
    return packages_of(place, entry(institution), MASTERS[0])


@pytest.mark.parametrize("archive", ["", "all.zip"])
def test_a_message_goes_to_whom_it_is_for(place: Round, message: Planned, archive: str) -> None:
    data = build(place, replace(message, archive=archive)).data
    assert goes_to(data, A, 5, place)
    assert not goes_to(data, B, 5, place)


@pytest.mark.parametrize("archive", ["", "all.zip"])
@pytest.mark.parametrize(
    "forms",
    [
        lambda place: of(place, "B"),
        lambda place: (*of(place, "A")[:4], of(place, "B")[4]),
        lambda place: of(place, "A")[:4],
        lambda place: (*of(place, "A"), replace(of(place, "A")[0], file_name="again.xlsx")),
        lambda place: (),
        lambda place: (*of(place, "A")[:4], replace(of(place, "A")[4], data=b"no workbook")),
    ],
    ids=["another's", "one of another's", "one too few", "one too many", "none", "no form"],
)
def test_a_message_with_other_than_the_recipients_forms_is_refused(
    place: Round, message: Planned, archive: str, forms: Callable[[Round], tuple[Package, ...]]
) -> None:
    made = forms(place)
    assert not goes_to(build(place, replace(message, archive=archive, forms=lambda: made)).data, A, 5, place)


def test_a_message_to_another_address_is_refused(place: Round, message: Planned) -> None:
    assert not goes_to(build(place, replace(message, addresses=("b@x.cn",))).data, A, 5, place)
    assert not goes_to(build(place, replace(message, addresses=(*message.addresses, "b@x.cn"))).data, A, 5, place)


def test_a_damaged_archive_is_refused(place: Round, message: Planned) -> None:
    data = build(place, replace(message, archive="all.zip")).data
    at = data.index(b"UEsDB")
    assert not goes_to(data[:at] + b"AAAAA" + data[at + 5 :], A, 5, place)


def test_a_reminder_without_forms_goes_out(place: Round, message: Planned) -> None:
    assert goes_to(build(place, replace(message, forms=lambda: (), files=())).data, A, 0, place)


def test_building_again_gives_the_same_bytes(place: Round, message: Planned, tmp_path: Path) -> None:
    assert build(place, message) == build(place, message)
