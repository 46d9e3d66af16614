"""One change of a model at a time: the old model with a single group of a new one's differences.

Owns: which differences belong together as one change, and building the model in between. Knows nothing of answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from evaluator.model.differences import RULES, STRUCTURE, Difference, differences
from evaluator.model.records import Domain, Item, Model, Requirement, Rules

_GROUPS = {
    "scale_value": "scale",
    "domain_weight": "domain_weights",
    "item_weight": "item_weights",
    "requirement_weight": "requirement_weights",
    "na_allowed": "na_permissions",
    "na_categories": "na_permissions",
    "veto_star": "vetoes",
    "dimension": "dimensions",
    **dict.fromkeys(RULES),
    **dict.fromkeys(STRUCTURE, "structure"),
}
"""Group of each effective difference; a rule is a group of its own."""
_FIELDS = {
    "requirement_weights": ("weight",),
    "na_permissions": ("na_allowed", "na_categories"),
    "vetoes": ("veto_star",),
    "dimensions": ("dimension",),
}
"""Fields of a requirement that each group changes."""


@dataclass(frozen=True, kw_only=True)
class PartialChange:
    """Differences that only make sense together, and the old model with these and nothing else changed."""

    code: str
    """A rule's name, `scale`, `domain_weights`, `item_weights`, `requirement_weights`, `na_permissions`, `vetoes`,
    `dimensions` or `structure` (requirements left out or moved)."""
    place: str
    """Domain whose items' weights differ; else empty."""
    differences: tuple[Difference, ...]
    model: Model


def partial_changes(old: Model, new: Model) -> tuple[PartialChange, ...]:
    """Take the effective differences between two models apart, in the order in which `differences` lists them."""
    groups: dict[tuple[str, str], list[Difference]] = {}
    for one in differences(old, new):
        if one.effective:
            groups.setdefault(_group(one, old), []).append(one)
    return tuple(
        PartialChange(code=code, place=place, differences=tuple(its), model=_changed(old, new, code, place))
        for (code, place), its in groups.items()
    )


def _group(one: Difference, old: Model) -> tuple[str, str]:
    code = _GROUPS[one.code] or one.code
    if code != "item_weights":
        return code, ""
    return code, next(domain.code for domain in old.domains if any(item.code == one.place for item in domain.items))


def _changed(old: Model, new: Model, code: str, place: str) -> Model:
    """Build the old model with one group of changes; built anew, as copies would keep what was worked out before."""
    rules, scale = old.rules, old.scale
    if code in RULES:
        rules = Rules(**{**old.rules.model_dump(), code: getattr(new.rules, code)})
    if code == "scale":
        values = {answer.code: answer.value for answer in new.scale}
        scale = tuple(answer.model_copy(update={"value": values[answer.code]}) for answer in old.scale)
    fields = {name: getattr(old, name) for name in Model.model_fields}
    return Model(**{**fields, "rules": rules, "scale": scale, "domains": _domains(old, new, code, place)})


def _domains(old: Model, new: Model, code: str, place: str) -> tuple[Domain, ...]:
    tree = new if code == "structure" else old
    before, after = _weights_of(old), _weights_of(new)
    asked: dict[str, Requirement] = {r.id: r for r in old.requirements}
    changed: dict[str, Requirement] = {r.id: r for r in new.requirements}

    def weight(part: Domain | Item, theirs: bool) -> float:
        first, second = (after, before) if theirs else (before, after)
        return first.get(part.code, second.get(part.code, part.weight))

    def requirement(one: Requirement) -> Requirement:
        own = asked.get(one.id, one)
        if code == "structure":
            return own.model_copy(update={"level": one.level})
        theirs = changed.get(one.id, own)
        return own.model_copy(update={name: getattr(theirs, name) for name in _FIELDS.get(code, ())})

    def items(domain: Domain) -> Sequence[Item]:
        theirs = code == "item_weights" and domain.code == place
        return [
            Item(
                code=item.code,
                name=item.name,
                weight=weight(item, theirs),
                requirements=tuple(map(requirement, item.requirements)),
            )
            for item in domain.items
        ]

    return tuple(
        Domain(
            code=domain.code,
            name=domain.name,
            aliases=domain.aliases,
            items=tuple(items(domain)),
            weight=weight(domain, code == "domain_weights"),
        )
        for domain in tree.domains
    )


def _weights_of(model: Model) -> dict[str, float]:
    """Give the weights of domains and items by code."""
    return {d.code: d.weight for d in model.domains} | {i.code: i.weight for i in model.items}
