"""Where in a TOML file a key stands: from a fault's path to a line number.

Owns: a scan of table headers and keys, good for the plain files models are made of. Knows nothing of models.
"""

from __future__ import annotations

import re

Path = tuple[str | int, ...]

_HEADER = re.compile(r"^\s*(\[\[?)\s*([A-Za-z0-9_.\-]+)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"^\s*([A-Za-z0-9_\-]+(?:\s*\.\s*[A-Za-z0-9_\-]+)*)\s*=")


def lines_by_path(source: str) -> dict[Path, int]:
    """Map each table and key of a TOML text to its line number, 1-based.

    An array of tables counts its entries: `[[item]]` twice gives `("item", 0)` and `("item", 1)`, and `("item",)` for
    the first.
    """
    places: dict[Path, int] = {(): 1}
    counts: dict[Path, int] = {}
    table: Path = ()
    quoted = False
    for number, line in enumerate(source.split("\n"), 1):
        inside, quoted = quoted, quoted ^ (line.count('"""') % 2 == 1) ^ (line.count("'''") % 2 == 1)
        if inside:
            continue
        if header := _HEADER.match(line):
            table = _open(header[2].split("."), header[1] == "[[", counts)
            places.setdefault(table[:-1], number)
            places.setdefault(table, number)
        elif key := _KEY.match(line):
            path = table
            for part in key[1].split("."):
                path = (*path, part.strip())
                places.setdefault(path, number)
    return places


def _open(names: list[str], array: bool, counts: dict[Path, int]) -> Path:
    path: Path = ()
    for depth, name in enumerate(names, 1):
        path = (*path, name)
        if array and depth == len(names):
            counts[path] = counts.get(path, -1) + 1
        if path in counts:
            path = (*path, counts[path])
    return path


def line_of(places: dict[Path, int], path: Path) -> int:
    """Give the line of a path, or of the nearest table above it that stands in the file."""
    while path not in places:
        path = path[:-1]
    return places[path]
