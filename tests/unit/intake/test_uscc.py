"""Credit codes: GB 32100-2015, held against published codes."""

from __future__ import annotations

import pytest

from evaluator.intake import uscc
from tests.forms import CODES

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


@pytest.mark.parametrize("code", CODES)
def test_published_codes_are_valid(code: str) -> None:
    assert uscc.check_character(code[:17]) == code[17]
    assert uscc.fault(code) is None


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("position", range(18))
def test_every_single_mistyped_character_is_noticed(code: str, position: int) -> None:
    for other in set(ALPHABET) - {code[position]}:
        assert uscc.fault(code[:position] + other + code[position + 1 :]) is not None


@pytest.mark.parametrize("code", CODES)
def test_swapped_neighbours_are_noticed(code: str) -> None:
    for n in range(17):
        swapped = code[:n] + code[n + 1] + code[n] + code[n + 2 :]
        assert (uscc.fault(swapped) is None) == (swapped == code)


@pytest.mark.parametrize(
    ("code", "zh", "en"),
    [
        ("91440300192203821", "应为18位，现为17位", "it must have 18 characters, not 17"),
        ("91440300192203821O", "含有不允许的字符“O”", "it holds the character 'O', which is not allowed"),
        ("914403001922038217", "校验码应为“6”", "its check character should be '6'"),
    ],
)
def test_the_fault_is_named(code: str, zh: str, en: str) -> None:
    assert uscc.fault(code) == (zh, en)


@pytest.mark.parametrize(
    "typed",
    [
        "91350100m000100y43",
        " 9135 0100 M000 100Y 43\n",
        "９１３５０１００Ｍ０００１００Ｙ４３",
        "\u200b91350100M000100Y43\ufeff",
    ],
)
def test_case_width_blanks_and_invisible_marks_are_mended(typed: str) -> None:
    assert uscc.normalised(typed) == "91350100M000100Y43"


@pytest.mark.parametrize("odd", ["", "i", "\U0001f600" * 18, "９" * 18, "ß" * 18, "1" * 500])
def test_nothing_breaks_the_check(odd: str) -> None:
    assert uscc.fault(uscc.normalised(odd)) is not None
