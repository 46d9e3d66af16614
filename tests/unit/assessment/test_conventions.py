"""How figures are read, at and around every threshold."""

from __future__ import annotations

from typing import Any

import pytest

from evaluator.assessment import conventions

NAN = float("nan")
FINE: dict[str, Any] = {
    "n": 50, "lowest": 0.0, "highest": 1.0, "discrimination": 0.5, "gain": 0.0, "full": 0.1, "none": 0.1,
    "unanswered": 0.0, "na": 0.0, "most_na": 0.2, "no_evidence": 0.0, "reversed_order": False, "level": 3,
    "veto": False,
}  # fmt: skip


def read(**figures: Any) -> tuple[str, ...]:
    return conventions.unit_readings(**{**FINE, **figures})


@pytest.mark.parametrize(
    ("figures", "readings"),
    [
        ({}, ("fine",)),
        ({"n": 9, "discrimination": NAN, "full": 1.0, "lowest": 1.0}, ("few",)),
        ({"n": 10}, ("fine",)),
        ({"discrimination": 0.3}, ("fine",)),
        ({"discrimination": 0.299999999}, ("marginal",)),
        ({"discrimination": 0.2}, ("marginal",)),
        ({"discrimination": 0.199999999}, ("poor",)),
        ({"discrimination": -0.27}, ("poor",)),  # 1.96 / sqrt(49) = 0.28
        ({"discrimination": -0.281}, ("negative",)),
        ({"discrimination": NAN, "lowest": 0.5, "highest": 0.5}, ("constant",)),
        ({"discrimination": NAN, "lowest": 0.0, "highest": 0.0, "none": 1.0}, ("constant", "floor")),
        (
            {"discrimination": NAN, "lowest": 0.0, "highest": 0.0, "none": 1.0, "level": 5},
            ("floor_expected", "constant_expected"),
        ),
        (
            {"discrimination": NAN, "lowest": 1.0, "highest": 1.0, "full": 1.0, "level": 1},
            ("ceiling_expected", "constant_expected"),
        ),
        ({"discrimination": NAN, "lowest": 1.0, "highest": 1.0, "full": 1.0, "level": None}, ("constant", "ceiling")),
        ({"reversed_order": True}, ("reversed",)),
        ({"unanswered": 0.1}, ("fine",)),
        ({"unanswered": 0.101}, ("blank",)),
        ({"full": 0.8}, ("fine",)),
        ({"full": 0.801}, ("ceiling",)),
        ({"full": 0.801, "level": 2}, ("ceiling_expected",)),
        ({"full": 0.801, "level": 4}, ("ceiling",)),
        ({"none": 0.801}, ("floor",)),
        ({"none": 0.801, "level": 4}, ("floor_expected",)),
        ({"none": 0.801, "level": 2}, ("floor",)),
        ({"full": 0.15, "level": None}, ("fine",)),
        ({"full": 0.151, "level": None}, ("ceiling",)),
        ({"none": 0.151, "level": None}, ("floor",)),
        ({"na": 0.2}, ("fine",)),
        ({"na": 0.201}, ("na",)),
        ({"no_evidence": 0.201}, ("no_evidence",)),
        ({"no_evidence": NAN}, ("fine",)),
        ({"gain": 0.01}, ("lifts",)),
        ({"gain": 0.009}, ("fine",)),
        ({"gain": NAN}, ("fine",)),
        ({"discrimination": 0.1, "full": 0.9, "level": 1}, ("poor", "ceiling_expected")),
        ({"discrimination": 0.25, "unanswered": 0.5, "reversed_order": True}, ("reversed", "blank", "marginal")),
        ({"veto": True}, ("veto",)),
        ({"veto": True, "n": 9}, ("few",)),
        ({"veto": True, "discrimination": 0.1, "full": 0.9, "gain": 0.01, "level": 1}, ("veto",)),
        ({"veto": True, "discrimination": 0.25, "full": 0.9, "reversed_order": True, "level": 3}, ("veto",)),
        ({"veto": True, "discrimination": NAN, "lowest": 1.0, "highest": 1.0, "full": 1.0}, ("veto",)),
        (
            {"veto": True, "discrimination": NAN, "lowest": 0.0, "highest": 0.0, "none": 1.0, "level": 5},
            ("constant", "floor", "veto"),
        ),
        ({"veto": True, "discrimination": -0.281, "unanswered": 0.101}, ("negative", "blank", "veto")),
        ({"veto": True, "na": 0.201, "no_evidence": 0.201}, ("no_evidence", "na", "veto")),
    ],
)
def test_a_units_figures_are_read(figures: dict[str, Any], readings: tuple[str, ...]) -> None:
    assert read(**figures) == readings


