"""Answer cells to states, answers and requirement scores (METHOD, steps 1 and 2)."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from evaluator.assessment.answers import answer_words, judge, understood
from evaluator.model.files import load_model
from evaluator.model.records import Model
from tests import small
from tests.small import domain, item, requirement


def asking(**rules: Any) -> Model:
    """One item with a requirement for each rule on N/A: never, always, for one category only."""
    asked = (
        requirement("AA1-1"),
        requirement("AA1-2", na_allowed=True),
        requirement("AA1-3", na_allowed=True, na_categories=("融资服务",)),
    )
    return small.model(domain("AA", 1.0, item("AA1", 1.0, *asked)), **rules)


def judged(*words: str, category: str = "", model: Model | None = None, **changed: str) -> pd.DataFrame:
    """Judge one institution's answers; `changed` replaces what its first cell holds."""
    model = model or asking()
    frame = small.cells(model, {"I1": [*words, *["full"] * (3 - len(words))]})
    for column, value in changed.items():
        frame.loc[0, column] = value
    return judge(frame, model, {"I1": category} if category else {})


def first(found: pd.DataFrame) -> tuple[str, str, str, float]:
    """Give state, answer as given, answer as scored and score of the first row; no score is -1."""
    row = found.iloc[0]
    return row["state"], row["answer"], row["scored_as"], -1 if pd.isna(row["score"]) else row["score"]


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("full", ("answered", "full", "full", 1.0)),
        ("large", ("answered", "large", "large", 0.8)),
        ("partial", ("answered", "partial", "partial", 0.5)),
        ("none", ("answered", "none", "none", 0.0)),
        ("full-", ("answered", "full", "partial", 0.5)),
        ("large-", ("answered", "large", "partial", 0.5)),
        ("partial-", ("answered", "partial", "partial", 0.5)),
        ("none-", ("answered", "none", "none", 0.0)),
        ("", ("blank", "", "none", 0.0)),
        ("no_row", ("blank", "", "none", 0.0)),
        ("?", ("invalid", "", "none", 0.0)),
        ("?number", ("invalid", "", "none", 0.0)),
        ("?other", ("invalid", "", "none", 0.0)),
        ("?error", ("invalid", "", "none", 0.0)),
        ("?formula", ("invalid", "", "none", 0.0)),
        ("?altered", ("invalid", "", "none", 0.0)),
        ("?ambiguous", ("invalid", "", "none", 0.0)),
        ("na", ("invalid", "na", "none", 0.0)),
        ("na-", ("invalid", "na", "none", 0.0)),
        ("missing", ("missing", "", "", -1)),
    ],
)
def test_each_cell_has_its_state_answer_and_score(word: str, expected: tuple[str, str, str, float]) -> None:
    assert first(judged(word)) == expected


def test_the_five_states_stay_apart() -> None:
    asked = (*(requirement(f"AA1-{level}", na_allowed=True) for level in (1, 2, 3, 4)), requirement("AA1-5"))
    model = small.model(domain("AA", 1.0, item("AA1", 1.0, *asked)), domain("BB", 1.0, item("BB1", 1.0, asked[4])))
    frame = small.cells(model, {"I1": ["full", "na", "", "?", "none", "missing"]})
    states = ["answered", "not_applicable", "blank", "invalid", "answered", "missing"]
    assert judge(frame, model, {})["state"].tolist() == states


def test_without_the_evidence_rule_an_answer_scores_as_given() -> None:
    found = judged("full-", "large-", model=asking(evidence_rule=False))
    assert found["scored_as"].tolist() == ["full", "large", "full"]
    assert found["score"].tolist() == [1.0, 0.8, 1.0]
    assert not found["no_evidence"].any()


def test_the_evidence_rule_scores_what_partial_scores_in_the_model() -> None:
    scale = {"full": 1.0, "large": 0.9, "partial": 0.25, "none": 0.0, "na": None}
    model = small.model(domain("AA", 1.0, item("AA1", 1.0, requirement("AA1-1"), requirement("AA1-2"))), scale=scale)
    found = judge(small.cells(model, {"I1": ["large", "large-"]}), model, {})
    assert found["score"].tolist() == [0.9, 0.25]


def test_only_large_and_full_without_evidence_are_marked() -> None:
    words = ["full", "large", "partial", "none", "full-", "large-", "partial-", "none-", "", "?"]
    asked = (requirement(f"AA1-1{letter}") for letter in "abcdefghij")
    model = small.model(domain("AA", 1.0, item("AA1", 1.0, *asked)))
    found = judge(small.cells(model, {"I1": words}), model, {})
    assert found["no_evidence"].tolist() == [word in ("full-", "large-") for word in words]


@pytest.mark.parametrize("evidence", ["", " ", "\u3000", "\n\t", "\u200b", "\ufeff"])
def test_evidence_that_shows_nothing_is_no_evidence(evidence: str) -> None:
    assert first(judged("full", evidence=evidence)) == ("answered", "full", "partial", 0.5)


def test_a_permitted_na_with_a_reason_applies_to_nothing_and_scores_nothing() -> None:
    row = judged("full", "na").iloc[1]
    assert (row["state"], row["answer"], row["scored_as"], bool(pd.isna(row["score"]))) == (
        "not_applicable", "na", "", True,
    )  # fmt: skip
    assert not row["na_refused"]
    assert not row["na_unreasoned"]


