"""A questionnaire's figures on small rounds that one can compute along by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isnan
from typing import Any

import numpy as np
import pandas as pd
import pytest

from evaluator.assessment.itemanalysis import Analysis, analyse
from evaluator.model.records import Model
from tests.small import assessed, domain, item, model, requirement, with_rules

R = requirement
SMALL = model(
    domain(
        "SS",
        0.5,
        item("SS1", 0.5, R("SS1-1", na_allowed=True, weight=3.0), R("SS1-2")),
        item("SS2", 0.5, R("SS2-1"), R("SS2-2")),
    ),
    domain("SD", 0.5, item("SD1", 1.0, R("SD1-1"))),
    min_coverage=0.2,
    max_na_share=0.5,
)
"""Five requirements: SS1-1 weighs 3, the others 1."""
ANSWERS: Mapping[str, Sequence[str]] = {
    "A": ("full", "full", "full", "full", "full"),
    "B": ("large", "partial", "full-", "large", "full"),
    "C": ("na", "none", "partial", "none", "partial"),
    "D": ("", "none", "?", "none", "none"),
    "E": ("missing", "missing", "missing", "missing", "full"),
}
"""E is not rated: a domain is missing."""


def table(of: Model, answers: Mapping[str, Sequence[str]]) -> Analysis:
    return analyse(assessed(of, answers))


def row(frame: pd.DataFrame, name: str) -> dict[str, Any]:
    found = frame[frame.iloc[:, 0].eq(name)].iloc[0]
    return {str(key): value for key, value in found.items()}


def many(rows: Sequence[Sequence[str]], times: int = 1) -> dict[str, Sequence[str]]:
    """Name institutions in order, each row `times` over."""
    return {f"I{n:03d}": its for n, its in enumerate([one for one in rows for _ in range(times)])}


def test_only_rated_institutions_count() -> None:
    found = table(SMALL, ANSWERS)
    assert (found.institutions, found.rated) == (5, 4)
    assert row(found.requirements, "SD1-1")["n"] == 4


def test_a_requirements_figures_leave_out_what_is_no_answer() -> None:
    found = row(table(SMALL, ANSWERS).requirements, "SS1-1")
    assert (found["n"], found["mean"]) == (2, 0.9)  # 1 and 0.8; N/A and the blank are not in it
    assert (found["full"], found["none"]) == (0.5, 0.0)
    assert (found["na"], found["blank"], found["invalid"]) == (0.25, 0.25, 0.0)
    assert found["no_evidence"] == 0.0
    lowered = row(table(SMALL, ANSWERS).requirements, "SS2-1")
    assert lowered["n"] == 3
    assert lowered["mean"] == round((1 + 0.5 + 0.5) / 3, 9)  # full without evidence counted as partial
    assert lowered["full"] == round(1 / 3, 9)
    assert lowered["no_evidence"] == round(1 / 3, 9)
    assert lowered["invalid"] == 0.25


def test_an_items_score_is_the_weighted_mean_of_what_was_answered() -> None:
    found = row(table(SMALL, ANSWERS).items, "SS1")
    scores = (1.0, (3 * 0.8 + 0.5) / 4, 0.0, 0.0)  # of C and D only SS1-2 was answered
    assert found["n"] == 4
    assert found["mean"] == pytest.approx(sum(scores) / 4, abs=1e-9)
    assert (found["full"], found["none"]) == (0.25, 0.5)
    assert (found["na"], found["blank"], found["invalid"]) == (0.125, 0.125, 0.0)
    assert row(table(SMALL, ANSWERS).items, "SS2")["no_evidence"] == round(1 / 7, 9)


def test_without_an_evidence_rule_nothing_is_said_of_evidence() -> None:
    found = table(with_rules(SMALL, evidence_rule=False), ANSWERS)
    assert found.requirements["no_evidence"].isna().all()
    assert found.items["no_evidence"].isna().all()


def test_what_alpha_rests_on_is_told_apart_from_who_answered() -> None:
    """Twelve, of whom two have no score on SS1-1: ten have one on every question."""
    answers = [*TEN, ("na", *TEN[0][1:]), ("na", *TEN[4][1:])]
    found = table(SMALL, many(answers)).requirements
    own = found[found["domain"].eq("SS")]
    assert own["n"].tolist() == [10, 12, 12, 12]
    assert own["n_alpha"].tolist() == [10] * 4
    assert own["alpha_without"].notna().all()


def test_under_ten_institutions_there_are_means_but_no_coefficients_and_no_readings() -> None:
    found = table(SMALL, many([ANSWERS["A"], ANSWERS["B"], ANSWERS["C"]], 3))
    assert found.rated == 9
    assert found.requirements["mean"].notna().all()
    for figures in (found.requirements, found.items):
        assert figures["discrimination"].isna().all()
        assert figures["alpha_without"].isna().all()
        assert set(figures["readings"]) == {("few",)}
    assert found.domains["alpha_requirement"].isna().all()
    assert found.domains["r_requirement"].isna().all()
    assert set(found.domains["readings"]) == {("few",)}
    assert np.isnan(found.between).all()
    assert len(found.first) == 0


TEN = [
    ("full", "full", "full", "full", "full"),
    ("full", "full", "full", "large", "large"),
    ("full", "large", "full", "partial", "large"),
    ("large", "partial", "large", "partial", "partial"),
    ("large", "none", "partial", "none", "partial"),
    ("partial", "none", "partial", "none", "none"),
    ("partial", "none", "none", "none", "none"),
    ("full", "partial", "large", "large", "large"),
    ("none", "none", "none", "none", "none"),
    ("full", "large", "full", "full", "full"),
]


def test_from_ten_on_the_figures_are_the_formulas() -> None:
    """Against numpy's covariance and correlation, on the scores written out from the words."""
    found = table(SMALL, many(TEN))
    value = {"full": 1.0, "large": 0.8, "partial": 0.5, "none": 0.0}
    scores = np.array([[value[word] for word in its] for its in TEN])
    own = scores[:, :4]
    c = np.cov(own.T)
    domain_row = row(found.domains, "SS")
    assert domain_row["alpha_requirement"] == pytest.approx(4 / 3 * (1 - np.trace(c) / c.sum()), abs=1e-9)
    assert (domain_row["n_requirement"], domain_row["units_requirement"]) == (10, 4)
    pearson = np.corrcoef(own.T)
    assert domain_row["r_requirement"] == pytest.approx(pearson[np.triu_indices(4, 1)].mean(), abs=1e-9)
    for place, name in enumerate(("SS1-1", "SS1-2", "SS2-1", "SS2-2")):
        rest = np.delete(own, place, axis=1)
        figures = row(found.requirements, name)
        assert figures["discrimination"] == pytest.approx(np.corrcoef(own[:, place], rest.sum(axis=1))[0, 1], abs=1e-9)
        c = np.cov(rest.T)
        assert figures["alpha_without"] == pytest.approx(3 / 2 * (1 - np.trace(c) / c.sum()), abs=1e-9)
    items = np.column_stack([(3 * own[:, 0] + own[:, 1]) / 4, own[:, 2:].mean(axis=1)])
    c = np.cov(items.T)
    assert domain_row["alpha_item"] == pytest.approx(2 * (1 - np.trace(c) / c.sum()), abs=1e-9)
    assert row(found.items, "SS1")["discrimination"] == pytest.approx(np.corrcoef(items.T)[0, 1], abs=1e-9)


