"""Each check finds exactly what it should, and nothing where all is well."""

from __future__ import annotations

import pandas as pd
import pytest

from evaluator.assessment.answers import judge
from evaluator.assessment.checks import CHECKS, MAX_TEXT, check, with_folded
from evaluator.findings import Finding
from evaluator.model.records import Model
from evaluator.wording import Lang
from tests import small
from tests.small import domain, item, requirement

MODEL = small.model(
    domain("AA", 0.5, item("AA1", 1.0, *(requirement(f"AA1-{n}", na_allowed=n > 2) for n in (1, 2, 3, 4, 5)))),
    domain("BB", 0.5, item("BB1", 1.0)),
)
"""Two domains of five requirements each, a fifth of the domain's weight; N/A permitted for AA1-3, AA1-4 and AA1-5."""
CLEAN = ["full", "large", "partial", "none", "na", "full", "large", "partial-", "none-", "full"]
"""Every answer in the form's own words, evidence and reason where they are due, N/A not over a fifth."""
LANGS: tuple[Lang, ...] = ("zh", "en")
ALL_CODES = {
    "answer.blank", "answer.invalid", "answer.formula", "answer.normalised", "answer.na_not_permitted",
    "answer.na_without_reason", "answer.na_over_cap", "evidence.missing", "evidence.too_long", "evidence.copied",
}  # fmt: skip


def frame_of(*answers: list[str]) -> pd.DataFrame:
    """Lay out the answers of institutions I1, I2, ..."""
    return small.cells(MODEL, {f"I{n}": its for n, its in enumerate(answers, start=1)})


def with_first(word: str, rest: list[str] | None = None) -> list[str]:
    return [word, *(rest or CLEAN)[1:]]


def findings(frame: pd.DataFrame, model: Model = MODEL) -> list[Finding]:
    return list(check(judge(frame, model, {}), model))


def places(found: list[Finding]) -> list[tuple[str, str, str, str]]:
    return [(each.code, each.institution, each.requirement, each.cell) for each in found]


def test_a_clean_frame_gives_nothing() -> None:
    assert findings(frame_of(CLEAN, CLEAN)) == []


def test_a_frame_without_institutions_gives_nothing() -> None:
    assert findings(frame_of()) == []


@pytest.mark.parametrize(
    ("word", "code", "cell"),
    [
        ("", "answer.blank", "F12"),
        ("?", "answer.invalid", "F12"),
        ("?number", "answer.invalid", "F12"),
        ("?other", "answer.invalid", "F12"),
        ("?error", "answer.invalid", "F12"),
        ("?formula", "answer.formula", "F12"),
        ("na", "answer.na_not_permitted", "F12"),
        ("na-", "answer.na_not_permitted", "F12"),
        ("full-", "evidence.missing", "G12"),
        ("large-", "evidence.missing", "G12"),
    ],
)
def test_one_odd_answer_gives_one_finding_at_its_cell(word: str, code: str, cell: str) -> None:
    found = findings(frame_of(CLEAN, with_first(word)))
    assert places(found) == [(code, "I2", "AA1-1", cell)]
    assert (found[0].domain, found[0].file, found[0].sheet) == ("AA", "I2_AA.xlsx", "自评问卷")


@pytest.mark.parametrize("word", ["no_row", "?altered", "?ambiguous", "partial-", "none-"])
def test_what_the_form_itself_is_blamed_for_or_is_in_order_gives_none_here(word: str) -> None:
    assert findings(frame_of(with_first(word))) == []


def test_a_domain_that_never_came_gives_none_here() -> None:
    assert findings(frame_of([*CLEAN[:5], *["missing"] * 5])) == []


def test_an_na_without_a_reason_is_placed_where_the_reason_belongs() -> None:
    found = findings(frame_of([*CLEAN[:4], "na-", *CLEAN[5:]]))
    assert places(found) == [("answer.na_without_reason", "I1", "AA1-5", "H16")]


def test_an_answer_in_other_words_is_named_with_what_it_was_read_as() -> None:
    frame = frame_of(CLEAN)
    frame.loc[1, "typed"] = " 80 %"
    found = findings(frame)
    assert places(found) == [("answer.normalised", "I1", "AA1-2", "F13")]
    assert found[0].found("zh") == "要求AA1-2的自评结果“80 %”按“大部分满足”计。"


def test_an_invalid_answer_is_shown_with_the_answers_to_choose_from() -> None:
    found = findings(frame_of([*CLEAN[:1], "?", "?", *CLEAN[3:]]))
    assert [each.requirement for each in found] == ["AA1-2", "AA1-3"]
    assert all("差不多" in each.found("zh") for each in found)
    assert ["不适用" in each.action("zh") for each in found] == [False, True]


def test_a_long_invalid_answer_is_shortened() -> None:
    frame = frame_of(with_first("?"))
    frame.loc[0, "typed"] = "我们认为\n" * 100
    shown = findings(frame)[0].params["found"]
    assert isinstance(shown, str)
    assert len(shown) == 60
    assert shown.endswith("…")


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["full", "full", "full", "full", "na"], []),
        (["full", "full", "full", "na", "na"], ["AA"]),
        (["full", "full", "na", "na", "na"], ["AA"]),
    ],
)
def test_na_over_a_fifth_of_a_domain_is_found_once_for_the_domain(words: list[str], found: list[str]) -> None:
    over = findings(frame_of([*words, *CLEAN[5:]], CLEAN))
    assert [(each.code, each.institution, each.domain, each.file) for each in over] == [
        ("answer.na_over_cap", "I1", code, "I1_AA.xlsx") for code in found
    ]


