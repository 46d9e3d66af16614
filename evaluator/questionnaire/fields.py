"""What the institution sheet says, found by its labels.

Owns: telling an institution sheet from others, and each field's value with its place. Whose form it is, is decided
elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from evaluator.questionnaire import layout
from evaluator.questionnaire.cellvalues import Value
from evaluator.questionnaire.contents import Kind, at, filled_cells, kind_of, text_of
from evaluator.questionnaire.opening import Rows, Scan
from evaluator.questionnaire.rawcells import cell_name
from evaluator.wording.matching import is_empty, plain

_MOST_INSERTED = 2
"""Empty columns that may stand between a field's label and its value."""
_LABELS = 3
"""Different labels that make a sheet of any name an institution sheet."""
_LONGEST_LABEL = 60
_FIRST_DAY_1904 = date(1904, 1, 1)
_CENTURY = (date(2000, 1, 1), date(2099, 12, 31))
"""Days that a number in the place of a date can mean."""


class FieldValue(NamedTuple):
    """A value of the institution sheet, with its place."""

    value: str
    """Empty only where a formula or an error shows nothing."""
    sheet: str
    cell: str
    kind: Kind = "text"


def read_fields(sheet: str, cells: Rows, scan: Scan) -> Mapping[str, Sequence[FieldValue]] | None:
    """Read an institution sheet.

    Returns:
        The values of each field that has one, in the order they stand; `None` where it is no institution sheet.
    """
    labels: dict[str, list[tuple[int, int]]] = {}
    for r, c, value in filled_cells(cells):
        key = layout.field_of(value) if isinstance(value, str) and len(value) < _LONGEST_LABEL else None
        if key is not None:
            labels.setdefault(key, []).append((r, c))
    if len(labels) < _LABELS and layout.sheet_of(sheet) != "institution":
        return None
    found = {
        key: [beside for r, c in places if (beside := _beside(sheet, cells, scan, r, c, key == "date")) is not None]
        for key, places in labels.items()
    }
    return {key: values for key, values in found.items() if values}


def merged(sheets: Sequence[Mapping[str, Sequence[FieldValue]]]) -> tuple[dict[str, FieldValue], dict[str, FieldValue]]:
    """Put the fields of several institution sheets together.

    Returns:
        The first value of each field, and the first that differs from it where one does.
    """
    used: dict[str, FieldValue] = {}
    others: dict[str, FieldValue] = {}
    for values in sheets:
        for key, own in values.items():
            for value in own:
                if plain(used.setdefault(key, value).value) != plain(value.value):
                    others.setdefault(key, value)
    return used, others


def _beside(sheet: str, cells: Rows, scan: Scan, row: int, column: int, is_date: bool) -> FieldValue | None:
    """Find the value of the label in a cell (1-based): what stands next to the right of it."""
    for c in range(column, column + 1 + _MOST_INSERTED):
        value = at(cells[row - 1], c)
        kind = kind_of(value, scan.kind_of(row, c + 1))
        if kind == "blank":
            continue
        if is_date and scan.is_1904:
            value = _day_since_1904(value)
        words = " ".join(text_of(value).split())
        if layout.field_of(words) is not None or layout.is_hint(words):
            return None
        return FieldValue(value="" if is_empty(words) else words, sheet=sheet, cell=cell_name(row, c + 1), kind=kind)
    return None


def _day_since_1904(value: Value | None) -> Value | None:
    """Give the day that a number means where days count from 1904; what means none of this century stays as it is."""
    if not isinstance(value, float):
        return value
    first, last = ((day - _FIRST_DAY_1904).days for day in _CENTURY)
    return _FIRST_DAY_1904 + timedelta(days=int(value)) if first <= value < last + 1 else value
