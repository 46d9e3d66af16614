"""The measure of size: each part by hand, on METHOD's worked example and what departs from it."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pytest

from evaluator.assessment.attention import BASE, PARTS, Attention, _decisive, attention, strong_answers
from evaluator.assessment.levels import stars
from evaluator.assessment.patterns import patterns
from evaluator.assessment.results import assess
from evaluator.assessment.scoring import domain_scores, passed_levels, reached
from evaluator.model.records import Model
from tests.builders import make
from tests.small import assessed, domain, item, model, requirement, with_rules

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


def two(second: list[str], **rules: Any) -> Attention:
    """Two domains of equal weight; the first passes two levels, S = 2.5, so that the floor allows three stars."""
    asked = model(domain("AA", 0.5, item("AA1", 1)), domain("BB", 0.5, item("BB1", 1)), **rules)
    return of(asked, ["full", "full", "partial", "none", "none", *second])


FLOOR_ONLY: dict[str, Any] = {"bands": (0.1, 0.2, 0.3, 3.8, 4.8)}
"""Bands that give three stars for any total that occurs here."""


def test_a_level_of_a_stronger_domain_counts_where_its_fall_lowers_the_floor() -> None:
    """BB passes four, level 2 at 0.80 exactly: any less, and it passes one, which allows two stars."""
    found = two(["full", "large", "full", "full", "none"], **FLOOR_ONLY)
    assert (found.mark[0], found.domain[0], found.level[0]) == (0, 1, 2)
    assert points(found, "mark") == 100


def test_a_level_whose_fall_leaves_the_floor_where_it_is_does_not_count() -> None:
    """BB's level 3 at 0.80: any less, and it still passes two, as AA does. Next are the levels at 1, 0.2 away."""
    found = two(["full", "full", "large", "full", "none"], **FLOOR_ONLY)
    assert (found.mark[0], found.level[0]) == (pytest.approx(0.2), 1)
    assert points(found, "mark") == 0


def test_a_level_counts_where_its_fall_takes_the_total_below_a_band() -> None:
    """Three levels passed, S = 3.5, three stars. Level 3 below 0.80: S just below 2.80, though the floor allows three.

    With the third band from 2.79 on nothing would change.
    """
    answers = ["full", "full", "large", "partial", "none"]
    asked = domain("AA", 1, item("AA1", 1))
    found = of(model(asked), answers)
    assert (found.mark[0], found.domain[0], found.level[0]) == (0, 0, 3)
    lower = of(model(asked, bands=(0.8, 1.8, 2.79, 3.8, 4.8)), answers)
    assert (lower.mark[0], lower.level[0]) == (pytest.approx(0.2), 1)


def test_the_first_level_not_passed_counts_where_reaching_the_mark_gives_a_star() -> None:
    """Pass mark 0.82. BB passes all; AA has 0.80 at level 2, so passes one: one star under `cumulative`, five if not.

    Where both have 0.80 there, neither alone changes the star; nor does AA's where a veto holds it at one.
    """
    short, full = ["full", "large", "full", "full", "full"], ["full"] * 5
    domains = domain("AA", 0.5, item("AA1", 1)), domain("BB", 0.5, item("BB1", 1))
    rules: dict[str, Any] = {"method": "cumulative", "pass_mark": 0.82}
    found = of(model(*domains, **rules), [*short, *full], [*short, *short])
    assert found.mark.tolist() == [pytest.approx(0.02), pytest.approx(0.18)]
    assert (found.domain.tolist(), found.level.tolist()) == ([0, 0], [2, 1])
    assert [points(found, "mark", row) for row in (0, 1)] == [60, 0]
    veto = item("CC1", 1, requirement("CC1-1"), requirement("CC1-2", veto_star=1, weight=1e-6), requirement("CC1-2b"))
    held = of(model(*domains, domain("CC", 1, veto), **rules), [*short, *full, "full", "none", "full"])
    assert points(held, "mark") == 0


@pytest.mark.parametrize("method", ["staged", "cumulative"])
def test_the_decisive_levels_are_those_that_change_the_star_when_scored_anew(method: str) -> None:
    """Of every institution each level in turn is moved across the mark, and the whole star worked out again."""
    base = make(40).assessment
    found = assess(base.answers, base.institutions, with_rules(base.model, method=method))
    scores, rules, weights = found.scores, found.model.rules, found.weights
    decisive = _decisive(found)
    assert decisive.any()
    for d, level in product(range(scores.attainment.shape[1]), range(5)):
        moved = scores.attainment.copy()
        reaches = reached(moved[:, d, level], rules.pass_mark)
        moved[:, d, level] = np.where(reaches, rules.pass_mark - 1e-6, rules.pass_mark)
        passed = passed_levels(moved, rules.pass_mark)
        anew = replace(scores, passed=passed, total=domain_scores(moved, passed) @ weights.w)
        star = stars(anew, found.failed, weights, rules, rules.method).star
        assert (decisive[:, d, level] == (star != found.stars.star)).all()


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
