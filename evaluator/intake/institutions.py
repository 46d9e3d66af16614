"""Who the institutions are: one record each, their words for province, type and category made uniform.

Owns: the record, and mending harmless variants so that one group is not split in two (`江苏` and `江苏省`, `Training`
and `培训服务`). What is not recognised stays as typed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import cast

from evaluator.intake import uscc
from evaluator.intake.claims import clean_id
from evaluator.model.records import Bilingual, Model
from evaluator.wording import catalogue
from evaluator.wording.matching import plain

FIELDS = ("id", "name", "uscc", "province", "city", "type", "category", "contact", "phone", "email")


@dataclass(frozen=True, kw_only=True, slots=True)
class Institution:
    """One institution; a field that is not known is empty."""

    id: str
    name: str = ""
    uscc: str = ""
    province: str = ""
    city: str = ""
    type: str = ""
    category: str = ""
    contact: str = ""
    phone: str = ""
    email: str = ""


def institution(values: Mapping[str, str], model: Model) -> Institution:
    """Make an institution of its fields as typed, with uniform words for province, type and category."""
    words = {key: " ".join(values.get(key, "").split()) for key in FIELDS}
    words["id"] = clean_id(words["id"])
    words["uscc"] = uscc.normalised(words["uscc"])
    words["province"] = _province(words["province"])
    words["type"] = _uniform(words["type"], model.types)
    words["category"] = _uniform(words["category"], model.categories)
    return Institution(**words)


def is_known(key: str, word: str, model: Model) -> bool:
    """Tell whether a province, type or category, as an `Institution` has it, is one that there is."""
    if key == "province":
        return any(word == zh for zh, _ in _provinces())
    return any(word == kind.zh for kind in (model.types if key == "type" else model.categories))


def either_language(key: str, word: str, model: Model) -> tuple[str, str]:
    """Give a field's value as an `Institution` has it in Chinese and in English; the same twice for a free text."""
    pairs: Iterable[tuple[str, str]] = ()
    if key == "province":
        pairs = _provinces()
    elif key in ("type", "category"):
        pairs = [(name.zh, name.en) for name in (model.types if key == "type" else model.categories)]
    return next((pair for pair in pairs if pair[0] == word), (word, word))


def _uniform(typed: str, known: Sequence[Bilingual]) -> str:
    wanted = plain(typed)
    return next((name.zh for name in known if wanted and wanted in (plain(name.zh), plain(name.en))), typed)


def _province(typed: str) -> str:
    wanted = plain(typed)
    if len(wanted) < 2:
        return typed
    exact = [zh for zh, en in _provinces() if wanted in (plain(zh), plain(en))]
    short = [zh for zh, _ in _provinces() if plain(zh).startswith(wanted)]
    found = exact or short
    return found[0] if len(found) == 1 else typed


@cache
def _provinces() -> tuple[tuple[str, str], ...]:
    entries = cast("Iterable[Mapping[str, str]]", catalogue("form")["provinces"])
    return tuple((entry["zh"], entry["en"]) for entry in entries)
