"""Two workbooks held against each other: cell by cell, and part by part where no cell differs.

Owns: reading the results' workbook under the guards for returned files, with room for large rounds, and saying whether
a difference is one of cells, of another part of the package, or only of how the package is put together.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

from evaluator.intake import archive, guards
from evaluator.limits import GIBI, Limits
from evaluator.questionnaire.book import Book, book_of
from evaluator.questionnaire.exactcells import texts
from evaluator.questionnaire.opening import Unread, damage_of
from evaluator.questionnaire.xmlwalk import walk
from evaluator.reports.comparing.tables import same
from evaluator.wording import Text, filled

LIMITS = Limits(
    file=GIBI, entries=10_000, entry=2 * GIBI, unpacked=4 * GIBI, sheets=10_000, shared_texts=50_000_000,
    parsed_cells=50_000_000,
)  # fmt: skip
"""What a results' workbook may be; a ranking of ten thousand institutions is far larger than any return."""
_NUMBER = re.compile(rb"-?[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_FIGURES = re.compile(r"[0-9]+(?:\.[0-9]+)?|★+")
CellValue = str | float | bool | None


@dataclass(frozen=True, kw_only=True)
class Cell:
    """A cell that differs."""

    sheet: str
    cell: str
    """As `B7`; empty where a whole sheet is there once only."""
    recorded: CellValue
    """Its formula, with `=`, where formulas differ; else its value."""
    recomputed: CellValue


@dataclass(frozen=True, kw_only=True)
class Books:
    """What differs between two workbooks whose bytes do; nothing at all: only how their packages are put together."""

    cells: tuple[Cell, ...] = ()
    parts: tuple[str, ...] = ()
    """Other parts of the package that differ in more than the last digits of numbers."""
    fault: Text | None = None
    """Why the results' workbook can't be read."""


@dataclass(kw_only=True)
class _Cells:
    """Takes a sheet's elements and keeps what each cell holds: its formula and its value, `None` where it has none."""

    shared: Sequence[str]
    found: dict[str, tuple[str | None, CellValue]] = field(default_factory=dict)
    _path: list[str] = field(default_factory=list)
    _at: str = ""
    _kind: str = ""
    _words: dict[str, list[str]] = field(default_factory=dict)

    def opened(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "c":
            self._at, self._kind, self._words = attributes.get("r", ""), attributes.get("t", "n"), {}
        elif name in ("f", "v", "t") and self._at:
            self._words.setdefault(name, [])
        self._path.append(name)

    def closed(self, name: str) -> None:
        self._path.pop()
        if name == "c":
            self._keep()
            self._at = ""

    def words(self, text: str) -> None:
        if self._at and self._path and self._path[-1] in self._words:
            self._words[self._path[-1]].append(text)

    def _keep(self) -> None:
        formula, value, inline = ("".join(self._words[n]) if n in self._words else None for n in ("f", "v", "t"))
        shown: CellValue = None
        if self._kind == "inlineStr":
            shown = _unescaped(inline or "")
        elif value is not None and self._kind == "s":
            shown = _unescaped(self.shared[int(value)])
        elif value is not None and self._kind == "b":
            shown = value == "1"
        elif value is not None and self._kind == "n":
            shown = float(value) if value.strip() else None
        elif value is not None:
            shown = _unescaped(value)
        if formula is not None or shown not in (None, ""):
            self.found[self._at] = (formula, shown)


def books_differ(recorded: bytes, recomputed: bytes) -> Books:
    """Say what differs between the results' workbook and the one made anew, whose bytes differ."""
    try:
        theirs = guards.inspect(recorded) or archive.unpack(recorded, LIMITS)
        if isinstance(theirs, Unread):
            return Books(fault=filled(f"findings.{theirs.code}.found", **theirs.params))
        ours = archive.unpack(recomputed, LIMITS)
        if isinstance(ours, Unread):  # a round too large for the limits above
            return Books(fault=filled(f"findings.{ours.code}.found", **ours.params))
        return _differing(theirs, ours)
    except (LookupError, ValueError, SyntaxError, OverflowError) as error:
        return Books(fault=filled("terms.damaged", detail=damage_of(error)))


def is_figure(cell: Cell, named: frozenset[str]) -> bool:
    """Tell whether a cell differs in what was found, and not in words only that another program words otherwise.

    Numbers, stars, numbers within texts, and the names and ids of the round are what was found.
    """
    old, new = cell.recorded, cell.recomputed
    if not all(isinstance(value, str | None) for value in (old, new)) or {old, new} & named:
        return True
    return _FIGURES.findall(str(old or "")) != _FIGURES.findall(str(new or ""))


def _differing(theirs: Mapping[str, bytes], ours: Mapping[str, bytes]) -> Books:
    names = [name for name in sorted({*theirs, *ours}) if theirs.get(name) != ours.get(name)]
    old, new = book_of(theirs, LIMITS), book_of(ours, LIMITS)
    texts_differ = theirs.get(old.texts) != ours.get(new.texts)
    cells: list[Cell] = []
    touched: set[str] = set()
    old_texts, new_texts = _shared(theirs, old), _shared(ours, new)
    for sheet in [*new.sheets, *(name for name in old.sheets if name not in new.sheets)]:
        there, here = old.sheets.get(sheet), new.sheets.get(sheet)
        if there is None or here is None:
            cells.append(Cell(sheet=sheet, cell="", recorded=there and sheet, recomputed=here and sheet))
        elif texts_differ or theirs[there] != ours[here]:
            found = list(_of_sheet(sheet, _cells(theirs[there], old_texts), _cells(ours[here], new_texts)))
            cells += found
            touched |= {there, here} if found else set()
    if cells:
        touched |= {old.texts, new.texts}
    parts = [name for name in names if name not in touched and not _alike(theirs.get(name), ours.get(name))]
    return Books(cells=tuple(cells), parts=tuple(parts))


def _of_sheet(
    sheet: str,
    old: Mapping[str, tuple[str | None, CellValue]],
    new: Mapping[str, tuple[str | None, CellValue]],
) -> Iterator[Cell]:
    for at in [*new, *(at for at in old if at not in new)]:
        (was, old_value), (now, new_value) = old.get(at, (None, None)), new.get(at, (None, None))
        if was != now:
            shown = (_formula(was, old_value), _formula(now, new_value))
            yield Cell(sheet=sheet, cell=at, recorded=shown[0], recomputed=shown[1])
        elif not same(old_value, new_value) and not (was is not None and old_value is None):
            yield Cell(sheet=sheet, cell=at, recorded=old_value, recomputed=new_value)


def _formula(formula: str | None, value: CellValue) -> CellValue:
    return value if formula is None else f"={formula}"


def _cells(xml: bytes, shared: Sequence[str]) -> Mapping[str, tuple[str | None, CellValue]]:
    found = _Cells(shared=shared)
    for _ in walk(xml, found, LIMITS.depth):
        pass
    return found.found


def _shared(parts: Mapping[str, bytes], book: Book) -> Sequence[str]:
    return texts(parts[book.texts], LIMITS) if book.texts else ()


def _alike(old: bytes | None, new: bytes | None) -> bool:
    """Tell whether two parts say the same but for the last digits of numbers, as on another processor."""
    if old is None or new is None:
        return old == new
    if _NUMBER.sub(b"0", old) != _NUMBER.sub(b"0", new):
        return False
    pairs = zip_longest(_NUMBER.finditer(old), _NUMBER.finditer(new))
    return all(one and other and (one[0] == other[0] or same(float(one[0]), float(other[0]))) for one, other in pairs)


def _unescaped(words: str) -> str:
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), words)
