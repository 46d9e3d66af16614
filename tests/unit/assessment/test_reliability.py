"""Reliability, discrimination and correlations, held against a published table and formulas written out anew.

The data are the Chatterjee-Price attitude data (Chatterjee & Price, 1977, Regression Analysis by Example; `attitude`
in R's package datasets): seven questions in 30 departments. The figures are those that R's package psych prints for
`alpha(attitude)` (Revelle, psych: Procedures for Psychological, Psychometric, and Personality Research, the first
example of the function's help page): raw_alpha, average_r, raw_alpha if an item is dropped, and r.drop.
"""

from __future__ import annotations

from statistics import correlation, variance

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluator.assessment import reliability
from evaluator.assessment.scoring import Floats

ATTITUDE = {
    "rating": "43 63 71 61 81 43 58 71 72 67 64 67 69 68 77 81 74 65 65 50 50 64 53 40 63 66 78 48 85 82",
    "complaints": "51 64 70 63 78 55 67 75 82 61 53 60 62 83 77 90 85 60 70 58 40 61 66 37 54 77 75 57 85 82",
    "privileges": "30 51 68 45 56 49 42 50 72 45 53 47 57 83 54 50 64 65 46 68 33 52 52 42 42 66 58 44 71 39",
    "learning": "39 54 69 47 66 44 56 55 67 47 58 39 42 45 72 72 69 75 57 54 34 62 50 58 48 63 74 45 71 59",
    "raises": "61 63 76 54 71 54 66 70 71 62 58 59 55 59 79 60 79 55 75 64 43 66 63 50 66 88 80 51 77 64",
    "critical": "92 73 86 84 83 49 68 66 83 80 67 74 63 77 77 54 79 80 85 78 64 80 80 57 75 76 78 83 74 78",
    "advance": "45 47 48 35 47 34 35 41 31 41 34 41 25 35 46 36 63 60 46 52 33 41 37 49 33 72 49 38 55 39",
}
MEANS = (64.63, 66.60, 53.13, 56.37, 64.63, 74.77, 42.93)
"""As R's `summary(attitude)` prints them, which shows that the table above was copied well."""
ALPHA, MEAN_R = 0.84, 0.43
WITHOUT = (0.81, 0.80, 0.83, 0.80, 0.80, 0.86, 0.84)
R_DROP = (0.67, 0.74, 0.56, 0.71, 0.79, 0.27, 0.46)

NAN = float("nan")
SCALE = st.sampled_from([0.0, 0.5, 0.8, 1.0])


@pytest.fixture
def attitude() -> Floats:
    return np.array([[float(x) for x in column.split()] for column in ATTITUDE.values()]).T


def tables(units: int = 4) -> st.SearchStrategy[Floats]:
    """Complete tables of scores, 5 to 20 institutions."""
    rows = st.lists(st.lists(SCALE, min_size=units, max_size=units), min_size=5, max_size=20)
    return rows.map(np.array)


def same(one: Floats, other: Floats) -> bool:
    return bool(np.allclose(one, other, atol=2e-9, equal_nan=True))


def alpha_by_hand(scores: Floats) -> float:
    """Cronbach's formula in plain Python, from the sample variances of the questions and of their sum."""
    columns = scores.T.tolist()
    inner = sum(variance(column) for column in columns)
    return len(columns) / (len(columns) - 1) * (1 - inner / variance([sum(row) for row in scores.tolist()]))


def test_the_published_table_comes_out(attitude: Floats) -> None:
    assert attitude.mean(axis=0).round(2).tolist() == list(MEANS)
    found = reliability.alpha(attitude)
    assert (round(found.value, 2), found.n, found.units) == (ALPHA, 30, 7)
    assert tuple(found.without.round(2).tolist()) == WITHOUT
    assert tuple(reliability.item_rest(attitude).round(2).tolist()) == R_DROP
    assert round(reliability.mean_correlation(reliability.correlations(attitude)[0]), 2) == MEAN_R


