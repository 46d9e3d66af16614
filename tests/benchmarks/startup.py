"""How long `evaluator --help` takes over bare Python."""

from __future__ import annotations

import subprocess
import sys
from functools import partial

from tests.benchmarks.processes import EVALUATOR
from tests.benchmarks.stage import Stage
from tests.benchmarks.tables import Table, milliseconds

ROUNDS = 20


def run(stage: Stage) -> Table:
    """Measure."""
    found = stage.in_turn(
        ROUNDS,
        {
            "python -c pass": partial(_started, sys.executable, "-c", "pass"),
            "evaluator --help": partial(_started, *EVALUATOR, "--help"),
        },
    )
    bare, helped = found.median("python -c pass"), found.median("evaluator --help")
    return Table(
        title="Start",
        head=("figure", "measured", "goal"),
        rows=[
            ("bare Python", milliseconds(bare), ""),
            ("`evaluator --help`", milliseconds(helped), ""),
            ("over bare Python", milliseconds(helped - bare), "at most 100 ms"),
        ],
    )


def _started(*command: str) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
