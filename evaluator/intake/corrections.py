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
            if repeat.sha256:
                self._twins.setdefault(kept.file, set()).add(repeat.sha256)

    def supersedes(self, one: Return, other: Return) -> bool:
        """Tell whether a return corrects another, at first or second hand; of two that correct each other both do.

        A correction that goes back to what was answered first is no copy of the first to those it corrects.
        """
        if one is other or not one.corrects:
            return False
        line = self._line(one)
        if other.sha256 in line:
            return True
        return one.sha256 not in self._line(other) and not self._twins.get(other.file, set()).isdisjoint(line)

    def superseded(self, distinct: Sequence[Return]) -> Mapping[str, frozenset[str]]:
        """Give by the file of each return that corrects others their files.

        Args:
            distinct: returns of different contents.
        """
        by_hash: dict[str, list[Return]] = {}
        for one in distinct:
            for digest in {one.sha256, *self._twins.get(one.file, ())} - {""}:
                by_hash.setdefault(digest, []).append(one)
        found = {}
        for one in distinct:
            named = [other for digest in self._line(one) for other in by_hash.get(digest, ())]
            if files := frozenset(other.file for other in named if self.supersedes(one, other)):
                found[one.file] = files
        return found

    def _line(self, one: Return) -> Mapping[str, None]:
        """Give the hashes that a return corrects, one after the other."""
        line: dict[str, None] = {}
        corrected = one.corrects
        while corrected and corrected not in line:
            line[corrected] = None
            corrected = self._corrects.get(corrected, "")
        return line
