"""Where a container's members are put, and how much of them there may be.

Owns: numbered files on disk, the limits on one container with all that is nested in it, and the findings on members
that stay where they are. A member's own name never names a file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from evaluator.errors import OutputError, reason_of
from evaluator.limits import MEBI, Limits
from evaluator.questionnaire.opening import Unread, damage_of
from evaluator.wording import filled, text


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """One thing found in a container."""

    name: str
    """Its path inside the container, as the container gives it, decoded."""
    path: Path | None = None
    """Where its bytes were put; `None` where they were not."""
    is_junk: bool = False
    """Whether it is a leftover, a signature, a picture in the text or the like."""
    fault: Unread | None = None
    """Why its bytes were not put anywhere."""
    container: str = ""
    """Kind of container it is, where that is known without looking."""
    opened: Callable[[], Opened] | None = None
    """Opens a container that has no bytes of its own."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Opened:
    """What a container holds."""

    found: tuple[Found, ...] = ()
    """In the order of the container."""
    arrived: str = ""
    """When a mail arrived, in UTC as `headers.moment` writes it; empty where that is not known."""
    fault: Unread | None = None
    """Why it could not be opened, or not be gone through to its end."""


class Spool:
    """A folder being filled with the members of one container, however deep they are nested."""

    def __init__(self, folder: Path, limits: Limits) -> None:
        self.limits = limits
        self._folder = folder
        self._written = 0
        self._listed = 0

    def admit(self) -> bool:
        """Count one more member; false where there are too many."""
        self._listed += 1
        return self._listed <= self.limits.container_entries

    def too_many(self) -> Unread:
        """Refuse what is left of a container when no more members are admitted."""
        return bomb("members", limit=self.limits.container_entries)

    def most_of(self, name: str) -> int:
        """Give the most bytes a member may have, by its name: containers may have more than workbooks."""
        suffix = PurePosixPath(name).suffix.lower()
        if suffix in (".zip", ".mbox", ".mbx"):
            return self.limits.container_file
        return self.limits.message if suffix in (".eml", ".msg") else self.limits.file

    def put(self, chunks: Iterable[bytes], most: int) -> Path | Unread:
        """Write a member's bytes to a file of their own.

        Args:
            chunks: the bytes, in pieces.
            most: how many there may be.

        Raises:
            OutputError: there is no room on the disk, or the folder can't be written.
            OSError, zlib.error: whatever the pieces raise.
        """
        path = self._folder / f"{self._listed:06}"
        size = 0
        try:
            with _writing(path) as stream:
                for chunk in chunks:
                    size += len(chunk)
                    if refused := self._refusal(size, most):
                        break
                    _write(stream, chunk, path)
                else:
                    self._written += size
                    return path
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        path.unlink()
        return refused

    def _refusal(self, size: int, most: int) -> Unread | None:
        if size > most:
            return too_large(size, most)
        if self._written + size > self.limits.container_unpacked:
            return bomb("unpacked", limit=self.limits.container_unpacked // MEBI)
        return None


def _writing(path: Path) -> BinaryIO:
    try:
        return path.open("wb")
    except OSError as error:
        raise _unwritable(path, error) from error


def _write(stream: BinaryIO, chunk: bytes, path: Path) -> None:
    try:
        stream.write(chunk)
        stream.flush()  # here, that closing the file can't find the disk full
    except OSError as error:
        raise _unwritable(path, error) from error


def _unwritable(path: Path, error: OSError) -> OutputError:
    return OutputError("not_writable", path=path.parent, why=reason_of(error))


def not_unpacked(reason: str) -> Unread:
    """Refuse what a person has to take out; the reason is a key of `intake.container`."""
    return Unread(code="file.not_unpacked", params={"why": text(f"intake.container.{reason}")})


def too_large(size: int, most: int) -> Unread:
    """Refuse bytes of which there are more than `most`."""
    return Unread(code="file.too_large", params={"size": f"{size / MEBI:.1f}", "limit": most // MEBI})


def bomb(key: str, **params: object) -> Unread:
    """Refuse what holds abnormally much, as `intake.container` words it."""
    return Unread(code="file.bomb", params={"why": filled(f"intake.container.{key}", **params)})


def damaged(error: Exception) -> Unread:
    """Refuse what is broken."""
    return Unread(code="file.not_unpacked", params={"why": filled("terms.damaged", detail=damage_of(error))})
