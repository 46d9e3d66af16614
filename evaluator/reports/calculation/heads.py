"""What is the same on every calculation sheet of a run: titles, headers and the parameters.

Owns: those rows, which are written once and copied. Knows nothing of figures.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from evaluator.assessment.codes import STATES
from evaluator.assessment.levels import RULES
from evaluator.measure import row_height
from evaluator.model.records import ANSWER_CODES, Model
from evaluator.reports.calculation import layout as at
from evaluator.reports.calculation.layout import Layout
from evaluator.reports.calculation.terms import TOLERANCE
from evaluator.reports.look import Looks
from evaluator.wording import Lang, say
from evaluator.workbook import Sheet

_SECTIONS = ("results", "parameters", "domains", "items", "requirements")
Cells = list[str | float | None]


class _Head(NamedTuple):
    """A row without figures."""

    row: int
    cells: Cells
    looks: list[str]
    """Names of `look.Looks`, empty for a cell that is not there."""
    height: float = 0.0
    """In points; 0: as usual."""


class Heads:
    """The rows that have no figures."""

    def __init__(self, model: Model, lang: Lang, layout: Layout) -> None:
        self._model, self._lang, self._at = model, lang, layout
        self._levels = [level.name.say(lang) for level in model.levels]
        blocks = (layout.results, layout.parameters, layout.domains, layout.items, layout.requirements)
        self._heads = {
            b.first - (3 if b is layout.domains else 2): key for key, b in zip(_SECTIONS, blocks, strict=True)
        }
        self._bands = {layout.domains.first - 1: "formula", layout.reported.first - 1: "program"}
        self.results = self._results()
        """First cell of each row of results."""
        self._rows = list(self._laid_out())

    def _say(self, key: str, **params: object) -> str:
        return say(f"calculation.{key}", self._lang, **params)

    def _results(self) -> dict[int, str]:
        layout, found = self._at, {self._at.status: self._say("result.status")}
        for method in layout.methods:
            name = say(f"report.method.{method}", self._lang)
            if method == self._model.rules.method:
                name = self._say("as_official", name=name)
            row = layout.total(method)
            found |= {row: self._say("total_of", method=name), row + 1: self._say("star_of", method=name)}
        return found | {layout.limit: self._say("result.limited_by")}

    def _heads_of(self, *names: str) -> Cells:
        return [self._say(f"head.{name}") for name in names]

    def _head(self, key: str) -> Cells:
        head = self._heads_of
        if key == "results":
            rules = [self._say("head.most", rule=say(f"report.rule.{rule}", self._lang)) for rule in RULES]
            return [*head("result"), "", "", *rules, *head("limited_by"), "", "", *head("formula", "program", "agrees")]
        if key == "parameters":
            first, second = head("rule"), head("answer", "score")
            return [*first, "", *head("value"), "", *second, "", *head("star", "least_total"), "",
                    *head("state", "effect"), "", ""]  # fmt: skip
        if key == "requirements":
            return head("id", "item_of", "weight", "level", "state", "given", "proven", "na_permitted", "counts_as",
                        "cap", "applicable", "formula", "program", "agrees")  # fmt: skip
        name = "domain" if key == "domains" else "item"
        each = "attained" if key == "domains" else "cell"
        levels = [self._say(f"head.{each}", level=level) for level in self._levels]
        last = ("passed", "staged", "average") if key == "domains" else ("applicable", "formula", "program")
        return [*head("code", name, "weight"), *levels, *head("coverage", "na_share", *last, "agrees")]

    def _parameters(self) -> list[Cells]:
        rules, model = self._model.rules, self._model
        values: dict[str, str | float | None] = {name: getattr(rules, name, TOLERANCE) for name in at.PARAMETERS}
        values["evidence_rule"] = self._say("yes" if rules.evidence_rule else "no")
        values["verified_above"] = "—" if rules.verified_above is None else rules.verified_above
        rows: list[Cells] = [[self._say(f"rule.{name}"), "", values[name], *[""] * 11] for name in at.PARAMETERS]
        for n, code in enumerate(ANSWER_CODES):
            answer = model.answer(code)
            rows[n][4:6] = [answer.label.say(self._lang), "—" if answer.value is None else answer.value]
        for n, start in enumerate(rules.bands):
            rows[n][7:9] = ["★" * (n + 1), start]
        for n, state in enumerate((*STATES, "decided")):
            rows[n][10:12] = [say(f"report.state.{state}", self._lang), self._say(f"effect.{state}")]
        return rows

    def _laid_out(self) -> Iterator[_Head]:
        """Give the rows, in no order."""
        width = len(at.WIDTHS)
        for row, key in self._heads.items():
            yield _Head(row, [self._say(f"section.{key}"), *[""] * (width - 1)], ["section"] * width, 22)
            head = self._head(key)
            gaps = (3, 6, 9, 12, 13) if key == "parameters" else ()
            height = row_height(zip(map(str, head), at.WIDTHS, strict=True), self._lang, bold=True, margin=6)
            yield _Head(row + 1, head, ["" if n in gaps else "head" for n in range(width)], height)
        for row, key in self._bands.items():
            yield _Head(row, [self._say(f"band.{key}"), *[""] * (width - 1)], ["total"] * width)
        for n, cells in enumerate(self._parameters()):
            changeable = at.PARAMETERS[n] != "tolerance"
            looks = ["text", "text", "input" if changeable else "centre", *[""] * 11]
            if n < len(ANSWER_CODES):
                looks[4:6], looks[7:9] = ["text", "input"], ["star", "input"]
            if n <= len(STATES):
                looks[10:12] = ["text", "text"]
            yield _Head(self._at.parameters.first + n, cells, looks)

    @property
    def words(self) -> Iterator[str]:
        """Every text of these rows and of the first cells of others."""
        yield from (cell for head in self._rows for cell in head.cells if isinstance(cell, str))
        yield from self.results.values()
        yield from (words for d in self._model.domains for words in (d.code, d.name.say(self._lang)))
        yield from (words for i in self._model.items for words in (i.code, i.name.say(self._lang)))

    def write(self, sheet: Sheet, looks: Looks) -> None:
        """Write these rows, and merge the cells of others that hold the names of results."""
        for row, cells, names, height in self._rows:
            shown = [getattr(looks, name) if name else None for name in names]
            sheet.row(row, 0, cells, shown)
            if height:
                sheet.height(row, height)
        for row in (self._at.results.first - 1, *self.results):
            sheet.merged(row, 0, row, 2, "")
            sheet.merged(row, 8, row, 10, "")
        for row in range(self._at.parameters.first - 1, self._at.parameters.end):
            sheet.merged(row, 0, row, 1, "")
