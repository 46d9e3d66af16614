"""The calculation sheet's first section: status, totals and stars under each method, with their limits.

Owns: what stands in each of its rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import Any

from evaluator.assessment.levels import RATED, RULES
from evaluator.measure import row_height
from evaluator.model.records import Method
from evaluator.quantum import quantised_one
from evaluator.reports.calculation import layout as at
from evaluator.reports.calculation.figures import RowFigures
from evaluator.reports.calculation.formulas import rules_of
from evaluator.reports.calculation.plan import COLUMN, Figure, Plan, cells, parted
from evaluator.reports.calculation.terms import AGREE, TOP
from evaluator.reports.look import Looks
from evaluator.reports.subject import Subject
from evaluator.wording import say
from evaluator.workbook import Sheet


def write_results(sheet: Sheet, looks: Looks, plan: Plan, subject: Subject, rows: Sequence[RowFigures]) -> None:
    """Write the section's rows; `rows` are the requirements' figures."""
    facts, layout, lang = subject.facts, plan.layout, plan.lang
    rated = facts["status"] == RATED
    words = [looks.text, looks.text, looks.text, *[looks.centre] * 11]
    scores = [*words[:11], looks.exact, looks.exact, looks.centre]
    status = say("calculation.rated" if rated else f"report.reason_label.{facts['reason']}", lang)
    write = partial(_result, sheet, plan)
    write(layout.status, status, [*words[:11], looks.top, looks.top, looks.centre])
    sheet.height(layout.status, row_height([(status, at.WIDTHS[COLUMN[at.FORMULA]])], lang))
    veto = min((most for n, most in plan.vetoes if rows[n].counts == "none"), default=TOP)
    for method in layout.methods:
        write(layout.total(method), facts[f"score_{method}"], scores)
        limits = _limits_of(subject, method, veto) if rated else {}
        shown: dict[str, Figure] = {c: limits.get(rule) for c, rule in zip(at.LEVEL_COLUMNS, RULES, strict=True)}
        shown[at.LIMITED_BY] = plan.rules[min(limits, key=limits.__getitem__)] if rated else None
        write(layout.total(method) + 1, facts[f"star_{method}"], words, shown)
    write(layout.limit, plan.rules[facts["limited_by"]] if rated else None, words)


def _result(
    sheet: Sheet,
    plan: Plan,
    row: int,
    figure: Figure,
    looks: Sequence[Any],
    others: Mapping[str, Figure] = MappingProxyType({}),
) -> None:
    """Write a row of results, whose formula must give the program's figure."""
    figures = {at.CODE: plan.heads.results[row], **others, at.FORMULA: figure, at.PROGRAM: figure, at.AGREES: AGREE}
    open_ = [(COLUMN[column], shown) for column, shown in (*others.items(), (at.FORMULA, figure), (at.PROGRAM, figure))]
    key, numbers = parted(open_)
    sheet.row_like(row, key, plan.strips, partial(cells, sheet, row, plan.results[row], figures, looks), numbers)


def _limits_of(subject: Subject, method: Method, veto: int) -> dict[str, int]:
    """Give the most stars that each of a method's rules in force allows a rated institution, in the rules' order."""
    rules, fewest = subject.context.model.rules, min(subject.extract.passed)
    total = subject.facts[f"score_{method}"]
    found = {
        "band": sum(quantised_one(total) >= quantised_one(start) for start in rules.bands),
        "domain_floor": min(TOP, fewest + rules.domain_floor),
        "levels": fewest,
        "veto": veto,
        "verified_only": rules.verified_above,
    }
    return {rule: most for rule in rules_of(method) if (most := found[rule]) is not None}
