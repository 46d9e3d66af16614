"""Files of a run that don't count, as far as they bear on one institution: those that name it, and those of nobody.

Owns: picking them out of the record, with what was found about each. Knows nothing of how they are put into words.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import pandas as pd

from evaluator.reports.explaining.file_names import domains_named, named
from evaluator.reports.explaining.findings_again import said_again
from evaluator.reports.recorded import Recorded
from evaluator.wording import Text

_HARMLESS = ("counted", "identical", "skipped", "opened")
"""What became of files that keep nobody from being rated."""
_CAUSES = ("conflict", "excluded", "not_counted", "unreadable")
"""What became of files that keep their institution from being rated."""
_FAMILIES = ("file.", "form.", "identity.")
"""Findings whose errors keep a file from counting; those about returns do so whatever their severity."""


class Reason(NamedTuple):
    """What was found about a file."""

    code: str
    found: Text
    """In the words of the record, and said anew in the language that it is not in."""


REASON_COLUMNS = ("found", "sheet", "cell")
"""What a reason is made of, beside its code: columns of the table `findings`."""


def reason_of(code: str, found: str, sheet: str, cell: str, *, spoken: str) -> Reason:
    """Make a reason of a recorded finding; `spoken` is the record's language."""
    return Reason(code, said_again(code, found, spoken, sheet, cell))


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
        table = recorded.assessment.institutions
        self._known = list(zip(table["id"].tolist(), table["name"].tolist(), strict=True))
        self._domains = recorded.model.domains
        columns = ("file", "institution", "code", "severity", *REASON_COLUMNS)
        for file, institution, code, severity, *words in recorded.rows("findings", columns):
            if code.startswith("return.") or (code.startswith(_FAMILIES) and severity == "error"):
                self._reasons.setdefault(file, {})[reason_of(code, *words, spoken=recorded.spoken)] = None
                self._named.setdefault(institution, set()).add(file)

    def of(self, institution: str, domains: Iterable[str]) -> Mapping[str, tuple[NotCounted, ...]]:
        """Give the files that name an institution, by domain; under an empty code those of no known domain.

        A file names it where it was given to it, and where it was given to nobody but a finding names it.
        """
        files = self._files
        nobodys = files["institution"].eq("") & files["path"].isin(self._named.get(institution, set()))
        own = files[files["institution"].eq(institution) | nobodys]
        return {code: self._listed(own[own["domain"].eq(code)]) for code in (*domains, "")}

    def of_nobody(self, institution: str, domains: Collection[str]) -> tuple[NotCounted, ...]:
        """Give the files that could be given to nobody and may be the institution's forms of these domains.

        Those that name it in what was found are in `of`. Of the others none is among them that names another
        institution, in what was found or by its path, or whose name says that it is of another domain. Those whose
        path names the institution come first.
        """
        files = self._files
        open_ = files["institution"].eq("") & ~files["status"].isin(_HARMLESS) & files["domain"].isin([*domains, ""])
        told = {path for who, paths in self._named.items() if who in self._ids for path in paths}
        first, rest = [], []
        for one in self._listed(files[open_ & ~files["path"].isin(told)]):
            whose, of = named(one.path, self._known), domains_named(one.path, self._domains)
            if of and not of.intersection(domains):
                continue
            if institution in whose:
                first.append(one)
            elif not whose:
                rest.append(one)
        return (*first, *rest)

    def _listed(self, files: pd.DataFrame) -> tuple[NotCounted, ...]:
        columns: Iterable[tuple[Any, ...]] = zip(files["path"], files["sha256"], files["status"], strict=True)
        return tuple(
            NotCounted(path=path, sha256=sha256, status=status, reasons=tuple(self._reasons.get(path, ())))
            for path, sha256, status in columns
        )
