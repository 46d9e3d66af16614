"""Two records of a run, `results.db`, held against each other figure by figure.

Owns: reading both whatever tables there are, telling which rows belong together, and how near two numbers must be to
count as one. Neither the tables nor their columns are known here, so that new ones are compared too.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import islice, zip_longest
from pathlib import Path

from evaluator.errors import reason_of
from evaluator.findings import joined
from evaluator.quantum import quantised_one
from evaluator.reports.comparing.sealed import read_only, tables_of
from evaluator.wording import Text, filled, text

Value = str | int | float | bytes | None
Row = tuple[Value, ...]
TOLERANCE = 1e-9
"""How far apart two numbers may be and count as one: the quantum of all comparisons of scores."""
_DIGITS = 1e-12
"""The same of large numbers, as a share: the last digits, which another processor may give otherwise."""
_BAGS = {"findings"}
"""Tables in which nothing tells rows apart but all that is in them."""
_KEYS = 4
"""Columns at most by which rows are told apart."""
_BEYOND = 10_000
"""Rows a damaged table may have beyond those expected."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Figure:
    """One figure that differs; of inputs of another round there are millions."""

    table: str
    key: Mapping[str, Value]
    """What tells its row apart: the values of some columns; empty where a whole table or column differs."""
    institution: str
    """Whose it is; empty where it is nobody's."""
    file: str = ""
    """Input that its row is about; empty where it is about none."""
    figure: str
    """The column; empty where a whole row or table is there once only; `count` where a row is there more often."""
    recorded: Value
    """As the results have it; of a row there once only, the rest of the row in words."""
    recomputed: Value
    is_shape: bool = False
    """Whether it is a table, or a column, that only one of the two has, or whose type differs; or, with its `type` as
    key, a view, an index or a trigger."""


@dataclass(frozen=True, kw_only=True)
class Tables:
    """What differs between two records."""

    figures: tuple[Figure, ...] = ()
    shape: tuple[Figure, ...] = ()
    """Tables, and columns with their types, that only one of the two has."""
    fault: Text | None = None
    """Why the results' record can't be read to its end, or is none."""


@dataclass(kw_only=True)
class _Apart:
    """Rows of one table that don't agree with the row at the same place."""

    recorded: list[Row] = field(default_factory=list)
    recomputed: list[Row] = field(default_factory=list)


def same(one: object, other: object) -> bool:
    """Tell whether two values are one figure: equal, or numbers as near as scores are told apart."""
    if isinstance(one, int | float) and isinstance(other, int | float) and type(one) is not bool is not type(other):
        return one == other or abs(one - other) <= max(TOLERANCE, _DIGITS * abs(other))
    return one == other and type(one) is type(other)


def compared(
    recorded: Path, recomputed: Path, leave_out: Sequence[str] = (), words: Mapping[str, Sequence[str]] | None = None
) -> Tables:
    """Hold the results' record against the one computed anew.

    Args:
        recorded: the results' `results.db`, which may be damaged.
        recomputed: the other one, which is sound.
        leave_out: tables not to compare.
        words: columns not to compare, by table.
    """
    figures: list[Figure] = []
    shape: list[Figure] = []
    try:
        with closing(read_only(recorded)) as old, closing(read_only(recomputed)) as new:
            ours = _columns(new)
            theirs = _columns(old)
            if not ours.keys() & theirs.keys():
                return Tables(fault=_none(recorded, ours))
            for table in [*ours, *(name for name in theirs if name not in ours)]:
                if table not in leave_out:
                    left = (words or {}).get(table, ())
                    was, now = _but(theirs.get(table), left), _but(ours.get(table), left)
                    shape += _of_shape(table, was, now)
                    figures += _of_table(old, new, table, was, now)
            shape += _of_objects(_objects(old), _objects(new))
    except (OSError, sqlite3.Error, ValueError, OverflowError) as error:
        is_known = isinstance(error, OSError | sqlite3.Error)
        why = filled("terms.damaged", detail=reason_of(error) if is_known else text("system.SQLITE_ERROR"))
        return Tables(figures=tuple(figures), shape=tuple(shape), fault=why)
    return Tables(figures=tuple(figures), shape=tuple(shape))


