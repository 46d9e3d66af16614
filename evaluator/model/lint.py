"""All faults of a model at once, each with its file and place.

Owns: the checks that go beyond the shape of one file: sums of weights, ids, order of thresholds. Each check is a plain
function in `CHECKS`. Knows nothing of how files are found or read.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import isfinite
from pathlib import PurePosixPath
from typing import Any, Literal

from evaluator.model.places import Path, line_of
from evaluator.model.records import ANSWER_CODES, LEVELS
from evaluator.quantum import quantised_one
from evaluator.wording import LANGS, Lang, Text, matching, say
from evaluator.wording.numbers import plain
from evaluator.wording.printing import shortened

Table = dict[str, Any]
"""A table of a TOML file."""
TOLERANCE = 1e-9
_SHOWN = 200
"""Characters of a text of the model's that a fault shows at most."""


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

    @property
    def text(self) -> Text:
        """The message in both languages."""
        return Text(zh=self.message("zh"), en=self.message("en"))

    def message(self, lang: Lang) -> str:
        """Say file, place, what is wrong and what to do, on one line."""
        shown = {
            key: shortened(value, _SHOWN) if isinstance(value, str) else value for key, value in self.params.items()
        }
        what = say(f"model.fault.{self.code}", lang, **shown)
        file, place = shortened(self.file, _SHOWN), shortened(self.place, _SHOWN)
        return say("model.fault_line", lang, file=file, line=self.line, place=place, what=what)

    def __str__(self) -> str:
        return self.message("en")


@dataclass(frozen=True, kw_only=True, slots=True)
class Parsed:
    """A model's files as they stand, well-formed or not, and where their keys stand.

    The checks look at what can be understood of each value and leave the rest to the fault that says its shape is
    wrong: one bad value hides no other fault.
    """

    main_file: str
    main_places: dict[Path, int]
    main: Table
    domains: tuple[tuple[str, dict[Path, int], Table], ...]
    """File name, places and content of each domain file."""

    def at_main(self, code: str, path: Path, place: str, /, **params: object) -> Fault:
        """Make a fault placed in the main file."""
        return Fault(
            code=code, file=self.main_file, line=line_of(self.main_places, path), place=place, params=dict(params)
        )


def _weights(parsed: Parsed) -> Iterator[Fault]:
    total = _sum(_tables(parsed.main, "domains"))
    if total is not None and abs(total - 1) > TOLERANCE:
        yield parsed.at_main("domain_weights", ("domains",), "domains.weight", total=f"{total:.10g}")
    for name, places, domain in parsed.domains:
        total = _sum(_tables(domain, "item"))
        if total is not None and abs(total - 1) > TOLERANCE:
            yield Fault(
                code="item_weights",
                file=name,
                line=line_of(places, ("item", 0, "weight")),
                place=_word(domain, "code"),
                params={"total": f"{total:.10g}"},
            )


def _ids(parsed: Parsed) -> Iterator[Fault]:
    seen: dict[str, str] = {}
    for name, places, domain in parsed.domains:
        for path, identifier, parent in _identifiers(domain):
            line = line_of(places, path)
            params: dict[str, object] = {"id": identifier, "parent": parent, "first": seen.get(identifier, "")}
            if identifier in seen:
                yield Fault(code="duplicate_id", file=name, line=line, place=identifier, params=params)
            seen.setdefault(identifier, f"{name}:{line}")
            if parent and not _belongs(identifier, parent):
                yield Fault(code="unknown_parent", file=name, line=line, place=identifier, params=params)
        for path, requirement in _requirements(domain):
            stated, level = _word(requirement, "id").partition("-")[2][:1], requirement.get("level")
            if stated in "12345" and stated and level in LEVELS and int(stated) != level:
                yield Fault(
                    code="level_mismatch",
                    file=name,
                    line=line_of(places, (*path, "level")),
                    place=_word(requirement, "id"),
                    params={"id": _word(requirement, "id"), "level": level},
                )


