"""The whole assessment: judged answers in, the frames every report is made from out.

Owns: composing scoring, stars and ranks, and the frames' columns. pandas begins and ends here: see `Assessment`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from evaluator.assessment import levels, ranking, scoring
from evaluator.assessment.codes import MISSING, STATES, told
from evaluator.assessment.coding import CODED_COLUMNS, coded, encoded
from evaluator.assessment.levels import NOT_RATED, RATED, Stars
from evaluator.assessment.scoring import Bools, Floats, Scores, Weights
from evaluator.model.records import DIMENSIONS, METHODS, Method, Model
from evaluator.quantum import quantised_one

IDENTITY = ("id", "name", "uscc", "province", "city", "type", "category")
"""Columns that say who an institution is; all str, empty where not known."""


@dataclass(frozen=True, kw_only=True)
class Assessment:
    """What a run found out, before findings. Frames have a plain 0..n-1 index; `institution` is an institution's id.

    Scores of a not-rated institution's total, star, ranks and dimensions are missing values, never zero.
    """

    model: Model
    institutions: pd.DataFrame
    """One row per institution, sorted by id: `IDENTITY`; `status` (`rated`, `not_rated`), `reason` (of
    `levels.REASONS`, empty where rated), `domains_returned` (int), `coverage`, `na_share` (0..1, weighted by `w_d`),
    `score` (0..5), `star` (Int64 0..5), `limited_by` (of `levels.RULES`), `rank`, `rank_province`, `rank_category`,
    `rank_type` (Int64), and under each method M: `score_M`, `star_M`, `rank_M`."""
    domains: pd.DataFrame
    """`institution`, `domain`, `score` (0..5 under the official method), `passed_levels` (Int64), `d1` .. `d5` (0..1;
    NaN where the model asks nothing), `coverage`, `na_share` (0..1). Where the workbook is missing all but the last two
    are missing values."""
    items: pd.DataFrame
    """`institution`, `item`, `score` (0..1; NaN where nothing applies or the workbook is missing)."""
    dimensions: pd.DataFrame
    """`institution`, `dimension`, `score` (`P_k`, 0..1), `performing_well` (boolean); missing where not rated."""
    answers: pd.DataFrame
    """One row per institution and requirement, columns `coding.CODED_COLUMNS`."""
    ranks: pd.DataFrame
    """`institution`, `method`, `scope` (of `ranking.SCOPES`), `group`, `rank`, `of` (how many are ranked there)."""
    scores: Scores
    """Scores as arrays; rows as in `institutions`, columns in model order."""
    stars: Stars
    """Stars under the official method as arrays, also for the not rated (whose stars no report shows)."""
    weights: Weights
    values: Floats
    """`s_r`, shape (N, R); 0 where not answered."""
    applicable: Bools
    """Whether each requirement applies, shape (N, R)."""
    failed: Bools
    """Whether a requirement is answered `none`, blank or invalid, shape (N, R)."""
    unproven: Bools
    """Whether a requirement scores lower only because its evidence is missing, shape (N, R)."""

    @property
    def domain_scores(self) -> Floats:
        """`S_d` under the official method, shape (N, M); rows as in `institutions`."""
        return _official_domains(self.scores, self.model)

    @property
    def rated(self) -> pd.DataFrame:
        """The rated institutions' rows."""
        return self.institutions[self.institutions["status"].eq(RATED)]


def assess(answers: pd.DataFrame, institutions: pd.DataFrame, model: Model) -> Assessment:
    """Score, star and rank institutions from their judged answers.

    Args:
        answers: as from `coding.coded` or from `answers.judge`: a row for each institution and requirement,
            institutions in the order of `institutions`, requirements in model order.
        institutions: the columns `IDENTITY`, one row per institution, sorted by `id`.
        model: the model in force.

    Raises:
        ValueError: the answers' rows are not the full grid of institutions and requirements.
    """
    ids = institutions["id"].tolist()
    asked = [r.id for r in model.requirements]
    if len(answers) != len(ids) * len(asked) or not _in_order(answers["requirement"], asked, len(ids)):
        raise ValueError("answers must hold every requirement of every institution, in model order")
    codes = encoded(answers)
    frame = answers if tuple(answers.columns) == CODED_COLUMNS else coded([codes], ids, model)
    shape = (len(ids), len(asked))
    weights = scoring.weights_of(model)
    state = codes.state.reshape(shape)
    values = np.nan_to_num(frame["score"].to_numpy(dtype=np.float64).reshape(shape), nan=0.0)
    applicable, unanswered, failed = told(state, codes.scored_as.reshape(shape))
    came_in = state != STATES.index(MISSING)
    scores = scoring.score(values, applicable, weights, model.rules.pass_mark)
    by_method = levels.all_methods(scores, failed, weights, model.rules)
    official = by_method[model.rules.method]

    coverage = scoring.shares(~unanswered & came_in, weights)
    na_share = scoring.shares(~applicable, weights)
    came = scoring.shares(came_in, weights) > 0
    reason = levels.reasons(came, coverage, na_share, model.rules)
    table = institutions.reset_index(drop=True)[list(IDENTITY)].copy()
    rated = reason == ""
    table["status"] = np.where(rated, RATED, NOT_RATED)
    table["reason"] = reason
    table["domains_returned"] = came.sum(axis=1)
    table["coverage"] = _weighted(coverage, weights)
    table["na_share"] = _weighted(na_share, weights)
    table["score"] = np.where(rated, official.total, np.nan)
    table["star"] = _integers(official.star, rated)
    table["limited_by"] = np.where(rated, official.limited_by, "")
    table, ranks = _ranked(table, by_method, rated, model.rules.method)
    return Assessment(
        model=model,
        institutions=table,
        domains=_domains(model, table["id"], scores, coverage, na_share, came),
        items=_long(model_items(model), table["id"], _where_came(scores.item, came[:, weights.item_domain]), "item"),
        dimensions=_dimensions(model, table["id"], scores, rated),
        answers=frame,
        ranks=ranks,
        scores=scores,
        stars=official,
        weights=weights,
        values=values,
        applicable=applicable,
        failed=failed,
        unproven=codes.no_evidence.reshape(shape),
    )


