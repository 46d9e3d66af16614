"""What happens on a worker of a Dask cluster: each batch is done in a process of its own.

Owns: those processes. A batch that crashes, hangs or needs too much ends one of them, never the worker, which others
may be using; they end when there is no work for a while, and with the worker however that ends. As Python starts them,
they import the program that started the worker, so that of their memory Dask takes some 0.1 GB.
"""

from __future__ import annotations

import multiprocessing
import pickle
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from evaluator.cluster.program import check_same, environment
from evaluator.wording import Text
from evaluator.workers import Care, LocalPool

if TYPE_CHECKING:
    from distributed import Worker

IDLE = 10.0
"""Seconds after which processes without work end."""
_LOOKING = 0.5


class Lost(Exception):  # noqa: N818 - says what became of a process; nobody's mistake
    """The process that did a batch was lost; `why` says why."""

    def __init__(self, why: Text) -> None:
        self.why = why
        super().__init__(why)


def run_packed(expected: Mapping[str, str], care: Care, packed: bytes) -> bytes:
    """Do a batch, as a task of Dask's.

    Args:
        expected: `environment` of who sent it: a worker may have joined after the others were asked.
        care: what it may take.
        packed: the work and the batch, pickled; so is the result.

    Raises:
        Lost: the process was lost that did it.
        WorkersError: this worker is another program, or can't start processes.
    """
    from distributed import get_worker

    worker = get_worker()
    check_same(worker.address, environment(), expected)
    group = _entered(care, worker)
    try:
        return group.result_of(_run, packed)
    finally:
        group.leave()


def _run(only: Sequence[bytes]) -> bytes:
    """Do a batch in this process."""
    (packed,) = only
    work, batch = pickle.loads(packed)  # noqa: S301 - made by this program's own client
    return pickle.dumps(work(batch), pickle.HIGHEST_PROTOCOL)


class _Group:
    """The processes of this worker that share limits, and who is using them."""

    def __init__(self, care: Care, worker: Worker) -> None:
        # Dask's own processes are marked as ones that have no children; these end when the pipe to them is closed,
        # as it is when the worker is killed.
        multiprocessing.current_process().daemon = False
        self._pool = LocalPool(worker.state.nthreads, care)
        self._submitting = threading.Lock()
        self.users = 0
        self.used = time.monotonic()

    def result_of(self, work: Callable[[Sequence[bytes]], bytes], packed: bytes) -> bytes:
        with self._submitting:
            future = self._pool.submit(work, [packed])
        try:
            return self._pool.result(future)
        except Exception as error:
            why = self._pool.why_lost(error)
            if why is None:
                raise
            raise Lost(why) from None

    def leave(self) -> None:
        with _lock:
            self.users -= 1
            self.used = time.monotonic()

    def end(self) -> None:
        self._pool.__exit__(None, None, None)


_lock = threading.Lock()
_groups: dict[tuple[str, Care], _Group] = {}


def _entered(care: Care, worker: Worker) -> _Group:
    key = (worker.address, care)
    with _lock:
        group = _groups.get(key)
        if group is None:
            group = _groups[key] = _Group(care, worker)
            threading.Thread(target=_end_unused, args=(key, worker), name="evaluator-idle", daemon=True).start()
        group.users += 1
        return group


def _end_unused(key: tuple[str, Care], worker: Worker) -> None:
    """End processes that nobody used for a while, or whose worker is closing."""
    from distributed.core import Status

    group = _groups[key]
    while True:
        time.sleep(_LOOKING)
        is_closing = worker.status in (Status.closing, Status.closed, Status.failed)
        with _lock:
            if is_closing or (not group.users and time.monotonic() - group.used > IDLE):
                del _groups[key]
                break
    group.end()
