"""Opening compound files (OLE) that may be made to harm.

Owns: what must hold of such a file before and while the library reads it. Knows nothing of what the file is for.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterable, Mapping
from typing import Protocol, cast

from olefile import STGTY_STREAM, UNKNOWN_SIZE, OleFileIO
from olefile.olefile import OleStream

BROKEN = (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError, struct.error, MemoryError)
"""What the library raises on broken files."""
_HEADER = struct.Struct("<30xHH10xI16xI4xI")
_MINI_SHIFT = 6


class Node(Protocol):
    """A storage (which holds others) or a stream (which holds bytes), as the library gives it."""

    entry_type: int
    kids_dict: Mapping[str, Node]
    """What a storage holds, by name in lower case."""
    size: int
    """Bytes of a stream, as claimed."""
    isectStart: int  # noqa: N815 - the library's name


class Compound(OleFileIO):  # type: ignore[type-arg]  # generic in its stubs only
    """A compound file in memory."""

    _filesize: int
    _granted = 0

    def grant(self, streams: Iterable[Node]) -> bool:
        """Say whether streams may be read on top of those granted before: together they can't exceed their file."""
        self._granted += sum(stream.size for stream in streams)
        return self._granted <= self._filesize

    def top(self) -> Node:
        """Give the storage that holds all others."""
        return cast("Node", self.root)

    def read(self, stream: Node) -> bytes:
        """Read a stream.

        Raises:
            one of `BROKEN`: it is damaged.
        """
        return self._open(stream.isectStart, stream.size).read() if stream.size else b""

    def _check_duplicate_stream(self, first_sect: int, minifat: bool = False) -> None:
        """Skip a check that takes quadratic time: `grant` sees to shared sectors."""

    def _open(self, start: int, size: int = UNKNOWN_SIZE, force_FAT: bool = False) -> OleStream:  # noqa: N803
        """Refuse what can't be: else a chain of sectors that bites its tail is read until the claim is met."""
        if size != UNKNOWN_SIZE and size > self._filesize:
            raise OSError("a stream is larger than its file")
        return super()._open(start, size, force_FAT)


def open_compound(data: bytes) -> Compound:
    """Open a compound file.

    Raises:
        one of `BROKEN`: it is damaged.
    """
    sector_shift, mini_shift, fat_sectors, mini_sectors, further_sectors = _HEADER.unpack(data[: _HEADER.size])
    if sector_shift not in (9, 12) or mini_shift != _MINI_SHIFT:
        raise OSError("sectors of an unknown size")
    # A sector of the allocation table is for as many sectors as it has numbers of four bytes.
    needed = (len(data) >> sector_shift) // (1 << sector_shift >> 2) + 1
    if fat_sectors > 2 * needed or further_sectors > needed or mini_sectors << sector_shift > len(data):
        raise OSError("its tables are larger than the file")
    return Compound(io.BytesIO(data))


def is_stream(node: Node | None) -> bool:
    """Say whether something holds bytes."""
    return node is not None and node.entry_type == STGTY_STREAM
