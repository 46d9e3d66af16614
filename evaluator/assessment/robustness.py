"""How much of a rank is the weights: seeded random weights, each domain left out once (METHOD, "Robustness of a rank").

Owns: ranks and stars over the draws, their order statistics, distinguishable groups, and leaving a domain out. Who is
rated is decided by the published weights and stays as it is in every draw: a draw asks what place the rated would have,
not who would be there. Vetoes and verified-only cap the star in every draw as they do in the published result.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from evaluator.assessment import levels, ranking, redrawn
from evaluator.assessment.levels import RATED, RULES
from evaluator.assessment.redrawn import Drawn, Ground
from evaluator.assessment.results import Assessment
from evaluator.assessment.scoring import Floats, Ints
from evaluator.model.records import LEVELS, Robustness
from evaluator.quantum import QUANTA

SURE = 95
"""Per cent of the draws in which one institution must outrank another for the two to be distinguishable."""
PERCENTILES = (5, 50, 95)
_COLUMNS_AT_ONCE = 64
_MOST = 6_000_000_000
"""More quanta than any total has: 5 stars are 5,000,000,000."""
Ranks = npt.NDArray[np.unsignedinteger[Any]]


@dataclass(frozen=True, kw_only=True)
class RobustRanks:
    """How robust ranks and stars are. Frames have a plain 0..n-1 index; rated institutions only, sorted by id."""

    settings: Robustness
    """Draws, spread and seed."""
    institutions: pd.DataFrame
    """One row per rated institution: `institution` (id), `rank` (int, published), `rank_median`, `rank_p5`, `rank_p95`
    (int; see `order_statistic`), `star_0` .. `star_5` (share of draws with that star, 0..1), `star_share` (share of
    draws with the published star), `group_number` (int from 1: see `groups`), `beats_next` (share of draws in which it
    outranks the one listed next, by rank and, in a tie, by id; NaN for the last)."""
    domains: pd.DataFrame
    """One row per rated institution and domain, institutions first: `institution`, `left_out` (the domain's code),
    `score` (0..5), `star` (int), `rank` (int), as if the model had no such domain. Empty where it has only one."""


def robustness(found: Assessment, *, cells: int = redrawn.CELLS_AT_ONCE) -> RobustRanks | None:
    """Draw weights and see what becomes of ranks and stars; `None` where nobody is rated or nothing is to be drawn.

    Holds the rank of each institution in each draw, in two bytes each (four from 65,536 institutions on).

    Args:
        found: the assessment, under the published weights.
        cells: how many figures are computed at once, which has no bearing on what comes out.
    """
    settings, rated = found.model.rules.robustness, found.institutions["status"].eq(RATED).to_numpy()
    if not settings.draws or not rated.any():
        return None
    table = found.institutions[rated]
    capped = [RULES.index("veto"), RULES.index("verified_only")]
    cap = found.stars.limits[rated][:, capped].min(axis=1)
    base = redrawn.ground(found.values[rated], found.applicable[rated], cap, found.weights, found.model.rules)
    ranks, at_least = _drawn(base, redrawn.draw(found.weights, settings), len(table), cells)
    published, star = (table[name].to_numpy(dtype=np.int64) for name in ("rank", "star"))
    shares = -np.diff(at_least, axis=0, append=0) / settings.draws
    return RobustRanks(
        settings=settings,
        institutions=pd.DataFrame(
            {
                "institution": table["id"].to_numpy(),
                "rank": published,
                **_summary(ranks, published),
                **{f"star_{n}": shares[n] for n in range(len(shares))},
                "star_share": shares[star, np.arange(len(star))],
            }
        )[_ordered_columns()],
        domains=_without_each(found, rated),
    )


def _ordered_columns() -> list[str]:
    stars = [f"star_{n}" for n in range(len(LEVELS) + 1)]
    first = ["institution", "rank", "rank_median", "rank_p5", "rank_p95", *stars, "star_share"]
    return [*first, "group_number", "beats_next"]


def order_statistic(count: int, per_cent: int) -> int:
    """Say which of `count` sorted values, from 0, is the percentile: the least that so many per cent don't exceed.

    It is always one of the values, so a rank stays a whole number (the method "inverted_cdf" of numpy's `quantile`).
    """
    return max(0, -(-count * per_cent // 100) - 1)


def _drawn(base: Ground, drawn: Drawn, count: int, cells: int) -> tuple[Ranks, Ints]:
    """Give the rank in each draw, shape (draws, N), and in how many one has at least 0 to 5 stars, shape (6, N)."""
    draws, at_once = len(drawn.item), redrawn.draws_at_once(count, cells)
    ranks: Ranks = np.empty((draws, count), dtype=np.uint16 if count < 2**16 else np.uint32)
    at_least = np.zeros((len(LEVELS) + 1, count), dtype=np.int64)
    at_least[0] = draws
    for first in range(0, draws, at_once):
        some = slice(first, min(first + at_once, draws))
        totals = np.empty((some.stop - some.start, count))
        for block in redrawn.blocks(base, Drawn(drawn.domain[some], drawn.item[some])):
            totals[:, block.rows] = block.total
            at_least[1:, block.rows] += block.at_least
        for total, own in zip(totals, ranks[some], strict=True):
            _rank(total, own)
    return ranks, at_least


def _rank(totals: Floats, ranks: Ranks) -> None:
    """Rank totals as `ranking.rank` does, into `ranks`.

    Sorts whole numbers with quanta of the total, turned round, in the upper bits and the institution in the lower.
    """
    count = len(totals)
    bits = count.bit_length()
    keys = np.rint(totals * QUANTA).astype(np.int64)
    np.subtract(_MOST, keys, out=keys)
    keys <<= bits
    keys |= np.arange(count)
    keys.sort()
    who = keys & ((1 << bits) - 1)
    keys >>= bits
    places = np.arange(1, count + 1)
    tied = keys[1:] == keys[:-1]
    if tied.any():
        places[1:][tied] = 0
        np.maximum.accumulate(places, out=places)
    ranks[who] = places


def _summary(ranks: Ranks, published: Ints) -> dict[str, npt.NDArray[Any]]:
    """Give the columns that come from the ranks over the draws, institution by institution."""
    draws, count = ranks.shape
    listed = np.argsort(published, kind="stable")
    at = [order_statistic(draws, per_cent) for per_cent in PERCENTILES]
    low, median, high = (np.empty(count, dtype=np.int64) for _ in PERCENTILES)
    beats = np.full(count, np.nan)
    above: Any = None
    for n, (own, row) in enumerate(zip(_columns(ranks, listed), listed, strict=True)):
        if n:
            beats[listed[n - 1]] = np.count_nonzero(above < own) / draws
        above = own
        low[row], median[row], high[row] = np.sort(own)[at]
    group = np.empty(count, dtype=np.int64)
    group[listed] = groups(_columns(ranks, listed))
    return {"rank_median": median, "rank_p5": low, "rank_p95": high, "group_number": group, "beats_next": beats}


def _columns(ranks: Ranks, listed: Ints) -> Iterator[Ranks]:
    """Give each institution's ranks over the draws, in the order listed."""
    for first in range(0, len(listed), _COLUMNS_AT_ONCE):
        yield from np.ascontiguousarray(ranks[:, listed[first : first + _COLUMNS_AT_ONCE]].T)


def groups(listed: Iterator[Ranks] | Sequence[Ranks]) -> list[int]:
    """Number the groups of institutions that the draws can't tell from their group's first.

    Going down the published ranking, the first of a group is compared with each that follows; the first that it
    outranks in at least `SURE` per cent of the draws begins the next group. Takes each institution once, so N
    institutions take N comparisons.

    Args:
        listed: each institution's ranks over the draws, in the order of the published ranking.

    Returns:
        Each institution's group, from 1, in that order.
    """
    found: list[int] = []
    first: Any = None
    for own in listed:
        if first is None or 100 * np.count_nonzero(first < own) >= SURE * len(own):
            first = own
            found.append(found[-1] + 1 if found else 1)
        else:
            found.append(found[-1])
    return found


def _without_each(found: Assessment, rated: npt.NDArray[np.bool_]) -> pd.DataFrame:
    """Leave each domain out once: its score, its levels and its vetoes; the others' published weights share its own."""
    ids, weights, rules = found.institutions.loc[rated, "id"].to_numpy(), found.weights, found.model.rules
    codes = [domain.code for domain in found.model.domains]
    own, parts = found.domain_scores[rated], []
    for d in range(len(codes) if len(codes) > 1 else 0):
        left = [n for n in range(len(codes)) if n != d]
        total, of = np.zeros(len(ids)), 0.0
        for n in left:
            of += weights.w[n]
        for n in left:
            total += weights.w[n] / of * own[:, n]
        asked = weights.domain != d
        scores = replace(found.scores, total=total, total_average=total, passed=found.scores.passed[rated][:, left])
        stars = levels.stars(
            scores, found.failed[rated][:, asked], replace(weights, veto=weights.veto[asked]), rules, rules.method
        )
        part = pd.DataFrame({"institution": ids, "left_out": codes[d], "score": total, "star": stars.star})
        parts.append(part.assign(rank=ranking.rank(part["score"]).astype("int64")))
    if not parts:
        return pd.DataFrame(columns=["institution", "left_out", "score", "star", "rank"])
    return pd.concat(parts).sort_index(kind="stable").reset_index(drop=True)
