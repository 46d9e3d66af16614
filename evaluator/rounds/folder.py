"""The round's folder: where everything of a round lies, and that one process at a time works in it.

Owns: the places, the key's file, and the lock. Knows nothing of what mails or forms say.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from filelock import FileLock, Timeout

from evaluator.errors import RoundError, reason_of
from evaluator.model.files import load_model
from evaluator.model.records import Model
from evaluator.rounds.ledger import Ledger, now
from evaluator.rounds.settings import Settings, read_settings
from evaluator.seals import KEY_BYTES

SETTINGS, ROSTER, DATABASE, KEY, LOCK = "round.toml", "roster.xlsx", "round.db", "secret.key", ".lock"
LETTERS, INBOX, OUTBOX, CORRECTIONS, MODEL = "letters", "inbox", "outbox", "corrections", "model"
FACTS = ("round", "model", "edition", "model_hash", "key")
"""What the ledger knows of a round from the start; of the key a fingerprint."""
MAKING = ".making"
"""Folder inside a round's in which it is made; what one that was stopped left of it goes at the next try."""
PATIENCE = 10.0
"""Seconds that a second process waits for the first."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Round:
    """An opened round; from `open_round`."""

    path: Path
    settings: Settings
    model: Model
    """The model that the round was made with, unchanged."""
    key: bytes = field(repr=False)

    @property
    def id(self) -> str:
        """Name of the round in forms and seals."""
        return self.settings.round.id

    @property
    def roster(self) -> Path:
        """The list of institutions."""
        return self.path / ROSTER

    @property
    def database(self) -> Path:
        """The ledger."""
        return self.path / DATABASE

    @property
    def letters(self) -> Path:
        """Folder of the mails' texts, to be edited."""
        return self.path / LETTERS

    @property
    def inbox(self) -> Path:
        """Folder of what came in, each file under its hash."""
        return self.path / INBOX

    @property
    def outbox(self) -> Path:
        """Folder of mails written for a look."""
        return self.path / OUTBOX


def is_round(path: Path) -> bool:
    """Tell whether a folder is a round's, be it one that lacks a file; one half made is none."""
    if (path / SETTINGS).is_file():  # it is put into its place last
        return True
    return not (path / MAKING).exists() and any((path / name).is_file() for name in (DATABASE, KEY))


def open_round(path: Path) -> Round:
    """Open a round's folder.

    Raises:
        RoundError: it is none, its settings have faults, its database is damaged, its key is gone or another round's,
            or its model is another than it was.
        InputError: its model is gone.
        ModelError: its model has faults.
    """
    if not is_round(path):
        raise RoundError("no_round", path=path)
    settings = read_settings(path / SETTINGS)
    model = load_model(model_of(path, settings))
    with Ledger(path / DATABASE) as ledger:
        ledger.check()
        facts = ledger.facts
    lacking = ", ".join(key for key in FACTS if key not in facts)
    if lacking:
        raise RoundError("ledger_damaged", path=path / DATABASE, why=lacking)
    if facts["round"] != settings.round.id:
        raise RoundError("round_renamed", path=path / SETTINGS, found=settings.round.id, expected=facts["round"])
    if facts["model_hash"] != model.hash:
        expected = f"{facts['model']} {facts['edition']} {facts['model_hash'][:8]}"
        found = f"{model.id} {model.edition} {model.hash[:8]}"
        raise RoundError("model_changed", found=found, expected=expected)
    key = _key(path / KEY)
    if fingerprint(key) != facts["key"]:
        raise RoundError("key_changed", path=path / KEY)
    return Round(path=path, settings=settings, model=model, key=key)


def model_of(path: Path, settings: Settings) -> str:
    """Name a round's model as `load_model` wants it: the files in its folder, else a built-in one."""
    named = settings.round.model
    return str(path / named) if (path / named).exists() else named


def fingerprint(key: bytes) -> str:
    """Give what tells keys apart and gives none away."""
    return hmac.new(key, b"evaluator round", hashlib.sha256).hexdigest()


@contextmanager
def at_work(place: Round, *, clock: Callable[[], str] = now, patience: float = PATIENCE) -> Iterator[Ledger]:
    """Keep other processes out of the round for the length of the block, which is given the round's ledger.

    A process may nest such blocks. The lock ends with the process, however that ends.

    Raises:
        RoundError: another process is still at work.
    """
    with locked(place.path, patience), Ledger(place.database, clock=clock) as ledger:
        yield ledger


@contextmanager
def locked(path: Path, patience: float = PATIENCE) -> Iterator[None]:
    """Keep other processes out of a folder for the length of the block.

    Raises:
        RoundError: another process is still at work, or nothing can be written there.
    """
    lock = FileLock(path.resolve() / LOCK, is_singleton=True)
    try:
        lock.acquire(timeout=patience)
    except Timeout:
        raise RoundError("round_busy", path=path) from None
    except (OSError, NotImplementedError) as error:  # a file system without locks
        raise RoundError("round_not_writable", path=path, why=reason_of(error)) from error
    try:
        yield
    finally:
        lock.release()


def _key(path: Path) -> bytes:
    try:
        key = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except OSError as error:
        raise RoundError("key_not_read", path=path, why=reason_of(error)) from error
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise RoundError("key_damaged", path=path)
    return key
