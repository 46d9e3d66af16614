"""How much room a text takes in a workbook: nothing measures text while a file is written, so it is estimated.

Owns: the fonts of the two languages, the estimate of the lines a wrapped text takes, and row heights from it. Knows
nothing of workbooks or of what the texts say.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache
from math import ceil

from evaluator.wording import Lang

FONTS: Mapping[Lang, str] = {"zh": "Microsoft YaHei", "en": "Calibri"}
LINE_POINTS: Mapping[Lang, float] = {"zh": 15.0, "en": 13.0}
"""Height of one line of 10-point text; a little generous, as fonts and programs differ."""
_WIDE = 1.92
_NARROW: Mapping[Lang, float] = {"zh": 1.0, "en": 0.86}
"""Widths of a Chinese and, by font, of a Latin character, in the unit of column widths: digits of the default font."""
_WORDS = re.compile(r"[\u0021-\u024f]+|.")


def row_height(
    cells: Iterable[tuple[str, float]], lang: Lang, *, least: int = 1, margin: float = 4.0, bold: bool = False
) -> float:
    """Estimate the height, in points, of a row that holds these wrapped 10-point texts, each with its column's width.

    Args:
        cells: the texts and widths.
        lang: language of the workbook.
        least: lines it is high at least.
        margin: points above and below the lines, together.
        bold: whether the texts are bold, which takes more room.
    """
    lines = (lines_needed(words, width * 0.92 if bold else width, lang) for words, width in cells)
    return max([least, *lines]) * LINE_POINTS[lang] + margin


@lru_cache(maxsize=8192)
def lines_needed(words: str, width: float, lang: Lang = "zh") -> int:
    """Estimate the lines of a wrapped 10-point text in a column of `width`; a Chinese character is almost two."""
    room = width - 1.0
    if len(words) * _WIDE <= room and words.isprintable():
        return 1
    count = 0
    for paragraph in words.splitlines() or [""]:
        count += 1
        used = 0.0
        for word in _WORDS.findall(paragraph):
            size = _units(word, lang)
            if used + size > room and word != " ":
                count += max(1, ceil(size / room))
                used = 0.0
            used += size
    return count


def text_units(words: str, lang: Lang = "zh") -> float:
    """Measure a text's width on one line, in the unit of column widths."""
    return sum(_units(character, lang) for character in words)


@lru_cache(maxsize=8192)
def _units(word: str, lang: Lang) -> float:
    return sum(_WIDE if unicodedata.east_asian_width(character) in "WFA" else _NARROW[lang] for character in word)
