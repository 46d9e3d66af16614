"""Arithmetic as it is printed: equations whose printed operands give the printed result.

Owns: how many digits are shown, and computing a printed expression anew, exactly, to make sure of it. Knows nothing of
what the figures mean. A result has at most 9 decimals, METHOD's quantum. So has an operand, which is then found
again where it is a result itself; it has 12, or more, where 9 would not give the result.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial

from evaluator.wording.numbers import shortened

RESULT_DIGITS = 9
_TRIED_DIGITS = (RESULT_DIGITS, 12, 15, None)
_MOST_APART = Fraction(1, 10**RESULT_DIGITS)
_TOKEN = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?|[+×/()])")

Show = Callable[[float], str]
"""Says an operand."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Equation:
    """`name = expression = result`, or `name = result` where there is nothing to add up."""

    name: str
    expression: str
    """Of numbers, `+`, `×`, `/` and brackets; empty where there is nothing to add up."""
    result: str

    def __str__(self) -> str:
        return " = ".join(part for part in (self.name, self.expression, self.result) if part)


def number(value: float | Fraction, digits: int | None = None) -> str:
    """Say a number in decimals, halves rounded up; `None`: all digits that it has, as what someone set is said."""
    return shortened(value, digits)


def result(value: float | Fraction) -> str:
    """Say a figure as results are said."""
    return number(value, RESULT_DIGITS)


def plain_equation(name: str, value: float) -> Equation:
    """Say a figure that nothing is added up for."""
    return Equation(name=name, expression="", result=result(value))


def equation(name: str, value: float, expression: Callable[[Show], str]) -> Equation:
    """Say a figure with what it is made of, in as few digits as give it.

    Args:
        name: what it is.
        value: the program's own figure.
        expression: makes the expression's text, given how an operand is said.

    Raises:
        RuntimeError: the expression is not the figure; a mistake of the program.
    """
    shown = result(value)
    words, found = "", Fraction(0)
    for digits in _TRIED_DIGITS:
        words = expression(partial(number, digits=digits))
        try:
            found = evaluated(words)
        except ZeroDivisionError:  # so few digits make a small divisor 0
            continue
        if result(found) == shown:
            break
    else:  # it lies halfway between two, where the figure's last bit decides
        shown = result(found)
    if abs(found - Fraction(float(value))) > _MOST_APART:
        raise RuntimeError(f"{name} = {words} is not {value!r}")
    return Equation(name=name, expression="" if words == shown else words, result=shown)


def weighted(parts: Sequence[tuple[str, str]], whole: Sequence[str] | None = None) -> str:
    """Say a weighted mean of (weight, value), both as they are said.

    Args:
        parts: weights and values, one at least; a weight of 1 is not said as a factor.
        whole: the weights that the sum is divided by; those of the parts where not given. None is divided by where they
            sum to 1.
    """
    weights = [weight for weight, _ in parts] if whole is None else list(whole)
    top = " + ".join(times(weight, value) for weight, value in parts)
    if sums_to_one(weights):
        return top
    return f"{bracketed(top, len(parts))} / {bracketed(' + '.join(weights), len(weights))}"


def times(weight: str, value: str) -> str:
    """Say a product; of a weight of 1 the value alone."""
    return value if weight == "1" else f"{weight} × {value}"


def bracketed(words: str, parts: int) -> str:
    """Put a sum of several parts in brackets."""
    return f"({words})" if parts > 1 else words


def sums_to_one(weights: Iterable[str]) -> bool:
    """Tell whether weights, as they are said, sum to exactly 1."""
    return sum(map(Fraction, weights)) == 1


def evaluated(expression: str) -> Fraction:
    """Compute a printed expression exactly.

    Raises:
        ValueError: it is none.
    """
    tokens, at = [], 0
    while at < len(expression):
        match = _TOKEN.match(expression, at)
        if match is None:
            raise ValueError(expression)
        tokens.append(match[1])
        at = match.end()
    value, rest = _sum(tokens)
    if rest:
        raise ValueError(expression)
    return value


def _sum(tokens: list[str]) -> tuple[Fraction, list[str]]:
    value, tokens = _product(tokens)
    while tokens and tokens[0] == "+":
        more, tokens = _product(tokens[1:])
        value += more
    return value, tokens


def _product(tokens: list[str]) -> tuple[Fraction, list[str]]:
    value, tokens = _operand(tokens)
    while tokens and tokens[0] in "×/":
        sign, (more, tokens) = tokens[0], _operand(tokens[1:])
        value = value * more if sign == "×" else value / more
    return value, tokens


def _operand(tokens: list[str]) -> tuple[Fraction, list[str]]:
    if not tokens:
        raise ValueError("an operand is missing")
    if tokens[0] != "(":
        return Fraction(tokens[0]), tokens[1:]
    value, rest = _sum(tokens[1:])
    if rest[:1] != [")"]:
        raise ValueError("a bracket is open")
    return value, rest[1:]
