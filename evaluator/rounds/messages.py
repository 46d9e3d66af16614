"""Our messages in the ledger: one row each, whose state says how far it got.

Owns: the states, the steps from one to the next, and what a stopped run leaves behind. A message is `planned`, then
`sending` before the connection is used for it, `handing` once everything but its last dot is on the wire, then `sent`
or `failed`. Found `sending` it was certainly not sent; found `handing` nobody knows: it becomes `unclear`, and is not
sent again unless a person says so. Knows nothing of letters or connections.
"""

from __future__ import annotations

import json
import re
import secrets
import sqlite3
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Literal, NamedTuple

from evaluator.errors import RoundError
from evaluator.rounds.ledger import Ledger
from evaluator.rounds.letters import Kind
from evaluator.rounds.packages import Package
from evaluator.wording import Lang, say

State = Literal["planned", "sending", "handing", "sent", "failed", "unclear", "bounced"]
Decision = Literal["sent", "again"]
OPEN = ("planned", "failed")
"""States from which a message is sent, or sent anew."""
_ALL = (
    "SELECT number, kind, institution, address, message_id, subject, sha256, state, planned, changed, detail"
    " FROM messages ORDER BY number"
)
_NEW = (
    "INSERT INTO messages (number, kind, institution, address, message_id, subject, sha256, state, planned, changed,"
    " detail) VALUES (?, ?, ?, ?, ?, ?, '', 'planned', ?, ?, '')"
)
_DECIDED: Mapping[Decision, tuple[str, ...]] = {
    "sent": ("unclear", "planned", "failed"),  # those planned may have been sent by hand
    "again": ("unclear", "bounced", "sent"),
}
"""From which states a person may decide so; also `again` of one written to a file that waits to be sent by hand."""
_WRITTEN = "messages_written"
_NOT_IN_IDS = re.compile(r"[^A-Za-z0-9-]+")


class Row(NamedTuple):
    """A message as the ledger has it."""

    number: int
    kind: Kind
    institution: str
    address: str
    """All addresses, with `; ` between them."""
    message_id: str
    subject: str
    sha256: str
    """Of its bytes; empty until they were first made."""
    state: State
    planned: str
    """Its date; renewed where it lay for long before it was sent."""
    changed: str
    detail: str
    """Why it is in that state, where there is something to say."""


class Wanted(NamedTuple):
    """A message to put on record as planned."""

    institution: str
    address: str
    subject: str
    planned: str
    row: Row | None
    """The one there is already, to be brought up to date."""


def rows_of(ledger: Ledger, kind: Kind) -> list[Row]:
    """Give the messages of a kind, in the order they were planned."""
    return [row for row in _rows(ledger) if row.kind == kind]


def planned(ledger: Ledger) -> tuple[int, ...]:
    """Give the numbers of the messages that are planned and were not sent, as far as we know."""
    return tuple(number for (number,) in ledger.rows("SELECT number FROM messages WHERE state = 'planned'"))


def recover(ledger: Ledger, lang: Lang) -> None:
    """Settle what a stopped run left under way; only for a process that alone has the round (`folder.at_work`).

    Args:
        ledger: the round's.
        lang: of what is noted.
    """
    for number, institution, state in ledger.rows(
        "SELECT number, institution, state FROM messages WHERE state IN ('sending', 'handing') ORDER BY number"
    ):
        if state == "sending":
            mark(ledger, number, institution, "planned", why=say("rounds.send.lost", lang))
        else:
            mark(ledger, number, institution, "unclear", why=say("rounds.send.unclear", lang))


