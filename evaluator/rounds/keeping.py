"""What came in, kept unchanged: each file under its hash, whole or not at all.

Owns: the files in a round's `inbox/`. Knows nothing of what they are or where they came from.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from evaluator.errors import RoundError, reason_of
from evaluator.intake.reading import file_hash

_CHUNK = 1 << 20
_HASHING = 4
"""Threads that hash files: more gain nothing."""
_BESIDE = ".part"
"""Folder where files are written before they are moved to their place."""


class Inbox:
    """The folder of what came in."""

    def __init__(self, folder: Path) -> None:
        """Take a folder, which is made with the first file."""
        self._folder = folder

    def place(self, sha256: str) -> Path:
        """Say where a file is, if it is kept."""
        return self._folder / sha256[:2] / sha256

    def damaged(self, hashes: Iterable[str]) -> frozenset[str]:
        """Say which of some files are not there or don't have the bytes that their hash is of; reads them all."""
        wanted = sorted(set(hashes))
        with ThreadPoolExecutor(_HASHING) as threads:
            whole = threads.map(self.is_whole, wanted)
            return frozenset(sha256 for sha256, good in zip(wanted, whole, strict=True) if not good)

    def has(self, sha256: str) -> bool:
        """Tell whether a file of that hash is there; does not read it."""
        return self.place(sha256).is_file()

    def tidy(self) -> None:
        """Remove what a stopped process left half written.

        Raises:
            RoundError: it can't be removed.
        """
        try:
            for left in (self._folder / _BESIDE).glob("*"):
                left.unlink(missing_ok=True)
        except OSError as error:
            raise RoundError("round_not_writable", path=self._folder, why=reason_of(error)) from error

    def keep(self, data: bytes) -> str:
        """Keep bytes; gives their hash.

        Raises:
            RoundError: they can't be written.
        """
        sha256 = hashlib.sha256(data).hexdigest()
        if not self.is_whole(sha256):
            self._write([data])
        return sha256

    def keep_file(self, path: Path) -> str:
        """Keep a copy of a file; gives its hash.

        Raises:
            OSError: it can't be read.
            RoundError: the copy can't be written.
        """
        sha256 = file_hash(path)
        if self.is_whole(sha256):
            return sha256
        with path.open("rb") as stream:
            return self._write(iter(lambda: stream.read(_CHUNK), b""))  # it may have changed: the copy's hash counts

    def is_whole(self, sha256: str) -> bool:
        """Tell whether a file is there with the bytes that its hash is of."""
        try:
            return file_hash(self.place(sha256)) == sha256
        except OSError:
            return False

    def _write(self, chunks: Iterable[bytes]) -> str:
        beside = self._folder / _BESIDE / secrets.token_hex(16)
        digest = hashlib.sha256()
        pieces = iter(chunks)
        with _writing(self._folder):
            beside.parent.mkdir(parents=True, exist_ok=True)
            stream = beside.open("xb")
        try:
            with stream:
                for piece in pieces:
                    digest.update(piece)
                    with _writing(self._folder):
                        stream.write(piece)
                with _writing(self._folder):
                    stream.flush()
                    os.fsync(stream.fileno())
            target = self.place(digest.hexdigest())
            with _writing(self._folder):
                target.parent.mkdir(exist_ok=True)
                beside.replace(target)
        finally:
            beside.unlink(missing_ok=True)
        return digest.hexdigest()


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    """Word what goes wrong with writing into a folder."""
    try:
        yield
    except OSError as error:
        raise RoundError("round_not_writable", path=folder, why=reason_of(error)) from error
