"""Scores against hand computations (METHOD, "From answers to a score", "Dimensions", "A worked example")."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from evaluator.assessment.scoring import Scores, quantised, score, shares, weights_of
from evaluator.model.records import Model
from tests import small
from tests.small import domain, item, requirement

NAN = float("nan")
WORKED = small.model(domain("AA", 1.0, item("AA1", 0.6), item("AA2", 0.4)))
"""One domain, two items of weight 0.6 and 0.4, one requirement for each level."""
A, B = [1, 0.8, 1, 0.5, 1], [1, 0.8, 0.5, 1, 1]


def scored(model: Model, values: Sequence[float | None], pass_mark: float = 0.8) -> Scores:
    """Score one institution from its requirement scores in model order, `None` for a permitted N/A."""
    applicable = np.array([[value is not None for value in values]])
    return score(np.array([[value or 0.0 for value in values]]), applicable, weights_of(model), pass_mark)


def close(found: object, *wanted: float) -> None:
    np.testing.assert_allclose(np.ravel(found), wanted, rtol=0, atol=1e-12, equal_nan=True)


def test_the_worked_example_gives_3_70_and_4_30_by_average() -> None:
    found = scored(WORKED, [*A, *B])
    close(found.attainment, 1.0, 0.8, 0.8, 0.7, 1.0)
    assert found.passed.tolist() == [[3]]
    close(found.domain, 3.70)
    close(found.total, 3.70)
    close(found.item, 0.86, 0.86)
    close(found.total_average, 4.30)


def test_the_worked_example_without_evidence_at_level_2_gives_1_62() -> None:
    found = scored(WORKED, [1, 0.5, 1, 0.5, 1, *B])
    close(found.attainment[0, 0, 1], 0.62)
    assert found.passed.tolist() == [[1]]
    close(found.domain, 1.62)


def test_a_cell_is_the_v_weighted_mean_of_its_requirements() -> None:
    asked = (requirement("AA1-1a", weight=3.0), requirement("AA1-1b"), requirement("AA1-2"))
    found = scored(small.model(domain("AA", 1.0, item("AA1", 1.0, *asked))), [1, 0, 0.5])
    close(found.attainment[0, 0, :2], 0.75, 0.5)


def test_an_na_leaves_its_weight_to_the_same_item_and_level() -> None:
    asked = (requirement("AA1-1a", weight=3.0), requirement("AA1-1b"), requirement("AA1-2"))
    found = scored(small.model(domain("AA", 1.0, item("AA1", 1.0, *asked))), [None, 0.5, 1])
    close(found.attainment[0, 0, :2], 0.5, 1.0)


def test_an_item_without_anything_at_a_level_leaves_its_weight_to_the_others_there() -> None:
    model = small.model(domain("AA", 1.0, item("AA1", 0.5), item("AA2", 0.3), item("AA3", 0.2)))
    found = scored(model, [None, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0.5, 1, 0, 0, 0])
    close(found.attainment[0, 0, :2], (0.3 * 1 + 0.2 * 0.5) / 0.5, 0.3 + 0.2)
    assert found.passed.tolist() == [[1]]
    close(found.domain, 1.5)


def test_a_level_where_all_is_na_is_not_passed() -> None:
    found = scored(WORKED, [1, None, 1, 1, 1, 1, None, 1, 1, 1])
    close(found.attainment, 1, 0, 1, 1, 1)
    close(found.domain, 1.0)


def test_a_level_the_model_does_not_ask_counts_as_passed() -> None:
    model = small.model(domain("AA", 1.0, item("AA1", 1.0, requirement("AA1-2"), requirement("AA1-4"))))
    close(scored(model, [0.5, 1]).attainment, NAN, 0.5, NAN, 1, NAN)
    assert [scored(model, values).passed[0, 0] for values in ([0.5, 1], [0.8, 0.5], [0.8, 0.8])] == [1, 3, 5]
    assert [scored(model, values).domain[0, 0] for values in ([0.5, 1], [0.8, 0.5], [0.8, 0.8])] == [1.5, 3.5, 5]


def test_levels_count_from_1_up_without_a_gap() -> None:
    found = scored(WORKED, [0.5, 1, 1, 1, 1, 0.5, 1, 1, 1, 1])
    assert found.passed.tolist() == [[0]]
    close(found.domain, 0.5)


def test_all_five_passed_give_5_also_where_the_fifth_is_only_at_the_mark() -> None:
    found = scored(WORKED, [0.8] * 10)
    assert found.passed.tolist() == [[5]]
    assert found.total.tolist() == [5.0]


@pytest.mark.parametrize(
    ("weights", "values"),
    [
        ((0.6, 0.4), (1, 0.5)),
        ((0.7, 0.3), (0.8, 0.8)),  # 0.7999999999999999 in binary
        ((0.1,) * 10, (0.8,) * 10),
        ((0.35, 0.25, 0.4), (1, 1, 0.5)),
        ((0.15, 0.2, 0.15, 0.3, 0.2), (1, 1, 1, 0.5, 0.75)),
    ],
)
def test_an_attainment_of_exactly_0_8_on_paper_passes(weights: tuple[float, ...], values: tuple[float, ...]) -> None:
    items = [item(f"AA{n}", weight, requirement(f"AA{n}-1")) for n, weight in enumerate(weights, start=1)]
    found = scored(small.model(domain("AA", 1.0, *items)), values)
    close(found.attainment[0, 0, 0], 0.8)
    assert found.passed.tolist() == [[5]]


@pytest.mark.parametrize(("short", "passed"), [(0.0, 1), (4e-10, 1), (6e-10, 0), (2e-9, 0)])
def test_the_mark_is_compared_at_1e_9(short: float, passed: int) -> None:
    found = scored(WORKED, [0.8 - short, 0, 0, 0, 0, 0.8 - short, 0, 0, 0, 0])
    assert found.passed.tolist() == [[passed]]


def test_a_pass_mark_that_is_no_round_number_is_met_by_an_equal_attainment() -> None:
    asked = [item(f"AA{n}", 1 / 3, requirement(f"AA{n}-1")) for n in (1, 2, 3)]
    found = scored(small.model(domain("AA", 1.0, *asked)), [1, 0, 0], pass_mark=1 / 3)
    assert found.passed.tolist() == [[5]]


@pytest.mark.parametrize("weights", [(0.3, 0.7), (3.0, 7.0)])
def test_the_total_is_the_mean_of_the_domains_by_their_normalised_weights(weights: tuple[float, float]) -> None:
    model = small.model(domain("AA", weights[0], item("AA1", 2.0)), domain("BB", weights[1], item("BB1", 0.5)))
    found = scored(model, [1, 1, 1, 1, 1, 0.5, 1, 1, 1, 1])
    close(found.domain, 5.0, 0.5)
    close(found.total, 0.3 * 5 + 0.7 * 0.5)


def test_the_average_of_an_item_looks_at_all_its_levels_by_v() -> None:
    asked = (requirement("AA1-1"), requirement("AA1-4", weight=3.0))
    model = small.model(domain("AA", 1.0, item("AA1", 0.6, *asked), item("AA2", 0.4, requirement("AA2-1"))))
    found = scored(model, [1, 0.5, 0.2])
    close(found.item, (1 + 3 * 0.5) / 4, 0.2)
    close(found.domain_average, 5 * (0.6 * 0.625 + 0.4 * 0.2))


def test_the_average_leaves_an_item_out_where_nothing_of_it_applies() -> None:
    found = scored(WORKED, [None] * 5 + B)
    close(found.item, NAN, 0.86)
    close(found.total_average, 4.30)


def test_the_average_of_a_domain_where_nothing_applies_is_0() -> None:
    model = small.model(domain("AA", 0.5, item("AA1", 1.0)), domain("BB", 0.5, item("BB1", 1.0)))
    found = scored(model, [None] * 5 + [1] * 5)
    close(found.domain_average, 0, 5)
    close(found.domain, 0, 5)


DIMENSIONS = small.model(
    domain(
        "AA",
        0.4,
        item("AA1", 1.0, requirement("AA1-1", dimension="resource"), requirement("AA1-2", weight=3.0)),
    ),
    domain(
        "BB",
        0.6,
        item("BB1", 0.5, requirement("BB1-1", dimension="resource")),
        item("BB2", 0.5, requirement("BB2-1")),
    ),
)


def test_omega_is_the_share_of_the_whole_and_sums_to_1() -> None:
    weights = weights_of(DIMENSIONS)
    close(weights.share, 0.25, 0.75, 0.5, 0.5)
    close(weights.omega, 0.1, 0.3, 0.3, 0.3)


def test_a_dimension_is_the_omega_weighted_mean_across_the_domains() -> None:
    found = scored(DIMENSIONS, [1, 0.5, 0.5, None])
    close(found.dimension, (0.1 * 1 + 0.3 * 0.5) / 0.4, 0.5, NAN)


def test_shares_add_up_by_domain() -> None:
    flags = np.array([[True, False, True, True], [False, True, False, False]])
    close(shares(flags, weights_of(DIMENSIONS)), 0.25, 1.0, 0.75, 0.0)


def test_quantised_brings_numbers_equal_on_paper_together() -> None:
    assert 0.1 + 0.7 != 0.8
    assert quantised(np.array([0.1 + 0.7])).tolist() == [0.8]
