"""The store of readings: what was read of each file, by the hash of its bytes, so that no file is read twice.

Owns: a SQLite database in the user's cache folder, or a passing one; what is in it is never trusted: every entry is
checked against its own hash, and a database that can't be used is made anew. Entries hold answers of institutions, so
the file is the user's alone.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sqlite3
import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Self

from platformdirs import user_cache_path

from evaluator import __version__
from evaluator.errors import InputError
from evaluator.fingerprint import digest_of
from evaluator.intake.claims import Claim
from evaluator.intake.packing import places_of
from evaluator.intake.reading import How, ReadFile
from evaluator.seals import Sealed

NAME = "readings.db"
SWITCH = "EVALUATOR_CACHE"
"""Environment variable: the folder for the database; `off` for none."""
KEPT_DAYS = 60
"""Days after which an entry that no run used is dropped."""
_DAY = 86_400
_TABLE = "CREATE TABLE IF NOT EXISTS readings(key BLOB PRIMARY KEY, claim TEXT, content BLOB, seal BLOB, day INTEGER)"
_READS = ("evaluator.intake", "evaluator.questionnaire", "evaluator.wording")
"""Packages whose code and texts decide what is read of a file."""


def default_place() -> Path | None:
    """Give the database's place: as the environment says, else the user's cache folder; `None`: keep nothing."""
    stated = os.environ.get(SWITCH, "")
    if stated.lower() == "off":
        return None
    return (Path(stated) if stated else user_cache_path("evaluator", appauthor=False)) / NAME


class Store:
    """The readings of one run, and with a place those of earlier ones; use it as a context manager."""

    def __init__(self, how: How, place: Path | None) -> None:
        """Open the store.

        Args:
            how: what reading depends on; readings made otherwise are not found.
            place: the database's file; `None`: one for this run only.
        """
        self._prefix = hashlib.sha256(
            f"{_reader_version()}{how.limits!r}{sorted(how.asked.items())!r}".encode()
        ).digest()
        self._kept: dict[bytes, bytes] = {}
        self._passing = TemporaryDirectory(prefix="evaluator-", ignore_cleanup_errors=True) if place is None else None
        self._place = place or Path(self._passing.name if self._passing else "", NAME)
        self._database = _opened(self._place)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._database is not None:
            self._database.close()
        if self._passing is not None:
            self._passing.cleanup()

    @property
    def is_empty(self) -> bool:
        """Whether nothing can be found."""
        return self._one("SELECT 1 FROM readings LIMIT 1", ()) is None

    def find(self, name: str, sha256: str, size: int) -> ReadFile | None:
        """Find what was read of a file of that content earlier; its form stays in the store (`content`)."""
        key = self._key(sha256)
        found = self._sound(key)
        if found is None:
            return None
        model, record, fields, disputed, sealed, seal, converted = json.loads(found[0])
        claim = Claim(
            file=name,
            model=model,
            record=record,
            fields=places_of(fields),
            disputed=places_of(disputed),
            sealed=Sealed._make(sealed) if sealed else None,
            seal=seal,
        )
        return ReadFile(name=name, sha256=sha256, size=size, claim=claim, converted=converted)

    def put(self, read: Iterable[ReadFile]) -> list[ReadFile]:
        """Keep the forms that were read; gives the same files without their forms."""
        day = int(time.time() // _DAY)
        rows, light = [], []
        for one in read:
            light.append(replace(one, content=b""))
            if one.claim is None:
                continue
            key, claim = self._key(one.sha256), _claim_text(one)
            rows.append((key, claim, one.content, _seal(key, claim, one.content), day))
        self._write("INSERT OR REPLACE INTO readings VALUES (?, ?, ?, ?, ?)", rows)
        # what a spoilt database does not give back, or another run kept from being written, stays in memory
        self._kept.update((row[0], row[2]) for row in rows if self._sound(row[0]) is None)
        return light

    def content(self, one: ReadFile) -> bytes:
        """Give a file's packed form.

        Raises:
            InputError: another program has taken it away meanwhile.
        """
        key = self._key(one.sha256)
        if key in self._kept:
            return self._kept[key]
        found = self._sound(key)
        if found is None:
            raise InputError("readings_gone", path=self._place)
        return found[1]

    def used(self, read: Iterable[ReadFile]) -> None:
        """Note that readings were of use today, and drop those that were not for long."""
        day = int(time.time() // _DAY)
        keys = [(day, self._key(one.sha256), day) for one in read if one.claim is not None]
        self._write("UPDATE readings SET day = ? WHERE key = ? AND day < ?", keys)
        self._write("DELETE FROM readings WHERE day < ?", [(day - KEPT_DAYS,)])

    def _key(self, sha256: str) -> bytes:
        return hashlib.sha256(self._prefix + sha256.encode()).digest()

    def _sound(self, key: bytes) -> tuple[str, bytes, bytes] | None:
        """Give an entry if it is there and whole."""
        found = self._one("SELECT claim, content, seal FROM readings WHERE key = ?", (key,))
        return None if found is None or found[2] != _seal(key, found[0], found[1]) else found

    def _one(self, query: str, values: tuple[object, ...]) -> tuple[str, bytes, bytes] | None:
        if self._database is None:
            return None
        try:
            found: tuple[str, bytes, bytes] | None = self._database.execute(query, values).fetchone()
        except sqlite3.Error:
            return None
        return found

    def _write(self, query: str, rows: Sequence[tuple[object, ...]]) -> None:
        """Write rows in one transaction, if the database lets it; another run may hold it."""
        if self._database is not None:
            with contextlib.suppress(sqlite3.Error), self._database:
                self._database.executemany(query, rows)


def _claim_text(one: ReadFile) -> str:
    claim = one.claim
    if claim is None:
        raise ValueError(f"{one.name} was not read")
    said = (claim.model, claim.record, claim.fields, claim.disputed, claim.sealed, claim.seal)
    return json.dumps((*said, one.converted))


def _seal(key: bytes, claim: object, content: object) -> bytes:
    if not isinstance(claim, str) or not isinstance(content, bytes):
        return b""
    return hashlib.blake2b(claim.encode() + content, key=key, digest_size=16).digest()


def _opened(place: Path) -> sqlite3.Connection | None:
    """Open or make the database; one that can't be used is put aside, and if that fails there is none."""
    for _ in range(2):
        with contextlib.suppress(OSError, sqlite3.Error):
            place.parent.mkdir(parents=True, exist_ok=True)
            place.touch(mode=0o600)
            database = sqlite3.connect(place, timeout=10)
            try:
                database.execute("PRAGMA journal_mode = WAL")
                database.execute("PRAGMA synchronous = OFF")  # a database that a power cut spoils is made anew
                with database:
                    database.execute(_TABLE)
                database.execute("SELECT claim, content, seal, day FROM readings LIMIT 1").fetchone()
            except sqlite3.Error:
                database.close()
            else:
                return database
        with contextlib.suppress(OSError):
            for leftover in (place, place.with_name(f"{NAME}-wal"), place.with_name(f"{NAME}-shm")):
                leftover.unlink(missing_ok=True)
    return None


def _reader_version() -> str:
    """Say which reader this is: the program, and every line of code and text that decides what is read."""
    return f"{__version__} {digest_of(*_READS)}"