def _none(recorded: Path, tables: Iterable[str]) -> Text:
    """Say why a database that has none of the tables is no record."""
    if not recorded.stat().st_size:
        return filled("findings.file.empty.found")
    return filled("verify.output.lacks", names=joined(tables))


def _but(columns: Mapping[str, str] | None, left: Sequence[str]) -> Mapping[str, str] | None:
    return None if columns is None else {name: kind for name, kind in columns.items() if name not in left}


def _of_shape(table: str, was: Mapping[str, str] | None, now: Mapping[str, str] | None) -> Iterator[Figure]:
    if was is None or now is None:
        rows = [None if columns is None else "; ".join(columns) for columns in (was, now)]
        yield Figure(
            table=table, key={}, institution="", figure="", recorded=rows[0], recomputed=rows[1], is_shape=True
        )
        return
    for name in [*now, *(name for name in was if name not in now)]:
        if was.get(name) != now.get(name):
            kinds = (was.get(name), now.get(name))
            yield Figure(
                table=table, key={}, institution="", figure=name, recorded=kinds[0], recomputed=kinds[1], is_shape=True
            )


def _objects(database: sqlite3.Connection) -> dict[tuple[str, str], str]:
    """Give the statements that made views, indexes, triggers and tables that are none, by kind and name."""
    rows = database.execute(
        "SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
        " AND (type <> 'table' OR sql LIKE 'CREATE VIRTUAL%') ORDER BY type, name"
    )
    return {(str(kind), str(name)): str(sql) for kind, name, sql in rows}


def _of_objects(was: Mapping[tuple[str, str], str], now: Mapping[tuple[str, str], str]) -> Iterator[Figure]:
    for kind, name in sorted({*was, *now}):
        old, new = was.get((kind, name)), now.get((kind, name))
        if old != new:
            yield Figure(
                table=name, key={"type": kind}, institution="", figure="", recorded=old, recomputed=new, is_shape=True
            )


def _of_table(
    old: sqlite3.Connection,
    new: sqlite3.Connection,
    table: str,
    was: Mapping[str, str] | None,
    now: Mapping[str, str] | None,
) -> Iterator[Figure]:
    columns = [name for name in now or () if name in (was or ())]
    if not (now and columns):
        return
    key, apart = _key(new, table, columns, now), _Apart()
    for one, other in _unlike(old, new, table, columns):
        if key and one and other and one[:key] == other[:key]:
            yield from _of_pair(one, other, table, columns, key)
            continue
        if one is not None:
            apart.recorded.append(one)
        if other is not None:
            apart.recomputed.append(other)
    yield from _of_rows(apart, table, columns, key) if key else _of_bag(new, apart, table, columns)


def _columns(database: sqlite3.Connection) -> dict[str, dict[str, str]]:
    """Give each table's columns with their types."""
    return {
        name: {str(row[1]): str(row[2]) for row in database.execute(f"PRAGMA table_info({_quoted(name)})")}
        for name in sorted(tables_of(database))
    }


def _unlike(
    old: sqlite3.Connection, new: sqlite3.Connection, table: str, columns: Sequence[str]
) -> Iterator[tuple[Row | None, Row | None]]:
    """Walk through a table of both, as runs write equal rows in equal order, and give what does not agree."""
    query = _query(table, columns)
    count = int(new.execute(f"SELECT COUNT(*) FROM {_quoted(table)}").fetchone()[0])  # noqa: S608 - quoted
    theirs: Iterator[Row] = islice(old.execute(query), count + _BEYOND)
    for one, other in zip_longest(theirs, new.execute(query)):
        if one != other and not (one and other and all(map(same, one, other))):
            yield one, other


