"""The upper half of the method as spreadsheet formulas: totals, stars, and whether everything agrees.

Owns: the text of each formula; those of domains, items and requirements are `row_formulas`'. Knows nothing of
institutions or their figures.
"""

from __future__ import annotations

from evaluator.assessment.codes import MISSING
from evaluator.assessment.levels import REASONS, RULES
from evaluator.model.records import Method
from evaluator.reports.calculation import layout as at
from evaluator.reports.calculation.layout import cell
from evaluator.reports.calculation.terms import AGREE, NOTHING, TOP, Terms, rounded, row_agrees
from evaluator.wording import say


def rules_of(method: Method) -> tuple[str, ...]:
    """Name the rules that can limit a method's star, in the order of `levels.RULES`."""
    own = {"staged": ("band", "domain_floor"), "average": ("band",), "cumulative": ("levels",)}[method]
    return (*own, "veto", "verified_only")


class Formulas:
    """The formulas above the domains, of one model's sheet in one language."""

    def __init__(self, terms: Terms) -> None:
        self._at, self._lang, self._terms = terms.at, terms.lang, terms
        rated = f'{cell(at.FORMULA, terms.at.status)}="{say("calculation.rated", terms.lang)}"'
        self._rated = f"AND({rated},SUM({terms.at.domains.range(at.WEIGHT)})<>0)"  # without weights there is no total

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
        least, most = (rounded(self._at.parameter(name)) for name in ("min_coverage", "max_na_share"))
        return (
            f"IF(COUNTIF({came},{self._terms.states[MISSING]})>0,{missing},"
            f"IF(SUMPRODUCT(--({rounded(came)}<{least}))>0,{coverage},"
            f"IF(SUMPRODUCT(--({rounded(left_out)}>{most}))>0,{na_share},"
            f'"{say("calculation.rated", self._lang)}")))'
        )

    def result(self, row: int) -> dict[str, str]:
        """Compute what stands in a row of results, by column."""
        found = {at.AGREES: row_agrees(row)}
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
            found["band"] = f"SUMPRODUCT(--({rounded(self._at.bands)}<={rounded(total)}))"
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
