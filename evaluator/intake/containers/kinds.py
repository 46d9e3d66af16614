"""Telling containers from other files, by name and content.

Owns: which files are opened as containers. Opens files only to look at a few of their bytes; what is odd or damaged is
left to whoever opens the file.
"""

from __future__ import annotations

import re
import struct
from pathlib import Path, PurePosixPath
from typing import BinaryIO

KINDS = ("zip", "eml", "mbox", "msg")
"""Kinds of containers."""

_WORKBOOKS = {".xlsx", ".xlsm"}
"""Endings of files that are taken at their word and not opened here; the guards tell what they truly are."""
_MAILS = {".eml", ".mbox", ".mbx", ".msg", ""}
"""Endings of files whose text may be a mail. Headers alone don't make one: notes are kept in that form, too."""
_HEAD = 1 << 16
_HEADER = re.compile(rb"([!-9;-~]{1,76}):.*(?:\n[ \t].*)*(?:\n|\Z)")
_HEADERS = {
    b"bcc", b"cc", b"content-type", b"date", b"delivered-to", b"dkim-signature", b"from", b"message-id",
    b"mime-version", b"received", b"reply-to", b"return-path", b"sender", b"subject", b"to", b"x-mailer",
}  # fmt: skip

_ARCHIVES = (b"PK\x03\x04", b"PK\x05\x06")
_END = b"PK\x05\x06"
_END_SIZE = 22
_LONGEST_COMMENT = 0xFFFF
_DIRECTORY = 1 << 20
"""Bytes of an archive's directory that are looked at. An office file has at most a few hundred entries."""
_OFFICE = {b"[content_types].xml", b"xl/workbook.xml", b"xl/workbook.bin", b"word/document.xml", b"mimetype"}
"""Entries that make an archive an office document."""

_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MESSAGE_CLASS = bytes.fromhex("0b0d020000000000c000000000000046")
_PROPERTIES = "__properties_version1.0".encode("utf-16-le")


def container_of(name: str, path: Path) -> str:
    """Tell which of `KINDS` a file is; empty where it is no container, or can't be read.

    Args:
        name: the name it arrived under.
        path: where its bytes are.
    """
    suffix = PurePosixPath(name).suffix.lower()
    if suffix in _WORKBOOKS:
        return ""
    try:
        with path.open("rb") as stream:
            head = stream.read(_HEAD)
            if head.startswith(_ARCHIVES):
                return _archive(stream, suffix)
            if head.startswith(_COMPOUND):
                return _compound(stream, head, suffix)
    except OSError:
        return ""
    return _mail(head) if suffix in _MAILS else ""


def _archive(stream: BinaryIO, suffix: str) -> str:
    names = _entry_names(stream)
    if names is None:
        return "zip" if suffix == ".zip" else ""
    return "" if _OFFICE & {name.lower() for name in names} else "zip"


def _entry_names(stream: BinaryIO) -> list[bytes] | None:
    """List the names in an archive's directory, as far as it is looked at; `None` where there is no directory."""
    size = stream.seek(0, 2)
    tail_size = min(size, _END_SIZE + _LONGEST_COMMENT)
    stream.seek(size - tail_size)
    tail = stream.read(tail_size)
    found = tail.rfind(_END)
    if found < 0 or found + _END_SIZE > len(tail):
        return None
    directory_size, start = struct.unpack_from("<II", tail, found + 12)
    end = size - tail_size + found
    stream.seek(end - directory_size if directory_size <= end else min(start, end))
    directory = stream.read(min(directory_size, _DIRECTORY))
    names: list[bytes] = []
    at = 0
    while directory[at : at + 4] == b"PK\x01\x02" and at + 46 <= len(directory):
        lengths = struct.unpack_from("<HHH", directory, at + 28)
        names.append(directory[at + 46 : at + 46 + lengths[0]])
        at += 46 + sum(lengths)
    return names


def _compound(stream: BinaryIO, head: bytes, suffix: str) -> str:
    """Tell an Outlook message by the class of its root, which is the first entry of its directory.

    Programs other than Outlook may leave the class out; then the ending and the name of a stream must do.
    """
    (shift,), (first,) = struct.unpack_from("<H", head.ljust(52), 30), struct.unpack_from("<I", head.ljust(52), 48)
    if shift in (9, 12):
        stream.seek((first + 1) << shift)
        if stream.read(128)[80:96] == _MESSAGE_CLASS:
            return "msg"
    return "msg" if suffix == ".msg" and _has(stream, _PROPERTIES) else ""


def _has(stream: BinaryIO, wanted: bytes) -> bool:
    stream.seek(0)
    kept = b""
    while chunk := stream.read(1 << 20):
        if wanted in kept + chunk:
            return True
        kept = chunk[-len(wanted) :]
    return False


def _mail(head: bytes) -> str:
    head = head.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n")
    if head.startswith(b"From "):
        start = head.find(b"\n") + 1
        return "mbox" if start and has_headers(head, start) else ""
    return "eml" if has_headers(head, 0) else ""


def has_headers(data: bytes, at: int) -> bool:
    """Say whether the headers of a mail stand at a place of a text: at least two that every mail program knows."""
    found = set()
    while (header := _HEADER.match(data, at)) is not None:
        at = header.end()
        found.add(header[1].lower())
        if len(found & _HEADERS) >= 2:
            return True
        if at == len(data):
            break
    return False
