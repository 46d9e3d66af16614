"""Where everything stands on the calculation sheet, and how its formulas say so.

Owns: the sheet's rows and columns, for a model. Knows nothing of what the formulas compute or of institutions.
"""

from __future__ import annotations

from typing import NamedTuple

from evaluator.assessment.codes import STATES
from evaluator.model.records import ANSWER_CODES, METHODS, Method, Model

CODE, NAME, WEIGHT, FIRST, FORMULA, PROGRAM, AGREES = "A", "B", "C", "D", "L", "M", "N"
LEVEL_COLUMNS = ("D", "E", "F", "G", "H")
"""Of domains and items; the rules of a star stand there too, in the order of `levels.RULES`."""
LIMITED_BY = "I"
COVERAGE, NA_SHARE, PASSED, STAGED, AVERAGE = "I", "J", "K", "L", "M"
"""Of domains; items have the first two as well."""
ITEM_APPLICABLE, ITEM_SCORE = "K", "L"
LEVEL, STATE, GIVEN, PROVEN, NA_PERMITTED, COUNTS_AS, CAP, APPLICABLE, SCORE = (
    "D",
    "E",
    "F",
    "G",
    "H",
    "I",
    "J",
    "K",
    "L",
)
"""Of requirements."""
RULE_VALUE, ANSWER, ANSWER_SCORE, STAR, LEAST_TOTAL, STATE_WORD, EFFECT = "C", "E", "F", "H", "I", "K", "L"
"""Of the parameters."""
PARAMETERS = (
    "pass_mark", "domain_floor", "evidence_rule", "verified_above", "min_coverage", "max_na_share", "tolerance",
)  # fmt: skip
WIDTHS = (9.0, 30.0, 9.0, 11.0, 11.0, 11.0, 11.0, 11.0, 11.0, 11.0, 11.0, 14.0, 14.0, 8.0)
VERDICT, NOTE = 3, 4


def cell(column: str, row: int) -> str:
    """Refer to a cell of a row that counts from 0; the reference does not move when it is copied."""
    return f"${column}${row + 1}"


class Block(NamedTuple):
    """Rows of one kind below one another, counting from 0."""

    first: int
    size: int

    def range(self, column: str) -> str:
        """Refer to a column's cells of these rows."""
        return f"${column}${self.first + 1}:${column}${self.first + self.size}"

    @property
    def end(self) -> int:
        """The row after the last."""
        return self.first + self.size


class Layout:
    """The rows of a model's sheet, counting from 0. Each section has a title, a header row and its rows."""

    def __init__(self, model: Model) -> None:
        official = model.rules.method
        self.methods: tuple[Method, ...] = (official, *(m for m in METHODS if m != official))
        """The official one first: it has one row more, for the rule that limited its star."""
        self.results = Block(NOTE + 3, 2 + 2 * len(METHODS))
        self.parameters = Block(self.results.end + 3, len(PARAMETERS))
        self.domains = Block(self.parameters.end + 4, len(model.domains))
        """As the formulas compute them; a row above says so."""
        self.reported = Block(self.domains.end + 1, len(model.domains))
        """As the program has them; a row above says so."""
        self.items = Block(self.reported.end + 3, len(model.items))
        self.requirements = Block(self.items.end + 3, len(model.requirements))
        self.items_of, self.requirements_of, self.asked_of = [], [], []
        item = asked = 0
        for domain in model.domains:
            self.items_of.append(Block(self.items.first + item, len(domain.items)))
            self.requirements_of.append(Block(self.requirements.first + asked, len(domain.requirements)))
            for one in domain.items:
                self.asked_of.append(Block(self.requirements.first + asked, len(one.requirements)))
                asked += len(one.requirements)
            item += len(domain.items)

    @property
    def status(self) -> int:
        """The row that says whether the institution is rated."""
        return self.results.first

    @property
    def limit(self) -> int:
        """The row of the rule that limited the official star."""
        return self.results.first + 3

    def total(self, method: Method) -> int:
        """Give the row of a method's total; that of its star follows."""
        number = self.methods.index(method)
        return self.results.first + 1 + 2 * number + (number > 0)

    def parameter(self, name: str) -> str:
        """Refer to a parameter."""
        return cell(RULE_VALUE, self.parameters.first + PARAMETERS.index(name))

    def answers(self, column: str) -> str:
        """Refer to the answers that have a score."""
        return Block(self.parameters.first, 4).range(column)

    @property
    def labels(self) -> str:
        """Refer to the labels of all answers."""
        return Block(self.parameters.first, len(ANSWER_CODES)).range(ANSWER)

    def answer(self, number: int) -> str:
        """Refer to the label of an answer, by its number in `records.ANSWER_CODES`."""
        return cell(ANSWER, self.parameters.first + number)

    @property
    def state_words(self) -> str:
        """Refer to the words of all states, those for a decided answer among them."""
        return Block(self.parameters.first, len(STATES) + 1).range(STATE_WORD)

    def state(self, number: int) -> str:
        """Refer to a state's words, by its number in `codes.STATES`."""
        return cell(STATE_WORD, self.parameters.first + number)

    @property
    def bands(self) -> str:
        """Refer to the least totals of the stars."""
        return Block(self.parameters.first, 5).range(LEAST_TOTAL)

    @property
    def agreements(self) -> str:
        """Refer to the column that says what agrees, over all sections."""
        return Block(self.results.first, self.requirements.end - self.results.first).range(AGREES)

    @property
    def comparisons(self) -> int:
        """How many there are."""
        return sum(block.size for block in (self.results, self.reported, self.items, self.requirements))
