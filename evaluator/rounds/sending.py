"""Sending what was planned, so that it can stop at any moment and go on without sending twice or leaving one out.

Owns: the order of ledger and wire, trying again, the pace, and what is said of each message. Knows nothing of how
mails look or of SMTP.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from evaluator.errors import RoundError
from evaluator.intake.addresses import named_address_of
from evaluator.rounds.folder import Round
from evaluator.rounds.ledger import Ledger
from evaluator.rounds.mailing import build, goes_to
from evaluator.rounds.messages import mark, mark_sending, recover, rows_of
from evaluator.rounds.planning import Plan, Planned
from evaluator.rounds.wire import Answer, Wire
from evaluator.wording import say

_MOST_LOSSES = 3
"""Connections lost one after the other, after which a run stops."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What became of one message."""

    message: Planned
    words: str = ""
    """Why, as the server or we say it; for one that was sent: which of its addresses were refused."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """What became of a plan."""

    sent: tuple[Outcome, ...]
    failed: tuple[Outcome, ...]
    unclear: tuple[Outcome, ...]
    """Nobody knows whether these were sent; they are not sent again unless a person says so."""
    left: tuple[Outcome, ...]
    """Not sent; the next run sends them. Those that were tried say why."""
    stopped: RoundError | None = None
    """Why the run ended early, where it did."""
    is_interrupted: bool = False
    """Whether a person stopped it."""


class Pace:
    """Keeps messages apart, so that no server takes them for a flood."""

    def __init__(
        self,
        per_minute: int,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Set the pace: so many messages a minute, evenly; `clock` gives seconds."""
        self._apart = 60 / per_minute
        self._clock, self._sleep = clock, sleep
        self._next = clock()

    def wait(self) -> None:
        """Wait until the next message may go."""
        now = self._clock()
        if now < self._next:
            self._sleep(self._next - now)
        self._next = max(now, self._next) + self._apart


@dataclass(kw_only=True)
class _Run:
    """A run under way."""

    place: Round
    ledger: Ledger
    wire: Wire
    sent: list[Outcome] = field(default_factory=list)
    failed: list[Outcome] = field(default_factory=list)
    unclear: list[Outcome] = field(default_factory=list)
    put_back: dict[int, str] = field(default_factory=dict)
    """Why messages that were tried wait to be sent, by number."""
    losses: int = 0

    def say(self, key: str, **params: object) -> str:
        return say(f"rounds.send.{key}", self.place.settings.round.lang, **params)


