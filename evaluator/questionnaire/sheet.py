"""A thin wrapper of XlsxWriter: strings stay strings, silent failures raise; formats and row heights in one place.

Owns: opening a workbook whose bytes depend on its content alone, its named looks, and the estimate of how many lines a
wrapped text takes. Knows nothing of models or of what the form's sheets hold.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Mapping
from functools import cache
from math import ceil
from typing import Any, BinaryIO

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from evaluator.wording import Lang

FONTS: Mapping[Lang, str] = {"zh": "Microsoft YaHei", "en": "Calibri"}
LINE_POINTS: Mapping[Lang, float] = {"zh": 15.0, "en": 13.0}
"""Height of one line of 10-point text; a little generous, as nothing measures text when the file is written."""
MAX_ROW_POINTS = 409.0
PAPER_A4 = 9

INK, MUTED, LINE, HEAD, BAND, INPUT, NOTICE = (
    "#1F2937", "#6B7280", "#BFC7D1", "#1F4E79", "#F3F6FA", "#FFFBE6", "#FDE9D9",
)  # fmt: skip

_CREATED = dt.datetime(2023, 12, 1)  # noqa: DTZ001 - fixed, so that equal input gives equal bytes
_OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
_PROTECTION = {"format_columns": True, "format_rows": True, "autofilter": True}
_WIDE = 1.92
_NARROW: Mapping[Lang, float] = {"zh": 1.0, "en": 0.86}
"""Widths of a Chinese and, by font, of a Latin character, in the unit of column widths: digits of the default font."""
_WORDS = re.compile(r"[\u0021-\u024f]+|.")


class _Worksheet(Worksheet):  # type: ignore[misc]  # XlsxWriter ships no types
    """A worksheet that doesn't search each formula for functions newer than Excel 2010: half of the time of writing."""

    def _prepare_formula(self, formula: str, expand_future_functions: bool = False) -> str:
        return formula.removeprefix("=")


class Sheet:
    """One worksheet; rows and columns count from 0, as in XlsxWriter.

    Every `put_` and `add_` method raises RuntimeError where XlsxWriter reports a mistake by its return value.
    """

    def __init__(self, raw: Worksheet, name: str) -> None:
        self.raw = raw
        self.name = name

    def ref(self, row: int, column: int, last_row: int | None = None) -> str:
        """Give the absolute reference to a cell, or to a column's cells down to `last_row`, as other sheets say it."""
        letter = letter_of(column)
        cells = f"${letter}${row + 1}" + ("" if last_row is None else f":${letter}${last_row + 1}")
        return "'" + self.name.replace("'", "''") + "'!" + cells

    def put_text(self, row: int, column: int, words: str, look: Format | None = None) -> None:
        """Write a text as a text, whatever it begins with; an empty one leaves the cell blank."""
        if words:
            _checked(self.raw.write_string(row, column, words, look), "text", row, column)
        else:
            _checked(self.raw.write_blank(row, column, None, look), "blank", row, column)

    def put_number(self, row: int, column: int, number: float, look: Format | None = None) -> None:
        """Write a number."""
        _checked(self.raw.write_number(row, column, number, look), "number", row, column)

    def put_date(self, row: int, column: int, date: dt.date, look: Format) -> None:
        """Write a date."""
        _checked(self.raw.write_datetime(row, column, date, look), "date", row, column)

    def put_formula(self, row: int, column: int, formula: str, result: float | str, look: Format | None = None) -> None:
        """Write a formula (without `=`) with the result it has as the file is written: Protected View shows that."""
        _checked(self.raw.write_formula(row, column, f"={formula}", look, result), "formula", row, column)

    def put_value(self, row: int, column: int, value: object, look: Format | None = None) -> None:
        """Write a value by its type: truth value, number, nothing, else text."""
        if isinstance(value, bool):
            _checked(self.raw.write_boolean(row, column, value, look), "truth value", row, column)
        elif isinstance(value, int | float):
            self.put_number(row, column, value, look)
        else:
            self.put_text(row, column, "" if value is None else str(value), look)

    def put_list(self, column: int, header: str, entries: tuple[str, ...]) -> str:
        """Write a column of texts below a header; gives the absolute reference to the entries."""
        for row, entry in enumerate((header, *entries)):
            self.put_text(row, column, entry)
        return self.ref(1, column, len(entries))

    def add_validation(self, cells: list[tuple[int, int]], options: Mapping[str, object]) -> None:
        """Put one data validation on several cells; its texts are cut to what Excel allows."""
        limits = {"input_title": 32, "input_message": 255, "error_title": 32, "error_message": 255}
        given = {
            key: _cut(value, limits[key]) if key in limits and isinstance(value, str) else value
            for key, value in options.items()
        }
        blocks = [list(block) for block in _blocks(cells)]
        (row, column, last_row, last_column), others = blocks[0], blocks[1:]
        given["other_cells"] = others
        _checked(self.raw.data_validation(row, column, last_row, last_column, given), "validation", row, column)

    def add_condition(self, row: int, column: int, last_row: int, options: Mapping[str, object]) -> None:
        """Put a conditional format on a column's cells."""
        code = self.raw.conditional_format(row, column, last_row, column, dict(options))
        _checked(code, "conditional format", row, column)

    def set_width(self, column: int, width: float) -> None:
        """Set a column's width, in digits of the default font."""
        _checked(self.raw.set_column(column, column, width), "column width", 0, column)

    def set_height(self, row: int, points: float) -> None:
        """Set a row's height, at most what Excel allows."""
        _checked(self.raw.set_row(row, min(points, MAX_ROW_POINTS)), "row height", row, 0)

    def merge(self, row: int, column: int, last_column: int, words: str, look: Format) -> None:
        """Write a text over several columns of a row."""
        code = self.raw.merge_range(row, column, row, last_column, "", look)
        _checked(code, "merged cells", row, column)
        self.put_text(row, column, words, look)

    def protect(self) -> None:
        """Protect the sheet without a password: locked cells can't be edited, columns resized and rows filtered can."""
        self.raw.protect("", dict(_PROTECTION))


