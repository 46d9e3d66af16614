"""Numbers in texts: what someone set is said in full, what was computed as a spreadsheet shows it."""

from __future__ import annotations

import pytest

from evaluator.wording.numbers import (
    near,
    near_share,
    near_share_digits,
    on_paper,
    plain,
    plain_share,
    rounded,
    rounded_share,
    share_digits,
)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0.8, "80%"),
        (0.775, "77.5%"),
        (0.125, "12.5%"),
        (0.6667, "66.67%"),
        (1.0, "100%"),
        (0.07, "7%"),
        (0, "0%"),
    ],  # 100 * 0.07 is 7.000000000000001
)
def test_a_share_that_someone_set_is_said_with_all_the_digits_it_has(value: float, words: str) -> None:
    assert plain_share(value) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [(0.1 + 0.2, "0.3"), (3e-20, "0.00000000000000000003"), (1 + 1e-12, "1.000000000001"), (1e22, "1" + "0" * 22)],
)
def test_a_sum_of_what_someone_set_is_said_as_it_is_on_paper(value: float, words: str) -> None:
    assert on_paper(value) == words


@pytest.mark.parametrize(("value", "words"), [(2.805, "2.805"), (0.8, "0.8"), (3.0, "3"), (10.0, "10")])
def test_a_number_that_someone_set_is_said_with_all_the_digits_it_has(value: float, words: str) -> None:
    assert plain(value) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (3.545, "3.55"),
        (2.675, "2.68"),
        (1.005, "1.01"),
        (3.5449999999999995, "3.55"),
        (3.544, "3.54"),
        (-1e-12, "0.00"),
    ],
)
def test_a_score_is_rounded_half_up_as_the_cell_beside_it_shows(value: float, words: str) -> None:
    assert rounded(value) == words  # the binary numbers lie below the halves, and would be rounded down


@pytest.mark.parametrize(
    ("value", "digits", "words"),
    [
        (1.9999999995, 9, "2.000000000"),
        (2.5e-9, 9, "0.000000003"),
        (0.8000000005, 9, "0.800000001"),
        (0.7999999994, 9, "0.799999999"),
        (0.0049999999995, 2, "0.01"),  # as 0.005, from which no comparison tells it
        (0.12345678905, 10, "0.1234567891"),
        (1e22, 2, "10000000000000000000000.00"),
    ],
)
def test_a_half_of_the_ninth_decimal_is_rounded_up_too(value: float, digits: int, words: str) -> None:
    assert rounded(value, digits) == words


@pytest.mark.parametrize(
    ("value", "limit", "words"),
    [
        (0.8000000005, 0.8, "0.80"),  # counts as 0.8
        (0.7999999995, 0.8, "0.80"),
        (0.6666666665, 0.666666667, "0.6666666665"),  # counts as 0.666666666, and would be said as the limit
        (0.8000000015, 0.800000001, "0.800000002"),
    ],
)
def test_a_half_beside_a_limit_is_said_on_the_side_where_it_counts(value: float, limit: float, words: str) -> None:
    assert near(value, limit) == words


def test_a_computed_share_is_rounded_by_the_same_rule() -> None:
    assert (rounded_share(0.855, 0), rounded_share(0.12345), rounded_share(0.2865)) == ("86%", "12.3%", "28.7%")
    assert (rounded(float("nan")), rounded_share(float("nan"))) == ("nan", "nan%")


@pytest.mark.parametrize(
    ("value", "limit", "words"),
    [
        (0.8996, 0.9, "89.96%"),
        (0.9, 0.9, "90.0%"),
        (0.90004, 0.9, "90.004%"),
        (0.967, 0.999, "96.7%"),
        (0.66666, 0.6667, "66.666%"),
        (0.6667, 0.6667, "66.67%"),
        (0.9999999, 1.0, "99.99999%"),
    ],
)
def test_a_share_beside_a_limit_is_never_said_to_lie_on_its_other_side(value: float, limit: float, words: str) -> None:
    assert near_share(value, limit) == words
    assert near_share_digits(value, limit) == len(words.split(".")[1]) - 1


@pytest.mark.parametrize(
    ("value", "limit", "words"),
    [
        (2.804, 2.805, "2.80"),
        (2.805, 2.805, "2.805"),
        (2.8051, 2.805, "2.81"),
        (3.545, 3.8, "3.55"),
        (3.7996, 3.8, "3.7996"),
    ],
)
def test_a_score_beside_a_limit_keeps_apart_from_it_as_the_limit_is_said_in_full(
    value: float, limit: float, words: str
) -> None:
    assert near(value, limit) == words


def test_a_cell_takes_as_many_decimals_as_a_share_has() -> None:
    assert [share_digits(value) for value in (0.7, 0.775, 0.6667)] == [1, 1, 2]
    assert [share_digits(value, 0) for value in (0.15, 0.125)] == [0, 1]
