"""Who gets which mail now: from what the ledger says, with everything that would go wrong found first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from evaluator.errors import RoundError
from evaluator.intake.institutions import Institution
from evaluator.model.records import Model
from evaluator.rounds.folder import Round
from evaluator.rounds.had import corrections_sent
from evaluator.rounds.ledger import Ledger
from evaluator.rounds.letters import Kind, write_defaults
from evaluator.rounds.messages import mark, mark_sending, resolve
from evaluator.rounds.packages import Masters, Package, masters_of, packages_of
from evaluator.rounds.planning import Plan, plan
from evaluator.rounds.reminding import Anew, Fault, Owed
from evaluator.rounds.tasks import Task, corrections, invitations, reminders
from tests.ledgers import entry, hand_made

WHO = (entry("A"), entry("B"), entry("C"))
TODAY, LATER_TODAY, NEXT_WEEK = "2026-03-02T08:00:00Z", "2026-03-02T12:00:00Z", "2026-03-09T08:00:00Z"


class Clock:
    now = TODAY

    def __call__(self) -> str:
        return self.now


@pytest.fixture
def place(tmp_path: Path, model: Model) -> Round:
    return with_mail(hand_made(tmp_path, model), sender="某某中心 <p@office.cn>")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def ledger(place: Round, clock: Clock) -> Iterator[Ledger]:
    with Ledger(place.database, clock=clock) as opened:
        yield opened


@pytest.fixture(scope="module")
def masters(tmp_path_factory: pytest.TempPathFactory, model: Model) -> Masters:
    return masters_of(hand_made(tmp_path_factory.mktemp("masters"), model))


def with_mail(place: Round, **changes: object) -> Round:
    mail = place.settings.mail.model_copy(update=changes)
    return replace(place, settings=place.settings.model_copy(update={"mail": mail}))


def invite(
    place: Round, ledger: Ledger, masters: Masters, who: Sequence[Institution] = WHO, only: Sequence[str] = (),
    limit: int | None = None,
) -> Plan:  # fmt: skip
    return plan(place, ledger, "invitation", invitations(place, who, masters), only=only, limit=limit)


def named(found: Plan) -> list[str]:
    return [message.institution.id for message in found.messages]


def states(ledger: Ledger) -> list[str]:
    return [state for (state,) in ledger.rows("SELECT state FROM messages ORDER BY number")]


def events(ledger: Ledger) -> int:
    return int(ledger.rows("SELECT count(*) FROM events")[0][0])


def test_everybody_gets_an_invitation_with_all_forms(place: Round, ledger: Ledger, masters: Masters) -> None:
    found = invite(place, ledger, masters)
    assert named(found) == ["A", "B", "C"]
    assert (found.done, found.unclear, found.faults, found.left) == ((), (), (), 0)
    first = found.messages[0]
    assert first.addresses == ("A@x.cn",)
    assert [name[:6] for name in first.files] == ["A_1_SS", "A_2_SD", "A_3_ST", "A_4_SO", "A_5_CI"]
    assert first.size == sum(len(form.data) for form in first.forms())
    assert "机构A" in first.letter.body


def test_what_is_planned_is_on_record_but_not_as_sent(place: Round, ledger: Ledger, masters: Masters) -> None:
    found = invite(place, ledger, masters)
    rows = ledger.rows("SELECT number, institution, address, message_id, subject, state, planned FROM messages")
    assert rows == [
        (one.number, one.institution.id, "; ".join(one.addresses), one.message_id, one.letter.subject, "planned", TODAY)
        for one in found.messages
    ]


def test_message_ids_are_readable_unique_and_of_the_senders_domain(
    place: Round, ledger: Ledger, masters: Masters
) -> None:
    odd = [entry(one, email="a@x.cn") for one in ("A", "a", "甲 1", "甲 2", "x" * 99)]
    ids = [one.message_id for one in invite(place, ledger, masters, odd).messages]
    assert len(set(ids)) == 5
    assert all(one.isascii() and one.startswith("<2026-x.") and one.endswith("@office.cn>") for one in ids)
    assert ids[0].startswith("<2026-x.A.invitation.1.")
    assert max(map(len, ids)) < 150


def test_planning_again_finds_the_same_messages_and_writes_nothing(
    place: Round, ledger: Ledger, masters: Masters, clock: Clock
) -> None:
    first, count = invite(place, ledger, masters), events(ledger)
    clock.now = LATER_TODAY
    second = invite(place, ledger, masters)
    assert [(one.number, one.message_id, one.planned) for one in second.messages] == [
        (one.number, one.message_id, one.planned) for one in first.messages
    ]
    assert events(ledger) == count


def test_a_message_that_lay_for_long_gets_a_new_date_and_keeps_its_id(
    place: Round, ledger: Ledger, masters: Masters, clock: Clock
) -> None:
    first = invite(place, ledger, masters)
    clock.now = NEXT_WEEK
    second = invite(place, ledger, masters)
    assert [one.message_id for one in first.messages] == [one.message_id for one in second.messages]
    assert {one.planned for one in second.messages} == {NEXT_WEEK}
    assert ledger.rows("SELECT DISTINCT planned FROM messages") == [(NEXT_WEEK,)]


def test_who_has_had_it_is_left_out(place: Round, ledger: Ledger, masters: Masters) -> None:
    number = invite(place, ledger, masters).messages[1].number
    mark(ledger, number, "B", "sent")
    found = invite(place, ledger, masters)
    assert (named(found), found.done) == (["A", "C"], ("B",))


def test_a_message_that_failed_is_planned_again_as_the_same(place: Round, ledger: Ledger, masters: Masters) -> None:
    first = invite(place, ledger, masters).messages[0]
    mark(ledger, first.number, "A", "failed", why="550")
    assert invite(place, ledger, masters).messages[0].message_id == first.message_id


def test_a_message_found_sending_was_not_sent_and_one_found_handing_is_unclear(
    place: Round, ledger: Ledger, masters: Masters
) -> None:
    a, b, _ = invite(place, ledger, masters).messages
    mark_sending(ledger, a.number, "A", "x", a.forms())
    mark_sending(ledger, b.number, "B", "x", b.forms())
    mark(ledger, b.number, "B", "handing")
    found = invite(place, ledger, masters)
    assert named(found) == ["A", "C"]
    assert [row.number for row in found.unclear] == [b.number]
    assert (found.done, states(ledger)) == ((), ["planned", "unclear", "planned"])


def test_an_unclear_message_is_settled_by_a_person_one_way_or_the_other(
    place: Round, ledger: Ledger, masters: Masters
) -> None:
    a, b, c = invite(place, ledger, masters).messages
    for one in (a, b):
        mark(ledger, one.number, one.institution.id, "handing")
    resolve(ledger, [a.number], "sent", "zh")
    resolve(ledger, [b.number], "again", "zh")
    found = invite(place, ledger, masters)
    assert (named(found), found.done, found.unclear) == (["B", "C"], ("A",), ())
    assert found.messages[0].message_id == b.message_id
    assert c.number == found.messages[1].number


@pytest.mark.parametrize(("state", "decision"), [("sent", "sent"), ("planned", "again")])
def test_what_is_settled_is_not_settled_again(
    place: Round, ledger: Ledger, masters: Masters, state: str, decision: str
) -> None:
    a, b, _ = invite(place, ledger, masters).messages
    mark(ledger, a.number, "A", state)  # type: ignore[arg-type]
    mark(ledger, b.number, "B", "handing")
    with pytest.raises(RoundError, match="no messages") as caught:
        resolve(ledger, [a.number, b.number, 99], decision, "zh")  # type: ignore[arg-type]
    assert caught.value.params["numbers"] == f"{a.number}, 99"
    assert states(ledger)[:2] == [state, "unclear"], "and nothing else is changed"


def test_a_bounced_message_is_planned_anew_once_the_address_is_mended(
    place: Round, ledger: Ledger, masters: Masters
) -> None:
    first = invite(place, ledger, masters).messages[0]
    mark(ledger, first.number, "A", "bounced")
    assert invite(place, ledger, masters).done == ("A",)
    mended = invite(place, ledger, masters, (entry("A", email="new@x.cn"),)).messages
    assert [(one.addresses, one.number == first.number) for one in mended] == [(("new@x.cn",), False)]


def test_a_limit_leaves_the_others_for_the_next_time(place: Round, ledger: Ledger, masters: Masters) -> None:
    found = invite(place, ledger, masters, limit=2)
    assert (named(found), found.left, states(ledger)) == (["A", "B"], 1, ["planned", "planned"])


def test_only_those_named_are_written_to(place: Round, ledger: Ledger, masters: Masters) -> None:
    assert named(invite(place, ledger, masters, only=["B"])) == ["B"]
    with pytest.raises(RoundError) as caught:
        invite(place, ledger, masters, only=["B", "Y", "X"])
    assert (caught.value.key, caught.value.params["ids"]) == ("no_such_institutions", "X, Y")


@pytest.mark.parametrize(("email", "why"), [("", "no address"), ("a@", "'a@'"), ("a@x.cn; b", "'a@x.cn; b'")])
def test_who_cannot_be_written_to_is_listed_and_does_not_stop_the_others(
    place: Round, ledger: Ledger, masters: Masters, email: str, why: str
) -> None:
    found = invite(place, ledger, masters, (entry("A", email=email), entry("B")))
    assert named(found) == ["B"]
    assert [(fault.institution, why in fault.why.en) for fault in found.faults] == [("A", True)]


def test_several_addresses_get_one_message(place: Round, ledger: Ledger, masters: Masters) -> None:
    found = invite(place, ledger, masters, (entry("A", email="a@x.cn; b@y.cn"),))
    assert [one.addresses for one in found.messages] == [("a@x.cn", "b@y.cn")]


def test_a_faulty_letter_is_found_before_anything_is_on_record(place: Round, ledger: Ledger, masters: Masters) -> None:
    """Also where only the last recipient's letter has the fault."""
    write_defaults(place.letters, "zh")
    (place.letters / "invitation.zh.txt.j2").write_text(
        "Subject: S\n\n{{ nobody if institution.id == 'C' else 1 }}\n", encoding="utf-8"
    )
    with pytest.raises(RoundError) as caught:
        invite(place, ledger, masters, limit=1)
    assert (caught.value.key, caught.value.params["line"]) == ("letter_unknown_name", 3)
    assert states(ledger) == []


