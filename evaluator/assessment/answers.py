"""From what stands in the answer cells to answer states and requirement scores (METHOD, steps 1 and 2).

Owns: which words mean which answer, the five states, the evidence rule and the N/A rule. pandas begins here: the frame
of answer cells comes in, the frame of judged answers goes out. Knows nothing of workbooks.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from evaluator.assessment.codes import ANSWERED, BLANK, INVALID, MISSING, NOT_APPLICABLE
from evaluator.model.records import Model
from evaluator.wording.matching import is_empty, plain, without_stop

CELL_COLUMNS = (
    "institution", "requirement", "domain", "source", "kind", "typed", "lang", "evidence", "remarks",
    "file", "sheet", "cell", "evidence_cell", "remarks_cell",
)  # fmt: skip
"""Columns of the frame of answer cells, all str: one row per institution and requirement of the model, sorted by
institution and in model order, none left out.

`source` says where the answer should stand: `row` (its row is there), `no_row` (the form came without it), `altered`
(the question was changed), `ambiguous` (several rows with different answers) or `no_form` (the domain never came).
`kind` is what the cell holds: `blank`, `text`, `number`, `other` (a date or truth value), `formula` or `error`; `typed`
is its content as text. `lang` is the form's language. `sheet` and `cell` say where, also for the evidence and remarks.
"""


def answer_words(model: Model) -> Mapping[str, str]:
    """Map each text that means an answer, folded as `plain` folds, to the answer's code: labels, codes."""
    words: dict[str, str] = {}
    for answer in model.scale:
        for word in (answer.label.zh, answer.label.en, answer.code):
            words.setdefault(plain(word), answer.code)
    return words


def understood(typed: str, words: Mapping[str, str], values: Mapping[float, str]) -> str:
    """Give the code of the answer a cell's text means, `""` where it means none; nothing is guessed.

    Args:
        typed: the cell's content as text.
        words: as from `answer_words`.
        values: code of each of the scale's values, for answers given as numbers (`0.8`, `80%`).
    """
    folded = without_stop(plain(typed))
    if folded in words:
        return words[folded]
    number, unit = (folded[:-1], 100.0) if folded.endswith("%") else (folded, 1.0)
    try:
        value = float(number.replace("_", "?")) / unit  # Python alone reads 0_1 as a number
    except ValueError:
        return ""
    return next((code for known, code in values.items() if abs(known - value) < 1e-9), "")


def judge(cells: pd.DataFrame, model: Model, categories: Mapping[str, str]) -> pd.DataFrame:
    """Judge every answer cell.

    Args:
        cells: the frame described at `CELL_COLUMNS`.
        model: the model in force.
        categories: service category (its Chinese name) of each institution id, for N/A limited to categories.

    Returns:
        The same rows with more columns: `state` (one of `STATES`), `answer` (code as given, also where it does not
        count, else `""`), `scored_as` (code that scores, else `""`), `score` (`s_r`, 0 to 1; NaN where the state is
        `not_applicable` or `missing`), and the booleans `normalised` (given in other words than the form's own),
        `no_evidence` (the evidence rule lowered the score), `na_refused` (N/A not permitted) and `na_unreasoned`
        (N/A without the reason it needs).
    """
    frame = cells.copy()
    answer, normalised = _understood(frame, model)
    in_force = frame["source"].eq("row")
    answer = answer.where(in_force, "")
    frame["answer"] = answer
    frame["normalised"] = normalised & answer.ne("")
    decided = decide(
        pd.DataFrame(
            {
                "institution": frame["institution"],
                "requirement": frame["requirement"],
                "answer": answer,
                "missing": frame["source"].eq("no_form"),
                "blank": frame["source"].eq("no_row") | (in_force & frame["kind"].eq("blank")),
                "evidence": ~_empty(frame["evidence"]),
                "reason": ~_empty(frame["remarks"]),
            }
        ),
        model,
        categories,
    )
    for name in decided.columns:
        frame[name] = decided[name]
    return frame


def decide(given: pd.DataFrame, model: Model, categories: Mapping[str, str]) -> pd.DataFrame:
    """Decide what answers count as under a model's rules: permission of N/A, its reason, the evidence rule.

    Args:
        given: per institution and requirement `institution`, `requirement`, `answer` (code as given, `""` where there
            is none or it does not count) and the booleans `missing` (the form never came), `blank` (nothing stands
            there), `evidence` and `reason` (something is written as such).
        model: the model whose rules count; it must have the requirements.
        categories: service category of each institution id.

    Returns:
        On the same index `state`, `scored_as`, `score`, `no_evidence`, `na_refused`, `na_unreasoned`, as `judge` says.
    """
    answer = given["answer"]
    permitted = _na_permitted(given, model, categories)
    is_na = answer.eq("na")
    counted = answer.ne("") & ~is_na
    state = np.select(
        [given["missing"], given["blank"], is_na & permitted & given["reason"], counted],
        [MISSING, BLANK, NOT_APPLICABLE, ANSWERED],
        default=INVALID,
    )
    no_evidence = counted & answer.isin(["full", "large"]) & ~given["evidence"] & model.rules.evidence_rule
    scored_as = answer.where(counted, "none").mask(no_evidence, "partial")
    scored_as = scored_as.where(np.isin(state, [ANSWERED, BLANK, INVALID]), "")
    values = {a.code: a.value for a in model.scale if a.value is not None}
    return pd.DataFrame(
        {
            "na_refused": is_na & ~permitted,
            "na_unreasoned": is_na & permitted & ~given["reason"],
            "state": state,
            "no_evidence": no_evidence,
            "scored_as": scored_as,
            "score": scored_as.map(values).astype("float64"),
        },
        index=given.index,
    )


def _understood(frame: pd.DataFrame, model: Model) -> tuple[pd.Series[str], pd.Series[bool]]:
    words = answer_words(model)
    values = {a.value: a.code for a in model.scale if a.value is not None}
    own = {(lang, a.label.say(lang)): a.code for a in model.scale for lang in ("zh", "en")}
    readable = frame["kind"].isin(["text", "number"])
    codes = {typed: understood(typed, words, values) for typed in frame.loc[readable, "typed"].unique()}
    answer = frame["typed"].map(codes).where(readable, "").fillna("")
    exact = pd.MultiIndex.from_arrays([frame["lang"], frame["typed"]]).isin(list(own))
    return answer, pd.Series(~exact, index=frame.index)


def _na_permitted(frame: pd.DataFrame, model: Model, categories: Mapping[str, str]) -> pd.Series[bool]:
    allowed = {r.id: r.na_allowed for r in model.requirements}
    permitted = frame["requirement"].map(allowed).astype(bool)
    for requirement in model.requirements:
        if requirement.na_allowed and requirement.na_categories:
            rows = frame["requirement"].eq(requirement.id)
            fits = frame["institution"].map(categories).isin(requirement.na_categories)
            permitted &= ~rows | fits
    return permitted


def _empty(texts: pd.Series[str]) -> pd.Series[bool]:
    known = {words: is_empty(words) for words in texts.unique()}
    return texts.map(known).astype(bool)
