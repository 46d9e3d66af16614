"""Reading a results folder back: the record of an earlier run, for whatever is asked about it later.

Owns: opening `results.db` without trusting it, and making the assessment anew from the recorded answers. What is
recorded must follow from the recorded answers and model; where it does not, nothing is said about it. Writes nothing.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
from pydantic import ValidationError

from evaluator.assessment.codes import ANSWERED, GIVEN, STATES, Bools
from evaluator.assessment.coding import Codes, coded
from evaluator.assessment.results import IDENTITY, Assessment, assess
from evaluator.assessment.scoring import quantised
from evaluator.assessment.texts import AnswerText
from evaluator.errors import InputError, reason_of
from evaluator.intake.reading import file_hash
from evaluator.model.records import Model
from evaluator.reports import manifest
from evaluator.reports.context import plain_list
from evaluator.reports.recorded_answers import first_contradiction
from evaluator.reports.recorded_file import connected
from evaluator.reports.recorded_types import first_fault
from evaluator.wording import filled, text
from evaluator.wording.matching import is_empty, plain

NAME = "results.db"
Vouched = Literal["as_sealed", "altered", "no_manifest"]
"""Whether the manifest vouches for a record: it is the one that was sealed; it, or the manifest, is not as it was
written; there is no manifest."""
_AGREE = ("score", "star", "rank", "status", "limited_by")
"""What the record says of an institution that is held against what its answers give."""
_FIGURES = ("domains", "dimensions")
"""Tables of figures that are held against what the answers give, too; they are called as in `Assessment`."""


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """What an earlier run left, with its assessment made anew from the recorded answers."""

    folder: Path
    run: Mapping[str, str]
    """Table `run`: program, model, edition, model_hash, method, lang, roster, option_*."""
    assessment: Assessment
    files: pd.DataFrame
    """Table `files`, columns as the run wrote them, all str but `size`."""
    decided: Mapping[tuple[str, str], Mapping[str, Any]]
    """Rows of the table `overrides` for answers that count as a person decided, by institution and requirement id."""
    sha256: str
    """Of the record."""
    vouched: Vouched

    @property
    def model(self) -> Model:
        """The model that the run used."""
        return self.assessment.model

    @property
    def spoken(self) -> str:
        """The language that the run wrote its findings in."""
        return self.run.get("lang", "")

    @property
    def database(self) -> Path:
        """The record."""
        return self.folder / NAME

    @cached_property
    def ids(self) -> Mapping[str, int]:
        """Row of each institution id in the assessment."""
        return {name: row for row, name in enumerate(self.assessment.institutions["id"].tolist())}

    def rows(self, table: str, columns: Sequence[str], institution: str | None = None) -> list[tuple[Any, ...]]:
        """Read some columns of a table, of one institution or all, in the order in which they were written.

        Raises:
            InputError: the record is damaged.
        """
        return list(self.each(table, columns, institution))

    def each(self, table: str, columns: Sequence[str], institution: str | None = None) -> Iterator[tuple[Any, ...]]:
        """Read as `rows` does, a row at a time: the answers of a large round don't fit into memory with ease."""
        names = ", ".join(f'"{column}"' for column in columns)
        where, values = ("", ()) if institution is None else (" WHERE institution = ?", (institution,))
        with _opened(self.database) as database:
            yield from database.execute(
                f"SELECT {names} FROM {table}{where} ORDER BY rowid",  # noqa: S608 - names are of this package
                values,
            )

    def wrote(self, institution: str) -> tuple[AnswerText, ...]:
        """Give what an institution wrote on each requirement, in model order."""
        columns = AnswerText._fields
        return tuple(AnswerText(*map(str, row)) for row in self.rows("answers", columns, institution))

    def shown(self) -> tuple[Bools, Bools]:
        """Tell where anything is written as evidence, and as a remark, shape (N, R) each."""
        found = self.rows("answers", ("evidence", "remarks"))
        shape = self.assessment.values.shape
        evidence, remarks = (
            np.fromiter((not is_empty(str(row[n])) for row in found), dtype=bool, count=len(found)).reshape(shape)
            for n in (0, 1)
        )
        return evidence, remarks

    def institution(self, named: str) -> int:
        """Find an institution by id, name or USCC; gives its row in the assessment.

        Raises:
            InputError: none or several are called that, or nothing is named.
        """
        wanted = plain(named)
        if not wanted:
            raise InputError("no_institution_named")
        table = self.assessment.institutions
        for column in ("id", "uscc", "name"):
            rows = [n for n, value in enumerate(table[column].tolist()) if value and plain(value) == wanted]
            if len(rows) == 1:
                return rows[0]
            if rows:
                ids = ", ".join(table["id"].iloc[rows].tolist()[:5])
                raise InputError("several_institutions", name=named, ids=ids)
        close = [i for i, name in zip(table["id"], table["name"], strict=True) if wanted in plain(f"{i} {name}")][:5]
        key = "similar_institutions" if close else "no_such_institution"
        raise InputError(key, name=named, path=self.folder, close=", ".join(close))


