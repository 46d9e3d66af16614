"""Which of several returns counts: that with the later filling date, then the one that arrived later, or none."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluator.intake.returns import (
    Chosen,
    Return,
    choose,
    filling_date,
    form_language,
    split,
)
from evaluator.model.records import Model
from evaluator.questionnaire.reader import FieldValue, FormRow, ReturnedForm

MARCH, APRIL = date(2026, 3, 31), date(2026, 4, 1)


def row(requirement: str, typed: str = "完全满足", number: int = 5, **given: object) -> FormRow:
    cells = {"cell": f"F{number}", "evidence_cell": f"G{number}", "remarks_cell": f"H{number}", "id_cell": f"A{number}"}
    usual = {
        "is_id": True,
        "sheet": "自评问卷",
        "row": number,
        "kind": "text",
        "evidence": "",
        "remarks": "",
        "text": "要求",
    }
    return FormRow(requirement=requirement, typed=typed, **{**usual, **cells, **given})  # type: ignore[arg-type]


def returned(file: str, typed: str = "完全满足", filled: date | None = None, **given: object) -> Return:
    usual = {
        "institution": "N01", "domain": "SS", "lang": "zh", "edition": "1", "arrived": "",
        "rows": (row("SS1-1", typed),),
    }  # fmt: skip
    return Return(file=file, filled=filled, **{**usual, **given})  # type: ignore[arg-type]


def form(*rows: FormRow, meta: dict[str, str] | None = None, **fields: str) -> ReturnedForm:
    places = {key: FieldValue(value=value, sheet="机构信息", cell="B1") for key, value in fields.items()}
    return ReturnedForm(meta=meta or {}, fields=places, rows=rows, strays={})


def outcome(chosen: Chosen) -> tuple[list[str], dict[str, str], list[str]]:
    """Files counted, status by file, and findings as `code file`."""
    statuses = {file: status for (file, _), status in chosen.statuses.items()}
    return [one.file for one in chosen.counted], statuses, sorted(f"{f.code} {f.file}" for f in chosen.findings)


def test_a_single_return_counts() -> None:
    assert outcome(choose([returned("a")])) == (["a"], {"a": "counted"}, [])


def test_no_returns_are_no_choice() -> None:
    assert choose([]) == Chosen(counted=(), statuses={}, findings=())


def test_the_later_filling_date_counts() -> None:
    group = [returned("z", filled=MARCH), returned("a", "不满足", APRIL), returned("m", "部分满足", date(2025, 1, 1))]
    counted, statuses, findings = outcome(choose(group))
    assert counted == ["a"]
    assert statuses == {"a": "counted", "z": "superseded", "m": "superseded"}
    assert findings == ["return.superseded m", "return.superseded z"]


@pytest.mark.parametrize(("first", "second"), [(None, None), (MARCH, None), (MARCH, MARCH)])
def test_without_a_later_date_different_returns_are_a_conflict(first: date | None, second: date | None) -> None:
    group = [returned("a", filled=first), returned("b", "不满足", second)]
    assert outcome(choose(group)) == (
        [], {"a": "conflict", "b": "conflict"}, ["return.conflict a", "return.conflict b"],
    )  # fmt: skip


def test_two_latest_of_one_date_are_a_conflict_and_the_older_one_stays_superseded() -> None:
    group = [returned("a", filled=MARCH), returned("b", "不满足", APRIL), returned("c", "部分满足", APRIL)]
    counted, statuses, _ = outcome(choose(group))
    assert counted == []
    assert statuses == {"a": "superseded", "b": "conflict", "c": "conflict"}


NOON, EVENING = "2026-03-31T04:00:00Z", "2026-03-31T12:00:00Z"


@pytest.mark.parametrize(("first", "second"), [(None, None), (MARCH, None), (None, MARCH), (MARCH, MARCH)])
def test_where_filling_dates_do_not_tell_the_later_arrival_counts(first: date | None, second: date | None) -> None:
    group = [returned("a", filled=first, arrived=EVENING), returned("b", "不满足", second, arrived=NOON)]
    chosen = choose(group)
    assert outcome(chosen) == (["a"], {"a": "counted", "b": "superseded"}, ["return.superseded b"])
    said = chosen.findings[0].message("en")
    assert "2026-03-31 04:00:00 UTC, before 2026-03-31 12:00:00 UTC" in said


def test_the_later_filling_date_counts_though_it_arrived_earlier() -> None:
    group = [returned("a", filled=MARCH, arrived=EVENING), returned("b", "不满足", APRIL, arrived=NOON)]
    chosen = choose(group)
    assert outcome(chosen)[0] == ["b"]
    assert "2026-03-31 is before 2026-04-01" in chosen.findings[0].message("en")


@pytest.mark.parametrize("other", ["", NOON])
def test_an_arrival_that_is_unknown_or_the_same_does_not_tell(other: str) -> None:
    group = [returned("a", filled=MARCH, arrived=NOON), returned("b", "不满足", MARCH, arrived=other)]
    assert outcome(choose(group))[1] == {"a": "conflict", "b": "conflict"}


def test_returns_each_of_which_has_a_later_one_are_a_conflict() -> None:
    group = [
        returned("a", filled=MARCH, arrived=EVENING), returned("b", "不满足", None, arrived="2026-03-31T08:00:00Z"),
        returned("c", "部分满足", APRIL, arrived=NOON),
    ]  # fmt: skip
    assert set(outcome(choose(group))[1].values()) == {"conflict"}


def test_a_content_that_came_again_counts_as_its_last_arrival() -> None:
    first, between, again = NOON, EVENING, "2026-04-02T00:00:00Z"
    group = [
        returned("a", arrived=first), returned("b", "不满足", arrived=between), returned("c", arrived=again),
    ]  # fmt: skip
    assert outcome(choose(group))[1] == {"a": "identical", "b": "superseded", "c": "counted"}


@given(
    st.lists(
        st.tuples(st.sampled_from([None, MARCH, APRIL]), st.sampled_from(["", NOON, EVENING])), min_size=1, max_size=6
    )
)
def test_what_counts_is_what_nothing_else_is_later_than(drawn: list[tuple[date | None, str]]) -> None:
    group = [returned(f"{place}", str(place), filled, arrived=arrived) for place, (filled, arrived) in enumerate(drawn)]

    def is_later(one: Return, other: Return) -> bool:
        if one.filled and other.filled and one.filled != other.filled:
            return one.filled > other.filled
        return bool(one.arrived and other.arrived) and one.arrived > other.arrived

    last = [one for one in group if not any(is_later(other, one) for other in group)] or group
    chosen = choose(group)
    assert [one.file for one in chosen.counted] == ([last[0].file] if len(last) == 1 else [])
    assert {file for (file, _), status in chosen.statuses.items() if status == "superseded"} == {
        one.file for one in group if one not in last
    }


def test_identical_contents_count_once_as_the_one_with_the_latest_date() -> None:
    group = [returned("a"), returned("b", filled=MARCH), returned("c", filled=APRIL)]
    counted, statuses, findings = outcome(choose(group))
    assert counted == ["c"]
    assert statuses == {"a": "identical", "b": "identical", "c": "counted"}
    assert findings == ["return.identical a", "return.identical b"]


def test_order_of_rows_blanks_and_width_make_no_difference_of_contents() -> None:
    one = returned("a", rows=(row("SS1-1", evidence="台账 A"), row("SS1-2")))
    other = returned("b", rows=(row("SS1-2", number=9), row("SS1-1", evidence="台账Ａ\n", number=10)))
    assert outcome(choose([one, other]))[1] == {"a": "counted", "b": "identical"}


@pytest.mark.parametrize(
    "change", [{"typed": "不满足"}, {"evidence": "x"}, {"remarks": "x"}, {"kind": "formula"}, {"text": "x"}]
)
def test_any_other_difference_is_one_of_contents(change: dict[str, str]) -> None:
    one = returned("a")
    other = replace(one, file="b", rows=(one.rows[0]._replace(**change),))  # type: ignore[arg-type]
    assert outcome(choose([one, other]))[1] == {"a": "conflict", "b": "conflict"}


def test_a_copy_of_a_superseded_return_is_superseded_by_the_same() -> None:
    group = [returned("a", filled=MARCH), returned("b", filled=date(2026, 1, 1)), returned("c", "不满足", APRIL)]
    chosen = choose(group)
    assert outcome(chosen)[1] == {"a": "superseded", "b": "superseded", "c": "counted"}
    assert [(f.code, f.params["other"]) for f in chosen.findings if f.file == "b"] == [("return.superseded", "c")]
    assert "same contents as a" in next(f for f in chosen.findings if f.file == "b").message("en")


def test_a_copy_of_a_return_in_conflict_is_in_conflict_too() -> None:
    group = [returned("a"), returned("b"), returned("c", "不满足")]
    counted, statuses, findings = outcome(choose(group))
    assert (counted, set(statuses.values())) == ([], {"conflict"})
    assert findings == ["return.conflict a", "return.conflict b", "return.conflict c"]


@pytest.mark.parametrize(
    ("typed", "arrived", "dated"),
    [
        ("2026-04-01", NOON, APRIL),  # the day after, by UTC
        ("2026-04-02", NOON, None),
        ("2027-03-31", NOON, None),
        ("2027-03-31", "", date(2027, 3, 31)),
    ],
)
def test_a_filling_date_after_the_arrival_does_not_decide(
    model: Model, typed: str, arrived: str, dated: date | None
) -> None:
    (one,), findings = split("a", form(row("SS1-1"), date=typed), "N01", model, arrived)
    assert one.filled == dated
    assert [(f.code, f.institution, f.sheet, f.cell) for f in findings] == (
        [] if dated else [("return.future_date", "N01", "机构信息", "B1")]
    )


def test_institutions_and_domains_are_chosen_apart() -> None:
    group = [returned("a"), returned("b", "不满足", domain="SD"), returned("c", "不满足", institution="N02")]
    assert [(one.institution, one.domain) for one in choose(group).counted] == [
        ("N01", "SD"),
        ("N01", "SS"),
        ("N02", "SS"),
    ]


def test_the_order_of_the_returns_changes_nothing() -> None:
    group = [
        returned("a", filled=MARCH), returned("b", filled=APRIL), returned("c", "不满足", APRIL),
        returned("d", "不满足", MARCH), returned("e", "部分满足"),
    ]  # fmt: skip
    outcomes = {str(outcome(choose(order))) for order in itertools.permutations(group)}
    assert len(outcomes) == 1


def test_a_form_is_split_by_the_domains_it_answers(model: Model) -> None:
    rows = [row(r.id) for code in ("SS", "SD") for r in model.domain(code).requirements]
    returns, findings = split("a.xlsx", form(*rows, date="2026-03-31"), "N01", model)
    assert [(one.domain, len(one.rows), one.filled) for one in returns] == [("SS", 28, MARCH), ("SD", 33, MARCH)]
    assert findings == ()


@pytest.mark.parametrize(("count", "domains"), [(16, ["SS"]), (17, ["SS", "SD"])])
def test_a_second_domain_needs_half_of_its_requirements(model: Model, count: int, domains: list[str]) -> None:
    """33 requirements: a few rows pasted into the wrong form are no return of another domain."""
    rows = [row(r.id) for r in (*model.domain("SS").requirements, *model.domain("SD").requirements[:count])]
    returns, findings = split("a.xlsx", form(*rows), "N01", model)
    assert [one.domain for one in returns] == domains
    assert len(findings) == (count if domains == ["SS"] else 0)


def test_rows_of_no_requirement_are_findings_at_their_id(model: Model) -> None:
    rows = [
        row("SS1-1"),
        row("SS1-2"),
        row("SS9-9", number=6),
        row("合计", is_id=False, number=7),
        row("SD1-1", number=8),
    ]
    _, findings = split("a.xlsx", form(*rows), "N01", model)
    assert [(f.code, f.cell, f.params["found"], f.domain) for f in findings] == [
        ("form.unknown_rows", "A6", "SS9-9", "SS"),
        ("form.unknown_rows", "A7", "合计", "SS"),
        ("form.unknown_rows", "A8", "SD1-1", "SS"),
    ]


def test_strange_rows_without_end_share_a_finding(model: Model) -> None:
    rows = [row("SS1-1"), *(row(f"Z{n}", number=n) for n in range(6, 1006))]
    _, findings = split("a.xlsx", form(*rows), "N01", model)
    assert len(findings) == 51
    assert findings[-1].cell == "A56"
    assert "938" in findings[-1].message("en")


def test_a_form_without_any_known_row_answers_nothing(model: Model) -> None:
    returns, findings = split("a.xlsx", form(row("ZZ1-1")), "N01", model)
    assert returns == ()
    assert [finding.code for finding in findings] == ["form.unknown_rows"]


@pytest.mark.parametrize(
    ("typed", "filled"),
    [
        ("2026-03-31", MARCH),
        ("2026/3/31", MARCH),
        ("2026.3.31", MARCH),
        ("2026年3月31日", MARCH),
        ("2026 年 3 月 31 日", MARCH),
        ("２０２６年３月３１日", MARCH),
        ("20260331", MARCH),
        ("2026-03-31 10:15:00", MARCH),
        ("填于2026-3-31", MARCH),
        ("46112", MARCH),
        ("46112.5", MARCH),
        ("", None),
        ("去年", None),
        ("2026-13-01", None),
        ("2026-02-30", None),
        ("2026-03", None),
        ("26-3-31", None),
        ("1999-12-31", None),
        ("12345", None),
        ("nan", None),
        ("inf", None),
        ("1e300", None),
        ("31", None),
    ],
)
def test_filling_dates_are_read_however_they_are_written(typed: str, filled: date | None) -> None:
    assert filling_date(typed) == filled


@pytest.mark.parametrize(
    ("meta", "text", "sheet", "lang"),
    [
        ({"language": "en"}, "要求", "自评问卷", "en"),
        ({}, "The institution has a plan.", "自评问卷", "en"),
        ({}, "机构应有计划。", "Sheet1", "zh"),
        ({"language": "fr"}, "", "自评问卷", "zh"),
        ({}, "", "Questionnaire", "en"),
    ],
)
def test_the_language_is_that_of_meta_else_of_the_texts_else_of_the_sheet(
    meta: dict[str, str], text: str, sheet: str, lang: str
) -> None:
    assert form_language(form(row("SS1-1", text=text, sheet=sheet), meta=meta)) == lang


def test_model_and_edition_are_those_of_meta_else_of_the_institution_sheet() -> None:
    both = form(meta={"model": "m", "edition": "2"}, edition="other 1")
    sheet, neither = form(edition="sme-service  2023.1"), form()
    assert [(one.model, one.edition) for one in (both, sheet, neither)] == [
        ("m", "2"), ("sme-service", "2023.1"), ("", ""),
    ]  # fmt: skip


def test_a_return_that_nothing_vouches_for_never_takes_the_place_of_one_that_is_vouched_for() -> None:
    group = [returned("a", filled=MARCH), returned("b", "不满足", APRIL, is_vouched=False)]
    chosen = choose(group)
    assert outcome(chosen) == (["a"], {"a": "counted", "b": "superseded"}, ["return.superseded b"])
    assert "no seal of the round" in chosen.findings[0].message("en")


def test_beside_a_conflict_of_those_vouched_for_no_other_counts() -> None:
    group = [returned("a"), returned("b", "不满足"), returned("c", "部分满足", APRIL, is_vouched=False)]
    assert outcome(choose(group))[:2] == ([], {"a": "conflict", "b": "conflict", "c": "superseded"})


def test_of_the_same_content_the_one_vouched_for_counts() -> None:
    group = [returned("a", filled=APRIL, is_vouched=False), returned("b", filled=MARCH)]
    assert outcome(choose(group))[1] == {"a": "identical", "b": "counted"}


def test_among_returns_that_nothing_vouches_for_the_later_counts_as_ever() -> None:
    group = [returned("a", filled=MARCH, is_vouched=False), returned("b", "不满足", APRIL, is_vouched=False)]
    assert outcome(choose(group))[1] == {"a": "superseded", "b": "counted"}
