"""Recorded findings in both languages, though a record holds them in that of its run only.

Owns: saying a finding anew from its code and what its recorded words hold, or else what it is in general and where it
was found. What institutions and persons typed stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from string import Formatter
from typing import cast

from evaluator.findings import codes
from evaluator.wording import LANGS, Lang, Text, catalogue, say, text

SAME_WORDS = frozenset((
    "file.too_large", "form.unknown_model", "form.old_edition", "form.altered_text", "form.unknown_rows",
    "form.unknown_format", "identity.unknown", "identity.name_differs", "identity.seal_broken",
    "identity.seal_accepted", "identity.unsealed", "return.identical", "return.bad_date", "return.future_date",
    "return.other_round", "return.excluded", "return.late", "return.too_late", "answer.blank", "answer.invalid",
    "answer.formula", "answer.na_not_permitted", "answer.na_without_reason", "evidence.too_long",
))  # fmt: skip
"""Codes whose words hold nothing but figures, codes and what somebody typed, which are the same in both languages."""

_TABLES = {
    "kind": "intake.kind", "why": "intake", "field": "form.field", "what": "intake.what", "where": "intake.where",
    "column": "form.column", "source": "terms.copied",
}  # fmt: skip
"""Where the catalogues have the texts that a particular may be."""
OWN_WORDS = {
    "file.unreadable": ("why",), "file.not_a_workbook": ("kind",), "file.bomb": ("why",),
    "file.crashed_reader": ("why",), "file.converted": ("kind",), "file.not_unpacked": ("why",),
    "form.fields_differ": ("field",), "form.formula_field": ("field",), "identity.mismatch": ("what", "where"),
    "evidence.formula": ("column",), "evidence.copied": ("source",),
}  # fmt: skip
"""Codes of which some particulars are the program's own texts, and all others as in `SAME_WORDS`."""


def said_again(code: str, recorded: str, spoken: str, sheet: str = "", cell: str = "") -> Text:
    """Give a recorded finding in both languages.

    Args:
        code: the finding's code.
        recorded: what was found, in the words of the record.
        spoken: language of the record.
        sheet: where it was found; empty where it concerns no sheet.
        cell: as above.
    """
    if code not in _known():  # of another version of the program
        return Text(zh=recorded, en=recorded)
    zh, en = (recorded if lang == spoken else _anew(code, recorded, spoken, lang, sheet, cell) for lang in LANGS)
    return Text(zh=zh, en=en)


def _anew(code: str, recorded: str, spoken: str, lang: Lang, sheet: str, cell: str) -> str:
    if not _pattern(code, lang).groups:
        return say(f"findings.{code}.found", lang)
    if (code in SAME_WORDS or code in OWN_WORDS) and spoken in LANGS:
        of: Lang = "zh" if spoken == "zh" else "en"
        found = _pattern(code, of).fullmatch(recorded)
        params: dict[str, object] = dict(found.groupdict()) if found else {}
        params |= {name: _texts(_TABLES[name], of).get(str(params.get(name))) for name in OWN_WORDS.get(code, ())}
        if found and None not in params.values():
            return say(f"findings.{code}.found", lang, **params)
    words = say(f"findings_general.{code}", lang)
    key = "explain.finding.cell" if cell else "explain.finding.sheet"
    return say(key, lang, found=words, sheet=sheet, cell=cell) if sheet else words


@cache
def _known() -> frozenset[str]:
    return frozenset(codes())


@cache
def _pattern(code: str, lang: Lang) -> re.Pattern[str]:
    """Read a finding's words backwards: what stands where its parameters are."""
    parts, seen = [], set()
    for literal, name, _, _ in Formatter().parse(text(f"findings.{code}.found").say(lang)):
        parts.append(re.escape(literal))
        if name:
            parts.append(f"(?P={name})" if name in seen else f"(?P<{name}>.*?)")
            seen.add(name)
    return re.compile("".join(parts), re.DOTALL)


@cache
def _texts(table: str, lang: Lang) -> Mapping[str, Text]:
    """Map the texts of a catalogue's table in a language, as far as they hold no placeholder, to both languages'."""
    name, *parts = table.split(".")
    node: object = catalogue(name)
    for part in parts:
        node = cast("Mapping[str, object]", node)[part]
    return {one.say(lang): one for one in _below(node) if "{" not in one.zh + one.en}


def _below(node: object) -> Iterator[Text]:
    if isinstance(node, dict):
        zh, en = node.get("zh"), node.get("en")
        if isinstance(zh, str) and isinstance(en, str):
            yield Text(zh=zh, en=en)
        else:
            for part in node.values():
                yield from _below(part)
