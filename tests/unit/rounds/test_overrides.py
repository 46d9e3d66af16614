"""Overrides: only what makes sense is recorded, with reason, role and time; nothing is ever forgotten."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from evaluator.errors import RoundError
from evaluator.model.records import Model
from evaluator.rounds.folder import Round
from evaluator.rounds.ledger import Ledger
from evaluator.rounds.overrides import add_override, decisions, overrides, told, withdraw
from evaluator.rounds.terms import terms_of
from tests.ledgers import NOW, Scribe, hand_made

LATER = "2026-04-06T01:00:00Z"
APPEAL = {"institution": "N01", "target": "SS1-1", "value": "large", "reason": "复核属实", "role": "复核组组长"}


@pytest.fixture
def place(tmp_path: Path, model: Model) -> Round:
    book = openpyxl.Workbook()
    for row in (("机构编号", "机构名称"), ("N01", "甲中心"), ("N02", "乙中心")):
        book.active.append(row)
    book.save(tmp_path / "roster.xlsx")
    return hand_made(tmp_path, model)


@pytest.fixture
def ledger(place: Round) -> Iterator[Ledger]:
    """N01 returned SS (twice) and ST, N02 a form that does not count; one file is nobody's."""
    with Ledger(place.database, clock=lambda: NOW, who="op") as ledger:
        scribe = Scribe(ledger)
        scribe.came("N01", "SS", name="回信.eml!问卷.xlsx")
        scribe.came("N01", "SS", name="old/问卷.xlsx", status="superseded")
        scribe.came("N01", "ST", name="N01/3_ST.xlsx")
        scribe.came("N02", "SS", name="N02/1_SS.xlsx", status="not_counted")
        scribe.came("", "SS", name="stranger.xlsx", status="not_counted")
        yield ledger


def hash_of(ledger: Ledger, name: str) -> str:
    return str(ledger.rows("SELECT sha256 FROM files WHERE name = ?", (name,))[0][0])


def last_event(ledger: Ledger) -> tuple[Any, ...]:
    return ledger.rows("SELECT at, who, what, institution, sha256, detail FROM events ORDER BY number DESC LIMIT 1")[0]


def count(ledger: Ledger, table: str) -> int:
    return int(ledger.rows(f"SELECT count(*) FROM {table}")[0][0])  # noqa: S608 - test data


def test_an_appeal_is_recorded_with_its_event(place: Round, ledger: Ledger) -> None:
    one = add_override(place, ledger, "answer", **{**APPEAL, "reason": " 复核\n属实\x00 "})
    assert overrides(ledger) == (one,)
    assert (one.kind, one.institution, one.target, one.value) == ("answer", "N01", "SS1-1", "large")
    assert (one.reason, one.role, one.made, one.in_force) == ("复核 属实", "复核组组长", NOW, True)
    at, who, what, institution, sha256, detail = last_event(ledger)
    assert (at, who, what, institution, sha256) == (NOW, "op", "override", "N01", "")
    assert json.loads(detail) == {**APPEAL, "kind": "answer", "reason": "复核 属实"}


@pytest.mark.parametrize(
    "typed", [{"value": "大部分满足"}, {"value": "Largely"}, {"target": " ss1-1 "}, {"institution": "ｎ01"}]
)
def test_answers_requirements_and_institutions_are_known_however_they_are_typed(
    place: Round, ledger: Ledger, typed: Mapping[str, str]
) -> None:
    one = add_override(place, ledger, "answer", **{**APPEAL, **typed})
    assert (one.institution, one.target, one.value) == ("N01", "SS1-1", "large")


