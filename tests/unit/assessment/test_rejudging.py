"""The same answers under other rules: hand-computed, and what can't be asked of them."""

from __future__ import annotations

from typing import Any

import pytest

from evaluator.assessment.changes import BECOMES_UNRATED, SAME, UP, changes
from evaluator.assessment.rejudging import rejudge, written
from evaluator.errors import InputError
from evaluator.model.records import Model
from tests import small
from tests.small import domain, item, requirement

ANSWERS = {
    "I1": ["full", "full", "full", "partial", "none"],
    "I2": ["full", "large-", "full", "none", "none"],
    "I3": ["full", "full", "na", "none", "none"],
    "I4": ["full", "full", "full", "full", "full"],
}


def one_item(na: bool = True, levels: tuple[int, ...] = (1, 2, 3, 4, 5), **rules: Any) -> Model:
    """One item, a requirement a level: attainment at a level is that answer's value, each weighs a fifth."""
    asked = (requirement(f"AA1-{level}", na_allowed=na and level == 3) for level in levels)
    return small.model(domain("AA", 1.0, item("AA1", 1.0, *asked)), **rules)


def tried(model: Model) -> dict[str, dict[str, Any]]:
    old = small.assessed(one_item(), ANSWERS)
    found = changes(old, rejudge(old, small.wrote(old, ANSWERS), model)).institutions
    return {row["institution"]: row for row in found.to_dict("records")}


def test_a_lower_pass_mark_lifts_one_star() -> None:
    """I1 passes 3 levels and scores 3.5; at 0.5 level 4 passes too: 4 + 0 = 4.0.

    I2 passes one level, as large- counts 0.5, and has 1.5; at 0.5 it passes three: 3.0.
    I3's third level has nothing applicable, so it is not passed: 2 + 0 = 2.0 both times.
    """
    found = tried(one_item(pass_mark=0.5))
    assert (found["I1"]["score_old"], found["I1"]["score_new"]) == (3.5, 4.0)
    assert (found["I1"]["star_old"], found["I1"]["star_new"], found["I1"]["direction"]) == (3, 4, UP)
    assert (found["I2"]["score_old"], found["I2"]["score_new"]) == (1.5, 3.0)
    assert (found["I3"]["score_old"], found["I3"]["score_new"], found["I3"]["direction"]) == (2.0, 2.0, SAME)
    assert [found[one]["rank_change"] for one in ANSWERS] == [0, 1, -1, 0]


def test_without_the_evidence_rule_an_unproven_answer_counts_as_given() -> None:
    found = tried(one_item(evidence_rule=False))
    assert (found["I2"]["score_old"], found["I2"]["score_new"]) == (1.5, 3.0)
    assert [found[one]["star_change"] for one in ANSWERS] == [0, 2, 0, 0]


def test_an_na_that_is_permitted_no_more_is_invalid_and_lowers_coverage() -> None:
    found = tried(one_item(na=False))
    assert (found["I3"]["coverage_old"], found["I3"]["coverage_new"]) == pytest.approx((1.0, 0.8))
    assert (found["I3"]["direction"], found["I3"]["reason_new"]) == (BECOMES_UNRATED, "coverage")
    assert found["I4"]["direction"] == SAME


def test_an_na_that_was_refused_counts_where_it_is_permitted_and_has_a_reason() -> None:
    answers = {"I1": ["full", "full", "na", "full", "full"], "I2": ["full", "full", "na-", "full", "full"]}
    old = small.assessed(one_item(na=False), answers)
    new = rejudge(old, small.wrote(old, answers), one_item())
    states = new.answers["state"].tolist()
    assert (states[2], states[7]) == ("not_applicable", "invalid")
    assert old.answers["state"].tolist()[2] == "invalid"


def test_na_may_be_permitted_to_some_categories_only() -> None:
    answers = {one: ["full", "full", "na", "full", "full"] for one in ("I1", "I2")}
    old = small.assessed(one_item(), answers, category={"I1": "融资服务", "I2": "法律服务"})
    asked = (requirement(f"AA1-{n}", na_allowed=n == 3, na_categories=("融资服务",)) for n in (1, 2, 3, 4, 5))
    new = rejudge(old, small.wrote(old, answers), small.model(domain("AA", 1.0, item("AA1", 1.0, *asked))))
    assert new.answers["state"].tolist()[2::5] == ["not_applicable", "invalid"]


def test_what_a_person_decided_counts_as_decided() -> None:
    old = small.assessed(one_item(evidence_rule=False), ANSWERS)
    wrote = written(old, *small.wrote(old, ANSWERS)[:2], decided=[("I2", "AA1-2"), ("I3", "AA1-3")])
    new = rejudge(old, wrote, one_item(na=False))
    assert new.answers["scored_as"].tolist()[6] == "large"
    assert new.answers["state"].tolist()[12] == "not_applicable"
    assert not new.unproven.any()


def test_answers_that_the_model_does_not_ask_are_left_out() -> None:
    """Without level 5, which counts as passed, I1 still has 3 + 0.5 and I4 5; I3's N/A is now a quarter, over 0.2."""
    found = tried(one_item(levels=(1, 2, 3, 4)))
    assert [found[one]["score_new"] for one in ("I1", "I2", "I4")] == [3.5, 1.5, 5.0]
    assert found["I3"]["reason_new"] == "na_share"


def test_a_model_that_asks_more_is_refused_and_names_the_first_few() -> None:
    old = small.assessed(one_item(levels=(1,)), {"I1": ["full"]})
    more = small.model(domain("AA", 1.0, item("AA1", 0.5), item("AA2", 0.5)))
    with pytest.raises(InputError) as caught:
        rejudge(old, small.wrote(old, {"I1": ["full"]}), more)
    assert caught.value.key == "asks_more"
    assert "AA1-2, AA1-3, AA1-4, AA1-5, AA2-1 …" in caught.value.message("zh")
    assert "requirements: 9" in caught.value.message("en")


def test_nobody_is_no_trouble() -> None:
    old = small.assessed(one_item(), {})
    assert len(rejudge(old, small.wrote(old, {}), one_item(pass_mark=0.5)).institutions) == 0
