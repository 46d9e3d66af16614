"""Printed arithmetic: what is printed on the left gives what is printed on the right."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluator.reports.explaining.arithmetic import Equation, Show, equation, evaluated, number, weighted
from tests.handcheck import computed, equations, holds


@pytest.mark.parametrize(
    ("value", "digits", "said"),
    [
        (0.1, None, "0.1"), (1.0, None, "1"), (0.0, 9, "0"), (-0.0, 9, "0"), (10.0, 9, "10"), (1e-05, None, "0.00001"),
        (2 / 3, 9, "0.666666667"), (2 / 3, 12, "0.666666666667"), (1e-10, 9, "0"), (2.7645000000000004, 9, "2.7645"),
        (100, None, "100"), (1 / 3, None, "0.3333333333333333"), (1.9999999995, 9, "2"), (5e-10, 9, "0.000000001"),
        (2.5e-9, 9, "0.000000003"), (1.9999999994, 9, "1.999999999"), (0.8000000004999998, 9, "0.800000001"),
        (1e-12, None, "0.000000000001"), (-1e-12, 9, "0"), (1e22, 9, "10000000000000000000000"),
    ],
)  # fmt: skip
def test_a_number_has_no_more_digits_than_asked_for_and_no_exponent(
    value: float, digits: int | None, said: str
) -> None:
    assert number(value, digits) == said


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("3", Fraction(3)),
        ("3 + 0.5", Fraction(7, 2)),
        ("0.25 × 0.5 + 0.2 × 1", Fraction(13, 40)),
        ("(0.25 × 0.5 + 0.2 × 1) / (0.25 + 0.2)", Fraction(13, 18)),
        ("5 × 0.3 × 0.8 / 0.3", Fraction(4)),
        ("0.3 × 4 / 5 / (0.3 + 0.1)", Fraction(3, 5)),
        ("5 × (1 + (2 + 1)) / 2", Fraction(10)),
    ],
)
def test_an_expression_is_computed_exactly(expression: str, value: Fraction) -> None:
    assert evaluated(expression) == value
    assert computed(expression) == value


@pytest.mark.parametrize("expression", ["", "1 +", "(1", "1)", "1 - 1", "1 2", "x", "+ 1"])
def test_what_is_no_expression_is_refused(expression: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        evaluated(expression)


def test_the_issues_examples() -> None:
    level = equation("D(SS,4)", 0.325 / 0.45, lambda show: weighted([("0.25", show(0.5)), ("0.2", show(1.0))]))
    assert str(level) == "D(SS,4) = (0.25 × 0.5 + 0.2 × 1) / (0.25 + 0.2) = 0.722222222"
    whole = equation("S", 3.175, lambda show: weighted([("0.5", show(3.7)), ("0.5", show(2.65))]))
    assert str(whole) == "S = 0.5 × 3.7 + 0.5 × 2.65 = 3.175"


def test_an_operand_has_more_digits_where_nine_would_not_give_the_result() -> None:
    third, value = 1 / 3, 10 * (1 / 3)
    said = equation("S", value, lambda show: f"10 × {show(third)}")
    assert said == Equation(name="S", expression="10 × 0.333333333333", result="3.333333333")
    far = equation("S", 1e5 / 3, lambda show: f"100000 × {show(third)}")
    assert far.expression == "100000 × 0.333333333333333"


def test_a_divisor_is_never_rounded_to_nothing() -> None:
    said = equation("P", 0.5, lambda show: f"{show(1e-13)} / {show(2e-13)}")
    assert said.expression == "0.0000000000001 / 0.0000000000002"


def test_a_figure_that_lies_halfway_is_printed_as_its_operands_have_it() -> None:
    """0.5 x 0.000000001 is 5e-10 on paper; a float may lie on either side of it."""
    for value in (5.0000000001e-10, 4.9999999999e-10):
        said = equation("S", value, lambda show: f"0.5 × {show(1e-9)}")
        assert holds(equations([str(said)])["S"])


def test_what_a_printed_left_side_gives_is_rounded_half_up() -> None:
    for value in (1.9999999995, 1.9999999994999998, 1.9999999995000002):  # as a float's last bits may have it
        said = equation("S", value, lambda show: f"0.999999999 × {show(2.0)} + 0.000000001 × {show(1.5)}")
        assert str(said) == "S = 0.999999999 × 2 + 0.000000001 × 1.5 = 2"
    third = equation("S", 2 / 3, lambda show: f"{show(2.0)} / {show(3.0)}")
    assert str(third) == "S = 2 / 3 = 0.666666667"


def test_an_expression_that_is_not_the_figure_is_a_mistake_of_the_program() -> None:
    with pytest.raises(RuntimeError, match="S"):
        equation("S", 3.7, lambda show: f"3 + {show(0.6)}")


def test_a_single_figure_is_said_once() -> None:
    assert str(equation("x(SS1,3)", 0.8, lambda show: show(0.8))) == "x(SS1,3) = 0.8"


WEIGHTS = st.sampled_from((0.1, 0.05, 0.3, 1.0, 2.0, 7.0, 0.001, 1 / 3))


@settings(max_examples=300)
@given(st.lists(st.tuples(WEIGHTS, st.floats(0, 5)), min_size=1, max_size=6))
def test_every_weighted_mean_holds_as_printed(parts: list[tuple[float, float]]) -> None:
    value = sum(w * x for w, x in parts) / sum(w for w, _ in parts)

    def expression(show: Show) -> str:
        return weighted([(number(w), show(x)) for w, x in parts])

    said = equation("S", value, expression)
    read = equations([str(said)])["S"]
    assert holds(read)
    assert abs(read.result - Fraction(value)) <= Fraction(1, 10**9)
