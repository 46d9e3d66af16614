"""Run benchmarks and print their tables: `python -m tests.benchmarks [NAME...]`."""

from __future__ import annotations

import argparse
import datetime as dt
import importlib
import sys
import tempfile
import warnings
from pathlib import Path

from tests.benchmarks.stage import Stage, machine

NAMES = ("startup", "read", "reports", "workers", "cache", "hostile", "cluster", "robustness", "whole")


def main() -> None:
    """Parse, run, print."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(NAMES)}; all if none is named")
    parser.add_argument("--institutions", type=int, help="largest round to take (10,000 if not said)")
    parser.add_argument("--quick", action="store_true", help="go through everything once, for a test of the benchmarks")
    parser.add_argument("--data", type=Path, help="folder to keep the synthetic rounds in for another time")
    wanted = parser.parse_args()
    if unknown := set(wanted.names) - set(NAMES):
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}")
    warnings.filterwarnings("ignore", module="openpyxl")  # it says of our forms what it does not keep
    _show(f"{dt.datetime.now(dt.UTC):%Y-%m-%d}, {machine()}\n")
    with tempfile.TemporaryDirectory(prefix="benchmarks-", ignore_cleanup_errors=True) as folder:
        scratch = Path(folder)
        stage = Stage(
            data=wanted.data or scratch, scratch=scratch, institutions=wanted.institutions, quick=wanted.quick
        )
        for name in wanted.names or NAMES:
            _show(str(importlib.import_module(f"tests.benchmarks.{name}").run(stage)))


def _show(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
