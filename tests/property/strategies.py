"""Random small models, answers to them, and rules whose thresholds lie at and just around what was attained."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from itertools import pairwise

from hypothesis import assume
from hypothesis import strategies as st

from evaluator.model.records import DIMENSIONS, METHODS, Domain, Item, Model, Requirement
from tests import oracle, small

BOLD = ("full", "large", "full", "large", "partial")
"""Answers at a level an institution masters."""
BEST = ("full",)
"""Those of one that masters it altogether."""
MIXED = ("partial", "none", "large", "full", "full-", "large-", "partial-", "none-")
"""Answers above it."""
ODD = ("", "no_row", "na", "na-", "?", "?formula", "?altered", "none", "full-", "large-")
"""Answers strewn in anywhere."""
SCALES = (small.SCALE, {"full": 1.0, "large": 0.75, "partial": 0.25, "none": 0.0, "na": None})
NUDGES = (0.0, 0.0, 0.0, 3e-10, -3e-10, 2e-9, -2e-9, 1e-5, -1e-5)
"""How far a threshold lies from what was attained; less than 5e-10 is no distance."""


@dataclass(frozen=True, kw_only=True)
class Round:
    """A model and the answers of some institutions, by id in sorted order."""

    model: Model
    answers: dict[str, tuple[str, ...]]
    categories: dict[str, str]

    @cached_property
    def verdicts(self) -> list[oracle.Verdict]:
        """What the oracle says of each institution."""
        return [verdict(self.model, its, self.categories.get(one)) for one, its in self.answers.items()]


def verdict(model: Model, words: Sequence[str], category: str | None = None) -> oracle.Verdict:
    """Ask the oracle about one institution's answers."""
    asked = list(zip(model.requirements, words, strict=True))
    missing = {model.domain_of[requirement.id].code for requirement, word in asked if word == "missing"}
    given = {requirement.id: small.given(word) for requirement, word in asked}
    return oracle.assess_one(model.as_json(), given, missing, category=category)


@st.composite
def shares(draw: st.DrawFn, count: int) -> list[float]:
    """Draw weights of a group: multiples of 0.05 that sum to 1, equal ones, or any that need normalising.

    Some are so small that what they weigh moves a total by about the quantum.
    """
    kind = draw(st.sampled_from(("twentieths", "equal", "any")))
    if kind == "equal":
        return [1 / count] * count
    if kind == "any":
        return draw(st.lists(st.sampled_from((0.1, 0.3, 1.0, 2.0, 7.0, 0.001, 1e-9)), min_size=count, max_size=count))
    cuts = draw(st.lists(st.integers(1, 19), min_size=count - 1, max_size=count - 1, unique=True))
    marks = [0, *sorted(cuts), 20]
    return [(upper - lower) / 20 for lower, upper in pairwise(marks)]


@st.composite
def requirements(draw: st.DrawFn, item: str, plain: bool) -> tuple[Requirement, ...]:
    """Draw an item's requirements, none to three at each level; `plain`: without veto, N/A and weights of their own."""
    found = []
    for level in (1, 2, 3, 4, 5):
        for letter in "abc"[: draw(st.sampled_from((1, 1, 1, 2, 3, 0)))]:
            special = not plain and draw(st.booleans())
            changes = {
                "weight": draw(st.sampled_from((1.0, 2.0, 0.5, 3.0, 0.1))),
                "na_allowed": draw(st.sampled_from((True, True, False))),
                "na_categories": draw(st.sampled_from(((), (), (), ("融资服务",)))),
                "veto_star": draw(st.sampled_from((None, None, None, 0, 1, 2, 3, 4))),
            }
            dimension = draw(st.sampled_from(DIMENSIONS))
            found.append(
                small.requirement(f"{item}-{level}{letter}", dimension=dimension, **(changes if special else {}))
            )
    return tuple(found) or (small.requirement(f"{item}-1"),)


