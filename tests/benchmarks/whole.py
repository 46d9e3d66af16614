"""The whole job: time and memory at three sizes, against the script that is usually written for it."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from evaluator.model.files import load_model
from tests.benchmarks.processes import EVALUATOR, Cost, cost_of
from tests.benchmarks.stage import Stage
from tests.benchmarks.tables import Table, megabytes, milliseconds, times

ROUNDS = {100: 5, 1_000: 3, 10_000: 1}
"""Institutions, and how often they are run."""
USUAL = 200
"""Institutions that the usual script is given; its time grows with their number."""
SCRIPTS = {"once": "pandas + openpyxl, opened once", "each": "pandas + openpyxl, opened for each sheet"}


@dataclass(frozen=True, kw_only=True)
class Runs:
    """What a round took."""

    name: str
    size: int
    costs: Sequence[Cost]

    @property
    def seconds(self) -> float:
        """Time for an institution."""
        return median(cost.seconds for cost in self.costs) / self.size

    @property
    def cpu(self) -> float:
        """Processor time for an institution."""
        return median(cost.cpu for cost in self.costs) / self.size

    @property
    def row(self) -> tuple[str, ...]:
        """The table's row."""
        peak = max(cost.peak for cost in self.costs)
        figures = (f"{self.seconds * self.size:.1f} s", milliseconds(self.seconds), milliseconds(self.cpu))
        return (f"{self.name}, {self.size:,} institutions", *figures, megabytes(peak), "")


def run(stage: Stage) -> Table:
    """Measure."""
    ours = _ours(stage)
    last, before = ours[-1], ours[max(0, len(ours) - 2)]
    theirs = [_theirs(stage, how) for how in list(SCRIPTS)[: stage.rounds(len(SCRIPTS))]]
    peak = max(cost.peak for cost in last.costs)
    return Table(
        title="Whole run",
        head=("run", "time", "an institution", "processor time of it", "peak memory", "goal"),
        rows=[
            *(one.row for one in (*ours, *theirs)),
            _compared(last, before, f"{last.size:,} against {before.size:,}", "at most 1.1x"),
            *(_compared(one, last, f"{one.name}, against {last.size:,}", "at least 25x") for one in theirs),
            (f"memory at {last.size:,}", "", "", "", megabytes(peak), "at most 500 MB"),
        ],
        note="Five workbooks an institution; each run reads, scores, and writes the ranking, the regulator's tables, "
        "the database and every report, from an empty store of readings, with as many workers as there are cores. Peak "
        "memory is that of all processes together. The script's time is scaled from its size, its start included.",
    )


def _compared(one: Runs, base: Runs, name: str, goal: str) -> tuple[str, ...]:
    cpu = times(one.cpu / base.cpu) if base.cpu else ""
    return (name, "", times(one.seconds / base.seconds), cpu, "", goal)


def _ours(stage: Stage) -> list[Runs]:
    found: dict[int, list[Cost]] = {stage.size(size): [] for size in ROUNDS}
    for n in range(stage.rounds(max(ROUNDS.values()))):
        for size, costs in found.items():
            if n < ROUNDS.get(size, 1):
                costs.append(_scored(stage, size))
    return [Runs(name="`evaluator score`", size=size, costs=costs) for size, costs in sorted(found.items())]


def _scored(stage: Stage, size: int) -> Cost:
    folder, cache = stage.round(size), stage.place("cache")
    cache.mkdir()
    options = ["--roster", folder / "roster.xlsx", "--out", stage.place("results"), "-q"]
    return cost_of([*EVALUATOR, "score", folder / "returned", *options], {"EVALUATOR_CACHE": str(cache)})


def _theirs(stage: Stage, how: str) -> Runs:
    size = stage.size(USUAL)
    folder, model = stage.round(size), stage.scratch / "model.json"
    model.write_text(json.dumps(load_model().as_json()), encoding="utf-8")
    script = [sys.executable, "-m", "tests.benchmarks.peers.usual_script"]
    cost = cost_of([*script, model, folder / "roster.xlsx", folder / "returned", stage.place("usual"), how])
    return Runs(name=SCRIPTS[how], size=size, costs=[cost])
