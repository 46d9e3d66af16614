"""Where what comes in is kept, opened and put on record.

Owns: the order keeping, opening, recording, for loose files, messages, archives and mailbox files alike; opening is
done in processes that may die. Knows nothing of where things come from, and judges no file.
"""

from __future__ import annotations

import shutil
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

from evaluator.errors import reason_of
from evaluator.intake.messages import Letter, Parted, not_a_letter, not_parted, part_containers, read_letters
from evaluator.intake.sources import Source
from evaluator.limits import Limits
from evaluator.pipeline.progress import Progress
from evaluator.questionnaire.opening import not_had
from evaluator.rounds.collecting import UNSETTLED, Known, settled, signs_of, takes_files
from evaluator.rounds.inbox import Arrival, Entry, Post, mail_is_kept, record, twin_of
from evaluator.rounds.keeping import Inbox
from evaluator.rounds.ledger import Ledger
from evaluator.rounds.reasons import packed
from evaluator.wording import Text, filled
from evaluator.workers import LocalPool, spread, with_shared

_TOGETHER = 8
"""Messages that a process opens at a time."""
_LOOSE = 100
"""Loose files that are recorded in one step."""


@dataclass
class Received:
    """What came in during one collecting."""

    mails: set[str] = field(default_factory=set)
    """Hashes of mails that were new."""
    files: int = 0
    """Files that were new, loose or in mails."""
    known: int = 0
    """Mails and loose files that were on record."""
    left: dict[str, Text] = field(default_factory=dict)
    """Why files were not taken, by name."""
    places: dict[str, str] = field(default_factory=dict)
    """Hashes of messages that were fetched, by their place in the mailbox."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Kept:
    """A message whose bytes are kept."""

    source: Source
    """The kept file, under the name it came by."""
    sha256: str
    origin: str
    """As `Post.source`."""


class Desk:
    """Where what comes in is kept, opened and put on record."""

    def __init__(
        self,
        inbox: Inbox,
        ledger: Ledger,
        known: Known,
        limits: Limits,
        pool: LocalPool,
        spool: Path,
        progress: Progress,
    ) -> None:
        """Get ready.

        Args:
            inbox: keeps what comes.
            ledger: the round's.
            known: what mails may refer to.
            limits: how much may be in a container.
            pool: opens containers.
            spool: a folder for what is taken out of them.
            progress: told how far it is.
        """
        self.received = Received()
        self.inbox = inbox
        self.ledger = ledger
        self.limits = limits
        self.progress = progress
        self._known = known
        self._pool = pool
        self._spool = spool
        self._folders = 0

    def take_loose(self, files: Iterable[Source], archive: str = "") -> None:
        """Take files that came without a mail, maybe in an archive that is kept under a hash."""
        entries = (self._entry(one, self.ledger.clock()) for one in files)
        while batch := tuple(islice(entries, _LOOSE)):
            self.record([Arrival(post=None, entries=(entry,), bounced={}, archive=archive) for entry in batch])

    def take_messages(self, messages: Sequence[Source]) -> None:
        """Take messages that are files."""

        def kept() -> Iterator[Kept]:
            for number, one in enumerate(messages, start=1):
                found = self._keep_message(one)
                if found is not None:
                    yield found
                self.progress("unpack", number, len(messages))

        self.open(kept())

    def _keep_message(self, one: Source) -> Kept | None:
        try:
            sha256 = self.inbox.keep_file(one.path)
        except OSError as error:
            self.leave(one, reason_of(error))
            return None
        return self.kept(sha256, one.name, one.container, one.arrived, one.name)

    def take_packed(self, one: Source) -> None:
        """Take an archive, which is kept as it is, or a mailbox file, whose messages are kept."""
        try:
            archive = self.inbox.keep_file(one.path) if one.container == "zip" else ""
        except OSError as error:
            self.leave(one, reason_of(error))
            return
        folder = self._folder()
        work = with_shared(part_containers, self.limits)
        for batch in spread(self._pool, work, [(one, folder)], not_parted, batch=1):
            for parted in batch:
                self._take_parted(one, parted, archive)
        shutil.rmtree(folder, ignore_errors=True)

    def _take_parted(self, one: Source, parted: Parted, archive: str) -> None:
        faulty = [replace(one, is_regular=False, container="", fault=parted.fault)] if parted.fault else []
        self.take_loose([*faulty, *parted.files], archive)
        self.take_messages(parted.messages)

    def leave(self, one: Source, why: object) -> None:
        """Say of a file that it was not taken."""
        self.received.left[one.name] = filled("rounds.collect.left", why=why)

    def kept(self, sha256: str, name: str, kind: str, arrived: str, origin: str) -> Kept | None:
        """Give a message that is to be opened; `None` where that was done."""
        if mail_is_kept(self.ledger, self.inbox, sha256):
            self.received.known += sha256 not in self.received.mails
            return None
        source = Source(
            name=name,
            path=self.inbox.place(sha256),
            is_regular=True,
            is_junk=False,
            container=kind,
            arrived=arrived,
        )
        return Kept(source=source, sha256=sha256, origin=origin)

    def open(self, messages: Iterable[Kept]) -> None:
        """Open messages and record each."""
        waiting: deque[tuple[Kept, Path]] = deque()

        def wanted() -> Iterator[tuple[Source, Path]]:
            for one in messages:
                waiting.append((one, self._folder()))
                yield one.source, waiting[-1][1]

        work = with_shared(read_letters, self.limits)
        for letters in spread(self._pool, work, wanted(), not_a_letter, batch=_TOGETHER):
            for letter in letters:
                kept, folder = waiting.popleft()
                arrival = self._arrival(kept, letter)
                if arrival is not None:
                    self.record([arrival])
                shutil.rmtree(folder, ignore_errors=True)

    def _arrival(self, kept: Kept, letter: Letter) -> Arrival | None:
        facts = letter.facts
        # a mail that does not say when it came has come now, as a loose file has
        arrived = kept.source.arrived or letter.arrived or self.ledger.clock()
        signs, bounced = signs_of(letter, self._known)
        files = letter.files if takes_files(signs, facts) else ()
        # what a mail holds came with it; times in mails attached to it are its sender's word
        own = tuple(self._entry(one, arrived) for one in files)
        twin = twin_of(self.ledger, kept.sha256, facts.message_id, own)
        if twin:
            self.received.known += 1
            self.received.places[kept.origin] = twin
            return None
        kind, reasons = (UNSETTLED, signs) if own else settled(signs, facts.sender, (), self._known)
        post = Post(
            sha256=kept.sha256,
            source=kept.origin,
            message_id=facts.message_id,
            sender=facts.sender,
            subject=facts.subject,
            arrived=arrived,
            kind=kind,
            reason=packed(reasons),
        )
        return Arrival(post=post, entries=own, bounced=bounced)

    def _entry(self, one: Source, arrived: str) -> Entry:
        """Keep a file; what could not be had is listed with its fault."""
        fault = one.fault
        if fault is None:
            try:
                sha256 = self.inbox.keep_file(one.path)
                return Entry(name=one.name, sha256=sha256, size=one.path.stat().st_size, arrived=arrived)
            except OSError as error:
                fault = not_had(error)
        return Entry(name=one.name, sha256="", size=0, arrived=arrived, fault=fault)

    def record(self, arrivals: Sequence[Arrival]) -> None:
        """Put on record what is kept."""
        done = record(self.ledger, arrivals)
        self.received.mails.update(done.mails)
        self.received.files += done.files
        self.received.known += done.known

    def _folder(self) -> Path:
        self._folders += 1
        return self._spool / f"{self._folders:06}"
