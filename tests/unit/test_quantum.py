"""One quantum for all comparisons: a number alone and in an array are quantised to the same bits."""

from __future__ import annotations

import ast
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import evaluator
from evaluator.assessment.scoring import quantised
from evaluator.quantum import quantised_one

TIES = st.integers(-(10**10), 10**10).map(lambda quanta: (quanta + 0.5) / 1e9)
"""Numbers whose tenth decimal is a 5."""
EDGES = st.sampled_from((0.0, -0.0, 1e-12, -1e-12, 5e-324, 1e290, 1e300, -1.7e308, np.inf, -np.inf, np.nan))


@settings(max_examples=1000)
@given(st.floats() | st.floats(0, 5) | TIES | EDGES)
@example(0.5537109375)
@example(1.9999999995)
def test_a_number_alone_is_quantised_to_the_same_bits_as_in_an_array(value: float) -> None:
    alone, among = quantised_one(value), quantised(np.array([value, 0.3]))[:1]
    assert np.array([alone]).tobytes() == among.tobytes() or (np.isnan(alone) and np.isnan(among[0]))
    assert np.isnan(value) or np.isfinite(alone) == np.isfinite(value)
    if abs(value) <= 1e6:
        with np.errstate(all="ignore"):
            assert among.tobytes() == np.round(np.array([value]), 9).tobytes()  # nothing published moves


@pytest.mark.parametrize(
    ("value", "nearest"),
    [(0.1 + 0.7, 0.8), (0.7999999996, 0.8), (0.7999999994, 0.799999999), (5.0, 5.0), (-1e-12, 0.0), (1e300, 1e300)],
)
def test_a_number_is_quantised_to_the_nearest_multiple(value: float, nearest: float) -> None:
    assert quantised_one(value) == nearest


def test_an_even_number_of_quanta_is_nearest_to_a_half() -> None:
    """0.0000000025 is written a little above the half, which Python's own rounding goes by."""
    assert (quantised_one(2.5e-9), round(2.5e-9, 9)) == (2e-9, 3e-9)


def test_nothing_else_quantises() -> None:
    """Neither `round(x, 9)` nor numpy's or pandas' own, which part from each other on halves."""
    package = Path(evaluator.__file__).parent
    found = [
        f"{path.relative_to(package)}:{node.lineno}"
        for path in sorted(package.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and node.args and _rounds(node)
    ]
    assert [place.rpartition(":")[0] for place in found] == [str(Path("assessment/scoring.py"))], found


def _rounds(call: ast.Call) -> bool:
    if isinstance(call.func, ast.Attribute):
        return call.func.attr in ("round", "around", "round_")
    return isinstance(call.func, ast.Name) and call.func.id == "round" and len(call.args) > 1
