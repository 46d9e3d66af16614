"""Estimates from the sample: the textbook's figures where there are some, unbiased over many draws."""

from __future__ import annotations

from statistics import fmean, pvariance

import pytest

from evaluator.assessment.sampling import draw
from tests.estimation import estimates


def test_with_equal_probabilities_it_is_simple_random_sampling() -> None:
    """N = 8, n = 4: mean 2.5, s2 = 5/3, and Cochran's (1 - n/N) s2 / n = 5/24 (Sampling Techniques, 1977)."""
    found = estimates([1.0, 2.0, 3.0, 4.0], [0.5] * 4, 8)
    assert found is not None
    for one in (found.horvitz_thompson, found.hajek):
        assert one.mean == pytest.approx(2.5, abs=1e-12)
        assert one.error == pytest.approx((5 / 24) ** 0.5, abs=1e-12)


def test_unequal_probabilities_by_hand() -> None:
    """Values 1 and 3 at 0.5 and 0.25 of N = 5: sum y/pi = 14, sum 1/pi = 6.

    Horvitz-Thompson 14/5; z = 0.4 and 2.4, c = 0.5 and 0.75, B = 1.6, V = 2 (0.5 x 1.44 + 0.75 x 0.64) = 2.4.
    Hajek 7/3; u = -4/9 and 4/9, B = 4/45, V = 2 (0.5 x (24/45)^2 + 0.75 x (16/45)^2) = 2 x 480/2025.
    """
    found = estimates([1.0, 3.0], [0.5, 0.25], 5)
    assert found is not None
    assert found.horvitz_thompson.mean == pytest.approx(2.8, abs=1e-12)
    assert found.horvitz_thompson.error == pytest.approx(2.4**0.5, abs=1e-12)
    assert found.hajek.mean == pytest.approx(7 / 3, abs=1e-12)
    assert found.hajek.error == pytest.approx((960 / 2025) ** 0.5, abs=1e-12)


def test_a_census_is_sure() -> None:
    found = estimates([1.0, 0.0, 1.0, 1.0], [1.0] * 4, 4)
    assert found is not None
    assert found.hajek.mean == found.horvitz_thompson.mean == 0.75
    assert found.hajek.error == found.horvitz_thompson.error == 0


def test_one_uncertain_observation_says_nothing_of_spread() -> None:
    found = estimates([1.0, 0.0], [1.0, 0.5], 3)
    assert found is not None
    assert found.hajek.error is None
    assert found.horvitz_thompson.error is None
    assert found.hajek.mean == pytest.approx(1 / 3)


def test_without_observations_there_is_no_estimate() -> None:
    assert estimates([None, None], [0.5, 0.5], 4) is None
    assert estimates([], [], 0) is None


def test_where_some_are_not_observed_yet_the_rest_stands_for_the_sample() -> None:
    """Two of four at 0.5 count as drawn at 0.25: the mean of the two, and (1 - 2/8) s2 / 2 = 0.375 x 2."""
    found = estimates([1.0, None, 3.0, None], [0.5] * 4, 8)
    assert found is not None
    assert found.observed == 2
    assert found.horvitz_thompson.mean == found.hajek.mean == pytest.approx(2.0)
    assert found.hajek.error == pytest.approx(0.75**0.5)


def test_over_many_seeds_the_estimates_are_right_and_the_errors_honest() -> None:
    """Mean of Horvitz-Thompson within four of its standard errors of the truth, and estimated variance as observed."""
    count, size, seeds = 60, 15, 2000
    sizes = [100 + (37 * n) % 250 for n in range(count)]
    values = [float((n * 7 + sizes[n] // 60) % 6) for n in range(count)]
    truth, ids = fmean(values), [f"I{n}" for n in range(count)]
    means: dict[str, list[float]] = {"ht": [], "hajek": []}
    variances: dict[str, list[float]] = {"ht": [], "hajek": []}
    for seed in range(seeds):
        chosen = draw(ids, sizes, size, str(seed)).chosen
        found = estimates([values[u.row] for u in chosen], [float(u.probability) for u in chosen], count)
        assert found is not None
        for key, one in (("ht", found.horvitz_thompson), ("hajek", found.hajek)):
            assert one.error is not None
            means[key].append(one.mean)
            variances[key].append(one.error**2)
    spread = pvariance(means["ht"])
    assert abs(fmean(means["ht"]) - truth) < 4 * (spread / seeds) ** 0.5
    assert abs(fmean(means["hajek"]) - truth) < 0.02 * truth
    for key, found_means in means.items():
        assert fmean(variances[key]) == pytest.approx(pvariance(found_means), rel=0.12)