@pytest.mark.parametrize("sender", ["", "nobody"])
def test_without_a_sender_nothing_is_planned(place: Round, ledger: Ledger, masters: Masters, sender: str) -> None:
    with pytest.raises(RoundError) as caught:
        invite(with_mail(place, sender=sender), ledger, masters)
    assert caught.value.key == "no_sender"


def test_files_too_large_for_a_mailbox_go_as_one_archive(place: Round, ledger: Ledger, masters: Masters) -> None:
    found = invite(with_mail(place, size_limit_mb=0.1), ledger, masters).messages[0]
    assert found.archive == "A_自评问卷.zip"
    assert found.archive in found.letter.body
    assert invite(place, ledger, masters).messages[0].archive == ""


# Reminders and corrections


def owed(institution: str, *missing: str, faults: int = 0) -> Owed:
    return Owed(
        institution=institution,
        missing=missing,
        files=tuple(f"{institution}_{code}.xlsx" for code in missing),
        faults=tuple(
            Fault(
                domain="ST",
                file="f.xlsx",
                code="answer.blank",
                sheet="自评问卷",
                cell=f"F{n}",
                requirement="R",
                message="空",
            )
            for n in range(faults)
        ),
        more=3,
        last_sent=TODAY,
    )


def test_a_reminder_holds_the_missing_forms_and_names_what_to_mend(
    place: Round, ledger: Ledger, masters: Masters
) -> None:
    tasks = reminders(place, [owed("B", "SS", "CI", faults=2), owed("gone", "SS")], WHO, masters)
    found = plan(place, ledger, "reminder", tasks)
    assert named(found) == ["B"]
    message = found.messages[0]
    assert message.files == ("B_1_SS_服务策略能力.xlsx", "B_5_CI_持续服务改进能力.xlsx")
    assert [form.domain for form in message.forms()] == ["SS", "CI"]
    assert all(words in message.letter.body for words in ("服务转换能力", "F0", "F1", "另有3处"))


