"""The program's scoring against METHOD.md: against the oracle on random rounds, and METHOD's invariants one by one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from statistics import fmean
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from evaluator.assessment import levels
from evaluator.assessment.results import Assessment
from evaluator.model.records import DIMENSIONS, METHODS, Domain, Item, Model
from tests import oracle, small
from tests.oracle import Verdict
from tests.property.strategies import Round, models, rounds, rounds_at_thresholds, rounds_with_near_ties
from tests.property.strategies import answers as answers_to

EXACT = 1e-12
LADDER = ("none", "partial", "large", "full")
common = settings(deadline=None, max_examples=25)


def assess(drawn: Round) -> Assessment:
    return small.assessed(drawn.model, drawn.answers, category=drawn.categories)


def close(found: Any, exact: Iterable[Fraction | None]) -> None:
    """Hold an array of the program against exact numbers, within 1e-12; `None` is NaN."""
    wanted = [np.nan if number is None else float(number) for number in exact]
    np.testing.assert_allclose(np.ravel(found), wanted, rtol=0, atol=EXACT, equal_nan=True)


def known(series: Any) -> list[Any]:
    """List a column's values, `None` where there is none."""
    return [None if missing else value for value, missing in zip(series, series.isna(), strict=True)]


@settings(deadline=None, max_examples=100)
@given(rounds_at_thresholds())
def test_scores_stars_reasons_and_ranks_are_the_oracles(drawn: Round) -> None:
    found = assess(drawn)
    same_scores(found, drawn.verdicts)
    same_ratings(found, drawn.verdicts, [drawn.categories[one] or None for one in drawn.answers])


@settings(deadline=None, max_examples=60)
@given(rounds_with_near_ties())
def test_totals_less_than_a_quantum_apart_share_a_rank_and_others_do_not(drawn: Round) -> None:
    found = assess(drawn)
    same_scores(found, drawn.verdicts)
    same_ratings(found, drawn.verdicts, [drawn.categories[one] or None for one in drawn.answers])


def same_scores(found: Assessment, wanted: Sequence[Verdict]) -> None:
    """Hold every score and share of the program against the oracle's."""
    codes = [domain.code for domain in found.model.domains]
    missing = found.answers["state"].eq("missing")
    close(found.answers["score"].mask(missing, 0.0), (s for v in wanted for s in v.requirement_scores.values()))
    close(found.scores.attainment, (v.D[code, level] for v in wanted for code in codes for level in (1, 2, 3, 4, 5)))
    assert found.scores.passed.ravel().tolist() == [v.p[code] for v in wanted for code in codes]
    close(found.scores.item, (score for v in wanted for score in v.item_scores.values()))
    close(found.scores.domain_average, (score for v in wanted for score in v.S_d_average.values()))
    close(found.scores.total, (v.methods["staged"][0] for v in wanted))
    close(found.scores.total_average, (v.methods["average"][0] for v in wanted))
    close(found.scores.dimension, (v.P[dimension] for v in wanted for dimension in DIMENSIONS))
    close(found.domains["coverage"], (share for v in wanted for share in v.coverage.values()))
    close(found.domains["na_share"], (share for v in wanted for share in v.na_share.values()))
    close(found.domains["score"], (None if code in v.missing else v.S_d[code] for v in wanted for code in codes))


def same_ratings(found: Assessment, wanted: Sequence[Verdict], categories: Sequence[str | None]) -> None:
    """Hold reasons, stars, the rules that limit them, ranks and performing well against the oracle's, exactly."""
    table = found.institutions
    assert table["reason"].tolist() == [v.not_rated or "" for v in wanted]
    assert table["status"].tolist() == ["not_rated" if v.not_rated else "rated" for v in wanted]
    close(table["score"], (None if v.not_rated else v.S for v in wanted))
    assert known(table["star"]) == [v.star for v in wanted]
    assert table["limited_by"].tolist() == [v.limited_by or "" for v in wanted]
    assert known(table["rank"]) == oracle.rank_all(wanted)
    assert known(table["rank_category"]) == oracle.rank_within(wanted, categories)
    each = levels.all_methods(found.scores, found.failed, found.weights, found.model.rules)
    for method in METHODS:
        close(table[f"score_{method}"], (None if v.not_rated else v.methods[method][0] for v in wanted))
        assert known(table[f"star_{method}"]) == [v.methods[method][1] for v in wanted]
        assert known(table[f"rank_{method}"]) == oracle.rank_all(wanted, method)
        rules = zip(wanted, each[method].limited_by.tolist(), strict=True)
        assert [None if v.not_rated else rule for v, rule in rules] == [v.methods[method][2] for v in wanted]
    well = [None if v.not_rated else v.performing_well[k] for v in wanted for k in DIMENSIONS]
    assert known(found.dimensions["performing_well"]) == well