def send(
    place: Round,
    ledger: Ledger,
    plan: Plan,
    *,
    wire: Wire,
    pace: Pace | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Report:
    """Send what was planned.

    What the server refuses for now is tried once more when all others are through, and so is what a broken connection
    left unsent. A run that is interrupted, also by a kill, leaves the ledger so that `planning.plan` knows what to do.

    Args:
        place: the round.
        ledger: its ledger, from `folder.at_work`.
        plan: what to send.
        wire: through what.
        pace: how fast; `None`: as the settings say.
        progress: called with how many messages are done and how many there are.

    Raises:
        RoundError: the server can't be reached, or refuses the login, before anything was sent.
    """
    run = _Run(place=place, ledger=ledger, wire=wire)
    pace = pace or Pace(place.settings.mail.per_minute)
    stopped: RoundError | None = None
    is_interrupted = False
    if plan.messages:
        wire.ready()
    try:
        again = _sent_through(run, plan.messages, pace, progress, len(plan.messages), is_last=False)
        _sent_through(run, again, pace, progress, len(plan.messages), is_last=True)
    except RoundError as error:
        stopped = error
    except KeyboardInterrupt:
        is_interrupted = True
        _settle_the_last(run, plan.messages)
    finally:
        wire.close()
    done = {outcome.message.number for outcome in (*run.sent, *run.failed, *run.unclear)}
    return Report(
        sent=tuple(run.sent),
        failed=tuple(run.failed),
        unclear=tuple(run.unclear),
        left=tuple(
            Outcome(message=message, words=run.put_back.get(message.number, ""))
            for message in plan.messages
            if message.number not in done
        ),
        stopped=stopped,
        is_interrupted=is_interrupted,
    )


def _sent_through(
    run: _Run,
    messages: Sequence[Planned],
    pace: Pace,
    progress: Callable[[int, int], None] | None,
    total: int,
    *,
    is_last: bool,
) -> list[Planned]:
    """Send messages one by one; give those to try again."""
    again: list[Planned] = []
    for message in messages:
        pace.wait()
        if not _send_one(run, message, is_last=is_last):
            again.append(message)
        if progress is not None:
            progress(len(run.sent) + len(run.failed) + len(run.unclear), total)
    return again


def _send_one(run: _Run, message: Planned, *, is_last: bool) -> bool:
    """Send a message; says whether it is settled.

    Raises:
        RoundError: nothing more can be sent now.
    """
    built = build(run.place, message)
    if not goes_to(built.data, message.institution, len(message.files), run.place):
        _settle(run, message, "failed", run.say("not_its_own"))
        return True
    run.wire.ready()
    mark_sending(run.ledger, message.number, message.institution.id, built.sha256, built.packages)
    is_handed = False
    try:
        sender = named_address_of(run.place.settings.mail.sender)[1]
        answer = run.wire.offer(sender, message.addresses, built.data)
        if answer is None:
            mark(run.ledger, message.number, message.institution.id, "handing")
            is_handed = True
            answer = run.wire.finish()
    except BaseException:
        run.wire.drop()
        if is_handed:
            _settle(run, message, "unclear", run.say("unclear"))
        else:
            _put_back(run, message, run.say("lost"))
        raise
    return _settled(run, message, answer, is_handed=is_handed, is_last=is_last)


def _settled(run: _Run, message: Planned, answer: Answer, *, is_handed: bool, is_last: bool) -> bool:
    run.losses = run.losses + 1 if answer.verdict == "lost" else 0
    if answer.verdict == "sent":
        _settle(run, message, "sent", run.say("refused_some", words=answer.words) if answer.words else "")
    elif answer.verdict == "refused" or (answer.verdict == "later" and is_last):
        _settle(run, message, "failed", answer.words)
    elif answer.verdict == "lost" and is_handed:
        _settle(run, message, "unclear", run.say("unclear"))
    else:
        _put_back(run, message, answer.words or run.say("lost"))
        _stop_if_pointless(run, answer)
        return False
    _stop_if_pointless(run, answer)
    return True


def _stop_if_pointless(run: _Run, answer: Answer) -> None:
    host = run.place.settings.smtp.host
    if answer.verdict == "no_sender":
        sender = named_address_of(run.place.settings.mail.sender)[1]
        raise RoundError("smtp_sender_refused", host=host, sender=sender, words=answer.words)
    if run.losses >= _MOST_LOSSES:
        raise RoundError("smtp_lost", host=host)


def _settle_the_last(run: _Run, messages: Sequence[Planned]) -> None:
    """Settle a message that an interruption met between the wire and the ledger."""
    recover(run.ledger, run.place.settings.round.lang)
    listed = {outcome.message.number for outcome in run.unclear}
    unclear = {row.number: row.detail for row in rows_of(run.ledger, messages[0].kind) if row.state == "unclear"}
    for message in messages:
        if message.number in unclear and message.number not in listed:
            run.unclear.append(Outcome(message=message, words=unclear[message.number]))


def _put_back(run: _Run, message: Planned, words: str) -> None:
    run.put_back[message.number] = words
    mark(run.ledger, message.number, message.institution.id, "planned", why=words)


def _settle(run: _Run, message: Planned, state: str, words: str) -> None:
    groups = {"sent": run.sent, "failed": run.failed, "unclear": run.unclear}
    mark(run.ledger, message.number, message.institution.id, state, why=words)  # type: ignore[arg-type]
    groups[state].append(Outcome(message=message, words=words))
