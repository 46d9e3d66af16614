"""The trace of a result: METHOD's worked example, and everything that can change how a figure comes about."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from evaluator.assessment import answers, rulings
from evaluator.assessment.results import Assessment, assess
from evaluator.assessment.rulings import Ruling
from evaluator.assessment.trace import trace
from evaluator.assessment.trace_domains import mean_of
from evaluator.assessment.traced import Trace
from evaluator.assessment.traced_domains import WHYS, Mean
from evaluator.model.records import Model
from tests import small
from tests.small import domain, item, model, requirement

TWO_ITEMS = model(domain("AA", 1.0, item("AA1", 0.6), item("AA2", 0.4)))
ITEM_A = ["full", "large", "full", "partial", "full"]
ITEM_B = ["full", "large", "partial", "full", "full"]
"""METHOD's worked example: answers at levels 1 to 5."""


def traced(of: Model, given: Sequence[str], **columns: Any) -> Trace:
    return trace(small.assessed(of, {"I1": given}, **columns), 0)


def terms(mean: Mean | None) -> list[tuple[str, float, float, float | None]]:
    assert mean is not None
    return [(term.code, term.weight, pytest.approx(term.share), term.value) for term in mean.terms]


def test_the_worked_example() -> None:
    found = traced(TWO_ITEMS, [*ITEM_A, *ITEM_B])
    (one,) = found.domains
    attained = [level.attainment.value for level in one.levels if level.attainment is not None]
    assert attained == pytest.approx([1.0, 0.8, 0.8, 0.7, 1.0])
    assert [level.reached for level in one.levels] == [True, True, True, False, True]
    assert [level.counts for level in one.levels] == ["passed", "passed", "passed", "next", "beyond"]
    assert terms(one.levels[3].attainment) == [("AA1", 0.6, 0.6, 0.5), ("AA2", 0.4, 0.4, 1.0)]
    assert (one.passed, one.score) == (3, pytest.approx(3.7))
    assert found.total is not None
    assert found.total.value == pytest.approx(3.7)
    assert {m.method: (pytest.approx(m.total.value), m.star) for m in found.methods} == {
        "staged": (3.7, 3), "average": (4.3, 4), "cumulative": (3.7, 3),
    }  # fmt: skip
    assert found.star is not None
    assert (found.star.star, found.star.limited_by, found.star.fewest, found.star.weakest) == (3, "band", 3, ("AA",))
    assert {limit.rule: limit.most for limit in found.star.limits} == {
        "band": 3, "domain_floor": 4, "levels": None, "veto": None, "verified_only": None,
    }  # fmt: skip
    assert [r.why for i in one.items for r in i.requirements] == ["as_given"] * 10


def test_the_worked_example_without_one_evidence() -> None:
    found = traced(TWO_ITEMS, ["full", "large-", *ITEM_A[2:], *ITEM_B])
    (one,) = found.domains
    assert one.levels[1].attainment is not None
    assert one.levels[1].attainment.value == pytest.approx(0.62)
    assert (one.passed, one.score) == (1, pytest.approx(1.62))
    lowered = one.items[0].requirements[1]
    assert (lowered.why, lowered.answer, lowered.scored_as, lowered.score) == ("no_evidence", "large", "partial", 0.5)


NA = {"na_allowed": True}
SHARING = model(
    domain(
        "AA",
        1.0,
        item("AA1", 0.5, requirement("AA1-1", weight=2.0), requirement("AA1-1b", **NA), requirement("AA1-1c")),
        item("AA2", 0.3, requirement("AA2-1", **NA), requirement("AA2-2", **NA)),
        item("AA3", 0.2, requirement("AA3-1")),
    ),
    max_na_share=1.0,
)