def test_a_form_to_be_filled_in_anew_is_named_once_and_attached(place: Round, ledger: Ledger, masters: Masters) -> None:
    owes = replace(owed("B", "CI"), anew=(Anew(domain="SS", why="签章不符。"),))
    (message,) = plan(place, ledger, "reminder", reminders(place, [owes], WHO, masters)).messages
    assert [form.domain for form in message.forms()] == ["SS", "CI"]
    body = message.letter.body
    assert body.count("B_1_SS_服务策略能力.xlsx") == 1
    assert body.index("尚未收到") < body.index("B_5_CI") < body.index("需要重新填写") < body.index("B_1_SS")
    assert "签章不符。" in body


def test_a_reminder_without_missing_forms_has_no_attachment(place: Round, ledger: Ledger, masters: Masters) -> None:
    message = plan(place, ledger, "reminder", reminders(place, [owed("A", faults=1)], WHO, masters)).messages[0]
    assert (message.files, message.archive, message.forms()) == ((), "", ())


def test_a_second_reminder_is_another_message_but_one_not_sent_is_the_same(
    place: Round, ledger: Ledger, masters: Masters
) -> None:
    tasks = reminders(place, [owed("A", "SS")], WHO, masters)
    first, again = (plan(place, ledger, "reminder", tasks).messages[0].number for _ in range(2))
    mark(ledger, first, "A", "sent")
    second = plan(place, ledger, "reminder", tasks).messages[0].number
    assert (first == again, first == second) == (True, False)


