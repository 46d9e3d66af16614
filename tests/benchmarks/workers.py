"""What a second worker process brings: for the reading alone, and for the whole run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from evaluator.intake.reading import How
from evaluator.intake.store import Store
from evaluator.limits import DEFAULT
from evaluator.model.files import load_model
from evaluator.pipeline import Setup, no_progress
from evaluator.pipeline.judging import asked_of
from evaluator.pipeline.taking import read_all
from tests.benchmarks.processes import EVALUATOR, cost_of
from tests.benchmarks.stage import Stage
from tests.benchmarks.tables import Table, times

INSTITUTIONS, ROUNDS = 1000, 3


def run(stage: Stage) -> Table:
    """Measure."""
    count = stage.size(INSTITUTIONS)
    folder = stage.round(count)
    rows: list[Sequence[str]] = []
    works: list[tuple[str, Callable[[Path, int], None], str]] = [
        (f"reading {5 * count:,} files", _read, "at least 1.8x"),
        (f"`evaluator score`, {count:,} institutions", partial(_scored, stage), ""),
    ]
    for name, work, goal in works[: stage.rounds(len(works))]:
        lanes = {str(workers): partial(work, folder, workers) for workers in (1, 2)}
        found = stage.in_turn(ROUNDS, lanes, warm=False)
        one, two = (f"{found.median(lane):.2f} s" for lane in lanes)
        rows.append((name, one, two, times(found.ratio("1", "2")), goal))
    return Table(title="Workers", head=("work", "1 worker", "2 workers", "faster", "goal"), rows=rows)


def _read(folder: Path, workers: int) -> None:
    how = How(asked=asked_of(load_model()), limits=DEFAULT)
    with Store(how, None) as store:
        read_all([folder / "returned"], [], how, store, Setup(workers=workers), no_progress)


def _scored(stage: Stage, folder: Path, workers: int) -> None:
    options = ["--roster", folder / "roster.xlsx", "--out", stage.place("results"), "--workers", str(workers)]
    cost_of([*EVALUATOR, "score", folder / "returned", *options, "--no-cache", "-q"])
