"""Which parts of a workbook hold what: its sheets, shared texts and styles, wherever a program put them.

Owns: following a workbook's relationships from its root on. Names of parts are compared without regard to case, as
the format says. Knows nothing of what the sheets hold.
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import unquote

from evaluator.limits import DEFAULT, Limits
from evaluator.questionnaire.xmlwalk import walk

_KEPT = 1 << 13
"""Bytes of relationships up to which they are kept in mind."""
_ROOT, _USUAL = "_rels/.rels", "xl/workbook.xml"


@dataclass(frozen=True, kw_only=True, slots=True)
class Book:
    """The parts of one workbook."""

    sheets: Mapping[str, str]
    """The part's name of each worksheet, by the sheet's name, in the workbook's order."""
    count: int
    """Sheets of every kind, charts and the like among them."""
    texts: str
    """The part with the shared texts; empty where there is none."""
    styles: str
    """The part with the styles; empty where there is none."""
    is_1904: bool
    """Whether its day numbers count from 1904."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Relation:
    kind: str
    target: str
    is_outside: bool


class _Relations:
    def __init__(self) -> None:
        self.found: dict[str, _Relation] = {}

    def opened(self, name: str, attributes: Mapping[str, str]) -> None:
        if name != "Relationship":
            return
        key = attributes.get("Id", "")
        if key in self.found:
            raise ValueError("a relationship's id used twice")
        self.found[key] = _Relation(
            kind=attributes.get("Type", "").rpartition("/")[2],
            target=attributes.get("Target", ""),
            is_outside=attributes.get("TargetMode") == "External",
        )

    def closed(self, name: str) -> None:
        pass

    def words(self, text: str) -> None:
        pass


@dataclass
class _Sheets:
    found: list[tuple[str, str]] = field(default_factory=list)
    """Name and relationship's id of each sheet."""
    is_1904: bool = False

    def opened(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "sheet":
            reference = next((value for key, value in attributes.items() if key.endswith("}id")), "")
            self.found.append((attributes.get("name", ""), reference))
        elif name == "workbookPr":
            self.is_1904 = attributes.get("date1904", "") in ("1", "true", "on")

    def closed(self, name: str) -> None:
        pass

    def words(self, text: str) -> None:
        pass


def book_of(parts: Mapping[str, bytes], limits: Limits = DEFAULT) -> Book:
    """Find the parts of a workbook.

    Args:
        parts: all parts by name.
        limits: how deep their XML may be.

    Raises:
        LookupError, ValueError, SyntaxError: the workbook's own lists are broken.
    """
    names = {name.casefold(): name for name in parts}
    main = _main(parts, names, limits)
    folder, _, file = main.rpartition("/")
    relations = _relations(parts, names, f"{folder}/_rels/{file}.rels".lstrip("/"), limits)
    listed = _Sheets()
    for _ in walk(parts[main], listed, limits.depth):
        pass
    sheets: dict[str, str] = {}
    for name, reference in listed.found:
        relation = relations[reference]
        if name in sheets:
            raise ValueError("a name used twice in the list of sheets")
        if relation.kind == "worksheet":
            sheets[name] = _part(relation, folder, names)
    if len(set(sheets.values())) < len(sheets) <= limits.sheets:
        raise ValueError("two sheets in one part")
    others = {
        relation.kind: _part(relation, folder, names)
        for relation in relations.values()
        if relation.kind in ("sharedStrings", "styles")
    }
    return Book(
        sheets=sheets,
        count=len(listed.found),
        texts=others.get("sharedStrings") or names.get(f"{folder}/sharedstrings.xml".lstrip("/"), ""),
        styles=others.get("styles") or names.get(f"{folder}/styles.xml".lstrip("/"), ""),
        is_1904=listed.is_1904,
    )


def sheet_parts(parts: Mapping[str, bytes]) -> Mapping[str, str]:
    """Map each worksheet's name to its part.

    Raises:
        LookupError, ValueError, SyntaxError: the workbook's own lists are broken.
    """
    return book_of(parts).sheets


def _main(parts: Mapping[str, bytes], names: Mapping[str, str], limits: Limits) -> str:
    """Find the part that lists the sheets: where the package says, else where it usually is."""
    if _ROOT in names:
        for relation in _relations(parts, names, _ROOT, limits).values():
            if relation.kind == "officeDocument":
                return _part(relation, "", names)
    return names[_USUAL]


def _relations(
    parts: Mapping[str, bytes], names: Mapping[str, str], name: str, limits: Limits
) -> Mapping[str, _Relation]:
    xml = parts[names[name.casefold()]]
    read = _relations_kept if len(xml) <= _KEPT else _relations_of
    return read(xml, limits.depth)


def _relations_of(xml: bytes, depth: int) -> Mapping[str, _Relation]:
    found = _Relations()
    for _ in walk(xml, found, depth):
        pass
    return found.found


_relations_kept = lru_cache(maxsize=64)(_relations_of)
"""Relationships are the same, byte for byte, in most files that one program wrote."""


def _part(relation: _Relation, folder: str, names: Mapping[str, str]) -> str:
    """Find the part that a relationship leads to."""
    if relation.is_outside:
        raise ValueError("a part outside the workbook")
    for target in (relation.target, unquote(relation.target)):
        path = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/").casefold()
        if path in names and path.endswith(".xml"):
            return names[path]
    raise LookupError(f"no part {relation.target[:60]!r}")
