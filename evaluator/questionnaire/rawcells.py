"""What the fast reader can't tell: which cells hold formulas or errors, and how far a sheet's cells reach.

Owns: a scan of a workbook's raw XML, by pattern where the XML is plain, by parser where it is not. The fast reader
gives an empty text for an error cell and a cached value for a formula; neither may pass as an answer.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from dataclasses import dataclass
from typing import Literal
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import fromstring

Special = Literal["formula", "error"]

_CELL = re.compile(rb'<c((?:\s+[\w:]+="[^"<>]*")*)\s*(?:/>|>((?:[^<]++|<(?!/?c[\s/>]))*+)</c>)')
_CELL_START = re.compile(rb"<c[\s/>]")
_REFERENCE = re.compile(rb'\sr="([A-Z]{1,3})([0-9]{1,7})"')
_ERROR = re.compile(rb'\st="e"')
_FILLED = re.compile(
    rb'<f\s(?=[^>]*\bt="(?:array|dataTable)")[^>]*\bref="([A-Z]{1,3}[0-9]{1,7}(?::[A-Z]{1,3}[0-9]{1,7})?)"'
)
_PREFIXED = re.compile(rb":c[\s/>]")


@dataclass(frozen=True, kw_only=True, slots=True)
class Scan:
    """What a scan of one sheet found."""

    special: dict[str, Special]
    """Cells that hold a formula (whatever its cached value) or an error, by reference such as `F12`."""
    filled: tuple[tuple[int, int, int, int], ...]
    """Ranges that one formula fills: first and last row, first and last column. Only the first cell holds it."""
    rows: int
    """Largest row with a non-empty cell, 1-based."""
    columns: int
    """Largest column with a non-empty cell, 1-based."""
    texts: int
    """Cells that refer to the workbook's shared texts."""

    def kind_of(self, row: int, column: int) -> Special | None:
        """Tell whether a cell holds a formula, is filled by one, or holds an error."""
        for top, bottom, left, right in self.filled:
            if top <= row <= bottom and left <= column <= right:
                return "formula"
        return self.special.get(cell_name(row, column))


def sheet_parts(archive: zipfile.ZipFile) -> dict[str, str]:
    """Map each worksheet's name to its part in the archive.

    Raises:
        LookupError, ValueError, SyntaxError: the workbook's own list of sheets is broken.
    """
    workbook = fromstring(archive.read("xl/workbook.xml"), forbid_dtd=True)
    relations = fromstring(archive.read("xl/_rels/workbook.xml.rels"), forbid_dtd=True)
    targets = {
        relation.get("Id", ""): _part(relation.get("Target", ""))
        for relation in relations
        if relation.get("Type", "").endswith("/worksheet")
    }
    sheets = [element for element in workbook.iter() if _local(element) == "sheet"]
    for names in ([sheet.get("name") for sheet in sheets], [relation.get("Id") for relation in relations]):
        if len(set(names)) < len(names):
            raise ValueError("a name used twice in the list of sheets")
    return {
        sheet.get("name", ""): targets[reference] for sheet in sheets if (reference := _relation_id(sheet)) in targets
    }


def scan(xml: bytes) -> Scan:
    """Scan one worksheet's XML.

    Raises:
        SyntaxError: it is not well-formed.
        LookupError: it names an encoding that there isn't.
        ValueError: it has a document type or a cell reference that no spreadsheet program writes.
    """
    if b"<!" in xml or b"<sheetData" not in xml or _PREFIXED.search(xml):
        return _parsed(xml)
    special: dict[str, Special] = {}
    filled: list[tuple[int, int, int, int]] = []
    rows = columns = 0
    matched = 0
    for cell in _CELL.finditer(xml):
        matched += 1
        attributes, body = cell[1], cell[2]
        reference = _REFERENCE.search(attributes)
        if reference is None:
            return _parsed(xml)
        if not body:
            continue
        row, column = int(reference[2]), _column_number(reference[1].decode())
        rows, columns = max(rows, row), max(columns, column)
        if b"<f" in body:
            special[f"{reference[1].decode()}{row}"] = "formula"
            filled.extend(_range(found[1].decode()) for found in _FILLED.finditer(body))
        elif _ERROR.search(attributes):
            special[f"{reference[1].decode()}{row}"] = "error"
    if matched != len(_CELL_START.findall(xml)):
        return _parsed(xml)  # some cell is written in a way the pattern does not know, such as r='A1'
    return Scan(special=special, filled=tuple(filled), rows=rows, columns=columns, texts=xml.count(b't="s"'))


def _parsed(xml: bytes) -> Scan:
    special: dict[str, Special] = {}
    filled: list[tuple[int, int, int, int]] = []
    rows = columns = row = column = texts = 0
    for element in fromstring(xml, forbid_dtd=True).iter():
        if _local(element) == "row":
            row, column = int(element.get("r") or row + 1), 0
        if _local(element) != "c":
            continue
        at, column = row, column + 1
        if stated := element.get("r"):
            reference = re.fullmatch(r"([A-Za-z]{1,3})([0-9]{1,7})", stated)
            if reference is None:
                raise ValueError(f"cell reference {stated[:20]!r}")
            at, column = int(reference[2]), _column_number(reference[1].upper())
        if len(element) == 0:
            continue
        rows, columns = max(rows, at), max(columns, column)
        texts += element.get("t") == "s"
        formulas = [part for part in element if _local(part) == "f"]
        if formulas:
            special[cell_name(at, column)] = "formula"
            filled.extend(_range(part.get("ref", "")) for part in formulas if part.get("t") in ("array", "dataTable"))
        elif element.get("t") == "e":
            special[cell_name(at, column)] = "error"
    return Scan(special=special, filled=tuple(filled), rows=rows, columns=columns, texts=texts)


def shared_texts(archive: zipfile.ZipFile) -> tuple[int, int]:
    """Measure the workbook's shared texts: bytes of the longest, and how many it claims to have beyond all reason.

    The fast reader copies a text for each cell that refers to it, and makes room for as many as are claimed.
    """
    longest = claimed = 0
    for name in archive.namelist():
        if name.casefold().endswith("sharedstrings.xml"):
            xml = archive.read(name)
            longest = max(longest, *(len(part) for part in re.split(rb"</(?:\w+:)?si\s*>", xml)))
            counts = [int(digits) for digits in re.findall(rb"uniqueCount\s*=\s*[\"']([0-9]+)", xml)]
            claimed = max([claimed, *(count for count in counts if count > len(xml))])
    return longest, claimed


def _range(reference: str) -> tuple[int, int, int, int]:
    found = re.fullmatch(r"([A-Z]{1,3})([0-9]{1,7})(?::([A-Z]{1,3})([0-9]{1,7}))?", reference)
    if found is None:
        return 0, 0, 0, 0
    left, top = _column_number(found[1]), int(found[2])
    return top, int(found[4] or top), left, _column_number(found[3]) if found[3] else left


def cell_name(row: int, column: int) -> str:
    """Name a cell (both numbers 1-based): `cell_name(12, 6)` is `F12`."""
    return f"{_column_letters(column)}{row}"


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def _column_letters(number: int) -> str:
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _local(element: Element) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _relation_id(sheet: Element) -> str:
    return next((value for name, value in sheet.attrib.items() if name.endswith("}id")), "")


def _part(target: str) -> str:
    return target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join("xl", target))
