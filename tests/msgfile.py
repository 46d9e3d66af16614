"""Outlook messages (`.msg`) for tests: a writer of compound files, and of the little in them that matters here."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

Storage: TypeAlias = "Mapping[str, bytes | Storage]"
SECTOR, MINI, CUTOFF = 512, 64, 4096
END, FREE, FAT_SECTOR, NONE = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD, 0xFFFFFFFF
MESSAGE_CLASS = bytes.fromhex("0b0d020000000000c000000000000046")


@dataclass(frozen=True, kw_only=True)
class Attached:
    """A file, or a message, attached to a message."""

    name: str | bytes = ""
    data: bytes | None = None
    message: Storage | None = None
    content_id: str = ""
    kind: str = ""


def msg(
    attached: Sequence[Attached] = (), *, subject: str = "", root: bytes = MESSAGE_CLASS, times: Mapping[int, int] = {}
) -> bytes:
    """Write a message with attachments."""
    return compound(message(attached, subject=subject, times=times, head=32), root)


def message(
    attached: Sequence[Attached] = (), *, subject: str = "", times: Mapping[int, int] = {}, head: int = 24
) -> Storage:
    """Make a message, to be attached or, with a longer head before its properties, written; times are by tag."""
    storages = {f"__attach_version1.0_#{number:08X}": _attachment(one) for number, one in enumerate(attached)}
    properties = bytes(head) + b"".join(struct.pack("<I4xQ", tag, value) for tag, value in times.items())
    return {"__properties_version1.0": properties, **_text("0037", subject), **storages}


def _attachment(one: Attached) -> Storage:
    made: dict[str, bytes | Storage] = {"__properties_version1.0": bytes(8)}
    made |= _text("3707", one.name) | _text("3712", one.content_id) | _text("370E", one.kind)
    if one.data is not None:
        made["__substg1.0_37010102"] = one.data
    if one.message is not None:
        made["__substg1.0_3701000D"] = one.message
    return made


def _text(number: str, value: str | bytes) -> dict[str, bytes | Storage]:
    if not value:
        return {}
    kind, raw = ("001E", value) if isinstance(value, bytes) else ("001F", value.encode("utf-16-le"))
    return {f"__substg1.0_{number}{kind}": raw}


@dataclass
class _Entry:
    name: str
    kind: int
    data: bytes = b""
    child: int = NONE
    left: int = NONE
    right: int = NONE
    start: int = END


def compound(top: Storage, root: bytes = bytes(16)) -> bytes:
    """Write a compound file (version 3) of nested storages; `root` is the class of its root."""
    entries = [_Entry("Root Entry", 5)]
    entries[0].child = _add(top, entries)
    sectors: list[bytes] = []
    chains: list[int] = []

    def put(data: bytes) -> int:
        count = -(-len(data) // SECTOR)
        first = len(sectors)
        sectors.extend(data[n * SECTOR : (n + 1) * SECTOR].ljust(SECTOR, b"\0") for n in range(count))
        chains.extend([*range(first + 1, first + count), END])
        return first

    mini, mini_chains = b"", []
    for entry in entries[1:]:
        if entry.kind == 2 and entry.data and len(entry.data) < CUTOFF:
            entry.start, count = len(mini) // MINI, -(-len(entry.data) // MINI)
            mini += entry.data.ljust(count * MINI, b"\0")
            mini_chains.extend([*range(entry.start + 1, entry.start + count), END])
        elif entry.kind == 2 and entry.data:
            entry.start = put(entry.data)
    entries[0].data = mini
    entries[0].start = put(mini) if mini else END
    mini_table = struct.pack(f"<{len(mini_chains)}I", *mini_chains)
    mini_first, mini_count = (put(mini_table), -(-len(mini_table) // SECTOR)) if mini_table else (END, 0)
    directory = b"".join(_packed(entry, root if number == 0 else bytes(16)) for number, entry in enumerate(entries))
    directory_first = put(directory)
    per_sector = SECTOR // 4
    count = 1
    while count * per_sector < len(sectors) + count:
        count += 1
    first = len(sectors)
    table = [*chains, *[FAT_SECTOR] * count]
    table += [FREE] * (count * per_sector - len(table))
    header = struct.pack(
        "<8s16s6H10I", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", bytes(16), 0x3E, 3, 0xFFFE, 9, 6, 0, 0, 0, count,
        directory_first, 0, CUTOFF, mini_first, mini_count, END, 0,
    )  # fmt: skip
    places = [*range(first, first + count), *[FREE] * 109][:109]
    return header + struct.pack("<109I", *places) + b"".join(sectors) + struct.pack(f"<{len(table)}I", *table)


def _add(storage: Storage, entries: list[_Entry]) -> int:
    """Add what a storage holds as a balanced tree; gives its top."""
    numbers = []
    for name in sorted(storage, key=lambda name: (len(name), name.upper())):
        held = storage[name]
        entry = _Entry(name, 2, held) if isinstance(held, bytes) else _Entry(name, 1)
        entries.append(entry)
        numbers.append(len(entries) - 1)
        if not isinstance(held, bytes):
            entry.child = _add(held, entries)
    return _balanced(numbers, entries)


def _balanced(numbers: Sequence[int], entries: list[_Entry]) -> int:
    if not numbers:
        return NONE
    middle = len(numbers) // 2
    entries[numbers[middle]].left = _balanced(numbers[:middle], entries)
    entries[numbers[middle]].right = _balanced(numbers[middle + 1 :], entries)
    return numbers[middle]


def _packed(entry: _Entry, clsid: bytes) -> bytes:
    name = entry.name.encode("utf-16-le")
    return struct.pack(
        "<64sHBBIII16sIQQIII", name, len(name) + 2, entry.kind, 1, entry.left, entry.right, entry.child, clsid,
        0, 0, 0, entry.start, len(entry.data), 0,
    )  # fmt: skip
