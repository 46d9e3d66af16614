"""The assessment's frames, and METHOD's worked example from answers to stars and ranks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from evaluator.assessment.answers import judge
from evaluator.assessment.results import Assessment, assess
from evaluator.model.records import Model
from tests import small
from tests.small import domain, item, requirement

WORKED = ["full", "large", "full", "partial", "full", "full", "large", "partial", "full", "full"]
"""METHOD's worked example: item A level by level, then item B."""
UNPROVEN = ["full", "large-", *WORKED[2:]]
NAN = float("nan")


def five_domains(**rules: Any) -> Model:
    """Five domains of equal weight like the worked example's."""
    return small.model(
        *(domain(code, 0.2, item(f"{code}1", 0.6), item(f"{code}2", 0.4)) for code in ("AA", "BB", "CC", "DD", "EE")),
        **rules,
    )


def two_domains(**rules: Any) -> Model:
    """Domains of weight 0.25 and 0.75, one item each, N/A permitted everywhere, a veto at level 2 of the second."""
    items = [
        item(f"{code}1", 1.0, *(requirement(f"{code}1-{level}", na_allowed=True, veto_star=veto if level == 2 else None)
                                for level in (1, 2, 3, 4, 5)))
        for code, veto in (("AA", None), ("BB", 1))
    ]  # fmt: skip
    return small.model(domain("AA", 0.25, items[0]), domain("BB", 0.75, items[1]), **rules)


def row(found: Assessment, institution: str = "I1") -> dict[str, Any]:
    """Give an institution's row, with `None` where there is no value."""
    named = found.institutions.set_index("id").loc[institution]
    return {name: None if pd.isna(value) else value for name, value in named.items()}


def test_the_worked_example_has_three_stars_by_band_four_by_average_three_cumulatively() -> None:
    found = row(small.assessed(five_domains(), {"I1": WORKED * 5}))
    assert found["score"] == pytest.approx(3.70, abs=1e-12)
    assert (found["star"], found["limited_by"]) == (3, "band")
    assert found["score_average"] == pytest.approx(4.30, abs=1e-12)
    assert (found["star_staged"], found["star_average"], found["star_cumulative"]) == (3, 4, 3)
    assert found["score_cumulative"] == found["score_staged"] == found["score"]


def test_the_worked_example_by_domain() -> None:
    found = small.assessed(five_domains(), {"I1": WORKED * 5}).domains
    assert found["domain"].tolist() == ["AA", "BB", "CC", "DD", "EE"]
    assert found["passed_levels"].tolist() == [3] * 5
    np.testing.assert_allclose(found["score"], [3.70] * 5, rtol=0, atol=1e-12)
    steps = found[["d1", "d2", "d3", "d4", "d5"]].to_numpy()
    np.testing.assert_allclose(steps, [[1.0, 0.8, 0.8, 0.7, 1.0]] * 5, rtol=0, atol=1e-12)


def test_the_worked_example_without_evidence_in_one_domain_is_limited_by_that_domain() -> None:
    found = small.assessed(five_domains(), {"I1": UNPROVEN + WORKED * 4})
    first = found.domains.iloc[0]
    assert (first["d2"], first["passed_levels"], first["score"]) == (pytest.approx(0.62), 1, pytest.approx(1.62))
    its = row(found)
    assert its["score"] == pytest.approx(0.2 * 1.62 + 0.8 * 3.70)
    assert (its["star"], its["limited_by"]) == (2, "domain_floor")
    assert its["star_cumulative"] == 1


def test_the_worked_example_without_evidence_anywhere_has_one_star() -> None:
    found = row(small.assessed(five_domains(), {"I1": UNPROVEN * 5}))
    assert (found["score"], found["star"], found["limited_by"]) == (pytest.approx(1.62), 1, "band")


@pytest.mark.parametrize(
    ("method", "score", "star", "limited_by"),
    [("staged", 3.70, 3, "band"), ("average", 4.30, 4, "band"), ("cumulative", 3.70, 3, "levels")],
)
def test_the_official_method_gives_score_star_and_domain_scores(
    method: str, score: float, star: int, limited_by: str
) -> None:
    found = small.assessed(five_domains(method=method), {"I1": WORKED * 5})
    its = row(found)
    assert (its["score"], its["star"], its["limited_by"]) == (pytest.approx(score, abs=1e-12), star, limited_by)
    np.testing.assert_allclose(found.domains["score"], [score] * 5, rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    ("words", "total", "star"),
    [
        (["large", "none", "none", "none", "none"], 1.0, 1),
        (["full", "large-", "none", "none", "none"], 1.5, 1),
        (["full", "full", "full", "full", "partial"], 4.5, 4),
        (["full", "full", "full", "full", "large"], 5.0, 5),
        (["full", "full", "full", "full", "full"], 5.0, 5),
    ],
)
def test_totals_of_an_institution_whose_domains_are_alike(words: list[str], total: float, star: int) -> None:
    found = row(small.assessed(two_domains(), {"I1": words * 2}))
    assert (found["score"], found["star_staged"]) == (pytest.approx(total, abs=1e-12), min(star, 5))