def open_results(path: Path) -> Recorded:
    """Read the results folder of an earlier run, or its `results.db`.

    Raises:
        InputError: it is no results folder, comes from a program that kept no model in it, is damaged, or its scores,
            stars or ranks don't follow from its answers.
    """
    folder = path.parent if path.name == NAME and path.is_file() else path
    if not (folder / NAME).is_file():
        raise InputError("no_results", path=path)
    sha256 = _hash(folder / NAME)
    with _opened(folder / NAME) as database:
        tables = {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if "model" not in tables:
            raise InputError("old_results" if "institutions" in tables else "no_results", path=path)
        if fault := first_fault(database):
            raise InputError("damaged_results", path=path, why=filled("terms.record.place", place=fault))
        run = {str(key): str(value) for key, value in database.execute("SELECT key, value FROM run")}
        model = _model(database, run, path)
        recorded = pd.read_sql_query("SELECT * FROM institutions ORDER BY rowid", database)[[*IDENTITY, *_AGREE]]
        files = pd.read_sql_query("SELECT * FROM files ORDER BY rowid", database)
        ids = recorded["id"].tolist()
        decided = _decided(database) if "overrides" in tables else {}
        known, asked = set(ids), {r.id for r in model.requirements}
        if any(institution not in known or target not in asked for institution, target in decided):
            raise InputError("damaged_results", path=path, why=filled("terms.record.place", place="overrides"))
        codes = _codes(database, ids, model, decided, path)
        categories = dict(zip(ids, recorded["category"].tolist(), strict=True))
        odd = first_contradiction(database, categories, model, decided)
        figures = {name: pd.read_sql_query(f"SELECT * FROM {name} ORDER BY rowid", database) for name in _FIGURES}  # noqa: S608 - names are of this module
    if odd:
        raise _disagreement(path, *odd)
    institutions = recorded[list(IDENTITY)].astype("object")
    found = assess(coded([codes], ids, model), institutions, model)
    _hold_against(recorded, found, path)
    for name, frame in figures.items():
        _hold_figures_against(name, frame, getattr(found, name), path)
    return Recorded(
        folder=folder, run=run, assessment=found, files=files, decided=decided, sha256=sha256,
        vouched=_vouched(folder, sha256),
    )  # fmt: skip


def _hash(path: Path) -> str:
    try:
        return file_hash(path)
    except OSError as error:
        raise InputError("damaged_results", path=path, why=reason_of(error)) from error


def _vouched(folder: Path, sha256: str) -> Vouched:
    sealed = manifest.sealed_hash(folder, NAME)
    return "no_manifest" if sealed is None else "as_sealed" if sealed == sha256 else "altered"


class _opened:  # noqa: N801 - a context manager, used as a function is
    """Open a record for reading only; whatever the database library finds wrong in it is the record's damage."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> sqlite3.Connection:
        try:
            self._database = connected(self._path)
        except sqlite3.Error as error:
            raise InputError("damaged_results", path=self._path, why=reason_of(error)) from error
        return self._database

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: object) -> None:
        with closing(self._database):
            if isinstance(error, sqlite3.Error | pd.errors.DatabaseError | KeyError | OverflowError | UnicodeError):
                lacks = isinstance(error, KeyError)  # a column, or an answer's code
                why = text("system.SQLITE_ERROR") if lacks else reason_of(error)
                raise InputError("damaged_results", path=self._path, why=why) from error


def _model(database: sqlite3.Connection, run: Mapping[str, str], path: Path) -> Model:
    ((content,),) = database.execute("SELECT content FROM model").fetchall() or [("",)]
    try:
        model = Model.model_validate_json(content)
    except ValidationError as error:
        raise InputError(
            "damaged_results", path=path, why=filled("terms.record.model", count=error.error_count())
        ) from error
    if model.hash != run.get("model_hash"):
        raise InputError("damaged_results", path=path, why=text("terms.record.model_hash"))
    return model


def _decided(database: sqlite3.Connection) -> dict[tuple[str, str], Mapping[str, Any]]:
    cursor = database.execute("SELECT * FROM overrides WHERE kind = 'answer' AND applied = 1 ORDER BY rowid")
    names = [column[0] for column in cursor.description]
    rows = [dict(zip(names, row, strict=True)) for row in cursor]
    return {(row["institution"], row["target"]): row for row in rows}


def _codes(
    database: sqlite3.Connection,
    ids: Sequence[str],
    model: Model,
    decided: Mapping[tuple[str, str], object],
    path: Path,
) -> Codes:
    """Read the judged answers, which must be the full grid of institutions and requirements, in order.

    Read an institution at a time, or the rows of a large round would take many times the room of their codes.
    """
    asked = tuple(r.id for r in model.requirements)
    count = len(asked)
    states, given = ({name: n for n, name in enumerate(names)} for names in (STATES, GIVEN))
    state, answer, scored_as = (np.zeros(len(ids) * count, dtype=np.uint8) for _ in range(3))
    cursor = database.execute("SELECT institution, requirement, state, answer, scored_as FROM answers ORDER BY rowid")
    for n, institution in enumerate(ids):
        rows = cursor.fetchmany(count)
        whose, of, *words = zip(*rows, strict=True) if rows else ((), ())
        if of != asked or whose != (institution,) * count:
            raise InputError("damaged_results", path=path, why=text("terms.record.answers"))
        own = slice(n * count, (n + 1) * count)
        for said, codes, column in zip(words, (states, given, given), (state, answer, scored_as), strict=True):
            column[own] = list(map(codes.__getitem__, said))
    if cursor.fetchone() is not None:
        raise InputError("damaged_results", path=path, why=text("terms.record.answers"))
    lowered = (state == states[ANSWERED]) & np.isin(answer, [given["full"], given["large"]])
    lowered &= scored_as == given["partial"]
    for institution, requirement in decided:
        lowered[ids.index(institution) * count + asked.index(requirement)] = False
    return Codes(state=state, answer=answer, scored_as=scored_as, no_evidence=lowered)


def _hold_against(recorded: pd.DataFrame, found: Assessment, path: Path) -> None:
    """Make sure that what is on record is what the recorded answers and model give."""
    for column in _AGREE:
        old, new = plain_list(recorded[column]), plain_list(found.institutions[column])
        if column == "score":
            old, new = (quantised(np.array(values, dtype=np.float64)).tolist() for values in (old, new))
        for institution, a, b in zip(recorded["id"], old, new, strict=True):
            if a != b and not (a != a and b != b):
                raise _disagreement(path, institution, column, a, b)


def _hold_figures_against(name: str, recorded: pd.DataFrame, found: pd.DataFrame, path: Path) -> None:
    """Make sure of the figures of a table, too, that has a row for each institution and part of the model."""
    keys, part = list(found.columns[:2]), found.columns[1]
    if any(recorded[key].tolist() != found[key].tolist() for key in keys):
        raise InputError("damaged_results", path=path, why=filled("terms.record.place", place=name))
    for column in found.columns[2:]:
        old, new = (quantised(frame[column].to_numpy(dtype=np.float64, na_value=np.nan)) for frame in (recorded, found))
        wrong = np.flatnonzero(~((old == new) | (np.isnan(old) & np.isnan(new))))
        for row in wrong[:1].tolist():
            place = f"{found[part].iloc[row]} {column}"
            raise _disagreement(
                path,
                found["institution"].iloc[row],
                place,
                *(None if np.isnan(x[row]) else float(x[row]) for x in (old, new)),
            )


def _disagreement(path: Path, institution: str, column: str, recorded: object, expected: object) -> InputError:
    """Say that a value on record is not what the recorded answers give."""
    old, new = ("—" if value is None or value == "" else value for value in (recorded, expected))
    return InputError("results_disagree", path=path, institution=institution, column=column, old=old, new=new)
