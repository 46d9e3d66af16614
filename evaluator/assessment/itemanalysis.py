"""What a round's answers say about the questionnaire itself: each requirement, item and domain as a measure.

Owns: who counts, and the frames of figures with their readings. The units' scores are in `itemunits`, the formulas in
`reliability`, the readings' thresholds in `conventions`. Knows nothing of words and workbooks.

Only rated institutions count: what the others returned is too thin to measure with. Correlations use all institutions
that have both scores, alpha those that have all; under `conventions.LEAST_N` institutions neither is given. Figures are
quantised to 1e-9.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from evaluator.assessment import conventions, reliability
from evaluator.assessment.codes import Bools
from evaluator.assessment.itemunits import Units, item_units, requirement_units
from evaluator.assessment.levels import RATED
from evaluator.assessment.reliability import Alpha
from evaluator.assessment.results import Assessment
from evaluator.assessment.scoring import Floats, Ints, quantised
from evaluator.model.records import LEVELS, Model

UNIT_FIGURES = (
    "n", "mean", "full", "none", "discrimination", "n_alpha", "alpha_without", "na", "blank", "invalid", "no_evidence",
)  # fmt: skip
"""Figures of requirements and items: institutions with a score; their mean score, shares with the highest and lowest
score; corrected item-total correlation inside the domain; institutions with a score on every unit of the domain, and
from these the domain's alpha without the unit; shares of the rated institutions with N/A, blank and invalid answers (of
an item: of its answers); share of the answered that scored lower for want of evidence (NaN where the model has no such
rule). All but `n` and `n_alpha` are NaN where there is none."""

_READ = ("n", "lowest", "highest", "discrimination", "gain", "full", "none", "na", "no_evidence")
"""Figures of a unit that the readings look at as they are."""


@dataclass(frozen=True, kw_only=True)
class Analysis:
    """What a round's answers say about its questionnaire. Frames have a plain index, rows in model order."""

    model: Model
    institutions: int
    """All of the round."""
    rated: int
    """Of them, those that count here."""
    requirements: pd.DataFrame
    """`requirement`, `item`, `domain`, `level`, `UNIT_FIGURES`, `easier_than` (tuple of ids of lower levels of the item
    that are harder; none for one with a veto, which should be easy), `readings` (tuple of codes of
    `conventions.unit_readings`)."""
    items: pd.DataFrame
    """`item`, `domain`, `UNIT_FIGURES`, `reversed` (pairs of requirements out of order), `readings`."""
    domains: pd.DataFrame
    """`domain`, `n`, `mean` (official score, 0..5), `full`, `none` (shares at 5 and at 0), `steps` (tuple of levels
    that are easier than the one before), for `requirement` and `item` as units X: `alpha_X`, `n_X`, `units_X`, `r_X`
    (mean correlation between units); `readings` (tuple of codes of `conventions.domain_readings`)."""
    levels: pd.DataFrame
    """`domain`, `level`, `mean` (of `D(d,l)`, NaN where the model asks nothing or none is rated), `easier` (than the
    level before)."""
    between: Floats
    """Correlations of the official domain scores, shape (M, M)."""

    @property
    def first(self) -> pd.DataFrame:
        """The requirements to look at, the gravest reading first, then more of them, then the lower discrimination."""
        table = self.requirements
        wanted = [
            (conventions.urgency(readings), found if found == found else -2.0, row)
            for row, (readings, found) in enumerate(zip(table["readings"], table["discrimination"], strict=True))
            if conventions.needs_look(readings)
        ]
        return table.iloc[[row for *_, row in sorted(wanted)]]


