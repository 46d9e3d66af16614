"""The look of the form: its palette, the format its cells start from, and the heights of its rows.

Owns: how the form looks where its sheets look alike. Knows nothing of models or of what the sheets hold.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import BinaryIO

from evaluator.fastbook.books import Kit
from evaluator.measure import FONTS, row_height
from evaluator.wording import Lang
from evaluator.workbook import Book

FAULTY = {"bg_color": "#FAD7B5", "border": 2, "border_color": "#C0392B"}
"""Over a cell's own look, what marks it as one to mend."""
INK, MUTED, LINE, HEAD, BAND, INPUT, NOTICE = (
    "#1F2937", "#6B7280", "#BFC7D1", "#1F4E79", "#F3F6FA", "#FFFBE6", "#FDE9D9",
)  # fmt: skip
FIXED = "#E5E8EC"
"""Of cells that are filled in and locked where others are to be filled in."""
_MARGIN = 7.0
"""Points above and below a row's lines, together."""
LEVEL = 6
"""Of zlib: forms are mailed, and what they have alike is deflated once."""


@cache
def _kit(lang: Lang) -> Kit:
    base = {"font_name": FONTS[lang], "font_size": 10, "font_color": INK, "text_wrap": True, "valign": "top"}
    return Kit(base)


def open_form(target: Path | BinaryIO, lang: Lang, title: str) -> Book:
    """Open a form's workbook; its formats are wrapped and at the top, and locked where the sheet is protected."""
    return Book(target, kit=_kit(lang), title=title, plain_formulas=True, level=LEVEL)


def fitting_height(lang: Lang, *texts: tuple[str, float], least: int = 1) -> float:
    """Give the height, in points, of a row that holds these texts, each with its column's width."""
    return row_height(texts, lang, least=least, margin=_MARGIN)
