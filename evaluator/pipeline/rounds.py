"""The main job on a round's folder: its roster, what came in, its key, its deadline, and what persons decided.

Owns: taking all that from the folder; the work itself is `main`'s. Reads the round and writes nothing into it, so it
need not wait for a process that does.
"""

from __future__ import annotations

from pathlib import Path

from evaluator.errors import RoundError
from evaluator.intake.sources import Source
from evaluator.intake.terms import Terms
from evaluator.model.files import files_of, hashes_of
from evaluator.pipeline.correction_files import Corrections, write_corrections
from evaluator.pipeline.main import Checked, check, score
from evaluator.pipeline.progress import Progress, no_progress
from evaluator.pipeline.setup import Setup
from evaluator.reports.record import Results
from evaluator.rounds.folder import Round, model_of, open_round
from evaluator.rounds.inbox import sources
from evaluator.rounds.ledger import Ledger
from evaluator.rounds.terms import terms_of
from evaluator.wording import Lang

_SETUP = Setup()


def score_round(
    folder: Path,
    out: Path,
    *,
    lang: Lang | None = None,
    setup: Setup = _SETUP,
    progress: Progress = no_progress,
) -> Results:
    """Evaluate what came in to a round and write the results folder.

    Args:
        folder: the round's.
        out: the results', made or replaced.
        lang: language of the results; `None`: the round's.
        setup: how the run is done.
        progress: told how far it is.

    Raises:
        RoundError: the round can't be used, nothing came in yet, or a kept file is damaged.
        RosterError: its roster can't be used.
        OutputError: the results can't be written, or would replace something else.
        WorkersError: worker processes can't be started.
    """
    place = open_round(folder)
    came, terms = taken(place)
    return score(
        came,
        out,
        place.model,
        roster=place.roster,
        terms=terms,
        model_files=hashes_of(files_of(model_of(place.path, place.settings))),
        setup=setup,
        lang=lang or place.settings.round.lang,
        progress=progress,
    )


def check_round(folder: Path, *, setup: Setup = _SETUP, progress: Progress = no_progress) -> Checked:
    """Validate what came in to a round without scoring it.

    Raises:
        RoundError: the round can't be used, nothing came in yet, or a kept file is damaged.
        RosterError: its roster can't be used.
        WorkersError: worker processes can't be started.
    """
    place = open_round(folder)
    came, terms = taken(place)
    return check(came, place.model, roster=place.roster, terms=terms, setup=setup, progress=progress)


def write_round_corrections(
    folder: Path, out: Path, *, setup: Setup = _SETUP, progress: Progress = no_progress
) -> Corrections:
    """Check what came in to a round, and write a sealed correction workbook for each faulty return.

    Raises:
        RoundError: the round can't be used, nothing came in yet, or a kept file is damaged.
        RosterError: its roster can't be used.
        OutputError: the folder for the corrections can't be written, or holds other files of these names.
        WorkersError: worker processes can't be started.
    """
    place = open_round(folder)
    came, terms = taken(place)
    settings = place.settings.round
    return write_corrections(
        out,
        came,
        place.model,
        roster=place.roster,
        terms=terms,
        deadline=settings.deadline.isoformat(),
        contact=settings.contact,
        setup=setup,
        progress=progress,
    )


def taken(place: Round) -> tuple[list[Source], Terms]:
    """Give what came in to a round, and its terms.

    Raises:
        RoundError: nothing came in yet, or a kept file is damaged.
        RosterError: there are mails, and the roster can't be used.
    """
    with Ledger(place.database) as ledger:
        came, terms = list(sources(place, ledger, unanswered=True)), terms_of(place, ledger)
    if not came:
        raise RoundError("nothing_collected", path=place.path)
    return came, terms
