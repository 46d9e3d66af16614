"""How numbers beside a limit are said: never rounded onto the limit's other side.

Owns: choosing how many digits to show. Knows nothing of what the numbers mean.
"""

from __future__ import annotations

MOST_DIGITS = 9
"""Digits beyond which two numbers count as the same, as in every comparison with a threshold."""


def near(value: float, limit: float, digits: int = 2) -> str:
    """Say a number with as many digits as show on which side of a limit it lies: `digits` of them, or more.

    Above, at and below the limit stay apart: 0.2004 beside a limit of 0.2 is said as 0.2004, not as 0.20.
    """
    side = _side(value, limit, MOST_DIGITS)
    while digits < MOST_DIGITS and _side(value, limit, digits) != side:
        digits += 1
    return f"{value:.{digits}f}"


def near_share(value: float, limit: float) -> str:
    """Say a share in per cent by the same rule."""
    return near(100 * value, 100 * limit, 1) + "%"


def _side(value: float, limit: float, digits: int) -> int:
    one, other = round(float(value), digits), round(float(limit), digits)
    return (one > other) - (one < other)
