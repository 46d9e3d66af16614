"""Zip archives under guard: their structure checked, every entry unpacked once and counted while it is.

Owns: reading a zip's directory without believing it, unpacking one entry up to a limit, and unpacking a workbook into
its parts. Two readers must not be able to see different things in one archive: what could be read in two ways (entries
that overlap or stand twice, headers that differ, data where none belongs) is refused.
Knows nothing of what the parts hold.
"""

from __future__ import annotations

import io
import re
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import BinaryIO, Literal

from evaluator.intake import kinds, xmlparts
from evaluator.limits import DEFAULT, MEBI, Limits
from evaluator.questionnaire.opening import Unread, damage_of, not_had
from evaluator.wording import Text, filled, text

Fault = Literal["", "encrypted", "method", "header", "overlap"]

_END, _END_MARK = struct.Struct("<4s4H2LH"), b"PK\x05\x06"
_END64, _END64_MARK = struct.Struct("<4sQ2H2L4Q"), b"PK\x06\x06"
_LOCATOR, _LOCATOR_MARK = struct.Struct("<4sLQL"), b"PK\x06\x07"
_CENTRAL, _CENTRAL_MARK = struct.Struct("<4s6H3L5H2L"), b"PK\x01\x02"
_LOCAL, _LOCAL_MARK = struct.Struct("<4s5H3L2H"), b"PK\x03\x04"
_MOST_COMMENT = 0xFFFF
_FULL16, _FULL32 = 0xFFFF, 0xFFFFFFFF
"""Values that say: see the zip64 record."""
_ENCRYPTED, _LATER, _UTF8 = 0x2041, 0x0008, 0x0800
"""Flags: encrypted in one of three ways; sizes follow the data; the name is UTF-8."""
_STORED, _DEFLATED = 0, 8
_SHOWN = 60
"""Characters of an entry's name that are shown."""
_DRIVE = re.compile(r"[A-Za-z]:")


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One entry of an archive, as the directory and its own header say alike."""

    name: str
    """Its name as UTF-8, or as code page 437 where it is no UTF-8."""
    raw_name: bytes
    is_utf8: bool
    """Whether the archive says that the name is UTF-8."""
    extra: bytes
    """The directory's extra fields."""
    method: int
    crc: int
    packed: int
    """Bytes of the packed data."""
    size: int
    """Bytes unpacked, as claimed."""
    offset: int
    """Where its own header starts."""
    start: int
    """Where its data start."""
    fault: Fault = ""
    """Why it may not be unpacked; empty where it may."""

    @property
    def is_folder(self) -> bool:
        """Whether it stands for a folder."""
        return self.name.endswith("/")


def entries(stream: BinaryIO, most: int) -> tuple[Entry, ...] | Unread:
    """Read an archive's directory and check it against the entries' own headers.

    Args:
        stream: the archive, which can be sought in; only the directory is held in memory.
        most: entries there may be.
    """
    try:
        return _entries(stream, most)
    except (struct.error, ValueError, OverflowError) as error:
        return damaged(text("intake.damaged.directory") if isinstance(error, struct.error) else damage_of(error))
    except OSError as error:
        return not_had(error)


def inflate(stream: BinaryIO, entry: Entry, most: int) -> bytes | Unread:
    """Unpack an entry without fault.

    Args:
        stream: the archive.
        entry: one that `entries` gave for it.
        most: bytes it may unpack to.
    """
    if entry.size > most:
        return _too_much(entry)
    stream.seek(entry.start)
    packed = stream.read(entry.packed)
    data, end = packed, True
    if entry.method == _DEFLATED:
        unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
        try:
            data = unpacker.decompress(packed, most + 1)
        except zlib.error:
            return damaged(text("intake.damaged.packed"), entry.name)
        end = unpacker.eof and not unpacker.unused_data
    if len(data) > most:
        return _too_much(entry)
    if not end or len(data) != entry.size:
        return damaged(text("intake.damaged.size"), entry.name)
    if zlib.crc32(data) != entry.crc:
        return damaged(text("intake.damaged.checksum"), entry.name)
    return data


