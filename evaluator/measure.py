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
_WORDS = re.compile("[\\u0021-\\u024f]+|[\\u3001-\\u3003\\u4e00-\\u9fff\\uff01-\\uff5e]+|.")
"""What is not torn apart at a line's end, and runs of characters that are all wide and may be torn anywhere."""
_FIRST_WIDE = "\u3001"


def row_height(
    cells: Iterable[tuple[str, float]], lang: Lang, *, least: int = 1, margin: float = 4.0, bold: bool = False
) -> float:
    """Estimate the height, in points, of a row that holds these wrapped 10-point texts, each with its column's width.

    Args:
        cells: the texts and widths.
        lang: language of the workbook.
        least: lines it is high at least, 1 or more.
        margin: points above and below the lines, together.
        bold: whether the texts are bold, which takes more room.
    """
    most = least
    for words, width in cells:
        if words:
            most = max(most, lines_needed(words, width * 0.92 if bold else width, lang))
    return most * LINE_POINTS[lang] + margin


@lru_cache(maxsize=8192)
def lines_needed(words: str, width: float, lang: Lang = "zh") -> int:
    """Estimate the lines of a wrapped 10-point text in a column of `width`; a Chinese character is almost two."""
    room = width - 1.0
    if len(words) * _WIDE <= room and words.isprintable():
        return 1
    count, in_line = 0, max(1, int(room / _WIDE))
    for paragraph in words.splitlines() or [""]:
        count += 1
        used = 0.0
        for word in _WORDS.findall(paragraph):
            if word >= _FIRST_WIDE and len(word) > 1:
                left = len(word) - max(0, int((room - used) / _WIDE))
                if left <= 0:
                    used += len(word) * _WIDE
                else:
                    more = ceil(left / in_line)
                    count += more
                    used = (left - (more - 1) * in_line) * _WIDE
                continue
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
