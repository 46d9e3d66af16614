"""Names of files and sheets made from what others typed: safe on every system, readable, and unique.

Owns: which characters and lengths a name may have, and telling names apart as the strictest system does. Knows nothing
of what is named. Results are a function of the sequence given, so equal runs give equal names.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence

SHEET_UNITS = 31
"""UTF-16 units in a sheet's name, Excel's limit; rare characters and most emoji count as two."""
FILE_BYTES = 180
"""Bytes of a file name's stem in UTF-8, well under the 255 (or 255 UTF-16 units) that file systems allow."""
_FORBIDDEN_IN_FILES = frozenset('<>:"/\\|?*%#[]')
"""What some file system refuses, and what a spreadsheet program's link to the file trips over."""
_FORBIDDEN_IN_SHEETS = frozenset("[]:*?/\\")
_DEVICES = re.compile(r"(?i)(con|prn|aux|nul|com[0-9]|lpt[0-9]|conin\$|conout\$|clock\$)\s*(\..*)?")
"""Names that Windows keeps for devices, whatever follows the first dot; superscript digits count as digits."""
_RESERVED_SHEETS = frozenset({"history"})
_INVISIBLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0000-\U000e0fff]"
)
"""Characters that show nothing, though their category says otherwise; those of category Cf come on top."""


def file_part(words: str, most: int = FILE_BYTES) -> str:
    """Make words safe as a file name's stem, or as a part of one, of at most that many bytes in UTF-8.

    Unlike `file_stems` it can't keep names apart that become the same.
    """
    kept = _shown(words, _FORBIDDEN_IN_FILES).lstrip(" .~")  # programs take ~ in front for one of their own lock files
    if kept.startswith("-"):  # commands take it for an option
        kept = f"_{kept[1:]}"
    if _DEVICES.fullmatch(unicodedata.normalize("NFKC", kept)):
        kept = f"_{kept}"
    return _cut_bytes(kept, most).rstrip(" .") or "_"


def file_stems(ids: Sequence[str], names: Sequence[str]) -> list[str]:
    """Give a file name without ending for each institution, `<id>_<name>`.

    They are unique also where case is ignored, width folded and accents written apart.
    """
    parts = (file_part(f"{i}_{name}" if name else i) for i, name in zip(ids, names, strict=True))
    return _unique(parts, lambda words, spare: _cut_bytes(words, FILE_BYTES - spare))


def sheet_names(wanted: Sequence[str], taken: Iterable[str] = ()) -> list[str]:
    """Give a sheet name for each text, unique among themselves and the `taken` ones."""
    parts = (_sheet_part(words) for words in wanted)
    return _unique(parts, lambda words, spare: _cut_units(words, SHEET_UNITS - spare), taken)


def quoted_sheet(name: str) -> str:
    """Quote a sheet's name as formulas and links do."""
    return "'" + name.replace("'", "''") + "'"


def _sheet_part(words: str) -> str:
    kept = _cut_units(_shown(words, _FORBIDDEN_IN_SHEETS).strip(" '"), SHEET_UNITS).rstrip(" '") or "_"
    return f"{kept}_" if kept.casefold() in _RESERVED_SHEETS else kept


def _shown(words: str, forbidden: frozenset[str]) -> str:
    """Compose accents, drop what shows nothing, make one blank of many, and put one `_` for what may not stand."""
    visible = _INVISIBLE.sub("", unicodedata.normalize("NFC", words))
    marked = "".join(_kept(c, forbidden) for c in visible)
    return re.sub(r" {2,}", " ", re.sub(r"\0+", "_", marked))


def _kept(character: str, forbidden: frozenset[str]) -> str:
    if character.isalnum():
        return character
    category = unicodedata.category(character)
    if category == "Cf":
        return ""
    if category[0] == "Z":
        return " "
    folded = unicodedata.normalize("NFKC", character)
    if category[0] == "C" or not forbidden.isdisjoint(folded):  # some systems read a wide slash as a slash
        return "\0"
    return "." if set(folded) == {"."} else character


def _cut_bytes(words: str, most: int) -> str:
    return words.encode("utf-8")[:most].decode("utf-8", "ignore")


def _cut_units(words: str, most: int) -> str:
    return words.encode("utf-16-le")[: 2 * most].decode("utf-16-le", "ignore")


def _key(name: str) -> str:
    """Fold a name so that all names equal that any system takes for equal."""
    folded = unicodedata.normalize("NFKD", name).upper().casefold()
    return unicodedata.normalize("NFKD", folded)


def _unique(parts: Iterable[str], cut: Callable[[str, int], str], taken: Iterable[str] = ()) -> list[str]:
    used = {_key(name) for name in taken}
    given: list[str] = []
    following: dict[str, int] = {}
    for part in parts:
        name, key = part, _key(part)
        first = key
        while key in used:
            number = following.get(first, 2)
            following[first] = number + 1
            tail = f"~{number}"
            name = cut(part, len(tail)) + tail
            key = _key(name)
        used.add(key)
        given.append(name)
    return given
