"""Reading a sheet's cells by parser, whatever way its XML is written.

Owns: the exact reading of sheets and shared texts, slow on large ones. `rawcells` reads plain XML faster and must find
the very same; a test holds the two against each other. Knows nothing of what the cells' texts mean.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from evaluator.limits import Limits
from evaluator.questionnaire.xmlwalk import walk

_REFERENCE = re.compile(r"([A-Za-z]{1,3})([0-9]{1,7})")
_RANGE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})(?::([A-Z]{1,3})([0-9]{1,7}))?")
_NUMBERS = re.compile(r"[0-9]{1,9}")
LAST_ROW, LAST_COLUMN = 1_048_576, 16_384


class Refused(ValueError):  # noqa: N818 - reads as what is said of the file
    """XML beyond a limit, with the key of its words under `intake.unsafe` and what to fill in."""

    def __init__(self, key: str, **params: object) -> None:
        self.key = key
        self.params = params
        super().__init__(key)


Cell = tuple[str, str, str, str, str, str, str]
"""One cell that holds something, as its XML has it: column letters, row number, number of its style, type (both empty
where it names none), something or nothing for whether it holds a formula, its text, and an empty text. References in
the text are resolved; of a rich text it is all runs together, without the reading aids above the characters."""


Range = tuple[int, int, int, int]
"""A range of cells: first and last row, first and last column."""


@dataclass(kw_only=True, slots=True)
class Extras:
    """What a sheet tells beside its cells; filled in while the cells are read."""

    filled: list[Range] = field(default_factory=list)
    """Ranges that one formula fills. Only the first cell holds it."""
    merged: list[Range] = field(default_factory=list)
    """Merged ranges."""
    hidden: list[int] = field(default_factory=list)
    """Numbers of the rows that have cells, empty ones too, and are hidden, in the order they stand."""

    def merge(self, reference: str, limits: Limits) -> None:
        """Take note of a merged range by its name.

        Raises:
            Refused: there are more than allowed.
        """
        self.merged.append(_range(reference.upper()))
        if len(self.merged) > limits.merges:
            raise Refused("merges", count=f"> {limits.merges}")


def cells(xml: bytes, extras: Extras, limits: Limits) -> Iterator[list[Cell]]:
    """Read the cells of one sheet, some at a time, those that hold nothing left out.

    Args:
        xml: the sheet's part.
        extras: is filled in on the way.
        limits: how much there may be.

    Raises:
        SyntaxError: it is not well-formed.
        Refused: there is more of something than allowed.
        ValueError: it has a document type or a cell reference that no spreadsheet program writes.
    """
    if xml.count(b"<c") > limits.parsed_cells:  # a bound from above: other elements start so, too
        raise Refused("cells", count=xml.count(b"<c"))
    found = _Cells(extras, limits)
    for _ in walk(xml, found, limits.depth):
        if found.cells:
            yield found.cells
            found.cells = []


def texts(xml: bytes, limits: Limits) -> list[str]:
    """Read the texts that the workbook's cells share.

    Raises:
        SyntaxError: it is not well-formed.
        Refused: there are more than allowed, or it claims to have more.
        ValueError: it has a document type.
    """
    found = _Texts(limits)
    for _ in walk(xml, found, limits.depth):
        pass
    return found.texts


def check_count(claimed: str, limits: Limits) -> None:
    """Refuse a claim to have more shared texts than allowed, or no whole number of them.

    Raises:
        Refused: it is one.
    """
    if claimed and not (_NUMBERS.fullmatch(claimed) and int(claimed) <= limits.shared_texts):
        raise Refused("texts", count=claimed[:20])


@lru_cache(maxsize=LAST_COLUMN)
def column_letters(number: int) -> str:
    """Give a column's letters by its number, 1-based: 6 is `F`."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


