"""What the form's formulas show for given contents of its input cells, in plain Python: the formulas' cached results.

Owns: the status of each row and the staged preview of a domain's score (METHOD), step by step as `_preview` computes
them, and under which condition N/A is permitted. Scores come from `assessment` alone, which this module does not know.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from evaluator.model.records import ANSWER_CODES, LEVELS, Domain, Model, Requirement
from evaluator.quantum import quantised_one
from evaluator.questionnaire.layout import Prefill
from evaluator.wording import Lang


@dataclass(frozen=True, kw_only=True, slots=True)
class RowState:
    """One requirement's row as the form judges it."""

    status: str
    """Key under `form.status`."""
    answer: int
    """1 to 5 by `ANSWER_CODES`, 0 where blank or invalid."""
    evidence: bool
    reason: bool
    permitted: bool
    """Whether N/A is permitted, given the category filled in."""
    score: float
    weight: float
    """`v_r`, or 0 where a permitted N/A leaves the requirement out."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Preview:
    """Every figure of the preview, in the order it is computed."""

    rows: Mapping[str, RowState]
    weights: Mapping[tuple[str, int], float]
    """Sum of the applicable `v_r` by item and level."""
    cells: Mapping[tuple[str, int], float]
    """`x(i,l)`; 0 where it is undefined, that is where the weight is 0."""
    attainment: tuple[float, ...]
    """`D(d,l)` of the five levels."""
    passed: int
    score: float


def quoted(words: str) -> str:
    """Say a text as a literal of a formula."""
    return '"' + words.replace('"', '""') + '"'


def in_language(words: str, options: tuple[tuple[str, str], ...], lang: Lang) -> str:
    """Give a choice in the form's language where `words` names one of the (zh, en) options; else leave it."""
    for option in options:
        if words in option:
            return option[0] if lang == "zh" else option[1]
    return words


def permitted_categories(model: Model, requirement: Requirement, lang: Lang) -> tuple[str, ...]:
    """Name the categories for which N/A is permitted, as the form's dropdown says them; empty: all."""
    options = tuple((category.zh, category.en) for category in model.categories)
    return tuple(in_language(name, options, lang) for name in requirement.na_categories)


def permitted_formula(model: Model, requirement: Requirement, lang: Lang, category_cell: str) -> str | None:
    """Say as a formula's condition when N/A is permitted; `None`: never, an empty text: always."""
    if not requirement.na_allowed:
        return None
    names = permitted_categories(model, requirement, lang)
    return "OR(" + ",".join(f"TRIM({category_cell})={quoted(name)}" for name in names) + ")" if names else ""


def compute(model: Model, domain: Domain, lang: Lang, prefill: Prefill | None) -> Preview:
    """Compute what the form's formulas show for these contents of its input cells (METHOD, staged)."""
    rows = {r.id: _row_state(model, r, lang, prefill) for r in domain.requirements}
    weights: dict[tuple[str, int], float] = {}
    cells: dict[tuple[str, int], float] = {}
    for item in domain.items:
        for level in LEVELS:
            mine = [rows[r.id] for r in item.requirements if r.level == level]
            weight = sum(row.weight for row in mine)
            weights[item.code, level] = weight
            cells[item.code, level] = sum(row.weight * row.score for row in mine) / weight if weight else 0.0
    attainment = tuple(_attainment(domain, level, weights, cells) for level in LEVELS)
    passed = 0
    while passed < len(LEVELS) and quantised_one(attainment[passed]) >= quantised_one(model.rules.pass_mark):
        passed += 1
    score = float(passed) if passed == len(LEVELS) else passed + attainment[passed]
    return Preview(rows=rows, weights=weights, cells=cells, attainment=attainment, passed=passed, score=score)


def _row_state(model: Model, requirement: Requirement, lang: Lang, prefill: Prefill | None) -> RowState:
    given, evidence, remarks = (prefill.answers if prefill else {}).get(requirement.id, (None, "", ""))
    words = _trimmed(given).casefold()
    labels = [model.answer(code).label.say(lang).casefold() for code in ANSWER_CODES]
    answer = labels.index(words) + 1 if words in labels else 0
    code = ANSWER_CODES[answer - 1] if answer else None
    has_evidence, has_reason = bool(_trimmed(evidence)), bool(_trimmed(remarks))
    allowed = permitted(model, requirement, lang, prefill)
    unproven = model.rules.evidence_rule and code in ("full", "large") and not has_evidence
    if not words:
        status = "missing"
    elif code is None:
        status = "invalid"
    elif code == "na":
        status = "na_not_permitted" if not allowed else "done" if has_reason else "needs_reason"
    else:
        status = "needs_evidence" if unproven else "done"
    score = (model.answer("partial" if unproven else code).value or 0.0) if code else 0.0
    left_out = code == "na" and allowed and has_reason
    return RowState(
        status=status,
        answer=answer,
        evidence=has_evidence,
        reason=has_reason,
        permitted=allowed,
        score=score,
        weight=0.0 if left_out else requirement.weight,
    )


def permitted(model: Model, requirement: Requirement, lang: Lang, prefill: Prefill | None) -> bool:
    """Tell whether N/A is permitted to the institution that the form is filled in for."""
    if not requirement.na_allowed or not requirement.na_categories:
        return requirement.na_allowed
    options = tuple((category.zh, category.en) for category in model.categories)
    category = in_language(_trimmed((prefill.fields if prefill else {}).get("category", "")), options, lang)
    names = permitted_categories(model, requirement, lang)
    return category.casefold() in (name.casefold() for name in names)


def _trimmed(value: object) -> str:
    """Do what a spreadsheet's TRIM does: drop blanks at the ends and double ones inside, and no other characters."""
    return " ".join(part for part in ("" if value is None else str(value)).split(" ") if part)


def _attainment(
    domain: Domain, level: int, weights: Mapping[tuple[str, int], float], cells: Mapping[tuple[str, int], float]
) -> float:
    if not any(r.level == level for r in domain.requirements):
        return 1.0
    defined = [item for item in domain.items if weights[item.code, level]]
    total = sum(item.weight for item in defined)
    return sum(item.weight * cells[item.code, level] for item in defined) / total if defined else 0.0
