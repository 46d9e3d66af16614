"""The figures a regulator publishes: counts and shares over institutions, each with its N.

Owns: grouping and averaging the assessment's frames. DataFrame in, DataFrame out. Quartiles interpolate linearly
(as Excel's QUARTILE.INC); only rated institutions enter means and shares.
"""

from __future__ import annotations

import pandas as pd

from evaluator.assessment.levels import NOT_RATED, RATED, REASONS
from evaluator.assessment.ranking import compared
from evaluator.assessment.results import Assessment
from evaluator.model.records import DIMENSIONS, LEVELS

STARS = tuple(range(len(LEVELS) + 1))


def star_counts(found: Assessment, by: str | None = None) -> pd.DataFrame:
    """Count institutions by star.

    Args:
        found: the assessment.
        by: a column to group by (`province`, `category`, `type`); `None`: one row for all.

    Returns:
        A row per group, sorted by its name (an unknown group, `""`, last): `group`, `institutions`, `rated`,
        `not_rated`, `star_0` .. `star_5` (counts of rated), `mean_score` (0..5, NaN where none is rated).
    """
    table = found.institutions
    rows = []
    parts = table.groupby(by, sort=True) if by else [("", table)]
    for group, part in parts:
        rated = part[part["status"].eq(RATED)]
        counts = rated["star"].value_counts()
        rows.append(
            {
                "group": str(group),
                "institutions": len(part),
                "rated": len(rated),
                "not_rated": len(part) - len(rated),
                **{f"star_{star}": int(counts.get(star, 0)) for star in STARS},
                "mean_score": rated["score"].mean(),
            }
        )
    columns = ["group", "institutions", "rated", "not_rated", *(f"star_{s}" for s in STARS), "mean_score"]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.sort_values("group", key=lambda names: names.eq(""), kind="stable", ignore_index=True)


def domain_statistics(found: Assessment) -> pd.DataFrame:
    """Describe the domain scores of the rated institutions.

    Returns:
        A row per domain in model order, then one for the total (domain `""`): `domain`, `n`, `mean`, `lowest`, `q1`,
        `median`, `q3`, `highest`, all 0..5.
    """
    rated = set(found.rated["id"])
    scores = found.domains[found.domains["institution"].isin(rated)]
    series = {d.code: scores.loc[scores["domain"].eq(d.code), "score"] for d in found.model.domains}
    series[""] = found.rated["score"]
    return pd.DataFrame([{"domain": code, **_described(values)} for code, values in series.items()])


def _described(values: pd.Series[float]) -> dict[str, float]:
    known = values.dropna()
    return {
        "n": len(known),
        "mean": float(known.mean()),
        "lowest": float(known.min()),
        "q1": float(known.quantile(0.25)),
        "median": float(known.median()),
        "q3": float(known.quantile(0.75)),
        "highest": float(known.max()),
    }


def performing_well(found: Assessment) -> pd.DataFrame:
    """Give the share of rated institutions performing well in each dimension.

    Returns:
        A row per dimension: `dimension`, `n` (rated institutions with a score there), `well` (of them), `share`
        (0..1, NaN where n is 0), `threshold` (0..1), `mean` (0..1).
    """
    rows = []
    for dimension in DIMENSIONS:
        part = found.dimensions[found.dimensions["dimension"].eq(dimension)].dropna(subset=["score"])
        well = int(part["performing_well"].sum())
        rows.append(
            {
                "dimension": dimension,
                "n": len(part),
                "well": well,
                "share": well / len(part) if len(part) else float("nan"),
                "threshold": found.model.rules.performing_well,
                "mean": part["score"].mean(),
            }
        )
    return pd.DataFrame(rows)


def item_attainment(found: Assessment) -> pd.DataFrame:
    """Average the items' scores over the rated institutions, the lowest first.

    Returns:
        A row per item: `item`, `n`, `mean`, `median` (0..1), `below_half` (share of institutions under 0.5).
        Sorted by mean; equal means in model order.
    """
    rated = set(found.rated["id"])
    scores = found.items[found.items["institution"].isin(rated)].dropna(subset=["score"])
    grouped = scores.groupby("item")["score"]
    frame = pd.DataFrame({"item": [item.code for item in found.model.items]})
    frame["n"] = frame["item"].map(grouped.size()).fillna(0).astype(int)
    frame["mean"] = frame["item"].map(grouped.mean())
    frame["median"] = frame["item"].map(grouped.median())
    frame["below_half"] = frame["item"].map(compared(scores["score"]).lt(0.5).groupby(scores["item"]).mean())
    order = compared(frame["mean"]).sort_values(kind="stable").index
    return frame.loc[order].reset_index(drop=True)


def returns(found: Assessment) -> pd.DataFrame:
    """Count who returned what.

    Returns:
        Rows `figure`, `count`: `institutions` (on the roster, or all that returned where there is none), `complete`
        (all domains' workbooks came and count), `incomplete` (some did), `none` (none did), `rated`, `not_rated` and
        the not rated by reason (`not_rated_<reason>`).
    """
    table, domains = found.institutions, len(found.model.domains)
    came = table["domains_returned"]
    unrated = table[table["status"].eq(NOT_RATED)]
    figures = {
        "institutions": len(table),
        "complete": int(came.eq(domains).sum()),
        "incomplete": int((came.gt(0) & came.lt(domains)).sum()),
        "none": int(came.eq(0).sum()),
        "rated": len(table) - len(unrated),
        "not_rated": len(unrated),
        **{f"not_rated_{reason}": int(unrated["reason"].eq(reason).sum()) for reason in REASONS},
    }
    return pd.DataFrame({"figure": list(figures), "count": list(figures.values())})
