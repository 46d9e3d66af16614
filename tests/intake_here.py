"""The intake in this process and in memory, without workers, store or judging: for tests of its steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from evaluator.findings import Finding
from evaluator.intake import sources
from evaluator.intake.institutions import Institution
from evaluator.intake.reading import How, ReadFile, read_files
from evaluator.intake.round import FILE_COLUMNS, dossiers, file_rows, owners_of, settle
from evaluator.limits import Limits
from evaluator.model.records import Model
from evaluator.pipeline.judging import asked_of


@dataclass(frozen=True, kw_only=True)
class Intake:
    """What came in."""

    institutions: tuple[Institution, ...]
    cells: pd.DataFrame
    files: pd.DataFrame
    findings: tuple[Finding, ...]


def read(folder: Path, model: Model) -> list[ReadFile]:
    """Read the plain files of a folder."""
    return read_files(How(asked=asked_of(model), limits=Limits()), sources.find([folder]))


def take_in(files: Sequence[ReadFile], roster: Sequence[Institution] | None, model: Model) -> Intake:
    """Settle everything that was read."""
    identified = owners_of(files, roster, model)
    folders = list(dossiers(files, identified.owners, roster, lambda one: one.content))
    settled = settle(folders, model, asked_of(model))
    unread = [Finding(code=one.code, file=one.name, params=one.params) for one in files if one.code]
    ordered = sorted(files, key=lambda one: one.name)
    return Intake(
        institutions=settled.institutions,
        cells=settled.cells,
        files=pd.DataFrame(file_rows(ordered, identified.owners, settled.files), columns=list(FILE_COLUMNS)),
        findings=(*unread, *identified.findings, *settled.findings),
    )
