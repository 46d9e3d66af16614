"""The record of how a domain's result came about, from its requirements up: the lower half of `traced.Trace`.

Owns: the shape of means, requirements, items, levels and shares. Knows nothing of how a trace is made, printed or put
into words. Weights are those of the model, as typed there; shares are the weights in force, once what is left out has
given its weight to the others.
"""

from __future__ import annotations

from dataclasses import dataclass

from evaluator.model.records import Dimension


@dataclass(frozen=True, kw_only=True, slots=True)
class Term:
    """One part of a weighted mean."""

    code: str
    """Of the domain, item or requirement."""
    weight: float
    """As the model has it."""
    share: float
    """Weight in force, 0 to 1; 0 where the part is left out."""
    value: float | None
    """`None` where the part is left out, as nothing of it applies."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Mean:
    """A weighted mean and its parts, in model order."""

    terms: tuple[Term, ...]
    value: float | None
    """The program's own figure; `None` where nothing applies."""

    @property
    def in_force(self) -> tuple[Term, ...]:
        """The parts that count."""
        return tuple(term for term in self.terms if term.value is not None)

    @property
    def left_out(self) -> tuple[Term, ...]:
        """The parts that gave their weight to the others."""
        return tuple(term for term in self.terms if term.value is None)


@dataclass(frozen=True, kw_only=True, slots=True)
class TracedRequirement:
    """What one requirement counts as, and why."""

    id: str
    number: int
    """Its place among the model's requirements."""
    level: int
    dimension: Dimension
    weight: float
    share: float
    """Weight in force within its cell, 0 to 1."""
    state: str
    """Of `codes.STATES`."""
    answer: str
    """Code as given, empty where none."""
    scored_as: str
    """Code it scores as, empty where it does not score."""
    score: float | None
    """`s_r`, 0 to 1; `None` where it is left out or its domain never came."""
    why: str
    """Of `WHYS`: why it counts as it does."""


WHYS = (
    "as_given", "no_evidence", "na", "na_refused", "na_unreasoned", "blank", "invalid", "missing", "decided",
)  # fmt: skip
"""Why a requirement counts as it does: as given; the evidence rule lowered it; a permitted N/A leaves it out; N/A not
permitted; N/A without a reason; blank; no answer; the domain's form never came; a person decided."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TracedItem:
    """An item: its cells level by level, and its mean over all levels."""

    code: str
    weight: float
    cells: tuple[Mean | None, ...]
    """`x(i,l)` for levels 1 to 5; `None` where the model asks nothing of the item there."""
    mean: Mean
    """The item score of the method `average`."""
    requirements: tuple[TracedRequirement, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class TracedLevel:
    """A domain at one level."""

    level: int
    attainment: Mean | None
    """`D(d,l)`, 0 with no part in force where all is N/A; `None` where the model asks nothing there."""
    reached: bool
    """Whether the pass mark is reached, or nothing is asked."""
    counts: str
    """`passed`, `next` (its attainment is added) or `beyond` (it does not count)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SharePart:
    """An item's part of a share of its domain's weight."""

    code: str
    weight: float
    flagged: float
    """Sum of `v_r` over the requirements in question."""
    whole: float
    """Sum of `v_r` over the item."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Share:
    """A share of a domain's weight: coverage or N/A."""

    parts: tuple[SharePart, ...]
    value: float
    """The program's own figure, 0 to 1."""
    limit: float
    """The rule's least or most."""
    kept: bool
    """Whether the rule is kept."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TracedDomain:
    """A domain under the official method."""

    code: str
    weight: float
    came: bool
    """Whether its form came; the figures below are shown nowhere where it did not."""
    coverage: Share
    na_share: Share
    levels: tuple[TracedLevel, ...]
    passed: int
    """`p_d`."""
    score: float
    """`S_d` under the official method."""
    average: Mean
    """W-weighted mean of the item scores, a fifth of `S_d` under the method `average`."""
    items: tuple[TracedItem, ...]
