"""The record of what came in, and the round's files for whoever reads them.

Owns: the tables `mails` and `files`. What is recorded is kept already (`keeping`), so that a kill at any moment loses
nothing, and recording it again changes nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from sqlite3 import Connection
from typing import Any

from evaluator.errors import RoundError
from evaluator.findings import Finding
from evaluator.intake.containers.names import numbered
from evaluator.intake.sources import Source
from evaluator.questionnaire.opening import Unread
from evaluator.rounds.folder import Round
from evaluator.rounds.keeping import Inbox
from evaluator.rounds.ledger import Ledger
from evaluator.wording import LANGS, Text, text

UNREAD, UNANSWERED = "unreadable", "unanswered"
"""Statuses of files whose bytes could not be taken out, and of forms that came back as they were sent."""
_SHOWN = 3
"""Damaged files that are named."""
_DIGITS = 8
"""Of a file's hash, by which it is found in the inbox."""


_Rows = Callable[[str, Sequence[object]], list[tuple[Any, ...]]]
"""Gives the rows of a query."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """A file that came, loose or in a mail."""

    name: str
    """As people will see it; another one of that name gets a number."""
    sha256: str
    """Empty where its bytes could not be taken out of what it came in."""
    size: int
    arrived: str
    """As `Source.arrived`."""
    fault: Unread | None = None
    """Why its bytes could not be taken out."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Post:
    """A mail that came."""

    sha256: str
    """Of the message as it came; of its headers where it was too large to be fetched."""
    source: str
    """Where it was first found: a file's name, or its place in a mailbox."""
    message_id: str
    sender: str
    subject: str
    arrived: str
    kind: str
    reason: str
    """As `reasons.packed` gives it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Arrival:
    """What is recorded together: a mail with its files, or files that came without one."""

    post: Post | None
    entries: tuple[Entry, ...]
    bounced: Mapping[str, str]
    """What the mail says of messages of ours that it reports undelivered, by their ids."""
    archive: str = ""
    """SHA-256 of the archive that files without a mail were taken out of."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Recorded:
    """What was new of some arrivals."""

    mails: tuple[str, ...]
    """Hashes of mails."""
    files: int
    known: int
    """Mails, and files without one, that were on record."""


def record(ledger: Ledger, arrivals: Sequence[Arrival]) -> Recorded:
    """Record what came in, as one step. Nothing is recorded that is on record, and nothing is written if all is."""
    new = [one for one in arrivals if not _is_known(ledger, one)]
    posts = [one.post.sha256 for one in new if one.post]
    recorded = Recorded(mails=tuple(posts), files=sum(len(o.entries) for o in new), known=len(arrivals) - len(new))
    if not new:
        return recorded
    loose = {entry.name: entry.sha256 for one in new if one.post is None for entry in one.entries}
    archives = sorted({one.archive for one in new if one.archive})
    bounced = sorted({message for one in new for message in one.bounced})
    detail = {"mails": posts, "files": loose, "archives": archives, "bounced": bounced}
    with ledger.step("received", sha256=posts[0] if len(new) == len(posts) == 1 else "", detail=detail) as step:
        for one in new:
            _write(step, one, ledger.clock())
    return recorded


def mail_is_kept(ledger: Ledger, inbox: Inbox, sha256: str) -> bool:
    """Tell whether a mail is on record, and it and all its files are kept whole."""
    if not ledger.rows("SELECT 1 FROM mails WHERE sha256 = ?", (sha256,)) or not inbox.is_whole(sha256):
        return False
    files = ledger.rows("SELECT sha256 FROM files WHERE mail = ?", (sha256,))
    return all(inbox.is_whole(one) for (one,) in files if one)


def mails_kept(ledger: Ledger, inbox: Inbox) -> frozenset[str]:
    """Give the mails for which `mail_is_kept` holds."""
    parts: dict[str, set[str]] = {sha256: {sha256} for (sha256,) in ledger.rows("SELECT sha256 FROM mails")}
    for sha256, mail in ledger.rows("SELECT sha256, mail FROM files WHERE mail <> '' AND sha256 <> ''"):
        parts.setdefault(mail, set()).add(sha256)
    damaged = inbox.damaged(one for those in parts.values() for one in those)
    return frozenset(mail for mail, those in parts.items() if not those & damaged)


def twin_of(ledger: Ledger, sha256: str, message_id: str, entries: Sequence[Entry]) -> str:
    """Find the same message on record that came another way, so that its bytes differ; empty where there is none."""
    if not message_id:
        return ""
    contents = sorted(entry.sha256 for entry in entries)
    others = ledger.rows(
        "SELECT sha256 FROM mails WHERE message_id = ? AND sha256 <> ? AND instr(reason, 'too_large') = 0"
        " ORDER BY collected, sha256",
        (message_id, sha256),
    )
    for (other,) in others:
        if contents == sorted(one for (one,) in ledger.rows("SELECT sha256 FROM files WHERE mail = ?", (other,))):
            return str(other)
    return ""