def test_an_independent_formula_gives_the_same_to_the_ninth_digit(attitude: Floats) -> None:
    found, rest = reliability.alpha(attitude), reliability.item_rest(attitude)
    assert found.value == round(alpha_by_hand(attitude), 9)
    for unit in range(7):
        others = np.delete(attitude, unit, axis=1)
        assert found.without[unit] == round(alpha_by_hand(others), 9)
        sums = [sum(row) for row in others.tolist()]
        assert rest[unit] == round(correlation(attitude[:, unit].tolist(), sums), 9)


def test_a_small_table_by_hand() -> None:
    """Variances 1/3, 1/3 and of the sums 0, 1, 1, 2: 2/3; alpha = 2 (1 - (2/3) / (2/3)) = 0: they are unrelated."""
    scores = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    assert reliability.alpha(scores).value == 0
    assert reliability.item_rest(scores).tolist() == [0, 0]


def test_parallel_copies_have_alpha_1_and_go_wholly_together() -> None:
    copies = np.tile(np.array([[0.0], [0.5], [0.8], [1.0], [0.5]]), (1, 4))
    found = reliability.alpha(copies)
    assert found.value == 1
    assert found.without.tolist() == [1, 1, 1, 1]
    assert reliability.item_rest(copies).tolist() == [1, 1, 1, 1]
    assert reliability.mean_correlation(reliability.correlations(copies)[0]) == 1


def test_a_question_turned_round_goes_against_the_others() -> None:
    base = np.array([0.0, 0.5, 0.8, 1.0, 0.5])
    scores = np.column_stack([base, base, base, 1 - base])
    assert reliability.item_rest(scores)[3] == -1
    found = reliability.alpha(scores)
    assert found.without[3] == 1 > found.value


@given(tables(), st.lists(st.floats(-3, 3), min_size=4, max_size=4))
def test_shifting_a_question_changes_nothing(scores: Floats, shift: list[float]) -> None:
    moved = scores + np.array(shift)
    assert same(reliability.item_rest(scores), reliability.item_rest(moved))
    assert same(reliability.correlations(scores)[0], reliability.correlations(moved)[0])
    one, other = reliability.alpha(scores), reliability.alpha(moved)
    assert one.units == other.units
    assert same(np.array([one.value, *one.without]), np.array([other.value, *other.without]))


@given(tables(), st.randoms(use_true_random=False), st.lists(st.integers(0, 3), max_size=8))
def test_the_order_of_institutions_changes_nothing(scores: Floats, random: object, gaps: list[int]) -> None:
    table = scores.copy()
    for row, unit in enumerate(gaps[: len(table)]):
        table[row, unit] = NAN
    order = np.arange(len(table))
    random.shuffle(order)  # type: ignore[attr-defined]
    for one, other in (
        (reliability.item_rest(table), reliability.item_rest(table[order])),
        (reliability.correlations(table)[0], reliability.correlations(table[order])[0]),
        (reliability.alpha(table).without, reliability.alpha(table[order]).without),
    ):
        assert np.array_equal(one.round(8), other.round(8), equal_nan=True)


@given(tables())
def test_correlations_of_a_complete_table_are_pearsons(scores: Floats) -> None:
    found, both = reliability.correlations(scores)
    assert (both == len(scores)).all()
    for one in range(4):
        for other in range(4):
            columns = scores[:, one].tolist(), scores[:, other].tolist()
            if min(map(len, map(set, columns))) == 1:
                assert np.isnan(found[one, other])
            else:
                assert found[one, other] == pytest.approx(correlation(*columns), abs=2e-9)