def test_the_weight_of_what_is_not_applicable_goes_to_the_others() -> None:
    """By hand: x(AA1,1) = (2 x 1 + 1 x 0.5) / 3; D(1) = (0.5 x 2.5/3 + 0.2 x 0.8) / 0.7; all of level 2 is N/A."""
    one = traced(SHARING, ["full", "na", "partial", "na", "na", "large"]).domains[0]
    cell = one.items[0].cells[0]
    assert cell is not None
    assert cell.value == pytest.approx(2.5 / 3)
    assert terms(cell) == [("AA1-1", 2.0, 2 / 3, 1.0), ("AA1-1b", 1.0, 0.0, None), ("AA1-1c", 1.0, 1 / 3, 0.5)]
    assert [r.share for r in one.items[0].requirements] == pytest.approx([2 / 3, 0.0, 1 / 3])
    assert [r.why for i in one.items for r in i.requirements] == ["as_given", "na", "as_given", "na", "na", "as_given"]
    first, second = one.levels[0], one.levels[1]
    assert terms(first.attainment) == [
        ("AA1", 0.5, 0.5 / 0.7, pytest.approx(2.5 / 3)), ("AA2", 0.3, 0.0, None), ("AA3", 0.2, 0.2 / 0.7, 0.8),
    ]  # fmt: skip
    assert first.attainment is not None
    assert first.attainment.value == pytest.approx((0.5 * 2.5 / 3 + 0.2 * 0.8) / 0.7)
    assert second.attainment is not None
    assert (second.attainment.value, second.attainment.in_force, second.counts) == (0.0, (), "next")
    assert one.items[1].mean.value is None
    assert [level.attainment for level in one.levels[2:]] == [None] * 3
    assert one.na_share.value == pytest.approx(0.5 * 1 / 4 + 0.3)
    assert [(p.code, p.flagged, p.whole) for p in one.na_share.parts] == [("AA1", 1, 4), ("AA2", 2, 2), ("AA3", 0, 1)]


def test_vetoes_that_cap_the_star_are_named() -> None:
    of = model(
        domain("AA", 1.0, item("AA1", 1.0, requirement("AA1-1", veto_star=4), requirement("AA1-5", veto_star=1)))
    )
    found = traced(of, ["full", "none"]).star
    assert found is not None
    assert (found.star, found.limited_by, found.vetoes) == (1, "veto", (("AA1-5", 1),))
    assert {limit.rule: limit.most for limit in found.limits}["veto"] == 1
    none = traced(of, ["full", "partial"]).star
    assert none is not None
    assert none.vetoes == ()
    assert {limit.rule: limit.most for limit in none.limits}["veto"] is None


def test_self_assessments_above_a_level_are_limited_by_the_rule_for_them() -> None:
    found = traced(small.with_rules(TWO_ITEMS, verified_above=2), [*ITEM_A, *ITEM_B]).star
    assert found is not None
    assert (found.star, found.limited_by) == (2, "verified_only")


@pytest.mark.parametrize(
    ("given", "reason", "coverage", "na_share"),
    [
        (["full"] * 5 + ["missing"] * 5, "missing_domain", (1.0, 0.0), (0.0, 0.0)),
        (["full", "", "?", "na-", "full"] + ["full"] * 5, "coverage", (0.4, 1.0), (0.0, 0.0)),
        (["full"] * 5 + ["na", "na", "full", "full", "full"], "na_share", (1.0, 1.0), (0.0, 0.4)),
    ],
)
def test_who_is_not_rated_has_the_figures_why(
    given: list[str], reason: str, coverage: tuple[float, ...], na_share: tuple[float, ...]
) -> None:
    of = model(
        *(
            domain(f"{c}{c}", 0.5, item(f"{c}{c}1", 1.0, *(requirement(f"{c}{c}1-{n}", **NA) for n in range(1, 6))))
            for c in "AB"
        )
    )
    found = traced(of, given)
    assert found.reason == reason
    assert (found.star, found.total, found.methods, found.ranks, found.dimensions) == (None, None, (), (), ())
    assert [d.came for d in found.domains] == [True, reason != "missing_domain"]
    assert [d.coverage.value for d in found.domains] == pytest.approx(coverage)
    assert [d.na_share.value for d in found.domains] == pytest.approx(na_share)
    assert [d.coverage.kept for d in found.domains] == [value >= 0.9 for value in coverage]
    assert [d.na_share.kept for d in found.domains] == [value <= 0.2 for value in na_share]


