"""Zip archives for tests, with names and claims that no honest program writes."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Member:
    """An entry of an archive."""

    name: bytes
    data: bytes = b"x"
    flags: int = 0
    extra: bytes = b""
    stored: bool = False
    size: int | None = None
    """Unpacked size to claim."""
    crc: int | None = None
    """Checksum to claim."""


def zip_of(members: Sequence[Member]) -> bytes:
    """Write an archive."""
    body, directory = [], []
    at = 0
    for one in members:
        packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
        packed = one.data if one.stored else packer.compress(one.data) + packer.flush()
        size = len(one.data) if one.size is None else one.size
        crc = zlib.crc32(one.data) if one.crc is None else one.crc
        facts = (20, one.flags, 0 if one.stored else 8, 0, 0x21, crc, len(packed), size, len(one.name))
        local = struct.pack("<4s5H3L2H", b"PK\3\4", *facts, 0) + one.name + packed
        central = struct.pack("<4s6H3L5H2L", b"PK\1\2", 20, *facts, len(one.extra), 0, 0, 0, 0, at)
        directory.append(central + one.name + one.extra)
        body.append(local)
        at += len(local)
    listed = b"".join(directory)
    count, large = len(members), b""
    if count > 0xFFFF:
        record = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, count, count, len(listed), at)
        large = record + struct.pack("<4sLQL", b"PK\6\7", 0, at + len(listed), 1)
        count = 0xFFFF
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, count, count, len(listed), at, 0)
    return b"".join(body) + listed + large + end


def zip_with(**files: bytes) -> bytes:
    """Write an archive of files whose names are plain words, ending in `.xlsx`."""
    return zip_of([Member(name=f"{name}.xlsx".encode(), data=data) for name, data in files.items()])
