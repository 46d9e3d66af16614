"""Totals and stars of many institutions under many sets of weights, in the least time that exact arithmetic takes.

Owns: drawing the weights, and METHOD's arithmetic under each draw. Every element of an array is computed by itself, by
the same steps in the same order as in `scoring`: no matrix product, whose order of summation differs between machines,
has a say in a star or a rank. So results have the same bits on every machine and for every size of the blocks, and a
draw that changes no weight gives the published figures to the last bit. Knows nothing of ranks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from evaluator.assessment import scoring
from evaluator.assessment.scoring import Bools, Floats, Ints, Weights
from evaluator.model.records import LEVELS, Method, Robustness, Rules
from evaluator.quantum import QUANTA, quantised_one

CELLS_AT_ONCE = 32_768
"""Draws times institutions computed at once: five or six such arrays fit into a core's own cache."""
INSTITUTIONS_AT_ONCE = 1_024


class Drawn(NamedTuple):
    """Weights of K draws."""

    domain: Floats
    """`w_d`, shape (K, M); they sum to what the published ones sum to."""
    item: Floats
    """`W_i`, shape (K, I). Not normalised: only their proportions inside a domain have a bearing."""


class _Column(NamedTuple):
    """What one domain's items have at one level (or over all levels), to be averaged by weight; n items there."""

    items: Ints
    """Indices of the domain's items, shape (n,)."""
    values: Floats
    """Shape (n, N); 0 where nothing applies."""
    patterns: Bools
    """The different patterns of items that have a value, shape (P, n)."""
    pattern: Ints
    """Which of them each institution has, shape (N,)."""


@dataclass(frozen=True, kw_only=True)
class Ground:
    """What does not change from draw to draw; N rated institutions."""

    method: Method
    columns: tuple[tuple[_Column | None, ...], ...]
    """Of each domain, level by level (`average`: one for all levels); `None` where the model asks nothing."""
    cap: Ints
    """Most stars that veto and verified-only allow, shape (N,)."""
    mark: float
    """Least attainment that reaches the pass mark, to the last bit."""
    bands: tuple[float, ...]
    """Least total of each band, to the last bit."""
    floor: int
    """Levels by which a star may exceed the fewest passed; 5: any number, 0 with `cumulative`."""


class Block(NamedTuple):
    """What some draws give some institutions; k draws, n institutions."""

    rows: slice
    """Which institutions."""
    total: Floats
    """Shape (k, n); the next block overwrites it."""
    at_least: Ints
    """In how many of the draws an institution has at least 1 to 5 stars, shape (5, n)."""


def draw(weights: Weights, settings: Robustness) -> Drawn:
    """Draw sets of weights: each weight times a number from 1 - spread to 1 + spread, all equally likely.

    The numbers are the upper 53 bits of PCG64's raw stream, because numpy promises that the stream of a seed never
    changes, and promises no such thing of the methods of its generators. A draw takes one for each domain, then one for
    each item, in model order; so draws depend on seed, spread and the numbers of domains and items only.
    """
    domains, items = len(weights.w), len(weights.W)
    raw = np.random.PCG64(settings.seed).random_raw(settings.draws * (domains + items))
    unit = (raw >> np.uint64(11)) * 2.0**-53
    factor = 1.0 + settings.spread * (2.0 * unit.reshape(settings.draws, domains + items) - 1.0)
    small = weights.w * factor[:, :domains]
    published, own = 0.0, np.zeros(settings.draws)
    for d, w in enumerate(weights.w):
        published += w
        own += small[:, d]
    return Drawn(domain=small / (own / published)[:, None], item=weights.W * factor[:, domains:])


def least_reaching(start: float) -> float:
    """Find the least number that quantising lifts to `start`, which is quantised itself.

    `x >= least` then says what `quantised_one(x) >= start` says, and saves quantising each value: quantising never puts
    two numbers into another order, so there is one such number.
    """
    below, least = start - 1 / QUANTA, start
    while below < (middle := (below + least) / 2) < least:
        if quantised_one(middle) >= start:
            least = middle
        else:
            below = middle
    return float(least)


def ground(values: Floats, applicable: Bools, cap: Ints, weights: Weights, rules: Rules) -> Ground:
    """Lay out what stays the same.

    Args:
        values: requirement scores as for `scoring.score`, shape (N, R).
        applicable: whether each applies, shape (N, R).
        cap: most stars that veto and verified-only allow, shape (N,); 5 or more: no cap.
        weights: the model's weights.
        rules: the model's rules.
    """
    average = rules.method == "average"
    if average:
        found = scoring.score(values, applicable, weights, rules.pass_mark).item[:, :, None]
        asked = np.ones((len(weights.w), 1), dtype=bool)
    else:
        found, asked = scoring.cells(values, applicable, weights), scoring.asked_levels(weights)
    own = [np.flatnonzero(weights.item_domain == d) for d in range(len(weights.w))]
    floor = {"staged": rules.domain_floor, "average": len(LEVELS), "cumulative": 0}[rules.method]
    return Ground(
        method=rules.method,
        columns=tuple(
            tuple(_column(found[:, items, n], items) if there else None for n, there in enumerate(asked[d]))
            for d, items in enumerate(own)
        ),
        cap=cap,
        mark=least_reaching(quantised_one(rules.pass_mark)),
        bands=tuple(least_reaching(quantised_one(start)) for start in rules.bands),
        floor=floor,
    )


