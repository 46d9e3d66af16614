"""The draw: exact probabilities, exactly as many as asked for, and the same for anyone who follows the rule."""

from __future__ import annotations

from fractions import Fraction
from itertools import accumulate
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluator.assessment.sampling import Draw, draw, inclusion, points_in, start_of

SIZES = dict(A=100, B=250, C=100, D=130, E=300, F=100, G=170, H=220, I=100, J=180)  # noqa: C408 - shorter


def of(sizes: dict[str, int], count: int, seed: str) -> Draw:
    return draw(list(sizes), list(sizes.values()), count, seed)


def names(sizes: dict[str, int], found: Draw) -> list[str]:
    return [list(sizes)[unit.row] for unit in found.chosen]


def test_probabilities_are_proportional_to_size() -> None:
    assert inclusion([1, 2, 3, 4], 2) == (Fraction(1, 5), Fraction(2, 5), Fraction(3, 5), Fraction(4, 5))


def test_whoever_reaches_one_is_certain_and_the_rest_is_shared_out_again() -> None:
    """2 x 9 / 12 is above 1; one is left for three of size 1."""
    assert inclusion([1, 1, 9, 1], 2) == (Fraction(1, 3), Fraction(1, 3), 1, Fraction(1, 3))


def test_certainty_goes_on_until_all_others_are_below_one() -> None:
    """3 x 10 / 17 > 1; then 2 x 5 / 7 > 1, which 3 x 5 / 17 was not; one of two is left."""
    assert inclusion([1, 5, 10, 1], 3) == (Fraction(1, 2), 1, 1, Fraction(1, 2))


def test_exactly_one_is_certain_too() -> None:
    assert inclusion([1, 2, 1], 2) == (Fraction(1, 2), 1, Fraction(1, 2))


def test_all_are_certain_where_all_are_asked_for_and_none_where_none() -> None:
    assert inclusion([5, 1, 3], 3) == (1, 1, 1)
    assert inclusion([5, 1, 3], 0) == (0, 0, 0)
    assert inclusion([], 0) == ()


@pytest.mark.parametrize(("sizes", "count"), [([1, 0], 1), ([1, -2], 1), ([1, 1], 3), ([1], -1)])
def test_what_can_have_no_probability_is_refused(sizes: list[int], count: int) -> None:
    with pytest.raises(ValueError, match="measures of size"):
        inclusion(sizes, count)


def test_a_shell_script_that_follows_the_published_rule_draws_the_same() -> None:
    """Expected: from sha256sum, sort and shell arithmetic, written from the workbook's words alone."""
    found = of(SIZES, 4, "20260601")
    assert (found.total, found.start, found.certain, found.steps) == (1650, 570, 0, 4)
    assert names(SIZES, found) == ["G", "B", "I", "H"]
    assert {list(SIZES)[unit.row]: unit.after for unit in found.chosen} == {"G": 170, "B": 800, "I": 1000, "H": 1520}


def test_a_certain_one_is_drawn_and_takes_no_stretch() -> None:
    found = of({**SIZES, "K": 5000}, 4, "x")
    assert found.certain == 1
    assert (found.units[0].certain, found.units[0].chosen, found.units[0].after) == (True, True, 0)
    assert found.total == sum(SIZES.values())
    assert len(found.chosen) == 4


def test_the_sample_stands_in_random_order_the_certain_ones_among_the_others() -> None:
    """What is observed of it first is then a random part of it."""
    found = of({**SIZES, "K": 5000}, 6, "7")
    hashes = [unit.hash for unit in found.chosen]
    assert hashes == sorted(hashes)
    first = {of({**SIZES, "K": 5000}, 6, str(seed)).chosen[0].certain for seed in range(20)}
    assert first == {True, False}


def test_more_than_there_are_is_everybody() -> None:
    found = of(SIZES, 99, "x")
    assert (found.size, found.asked, found.certain, found.total, found.start) == (10, 99, 10, 0, 0)
    assert all(unit.chosen and unit.probability == 1 for unit in found.units)


def test_ties_in_size_are_told_apart_by_the_seed_alone() -> None:
    equal = dict.fromkeys("ABCDEFGHIJ", 100)
    drawn = {tuple(sorted(names(equal, of(equal, 3, str(seed))))) for seed in range(40)}
    assert len(drawn) > 20  # of 120 samples of three


