"""Who gets which mail now: those who have not had it, as far as they can be written to.

Owns: telling from the ledger who has had what, finding everything that would go wrong before anything is sent, and
putting the messages on record. Planning again after a stop finds the same messages. Sends nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from evaluator.errors import RoundError
from evaluator.intake.addresses import addresses_of, named_address_of
from evaluator.intake.institutions import Institution
from evaluator.naming import file_part
from evaluator.rounds.folder import SETTINGS, Round
from evaluator.rounds.had import Had
from evaluator.rounds.ledger import Ledger
from evaluator.rounds.letters import Facts, Kind, Letter, letter
from evaluator.rounds.messages import Row, Wanted, put_on_record, recover, rows_of, written_by_hand
from evaluator.rounds.packages import Package
from evaluator.rounds.tasks import Task, file_fact
from evaluator.wording import Text, filled, say

_MEGA = 1_000_000
_FRESH = timedelta(hours=24)
"""How old a mail's date may be when it is sent; programs sort mails by it, and filters distrust old ones."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Planned:
    """A message that is to be sent."""

    number: int
    """In the ledger."""
    kind: Kind
    institution: Institution
    addresses: tuple[str, ...]
    message_id: str
    planned: str
    """Its date."""
    letter: Letter
    files: tuple[str, ...]
    """Names of what is attached."""
    archive: str
    """Name of the archive that the files go in; empty where they go one by one."""
    size: int
    """Bytes of the files."""
    forms: Callable[[], tuple[Package, ...]]
    """Makes the files."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Unwritable:
    """An institution that can't be written to."""

    institution: str
    why: Text


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """Who gets what."""

    kind: Kind
    messages: tuple[Planned, ...]
    done: tuple[str, ...]
    """Ids of those who have had it."""
    unclear: tuple[Row, ...]
    """Messages of this kind of which nobody knows whether they were sent; `messages.resolve` settles them."""
    faults: tuple[Unwritable, ...]
    left: int
    """How many more there are beyond the limit."""
    nothing: tuple[str, ...] = ()
    """Ids of those asked for by id to whom there is nothing to write."""
    written: tuple[Row, ...] = ()
    """Messages left out because they were written to files for sending by hand, and nobody said whether they were."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Ready:
    """A task with everything said of it that can go wrong."""

    task: Task
    addresses: tuple[str, ...]
    row: Row | None
    planned: str
    letter: Letter
    facts: Facts
    size: int


def plan(
    place: Round,
    ledger: Ledger,
    kind: Kind,
    tasks: Sequence[Task],
    *,
    only: Collection[str] = (),
    limit: int | None = None,
    known: Collection[str] = (),
    skip_written: bool = False,
) -> Plan:
    """Plan the mails of a kind, and put them on record.

    Args:
        place: the round.
        ledger: its ledger, from `folder.at_work`.
        kind: what they are.
        tasks: who is to get what, from `tasks`; those who have had it are left out here.
        only: ids of the institutions to write to; none: all.
        limit: how many mails at most.
        known: ids of the institutions that there are, beside those of the tasks.
        skip_written: whether to leave out what was written to files for sending by hand.

    Raises:
        RoundError: there is no sender, an id is not known, or the letter has a fault.
    """
    domain = _sender_domain(place)
    wanted = _chosen(tasks, only, known)
    recover(ledger, place.settings.round.lang)
    rows = rows_of(ledger, kind)
    had = Had(ledger, kind, rows)
    waiting = [pending for task in wanted if (pending := had.pending(task)) is not None]
    faults = [fault for task in waiting if (fault := _unwritable(task.institution)) is not None]
    refused = {fault.institution for fault in faults}
    by_hand = written_by_hand(ledger) if skip_written else frozenset()
    ready, written = [], []
    for task in waiting:
        row = had.open_row(task)
        if row is not None and row.number in by_hand:
            written.append(row)
        elif task.institution.id not in refused:
            ready.append(_ready(place, ledger, kind, task, row))
    chosen = ready if limit is None else ready[:limit]
    asked = {task.institution.id for task in wanted}
    return Plan(
        kind=kind,
        messages=_recorded(place, ledger, kind, chosen, domain),
        done=tuple(sorted(asked - {task.institution.id for task in waiting} - had.unclear)),
        unclear=tuple(row for row in rows if row.state == "unclear" and (not only or row.institution in asked)),
        faults=tuple(faults),
        left=len(ready) - len(chosen),
        nothing=tuple(sorted(set(only) - asked)),
        written=tuple(written),
    )


def _chosen(tasks: Sequence[Task], only: Collection[str], known: Collection[str]) -> list[Task]:
    missing = sorted(set(only) - {task.institution.id for task in tasks} - set(known))
    if missing:
        raise RoundError("no_such_institutions", ids=", ".join(missing))
    return [task for task in tasks if not only or task.institution.id in only]


def _sender_domain(place: Round) -> str:
    address = named_address_of(place.settings.mail.sender)[1]
    if not address:
        raise RoundError("no_sender", path=place.path / SETTINGS)
    return address.rpartition("@")[2]


def _unwritable(institution: Institution) -> Unwritable | None:
    if addresses_of(institution.email):
        return None
    typed = institution.email
    why = filled("rounds.send.bad_address", found=typed) if typed else filled("rounds.send.no_address")
    return Unwritable(institution=institution.id, why=why)


def _ready(place: Round, ledger: Ledger, kind: Kind, task: Task, row: Row | None) -> _Ready:
    """Write a task's letter; this finds a template's faults before anything is sent."""
    forms = task.forms()
    size = sum(len(form.data) for form in forms)
    facts = Facts(
        files=tuple(
            file_fact(place, form.domain, form.file_name, task.points.get(form.file_name, 0)) for form in forms
        ),
        archive=_archive(place, task.institution) if len(forms) > 1 and _is_large(place, size) else "",
        missing=task.missing,
        anew=task.anew,
        faults=task.faults,
        more_faults=task.more_faults,
    )
    planned = _date(ledger, row)
    return _Ready(
        task=task,
        addresses=addresses_of(task.institution.email),
        row=row,
        planned=planned,
        letter=letter(place, kind, task.institution, facts, planned),
        facts=facts,
        size=size,
    )


def _is_large(place: Round, size: int) -> bool:
    return size > place.settings.mail.size_limit_mb * _MEGA


def _archive(place: Round, institution: Institution) -> str:
    words = say("rounds.letter.archive", place.settings.round.lang)
    return f"{file_part(institution.id, 80)}_{words}.zip"


def _date(ledger: Ledger, row: Row | None) -> str:
    now = ledger.clock()
    if row is None or abs(datetime.fromisoformat(now) - datetime.fromisoformat(row.planned)) > _FRESH:
        return now
    return row.planned


def _recorded(place: Round, ledger: Ledger, kind: Kind, ready: Sequence[_Ready], domain: str) -> tuple[Planned, ...]:
    wanted = [
        Wanted(one.task.institution.id, "; ".join(one.addresses), one.letter.subject, one.planned, one.row)
        for one in ready
    ]
    given = put_on_record(ledger, kind, wanted, round_id=place.id, domain=domain)
    return tuple(
        Planned(
            number=number,
            kind=kind,
            institution=one.task.institution,
            addresses=one.addresses,
            message_id=message_id,
            planned=one.planned,
            letter=one.letter,
            files=tuple(file.name for file in one.facts.files),
            archive=one.facts.archive,
            size=one.size,
            forms=one.task.forms,
        )
        for one, (number, message_id) in zip(ready, given, strict=True)
    )
