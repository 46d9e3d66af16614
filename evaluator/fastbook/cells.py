"""The XML of cells: each is a few pieces around its row number and value, made once for a column and a format.

Owns: those pieces. Knows nothing of sheets or of what stands in the cells.
"""

from __future__ import annotations

from typing import NamedTuple

from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name

from evaluator.fastbook.texts import text_element


class _Letters(dict[int, str]):
    """Letters of the columns met so far."""

    def __missing__(self, column: int) -> str:
        letters = self[column] = str(xl_col_to_name(column))
        return letters


LETTERS = _Letters()


def style_of(look: Format | None) -> str:
    """Say how a cell refers to its format."""
    return "" if look is None else f' s="{int(look._get_xf_index())}"'  # noqa: SLF001


def inline_cell(place: str, words: str) -> str:
    """Render a cell with its own text; `place` are the attributes that say where it is and how it looks."""
    return f'<c {place} t="inlineStr"><is>{text_element(words)}</is></c>'


def number_cell(place: str, number: float) -> str:
    """Render a cell with a number."""
    return f"<c {place}><v>{number:.16G}</v></c>"


class Pen(NamedTuple):
    """The XML of a column's cells but for the row number and the value, which follow `place` and what is next to it."""

    column: int
    place: str
    text: str
    figure: str
    empty: str
    """Empty where an empty cell is not written."""


class Pens(dict[tuple[int, Format | None], Pen]):
    """Pens of a workbook by column and format; those for formats that workbooks share are made once for all."""

    def __init__(self, shared: dict[tuple[int, Format | None], Pen]) -> None:
        """Take the pens made so far for the shared formats, which have the attribute `shared`."""
        super().__init__()
        self._shared = shared

    def __missing__(self, key: tuple[int, Format | None]) -> Pen:
        made = self._shared.get(key) or _pen(*key)
        if key[1] is None or hasattr(key[1], "shared"):
            self._shared[key] = made
        self[key] = made
        return made


def _pen(column: int, look: Format | None) -> Pen:
    style = style_of(look)
    return Pen(
        column=column,
        place=f'<c r="{LETTERS[column]}',
        text=f'"{style} t="s"><v>',
        figure=f'"{style}><v>',
        empty=f'"{style}/>' if look is not None else "",
    )
