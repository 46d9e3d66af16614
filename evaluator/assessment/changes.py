"""What changed between two assessments: of the same answers under two models, or of two rounds.

Owns: comparing institution by institution, by id, and the figures that sum the changes up. Assessments in, frames out.
Differences are always new minus old, but for ranks, where a positive change is a better place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from evaluator.assessment.codes import Bools
from evaluator.assessment.correlation import kendall, spearman
from evaluator.assessment.levels import NOT_RATED, RATED
from evaluator.assessment.results import Assessment
from evaluator.assessment.scoring import quantised
from evaluator.model.records import LEVELS

UP, DOWN, SAME = "up", "down", "same"
BECOMES_RATED, BECOMES_UNRATED, NEVER_RATED = "becomes_rated", "becomes_unrated", "never_rated"
NEW, GONE = "new", "gone"
DIRECTIONS: Final = (DOWN, BECOMES_UNRATED, UP, BECOMES_RATED, SAME, NEVER_RATED, NEW, GONE)
"""What became of an institution's star; the last two are of institutions that only one assessment has."""
CROSSING: Final = (DOWN, BECOMES_UNRATED, UP, BECOMES_RATED)
"""Those of an institution whose star or rating is another than before."""
STANDINGS: Final = (NOT_RATED, *(str(star) for star in range(len(LEVELS) + 1)))
"""Labels of the transition matrix: not rated, then stars from 0 up."""
_COMPARED = ("status", "reason", "score", "star", "rank", "limited_by", "coverage", "na_share")
_MEASURED = ("score", "coverage", "na_share")
MOVES: Final = {
    "rated": "status", "star": "star", "score": "score", "rank": "rank", "limited_by": "limited_by", "reason": "reason",
}  # fmt: skip
"""What may be another than before of an institution, and the column that tells it."""
_WHO = ("name", "province", "city", "type", "category")


@dataclass(frozen=True, kw_only=True)
class Figures:
    """Changes in numbers, of institutions that both assessments have unless said otherwise."""

    institutions: int
    """How many both have."""
    new: int
    """How many only the new assessment has."""
    gone: int
    """How many only the old one has."""
    up: int
    down: int
    same: int
    """Rated in both, with the same star."""
    becomes_rated: int
    becomes_unrated: int
    never_rated: int
    rated_in_both: int
    rank_moved: int
    """How many of those rated in both have another rank."""
    largest_rank_change: int | None
    """Largest change of a rank either way, of those rated in both; negative where the rank got worse; `None`: nobody
    is rated in both. The largest loss is told where a gain is as large."""
    largest_rise: int | None
    """Most places that anybody rated in both moved up; 0 where nobody did, `None` where nobody is rated in both."""
    largest_fall: int | None
    """Most places that anybody rated in both moved down, as a positive number; else as above."""
    largest_mover: str
    """Id of the institution whose rank that is (the first by id of several), empty where no rank changed."""
    mean_rank_change: float | None
    """Mean of the absolute changes, of those rated in both."""
    spearman: float | None
    """Rank correlation of the totals of those rated in both, -1 to 1; `None` where it is not defined."""
    kendall: float | None
    """Kendall's tau-b of the same."""


@dataclass(frozen=True, kw_only=True)
class Changes:
    """What changed between two assessments. Frames have a plain 0..n-1 index."""

    institutions: pd.DataFrame
    """One row per institution of either, sorted by id: `institution`, `name`, `province`, `city`, `type`, `category`
    (as the new assessment says, else the old one), `direction` (of `DIRECTIONS`), and `status`, `reason`, `score`,
    `star`, `rank`, `limited_by`, `coverage`, `na_share` with `_old` and `_new` behind; `score_change` (new - old),
    `star_change` (Int64), `rank_change` (Int64, old - new: positive is a better place). Missing values where not rated
    or not there."""
    domains: pd.DataFrame
    """One row per institution and domain of either, institutions in the same order, domains in the new order with those
    that only the old one has behind: `institution`, `domain`, `score_old`, `score_new`, `score_change` (0..5)."""
    transitions: pd.DataFrame
    """Counts of institutions in both, index (old) and columns (new) `STANDINGS`."""
    distribution: pd.DataFrame
    """`standing` (of `STANDINGS`), `old`, `new`: counts of institutions of each assessment."""
    figures: Figures

    @property
    def nothing(self) -> bool:
        """Whether nothing changed: no score, star, rank, rating, reason or limit of any institution."""
        table = self.institutions
        return _alike(self.domains, "score") and all(_alike(table, name) for name in _COMPARED)


def _alike(frame: pd.DataFrame, column: str) -> bool:
    return not _differs(frame, column).any()


def _differs(frame: pd.DataFrame, column: str) -> Bools:
    """Tell of each row whether a column is another than before; what is missing on both sides is the same."""
    old, new = (frame[f"{column}_{side}"] for side in ("old", "new"))
    if column in _MEASURED:
        before, after = (quantised(values.to_numpy(dtype=np.float64)) for values in (old, new))
    else:
        before, after = (values.astype(object).where(values.notna(), None).to_numpy() for values in (old, new))
    missing = old.isna().to_numpy(dtype=bool) & new.isna().to_numpy(dtype=bool)
    found: Bools = np.asarray(before != after, dtype=bool) & ~missing
    return found


