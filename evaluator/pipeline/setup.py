"""How a run is done, apart from what it is about: nothing here changes a result.

Owns: the choice of workers and of limits, and the cache of readings.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from evaluator.limits import Limits
from evaluator.wording import Text
from evaluator.workers import MOST_WORKERS, LocalPool, Pool

if TYPE_CHECKING:
    from evaluator.cluster import ClusterPool

WORTH_WORKERS = 400
"""Files from which starting more worker processes costs less than it saves."""

T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True, kw_only=True, slots=True)
class Setup:
    """How a run is done."""

    workers: int | None = None
    """Processes; `None`: by the number of files and processors."""
    limits: Limits = field(default_factory=Limits)
    cache: Path | None = None
    """The store of readings; `None`: forget them after the run."""
    cluster: str = ""
    """Address of a Dask scheduler; empty: work on this machine."""


def workers_for(wanted: int | None, files: int) -> int:
    """Decide on the number of worker processes: as wanted, else by the number of files and processors."""
    if wanted is None:
        wanted = 1 if files < WORTH_WORKERS else os.cpu_count() or 1
    return min(max(1, wanted), MOST_WORKERS)


class InProcess:
    """This process as the only worker, for work on data that is trusted."""

    workers = 0

    def submit(self, work: Callable[[Sequence[T]], R], batch: Sequence[T]) -> Future[R]:
        """Do it now."""
        future: Future[R] = Future()
        future.set_result(work(batch))
        return future

    def rest(self) -> None:
        """Keep nothing, as there is nothing to give up."""

    def result(self, future: Future[R]) -> R:
        """Give what was done."""
        return future.result()

    def why_lost(self, error: BaseException) -> Text | None:
        """Say nothing: there is no other process that could be lost."""
        del error
        return None


@contextmanager
def hands(setup: Setup, cluster: Pool | None, files: int) -> Iterator[Pool]:
    """Give the workers for judging and reports: the cluster, processes here, or this process alone."""
    workers = workers_for(setup.workers, files)
    if cluster is not None:
        yield cluster
    elif workers == 1:
        yield InProcess()
    else:
        with LocalPool(workers) as pool:
            yield pool


@contextmanager
def cluster_of(setup: Setup) -> Iterator[ClusterPool | None]:
    """Connect to the cluster, if one is to be used.

    Raises:
        WorkersError: it can't be reached, or what it takes is not installed.
    """
    if not setup.cluster:
        yield None
        return
    from evaluator.cluster import ClusterPool  # Dask is an extra

    with ClusterPool(setup.cluster, setup.limits) as pool:
        yield pool
