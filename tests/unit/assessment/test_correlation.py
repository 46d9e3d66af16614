"""Rank correlations against published tables, ties and all."""

from __future__ import annotations

import math

import numpy as np
import pytest

from evaluator.assessment.correlation import kendall, spearman

TIED = np.array([1, 2.5, 2.5, 4.5, 4.5, 6.5, 6.5, 8, 9.5, 9.5]), np.array([1, 2, 4.5, 4.5, 4.5, 4.5, 8, 8, 8, 10])
"""Two rankings with ties of Kendall, Rank Correlation Methods (4th ed., 1970, ch. 3): S = 33, tau-b = 0.859."""


def test_tau_b_of_the_published_rankings_with_ties() -> None:
    """45 pairs, of which 4 are tied in the first ranking and 6 + 3 in the second: 33 / sqrt(41 * 36)."""
    assert kendall(*TIED) == pytest.approx(33 / math.sqrt(41 * 36), abs=1e-15)
    assert round(kendall(*TIED) or 0, 3) == 0.859


def test_rho_of_the_published_rankings_with_ties() -> None:
    """By Kendall's formula for ties, whose sums are made by hand: sum of d squared 13, tie terms 2 and 7."""
    by_hand = (165 - 13 - 2 - 7) / math.sqrt((165 - 2 * 2) * (165 - 2 * 7))
    assert spearman(*TIED) == pytest.approx(by_hand, abs=1e-12)
    assert round(by_hand, 3) == 0.917


def test_rho_without_ties_of_a_published_table() -> None:
    """IQ and hours of television of ten persons, as in the encyclopaedias: sum of d squared 194, rho = -29/165."""
    iq = np.array([106, 100, 86, 101, 99, 103, 97, 113, 112, 110], dtype=float)
    hours = np.array([7, 27, 2, 50, 28, 29, 20, 12, 6, 17], dtype=float)
    assert spearman(iq, hours) == pytest.approx(-29 / 165, abs=1e-12)


@pytest.mark.parametrize("measure", [spearman, kendall])
def test_the_ends_and_what_is_not_defined(measure: object) -> None:
    assert callable(measure)
    up = np.array([0.5, 1.5, 2.5, 4.0])
    assert measure(up, up * 10) == pytest.approx(1.0)
    assert measure(up, -up) == pytest.approx(-1.0)
    for a, b in (([], []), ([1.0], [2.0]), ([1.0, 1.0], [1.0, 2.0]), ([1.0, 2.0], [3.0, 3.0])):
        assert measure(np.array(a), np.array(b)) is None