def test_only_what_calls_for_a_look_is_ordered_by_it() -> None:
    assert not conventions.needs_look(("fine",))
    assert not conventions.needs_look(("floor_expected",))
    assert not conventions.needs_look(("few",))
    assert not conventions.needs_look(("veto",))
    questions = [("marginal",), ("poor", "ceiling_expected"), ("negative",), ("poor", "na")]
    assert all(map(conventions.needs_look, questions))
    assert sorted(questions, key=conventions.urgency) == [
        ("negative",), ("poor", "na"), ("poor", "ceiling_expected"), ("marginal",),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("alpha", "word"),
    [
        (1.0, "excellent"), (0.9, "excellent"), (0.899, "good"), (0.8, "good"), (0.7, "acceptable"),
        (0.6, "questionable"), (0.5, "weak"), (0.499, "unacceptable"), (-1.0, "unacceptable"), (NAN, "none"),
    ],
)  # fmt: skip
def test_alpha_has_george_and_mallerys_words(alpha: float, word: str) -> None:
    assert conventions.alpha_word(alpha) == word


@pytest.mark.parametrize(
    ("figures", "readings"),
    [
        ({}, ("alpha_excellent",)),
        ({"n": 9}, ("few",)),
        ({"alpha": 0.9}, ("alpha_excellent",)),
        ({"alpha": 0.89}, ("alpha_good", "individual")),
        ({"alpha": 0.95}, ("alpha_excellent",)),
        ({"alpha": 0.951}, ("alpha_excellent", "redundant")),
        ({"alpha": NAN, "mean_r": NAN}, ("alpha_none", "items")),
        ({"alpha": NAN, "of_items": NAN}, ("alpha_none",)),
        ({"questions": 1, "alpha": NAN, "of_items": NAN, "mean_r": NAN}, ("alpha_single",)),
        ({"questions": 2, "alpha": NAN, "of_items": NAN, "mean_r": NAN}, ("alpha_none",)),
        ({"mean_r": 0.149}, ("alpha_excellent", "r_low")),
        ({"mean_r": 0.501}, ("alpha_excellent", "r_high")),
        ({"full": 0.151, "none": 0.16}, ("alpha_excellent", "ceiling", "floor")),
        ({"steps_reversed": True}, ("alpha_excellent", "steps")),
    ],
)
def test_a_domains_figures_are_read(figures: dict[str, Any], readings: tuple[str, ...]) -> None:
    usual = {
        "questions": 5,
        "alpha": 0.92,
        "of_items": 0.9,
        "mean_r": 0.3,
        "full": 0.0,
        "none": 0.0,
        "n": 40,
        "steps_reversed": False,
    }
    assert conventions.domain_readings(**{**usual, **figures}) == readings


@pytest.mark.parametrize(
    ("r", "word"),
    [(1.0, "overlap"), (0.85, "overlap"), (0.84, "strong"), (0.5, "strong"), (0.3, "medium"), (0.29, "weak"),
     (0.0, "weak"), (-0.01, "negative"), (NAN, "none")],
)  # fmt: skip
def test_domains_overlap_or_not(r: float, word: str) -> None:
    assert conventions.overlap_word(r) == word
