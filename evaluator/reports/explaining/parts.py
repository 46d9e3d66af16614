"""Parts of a result that can be asked for, by the names that a person types.

Owns: those names, in both languages. Knows nothing of results.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from evaluator.errors import InputError
from evaluator.model.records import DIMENSIONS, Model
from evaluator.wording import text
from evaluator.wording.matching import plain

Kind = Literal["all", "domain", "item", "requirement", "dimension", "total", "star", "rank"]
_WHOLE: tuple[Kind, ...] = ("total", "star", "rank")


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """What part of a result is asked for."""

    kind: Kind
    code: str = ""
    """Of the domain, item, requirement or dimension."""


ALL = Part(kind="all")


def part_named(model: Model, typed: str | None) -> Part:
    """Find the part that a person typed: code or name, whatever its case or width; all where none was typed.

    Raises:
        InputError: there is none of that name, or the name is empty.
    """
    if typed is None:
        return ALL
    wanted = plain(typed)
    part = dict(reversed(list(_names(model)))).get(wanted) if wanted else None
    if part is None:
        raise InputError(
            "no_such_part" if wanted else "empty_part",
            code=typed,
            domains=", ".join(domain.code for domain in model.domains),
            item=model.items[0].code,
            requirement=model.requirements[0].id,
            dimensions=", ".join(DIMENSIONS),
        )
    return part


def domain_asked(model: Model, part: Part) -> str:
    """Give the code of the domain that a part is, or lies in; empty where it is of all domains."""
    if part.kind == "requirement":
        return model.domain_of[part.code].code
    if part.kind == "item":
        return next(domain.code for domain in model.domains for item in domain.items if item.code == part.code)
    return part.code if part.kind == "domain" else ""


def _names(model: Model) -> Iterator[tuple[str, Part]]:
    """Give every name of every part as it is compared; of equal ones the first counts."""
    for domain in model.domains:
        yield plain(domain.code), Part(kind="domain", code=domain.code)
    for item in model.items:
        yield plain(item.code), Part(kind="item", code=item.code)
    for requirement in model.requirements:
        yield plain(requirement.id), Part(kind="requirement", code=requirement.id)
    for dimension in DIMENSIONS:
        words = (text(f"{key}.{dimension}") for key in ("explain.part", "report.dimension", "terms.dimension"))
        for name in (dimension, *(name for both in words for name in both)):
            yield plain(name), Part(kind="dimension", code=dimension)
    for kind in _WHOLE:
        for name in (kind, *text(f"explain.part.{kind}")):
            yield plain(name), Part(kind=kind)
    for domain in model.domains:
        for name in (domain.name.zh, domain.name.en, *domain.aliases):
            yield plain(name), Part(kind="domain", code=domain.code)
    for item in model.items:
        for name in (item.name.zh, item.name.en):
            yield plain(name), Part(kind="item", code=item.code)
