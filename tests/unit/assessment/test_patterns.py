"""Odd patterns in answers: flagged by the stated thresholds, on answers small enough to count by hand."""

from __future__ import annotations

import time

import numpy as np
import pytest

from evaluator.assessment.codes import GIVEN
from evaluator.assessment.patterns import (
    HIGHER_WITHOUT_LOWER,
    IDENTICAL_ANSWERS,
    STRAIGHT_LINE,
    Patterns,
    patterns,
    patterns_of,
)
from evaluator.assessment.scoring import weights_of
from evaluator.model.records import Model
from tests.small import assessed, domain, item, model, requirement

FOUR = model(domain("AA", 1, *(item(f"AA{n}", 0.25) for n in (1, 2, 3, 4))))
"""Four items with a requirement on each of five levels: 20 requirements, 16 neighbouring levels."""


def of(*answers: list[str], asked: Model = FOUR) -> Patterns:
    return patterns(assessed(asked, {f"I{n}": its for n, its in enumerate(answers)}))


def test_one_answer_throughout_is_a_straight_line_whatever_it_is() -> None:
    found = of(["full"] * 20, ["partial"] * 20, ["none"] * 20)
    assert found.straight.tolist() == [True, True, True]
    assert [GIVEN[code] for code in found.commonest] == ["full", "partial", "none"]
    assert found.flags(0) == (STRAIGHT_LINE,)


def test_nineteen_of_twenty_are_enough_and_eighteen_are_not() -> None:
    found = of(["none", *["large"] * 19], ["none", "none", *["large"] * 18])
    assert found.same.tolist() == [19, 18]
    assert found.straight.tolist() == [True, False]


def test_of_fewer_than_twenty_answers_nothing_is_said() -> None:
    assert not of(["", *["full"] * 19]).straight.any()
    falling = ["none", "full"] * 9 + ["", ""]
    found = of(falling, falling)
    assert found.answered.tolist() == [18, 18]
    assert found.flags(0) == ()


def test_na_is_no_answer_of_the_pattern() -> None:
    with_na = model(
        domain(
            "AA",
            1,
            *(item(f"AA{n}", 0.2) for n in (1, 2, 3, 4)),
            item("AA5", 0.2, *(requirement(f"AA5-{level}", na_allowed=True) for level in (1, 2, 3, 4, 5))),
        )
    )
    found = of([*["full"] * 20, *["na"] * 5], asked=with_na)
    assert (found.answered[0], found.same[0], found.straight[0]) == (20, 20, True)


def test_reversals_are_counted_between_neighbouring_levels_of_an_item() -> None:
    """Item 1: none < full, full > none, none < full, full > none: two of four. The others fall: none of four."""
    falls = ["full", "large", "partial", "none", "none"]
    found = of(["none", "full", "none", "full", "none", *falls, *falls, *falls])
    assert (found.pairs[0], found.reversals[0], found.reversed[0]) == (16, 2, False)


def test_a_quarter_of_reversals_is_flagged() -> None:
    twice, never = ["none", "full", "none", "full", "none"], ["full", "large", "partial", "none", "none"]
    found = of([*twice, *twice, *never, *never], [*twice, *never, *never, *never])
    assert found.reversals.tolist() == [4, 2]  # of 16
    assert found.reversed.tolist() == [True, False]
    assert found.flags(0) == (HIGHER_WITHOUT_LOWER,)


def test_a_level_without_an_answer_is_passed_over() -> None:
    """Blank at level 2: level 1 is compared with level 3."""
    five = model(domain("AA", 1, *(item(f"AA{n}", 0.2) for n in (1, 2, 3, 4, 5))))
    falls = ["full", "large", "partial", "none", "none"]
    found = of(["none", "", "full", "none", "none", *falls, *falls, *falls, *falls], asked=five)
    assert (found.pairs[0], found.reversals[0]) == (3 + 16, 1)


def test_a_level_scores_the_weighted_mean_of_its_answers() -> None:
    """Level 2: (3 x 0.5 + 1 x 1) / 4 = 0.625 is above level 1's 0.5, though its heavier answer is equal."""
    mixed = model(
        domain(
            "AA",
            1,
            item("AA1", 1, requirement("AA1-1"), requirement("AA1-2a", weight=3.0), requirement("AA1-2b")),
        )
    )
    assert of(["partial", "partial", "full"], asked=mixed).reversals.tolist() == [1]
    assert of(["partial", "partial", "partial"], asked=mixed).reversals.tolist() == [0]


def test_what_was_answered_counts_and_not_what_it_scored_without_evidence() -> None:
    """`full` without evidence scores 0.5 but was answered as more than the `large` above it."""
    falls = ["full", "large", "partial", "none", "none"]
    assert of(["full-", "large", "none", "none", "none", *falls, *falls, *falls]).reversals.tolist() == [0]


def test_equal_answers_of_two_institutions_are_told_with_the_others_row() -> None:
    answers = ["full", "large", "partial", "none"] * 5
    other = [*answers[:-1], "partial"]
    found = of(answers, other, answers, answers)
    assert [found.twins(row) for row in range(4)] == [(2, 3), (), (0, 3), (0, 2)]
    assert [found.twins(row, most=1) for row in range(4)] == [(2,), (), (0,), (0,)]
    assert IDENTICAL_ANSWERS in found.flags(3)
    assert IDENTICAL_ANSWERS not in found.flags(1)


def test_a_thousand_equal_answers_take_one_list_of_a_thousand() -> None:
    given = np.tile(np.arange(20, dtype=np.uint8) % 4 + 1, (1000, 1))
    found = patterns_of(np.ones_like(given, dtype=bool), given, given / 4.0, weights_of(FOUR))
    assert found.identical.all()
    assert len({id(rows) for rows in found.alike}) == 1
    assert found.twins(999) == tuple(range(999))
    assert found.twins(1, most=3) == (0, 2, 3)


def test_equal_straight_lines_are_not_copies() -> None:
    found = of(["full"] * 20, ["full"] * 20)
    assert found.identical.tolist() == [False, False]


def test_a_blank_instead_of_an_answer_makes_a_difference() -> None:
    five = model(domain("AA", 1, *(item(f"AA{n}", 0.2) for n in (1, 2, 3, 4, 5))))
    answers = ["full", "large", "partial", "none", "none"] * 5
    found = of(answers, [*answers[:-1], ""], asked=five)
    assert not found.identical.any()


@pytest.mark.parametrize("count", [10_000])
def test_ten_thousand_institutions_are_looked_at_in_seconds(count: int, model: Model) -> None:
    rng = np.random.default_rng(1)
    asked = len(model.requirements)
    given = rng.integers(1, 5, size=(count, asked)).astype(np.uint8)
    given[7] = given[9_000]
    weights = weights_of(model)
    began = time.perf_counter()
    found = patterns_of(np.ones_like(given, dtype=bool), given, given / 4.0, weights)
    took = time.perf_counter() - began
    assert np.flatnonzero(found.identical).tolist() == [7, 9_000]
    assert took < 5, f"{took:.2f} s"  # 0.2 s where it was measured; the bound only catches loops over pairs
