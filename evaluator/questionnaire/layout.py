"""The one contract that the form's writer and reader share: sheets, columns, fields and where they stand.

Owns: the keys of sheets, columns, institution fields and `_meta` entries, their texts' normalisation for matching, and
the form's file name. Knows nothing of how a workbook is written or read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, cast

from evaluator.naming import file_part
from evaluator.wording import LANGS, Lang, catalogue, text
from evaluator.wording.matching import plain

if TYPE_CHECKING:  # readers use this module and need no model
    from evaluator.model.records import Domain

SHEETS = ("instructions", "institution", "questionnaire")
"""Visible sheets, in order; their names are in `wording/form.toml` under `sheet`."""
CORRECTION_SHEET = "correction"
"""Key of the first sheet of a correction workbook; its name stands beside those of `SHEETS`."""
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
LOCKED = ("id", "name", "uscc", "province", "city", "type", "category")
"""Fields that a form made for an institution has locked, where they are known."""
EDITION_FIELD = "edition"
"""Field below the others that says the model's id and edition (`sme-service 2023.1`), for forms that lost `_meta`."""
FIRST_FIELD_ROW = 4
"""Row of the first field of the institution sheet, 1-based; label in column A, value in column B."""

META_KEYS = ("format", "model", "edition", "model_hash", "domain", "round", "institution", "language", "seal")
"""Entries of `_meta`: key in column A, value in column B, from row 1."""
CORRECTS = "corrects"
"""Entry of `_meta` below the others, in corrections only: SHA-256 of the return that the form corrects."""
FORMAT = "evaluator-questionnaire-1"
"""Value of `_meta`'s `format` entry; it changes when the layout changes."""

MAX_TEXT = 2000
"""Characters of evidence or remarks beyond which the form warns that the text is too long."""
_COPY = re.compile(rf"({META_SHEET}|{LISTS_SHEET}|{PREVIEW_SHEET})(?:\s?\(\d+\)|_\d+|\sCopy\d*)?")
_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】")
_ENDS = re.compile(r"^[\W_]+|[\W_]+$")
_INSTRUCTION_LABELS = (
    "purpose_label", "model_label", "deadline_label", "contact_label", "steps", "answers", "rules", "preview_label",
    "privacy_label",
)  # fmt: skip
_CORRECTION_LABELS = ("about_label", "steps_label", "number", "concerns", "place", "found", "action")
_INSTITUTION_BYTES = 80
"""Bytes that an institution's id may take of a form's file name, so that what follows it is never cut."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Prefill:
    """What to put into a form's input cells beforehand."""

    fields: Mapping[str, str]
    """Institution fields by key (`FIELDS`)."""
    answers: Mapping[str, tuple[object, str, str]]
    """Answer (a label, or any cell value), evidence and remarks by requirement id."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """One problem of a return, as its correction workbook lists it, in the form's language."""

    concerns: str
    """Requirement id, or name of the institution field; empty where it concerns the form as a whole."""
    sheet: str
    """Key of the sheet with the cell to mend, of `SHEETS`; empty where there is no such cell."""
    key: str
    """Requirement id or field key that says the cell's row; empty where there is no such cell."""
    column: str
    """Key of the cell's column in the questionnaire, of `INPUT_COLUMNS`; empty elsewhere."""
    found: str
    """What was found."""
    action: str
    """What to do in the correction workbook."""
    is_error: bool
    """Whether it has to be mended, not only looked at."""
    is_mended: bool = False
    """Whether the cell is in order in the correction, so that it isn't marked."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Correction:
    """What makes a form the correction of a return."""

    corrects: str
    """SHA-256 of the return."""
    file: str
    """Name of the return's file, as its institution knows it."""
    problems: tuple[Problem, ...]
    """In the order they are listed."""
    vouched: frozenset[str]
    """Institution fields that the roster vouches for."""

    def notes(self, sheet: str) -> Mapping[tuple[str, str], Sequence[Problem]]:
        """Give the problems of a sheet's cells that are to be marked, by key and column."""
        found: dict[tuple[str, str], list[Problem]] = {}
        for problem in self.problems:
            if problem.sheet == sheet and not problem.is_mended:
                found.setdefault((problem.key, problem.column), []).append(problem)
        return found


_KEPT = 1 << 12
"""Cells' texts of which it is remembered what they name; most stand in every form."""


@cache
def _keys_by_words(table: str, keys: tuple[str, ...]) -> dict[str, str]:
    found: dict[str, str] = {}
    for key in keys:
        words = text(f"form.{table}.{key}")
        for variant in (words.zh, words.en, words.zh + words.en):
            found[plain(variant)] = key
    return found


@cache
def _column_words() -> dict[str, str]:
    known = cast("Mapping[str, Sequence[str]]", catalogue("form")["column_words"])
    return {plain(word): key for key, words in known.items() for word in words}


def _bare(words: str) -> str:
    """Fold words as `plain` does, without what is added in brackets and without marks at the ends."""
    return _ENDS.sub("", _BRACKETS.sub("", plain(words)))


@lru_cache(maxsize=_KEPT)
def column_of(header: str) -> str | None:
    """Tell which column a header cell's text names, in either language; `None` where it names none."""
    return _keys_by_words("column", COLUMNS).get(plain(header))


@lru_cache(maxsize=_KEPT)
def column_like(header: str) -> str | None:
    """Tell which column a header means that is nearly the form's: with marks (`*Answer:`) or a usual other word."""
    bare = _bare(header)
    return _keys_by_words("column", COLUMNS).get(bare) or _column_words().get(bare)


@lru_cache(maxsize=_KEPT)
def field_of(label: str) -> str | None:
    """Tell which institution field a label cell's text names, in either language; `None` where it names none."""
    words = _keys_by_words("field", (*FIELDS, EDITION_FIELD))
    return words.get(plain(label)) or words.get(_bare(label))


def own_sheet(name: str) -> str | None:
    """Tell which of the form's hidden sheets a sheet is, or is a copy of (`_meta (2)`); `None` where it is none."""
    found = _COPY.fullmatch(name)
    return found[1] if found else None


def is_instruction(words: str) -> bool:
    """Tell whether a text is one of the labels on the instructions sheet, in either language."""
    return plain(words) in _keys_by_words("instructions", _INSTRUCTION_LABELS)


def is_correction(words: str) -> bool:
    """Tell whether a text is one of the labels on the first sheet of a correction, in either language."""
    return plain(words) in _keys_by_words("correction", _CORRECTION_LABELS)


def is_own_note(words: str) -> bool:
    """Tell whether a cell's comment is one that a correction workbook came with, and nothing was added to it."""
    head, tail = text("form.correction.note_head"), text("form.correction.note_tail")
    folded = plain(words)
    return any(folded.startswith(plain(head.say(lang))) and folded.endswith(plain(tail.say(lang))) for lang in LANGS)


def is_hint(words: str) -> bool:
    """Tell whether a text is one of the hints beside the institution fields, in either language."""
    return plain(words) in _keys_by_words("hint", (*FIELDS, EDITION_FIELD, "locked"))


def sheet_of(name: str) -> str | None:
    """Tell which of the form's sheets a sheet's name is, in either language; `None` where it is none."""
    return _keys_by_words("sheet", (*SHEETS, CORRECTION_SHEET)).get(plain(name))


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
    front = f"{file_part(institution, _INSTITUTION_BYTES)}_" if institution else ""
    stem = file_part(f"{front}{number}_{domain.code}_{domain.name.say(lang)}")
    return f"{stem.replace(' ', '_')}.xlsx"
