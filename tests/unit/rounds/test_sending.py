"""Sending what was planned: the order of ledger and wire, over a wire that does as it is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from evaluator.errors import RoundError
from evaluator.model.records import Model
from evaluator.rounds.folder import Round
from evaluator.rounds.ledger import Ledger
from evaluator.rounds.messages import mark
from evaluator.rounds.packages import Masters, masters_of, packages_of
from evaluator.rounds.planning import Plan, plan
from evaluator.rounds.sending import Pace, Report, send
from evaluator.rounds.tasks import invitations
from evaluator.rounds.wire import Answer
from tests.ledgers import NOW, entry, hand_made
from tests.unit.rounds.test_planning import with_mail

WHO = tuple(entry(name) for name in "ABCD")
SENT = Answer("sent")


class Script:
    """A wire: what it answers at `offer` and at `finish`, by recipient's first letter, one answer after the other."""

    def __init__(self, ledger: Ledger, offers: dict[str, list[object]], finishes: dict[str, list[object]]) -> None:
        self._ledger, self._offers, self._finishes = ledger, offers, finishes
        self.taken: list[str] = []
        self.drops = self.connections = 0
        self.states: list[tuple[str, str]] = []
        self._to = ""
        self.is_closed = False

    def ready(self) -> None:
        self.connections += 1

    def offer(self, sender: str, recipients: Sequence[str], data: bytes) -> Answer | None:
        self._to = recipients[0][0]
        self._note("offer")
        return self._said(self._offers, None)

    def finish(self) -> Answer:
        self._note("finish")
        answer = self._said(self._finishes, SENT)
        assert answer is not None
        if answer == SENT:
            self.taken.append(self._to)
        return answer

    def close(self) -> None:
        self.is_closed = True

    def drop(self) -> None:
        self.drops += 1

    def _said(self, answers: dict[str, list[object]], otherwise: Answer | None) -> Answer | None:
        waiting = answers.get(self._to, [])
        answer = waiting.pop(0) if waiting else otherwise
        if isinstance(answer, BaseException):
            raise answer
        return answer  # type: ignore[return-value]

    def _note(self, what: str) -> None:
        state = self._ledger.rows("SELECT state FROM messages WHERE institution = ?", (self._to,))[0][0]
        self.states.append((what, state))


@pytest.fixture
def place(tmp_path: Path, model: Model) -> Round:
    return with_mail(hand_made(tmp_path, model), sender="p@office.cn", per_minute=1_000_000)


@pytest.fixture
def ledger(place: Round) -> Iterator[Ledger]:
    with Ledger(place.database, clock=lambda: NOW) as opened:
        yield opened


@pytest.fixture(scope="module")
def masters(tmp_path_factory: pytest.TempPathFactory, model: Model) -> Masters:
    return masters_of(hand_made(tmp_path_factory.mktemp("masters"), model))


Run = Callable[..., tuple[Report, Script]]


@pytest.fixture
def run(place: Round, ledger: Ledger, masters: Masters) -> Run:
    """Plan and send once, over a wire with those answers."""

    def one_run(
        offers: dict[str, list[object]] | None = None,
        finishes: dict[str, list[object]] | None = None,
        change: Callable[[Plan], Plan] = lambda planned: planned,
    ) -> tuple[Report, Script]:
        wire = Script(ledger, offers or {}, finishes or {})
        planned = change(plan(place, ledger, "invitation", invitations(place, WHO, masters)))
        return send(place, ledger, planned, wire=wire), wire

    return one_run


def states(ledger: Ledger) -> str:
    """The messages' states, by institution, each by its first two letters."""
    return " ".join(s[:2] for (s,) in ledger.rows("SELECT state FROM messages ORDER BY institution"))


def ids(outcomes: Sequence[object]) -> str:
    return "".join(getattr(one, "message", one).institution.id for one in outcomes)  # type: ignore[attr-defined]


def test_everything_is_sent_once_and_is_on_record_before_and_after(run: Run, ledger: Ledger) -> None:
    report, wire = run()
    assert (ids(report.sent), report.failed, report.unclear, report.left) == ("ABCD", (), (), ())
    assert wire.taken == list("ABCD")
    assert set(wire.states) == {("offer", "sending"), ("finish", "handing")}
    assert wire.is_closed
    events = [what for (what,) in ledger.rows("SELECT what FROM events WHERE institution = 'A' ORDER BY number")]
    assert events == ["message_sending", "message_handing", "message_sent"]
    assert (run()[0].sent, run()[1].taken) == ((), [])


