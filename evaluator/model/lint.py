"""All faults of a model at once, each with its file and place.

Owns: the checks that go beyond the shape of one file: sums of weights, ids, order of thresholds. Each check is a plain
function in `CHECKS`. Knows nothing of how files are found or read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal

from evaluator.model.places import Path, line_of
from evaluator.model.records import ANSWER_CODES, LEVELS, DomainFile, ModelFile, Requirement
from evaluator.wording import Lang, say

TOLERANCE = 1e-9


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """One fault of a model file."""

    code: str
    """Key in `wording/model.toml`, under `fault`."""
    file: str
    line: int
    place: str
    """What the fault is about: a key's path such as `SS1-3.text.en`."""
    params: dict[str, object] = field(default_factory=dict)
    severity: Literal["error", "warning"] = "error"
    """With an error the model can't be used; with a warning it can, and does what the text says."""

    def message(self, lang: Lang) -> str:
        """Say file, place, what is wrong and what to do."""
        what = say(f"model.fault.{self.code}", lang, **self.params)
        return say("model.fault_line", lang, file=self.file, line=self.line, place=self.place, what=what)

    def __str__(self) -> str:
        return self.message("en")


@dataclass(frozen=True, kw_only=True, slots=True)
class Parsed:
    """What could be read of a model's files: the records that are well-formed, and where their keys stand."""

    main_file: str
    main_places: dict[Path, int]
    main: ModelFile | None
    domains: tuple[tuple[str, dict[Path, int], DomainFile], ...]
    """File name, places and content of each well-formed domain file."""
    complete: bool
    """Whether every file the model names was well-formed, so that sums over all of them can be checked."""

    def at_main(self, code: str, path: Path, place: str, /, **params: object) -> Fault:
        """Make a fault placed in the main file."""
        return Fault(
            code=code, file=self.main_file, line=line_of(self.main_places, path), place=place, params=dict(params)
        )


def _weights(parsed: Parsed) -> Iterator[Fault]:
    if parsed.main and not _is_one([d.weight for d in parsed.main.domains]):
        total = _shown([d.weight for d in parsed.main.domains])
        yield parsed.at_main("domain_weights", ("domains",), "domains.weight", total=total)
    for name, places, domain in parsed.domains:
        weights = [item.weight for item in domain.items]
        if not _is_one(weights):
            yield Fault(
                code="item_weights",
                file=name,
                line=line_of(places, ("item", 0, "weight")),
                place=domain.code,
                params={"total": _shown(weights)},
            )


def _ids(parsed: Parsed) -> Iterator[Fault]:
    seen: dict[str, str] = {}
    for name, places, domain in parsed.domains:
        for path, identifier, parent in _identifiers(domain):
            line = line_of(places, path)
            if identifier in seen:
                where = seen[identifier]
                yield Fault(
                    code="duplicate_id",
                    file=name,
                    line=line,
                    place=identifier,
                    params={"id": identifier, "first": where},
                )
            seen.setdefault(identifier, f"{name}:{line}")
            if not _belongs(identifier, parent):
                yield Fault(
                    code="unknown_parent",
                    file=name,
                    line=line,
                    place=identifier,
                    params={"id": identifier, "parent": parent},
                )
        for path, requirement in _requirements(domain):
            stated = int(requirement.id.partition("-")[2][0])
            if stated != requirement.level:
                yield Fault(
                    code="level_mismatch",
                    file=name,
                    line=line_of(places, (*path, "level")),
                    place=requirement.id,
                    params={"id": requirement.id, "level": requirement.level},
                )


def _domain_list(parsed: Parsed) -> Iterator[Fault]:
    if parsed.main is None:
        return
    seen: set[str] = set()
    for n, entry in enumerate(parsed.main.domains):
        if entry.code in seen:
            yield parsed.at_main(
                "duplicate_id", ("domains", n), entry.code, id=entry.code, first=f"{parsed.main_file}: domains"
            )
        seen.add(entry.code)
    files = {entry.file: entry.code for entry in parsed.main.domains}
    for name, places, domain in parsed.domains:
        listed = files.get(name)
        if listed is not None and listed != domain.code:
            yield Fault(
                code="domain_code",
                file=name,
                line=line_of(places, ("code",)),
                place=domain.code,
                params={"code": domain.code, "listed": listed, "main": parsed.main_file},
            )


