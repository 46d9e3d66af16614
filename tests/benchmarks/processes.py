"""Running commands with their time and the memory of all their processes together."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

EVERY = 0.05
"""Seconds between two looks at the memory."""
EVALUATOR = (sys.executable, "-m", "evaluator")
_FINE = (0, 1)
"""Exit codes of a run that came to its end: 1 says that there are error findings."""


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What a command took."""

    seconds: float
    cpu: float
    """Seconds of processor time, its own processes together; 0 where the system does not tell."""
    peak: int
    """Most bytes that its processes held together at one time, shared ones counted once; 0 where not measured."""


def cost_of(command: Sequence[str | Path], env: Mapping[str, str] | None = None) -> Cost:
    """Run a command to its end.

    Raises:
        RuntimeError: it failed.
    """
    before = os.times()
    began = time.perf_counter()
    process = subprocess.Popen(
        [str(part) for part in command],
        env={**os.environ, **(env or {})},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    peak = 0
    while process.poll() is None:
        peak = max(peak, sum(map(_held, _family(process.pid))))
        time.sleep(EVERY)
    seconds = time.perf_counter() - began
    _, errors = process.communicate()
    if process.returncode not in _FINE:
        raise RuntimeError(f"{command}: exit code {process.returncode}\n{errors.decode(errors='replace')}")
    after = os.times()
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return Cost(seconds=seconds, cpu=used, peak=peak)


def _family(pid: int) -> list[int]:
    """List a process and those it started, on Linux."""
    found = [pid]
    for one in found:
        try:
            for task in list(Path(f"/proc/{one}/task").iterdir()):
                found.extend(int(child) for child in (task / "children").read_text(encoding="ascii").split())
        except OSError:
            continue  # it has ended, or this is another system
    return found


def _held(pid: int) -> int:
    """Say how many bytes a process holds: its own, and its share of those it has in common with others."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), 0)


def peak_of_this_process() -> int:
    """Say how many bytes this process held at most, on Linux; 0 elsewhere."""
    try:
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:")), 0)
