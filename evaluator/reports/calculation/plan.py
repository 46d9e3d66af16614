"""What the calculation sheet is in every report of a run: made once in a process, as far as the model says it.

Owns: the plan, with the rows written so far, and writing a row by it. Knows nothing of institutions.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from evaluator.assessment.codes import STATES
from evaluator.assessment.levels import RULES
from evaluator.fastbook.cells import LETTERS, Figures, Plates, Strips
from evaluator.reports.calculation import layout as at
from evaluator.reports.calculation.formulas import Formulas
from evaluator.reports.calculation.heads import Heads
from evaluator.reports.calculation.layout import Layout
from evaluator.reports.calculation.row_formulas import (
    domain_agrees,
    domain_formulas,
    item_formulas,
    requirement_formulas,
)
from evaluator.reports.calculation.terms import NOTHING, Source, Terms
from evaluator.reports.context import Context
from evaluator.wording import Lang, say
from evaluator.workbook import Sheet

Figure = str | float | None
"""`None` shows that there is no figure."""
COLUMN = {LETTERS[number]: number for number in range(len(at.WIDTHS))}


class Plan:
    """What the calculation sheet is in every report of a run."""

    def __init__(self, context: Context, lang: Lang, source: Source) -> None:
        model = self.model = context.model
        self.lang = lang
        layout = self.layout = Layout(model)
        self.terms = Terms(lang, layout, source)
        self.formulas = Formulas(self.terms)
        self.heads = Heads(model, lang, layout)
        self.results = {row: self.formulas.result(row) for row in self.heads.results}
        self.labels = {a.code: a.label.say(lang) for a in model.scale} | {"": ""}
        self.states = {state: say(f"report.state.{state}", lang) for state in (*STATES, "decided")}
        self.vetoes = [(n, r.veto_star) for n, r in enumerate(model.requirements) if r.veto_star is not None]
        """Requirements that cap the star, by number, with their caps."""
        self.rules = {rule: say(f"report.rule.{rule}", lang) for rule in RULES}
        self.words = {True: say("calculation.yes", lang), False: say("calculation.no", lang)}
        self.domains = [domain_formulas(self.terms, model, n) for n in range(len(model.domains))]
        self.reported = [{at.AGREES: domain_agrees(self.terms, model, n)} for n in range(len(model.domains))]
        self.items = [item_formulas(self.terms, model, n) for n in range(len(model.items))]
        self.requirements = [
            {ruled: requirement_formulas(self.terms, one, n, ruled=ruled) for ruled in (False, True)}
            for n, one in enumerate(model.requirements)
        ]
        """By whether a requirement counts as a person decided."""
        self.named_items: list[list[Figure]] = [[i.code, i.name.say(lang), i.weight] for i in model.items]
        """First cells of their rows."""
        self.note = say("calculation.note", lang, answers=source.sheet)
        self.plates: Plates = {}
        """Parts of the sheet that all reports have alike."""
        self.strips: Strips = {}
        """Rows that many reports have alike."""


@lru_cache(maxsize=4)
def plan_of(context: Context, lang: Lang, source: Source) -> Plan:
    """Give the plan of a run's reports in a language."""
    return Plan(context, lang, source)


def parted(open_: Iterable[tuple[int, Figure]]) -> tuple[Hashable, Figures]:
    """Part what a row shows in some columns: what rows that are written alike have in common, and the numbers."""
    key: list[object] = []
    numbers: list[tuple[int, float]] = []
    for column, figure in open_:
        if isinstance(figure, float):
            key.append(float)
            numbers.append((column, figure))
        else:
            key.append(figure)
    return tuple(key), numbers


def cells(
    sheet: Sheet, row: int, formulas: Mapping[str, str], figures: Mapping[str, Figure], looks: Sequence[Any]
) -> None:
    """Write a row's cells: formulas with their results, other figures as they are."""
    for letter, column in COLUMN.items():
        formula, shown = formulas.get(letter), looks[column]
        figure = figures.get(letter, "")
        figure = NOTHING if figure is None else figure
        if formula is not None:
            sheet.formula(row, column, formula, figure, shown)
        else:
            sheet.value(row, column, figure, shown)
