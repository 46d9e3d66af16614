"""`results.db`: the complete record of a run for machines, as SQLite.

Owns: the tables and their columns, an interface that scripts rely on (CONTRACT, "Results folder"); columns are only
ever added. Equal results give equal bytes.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import astuple
from pathlib import Path

import pandas as pd

from evaluator import __version__
from evaluator.assessment.texts import texts_of
from evaluator.intake.round import FILE_COLUMNS
from evaluator.reports.context import plain_list
from evaluator.reports.record import Results
from evaluator.wording import Lang

_ANSWER_COLUMNS = (
    "institution", "requirement", "state", "answer", "scored_as", "score", "evidence", "file", "sheet", "cell",
    "domain", "remarks", "typed", "evidence_cell",
)  # fmt: skip
_FINDING_COLUMNS = (
    "code", "severity", "institution", "file", "sheet", "cell", "requirement", "message", "domain", "found", "action",
)  # fmt: skip
_OVERRIDE_COLUMNS = (
    "kind", "institution", "target", "value", "reason", "role", "made",
    "applied", "state_before", "answer_before", "scored_as_before", "score_before",
)  # fmt: skip
"""Of the table `overrides`, which only a round's results have. In `answers`, an answer that a person decided otherwise
keeps `answer` as given; its `state`, `scored_as` and `score` are as decided, and those before are here."""
_TEXT, _REAL, _INTEGER = "TEXT NOT NULL", "REAL", "INTEGER"
_TYPES = {
    "coverage": _REAL, "na_share": _REAL, "score": _REAL, "star": _INTEGER, "rank": _INTEGER, "passed_levels": _INTEGER,
    "d1": _REAL, "d2": _REAL, "d3": _REAL, "d4": _REAL, "d5": _REAL, "performing_well": _INTEGER, "size": _INTEGER,
    "of": _INTEGER, "domains_returned": _INTEGER, "applied": _INTEGER, "score_before": _REAL,
    **dict.fromkeys((*(f"star_{n}" for n in range(6)), "star_share", "beats_next"), _REAL), "group_number": _INTEGER,
}  # fmt: skip


def write_database(target: Path, results: Results, lang: Lang) -> None:
    """Write the database.

    Args:
        target: the file, which must not be there yet.
        results: the run's results.
        lang: language of the findings' messages.

    Raises:
        OSError, sqlite3.Error: it can't be written.
    """
    found = results.assessment
    with closing(sqlite3.connect(target, isolation_level=None)) as database:
        database.execute("PRAGMA page_size = 4096")
        database.execute("PRAGMA journal_mode = OFF")
        database.execute("PRAGMA synchronous = OFF")
        database.execute("BEGIN")
        _table(database, "run", ["key", "value"], _run_rows(results, lang))
        _table(database, "model", ["content"], [(found.model.model_dump_json(),)])
        for name, frame in (
            ("files", results.files[list(FILE_COLUMNS)]),
            ("institutions", found.institutions),
            ("domains", found.domains),
            ("items", found.items),
            ("dimensions", found.dimensions),
            ("ranks", found.ranks),
        ):
            _table(database, name, list(frame.columns), _values(frame))
        if results.robustness is not None:
            for name, frame in (
                ("robustness", results.robustness.institutions),
                ("robustness_domains", results.robustness.domains),
            ):
                _table(database, name, list(frame.columns), _values(frame))
        _table(database, "answers", _ANSWER_COLUMNS, _answer_rows(results))
        _table(database, "findings", _FINDING_COLUMNS, _finding_rows(results, lang))
        if results.decisions is not None:
            _table(database, "overrides", _OVERRIDE_COLUMNS, _override_rows(results))
        for table, column in (("answers", "institution"), ("findings", "institution"), ("domains", "institution")):
            database.execute(f"CREATE INDEX {table}_{column} ON {table}({column})")
        database.execute("COMMIT")


def _table(database: sqlite3.Connection, name: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    declared = ", ".join(f'"{column}" {_type(column)}' for column in columns)
    database.execute(f"CREATE TABLE {name} ({declared})")
    marks = ", ".join("?" * len(columns))
    database.executemany(f"INSERT INTO {name} VALUES ({marks})", rows)  # noqa: S608 - names are of this module


def _type(column: str) -> str:
    stem = column.partition("_")[0]
    return _TYPES.get(column) or (_TYPES[stem] if stem in ("score", "star", "rank") and column != stem else _TEXT)


def _values(frame: pd.DataFrame) -> Iterator[tuple[object, ...]]:
    columns = [plain_list(frame[column]) for column in frame.columns]
    return zip(*columns, strict=True)


def _answer_rows(results: Results) -> Iterator[tuple[object, ...]]:
    """Give every answer with its texts, which are unpacked one institution at a time."""
    model, frame = results.assessment.model, results.assessment.answers
    ids = results.assessment.institutions["id"].tolist()
    asked = [(r.id, model.domain_of[r.id].code) for r in model.requirements]
    names = ("state", "answer", "scored_as")
    states, *given = ([str(name) for name in frame[column].cat.categories] for column in names)
    codes = [frame[column].cat.codes.to_numpy() for column in names]
    scores = frame["score"].to_numpy()
    for n, (institution, block) in enumerate(zip(ids, results.texts, strict=True)):
        own = slice(n * len(asked), (n + 1) * len(asked))
        figures = zip(*(column[own].tolist() for column in (*codes, scores)), strict=True)
        for (requirement, domain), text, (state, answer, scored_as, score) in zip(
            asked, texts_of(block), figures, strict=True
        ):
            yield (
                institution, requirement, states[state], given[0][answer], given[1][scored_as],
                score if score == score else None, text.evidence, text.file, text.sheet, text.cell, domain,
                text.remarks, text.typed, text.evidence_cell,
            )  # fmt: skip


def _run_rows(results: Results, lang: Lang) -> list[tuple[str, str]]:
    model = results.assessment.model
    facts = {
        "program": f"evaluator {__version__}",
        "model": model.id,
        "edition": model.edition,
        "model_hash": model.hash,
        "notice_zh": model.notice.zh,
        "notice_en": model.notice.en,
        "method": model.rules.method,
        "lang": lang,
        "roster": "yes" if results.has_roster else "no",
        **{f"option_{key}": value for key, value in sorted(results.options.items())},
    }
    return list(facts.items())


def _override_rows(results: Results) -> Iterator[tuple[object, ...]]:
    """Give everything that persons decided; of an answer, with what was before, unless it had no effect."""
    ruled = {(one.institution, one.requirement): one for one in results.ruled}
    hashes = set(results.files["sha256"].tolist())
    for one in sorted(results.decisions or (), key=astuple):
        before = ruled.get((one.institution, one.target)) if one.kind == "answer" else None
        applied = before is not None if one.kind == "answer" else one.target in hashes
        yield (
            *astuple(one), int(applied),
            *((before.state, before.answer, before.scored_as, before.score) if before else ("", "", "", None)),
        )  # fmt: skip


def _finding_rows(results: Results, lang: Lang) -> Iterator[tuple[str, ...]]:
    for f in results.findings:
        found, action = f.found(lang), f.action(lang)
        yield (
            f.code, f.severity, f.institution, f.file, f.sheet, f.cell, f.requirement,
            f.message(lang), f.domain, found, action,
        )  # fmt: skip