@pytest.mark.parametrize("star", [1, 2, 3, 4, 5])
def test_a_total_exactly_at_a_band_on_paper_has_its_star(star: int) -> None:
    """S = 0.7 * 0.8 + 0.3 * 0.8 above the passed levels, which is 0.7999999999999999 in binary; the mark is 0.9."""
    asked = [small.item(code, 1.0) for code in ("AA1", "BB1")]
    model = small.model(domain("AA", 0.7, asked[0]), domain("BB", 0.3, asked[1]), pass_mark=0.9)
    words = ["full"] * (star - 1) + ["large"] + ["none"] * (5 - star)
    found = row(small.assessed(model, {"I1": words * 2}))
    assert found["score"] == pytest.approx(star - 0.2, abs=1e-12)
    assert (found["star"], found["limited_by"]) == (star, "band")


def test_a_missing_domain_means_not_rated_and_nothing_of_it_is_shown_as_zero() -> None:
    found = small.assessed(two_domains(), {"I1": ["full"] * 5 + ["missing"] * 5, "I2": ["full"] * 10})
    its = row(found)
    assert (its["status"], its["reason"], its["domains_returned"]) == ("not_rated", "missing_domain", 1)
    nothing = ["score", "star", "rank", "rank_province", *(f"{a}_{b}" for a in ("score", "star", "rank")
               for b in ("staged", "average", "cumulative"))]  # fmt: skip
    assert all(its[name] is None for name in nothing)
    assert its["limited_by"] == ""
    assert its["coverage"] == pytest.approx(0.25)
    came, gone = found.domains.iloc[0], found.domains.iloc[1]
    assert (came["score"], came["passed_levels"], came["coverage"]) == (5, 5, 1)
    assert gone[["score", "passed_levels", "d1", "d5"]].isna().all()
    assert (gone["coverage"], gone["na_share"]) == (0, 0)
    assert found.items["score"].isna().tolist() == [False, True, False, False]
    assert found.dimensions[found.dimensions["institution"].eq("I1")]["performing_well"].isna().all()
    assert row(found, "I2")["rank"] == 1


def test_a_domain_of_which_all_is_missing_is_not_the_same_as_one_left_blank() -> None:
    found = small.assessed(two_domains(), {"I1": ["full"] * 5 + ["missing"] * 5, "I2": ["full"] * 5 + [""] * 5})
    assert found.institutions["reason"].tolist() == ["missing_domain", "coverage"]
    assert found.domains["score"].isna().tolist() == [False, True, False, False]
    assert found.domains["score"].tolist()[3] == 0


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["full", "full", "full", "full", ""], "coverage"),
        (["full", "full", "full", "full", "?formula"], "coverage"),
        (["full", "full", "full", "full", "na-"], "coverage"),
        (["full", "full", "full", "full", "no_row"], "coverage"),
        (["full", "full", "full", "full", "na"], ""),
        (["full", "full", "full", "na", "na"], "na_share"),
        (["full", "full", "", "na", "na"], "coverage"),
    ],
)
def test_who_is_not_rated_and_why(words: list[str], reason: str) -> None:
    """Each requirement is a fifth of its domain: one blank is under 0.9, one N/A exactly 0.2, two are over it."""
    found = row(small.assessed(two_domains(), {"I1": [*["full"] * 5, *words]}))
    assert (found["reason"], found["status"]) == (reason, "not_rated" if reason else "rated")


def test_coverage_and_na_share_weigh_a_requirement_by_item_and_by_v() -> None:
    asked = (requirement("AA1-1", weight=3.0, na_allowed=True), requirement("AA1-2"))
    model = small.model(domain("AA", 1.0, item("AA1", 0.2, *asked), item("AA2", 0.8, requirement("AA2-1"))))
    found = small.assessed(model, {"I1": ["na", "", "full"]}).domains.iloc[0]
    assert found["na_share"] == pytest.approx(0.2 * 3 / 4)
    assert found["coverage"] == pytest.approx(0.2 * 3 / 4 + 0.8)


@pytest.mark.parametrize(
    ("word", "star", "limited_by"),
    [
        ("none", 1, "veto"), ("none-", 1, "veto"), ("", 1, "veto"), ("?", 1, "veto"), ("na-", 1, "veto"),
        ("partial", 2, "band"), ("na", 2, "band"), ("full-", 2, "band"),
    ],
)  # fmt: skip
def test_a_veto_acts_on_none_blank_and_invalid_only(word: str, star: int, limited_by: str) -> None:
    model = two_domains(min_coverage=0.5)
    words = ["full"] * 5 + ["full", word, "full", "full", "full"]
    found = small.assessed(model, {"I1": words})
    assert (row(found)["star"], row(found)["limited_by"]) == (star, limited_by)