def put_on_record(
    ledger: Ledger, kind: Kind, wanted: Sequence[Wanted], *, round_id: str, domain: str
) -> list[tuple[int, str]]:
    """Record messages as planned, all in one step; give each one's number and Message-ID, which it keeps."""
    given: list[tuple[int, str]] = []
    numbers: list[int] = []
    if not any(_differs(one) for one in wanted):
        return [(one.row.number, one.row.message_id) for one in wanted if one.row]
    following = 1 + ledger.rows("SELECT coalesce(max(number), 0) FROM messages")[0][0]
    with ledger.step("planned", detail={"kind": kind, "messages": numbers}) as database:
        for one in wanted:
            if one.row is not None:
                given.append((one.row.number, one.row.message_id))
                database.execute(
                    "UPDATE messages SET address = ?, subject = ?, planned = ? WHERE number = ?",
                    (one.address, one.subject, one.planned, one.row.number),
                )
            else:
                identifier = _message_id(round_id, one.institution, kind, following, domain)
                given.append((following, identifier))
                values = (following, kind, one.institution, one.address, identifier, one.subject)
                database.execute(_NEW, (*values, one.planned, ledger.clock()))
                following += 1
            if _differs(one):
                numbers.append(given[-1][0])
    return given


def mark_sending(ledger: Ledger, number: int, institution: str, sha256: str, packages: Sequence[Package]) -> None:
    """Record that a message is about to be sent, and what it holds."""
    with ledger.step("message_sending", institution=institution, sha256=sha256, detail={"message": number}) as database:
        database.execute(
            "UPDATE messages SET state = 'sending', sha256 = ?, changed = ?, detail = '' WHERE number = ?",
            (sha256, ledger.clock(), number),
        )
        enclose(database, number, packages, ledger.clock())


@contextmanager
def noting(ledger: Ledger | None) -> Iterator[Callable[[int, str, Sequence[Package]], None]]:
    """Note what messages hold that are written to files, all in one step; without a ledger, nothing.

    The block is given a function to call with each message's number, hash and packages.
    """
    if ledger is None:
        yield lambda number, sha256, packages: None
        return
    numbers: list[int] = []
    with ledger.step(_WRITTEN, detail={"messages": numbers}) as database:

        def note(number: int, sha256: str, packages: Sequence[Package]) -> None:
            numbers.append(number)
            database.execute("UPDATE messages SET sha256 = ? WHERE number = ?", (sha256, number))
            enclose(database, number, packages, ledger.clock())

        yield note


def enclose(database: sqlite3.Connection, number: int, packages: Sequence[Package], at: str) -> None:
    """Record what a message holds, each package once; within a step of the ledger, `at` the time it is."""
    database.execute("DELETE FROM enclosures WHERE message = ?", (number,))
    if not packages:
        return
    rows = database.execute(
        "SELECT number, domain, kind, corrects, sha256 FROM packages WHERE institution = ?", (packages[0].institution,)
    ).fetchall()
    known = {row[1:]: row[0] for row in rows}
    for one in packages:
        found = known.get((one.domain, one.kind, one.corrects, one.sha256)) or _add(database, one, at)
        database.execute("INSERT INTO enclosures VALUES (?, ?)", (number, found))


def _add(database: sqlite3.Connection, one: Package, at: str) -> int:
    added = database.execute(
        "INSERT INTO packages (institution, domain, kind, corrects, lang, file, sha256, seal, made)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (one.institution, one.domain, one.kind, one.corrects, one.lang, one.file_name, one.sha256, one.seal, at),
    )
    return added.lastrowid or 0


def mark(ledger: Ledger, number: int, institution: str, state: State, *, why: str = "") -> None:
    """Record a message's next state, and why, in the server's or our words."""
    with ledger.step(f"message_{state}", institution=institution, detail={"message": number, "why": why}) as database:
        database.execute(
            "UPDATE messages SET state = ?, changed = ?, detail = ? WHERE number = ?",
            (state, ledger.clock(), why, number),
        )


