"""Zip files put together from parts that are deflated apart: what many files share is deflated once.

Owns: deflating a part in one go or as its text comes, joining deflated runs to one part, and the zip's own headers,
which hold no clock and no system, so that equal parts give equal bytes everywhere. Knows nothing of workbooks.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Sequence
from typing import BinaryIO, NamedTuple

MOST_BYTES = 0xFFFF_FFFF
"""Bytes that a part, and the zip, may have without the zip64 extension, which spreadsheet programs don't all read."""
_ZEROS = bytes(1 << 20)
_DEFLATE, _VERSION, _DATE = 8, 20, 0x21  # 1980-01-01, the first day a zip can name
_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_END = struct.Struct("<4s4H2LH")


class Run(NamedTuple):
    """Deflated bytes that stand for `size` bytes; other runs may follow unless it is a part's last."""

    crc: int
    size: int
    data: bytes


class Part(NamedTuple):
    """A file of a zip, deflated."""

    name: str
    run: Run


class Deflating:
    """A run being deflated as its bytes come."""

    def __init__(self, level: int) -> None:
        self._packer = zlib.compressobj(level, zlib.DEFLATED, -zlib.MAX_WBITS)
        self._crc = self._size = 0
        self._done: list[bytes] = []

    def feed(self, data: bytes) -> None:
        """Deflate more bytes."""
        self._crc = zlib.crc32(data, self._crc)
        self._size += len(data)
        self._done.append(self._packer.compress(data))

    def end(self, *, last: bool) -> Run:
        """Close the run, as a part's last or so that another may follow."""
        self._done.append(self._packer.flush(zlib.Z_FINISH if last else zlib.Z_FULL_FLUSH))
        return Run(self._crc, self._size, b"".join(self._done))


def deflated(data: bytes, level: int, *, last: bool = True) -> Run:
    """Deflate bytes in one go."""
    packer = zlib.compressobj(level, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = packer.compress(data) + packer.flush(zlib.Z_FINISH if last else zlib.Z_FULL_FLUSH)
    return Run(zlib.crc32(data), len(data), packed)


def joined(runs: Iterable[Run]) -> Run:
    """Join runs to one; only the last of them may be closed as a part's last."""
    crc = size = 0
    data = []
    for run in runs:
        crc = _after(crc, run.size) ^ run.crc
        size += run.size
        data.append(run.data)
    return Run(crc, size, b"".join(data))


def _after(crc: int, size: int) -> int:
    """Give what a checksum contributes once `size` more bytes follow: how it differs from that of zeros alone."""
    alone = 0
    while size:
        zeros = memoryview(_ZEROS)[:size]
        crc, alone = zlib.crc32(zeros, crc), zlib.crc32(zeros, alone)
        size -= len(zeros)
    return crc ^ alone


def write_zip(target: BinaryIO, parts: Sequence[Part]) -> None:
    """Write the parts, in order, as a zip file.

    Raises:
        OverflowError: a part, or all together, is past `MOST_BYTES`.
    """
    at, directory = 0, []
    for name, (crc, size, data) in parts:
        label = name.encode("ascii")
        if max(size, at + len(data)) > MOST_BYTES:
            raise OverflowError(f"{name}: too large for a zip file")
        facts = (_VERSION, 0, _DEFLATE, 0, _DATE, crc, len(data), size, len(label), 0)
        target.write(_LOCAL.pack(b"PK\3\4", *facts) + label)
        target.write(data)
        directory.append(_CENTRAL.pack(b"PK\1\2", _VERSION, *facts, 0, 0, 0, 0, at) + label)
        at += _LOCAL.size + len(label) + len(data)
    entries = b"".join(directory)
    target.write(entries + _END.pack(b"PK\5\6", 0, 0, len(parts), len(parts), len(entries), at, 0))
