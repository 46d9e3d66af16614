"""The round's memory: a SQLite database of what was made, sent, received and decided, and of every event in order.

Owns: the tables, and writing each step in one transaction with its event. Events, versions of institutions and the
round's facts are only ever added: the database itself refuses to change or delete one. Times are UTC,
`2026-03-31T08:15:00Z`. Knows nothing of mail or workbooks.

A kill at any moment leaves it whole: it keeps a rollback journal, which the next to open it plays back. A write-ahead
log would need memory that processes share, which network drives don't have.
"""

from __future__ import annotations

import getpass
import json
import os
import re
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from evaluator.errors import RoundError, reason_of
from evaluator.wording import text

VERSION = 1
"""Of the tables; a database of another version is refused, never guessed at."""
_TABLES = """
CREATE TABLE round (key TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE institutions (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL, fields TEXT NOT NULL, roster TEXT NOT NULL, since TEXT NOT NULL
);
CREATE TABLE packages (
    number INTEGER PRIMARY KEY, institution TEXT NOT NULL, domain TEXT NOT NULL, kind TEXT NOT NULL,
    corrects TEXT NOT NULL, lang TEXT NOT NULL, file TEXT NOT NULL, sha256 TEXT NOT NULL, seal TEXT NOT NULL,
    made TEXT NOT NULL
);
CREATE TABLE messages (
    number INTEGER PRIMARY KEY, kind TEXT NOT NULL, institution TEXT NOT NULL, address TEXT NOT NULL,
    message_id TEXT NOT NULL UNIQUE, subject TEXT NOT NULL, sha256 TEXT NOT NULL, state TEXT NOT NULL,
    planned TEXT NOT NULL, changed TEXT NOT NULL, detail TEXT NOT NULL
);
CREATE TABLE enclosures (
    message INTEGER NOT NULL REFERENCES messages, package INTEGER NOT NULL REFERENCES packages,
    PRIMARY KEY (message, package)
);
CREATE TABLE mails (
    sha256 TEXT NOT NULL PRIMARY KEY, source TEXT NOT NULL, message_id TEXT NOT NULL, sender TEXT NOT NULL,
    subject TEXT NOT NULL, arrived TEXT NOT NULL, kind TEXT NOT NULL, reason TEXT NOT NULL, collected TEXT NOT NULL
);
CREATE TABLE files (
    name TEXT NOT NULL PRIMARY KEY, sha256 TEXT NOT NULL, size INTEGER NOT NULL, mail TEXT NOT NULL,
    arrived TEXT NOT NULL, collected TEXT NOT NULL
);
CREATE TABLE returns (
    name TEXT NOT NULL, domain TEXT NOT NULL, institution TEXT NOT NULL, sha256 TEXT NOT NULL, status TEXT NOT NULL,
    errors INTEGER NOT NULL, arrived TEXT NOT NULL, findings TEXT NOT NULL, checked TEXT NOT NULL,
    PRIMARY KEY (name, domain)
);
CREATE TABLE overrides (
    number INTEGER PRIMARY KEY, kind TEXT NOT NULL, institution TEXT NOT NULL, target TEXT NOT NULL,
    value TEXT NOT NULL, reason TEXT NOT NULL, role TEXT NOT NULL, made TEXT NOT NULL,
    withdrawn TEXT NOT NULL, withdrawal TEXT NOT NULL
);
CREATE TABLE events (
    number INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, who TEXT NOT NULL, what TEXT NOT NULL,
    institution TEXT NOT NULL, sha256 TEXT NOT NULL, detail TEXT NOT NULL
);
CREATE INDEX institutions_by_id ON institutions (id);
CREATE INDEX packages_by_institution ON packages (institution);
CREATE INDEX messages_by_institution ON messages (institution);
CREATE INDEX files_by_mail ON files (mail);
CREATE INDEX mails_by_message ON mails (message_id);
"""
_KEPT = {"round": "facts", "institutions": "versions", "events": "events"}
"""Tables whose rows stay as they are, and what the refusal calls them."""
_COLUMN = re.compile(r"(\w+) (TEXT|INTEGER) NOT NULL")
_FAULTS = {
    sqlite3.SQLITE_CORRUPT: "ledger_damaged",
    sqlite3.SQLITE_NOTADB: "ledger_damaged",
    sqlite3.SQLITE_BUSY: "ledger_busy",
    sqlite3.SQLITE_LOCKED: "ledger_busy",
    sqlite3.SQLITE_PERM: "ledger_not_written",
    sqlite3.SQLITE_READONLY: "ledger_not_written",
    sqlite3.SQLITE_IOERR: "ledger_not_written",
    sqlite3.SQLITE_FULL: "ledger_not_written",
    sqlite3.SQLITE_CANTOPEN: "ledger_not_written",
}
"""What SQLite's codes mean to an operator."""
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
        self.place = place
        self.clock = clock
        self._who = who or operator()
        with _faults(place):
            self._database = _connected(place)
        try:
            found = self.rows("PRAGMA user_version")[0][0]
            if found == 0:  # SQLite makes a database of any empty file
                raise RoundError("ledger_damaged", path=place, why=text("errors.ledger_empty"))
            if found != VERSION:
                raise RoundError("ledger_version", path=place, found=found, expected=VERSION)
        except BaseException:
            self._database.close()
            raise

    @classmethod
    def create(
        cls, place: Path, facts: Mapping[str, str], *, clock: Callable[[], str] = now, who: str | None = None
    ) -> None:
        """Make a new database with facts about the round, which never change.

        Raises:
            FileExistsError: there is one.
            RoundError: it can't be written.
        """
        place.touch(mode=0o600, exist_ok=False)
        with _faults(place):
            database = _connected(place)
            try:
                database.executescript(f"BEGIN IMMEDIATE; {_schema()} PRAGMA user_version = {VERSION};")
                database.executemany("INSERT INTO round VALUES (?, ?)", list(facts.items()))
                _record(database, clock(), who or operator(), "created", "", "", facts)
                database.commit()
            finally:
                database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._database.close()

    @property
    def facts(self) -> dict[str, str]:
        """The facts given when the round was made."""
        return dict(self.rows("SELECT key, value FROM round"))

    def rows(self, query: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Give the rows of a query.

        Raises:
            RoundError: the file can't be read, or another process keeps it locked.
        """
        with _faults(self.place):
            return self._database.execute(query, values).fetchall()

    def check(self) -> None:
        """Look the whole database over.

        Raises:
            RoundError: it is damaged.
        """
        found = self.rows("PRAGMA quick_check(1)")[0][0]
        if found != "ok":
            raise RoundError("ledger_damaged", path=self.place, why=text("system.SQLITE_CORRUPT"))

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

        Raises:
            RoundError: it can't be written; what the block wrote is undone.
        """
        with _faults(self.place):
            self._database.execute("BEGIN IMMEDIATE")
            try:
                yield self._database
                _record(self._database, self.clock(), self._who, what, institution, sha256, detail or {})
                self._database.commit()
            except BaseException:
                self._database.rollback()
                raise


def _schema() -> str:
    """Give the tables, with checks of the types (SQLite's own, STRICT, is younger than some systems' SQLite)."""
    tables = _COLUMN.sub(lambda found: f"{found[0]} CHECK (typeof({found[1]}) = '{found[2].lower()}')", _TABLES)
    return tables + "".join(
        f"CREATE TRIGGER {table}_on_{act.lower()} BEFORE {act} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{words} are only ever added'); END;\n"
        for table, words in _KEPT.items()
        for act in ("UPDATE", "DELETE")
    )


def _record(
    database: sqlite3.Connection,
    at: str,
    who: str,
    what: str,
    institution: str,
    sha256: str,
    detail: Mapping[str, object],
) -> None:
    database.execute(
        "INSERT INTO events (at, who, what, institution, sha256, detail) VALUES (?, ?, ?, ?, ?, ?)",
        (at, who, what, institution, sha256, json.dumps(detail, ensure_ascii=False)),
    )


def _connected(place: Path) -> sqlite3.Connection:
    database = sqlite3.connect(place, timeout=_WAITING, isolation_level=None)
    database.execute("PRAGMA foreign_keys = ON")
    database.execute("PRAGMA recursive_triggers = ON")  # else REPLACE would get around what refuses a deletion
    database.execute("PRAGMA synchronous = EXTRA")  # what was sent must be known after a power cut
    return database


@contextmanager
def _faults(place: Path) -> Iterator[None]:
    """Say in one line what SQLite says of a file that it can't use; its other errors are mistakes of the program."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        key = _FAULTS.get(getattr(error, "sqlite_errorcode", 0) & 0xFF)
        if key is None:
            raise
        raise RoundError(key, path=place, why=reason_of(error)) from error