@common
@given(models(plain=True))
def test_all_full_with_evidence_gives_5_and_five_stars(model: Model) -> None:
    found = small.assessed(model, {"I1": ["full"] * len(model.requirements)}).institutions.iloc[0]
    for method in METHODS:
        assert found[f"score_{method}"] == pytest.approx(5, abs=EXACT)
        assert found[f"star_{method}"] == 5


@common
@given(models())
def test_all_none_gives_0_and_no_star(model: Model) -> None:
    assume(all(any(r.level == 1 for r in domain.requirements) for domain in model.domains))
    found = small.assessed(model, {"I1": ["none"] * len(model.requirements)}).institutions.iloc[0]
    for method in METHODS:
        assert found[f"score_{method}"] == 0
        assert found[f"star_{method}"] == 0


@settings(deadline=None, max_examples=60)
@given(rounds(most=1), st.data())
def test_raising_one_answer_never_lowers_a_score_a_star_or_a_dimension(drawn: Round, data: st.DataObject) -> None:
    words = drawn.answers["I1"]
    place = data.draw(st.sampled_from([n for n, word in enumerate(words) if word not in ("na", "missing")] or [None]))
    assume(place is not None)
    shown = data.draw(st.sampled_from(("", "-")))
    above = LADDER.index(words[place].rstrip("-")) + 1 if words[place].rstrip("-") in LADDER else 0
    assume(above < len(LADDER))
    kept = "-" if words[place].endswith("-") else shown if above == 0 else ""
    better = tuple(data.draw(st.sampled_from(LADDER[above:])) + kept if n == place else w for n, w in enumerate(words))
    before = assess(drawn)
    after = assess(Round(model=drawn.model, answers={"I1": better}, categories=drawn.categories))
    for old, new in (
        (before.scores.total, after.scores.total),
        (before.scores.total_average, after.scores.total_average),
        (before.scores.domain, after.scores.domain),
        (before.scores.domain_average, after.scores.domain_average),
        (before.scores.dimension, after.scores.dimension),
    ):
        assert (np.nan_to_num(new) >= np.nan_to_num(old) - EXACT).all()
    of_old = levels.all_methods(before.scores, before.failed, before.weights, drawn.model.rules)
    of_new = levels.all_methods(after.scores, after.failed, after.weights, drawn.model.rules)
    assert all((of_new[method].star >= of_old[method].star).all() for method in METHODS)


def rebuilt(model: Model, **change: Any) -> Model:
    """Build the model anew with weights multiplied: `domains`, the `items` of a domain or `requirements` of an item."""

    def of_item(item: Item) -> Item:
        factor = change.get("requirements", {}).get(item.code, 1.0)
        asked = [
            small.requirement(
                r.id,
                **{name: getattr(r, name) for name in ("dimension", "na_allowed", "na_categories", "veto_star")},
                weight=r.weight * factor,
            )
            for r in item.requirements
        ]
        return small.item(item.code, item.weight, *asked)

    def of_domain(domain: Domain) -> Domain:
        factor = change.get("items", {}).get(domain.code, 1.0)
        items = [of_item(item) for item in domain.items]
        items = [small.item(item.code, item.weight * factor, *item.requirements) for item in items]
        return small.domain(domain.code, domain.weight * change.get("domains", 1.0), *items)

    scale = {answer.code: answer.value for answer in model.scale}
    return small.model(*(of_domain(domain) for domain in model.domains), scale=scale, **model.rules.model_dump())


@settings(deadline=None, max_examples=40)
@given(rounds(), st.data(), st.sampled_from((0.1, 1 / 3, 3.0, 100.0)))
def test_scaling_all_weights_of_a_group_changes_nothing(drawn: Round, data: st.DataObject, factor: float) -> None:
    code = data.draw(st.sampled_from([domain.code for domain in drawn.model.domains]))
    item = data.draw(st.sampled_from([item.code for item in drawn.model.items]))
    change = data.draw(
        st.sampled_from(({"domains": factor}, {"items": {code: factor}}, {"requirements": {item: factor}}))
    )
    before = assess(drawn)
    after = assess(Round(model=rebuilt(drawn.model, **change), answers=drawn.answers, categories=drawn.categories))
    same = ["status", "reason", "star", "limited_by", *(f"{what}_{m}" for m in METHODS for what in ("star", "rank"))]
    for column in same:
        assert known(after.institutions[column]) == known(before.institutions[column]), column
    for name in ("attainment", "domain", "total", "domain_average", "total_average", "item", "dimension"):
        old, new = getattr(before.scores, name), getattr(after.scores, name)
        np.testing.assert_allclose(new, old, rtol=0, atol=EXACT, equal_nan=True)