@st.composite
def models(draw: st.DrawFn, plain: bool = False, least_domains: int = 2) -> Model:
    """Draw a model of two or three domains with one to three items each, under METHOD's default thresholds."""
    codes = ("AA", "BB", "CC")[: draw(st.integers(least_domains, 3))]
    domains: list[Domain] = []
    for code, weight in zip(codes, draw(shares(len(codes))), strict=True):
        count = draw(st.integers(1, 3))
        items: list[Item] = [
            small.item(f"{code}{n}", share, *draw(requirements(f"{code}{n}", plain)))
            for n, share in enumerate(draw(shares(count)), start=1)
        ]
        domains.append(small.domain(code, weight, *items))
    return small.model(
        *domains,
        scale=draw(st.sampled_from(SCALES)),
        method=draw(st.sampled_from(METHODS)),
        verified_above=None if plain else draw(st.sampled_from((None, None, None, 0, 2, 3, 4, 5))),
        evidence_rule=draw(st.sampled_from((True, True, False))),
        domain_floor=draw(st.sampled_from((1, 1, 0, 2, 5))),
        max_na_share=draw(st.sampled_from((0.2, 0.5, 1.0, 1.0))),
        min_coverage=draw(st.sampled_from((0.9, 0.5, 0.0, 0.0))),
    )


@st.composite
def revisions(draw: st.DrawFn, model: Model) -> Model:
    """Draw a revision of a model: other rules, weights, permissions and vetoes, perhaps fewer requirements."""

    def requirement(one: Requirement) -> Requirement:
        if draw(st.booleans()):
            return one
        changes = {
            "weight": draw(st.sampled_from((1.0, 2.0, 0.5))),
            "na_allowed": draw(st.booleans()),
            "na_categories": draw(st.sampled_from(((), ("法律服务",)))),
            "veto_star": draw(st.sampled_from((None, None, 1, 3))),
            "dimension": draw(st.sampled_from(DIMENSIONS)),
        }
        return one.model_copy(update=changes)

    def kept(parts: Sequence[Requirement]) -> tuple[Requirement, ...]:
        left = tuple(one for one in parts if draw(st.integers(0, 9)) < 9)
        return tuple(map(requirement, left or parts[:1]))

    domains: list[Domain] = []
    chosen = model.domains[draw(st.sampled_from((0, 0, 0, 1))) :]
    for domain, weight in zip(chosen, draw(shares(len(chosen))), strict=True):
        weights = draw(shares(len(domain.items)))
        items = [small.item(i.code, w, *kept(i.requirements)) for i, w in zip(domain.items, weights, strict=True)]
        domains.append(small.domain(domain.code, weight, *items))
    return small.model(
        *domains,
        scale=draw(st.sampled_from(SCALES)),
        method=draw(st.sampled_from(METHODS)),
        pass_mark=draw(st.sampled_from((0.8, 0.5, 0.75, 1.0))),
        bands=draw(st.sampled_from(((0.8, 1.8, 2.8, 3.8, 4.8), (0.5, 1.5, 2.5, 3.5, 4.5)))),
        verified_above=draw(st.sampled_from((None, None, 2, 4))),
        evidence_rule=draw(st.booleans()),
        domain_floor=draw(st.sampled_from((1, 0, 5))),
        max_na_share=draw(st.sampled_from((0.2, 0.0, 1.0))),
        min_coverage=draw(st.sampled_from((0.9, 0.5, 0.0))),
        performing_well=draw(st.sampled_from((0.7, 0.5))),
    )


@st.composite
def answers(draw: st.DrawFn, model: Model, odd: bool = True) -> tuple[str, ...]:
    """Draw an institution's answers: good up to some level of each domain, mixed above it.

    `odd`: also N/A, perhaps wherever a level permits it, blank and invalid ones, and domains that never came.
    """
    words: list[str] = []
    for domain in model.domains:
        if odd and draw(st.integers(0, 19)) == 19:
            words += ["missing"] * len(domain.requirements)
            continue
        mastered = draw(st.integers(0, 5))
        bold = draw(st.sampled_from((BOLD, BOLD, BEST)))
        words += [draw(st.sampled_from(bold if r.level <= mastered else MIXED)) for r in domain.requirements]
    if odd:
        idle = draw(st.sampled_from((0, 0, 0, 0, 0, 1, 2, 3, 4, 5)))
        rare = draw(st.sampled_from((1, 4, 100)))
        for place, asked in enumerate(model.requirements):
            permitted = asked.na_allowed and words[place] != "missing"
            if permitted and (asked.level == idle or draw(st.integers(0, 5 * rare)) == 5):
                words[place] = "na"
        for place in draw(st.lists(st.integers(0, len(words) - 1), max_size=4)):
            if words[place] != "missing":
                words[place] = draw(st.sampled_from(ODD))
    return tuple(words)