def test_na_that_does_not_count_is_not_in_the_share() -> None:
    found = findings(frame_of(["full", "full", "full", "na-", "na", *CLEAN[5:]]))
    assert [each.code for each in found] == ["answer.na_without_reason"]


def test_na_share_is_compared_at_the_same_quantum_as_the_rating() -> None:
    asked = [item(f"AA{n}", 0.1, requirement(f"AA{n}-1", na_allowed=True)) for n in range(1, 11)]
    model = small.model(domain("AA", 1.0, *asked), max_na_share=0.3)
    frame = small.cells(model, {"I1": ["na"] * 3 + ["full"] * 7, "I2": ["na"] * 4 + ["full"] * 6})
    assert sum([0.1] * 3) > 0.3
    assert [(each.code, each.institution) for each in findings(frame, model)] == [("answer.na_over_cap", "I2")]


def test_without_the_evidence_rule_evidence_is_not_asked_for() -> None:
    assert findings(frame_of(with_first("full-")), small.with_rules(MODEL, evidence_rule=False)) == []


@pytest.mark.parametrize(("column", "cell"), [("evidence", "G12"), ("remarks", "H12")])
def test_a_text_over_the_limit_is_found_at_its_cell_and_one_at_the_limit_is_not(column: str, cell: str) -> None:
    frame = frame_of(CLEAN, CLEAN)
    frame.loc[0, column] = "长" * (MAX_TEXT + 1)
    frame.loc[10, column] = "文" * MAX_TEXT
    assert places(findings(frame)) == [("evidence.too_long", "I1", "AA1-1", cell)]


@pytest.mark.parametrize(
    "words", ["evidence of AA1-1", "text of AA1-1", " EVIDENCE of  ＡＡ1-1\n"], ids=["evidence", "text", "refolded"]
)
def test_evidence_in_the_forms_own_words_is_found(words: str) -> None:
    frame = frame_of(CLEAN, CLEAN)
    frame.loc[0, "evidence"] = words
    found = findings(frame)
    assert places(found) == [("evidence.copied", "I1", "AA1-1", "G12")]


def test_the_words_of_another_requirement_are_not_this_ones() -> None:
    frame = frame_of(CLEAN)
    frame.loc[0, "evidence"] = "evidence of AA1-2"
    assert findings(frame) == []


LONG = "2024年度工作计划（办公室2024年第3号文）及其印发记录"


def test_evidence_shared_by_institutions_for_one_requirement_is_found_at_each() -> None:
    frame = frame_of(CLEAN, CLEAN, CLEAN)
    frame.loc[0, "evidence"] = LONG
    frame.loc[20, "evidence"] = LONG.replace("（", "(").replace("）", ")") + " "
    found = findings(frame)
    assert places(found) == [("evidence.copied", "I1", "AA1-1", "G12"), ("evidence.copied", "I3", "AA1-1", "G12")]


def test_one_institutions_own_repetition_or_another_requirement_is_not_copying() -> None:
    frame = frame_of(CLEAN, CLEAN)
    frame.loc[0, "evidence"] = LONG
    frame.loc[1, "evidence"] = LONG
    frame.loc[12, "evidence"] = LONG
    assert findings(frame) == []


def test_a_short_evidence_text_that_many_share_is_not_copying() -> None:
    frame = frame_of(CLEAN, CLEAN)
    frame.loc[[0, 10], "evidence"] = "年度工作计划及批复"
    assert findings(frame) == []


def test_the_forms_own_words_are_blamed_on_the_form_and_not_on_the_others() -> None:
    asked = small.requirement("AA1-1", evidence=small.words(LONG))
    model = small.model(domain("AA", 1.0, item("AA1", 1.0, asked)))
    frame = small.cells(model, {"I1": ["full"], "I2": ["full"]})
    frame["evidence"] = LONG
    assert [each.code for each in findings(frame, model)] == ["evidence.copied"] * 2
    form = frame.iloc[:1]
    assert findings(frame, model)[0].params["source"] == findings(form, model)[0].params["source"]


@pytest.fixture(scope="module")
def everything() -> pd.DataFrame:
    """Judged answers that give every code."""
    frame = frame_of(
        ["", "?", "?formula", "na-", "na", "na", "full-", "large-", "none", "full"],
        ["full", "full", "na", "na", "na", *CLEAN[5:]],
    )
    frame.loc[8, "typed"] = "none"
    frame.loc[9, "evidence"] = "长" * (MAX_TEXT + 1)
    frame.loc[10, "evidence"] = "evidence of AA1-1"
    return judge(frame, MODEL, {})


def test_each_check_has_one_code_of_its_own(everything: pd.DataFrame) -> None:
    codes = [{each.code for each in one(with_folded(everything), MODEL)} for one in CHECKS]
    assert [len(its) for its in codes] == [1] * len(ALL_CODES)
    assert set().union(*codes) == ALL_CODES


def test_every_finding_can_be_said_in_both_languages(everything: pd.DataFrame) -> None:
    for each in check(everything, MODEL):
        for lang in LANGS:
            assert each.found(lang)
            assert "{" not in each.message(lang)


def test_checking_changes_no_input(everything: pd.DataFrame) -> None:
    before = everything.copy()
    check(everything, MODEL)
    pd.testing.assert_frame_equal(everything, before)
