"""How a round stands: which state each form is in, how they add up, and what needs a person."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evaluator.model.records import Model
from evaluator.reports.status_record import OVERALL, SETTLED, STATES, FormStanding, Standings
from evaluator.rounds.dealing import deal_with, mark_of
from evaluator.rounds.folder import Round
from evaluator.rounds.ledger import Ledger
from evaluator.rounds.reasons import Reason, packed
from evaluator.rounds.standing import basis_of, checked_on, is_stale, standings
from evaluator.wording import text
from tests.ledgers import EARLY, LATE, NOW, Scribe, entry, hand_made

CLOSING = "2026-03-31T16:00:00Z"
"""Midnight in China after the last day."""


@pytest.fixture
def place(tmp_path: Path, model: Model) -> Round:
    return hand_made(tmp_path, model)


@pytest.fixture
def ledger(place: Round) -> Iterator[Ledger]:
    with Ledger(place.database, clock=lambda: NOW) as opened:
        yield opened


@pytest.fixture
def scribe(ledger: Ledger) -> Scribe:
    scribe = Scribe(ledger)
    scribe.roster(entry("A", province="江苏省"), entry("B", province="北京市"))
    return scribe


def form(place: Round, scribe: Scribe, institution: str = "A", domain: str = "SS") -> FormStanding:
    found = standings(place, scribe.ledger)
    one = next(one for one in found.institutions if one.institution.id == institution)
    return next(form for form in one.forms if form.domain == domain)


def overall(place: Round, scribe: Scribe, institution: str = "A") -> str:
    found = standings(place, scribe.ledger)
    return next(one.overall for one in found.institutions if one.institution.id == institution)


def every(place: Round) -> list[str]:
    return [domain.code for domain in place.model.domains]


# States


@pytest.mark.parametrize("state", ["planned", "sending", "handing", "unclear", "failed"])
def test_a_form_whose_mail_did_not_go_out_for_sure_is_not_sent(place: Round, scribe: Scribe, state: str) -> None:
    scribe.mail("A", ["SS"], state=state)
    assert form(place, scribe).state == "not_sent"


def test_only_the_forms_in_the_mail_are_sent(place: Round, scribe: Scribe) -> None:
    scribe.mail("A", ["SS"], at=EARLY)
    assert (form(place, scribe).state, form(place, scribe).since) == ("sent", EARLY)
    assert form(place, scribe, domain=every(place)[1]).state == "not_sent"
    assert form(place, scribe, "B").state == "not_sent"


def test_an_invitation_sent_by_hand_held_all_forms(place: Round, scribe: Scribe) -> None:
    scribe.mail("A")
    assert {form(place, scribe, domain=code).state for code in every(place)} == {"sent"}
    scribe.mail("B", kind="reminder")
    assert form(place, scribe, "B").state == "not_sent"


def test_the_mail_that_went_out_last_counts_not_the_one_planned_last(place: Round, scribe: Scribe) -> None:
    scribe.mail("A", ["SS"], state="bounced", at=EARLY)
    scribe.mail("A", ["SS"], state="sent", at=NOW)
    scribe.mail("B", ["SS"], state="sent", at=NOW)
    scribe.mail("B", ["SS"], state="bounced", at=EARLY)
    assert form(place, scribe, "A").state == "sent"
    assert form(place, scribe, "B").state == "sent"


def test_a_form_is_bounced_where_its_mail_or_a_later_one_came_back(place: Round, scribe: Scribe) -> None:
    scribe.mail("A", ["SS"], state="bounced")
    scribe.mail("B", ["SS"])
    scribe.mail("B", kind="reminder", state="bounced")
    assert form(place, scribe, "A").state == "bounced"
    assert form(place, scribe, "B").state == "bounced"


def test_a_form_sent_again_after_a_bounce_is_sent(place: Round, scribe: Scribe) -> None:
    scribe.mail("A", ["SS"], state="bounced")
    scribe.mail("A", ["SS"])
    assert form(place, scribe).state == "sent"


def test_a_later_mail_without_the_form_does_not_undo_its_bounce(place: Round, scribe: Scribe) -> None:
    scribe.mail("A", ["SS"], state="bounced")
    scribe.mail("A", kind="reminder")
    assert form(place, scribe).state == "bounced"


@pytest.mark.parametrize("status", ["conflict", "excluded", "not_counted", "unanswered"])
def test_what_came_and_does_not_count_is_returned(place: Round, scribe: Scribe, status: str) -> None:
    scribe.mail("A", ["SS"])
    scribe.came("A", "SS", status=status, faults=["F8"])
    assert (form(place, scribe).state, form(place, scribe).errors) == ("returned", 0)


def test_errors_make_a_return_faulty_and_warnings_do_not(place: Round, scribe: Scribe) -> None:
    scribe.came("A", "SS", faults=["F8", "F9"], warnings=["F10"])
    scribe.came("B", "SS", warnings=["F10"])
    assert (form(place, scribe).state, form(place, scribe).errors) == ("faulty", 2)
    assert form(place, scribe, "B").state == "complete"


def test_a_return_counts_whatever_became_of_the_mails(place: Round, scribe: Scribe) -> None:
    scribe.mail("A", ["SS"], state="bounced")
    scribe.came("A", "SS")
    assert form(place, scribe).state == "complete"


def test_the_return_that_counts_decides_whatever_else_came(place: Round, scribe: Scribe) -> None:
    scribe.came("A", "SS", name="1", status="superseded", faults=["F8"])
    scribe.came("A", "SS", name="2")
    scribe.came("A", "SS", name="3", status="excluded", faults=["F8"])
    assert form(place, scribe).state == "complete"


@pytest.mark.parametrize(("deadline", "state"), [(date(2026, 3, 31), "late"), (date(2026, 4, 1), "complete")])
def test_a_return_is_late_if_found_so_and_still_so_by_the_deadline_of_now(
    tmp_path: Path, model: Model, deadline: date, state: str
) -> None:
    place = hand_made(tmp_path, model, deadline=deadline)
    with Ledger(place.database, clock=lambda: NOW) as ledger:
        scribe = Scribe(ledger)
        scribe.roster(entry("A"))
        scribe.came("A", "SS", at=CLOSING, late="return.late")
        assert (form(place, scribe).state, form(place, scribe).is_late) == (state, state == "late")


def test_a_return_after_the_deadline_with_the_content_of_one_in_time_is_not_late(place: Round, scribe: Scribe) -> None:
    scribe.came("A", "SS", name="1", status="identical")
    scribe.came("A", "SS", name="2", at=LATE)
    assert (form(place, scribe).state, form(place, scribe).is_late) == ("complete", False)


def test_a_late_return_with_errors_is_faulty_and_still_marked_late(place: Round, scribe: Scribe) -> None:
    scribe.came("A", "SS", at=LATE, late="return.late", faults=["F8"])
    assert (form(place, scribe).state, form(place, scribe).is_late) == ("faulty", True)


def test_a_return_that_does_not_count_for_being_late_is_returned_and_marked_late(place: Round, scribe: Scribe) -> None:
    scribe.came("A", "SS", at=LATE, status="not_counted", late="return.too_late")
    scribe.came("B", "SS", at=LATE, status="excluded", late="return.late")
    for one in (form(place, scribe, "A"), form(place, scribe, "B")):
        assert (one.state, one.is_late, one.errors) == ("returned", True, 0)


def test_returns_refused_as_late_leave_the_institution_owing(place: Round, scribe: Scribe) -> None:
    for code in every(place):
        scribe.came("A", code, at=LATE, status="not_counted", late="return.too_late")
    assert overall(place, scribe) == "owes"


def test_a_correction_refused_as_late_does_not_answer(place: Round, scribe: Scribe) -> None:
    faulty = scribe.came("A", "SS", name="first", faults=["F8"])
    scribe.mail("A", ["SS"], kind="correction", corrects=faulty)
    scribe.came("A", "SS", name="second", at=LATE, status="not_counted", late="return.too_late")
    assert (form(place, scribe).state, form(place, scribe).correction) == ("faulty", "out")
    scribe.came("B", "SS", name="third", at=LATE, status="not_counted", late="return.too_late")
    scribe.mail("B", ["SS"], kind="correction", corrects="x")
    assert (form(place, scribe, "B").state, form(place, scribe, "B").correction) == ("returned", "out")


def test_a_correction_is_out_until_another_return_than_the_faulty_one_counts(place: Round, scribe: Scribe) -> None:
    scribe.mail("A", ["SS"])
    faulty = scribe.came("A", "SS", name="first", faults=["F8"])
    assert form(place, scribe).correction == ""
    scribe.mail("A", ["SS"], kind="correction", corrects=faulty)
    assert (form(place, scribe).state, form(place, scribe).correction) == ("faulty", "out")
    with scribe.ledger.step("superseded") as database:
        database.execute("UPDATE returns SET status = 'superseded'")
    scribe.came("A", "SS", name="second")
    assert (form(place, scribe).state, form(place, scribe).correction) == ("complete", "in")


# Institutions


def test_an_institution_is_complete_when_every_form_is_complete_or_late(place: Round, scribe: Scribe) -> None:
    *others, last = every(place)
    for code in others:
        scribe.came("A", code)
    assert overall(place, scribe) == "owes"
    scribe.came("A", last, at=LATE, late="return.late")
    assert overall(place, scribe) == "complete"


def test_an_institution_whose_last_mail_bounced_is_unreachable_only_while_it_owes(place: Round, scribe: Scribe) -> None:
    scribe.mail("A", every(place), state="bounced")
    assert overall(place, scribe) == "bounced"
    for code in every(place):
        scribe.came("A", code)
    assert overall(place, scribe) == "complete"


def test_an_institution_is_not_sent_until_a_mail_goes_out_or_something_comes(place: Round, scribe: Scribe) -> None:
    scribe.mail("A", every(place), state="handing")
    assert overall(place, scribe) == "not_sent"
    scribe.came("A", "SS")
    assert overall(place, scribe) == "owes"


def test_the_newest_entry_of_the_roster_is_shown_and_who_was_taken_off_is_not(place: Round, scribe: Scribe) -> None:
    scribe.roster(entry("B", name="新名"), gone=["A"])
    assert [one.institution.name for one in standings(place, scribe.ledger).institutions] == ["新名"]


def test_a_round_of_nobody_stands_at_nothing(place: Round, ledger: Ledger) -> None:
    found = standings(place, ledger)
    assert (found.institutions, found.by_province, found.attention) == ((), (), ())
    assert found.everyone.count == 0


def test_groups_stand_in_the_order_people_list_them_and_the_unknown_last(place: Round, scribe: Scribe) -> None:
    scribe.roster(entry("C"), entry("D", province="别处"), entry("E", province="江苏省"))
    names = [(total.name, total.institutions) for total in standings(place, scribe.ledger).by_province]
    assert names == [("北京市", 1), ("江苏省", 2), ("别处", 1), ("", 1)]


# What needs a person


def kinds(place: Round, scribe: Scribe) -> list[str]:
    return [one.kind for one in standings(place, scribe.ledger).attention]


def test_mails_of_unclear_fate_need_a_person_even_of_those_taken_off_the_roster(place: Round, scribe: Scribe) -> None:
    number = scribe.mail("A", state="handing")
    scribe.roster(gone=["A"])
    (one,) = standings(place, scribe.ledger).attention
    assert (one.kind, one.number, one.institution, one.address) == ("unclear", number, "A", "A@x.cn")


def test_a_refused_mail_needs_a_person_until_one_of_its_kind_goes_out(place: Round, scribe: Scribe) -> None:
    scribe.mail("A", state="failed", detail="550 no such user")
    (one,) = standings(place, scribe.ledger).attention
    assert (one.kind, one.reason.zh) == ("failed", "550 no such user")
    scribe.mail("A", kind="correction")
    assert kinds(place, scribe) == ["failed"]
    scribe.mail("A")
    assert kinds(place, scribe) == []


def test_a_mail_refused_twice_is_listed_once(place: Round, scribe: Scribe) -> None:
    scribe.mail("A", state="failed")
    scribe.mail("A", state="failed")
    assert kinds(place, scribe) == ["failed"]


def test_a_bounce_needs_a_person_until_a_later_mail_goes_out_or_nothing_is_owed(place: Round, scribe: Scribe) -> None:
    scribe.mail("A", every(place), state="bounced")
    scribe.mail("B", every(place), state="bounced")
    assert kinds(place, scribe) == ["bounced", "bounced"]
    scribe.mail("A", every(place))
    for code in every(place):
        scribe.came("B", code)
    assert kinds(place, scribe) == []


def test_mails_that_came_and_need_a_person_are_listed_and_others_are_not(place: Round, scribe: Scribe) -> None:
    for kind in ("matched", "not_ours", "bounce", "auto_reply"):
        scribe.letter(kind)
    scribe.letter("person", reason=packed([Reason(key="damaged")]))
    (one,) = standings(place, scribe.ledger).attention
    assert (one.kind, one.address, one.subject, one.institution) == ("mail", "who@y.cn", "回复", "")
    assert one.reason == text("rounds.collect.reason.damaged")
    [(sha256,)] = scribe.ledger.rows("SELECT sha256 FROM mails WHERE kind = 'person'")
    assert one.mark == mark_of(sha256)


def test_a_mail_that_needs_a_person_names_whose_address_its_sender_is(place: Round, scribe: Scribe) -> None:
    scribe.roster(entry("C", email="a@X.cn"))
    scribe.letter("person", sender="a@x.cn")
    (one,) = standings(place, scribe.ledger).attention
    assert (one.institution, one.name) == ("A, C", "机构A, 机构C")


@pytest.mark.parametrize(
    ("kind", "code", "owner", "status", "is_listed"),
    [
        ("matched", "file.encrypted", "", "unreadable", True),
        ("matched", "identity.unknown", "", "not_counted", True),
        ("matched", "identity.seal_broken", "A", "not_counted", True),
        ("matched", "identity.mismatch", "A", "not_counted", True),
        ("matched", "return.other_round", "A", "not_counted", True),
        ("matched", "return.other_round", "A", "excluded", False),
        ("matched", "return.too_late", "A", "not_counted", False),
        ("matched", "answer.invalid", "A", "counted", False),
        ("person", "return.other_round", "A", "not_counted", False),
        ("done", "return.other_round", "A", "not_counted", False),
        ("not_ours", "form.not_a_questionnaire", "", "unreadable", False),
    ],
)
def test_a_file_withheld_is_listed_unless_its_mail_is(
    place: Round, scribe: Scribe, kind: str, code: str, owner: str, status: str, is_listed: bool
) -> None:
    scribe.letter(kind, sender="B@x.cn")
    [(mail,)] = scribe.ledger.rows("SELECT sha256 FROM mails")
    scribe.came(owner, "SS", name="in.eml!a.xlsx", status=status, faults=["B2"], mail=mail)
    with scribe.ledger.step("found") as database:
        database.execute("UPDATE returns SET findings = replace(findings, 'answer.invalid', ?)", (code,))
    found = [one for one in standings(place, scribe.ledger).attention if one.kind == "file"]
    assert [(one.subject, one.mark, one.institution) for one in found] == [
        ("in.eml!a.xlsx", mark_of(mail), "B")
    ] * is_listed
    if is_listed:
        assert deal_with(scribe.ledger, [mark_of(mail)], "已电话联系") == (mail,)
        assert standings(place, scribe.ledger).attention == ()
        assert scribe.ledger.rows("SELECT kind FROM mails") == [("matched",)]


def test_a_file_of_nobody_that_came_without_a_mail_is_listed_once(place: Round, scribe: Scribe) -> None:
    scribe.came("", "SS", name="loose.xlsx", faults=["B2"], mail="")
    scribe.came("", "SD", name="loose.xlsx", faults=["B2"], mail="")
    scribe.came("", "", name="archive.zip", status="opened", mail="")
    (one,) = standings(place, scribe.ledger).attention
    assert (one.kind, one.subject, one.reason.en) == ("file", "loose.xlsx", "B2 is faulty.")


# Whether the last check still holds


def checked(place: Round, scribe: Scribe) -> None:
    with scribe.ledger.step("collected", detail=checked_on(scribe.ledger, basis_of(place))):
        pass


def test_files_that_were_never_checked_make_a_round_stale(place: Round, scribe: Scribe) -> None:
    assert not is_stale(place, scribe.ledger)
    scribe.came("A", "SS")
    assert is_stale(place, scribe.ledger)
    checked(place, scribe)
    assert not is_stale(place, scribe.ledger)
    scribe.came("A", "SD")
    assert is_stale(place, scribe.ledger)


@pytest.mark.parametrize("what", ["received", "roster", "override", "override withdrawn"])
def test_what_came_or_was_decided_since_the_check_makes_a_round_stale(place: Round, scribe: Scribe, what: str) -> None:
    checked(place, scribe)
    with scribe.ledger.step(what):
        pass
    assert is_stale(place, scribe.ledger)


@pytest.mark.parametrize("changed", [{"deadline": date(2026, 4, 1)}, {"late": "exclude"}, {"utc_offset": 0.0}])
def test_other_settings_than_those_of_the_check_make_a_round_stale(
    place: Round, scribe: Scribe, changed: dict[str, Any]
) -> None:
    checked(place, scribe)
    parts = place.settings.round.model_copy(update=changed)
    assert is_stale(replace(place, settings=place.settings.model_copy(update={"round": parts})), scribe.ledger)


def test_another_roster_than_that_of_the_check_makes_a_round_stale(place: Round, scribe: Scribe) -> None:
    place.roster.write_bytes(b"one")
    checked(place, scribe)
    place.roster.write_bytes(b"two")
    assert is_stale(place, scribe.ledger)


def test_a_check_that_did_not_say_what_it_was_made_on_is_stale(place: Round, scribe: Scribe) -> None:
    with scribe.ledger.step("collected", detail={"checked": 0}):
        pass
    assert is_stale(place, scribe.ledger)


# Whatever happened


MAILS = st.tuples(
    st.just("mail"),
    st.sampled_from("AB"),
    st.fixed_dictionaries(
        {
            "domains": st.lists(st.sampled_from(["SS", "SD"]), unique=True),
            "kind": st.sampled_from(["invitation", "reminder", "correction"]),
            "state": st.sampled_from(["planned", "sending", "unclear", "sent", "failed", "bounced"]),
            "corrects": st.sampled_from(["", "x"]),
        }
    ),
)
RETURNS = st.tuples(
    st.just("came"),
    st.sampled_from("AB"),
    st.fixed_dictionaries(
        {
            "domain": st.sampled_from(["SS", "SD", ""]),
            "status": st.sampled_from(["counted", "superseded", "identical", "conflict", "excluded", "not_counted"]),
            "faults": st.sampled_from([[], ["F8"]]),
            "at": st.sampled_from([EARLY, LATE, ""]),
            "late": st.sampled_from(["", "return.late", "return.too_late"]),
        }
    ),
)


def add_up(found: Standings) -> None:
    total = found.everyone
    assert total.institutions == len(found.institutions)
    assert total.count == len(found.institutions) * len(found.domains)
    for groups in (found.by_province, found.by_category, found.by_domain):
        for state in STATES:
            assert sum(group.forms[state] for group in groups) == total.forms[state]
        assert sum(group.late for group in groups) == total.late
    for groups in (found.by_province, found.by_category):
        for key in OVERALL:
            assert sum(group.overall[key] for group in groups) == total.overall[key]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(events=st.lists(MAILS | RETURNS, max_size=12))
def test_every_form_is_in_one_state_and_totals_add_up(
    tmp_path_factory: pytest.TempPathFactory, model: Model, events: list[tuple[str, str, dict[str, Any]]]
) -> None:
    place = hand_made(tmp_path_factory.mktemp("any"), model)
    with Ledger(place.database, clock=lambda: NOW) as ledger:
        scribe = Scribe(ledger)
        scribe.roster(entry("A", province="江苏省"), entry("B", category=model.categories[0].zh))
        for number, (what, institution, how) in enumerate(events):
            if what == "mail":
                scribe.mail(institution, **how)
            else:
                scribe.came(institution, name=str(number), **how)
        found = standings(place, ledger)
    add_up(found)
    came = {(i, how["domain"]) for what, i, how in events if what == "came"}
    for one in found.institutions:
        assert [form.domain for form in one.forms] == list(found.domains)
        assert all(form.state in STATES for form in one.forms)
        assert (one.overall == "complete") == (one.owed == 0)
        for form in one.forms:
            if form.state in ("returned", "faulty", *SETTLED):
                assert (one.institution.id, form.domain) in came
            assert form.is_late or form.state != "late"
            assert bool(form.errors) == (form.state == "faulty")
