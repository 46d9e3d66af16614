"""The regulator's figures, held against sums and quartiles worked out by hand."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from evaluator.assessment import statistics
from evaluator.assessment.results import Assessment
from tests.builders import make

# id, province, status, reason, domains returned, score, star
INSTITUTIONS = (
    ("A", "浙江省", "rated", "", 5, 2.9, 3),
    ("B", "浙江省", "rated", "", 5, 4.8, 5),
    ("C", "", "rated", "", 5, 0.5, 0),
    ("D", "广东省", "rated", "", 5, 3.0, 3),
    ("E", "广东省", "not_rated", "coverage", 5, None, None),
    ("F", "西藏自治区", "not_rated", "missing_domain", 2, None, None),
    ("G", "", "not_rated", "missing_domain", 0, None, None),
)
RATED = ("A", "B", "C", "D")


@pytest.fixture(scope="module")
def real() -> Assessment:
    return make(1).assessment


@pytest.fixture
def found(real: Assessment) -> Assessment:
    columns = ["id", "province", "status", "reason", "domains_returned", "score", "star"]
    table = pd.DataFrame(list(INSTITUTIONS), columns=columns).astype({"score": "float64", "star": "Int64"})
    return replace(real, institutions=table)


def long(name: str, scores: dict[str, dict[str, float | None]], **more: object) -> pd.DataFrame:
    rows = [(institution, key, score) for key, by in scores.items() for institution, score in by.items()]
    return pd.DataFrame(rows, columns=["institution", name, "score"]).astype({"score": "float64"}).assign(**more)


def only(frame: pd.DataFrame, column: str, value: str) -> dict[str, float]:
    row = frame[frame[column].eq(value)]
    assert len(row) == 1
    return dict(row.iloc[0])


def nobody(found: Assessment) -> Assessment:
    table = found.institutions.assign(status="not_rated", reason="coverage")
    table["score"], table["star"] = float("nan"), pd.array([pd.NA] * len(table), dtype="Int64")
    return replace(found, institutions=table)


def test_stars_are_counted_over_rated_institutions_only(found: Assessment) -> None:
    counts = statistics.star_counts(found)
    assert len(counts) == 1
    row = dict(counts.iloc[0])
    assert [row[f"star_{star}"] for star in range(6)] == [1, 0, 0, 2, 0, 1]
    assert (row["institutions"], row["rated"], row["not_rated"]) == (7, 4, 3)
    assert row["mean_score"] == pytest.approx((2.9 + 4.8 + 0.5 + 3.0) / 4)


def test_groups_add_up_and_the_unknown_comes_last(found: Assessment) -> None:
    groups = statistics.star_counts(found, "province")
    assert list(groups["group"]) == ["广东省", "浙江省", "西藏自治区", ""]
    assert list(groups["institutions"]) == [2, 2, 1, 2]
    assert list(groups["rated"]) == [1, 2, 0, 1]
    assert list(groups["star_3"]) == [1, 1, 0, 0]
    assert only(groups, "group", "浙江省")["mean_score"] == pytest.approx(3.85)
    assert pd.isna(only(groups, "group", "西藏自治区")["mean_score"])
    assert only(groups, "group", "")["mean_score"] == pytest.approx(0.5)


def test_without_institutions_there_is_one_row_of_zeros_and_no_group(found: Assessment) -> None:
    none = replace(found, institutions=found.institutions.iloc[:0])
    total = statistics.star_counts(none)
    assert list(total["institutions"]) == [0]
    assert pd.isna(total["mean_score"].iloc[0])
    assert statistics.star_counts(none, "province").empty


def test_quartiles_interpolate_as_quartile_inc(found: Assessment) -> None:
    """QUARTILE.INC of 1, 2, 3, 5: positions 0.75, 1.5 and 2.25 counted from 0 give 1.75, 2.5 and 3.5."""
    scores = {"SS": {"A": 5.0, "B": 1.0, "C": 3.0, "D": 2.0, "E": 4.9, "F": 0.1}}
    described = statistics.domain_statistics(replace(found, domains=long("domain", scores)))
    row = only(described, "domain", "SS")
    assert row["n"] == 4
    figures = [row[key] for key in ("mean", "lowest", "q1", "median", "q3", "highest")]
    assert figures == pytest.approx([2.75, 1.0, 1.75, 2.5, 3.5, 5.0])


def test_the_total_is_described_after_the_domains(found: Assessment) -> None:
    described = statistics.domain_statistics(replace(found, domains=long("domain", {"SS": dict.fromkeys(RATED, 1.0)})))
    assert list(described["domain"]) == ["SS", "SD", "ST", "SO", "CI", ""]
    total = only(described, "domain", "")  # 0.5, 2.9, 3.0, 4.8
    assert total["q1"] == pytest.approx(0.5 + 0.75 * 2.4)
    assert total["median"] == pytest.approx(2.95)
    assert total["q3"] == pytest.approx(3.0 + 0.25 * 1.8)
    assert only(described, "domain", "SD")["n"] == 0
    assert pd.isna(only(described, "domain", "SD")["mean"])


def test_performing_well_counts_over_those_with_a_score(found: Assessment) -> None:
    """Resource: A exactly at the threshold and B above, C under, D without a score: 2 of 3."""
    scores = {"resource": {"A": 0.7, "B": 0.9, "C": 0.5, "D": None}, "process": dict.fromkeys(RATED, 0.1)}
    frame = long("dimension", scores)
    well = frame["score"].ge(0.7).astype("boolean").mask(frame["score"].isna())
    shares = statistics.performing_well(replace(found, dimensions=frame.assign(performing_well=well)))
    resource = only(shares, "dimension", "resource")
    assert (resource["n"], resource["well"], resource["threshold"]) == (3, 2, 0.7)
    assert resource["share"] == pytest.approx(2 / 3)
    assert resource["mean"] == pytest.approx(0.7)
    assert only(shares, "dimension", "process")["share"] == 0
    empty = only(shares, "dimension", "performance")
    assert empty["n"] == 0
    assert pd.isna(empty["share"])


def test_items_come_lowest_first_and_a_half_is_not_under_a_half(found: Assessment) -> None:
    """SD1: 0.2, 0.5, 0.6 and 0.3 (mean 0.4, median 0.4, half of them under 0.5); E is not rated and left out."""
    scores: dict[str, dict[str, float | None]] = {
        "SS1": {"A": 0.8, "B": 0.9, "C": None, "D": 1.0},
        "SD1": {"A": 0.2, "B": 0.5, "C": 0.6, "D": 0.3, "E": 1.0},
        "SD2": {"A": 0.4, "B": 0.4, "C": 0.4, "D": 0.4},
    }
    items = statistics.item_attainment(replace(found, items=long("item", scores)))
    assert list(items["item"][:3]) == ["SD1", "SD2", "SS1"]  # equal means in model order
    assert len(items) == len(found.model.items)
    row = only(items, "item", "SD1")
    assert row["n"] == 4
    assert [row[key] for key in ("mean", "median", "below_half")] == pytest.approx([0.4, 0.4, 0.5])
    assert [only(items, "item", "SS1")[key] for key in ("n", "mean", "below_half")] == pytest.approx([3, 0.9, 0.0])
    assert only(items, "item", "CI1")["n"] == 0


def test_a_half_within_the_quantum_is_a_half(found: Assessment) -> None:
    scores = {"SS1": {"A": 0.5 - 1e-12, "B": 0.5 - 1e-6, "C": 0.5, "D": 0.5}}
    items = statistics.item_attainment(replace(found, items=long("item", scores)))
    assert only(items, "item", "SS1")["below_half"] == pytest.approx(0.25)


def test_returns_and_reasons_add_up(found: Assessment) -> None:
    counts = statistics.returns(found).set_index("figure")["count"].to_dict()
    assert counts == {
        "institutions": 7, "complete": 5, "incomplete": 1, "none": 1, "rated": 4, "not_rated": 3,
        "not_rated_missing_domain": 2, "not_rated_coverage": 1, "not_rated_na_share": 0,
    }  # fmt: skip


def test_with_nobody_rated_means_are_missing_and_never_zero(found: Assessment) -> None:
    none = nobody(found)
    assert pd.isna(statistics.star_counts(none)["mean_score"].iloc[0])
    assert statistics.domain_statistics(none)["n"].eq(0).all()
    assert statistics.domain_statistics(none)["q1"].isna().all()
    assert statistics.item_attainment(none)["mean"].isna().all()
    assert list(statistics.item_attainment(none)["item"]) == [item.code for item in found.model.items]


def test_one_institution_is_its_own_quartiles(real: Assessment) -> None:
    described = statistics.domain_statistics(real)
    for _, row in described.iterrows():
        assert row["n"] == 1
        assert len({row[key] for key in ("mean", "lowest", "q1", "median", "q3", "highest")}) == 1
