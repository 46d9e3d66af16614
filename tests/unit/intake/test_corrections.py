"""A correction that came back counts instead of the return it names, whatever dates are typed into both."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluator.intake.returns import Chosen, Return, choose, split
from evaluator.model.records import Model
from tests import forms
from tests.unit.intake.test_returns import returned

MARCH, APRIL = date(2026, 3, 31), date(2026, 4, 1)
EARLY, LATE = "2026-03-31T08:00:00Z", "2026-04-05T08:00:00Z"


def first(**given: object) -> Return:
    return returned("first", "不满足", **{"sha256": "a" * 64, **given})


def correction(**given: object) -> Return:
    return returned("second", "部分满足", **{"sha256": "b" * 64, "corrects": "a" * 64, **given})


def again(**given: object) -> Return:
    return returned("third", "完全满足", **{"sha256": "c" * 64, "corrects": "b" * 64, **given})


def counted(*group: Return) -> list[str]:
    """Which files count, whatever order they come in."""
    found = {tuple(one.file for one in choose(order).counted) for order in permutations(group)}
    assert len(found) == 1, found
    return list(found.pop())


def reasons(chosen: Chosen) -> dict[str, str]:
    return {f.file: f.message("en") for f in chosen.findings if f.code == "return.superseded"}


@pytest.mark.parametrize(
    ("one", "other"), [(None, None), (MARCH, None), (None, MARCH), (MARCH, MARCH), (MARCH, APRIL), (APRIL, MARCH)]
)
def test_a_correction_counts_instead_of_what_it_corrects(one: date | None, other: date | None) -> None:
    assert counted(first(filled=one), correction(filled=other)) == ["second"]


def test_a_chain_of_corrections_decides_before_their_dates() -> None:
    assert counted(first(filled=APRIL), correction(filled=MARCH), again(filled=date(2026, 3, 1))) == ["third"]
    assert counted(first(filled=APRIL), again(filled=MARCH)) == ["first"]  # what is between is not there


def test_against_returns_outside_the_chain_dates_decide() -> None:
    other = returned("other", "大部分满足", sha256="d" * 64, filled=date(2026, 4, 2))
    assert counted(first(filled=APRIL), correction(filled=MARCH), other) == ["other"]
    older = replace(other, filled=date(2026, 3, 1))
    assert counted(first(filled=APRIL), correction(filled=MARCH), older) == ["second"]


def test_a_return_dated_between_a_correction_and_what_it_corrects_is_a_conflict() -> None:
    between = returned("other", "大部分满足", sha256="d" * 64, filled=date(2026, 4, 1))
    assert counted(first(filled=date(2026, 4, 2)), correction(filled=MARCH), between) == []


def test_when_they_arrived_makes_no_difference_to_a_correction() -> None:
    assert counted(first(arrived=LATE), correction(arrived=EARLY)) == ["second"]


def test_the_finding_says_that_it_was_corrected() -> None:
    chosen = choose([first(filled=MARCH), correction()])
    assert "correction" in reasons(chosen)["first"]
    assert chosen.statuses == {("first", "SS"): "superseded", ("second", "SS"): "counted"}
    assert "correction" in reasons(choose([first(filled=APRIL), correction(filled=MARCH)]))["first"]


def test_the_last_of_several_corrections_counts() -> None:
    assert counted(first(filled=MARCH), correction(), again()) == ["third"]


def test_a_correction_of_a_correction_counts_also_where_the_one_between_is_a_copy_of_the_first() -> None:
    unchanged = returned("second", "不满足", sha256="b" * 64, corrects="a" * 64)
    assert counted(first(filled=MARCH), unchanged, again()) == ["third"]


def test_a_correction_that_goes_back_to_the_first_answers_counts() -> None:
    back = returned("third", "不满足", sha256="c" * 64, corrects="b" * 64)
    chosen = choose([first(), correction(), back])
    assert [one.file for one in chosen.counted] == ["third"]
    assert chosen.statuses["first", "SS"] == "identical"
    assert chosen.statuses["second", "SS"] == "superseded"


def test_a_copy_of_the_corrected_return_under_other_bytes_is_corrected_too() -> None:
    resaved = returned("copy", "不满足", sha256="d" * 64, arrived=LATE)
    assert counted(first(arrived=EARLY), resaved, correction(arrived="2026-04-01T08:00:00Z")) == ["second"]


def test_what_the_institution_sent_after_its_correction_counts_by_arrival() -> None:
    other = returned("other", "大部分满足", sha256="d" * 64, arrived=LATE)
    assert counted(first(arrived=EARLY), correction(arrived="2026-04-01T08:00:00Z"), other) == ["other"]


def test_a_correction_of_something_else_is_a_return_like_any_other() -> None:
    assert counted(first(), correction(corrects="e" * 64)) == []


def test_a_correction_of_an_unknown_hash_does_not_correct_returns_without_one() -> None:
    assert counted(first(sha256=""), correction(corrects="")) == []


def test_a_correction_reaches_only_its_own_institution() -> None:
    chosen = choose([first(institution="N02"), correction()])
    assert sorted(one.file for one in chosen.counted) == ["first", "second"]


@pytest.mark.parametrize("dated", [None, MARCH])
def test_corrections_that_name_each_other_are_a_conflict(dated: date | None) -> None:
    assert counted(first(corrects="b" * 64, filled=APRIL), correction(filled=dated)) == []


def test_what_nothing_vouches_for_corrects_nothing(model: Model) -> None:
    form = replace(forms.read(forms.filled()), meta={"corrects": "a" * 64})
    for is_vouched, expected in ((True, "a" * 64), (False, "")):
        (one,), _ = split("f", form, "N01", model, is_vouched=is_vouched)
        assert one.corrects == expected


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([None, MARCH, APRIL]),
            st.sampled_from(["", EARLY, LATE]),
            st.sampled_from(["", *"01234"]),
        ),
        min_size=1,
        max_size=5,
    )
)
def test_what_counts_is_what_nothing_else_takes_the_place_of(drawn: list[tuple[date | None, str, str]]) -> None:
    group = [
        returned(
            f"{n}", f"{n}", filled, arrived=arrived, sha256=f"{n}", corrects=corrects if corrects != f"{n}" else ""
        )
        for n, (filled, arrived, corrects) in enumerate(drawn)
    ]
    by_hash = {one.sha256: one for one in group}

    def does_correct(one: Return, other: Return) -> bool:
        seen, at = set(), one
        while at.corrects in by_hash and at.corrects not in seen:
            seen.add(at.corrects)
            at = by_hash[at.corrects]
        return other.sha256 in seen

    def is_later(one: Return, other: Return) -> bool:
        if does_correct(one, other) or does_correct(other, one):
            return does_correct(one, other)
        if one.filled and other.filled and one.filled != other.filled:
            return one.filled > other.filled
        return bool(one.arrived and other.arrived) and one.arrived > other.arrived

    last = [one for one in group if not any(is_later(o, one) for o in group if o is not one)] or group
    chosen = choose(group)
    assert [one.file for one in chosen.counted] == ([last[0].file] if len(last) == 1 else [])
    assert {file for (file, _), status in chosen.statuses.items() if status == "superseded"} == {
        one.file for one in group if one not in last
    }


def test_a_return_knows_its_own_hash_and_that_of_what_it_corrects(model: Model) -> None:
    form = forms.read(forms.filled())
    parts, _ = split("f", form, "N01", model, sha256="a" * 64)
    assert [(one.sha256, one.corrects) for one in parts] == [("a" * 64, "")]