@lru_cache(maxsize=LAST_COLUMN)
def column_number(letters: str) -> int:
    """Number a column by its letters, 1-based: `F` is 6."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


class _Cells:
    """Takes a sheet's elements and makes cells of them."""

    def __init__(self, extras: Extras, limits: Limits) -> None:
        self.cells: list[Cell] = []
        self._extras = extras
        self._limits = limits
        self._row = self._column = 0
        self._is_hidden = False
        """Whether the row is hidden, as long as it has no cell."""
        self._at = (0, 0)
        self._attributes: Mapping[str, str] = {}
        self._in_data = False
        self._in_cell = False
        self._inside: list[str] = []
        """Elements around, from the cell on."""
        self._formula = self._value = self._inline = False
        self._words: list[str] = []
        self._inline_words: list[str] = []

    def opened(self, name: str, attributes: Mapping[str, str]) -> None:
        if self._in_cell:
            self._opened_inside(name, attributes)
        elif name == "sheetData":
            self._in_data = True
        elif name == "mergeCell":
            self._extras.merge(attributes.get("ref", ""), self._limits)
        elif not self._in_data:
            return
        elif name == "row":
            stated = attributes.get("r")
            self._row, self._column = _whole(stated) if stated else self._row + 1, 0
            self._is_hidden = attributes.get("hidden") in ("1", "true")
        elif name == "c":
            self._begin(attributes)

    def closed(self, name: str) -> None:
        if not self._in_cell:
            if name == "sheetData":
                self._in_data = False
        elif self._inside:
            self._inside.pop()
        else:
            self._in_cell = False
            self._end()

    def words(self, text: str) -> None:
        if not self._inside:
            return
        if self._inside == ["v"]:
            self._words.append(text)
        elif self._inside[0] == "is" and self._inside[-1] == "t" and "rPh" not in self._inside:
            self._inline_words.append(text)

    def _begin(self, attributes: Mapping[str, str]) -> None:
        if self._is_hidden:
            self._extras.hidden.append(self._row)
            self._is_hidden = False
        at, column = self._row, self._column + 1
        if stated := attributes.get("r"):
            reference = _REFERENCE.fullmatch(stated)
            if reference is None:
                raise ValueError(f"cell reference {stated[:20]!r}")
            at, column = int(reference[2]), column_number(reference[1].upper())
        self._column = column
        self._at = (at, column)
        self._attributes = attributes
        self._in_cell = True
        self._formula = self._value = self._inline = False
        self._words, self._inline_words, self._inside = [], [], []

    def _opened_inside(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "c":
            raise ValueError("a cell in a cell")
        if not self._inside:
            if name == "f":
                self._formula = True
                if attributes.get("t") in ("array", "dataTable"):
                    self._extras.filled.append(_range(attributes.get("ref", "")))
            elif name == "v":
                self._value = True
            elif name == "is":
                self._inline = True
        self._inside.append(name)

    def _end(self) -> None:
        if not (self._formula or self._value or self._inline):
            return
        row, column = self._at
        if row < 1:
            raise ValueError(f"cell in row {row}")
        kind = self._attributes.get("t", "")
        words = self._inline_words if self._inline and (kind == "inlineStr" or not self._value) else self._words
        if self._inline and not self._value:
            kind = "inlineStr"
        content = "".join(words)
        if self._formula or content:
            formula = "<f>" if self._formula else ""
            style = self._attributes.get("s", "")
            self.cells.append((column_letters(column), str(row), style, kind, formula, content, ""))


class _Texts:
    """Takes the elements of the shared texts and makes texts of them."""

    def __init__(self, limits: Limits) -> None:
        self.texts: list[str] = []
        self._limits = limits
        self._inside: list[str] = []
        """Elements around, from the single text on."""
        self._in_text = False
        self._words: list[str] = []

    def opened(self, name: str, attributes: Mapping[str, str]) -> None:
        if self._in_text:
            self._inside.append(name)
        elif name == "si":
            self._in_text = True
            self._words = []
        elif name == "sst":
            for key in ("count", "uniqueCount"):
                check_count(attributes.get(key, ""), self._limits)

    def closed(self, name: str) -> None:
        if self._inside:
            self._inside.pop()
        elif self._in_text:
            self._in_text = False
            self.texts.append("".join(self._words))
            if len(self.texts) > self._limits.shared_texts:
                raise Refused("texts", count=f"> {self._limits.shared_texts}")

    def words(self, text: str) -> None:
        if self._inside and self._inside[-1] == "t" and "rPh" not in self._inside:
            self._words.append(text)


def _whole(digits: str) -> int:
    if _NUMBERS.fullmatch(digits) is None:
        raise ValueError(f"row number {digits[:20]!r}")
    return int(digits)


def _range(reference: str) -> Range:
    found = _RANGE.fullmatch(reference)
    if found is None:
        return 0, 0, 0, 0
    top, bottom = sorted((int(found[2]), int(found[4] or found[2])))
    left, right = sorted((column_number(found[1]), column_number(found[3] or found[1])))
    return top, bottom, left, right
