"""Faults of answers and evidence.

Owns: one small function for each fault. Each takes a form as it was meant and gives what comes instead of it, or `None`
where the fault is not possible in its domain.
"""

from __future__ import annotations

from collections.abc import Mapping

from evaluator.assessment.checks import MAX_TEXT, MIN_COPIED, MIN_SHARED
from evaluator.model.records import Requirement
from evaluator.questionnaire import layout
from evaluator.synthesis import parts
from evaluator.synthesis.answers import documents, evidence, may_leave_out, reason, replies, shares_of
from evaluator.synthesis.cases import Case, Cells, Outcome, Planted
from evaluator.wording.matching import plain


def blank_answers(case: Case) -> Outcome:
    """Leave two answers blank."""
    asked = case.turned()[:2]
    return _answered(case, "answer.blank", {r: (None, _own(case, r), "") for r in asked})


def invalid_answers(case: Case) -> Outcome:
    """Answer in words and numbers that mean nothing."""
    values = (case.say("vague"), 3, "√")
    cells = {r: (value, _own(case, r), "") for r, value in zip(case.turned(), values, strict=False)}
    return _answered(case, "answer.invalid", cells)


def normalised_answers(case: Case) -> Outcome:
    """Answer in other words than the form's, whose meaning is clear."""
    full, large = case.model.answer("full"), case.model.answer("large")
    other = full.label.en if case.lang == "zh" else full.label.zh
    wide = "".join(chr(ord(c) + 0xFEE0) for c in full.code.upper())
    values = (other, f" {large.label.say(case.lang)}  ", large.value, full.value, wide)
    cells = {r: (value, _own(case, r), "") for r, value in zip(case.turned(), values, strict=False)}
    return _answered(case, "answer.normalised", cells)


def formula_answer(case: Case) -> Outcome:
    """Fill an answer from the cell above by a formula."""
    asked = next(r for r in case.turned() if r is not case.domain.requirements[0])
    column, at = layout.column_letter("answer"), case.row_of(asked)
    data = case.written(answers={asked.id: (case.label("full"), _own(case, asked), "")})
    data = parts.with_formula(data, case.sheet, f"{column}{at}", f"{column}{at - 1}", case.label("full"))
    return Outcome(files=((case.name, data),), planted=(case.at_row("answer.formula", asked),))


def na_not_permitted(case: Case) -> Outcome | None:
    """Answer N/A where it is not permitted."""
    asked = next((r for r in case.turned() if not may_leave_out(case.person, r)), None)
    if asked is None:
        return None
    return _answered(case, "answer.na_not_permitted", {asked: (case.label("na"), "", reason(asked, case.lang))})


def na_without_reason(case: Case) -> Outcome | None:
    """Answer N/A and say no reason."""
    asked = next((r for r in case.turned() if may_leave_out(case.person, r)), None)
    if asked is None:
        return None
    return _answered(case, "answer.na_without_reason", {asked: (case.label("na"), "", "")}, "remarks")


def na_over_cap(case: Case) -> Outcome | None:
    """Answer N/A wherever it is permitted, where that is too much."""
    asked = [r for r in case.domain.requirements if may_leave_out(case.person, r)]
    share = shares_of(case.model)
    if sum(share[r.id] for r in asked) <= case.model.rules.max_na_share + 1e-6:
        return None
    answers = {r.id: (case.label("na"), "", reason(r, case.lang)) for r in asked}
    return Outcome(files=((case.name, case.written(answers=answers)),), planted=(case.of_return("answer.na_over_cap"),))


def no_evidence(case: Case) -> Outcome:
    """Give two high answers without evidence."""
    asked = zip(case.turned(), ("full", "large"), strict=False)
    return _answered(case, "evidence.missing", {r: (case.label(code), "", "") for r, code in asked}, "evidence")


def long_evidence(case: Case) -> Outcome:
    """Write more evidence than anyone reads."""
    asked = case.turned()[0]
    names = documents(asked, case.lang)
    words = ""
    while len(words) <= MAX_TEXT:
        n = words.count(";") + words.count("；") + 1
        words += case.say("long", document=names[n % len(names)], n=n, year=2020 + n % 6, mark=case.person.mark)
    cells = {asked: (case.label("full"), case.person.short + words, "")}
    return _answered(case, "evidence.too_long", cells, "evidence")


def copied_form(case: Case) -> Outcome | None:
    """Copy what the form says counts as evidence."""
    asked = next((r for r in case.turned() if len(plain(r.evidence.say(case.lang))) >= MIN_COPIED), None)
    if asked is None:
        return None
    cells = {asked: (case.label("full"), asked.evidence.say(case.lang), "")}
    return _answered(case, "evidence.copied", cells, "evidence")


def copied_other(case: Case) -> Outcome | None:
    """Copy another institution's evidence; both are named."""
    if case.partner is None:
        return None
    theirs = replies(case.partner, case.model, case.lang, case.seed)
    asked = next((r for r in case.turned() if len(plain(theirs[r.id].evidence)) >= MIN_SHARED), None)
    if asked is None:
        return None
    other = case.at_row("evidence.copied", asked, "evidence", owner=case.partner)
    cells = {asked: (case.label("full"), theirs[asked.id].evidence, "")}
    return _answered(case, "evidence.copied", cells, "evidence", other)


def _answered(
    case: Case, code: str, cells: Mapping[Requirement, Cells], column: str = "answer", *more: Planted
) -> Outcome:
    """Answer some requirements otherwise, each of which gives a finding at a cell of its row."""
    data = case.written(answers={r.id: given for r, given in cells.items()})
    planted = tuple(case.at_row(code, r, column) for r in cells)
    return Outcome(files=((case.name, data),), planted=(*planted, *more))


def _own(case: Case, requirement: Requirement) -> str:
    return evidence(case.person, requirement, case.lang, case.person.index * 31)
