"""What differs between two models, one record a difference, in the order of the model.

Owns: comparing models. Two models are compared by ids and codes, never by place, so that an inserted requirement makes
one difference and not a hundred. Knows nothing of answers; the words for differences are in `model/difference_words`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from evaluator.model.records import Bilingual, Domain, Item, Model, Requirement, Robustness, Rules

Value = str | float | bool | tuple[Any, ...] | Bilingual | Robustness | None

RULES: Final = tuple(name for name in Rules.model_fields if name != "robustness")
"""Codes of the differences in the rules that bear on a result: their names."""
WEIGHTS: Final = ("domain_weight", "item_weight", "requirement_weight")
STRUCTURE: Final = ("left_out", "added", "item", "domain", "level")
"""Codes of differences in what is asked and where it belongs."""
_OF_REQUIREMENT: Final = ("dimension", "na_allowed", "na_categories", "veto_star")
_TEXTS: Final = ("text", "evidence", "advice")
EFFECTIVE: Final = frozenset((*RULES, "scale_value", *WEIGHTS, *STRUCTURE, *_OF_REQUIREMENT))
"""Codes of differences that can change a score, star, rank or rating; the others are words."""


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One thing that two models say differently."""

    code: str
    """What it is: a name of the rules, `scale_value`, a code of `WEIGHTS` or `STRUCTURE`, or a field's name."""
    place: str
    """Domain, item, requirement id, answer code or level it is about; empty where it is about the whole model."""
    old: Value
    """As the first model says it; `None` where that has no such thing."""
    new: Value

    @property
    def effective(self) -> bool:
        """Whether it can change a result, and not only words."""
        return self.code in EFFECTIVE


def differences(old: Model, new: Model) -> tuple[Difference, ...]:
    """List what differs between two models: rules, scale, weights, requirements, then words."""
    return (*_rules(old, new), *_scale(old, new), *_weights(old, new), *_requirements(old, new), *_words(old, new))


def _pairs(place: str, codes: Iterable[str], old: object, new: object) -> Iterator[Difference]:
    """Compare fields of the same name."""
    for code in codes:
        a, b = getattr(old, code), getattr(new, code)
        if a != b:
            yield Difference(code=code, place=place, old=a, new=b)


def _rules(old: Model, new: Model) -> Iterator[Difference]:
    return _pairs("", RULES, old.rules, new.rules)


def _scale(old: Model, new: Model) -> Iterator[Difference]:
    values = {answer.code: answer.value for answer in old.scale}
    for answer in new.scale:
        if values.get(answer.code) != answer.value:
            yield Difference(code="scale_value", place=answer.code, old=values.get(answer.code), new=answer.value)


def _weights(old: Model, new: Model) -> Iterator[Difference]:
    for code, before, after in zip(WEIGHTS, _weights_of(old), _weights_of(new), strict=True):
        for place, weight in before.items():
            if place in after and after[place] != weight:
                yield Difference(code=code, place=place, old=weight, new=after[place])


def _weights_of(model: Model) -> tuple[dict[str, float], ...]:
    """Give the weights of domains, items and requirements, as `WEIGHTS` lists them."""
    domains = {domain.code: domain.weight for domain in model.domains}
    items = {item.code: item.weight for item in model.items}
    return domains, items, {requirement.id: requirement.weight for requirement in model.requirements}


def _requirements(old: Model, new: Model) -> Iterator[Difference]:
    before, after = ({r.id: r for r in m.requirements} for m in (old, new))
    for place, one in before.items():
        if place not in after:
            yield Difference(code="left_out", place=place, old=one.text, new=None)
    for place, one in after.items():
        if place not in before:
            yield Difference(code="added", place=place, old=None, new=one.text)
            continue
        places = (old.item_of[place].code, new.item_of[place].code)
        if places[0] != places[1]:
            yield Difference(code="item", place=place, old=places[0], new=places[1])
        yield from _pairs(place, ("level", *_OF_REQUIREMENT), before[place], one)
    parents = {item.code: domain.code for domain in old.domains for item in domain.items}
    for domain in new.domains:
        for item in domain.items:
            if parents.get(item.code, domain.code) != domain.code:
                yield Difference(code="domain", place=item.code, old=parents[item.code], new=domain.code)


def _words(old: Model, new: Model) -> Iterator[Difference]:
    yield from _pairs("", ("robustness",), old.rules, new.rules)
    yield from _pairs("", ("id", "edition", "name", "notice", "categories", "types"), old, new)
    for answer in new.scale:
        yield from _pairs(answer.code, ("label", "meaning"), old.answer(answer.code), answer)
    for before, after in zip(old.levels, new.levels, strict=False):
        yield from _pairs(str(after.level), ("name", "meaning"), before, after)
    domains: dict[str, Domain | Item] = {d.code: d for d in old.domains}
    items: dict[str, Domain | Item] = {i.code: i for i in old.items}
    for known, found in ((domains, new.domains), (items, new.items)):
        for part in found:
            if part.code in known:
                yield from _pairs(part.code, ("name",), known[part.code], part)
    asked: dict[str, Requirement] = {r.id: r for r in old.requirements}
    for one in new.requirements:
        if one.id in asked:
            yield from _pairs(one.id, _TEXTS, asked[one.id], one)