def unpack(data: bytes, limits: Limits = DEFAULT) -> dict[str, bytes] | Unread:
    """Unpack a workbook into its parts by name.

    Args:
        data: the file's bytes, which `guards.load` gave.
        limits: what it may be at most.
    """
    stream = io.BytesIO(data)
    found = entries(stream, limits.entries)
    if isinstance(found, Unread):
        return found
    foreign = _foreign(stream, found)
    if foreign is not None:
        return foreign
    parts: dict[str, bytes] = {}
    left = limits.unpacked
    for entry in found:
        if entry.is_folder and entry.size == 0:
            continue
        most = min(limits.entry, left, max(limits.ratio_from, limits.ratio * entry.packed))
        content = refusal(entry) or inflate(stream, entry, most)
        if isinstance(content, Unread):
            return content
        fault = xmlparts.fault(entry.name, content, limits)
        if fault is not None:
            return fault
        parts[entry.name] = content
        left -= len(content)
    return parts


def is_safe(name: str) -> bool:
    """Tell whether an entry's name stays inside the folder it is unpacked to, on every system."""
    plain = not name.startswith("/") and "\\" not in name and "\0" not in name and not _DRIVE.match(name)
    return plain and (".." not in name or ".." not in name.split("/"))


def refusal(entry: Entry) -> Unread | None:
    """Say why an entry may not be unpacked; `None` where it may."""
    match entry.fault:
        case "":
            return None
        case "encrypted":
            return Unread(code="file.encrypted")
        case "method":
            return damaged(filled("intake.damaged.method", method=entry.method), entry.name)
        case "header":
            return damaged(text("intake.damaged.header"), entry.name)
        case "overlap":
            return unsafe("overlap", name=entry.name)


def damaged(what: Text, name: str = "") -> Unread:
    """Say that a file is damaged: in what way, and in which entry."""
    part = " ".join(name.split())[:_SHOWN]
    detail = filled("intake.damaged.of", name=part, what=what) if part else what
    return Unread(code="file.unreadable", params={"why": filled("terms.damaged", detail=detail)})


def unsafe(key: str, **params: object) -> Unread:
    """Say that a file is made to do harm, as `intake.unsafe` words it."""
    return Unread(code="file.bomb", params={"why": filled(f"intake.unsafe.{key}", **params)})


def _entries(stream: BinaryIO, most: int) -> tuple[Entry, ...] | Unread:
    count, size, offset = _directory(stream)
    if count > most:
        return unsafe("entries", count=count)
    stream.seek(offset)
    directory = stream.read(size)
    found: list[Entry] = []
    at = 0
    for _ in range(count):
        entry, at = _entry(directory, at, stream)
        found.append(entry)
    if at != size:
        raise ValueError("directory")
    return _without_overlap(found, offset)


def _directory(stream: BinaryIO) -> tuple[int, int, int]:
    """Find the directory; gives the number of its entries, its size and where it starts."""
    length = stream.seek(0, io.SEEK_END)
    start = max(0, length - _END.size - _MOST_COMMENT)
    stream.seek(start)
    tail = stream.read()
    at = tail.rfind(_END_MARK)
    if at < 0:
        raise ValueError("no_directory")
    _, disk, first_disk, here, count, size, offset, comment = _END.unpack_from(tail, at)
    end = start + at
    if end + _END.size + comment != length:
        raise ValueError("beyond_end")
    if end >= _LOCATOR.size:
        stream.seek(end - _LOCATOR.size)
        mark, _, place, _ = _LOCATOR.unpack(stream.read(_LOCATOR.size))
        if mark == _LOCATOR_MARK:
            end = place
            if _FULL16 in (here, count) or _FULL32 in (size, offset):
                stream.seek(place)
                record = _END64.unpack(stream.read(_END64.size))
                if record[0] != _END64_MARK:
                    raise ValueError("no_directory")
                disk, first_disk, here, count, size, offset = record[4:]
    if disk or first_disk or here != count or offset + size != end:
        raise ValueError("directory")
    return count, size, offset


