"""Taking the files out of a zip archive.

Owns: which entries are taken out, and unpacking one as a stream. The archive's structure is checked where workbooks'
archives are (`intake.archive`).
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from evaluator.intake import archive
from evaluator.intake.containers.names import inside, is_leftover, is_leftover_folder, of_zip_entry
from evaluator.intake.containers.spool import Found, Opened, Spool, bomb, damaged, not_unpacked, too_large
from evaluator.questionnaire.opening import Unread

_CHUNK = 1 << 18
_DEFLATED = 8


def open_zip(path: Path, spool: Spool) -> Opened:
    """Take out the files of an archive."""
    found: list[Found] = []
    try:
        size = path.stat().st_size
        if size > spool.limits.container_file:
            return Opened(fault=too_large(size, spool.limits.container_file))
        with path.open("rb") as stream:
            entries = archive.entries(stream, spool.limits.container_entries)
            if isinstance(entries, Unread):
                return Opened(fault=_of_container(entries))
            for entry in entries:
                name = of_zip_entry(entry.raw_name, entry.is_utf8, entry.extra)
                parts = name.replace("\\", "/").split("/")
                if not parts[-1] or any(is_leftover_folder(part) for part in parts[:-1]):
                    continue
                if not spool.admit():
                    return Opened(found=tuple(found), fault=spool.too_many())
                found.append(_found(stream, entry, name, spool))
    except OSError as error:
        return Opened(found=tuple(found), fault=damaged(error))
    return Opened(found=tuple(found))


def _found(stream: BinaryIO, entry: archive.Entry, name: str, spool: Spool) -> Found:
    path = inside(name)
    if not path:
        return Found(name=name, fault=not_unpacked("unsafe_name"))
    if is_leftover(path.rpartition("/")[2]):
        return Found(name=path, is_junk=True)
    fault = archive.refusal(entry) or _too_much(entry, path, spool)
    if fault:
        return Found(name=path, fault=_of_container(fault))
    try:
        put = spool.put(_unpacked(stream, entry), spool.most_of(path))
    except (zlib.error, ValueError) as error:
        return Found(name=path, fault=damaged(error))
    return Found(name=path, fault=put) if isinstance(put, Unread) else Found(name=path, path=put)


def _too_much(entry: archive.Entry, name: str, spool: Spool) -> Unread | None:
    """Refuse what claims too much; that it has no more than it claims is seen while unpacking."""
    limits = spool.limits
    if entry.size > max(limits.ratio_from, limits.ratio * entry.packed):
        return bomb("ratio", ratio=entry.size // max(entry.packed, 1))
    most = spool.most_of(name)
    return too_large(entry.size, most) if entry.size > most else None


def _unpacked(stream: BinaryIO, entry: archive.Entry) -> Iterator[bytes]:
    """Unpack an entry in pieces.

    Raises:
        zlib.error, ValueError: it is not what the archive's directory says.
    """
    stream.seek(entry.start)
    size = checksum = 0
    for piece in _inflated(stream, entry.packed) if entry.method == _DEFLATED else _stored(stream, entry.packed):
        size += len(piece)
        if size > entry.size:
            break
        checksum = zlib.crc32(piece, checksum)
        yield piece
    if size != entry.size:
        raise ValueError("size")
    if checksum != entry.crc:
        raise ValueError("checksum")


def _stored(stream: BinaryIO, left: int) -> Iterator[bytes]:
    while left and (piece := stream.read(min(left, _CHUNK))):
        left -= len(piece)
        yield piece


def _inflated(stream: BinaryIO, left: int) -> Iterator[bytes]:
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
    for packed in _stored(stream, left):
        yield unpacker.decompress(packed, _CHUNK)
        while unpacker.unconsumed_tail:
            yield unpacker.decompress(unpacker.unconsumed_tail, _CHUNK)
    yield unpacker.flush()
    if not unpacker.eof or unpacker.unused_data:
        raise ValueError("packed")


def _of_container(fault: Unread) -> Unread:
    """Word a damage as one to an archive; as one to a workbook, its advice would be to open it in a spreadsheet."""
    return replace(fault, code="file.not_unpacked") if fault.code == "file.unreadable" else fault
