"""From a workbook's parts to its sheets' cells, whatever the parts hold.

Owns: choosing the quick or the exact reader for each part, placing cells into rows, the limits on how far cells may
reach, and turning every way a workbook can be broken into a value. Knows nothing of what the sheets hold.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Literal

from evaluator.errors import reason_of
from evaluator.limits import DEFAULT, MEBI, Limits
from evaluator.questionnaire import exactcells, rawcells
from evaluator.questionnaire.book import Book, book_of
from evaluator.questionnaire.cellvalues import Shared, Value, unescaped, value_of
from evaluator.questionnaire.exactcells import LAST_COLUMN, LAST_ROW, Cell, Extras, Range, Refused, column_number
from evaluator.questionnaire.rawcells import NotPlain, cell_name
from evaluator.wording import Text, catalogue, filled

Rows = Sequence[Sequence[Value]]
"""Cells from A1 on; each row reaches to its last cell that holds something, so rows differ in length."""
Special = Literal["formula", "error"]

_LONGEST_ERROR = 20
_BROKEN = (LookupError, ValueError, SyntaxError)


@dataclass(frozen=True, kw_only=True, slots=True)
class Unread:
    """Why a workbook could not be read."""

    code: str
    """Finding code, `file.*` or `form.*`."""
    params: Mapping[str, object] = field(default_factory=dict)
    kind: str = ""
    """What an office program could make a workbook of: `xls` or `ods`; empty for all else."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Scan:
    """What a sheet's values can't tell."""

    special: Mapping[tuple[int, int], Special]
    """Cells that hold a formula (whatever its cached value) or an error, by row and column."""
    errors: Mapping[tuple[int, int], str]
    """What such an error is called (`#REF!`), by row and column."""
    filled: Sequence[Range]
    """Ranges that one formula fills. Only the first cell holds it."""
    merged: Sequence[Range]
    """Merged ranges."""
    hidden: Collection[int]
    """Numbers of hidden rows with cells, 1-based."""
    is_1904: bool
    """Whether day numbers count from 1904."""

    def kind_of(self, row: int, column: int) -> Special | None:
        """Tell whether a cell holds a formula, is filled by one, or holds an error; both numbers are 1-based."""
        for top, bottom, left, right in self.filled:
            if top <= row <= bottom and left <= column <= right:
                return "formula"
        return self.special.get((row, column))


@dataclass(frozen=True, kw_only=True, slots=True)
class Opened:
    """A workbook's cells."""

    sheets: Mapping[str, Rows]
    """Cells by sheet, in the workbook's order; after them what `then` asked for."""
    scans: Mapping[str, Scan]
    """Which cells hold formulas and errors, by sheet."""


def open_sheets(
    parts: Mapping[str, bytes],
    wanted: Callable[[str], bool] = lambda name: True,
    limits: Limits = DEFAULT,
    then: Callable[[str, Mapping[str, Rows]], bool] = lambda name, sheets: False,
) -> Opened | Unread:
    """Read the sheets whose names are wanted.

    Args:
        parts: a workbook's parts by name, as the intake's guards gave them.
        wanted: says of a sheet's name whether to read it.
        limits: how much there may be.
        then: says of the name of a sheet not read whether to read it after all, given the sheets read.
    """
    try:
        book = book_of(parts, limits)
        if book.count > limits.sheets:
            raise Refused("sheets", count=book.count)
        return _opened(parts, book, [name for name in book.sheets if wanted(name)], then, limits)
    except Refused as error:
        return Unread(code="file.bomb", params={"why": filled(f"intake.unsafe.{error.key}", **error.params)})
    except _BROKEN as error:
        return Unread(code="file.unreadable", params={"why": filled("terms.damaged", detail=damage_of(error))})


def _opened(
    parts: Mapping[str, bytes],
    book: Book,
    names: Sequence[str],
    then: Callable[[str, Mapping[str, Rows]], bool],
    limits: Limits,
) -> Opened:
    shared = Shared(
        texts=_texts(parts[book.texts], limits) if book.texts else (),
        styles=parts.get(book.styles, b""),
        is_1904=book.is_1904,
    )
    longest = max(map(len, shared.texts), default=0)
    sheets: dict[str, Rows] = {}
    scans: dict[str, Scan] = {}
    letters = places = 0

    def more() -> Iterator[str]:
        """Name the sheets to be read after those named; comes to be asked when those have been."""
        yield from [name for name in book.sheets if name not in sheets and then(name, sheets)]

    for name in chain(names, more()):
        placed = _placed(name, parts[book.sheets[name]], shared, limits, places)
        places = placed.places
        sheets[name] = placed.rows
        scans[name] = Scan(
            special=placed.special,
            errors=placed.errors,
            filled=placed.extras.filled,
            merged=placed.extras.merged,
            hidden=frozenset(placed.extras.hidden),
            is_1904=book.is_1904,
        )
        if longest * placed.cells > limits.texts - letters:  # perhaps too much, so it is counted
            letters += sum(len(value) for row in placed.rows for value in row if isinstance(value, str))
            if letters > limits.texts:
                raise Refused("all_texts", limit=f"{limits.texts / MEBI:g}")
    _check_boxes(sheets, limits)
    return Opened(sheets=sheets, scans=scans)


