"""What is explained: one institution's trace, with what it wrote and where, and the part of it that is asked for.

Owns: reading a part's name as a person types it, and bringing trace, texts, files and findings together. Knows nothing
of how an explanation is laid out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from evaluator.assessment.texts import AnswerText
from evaluator.assessment.trace import trace
from evaluator.assessment.traced import Trace, TracedDomain, TracedItem, TracedRequirement
from evaluator.errors import InputError
from evaluator.model.records import DIMENSIONS, Model
from evaluator.reports.recorded import Recorded
from evaluator.wording import text
from evaluator.wording.matching import plain

Kind = Literal["all", "domain", "item", "requirement", "dimension", "star", "rank"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """What part of a result is asked for."""

    kind: Kind
    code: str = ""
    """Of the domain, item, requirement or dimension."""


ALL = Part(kind="all")


@dataclass(frozen=True, kw_only=True, slots=True)
class NotCounted:
    """A file that came for a domain but does not count."""

    path: str
    sha256: str
    status: str
    """Of `record.FILE_STATUSES`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Explained:
    """All that is known of how one institution's result came about."""

    model: Model
    facts: Mapping[str, Any]
    """Its row of `Assessment.institutions`."""
    trace: Trace
    wrote: tuple[AnswerText, ...]
    """What it wrote on each requirement, in model order."""
    hashes: Mapping[str, str]
    """SHA-256 of each file that its answers stand in, by path as listed."""
    not_counted: Mapping[str, tuple[NotCounted, ...]]
    """By domain code, what came for a domain of which nothing counts."""
    findings: Mapping[str, tuple[str, ...]]
    """Codes of the findings on each requirement."""
    decided: Mapping[str, Mapping[str, Any]]
    """What a person decided, by requirement id: rows of the table `overrides`."""
    part: Part

    @property
    def domains(self) -> Iterator[TracedDomain]:
        """The domains that the part is about or lies in."""
        own = _domain_asked(self.model, self.part)
        return (one for one in self.trace.domains if own in ("", one.code))

    def items(self, domain: TracedDomain) -> Iterator[TracedItem]:
        """The domain's items that the part is about or lies in."""
        kind, code = self.part.kind, self.part.code
        own = self.model.item_of[code].code if kind == "requirement" else code if kind == "item" else ""
        return (one for one in domain.items if own in ("", one.code))

    def requirements(self, item: TracedItem) -> Iterator[TracedRequirement]:
        """The item's requirements that the part is about."""
        own = self.part.code if self.part.kind == "requirement" else ""
        return (one for one in item.requirements if own in ("", one.id))


def explain(recorded: Recorded, named: str, typed: str = "") -> Explained:
    """Explain an institution's result, or a part of it.

    Args:
        recorded: the results.
        named: the institution's id, name or USCC.
        typed: the part, as a person types it; empty for all.

    Raises:
        InputError: there is no such institution or part, or the record is damaged.
    """
    row = recorded.institution(named)
    part = part_named(recorded.model, typed)
    facts = {str(k): v for k, v in recorded.assessment.institutions.iloc[row].items()}
    own = str(facts["id"])
    decided = {target: one for (institution, target), one in recorded.decided.items() if institution == own}
    wrote = recorded.wrote(own)
    found: dict[str, list[str]] = {}
    for requirement, code in recorded.rows("findings", ("requirement", "code"), own):
        found.setdefault(str(requirement), []).append(str(code))
    paths = {one.file for one in wrote}
    files = recorded.files
    counted = files[files["path"].isin(paths)]
    return Explained(
        model=recorded.model,
        facts=facts,
        trace=trace(recorded.assessment, row, decided),
        wrote=wrote,
        hashes=dict(zip(counted["path"], counted["sha256"], strict=True)),
        not_counted={d.code: _not_counted(recorded, own, d.code, paths) for d in recorded.model.domains},
        findings={requirement: tuple(dict.fromkeys(codes)) for requirement, codes in found.items()},
        decided=decided,
        part=part,
    )


def part_named(model: Model, typed: str) -> Part:
    """Find the part that a person typed: code or name, whatever its case or width; empty for all.

    Raises:
        InputError: there is none of that name.
    """
    wanted = plain(typed)
    if not wanted:
        return ALL
    part = dict(reversed(list(_names(model)))).get(wanted)
    if part is None:
        raise InputError(
            "no_such_part",
            code=typed,
            domains=", ".join(domain.code for domain in model.domains),
            item=model.items[0].code,
            requirement=model.requirements[0].id,
            dimensions=", ".join(DIMENSIONS),
        )
    return part


def _names(model: Model) -> Iterator[tuple[str, Part]]:
    """Give every name of every part as it is compared; of equal ones the first counts."""
    for domain in model.domains:
        for name in (domain.code, domain.name.zh, domain.name.en, *domain.aliases):
            yield plain(name), Part(kind="domain", code=domain.code)
    for item in model.items:
        yield plain(item.code), Part(kind="item", code=item.code)
    for requirement in model.requirements:
        yield plain(requirement.id), Part(kind="requirement", code=requirement.id)
    for dimension in DIMENSIONS:
        for name in (dimension, *text(f"report.dimension.{dimension}"), *text(f"terms.dimension.{dimension}")):
            yield plain(name), Part(kind="dimension", code=dimension)
    for name in ("star", *text("explain.part.star")):
        yield plain(name), Part(kind="star")
    for name in ("rank", *text("explain.part.rank")):
        yield plain(name), Part(kind="rank")


def _domain_asked(model: Model, part: Part) -> str:
    """Give the code of the domain that a part is, or lies in; empty where it is of all domains."""
    if part.kind == "requirement":
        return model.domain_of[part.code].code
    if part.kind == "item":
        return next(domain.code for domain in model.domains for item in domain.items if item.code == part.code)
    return part.code if part.kind == "domain" else ""


def _not_counted(recorded: Recorded, institution: str, domain: str, counted: set[str]) -> tuple[NotCounted, ...]:
    files = recorded.files
    came = files[files["institution"].eq(institution) & files["domain"].eq(domain) & ~files["path"].isin(counted)]
    return tuple(
        NotCounted(path=path, sha256=sha256, status=status)
        for path, sha256, status in zip(came["path"], came["sha256"], came["status"], strict=True)
    )