def _domain_list(parsed: Parsed) -> Iterator[Fault]:
    seen: set[str] = set()
    files: dict[str, str] = {}
    names = {file_key(parsed.main_file): (-1, parsed.main_file)}
    for n, entry in _tables(parsed.main, "domains"):
        code = _word(entry, "code")
        if code and code in seen:
            yield parsed.at_main("duplicate_id", ("domains", n), code, id=code, first=f"{parsed.main_file}: domains")
        seen.add(code)
        if name := _word(entry, "file"):
            first = names.setdefault(file_key(name), (n, name))
            if first != (n, name):
                yield parsed.at_main("duplicate_file", ("domains", n, "file"), code, name=name, first=first[1])
            files.setdefault(name, code)
    for name, places, domain in parsed.domains:
        listed, code = files.get(name, ""), _word(domain, "code")
        if listed and code and listed != code:
            yield Fault(
                code="domain_code",
                file=name,
                line=line_of(places, ("code",)),
                place=code,
                params={"code": code, "listed": listed, "main": parsed.main_file},
            )


def _domain_names(parsed: Parsed) -> Iterator[Fault]:
    seen: dict[str, str] = {}
    for name, places, domain in parsed.domains:
        own = _word(domain, "code")
        for path, words in _domain_words(domain):
            key = " ".join(words.split()).casefold()
            first = seen.setdefault(key, own) if key and own else own
            if first != own:
                place = ".".join([own, *(str(part) for part in path if isinstance(part, str))])
                params: dict[str, object] = {"name": words, "first": first}
                yield Fault(code="same_domain_name", file=name, line=line_of(places, path), place=place, params=params)


def _levels(parsed: Parsed) -> Iterator[Fault]:
    given = tuple(level.get("level") for _, level in _tables(parsed.main, "levels"))
    if given != LEVELS and parsed.main:
        numbers = ", ".join(str(level) if level in LEVELS else "?" for level in given)
        yield parsed.at_main("levels", ("levels",), "levels", given=numbers)
    for name, _, domain in parsed.domains:
        present = [requirement.get("level") for _, requirement in _requirements(domain)]
        for level in LEVELS:
            if level not in present and all(other in LEVELS for other in present):
                yield Fault(
                    code="level_without_requirements",
                    file=name,
                    line=1,
                    place=_word(domain, "code"),
                    params={"level": level},
                    severity="warning",
                )


def _scale(parsed: Parsed) -> Iterator[Fault]:
    scale = _tables(parsed.main, "scale")
    given = tuple(_word(answer, "code") for _, answer in scale)
    if given != ANSWER_CODES and parsed.main:
        yield parsed.at_main(
            "scale_codes", ("scale",), "scale", given=", ".join(given), expected=", ".join(ANSWER_CODES)
        )
    for n, answer in scale:
        path: Path = ("scale", n, "value")
        code = _word(answer, "code")
        if code == "na" and "value" in answer:
            yield parsed.at_main("scale_na_value", path, "scale.na")
        elif code != "na" and "value" not in answer:
            yield parsed.at_main("scale_without_value", path, f"scale.{code}", code=code)
    numbers = [_number(answer, "value") for _, answer in scale if "value" in answer and answer.get("code") != "na"]
    values = [value for value in numbers if value is not None]
    ends = (values[0], values[-1]) if values and len(values) == len(numbers) else (1, 0)
    if any(a <= b for a, b in pairwise(values)) or ends != (1, 0):
        yield parsed.at_main("scale_order", ("scale",), "scale", values=_listed(values))
    owners: dict[str, set[str]] = {}
    for _, answer in scale:
        own = _word(answer, "code")
        for words in (own, *(_text(answer, "label", lang) for lang in LANGS)):
            for key in (_plain(words), matching.plain(words)):  # the second as a reader of forms compares them
                owners.setdefault(key, set()).add(own)
    for label in sorted(label for label, codes in owners.items() if label and len(codes) > 1):
        yield parsed.at_main("scale_labels", ("scale",), "scale", label=label)


def _thresholds(parsed: Parsed) -> Iterator[Fault]:
    rules = parsed.main.get("rules")
    given = rules.get("bands") if isinstance(rules, dict) else None
    numbers = [_as_number(band) for band in given] if isinstance(given, list) else []
    bands = [band for band in numbers if band is not None]
    compared = [quantised_one(band) for band in bands]
    if any(a >= b for a, b in pairwise(compared)):
        yield parsed.at_main("bands_order", ("rules", "bands"), "rules.bands", bands=_listed(bands))
    if bands and (compared[0] <= 0 or bands[-1] > len(LEVELS)):
        yield parsed.at_main("bands_range", ("rules", "bands"), "rules.bands", bands=_listed(bands))