def correcting(place: Round, masters: Masters, *domains: str) -> tuple[Task, ...]:
    forms: tuple[Package, ...] = tuple(
        replace(form, kind="correction", corrects=f"hash of {form.domain}")
        for form in packages_of(place, WHO[0], masters, domains=domains)
    )
    return corrections(WHO, {"A": lambda: forms}, {"A": {form.file_name: 7 for form in forms}})


def send_it(ledger: Ledger, found: Plan) -> None:
    for one in found.messages:
        mark_sending(ledger, one.number, one.institution.id, "x", one.forms())
        mark(ledger, one.number, one.institution.id, "sent")


def test_a_correction_goes_out_once_for_each_return(place: Round, ledger: Ledger, masters: Masters) -> None:
    kind: Kind = "correction"
    send_it(ledger, plan(place, ledger, kind, correcting(place, masters, "SS")))
    assert corrections_sent(ledger) == {("A", "SS", "hash of SS")}
    assert plan(place, ledger, kind, correcting(place, masters, "SS")).done == ("A",)
    more = plan(place, ledger, kind, correcting(place, masters, "SS", "ST")).messages
    assert [form.domain for one in more for form in one.forms()] == ["ST"]
    assert len(more[0].files) == 1
    assert f"{more[0].files[0]}（7处）" in more[0].letter.body


def test_what_was_sent_is_sent_again_as_a_new_message_when_a_person_says_so(
    place: Round, ledger: Ledger, masters: Masters
) -> None:
    first = invite(place, ledger, masters)
    send_it(ledger, first)
    number = first.messages[1].number
    for _ in range(2):
        resolve(ledger, [number], "again", "zh")
    (again,) = invite(place, ledger, masters).messages
    assert (again.institution.id, again.number) == ("B", 4)
    assert again.message_id not in {one.message_id for one in first.messages}
    assert again.message_id.startswith("<2026-x.B.invitation.4.")
    assert states(ledger) == ["sent", "sent", "sent", "planned"]
    send_it(ledger, invite(place, ledger, masters))
    assert (named(invite(place, ledger, masters)), states(ledger)) == ([], ["sent"] * 4)


def test_a_correction_that_was_sent_is_sent_again_with_what_it_held(
    place: Round, ledger: Ledger, masters: Masters
) -> None:
    tasks = correcting(place, masters, "SS", "ST")
    send_it(ledger, plan(place, ledger, "correction", tasks))
    resolve(ledger, [1], "again", "zh")
    again = plan(place, ledger, "correction", tasks)
    assert [(one.number, len(one.forms())) for one in again.messages] == [(2, 2)]
    send_it(ledger, again)
    assert plan(place, ledger, "correction", tasks).done == ("A",)


def test_who_is_known_but_owes_nothing_does_not_stop_the_others(place: Round, ledger: Ledger, masters: Masters) -> None:
    tasks = reminders(place, [owed("A", "SS")], WHO, masters)
    found = plan(place, ledger, "reminder", tasks, only=["A", "B"], known={"A", "B", "C"})
    assert (named(found), found.nothing) == (["A"], ("B",))
    with pytest.raises(RoundError) as caught:
        plan(place, ledger, "reminder", tasks, only=["A", "B", "X"], known={"A", "B", "C"})
    assert caught.value.params["ids"] == "X"


def test_what_a_message_holds_is_on_record_once(place: Round, ledger: Ledger, masters: Masters) -> None:
    first = invite(place, ledger, masters).messages[0]
    for _ in range(2):
        mark_sending(ledger, first.number, "A", "x", first.forms())
    packages = first.forms()
    found = ledger.rows("SELECT institution, domain, kind, corrects, lang, file, sha256, seal FROM packages")
    assert found == [("A", one.domain, "form", "", "zh", one.file_name, one.sha256, one.seal) for one in packages]
    assert ledger.rows("SELECT count(*) FROM enclosures WHERE message = ?", (first.number,)) == [(5,)]
