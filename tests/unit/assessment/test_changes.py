"""What changed between two assessments, on institutions small enough to compute along."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from evaluator.assessment.changes import (
    BECOMES_RATED,
    BECOMES_UNRATED,
    DOWN,
    GONE,
    NEVER_RATED,
    NEW,
    SAME,
    UP,
    Changes,
    changes,
)
from evaluator.model.records import Model
from tests import small
from tests.small import domain, item

UPS = {n: ["full"] * n + ["none"] * (5 - n) for n in range(6)}
"""Answers that pass so many levels and score just that."""
ABSENT = ["missing"] * 5


def one_domain(code: str = "AA") -> Model:
    return small.model(domain(code, 1.0, item(f"{code}1", 1.0)))


def compared(old: Mapping[str, Sequence[str]], new: Mapping[str, Sequence[str]]) -> Changes:
    """Compare two rounds; stars are the levels passed, as 1.0 lies in the band of one star, and so on."""
    return changes(*(small.assessed(one_domain(), answers) for answers in (old, new)))


OLD = {"A": UPS[5], "B": UPS[4], "C": UPS[3], "D": UPS[2], "E": ABSENT, "F": ABSENT, "H": UPS[1], "Z": UPS[0]}
NEW_ONES = {"A": UPS[3], "B": UPS[5], "C": UPS[3], "D": ABSENT, "E": UPS[1], "F": ABSENT, "G": UPS[4], "Z": UPS[0]}


def test_every_direction_has_its_name() -> None:
    found = compared(OLD, NEW_ONES).institutions
    assert dict(zip(found["institution"], found["direction"], strict=True)) == {
        "A": DOWN, "B": UP, "C": SAME, "D": BECOMES_UNRATED, "E": BECOMES_RATED, "F": NEVER_RATED, "G": NEW, "H": GONE,
        "Z": SAME,
    }  # fmt: skip
    assert found["star_change"].fillna(99).tolist() == [-2, 1, 0, 99, 99, 99, 99, 99, 0]
    assert found["score_change"].fillna(99).tolist() == [-2, 1, 0, 99, 99, 99, 99, 99, 0]


def test_nothing_changed_where_all_is_the_same_but_for_last_bits() -> None:
    old = small.assessed(one_domain(), OLD)
    assert compared(OLD, OLD).nothing
    for tiny, nothing in ((1e-12, True), (1e-8, False)):
        table = old.institutions.assign(score=old.institutions["score"] + tiny)
        assert changes(old, replace(old, institutions=table)).nothing is nothing
    assert not compared(OLD, OLD | {"B": UPS[3]}).nothing
    assert not compared(OLD, OLD | {"E": UPS[3]}).nothing
    assert not compared(OLD, {one: OLD[one] for one in "ABCD"}).nothing


def test_a_positive_rank_change_is_a_better_place() -> None:
    """Before A B C D H Z are 1 to 6; after B 1, G 2, A and C share 3, E 5, Z 6."""
    found = compared(OLD, NEW_ONES).institutions.set_index("institution")
    assert found["rank_old"].dropna().to_dict() == {"A": 1, "B": 2, "C": 3, "D": 4, "H": 5, "Z": 6}
    assert found["rank_new"].dropna().to_dict() == {"A": 3, "B": 1, "C": 3, "E": 5, "G": 2, "Z": 6}
    assert found["rank_change"].dropna().to_dict() == {"A": -2, "B": 1, "C": 0, "Z": 0}


def test_the_figures_sum_it_up() -> None:
    """Rated in both: A B C Z, totals 5 4 3 0 and 3 5 3 0: midranks 4 3 2 1 and 2.5 4 2.5 1."""
    found = compared(OLD, NEW_ONES).figures
    assert (found.institutions, found.new, found.gone) == (7, 1, 1)
    assert (found.up, found.down, found.same) == (1, 1, 2)
    assert (found.becomes_rated, found.becomes_unrated, found.never_rated) == (1, 1, 1)
    assert (found.rated_in_both, found.rank_moved) == (4, 2)
    assert (found.largest_rank_change, found.largest_mover, found.mean_rank_change) == (-2, "A", 0.75)
    assert (found.largest_rise, found.largest_fall) == (1, 2)
    assert found.spearman == pytest.approx(3 / (5 * 4.5) ** 0.5)  # sums of products and squares, about 2.5
    assert found.kendall == pytest.approx((4 - 1) / (6 * 5) ** 0.5)  # one pair is tied, one is the other way round


def test_the_matrix_and_the_distribution_count_everybody_once() -> None:
    found = compared(OLD, NEW_ONES)
    counts = {(old, new): int(n) for old, row in found.transitions.iterrows() for new, n in row.items() if n}
    assert counts == {
        ("5", "3"): 1, ("4", "5"): 1, ("3", "3"): 1, ("2", "not_rated"): 1, ("not_rated", "1"): 1,
        ("not_rated", "not_rated"): 1, ("0", "0"): 1,
    }  # fmt: skip
    table = {row["standing"]: (row["old"], row["new"]) for row in found.distribution.to_dict("records")}
    assert table == {
        "not_rated": (2, 2), "0": (1, 1), "1": (1, 1), "2": (1, 0), "3": (1, 2), "4": (1, 1), "5": (1, 1),
    }  # fmt: skip


def test_domains_are_compared_by_code_and_one_that_is_gone_stands_last() -> None:
    both = small.model(domain("AA", 0.5, item("AA1", 1.0)), domain("BB", 0.5, item("BB1", 1.0)))
    old = small.assessed(both, {"I1": [*UPS[2], *UPS[4]]})
    new = small.assessed(one_domain("BB"), {"I1": UPS[3]})
    found = changes(old, new).domains
    assert found["domain"].tolist() == ["BB", "AA"]
    assert found["score_old"].tolist() == [4.0, 2.0]
    assert found["score_change"].fillna(99).tolist() == [-1.0, 99]


def test_a_gain_as_large_as_a_loss_yields_to_the_loss() -> None:
    found = compared({"A": UPS[5], "B": UPS[4]}, {"A": UPS[4], "B": UPS[5]}).figures
    assert (found.largest_rank_change, found.largest_mover) == (-1, "A")
    assert (found.largest_rise, found.largest_fall) == (1, 1)


def test_nobody_and_nobody_rated_have_no_figures() -> None:
    for answers in ({}, {"A": ABSENT}):
        found = compared(answers, answers).figures
        assert (found.largest_rank_change, found.largest_mover, found.mean_rank_change) == (None, "", None)
        assert (found.spearman, found.kendall, found.institutions) == (None, None, len(answers))