def _entry(directory: bytes, at: int, stream: BinaryIO) -> tuple[Entry, int]:
    """Read one entry of the directory and hold it against its own header; gives it with the next one's place."""
    (mark, _, _, flags, method, _, _, crc, packed, size, name_size, extra_size, comment_size, disk, _, _, offset) = (
        _CENTRAL.unpack_from(directory, at)
    )
    name_at = at + _CENTRAL.size
    extra_at = name_at + name_size
    end = extra_at + extra_size + comment_size
    if mark != _CENTRAL_MARK or end > len(directory) or disk not in (0, _FULL16):
        raise ValueError("directory")
    raw_name, extra = directory[name_at:extra_at], directory[extra_at : extra_at + extra_size]
    if _FULL32 in (size, packed, offset):
        values = _zip64(extra)
        size, packed, offset = (
            (values.pop(0) if values else value) if value == _FULL32 else value for value in (size, packed, offset)
        )
    fault: Fault = "encrypted" if flags & _ENCRYPTED else "" if method in (_STORED, _DEFLATED) else "method"
    start = offset
    stream.seek(offset)
    header = stream.read(_LOCAL.size + name_size)
    if len(header) < _LOCAL.size:
        fault = fault or "header"
    else:
        own_mark, _, own_flags, own_method, _, _, _, own_packed, own_size, own_name_size, own_extra_size = (
            _LOCAL.unpack_from(header)
        )
        start += _LOCAL.size + own_name_size + own_extra_size
        agrees = (
            own_mark == _LOCAL_MARK
            and own_name_size == name_size
            and header[_LOCAL.size :] == raw_name
            and own_method == method
            and (own_flags ^ flags) & _ENCRYPTED == 0
            and (own_flags & _LATER or (own_packed in (packed, _FULL32) and own_size in (size, _FULL32)))
        )
        fault = fault or ("" if agrees else "header")
    entry = Entry(
        name=_name(raw_name),
        raw_name=raw_name,
        is_utf8=bool(flags & _UTF8),
        extra=extra,
        method=method,
        crc=crc,
        packed=packed,
        size=size,
        offset=offset,
        start=start,
        fault=fault,
    )
    return entry, end


def _zip64(extra: bytes) -> list[int]:
    """Give the large values of an entry's zip64 field, in order."""
    at = 0
    while at + 4 <= len(extra):
        kind, size = struct.unpack_from("<2H", extra, at)
        if kind == 1:
            count = min(size // 8, 3)
            return list(struct.unpack_from(f"<{count}Q", extra, at + 4))
        at += 4 + size
    return []


def _name(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("cp437")


def _without_overlap(found: Sequence[Entry], directory: int) -> tuple[Entry, ...]:
    """Mark the entries whose bytes belong to another one, or to the directory, too."""
    overlapping: set[int] = set()
    last, end = -1, 0
    for place in sorted(range(len(found)), key=lambda number: found[number].offset):
        entry = found[place]
        if entry.offset < end:
            overlapping.update((last, place))
        if entry.start + entry.packed > directory:
            overlapping.add(place)
        if entry.start + entry.packed >= end:
            last, end = place, entry.start + entry.packed
    if not overlapping:
        return tuple(found)
    return tuple(
        replace(entry, fault=entry.fault or "overlap") if place in overlapping else entry
        for place, entry in enumerate(found)
    )


def _foreign(stream: BinaryIO, found: Sequence[Entry]) -> Unread | None:
    """Say that an archive is no workbook, or that its names could be read in two ways."""
    names = {entry.name.casefold() for entry in found}
    if not kinds.is_workbook(names):
        first = found[0] if found and found[0].name == "mimetype" and not found[0].fault else None
        mimetype = inflate(stream, first, 1000) if first else b""
        manifest = next((e for e in found if e.name == "META-INF/manifest.xml" and not e.fault), None)
        listed = inflate(stream, manifest, MEBI) if manifest else b""
        return kinds.of_archive(
            names, mimetype if isinstance(mimetype, bytes) else b"", listed if isinstance(listed, bytes) else b""
        )
    for entry in found:
        if not is_safe(entry.name):
            return unsafe("name", name=entry.name[:60])
    return unsafe("twins") if len(names) < len(found) else None


def _too_much(entry: Entry) -> Unread:
    return unsafe("size", name=entry.name, packed=f"{entry.packed / MEBI:.1f}", size=f"{entry.size / MEBI:.1f}")
