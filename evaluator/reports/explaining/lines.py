"""Lines for a terminal: indented, and broken at a width where wide characters take two places.

Owns: breaking lines. Knows nothing of what they say.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

from evaluator.wording.printing import printable

WIDTH = 100
"""Places in a line of the narrowest terminal that is thought of."""
_INDENT = 2
_PIECE = re.compile(r"\s+|[\u2e80-\uffef]|[^\s\u2e80-\uffef]+")
_NEVER_FIRST = "，。；：、！？）】》”’,.;:)"


class Line(NamedTuple):
    """One line as it is meant, before it is broken."""

    depth: int
    words: str
    whole: bool = False
    """Whether it is never broken, as an equation, a path or a hash."""
    after: str = ""
    """What is said of it behind it, or below it where there is no room."""


def broken(line: Line) -> Iterator[str]:
    """Give a line's printed lines; those after the first are indented by one more step."""
    start, words = " " * (_INDENT * line.depth), printable(line.words)
    if line.after:
        together = f"{words}  {printable(line.after)}"
        if len(start) + places(together) <= WIDTH:
            yield start + together
            return
        yield from broken(Line(line.depth, line.words, whole=line.whole))
        yield from broken(Line(line.depth + 1, line.after))
        return
    if line.whole or len(start) + places(words) <= WIDTH:
        yield (start + words).rstrip()
        return
    now = ""
    for piece in _PIECE.findall(words):
        too_wide = len(start) + places(now) + places(piece) > WIDTH
        if too_wide and now.strip() and piece not in _NEVER_FIRST:
            yield (start + now).rstrip()
            start, now = " " * (_INDENT * (line.depth + 1)), ""
        now += piece if now or not piece.isspace() else ""
    if now.strip():
        yield (start + now).rstrip()


def places(words: str) -> int:
    """Count the places that a text takes."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in words)
