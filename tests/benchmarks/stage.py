"""What the benchmarks run on: synthetic rounds, made once and kept where the caller says, and a folder for the rest."""

from __future__ import annotations

import os
import platform
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from time import perf_counter

from tests.benchmarks.processes import EVALUATOR, cost_of
from tests.benchmarks.timing import Lane, Timed, in_turn

SHOWN_VERSIONS = ("openpyxl", "pandas", "python-calamine", "xlsxwriter", "numpy", "pebble")


@dataclass(frozen=True, kw_only=True)
class Stage:
    """Data and scale."""

    data: Path
    """Folder of the rounds; those that are missing are made in it."""
    scratch: Path
    """A folder that is gone afterwards."""
    institutions: int | None
    """Largest round to take; `None`: as large as each benchmark is meant to be."""
    quick: bool
    """Whether to go through all of it once instead of measuring."""

    def size(self, meant: int) -> int:
        """Say how many institutions to take where so many are meant."""
        return min(meant, self.institutions or meant)

    def rounds(self, meant: int) -> int:
        """Say how often to measure where so often is meant."""
        return 1 if self.quick else meant

    def in_turn(
        self, rounds: int, lanes: Mapping[str, Lane], *, warm: bool = True, clock: Callable[[], float] = perf_counter
    ) -> Timed:
        """Time lanes as `timing.in_turn` does; once, where it is not for the figures."""
        return in_turn(self.rounds(rounds), lanes, warm=warm and not self.quick, clock=clock)

    def round(self, institutions: int, seed: int = 1) -> Path:
        """Give the folder of a round without faults: `roster.xlsx`, `returned/`."""
        folder = self.data / (f"r{institutions}" if seed == 1 else f"r{institutions}-{seed}")
        if not folder.exists():
            unfinished = folder.with_suffix(".part")
            shutil.rmtree(unfinished, ignore_errors=True)
            order = ["sample", "--institutions", str(institutions), "--seed", str(seed), "--out", unfinished, "-q"]
            cost_of([*EVALUATOR, *order])
            unfinished.rename(folder)
        return folder

    def files(self, institutions: int) -> list[Path]:
        """List the returned files of a round."""
        return sorted((self.round(institutions) / "returned").iterdir())

    def place(self, name: str) -> Path:
        """Give a path in the folder for the rest where nothing is."""
        path = self.scratch / name
        if path.is_dir():
            shutil.rmtree(path)
        return path


def machine() -> str:
    """Say in one line what this was measured on."""
    versions = ", ".join(f"{name} {version(name)}" for name in SHOWN_VERSIONS)
    return f"{os.cpu_count()} cores, {_memory()}, {platform.system()}, Python {platform.python_version()}, {versions}"


def _memory() -> str:
    try:
        size = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return "memory unknown"
    return f"{size / 2**30:.0f} GiB"