def resolve(ledger: Ledger, numbers: Collection[int], decision: Decision, lang: Lang) -> tuple[Row, ...]:
    """Settle messages as a person decided: they were sent (also those sent by hand), or are to be sent again.

    Args:
        ledger: the round's.
        numbers: the messages, by number.
        decision: `sent`, or `again`, after which it is planned once more: one that was sent stays on record as sent,
            and a new message is planned; else it is the same message. A reminder that was sent is no case for this:
            the next one is due in time.
        lang: of what is noted.

    Raises:
        RoundError: one of them is not there, or not in a state that leaves this open; then nothing is changed.
    """
    recover(ledger, lang)
    rows = _rows(ledger)
    by_hand = written_by_hand(ledger) if decision == "again" else frozenset()
    found = {row.number: row for row in rows if row.number in numbers and _is_open_to(row, decision, by_hand)}
    missing = sorted(set(numbers) - set(found))
    if missing:
        raise RoundError("no_such_messages", numbers=", ".join(map(str, missing)))
    for row in found.values():
        if decision == "sent":
            mark(ledger, row.number, row.institution, "sent", why=say("rounds.send.by_hand", lang))
        elif row.state == "sent":
            _plan_anew(ledger, row, rows, say("rounds.send.again", lang))
        else:
            mark(ledger, row.number, row.institution, "planned", why=say("rounds.send.again", lang))
    return tuple(found.values())


def written_by_hand(ledger: Ledger) -> frozenset[int]:
    """Give the messages written to files for sending by hand, of which nothing was heard since."""
    found: set[int] = set()
    for what, detail in ledger.rows(
        "SELECT what, detail FROM events WHERE what = ?1 OR what GLOB 'message_*' ORDER BY number",
        (_WRITTEN,),
    ):
        said = json.loads(detail)
        if what == _WRITTEN:
            found.update(said["messages"])
        else:
            found.discard(said.get("message", 0))
    return frozenset(found)


def _is_open_to(row: Row, decision: Decision, by_hand: Collection[int]) -> bool:
    if row.kind == "reminder" and row.state == "sent":
        return False
    return row.state in _DECIDED[decision] or (decision == "again" and row.state in OPEN and row.number in by_hand)


def _plan_anew(ledger: Ledger, row: Row, rows: Sequence[Row], why: str) -> None:
    """Plan a message that was sent once more, as a new one that is to hold the same; not where one is planned."""
    if any((one.institution, one.kind) == (row.institution, row.kind) and one.state in OPEN for one in rows):
        return
    number = 1 + ledger.rows("SELECT coalesce(max(number), 0) FROM messages")[0][0]
    parts = row.message_id.strip("<>").split("@")
    stem = parts[0].rsplit(".", 2)[0]
    identifier = f"<{stem}.{number}.{secrets.token_hex(8)}@{parts[-1]}>"
    detail = {"message": number, "instead_of": row.number, "why": why}
    with ledger.step("message_planned", institution=row.institution, detail=detail) as database:
        values = (number, row.kind, row.institution, row.address, identifier, row.subject)
        database.execute(_NEW, (*values, ledger.clock(), ledger.clock()))
        database.execute("UPDATE messages SET detail = ? WHERE number = ?", (why, number))
        database.execute(
            "INSERT INTO enclosures SELECT ?, package FROM enclosures WHERE message = ?", (number, row.number)
        )


def _rows(ledger: Ledger) -> list[Row]:
    return [Row(*row) for row in ledger.rows(_ALL)]


def _differs(one: Wanted) -> bool:
    return one.row is None or (one.address, one.subject, one.planned) != (
        one.row.address,
        one.row.subject,
        one.row.planned,
    )


def _message_id(round_id: str, institution: str, kind: Kind, number: int, domain: str) -> str:
    """Make an id that nobody else has: random, but readable by who looks for a message in a server's log."""
    words = [_NOT_IN_IDS.sub("-", word)[:24].strip("-") or "x" for word in (round_id, institution, kind)]
    return f"<{'.'.join(words)}.{number}.{secrets.token_hex(8)}@{domain}>"
