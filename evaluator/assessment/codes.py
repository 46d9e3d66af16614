"""The words and codes of judged answers, and what they mean to scoring.

Owns: the five states, the codes an answer can have, and their indices' meaning. Imports no pandas, so that a process
that only writes reports stays small.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np

from evaluator.model.records import ANSWER_CODES, Model

ANSWERED: Final = "answered"
NOT_APPLICABLE: Final = "not_applicable"
BLANK: Final = "blank"
INVALID: Final = "invalid"
MISSING: Final = "missing"
STATES = (ANSWERED, NOT_APPLICABLE, BLANK, INVALID, MISSING)
GIVEN = ("", *ANSWER_CODES)
"""What an answer can be given as, and score as."""

Bytes = np.ndarray[Any, np.dtype[np.uint8]]
Bools = np.ndarray[Any, np.dtype[np.bool_]]


class Told(NamedTuple):
    """What scoring asks of answers, each array of the codes' shape."""

    applicable: Bools
    unanswered: Bools
    """Whether a form that came leaves it blank or invalid."""
    failed: Bools
    """Whether it is answered `none`, blank or invalid."""


def values_of(model: Model) -> tuple[float | None, ...]:
    """Give the score `s_r` of each of `GIVEN`, 0 to 1; `None` where it has none."""
    scale: dict[str, float | None] = {answer.code: answer.value for answer in model.scale}
    return tuple(scale.get(code) for code in GIVEN)


def told(state: Bytes, scored_as: Bytes) -> Told:
    """Say what codes mean to scoring."""
    unanswered = (state == STATES.index(BLANK)) | (state == STATES.index(INVALID))
    return Told(
        applicable=state != STATES.index(NOT_APPLICABLE),
        unanswered=unanswered,
        failed=unanswered | (scored_as == GIVEN.index("none")),
    )