@pytest.mark.parametrize(
    ("changed", "key"),
    [
        ({"kind": "praise"}, "override_kind"),
        ({"reason": " \n"}, "override_no_reason"),
        ({"role": "\u200b"}, "override_no_role"),
        ({"reason": "长" * 501}, "override_long"),
        ({"institution": "N03"}, "override_institution"),
        ({"institution": ""}, "override_institution"),
        ({"target": "SS9-9"}, "override_requirement"),
        ({"target": ""}, "override_requirement"),
        ({"value": "五星"}, "override_answer"),
        ({"value": ""}, "override_answer"),
        ({"value": "na"}, "override_na"),
        ({"target": "SD1-1"}, "override_no_form"),
        ({"institution": "N02"}, "override_no_form"),
        ({"kind": "exclude", "target": "问卷.xlsx"}, "override_no_value"),
        ({"kind": "exclude", "value": "", "target": "no.xlsx"}, "override_no_file"),
        ({"kind": "exclude", "value": "", "target": ""}, "override_no_file"),
        ({"kind": "exclude", "value": "", "target": "问卷.xlsx"}, "override_files"),
        ({"kind": "exclude", "value": "", "target": "1_SS.xlsx"}, "override_other"),
        ({"kind": "accept", "value": "", "target": "1_SS.xlsx"}, "override_other"),
        ({"kind": "accept", "value": "", "target": "stranger.xlsx", "institution": ""}, "override_institution"),
    ],
)
def test_what_makes_no_sense_is_refused_on_one_line_and_leaves_no_trace(
    place: Round, ledger: Ledger, changed: Mapping[str, str], key: str
) -> None:
    events = count(ledger, "events")
    with pytest.raises(RoundError) as caught:
        add_override(place, ledger, **{"kind": "answer", **APPEAL, **changed})
    assert caught.value.key == key
    assert all(len(caught.value.message(lang).splitlines()) == 1 for lang in ("zh", "en"))
    assert (count(ledger, "overrides"), count(ledger, "events")) == (0, events)


@pytest.mark.parametrize("how", ["name", "end", "hash", "start of hash"])
def test_a_file_is_named_by_its_name_the_end_of_it_or_its_hash(place: Round, ledger: Ledger, how: str) -> None:
    digest = hash_of(ledger, "old/问卷.xlsx")
    target = {"name": "old/问卷.xlsx", "end": "3_ST.xlsx", "hash": digest.upper(), "start of hash": digest[:8]}[how]
    wanted = hash_of(ledger, "N01/3_ST.xlsx") if how == "end" else digest
    one = add_override(place, ledger, "exclude", target=target, reason="重复报送", role="项目负责人")
    assert (one.target, one.institution, one.value) == (wanted, "N01", "")
    assert last_event(ledger)[4] == wanted


def test_a_whole_name_means_that_file_though_others_end_like_it(place: Round, ledger: Ledger) -> None:
    Scribe(ledger).came("N01", "SS", name="问卷.xlsx", status="superseded")
    one = add_override(place, ledger, "exclude", target="问卷.xlsx", reason="作废", role="负责人")
    assert one.target == hash_of(ledger, "问卷.xlsx")


def test_a_strangers_file_is_accepted_only_for_an_institution_of_the_roster(place: Round, ledger: Ledger) -> None:
    one = add_override(
        place, ledger, "accept", institution="N02", target="stranger.xlsx", reason="电话核实", role="项目负责人"
    )
    assert (one.institution, one.target) == ("N02", hash_of(ledger, "stranger.xlsx"))


def test_one_thing_is_decided_once_at_a_time(place: Round, ledger: Ledger) -> None:
    first = add_override(place, ledger, "answer", **APPEAL)
    add_override(place, ledger, "answer", **{**APPEAL, "target": "SS1-2"})
    with pytest.raises(RoundError) as caught:
        add_override(place, ledger, "answer", **{**APPEAL, "value": "full"})
    assert (caught.value.key, caught.value.params["number"]) == ("override_twice", first.number)
    add_override(place, ledger, "exclude", target="3_ST.xlsx", reason="作废", role="负责人")
    with pytest.raises(RoundError, match="decides the same"):
        add_override(place, ledger, "accept", institution="N01", target="3_ST.xlsx", reason="有效", role="负责人")
    withdraw(ledger, first.number, reason="撤回申诉", role="负责人")
    assert add_override(place, ledger, "answer", **{**APPEAL, "value": "full"}).value == "full"


