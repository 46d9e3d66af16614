"""What others typed, on a terminal: every character is shown or named, none is obeyed."""

from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluator.wording.printing import printable


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("甲中心 A1！\u3000é😀", "甲中心 A1！\u3000é😀"),
        ("\x1b[2J\x1b]0;x\x07", "\\u001b[2J\\u001b]0;x\\u0007"),
        ("a\nb\r\tc", "a\\u000ab\\u000d\\u0009c"),
        ("\x9b31m\x7f", "\\u009b31m\\u007f"),
        ("\u202egnp.exe\u2066\u200b\ufeff", "\\u202egnp.exe\\u2066\\u200b\\ufeff"),
        ("\ud800\udc00", "\\ud800\\udc00"),
        ("\u2028\u2029\ue000", "\\u2028\\u2029\\ue000"),
        ("\U000e0041", "\\udb40\\udc41"),
    ],
)
def test_what_steers_a_terminal_is_shown_as_an_escape(words: str, shown: str) -> None:
    assert printable(words) == shown


@settings(deadline=None)
@given(st.text(st.characters()))
def test_nothing_is_left_that_a_terminal_obeys_or_cannot_encode(words: str) -> None:
    shown = printable(words)
    assert not {unicodedata.category(c) for c in shown} & {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    shown.encode("utf-8")


@settings(deadline=None)
@given(st.recursive(st.text(st.characters()), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_json_keeps_its_meaning(content: object) -> None:
    shown = printable(json.dumps(content, ensure_ascii=False, indent=1), keep="\n")
    assert json.dumps(json.loads(shown)) == json.dumps(content)