def _key(database: sqlite3.Connection, table: str, columns: Sequence[str], kinds: Mapping[str, str]) -> int:
    """Say how many of the first columns tell all rows apart; 0 where none do."""
    if table in _BAGS:
        return 0
    for count, name in enumerate(columns[:_KEYS], 1):
        if kinds[name] == "REAL":
            break
        first = ", ".join(map(_quoted, columns[:count]))
        query = f"SELECT 1 FROM {_quoted(table)} GROUP BY {first} HAVING COUNT(*) > 1 LIMIT 1"  # noqa: S608 - quoted
        if database.execute(query).fetchone() is None:
            return count
    return 0


def _of_pair(recorded: Row, recomputed: Row, table: str, columns: Sequence[str], key: int) -> Iterator[Figure]:
    """Name each figure that differs between two rows of one key."""
    shown = dict(zip(columns[:key], recomputed, strict=False))
    institution, file = _institution(table, columns, recomputed), _file(columns, recomputed)
    for name, one, other in zip(columns, recorded, recomputed, strict=True):
        if not same(one, other):
            yield Figure(
                table=table, key=shown, institution=institution, file=file, figure=name, recorded=one, recomputed=other
            )


def _of_rows(apart: _Apart, table: str, columns: Sequence[str], key: int) -> Iterator[Figure]:
    """Pair the rows put aside by their key, and name each figure that differs, and each row that is there once."""
    waiting: dict[Row, list[Row]] = {}
    for row in apart.recorded:
        waiting.setdefault(row[:key], []).append(row)
    alone: list[tuple[Row, bool]] = []
    for row in apart.recomputed:
        twins = waiting.get(row[:key])
        if not twins:
            alone.append((row, False))
            continue
        yield from _of_pair(twins.pop(0), row, table, columns, key)
    alone += [(row, True) for rows in waiting.values() for row in rows]
    for row, is_recorded in alone:
        words = _words(columns, row)
        yield Figure(
            table=table,
            key=dict(zip(columns[:key], row, strict=False)),
            institution=_institution(table, columns, row),
            file=_file(columns, row),
            figure="",
            recorded=words if is_recorded else None,
            recomputed=None if is_recorded else words,
        )


def _of_bag(new: sqlite3.Connection, apart: _Apart, table: str, columns: Sequence[str]) -> Iterator[Figure]:
    """Name each row that is there once only, and how often it is where that is what differs."""
    theirs, ours = (Counter(map(_rounded, rows)) for rows in (apart.recorded, apart.recomputed))
    differing = dict.fromkeys(row for row in (*ours, *theirs) if ours[row] != theirs[row])
    if not differing:
        return
    everywhere = Counter(row for row in map(_rounded, new.execute(_query(table, columns))) if row in differing)
    for row in differing:
        words, now = _words(columns, row), everywhere[row]
        was = now - ours[row] + theirs[row]
        once = {was, now} == {0, 1}
        yield Figure(
            table=table,
            key={} if once else {"row": words},
            institution=_institution(table, columns, row),
            file=_file(columns, row),
            figure="" if once else "count",
            recorded=(words if was else None) if once else was,
            recomputed=(words if now else None) if once else now,
        )


def _rounded(row: Row) -> Row:
    """Make rows one that are the same but for the last digits of numbers."""
    return tuple(quantised_one(value) if isinstance(value, float) else value for value in row)


def _words(columns: Sequence[str], row: Row) -> str:
    return "; ".join(f"{name}={value!s}" for name, value in zip(columns, row, strict=True) if value not in ("", None))


def _query(table: str, columns: Sequence[str]) -> str:
    return f"SELECT {', '.join(map(_quoted, columns))} FROM {_quoted(table)} ORDER BY rowid"  # noqa: S608 - quoted


def _institution(table: str, columns: Sequence[str], row: Row) -> str:
    name = "id" if table == "institutions" else "institution"
    return str(row[columns.index(name)]) if name in columns else ""


def _file(columns: Sequence[str], row: Row) -> str:
    return next((str(row[columns.index(name)]) for name in ("file", "path") if name in columns), "")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
