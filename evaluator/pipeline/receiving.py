"""From paths and a mailbox to files that are kept and mails that are on record.

Owns: what is taken from where, and that one message at a time is in memory. What then becomes of it is the desk's.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from evaluator.errors import RoundError, reason_of
from evaluator.intake.containers.facts import facts_in
from evaluator.intake.containers.mails import subject_of
from evaluator.intake.containers.names import of_message
from evaluator.intake.messages import MESSAGES
from evaluator.intake.sources import Source, find
from evaluator.limits import MEBI
from evaluator.pipeline.desk import Desk, Kept, Received
from evaluator.pipeline.progress import Progress
from evaluator.pipeline.setup import Setup, workers_for
from evaluator.pipeline.taking import care_of
from evaluator.rounds.collecting import Known
from evaluator.rounds.folder import KEY, LOCK, MODEL, SETTINGS, Round
from evaluator.rounds.imap import Listed, Mailbox, Session
from evaluator.rounds.inbox import Arrival, Post, mails_kept
from evaluator.rounds.keeping import Inbox
from evaluator.rounds.ledger import Ledger
from evaluator.rounds.reasons import Reason, packed
from evaluator.wording import filled, text
from evaluator.workers import LocalPool

_HEAD = 1 << 18
"""Bytes of a message in which its subject is looked for."""


def receive(
    place: Round,
    ledger: Ledger,
    paths: Sequence[Path],
    mailbox: Mailbox | None,
    known: Known,
    setup: Setup,
    progress: Progress,
) -> Received:
    """Keep and record everything under some paths and in a mailbox.

    Raises:
        InputError: a path is not there, or there is nothing under the paths.
        RoundError: the round's folder can't be written, or the mailbox can't be read; what came before is on record.
    """
    inbox = Inbox(place.inbox)
    inbox.tidy()
    found = find(paths, _own(place)) if paths else ()
    with tempfile.TemporaryDirectory(prefix="evaluator-", ignore_cleanup_errors=True) as spool:
        care = replace(care_of(setup.limits), seconds=setup.limits.container_seconds)
        with LocalPool(workers_for(setup.workers, len(found)), care) as pool:
            desk = Desk(inbox, ledger, known, setup.limits, pool, Path(spool), progress)
            _take_found(desk, found)
            if mailbox is not None:
                with mailbox.opened() as session:
                    _Fetching(desk, session, mailbox.settings.folder).take()
    return desk.received


def _own(place: Round) -> list[Path]:
    """List what lies in the round's folder and did not come in."""
    own = [place.inbox, place.outbox, place.letters, place.database, place.roster]
    names = (SETTINGS, KEY, LOCK, MODEL, ".gitignore", f"{place.database.name}-journal")
    return [*own, *(place.path / name for name in names)]


def _take_found(desk: Desk, found: Sequence[Source]) -> None:
    """Take files, messages, archives and mailbox files that lie under the paths."""
    wanted = [one for one in found if not one.is_junk and _can_be_had(desk, one)]
    desk.take_loose(one for one in wanted if not one.container)
    desk.take_messages([one for one in wanted if one.container in MESSAGES])
    for one in wanted:
        if one.container and one.container not in MESSAGES:
            desk.take_packed(one)


def _can_be_had(desk: Desk, one: Source) -> bool:
    """Tell whether a file can be read; one that can't is left, and said to be."""
    why: object = text("intake.not_regular")
    if one.fault is not None:
        why = one.fault.params.get("why", why)
    elif one.is_regular:
        try:
            with one.path.open("rb"):
                size = one.path.stat().st_size
        except OSError as error:
            why = reason_of(error)
        else:
            if size <= desk.limits.container_file:
                return True
            why = filled("rounds.collect.size", size=size // MEBI)
    desk.leave(one, why)
    return False


class _Fetching:
    """Taking the messages of a mailbox that are not on record."""

    def __init__(self, desk: Desk, session: Session, folder: str) -> None:
        self._desk = desk
        self._session = session
        self._folder = folder
        self._failure: RoundError | None = None

    def take(self) -> None:
        """Fetch, keep and record them; where the connection is lost, those before it are on record."""
        uids = self._session.uids()
        kept = self._on_record()
        fresh = [uid for uid in uids if uid not in kept]
        self._desk.received.known += len(uids) - len(fresh)
        self._desk.open(self._fetched(fresh))
        if self._failure is not None:
            raise self._failure

    def _on_record(self) -> set[int]:
        desk = self._desk
        kept = mails_kept(desk.ledger, desk.inbox)
        numbered = (
            (self._session.uid(source), sha256)
            for source, sha256 in desk.ledger.rows("SELECT source, sha256 FROM mails")
        )
        return {uid for uid, sha256 in numbered if uid is not None and sha256 in kept}

    def _fetched(self, uids: Sequence[int]) -> Iterator[Kept]:
        try:
            for number, one in enumerate(self._session.listed(uids), start=1):
                kept = self._fetch(one)
                if kept is not None:
                    yield kept
                self._desk.progress("fetch", number, len(uids))
        except RoundError as error:
            self._failure = error

    def _fetch(self, one: Listed) -> Kept | None:
        """Fetch and keep a message; `None` where it is gone, on record, or too large."""
        desk = self._desk
        is_large = one.size > desk.limits.message
        data = self._session.head(one.uid) if is_large else self._session.message(one.uid)
        if data is None:
            return None
        sha256 = desk.inbox.keep(data)
        origin = self._session.place(one.uid)
        if is_large:
            self._note_large(sha256, origin, data, one)
            return None
        desk.received.places[origin] = sha256
        name = f"{self._folder}/{of_message(one.uid, subject_of(data[:_HEAD]))}"
        return desk.kept(sha256, name, "eml", one.arrived, origin)

    def _note_large(self, sha256: str, origin: str, head: bytes, one: Listed) -> None:
        facts = facts_in(head)
        size, limit = f"{one.size / MEBI:.1f}", f"{self._desk.limits.message // MEBI}"
        reasons = [Reason(key="too_large", params={"size": size, "limit": limit})]
        post = Post(
            sha256=sha256,
            source=origin,
            message_id=facts.message_id,
            sender=facts.sender,
            subject=facts.subject,
            arrived=one.arrived,
            kind="person",
            reason=packed(reasons),
        )
        self._desk.record([Arrival(post=post, entries=(), bounced={})])
