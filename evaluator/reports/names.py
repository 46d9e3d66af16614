"""Names of files and sheets made from institutions' ids and names: safe on every system, and unique.

Owns: which characters and lengths a file or sheet name may have. Knows nothing of what is in them. Results are a
function of the sequence given, so equal runs give equal names.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence

SHEET_LENGTH = 31
"""Characters in a sheet's name, Excel's limit."""
FILE_BYTES = 180
"""Bytes of a file name's stem in UTF-8, well under the 255 that file systems allow."""
_NOT_IN_FILES = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*#%\ud800-\udfff]+')
_NOT_IN_SHEETS = re.compile(r"[\x00-\x1f\x7f\[\]:*?/\\\ud800-\udfff\ufffe\uffff]+")
_DEVICES = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?$")


def file_stems(ids: Sequence[str], names: Sequence[str]) -> list[str]:
    """Give a file name without ending for each institution, `<id>_<name>`, unique also where case is ignored."""
    return _unique((_file_part(f"{i}_{name}" if name else i) for i, name in zip(ids, names, strict=True)), _cut_bytes)


def sheet_names(wanted: Sequence[str], taken: Iterable[str] = ()) -> list[str]:
    """Give a sheet name for each text, unique among themselves and the `taken` ones."""
    return _unique((_sheet_part(words) for words in wanted), _cut_length, taken)


def quoted_sheet(name: str) -> str:
    """Quote a sheet's name as formulas and links do."""
    return "'" + name.replace("'", "''") + "'"


def _file_part(words: str) -> str:
    shown = "".join(c for c in words if unicodedata.category(c) != "Cf")  # no marks that hide or turn round a name
    kept = re.sub(r"\s+", " ", _NOT_IN_FILES.sub("_", shown)).strip(" .")
    kept = _cut_bytes(kept, 0).strip(" .") or "_"
    return f"_{kept}" if _DEVICES.match(kept) else kept


def _sheet_part(words: str) -> str:
    shown = "".join(c for c in words if unicodedata.category(c) != "Cf")
    kept = _NOT_IN_SHEETS.sub("_", shown).strip().strip("'").strip()
    kept = kept[:SHEET_LENGTH].rstrip().rstrip("'") or "_"
    return f"{kept}_" if kept.casefold() == "history" else kept


def _cut_bytes(words: str, spare: int) -> str:
    return words.encode("utf-8")[: FILE_BYTES - spare].decode("utf-8", "ignore")


def _cut_length(words: str, spare: int) -> str:
    return words[: SHEET_LENGTH - spare]


def _unique(parts: Iterable[str], cut: Callable[[str, int], str], taken: Iterable[str] = ()) -> list[str]:
    used = {name.casefold() for name in taken}
    given: list[str] = []
    following: dict[str, int] = {}
    for part in parts:
        name, key = part, part.casefold()
        while name.casefold() in used:
            number = following.get(key, 2)
            following[key] = number + 1
            tail = f"~{number}"
            name = cut(part, len(tail)) + tail
        used.add(name.casefold())
        given.append(name)
    return given