def test_a_domain_of_one_question_has_no_reliability() -> None:
    found = row(table(SMALL, many(TEN)).domains, "SD")
    assert isnan(found["alpha_requirement"])
    assert isnan(found["r_requirement"])
    assert found["readings"] == ("alpha_single", *found["readings"][1:])


def test_domains_correlate_by_their_official_scores() -> None:
    given = assessed(SMALL, many(TEN))
    found = analyse(given)
    expected = np.corrcoef(given.domain_scores.T)
    assert found.between == pytest.approx(expected, abs=1e-9)
    figures = row(found.domains, "SS")
    assert figures["mean"] == pytest.approx(given.domain_scores[:, 0].mean(), abs=1e-9)


def test_a_harder_low_level_is_out_of_order_and_the_easier_one_is_named() -> None:
    """Eight of ten fail level 1 of SS1 and meet level 2; the mean difference is 0.8, its standard error 0.13."""
    answers = [("none", "full", "full", "full", "full")] * 8 + [("full", "full", "full", "none", "none")] * 2
    found = table(SMALL, many(answers))
    assert row(found.requirements, "SS1-2")["easier_than"] == ("SS1-1",)
    assert "reversed" in row(found.requirements, "SS1-2")["readings"]
    assert row(found.requirements, "SS1-1")["easier_than"] == ()
    assert row(found.items, "SS1")["reversed"] == 1
    assert row(found.items, "SS2")["reversed"] == 0
    assert "SS1-2" in found.first["requirement"].tolist()