def _texts(parsed: Parsed) -> Iterator[Fault]:
    seen: dict[str, str] = {}
    for name, places, domain in parsed.domains:
        for path, requirement in _requirements(domain):
            own = _word(requirement, "id")
            for lang in LANGS:
                words = _plain(_text(requirement, "text", lang))
                first = seen.setdefault(words, own) if words else own
                if first != own:
                    yield Fault(
                        code="same_text",
                        file=name,
                        line=line_of(places, (*path, "text", lang)),
                        place=f"{own}.text.{lang}",
                        params={"first": first},
                    )


def _categories(parsed: Parsed) -> Iterator[Fault]:
    known = {_word(category, "zh") for _, category in _tables(parsed.main, "categories")}
    for name, places, domain in parsed.domains:
        for path, requirement in _requirements(domain):
            given = requirement.get("na_categories")
            for category in given if isinstance(given, list) and known else ():
                if isinstance(category, str) and category not in known:
                    yield Fault(
                        code="unknown_category",
                        file=name,
                        line=line_of(places, (*path, "na_categories")),
                        place=_word(requirement, "id"),
                        params={"category": category},
                    )


CHECKS: tuple[Callable[[Parsed], Iterator[Fault]], ...] = (
    _domain_list,
    _domain_names,
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


def file_key(name: str) -> str:
    """Make alike the names of files that are one file on some system, which takes `1_ss.toml` for `1_SS.toml`."""
    return unicodedata.normalize("NFC", str(PurePosixPath(name.replace("\\", "/")))).casefold()


def _tables(table: Table, key: str) -> list[tuple[int, Table]]:
    """Give the tables of an array of tables, each with its position."""
    entries = table.get(key)
    return (
        [(n, entry) for n, entry in enumerate(entries) if isinstance(entry, dict)] if isinstance(entries, list) else []
    )


def _domain_words(domain: Table) -> Iterator[tuple[Path, str]]:
    """Give all that a person may call a domain, with each one's path."""
    yield ("code",), _word(domain, "code")
    yield from ((("name", lang), _text(domain, "name", lang)) for lang in LANGS)
    aliases = domain.get("aliases")
    for n, alias in enumerate(aliases if isinstance(aliases, list) else ()):
        if isinstance(alias, str):
            yield ("aliases", n), alias


def _requirements(domain: Table) -> Iterator[tuple[Path, Table]]:
    for i, item in _tables(domain, "item"):
        for r, requirement in _tables(item, "requirement"):
            yield ("item", i, "requirement", r), requirement


def _identifiers(domain: Table) -> Iterator[tuple[Path, str, str]]:
    """Give the path of each code and id, what it is, and what it stands under."""
    for i, item in _tables(domain, "item"):
        if code := _word(item, "code"):
            yield ("item", i, "code"), code, _word(domain, "code")
        for r, requirement in _tables(item, "requirement"):
            if own := _word(requirement, "id"):
                yield ("item", i, "requirement", r, "id"), own, code


def _belongs(identifier: str, parent: str) -> bool:
    return identifier.partition("-")[0] == parent if "-" in identifier else identifier[:2] == parent


def _sum(tables: list[tuple[int, Table]]) -> float | None:
    """Add up the weights; `None` where there are none or one is no number."""
    weights = [_number(table, "weight") for _, table in tables]
    total = sum(weight for weight in weights if weight is not None)
    return total if weights and None not in weights and isfinite(total) else None


def _as_number(value: object) -> float | None:
    """Take a number; `None` for anything else, and for one beyond all bounds, which the fault of its shape names."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if isfinite(number) else None


def _number(table: Table, key: str) -> float | None:
    return _as_number(table.get(key))


def _word(table: Table, key: str) -> str:
    value = table.get(key)
    return value if isinstance(value, str) else ""


def _text(table: Table, key: str, lang: Lang) -> str:
    texts = table.get(key)
    return _word(texts, lang) if isinstance(texts, dict) else ""


def _listed(numbers: Sequence[float]) -> str:
    return ", ".join(plain(number) for number in numbers)


def _plain(words: str) -> str:
    return re.sub(r"[\W_]+", "", words).casefold()