def test_a_question_that_all_answer_alike_has_no_figure_and_does_not_count() -> None:
    base = np.array([0.0, 0.5, 0.8, 1.0, 0.5])
    scores = np.column_stack([base, np.full(5, 0.8), base])
    found = reliability.alpha(scores)
    assert (found.value, found.units) == (1, 2)
    assert np.isnan(found.without).all()  # one question left is no scale, and the constant one is not in it
    assert np.isnan(reliability.item_rest(scores)[1])
    assert reliability.item_rest(scores)[[0, 2]].tolist() == [1, 1]


@pytest.mark.parametrize("rows", [0, 1])
def test_one_institution_or_none_gives_no_figure(rows: int) -> None:
    scores = np.ones((rows, 3))
    assert np.isnan(reliability.alpha(scores).value)
    assert np.isnan(reliability.item_rest(scores)).all()
    assert np.isnan(reliability.mean_correlation(reliability.correlations(scores)[0]))


def test_alpha_counts_only_institutions_with_every_score() -> None:
    scores = np.array([[0.0, 0.5, 0.5], [1.0, 1.0, NAN], [0.5, 0.5, 0.8], [1.0, 0.8, 1.0], [0.0, 0.0, 0.5]])
    found = reliability.alpha(scores)
    assert found.n == 4
    assert found.value == round(alpha_by_hand(scores[[0, 2, 3, 4]]), 9)


def test_going_without_a_hard_question_does_not_look_like_being_better() -> None:
    """Question 1 and 2 agree. The third is failed by all who answer it, and left out by the weak.

    Were the rest the plain mean of what is there, the weak would have a rest of their own score and the strong one
    halved by the third question: the first would seem to go against the others.
    """
    base = np.array([0.0, 0.5, 0.8, 1.0])
    scores = np.column_stack([base, base, [NAN, NAN, 0.0, 0.0]])
    assert reliability.item_rest(scores)[0] > 0.9


def test_with_gaps_the_rest_is_the_mean_of_the_others_less_their_own_means() -> None:
    """By hand, as the docstring says. Means of the questions: 0.5, 0.5 and 0.6; the last institution has the first
    question only, which counts in its mean but not in its correlation.

    Rests beside the first: ((0 - 0.5) + (0.2 - 0.6)) / 2, 0.5 - 0.5, and ((1 - 0.5) + (1 - 0.6)) / 2.
    """
    scores = np.array([[0.0, 0.0, 0.2], [0.5, 0.5, NAN], [0.5, 1.0, 1.0], [1.0, NAN, NAN]])
    rest = [-0.45, 0.0, 0.45]
    assert reliability.item_rest(scores)[0] == round(correlation([0.0, 0.5, 0.5], rest), 9)


def test_a_pair_uses_only_institutions_that_have_both() -> None:
    scores = np.array([[0.0, 0.0], [1.0, 1.0], [0.5, NAN], [NAN, 0.0], [0.8, 0.5]])
    found, both = reliability.correlations(scores)
    assert both.tolist() == [[4, 3], [3, 4]]
    assert found[0, 1] == round(correlation([0.0, 1.0, 0.8], [0.0, 1.0, 0.5]), 9)


def test_one_lies_above_another_only_beyond_chance_and_by_enough() -> None:
    """Differences 0.5, 0.5, 0.5, -0.5: mean 0.25, standard deviation 0.5, standard error 0.25: one standard error."""
    first, second = np.array([1.0, 1.0, 0.5, 0.0]), np.array([0.5, 0.5, 0.0, 0.5])
    assert reliability.exceeds(first, second, errors=0.99, least=0.25)
    assert not reliability.exceeds(first, second, errors=1.0, least=0.25)
    assert not reliability.exceeds(first, second, errors=0.99, least=0.26)
    assert not reliability.exceeds(second, first, errors=0.0, least=0.0)
    assert reliability.exceeds(np.array([1.0, 1.0, NAN]), np.array([0.5, 0.5, 1.0]), errors=1.96, least=0.05)
    assert not reliability.exceeds(np.array([1.0, NAN]), np.array([0.0, 0.0]), errors=1.96, least=0.05)
