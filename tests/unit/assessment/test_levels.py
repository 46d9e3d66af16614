"""Stars, the rule that limits them and the reasons for not being rated (METHOD, "From a score to a star")."""

from __future__ import annotations

import numpy as np
import pytest

from evaluator.assessment.levels import RULES, all_methods, bands, reasons, stars
from evaluator.assessment.scoring import Scores, weights_of
from evaluator.model.records import METHODS, Method, Rules
from tests import small
from tests.small import domain, item, requirement

VETOED = small.model(
    domain(
        "AA",
        1.0,
        item("AA1", 1.0, requirement("AA1-1a", veto_star=1), requirement("AA1-1b", veto_star=2), requirement("AA1-2")),
    )
)
FINE = [False, False, False]


def rules(**changed: object) -> Rules:
    return small.with_rules(VETOED, **changed).rules


def limited(
    method: Method,
    total: float,
    passed: tuple[int, ...],
    failed: list[bool] = FINE,
    average: float = 0.0,
    **changed: object,
) -> tuple[int, str]:
    """Give the star, and the rule that limited it, of one institution with these totals and passed levels."""
    none = np.zeros((1, 0))
    scores = Scores(
        attainment=none,
        passed=np.array([passed]),
        domain=none,
        total=np.array([total]),
        domain_average=none,
        total_average=np.array([average]),
        item=none,
        dimension=none,
    )
    found = stars(scores, np.array([failed]), weights_of(VETOED), rules(**changed), method)
    return int(found.star[0]), str(found.limited_by[0])


@pytest.mark.parametrize(
    ("total", "star"),
    [
        (0.0, 0), (0.7999, 0), (0.8, 1), (1.7999, 1), (1.8, 2), (2.7999, 2), (2.8, 3), (3.7999, 3), (3.8, 4),
        (4.7999, 4), (4.8, 5), (5.0, 5),
    ],
)  # fmt: skip
def test_a_total_exactly_at_the_start_of_a_band_is_in_it(total: float, star: int) -> None:
    assert bands(np.array([total]), rules()).tolist() == [star]


@pytest.mark.parametrize(
    ("total", "star"),
    [
        (0.1 + 0.7, 1),  # 0.7999999999999999 in binary, 0.8 on paper
        (0.3 * 5 + 0.7 * 0.42857142857142855, 2),  # 1.5 + 0.3
        (2.8 - 4e-10, 3),  # nearer to 2.8 than to the next multiple of 1e-9
        (2.8 - 6e-10, 2),
        (3.8 - 1e-9, 3),
        (5 + 1e-15, 5),
    ],
)
def test_totals_are_compared_at_1e_9(total: float, star: int) -> None:
    assert bands(np.array([total]), rules()).tolist() == [star]


@pytest.mark.parametrize(
    ("passed", "floor", "expected"),
    [
        ((3, 3), 1, (3, "band")),
        ((4, 2), 1, (3, "band")),
        ((5, 1), 1, (2, "domain_floor")),
        ((5, 0), 1, (1, "domain_floor")),
        ((5, 0), 0, (0, "domain_floor")),
        ((5, 1), 2, (3, "band")),
    ],
)
def test_staged_is_the_lower_of_band_and_domain_floor(
    passed: tuple[int, int], floor: int, expected: tuple[int, str]
) -> None:
    assert limited("staged", 3.7, passed, domain_floor=floor) == expected


def test_average_looks_at_the_band_of_its_own_total_only() -> None:
    assert limited("average", 0.0, (0, 0), average=4.30) == (4, "band")


@pytest.mark.parametrize(("passed", "star"), [((3, 4), 3), ((0, 5), 0), ((5, 5), 5)])
def test_cumulative_is_the_fewest_levels_passed_in_any_domain(passed: tuple[int, int], star: int) -> None:
    assert limited("cumulative", 5.0, passed) == (star, "levels")


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    ("failed", "expected"),
    [([True, False, False], 1), ([False, True, False], 2), ([True, True, False], 1)],
)
def test_the_lowest_veto_caps_the_star_under_every_method(method: Method, failed: list[bool], expected: int) -> None:
    assert limited(method, 4.9, (5, 5), failed, average=4.9) == (expected, "veto")