def test_what_was_sent_is_on_record_with_its_hash_and_packages(run: Run, ledger: Ledger, place: Round) -> None:
    run()
    for sha256, institution in ledger.rows("SELECT sha256, institution FROM messages"):
        assert len(sha256) == 64
        held = "SELECT count(*) FROM enclosures e JOIN packages p ON p.number = package WHERE institution = ?"
        assert ledger.rows(held, (institution,)) == [(5,)]


def test_a_recipient_refused_for_good_is_listed_with_the_servers_words_and_the_rest_goes_on(
    run: Run, ledger: Ledger
) -> None:
    report, _ = run({"B": [Answer("refused", "550 no such user")]})
    assert (ids(report.sent), [(ids([one]), one.words) for one in report.failed]) == (
        "ACD",
        [("B", "550 no such user")],
    )
    assert states(ledger) == "se fa se se"
    again, _ = run()
    assert ids(again.sent) == "B"


@pytest.mark.parametrize("at", ["offer", "finish"])
def test_what_is_refused_for_now_is_tried_once_more_after_all_others(run: Run, ledger: Ledger, at: str) -> None:
    later = {"B": [Answer("later", "451 try again")]}
    report, wire = run(later, {}) if at == "offer" else run({}, later)
    assert (wire.taken, ids(report.sent), report.failed) == (list("ACDB"), "ACDB", ())


def test_what_is_refused_for_now_twice_failed(run: Run, ledger: Ledger) -> None:
    report, _ = run({"B": [Answer("later", "451 one"), Answer("later", "451 two")]})
    assert [(ids([one]), one.words) for one in report.failed] == [("B", "451 two")]
    assert states(ledger) == "se fa se se"


def test_a_connection_lost_before_the_dot_leaves_the_message_to_be_sent(run: Run, ledger: Ledger) -> None:
    report, wire = run({"B": [Answer("lost")]})
    assert (wire.taken, states(ledger)) == (list("ACDB"), "se se se se")
    assert report.unclear == ()


def test_a_connection_lost_after_the_dot_leaves_it_unclear_and_it_is_not_sent_again(run: Run, ledger: Ledger) -> None:
    report, wire = run({}, {"B": [Answer("lost")]})
    assert (ids(report.unclear), wire.taken, states(ledger)) == ("B", list("ACD"), "se un se se")
    again, second = run()
    assert (again.sent, second.taken, states(ledger)) == ((), [], "se un se se")


def test_losing_the_connection_again_and_again_stops_the_run(run: Run, ledger: Ledger) -> None:
    lost: list[object] = [Answer("lost")] * 9
    report, _ = run({name: list(lost) for name in "BCD"})
    assert report.stopped is not None
    assert (report.stopped.key, ids(report.sent), ids(report.left)) == ("smtp_lost", "A", "BCD")
    assert states(ledger) == "se pl pl pl"
    assert [one.words for one in report.left] == ["连接中断"] * 3, "each that was tried says why"


def test_a_mail_that_did_not_go_out_is_among_those_left_with_the_reason(run: Run, ledger: Ledger) -> None:
    report, _ = run({"B": [Answer("lost"), Answer("lost")]})
    assert [(ids([one]), one.words) for one in report.left] == [("B", "连接中断")]
    assert (report.stopped, states(ledger)) == (None, "se pl se se")


def test_a_sender_that_is_refused_stops_the_run_at_once(run: Run, ledger: Ledger) -> None:
    report, _ = run({"B": [Answer("no_sender", "553 not you")]})
    assert report.stopped is not None
    assert "553 not you" in report.stopped.message("en")
    assert (ids(report.sent), ids(report.left), states(ledger)) == ("A", "BCD", "se pl pl pl")


def test_refused_addresses_of_a_message_that_was_sent_are_told(run: Run) -> None:
    report, _ = run({}, {"B": [Answer("sent", "b2@x.cn: 550 no")]})
    assert [one.words for one in report.sent] == ["", "部分地址被拒绝：b2@x.cn: 550 no", "", ""]


