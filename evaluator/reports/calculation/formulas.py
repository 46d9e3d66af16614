"""The method as spreadsheet formulas, from the answers' sheet to the star: what the calculation sheet computes.

Owns: the text of each formula. Functions of Excel 2010 only, which WPS and LibreOffice have too, no array formulas;
comparisons are rounded to 1e-9 as the program's are. Knows nothing of institutions or their figures.
"""

from __future__ import annotations

from typing import NamedTuple

from evaluator.assessment.codes import ANSWERED, BLANK, INVALID, MISSING, NOT_APPLICABLE, STATES
from evaluator.assessment.levels import REASONS, RULES
from evaluator.assessment.scoring import QUANTUM_DIGITS
from evaluator.model.records import ANSWER_CODES, LEVELS, Domain, Method, Model, Requirement
from evaluator.reports.calculation import layout as at
from evaluator.reports.calculation.layout import Layout, cell
from evaluator.wording import Lang, say

NOTHING = "—"
"""What stands where there is no figure."""
AGREE, DIFFER = "✓", "✗"
TOP = len(LEVELS)


class Source(NamedTuple):
    """Where the answers stand: the sheet's name, its first row (from 0), and columns."""

    sheet: str
    first: int
    state: str
    answer: str
    decided: str
    """What a person decided, where that counts."""


def rules_of(method: Method) -> tuple[str, ...]:
    """Name the rules that can limit a method's star, in the order of `levels.RULES`."""
    own = {"staged": ("band", "domain_floor"), "average": ("band",), "cumulative": ("levels",)}[method]
    return (*own, "veto", "verified_only")


