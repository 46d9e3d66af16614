"""Which returns correct which, where a correction workbook came back: it names the return it corrects by its hash.

Owns: following those names from correction to correction. Which return counts is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from evaluator.intake.returns import Return


class Chain:
    """The corrections among the returns of one institution and domain."""

    def __init__(self, group: Sequence[Return]) -> None:
        """Take note of the returns, those with the same content as another among them."""
        self._corrects = {one.sha256: one.corrects for one in group if one.corrects and one.sha256}
        self._twins: dict[str, set[str]] = {}

    def generation(self, one: Return) -> int:
        """Say how many corrections lead to a return; 0: it is none."""
        return len(self._line(one))

    def join(self, repeats: Iterable[tuple[Return, Return]]) -> None:
        """Take note which returns stand for others of the same content: what corrects these corrects those."""
        for repeat, kept in repeats:
            self._twins.setdefault(kept.sha256, set()).add(repeat.sha256)

    def supersedes(self, one: Return, other: Return) -> bool:
        """Tell whether a return corrects another, at first or second hand, and isn't of an earlier filling date."""
        if one is other or not one.corrects or (one.filled and other.filled and one.filled < other.filled):
            return False
        hashes = {other.sha256, *self._twins.get(other.sha256, ())} - {""}
        return one.sha256 not in self._line(other) and not hashes.isdisjoint(self._line(one))

    def _line(self, one: Return) -> Mapping[str, None]:
        """Give the hashes that a return corrects, one after the other."""
        line: dict[str, None] = {}
        corrected = one.corrects
        while corrected and corrected not in line:
            line[corrected] = None
            corrected = self._corrects.get(corrected, "")
        return line
