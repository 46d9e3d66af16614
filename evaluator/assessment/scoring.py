"""Scores: cell, domain attainment, domain score, total, item score, dimension (METHOD, "From answers to a score").

Owns: the arithmetic, on arrays of institutions x requirements. Knows nothing of who the institutions are. Sums run in
model order, one requirement at a time over all institutions, so that a score has the same bits whatever the number or
order of institutions and whatever the machine.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from evaluator.model.records import DIMENSIONS, LEVELS, Model
from evaluator.quantum import QUANTUM_DIGITS, quantised_one

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


def quantised(values: Floats) -> Floats:
    """Quantise to 1e-9, as every comparison with a threshold and every rank does; `quantised_one` of each."""
    with np.errstate(over="ignore"):
        found = np.round(values, QUANTUM_DIGITS)
    huge = np.isinf(found)
    return np.where(huge, values, found) if huge.any() else found


@dataclass(frozen=True, kw_only=True)
class Weights:
    """A model's weights as arrays; R requirements, I items, M domains."""

    domain: Ints
    """Domain index of each requirement, shape (R,)."""
    item: Ints
    """Item index of each requirement, shape (R,)."""
    level: Ints
    """Level of each requirement, 1 to 5, shape (R,)."""
    dimension: Ints
    """Index in `DIMENSIONS` of each requirement, shape (R,)."""
    v: Floats
    """`v_r`, shape (R,)."""
    share: Floats
    """`W_i v_r / (sum of v over item i)`: share of its domain's weight, shape (R,); sums to 1 in each domain."""
    omega: Floats
    """`w_d` times `share`, shape (R,); sums to 1."""
    veto: Ints
    """`veto_star` of each requirement, 5 where there is none, shape (R,)."""
    item_domain: Ints
    """Domain index of each item, shape (I,)."""
    W: Floats
    """`W_i`, normalised inside each domain, shape (I,)."""
    w: Floats
    """`w_d`, normalised, shape (M,)."""


@dataclass(frozen=True, kw_only=True)
class Scores:
    """Scores of N institutions. A score is 0 to 5 for domains and totals, 0 to 1 for all else."""

    attainment: Floats
    """`D(d,l)`, shape (N, M, 5); NaN where the model has no requirement of d at l."""
    passed: Ints
    """`p_d`, passed levels, shape (N, M)."""
    domain: Floats
    """`S_d`, staged, shape (N, M)."""
    total: Floats
    """`S`, staged, shape (N,)."""
    domain_average: Floats
    """`S_d` of the `average` method, shape (N, M); 0 where nothing of the domain applies."""
    total_average: Floats
    """`S` of the `average` method, shape (N,)."""
    item: Floats
    """Item score over all applicable requirements, shape (N, I); NaN where nothing of the item applies."""
    dimension: Floats
    """`P_k`, shape (N, 3); NaN where nothing of the dimension applies."""


def weights_of(model: Model) -> Weights:
    """Lay a model's weights out as arrays, in model order."""
    domains = [n for n, domain in enumerate(model.domains) for _ in domain.requirements]
    item_domain = np.array([n for n, domain in enumerate(model.domains) for _ in domain.items], dtype=np.int64)
    items = np.array([n for n, item in enumerate(model.items) for _ in item.requirements], dtype=np.int64)
    v = np.array([r.weight for r in model.requirements], dtype=np.float64)
    big = np.array([item.weight for item in model.items], dtype=np.float64)
    big = big / np.array([big[item_domain == d].sum() for d in item_domain])
    small = np.array([domain.weight for domain in model.domains], dtype=np.float64)
    small = small / small.sum()
    of_item = np.array([v[items == n].sum() for n in range(len(model.items))])
    domain = np.array(domains, dtype=np.int64)
    share = big[items] * v / of_item[items]
    return Weights(
        domain=domain,
        item=items,
        level=np.array([r.level for r in model.requirements], dtype=np.int64),
        dimension=np.array([DIMENSIONS.index(r.dimension) for r in model.requirements], dtype=np.int64),
        v=v,
        share=share,
        omega=small[domain] * share,
        veto=np.array([len(LEVELS) if r.veto_star is None else r.veto_star for r in model.requirements]),
        item_domain=item_domain,
        W=big,
        w=small,
    )


