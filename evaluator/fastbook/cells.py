"""The XML of cells: each is a few pieces around its row number and value, made once for a column and a format.

Owns: those pieces. Knows nothing of sheets or of what stands in the cells.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

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


_ERRORS = frozenset({"#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!"})


def formula_cell(opened: str, formula: str, value: str | float) -> str:
    """Render a cell with a formula and its result; `opened` is the cell's tag as far as its format."""
    kind = ""
    if value.__class__ is bool:
        kind, value = ' t="b"', int(value)
    elif isinstance(value, str) and value:
        kind = ' t="e"' if value in _ERRORS else ' t="str"'
        value = _plainly(value)
    return f"{opened}{kind}><f>{_plainly(formula)}</f><v>{value}</v></c>"


def _plainly(words: str) -> str:
    return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


class Pen(NamedTuple):
    """The XML of a column's cells but for the row number and the value, which follow `place` and what is next to it."""

    column: int
    place: str
    text: str
    figure: str
    empty: str
    """Empty where an empty cell is not written."""
    style: str
    """What the cell's tag says of its format, before its type."""


Figures = Sequence[tuple[int, float]]
"""Columns, in order, with a number in each."""


def _worded(figure: float, is_result: bool) -> str:
    return str(figure) if is_result else f"{figure:.16G}"


_said = lru_cache(maxsize=1 << 13, typed=True)(_worded)
"""The same of figures met lately; not for zeros, whose sign it can't tell."""


class Strip(NamedTuple):
    """A row's cells as they were written once, but for some figures."""

    first: int
    last: int
    """Columns of the first and the last cell."""
    pieces: Sequence[str]
    """The cells' XML around each figure."""
    results: Sequence[bool]
    """Whether each figure is a formula's result, which is written in another way than a number."""
    texts: int
    """How many of the cells hold shared texts."""

    def cells(self, figures: Figures) -> dict[int, str]:
        """Give the cells with these figures: all stand at the first one's place, nothing at the last one's."""
        if not figures:
            return {self.last: "", self.first: self.pieces[0]}
        words = [self.pieces[0]]
        for (_, figure), is_result, piece in zip(figures, self.results, self.pieces[1:], strict=True):
            words += (_said(figure, is_result) if figure else _worded(figure, is_result), piece)
        return {self.last: "", self.first: "".join(words)}


Strips = dict[tuple[int, Hashable], Strip]
"""Strips by row and by what their cells depend on."""


class Plate(NamedTuple):
    """Rows of a sheet as they were written once: with their heights, merged cells, conditional formats and widths."""

    rows: Mapping[int, Strip]
    texts: int
    """How many of the cells hold shared texts."""
    heights: Mapping[int, Any]
    """As XlsxWriter keeps them."""
    merged: Sequence[list[int]]
    """First row and column, last row and column."""
    places: Mapping[tuple[int, int], bool]
    """The cells of the merged ones, as XlsxWriter keeps them."""
    conditions: Sequence[tuple[str, Mapping[str, object]]]
    """Conditional formats by their range, as XlsxWriter keeps them."""
    widths: tuple[float, ...]
    """Empty where nothing is said of them."""
    corners: Sequence[tuple[int, int]]
    """The first and the last row and column that were written to."""


Plates = dict[Hashable, Plate]
"""Plates by what their rows depend on."""


def strip_of(cells: Mapping[int, str], open_: Sequence[int], texts: int) -> Strip:
    """Make a strip of a row's cells, by column in order; those in the columns `open_` hold the figures."""
    pieces, results = [""], []
    for column, cell in cells.items():
        if column in open_:
            before, mark, _ = cell.rpartition("<v>")
            pieces[-1] += before + mark
            pieces.append("</v></c>")
            results.append("</f>" in before)
        else:
            pieces[-1] += cell
    if len(results) != len(open_):
        raise ValueError("a figure without a cell")
    columns = list(cells)
    return Strip(columns[0], columns[-1], pieces, results, texts)


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
        style=f'"{style}',
    )
