"""Small models and answers for tests of the scoring, written so that one can compute along by hand.

A model is built from `requirement`, `item`, `domain` and `model`; weights, thresholds and rules are METHOD's defaults
unless a test says otherwise. Answers are words:

| word                           | the cells of one requirement hold                                              |
|--------------------------------|--------------------------------------------------------------------------------|
| full, large, partial, none     | that answer, with evidence                                                     |
| full-, large-, partial-, none- | that answer, without evidence                                                  |
| na, na-                        | N/A with a reason, without                                                     |
| (nothing), no_row              | a blank answer; a form that lacks the row                                      |
| ?, ?number, ?other, ?error, ?formula, ?altered, ?ambiguous | something that is no answer                        |
| missing                        | nothing at all: the domain's workbook never came                               |
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from evaluator.assessment.answers import CELL_COLUMNS, judge
from evaluator.assessment.gaps import Gap, Standing, way_up
from evaluator.assessment.rejudging import Written, written
from evaluator.assessment.results import IDENTITY, Assessment, assess
from evaluator.model.records import Answer, Bilingual, Domain, Item, Level, Model, Requirement, Rules
from tests import oracle

DEFAULTS: dict[str, Any] = {
    "method": "staged",
    "pass_mark": 0.8,
    "bands": (0.8, 1.8, 2.8, 3.8, 4.8),
    "domain_floor": 1,
    "min_coverage": 0.9,
    "max_na_share": 0.2,
    "performing_well": 0.7,
    "evidence_rule": True,
}
SCALE = {"full": 1.0, "large": 0.8, "partial": 0.5, "none": 0.0, "na": None}
LABELS = {"full": "完全满足", "large": "大部分满足", "partial": "部分满足", "none": "不满足", "na": "不适用"}
INVALID = {
    "?": ("row", "text", "差不多"),
    "?number": ("row", "number", "7"),
    "?other": ("row", "other", "2024-05-01"),
    "?error": ("row", "error", "#REF!"),
    "?formula": ("row", "formula", "完全满足"),
    "?altered": ("altered", "text", "完全满足"),
    "?ambiguous": ("ambiguous", "text", "完全满足"),
}
"""Source, kind and content of the cells that hold no answer."""


def words(text: str) -> Bilingual:
    return Bilingual(zh=text, en=text)


def requirement(identifier: str, **given: Any) -> Requirement:
    """Build a requirement whose level is in its id: process, weight 1, no veto and no N/A unless told otherwise."""
    level = int(identifier.partition("-")[2][0])
    texts = {name: words(f"{name} of {identifier}") for name in ("text", "evidence", "advice")}
    return Requirement(
        **{"id": identifier, "level": level, "dimension": "process", "na_allowed": False, **texts, **given}
    )


def item(code: str, weight: float, *requirements: Requirement) -> Item:
    """Build an item; without requirements named it has one for each level."""
    return Item(
        code=code,
        name=words(code),
        weight=weight,
        requirements=requirements or tuple(requirement(f"{code}-{level}") for level in (1, 2, 3, 4, 5)),
    )


def domain(code: str, weight: float, *items: Item) -> Domain:
    return Domain(code=code, name=words(code), weight=weight, items=items)


def model(*domains: Domain, scale: Mapping[str, float | None] | None = None, **rules: Any) -> Model:
    """Build a model of those domains; `rules` replace METHOD's defaults."""
    return Model(
        id="small",
        edition="1",
        name=words("small"),
        notice=words("for tests"),
        categories=(words("融资服务"), words("法律服务")),
        types=(words("社会组织"),),
        levels=tuple(Level(level=n, name=words(f"{n} stars"), meaning=words(f"{n}")) for n in (1, 2, 3, 4, 5)),
        scale=tuple(
            Answer(code=code, value=value, label=Bilingual(zh=LABELS[code], en=code.title()), meaning=words(code))
            for code, value in (scale or SCALE).items()
        ),
        rules=Rules(**{**DEFAULTS, **rules}),
        domains=domains,
    )


def with_rules(old: Model, **rules: Any) -> Model:
    """Build the model anew with other rules, nothing cached kept."""
    fields = {name: getattr(old, name) for name in type(old).model_fields}
    return Model(**{**fields, "rules": Rules(**{**old.rules.model_dump(), **rules})})


def given(word: str) -> oracle.Given:
    """Say a word's answer, evidence and reason as the oracle wants them."""
    if word in INVALID:
        return ("invalid", False, False)
    if word in ("", "no_row", "missing"):
        return (None, False, False)
    code = word.rstrip("-")
    shown = not word.endswith("-")
    return (code, shown and code != "na", shown and code == "na")


def cells(of: Model, answers: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    """Lay answers out as the frame described at `answers.CELL_COLUMNS`: a word per requirement, in model order."""
    rows = [
        _cell(institution, row, asked.id, of.domain_of[asked.id].code, word)
        for institution, its in answers.items()
        for row, (asked, word) in enumerate(zip(of.requirements, its, strict=True), start=12)
    ]
    return pd.DataFrame(rows, columns=list(CELL_COLUMNS), dtype="str")


def _cell(institution: str, row: int, asked: str, code: str, word: str) -> dict[str, str]:
    answer, has_evidence, has_reason = given(word)
    source, kind, typed = "row", "text", LABELS.get(answer or "", "")
    if word in INVALID:
        source, kind, typed = INVALID[word]
    elif answer is None:
        source = {"missing": "no_form", "no_row": "no_row"}.get(word, "row")
        kind = "blank"
    return {
        "institution": institution,
        "requirement": asked,
        "domain": code,
        "source": source,
        "kind": kind,
        "typed": typed,
        "lang": "zh",
        "evidence": f"{institution} {asked}" if has_evidence else "",
        "remarks": "no such business" if has_reason else "",
        "file": f"{institution}_{code}.xlsx",
        "sheet": "自评问卷",
        "cell": f"F{row}",
        "evidence_cell": f"G{row}",
        "remarks_cell": f"H{row}",
    }


def institutions(ids: Iterable[str], **columns: Mapping[str, str]) -> pd.DataFrame:
    """Make the frame of institutions; `columns` give a column's values by id, the rest is not known."""
    named = list(ids)
    table = pd.DataFrame({"id": named}, dtype="str")
    for column in IDENTITY[1:]:
        table[column] = pd.Series([columns.get(column, {}).get(one, "") for one in named], dtype="str")
    return table


def assessed(of: Model, answers: Mapping[str, Sequence[str]], **columns: Mapping[str, str]) -> Assessment:
    """Judge and assess institutions, given by id in sorted order."""
    judged = judge(cells(of, answers), of, columns.get("category", {}))
    return assess(judged, institutions(answers, **columns), of)


def wrote(found: Assessment, answers: Mapping[str, Sequence[str]]) -> Written:
    """Say what a record of those answers holds beside the assessment."""
    frame, shape = cells(found.model, answers), found.values.shape
    evidence, remarks = (frame[name].ne("").to_numpy(dtype=bool).reshape(shape) for name in ("evidence", "remarks"))
    return written(found, evidence, remarks)


def next_star(found: Assessment, row: int) -> Gap:
    """The gap of the institution in a row of the assessment's institutions."""
    table = found.institutions
    standing = Standing(
        star=int(table["star"].iloc[row]) if table["status"].iloc[row] == "rated" else None,
        values=found.values[row],
        applicable=found.applicable[row],
        failed=found.failed[row],
        unproven=found.unproven[row],
    )
    return way_up(standing, found.weights, found.model.rules)
