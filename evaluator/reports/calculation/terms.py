"""What the calculation sheet's formulas are put together from: cells that mean something, and conditions on them.

Owns: those pieces of text. Functions of Excel 2010 only, which WPS and LibreOffice have too, no array formulas;
comparisons are rounded to 1e-9 as the program's are. Knows nothing of what is computed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from evaluator.assessment.codes import STATES
from evaluator.model.records import ANSWER_CODES, LEVELS
from evaluator.quantum import QUANTUM_DIGITS
from evaluator.reports.calculation import layout as at
from evaluator.reports.calculation.layout import Layout
from evaluator.wording import Lang, say

NOTHING = "—"
"""What stands where there is no figure."""
AGREE, DIFFER = "✓", "✗"
TOLERANCE = "1E-9"
"""Largest difference of figures that agree, as the formulas say it: in each of them, so that nobody can widen it."""
TOP = len(LEVELS)


class Source(NamedTuple):
    """Where the answers stand: the sheet's name, its first row (from 0), and columns."""

    sheet: str
    first: int
    state: str
    answer: str
    remarks: str
    decided: str
    """What a person decided, where that counts."""


class Terms:
    """What a model's formulas in one language refer to."""

    def __init__(self, lang: Lang, layout: Layout, source: Source) -> None:
        self.at, self.source, self.lang = layout, source, lang
        self.no = f'"{say("calculation.no", lang)}"'
        self.yes = f'"{say("calculation.yes", lang)}"'
        self.states = {state: layout.state(n) for n, state in enumerate(STATES)}
        """Cells with their words."""
        self.decided = layout.state(len(STATES))
        """Cell with the word for an answer that a person decided."""
        self.labels = {code: layout.answer(n) for n, code in enumerate(ANSWER_CODES)}
        """Cells with the answers' words."""


def agrees(pairs: Sequence[tuple[str, str]]) -> str:
    """Tell whether all pairs of cells hold the same number, within the tolerance, or the same text."""
    same = [f"IFERROR(ABS({a}-{b})<={TOLERANCE},{a}={b})" for a, b in pairs]
    condition = same[0] if len(same) == 1 else f"AND({','.join(same)})"
    return f'IF({condition},"{AGREE}","{DIFFER}")'


def row_agrees(row: int) -> str:
    """Tell whether a row's own formula gives what the program has."""
    return agrees([(f"{at.FORMULA}{row + 1}", f"{at.PROGRAM}{row + 1}")])


def rounded(reference: str) -> str:
    """Round as METHOD compares."""
    return f"ROUND({reference},{QUANTUM_DIGITS})"


def mean(weights: str, values: str, *, of_none: str) -> str:
    """Average the values that are numbers."""
    known = f'SUMIF({values},">=0",{weights})'
    return f"IF({known}=0,{of_none},SUMPRODUCT({weights},{values})/{known})"
