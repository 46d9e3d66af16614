"""The record of how one institution's result came about: total, star, ranks and dimensions, each with its parts.

Owns: the shape of a trace above the domains, which are `traced_domains`'. Knows nothing of how a trace is made, printed
or put into words.
"""

from __future__ import annotations

from dataclasses import dataclass

from evaluator.assessment.traced_domains import Mean, Term, TracedDomain
from evaluator.model.records import Dimension, Method


@dataclass(frozen=True, kw_only=True, slots=True)
class Limit:
    """The most stars that one rule allows."""

    rule: str
    """Of `levels.RULES`."""
    most: int | None
    """`None` where the rule does not limit."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TracedStar:
    """How the star came about."""

    star: int
    limited_by: str
    limits: tuple[Limit, ...]
    """In the order of `levels.RULES`, of which the first of the lowest is named."""
    fewest: int
    """Levels passed in the weakest domains."""
    weakest: tuple[str, ...]
    """Codes of the domains that passed the fewest levels."""
    vetoes: tuple[tuple[str, int], ...]
    """Requirements not met, blank or invalid that cap the star, with their caps."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TracedMethod:
    """Total and star under one method."""

    method: Method
    official: bool
    total: Mean
    star: int
    limited_by: str
    rank: int


@dataclass(frozen=True, kw_only=True, slots=True)
class DimensionItem:
    """An item's part of a dimension."""

    code: str
    weight: float
    """`W_i` as the model has it."""
    terms: tuple[Term, ...]
    """Its requirements of the dimension; weights are `v_r`, shares are those of the dimension: `omega_r` in force."""
    whole: float
    """Sum of `v_r` over all requirements of the item."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TracedDimension:
    """`P_k` and what it is made of."""

    dimension: Dimension
    value: float | None
    """`None` where nothing of the dimension applies."""
    performing_well: bool | None
    domains: tuple[tuple[str, float, tuple[DimensionItem, ...]], ...]
    """Code, weight and items of each domain that asks anything of the dimension."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Neighbour:
    """Another institution, near in rank."""

    id: str
    name: str
    total: float


@dataclass(frozen=True, kw_only=True, slots=True)
class TracedRank:
    """A rank and who stands next to it."""

    scope: str
    """Of `ranking.SCOPES`."""
    group: str
    """The province, category or type; empty overall."""
    rank: int
    of: int
    """How many are ranked there."""
    above: tuple[Neighbour, ...]
    """Those with the next higher total."""
    level: tuple[Neighbour, ...]
    """Others with the same total, who share the rank."""
    below: tuple[Neighbour, ...]
    """Those with the next lower total."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Trace:
    """How one institution's result came about."""

    institution: str
    reason: str
    """First reason for not being rated, of `levels.REASONS`; empty where rated."""
    method: Method
    """The official one."""
    methods: tuple[TracedMethod, ...]
    """Empty where not rated."""
    star: TracedStar | None
    """`None` where not rated."""
    ranks: tuple[TracedRank, ...]
    """Empty where not rated."""
    dimensions: tuple[TracedDimension, ...]
    """Empty where not rated."""
    domains: tuple[TracedDomain, ...]

    @property
    def total(self) -> Mean | None:
        """The total under the official method; `None` where not rated."""
        return next((one.total for one in self.methods if one.official), None)
