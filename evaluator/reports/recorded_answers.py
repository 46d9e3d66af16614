"""Whether a record's answers hold together: what was typed, what it is, what it counts as, its score.

Owns: finding the first row of the table `answers` that no run writes under the recorded model. Rows that say the same
are looked at once, as a large round's answers are few cases. Knows nothing of what an answer does to a result.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any, NamedTuple

from evaluator.assessment.answers import answer_words, understood
from evaluator.assessment.codes import ANSWERED, BLANK, GIVEN, INVALID, MISSING, NOT_APPLICABLE, values_of
from evaluator.model.records import Model
from evaluator.wording.matching import is_empty

_UNPROVEN = ("full", "large")
"""Answers that the evidence rule lowers."""
_CASE = (
    f"state, answer, scored_as, score, typed, answer IN {_UNPROVEN}"
    " AND trim(evidence, char(9, 10, 11, 12, 13, 32, 160, 8203, 12288, 65279)) = '' AS no_evidence"
)
"""What is taken of each row: the fields of `_Case`."""
_SILENT = {BLANK: "none", INVALID: "none", MISSING: ""}
"""What states without an answer that counts score as."""


class _Case(NamedTuple):
    """What a row of the answers says, where many rows say the same."""

    state: str
    answer: str
    scored_as: str
    score: float | None
    typed: str
    no_evidence: int
    """1 where the answer needs evidence and none is seen, else 0."""


class Fault(NamedTuple):
    """A value on record that does not follow from the rest of its row."""

    institution: str
    place: str
    """Requirement id and column."""
    recorded: object
    expected: object


def first_contradiction(
    database: sqlite3.Connection,
    categories: Mapping[str, str],
    model: Model,
    decided: Mapping[tuple[str, str], Mapping[str, Any]],
) -> Fault | None:
    """Give a row that contradicts itself, the first found; `None` where all hold together.

    Args:
        database: the record.
        categories: service category by institution id.
        model: the recorded model.
        decided: rows of the table `overrides` in force, by institution and requirement id.
    """
    faults = chain(
        _of_cases(database, model, decided),
        _of_na(database, categories, model, decided),
        _of_decided(database, model, decided),
    )
    return next(faults, None)


def _of_cases(database: sqlite3.Connection, model: Model, decided: Mapping[tuple[str, str], object]) -> Iterator[Fault]:
    """Look for the rows of the cases that are odd, leaving out what a person decided."""
    judge = _Judge(model)
    cases = map(_Case._make, database.execute(f"SELECT DISTINCT {_CASE} FROM answers"))  # noqa: S608 - of this module
    odd = {case for case in cases if judge.fault(case)}
    if not odd:
        return
    rows = database.execute(f"SELECT institution, requirement, {_CASE}, evidence FROM answers ORDER BY rowid")  # noqa: S608 - of this module
    for institution, requirement, *values, evidence in rows:
        case = _Case(*values)
        if case in odd and (institution, requirement) not in decided:
            found = judge.fault(case._replace(no_evidence=int(is_empty(evidence))))  # other blanks than SQLite trims
            if found:
                column, recorded, expected = found
                yield Fault(institution, f"{requirement} {column}", recorded, expected)


class _Judge:
    """What the cases of a model's answers must be."""

    def __init__(self, model: Model) -> None:
        self._words = answer_words(model)
        self._numbers = {answer.value: answer.code for answer in model.scale if answer.value is not None}
        self._scores = dict(zip(GIVEN, values_of(model), strict=True))
        self._is_lowered = model.rules.evidence_rule

    def fault(self, case: _Case) -> tuple[str, object, object] | None:
        """Name the column that does not follow from the others, with its value and the one that does."""
        answer = self._answer(case)
        if answer != case.answer:
            return "answer", case.answer, answer
        expected = _SILENT.get(case.state, "" if case.answer == "na" else case.answer)
        if self._is_lowered and case.no_evidence and expected in _UNPROVEN:
            expected = "partial"
        if case.scored_as != expected:
            return "scored_as", case.scored_as, expected
        score = self._scores[case.scored_as]
        return None if case.score == score else ("score", case.score, score)

    def _answer(self, case: _Case) -> str:
        """Give the answer that a row's state and content say."""
        if case.state == MISSING:
            return ""
        answer = understood(case.typed, self._words, self._numbers)
        if case.state == INVALID:  # whatever is typed, as the question may have been altered; N/A may be refused
            return "na" if answer == case.answer == "na" else ""
        return answer if (answer == "na") == (case.state == NOT_APPLICABLE) else ""


def _of_na(
    database: sqlite3.Connection,
    categories: Mapping[str, str],
    model: Model,
    decided: Mapping[tuple[str, str], object],
) -> Iterator[Fault]:
    """Look for N/A that counts though the model refuses it or no reason is given, and the other way round."""
    asked = {requirement.id: requirement for requirement in model.requirements}
    rows = database.execute("SELECT institution, requirement, state, remarks FROM answers WHERE answer = 'na'")
    for institution, identifier, state, remarks in rows:
        if (institution, identifier) in decided:
            continue
        one = asked[identifier]
        fits = not one.na_categories or categories[institution] in one.na_categories
        expected = NOT_APPLICABLE if one.na_allowed and fits and not is_empty(remarks) else INVALID
        if state != expected:
            yield Fault(institution, f"{identifier} state", state, expected)


def _of_decided(
    database: sqlite3.Connection, model: Model, decided: Mapping[tuple[str, str], Mapping[str, Any]]
) -> Iterator[Fault]:
    """Look for answers that count otherwise than a person decided, or were other ones before."""
    scores = dict(zip(GIVEN, values_of(model), strict=True))
    for (institution, requirement), row in decided.items():
        left_out = row["value"] == "na"
        scored_as = "" if left_out else row["value"]
        expected = {
            "state": NOT_APPLICABLE if left_out else ANSWERED, "answer": row["answer_before"],
            "scored_as": scored_as, "score": scores.get(scored_as),
        }  # fmt: skip
        (recorded,) = database.execute(
            "SELECT state, answer, scored_as, score FROM answers WHERE institution = ? AND requirement = ?",
            (institution, requirement),
        )
        for (column, value), found in zip(expected.items(), recorded, strict=True):
            if value != found:
                yield Fault(institution, f"{requirement} {column}", found, value)
        before = scores[row["scored_as_before"]]
        if row["score_before"] != before:
            yield Fault(institution, f"{requirement} score_before", row["score_before"], before)