def _in_order(requirements: pd.Series[str], asked: list[str], times: int) -> bool:
    """Tell whether a column repeats the requirements in model order."""
    codes = pd.Categorical(requirements, categories=asked).codes
    return bool(np.array_equal(codes, np.tile(np.arange(len(asked)), times)))


def model_items(model: Model) -> list[str]:
    """List the item codes in model order."""
    return [item.code for item in model.items]


def _ranked(
    table: pd.DataFrame, by_method: dict[Method, Stars], rated: Bools, official: Method
) -> tuple[pd.DataFrame, pd.DataFrame]:
    groups = {scope: table[scope] for scope in ranking.SCOPES[1:]}
    everyone = pd.Series("", index=table.index)
    parts = []
    for method in METHODS:
        found = by_method[method]
        total = pd.Series(np.where(rated, found.total, np.nan), index=table.index)
        table[f"score_{method}"] = total
        table[f"star_{method}"] = _integers(found.star, rated)
        table[f"rank_{method}"] = ranking.rank(total)
        ranks = {"overall": table[f"rank_{method}"]}
        ranks |= {scope: ranking.rank_within(total, group) for scope, group in groups.items()}
        for scope, rank in ranks.items():
            part = pd.DataFrame({"institution": table["id"], "method": method, "scope": scope})
            part["group"] = groups.get(scope, everyone)
            part["rank"] = rank
            part = part[rank.notna()]
            part["of"] = part.groupby("group")["rank"].transform("size")
            parts.append(part)
            if method == official:
                table["rank" if scope == "overall" else f"rank_{scope}"] = rank
    first = [*IDENTITY, "status", "reason", "domains_returned", "coverage", "na_share", "score", "star", "limited_by"]
    first += ["rank", "rank_province", "rank_category", "rank_type"]
    ordered = table[[*first, *(column for column in table.columns if column not in first)]]
    return ordered, pd.concat(parts, ignore_index=True)


def _domains(
    model: Model, ids: pd.Series[str], scores: Scores, coverage: Floats, na_share: Floats, came: Bools
) -> pd.DataFrame:
    codes = [domain.code for domain in model.domains]
    frame = _long(codes, ids, _where_came(_official_domains(scores, model), came), "domain")
    frame["passed_levels"] = _integers(scores.passed.ravel(), came.ravel())
    for level in range(scores.attainment.shape[2]):
        frame[f"d{level + 1}"] = _where_came(scores.attainment[:, :, level], came).ravel()
    frame["coverage"] = coverage.ravel()
    frame["na_share"] = na_share.ravel()
    return frame


def _official_domains(scores: Scores, model: Model) -> Floats:
    return scores.domain_average if model.rules.method == "average" else scores.domain


def _dimensions(model: Model, ids: pd.Series[str], scores: Scores, rated: Bools) -> pd.DataFrame:
    values = np.where(rated[:, None], scores.dimension, np.nan)
    frame = _long(list(DIMENSIONS), ids, values, "dimension")
    well = scoring.quantised(values.ravel()) >= quantised_one(model.rules.performing_well)
    frame["performing_well"] = pd.array(well, dtype="boolean")
    frame.loc[np.isnan(values.ravel()), "performing_well"] = pd.NA
    return frame


def _long(columns: list[str], ids: pd.Series[str], values: Floats, name: str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "institution": np.repeat(ids.to_numpy(), len(columns)),
            name: np.tile(np.array(columns, dtype=object), len(ids)),
            "score": values.ravel(),
        }
    )


def _where_came(values: Floats, came: Bools) -> Floats:
    found: Floats = np.where(came, values, np.nan)
    return found


def _weighted(values: Floats, weights: Weights) -> Floats:
    total = np.zeros(len(values))
    for d, w in enumerate(weights.w):
        total += w * values[:, d]
    return total


def _integers(values: scoring.Ints, known: Bools) -> pd.Series[int]:
    series = pd.Series(values).astype("Int64")
    return series.mask(~known)
