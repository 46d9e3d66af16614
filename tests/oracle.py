"""METHOD.md once more, slowly: one institution at a time, in exact fractions, without numpy or pandas.

Written from METHOD.md alone, before the program's own scoring was read, to be compared with it. A weight, a value of
the scale or a threshold means the decimal number a person typed, so `0.6 * 1 + 0.4 * 0.5` is 0.8 and not nearly so.
Conventions the page leaves open: on a tie the first of `RULES` is named, and the first of `REASONS`; an N/A that is not
permitted, or has no reason, counts as invalid; veto and verified-only cap the star under all three methods; `average`
has neither floor nor levels. Where nothing of a domain applies, its attainment and its average are 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Any

METHODS = ("staged", "average", "cumulative")
RULES = ("band", "domain_floor", "levels", "veto", "verified_only")
REASONS = ("missing_domain", "coverage", "na_share")

Given = tuple[str | None, bool, bool]
"""What the cells of one requirement say: answer code, `None` for blank or `"invalid"`; has evidence; has a reason."""


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """All that METHOD.md says of one institution; exact numbers, unrounded."""

    requirement_scores: dict[str, Fraction | None]
    """`s_r`; `None` where a permitted N/A leaves the requirement out."""
    x: dict[tuple[str, int], Fraction | None]
    """Cell of an item's code and a level; `None` where undefined."""
    item_scores: dict[str, Fraction | None]
    """Item score of the method `average`; `None` where nothing applies."""
    D: dict[tuple[str, int], Fraction | None]
    """Attainment of a domain's code at a level; `None` where the model asks nothing there."""
    p: dict[str, int]
    S_d: dict[str, Fraction]
    """Domain scores of the official method."""
    S_d_average: dict[str, Fraction]
    S: Fraction
    """Total of the official method."""
    star: int | None
    """`None`: not rated."""
    limited_by: str | None
    missing: frozenset[str]
    """Domains whose workbook never came."""
    not_rated: str | None
    """The first of `REASONS` that holds; `None`: rated."""
    coverage: dict[str, Fraction]
    na_share: dict[str, Fraction]
    P: dict[str, Fraction | None]
    """Score of each dimension; `None` where nothing of it applies."""
    performing_well: dict[str, bool | None]
    methods: dict[str, tuple[Fraction, int | None, str | None]]
    """Total, star and limiting rule under each of the three methods."""


@cache
def on_paper(number: float) -> Fraction:
    """Give the decimal number a person typed, exactly."""
    return Fraction(repr(number))


def quantised(number: Fraction) -> Fraction:
    """Round to 1e-9, as every comparison asks."""
    return Fraction(round(number * 10**9), 10**9)


def at_least(number: Fraction, threshold: float) -> bool:
    return quantised(number) >= quantised(on_paper(threshold))


def over(number: Fraction, threshold: float) -> bool:
    return quantised(number) > quantised(on_paper(threshold))


def mean(pairs: Iterable[tuple[Fraction, Fraction | None]]) -> Fraction | None:
    """Give the weighted mean of (weight, value) over the values that exist; `None` if none does."""
    kept = [(weight, value) for weight, value in pairs if value is not None]
    if not kept:
        return None
    return sum((weight * value for weight, value in kept), Fraction(0)) / sum(weight for weight, _ in kept)


