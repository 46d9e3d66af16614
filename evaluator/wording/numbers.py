"""How numbers are said: as a spreadsheet rounds them, and never onto the other side of a limit.

Owns: rounding for people, and choosing how many digits to show. Knows nothing of what the numbers mean.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from math import isfinite

MOST_DIGITS = 9
"""Digits beyond which two numbers count as the same, as in every comparison with a threshold."""
_PERCENT = 2
"""Digits by which the point moves from a share to per cent."""


def plain(value: float) -> str:
    """Say a number that someone set, such as a model's threshold, with all the digits it has: 2.805, 3."""
    return _stripped(_written(value))


def plain_share(value: float) -> str:
    """Say a share that someone set, in per cent, with all the digits it has: 0.8 is 80%, 0.6667 is 66.67%."""
    return _stripped(_written(value).scaleb(_PERCENT)) + "%"


def rounded(value: float, digits: int = 2) -> str:
    """Say a computed number with so many decimals, as a spreadsheet shows it: halves are rounded up."""
    return _fixed(_quantised(value), digits) if isfinite(value) else str(value)


def rounded_share(value: float, digits: int = 1) -> str:
    """Say a computed share in per cent by the same rule."""
    return (_fixed(_quantised(value).scaleb(_PERCENT), digits) if isfinite(value) else str(value)) + "%"


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


def _digits(value: float, limit: float, digits: int, moved: int) -> int:
    if not (isfinite(value) and isfinite(limit)) or abs(value - limit) > 10.0 ** -(digits + moved):
        return digits  # so far from the limit no rounding reaches it
    one, other = _quantised(value).scaleb(moved), _quantised(limit).scaleb(moved)
    side = _side(one, other)
    while digits < MOST_DIGITS - moved and _side(Decimal(_fixed(one, digits)), other) != side:
        digits += 1
    return digits


def _side(value: Decimal, limit: Decimal) -> int:
    return (value > limit) - (value < limit)


def _written(value: float) -> Decimal:
    """Give a number as it is written, which its binary form only comes near."""
    return Decimal(repr(float(value)))


def _quantised(value: float) -> Decimal:
    return _written(round(float(value), MOST_DIGITS))


def _fixed(value: Decimal, digits: int) -> str:
    words = f"{value.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP):f}"
    return words if words.strip("-0.") else words.removeprefix("-")  # -0.00 is no figure


def _stripped(value: Decimal) -> str:
    words = f"{value:f}"
    return words.rstrip("0").rstrip(".") if "." in words else words
