"""Writing some institutions' reports, as a worker does.

Owns: what is sent to a worker for that. Imports no pandas: a worker that writes reports stays small and starts fast.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from evaluator.reports.context import Context
from evaluator.reports.institution import institution_report
from evaluator.reports.subject import Extract, subject_of
from evaluator.wording import Lang


@dataclass(frozen=True, kw_only=True, slots=True)
class Common:
    """What all reports of a run share."""

    context: Context
    lang: Lang
    folder: Path | None
    """Where the worker writes them; `None`: it gives their bytes back, as it may not see the folder."""


def write_reports(common: Common, batch: Sequence[tuple[str, Extract]]) -> list[tuple[str, bytes]]:
    """Write some institutions' reports; gives their names, with their bytes where they were not written."""
    written = []
    for link, extract in batch:
        report = institution_report(subject_of(common.context, extract), common.lang)
        if common.folder is not None:
            (common.folder / link).write_bytes(report)
        written.append((link, report if common.folder is None else b""))
    return written
