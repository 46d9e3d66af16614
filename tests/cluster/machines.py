"""A Dask cluster for tests: a scheduler and workers, each a process on this machine's own network."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.libreoffice import REQUIRE_ALL

HERE = "127.0.0.1"
STARTING = 30.0


def require_modules(*names: str) -> None:
    """Skip the test where a module is missing, or fail it where everything is required."""
    for name in names:
        try:
            importlib.import_module(name)
        except ImportError:
            if os.environ.get(REQUIRE_ALL) == "1":
                pytest.fail(f"{name} is missing and {REQUIRE_ALL}=1")
            pytest.skip(f"{name} is not installed")


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """A running cluster."""

    folder: Path
    address: str
    scheduler: subprocess.Popen[bytes]
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def join(self, variables: Mapping[str, str]) -> None:
        """Start one more worker with environment variables of its own; `NANNY=1` puts Dask's keeper over it."""
        keeper = "--nanny" if variables.get("NANNY") else "--no-nanny"
        place = self.folder / f"worker{len(self.workers)}"
        options = [self.address, keeper, "--nthreads", "1", "--local-directory", str(place)]
        self.workers.append(_started(self.folder, "worker", variables, *options))


@contextmanager
def cluster(folder: Path, *workers: Mapping[str, str]) -> Iterator[Cluster]:
    """Start a scheduler and workers, each with environment variables of its own."""
    facts = folder / "scheduler.json"
    scheduler = _started(folder, "scheduler", {}, "--port", "0", "--scheduler-file", str(facts))
    started = [scheduler]
    try:
        running = Cluster(folder=folder, address=_address(facts, scheduler), scheduler=scheduler)
        started = running.workers
        for variables in workers:
            running.join(variables)
        yield running
    finally:
        for process in started:
            process.terminate()
        for process in (*started, scheduler):  # a worker without its scheduler would wait for it to come back
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _started(folder: Path, what: str, variables: Mapping[str, str], *options: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", f"distributed.cli.dask_{what}", "--host", HERE, "--no-dashboard", *options]
    paths = [variables.get("PYTHONPATH", ""), str(Path(__file__).parents[2])]  # the tests' own work functions
    environment = {**os.environ, **variables, "PYTHONPATH": os.pathsep.join(path for path in paths if path)}
    with (folder / f"{what}.log").open("ab") as log:
        return subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, env=environment, cwd=folder)


def _address(facts: Path, scheduler: subprocess.Popen[bytes]) -> str:
    until = time.monotonic() + STARTING
    while time.monotonic() < until and scheduler.poll() is None:
        try:
            address = json.loads(facts.read_text(encoding="utf-8"))["address"]
        except (OSError, ValueError):
            time.sleep(0.05)
        else:
            return str(address)
    raise RuntimeError("the scheduler did not start")