def moves(found: Changes) -> list[tuple[str, ...]]:
    """Name of each institution, as rows of `Changes.institutions`, which of `MOVES` are others than before."""
    differs = {name: _differs(found.institutions, column).tolist() for name, column in MOVES.items()}
    rows = range(len(found.institutions))
    return [tuple(name for name in MOVES if differs[name][row]) for row in rows]


def changes(old: Assessment, new: Assessment) -> Changes:
    """Compare two assessments institution by institution; ids that only one has are kept apart."""
    institutions = _institutions(old, new)
    both = institutions["status_old"].notna() & institutions["status_new"].notna()
    before, after = (_standing(institutions, side) for side in ("old", "new"))
    counts = pd.crosstab(before[both], after[both])
    return Changes(
        institutions=institutions,
        domains=_domains(old, new, institutions["institution"].tolist()),
        transitions=counts.reindex(index=list(STANDINGS), columns=list(STANDINGS), fill_value=0).astype("int64"),
        distribution=pd.DataFrame(
            {
                "standing": list(STANDINGS),
                "old": [int(before.eq(one).sum()) for one in STANDINGS],
                "new": [int(after.eq(one).sum()) for one in STANDINGS],
            }
        ),
        figures=_figures(institutions),
    )


def _institutions(old: Assessment, new: Assessment) -> pd.DataFrame:
    left, right = (found.institutions.set_index("id") for found in (old, new))
    ids = sorted({*left.index, *right.index})
    left, right = left.reindex(ids), right.reindex(ids)
    frame = pd.DataFrame({"institution": ids}, dtype="object")
    for column in _WHO:
        frame[column] = right[column].where(right["status"].notna(), left[column]).to_numpy(dtype=object)
    for column in _COMPARED:
        for side, table in (("old", left), ("new", right)):
            frame[f"{column}_{side}"] = table[column].reset_index(drop=True)
    frame.insert(1 + len(_WHO), "direction", _directions(frame))
    frame["score_change"] = frame["score_new"] - frame["score_old"]
    frame["star_change"] = (frame["star_new"] - frame["star_old"]).astype("Int64")
    frame["rank_change"] = (frame["rank_old"] - frame["rank_new"]).astype("Int64")
    return frame


def _directions(frame: pd.DataFrame) -> np.ndarray[tuple[int], np.dtype[np.str_]]:
    had, has = frame["status_old"].eq(RATED), frame["status_new"].eq(RATED)
    before, after = (frame[f"star_{side}"].fillna(0).to_numpy(dtype=np.int64) for side in ("old", "new"))
    conditions = {
        NEW: frame["status_old"].isna(),
        GONE: frame["status_new"].isna(),
        NEVER_RATED: ~had & ~has,
        BECOMES_RATED: ~had,
        BECOMES_UNRATED: ~has,
        UP: after > before,
        DOWN: after < before,
    }
    return np.select([np.asarray(where, dtype=bool) for where in conditions.values()], list(conditions), default=SAME)


def _standing(frame: pd.DataFrame, side: str) -> pd.Series[str]:
    """Label each institution of one side by `STANDINGS`; missing where it is not there."""
    status = frame[f"status_{side}"]
    stars = frame[f"star_{side}"].fillna(0).astype("int64").astype("str")
    return stars.astype("object").where(status.eq(RATED), status)


def _domains(old: Assessment, new: Assessment, ids: Sequence[str]) -> pd.DataFrame:
    codes = [domain.code for domain in new.model.domains]
    codes += [domain.code for domain in old.model.domains if domain.code not in codes]
    grid = pd.MultiIndex.from_product([ids, codes], names=["institution", "domain"])
    frame = pd.DataFrame(index=grid)
    for side, found in (("old", old), ("new", new)):
        frame[f"score_{side}"] = found.domains.set_index(["institution", "domain"])["score"].reindex(grid)
    frame["score_change"] = frame["score_new"] - frame["score_old"]
    return frame.reset_index()


def _figures(frame: pd.DataFrame) -> Figures:
    counts = frame["direction"].value_counts()
    number = {direction: int(counts.get(direction, 0)) for direction in DIRECTIONS}
    rated = frame[frame["status_old"].eq(RATED) & frame["status_new"].eq(RATED)]
    moved = rated["rank_change"].to_numpy(dtype=np.int64)
    totals = [quantised(rated[f"score_{side}"].to_numpy(dtype=np.float64)) for side in ("old", "new")]
    order = np.lexsort((moved, -np.abs(moved)))
    largest = int(moved[order[0]]) if len(moved) else None
    return Figures(
        institutions=len(frame) - number[NEW] - number[GONE],
        **number,
        rated_in_both=len(rated),
        rank_moved=int(np.count_nonzero(moved)),
        largest_rank_change=largest,
        largest_rise=max(int(moved.max()), 0) if len(moved) else None,
        largest_fall=max(int(-moved.min()), 0) if len(moved) else None,
        largest_mover=str(rated["institution"].iloc[int(order[0])]) if largest else "",
        mean_rank_change=float(np.abs(moved).mean()) if len(moved) else None,
        spearman=spearman(*totals),
        kendall=kendall(*totals),
    )
