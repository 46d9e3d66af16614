"""The equations of a trace: each figure with what it is made of, by METHOD's names.

Owns: which expression belongs to which figure. Names: `S` total, `S(SS)` domain, `D(SS,3)` domain at a level,
`x(SS1,3)` item at a level, `M(SS1)` item over all levels, `C(SS)` coverage, `N(SS)` share of N/A, `P(process)` a
dimension, of which `E` is earned and `V` the weight in force, `L(band)` the most stars a rule allows. Knows nothing of
languages.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from evaluator.assessment.traced import DimensionItem, TracedDimension, TracedMethod
from evaluator.assessment.traced_domains import Mean, Share, TracedDomain, TracedItem, TracedLevel
from evaluator.model.records import LEVELS, Method, Model
from evaluator.reports.explaining.arithmetic import (
    Equation,
    Show,
    bracketed,
    equation,
    number,
    plain_equation,
    times,
    weighted,
)
from evaluator.wording.numbers import on_paper


def mean_equation(name: str, mean: Mean) -> Equation | None:
    """Say a weighted mean; `None` where nothing applies."""
    if mean.value is None:
        return None
    parts = mean.in_force
    if not parts:
        return plain_equation(name, mean.value)

    def expression(show: Show) -> str:
        if len(mean.terms) == 1:
            return show(parts[0].value or 0.0)
        return weighted([(number(term.weight), show(term.value or 0.0)) for term in parts])

    return equation(name, mean.value, expression)


def total_equation(one: TracedMethod) -> Equation:
    """Say the total under a method: `S` for the official one, else `S(average)`, say."""
    name = "S" if one.official else f"S({one.method})"
    return mean_equation(name, one.total) or plain_equation(name, 0.0)


def domain_equation(domain: TracedDomain, method: Method, *, official: bool = True) -> Equation:
    """Say a domain's score under a method: `S(SS)` for the official one, else `S(average,SS)`, say."""
    name = f"S({domain.code})" if official else f"S({method},{domain.code})"
    if method == "average":
        parts, score = domain.average.in_force, 5 * (domain.average.value or 0.0)
        if not parts:
            return plain_equation(name, 0.0)

        def average(show: Show) -> str:
            words = weighted([(number(term.weight), show(term.value or 0.0)) for term in parts])
            return f"5 × {words if '/' in words else bracketed(words, len(parts))}"

        return equation(name, score, average)
    if domain.passed == len(LEVELS):
        return plain_equation(name, len(LEVELS))
    step = domain.levels[domain.passed].attainment
    added = 0.0 if step is None or step.value is None else step.value
    return equation(name, domain.passed + added, lambda show: f"{domain.passed} + {show(added)}")


def level_equation(domain: TracedDomain, level: TracedLevel) -> Equation | None:
    """Say a domain's attainment at a level; `None` where the model asks nothing there."""
    return None if level.attainment is None else mean_equation(f"D({domain.code},{level.level})", level.attainment)


def cell_equation(item: TracedItem, level: int) -> Equation | None:
    """Say an item's cell at a level; `None` where nothing is asked or applies."""
    cell = item.cells[level - 1]
    return None if cell is None else mean_equation(f"x({item.code},{level})", cell)


def item_equation(item: TracedItem) -> Equation | None:
    """Say an item's score over all levels; `None` where nothing applies."""
    return mean_equation(f"M({item.code})", item.mean)


def share_equation(name: str, share: Share) -> Equation:
    """Say coverage or the share of N/A: each item's part of the weight, by what counts of it."""

    def expression(_: Show) -> str:
        if not any(p.flagged for p in share.parts):
            return "0"
        return weighted([(number(p.weight), f"{on_paper(p.flagged)} / {on_paper(p.whole)}") for p in share.parts])

    return equation(name, share.value, expression)


def limit_equation(rule: str, most: int, fewest: int, model: Model) -> Equation:
    """Say the most stars that a rule allows."""
    floor = model.rules.domain_floor
    if rule == "domain_floor" and fewest + floor <= len(LEVELS):
        return equation(f"L({rule})", most, lambda _: f"{fewest} + {floor}")
    return plain_equation(f"L({rule})", most)


def dimension_equations(found: TracedDimension, model: Model) -> Iterator[tuple[str, Equation]]:
    """Say a dimension from its items to its score, each equation after those it uses.

    Gives:
        The code of the item or domain, empty for the dimension itself, and the equation.
    """
    if found.value is None:
        return
    pairs: list[tuple[float, float, float]] = []
    for code, weight, items in found.domains:
        sums = [(item, *_sums(item)) for item in items if any(term.value is not None for term in item.terms)]
        if not sums:
            continue
        for item, earned, in_force in sums:
            yield item.code, equation(f"E({found.dimension},{item.code})", earned, partial(_earned, item))
            yield item.code, equation(f"V({found.dimension},{item.code})", in_force, partial(_in_force, item))
        weights = [item.weight for item in model.domain(code).items]
        both = []
        for letter, parts in (
            ("E", [(item.weight, earned) for item, earned, _ in sums]),
            ("V", [(item.weight, in_force) for item, _, in_force in sums]),
        ):
            both.append(sum(w * value for w, value in parts) / sum(weights))
            yield code, equation(f"{letter}({found.dimension},{code})", both[-1], partial(_of_domain, parts, weights))
        pairs.append((weight, both[0], both[1]))
    both = []
    for letter, parts in (("E", [(w, earned) for w, earned, _ in pairs]), ("V", [(w, v) for w, _, v in pairs])):
        both.append(sum(w * value for w, value in parts))
        yield "", equation(f"{letter}({found.dimension})", both[-1], partial(_sum, parts))
    yield "", equation(f"P({found.dimension})", found.value, lambda show: f"{show(both[0])} / {show(both[1])}")


def _sums(item: DimensionItem) -> tuple[float, float]:
    """Give what an item's requirements of the dimension earned, and their weight in force, as shares of the item."""
    kept = [(term.weight, term.value) for term in item.terms if term.value is not None]
    return sum(w * s for w, s in kept) / item.whole, sum(w for w, _ in kept) / item.whole


def _earned(item: DimensionItem, show: Show) -> str:
    kept = [(term.weight, term.value) for term in item.terms if term.value is not None]
    words = " + ".join(times(number(w), show(s)) for w, s in kept)
    return f"{bracketed(words, len(kept))} / {on_paper(item.whole)}"


def _in_force(item: DimensionItem, _: Show) -> str:
    weights = [number(term.weight) for term in item.terms if term.value is not None]
    return f"{bracketed(' + '.join(weights), len(weights))} / {on_paper(item.whole)}"


def _of_domain(parts: Sequence[tuple[float, float]], weights: Sequence[float], show: Show) -> str:
    return weighted([(number(w), show(value)) for w, value in parts], [number(w) for w in weights])


def _sum(parts: Sequence[tuple[float, float]], show: Show) -> str:
    return " + ".join(times(number(w), show(value)) for w, value in parts)
