"""What the store of readings saves: a second run over the same files and ten new ones."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
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
from tests.benchmarks.tables import Table, percent

INSTITUTIONS, NEW, ROUNDS = 1000, 2, 3
"""Institutions of five files each: those of the first run, and those that are new in the second."""


def run(stage: Stage) -> Table:
    """Measure."""
    old, new = stage.round(stage.size(INSTITUTIONS)), stage.round(NEW, seed=2)
    rows: list[Sequence[str]] = []
    works = (
        ("reading, 1 worker", partial(_read, stage, 1), "at most 5 %"),
        (f"reading, {os.cpu_count()} workers", partial(_read, stage, None), "at most 5 %"),
        ("whole run", partial(_scored, stage, old), ""),
    )
    for name, work, goal in works[: stage.rounds(len(works))]:
        first, both = [old / "returned"], [old / "returned", new / "returned"]
        lanes = {"cold": partial(work, first, cold=True), "warm": partial(work, both, cold=False)}
        found = stage.in_turn(ROUNDS, lanes, warm=False)
        cold, warm = (f"{found.median(lane):.2f} s" for lane in lanes)
        rows.append((name, cold, warm, percent(found.ratio("warm", "cold")), goal))
    return Table(
        title="Second run",
        head=("work", f"{len(stage.files(stage.size(INSTITUTIONS))):,} files", "the same and 10 new", "of it", "goal"),
        rows=rows,
    )


def _read(stage: Stage, workers: int | None, paths: Sequence[Path], *, cold: bool) -> None:
    how = How(asked=asked_of(load_model()), limits=DEFAULT)
    with Store(how, _place(stage, cold) / "readings.db") as store:
        read_all(paths, [], how, store, Setup(workers=workers), no_progress)


def _scored(stage: Stage, old: Path, paths: Sequence[Path], *, cold: bool) -> None:
    options = ["--roster", old / "roster.xlsx", "--out", stage.place("results"), "-q"]
    cost_of([*EVALUATOR, "score", *paths, *options], {"EVALUATOR_CACHE": str(_place(stage, cold))})


def _place(stage: Stage, cold: bool) -> Path:
    place = stage.scratch / "cache"
    if cold:
        shutil.rmtree(place, ignore_errors=True)
    return place
