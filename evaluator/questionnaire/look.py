"""The look of the form: its palette, the format its cells start from, and the heights of its rows.

Owns: how the form looks where its sheets look alike. Knows nothing of models or of what the sheets hold.
"""

from __future__ import annotations

from typing import BinaryIO

from evaluator.measure import FONTS, row_height
from evaluator.wording import Lang
from evaluator.workbook import Book

INK, MUTED, LINE, HEAD, BAND, INPUT, NOTICE = (
    "#1F2937", "#6B7280", "#BFC7D1", "#1F4E79", "#F3F6FA", "#FFFBE6", "#FDE9D9",
)  # fmt: skip
_MARGIN = 7.0
"""Points above and below a row's lines, together."""


def open_form(stream: BinaryIO, lang: Lang, title: str) -> Book:
    """Open a form's workbook; its formats are wrapped and at the top, and locked where the sheet is protected."""
    base = {"font_name": FONTS[lang], "font_size": 10, "font_color": INK, "text_wrap": True, "valign": "top"}
    return Book(stream, title=title, base=base, in_memory=True, plain_formulas=True)


def fitting_height(lang: Lang, *texts: tuple[str, float], least: int = 1) -> float:
    """Give the height, in points, of a row that holds these texts, each with its column's width."""
    return row_height(texts, lang, least=least, margin=_MARGIN)