def test_why_a_requirement_scores_as_it_does() -> None:
    of = model(
        domain(
            "AA",
            1.0,
            item(
                "AA1",
                1.0,
                requirement("AA1-1"),
                requirement("AA1-1b", na_allowed=True, na_categories=("法律服务",)),
                *(requirement(f"AA1-{n}", **NA) for n in (2, 3, 4, 5)),
            ),
        )
    )
    given = ["na", "na", "na-", "", "?", "full-"]
    wanted = ["na_refused", "na_refused", "na_unreasoned", "blank", "invalid", "no_evidence"]
    found = traced(of, given, category={"I1": "融资服务"})
    assert [r.why for r in found.domains[0].items[0].requirements] == wanted
    found = traced(of, given, category={"I1": "法律服务"})
    assert [r.why for r in found.domains[0].items[0].requirements] == ["na_refused", "na", *wanted[2:]]
    found = traced(of, ["missing"] * 6)
    assert {r.why for r in found.domains[0].items[0].requirements} == {"missing"}
    assert {*wanted, "na", "missing", "as_given", "decided"} == set(WHYS)


def test_the_average_method_is_traced_by_its_items() -> None:
    found = traced(small.with_rules(TWO_ITEMS, method="average"), [*ITEM_A, *ITEM_B])
    (one,) = found.domains
    assert terms(one.average) == [("AA1", 0.6, 0.6, pytest.approx(0.86)), ("AA2", 0.4, 0.4, pytest.approx(0.86))]
    assert terms(one.items[0].mean)[1] == ("AA1-2", 1.0, 0.2, 0.8)
    assert one.score == pytest.approx(4.3)
    assert found.star is not None
    assert {limit.rule for limit in found.star.limits if limit.most is not None} == {"band"}
    assert found.star.star == 4


def test_the_cumulative_method_gives_the_fewest_levels_passed() -> None:
    found = traced(small.with_rules(TWO_ITEMS, method="cumulative"), [*ITEM_A, *ITEM_B]).star
    assert found is not None
    assert [(limit.rule, limit.most) for limit in found.limits if limit.most is not None] == [("levels", 3)]
    assert (found.star, found.limited_by) == (3, "levels")


def test_a_decided_answer_counts_as_decided() -> None:
    judged = answers.judge(small.cells(TWO_ITEMS, {"I1": [*ITEM_A, *ITEM_B]}), TWO_ITEMS, {})
    ruling = Ruling(answer="none", reason="现场核实", role="组长", made="2026-04-05T08:15:00Z")
    ruled = rulings.apply(judged, {"I1": {"AA2-3": ruling}}, TWO_ITEMS)
    found = trace(assess(ruled.judged, small.institutions(["I1"]), TWO_ITEMS), 0, {"AA2-3"})
    one = found.domains[0].items[1].requirements[2]
    assert (one.why, one.answer, one.scored_as, one.score) == ("decided", "partial", "none", 0.0)
    assert found.domains[0].score == pytest.approx(2.6)


def test_a_dimension_is_made_of_its_requirements_by_item() -> None:
    """By hand: omegas 0.5 x 0.5 and 0.5 x 1; P(resource) = (0.25 x 0.8 + 0.5 x 0.5) / 0.75 = 0.6."""
    of = model(
        domain("AA", 0.5, item("AA1", 1.0, requirement("AA1-1", dimension="resource"), requirement("AA1-2"))),
        domain("BB", 0.5, item("BB1", 1.0, requirement("BB1-1", dimension="resource"))),
    )
    resource, process, performance = traced(of, ["large", "full", "partial"]).dimensions
    assert (resource.value, resource.performing_well) == (pytest.approx(0.6), False)
    shares = [(t.code, t.share, t.value) for _, _, items in resource.domains for i in items for t in i.terms]
    assert shares == [("AA1-1", pytest.approx(1 / 3), 0.8), ("BB1-1", pytest.approx(2 / 3), 0.5)]
    assert (process.value, process.performing_well) == (1.0, True)
    assert (performance.value, performance.performing_well, performance.domains) == (None, None, ())


