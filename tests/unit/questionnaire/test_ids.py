"""Requirement ids as people retype them: mended where only one id can be meant, else left alone."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluator.model.files import load_model
from evaluator.questionnaire.ids import requirement_id

KNOWN = [requirement.id for requirement in load_model().requirements]
DASHES = "-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u2043\u02d7\ufe63\uff0d\u30fc\u4e00\u2500_"
BLANKS = ["", " ", "\u3000", "\u00a0", "\u200b", "\ufeff", "\u200e", "\u202b", "\n", "\t"]
TWINS = {"S": "SＳЅ𝐒", "D": "DＤ", "T": "TТΤＴ", "O": "OОΟＯ", "C": "CСＣ", "I": "IІΙＩ"}
DIGITS = {digit: digit + chr(0xFF10 + int(digit)) + chr(0x2460 + int(digit) - 1) for digit in "123456789"}


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("ЅЅ1-1", "SS1-1"),
        ("ѕѕ1-1", "SS1-1"),
        ("СІ1-2", "CI1-2"),
        ("ΤΟ1-1", "TO1-1"),
        ("SS2-3В", "SS2-3b"),
        ("SSⅡ-3", "SS2-3"),
        ("SSⅫ-ⅲ", "SS12-3"),
        ("S01-1", "SO1-1"),
        ("5S1-1", "SS1-1"),
        ("C11-l", "CI1-1"),
        ("SSl-I", "SS1-1"),
        ("SS1O-1", "SS10-1"),
        ("SS1——1", "SS1-1"),
        ("SS1\u00ad1", "SS1-1"),
        ("（SS1-1）", "SS1-1"),
        ("*SS1-1：", "SS1-1"),
    ],
)
def test_what_can_only_mean_one_id_is_that_id(typed: str, meant: str) -> None:
    assert requirement_id(typed) == meant


@pytest.mark.parametrize(
    "typed",
    ["", "1", "合计", "SS1", "SS1.1", "SS1/1", "SS11", "SS1-1、SS1-2", "SS1-1 SS1-2", "SS01-1", "SS0-1", "SS1-0",
     "SSII-1", "501-1", "511-1", "S1-1", "ABC1-1", "SS1-1-1", "SS½-1", "SS123-1", "Щ1-1", "编号", "SS1-1" + "x" * 60],
)  # fmt: skip
def test_what_could_be_several_or_none_is_no_id(typed: str) -> None:
    assert requirement_id(typed) is None


def test_every_id_of_the_model_is_itself() -> None:
    assert [requirement_id(identifier) for identifier in KNOWN] == KNOWN


@st.composite
def retyped(draw: st.DrawFn) -> tuple[str, str]:
    """An id, and a way to type it."""
    identifier = draw(st.sampled_from(KNOWN))
    typed = ""
    for n, character in enumerate(identifier):
        choices = DASHES if character == "-" else DIGITS.get(character, character)
        choices = TWINS.get(character, character) if n < 2 else choices
        typed += draw(st.sampled_from(choices)) + draw(st.sampled_from(BLANKS))
    return identifier, draw(st.sampled_from([typed, typed.lower(), typed.upper()]))


@settings(max_examples=300, deadline=None)
@given(retyped())
def test_width_script_case_blanks_and_dashes_make_no_other_id(pair: tuple[str, str]) -> None:
    identifier, typed = pair
    assert requirement_id(typed) == identifier


@settings(max_examples=300, deadline=None)
@given(st.text(st.characters(), max_size=12))
def test_any_text_gives_an_id_of_the_right_shape_or_none(words: str) -> None:
    found = requirement_id(words)
    assert found is None or (found.isascii() and requirement_id(found) == found)
