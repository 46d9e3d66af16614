"""The same answers under another model: judged anew from what is on record.

Owns: which recorded answers another model can be asked about, and what they count as there. What an institution meant
stays what it was understood to mean; whether that counts is decided anew. Knows nothing of where the record lies.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from evaluator.assessment.answers import decide
from evaluator.assessment.codes import BLANK, GIVEN, MISSING, STATES, Bools
from evaluator.assessment.coding import Codes, coded, encoded
from evaluator.assessment.results import IDENTITY, Assessment, assess
from evaluator.errors import InputError
from evaluator.model.records import Model

Array = np.ndarray[Any, Any]
_NAMED = 5
"""Requirements named when a model asks for answers that there are not."""


class Written(NamedTuple):
    """What a record says of answers beside their codes; arrays of institutions x requirements of the old model."""

    evidence: Bools
    """Whether anything is written as evidence."""
    remarks: Bools
    """Whether anything is written as a remark, which is where N/A is reasoned."""
    decided: Bools
    """Whether a person decided what the answer counts as."""


def written(found: Assessment, evidence: Bools, remarks: Bools, decided: Iterable[tuple[str, str]] = ()) -> Written:
    """Put together what a record says of answers.

    Args:
        found: the assessment on record.
        evidence: whether anything is written as evidence, shape (N, R).
        remarks: whether anything is written as a remark, shape (N, R).
        decided: institution and requirement ids of the answers that a person decided.
    """
    rows = {name: row for row, name in enumerate(found.institutions["id"].tolist())}
    columns = {asked.id: column for column, asked in enumerate(found.model.requirements)}
    by_person = np.zeros(found.values.shape, dtype=bool)
    for institution, requirement in decided:
        by_person[rows[institution], columns[requirement]] = True
    return Written(evidence=evidence, remarks=remarks, decided=by_person)


def rejudge(found: Assessment, wrote: Written, model: Model) -> Assessment:
    """Assess the answers of an assessment under another model.

    N/A is permitted or refused, and the evidence rule applied, as that model says; an answer that a person decided
    counts as decided. Answers to requirements that the model does not ask are left out.

    Raises:
        InputError: the model asks for what these answers don't hold.
    """
    columns = _columns(found.model, model)
    institutions = found.institutions[list(IDENTITY)]
    before = _each(encoded(found.answers), lambda array: array.reshape(found.values.shape)[:, columns])
    wrote = Written(*(array[:, columns] for array in wrote))
    codes = _decided(before, wrote, institutions["category"].tolist(), model)
    return assess(coded([codes], institutions["id"].tolist(), model), institutions, model)


def _columns(old: Model, new: Model) -> list[int]:
    """Find the column of each of the new model's requirements among the old one's."""
    columns = {asked.id: column for column, asked in enumerate(old.requirements)}
    lacking = [asked.id for asked in new.requirements if asked.id not in columns]
    if lacking:
        ids = ", ".join(lacking[:_NAMED]) + (" …" if len(lacking) > _NAMED else "")
        raise InputError("asks_more", model=f"{new.id} {new.edition}", count=len(lacking), ids=ids)
    return [columns[asked.id] for asked in new.requirements]


def _decided(before: Codes, wrote: Written, categories: list[str], model: Model) -> Codes:
    """Decide what answers count as; each different case is decided once, as millions of answers are few cases."""
    asked = model.requirements
    named = ["", *sorted({name for one in asked for name in one.na_categories})]
    group = np.array([named.index(name) if name in named else 0 for name in categories], dtype=np.int32)
    rows, columns = before.state.shape
    sizes = (columns, len(named), len(GIVEN), len(STATES), 2, 2)
    parts = (np.arange(columns, dtype=np.int32), group.reshape(-1, 1), before.answer, before.state, *wrote[:2])
    keys = np.zeros((rows, columns), dtype=np.int32)
    for part, size in zip(parts, sizes, strict=True):
        keys = keys * size + part
    there = np.zeros(math.prod(sizes), dtype=bool)
    there[keys] = True
    cases = np.flatnonzero(there)
    requirement, category, answer, state, evidence, reason = np.unravel_index(cases, sizes)
    given = pd.DataFrame(
        {
            "institution": _taken(named, category),
            "requirement": _taken([one.id for one in asked], requirement),
            "answer": _taken(GIVEN, answer),
            "missing": state == STATES.index(MISSING),
            "blank": state == STATES.index(BLANK),
            "evidence": evidence.astype(bool),
            "reason": reason.astype(bool),
        }
    )
    found = encoded(decide(given, model, {name: name for name in named}).assign(answer=given["answer"]))
    case = (np.cumsum(there, dtype=np.int32) - 1)[keys]
    judged = _each(found, lambda array: array[case])
    kept = Codes(
        state=np.where(wrote.decided, before.state, judged.state),
        answer=before.answer,
        scored_as=np.where(wrote.decided, before.scored_as, judged.scored_as),
        no_evidence=judged.no_evidence & ~wrote.decided,
    )
    return _each(kept, np.ravel)


def _each(codes: Codes, change: Callable[[Array], Array]) -> Codes:
    state, answer, scored_as, no_evidence = (change(array) for array in codes)
    return Codes(state=state, answer=answer, scored_as=scored_as, no_evidence=no_evidence)


def _taken(names: Iterable[str], places: Array) -> pd.Series[str]:
    return pd.Series(np.array(list(names), dtype=object)[places], dtype="object")
