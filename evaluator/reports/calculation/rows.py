"""The calculation sheet's domains, items and requirements: what stands in each of their rows.

Owns: those rows, with formulas, their present results and the program's figures.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from evaluator.assessment.codes import ANSWERED, MISSING, NOT_APPLICABLE
from evaluator.assessment.texts import AnswerText
from evaluator.reports.calculation import layout as at
from evaluator.reports.calculation.figures import RowFigures, average_score, item_figures, staged_score
from evaluator.reports.calculation.layout import Block
from evaluator.reports.calculation.plan import COLUMN, Figure, Plan, cells, parted
from evaluator.reports.calculation.terms import AGREE, TOP
from evaluator.reports.look import Looks
from evaluator.reports.subject import Subject
from evaluator.workbook import Sheet, writable

_OF_DOMAIN = [
    COLUMN[column] for column in (*at.LEVEL_COLUMNS, at.COVERAGE, at.NA_SHARE, at.PASSED, at.STAGED, at.AVERAGE)
]
_OF_ITEM = [COLUMN[column] for column in (*at.LEVEL_COLUMNS, at.COVERAGE, at.NA_SHARE, at.ITEM_APPLICABLE, at.FORMULA,
                                          at.PROGRAM)]  # fmt: skip
"""Columns whose figures are an institution's own."""


def write_domains(sheet: Sheet, looks: Looks, plan: Plan, subject: Subject) -> None:
    """Write each domain twice: as the formulas compute it, and as the program has it."""
    model, by_average = plan.model, plan.model.rules.method == "average"
    shown = [
        looks.centre, looks.text, looks.input, *[looks.fine] * 5, *[looks.fine_share] * 2, looks.count, looks.exact,
        looks.exact, looks.centre,
    ]  # fmt: skip
    items = iter(zip(model.items, subject.items, strict=True))
    computed: list[list[Figure]] = []
    program: list[list[Figure]] = []
    for domain, line in zip(model.domains, subject.domains, strict=True):
        own = [next(items) for _ in domain.items]
        staged = None if line.passed is None else staged_score(line.attainment, line.passed)
        average = average_score([i.weight for i, _ in own], [x for _, x in own]) if line.came else None
        both: list[Figure] = [
            *line.attainment,
            line.coverage if line.came else plan.states[MISSING],
            line.na_share if line.came else None,
            line.passed,
        ]
        computed.append([*both, staged, average])
        program.append([*both, "", line.score] if by_average else [*both, line.score, ""])
    named: list[list[Figure]] = [[d.code, d.name.say(plan.lang), d.weight] for d in model.domains]
    _write(sheet, plan.layout.domains, plan, _OF_DOMAIN, computed, (named, plan.domains, [""], shown))
    named = [[*words[:2], ""] for words in named]
    reported = [*shown[:2], looks.centre, *shown[3:]]
    _write(sheet, plan.layout.reported, plan, _OF_DOMAIN, program, (named, plan.reported, [AGREE], reported))


def write_items(sheet: Sheet, looks: Looks, plan: Plan, subject: Subject, rows: Sequence[RowFigures]) -> None:
    """Write the items; `rows` are the requirements' figures."""
    shown = [
        looks.centre, looks.text, looks.input, *[looks.fine] * 5, *[looks.fine_share] * 2, looks.plain, looks.exact,
        looks.exact, looks.centre,
    ]  # fmt: skip
    first, figures = 0, []
    for item, score in zip(plan.model.items, subject.items, strict=True):
        last = first + len(item.requirements)
        found, answered, na_share, applicable = item_figures(item, rows[first:last])
        figures.append([*found, answered, na_share, applicable, score, score])
        first = last
    _write(sheet, plan.layout.items, plan, _OF_ITEM, figures, (plan.named_items, plan.items, [AGREE], shown))


def _write(
    sheet: Sheet,
    block: Block,
    plan: Plan,
    columns: Sequence[int],
    figures: Sequence[Sequence[Figure]],
    same: tuple[Sequence[Sequence[Figure]], Sequence[Mapping[str, str]], Sequence[Figure], Sequence[Any]],
) -> None:
    """Write rows whose figures are an institution's own.

    Args:
        sheet: the sheet.
        block: where the rows stand.
        plan: the plan.
        columns: of the figures.
        figures: each row's.
        same: what is the same in all reports: each row's first cells, its formulas, the last cells, the formats.
    """
    heads, formulas, ends, looks = same

    def write(row: int) -> None:
        n = row - block.first
        shown = dict(zip(COLUMN, [*heads[n], *figures[n], *ends], strict=True))
        cells(sheet, row, formulas[n], shown, looks)

    each = [parted(zip(columns, own, strict=True)) for own in figures]
    sheet.rows_like(block.first, [key for key, _ in each], plan.strips, write, [numbers for _, numbers in each])


def write_requirements(
    sheet: Sheet, looks: Looks, plan: Plan, rows: Sequence[RowFigures], texts: Sequence[AnswerText]
) -> None:
    """Write the requirements; `texts` are what the institution wrote on each."""
    shown = [
        looks.centre, looks.text, looks.input, looks.centre, looks.centre, looks.centre, looks.input, looks.input,
        looks.centre, looks.plain, looks.plain, looks.plain, looks.plain, looks.centre,
    ]  # fmt: skip
    first = plan.layout.requirements.first
    typed = ["" if one.answer else writable(wrote.typed) for one, wrote in zip(rows, texts, strict=True)]

    def write(row: int) -> None:
        n = row - first
        _requirement(sheet, row, plan, n, rows[n], typed[n], shown)

    keys = [None if words else one for one, words in zip(rows, typed, strict=True)]
    sheet.rows_like(first, keys, plan.strips, write)


def _requirement(
    sheet: Sheet, row: int, plan: Plan, number: int, one: RowFigures, typed: str, looks: Sequence[Any]
) -> None:
    asked = plan.model.requirements[number]
    state = plan.states["decided" if one.ruled else one.state]
    figures: dict[str, Figure] = {
        at.CODE: asked.id,
        at.NAME: plan.model.item_of[asked.id].name.say(plan.lang),
        at.WEIGHT: asked.weight,
        at.LEVEL: asked.level,
        at.STATE: state,
        at.GIVEN: "" if one.state == MISSING else plan.labels[one.answer] or typed,
        at.PROVEN: plan.words[one.proven],
        at.NA_PERMITTED: plan.words[one.permitted],
        at.COUNTS_AS: plan.labels[one.counts] if one.ruled or one.state in (ANSWERED, NOT_APPLICABLE) else state,
        at.APPLICABLE: 0.0 if one.score is None else asked.weight,
        at.SCORE: one.score,
        at.PROGRAM: one.score,
        at.AGREES: AGREE,
    }
    if asked.veto_star is not None:
        figures[at.CAP] = asked.veto_star if one.counts == "none" else TOP
    cells(sheet, row, plan.requirements[number][one.ruled], figures, looks)
