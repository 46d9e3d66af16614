"""The measure of size: each part by hand, on METHOD's worked example and what departs from it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from evaluator.assessment.attention import BASE, PARTS, Attention, attention, strong_answers
from evaluator.assessment.patterns import patterns
from evaluator.model.records import Model
from tests.small import assessed, domain, item, model

EXAMPLE = ["full", "large", "full", "partial", "full", "full", "large", "partial", "full", "full"]
"""METHOD's worked example: S = 3.70; D = 1.00, 0.80, 0.80, 0.70; three stars by band, the floor allows four."""


def one(**rules: Any) -> Model:
    return model(domain("AA", 1, item("AA1", 0.6), item("AA2", 0.4)), **rules)


def of(asked: Model, *answers: list[str], weak: int = 0) -> Attention:
    found = assessed(asked, {f"I{n}": its for n, its in enumerate(answers)})
    flags = strong_answers(found)
    flags &= flags.cumsum(axis=1) <= weak
    return attention(found, flags, patterns(found))


def points(found: Attention, part: str, row: int = 0) -> int:
    return int(found.points[row, PARTS.index(part)])


def test_everyone_rated_has_the_base_and_the_not_rated_nothing() -> None:
    found = of(one(), ["none"] * 10, ["missing"] * 10)
    assert found.points[0].tolist() == [BASE, *[0] * (len(PARTS) - 1)]
    assert found.sizes.tolist() == [BASE, 0]


def test_a_total_below_the_next_band_has_points_by_its_distance() -> None:
    """3.70 is 0.10 below 3.80, half of the reach of 0.2: half of 200 points."""
    found = of(one(), EXAMPLE)
    assert found.band[0] == pytest.approx(0.1)
    assert found.start[0] == 3.8
    assert points(found, "band") == 100


def test_the_next_band_does_not_count_where_another_rule_holds_the_star_as_well() -> None:
    """With a floor of 0 the star is at most the 3 levels passed: passing 3.80 would change nothing, 2.80 would."""
    found = of(one(domain_floor=0), EXAMPLE)
    assert (found.band[0], found.start[0]) == (pytest.approx(0.9), 2.8)
    assert points(found, "band") == 0


def test_a_band_above_the_star_does_not_count_where_another_rule_limits() -> None:
    """One domain all full, one with one level passed and D(2) = 0.5: S = 3.25, band three, two stars by the floor."""
    asked = model(domain("AA", 0.5, item("AA1", 1)), domain("BB", 0.5, item("BB1", 1)))
    found = of(asked, [*["full"] * 5, "full", "partial", "none", "none", "none"])
    assert (found.start[0], found.band[0]) == (1.8, pytest.approx(1.45))


def test_a_total_exactly_at_a_bands_start_has_all_points() -> None:
    """One level passed and D(2) = 0.5: S = 1.5, where the second band starts here."""
    asked = model(domain("AA", 1, item("AA1", 1)), bands=(0.8, 1.5, 2.8, 3.8, 4.8))
    found = of(asked, ["full", "partial", "none", "none", "none"])
    assert (found.band[0], found.start[0]) == (0, 1.5)
    assert points(found, "band") == 200


def test_the_top_star_only_looks_down_and_no_star_only_up() -> None:
    asked = model(domain("AA", 1, item("AA1", 1)))
    found = of(asked, ["full"] * 5, ["partial", *["none"] * 4])
    assert found.start.tolist() == [4.8, 0.8]
    assert found.band.tolist() == [pytest.approx(0.2), pytest.approx(0.3)]
    assert points(found, "band") == 0  # at the reach


def test_a_level_at_the_pass_mark_has_all_points_and_is_named() -> None:
    """Levels 2 and 3 are at 0.80 exactly: the first of them is named."""
    found = of(one(), EXAMPLE)
    assert (found.mark[0], found.domain[0], found.level[0]) == (0, 0, 2)
    assert points(found, "mark") == 100


def test_only_the_weakest_domains_levels_up_to_the_first_not_passed_count() -> None:
    """AA passes all five, one of them at 0.80 exactly; BB passes none (D(1) = 0.5) and has 0.8 at level 2."""
    asked = model(domain("AA", 0.5, item("AA1", 1)), domain("BB", 0.5, item("BB1", 1)))
    found = of(asked, ["full", "large", "full", "full", "full", "partial", "large", "none", "none", "none"])
    assert (found.domain[0], found.level[0]) == (1, 1)
    assert found.mark[0] == pytest.approx(0.3)
    assert points(found, "mark") == 0


def test_points_fall_in_a_straight_line_and_are_whole() -> None:
    """A pass mark of 0.82: levels at 0.80 are 0.02 away, which leaves 3/5 of 100 points."""
    found = of(one(pass_mark=0.82), EXAMPLE)
    assert found.mark[0] == pytest.approx(0.02)
    assert points(found, "mark") == 60


def test_bands_mean_nothing_under_cumulative_and_levels_nothing_under_average() -> None:
    cumulative, average = of(one(method="cumulative"), EXAMPLE), of(one(method="average"), EXAMPLE)
    assert np.isinf(cumulative.band[0])
    assert np.isnan(cumulative.start[0])
    assert points(cumulative, "band") == 0
    assert points(cumulative, "mark") == 100
    assert np.isinf(average.mark[0])
    assert (average.domain[0], average.level[0], points(average, "mark")) == (-1, 0, 0)
    assert average.band[0] == pytest.approx(0.5)  # 4.30: 0.5 above 3.8 and below 4.8


def test_weak_evidence_has_its_share_of_high_answers_rounded_down() -> None:
    """Eight of the ten answers are high; three of them weak: 200 x 3 / 8 = 75. One of eight: 25."""
    assert of(one(), EXAMPLE, weak=3).strong.tolist() == [8]
    assert points(of(one(), EXAMPLE, weak=3), "evidence") == 75
    assert points(of(one(), EXAMPLE, weak=1), "evidence") == 25
    assert points(of(one(), EXAMPLE), "evidence") == 0
    assert points(of(one(), ["none"] * 10), "evidence") == 0


def test_patterns_have_their_points_and_all_full_has_more() -> None:
    asked = model(domain("AA", 1, *(item(f"AA{n}", 0.25) for n in (1, 2, 3, 4))))
    twice = ["none", "full", "none", "full", "none"] * 4
    found = of(asked, ["full"] * 20, ["partial"] * 20, twice, twice)
    shown = [dict(found.held(row)) for row in range(4)]
    odd = [{k: v for k, v in its.items() if k not in ("band", "mark")} for its in shown]
    assert odd == [
        {"straight_line": 100, "all_full": 100},
        {"straight_line": 100},
        {"higher_without_lower": 100, "identical_answers": 200},
        {"higher_without_lower": 100, "identical_answers": 200},
    ]
    assert found.sizes[2] == found.points[2].sum()
