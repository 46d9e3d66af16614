"""What the files inside a container are called, in words that are safe to show.

Owns: the encodings that names come in, names that lead out of a container, and making names readable. None of these
names is ever used on disk.
"""

from __future__ import annotations

import re
import struct
import unicodedata
import zlib
from pathlib import PurePosixPath

_JUNK_NAMES = {"thumbs.db", "desktop.ini", ".ds_store"}
_JUNK_FOLDERS = {"__macosx", ".git"}
_LONGEST = 180
"""Characters of a name that are shown; no system allows much more in a file's name."""
_LONGEST_SUBJECT = 60
_UNICODE_PATH = 0x7075
"""Info-ZIP's extra field with a name in UTF-8."""
_FORBIDDEN = re.compile(r'[<>:"/\\|?*!\s]+')
"""What a subject may hold and the name of a file, or a step in a chain of names, may not."""


def is_leftover(name: str) -> bool:
    """Tell lock files and leftovers of office programs and systems by the last part of their name."""
    return name.startswith(("~$", "._", ".~lock.")) or name.lower() in _JUNK_NAMES


def is_leftover_folder(name: str) -> bool:
    """Tell folders that a system or program keeps for itself."""
    return name.lower() in _JUNK_FOLDERS


def guessed(raw: bytes) -> str:
    """Decode bytes that don't say their encoding: UTF-8, else GB18030 (which holds GBK), else code page 437."""
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("cp437")


def of_zip_entry(raw: bytes, is_utf8: bool, extra: bytes) -> str:
    """Decode the name of an archive's entry.

    Args:
        raw: the name as it stands in the archive's directory.
        is_utf8: the entry's flag that says so.
        extra: the entry's extra fields, one of which may hold the name in UTF-8.
    """
    if not is_utf8:
        raw = _unicode_path(raw, extra) or raw
    return guessed(raw)


def _unicode_path(raw: bytes, extra: bytes) -> bytes:
    """Give the name of Info-ZIP's field; empty where there is none, or it belongs to another name."""
    at = 0
    while at + 4 <= len(extra):
        kind, size = struct.unpack_from("<HH", extra, at)
        field = extra[at + 4 : at + 4 + size]
        if kind == _UNICODE_PATH and len(field) > 5 and field[:5] == struct.pack("<BI", 1, zlib.crc32(raw)):
            return field[5:]
        at += 4 + size
    return b""


def inside(name: str) -> str:
    r"""Give a name as a path inside its container, with `/`; empty where it leads out of it.

    Old programs of Windows put `\` into archives; on all systems it parts folders here.
    """
    name = name.replace("\\", "/")
    parts = name.split("/")
    if name.startswith("/") or ".." in parts or "\x00" in name or re.match(r"[A-Za-z]:", name):
        return ""
    return "/".join(part for part in parts if part not in ("", "."))


def last_part(name: str) -> str:
    """Give the name of an attachment without the folders some mail programs put before it; empty where it climbs."""
    parts = name.replace("\\", "/").split("/")
    return "" if ".." in parts else parts[-1]


def readable(name: str) -> str:
    """Make a name fit to be shown: composed, of bearable length, and without characters that hide or reorder."""
    name = unicodedata.normalize("NFC", name)
    if not name.isprintable():
        name = "".join(_visible(character) for character in name)
    if len(name) > _LONGEST:
        ending = PurePosixPath(name).suffix[:10]
        name = f"{name[: _LONGEST - len(ending) - 1]}…{ending}"
    return name


def _visible(character: str) -> str:
    """Write control, format (such as right-to-left override), separator and lone surrogate characters as escapes."""
    if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp"):
        return character.encode("unicode_escape").decode("ascii")
    return character


def of_message(number: int, subject: str, suffix: str = ".eml") -> str:
    """Name a message by its number in what holds it and its subject: `0003_Re 问卷.eml`."""
    words = _FORBIDDEN.sub(" ", subject).strip()[:_LONGEST_SUBJECT].strip(" .")
    return f"{number:04}_{words}{suffix}" if words else f"{number:04}{suffix}"


def numbered(name: str, number: int) -> str:
    """Tell a name from its twins: `a/1.xlsx` becomes `a/1 (2).xlsx`."""
    path = PurePosixPath(name)
    ending = path.suffix
    return f"{name.removesuffix(ending)} ({number}){ending}"
