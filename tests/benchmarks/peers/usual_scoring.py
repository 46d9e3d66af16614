"""The staged method in plain pandas: answers of all institutions in, totals, stars and ranks out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

VALUES = {"完全满足": 1.0, "大部分满足": 0.8, "部分满足": 0.5, "不满足": 0.0}
BY_INSTITUTION = ["institution", "domain"]


def asked_of(model: dict[str, Any]) -> pd.DataFrame:
    """Lay out what the model asks, one row a requirement; `model` as `evaluator model show --format json` prints it."""
    return pd.DataFrame(
        [
            {
                "requirement": r["id"], "text": r["text"]["zh"], "advice": r["advice"]["zh"], "level": r["level"],
                "dimension": r["dimension"], "v": r["weight"], "na_allowed": r["na_allowed"], "veto": r["veto_star"],
                "item": item["code"], "item_name": item["name"]["zh"], "W": item["weight"],
                "domain": domain["code"], "w": domain["weight"],
            }
            for domain in model["domains"] for item in domain["items"] for r in item["requirements"]
        ]
    )  # fmt: skip


def judged(answers: pd.DataFrame, asked: pd.DataFrame) -> pd.DataFrame:
    """Give each answer its score; columns institution, requirement, answer, evidence, remarks come in."""
    rows = answers.merge(asked, on="requirement", how="inner")
    value = rows["answer"].map(VALUES)
    unproven = rows["answer"].isin(["完全满足", "大部分满足"]) & rows["evidence"].eq("")
    rows["score"] = value.mask(unproven, 0.5).fillna(0.0)
    rows["applies"] = ~(rows["answer"].eq("不适用") & rows["na_allowed"] & rows["remarks"].ne(""))
    rows["failed"] = ~rows["answer"].isin(["完全满足", "大部分满足", "部分满足", "不适用"])
    return rows


def domain_scores(rows: pd.DataFrame, pass_mark: float) -> pd.DataFrame:
    """Give passed levels and score by institution and domain."""
    used = rows[rows["applies"]].assign(vs=lambda x: x["v"] * x["score"])
    cells = used.groupby([*BY_INSTITUTION, "item", "level"]).agg(vs=("vs", "sum"), v=("v", "sum"), W=("W", "first"))
    cells["weighted"] = cells["W"] * cells["vs"] / cells["v"]
    levels = cells.groupby([*BY_INSTITUTION, "level"])[["weighted", "W"]].sum()
    attained = (levels["weighted"] / levels["W"]).unstack("level").reindex(columns=range(1, 6))
    passed = attained.round(9).ge(pass_mark).cumprod(axis=1).sum(axis=1)
    following = attained.to_numpy()[np.arange(len(attained)), np.minimum(passed, 4)]
    score = np.where(passed == 5, 5.0, passed + np.nan_to_num(following))
    return attained.add_prefix("level").assign(passed=passed, score=score).reset_index()


def ranking(rows: pd.DataFrame, domains: pd.DataFrame, model: dict[str, Any]) -> pd.DataFrame:
    """Give total, star and rank by institution."""
    rules = model["rules"]
    weights = {domain["code"]: domain["weight"] for domain in model["domains"]}
    total = (domains["score"] * domains["domain"].map(weights)).groupby(domains["institution"]).sum().round(9)
    band = np.searchsorted(rules["bands"], total, side="right")
    floor = domains.groupby("institution")["passed"].min() + rules["domain_floor"]
    veto = rows["veto"].where(rows["failed"], 5).fillna(5).groupby(rows["institution"]).min()
    result = pd.DataFrame({"total": total, "star": np.minimum(np.minimum(band, floor), veto).astype(int)})
    result["rank"] = result["total"].rank(method="min", ascending=False).astype(int)
    by_domain = domains.pivot_table(index="institution", columns="domain", values="score")
    items = rows[rows["applies"]].groupby(["institution", "item"])["score"].mean().unstack("item")
    dimensions = rows[rows["applies"]].groupby(["institution", "dimension"])["score"].mean().unstack("dimension")
    return result.join([by_domain, dimensions, items]).sort_values(["rank", "institution"])
