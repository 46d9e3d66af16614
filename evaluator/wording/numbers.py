"""How numbers are said: as a spreadsheet rounds them, and never onto the other side of a limit.

Owns: rounding for people, and choosing how many digits to show. Knows nothing of what the numbers mean.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from math import isfinite

from evaluator.quantum import QUANTUM_DIGITS, quantised_one

_PERCENT = 2
"""Digits by which the point moves from a share to per cent."""
_WIDE, _SHEET = Context(prec=700), Context(prec=15)
"""Room for all digits of any number, and for those that a spreadsheet keeps."""


def plain(value: float) -> str:
    """Say a number that someone set, such as a model's threshold, with all the digits it has: 2.805, 3."""
    return _stripped(_written(value))


def plain_share(value: float) -> str:
    """Say a share that someone set, in per cent, with all the digits it has: 0.8 is 80%, 0.6667 is 66.67%."""
    return _stripped(_written(value).scaleb(_PERCENT)) + "%"


def rounded(value: float, digits: int = 2) -> str:
    """Say a computed number with so many decimals, as a spreadsheet shows it: halves are rounded up."""
    return _fixed(_rounded(value, digits, 0)) if isfinite(value) else str(value)


def shortened(value: float | Fraction, digits: int | None) -> str:
    """Say a computed number with at most so many decimals, or all that it has: halves up, without zeros at the end."""
    return _stripped(_written(value) if digits is None else _half_up(_kept(value), digits))


def on_paper(value: float) -> str:
    """Say a sum of numbers that someone set with all the digits it has on paper: 0.1 + 0.2 is 0.3."""
    return _stripped(_kept(value))


def rounded_share(value: float, digits: int = 1) -> str:
    """Say a computed share in per cent by the same rule."""
    return (_fixed(_rounded(value, digits, _PERCENT)) if isfinite(value) else str(value)) + "%"


def near(value: float, limit: float, digits: int = 2) -> str:
    """Say a number with as many digits as show on which side of a limit it lies: `digits` of them, or more.

    Above, at and below the limit stay apart: 0.2004 beside a limit of 0.2 is said as 0.2004, not as 0.20.
    """
    return rounded(value, near_digits(value, limit, digits))


def near_share(value: float, limit: float, digits: int = 1) -> str:
    """Say a share in per cent by the same rule."""
    return rounded_share(value, near_share_digits(value, limit, digits))


def near_digits(value: float, limit: float, digits: int = 2) -> int:
    """Give how many decimals, at least `digits`, show on which side of a limit that is said in full a number lies."""
    return _digits(value, limit, digits, 0)


def near_share_digits(value: float, limit: float, digits: int = 1) -> int:
    """Give how many decimals a share in per cent takes by the same rule."""
    return _digits(value, limit, digits, _PERCENT)


def share_digits(value: float, digits: int = 1) -> int:
    """Give how many decimals, at least `digits`, show all of a share in per cent that someone set."""
    return max(digits, len(plain_share(value)[:-1].partition(".")[2]))


def _half_up(value: Decimal, digits: int) -> Decimal:
    """Round to so many decimals, halves up: the one way in which numbers are shortened to be said."""
    return value.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP, context=_WIDE)


def _rounded(value: float, digits: int, moved: int) -> Decimal:
    """Round; to less than the quantum by way of it, so that what counts as the same is said as the same."""
    kept = _kept(value)
    if digits + moved < QUANTUM_DIGITS:
        kept = _half_up(kept, QUANTUM_DIGITS)
    return _half_up(kept.scaleb(moved), digits)


def _digits(value: float, limit: float, digits: int, moved: int) -> int:
    if not (isfinite(value) and isfinite(limit)) or abs(value - limit) > 10.0 ** -(digits + moved):
        return digits  # so far from the limit no rounding reaches it
    one, other = (_written(quantised_one(number)).scaleb(moved) for number in (value, limit))
    side = _side(one, other)
    while digits <= QUANTUM_DIGITS - moved and _side(_rounded(value, digits, moved), other) != side:
        digits += 1  # one more than the quantum has where halves are compared the other way than they are said
    return digits


def _side(value: Decimal, limit: Decimal) -> int:
    return (value > limit) - (value < limit)


def _kept(value: float | Fraction) -> Decimal:
    """Give a number as far as a spreadsheet keeps it: the last bits of a float are not what makes a half or less."""
    return _written(value) if isinstance(value, Fraction) else _SHEET.plus(_written(value))


def _written(value: float | Fraction) -> Decimal:
    """Give a number as it is written, which its binary form only comes near."""
    if isinstance(value, Fraction):
        return _WIDE.divide(Decimal(value.numerator), Decimal(value.denominator))
    return Decimal(repr(float(value)))


def _fixed(value: Decimal) -> str:
    words = f"{value:f}"
    return words if words.strip("-0.") else words.removeprefix("-")  # -0.00 is no figure


def _stripped(value: Decimal) -> str:
    words = _fixed(value)
    return words.rstrip("0").rstrip(".") if "." in words else words
