"""How robust ranks are: draws that change nothing repeat the published result; others give what a hand computes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluator.assessment import redrawn
from evaluator.assessment.ranking import rank
from evaluator.assessment.results import Assessment
from evaluator.assessment.robustness import RobustRanks, groups, order_statistic, robustness
from evaluator.assessment.scoring import quantised, weights_of
from evaluator.model.records import Model, Robustness
from tests import small
from tests.builders import make
from tests.property.strategies import Round, rounds, rounds_at_thresholds

ONE = small.domain("AA", 0.5, small.item("AA1", 0.6), small.item("AA2", 0.4))
TWO = small.domain("BB", 0.5, small.item("BB1", 1.0))


def drawn_of(found: Assessment, **changes: Any) -> RobustRanks:
    """Robustness of an assessment under other settings."""
    rules = {"robustness": Robustness(**{**found.model.rules.robustness.model_dump(), **changes})}
    model = small.with_rules(found.model, **rules)
    result = robustness(Assessment(**{**vars(found), "model": model}))
    assert result is not None
    return result


def test_the_weights_of_a_seed_never_change() -> None:
    weights = weights_of(small.model(ONE, TWO))
    drawn = redrawn.draw(weights, Robustness(draws=2, spread=0.5, seed=1))
    raw = [int(x) for x in np.random.PCG64(1).random_raw(10)]
    assert raw[0] == 9441442522235856127  # numpy promises this stream; upper 53 bits: 0.5118216247002567
    factors = [0.5 + (x >> 11) / 2**53 for x in raw]
    own = [0.5 * factors[0], 0.5 * factors[1]]
    assert drawn.domain[0].tolist() == pytest.approx([x / sum(own) for x in own], abs=1e-15)
    expected = [0.6 * factors[2], 0.4 * factors[3], 1.0 * factors[4]]
    assert drawn.item[0].tolist() == pytest.approx(expected, abs=1e-15)
    assert drawn.item[1].tolist() == pytest.approx([0.6 * factors[7], 0.4 * factors[8], factors[9]], abs=1e-15)


@given(start=st.one_of(st.floats(0, 5), st.sampled_from((0.0, 0.8, 1.8, 2.8, 3.8, 4.8, 1.0))), ulps=st.integers(-3, 3))
def test_comparing_with_the_least_number_is_comparing_the_quantised(start: float, ulps: int) -> None:
    mark = float(quantised(np.array(start)))
    least = redrawn.least_reaching(mark)
    probes = [least, mark, mark - 5e-10, mark - 1e-9, mark + 5e-10]
    values = np.array([x + ulps * np.spacing(x) for x in probes])
    assert (values >= least).tolist() == (quantised(values) >= mark).tolist()


@pytest.mark.parametrize("method", ["staged", "average", "cumulative"])
def test_draws_that_change_no_weight_give_the_published_stars_and_ranks(method: str) -> None:
    found = make(60, model=small.with_rules(make(1).assessment.model, method=method)).assessment
    _repeats_the_published(found)


@settings(max_examples=150)
@given(drawn=st.one_of(rounds(most=6), rounds_at_thresholds()))
def test_on_any_model_draws_that_change_no_weight_give_the_published_stars_and_ranks(drawn: Round) -> None:
    _repeats_the_published(small.assessed(drawn.model, drawn.answers, category=drawn.categories))


def _repeats_the_published(found: Assessment) -> None:
    if found.rated.empty:
        assert robustness(found) is None
        return
    result = drawn_of(found, draws=3, spread=0.0).institutions
    rated = found.rated
    assert result["institution"].tolist() == rated["id"].tolist()
    for name in ("rank", "rank_median", "rank_p5", "rank_p95"):
        assert result[name].tolist() == rated["rank"].tolist()
    assert (result["star_share"] == 1.0).all()
    for star, row in zip(rated["star"], result.itertuples(), strict=True):
        assert getattr(row, f"star_{star}") == 1.0


@settings(max_examples=60)
@given(drawn=rounds(most=6), seed=st.integers(0, 5))
def test_ranks_and_stars_are_those_of_the_model_with_the_drawn_weights(drawn: Round, seed: int) -> None:
    found = small.assessed(drawn.model, drawn.answers, category=drawn.categories)
    if found.rated.empty:
        return
    own = Robustness(draws=1, spread=0.25, seed=seed)
    result = drawn_of(found, **own.model_dump()).institutions
    again = small.assessed(_reweighed(drawn.model, own), drawn.answers, category=drawn.categories).institutions
    again = again[found.institutions["status"].eq("rated")]  # who is rated is decided by the published weights
    if again["status"].ne("rated").any():
        return
    for star, row in zip(again["star"], result.itertuples(), strict=True):
        assert getattr(row, f"star_{star}") == 1.0
    assert result["rank_median"].tolist() == rank(again["score"]).tolist()


def _reweighed(model: Model, own: Robustness) -> Model:
    weights = redrawn.draw(weights_of(model), own)
    items = iter(weights.item[0])
    domains = tuple(
        domain.model_copy(
            update={
                "weight": float(weight),
                "items": tuple(item.model_copy(update={"weight": float(next(items))}) for item in domain.items),
            }
        )
        for domain, weight in zip(model.domains, weights.domain[0], strict=True)
    )
    return small.with_rules(model.model_copy(update={"domains": domains}))


def test_the_size_of_the_blocks_has_no_bearing(monkeypatch: pytest.MonkeyPatch) -> None:
    found = make(50).assessment
    first = robustness(found)
    assert first is not None
    for cells, at_once in ((1, 1), (100, 7), (5000, 49), (10**9, 10**6)):
        monkeypatch.setattr(redrawn, "INSTITUTIONS_AT_ONCE", at_once)
        again = robustness(found, cells=cells)
        assert again is not None
        assert again.institutions.equals(first.institutions)
        assert again.domains.equals(first.domains)


def test_an_institution_has_the_same_draws_whoever_else_is_there() -> None:
    model = small.model(ONE, TWO)
    count = len(model.requirements)
    answers = {"A": ["full"] * 5 + ["none"] * 10, "B": ["large"] * count, "C": ["full"] * count}
    three = drawn_of(small.assessed(model, answers)).institutions.set_index("institution")
    two = drawn_of(small.assessed(model, {one: answers[one] for one in "AB"})).institutions.set_index("institution")
    shares = [f"star_{star}" for star in range(6)]
    assert three.loc[["A", "B"], shares].equals(two.loc[["A", "B"], shares])
    assert (three.loc["A", "rank_median"], two.loc["A", "rank_median"]) == (3, 2)  # C is above both in every draw


def test_a_weight_by_which_a_level_is_just_passed_decides_the_star_in_half_of_the_draws() -> None:
    # AA: item 1 (0.6) full at all levels, item 2 (0.4) full but at level 2, where it is partial: D = 0.6 + 0.4 * 0.5 =
    # 0.8 exactly, and the level is passed when the drawn share of item 1 is at least 0.6, in half of the draws.
    model = small.model(small.domain("AA", 1.0, small.item("AA1", 0.6), small.item("AA2", 0.4)))
    found = small.assessed(model, {"A": ["full"] * 5 + ["full", "partial", "full", "full", "full"]})
    result = drawn_of(found, draws=1000).institutions.iloc[0]
    assert found.institutions["star"].tolist() == [5]
    assert result["star_5"] == pytest.approx(0.5, abs=0.05)
    # where it is not passed p = 1 and S = 1 + D, D from 0.69 to 0.8: one star below 0.8 of band, two from S = 1.8
    assert result["star_1"] == pytest.approx(1 - result["star_5"], abs=1e-12)
    assert result["star_share"] == result["star_5"]


def test_percentiles_are_order_statistics() -> None:
    rng = np.random.default_rng(1)
    for count in (1, 2, 19, 20, 21, 100, 1000, 99_999):
        values = np.sort(rng.integers(0, 10**6, count))
        for per_cent in (5, 50, 95):
            exact = values[order_statistic(count, per_cent)]
            assert (values <= exact).sum() * 100 >= per_cent * count
            assert (values < exact).sum() * 100 < per_cent * count
    assert [order_statistic(1000, p) for p in (5, 50, 95)] == [49, 499, 949]
    assert np.quantile(np.arange(1000), 0.05, method="inverted_cdf") == 49


def test_a_group_ends_where_its_first_outranks_one_in_95_of_100_draws() -> None:
    ranks = [np.array([1] * 20), np.array([2] * 18 + [1] * 2), np.array([2] * 19 + [1]), np.array([1] * 2 + [3] * 18)]
    # the first outranks the second in 18 of 20, the third in 19: the third begins a group, of which the fourth is
    # outranked in 18 of 20
    assert groups(ranks) == [1, 1, 2, 2]
    assert groups([]) == []


def test_next_and_groups_follow_the_published_ranking() -> None:
    model = small.model(ONE, TWO)
    best, worse = ["full"] * 15, ["full"] * 14 + ["none"]
    found = small.assessed(model, {"A": ["none"] * 15, "B": best, "C": worse, "D": best})
    result = drawn_of(found).institutions
    assert result["rank"].tolist() == [4, 1, 3, 1]
    assert result["group_number"].tolist() == [3, 1, 2, 1]
    assert result["beats_next"].tolist()[1:] == [0.0, 1.0, 1.0]  # B ties with D, listed next; D beats C; C beats A
    assert np.isnan(result["beats_next"][0])


@settings(max_examples=60)
@given(drawn=rounds(most=5))
def test_leaving_a_domain_out_is_a_model_without_it(drawn: Round) -> None:
    found = small.assessed(drawn.model, drawn.answers, category=drawn.categories)
    result = robustness(found)
    if result is None:
        return
    ids = found.rated["id"].tolist()
    for n, domain in enumerate(drawn.model.domains):
        others = tuple(d for d in drawn.model.domains if d is not domain)
        without = small.with_rules(drawn.model.model_copy(update={"domains": others}))
        kept = [drawn.model.domain_of[r.id].code != domain.code for r in drawn.model.requirements]
        answers = {
            one: [word for word, keep in zip(words, kept, strict=True) if keep]
            for one, words in drawn.answers.items()
            if one in ids
        }
        again = small.assessed(without, answers, category=drawn.categories).institutions
        own = result.domains[result.domains["left_out"].eq(domain.code)]
        assert own["institution"].tolist() == ids
        assert own.index.tolist() == [row * len(drawn.model.domains) + n for row in range(len(ids))]
        assert own["score"].tolist() == pytest.approx(again["score"].tolist(), abs=1e-12)
        assert own["star"].tolist() == again["star"].tolist()
        assert own["rank"].tolist() == again["rank"].tolist()


def test_a_model_of_one_domain_has_none_to_leave_out() -> None:
    found = small.assessed(small.model(small.domain("AA", 1.0, small.item("AA1", 1.0))), {"A": ["full"] * 5})
    result = robustness(found)
    assert result is not None
    assert result.domains.empty


def test_without_draws_or_rated_institutions_there_is_none() -> None:
    model = small.model(ONE, TWO)
    assert robustness(small.assessed(model, {"A": ["missing"] * 15})) is None
    assert robustness(small.assessed(model, {})) is None
    none = small.with_rules(model, robustness={"draws": 0})
    assert robustness(small.assessed(none, {"A": ["full"] * 15})) is None