@st.composite
def answers_of_all(draw: st.DrawFn, model: Model, ids: Sequence[str], odd: bool) -> dict[str, tuple[str, ...]]:
    """Draw the answers of several institutions, some the same as another's but for a domain, or altogether."""
    found: dict[str, tuple[str, ...]] = {}
    for one in ids:
        own = draw(answers(model, odd))
        like = draw(st.sampled_from([None, None, *found.values()]))
        if like is not None:
            kept = draw(st.sampled_from(("", *(domain.code for domain in model.domains))))
            own = tuple(
                word if model.domain_of[asked.id].code == kept else other
                for asked, word, other in zip(model.requirements, own, like, strict=True)
            )
        found[one] = own
    return found


@st.composite
def rounds(draw: st.DrawFn, plain: bool = False, odd: bool = True, most: int = 4) -> Round:
    """Draw a model and the answers of one to `most` institutions to it."""
    model = draw(models(plain))
    ids = [f"I{n}" for n in range(1, draw(st.integers(1, most)) + 1)]
    kinds = st.sampled_from(("", "融资服务", "法律服务"))
    return Round(
        model=model,
        answers=draw(answers_of_all(model, ids, odd)),
        categories={one: draw(kinds) for one in ids},
    )


@st.composite
def rounds_at_thresholds(draw: st.DrawFn) -> Round:
    """Draw a round, then put each threshold at, or just around, something an institution attained."""
    drawn = draw(rounds())

    def about(values: set[Fraction], default: float, least: float = 0.0, most: float = 1.0) -> float:
        chosen = draw(st.sampled_from([None, *sorted(values)]))
        return default if chosen is None else min(max(float(chosen) + draw(st.sampled_from(NUDGES)), least), most)

    found = drawn.verdicts
    marks = {value for v in found for value in v.D.values() if value}
    model = small.with_rules(drawn.model, pass_mark=about(marks, 0.8, least=1e-6))
    found = replace(drawn, model=model).verdicts
    rules = model.rules
    totals = {total for v in found for total, _, _ in v.methods.values() if total}
    starts = {about(totals, start, least=1e-6, most=5.0) for start in rules.bands}
    starts |= set([start for start in rules.bands if start not in starts][: len(rules.bands) - len(starts)])
    model = small.with_rules(
        model,
        bands=tuple(sorted(starts)),
        min_coverage=about({share for v in found for share in v.coverage.values()}, rules.min_coverage),
        max_na_share=about({share for v in found for share in v.na_share.values()}, rules.max_na_share),
        performing_well=about({score for v in found for score in v.P.values() if score is not None}, 0.7),
    )
    at = replace(drawn, model=model)
    assume(not any(between_quanta(number) for number in compared(at)))
    return at


@st.composite
def rounds_with_near_ties(draw: st.DrawFn) -> Round:
    """Draw a round of totals about the quantum apart: institutions differ only in a domain of hardly any weight."""
    drawn = draw(models())
    *others, last = drawn.domains
    tiny = small.domain(last.code, draw(st.sampled_from((1e-10, 4e-10, 1e-9, 3e-9))), *last.items)
    scale = {answer.code: answer.value for answer in drawn.scale}
    rules = {**drawn.rules.model_dump(), "min_coverage": 0.0, "max_na_share": 1.0}
    model = small.model(*others, tiny, scale=scale, **rules)
    base = draw(answers(model, odd=False))
    shared = len(base) - len(last.requirements)
    ids = [f"I{n}" for n in range(1, draw(st.integers(2, 5)) + 1)]
    round_ = Round(
        model=model,
        answers={one: base[:shared] + draw(answers(model, odd=False))[shared:] for one in ids},
        categories={one: draw(st.sampled_from(("", "融资服务"))) for one in ids},
    )
    assume(not any(between_quanta(number) for number in compared(round_)))
    return round_


def compared(drawn: Round) -> list[Fraction]:
    """List all numbers of a round that the method quantises before it compares them."""
    rules = drawn.model.rules
    thresholds = (rules.pass_mark, *rules.bands, rules.min_coverage, rules.max_na_share, rules.performing_well)
    numbers: list[Fraction | None] = [oracle.on_paper(number) for number in thresholds]
    for found in drawn.verdicts:
        numbers += [*found.D.values(), *found.P.values(), *found.coverage.values(), *found.na_share.values()]
        numbers += [total for total, _, _ in found.methods.values()]
    return [number for number in numbers if number is not None]


def between_quanta(number: Fraction) -> bool:
    """Tell whether a number lies halfway between two multiples of 1e-9, where the way to round is anyone's guess."""
    return abs(number * 10**9 % 1 - Fraction(1, 2)) < Fraction(1, 1000)