def _texts(xml: bytes, limits: Limits) -> list[str]:
    try:
        found = rawcells.texts(xml, limits)
    except NotPlain:
        found = exactcells.texts(xml, limits)
    return [unescaped(content) if "_x" in content else content for content in found]


@dataclass(kw_only=True, slots=True)
class _Placed:
    """A sheet's cells on their way into rows."""

    rows: list[list[Value]] = field(default_factory=list)
    special: dict[tuple[int, int], Special] = field(default_factory=dict)
    errors: dict[tuple[int, int], str] = field(default_factory=dict)
    extras: Extras = field(default_factory=Extras)
    cells: int = 0
    places: int
    """Empty rows and cells made so far to put others in their places, on this sheet and those before it."""


def _placed(sheet: str, xml: bytes, shared: Shared, limits: Limits, places: int) -> _Placed:
    for read in (rawcells.cells, exactcells.cells):
        placed = _Placed(places=places)
        try:
            for cells in read(xml, placed.extras, limits):
                _place(sheet, cells, placed, shared, limits)
        except NotPlain:
            continue
        except Refused as error:
            raise Refused(error.key, **{"sheet": sheet, **error.params}) from error
        return placed
    raise ValueError(f"sheet {sheet!r}")


def _place(sheet: str, cells: Sequence[Cell], placed: _Placed, shared: Shared, limits: Limits) -> None:
    """Put cells where they belong; most come in order, one after another.

    Raises:
        Refused: the rows become too long.
        ValueError: one cell is given twice with different contents.
    """
    rows, special, texts = placed.rows, placed.special, shared.texts
    last, row, line = "", 0, rows[0] if rows else []
    for letters, digits, style, kind, formula, content, _ in cells:
        if kind == "s" and content.isdigit():
            value: Value = texts[int(content)]
        else:
            value = value_of(kind, style, content, shared)
        column = column_number(letters)
        if digits != last:
            last, row = digits, int(digits)
            line = _line(sheet, row, placed, limits)
        gap = column - 1 - len(line)
        if gap > 0:
            placed.places += gap
            if column > LAST_COLUMN or placed.places > limits.box:
                raise Refused("box", sheet=sheet, rows=row, columns=column)
            line.extend([""] * gap)
        if gap >= 0:
            line.append(value)
        elif (line[column - 1] != "" and line[column - 1] != value) or (row, column) in special:
            raise ValueError(f"cell {cell_name(row, column)} stands twice")
        else:
            line[column - 1] = value
        if formula:
            special[row, column] = "formula"
        elif kind == "e":
            special[row, column] = "error"
            placed.errors[row, column] = content.strip()[:_LONGEST_ERROR]
    placed.cells += len(cells)


def _line(sheet: str, row: int, placed: _Placed, limits: Limits) -> list[Value]:
    """Give a row to put cells into; rows missing before it are made.

    Raises:
        Refused: there are too many.
    """
    missing = row - len(placed.rows)
    if missing > 0:
        placed.places += missing
        if row > LAST_ROW or placed.places > limits.box:
            raise Refused("box", sheet=sheet, rows=row, columns=1)
        placed.rows.extend([] for _ in range(missing))
    return placed.rows[row - 1]


def _check_boxes(sheets: Mapping[str, Rows], limits: Limits) -> None:
    """Refuse sheets whose cells reach too far, unless one stray cell does and the rest is small.

    Raises:
        Refused: they reach too far.
    """
    boxes = {name: len(rows) * max(map(len, rows), default=0) for name, rows in sheets.items()}
    if sum(boxes.values()) <= limits.box:
        return
    corners = {name: _corner(rows) for name, rows in sheets.items()}
    boxes = {name: row * column for name, (row, column) in corners.items()}
    places = sum(len(row) for rows in sheets.values() for row in rows)
    if places > limits.box or sum(boxes.values()) > limits.far_box:
        worst = max(boxes, key=lambda name: boxes[name])
        raise Refused("box", sheet=worst, rows=corners[worst][0], columns=corners[worst][1])


def _corner(rows: Rows) -> tuple[int, int]:
    """Find the last row and column with more than blanks in a cell."""
    ends = ((number, _end(row)) for number, row in enumerate(rows, 1) if row)
    found = [(number, end) for number, end in ends if end]
    return (max((number for number, _ in found), default=1), max((end for _, end in found), default=1))


def _end(row: Sequence[Value]) -> int:
    return next(
        (c for c in range(len(row), 0, -1) if not (isinstance(value := row[c - 1], str) and not value.strip())), 0
    )


def not_had(error: OSError) -> Unread:
    """Say that the system does not give a file."""
    return Unread(code="file.unreadable", params={"why": filled("terms.not_to_be_had", detail=reason_of(error))})


def damage_of(error: BaseException) -> Text:
    """Say in what way a file is damaged: by the entry of `intake.damaged` that the error names, else by its kind."""
    known = catalogue("intake")["damaged"]
    key = str(error)
    if not isinstance(known, Mapping) or key not in known:
        key = "xml" if isinstance(error, SyntaxError) else "part" if isinstance(error, LookupError) else "structure"
    return filled(f"intake.damaged.{key}", words=detail_of(error))


def detail_of(error: BaseException) -> str:
    """Give an exception's kind and words on one line, for experts."""
    return " ".join(f"{type(error).__name__}: {error}".split())[:200]