def score(values: Floats, applicable: Bools, weights: Weights, pass_mark: float) -> Scores:
    """Score institutions.

    Args:
        values: requirement scores `s_r`, 0 to 1, shape (N, R); what stands where nothing applies is ignored.
        applicable: False where a permitted N/A leaves the requirement out, shape (N, R).
        weights: the model's weights.
        pass_mark: least attainment for a level to be passed.

    Returns:
        All scores; higher is better everywhere. Source: METHOD, steps 3 to 7, "Three level methods", "Dimensions".
    """
    earned = np.where(applicable, values, 0.0)
    attainment = _attainment(cells(values, applicable, weights), weights)
    passed = passed_levels(attainment, pass_mark)
    domain = domain_scores(attainment, passed)
    item = _group_means(earned, applicable, weights.v, weights.item, len(weights.W))
    domain_average = 5.0 * np.nan_to_num(_item_means(item, weights), nan=0.0)
    return Scores(
        attainment=attainment,
        passed=passed,
        domain=domain,
        total=_totals(domain, weights),
        domain_average=domain_average,
        total_average=_totals(domain_average, weights),
        item=item,
        dimension=_group_means(earned, applicable, weights.omega, weights.dimension, len(DIMENSIONS)),
    )


def shares(flags: Bools, weights: Weights) -> Floats:
    """Sum the flagged requirements' shares of their domain's weight, 0 to 1, shape (N, M)."""
    found = np.zeros((len(flags), len(weights.w)))
    for r, domain in enumerate(weights.domain):
        found[:, domain] += weights.share[r] * flags[:, r]
    return found


def _group_means(earned: Floats, applicable: Bools, weight: Floats, group: Ints, groups: int) -> Floats:
    top, bottom = np.zeros((len(earned), groups)), np.zeros((len(earned), groups))
    for r, g in enumerate(group):
        top[:, g] += weight[r] * earned[:, r]
        bottom[:, g] += weight[r] * applicable[:, r]
    return _divided(top, bottom)


def cells(values: Floats, applicable: Bools, weights: Weights) -> Floats:
    """Give `x(i,l)`, shape (N, I, 5), of values and applicability as in `score`; NaN where nothing applies."""
    levels = len(LEVELS)
    group = weights.item * levels + weights.level - 1
    earned = np.where(applicable, values, 0.0)
    found = _group_means(earned, applicable, weights.v, group, len(weights.W) * levels)
    return found.reshape(len(values), len(weights.W), levels)


def asked_levels(weights: Weights) -> Bools:
    """Tell which levels of each domain the model asks anything of, shape (M, 5)."""
    asked = np.zeros((len(weights.w), len(LEVELS)), dtype=bool)
    asked[weights.domain, weights.level - 1] = True
    return asked


def _attainment(cell: Floats, weights: Weights) -> Floats:
    top, bottom = (np.zeros((len(cell), len(weights.w), len(LEVELS))) for _ in range(2))
    for i, domain in enumerate(weights.item_domain):
        top[:, domain] += weights.W[i] * np.nan_to_num(cell[:, i], nan=0.0)
        bottom[:, domain] += weights.W[i] * ~np.isnan(cell[:, i])
    known = np.nan_to_num(_divided(top, bottom), nan=0.0)
    attainment: Floats = np.where(asked_levels(weights), known, np.nan)
    return attainment


def reached(attainment: Floats, pass_mark: float) -> Bools:
    """Tell which levels reach the pass mark; one that the model does not ask (NaN) counts as reached."""
    found: Bools = np.isnan(attainment) | (quantised(attainment) >= quantised_one(pass_mark))
    return found


def passed_levels(attainment: Floats, pass_mark: float) -> Ints:
    """Count the levels reached from 1 up without a gap: `p_d`; the attainment's last axis is the levels."""
    return unbroken(reached(attainment, pass_mark))


def unbroken(flags: Bools) -> Ints:
    """Count the flags that are set from the first on without a gap, along the last axis."""
    found: Ints = np.cumprod(flags, axis=-1, dtype=np.int64).sum(axis=-1)
    return found


def domain_scores(attainment: Floats, passed: Ints) -> Floats:
    """Give `S_d`: passed levels plus the attainment at the next; the attainment's last axis is the levels."""
    levels = attainment.shape[-1]
    following = np.take_along_axis(attainment, np.minimum(passed, levels - 1)[..., None], axis=-1)[..., 0]
    domain: Floats = np.where(passed == levels, float(levels), passed + following)
    return domain


def _item_means(item: Floats, weights: Weights) -> Floats:
    top, bottom = np.zeros((len(item), len(weights.w))), np.zeros((len(item), len(weights.w)))
    for i, domain in enumerate(weights.item_domain):
        top[:, domain] += weights.W[i] * np.nan_to_num(item[:, i], nan=0.0)
        bottom[:, domain] += weights.W[i] * ~np.isnan(item[:, i])
    return _divided(top, bottom)


def _totals(domain: Floats, weights: Weights) -> Floats:
    total = np.zeros(len(domain))
    for d, w in enumerate(weights.w):
        total += w * domain[:, d]
    return total


def _divided(top: Floats, bottom: Floats) -> Floats:
    return np.divide(top, bottom, out=np.full_like(top, np.nan), where=bottom > 0)