def assess_one(
    model: Mapping[str, Any],
    answers: Mapping[str, Given],
    missing: AbstractSet[str] = frozenset(),
    *,
    category: str | None = None,
    verified: bool = False,
) -> Verdict:
    """Apply METHOD.md to one institution.

    Args:
        model: The model as `Model.as_json()` gives it.
        answers: By requirement id; an id that is not there is blank.
        missing: Codes of the domains whose workbook never came.
        category: The institution's service category, for requirements that permit N/A to some categories only.
        verified: Whether the answers are an assessor's.
    """
    rules = model["rules"]
    values = {entry["code"]: entry["value"] for entry in model["scale"]}

    # Each requirement: does it apply, what does it score, is it covered, does it trigger a veto.
    scores: dict[str, Fraction | None] = {}
    covered: dict[str, bool] = {}
    unmet: dict[str, bool] = {}
    for domain in model["domains"]:
        for item in domain["items"]:
            for requirement in item["requirements"]:
                key = requirement["id"]
                answer, has_evidence, has_reason = answers.get(key, (None, False, False))
                if domain["code"] in missing:
                    answer = None
                if answer == "na":
                    categories = requirement["na_categories"]
                    permitted = requirement["na_allowed"] and (not categories or category in categories)
                    if not (permitted and has_reason):
                        answer = "invalid"
                if answer == "na":
                    scores[key] = None
                elif answer is None or answer == "invalid":
                    scores[key] = Fraction(0)
                elif answer in ("large", "full") and rules["evidence_rule"] and not has_evidence:
                    scores[key] = on_paper(values["partial"])
                else:
                    scores[key] = on_paper(values[answer])
                covered[key] = answer is not None and answer != "invalid"
                unmet[key] = answer in (None, "invalid", "none")

    # Domain by domain, from cells to the domain's score.
    x: dict[tuple[str, int], Fraction | None] = {}
    attainment: dict[tuple[str, int], Fraction | None] = {}
    item_scores: dict[str, Fraction | None] = {}
    passed: dict[str, int] = {}
    staged: dict[str, Fraction] = {}
    average: dict[str, Fraction] = {}
    coverage: dict[str, Fraction] = {}
    na_share: dict[str, Fraction] = {}
    for domain in model["domains"]:
        code = domain["code"]
        item_weight = {item["code"]: on_paper(item["weight"]) for item in domain["items"]}
        for item in domain["items"]:
            asked = [(on_paper(r["weight"]), scores[r["id"]], r["level"]) for r in item["requirements"]]
            item_scores[item["code"]] = mean((weight, score) for weight, score, _ in asked)
            for level in (1, 2, 3, 4, 5):
                x[item["code"], level] = mean((weight, score) for weight, score, at in asked if at == level)

        passes: dict[int, bool] = {}
        for level in (1, 2, 3, 4, 5):
            if any(r["level"] == level for item in domain["items"] for r in item["requirements"]):
                value = mean((item_weight[item["code"]], x[item["code"], level]) for item in domain["items"])
                attainment[code, level] = Fraction(0) if value is None else value
                passes[level] = value is not None and at_least(value, rules["pass_mark"])
            else:
                attainment[code, level] = None
                passes[level] = True
        count = 0
        while count < 5 and passes[count + 1]:
            count += 1
        passed[code] = count
        staged[code] = Fraction(5) if count == 5 else count + (attainment[code, count + 1] or Fraction(0))
        average[code] = 5 * (mean((item_weight[i["code"]], item_scores[i["code"]]) for i in domain["items"]) or 0)

        all_weight = good = not_applicable = Fraction(0)
        for item in domain["items"]:
            item_sum = sum(on_paper(r["weight"]) for r in item["requirements"])
            for requirement in item["requirements"]:
                share = item_weight[item["code"]] * on_paper(requirement["weight"]) / item_sum
                all_weight += share
                good += share if covered[requirement["id"]] else 0
                not_applicable += share if scores[requirement["id"]] is None else 0
        coverage[code] = good / all_weight
        na_share[code] = not_applicable / all_weight

    # Dimensions, across the domains.
    domain_sum = sum(on_paper(domain["weight"]) for domain in model["domains"])
    dimension_pairs: dict[str, list[tuple[Fraction, Fraction | None]]] = {}
    for domain in model["domains"]:
        items_sum = sum(on_paper(item["weight"]) for item in domain["items"])
        for item in domain["items"]:
            item_sum = sum(on_paper(r["weight"]) for r in item["requirements"])
            for requirement in item["requirements"]:
                omega = on_paper(domain["weight"]) / domain_sum * on_paper(item["weight"]) / items_sum
                omega = omega * on_paper(requirement["weight"]) / item_sum
                pair = (omega, scores[requirement["id"]])
                dimension_pairs.setdefault(requirement["dimension"], []).append(pair)
    dimensions = {name: mean(dimension_pairs.get(name, [])) for name in ("resource", "process", "performance")}

    # Rated or not.
    not_rated = None
    if missing:
        not_rated = "missing_domain"
    elif any(not at_least(share, rules["min_coverage"]) for share in coverage.values()):
        not_rated = "coverage"
    elif any(over(share, rules["max_na_share"]) for share in na_share.values()):
        not_rated = "na_share"

    # Stars under the three methods.
    vetoes = [
        r["veto_star"]
        for domain in model["domains"]
        for item in domain["items"]
        for r in item["requirements"]
        if r["veto_star"] is not None and unmet[r["id"]]
    ]
    methods: dict[str, tuple[Fraction, int | None, str | None]] = {}
    for method in METHODS:
        by_domain = average if method == "average" else staged
        total = sum((on_paper(d["weight"]) * by_domain[d["code"]] for d in model["domains"]), Fraction(0)) / domain_sum
        limits: dict[str, int] = {}
        if method == "cumulative":
            limits["levels"] = min(passed.values())
        else:
            limits["band"] = sum(1 for least in rules["bands"] if at_least(total, least))
        if method == "staged":
            limits["domain_floor"] = min(passed.values()) + rules["domain_floor"]
        if vetoes:
            limits["veto"] = min(vetoes)
        if rules["verified_above"] is not None and not verified:
            limits["verified_only"] = rules["verified_above"]
        star = min(limits.values())
        named = next(rule for rule in RULES if limits.get(rule) == star)
        methods[method] = (total, None, None) if not_rated else (total, star, named)

    total, star, named = methods[rules["method"]]
    return Verdict(
        requirement_scores=scores,
        x=x,
        item_scores=item_scores,
        D=attainment,
        p=passed,
        S_d=average if rules["method"] == "average" else staged,
        S_d_average=average,
        S=total,
        star=star,
        limited_by=named,
        missing=frozenset(missing),
        not_rated=not_rated,
        coverage=coverage,
        na_share=na_share,
        P=dimensions,
        performing_well={
            name: None if value is None else at_least(value, rules["performing_well"])
            for name, value in dimensions.items()
        },
        methods=methods,
    )


def rank_all(verdicts: Iterable[Verdict], method: str | None = None) -> list[int | None]:
    """Rank by total, highest first: equal totals share a rank, the next is skipped, the not rated have none."""
    totals = [
        None if verdict.not_rated else quantised(verdict.S if method is None else verdict.methods[method][0])
        for verdict in verdicts
    ]
    rated = [total for total in totals if total is not None]
    return [None if total is None else 1 + sum(1 for other in rated if other > total) for total in totals]


def rank_within(verdicts: Iterable[Verdict], groups: Iterable[str | None]) -> list[int | None]:
    """Rank among the institutions of the same group; an institution of no known group has no such rank."""
    pairs = list(zip(verdicts, groups, strict=True))
    ranks: list[int | None] = []
    for verdict, group in pairs:
        if group is None:
            ranks.append(None)
            continue
        peers = [other for other, its in pairs if its == group]
        ranks.append(rank_all(peers)[next(n for n, other in enumerate(peers) if other is verdict)])
    return ranks