def test_over_all_starts_everyone_is_drawn_just_as_often_as_their_probability_says() -> None:
    """Exhaustive: each of the M starts once. Horvitz-Thompson's mean over them is the total itself, exactly."""
    sizes, values, k = [3, 1, 4, 1, 5, 2], [2, 7, 1, 8, 2, 8], 3
    total, sums = sum(sizes), list(accumulate(sizes))
    hits, estimate = [0] * len(sizes), Fraction(0)
    for start in range(total):
        taken = [points_in(k * (a - m), k * a, start, total) for a, m in zip(sums, sizes, strict=True)]
        assert sum(taken) == k
        assert max(taken) == 1
        hits = [h + t for h, t in zip(hits, taken, strict=True)]
        estimate += sum(Fraction(y * total, k * m) * t for y, m, t in zip(values, sizes, taken, strict=True))
    assert hits == [k * m for m in sizes]
    assert estimate / total == sum(values)


def test_over_many_seeds_the_inclusion_frequencies_match_the_probabilities() -> None:
    seeds, count = 3000, 4
    sizes = {**SIZES, "K": 5000}
    hits = dict.fromkeys(sizes, 0)
    for seed in range(seeds):
        for name in names(sizes, of(sizes, count, f"seed {seed}")):
            hits[name] += 1
    expected = dict(zip(sizes, inclusion(list(sizes.values()), count), strict=True))
    assert hits.pop("K") == seeds
    excess = sum(
        (hits[name] - seeds * float(pi)) ** 2 / (seeds * float(pi) * (1 - float(pi)))
        for name, pi in expected.items()
        if name in hits
    )
    assert excess < 23.2  # chi-square's 99 % point at 10 degrees of freedom; the sum is of 10 dependent squares


def test_every_pair_can_be_drawn_together() -> None:
    """What a variance needs: the order changes with the seed, so that no pair is shut out."""
    pairs = set()
    for seed in range(400):
        drawn = sorted(names(SIZES, of(SIZES, 4, str(seed))))
        pairs |= {(a, b) for a in drawn for b in drawn if a < b}
    assert len(pairs) == 45


def test_the_start_is_that_of_the_published_hash() -> None:
    """SHA-256 of `20260601:start` begins with a91b78df150a = 185935457096970."""
    assert start_of("20260601", 6360) == 185935457096970 % 6360 == 4290
    assert start_of("20260601", 0) == 0


populations = st.dictionaries(st.text(min_size=1, max_size=6), st.integers(1, 900), min_size=1, max_size=40)


@given(populations, st.integers(1, 45), st.text(max_size=8))
def test_as_many_are_drawn_as_asked_for_and_the_probabilities_sum_to_it(
    sizes: dict[str, int], count: int, seed: str
) -> None:
    found = of(sizes, count, seed)
    assert len(found.chosen) == found.size == min(count, len(sizes))
    assert sum(unit.probability for unit in found.units) == found.size
    assert all(0 < unit.probability <= 1 for unit in found.units)
    assert all(unit.chosen for unit in found.units if unit.certain)
    assert sorted(unit.row for unit in found.units) == list(range(len(sizes)))


@given(populations, st.integers(1, 45))
def test_the_larger_is_never_less_likely(sizes: dict[str, int], count: int) -> None:
    values = sorted(sizes.values())
    probabilities = inclusion(values, min(count, len(values)))
    assert list(probabilities) == sorted(probabilities)


@given(populations, st.integers(1, 45), st.integers(2, 7))
def test_the_unit_of_the_measures_does_not_matter(sizes: dict[str, int], count: int, factor: int) -> None:
    size = min(count, len(sizes))
    assert inclusion(list(sizes.values()), size) == inclusion([factor * m for m in sizes.values()], size)


@given(populations, st.integers(1, 45), st.text(max_size=8), st.integers(0, 99))
def test_the_order_in_which_institutions_are_given_does_not_matter(
    sizes: dict[str, int], count: int, seed: str, shuffle: int
) -> None:
    order = list(sizes)
    Random(shuffle).shuffle(order)  # noqa: S311 - no secret
    shuffled = {name: sizes[name] for name in order}
    assert names(sizes, of(sizes, count, seed)) == names(shuffled, of(shuffled, count, seed))


@given(populations, st.integers(1, 45), st.text(max_size=8))
def test_points_laid_out_one_by_one_select_the_same(sizes: dict[str, int], count: int, seed: str) -> None:
    """Another way to say the rule: walk along the stretches with fractions of M / k."""
    found = of(sizes, count, seed)
    others = [unit for unit in found.units if not unit.certain]
    drawn = []
    for t in range(found.steps):
        point = Fraction(found.start, found.steps) + t * Fraction(found.total, found.steps)
        drawn.append(next(unit.row for unit in others if unit.after - unit.size <= point < unit.after))
    assert drawn == [unit.row for unit in others if unit.chosen]
