"""What the content of a cell is: its kind, and its text.

Owns: the one way a cell's content becomes text. Knows nothing of what is looked for in a sheet.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, time
from typing import Literal

from evaluator.questionnaire.cellvalues import Value
from evaluator.questionnaire.opening import Rows, Special
from evaluator.wording.matching import is_empty

Kind = Literal["blank", "text", "number", "other", "formula", "error"]
"""`other` is a date, a time or a truth value."""


MAX_CELL_TEXT = 32_767
"""Characters that fit into a cell; no program that people use writes more."""


def kind_of(value: Value | None, special: Special | None) -> Kind:
    """Tell what a cell holds; `special` is what the raw scan says of it."""
    if special is not None:
        return special
    if isinstance(value, str):
        return "blank" if is_empty(value) else "text"
    if value is None:
        return "blank"
    if isinstance(value, bool):
        return "other"
    return "number" if isinstance(value, int | float) else "other"


def text_of(value: Value | None) -> str:
    """Give a cell's content as text; a text is given as it stands, as far as a cell can hold it."""
    if isinstance(value, str):
        return value if len(value) <= MAX_CELL_TEXT else value[:MAX_CELL_TEXT]
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    return str(value)


def at(row: Sequence[Value], column: int | None) -> Value | None:
    """Give the content of a row's cell (counted from 0), `None` where the row ends before it."""
    return row[column] if column is not None and column < len(row) else None


def filled_cells(cells: Rows) -> Iterator[tuple[int, int, Value]]:
    """Walk the cells that show something: row and column, 1-based, and content."""
    for r, row in enumerate(cells, 1):
        for c, value in enumerate(row, 1):
            if not (isinstance(value, str) and is_empty(value)):
                yield r, c, value
