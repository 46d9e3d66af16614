"""Judged answers as small codes: the whole round's answers in a few bytes each.

Owns: the frame of answers that the assessment keeps, and how parts of it, judged apart, become one. Texts are not in it
(`texts`); institution and requirement follow from a row's place in the full grid.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from evaluator.assessment.codes import GIVEN, STATES, Bools, Bytes, values_of
from evaluator.model.records import Model

CODED_COLUMNS = ("institution", "requirement", "domain", "state", "answer", "scored_as", "score", "no_evidence")
"""Columns of the coded frame: one row per institution and requirement, institutions in order, requirements in model
order. All are categories of str but `score` (`s_r`, 0 to 1, NaN where the state is `not_applicable` or `missing`) and
`no_evidence` (bool). Meanings: `answers.judge`."""


class Codes(NamedTuple):
    """Judged answers of some institutions, each array one entry per institution and requirement, in grid order."""

    state: Bytes
    """Index into `codes.STATES`."""
    answer: Bytes
    """Index into `GIVEN`."""
    scored_as: Bytes
    """Index into `GIVEN`."""
    no_evidence: Bools


def encoded(judged: pd.DataFrame) -> Codes:
    """Take the codes from a frame as `answers.judge` gives it."""
    return Codes(
        state=_codes(judged["state"], STATES),
        answer=_codes(judged["answer"], GIVEN),
        scored_as=_codes(judged["scored_as"], GIVEN),
        no_evidence=judged["no_evidence"].to_numpy(dtype=bool),
    )


def coded(parts: Sequence[Codes], ids: Sequence[str], model: Model) -> pd.DataFrame:
    """Make the frame described at `CODED_COLUMNS`.

    Args:
        parts: codes of the institutions, in the order of `ids`.
        ids: the institutions' ids.
        model: the model in force.

    Raises:
        ValueError: the codes are not the full grid of institutions and requirements.
    """
    state, answer, scored_as = (_joined([part[n] for part in parts], np.uint8) for n in range(3))
    no_evidence = _joined([part.no_evidence for part in parts], np.bool_)
    asked = model.requirements
    if len(state) != len(ids) * len(asked):
        raise ValueError("answers must hold every requirement of every institution, in model order")
    values = np.array(values_of(model), dtype=np.float64)
    domains = [domain.code for domain in model.domains]
    domain_of = [domains.index(model.domain_of[r.id].code) for r in asked]
    return pd.DataFrame(
        {
            "institution": _category(np.repeat(np.arange(len(ids), dtype=np.int32), len(asked)), ids),
            "requirement": _category(np.tile(np.arange(len(asked), dtype=np.int16), len(ids)), [r.id for r in asked]),
            "domain": _category(np.tile(np.array(domain_of, dtype=np.int8), len(ids)), domains),
            "state": _category(state, STATES),
            "answer": _category(answer, GIVEN),
            "scored_as": _category(scored_as, GIVEN),
            "score": values[scored_as],
            "no_evidence": no_evidence,
        }
    )


def _codes(column: pd.Series[str], categories: Sequence[str]) -> Bytes:
    found: Bytes = pd.Categorical(column, categories=list(categories)).codes.astype(np.uint8)
    return found


def _joined(arrays: Sequence[np.ndarray[Any, Any]], dtype: type[np.generic]) -> np.ndarray[Any, Any]:
    return np.concatenate(arrays) if arrays else np.zeros(0, dtype=dtype)


def _category(codes: np.ndarray[Any, Any], categories: Sequence[str]) -> pd.Categorical[Any]:
    return pd.Categorical.from_codes(codes, dtype=pd.CategoricalDtype(list(categories)))