@pytest.mark.parametrize("method", METHODS)
def test_a_failed_requirement_without_a_veto_caps_nothing(method: Method) -> None:
    assert limited(method, 4.9, (5, 5), [False, False, True], average=4.9)[0] == 5


@pytest.mark.parametrize("method", METHODS)
def test_stars_above_the_verified_level_are_capped_under_every_method(method: Method) -> None:
    assert limited(method, 4.9, (5, 5), average=4.9, verified_above=3) == (3, "verified_only")
    assert limited(method, 4.9, (5, 5), average=4.9, verified_above=None)[0] == 5


@pytest.mark.parametrize(
    ("method", "total", "passed", "failed", "above", "expected"),
    [
        ("staged", 2.0, (1, 1), [False, True, False], 2, (2, "band")),
        ("staged", 3.0, (1, 1), [False, True, False], 2, (2, "domain_floor")),
        ("staged", 3.0, (3, 3), [False, True, False], 2, (2, "veto")),
        ("staged", 3.0, (3, 3), FINE, 2, (2, "verified_only")),
        ("cumulative", 3.0, (2, 2), [False, True, False], 2, (2, "levels")),
        ("cumulative", 4.9, (5, 5), FINE, 5, (5, "levels")),
    ],
)
def test_on_a_tie_the_first_rule_is_named(
    method: Method, total: float, passed: tuple[int, int], failed: list[bool], above: int, expected: tuple[int, str]
) -> None:
    assert RULES == ("band", "domain_floor", "levels", "veto", "verified_only")
    assert limited(method, total, passed, failed, verified_above=above) == expected


def test_all_three_methods_are_always_given() -> None:
    scores = Scores(
        attainment=np.zeros((1, 1, 5)),
        passed=np.array([[3]]),
        domain=np.array([[3.7]]),
        total=np.array([3.7]),
        domain_average=np.array([[4.3]]),
        total_average=np.array([4.3]),
        item=np.zeros((1, 1)),
        dimension=np.zeros((1, 3)),
    )
    found = all_methods(scores, np.array([FINE]), weights_of(VETOED), rules())
    totals = {method: (float(its.total[0]), int(its.star[0])) for method, its in found.items()}
    assert totals == {"staged": (3.7, 3), "average": (4.3, 4), "cumulative": (3.7, 3)}


@pytest.mark.parametrize(
    ("came", "coverage", "na_share", "reason"),
    [
        ((True, True), (1.0, 1.0), (0.0, 0.0), ""),
        ((True, False), (1.0, 0.0), (0.0, 0.0), "missing_domain"),
        ((True, True), (1.0, 0.89), (0.0, 0.0), "coverage"),
        ((True, True), (1.0, 1.0), (0.21, 0.0), "na_share"),
        ((True, False), (0.5, 0.0), (0.3, 0.0), "missing_domain"),
        ((True, True), (0.5, 1.0), (0.0, 0.3), "coverage"),
        ((True, True), (0.9, 0.9), (0.2, 0.2), ""),
        ((True, True), (0.15 * 6, 1.0), (0.1 + 0.1, 0.3 - 0.1), ""),
        ((True, True), (0.9 - 4e-10, 1.0), (0.2 + 4e-10, 0.0), ""),
        ((True, True), (0.9 - 1e-9, 1.0), (0.0, 0.0), "coverage"),
        ((True, True), (1.0, 1.0), (0.2 + 1e-9, 0.0), "na_share"),
    ],
)
def test_the_first_reason_that_holds_in_any_domain_is_named(
    came: tuple[bool, bool], coverage: tuple[float, float], na_share: tuple[float, float], reason: str
) -> None:
    found = reasons(np.array([came]), np.array([coverage]), np.array([na_share]), rules())
    assert found.tolist() == [reason]