class Formulas:
    """The formulas of one model's sheet in one language."""

    def __init__(self, model: Model, lang: Lang, layout: Layout, source: Source) -> None:
        self._model, self._at, self._lang = model, layout, lang
        self._from = source
        self._no = f'"{say("calculation.no", lang)}"'
        self._yes = f'"{say("calculation.yes", lang)}"'
        self._states = {state: layout.state(n) for n, state in enumerate(STATES)}
        self._labels = {code: layout.answer(n) for n, code in enumerate(ANSWER_CODES)}
        self._rated = f'{cell(at.FORMULA, layout.status)}="{say("calculation.rated", lang)}"'

    def agrees(self, pairs: list[tuple[str, str]]) -> str:
        """Tell whether all pairs of cells hold the same number, within the tolerance, or the same text."""
        close = self._at.parameter("tolerance")
        same = [f"IFERROR(ABS({a}-{b})<={close},{a}={b})" for a, b in pairs]
        condition = same[0] if len(same) == 1 else f"AND({','.join(same)})"
        return f'IF({condition},"{AGREE}","{DIFFER}")'

    def row_agrees(self, row: int) -> str:
        """Tell whether a row's own formula gives what the program has."""
        return self.agrees([(f"{at.FORMULA}{row + 1}", f"{at.PROGRAM}{row + 1}")])

    @property
    def all_agree(self) -> str:
        """The condition that nothing differs."""
        return f'COUNTIF({self._at.agreements},"{AGREE}")={self._at.comparisons}'

    @property
    def verdict(self) -> str:
        """Say in words whether everything agrees, and if not, how much does not."""
        count = self._at.comparisons
        agree = say("calculation.agree", self._lang, n=count)
        before, after = say("calculation.differ", self._lang, n="\0").replace('"', '""').split("\0")
        wrong = f'{count}-COUNTIF({self._at.agreements},"{AGREE}")'
        return f'IF({self.all_agree},"{agree}","{before}"&({wrong})&"{after}")'

    # Total and star

    @property
    def status(self) -> str:
        """Say whether the institution is rated, or the first reason why it is not."""
        missing, coverage, na_share = (f'"{say(f"report.reason_label.{reason}", self._lang)}"' for reason in REASONS)
        came, left_out = (self._at.domains.range(column) for column in (at.COVERAGE, at.NA_SHARE))
        least, most = (_rounded(self._at.parameter(name)) for name in ("min_coverage", "max_na_share"))
        return (
            f"IF(COUNTIF({came},{self._states[MISSING]})>0,{missing},"
            f"IF(SUMPRODUCT(--({_rounded(came)}<{least}))>0,{coverage},"
            f"IF(SUMPRODUCT(--({_rounded(left_out)}>{most}))>0,{na_share},"
            f'"{say("calculation.rated", self._lang)}")))'
        )

    def result(self, row: int) -> dict[str, str]:
        """Compute what stands in a row of results, by column."""
        found = {at.AGREES: self.row_agrees(row)}
        if row == self._at.status:
            return found | {at.FORMULA: self.status}
        if row == self._at.limit:
            return found | {at.FORMULA: f"{at.LIMITED_BY}{row}"}
        for method in self._at.methods:
            if row == self._at.total(method):
                found |= {at.FORMULA: self.total(method)}
            elif row == self._at.total(method) + 1:
                limits = {at.LEVEL_COLUMNS[RULES.index(rule)]: most for rule, most in self.limits(method).items()}
                found |= limits | {at.FORMULA: self.star(method), at.LIMITED_BY: self.limited_by(method)}
        return found

    def _if_rated(self, formula: str) -> str:
        return f'IF({self._rated},{formula},"{NOTHING}")'

    def total(self, method: Method) -> str:
        """Compute a method's total."""
        scores = self._at.domains.range(at.AVERAGE if method == "average" else at.STAGED)
        weights = self._at.domains.range(at.WEIGHT)
        return self._if_rated(f"SUMPRODUCT({weights},{scores})/SUM({weights})")

    def limits(self, method: Method) -> dict[str, str]:
        """Compute the most stars that each rule allows, by rule; only those that the method has."""
        total, passed = cell(at.FORMULA, self._at.total(method)), self._at.domains.range(at.PASSED)
        found = {"veto": f"MIN({TOP},{self._at.requirements.range(at.CAP)})"}
        if method == "cumulative":
            found["levels"] = f"MIN({passed})"
        else:
            found["band"] = f"SUMPRODUCT(--({_rounded(self._at.bands)}<={_rounded(total)}))"
        if method == "staged":
            found["domain_floor"] = f"MIN({TOP},MIN({passed})+{self._at.parameter('domain_floor')})"
        verified = self._at.parameter("verified_above")
        found["verified_only"] = f'IF(ISNUMBER({verified}),{verified},"{NOTHING}")'
        return {rule: self._if_rated(found[rule]) for rule in rules_of(method)}

    def star(self, method: Method) -> str:
        """Compute a method's star: the lowest that any rule allows."""
        return self._if_rated(f"MIN({self._limits(method)})")

    def limited_by(self, method: Method) -> str:
        """Name the first rule that gives the star."""
        names = [f'"{say(f"report.rule.{rule}", self._lang)}"' for rule in RULES]
        star = cell(at.FORMULA, self._at.total(method) + 1)
        return self._if_rated(f"CHOOSE(MATCH({star},{self._limits(method)},0),{','.join(names)})")

    def _limits(self, method: Method) -> str:
        row = self._at.total(method) + 1
        return f"{cell(at.LEVEL_COLUMNS[0], row)}:{cell(at.LEVEL_COLUMNS[-1], row)}"

    # Domains

    def domain(self, number: int) -> dict[str, str]:
        """Compute a domain's figures, by column."""
        domain, row = self._model.domains[number], self._at.domains.first + number
        items, asked = self._at.items_of[number], self._at.requirements_of[number]
        weights, total = items.range(at.WEIGHT), f"SUM({items.range(at.WEIGHT)})"
        came, missing = cell(at.COVERAGE, row), self._states[MISSING]
        found = {}
        for level, column in zip(LEVELS, at.LEVEL_COLUMNS, strict=True):
            if any(r.level == level for r in domain.requirements):
                mean = _mean(weights, items.range(column), of_none="0")
                found[column] = f'IF({came}={missing},"{NOTHING}",{mean})'
        found[at.COVERAGE] = (
            f"IF(COUNTIF({asked.range(at.STATE)},{missing})={asked.size},{missing},"
            f"SUMPRODUCT({weights},{items.range(at.COVERAGE)})/{total})"
        )
        shares = f"SUMPRODUCT({weights},{items.range(at.NA_SHARE)})/{total}"
        found[at.NA_SHARE] = f'IF({came}={missing},"{NOTHING}",{shares})'
        found[at.PASSED] = f'IF({came}={missing},"{NOTHING}",{self._passed(domain, row)})'
        passed = cell(at.PASSED, row)
        levels = f"{cell(at.LEVEL_COLUMNS[0], row)}:{cell(at.LEVEL_COLUMNS[-1], row)}"
        staged = f"IF({passed}={TOP},{TOP},{passed}+INDEX({levels},{passed}+1))"
        found[at.STAGED] = f'IF({came}={missing},"{NOTHING}",{staged})'
        average = f"{TOP}*{_mean(weights, items.range(at.ITEM_SCORE), of_none='0')}"
        found[at.AVERAGE] = f'IF({came}={missing},"{NOTHING}",{average})'
        return found

    def _passed(self, domain: Domain, row: int) -> str:
        """Count the levels passed from 1 up; those that the model does not ask count as passed."""
        asked, formula = {r.level for r in domain.requirements}, str(TOP)
        mark = _rounded(self._at.parameter("pass_mark"))
        for level in sorted(asked, reverse=True):
            attained = _rounded(cell(at.LEVEL_COLUMNS[level - 1], row))
            formula = f"IF({attained}<{mark},{level - 1},{formula})"
        return formula

    def reported_agrees(self, number: int) -> str:
        """Tell whether a domain's figures are the program's; of the scores only the official method's are there."""
        row, reported = self._at.domains.first + number + 1, self._at.reported.first + number + 1
        official = at.AVERAGE if self._model.rules.method == "average" else at.STAGED
        columns = [*at.LEVEL_COLUMNS, at.COVERAGE, at.NA_SHARE, at.PASSED, official]
        return self.agrees([(f"{column}{row}", f"{column}{reported}") for column in columns])

    # Items

    def item(self, number: int) -> dict[str, str]:
        """Compute an item's figures, by column."""
        item, asked, row = self._model.items[number], self._at.asked_of[number], self._at.items.first + number
        weights, states = asked.range(at.WEIGHT), asked.range(at.STATE)
        applicable, weighted, levels = (asked.range(c) for c in (at.APPLICABLE, at.WEIGHTED, at.LEVEL))
        found = {}
        for level, column in zip(LEVELS, at.LEVEL_COLUMNS, strict=True):
            if any(r.level == level for r in item.requirements):
                below = f"SUMIFS({applicable},{levels},{level})"
                found[column] = f'IF({below}=0,"{NOTHING}",SUMIFS({weighted},{levels},{level})/{below})'
        open_ = "+".join(f"({states}={self._states[state]})" for state in (BLANK, INVALID, MISSING))
        left_out = f"({asked.range(at.COUNTS_AS)}={self._labels['na']})"
        found[at.COVERAGE] = f"1-SUMPRODUCT(({open_})*{weights})/SUM({weights})"
        found[at.NA_SHARE] = f"SUMPRODUCT({left_out}*{weights})/SUM({weights})"
        found[at.ITEM_APPLICABLE] = f"SUM({applicable})"
        below = cell(at.ITEM_APPLICABLE, row)
        found[at.ITEM_SCORE] = f'IF({below}=0,"{NOTHING}",SUM({weighted})/{below})'
        found[at.AGREES] = self.row_agrees(row)
        return found

    # Requirements

    def requirement(self, number: int, asked: Requirement, *, ruled: bool) -> dict[str, str]:
        """Compute a requirement's figures, by column; `ruled`: it counts as a person decided."""
        row = self._at.requirements.first + number + 1
        own = {
            column: f"{column}{row}"
            for column in (at.WEIGHT, at.STATE, at.GIVEN, at.PROVEN, at.COUNTS_AS, at.APPLICABLE, at.SCORE)
        }
        labels, values = self._at.answers(at.ANSWER), self._at.answers(at.ANSWER_SCORE)
        none = f"OR({own[at.COUNTS_AS]}={self._labels['na']},{own[at.STATE]}={self._states[MISSING]})"
        score = f"SUMPRODUCT(({labels}={own[at.COUNTS_AS]})*{values})"
        found = {
            at.STATE: self._taken(self._from.state, number),
            at.GIVEN: self._taken(self._from.answer, number),
            at.COUNTS_AS: self._taken(self._from.decided, number) if ruled else self._counts_as(own),
            at.APPLICABLE: f"IF({none},0,{own[at.WEIGHT]})",
            at.WEIGHTED: f"IF({own[at.APPLICABLE]}=0,0,{own[at.APPLICABLE]}*{own[at.SCORE]})",
            at.SCORE: f'IF({none},"{NOTHING}",{score})',
            at.AGREES: self.row_agrees(row - 1),
        }
        if asked.veto_star is not None:
            unmet = (f"{own[at.STATE]}={self._states[state]}" for state in (BLANK, INVALID))
            conditions = f"{own[at.COUNTS_AS]}={self._labels['none']},{','.join(unmet)}"
            found[at.CAP] = f"IF(OR({conditions}),{asked.veto_star},{TOP})"
        return found

    def _taken(self, column: str, number: int) -> str:
        name = self._from.sheet.replace("'", "''")
        return f"'{name}'!{column}{self._from.first + number + 1}&\"\""  # as a text: an empty cell would read 0

    def _counts_as(self, own: dict[str, str]) -> str:
        given, state = own[at.GIVEN], own[at.STATE]
        rule = f"{self._at.parameter('evidence_rule')}={self._yes},{own[at.PROVEN]}={self._no}"
        unproven = f"AND({rule},OR({given}={self._labels['full']},{given}={self._labels['large']}))"
        counted = f"IF({unproven},{self._labels['partial']},{given})"
        left_out = f"IF({state}={self._states[NOT_APPLICABLE]},{self._labels['na']},{state})"
        return f"IF({state}={self._states[ANSWERED]},{counted},{left_out})"


def _rounded(reference: str) -> str:
    return f"ROUND({reference},{QUANTUM_DIGITS})"


def _mean(weights: str, values: str, *, of_none: str) -> str:
    """Average the values that are numbers."""
    known = f'SUMIF({values},">=0",{weights})'
    return f"IF({known}=0,{of_none},SUMPRODUCT({weights},{values})/{known})"