def test_what_is_withdrawn_stays_on_record_and_applies_no_more(place: Round, ledger: Ledger) -> None:
    one = add_override(place, ledger, "answer", **APPEAL)
    ledger.clock = lambda: LATER
    gone = withdraw(ledger, one.number, reason="误录", role="管理员")
    assert gone == replace(one, withdrawn=LATER, withdrawal_reason="误录", withdrawal_role="管理员")
    assert overrides(ledger) == (gone,)
    assert decisions(ledger) == ()
    at, who, what, institution, _, detail = last_event(ledger)
    assert (at, who, what, institution) == (LATER, "op", "override withdrawn", "N01")
    assert json.loads(detail) == {"number": one.number, "reason": "误录", "role": "管理员"}


@pytest.mark.parametrize(
    ("number", "reason", "role", "key"),
    [
        (1, "误录", "管理员", "override_withdrawn"),
        (9, "误录", "管理员", "override_unknown"),
        (2, "", "管理员", "override_no_reason"),
        (2, "误录", "", "override_no_role"),
    ],
)
def test_a_withdrawal_takes_something_in_force_a_reason_and_a_role(
    place: Round, ledger: Ledger, number: int, reason: str, role: str, key: str
) -> None:
    for target in ("SS1-1", "SS1-2"):
        add_override(place, ledger, "answer", **{**APPEAL, "target": target})
    withdraw(ledger, 1, reason="误录", role="管理员")
    with pytest.raises(RoundError) as caught:
        withdraw(ledger, number, reason=reason, role=role)
    assert caught.value.key == key
    assert [one.in_force for one in overrides(ledger)] == [False, True]


@pytest.mark.parametrize(
    "code",
    [
        "identity.seal_broken", "identity.unsealed", "identity.mismatch", "return.other_round",
    ],
)  # fmt: skip
def test_a_withheld_file_may_be_accepted_for_another_institution_than_it_names(
    place: Round, ledger: Ledger, code: str
) -> None:
    digest = hash_of(ledger, "N02/1_SS.xlsx")
    with pytest.raises(RoundError, match="N02"):
        add_override(place, ledger, "accept", institution="N01", target=digest, reason="核实", role="负责人")
    with ledger.step("checked") as database:
        database.execute("UPDATE returns SET findings = ? WHERE sha256 = ?", (json.dumps([{"code": code}]), digest))
    one = add_override(place, ledger, "accept", institution="N01", target=digest, reason="核实", role="负责人")
    assert terms_of(place, ledger).accepted_for == {digest: one.institution} == {digest: "N01"}


def test_the_rounds_terms_hold_what_is_in_force(place: Round, ledger: Ledger) -> None:
    add_override(place, ledger, "answer", **APPEAL)
    out = add_override(place, ledger, "exclude", target="3_ST.xlsx", reason="作废", role="负责人")
    back = add_override(place, ledger, "accept", institution="N02", target="1_SS.xlsx", reason="有效", role="负责人")
    gone = add_override(place, ledger, "exclude", target="stranger.xlsx", reason="作废", role="负责人")
    withdraw(ledger, gone.number, reason="误录", role="管理员")
    terms = terms_of(place, ledger)
    assert {who: {what: r.answer for what, r in own.items()} for who, own in terms.rulings.items()} == {
        "N01": {"SS1-1": "large"}
    }
    assert terms.excluded == {out.target: "作废 (负责人, 2026-03-20 08:00 UTC)"}
    assert terms.accepted == {back.target: "有效 (负责人, 2026-03-20 08:00 UTC)"}
    assert terms.accepted_for == {back.target: "N02"}
    assert terms.decisions == decisions(ledger)
    assert [one.kind for one in terms.decisions] == ["answer", "exclude", "accept"]


def test_a_decision_is_told_on_one_line(place: Round, ledger: Ledger, model: Model) -> None:
    one = add_override(place, ledger, "answer", **APPEAL)
    assert told(one, model, "en") == (
        "SS1-1 of N01 counts as 'Largely'. Reason: 复核属实 (复核组组长, 2026-03-20 08:00 UTC)"
    )
    gone = withdraw(ledger, 1, reason="误录", role="管理员")
    assert "已撤回：误录（管理员" in told(gone, model, "zh")
    nobody = add_override(place, ledger, "exclude", target="stranger.xlsx", reason="作废", role="负责人")
    said = told(nobody, model, "zh")
    assert "归属不明" in said
    assert f"stranger.xlsx ({nobody.target[:12]})" in said
