"""What a record's tables must hold before they are read: columns, the types of values, words from fixed lists.

Owns: telling where a record breaks this. SQLite keeps whatever is put into a column, and gives the name of a column
that is not there as if it were its value. Knows nothing of what the values mean.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping

from evaluator.assessment.codes import GIVEN, STATES
from evaluator.assessment.results import IDENTITY
from evaluator.assessment.texts import AnswerText
from evaluator.intake.round import FILE_COLUMNS
from evaluator.reports.record import FILE_ROLES, FILE_STATUSES

_TEXT: tuple[str, ...] = ("text",)
_INTEGER, _REAL = ("integer", "null"), ("real", "null")
_OVERRIDES = (
    "kind", "institution", "target", "value", "reason", "role", "made", "state_before", "answer_before",
    "scored_as_before",
)  # fmt: skip
_READ: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "run": dict.fromkeys(("key", "value"), _TEXT),
    "model": {"content": _TEXT},
    "files": dict.fromkeys(FILE_COLUMNS, _TEXT) | {"size": _INTEGER},
    "institutions": dict.fromkeys((*IDENTITY, "status", "limited_by"), _TEXT)
    | {"score": _REAL, "star": _INTEGER, "rank": _INTEGER},
    "answers": dict.fromkeys(("institution", "requirement", "state", "answer", "scored_as", *AnswerText._fields), _TEXT)
    | {"score": _REAL},
    "domains": dict.fromkeys(("institution", "domain"), _TEXT)
    | dict.fromkeys(("score", "d1", "d2", "d3", "d4", "d5", "coverage", "na_share"), _REAL)
    | {"passed_levels": _INTEGER},
    "dimensions": {"institution": _TEXT, "dimension": _TEXT, "score": _REAL, "performing_well": _INTEGER},
    "findings": dict.fromkeys(
        ("code", "severity", "institution", "file", "sheet", "cell", "requirement", "found"), _TEXT
    ),
    "overrides": dict.fromkeys(_OVERRIDES, _TEXT) | {"applied": _INTEGER, "score_before": _REAL},
}
"""Types, as SQLite calls them, of the columns that are read."""
_WORDS = {
    ("files", "role"): FILE_ROLES,
    ("files", "status"): FILE_STATUSES,
    ("overrides", "state_before"): ("", *STATES),
    ("overrides", "answer_before"): GIVEN,
    ("overrides", "scored_as_before"): GIVEN,
}
"""The only words that a column may hold."""


def first_fault(database: sqlite3.Connection) -> str:
    """Name the first place where a record is not what is read from it, as `table.column`; empty where there is none."""
    tables = {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    asked = (table for table in _READ if table in tables or table != "overrides")  # which only rounds have
    return next((fault for table in asked for fault in _of(database, table)), "")


def _of(database: sqlite3.Connection, table: str) -> Iterator[str]:
    wanted = _READ[table]
    there = {str(row[1]) for row in database.execute(f"PRAGMA table_info({table})")}
    lacking = [column for column in wanted if column not in there]
    yield from (f"{table}.{column}" for column in lacking)
    if lacking:
        return
    odd = [f'typeof("{column}") NOT IN ({_listed(types)})' for column, types in wanted.items()]
    # one row is looked for first: to ask each column takes half as long again, which a sound record need not wait for
    if database.execute(f"SELECT 1 FROM {table} WHERE {' OR '.join(odd)} LIMIT 1").fetchone():  # noqa: S608 - names are of this module
        (wrong,) = database.execute(f"SELECT {', '.join(f'max({one})' for one in odd)} FROM {table}")  # noqa: S608 - as above
        yield from (f"{table}.{column}" for column, is_wrong in zip(wanted, wrong, strict=True) if is_wrong)
    for (of, column), words in _WORDS.items():
        if of == table:
            found = database.execute(f'SELECT DISTINCT "{column}" FROM {table}')  # noqa: S608 - as above
            if not {word for (word,) in found} <= set(words):
                yield f"{table}.{column}"


def _listed(words: tuple[str, ...]) -> str:
    return ", ".join(f"'{word}'" for word in words)
