"""Reminders: who owes something, what exactly, and whether it is time to say so."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from evaluator.model.records import Model
from evaluator.questionnaire.layout import file_name
from evaluator.rounds.folder import Round
from evaluator.rounds.ledger import Ledger
from evaluator.rounds.reminding import MOST_FAULTS, due, left_out, owing
from evaluator.wording import text
from tests.ledgers import EARLY, LATE, NOW, Scribe, entry, hand_made


@pytest.fixture
def place(tmp_path: Path, model: Model) -> Round:
    return hand_made(tmp_path, model)


@pytest.fixture
def scribe(place: Round) -> Iterator[Scribe]:
    with Ledger(place.database, clock=lambda: NOW) as ledger:
        scribe = Scribe(ledger)
        scribe.roster(entry("A"))
        yield scribe


def every(place: Round) -> list[str]:
    return [domain.code for domain in place.model.domains]


def test_what_never_came_is_missing_with_its_files_name(place: Round, scribe: Scribe) -> None:
    scribe.mail("A", every(place))
    scribe.came("A", "SS")
    (owed,) = owing(place, scribe.ledger)
    domains = place.model.domains
    assert (owed.institution, owed.last_sent, owed.faults) == ("A", EARLY, ())
    assert owed.missing == tuple(every(place)[1:])
    assert owed.files == tuple(file_name(n, domains[n - 1], "zh", "A") for n in range(2, len(domains) + 1))


def test_the_faults_of_the_return_that_counts_are_named_in_the_rounds_language(place: Round, scribe: Scribe) -> None:
    scribe.mail("A", every(place))
    for code in every(place)[1:]:
        scribe.came("A", code)
    scribe.came("A", "SS", name="old", status="superseded", faults=["F7"])
    scribe.came("A", "SS", name="new", faults=["F8"], warnings=["F9"])
    (owed,) = owing(place, scribe.ledger)
    (fault,) = owed.faults
    assert (fault.domain, fault.file, fault.sheet, fault.cell) == ("SS", "new", "自评问卷", "F8")
    assert (fault.requirement, fault.message) == ("R-F8", "F8有误。")
    assert (owed.missing, owed.more) == ((), 0)


def test_an_english_round_names_faults_and_files_in_english(tmp_path: Path, model: Model) -> None:
    place = hand_made(tmp_path, model, lang="en")
    with Ledger(place.database, clock=lambda: NOW) as ledger:
        scribe = Scribe(ledger)
        scribe.roster(entry("A"))
        scribe.mail("A", every(place))
        scribe.came("A", "SS", faults=["F8"])
        (owed,) = owing(place, ledger)
    assert owed.faults[0].message == "F8 is faulty."
    assert owed.files[0] == file_name(2, model.domains[1], "en", "A")


def test_faults_are_named_in_the_order_of_their_cells(place: Round, scribe: Scribe) -> None:
    scribe.mail("A", every(place))
    scribe.came("A", "SS", faults=["F25", "F9", "G9", "F101"])
    (owed,) = owing(place, scribe.ledger)
    assert [fault.cell for fault in owed.faults] == ["F9", "G9", "F25", "F101"]


def found(scribe: Scribe, code: str) -> None:
    """What was found in forms of the first domain is this."""
    with scribe.ledger.step("test") as step:
        step.execute(
            "UPDATE returns SET findings = replace(findings, 'answer.invalid', ?) WHERE domain = 'SS'", (code,)
        )


@pytest.mark.parametrize("code", ["identity.seal_broken", "return.other_round", "return.excluded"])
def test_a_form_that_cannot_be_used_is_asked_for_anew_once_with_the_reason(
    place: Round, scribe: Scribe, code: str
) -> None:
    scribe.mail("A", every(place))
    for domain in every(place)[1:]:
        scribe.came("A", domain)
    for name in ("1", "2"):
        scribe.came("A", "SS", name=name, status="not_counted", faults=["F8"])
    found(scribe, code)
    (owed,) = owing(place, scribe.ledger)
    assert (owed.missing, owed.faults) == ((), ())
    assert [(one.domain, one.why) for one in owed.anew] == [("SS", text(f"rounds.told.{code}").zh)]


def test_a_form_refused_as_late_is_not_called_missing_and_nobody_is_reminded_of_that_alone(
    place: Round, scribe: Scribe
) -> None:
    scribe.mail("A", every(place))
    scribe.came("A", "SS", status="not_counted", at=LATE, late="return.too_late")
    (owed,) = owing(place, scribe.ledger) or (None,)
    assert owed is not None
    assert "SS" not in owed.missing
    for domain in every(place)[1:]:
        scribe.came("A", domain)
    assert owing(place, scribe.ledger) == ()


def test_a_reminder_names_so_many_faults_of_a_form_and_counts_the_rest(place: Round, scribe: Scribe) -> None:
    scribe.mail("A", every(place))
    scribe.came("A", "SS", faults=[f"F{n}" for n in range(8, 8 + MOST_FAULTS + 3)])
    scribe.came("A", every(place)[1], faults=["F8"])
    (owed,) = owing(place, scribe.ledger)
    assert [fault.domain for fault in owed.faults] == ["SS"] * MOST_FAULTS + [every(place)[1]]
    assert owed.more == 3


def test_of_a_conflict_it_is_asked_once_which_file_counts(place: Round, scribe: Scribe) -> None:
    scribe.mail("A", every(place))
    scribe.came("A", "SS", name="m.eml!甲.xlsx", status="conflict", faults=["A1", "A2"])
    scribe.came("A", "SS", name="n.eml!z.zip!in/乙.xlsx", status="conflict", faults=["A1"])
    (owed,) = owing(place, scribe.ledger)
    (fault,) = owed.faults
    assert (fault.domain, fault.code, fault.cell) == ("SS", "return.conflict", "")
    assert "甲.xlsx、乙.xlsx" in fault.message
    assert "SS" not in owed.missing


def test_files_of_one_name_in_conflict_are_told_apart_by_their_day(place: Round, scribe: Scribe) -> None:
    scribe.mail("A", every(place))
    scribe.came("A", "SS", name="m.eml!1.xlsx", status="conflict", at=EARLY)
    scribe.came("A", "SS", name="n.eml!1.xlsx", status="conflict", at=LATE)
    (fault,) = owing(place, scribe.ledger)[0].faults
    assert "1.xlsx（2026年3月10日收到）、1.xlsx（2026年4月2日收到）" in fault.message


def test_a_form_that_does_not_count_is_not_called_missing(place: Round, scribe: Scribe) -> None:
    scribe.mail("A", every(place))
    scribe.came("A", "SS", status="not_counted")
    (owed,) = owing(place, scribe.ledger)
    assert (owed.missing, [one.domain for one in owed.anew]) == (tuple(every(place)[1:]), ["SS"])


def test_nobody_is_reminded_whose_forms_are_complete_or_late(place: Round, scribe: Scribe) -> None:
    scribe.mail("A", every(place))
    for code in every(place):
        scribe.came("A", code, **({"at": LATE, "late": "return.late"} if code == "SS" else {}))
    found = due(place, scribe.ledger)
    assert (found.owed, found.too_soon, found.bounced, found.unclear, found.never_sent) == ((), (), (), (), ())


@pytest.mark.parametrize("state", ["planned", "sending", "failed"])
def test_nobody_is_reminded_who_was_never_sent_anything(place: Round, scribe: Scribe, state: str) -> None:
    scribe.mail("A", every(place), state=state)
    found = due(place, scribe.ledger)
    assert (found.owed, found.never_sent) == ((), ("A",))


def test_nobody_is_reminded_at_an_address_that_bounced_last(place: Round, scribe: Scribe) -> None:
    scribe.mail("A", every(place))
    scribe.mail("A", kind="reminder", state="bounced")
    found = due(place, scribe.ledger)
    assert (found.owed, [one.institution for one in found.bounced]) == ((), ["A"])


def test_who_was_reached_again_after_a_bounce_is_reminded(place: Round, scribe: Scribe) -> None:
    scribe.mail("A", every(place), state="bounced")
    scribe.mail("A", every(place))
    assert [one.institution for one in owing(place, scribe.ledger)] == ["A"]


@pytest.mark.parametrize("state", ["handing", "unclear"])
def test_nobody_is_reminded_while_a_mail_of_unclear_fate_is_undecided(place: Round, scribe: Scribe, state: str) -> None:
    scribe.mail("A", every(place))
    scribe.mail("A", kind="reminder", state=state)
    found = due(place, scribe.ledger)
    assert (found.owed, [one.institution for one in found.unclear]) == ((), ["A"])


@pytest.mark.parametrize("kind", ["invitation", "reminder", "correction"])
@pytest.mark.parametrize(("today", "is_due"), [("2026-03-15T07:59:59Z", False), ("2026-03-15T08:00:00Z", True)])
def test_nobody_is_reminded_within_the_interval_of_the_last_mail(
    place: Round, scribe: Scribe, kind: str, today: str, is_due: bool
) -> None:
    scribe.mail("A", every(place), at="2026-03-01T08:00:00Z")
    scribe.mail("A", kind=kind, at="2026-03-10T08:00:00Z")
    found = due(place, scribe.ledger, today=today)
    assert (len(found.owed), len(found.too_soon)) == (int(is_due), int(not is_due))


def test_mails_that_did_not_go_out_do_not_count_for_the_interval(place: Round, scribe: Scribe) -> None:
    scribe.mail("A", every(place), at=EARLY)
    scribe.mail("A", kind="reminder", state="failed", at=NOW)
    assert [one.last_sent for one in owing(place, scribe.ledger)] == [EARLY]


def test_without_an_interval_whoever_owes_is_reminded_at_once(tmp_path: Path, model: Model) -> None:
    place = hand_made(tmp_path, model, every=0.0)
    with Ledger(place.database, clock=lambda: NOW) as ledger:
        scribe = Scribe(ledger)
        scribe.roster(entry("A"))
        scribe.mail("A", every(place), at=NOW)
        assert len(owing(place, ledger)) == 1


def test_who_was_taken_off_the_roster_owes_nothing(place: Round, scribe: Scribe) -> None:
    scribe.mail("A", every(place))
    scribe.roster(gone=["A"])
    assert owing(place, scribe.ledger) == ()


def test_whoever_is_left_out_is_named_with_the_reason(place: Round, scribe: Scribe) -> None:
    scribe.roster(*(entry(one) for one in "BCDE"))
    scribe.mail("A", every(place))
    scribe.mail("B", every(place), at=NOW)
    scribe.mail("C", every(place), state="bounced")
    scribe.mail("D", every(place), state="unclear")
    found = due(place, scribe.ledger)
    assert [one.institution for one in found.owed] == ["A"]
    assert [line.en.rpartition(" ")[2] for line in left_out(found, place)] == ["B", "C", "D", "E"]
    assert "less than 5 days ago" in left_out(found, place)[0].en
    assert [line.en.rpartition(" ")[2] for line in left_out(found, place, ["A", "D"])] == ["D"]


def test_reminding_writes_nothing(place: Round, scribe: Scribe) -> None:
    scribe.mail("A", every(place))
    before = place.database.read_bytes()
    assert owing(place, scribe.ledger)
    assert place.database.read_bytes() == before
