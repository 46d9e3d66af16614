"""What synthetic rounds are chosen from: typed access to the lists of `wording/synthesis.toml`.

Owns: nothing but the access. Texts by key come from `evaluator.wording` as everywhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import cast

from evaluator.wording import Text, catalogue

_Table = Mapping[str, object]


@dataclass(frozen=True, kw_only=True, slots=True)
class Province:
    """A province with some of its cities."""

    name: Text
    code: str
    """First two digits of its administrative division code."""
    share: float
    """How many institutions it has, relative to the others."""
    cities: tuple[Text, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Kind:
    """A kind of institution."""

    type: str
    """Chinese name of the model's type it belongs to."""
    share: float
    uscc: tuple[str, ...]
    """Registering body and class: the first two characters of its credit code."""
    names: tuple[Text, ...]
    """Patterns of its name."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Field:
    """What a service category is called in names."""

    category: str
    """Chinese name of the model's category."""
    share: float
    topic: Text
    firm: str


@cache
def provinces() -> tuple[Province, ...]:
    """List the provinces."""
    return tuple(
        Province(name=_text(t), code=str(t["code"]), share=_number(t), cities=_texts(t["cities"]))
        for t in _tables(catalogue("synthesis")["provinces"])
    )


@cache
def kinds() -> tuple[Kind, ...]:
    """List the kinds of institution."""
    return tuple(
        Kind(type=str(t["type"]), share=_number(t), uscc=tuple(cast("list[str]", t["uscc"])), names=_texts(t["names"]))
        for t in _tables(catalogue("synthesis")["kinds"])
    )


@cache
def fields() -> tuple[Field, ...]:
    """List the service categories' words."""
    return tuple(
        Field(
            category=str(t["category"]),
            share=_number(t),
            topic=_text(cast("_Table", t["topic"])),
            firm=str(cast("_Table", t["firm"])["zh"]),
        )
        for t in _tables(catalogue("synthesis")["categories"])
    )


@cache
def names(key: str) -> tuple[Text, ...]:
    """List the parts of names under `names`: `first`, `second`, `surnames`, `given`."""
    return _texts(cast("_Table", catalogue("synthesis")["names"])[key])


@cache
def evidence_forms() -> tuple[Text, ...]:
    """List the patterns of an evidence text."""
    return _texts(cast("_Table", catalogue("synthesis")["evidence"])["forms"])


def _tables(node: object) -> Iterable[_Table]:
    return cast("Iterable[_Table]", node)


def _texts(node: object) -> tuple[Text, ...]:
    return tuple(_text(table) for table in _tables(node))


def _text(table: _Table) -> Text:
    return Text(zh=str(table["zh"]), en=str(table["en"]))


def _number(table: _Table) -> float:
    return float(cast("float", table["share"]))