def test_dimensions_performing_well_exactly_at_the_threshold() -> None:
    """P = 0.3 * 0.5 + 0.7 * 0.8 = 0.71 and 0.6 * 0.5 + 0.4 * 1 = 0.7."""
    asked = [("AA1", 0.3, "resource"), ("AA2", 0.7, "resource"), ("BB1", 0.6, "process"), ("BB2", 0.4, "process")]
    items = [item(code, weight, requirement(f"{code}-1", dimension=name)) for code, weight, name in asked]
    model = small.model(domain("AA", 0.5, *items[:2]), domain("BB", 0.5, *items[2:]))
    found = small.assessed(model, {"I1": ["partial", "large", "partial", "full"], "I2": ["none"] * 4}).dimensions
    assert found["dimension"].tolist() == ["resource", "process", "performance"] * 2
    np.testing.assert_allclose(found["score"], [0.71, 0.70, NAN, 0, 0, NAN], rtol=0, atol=1e-12)
    assert [None if pd.isna(well) else bool(well) for well in found["performing_well"]] == [
        True, True, None, False, False, None,
    ]  # fmt: skip


def test_performing_well_is_compared_at_1e_9() -> None:
    """0.7 * 0.8 + 0.3 * 0.8 is 0.7999999999999999 in binary."""
    asked = [item(f"AA{n}", weight, requirement(f"AA{n}-1")) for n, weight in ((1, 0.7), (2, 0.3))]
    model = small.model(domain("AA", 1.0, *asked), performing_well=0.8)
    found = small.assessed(model, {"I1": ["large", "large"]}).dimensions.iloc[1]
    assert found["score"] < 0.8
    assert found["performing_well"]


def test_ranks_in_every_scope_and_how_many_were_ranked_there() -> None:
    levels_passed = {"I1": 4, "I2": 3, "I3": 3, "I4": 2, "I5": 5}
    answers = {one: (["full"] * n + ["none"] * (5 - n)) * 2 for one, n in levels_passed.items()}
    answers["I6"] = ["missing"] * 10
    provinces = {"I1": "江苏省", "I2": "江苏省", "I3": "江苏省", "I4": "江苏省", "I6": "四川省"}
    found = small.assessed(two_domains(), answers, province=provinces, type={"I5": "社会组织"})
    table = found.institutions.astype("object").where(found.institutions.notna(), None)
    assert table["rank"].tolist() == [2, 3, 3, 5, 1, None]
    assert table["rank_province"].tolist() == [1, 2, 2, 4, None, None]
    assert table["rank_type"].tolist() == [None, None, None, None, 1, None]
    assert table["rank_category"].tolist() == [None] * 6
    staged = found.ranks[found.ranks["method"].eq("staged")]
    rows = [tuple(each) for each in staged[["scope", "institution", "group", "rank", "of"]].itertuples(index=False)]
    assert rows == [
        ("overall", "I1", "", 2, 5), ("overall", "I2", "", 3, 5), ("overall", "I3", "", 3, 5),
        ("overall", "I4", "", 5, 5), ("overall", "I5", "", 1, 5),
        ("province", "I1", "江苏省", 1, 4), ("province", "I2", "江苏省", 2, 4), ("province", "I3", "江苏省", 2, 4),
        ("province", "I4", "江苏省", 4, 4),
        ("type", "I5", "社会组织", 1, 1),
    ]  # fmt: skip


def test_ranks_are_by_score_and_not_by_star() -> None:
    """I1 has 0.75 * 5 = 3.75 and, by the domain floor, one star; I2 has 3 and three stars."""
    low_floor = ["none"] * 5 + ["full"] * 5
    found = small.assessed(two_domains(), {"I1": low_floor, "I2": (["full"] * 3 + ["none"] * 2) * 2})
    table = found.institutions
    assert table["score"].tolist() == pytest.approx([3.75, 3.0])
    assert table["star"].tolist() == [1, 3]
    assert table["rank"].tolist() == [1, 2]


def test_no_institution_at_all_gives_empty_frames() -> None:
    found = small.assessed(two_domains(), {})
    assert [
        len(frame) for frame in (found.institutions, found.domains, found.items, found.dimensions, found.ranks)
    ] == [0] * 5


@pytest.mark.parametrize("spoil", ["a row gone", "two rows swapped"])
def test_answers_that_are_not_the_full_grid_are_refused(spoil: str) -> None:
    model = two_domains()
    frame = judge(small.cells(model, {"I1": ["full"] * 10}), model, {})
    frame = frame.iloc[:-1] if spoil == "a row gone" else frame.iloc[[1, 0, *range(2, 10)]]
    with pytest.raises(ValueError, match="every requirement"):
        assess(frame, small.institutions(["I1"]), model)
