"""Files of a run that don't count, as far as they bear on one institution: those that name it, and those of nobody.

Owns: picking them out of the record, with what was found about each. Knows nothing of how they are put into words.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import pandas as pd

from evaluator.reports.recorded import Recorded
from evaluator.wording.matching import plain

_HARMLESS = ("counted", "identical", "skipped", "opened")
"""What became of files that keep nobody from being rated."""
_CAUSES = ("conflict", "excluded", "not_counted", "unreadable")
"""What became of files that keep their institution from being rated."""
_FAMILIES = ("file.", "form.", "identity.")
"""Findings whose errors keep a file from counting; those about returns do so whatever their severity."""


class Reason(NamedTuple):
    """What was found about a file."""

    code: str
    found: str
    """In the words, and the language, of the record."""


@dataclass(frozen=True, kw_only=True, slots=True)
class NotCounted:
    """A file that came but does not count."""

    path: str
    sha256: str
    """Empty where it could not be read."""
    status: str
    """Of `record.FILE_STATUSES`."""
    reasons: tuple[Reason, ...] = ()


def is_cause(files: Sequence[NotCounted]) -> bool:
    """Tell whether an institution's files for a domain tell why nothing of it counts."""
    return any(file.status in _CAUSES for file in files)


class Uncounted:
    """The files of a run that don't count."""

    def __init__(self, recorded: Recorded) -> None:
        files = recorded.files
        self._files = files[files["role"].isin(["return", "other"]) & files["status"].ne("counted")]
        self._reasons: dict[str, dict[Reason, None]] = {}
        self._named: dict[str, set[str]] = {}
        self._ids = recorded.ids
        columns = ("file", "institution", "code", "severity", "found")
        for file, institution, code, severity, found in recorded.rows("findings", columns):
            if code.startswith("return.") or (code.startswith(_FAMILIES) and severity == "error"):
                self._reasons.setdefault(file, {})[Reason(code, found)] = None
                self._named.setdefault(institution, set()).add(file)

    def of(self, institution: str, domains: Iterable[str]) -> Mapping[str, tuple[NotCounted, ...]]:
        """Give the files that name an institution, by domain; under an empty code those of no known domain.

        A file names it where it was given to it, and where it was given to nobody but a finding names it.
        """
        files = self._files
        nobodys = files["institution"].eq("") & files["path"].isin(self._named.get(institution, set()))
        own = files[files["institution"].eq(institution) | nobodys]
        return {code: self._listed(own[own["domain"].eq(code)]) for code in (*domains, "")}

    def of_nobody(self, institution: str, name: str, domains: Collection[str]) -> tuple[NotCounted, ...]:
        """Give the files that could be given to nobody and may be forms of these domains; no other is among them.

        Those whose path has the institution's id or name come first. Those that name it otherwise are in `of`, and of
        those that name another it is that one's.
        """
        files = self._files
        open_ = files["institution"].eq("") & ~files["status"].isin(_HARMLESS) & files["domain"].isin([*domains, ""])
        named = {path for named, paths in self._named.items() if named in self._ids for path in paths}
        found = self._listed(files[open_ & ~files["path"].isin(named)])
        called = [words for words in map(plain, (institution, name)) if words]
        return tuple(sorted(found, key=lambda one: not any(words in plain(one.path) for words in called)))

    def _listed(self, files: pd.DataFrame) -> tuple[NotCounted, ...]:
        columns: Iterable[tuple[Any, ...]] = zip(files["path"], files["sha256"], files["status"], strict=True)
        return tuple(
            NotCounted(path=path, sha256=sha256, status=status, reasons=tuple(self._reasons.get(path, ())))
            for path, sha256, status in columns
        )