def test_a_veto_that_nearly_all_meet_is_as_it_should_be() -> None:
    """SS1-2 is met by all, and SS1-1 by one; SS2-1 by all but one of middling rank, so that it discriminates little."""
    of = model(
        domain(
            "SS",
            1.0,
            item("SS1", 0.5, R("SS1-1"), R("SS1-2", veto_star=1)),
            item("SS2", 0.5, R("SS2-1", veto_star=1), R("SS2-2")),
        ),
        min_coverage=0.2,
    )
    answers = [("none", "full", "full", "full"), ("none", "full", "full", "none")] * 4
    answers += [("full", "full", "full", "none"), ("none", "full", "none", "large")]
    found = table(of, many(answers))
    assert abs(row(found.requirements, "SS2-1")["discrimination"]) < 0.2
    for name in ("SS1-2", "SS2-1"):
        assert row(found.requirements, name)["readings"] == ("veto",)
    assert row(found.requirements, "SS1-2")["easier_than"] == ()
    assert row(found.items, "SS1")["reversed"] == 0
    assert not {"SS1-2", "SS2-1"} & set(found.first["requirement"])


def test_a_level_easier_than_the_one_before_is_told_by_domain() -> None:
    answers = [("none", "full", "none", "full", "full")] * 8 + [("full", "full", "full", "full", "none")] * 2
    found = table(SMALL, many(answers))
    assert row(found.domains, "SS")["steps"] == (2,)
    assert "steps" in row(found.domains, "SS")["readings"]
    levels = found.levels[found.levels["domain"].eq("SS")]
    assert levels["mean"].iloc[:2].tolist() == [0.2, 1.0]
    assert levels["mean"].iloc[2:].isna().all()
    assert levels["easier"].tolist() == [False, True, False, False, False]


def test_questions_that_all_answer_alike_are_said_to_be_constant() -> None:
    answers = [("large", *rest) for _, *rest in TEN]
    found = row(table(SMALL, many(answers)).requirements, "SS1-1")
    assert isnan(found["discrimination"])
    assert isnan(found["alpha_without"])
    assert found["readings"][0] == "constant"


def test_the_order_of_institutions_changes_nothing() -> None:
    forward, back = (table(SMALL, many(rows)) for rows in (TEN, TEN[::-1]))
    for name in ("requirements", "items", "domains", "levels"):
        pd.testing.assert_frame_equal(getattr(forward, name), getattr(back, name), check_exact=True)
    assert np.array_equal(forward.between, back.between)


def test_doubling_every_institution_changes_no_correlation() -> None:
    """A correlation, and alpha, are ratios of sums over institutions."""
    once, twice = table(SMALL, many(TEN)), table(SMALL, many(TEN, 2))
    for column in ("mean", "full", "none", "discrimination", "alpha_without"):
        assert once.requirements[column].to_numpy() == pytest.approx(
            twice.requirements[column].to_numpy(), abs=2e-9, nan_ok=True
        )
    assert once.between == pytest.approx(twice.between, abs=2e-9)


def test_a_question_planted_upside_down_is_the_first_to_look_at() -> None:
    """Everyone answers SS2-1 the other way round; 40 institutions, so that chance is no excuse."""
    turned = {"full": "none", "large": "partial", "partial": "large", "none": "full"}
    found = table(SMALL, many([(a, b, turned[c], d, e) for a, b, c, d, e in TEN], 4))
    assert found.first["requirement"].iloc[0] == "SS2-1"
    figures = row(found.requirements, "SS2-1")
    assert figures["readings"][0] == "negative"
    assert "lifts" in figures["readings"]
    assert figures["alpha_without"] > row(found.domains, "SS")["alpha_requirement"]


def test_a_scale_of_other_values_has_its_own_ends() -> None:
    thirds = {"full": 2 / 3, "large": 0.5, "partial": 1 / 3, "none": 0.1, "na": None}
    of = model(*SMALL.domains, scale=thirds, min_coverage=0.2, max_na_share=0.5)
    found = row(table(of, {"A": ANSWERS["A"], "B": ("none",) * 5}).items, "SS1")
    assert (found["full"], found["none"]) == (0.5, 0.5)


def test_nobody_rated_gives_empty_figures() -> None:
    for answers in ({}, {"E": ANSWERS["E"]}):
        found = table(SMALL, answers)
        assert found.rated == 0
        assert found.requirements["n"].eq(0).all()
        assert found.requirements["mean"].isna().all()
        assert found.levels["mean"].isna().all()
        assert found.domains["mean"].isna().all()