class Book:
    """A workbook being written; the same content gives the same bytes."""

    def __init__(self, stream: BinaryIO, lang: Lang, title: str) -> None:
        self.lang = lang
        self._raw = Workbook(stream, dict(_OPTIONS))
        self._raw.set_properties({"title": title, "created": _CREATED})
        self._looks: dict[tuple[tuple[str, object], ...], Format] = {}

    def sheet(self, name: str) -> Sheet:
        """Add a sheet."""
        return Sheet(self._raw.add_worksheet(name, _Worksheet), name)

    def look(self, **properties: object) -> Format:
        """Give a format: the form's font, wrapped, at the top, locked, and what `properties` change of that."""
        key = tuple(sorted(properties.items()))
        if key not in self._looks:
            base: dict[str, Any] = {
                "font_name": FONTS[self.lang],
                "font_size": 10,
                "font_color": INK,
                "text_wrap": True,
                "valign": "top",
            }
            self._looks[key] = self._raw.add_format({**base, **properties})
        return self._looks[key]

    def condition(self, **properties: object) -> Format:
        """Give a format for a conditional format: only what it changes."""
        return self._raw.add_format(dict(properties))

    def height(self, *texts: tuple[str, float], least: int = 1) -> float:
        """Estimate the height, in points, of a row that holds these texts, each with its column's width."""
        lines = max([least, *(lines_needed(words, width, self.lang) for words, width in texts)])
        return lines * LINE_POINTS[self.lang] + 7

    def close(self) -> None:
        """Write the workbook to its stream."""
        self._raw.close()


def letter_of(column: int) -> str:
    """Name a column by its letter, for the first 26."""
    return "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[column]


def quoted(words: str) -> str:
    """Say a text as a literal of a formula."""
    return '"' + words.replace('"', '""') + '"'


def lines_needed(words: str, width: float, lang: Lang = "zh") -> int:
    """Estimate the lines of a wrapped 10-point text in a column of `width`; a Chinese character is almost two."""
    room = width - 1.0
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


@cache
def _units(word: str, lang: Lang) -> float:
    return sum(_WIDE if unicodedata.east_asian_width(character) in "WFA" else _NARROW[lang] for character in word)


def _cut(words: str, limit: int) -> str:
    return words if len(words) <= limit else words[: limit - 1] + "…"


def _blocks(cells: list[tuple[int, int]]) -> list[tuple[int, int, int, int]]:
    """Join cells below one another into blocks (first row, column, last row, column)."""
    blocks: list[tuple[int, int, int, int]] = []
    for row, column in cells:
        if blocks and blocks[-1][1] == column and blocks[-1][2] == row - 1:
            blocks[-1] = (blocks[-1][0], column, row, column)
        else:
            blocks.append((row, column, row, column))
    return blocks


def _checked(code: object, what: str, row: int, column: int) -> None:
    """Turn XlsxWriter's return value into an exception."""
    if code not in (0, None):
        raise RuntimeError(f"XlsxWriter refused a {what} at row {row + 1}, column {column + 1}: {code}")
