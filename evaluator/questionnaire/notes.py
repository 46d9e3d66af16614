"""The comments at a workbook's cells: whether a person wrote one.

Owns: telling a person's comments from the notes that a correction workbook comes with. Reads no other part.
"""

from __future__ import annotations

from collections.abc import Mapping

from evaluator.questionnaire import layout
from evaluator.questionnaire.xmlwalk import walk

_DEPTH = 32
_MOST_BYTES = 1 << 22
"""A part with more than our notes could ever take is not looked into."""


class _Notes:
    """Takes the elements of a part with comments, old or threaded, and keeps each one's words."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self._is_text = False

    def opened(self, name: str, attributes: Mapping[str, str]) -> None:
        del attributes
        if name in ("comment", "threadedComment"):
            self.found.append("")
        self._is_text = bool(self.found) and name in ("t", "text")

    def closed(self, name: str) -> None:
        if name in ("t", "text"):
            self._is_text = False

    def words(self, text: str) -> None:
        if self._is_text:
            self.found[-1] += text


def has_others(part: bytes) -> bool:
    """Tell whether a part with comments has one that no correction workbook came with; broken ones count as such."""
    notes = _Notes()
    if len(part) > _MOST_BYTES:
        return True
    try:
        for _ in walk(part, notes, _DEPTH):
            pass
    except (SyntaxError, ValueError):
        return True
    return not all(layout.is_own_note(words) for words in notes.found)
