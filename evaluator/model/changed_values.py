"""Every value that differs between two models, by its place: nothing that a model holds is passed over.

Owns: naming each weight, rule and text by where it stands. Judges nothing of what a difference does.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from evaluator.model.records import Model


class Change(NamedTuple):
    """One value that differs."""

    place: str
    """As `rules.pass_mark`, `SS.weight`, `SS1-3.text.zh`; `order` where only the order of parts differs."""
    old: str | float | bool | None
    """`None` where there was none."""
    new: str | float | bool | None


def changed_values(old: Model, new: Model) -> tuple[Change, ...]:
    """List what differs, in the old model's order, then what only the new one has; nothing if they are equal."""
    before, after = (dict(_values(model.as_json(), "")) for model in (old, new))
    places = [*before, *(place for place in after if place not in before)]
    found = tuple(
        Change(place, before.get(place), after.get(place))
        for place in places
        if before.get(place) != after.get(place) or (place in before) != (place in after)
    )
    return found or (() if old.hash == new.hash else (Change("order", None, None),))


def _values(node: object, place: str) -> Iterator[tuple[str, str | float | bool | None]]:
    """Walk through a model's JSON; what has an id or code of its own is named by that alone."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield from _values(value, f"{place}.{key}" if place else key)
    elif isinstance(node, list):
        for number, entry in enumerate(node, 1):
            yield from _values(entry, _named(entry, place, number))
    elif node is None or isinstance(node, str | float | int):
        yield place, node


def _named(entry: object, place: str, number: int) -> str:
    if isinstance(entry, dict):
        if place == "scale" or "meaning" in entry:
            return f"{place}.{entry.get('code', entry.get('level', number))}"
        own = entry.get("id") or entry.get("code")
        if own:
            return str(own)
    return f"{place}.{number}"