def ranked(given: Mapping[str, Sequence[str]]) -> Assessment:
    provinces = {"I1": "江苏省", "I2": "江苏省", "I3": "浙江省", "I4": "江苏省", "I5": "江苏省"}
    return small.assessed(TWO_ITEMS, given, province=provinces)


def test_neighbours_in_rank_are_the_next_totals_above_and_below() -> None:
    """Totals 5, 3.7, 3.7, 0, and one not rated; in the first's province 5, 3.7, 0."""
    middle = [*ITEM_A, *ITEM_B]
    found = ranked(
        {"I1": ["full"] * 10, "I2": middle, "I3": middle, "I4": ["none"] * 10, "I5": ["full"] * 5 + [""] * 5}
    )
    overall, province = trace(found, 1).ranks
    assert (overall.scope, overall.group, overall.rank, overall.of) == ("overall", "", 2, 4)
    assert [[n.id for n in side] for side in (overall.above, overall.level, overall.below)] == [["I1"], ["I3"], ["I4"]]
    assert overall.above[0].total == 5.0
    assert (province.scope, province.group, province.rank, province.of) == ("province", "江苏省", 2, 3)
    assert [[n.id for n in side] for side in (province.above, province.level, province.below)] == [["I1"], [], ["I4"]]
    best = trace(found, 0).ranks[0]
    assert (best.above, [n.id for n in best.below]) == ((), ["I2", "I3"])
    assert trace(found, 4).ranks == ()


def test_neighbours_are_those_whose_rank_it_is_where_a_total_lies_halfway_between_two_quanta() -> None:
    """Weights of 1/8, 3/8 and 1/2, and eight requirements to a cell: totals whose tenth decimal is a 5."""
    weights = (0.125, 0.375, 0.5)
    domains = []
    for code, weight in zip(("AA", "BB", "CC"), weights, strict=True):
        items = [
            item(f"{code}{n}", share, *(requirement(f"{code}{n}-1{letter}") for letter in "abcdefgh"))
            for n, share in enumerate(weights, 1)
        ]
        domains.append(domain(code, weight, *items))
    of = model(*domains)
    rng = random.Random(1)  # noqa: S311 - nothing secret
    given = [rng.choices(("large", "partial", "none"), k=len(of.requirements)) for _ in range(40)]
    found = small.assessed(of, {f"A{n:02d}": given[n // 2] for n in range(80)})
    ranks = dict(zip(found.institutions["id"], found.institutions["rank"], strict=True))
    totals = found.institutions["score"].tolist()
    assert any(round(float(total), 9) != np.round(total, 9) for total in totals)
    for row in range(80):
        one = trace(found, row).ranks[0]
        higher = {rank for rank in ranks.values() if rank < one.rank}
        lower = {rank for rank in ranks.values() if rank > one.rank}
        expected = ({max(higher, default=0)} - {0}, {one.rank}, {min(lower, default=0)} - {0})
        assert tuple({ranks[near.id] for near in side} for side in (one.above, one.level, one.below)) == expected
        assert len(one.level) == list(ranks.values()).count(one.rank) - 1


def test_figures_that_are_not_what_the_parts_give_are_a_mistake_of_the_program() -> None:
    with pytest.raises(RuntimeError, match="x"):
        mean_of([("a", 1.0, 0.5), ("b", 1.0, 1.0)], 0.76, "x")
    found = small.assessed(TWO_ITEMS, {"I1": [*ITEM_A, *ITEM_B]})
    for name in ("attainment", "domain", "item", "dimension", "domain_average"):
        spoilt = replace(found, scores=replace(found.scores, **{name: getattr(found.scores, name) + 1e-6}))
        with pytest.raises(RuntimeError):
            trace(spoilt, 0)
