"""The roster over time: every version of every institution stays on record.

Owns: comparing the roster's file with what is recorded of it, and recording what changed. Reads no mail, sends none.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from evaluator.errors import RoundError
from evaluator.intake.addresses import addresses_of
from evaluator.intake.claims import id_key
from evaluator.intake.institutions import FIELDS, Institution
from evaluator.intake.roster import read_roster
from evaluator.rounds.folder import Round
from evaluator.rounds.ledger import Ledger

_NEWEST = "SELECT id, fields FROM institutions WHERE number IN (SELECT MAX(number) FROM institutions GROUP BY id)"
_LAST_FILE = "SELECT sha256 FROM events WHERE what = 'roster' ORDER BY number DESC LIMIT 1"


@dataclass(frozen=True, kw_only=True, slots=True)
class Changed:
    """An institution of which the roster says something else than before."""

    id: str
    fields: tuple[str, ...]
    """Which fields (`institutions.FIELDS`)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Changes:
    """How the roster differs from what was recorded last, by institution id, sorted."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[Changed, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed)


def record_roster(place: Round, ledger: Ledger) -> Changes:
    """Record what the roster's file says now, with one event; nothing where the file is as it was recorded last.

    Raises:
        InputError: the file is not there.
        RosterError: it has faults.
        RoundError: an institution's id is written otherwise than before, or the database can't be written.
    """
    digest = _digest(place.roster)
    if digest and (digest,) in ledger.rows(_LAST_FILE):
        return Changes()
    return record(read_roster(place.roster, place.model, strict=True), digest, ledger, place.roster)


def record(entries: Sequence[Institution], digest: str, ledger: Ledger, path: Path) -> Changes:
    """Record these institutions as the roster's.

    Args:
        entries: all of them.
        digest: SHA-256 of the file they were read from.
        ledger: the round's.
        path: the file, for messages.

    Raises:
        RoundError: an institution's id is written otherwise than before, or the database can't be written.
    """
    before = _newest(ledger)
    after = {entry.id: asdict(entry) for entry in entries}
    _check_spelling(before, after, path)
    added = sorted(identifier for identifier in after if not before.get(identifier))
    removed = sorted(identifier for identifier, fields in before.items() if fields and identifier not in after)
    changed = [
        Changed(id=identifier, fields=differing)
        for identifier, fields in sorted(after.items())
        if before.get(identifier) and (differing := _differing(before[identifier], fields))
    ]
    rows = {identifier: after.get(identifier, {}) for identifier in (*added, *removed, *(one.id for one in changed))}
    detail = {"added": added, "removed": removed, "changed": {one.id: one.fields for one in changed}}
    with ledger.step("roster", sha256=digest, detail=detail) as database:
        database.executemany(
            "INSERT INTO institutions (id, fields, roster, since) VALUES (?, ?, ?, ?)",
            [(one, json.dumps(fields, ensure_ascii=False), digest, ledger.clock()) for one, fields in rows.items()],
        )
    return Changes(added=tuple(added), removed=tuple(removed), changed=tuple(changed))


def roster_of(ledger: Ledger) -> tuple[Institution, ...]:
    """Give the institutions that take part as recorded last, sorted by id."""
    newest = _newest(ledger)
    return tuple(
        Institution(**{key: fields[key] for key in FIELDS if key in fields})
        for _, fields in sorted(newest.items())
        if fields
    )


def shared_addresses(institutions: Iterable[Institution]) -> dict[str, tuple[str, ...]]:
    """Give the addresses that several institutions have, with their ids; one mailbox then gets the forms of all."""
    users: dict[str, list[str]] = {}
    for one in institutions:
        for address in {address.lower() for address in addresses_of(one.email)}:
            users.setdefault(address, []).append(one.id)
    return {address: tuple(ids) for address, ids in sorted(users.items()) if len(ids) > 1}


def _newest(ledger: Ledger) -> dict[str, dict[str, str]]:
    """Give the newest version of each institution there ever was; no fields for one that was removed."""
    return {identifier: json.loads(fields) for identifier, fields in ledger.rows(_NEWEST)}


def _differing(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(key for key in FIELDS if before.get(key, "") != after[key])


def _check_spelling(before: Mapping[str, object], after: Mapping[str, object], path: Path) -> None:
    """Refuse an id that only differs from an earlier one in case or width: packages are kept, and sealed, by the id."""
    known = {id_key(identifier): identifier for identifier in before}
    for identifier in after:
        expected = known.get(id_key(identifier), identifier)
        if identifier not in before and expected != identifier:
            raise RoundError("id_respelled", path=path, found=identifier, expected=expected)


def _digest(path: Path) -> str:
    """Give a file's SHA-256; empty where it can't be read, which reading it as a roster then says."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""