def test_a_permitted_na_without_a_reason_is_invalid() -> None:
    row = judged("full", "na-").iloc[1]
    assert (row["state"], row["score"], row["na_refused"], row["na_unreasoned"]) == ("invalid", 0.0, False, True)


def test_the_reason_must_stand_in_remarks() -> None:
    frame = small.cells(asking(), {"I1": ["full", "na-", "full"]})
    frame.loc[1, "evidence"] = "no such business"
    assert judge(frame, asking(), {})["state"].tolist() == ["answered", "invalid", "answered"]


@pytest.mark.parametrize("word", ["na", "na-"])
def test_an_na_that_is_not_permitted_is_refused_with_a_reason_or_without(word: str) -> None:
    row = judged(word).iloc[0]
    assert (row["state"], row["score"], row["na_refused"], row["na_unreasoned"]) == ("invalid", 0.0, True, False)


@pytest.mark.parametrize(
    ("category", "state"), [("融资服务", "not_applicable"), ("法律服务", "invalid"), ("", "invalid")]
)
def test_na_for_some_categories_is_refused_to_others_and_where_the_category_is_not_known(
    category: str, state: str
) -> None:
    row = judged("full", "full", "na", category=category).iloc[2]
    assert (row["state"], row["na_refused"]) == (state, state == "invalid")


def test_categories_do_not_permit_what_na_allowed_forbids() -> None:
    asked = requirement("AA1-1", na_allowed=False, na_categories=("融资服务",))
    model = small.model(domain("AA", 1.0, item("AA1", 1.0, asked)))
    found = judge(small.cells(model, {"I1": ["na"]}), model, {"I1": "融资服务"})
    assert found["state"].tolist() == ["invalid"]


@pytest.mark.parametrize(
    ("typed", "normalised"),
    [("完全满足", False), (" 完全满足", True), ("Full", True), ("full", True), ("1", True), ("100%", True)],
)
def test_an_answer_in_other_words_than_the_forms_own_counts_and_is_marked(typed: str, normalised: bool) -> None:
    found = judged("full", typed=typed)
    assert first(found) == ("answered", "full", "full", 1.0)
    assert bool(found.iloc[0]["normalised"]) is normalised


def test_the_forms_own_words_are_those_of_its_language() -> None:
    assert not judged("full", typed="Full", lang="en").iloc[0]["normalised"]
    assert judged("full", typed="完全满足", lang="en").iloc[0]["normalised"]


def test_what_is_no_answer_is_not_marked_as_normalised() -> None:
    for word in ("?", "", "missing", "?altered", "?formula"):
        assert not judged(word).iloc[0]["normalised"]


@pytest.mark.parametrize("source", ["altered", "ambiguous", "no_row", "no_form"])
def test_an_answer_that_does_not_stand_where_it_should_never_counts(source: str) -> None:
    state, answer, _, score = first(judged("full", source=source))
    assert (state, answer, score) == {
        "no_row": ("blank", "", 0.0), "no_form": ("missing", "", -1),
    }.get(source, ("invalid", "", 0.0))  # fmt: skip


@pytest.mark.parametrize("kind", ["formula", "error", "other", "blank"])
def test_the_text_of_a_cell_that_holds_no_text_or_number_is_never_an_answer(kind: str) -> None:
    assert first(judged("full", kind=kind))[1:] == ("", "none", 0.0)


def test_judging_changes_no_input() -> None:
    frame = small.cells(asking(), {"I1": ["full-", "na", "?"]})
    before = frame.copy()
    judge(frame, asking(), {})
    pd.testing.assert_frame_equal(frame, before)


BUILT_IN = load_model()


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("完全满足", "full"), ("大部分满足", "large"), ("部分满足", "partial"), ("不满足", "none"), ("不适用", "na"),
        ("Full", "full"), ("Largely", "large"), ("Partly", "partial"), ("Not met", "none"), ("N/A", "na"),
        ("full", "full"), ("large", "large"), ("na", "na"), ("ＦＵＬＬ", "full"), ("n / a", "na"), ("not  met", "none"),
        ("大部分 满足\n", "large"), ("\ufeff不满足", "none"),
        ("1", "full"), ("1.0", "full"), ("0.8", "large"), ("０．５", "partial"), ("0", "none"), ("0.0", "none"),
        ("100%", "full"), ("80%", "large"), ("50 %", "partial"), ("0％", "none"),
        ("0.79", ""), ("80", ""), ("8%", ""), ("2", ""), ("-1", ""), ("nan", ""), ("inf", ""), ("%", ""), ("0_1", ""),
        ("满足", ""), ("基本满足", ""), ("完全满足。", "full"), ("yes", ""), ("是", ""), ("√", ""),
        ("完全满足/部分满足", ""), ("", ""),
    ],
)  # fmt: skip
def test_only_clear_words_and_the_scales_numbers_are_understood(typed: str, code: str) -> None:
    values = {answer.value: answer.code for answer in BUILT_IN.scale if answer.value is not None}
    assert understood(typed, answer_words(BUILT_IN), values) == code