def _levels(parsed: Parsed) -> Iterator[Fault]:
    if parsed.main and tuple(level.level for level in parsed.main.levels) != LEVELS:
        given = ", ".join(str(level.level) for level in parsed.main.levels)
        yield parsed.at_main("levels", ("levels",), "levels", given=given)
    for name, _, domain in parsed.domains:
        present = {r.level for _, r in _requirements(domain)}
        for level in LEVELS:
            if level not in present:
                yield Fault(
                    code="level_without_requirements",
                    file=name,
                    line=1,
                    place=domain.code,
                    params={"level": level},
                    severity="warning",
                )


def _scale(parsed: Parsed) -> Iterator[Fault]:
    if parsed.main is None:
        return
    scale = parsed.main.scale
    given = tuple(answer.code for answer in scale)
    if given != ANSWER_CODES:
        yield parsed.at_main(
            "scale_codes", ("scale",), "scale", given=", ".join(given), expected=", ".join(ANSWER_CODES)
        )
    values: list[float] = []
    for n, answer in enumerate(scale):
        path: Path = ("scale", n, "value")
        if answer.code == "na":
            if answer.value is not None:
                yield parsed.at_main("scale_na_value", path, "scale.na")
        elif answer.value is None:
            yield parsed.at_main("scale_without_value", path, f"scale.{answer.code}", code=answer.code)
        else:
            values.append(answer.value)
    if any(a <= b for a, b in pairwise(values)) or (values and (values[0], values[-1]) != (1, 0)):
        yield parsed.at_main("scale_order", ("scale",), "scale", values=", ".join(f"{v:g}" for v in values))
    labels = [_plain(word) for answer in scale for word in (answer.label.zh, answer.label.en)]
    for label in sorted({label for label in labels if labels.count(label) > 1}):
        yield parsed.at_main("scale_labels", ("scale",), "scale", label=label)


def _thresholds(parsed: Parsed) -> Iterator[Fault]:
    if parsed.main is None:
        return
    bands = parsed.main.rules.bands
    if any(a >= b for a, b in pairwise(bands)):
        yield parsed.at_main("bands_order", ("rules", "bands"), "rules.bands", bands=", ".join(f"{b:g}" for b in bands))
    if bands[0] <= 0 or bands[-1] > len(LEVELS):
        yield parsed.at_main("bands_range", ("rules", "bands"), "rules.bands", bands=", ".join(f"{b:g}" for b in bands))


def _texts(parsed: Parsed) -> Iterator[Fault]:
    seen: dict[str, str] = {}
    for name, places, domain in parsed.domains:
        for path, requirement in _requirements(domain):
            for lang in ("zh", "en"):
                words = _plain(requirement.text.say(lang))
                first = seen.setdefault(words, requirement.id)
                if first != requirement.id:
                    yield Fault(
                        code="same_text",
                        file=name,
                        line=line_of(places, (*path, "text", lang)),
                        place=f"{requirement.id}.text.{lang}",
                        params={"first": first},
                    )


def _categories(parsed: Parsed) -> Iterator[Fault]:
    if parsed.main is None:
        return
    known = {category.zh for category in parsed.main.categories}
    for name, places, domain in parsed.domains:
        for path, requirement in _requirements(domain):
            for category in requirement.na_categories:
                if category not in known:
                    yield Fault(
                        code="unknown_category",
                        file=name,
                        line=line_of(places, (*path, "na_categories")),
                        place=requirement.id,
                        params={"category": category},
                    )


CHECKS: tuple[Callable[[Parsed], Iterator[Fault]], ...] = (
    _domain_list,
    _weights,
    _ids,
    _levels,
    _scale,
    _thresholds,
    _texts,
    _categories,
)


def check(parsed: Parsed) -> tuple[Fault, ...]:
    """Run all checks over what could be read of a model."""
    return tuple(fault for one in CHECKS for fault in one(parsed))


def _requirements(domain: DomainFile) -> Iterator[tuple[Path, Requirement]]:
    for i, item in enumerate(domain.items):
        for r, requirement in enumerate(item.requirements):
            yield ("item", i, "requirement", r), requirement


def _identifiers(domain: DomainFile) -> Iterator[tuple[Path, str, str]]:
    for i, item in enumerate(domain.items):
        yield ("item", i, "code"), item.code, domain.code
        for r, requirement in enumerate(item.requirements):
            yield ("item", i, "requirement", r, "id"), requirement.id, item.code


def _belongs(identifier: str, parent: str) -> bool:
    return identifier.partition("-")[0] == parent if "-" in identifier else identifier[:2] == parent


def _is_one(weights: Sequence[float]) -> bool:
    return abs(sum(weights) - 1) <= TOLERANCE


def _shown(weights: Sequence[float]) -> str:
    return f"{sum(weights):.10g}"


def _plain(words: str) -> str:
    return re.sub(r"[\W_]+", "", words).casefold()
