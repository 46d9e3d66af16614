"""Reading a TOML text that an operator wrote, and where and why one is broken, in both languages.

Owns: turning what the standard library's parser says into a line and a reason, or into what was plainly mistyped there.
The parser tells its faults apart by English words only; words that are not known here are shown as they are, behind a
sentence that holds for all of them.
Knows nothing of what the texts are for.
"""

from __future__ import annotations

import re
import tomllib
from typing import Any
from unicodedata import normalize

from evaluator.wording import Text, filled, text

_REASONS = (
    ("Invalid value", "value"),
    ("Invalid date or datetime", "date"),
    ("Expected newline or end of document after a statement", "more_than_one"),
    ("Invalid statement", "statement"),
    ("Invalid initial character for a key part", "key"),
    ("Expected '=' after a key", "no_equals"),
    (r"Expected ['\"]\]", "table_end"),
    ("Unclosed array", "array_end"),
    ("Unclosed inline table", "inline_end"),
    ("Unterminated string", "text_end"),
    (r"Expected ['\"]", "text_end"),
    (r"(Illegal|Found invalid) character '\\[nr]'", "text_end"),
    ("(Illegal|Found invalid) character", "character"),
    ("Unescaped", "backslash"),
    ("Invalid hex value|Escaped character", "escape"),
    ("Cannot (overwrite|declare|mutate|redefine)|Duplicate", "twice"),
    ("Exceeds the limit", "number"),
    ("A key of many parts", "parts"),
)
"""Beginnings of the parser's words, and what to say instead (`wording/syntax.toml`)."""
_PLACE = re.compile(r"\s*\(at (?:line (\d+), column (\d+)|end of document)\)$")
_QUOTES = "“”„‟‘’‚‛＂＇「」『』"
"""What Chinese input and word processors write for quotation marks."""
_SIGNS = {"：": "=", "、": ",", "。": "."}
"""Signs of Chinese input that are meant for others than their own narrow forms."""
_PLAIN = frozenset("=,.[]{}#+-_ ")
"""Signs that TOML has, but for quotation marks."""
_PART, _MOST_PARTS = re.compile(r"""\s*(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')\s*"""), 64
"""A part of a dotted key, and how many of them a key may have."""
_LONG_NUMBER = re.compile(r"\d(?:_?\d){4300}")
"""More digits than Python makes a whole number of."""
_WHOLE, _FRACTION, _NUMBER = re.compile(r"=\s*(\d+)$"), re.compile(r"[,，]\s?(\d+)"), re.compile(r"(\d+(?:\.\d+)?)\s*$")


def table_of(source: str) -> dict[str, Any]:
    """Parse a TOML text.

    Raises:
        ValueError, RecursionError: it is none, for `fault_of` to tell; or a key has more dotted parts than any has that
            is meant, as the parser's time and memory grow with their square.
    """
    for number, line in enumerate(source.split("\n"), 1):
        parts = 0
        for piece in line.split(".") if line.count(".") > _MOST_PARTS else ():
            parts = parts + 1 if _PART.fullmatch(piece) else 0
            if parts > _MOST_PARTS:
                raise ValueError(f"A key of many parts (at line {number}, column 1)")
    return tomllib.loads(source)


def fault_of(error: ValueError | RecursionError, source: str) -> tuple[int, Text]:
    """Give the line of a text that is no TOML, 1-based, and what is wrong there.

    Args:
        error: what `table_of` raised.
        source: the text.
    """
    words = str(error)
    place = _PLACE.search(words)
    line = int(place[1]) if place and place[1] else source.rstrip().count("\n") + 1
    if isinstance(error, RecursionError):
        return line, text("syntax.depth")
    if place is None and (number := _LONG_NUMBER.search(source)):  # the parser doesn't say where it stands
        line = source.count("\n", 0, number.start()) + 1
    said = _PLACE.sub("", words)
    key = next((key for beginning, key in _REASONS if re.match(beginning, said)), None)
    if key is None:
        return line, filled("syntax.other", words=" ".join(said.split()))
    written = [*source.replace("\r\n", "\n").split("\n"), ""][line - 1]
    at = int(place[2]) - 1 if place and place[2] else len(written)
    return line, _mistyped(key, written[:at], written[at:]) or text(f"syntax.{key}")


def _mistyped(key: str, before: str, after: str) -> Text | None:
    """Say what was meant by what stands at the place of a fault, where that is plain.

    Args:
        key: the reason.
        before: the line up to the place.
        after: the line from there on.
    """
    sign, line = after[:1], before + after
    if key == "text_end":  # it may have a closing mark that is none
        return text("syntax.quotes") if line.count("”") > line.count("“") else None
    is_behind_text = key in ("more_than_one", "inline_end", "array_end") and before.endswith('"')
    if is_behind_text and '"' in after and sign not in " \t，、":
        return text("syntax.inner_quotes")
    if key == "more_than_one":
        return _after_number(before, after)
    if key not in ("value", "statement", "key", "no_equals", "table_end", "array_end", "inline_end"):
        return None
    if sign and sign in _QUOTES:
        return text("syntax.quotes")
    plain = _SIGNS.get(sign, normalize("NFKC", sign))
    if plain != sign and (plain in _PLAIN or (plain.isascii() and plain.isalnum())):
        return text("syntax.wide_blank") if plain == " " else filled("syntax.wide", sign=sign, plain=plain)
    return None


def _after_number(before: str, after: str) -> Text | None:
    whole, fraction = _WHOLE.search(before), _FRACTION.match(after)
    if whole and fraction:
        return filled("syntax.comma", given=f"{whole[1]}{fraction[0]}", meant=f"{whole[1]}.{fraction[1]}")
    number = _NUMBER.search(before)
    if number and after[:1] in ("%", "％"):
        return filled("syntax.percent", given=f"{number[1]}%", meant=f"{float(number[1]) / 100:g}")
    return None
