"""What a Dask cluster costs over local processes: a scheduler and two workers on loopback against `--workers 2`."""

from __future__ import annotations

import importlib.util
from functools import partial
from pathlib import Path

from tests.benchmarks.processes import EVALUATOR, cost_of
from tests.benchmarks.stage import Stage
from tests.benchmarks.tables import Table, times
from tests.cluster.machines import cluster

INSTITUTIONS, ROUNDS = 1000, 3


def run(stage: Stage) -> Table:
    """Measure."""
    if importlib.util.find_spec("distributed") is None:
        return Table(title="Cluster", head=("figure", "measured"), rows=[], note="`distributed` is not installed.")
    count = stage.size(INSTITUTIONS)
    folder = stage.round(count)
    logs = stage.place("cluster")
    logs.mkdir()
    with cluster(logs, {}, {}) as running:
        lanes = {
            "local": partial(_scored, stage, folder, "--workers", "2"),
            "cluster": partial(_scored, stage, folder, "--cluster", running.address),
        }
        found = stage.in_turn(ROUNDS, lanes)
    return Table(
        title="Cluster",
        head=("work", "`--workers 2`", "`--cluster`, 2 workers", "ratio"),
        rows=[
            (
                f"`evaluator score`, {count:,} institutions",
                f"{found.median('local'):.2f} s",
                f"{found.median('cluster'):.2f} s",
                times(found.ratio("cluster", "local")),
            )
        ],
    )


def _scored(stage: Stage, folder: Path, *options: str) -> None:
    where = ["--roster", folder / "roster.xlsx", "--out", stage.place("results")]
    cost_of([*EVALUATOR, "score", folder / "returned", *where, *options, "--no-cache", "-q"])
