"""What a cell's XML text means: numbers, dates, truth values, texts, and the texts and styles that sheets share.

Owns: turning text into values the way Excel shows them. Both readers of cells (`rawcells`, `exactcells`) go through
here, so they can differ only in what they find, never in what it means.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from evaluator.questionnaire.xmlwalk import walk

Value = int | float | str | bool | time | date | datetime | timedelta

_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
_SURROGATE = re.compile("[\ud800-\udfff]")
_BUILT_IN_DATES = frozenset((*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)))
_BUILT_IN_SPANS = frozenset((46,))
"""Ids of the number formats that every program knows: dates and times, and spans of hours."""
_LITERALS = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE | re.DOTALL)
_SPAN = re.compile(r"\[(?:h+|m+|s+)\]", re.IGNORECASE)
_DATE_LETTER = re.compile(r"[ymdhsbge]", re.IGNORECASE)
_GENERAL = re.compile(r"general|(?<=[0#?.])e[+-]", re.IGNORECASE)
_STYLES_DEPTH = 64
_MILLISECONDS = 86_400_000
_LAST_DAY = 2_958_465
"""The day number of 9999-12-31."""
_FALSE_LEAP_DAY = 60
"""Excel's day number of 29 February 1900, which never was; from the next day on its numbers are right."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Shared:
    """What a workbook's sheets share."""

    texts: Sequence[str]
    """Shared texts by number."""
    styles: bytes
    """The styles part; empty where there is none."""
    is_1904: bool
    """Whether day numbers count from 1904."""


def value_of(kind: str, style: str, content: str, shared: Shared) -> Value:
    """Give the value of a cell; an empty text where it has none.

    Args:
        kind: the cell's type as in its XML, empty where it names none.
        style: number of its style as in its XML, empty where it names none.
        content: its text as in its XML, references resolved.
        shared: what the workbook's sheets share.

    Raises:
        ValueError: it refers to a shared text that there is none of.
    """
    if kind == "s":
        return _shared_text(content, shared.texts)
    if kind in ("str", "inlineStr"):
        return unescaped(content)
    if kind == "e":
        return ""
    words = content.strip(" \t\r\n")
    if kind == "b" and words in ("0", "1", "true", "false"):
        return words in ("1", "true")
    if kind == "d":
        return _iso(words)
    if kind in ("", "n") and _NUMBER.fullmatch(words):
        number = float(words)
        if math.isfinite(number):
            return _dated(number, style, shared) if style not in ("", "0") and shared.styles else number
    return unescaped(content)  # no number Excel could show; what stands there is for a person to judge


def unescaped(content: str) -> str:
    """Resolve `_x003D_` to `=` as Excel does; half a surrogate pair becomes U+FFFD."""
    if "_x" not in content:
        return content
    joined = _ESCAPE.sub(lambda found: chr(int(found[1], 16)), content)
    if _SURROGATE.search(joined) is None:
        return joined
    return joined.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _shared_text(content: str, texts: Sequence[str]) -> str:
    words = content.strip(" \t\r\n")
    if not words:
        return ""
    if not (words.isascii() and words.isdigit()) or len(words) > 9 or int(words) >= len(texts):
        raise ValueError(f"shared text {words[:20]!r}")
    return texts[int(words)]


def _iso(words: str) -> Value:
    try:
        found = datetime.fromisoformat(words).replace(tzinfo=None)
    except ValueError:
        return unescaped(words)
    return found.date() if found.time() == time() else found


def _dated(number: float, style: str, shared: Shared) -> Value:
    dates, spans = date_styles(shared.styles)
    if style in spans:
        return timedelta(milliseconds=round(number * _MILLISECONDS)) if abs(number) <= _LAST_DAY else number
    if style not in dates or not 0 <= number < _LAST_DAY + 1:
        return number
    days = number + 1462 if shared.is_1904 else number
    if int(days) == _FALSE_LEAP_DAY or days >= _LAST_DAY + 1:
        return number
    moment = datetime(1899, 12, 30 if days > _FALSE_LEAP_DAY else 31) + timedelta(  # noqa: DTZ001 - no zone in a cell
        milliseconds=round(days * _MILLISECONDS)
    )
    if number < 1 and not shared.is_1904:
        return moment.time()
    return moment.date() if moment.time() == time() else moment


@lru_cache(maxsize=4)
def date_styles(styles: bytes) -> tuple[frozenset[str], frozenset[str]]:
    """Give the numbers of the cell styles that show a date or time, and of those that show a span of hours.

    Raises:
        SyntaxError: the part is not well-formed.
        ValueError: it has a document type.
    """
    found = _Formats()
    for _ in walk(styles, found, _STYLES_DEPTH):
        pass
    kinds = [_format_kind(number, found.codes) for number in found.numbers]
    return (
        frozenset(str(place) for place, kind in enumerate(kinds) if kind == "date"),
        frozenset(str(place) for place, kind in enumerate(kinds) if kind == "span"),
    )


class _Formats:
    """Takes the elements of the styles part and keeps what concerns numbers."""

    def __init__(self) -> None:
        self.codes: dict[str, str] = {}
        """Number formats of the workbook's own, by id."""
        self.numbers: list[str] = []
        """Id of each cell style's number format."""
        self._in_styles = False

    def opened(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "cellXfs":
            self._in_styles = True
        elif name == "xf" and self._in_styles:
            self.numbers.append(attributes.get("numFmtId", "0"))
        elif name == "numFmt":
            self.codes.setdefault(attributes.get("numFmtId", ""), attributes.get("formatCode", ""))

    def closed(self, name: str) -> None:
        if name == "cellXfs":
            self._in_styles = False

    def words(self, text: str) -> None:
        pass


def _format_kind(number: str, formats: dict[str, str]) -> str:
    if number in formats:
        code = _LITERALS.sub("", formats[number].split(";")[0])
        if _SPAN.search(code):
            return "span"
        return "date" if _DATE_LETTER.search(_GENERAL.sub("", code)) else ""
    if not (number.isascii() and number.isdigit() and len(number) < 6):
        return ""
    return "span" if int(number) in _BUILT_IN_SPANS else "date" if int(number) in _BUILT_IN_DATES else ""
