"""Lines for a terminal: no line is wider than it is, and nothing is lost where one is broken."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from evaluator.reports.explaining.lines import WIDTH, Line, broken, places

WORDS = st.lists(st.text(st.sampled_from("甲乙，。abc1. "), min_size=1, max_size=20), min_size=1, max_size=40).map(
    "".join
)


@given(st.integers(0, 5), WORDS)
def test_no_line_is_wider_than_the_terminal_and_nothing_is_lost(depth: int, words: str) -> None:
    found = list(broken(Line(depth, words)))
    spare = 2 * len(re.findall("[，。]", words))  # a stop never begins a line
    longest = max((places(word) for word in re.findall(r"[^\s甲乙，。]+", words)), default=0)
    assert all(places(line) <= max(WIDTH + spare, longest + 2 * depth + 2) for line in found)
    assert "".join("".join(found).split()) == "".join(words.split())
    assert all(line.startswith(" " * (2 * depth)) for line in found if line)


def test_an_equation_is_never_broken_and_what_is_said_of_it_stands_beside_or_below() -> None:
    short = Line(1, "S = 1 + 2 = 3", whole=True, after="通过")
    assert list(broken(short)) == ["  S = 1 + 2 = 3  通过"]
    long = Line(1, "S = " + " + ".join(["0.123456789"] * 12), whole=True, after="通过")
    assert list(broken(long)) == [f"  {long.words}", "    通过"]


def test_wide_characters_take_two_places() -> None:
    assert places("甲a，") == 5
    first, second = broken(Line(0, "甲" * 60))
    assert (places(first), second) == (100, "  " + "甲" * 10)


def test_what_steers_a_terminal_is_escaped() -> None:
    assert list(broken(Line(0, "a\x1b[2Jb"))) == ["a\\u001b[2Jb"]