def unweighted(model: Model, scores: dict[str, float]) -> tuple[float, float]:
    """Give the staged and the average total by plain means, as if no weight were known."""
    staged, average = [], []
    for domain in model.domains:
        steps = []
        for level in (1, 2, 3, 4, 5):
            asked = [[scores[r.id] for r in item.requirements if r.level == level] for item in domain.items]
            steps.append(fmean(fmean(its) for its in asked if its) if any(asked) else 1.0)
        passed = next((n for n, step in enumerate(steps) if round(step, 9) < model.rules.pass_mark), 5)
        staged.append(5 if passed == 5 else passed + steps[passed])
        average.append(5 * fmean(fmean(scores[r.id] for r in item.requirements) for item in domain.items))
    return fmean(staged), fmean(average)


@common
@given(models(plain=True), st.sampled_from((1.0, 0.1, 7.0)), st.data())
def test_equal_weights_give_the_unweighted_result(drawn: Model, weight: float, data: st.DataObject) -> None:
    domains = [
        small.domain(d.code, weight, *(small.item(i.code, weight, *i.requirements) for i in d.items))
        for d in drawn.domains
    ]
    model = small.model(*domains)
    words = data.draw(answers_to(model, odd=False))
    values = {"full": 1.0, "large": 0.8, "full-": 0.5, "large-": 0.5, "partial": 0.5, "none": 0.0}
    scores = {
        r.id: values.get(word, values[word.rstrip("-")]) for r, word in zip(model.requirements, words, strict=True)
    }
    found = small.assessed(model, {"I1": words}).scores
    staged, average = unweighted(model, scores)
    assert found.total[0] == pytest.approx(staged, abs=EXACT)
    assert found.total_average[0] == pytest.approx(average, abs=EXACT)


@common
@given(rounds(most=5), st.randoms(use_true_random=False))
def test_the_order_and_number_of_institutions_change_no_bit(drawn: Round, random: Any) -> None:
    ids = list(drawn.answers)
    shuffled = random.sample(ids, k=len(ids))
    renamed = dict(zip(ids, shuffled, strict=True))
    old = assess(drawn)
    new = assess(
        Round(
            model=drawn.model,
            answers={one: drawn.answers[renamed[one]] for one in ids},
            categories={one: drawn.categories[renamed[one]] for one in ids},
        )
    )
    came_from = [ids.index(renamed[one]) for one in ids]
    before = old.institutions.drop(columns="id").iloc[came_from].reset_index(drop=True)
    assert before.equals(new.institutions.drop(columns="id"))
    for n, one in enumerate(ids):
        alone = assess(Round(model=drawn.model, answers={one: drawn.answers[one]}, categories=drawn.categories))
        for name in vars(old.scores):
            its = getattr(old.scores, name)[n]
            assert np.array_equal(getattr(alone.scores, name)[0], its, equal_nan=True), name
            assert np.array_equal(getattr(new.scores, name)[came_from.index(n)], its, equal_nan=True), name


def without(model: Model, left_out: str) -> Model:
    """Build the model anew without one requirement, and without its item where it was the item's only one."""
    domains = []
    for domain in model.domains:
        kept = [(item, [r for r in item.requirements if r.id != left_out]) for item in domain.items]
        items = [small.item(item.code, item.weight, *asked) for item, asked in kept if asked]
        domains.append(small.domain(domain.code, domain.weight, *items))
    scale = {answer.code: answer.value for answer in model.scale}
    return small.model(*domains, scale=scale, **model.rules.model_dump())


@common
@given(models(plain=True), st.data())
def test_a_permitted_na_scores_like_a_model_that_never_asked(drawn: Model, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(drawn.requirements) - 1))
    asked = drawn.requirements[place]
    domain = drawn.domain_of[asked.id]
    assume(sum(r.level == asked.level for r in domain.requirements) > 1)
    words = list(data.draw(answers_to(drawn, odd=False)))
    permitting = permit(drawn, asked.id)
    with_na: Sequence[str] = [*words[:place], "na", *words[place + 1 :]]
    found = small.assessed(permitting, {"I1": with_na}).scores
    never = small.assessed(without(drawn, asked.id), {"I1": [*words[:place], *words[place + 1 :]]}).scores
    np.testing.assert_allclose(found.attainment, never.attainment, rtol=0, atol=EXACT)
    np.testing.assert_allclose(found.total, never.total, rtol=0, atol=EXACT)
    np.testing.assert_allclose(found.total_average, never.total_average, rtol=0, atol=EXACT)


def permit(model: Model, identifier: str) -> Model:
    """Build the model anew with N/A permitted for one requirement."""
    domains = []
    for domain in model.domains:
        items = []
        for item in domain.items:
            asked = [
                small.requirement(r.id, dimension=r.dimension, weight=r.weight, na_allowed=r.id == identifier)
                for r in item.requirements
            ]
            items.append(small.item(item.code, item.weight, *asked))
        domains.append(small.domain(domain.code, domain.weight, *items))
    scale = {answer.code: answer.value for answer in model.scale}
    return small.model(*domains, scale=scale, **model.rules.model_dump())
