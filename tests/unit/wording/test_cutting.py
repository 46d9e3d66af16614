"""Long texts are cut so that it shows."""

from __future__ import annotations

import pytest

from evaluator.wording.cutting import cut, cut_line


@pytest.mark.parametrize(("words", "found"), [("", ""), ("abc", "abc"), ("abcd", "abcd"), ("abcde", "abc…")])
def test_only_what_is_longer_is_cut_and_ends_in_an_ellipsis(words: str, found: str) -> None:
    assert cut(words, 4) == found


def test_a_line_is_cut_after_its_blanks_are_one() -> None:
    assert cut_line(" a\n\tb \u3000 c ", 5) == "a b c"
    assert cut_line(" a\n\tb \u3000 cd ", 5) == "a b …"