def analyse(found: Assessment) -> Analysis:
    """Analyse the questionnaire by an assessment's answers; any number of institutions, rated or not."""
    model, weights = found.model, found.weights
    rated = found.institutions["status"].eq(RATED).to_numpy()
    requirements = requirement_units(found, rated)
    items = item_units(requirements, found)
    scores = found.domain_scores[rated]
    alphas = {
        name: [_alpha(units.scores[:, units.domain == d]) for d in range(len(model.domains))]
        for name, units in (("requirement", requirements), ("item", items))
    }
    easier = _easier(requirements.scores, weights.item, weights.level, _vetoes(model))
    levels = _levels(found, rated)
    between, _ = reliability.correlations(scores)
    return Analysis(
        model=model,
        institutions=len(rated),
        rated=int(rated.sum()),
        requirements=_requirements(model, requirements, alphas["requirement"], easier),
        items=_items(model, items, alphas["item"], easier, weights.item),
        domains=_domains(model, scores, {"requirement": requirements, "item": items}, alphas, levels),
        levels=levels,
        between=between if len(scores) >= conventions.LEAST_N else np.full_like(between, np.nan),
    )


def _alpha(scores: Floats) -> Alpha:
    """Work out alpha over the units that anyone answered; too few institutions give no figure."""
    used = ~np.isnan(scores).all(axis=0)
    found = reliability.alpha(scores[:, used])
    enough = found.n >= conventions.LEAST_N
    without = np.full(scores.shape[1], np.nan)
    if enough:
        without[used] = found.without
    return Alpha(value=found.value if enough else np.nan, n=found.n, units=found.units, without=without)


def _vetoes(model: Model) -> list[bool]:
    return [requirement.veto_star is not None for requirement in model.requirements]


def _easier(scores: Floats, item: Ints, level: Ints, veto: Sequence[bool]) -> list[list[int]]:
    """List for each requirement the requirements of its item at lower levels that are harder, beyond chance.

    Not for one with a veto: that nearly all meet it is what it is for.
    """
    found: list[list[int]] = [[] for _ in item]
    answered = ~np.isnan(scores)
    for i in range(int(item.max()) + 1 if len(item) else 0):
        for one, other in combinations(np.flatnonzero(item == i).tolist(), 2):
            low, high = sorted((one, other), key=lambda r: int(level[r]))
            both = int((answered[:, low] & answered[:, high]).sum())
            apart = level[low] < level[high] and both >= conventions.LEAST_N and not veto[high]
            if apart and _above(scores[:, high], scores[:, low]):
                found[high].append(low)
    return found


def _above(first: Floats, second: Floats) -> bool:
    return reliability.exceeds(first, second, errors=conventions.ERRORS, least=conventions.LEAST_STEP)


def _figures(units: Units, alphas: Sequence[Alpha]) -> pd.DataFrame:
    """Lay the figures of units out: `UNIT_FIGURES`, and for the readings `lowest`, `highest` and `gain`."""
    counts = (~np.isnan(units.scores)).sum(axis=0)
    discrimination, without = np.full(len(counts), np.nan), np.full(len(counts), np.nan)
    gain, complete = np.full(len(counts), np.nan), np.zeros(len(counts), dtype=np.int64)
    for d, found in enumerate(alphas):
        own = units.domain == d
        discrimination[own] = reliability.item_rest(units.scores[:, own])
        without[own], gain[own] = found.without, quantised(found.without - found.value)
        complete[own] = found.n
    few = counts < conventions.LEAST_N
    none = counts == 0
    sums = np.nansum(units.scores, axis=0)
    return pd.DataFrame(
        {
            "n": counts,
            "mean": quantised(np.divide(sums, counts, out=np.full_like(sums, np.nan), where=~none)),
            "full": units.full,
            "none": units.none,
            "discrimination": np.where(few, np.nan, discrimination),
            "n_alpha": complete,
            "alpha_without": without,
            "na": units.na,
            "blank": units.blank,
            "invalid": units.invalid,
            "no_evidence": units.no_evidence,
            "lowest": np.where(np.isnan(units.scores), np.inf, units.scores).min(axis=0, initial=np.inf),
            "highest": np.where(np.isnan(units.scores), -np.inf, units.scores).max(axis=0, initial=-np.inf),
            "gain": gain,
        }
    )