@pytest.mark.parametrize("error", [KeyboardInterrupt(), OSError("disk full")])
@pytest.mark.parametrize(("at", "state"), [("offer", "pl"), ("finish", "un")])
def test_an_interruption_within_a_message_is_settled_by_how_far_it_got(
    run: Run, ledger: Ledger, error: BaseException, at: str, state: str
) -> None:
    answers: dict[str, list[object]] = {"B": [error]}
    offers, finishes = (answers, {}) if at == "offer" else ({}, answers)
    if isinstance(error, KeyboardInterrupt):
        report, wire = run(offers, finishes)
        assert report.is_interrupted
        assert wire.drops == 1
    else:
        with pytest.raises(OSError, match="disk"):
            run(offers, finishes)
    assert states(ledger) == f"se {state} pl pl"


def test_an_interruption_before_the_servers_answer_is_on_record_leaves_it_unclear(
    run: Run, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(ledger: Ledger, number: int, institution: str, state: str, *, why: str = "") -> None:
        if (institution, state) == ("B", "sent"):
            raise KeyboardInterrupt
        mark(ledger, number, institution, state, why=why)  # type: ignore[arg-type]

    monkeypatch.setattr("evaluator.rounds.sending.mark", interrupted)
    report, _ = run()
    assert (ids(report.sent), ids(report.unclear), ids(report.left)) == ("A", "B", "CD")
    assert states(ledger) == "se un pl pl"


def test_an_interruption_between_messages_ends_cleanly(place: Round, ledger: Ledger, masters: Masters) -> None:
    waits = iter([None, None, KeyboardInterrupt()])

    def sleep(_: float) -> None:
        found = next(waits)
        if found:
            raise found

    planned = plan(place, ledger, "invitation", invitations(place, WHO, masters))
    wire = Script(ledger, {}, {})
    report = send(place, ledger, planned, wire=wire, pace=Pace(1, clock=lambda: 0.0, sleep=sleep))
    assert (report.is_interrupted, ids(report.sent), ids(report.left)) == (True, "ABC", "D")
    assert (states(ledger), wire.is_closed) == ("se se se pl", True)


def test_a_message_with_another_institutions_form_never_reaches_the_wire(
    run: Run, ledger: Ledger, place: Round, masters: Masters
) -> None:
    """Whatever went wrong before: the bytes that would go out are looked at once more."""

    def swapped(planned: Plan) -> Plan:
        forms = (*packages_of(place, WHO[1], masters)[:4], packages_of(place, WHO[2], masters)[4])
        messages = list(planned.messages)
        messages[1] = replace(messages[1], forms=lambda: forms)
        return replace(planned, messages=tuple(messages))

    report, wire = run(change=swapped)
    assert (ids(report.failed), wire.taken, states(ledger)) == ("B", list("ACD"), "se fa se se")
    assert "签章" in report.failed[0].words
    assert ledger.rows("SELECT what FROM events WHERE institution = 'B'") == [("message_failed",)]


def test_a_plan_of_nothing_opens_no_connection(place: Round, ledger: Ledger, masters: Masters) -> None:
    wire = Script(ledger, {}, {})
    planned = plan(place, ledger, "invitation", ())
    assert send(place, ledger, planned, wire=wire).sent == ()
    assert wire.connections == 0


def test_a_server_that_cannot_be_reached_stops_before_anything_is_on_record(
    place: Round, ledger: Ledger, masters: Masters
) -> None:
    class Dead(Script):
        def ready(self) -> None:
            raise RoundError("smtp_lost", host="h")

    planned = plan(place, ledger, "invitation", invitations(place, WHO, masters))
    with pytest.raises(RoundError):
        send(place, ledger, planned, wire=Dead(ledger, {}, {}))
    assert states(ledger) == "pl pl pl pl"


def test_messages_keep_apart() -> None:
    now, slept = [100.0], []

    def sleep(seconds: float) -> None:
        slept.append(round(seconds, 6))
        now[0] += seconds

    pace = Pace(30, clock=lambda: now[0], sleep=sleep)
    for spent in (0.5, 0.0, 5.0, 0.0):
        pace.wait()
        now[0] += spent
    assert slept == [1.5, 2.0], "two seconds from one to the next; a late one is not made up for"


def test_progress_is_told(place: Round, ledger: Ledger, masters: Masters) -> None:
    seen: list[tuple[int, int]] = []
    planned = plan(place, ledger, "invitation", invitations(place, WHO, masters))
    send(place, ledger, planned, wire=Script(ledger, {}, {}), progress=lambda done, total: seen.append((done, total)))
    assert seen == [(1, 4), (2, 4), (3, 4), (4, 4)]
