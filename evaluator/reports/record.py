"""What a run hands to the reports.

Owns: the one record that every report is made from. Knows nothing of how a report looks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from evaluator.assessment.rulings import Decision, Ruled
from evaluator.findings import Finding
from evaluator.model.files import FileHash

if TYPE_CHECKING:
    import pandas as pd

    from evaluator.assessment.results import Assessment
    from evaluator.assessment.robustness import RobustRanks

FILE_STATUSES = (
    "counted", "identical", "superseded", "conflict", "excluded", "not_counted", "unreadable", "skipped", "opened",
)  # fmt: skip
"""What became of an input file: its answers count; the same content came twice; a later return replaced it; two
returns contradict each other and neither counts; read, but not counted (its findings say why); could not be read; not
looked at, such as a lock file; an archive or mail, whose members have rows of their own."""
FILE_ROLES = ("return", "container", "roster", "other")
"""What an input file is: a form; an archive or a mail; the roster; something else."""


@dataclass(frozen=True, kw_only=True)
class Results:
    """A run's results."""

    assessment: Assessment
    findings: tuple[Finding, ...]
    """All findings, as `findings.in_order` sorts them."""
    files: pd.DataFrame
    """Columns `intake.round.FILE_COLUMNS`, a row per input file, sorted by path: path (str, as listed to people),
    sha256 (64 hex digits, empty where unreadable), size (bytes), institution and domain (empty where not known), role
    (of `FILE_ROLES`), status (of `FILE_STATUSES`), edition and lang of the form."""
    texts: tuple[bytes, ...]
    """What each institution wrote, packed as `assessment.texts` packs it; in the order of the institutions."""
    has_roster: bool
    """Whether a roster said which institutions there are."""
    options: Mapping[str, str]
    """Options of the run that bear on its results, as text."""
    ruled: tuple[Ruled, ...] = ()
    """Answers that count as a person decided, by institution and in model order."""
    decisions: tuple[Decision, ...] | None = None
    """What persons decided of the round's returns, as far as it is in force; `None` where there is no round."""
    robustness: RobustRanks | None = None
    """How much of the ranks is the weights; `None` where nothing was drawn, or nobody is rated."""
    model_files: tuple[FileHash, ...] = ()
    """The files that the model was read from, for the seal; none where they are not known."""