def _requirements(model: Model, units: Units, alphas: Sequence[Alpha], easier: list[list[int]]) -> pd.DataFrame:
    asked = model.requirements
    table = _figures(units, alphas)
    table.insert(0, "requirement", [r.id for r in asked])
    table.insert(1, "item", [model.item_of[r.id].code for r in asked])
    table.insert(2, "domain", [model.domain_of[r.id].code for r in asked])
    table.insert(3, "level", [r.level for r in asked])
    harder = [tuple(asked[low].id for low in its) for its in easier]
    table["easier_than"] = pd.Series(harder, dtype=object)
    return _read(table, model, [bool(its) for its in harder], [r.level for r in asked], _vetoes(model))


def _items(model: Model, units: Units, alphas: Sequence[Alpha], easier: list[list[int]], item: Ints) -> pd.DataFrame:
    table = _figures(units, alphas)
    table.insert(0, "item", [one.code for one in model.items])
    table.insert(1, "domain", [d.code for d in model.domains for _ in d.items])
    table["reversed"] = [sum(len(easier[r]) for r in np.flatnonzero(item == i)) for i in range(len(model.items))]
    none = len(table)
    return _read(table, model, [count > 0 for count in table["reversed"]], [None] * none, [False] * none)


def _read(
    table: pd.DataFrame, model: Model, order: Sequence[bool], levels: Sequence[int | None], vetoes: Sequence[bool]
) -> pd.DataFrame:
    """Add the readings and drop the figures that only they need."""
    readings = [
        conventions.unit_readings(
            **{name: row[name] for name in _READ},
            unanswered=row["blank"] + row["invalid"],
            most_na=model.rules.max_na_share,
            reversed_order=reversed_order,
            level=level,
            veto=veto,
        )
        for row, reversed_order, level, veto in zip(table.to_dict("records"), order, levels, vetoes, strict=True)
    ]
    kept = table.drop(columns=["lowest", "highest", "gain"])
    kept["readings"] = pd.Series(readings, dtype=object)
    return kept


def _levels(found: Assessment, rated: Bools) -> pd.DataFrame:
    attainment = found.scores.attainment[rated]
    rows = []
    for d, domain in enumerate(found.model.domains):
        before: Floats | None = None
        for level in LEVELS:
            own = attainment[:, d, level - 1]
            asked = bool(len(own)) and not np.isnan(own).any()
            compared = asked and before is not None and len(own) >= conventions.LEAST_N
            easier = compared and before is not None and _above(own, before)
            rows.append(
                {"domain": domain.code, "level": level, "mean": _mean(own) if asked else np.nan, "easier": easier}
            )
            before = own if asked else before
    return pd.DataFrame(rows, columns=["domain", "level", "mean", "easier"])


def _mean(values: Floats) -> float:
    return float(quantised(np.array([values.mean()]))[0]) if len(values) else float("nan")


def _domains(
    model: Model, scores: Floats, units: dict[str, Units], alphas: dict[str, list[Alpha]], levels: pd.DataFrame
) -> pd.DataFrame:
    rows = []
    for d, domain in enumerate(model.domains):
        own = quantised(scores[:, d])
        n = len(own)
        steps = tuple(levels.loc[levels["domain"].eq(domain.code) & levels["easier"], "level"].tolist())
        row: dict[str, object] = {
            "domain": domain.code,
            "n": n,
            "mean": _mean(own),
            "full": _mean((own == len(LEVELS)).astype(np.float64)),
            "none": _mean((own == 0).astype(np.float64)),
            "steps": steps,
        }
        for name, its in units.items():
            alpha = alphas[name][d]
            correlated, both = reliability.correlations(its.scores[:, its.domain == d])
            mean_r = reliability.mean_correlation(np.where(both >= conventions.LEAST_N, correlated, np.nan))
            row |= {f"alpha_{name}": alpha.value, f"n_{name}": alpha.n, f"units_{name}": alpha.units}
            row[f"r_{name}"] = mean_r
        row["readings"] = conventions.domain_readings(
            questions=len(domain.requirements),
            alpha=alphas["requirement"][d].value,
            of_items=alphas["item"][d].value,
            mean_r=float(str(row["r_requirement"])),
            full=float(str(row["full"])),
            none=float(str(row["none"])),
            n=n,
            steps_reversed=bool(steps),
        )
        rows.append(row)
    return pd.DataFrame(rows)
