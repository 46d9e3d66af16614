"""The one contract that the form's writer and reader share: sheets, columns, fields and where they stand.

Owns: the keys of sheets, columns, institution fields and `_meta` entries, their texts' normalisation for matching, and
the form's file name. Knows nothing of how a workbook is written or read.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from evaluator.model.records import Domain
from evaluator.wording import LANGS, Lang, text
from evaluator.wording.matching import plain

SHEETS = ("instructions", "institution", "questionnaire")
"""Visible sheets, in order; their names are in `wording/form.toml` under `sheet`."""
LISTS_SHEET = "_lists"
META_SHEET = "_meta"
PREVIEW_SHEET = "_preview"

COLUMNS = ("id", "item", "stars", "text", "expected", "answer", "evidence", "remarks", "status")
"""Columns of the questionnaire, in order; their headers are in `wording/form.toml` under `column`."""
INPUT_COLUMNS = ("answer", "evidence", "remarks")
HEADER_ROW = 4
"""Row of the questionnaire's header, 1-based; the rows above hold title, how-to, counter and preview."""

FIELDS = (
    "id", "name", "uscc", "province", "city", "type", "category", "contact", "phone", "email", "date",
)  # fmt: skip
"""Fields of the institution sheet, in order; their labels are in `wording/form.toml` under `field`."""
EDITION_FIELD = "edition"
"""Field below the others that says the model's id and edition (`sme-service 2023.1`), for forms that lost `_meta`."""
FIRST_FIELD_ROW = 4
"""Row of the first field of the institution sheet, 1-based; label in column A, value in column B."""

META_KEYS = ("format", "model", "edition", "model_hash", "domain", "round", "institution", "language", "seal")
"""Entries of `_meta`: key in column A, value in column B, from row 1."""
FORMAT = "evaluator-questionnaire-1"
"""Value of `_meta`'s `format` entry; it changes when the layout changes."""

MAX_TEXT = 2000
"""Characters of evidence or remarks beyond which the form warns that the text is too long."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Prefill:
    """What to put into a form's input cells beforehand."""

    fields: Mapping[str, str]
    """Institution fields by key (`FIELDS`)."""
    answers: Mapping[str, tuple[object, str, str]]
    """Answer (a label, or any cell value), evidence and remarks by requirement id."""


@cache
def _keys_by_words(table: str, keys: tuple[str, ...]) -> dict[str, str]:
    found: dict[str, str] = {}
    for key in keys:
        words = text(f"form.{table}.{key}")
        for variant in (words.zh, words.en, words.zh + words.en):
            found[plain(variant)] = key
    return found


def column_of(header: str) -> str | None:
    """Tell which column a header cell's text names, in either language; `None` where it names none."""
    return _keys_by_words("column", COLUMNS).get(plain(header))


def field_of(label: str) -> str | None:
    """Tell which institution field a label cell's text names, in either language; `None` where it names none."""
    return _keys_by_words("field", (*FIELDS, EDITION_FIELD)).get(plain(label).rstrip(":*"))


def is_hint(words: str) -> bool:
    """Tell whether a text is one of the hints beside the institution fields, in either language."""
    return plain(words) in _keys_by_words("hint", (*FIELDS, EDITION_FIELD))


def sheet_of(name: str) -> str | None:
    """Tell which of the form's sheets a sheet's name is, in either language; `None` where it is none."""
    return _keys_by_words("sheet", SHEETS).get(plain(name))


def sheet_name(key: str, lang: Lang) -> str:
    """Name a visible sheet."""
    return text(f"form.sheet.{key}").say(lang)


def sheet_names(key: str) -> tuple[str, ...]:
    """Name a visible sheet in each language."""
    return tuple(sheet_name(key, lang) for lang in LANGS)


def column_letter(key: str) -> str:
    """Give the letter of a questionnaire column in a form as written."""
    return "ABCDEFGHIJ"[COLUMNS.index(key)]


def stars(level: int) -> str:
    """Show a level as stars."""
    return "★" * level


def file_name(number: int, domain: Domain, lang: Lang, institution: str = "") -> str:
    """Name a form's file: `1_SS_服务策略能力.xlsx`, with `<institution id>_` in front where it is pre-filled."""
    front = f"{institution}_" if institution else ""
    return f"{front}{number}_{domain.code}_{safe_name(domain.name.say(lang))}.xlsx"


def safe_name(name: str, limit: int = 60) -> str:
    """Make a name safe as part of a file name on Windows, macOS and Linux."""
    kept = "".join(c for c in unicodedata.normalize("NFC", name) if unicodedata.category(c)[0] != "C")
    kept = re.sub(r'[<>:"/\\|?*\s]+', "_", kept).strip("._ ")
    return kept[:limit].rstrip("._ ") or "_"