def _is_known(ledger: Ledger, arrival: Arrival) -> bool:
    if arrival.post is not None:
        return bool(ledger.rows("SELECT 1 FROM mails WHERE sha256 = ?", (arrival.post.sha256,)))
    return all(_name_for(ledger.rows, entry, "") is None for entry in arrival.entries)


def _write(step: Connection, arrival: Arrival, now: str) -> None:
    post = arrival.post
    if post is not None:
        step.execute(
            "INSERT INTO mails VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                post.sha256, post.source, post.message_id, post.sender, post.subject, post.arrived, post.kind,
                post.reason, now,
            ),
        )  # fmt: skip
    for message_id, words in arrival.bounced.items():
        step.execute(
            "UPDATE messages SET state = 'bounced', changed = ?, detail = ? WHERE message_id = ?",
            (now, words, message_id),
        )
    mail = post.sha256 if post else ""
    for entry in arrival.entries:
        name = _name_for(lambda query, values: step.execute(query, values).fetchall(), entry, mail)
        if name is None:
            continue
        step.execute(
            "INSERT INTO files VALUES (?, ?, ?, ?, ?, ?)", (name, entry.sha256, entry.size, mail, entry.arrived, now)
        )
        if entry.fault is not None:
            findings = json.dumps([fault_as_json(name, entry.fault)], ensure_ascii=False, default=str)
            step.execute(
                "INSERT INTO returns VALUES (?, '', '', '', ?, 1, ?, ?, ?)",
                (name, UNREAD, entry.arrived, findings, now),
            )


def _name_for(rows: _Rows, entry: Entry, mail: str) -> str | None:
    """Give the name under which a file is to be recorded; `None` where it is on record."""
    name, number = entry.name, 1
    while True:
        found = rows("SELECT sha256, mail FROM files WHERE name = ?", (name,))
        if not found:
            return name
        if tuple(found[0]) == (entry.sha256, mail):
            return None
        number += 1
        name = numbered(entry.name, number)


def fault_as_json(name: str, fault: Unread) -> dict[str, object]:
    """Give the finding on a file that could not be taken out, with what it takes to make the fault again."""
    params = {key: value._asdict() if isinstance(value, Text) else value for key, value in fault.params.items()}
    return {**finding_as_json(Finding(code=fault.code, file=name, params=fault.params)), "params": params}


def finding_as_json(finding: Finding) -> dict[str, object]:
    """Give a finding as the ledger keeps it."""
    return {
        "code": finding.code,
        "severity": finding.severity,
        "sheet": finding.sheet,
        "cell": finding.cell,
        "requirement": finding.requirement,
        **{lang: finding.message(lang) for lang in LANGS},
    }


def sources(place: Round, ledger: Ledger, *, unanswered: bool = False) -> tuple[Source, ...]:
    """Give the round's files to be read, sorted by name.

    Args:
        place: the round.
        ledger: its ledger.
        unanswered: whether to give forms that came back just as they were sent, too.

    Raises:
        RoundError: a kept file is gone or changed, so that what came can't be told from it.
    """
    inbox = Inbox(place.inbox)
    blank = set() if unanswered else {digest for (digest,) in ledger.rows("SELECT sha256 FROM packages")}
    rows = ledger.rows(
        "SELECT f.name, f.sha256, f.arrived, r.findings FROM files f"
        " LEFT JOIN returns r ON r.name = f.name AND r.domain = '' AND f.sha256 = '' ORDER BY f.name"
    )
    wanted = [row for row in rows if row[1] not in blank]
    _check_whole(inbox, place, {row[0]: row[1] for row in wanted if row[1]})
    return tuple(_source(inbox, *row) for row in wanted)


def _check_whole(inbox: Inbox, place: Round, hashes: Mapping[str, str]) -> None:
    damaged = inbox.damaged(hashes.values())
    names = [name for name, sha256 in hashes.items() if sha256 in damaged]
    if names:
        shown = ", ".join(f"{name} ({hashes[name][:_DIGITS]})" for name in names[:_SHOWN])
        raise RoundError("inbox_damaged", path=place.inbox, files=shown, count=len(names), names=names)


def _source(inbox: Inbox, name: str, sha256: str, arrived: str, findings: str | None) -> Source:
    fault = None if sha256 else _fault(findings or "[]")
    return Source(
        name=name,
        path=inbox.place(sha256 or "none"),
        is_regular=bool(sha256),
        is_junk=False,
        fault=fault,
        arrived=arrived,
    )


def _fault(findings: str) -> Unread:
    for one in json.loads(findings):
        params = {key: Text(**value) if isinstance(value, dict) else value for key, value in one["params"].items()}
        return Unread(code=one["code"], params=params)
    return Unread(code="file.unreadable", params={"why": text("intake.not_regular")})
