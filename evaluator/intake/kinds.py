"""What a file is that is no `.xlsx` workbook, told by its bytes and never by its name.

Owns: telling old Office files, other programs' workbooks, documents, archives, pictures and texts apart, and which of
them have a password. Opens nothing with a program's own reader. Knows nothing of what becomes of such a file.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Set as AbstractSet

from evaluator.questionnaire.opening import Unread
from evaluator.wording import text

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""First bytes of a compound file: `.xls`, `.doc`, `.msg`, and workbooks with a password."""

_STREAMS = {
    "EncryptedPackage": "encrypted",
    "Workbook": "xls",
    "Book": "xls",
    "WordDocument": "word",
    "PowerPoint Document": "slides",
    "__properties_version1.0": "mail",
}
_STREAM = re.compile(
    b"|".join(b"(?:%b)" % re.escape(name.encode("utf-16-le").ljust(64, b"\0")) for name in _STREAMS), re.DOTALL
)
_STARTS = (
    (b"%PDF", "pdf"),
    (b"\xff\xd8\xff", "picture"),
    (b"\x89PNG\r\n\x1a\n", "picture"),
    (b"GIF8", "picture"),
    (b"II*\0", "picture"),
    (b"MM\0*", "picture"),
    (b"Rar!", "archive"),
    (b"7z\xbc\xaf", "archive"),
    (b"\x1f\x8b", "archive"),
    (b"BZh", "archive"),
    (b"\xfd7zXZ", "archive"),
    (b"PK", "archive"),
    (b"{\\rtf", "word"),
)
_HEAD = 4096
_FILEPASS, _BOF = 0x2F, (0x0809, 0x0009, 0x0209, 0x0409)
_FIRST_RECORDS = 4
_SHEET_2003 = re.compile(r"<\?mso-application\s+progid=[\"']excel\.sheet[\"']")
_FLAT = re.compile(r"<(?:[\w.-]+:)?document\s")
_FLAT_KIND = re.compile(r"application/vnd\.oasis\.opendocument\.(\w+)")
_WORKBOOK = re.compile(r"(?:.*/)?workbook[0-9]*\.xml")


def of_bytes(data: bytes) -> Unread:
    """Say what bytes are that are no zip archive."""
    if data.startswith(OLE):
        return _of_compound(data)
    if not data.strip(b"\0"):
        return _other("zeros")
    head = data[:_HEAD]
    words = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    for start, kind in _STARTS:
        if head.startswith(start) or (len(start) > 2 and words.startswith(start)):
            return _other(kind)
    text_head = _decoded(head)
    if text_head is None:
        return _other("other")
    lowered = text_head.lstrip("\ufeff \t\r\n").lower()
    if lowered.startswith("<"):
        if "urn:schemas-microsoft-com:office:spreadsheet" in lowered or _SHEET_2003.search(lowered):
            return _other("xml2003")
        if "urn:oasis:names:tc:opendocument:xmlns:office:" in lowered and _FLAT.search(lowered):
            return _of_flat(lowered)
        if re.search(r"<(?:!doctype html|html|table|head|body|meta|div)\b", lowered):
            return _other("html")
    if lowered.startswith("mime-version:") and "multipart/related" in lowered:
        return _other("html")
    lines = [line for line in text_head.splitlines()[:5] if line.strip()]
    is_table = bool(lines) and any(all(mark in line for line in lines) for mark in ",\t;，")
    return _other("csv" if is_table else "text")


def is_workbook(names: AbstractSet[str]) -> bool:
    """Tell by the case-folded names of an archive's entries whether it is an Open XML workbook."""
    if "xl/workbook.xml" in names:
        return True
    return "_rels/.rels" in names and any(_WORKBOOK.fullmatch(name) for name in names)


def of_archive(names: AbstractSet[str], mimetype: bytes, manifest: bytes) -> Unread:
    """Say what a zip archive is that is no Open XML workbook.

    Args:
        names: its entries' names, case-folded.
        mimetype: content of its entry `mimetype`, as OpenDocument files have it first.
        manifest: content of its entry `META-INF/manifest.xml`, where an OpenDocument file says what has a password.
    """
    if mimetype.startswith(b"application/vnd.oasis.opendocument.") or "content.xml" in names:
        if "encrypted-package" in names or b"encryption-data" in manifest:
            return Unread(code="file.encrypted")
        if not mimetype or b".spreadsheet" in mimetype[:60]:
            return _other("ods", "ods")
        return _other("document")
    if "xl/workbook.bin" in names:
        return _other("xlsb")
    if any(name.startswith("word/") for name in names):
        return _other("word")
    if any(name.startswith("ppt/") for name in names):
        return _other("slides")
    if "index/document.iwa" in names or "index.zip" in names:
        return _other("numbers")
    return _other("archive")


def _of_flat(head: str) -> Unread:
    """Say what an OpenDocument file in one piece of XML is, by the type that its first element states."""
    stated = _FLAT_KIND.search(head)
    return _other("fods" if stated is None or stated[1] == "spreadsheet" else "document")


def _of_compound(data: bytes) -> Unread:
    """Tell compound files apart by the first stream of their directory that says what they are."""
    for found in _STREAM.finditer(data):
        if found.start() % 128:
            continue  # directory entries have 128 bytes and start with the name
        kind = _STREAMS[found[0].decode("utf-16-le").rstrip("\0")]
        if kind == "encrypted" or (kind == "xls" and _has_password(data, found.start())):
            return Unread(code="file.encrypted")
        return _other(kind, "xls" if kind == "xls" else "")
    return Unread(code="file.encrypted") if "EncryptedPackage".encode("utf-16-le") in data else _other("ole")


def _has_password(data: bytes, entry: int) -> bool:
    """Look into the first records of an old workbook for the one that says that the rest is encrypted."""
    try:
        (shift,) = struct.unpack_from("<H", data, 30)
        first, size = struct.unpack_from("<LL", data, entry + 116)
        at = (first + 1) << min(shift, 12)
        if size < 4096:
            return False  # it is among the small streams; such a workbook holds next to nothing
        for number in range(_FIRST_RECORDS):
            record, length = struct.unpack_from("<HH", data, at)
            if number == 0 and record not in _BOF:
                return False
            if record == _FILEPASS:
                return True
            at += 4 + length
    except struct.error:
        return False
    return False


def _decoded(head: bytes) -> str | None:
    """Give a file's start as text; `None` where it is none."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head[: len(head) // 2 * 2].decode("utf-16", "replace")
    if re.search(rb"[\0-\x08\x0e-\x1a\x1c-\x1f]", head):
        return None
    try:
        return head.decode("utf-8")
    except UnicodeDecodeError:
        return head.decode("gb18030", "replace")


def _other(kind: str, convertible: str = "") -> Unread:
    return Unread(code="file.not_a_workbook", params={"kind": text(f"intake.kind.{kind}")}, kind=convertible)
