"""A model in the terminal: its figures in full, its rules in words of the language."""

from __future__ import annotations

import pytest

from evaluator.model.files import load_model
from evaluator.model.overview import overview
from evaluator.wording import LANGS, Lang
from tests.small import with_rules

RULES = {"pass_mark": 0.775, "min_coverage": 0.925, "max_na_share": 0.125, "performing_well": 0.6667}


@pytest.mark.parametrize("lang", LANGS)
def test_thresholds_are_said_in_full(lang: Lang) -> None:
    model = with_rules(load_model(), bands=(0.8, 1.85, 2.805, 3.8, 4.8), **RULES)
    said = overview(model, lang)
    for figure in ("77.5%", "92.5%", "12.5%", "66.67%", "0.8 / 1.85 / 2.805 / 3.8 / 4.8"):
        assert f" {figure}" in said


@pytest.mark.parametrize(
    ("lang", "method", "words"),
    [
        ("zh", "staged", "定级方法：逐级达成法"),
        ("zh", "average", "定级方法：平均得分法"),
        ("en", "staged", "method: Staged"),
    ],
)
def test_the_method_is_named_in_the_language(lang: Lang, method: str, words: str) -> None:
    assert f"\n{words}" in overview(with_rules(load_model(), method=method), lang)


@pytest.mark.parametrize(
    ("above", "zh", "en"),
    [
        (None, "；各星级均不要求评审员评审\n", "; no star needs an assessor's answers\n"),
        (0, "；各星级均须经评审员评审\n", "; every star needs an assessor's answers\n"),
        (5, "；各星级均不要求评审员评审\n", "; no star needs an assessor's answers\n"),  # none is higher
        (3, "；高于3星的须经评审员评审\n", "; stars above 3 need an assessor's answers\n"),
    ],
)
def test_which_stars_need_an_assessor_is_a_sentence(above: int | None, zh: str, en: str) -> None:
    model = with_rules(load_model(), verified_above=above)
    assert zh in overview(model, "zh")
    assert en in overview(model, "en")


def test_a_vetos_cap_is_in_proper_number() -> None:
    said = overview(load_model(), "en")
    assert "(veto: at most 1 star when not met)" in said
    assert "(veto: at most 2 stars when not met)" in said
    assert "at most 1 stars" not in said
