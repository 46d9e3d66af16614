"""The gap to the next star: what is short, and a set of improvements that suffices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluator.assessment.gaps import Gap
from evaluator.assessment.results import Assessment
from evaluator.model.files import load_model
from evaluator.model.records import METHODS, Method, Model
from tests import small
from tests.property import strategies
from tests.small import domain, item, next_star, requirement

BUILT_IN = load_model()
EXACT = 1e-12


def assess(model: Model, words: Sequence[str], category: str = "") -> Assessment:
    return small.assessed(model, {"I1": words}, category={"I1": category})


def improved(words: Sequence[str], places: set[int]) -> list[str]:
    """Answer `full` with evidence at those places."""
    return ["full" if place in places else word for place, word in enumerate(words)]


def star_of(found: Assessment) -> int | None:
    table = found.institutions
    return int(table["star"].iloc[0]) if table["status"].iloc[0] == "rated" else None


def hold(model: Model, words: Sequence[str], category: str = "") -> None:
    """Hold that the set suffices, that its totals are true, and that there is one wherever any set would do."""
    found = assess(model, words, category)
    gap, star = next_star(found, 0), star_of(found)
    if star is None or star == 5:
        assert gap == Gap(target=0)
        return
    assert gap.target == star + 1
    assert gap.needs
    chosen = [step.requirement for step in gap.steps]
    assert len(set(chosen)) == len(chosen)
    assert all(found.applicable[0, r] and (found.values[0, r] < 1 or found.failed[0, r]) for r in chosen)
    assert [step.before for step in gap.steps] == [found.values[0, r] for r in chosen]
    after = assess(model, improved(words, set(chosen)), category)
    reached = star_of(after)
    if gap.steps:
        assert reached is not None
        assert reached >= gap.target
        total = after.scores.total_average if model.rules.method == "average" else after.scores.total
        assert gap.steps[-1].total_after == pytest.approx(total[0], abs=EXACT)
    else:
        best = star_of(assess(model, improved(words, set(found.applicable[0].nonzero()[0].tolist())), category))
        assert best is not None
        assert best < gap.target


@settings(deadline=None, max_examples=60)
@given(strategies.rounds(most=1), st.sampled_from(METHODS))
def test_the_set_reaches_the_next_star_of_any_small_model(drawn: strategies.Round, method: Method) -> None:
    hold(small.with_rules(drawn.model, method=method), drawn.answers["I1"], drawn.categories["I1"])


@settings(deadline=None, max_examples=25)
@given(st.data(), st.sampled_from(METHODS), st.booleans())
def test_the_set_reaches_the_next_star_of_the_built_in_model(data: st.DataObject, method: Method, odd: bool) -> None:
    words = data.draw(strategies.answers(BUILT_IN, odd=odd))
    hold(small.with_rules(BUILT_IN, method=method), words)


@pytest.mark.parametrize("method", METHODS)
def test_the_set_leads_from_nothing_to_five_stars_of_the_built_in_model(method: Method) -> None:
    model, words = small.with_rules(BUILT_IN, method=method), ["none"] * len(BUILT_IN.requirements)
    for star in (1, 2, 3, 4, 5):
        gap = next_star(assess(model, words), 0)
        assert gap.target == star
        words = improved(words, {step.requirement for step in gap.steps})
        assert star_of(assess(model, words)) == star
    assert next_star(assess(model, words), 0) == Gap(target=0)


def two_domains(**rules: Any) -> Model:
    """Two domains of equal weight with one item each, one requirement for each level; a veto at BB1-2 for two stars."""
    asked = [requirement(f"BB1-{level}", veto_star=1 if level == 2 else None) for level in (1, 2, 3, 4, 5)]
    return small.model(domain("AA", 0.5, item("AA1", 1.0)), domain("BB", 0.5, item("BB1", 1.0, *asked)), **rules)


def listed(words: str) -> list[str]:
    """Split an institution's answers, domain / domain."""
    return words.replace("/", " ").split()


def needs(gap: Gap) -> list[tuple[str, int, int, int, float, float]]:
    return [
        (need.rule, need.domain, need.level, need.requirement, pytest.approx(need.have), pytest.approx(need.want))
        for need in gap.needs
    ]


def steps(model: Model, gap: Gap) -> list[tuple[str, str, float, float]]:
    return [
        (model.requirements[step.requirement].id, step.rule, step.before, pytest.approx(step.total_after))
        for step in gap.steps
    ]


