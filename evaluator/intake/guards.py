"""What must hold of a file before any reader sees it.

Owns: telling workbooks from everything else by their bytes, and refusing archives that unpack to too much. The numbers
are in `limits`. A file that passes may still be a workbook that is no questionnaire; that is the reader's to say.
"""

from __future__ import annotations

import io
import zipfile
import zlib

from evaluator.intake import limits
from evaluator.intake.sources import Source
from evaluator.questionnaire.opening import Unread
from evaluator.wording import Text, filled, text

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_CHUNK = 1 << 16
_BROKEN = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OSError,
    EOFError,
)
"""What the archive reader raises on broken or odd archives."""


def load(source: Source) -> bytes | Unread:
    """Read a file's bytes if they may be given to a reader."""
    if source.is_junk:
        return Unread(code="file.skipped")
    if not source.is_regular:
        return Unread(code="file.unreadable", params={"why": text("intake.not_regular")})
    try:
        size = source.path.stat().st_size
        if size == 0:
            return Unread(code="file.empty")
        if size > limits.MAX_FILE:
            return Unread(
                code="file.too_large",
                params={"size": f"{size / limits.MEBI:.1f}", "limit": limits.MAX_FILE // limits.MEBI},
            )
        data = source.path.read_bytes()
    except OSError as error:
        return Unread(
            code="file.unreadable",
            params={"why": filled("terms.not_to_be_had", detail=error.strerror or type(error).__name__)},
        )
    return inspect(data) or data


def inspect(data: bytes) -> Unread | None:
    """Say why bytes may not be given to the workbook reader; `None` where they may."""
    if not data.startswith(b"PK\x03\x04"):
        if data.startswith(_OLE) and _ENCRYPTED in data:
            return Unread(code="file.encrypted")
        return Unread(code="file.not_a_workbook", params={"kind": _kind(data)})
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _archive_fault(archive)
    except _BROKEN as error:
        detail = " ".join(str(error).split())[:120] or type(error).__name__
        return Unread(code="file.unreadable", params={"why": filled("terms.damaged", detail=detail)})


def _archive_fault(archive: zipfile.ZipFile) -> Unread | None:
    entries = archive.infolist()
    names = {entry.filename for entry in entries}
    if "xl/workbook.xml" not in names:
        return Unread(code="file.not_a_workbook", params={"kind": _archive_kind(names)})
    if len(entries) > limits.MAX_ENTRIES or len({name.casefold() for name in names}) < len(entries):
        return Unread(code="file.bomb", params={"why": f"{len(entries)} entries"})
    if any(entry.flag_bits & 1 for entry in entries):
        return Unread(code="file.encrypted")
    total = 0
    for entry in entries:
        size = _unpacked(archive, entry)
        total += size
        ratio = size / max(entry.compress_size, 1)
        if size > limits.MAX_ENTRY or (size > limits.RATIO_FROM and ratio > limits.MAX_RATIO):
            return Unread(code="file.bomb", params={"why": f"{entry.filename}: {ratio:.0f}:1"})
        if total > limits.MAX_UNPACKED:
            return Unread(code="file.bomb", params={"why": f"> {limits.MAX_UNPACKED // limits.MEBI} MB"})
    return None


def _unpacked(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> int:
    """Count an entry's bytes while unpacking it, up to just over the limit; its own claim is not believed."""
    size = 0
    with archive.open(entry) as stream:
        while chunk := stream.read(_CHUNK):
            size += len(chunk)
            if size > limits.MAX_ENTRY:
                break
    return size


def _kind(data: bytes) -> Text:
    head = data[:2048].lstrip(b"\xef\xbb\xbf").lstrip()
    for start, key in (
        (_OLE, "ole"),
        (b"%PDF", "pdf"),
        (b"\xff\xd8\xff", "picture"),
        (b"\x89PNG", "picture"),
        (b"Rar!", "archive"),
        (b"7z\xbc\xaf", "archive"),
        (b"\x1f\x8b", "archive"),
        (b"PK", "archive"),
    ):
        if head.startswith(start):
            return text(f"intake.kind.{key}")
    if head[:1] == b"<" and (b"<html" in head.lower() or b"<table" in head.lower()):
        return text("intake.kind.html")
    return text("intake.kind.text" if b"\x00" not in head else "intake.kind.other")


def _archive_kind(names: set[str]) -> Text:
    if "xl/workbook.bin" in names:
        return text("intake.kind.xlsb")
    if "content.xml" in names:
        return text("intake.kind.ods")
    if any(name.startswith("word/") for name in names):
        return text("intake.kind.word")
    return text("intake.kind.archive")