def _column(values: Floats, items: Ints) -> _Column:
    there = ~np.isnan(values)
    patterns, pattern = np.unique(there, axis=0, return_inverse=True)
    filled = np.ascontiguousarray(np.where(there, values, 0.0).T)
    return _Column(items=items, values=filled, patterns=patterns, pattern=pattern.reshape(-1))


def draws_at_once(institutions: int, cells: int = CELLS_AT_ONCE) -> int:
    """Say how many draws `blocks` is best given at once."""
    return max(1, cells // max(1, min(institutions, INSTITUTIONS_AT_ONCE)))


def blocks(ground: Ground, drawn: Drawn, at_once: int = INSTITUTIONS_AT_ONCE) -> Iterator[Block]:
    """Give totals and stars under some draws, for a number of institutions at a time.

    Totals and stars are those of the model's official method (METHOD, steps 4 to 7, "From a score to a star").
    """
    bottoms = [[column and _bottom(column, drawn.item) for column in columns] for columns in ground.columns]
    count = len(ground.cap)
    for first in range(0, count, at_once):
        rows = slice(first, min(first + at_once, count))
        yield _block(ground, drawn, bottoms, rows)


def _bottom(column: _Column, weights: Floats) -> Floats:
    """Sum the weights of the items that have a value, shape (k, P); 1 where none has, so that the mean is 0."""
    bottom = np.zeros((len(weights), len(column.patterns)))
    for n, i in enumerate(column.items):
        bottom += weights[:, i, None] * column.patterns[:, n]
    bottom[:, ~column.patterns.any(axis=1)] = 1.0
    return bottom


def _block(ground: Ground, drawn: Drawn, bottoms: list[list[Floats | None]], rows: slice) -> Block:
    shape = (len(drawn.item), rows.stop - rows.start)
    total, mean, room = np.zeros(shape), np.empty(shape), np.empty(shape)
    fewest = np.full(shape, float(len(LEVELS)))
    for d, (columns, bottom) in enumerate(zip(ground.columns, bottoms, strict=True)):
        if ground.method == "average":
            _mean(columns[0], bottom[0], drawn.item, rows, mean, room)
            mean *= 5.0
        else:
            passed = _domain(columns, bottom, drawn.item, rows, ground.mark, mean, room)
            np.minimum(fewest, passed, out=fewest)
        np.multiply(drawn.domain[:, d, None], mean, out=room)
        total += room
    return Block(rows=rows, total=total, at_least=_at_least(ground, total, fewest, rows))


def _domain(
    columns: tuple[_Column | None, ...],
    bottoms: list[Floats | None],
    weights: Floats,
    rows: slice,
    mark: float,
    score: Floats,
    room: Floats,
) -> Floats:
    """Write a domain's score into `score` and give its passed levels, from the highest level down.

    What is passed above a level counts only if the level is; where it isn't, its attainment follows 0 passed levels.
    """
    passed, following, attained = np.zeros_like(score), np.zeros_like(score), np.empty_like(score)
    for column, bottom in zip(reversed(columns), reversed(bottoms), strict=True):
        passed += 1.0
        if column is not None:
            _mean(column, bottom, weights, rows, attained, room)
            short = attained < mark
            np.copyto(passed, 0.0, where=short)
            np.copyto(following, attained, where=short)
    np.add(passed, following, out=score)
    return passed


def _mean(
    column: _Column | None, bottom: Floats | None, weights: Floats, rows: slice, out: Floats, room: Floats
) -> None:
    """Average a column's values by weight into `out`, shape (k, n)."""
    if column is None or bottom is None:
        raise ValueError("a column that the model does not ask has no mean")
    for n, i in enumerate(column.items):
        product = room if n else out
        np.multiply(weights[:, i, None], column.values[n, rows], out=product)
        if n:
            out += room
    if len(column.patterns) == 1:
        out /= bottom
    else:
        np.take(bottom, column.pattern[rows], axis=1, out=room, mode="clip")
        out /= room


def _at_least(ground: Ground, total: Floats, fewest: Floats, rows: slice) -> Ints:
    found = np.zeros((len(LEVELS), total.shape[1]), dtype=np.int64)
    cap = ground.cap[rows]
    for n, (star, start) in enumerate(zip(LEVELS, ground.bands, strict=True)):
        reached = np.ones(total.shape, dtype=bool) if ground.method == "cumulative" else total >= start
        if star > ground.floor:
            reached &= fewest >= star - ground.floor
        found[n] = np.count_nonzero(reached, axis=0)
        found[n, cap < star] = 0
    return found
