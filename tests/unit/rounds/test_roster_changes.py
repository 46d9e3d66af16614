"""The roster over time: what changed is recorded once, and every version stays."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from evaluator.errors import InputError, RosterError, RoundError
from evaluator.rounds.folder import Round, at_work
from evaluator.rounds.making import create_round
from evaluator.rounds.roster_changes import Changed, Changes, record_roster, roster_of
from tests import forms

FIRST = {"id": "N01", "name": "甲", "email": "a@example.org", "city": "苏州市"}
SECOND = {"id": "N02", "name": "乙", "email": "b@example.org"}
THIRD = {"id": "N03", "name": "丙", "email": "c@example.org"}


@pytest.fixture
def place(tmp_path: Path) -> Round:
    rows = forms.roster(tmp_path / "rows.xlsx", FIRST, SECOND)
    return create_round(tmp_path / "round", roster=rows, deadline=date(2026, 3, 31))


def recorded(place: Round, *rows: Mapping[str, object]) -> Changes:
    """Write another roster into the round, and record it."""
    if rows:
        forms.roster(place.roster, *rows)
    with at_work(place) as ledger:
        return record_roster(place, ledger)


def ids(place: Round) -> list[str]:
    with at_work(place) as ledger:
        return [one.id for one in roster_of(ledger)]


def events(place: Round) -> list[tuple[str, dict[str, object]]]:
    with at_work(place) as ledger:
        found = ledger.rows("SELECT sha256, detail FROM events WHERE what = 'roster' ORDER BY number")
    return [(sha256, json.loads(detail)) for sha256, detail in found]


def test_an_unchanged_roster_is_not_recorded_again(place: Round) -> None:
    assert not recorded(place)
    assert len(events(place)) == 1


def test_added_removed_and_changed_institutions_are_told_with_their_fields(place: Round) -> None:
    changes = recorded(place, {**FIRST, "name": "甲中心", "city": "", "email": "x@example.org"}, THIRD)
    assert changes == Changes(
        added=("N03",), removed=("N02",), changed=(Changed(id="N01", fields=("name", "city", "email")),)
    )
    assert ids(place) == ["N01", "N03"]
    told = {"added": ["N03"], "removed": ["N02"], "changed": {"N01": ["name", "city", "email"]}}
    assert events(place)[1][1] == told


def test_every_version_stays_on_record(place: Round) -> None:
    recorded(place, FIRST)
    recorded(place, FIRST, {**SECOND, "name": "乙中心"})
    with at_work(place) as ledger:
        rows = ledger.rows("SELECT fields, roster FROM institutions WHERE id = 'N02' ORDER BY number")
    assert [json.loads(fields).get("name") for fields, _ in rows] == ["乙", None, "乙中心"]
    assert [roster for _, roster in rows] == [sha256 for sha256, _ in events(place)]


def test_one_who_comes_back_is_added(place: Round) -> None:
    assert recorded(place, FIRST).removed == ("N02",)
    assert recorded(place, FIRST, SECOND) == Changes(added=("N02",))
    assert ids(place) == ["N01", "N02"]


def test_the_same_institutions_in_another_file_are_one_event_without_changes(place: Round) -> None:
    assert not recorded(place, SECOND, FIRST)
    assert not recorded(place)
    assert [detail for _, detail in events(place)][1:] == [{"added": [], "removed": [], "changed": {}}]


def test_the_record_gives_institutions_as_the_roster_does(place: Round) -> None:
    from evaluator.intake.roster import read_roster

    recorded(place, {**FIRST, "province": "江苏", "uscc": forms.CODES[0].lower(), "category": "training"})
    with at_work(place) as ledger:
        assert roster_of(ledger) == read_roster(place.roster, place.model)


def test_a_faulty_roster_leaves_the_record_as_it_is(place: Round) -> None:
    with pytest.raises(RosterError):
        recorded(place, {**FIRST, "email": "nobody"}, THIRD)
    assert ids(place) == ["N01", "N02"]
    assert len(events(place)) == 1


def test_a_roster_that_is_gone_is_said(place: Round) -> None:
    place.roster.unlink()
    with pytest.raises(InputError):
        recorded(place)


@pytest.mark.parametrize("removed_first", [False, True])
def test_an_id_written_otherwise_than_before_is_refused(place: Round, removed_first: bool) -> None:
    if removed_first:
        recorded(place, FIRST)
    with pytest.raises(RoundError) as error:
        recorded(place, FIRST, {**SECOND, "id": "n02"})
    assert error.value.key == "id_respelled"
    assert (error.value.params["found"], error.value.params["expected"]) == ("n02", "N02")
    assert ids(place) == (["N01"] if removed_first else ["N01", "N02"])