@pytest.mark.parametrize(
    ("rules", "words", "target", "short", "lifted"),
    [
        pytest.param(
            {},
            "full full full none none / partial full full none none",
            2,
            [("band", -1, 0, -1, 0.5 * 3 + 0.5 * 0.5, 1.8), ("domain_floor", 1, 1, -1, 0.5, 0.8)],
            [("BB1-1", "domain_floor", 0.5, 3.0)],
            id="one answer lifts both the floor and the band",
        ),
        pytest.param(
            {},
            "full full full none none / full none full none none",
            2,
            [("veto", -1, 0, 6, 1, 2)],
            [("BB1-2", "veto", 0.0, 3.0)],
            id="a veto is lifted by its own requirement",
        ),
        pytest.param(
            {},
            "full full none none none / full full none none none",
            3,
            [("band", -1, 0, -1, 2.0, 2.8)],
            [("AA1-3", "band", 0.0, 2.5), ("AA1-4", "band", 0.0, 3.0)],
            id="a band: of equal effects the first in model order",
        ),
        pytest.param(
            {"domain_floor": 0},
            "full full full full full / full full- none none none",
            2,
            [("domain_floor", 1, 2, -1, 0.5, 0.8)],
            [("BB1-2", "domain_floor", 0.5, 3.5)],
            id="the floor alone, by evidence alone",
        ),
        pytest.param(
            {"method": "average"},
            "full full none none none / full full none none none",
            3,
            [("band", -1, 0, -1, 2.0, 2.8)],
            [("AA1-3", "band", 0.0, 2.5), ("AA1-4", "band", 0.0, 3.0)],
            id="average looks at no level",
        ),
        pytest.param(
            {"method": "cumulative"},
            "full full none none none / full partial full none none",
            2,
            [("levels", 1, 2, -1, 0.5, 0.8)],
            [("BB1-2", "levels", 0.5, 0.5 * 2 + 0.5 * 3)],
            id="cumulative looks at levels only",
        ),
        pytest.param(
            {"verified_above": 2},
            "full full none none none / full full none none none",
            3,
            [("band", -1, 0, -1, 2.0, 2.8), ("verified_only", -1, 0, -1, 2, 3)],
            [],
            id="only an assessor can",
        ),
    ],
)
def test_needs_and_steps_by_hand(
    rules: dict[str, Any], words: str, target: int, short: list[object], lifted: list[object]
) -> None:
    model = two_domains(**rules)
    gap = next_star(assess(model, listed(words)), 0)
    assert gap.target == target
    assert needs(gap) == short
    assert steps(model, gap) == lifted


@pytest.mark.parametrize(
    ("weights", "lifted"),
    [
        ((0.3, 0.7), ["AA2-1", "AA1-1"]),
        ((0.15, 0.85), ["AA2-1"]),
        ((0.2, 0.8), ["AA2-1"]),
        ((0.5, 0.5), ["AA1-1", "AA2-1"]),
    ],
)
def test_the_largest_effect_comes_first_and_enough_is_enough(weights: tuple[float, float], lifted: list[str]) -> None:
    items = [item(f"AA{n}", weight) for n, weight in enumerate(weights, start=1)]
    model = small.model(domain("AA", 1.0, *items), method="cumulative")
    gap = next_star(assess(model, ["none"] * 10), 0)
    assert [model.requirements[step.requirement].id for step in gap.steps] == lifted


@pytest.mark.parametrize(
    ("small_item", "lifted"), [("full-", ["AA1-1", "AA2-1"]), ("partial", ["AA2-1"]), ("large-", ["AA1-1", "AA2-1"])]
)
def test_what_lacks_only_evidence_comes_before_a_larger_effect(small_item: str, lifted: list[str]) -> None:
    model = small.model(domain("AA", 1.0, item("AA1", 0.2), item("AA2", 0.8)), method="cumulative")
    gap = next_star(assess(model, [small_item, *["none"] * 9]), 0)
    assert [model.requirements[step.requirement].id for step in gap.steps] == lifted


def test_what_is_na_leaves_its_weight_to_the_rest_of_its_level() -> None:
    na = [requirement(f"AA1-{level}", na_allowed=level == 1) for level in (1, 2, 3, 4, 5)]
    model = small.model(domain("AA", 1.0, item("AA1", 0.5, *na), item("AA2", 0.5)))
    gap = next_star(assess(model, listed("na full none none none partial full none none none")), 0)
    assert needs(gap) == [("band", -1, 0, -1, 0.5, 0.8)]
    assert steps(model, gap) == [("AA2-1", "band", 0.5, 2.0)]


def test_a_level_where_all_is_na_cannot_be_lifted_and_no_set_is_named() -> None:
    asked = [requirement(f"AA1-{level}", na_allowed=level == 1) for level in (1, 2, 3, 4, 5)]
    model = small.model(domain("AA", 1.0, item("AA1", 1.0, *asked)), method="cumulative")
    gap = next_star(assess(model, ["na", "full", "none", "none", "none"]), 0)
    assert needs(gap) == [("levels", 0, 1, -1, 0.0, 0.8)]
    assert gap.steps == ()
    staged = small.with_rules(model, method="staged", domain_floor=0)
    assert next_star(assess(staged, ["na", "full", "none", "none", "none"]), 0).steps == ()


def test_a_set_that_lifts_some_rules_only_is_not_named() -> None:
    """Level 1 of AA is all N/A, so AA passes nothing; lifting BB would not bring the second star."""
    asked = [requirement(f"AA1-{level}", na_allowed=level == 1) for level in (1, 2, 3, 4, 5)]
    model = small.model(domain("AA", 0.2, item("AA1", 1.0, *asked)), domain("BB", 0.8, item("BB1", 1.0)))
    gap = next_star(assess(model, listed("na full full full full / full none none none none")), 0)
    assert needs(gap) == [("band", -1, 0, -1, 0.8, 1.8), ("domain_floor", 0, 1, -1, 0.0, 0.8)]
    assert gap.steps == ()


@pytest.mark.parametrize(
    "words",
    [["full"] * 10, ["full"] * 5 + ["missing"] * 5, ["full"] * 9 + [""]],
    ids=["five stars", "a domain missing", "coverage"],
)
def test_there_is_no_gap_with_five_stars_or_without_a_rating(words: list[str]) -> None:
    assert next_star(assess(two_domains(), words), 0) == Gap(target=0)


def test_looking_for_the_gap_changes_nothing_in_the_assessment() -> None:
    found = assess(two_domains(), listed("full none none none none / full none full none none"))
    values, failed = found.values.copy(), found.failed.copy()
    assert next_star(found, 0).steps
    assert (found.values == values).all()
    assert (found.failed == failed).all()
