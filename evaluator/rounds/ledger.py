"""The round's memory: a SQLite database of what was made, sent, received and decided, and of every event in order.

Owns: the tables, and writing each step in one transaction with its event. Events are only ever added: the database
itself refuses to change or delete one. Times are UTC, `2026-03-31T08:15:00Z`. Knows nothing of mail or workbooks.
"""

from __future__ import annotations

import getpass
import json
import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from evaluator.errors import RoundError

VERSION = 1
"""Of the tables; a database of another version is refused, never guessed at."""
_TABLES = """
CREATE TABLE round (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE institutions (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL, fields TEXT NOT NULL, roster TEXT NOT NULL, since TEXT NOT NULL
) STRICT;
CREATE TABLE packages (
    number INTEGER PRIMARY KEY, institution TEXT NOT NULL, domain TEXT NOT NULL, kind TEXT NOT NULL,
    corrects TEXT NOT NULL, lang TEXT NOT NULL, file TEXT NOT NULL, sha256 TEXT NOT NULL, seal TEXT NOT NULL,
    made TEXT NOT NULL
) STRICT;
CREATE TABLE messages (
    number INTEGER PRIMARY KEY, kind TEXT NOT NULL, institution TEXT NOT NULL, address TEXT NOT NULL,
    message_id TEXT NOT NULL UNIQUE, subject TEXT NOT NULL, sha256 TEXT NOT NULL, state TEXT NOT NULL,
    planned TEXT NOT NULL, changed TEXT NOT NULL, detail TEXT NOT NULL
) STRICT;
CREATE TABLE enclosures (
    message INTEGER NOT NULL REFERENCES messages, package INTEGER NOT NULL REFERENCES packages,
    PRIMARY KEY (message, package)
) STRICT;
CREATE TABLE mails (
    sha256 TEXT PRIMARY KEY, source TEXT NOT NULL, message_id TEXT NOT NULL, sender TEXT NOT NULL,
    subject TEXT NOT NULL, arrived TEXT NOT NULL, kind TEXT NOT NULL, reason TEXT NOT NULL, collected TEXT NOT NULL
) STRICT;
CREATE TABLE files (
    name TEXT PRIMARY KEY, sha256 TEXT NOT NULL, size INTEGER NOT NULL, mail TEXT NOT NULL, arrived TEXT NOT NULL,
    collected TEXT NOT NULL
) STRICT;
CREATE TABLE returns (
    name TEXT NOT NULL, domain TEXT NOT NULL, institution TEXT NOT NULL, sha256 TEXT NOT NULL, status TEXT NOT NULL,
    errors INTEGER NOT NULL, arrived TEXT NOT NULL, findings TEXT NOT NULL, checked TEXT NOT NULL,
    PRIMARY KEY (name, domain)
) STRICT;
CREATE TABLE overrides (
    number INTEGER PRIMARY KEY, kind TEXT NOT NULL, institution TEXT NOT NULL, target TEXT NOT NULL,
    value TEXT NOT NULL, reason TEXT NOT NULL, role TEXT NOT NULL, made TEXT NOT NULL,
    withdrawn TEXT NOT NULL, withdrawal TEXT NOT NULL
) STRICT;
CREATE TABLE events (
    number INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, who TEXT NOT NULL, what TEXT NOT NULL,
    institution TEXT NOT NULL, sha256 TEXT NOT NULL, detail TEXT NOT NULL
) STRICT;
CREATE TRIGGER events_stay BEFORE UPDATE ON events BEGIN SELECT RAISE(ABORT, 'events are never changed'); END;
CREATE TRIGGER events_are_kept BEFORE DELETE ON events BEGIN SELECT RAISE(ABORT, 'events are never deleted'); END;
"""
_WAITING = 30.0
"""Seconds to wait for another process that writes."""


def now() -> str:
    """Give the time now, UTC."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def operator() -> str:
    """Say who is at work: `EVALUATOR_OPERATOR`, else the login."""
    named = os.environ.get("EVALUATOR_OPERATOR", "").strip()
    if named:
        return named
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "unknown"


class Ledger:
    """The database of one round; use it as a context manager."""

    def __init__(self, place: Path, *, clock: Callable[[], str] = now, who: str | None = None) -> None:
        """Open the database.

        Args:
            place: the file.
            clock: gives the time for what is written.
            who: whose events they are; `None`: `operator()`.

        Raises:
            RoundError: it is not there, of another version, or no such database.
        """
        if not place.is_file():
            raise RoundError("no_ledger", path=place)
        self.clock = clock
        self._who = who or operator()
        self._database = _connected(place)
        try:
            found = self._database.execute("PRAGMA user_version").fetchone()[0]
        except sqlite3.DatabaseError as error:
            self._database.close()
            raise RoundError("ledger_damaged", path=place, why=str(error)) from error
        if found != VERSION:
            self._database.close()
            raise RoundError("ledger_version", path=place, found=found, expected=VERSION)

    @classmethod
    def create(cls, place: Path, facts: Mapping[str, str], *, clock: Callable[[], str] = now) -> None:
        """Make a new database with facts about the round, which never change.

        Raises:
            FileExistsError: there is one.
        """
        place.touch(mode=0o600, exist_ok=False)
        database = _connected(place)
        try:
            database.executescript(f"BEGIN; {_TABLES} PRAGMA user_version = {VERSION}; COMMIT;")
            with _transaction(database):
                database.executemany("INSERT INTO round VALUES (?, ?)", list(facts.items()))
        finally:
            database.close()
        with cls(place, clock=clock) as ledger, ledger.step("created", detail=dict(facts)):
            pass

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._database.close()

    @property
    def facts(self) -> dict[str, str]:
        """The facts given when the round was made."""
        return dict(self.rows("SELECT key, value FROM round"))

    def rows(self, query: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Give the rows of a query."""
        return self._database.execute(query, values).fetchall()

    @contextmanager
    def step(
        self, what: str, *, institution: str = "", sha256: str = "", detail: Mapping[str, object] | None = None
    ) -> Iterator[sqlite3.Connection]:
        """Write one step and its event in one transaction: both are there afterwards, or neither.

        Args:
            what: name of the event.
            institution: whom it is about, if it is about one.
            sha256: hash of what it is about, if it has one.
            detail: what else there is to say; plain data, never a secret.
        """
        with _transaction(self._database):
            yield self._database
            self._database.execute(
                "INSERT INTO events (at, who, what, institution, sha256, detail) VALUES (?, ?, ?, ?, ?, ?)",
                (self.clock(), self._who, what, institution, sha256, json.dumps(detail or {}, ensure_ascii=False)),
            )


def _connected(place: Path) -> sqlite3.Connection:
    database = sqlite3.connect(place, timeout=_WAITING, isolation_level=None)
    database.execute("PRAGMA foreign_keys = ON")
    database.execute("PRAGMA synchronous = FULL")  # what was sent must be known after a power cut
    return database


@contextmanager
def _transaction(database: sqlite3.Connection) -> Iterator[None]:
    database.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        database.rollback()
        raise
    database.commit()
