"""What the institution reports of a run share, worked out once: the model, and the groups that each is compared with.

Owns: comparison groups with their medians, and frames' values as plain Python. Small, as every worker is sent it once.
Knows nothing of single institutions or of workbooks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from evaluator.assessment.codes import values_of
from evaluator.assessment.levels import RATED
from evaluator.assessment.scoring import Floats, Weights
from evaluator.model.records import Model
from evaluator.reports.record import Results

if TYPE_CHECKING:
    import pandas as pd

    from evaluator.assessment.results import Assessment

LEAST_GROUP = 5
"""Fewest rated institutions of a category that serve as a comparison group; with fewer, all rated ones do."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Group:
    """Rated institutions that one is compared with."""

    name: str
    """Service category, empty for all rated institutions."""
    count: int
    """How many there are."""
    total: float | None
    """Median of their totals, 0..5; `None` where there are none."""
    domains: tuple[float | None, ...]
    """Medians of their domain scores, 0..5, in model order."""
    items: tuple[float | None, ...]
    """Medians of their item scores, 0..1, in model order; `None` where nobody has one."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Context:
    """What the institution reports of a run share; from `context_of`. Two are equal only if they are one."""

    model: Model
    weights: Weights
    columns: tuple[str, ...]
    """Names of the assessment's columns of institutions."""
    values: tuple[float | None, ...]
    """Score of each of `codes.GIVEN`, 0..1; `None` where it has none."""
    groups: Mapping[str, Group]
    """Comparison group of each category that is large enough; `""`: all rated institutions."""
    ranked: Mapping[tuple[str, str], int]
    """How many are ranked in each scope and group, under the official method."""


def context_of(results: Results) -> Context:
    """Work out what the institution reports of a run share."""
    found = results.assessment
    ranks = found.ranks[found.ranks["method"].eq(found.model.rules.method)]
    sizes = ranks[["scope", "group", "of"]].drop_duplicates().itertuples(index=False)
    return Context(
        model=found.model,
        weights=found.weights,
        columns=tuple(str(name) for name in found.institutions.columns),
        values=values_of(found.model),
        groups=_groups(found),
        ranked={(str(scope), str(group)): int(of) for scope, group, of in sizes},
    )


def plain_list(series: pd.Series[Any]) -> list[Any]:
    """Give a column's values as plain Python, `None` where missing."""
    values: list[Any] = series.astype(object).where(series.notna(), None).tolist()
    return values


def _groups(found: Assessment) -> dict[str, Group]:
    table = found.institutions
    rated = table["status"].eq(RATED).to_numpy()
    own = found.domain_scores
    categories = table["category"].to_numpy(dtype=object)
    groups = {"": _group("", found, own, rated)}
    for category in sorted({name for name in categories[rated] if name}):
        members = rated & (categories == category)
        if members.sum() >= LEAST_GROUP:
            groups[category] = _group(category, found, own, members)
    return groups


def _group(name: str, found: Assessment, own: Floats, members: np.ndarray[Any, Any]) -> Group:
    totals = found.institutions["score"].to_numpy(dtype=np.float64)[members]
    return Group(
        name=name,
        count=int(members.sum()),
        total=_median(totals),
        domains=tuple(_median(own[members, d]) for d in range(own.shape[1])),
        items=tuple(_median(found.scores.item[members, i]) for i in range(found.scores.item.shape[1])),
    )


def _median(values: Floats) -> float | None:
    known = values[~np.isnan(values)]
    return float(np.median(known)) if len(known) else None
