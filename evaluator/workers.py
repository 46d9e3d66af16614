"""Where work on many items runs: worker processes that may die, on this machine or on a cluster.

Owns: batches, their order, and what it costs when a worker is killed, hangs or runs out of memory: the item it died of,
never the batch or the run. Knows nothing of what the work is.
"""

from __future__ import annotations

import contextlib
import ctypes
import faulthandler
import gc
import os
import pickle
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import islice
from multiprocessing.context import SpawnContext
from multiprocessing.synchronize import RLock
from types import TracebackType
from typing import Any, Generic, Protocol, Self, TypeVar

from pebble import ProcessExpired, ProcessPool

from evaluator.errors import WorkersError
from evaluator.wording import Text, filled, text

BATCH = 50
"""Items a worker takes at a time: fewer cost more messages, more leave workers idle at the end."""
MOST_WORKERS = 60
"""Worker processes that a pool may have on every system (Windows waits for 63 things at a time at most)."""
_COLLECTING = (50_000, 20, 20)
"""Objects after which a worker looks for garbage in cycles; work here makes many objects and few cycles."""
_LOOKING = 1.0
"""Seconds between looks at whether the pool still works; one that breaks may leave work behind without a word."""
_GRACE = 5.0
"""Seconds after its time that a worker ends itself, should the process be gone that would have ended it."""
_MOST_RESTARTS = 3
"""Times that workers may end before they did anything; then they can't be started at all."""

T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True, kw_only=True, slots=True)
class Care:
    """What a worker may take, where the system can say no."""

    seconds: float | None = None
    """Time for a batch, and for an item tried alone; `None`: as long as it takes."""
    memory: int | None = None
    """Bytes of address space of a worker; `None`: what there is. Not enforced on Windows and macOS."""


class Pool(Protocol):
    """Workers that take one batch at a time."""

    @property
    def workers(self) -> int:
        """How many work at the same time."""

    def submit(self, work: Callable[[Sequence[T]], R], batch: Sequence[T]) -> Future[R]:
        """Have a batch worked on; both must be picklable."""

    def rest(self) -> None:
        """Give up what is only needed while there is work; more work may follow."""

    def result(self, future: Future[R]) -> R:
        """Wait for what a batch gave; raises what the work raised, or what befell its worker."""

    def why_lost(self, error: BaseException) -> Text | None:
        """Say why a worker was lost, given what `result` raised; `None` where the work itself raised it."""


class LocalPool:
    """Worker processes on this machine, started afresh where one is lost; use it as a context manager."""

    def __init__(self, workers: int, care: Care | None = None) -> None:
        """Get ready; processes start with the first work."""
        self._workers = min(max(1, workers), MOST_WORKERS)
        self._care = care or Care()
        self._pool: ProcessPool | None = None
        self._context = _Spawning()
        self._restarts = 0
        self._under_way: dict[Future[Any], ProcessPool] = {}

    @property
    def workers(self) -> int:
        """How many processes work at the same time."""
        return self._workers

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.rest()

    def submit(self, work: Callable[[Sequence[T]], R], batch: Sequence[T]) -> Future[R]:
        """Have a batch worked on; both must be picklable.

        Raises:
            WorkersError: processes can't be started.
        """
        if self._pool is None or not self._pool.active:
            self._start()
        pool: ProcessPool = self._pool  # type: ignore[assignment]  # just started
        future: Future[R] = pool.schedule(_timed, args=[self._care.seconds, work, batch], timeout=self._care.seconds)
        self._under_way[future] = pool
        future.add_done_callback(self._note)
        return future

    def _note(self, future: Future[Any]) -> None:
        self._under_way.pop(future, None)
        if not future.cancelled() and future.exception() is None:
            self._restarts = 0

    def rest(self) -> None:
        """End the processes; they start again with more work."""
        if self._pool is not None:
            self._pool.stop()  # type: ignore[no-untyped-call]  # pebble declares no return
            self._pool.join()
            self._pool = None
            self._context.locks.clear()

    def result(self, future: Future[R]) -> R:
        """Wait for what a batch gave, but no longer than there is a pool to give it."""
        pool = self._under_way.get(future)
        while pool is not None and not wait([future], timeout=_LOOKING).done:
            if not pool.active and not wait([future], timeout=_LOOKING).done:
                self._under_way.pop(future, None)
                raise BrokenProcessPool("the pool ended with work undone")
        return future.result()

    def why_lost(self, error: BaseException) -> Text | None:
        """Say why a worker was lost."""
        if isinstance(error, TimeoutError):
            return filled("intake.crash.time", seconds=f"{self._care.seconds or 0:g}")
        if isinstance(error, ProcessExpired | BrokenProcessPool):
            return text("intake.crash.ended")
        return text("intake.crash.memory") if isinstance(error, MemoryError) else None

    def _start(self) -> None:
        if self._pool is not None:
            self.rest()
            self._restarts += 1
        if self._restarts > _MOST_RESTARTS:
            raise WorkersError("workers_end")
        self._pool = ProcessPool(
            self._workers,
            initializer=settle_in,
            initargs=[self._care],
            context=self._context,
        )
        with _interruptions_ignored():  # the workers started here inherit it
            if not self._pool.active:
                raise WorkersError("workers_end")


class _Spawning(SpawnContext):
    """Starts processes afresh, and holds on to the locks made for them.

    Pebble lets go of a pool's locks before it ends the workers; one that is just starting would look for them in vain
    and say so in a traceback.
    """

    def __init__(self) -> None:
        super().__init__()
        self.locks: list[RLock] = []

    def RLock(self) -> RLock:  # noqa: N802 - the library's name
        lock = super().RLock()
        self.locks.append(lock)
        return lock


def settle_in(care: Care) -> None:
    """Make this worker process ready: bound what it may take, and keep what its libraries print from the terminal."""
    gc.freeze()
    gc.set_threshold(*_COLLECTING)
    if care.memory is None:
        return
    with contextlib.suppress(OSError), open(os.devnull, "wb") as nowhere:  # noqa: PTH123 - no path, a device
        os.dup2(nowhere.fileno(), 2)
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource  # there is none on Windows

        resource.setrlimit(resource.RLIMIT_AS, (care.memory, care.memory))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _timed(seconds: float | None, work: Callable[[Sequence[T]], R], batch: Sequence[T]) -> R:
    """Do a batch in this worker process; one that hangs is ended even if nobody is left to do it."""
    if seconds is None:
        return work(batch)
    faulthandler.dump_traceback_later(seconds + _GRACE, exit=True, file=2)
    try:
        return work(batch)
    finally:
        faulthandler.cancel_dump_traceback_later()


@contextmanager
def _interruptions_ignored() -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    _console_heeded(False)
    try:
        yield
    finally:
        _console_heeded(True)
        signal.signal(signal.SIGINT, before)


def _console_heeded(heeded: bool) -> None:
    """Have Windows tell of Ctrl+C or not: there a signal that is ignored is not inherited, but this is."""
    if sys.platform == "win32":
        ctypes.WinDLL("kernel32").SetConsoleCtrlHandler(None, not heeded)


def spread(
    pool: Pool,
    work: Callable[[Sequence[T]], Sequence[R]],
    items: Iterable[T],
    instead: Callable[[T, Text], R] | None = None,
    batch: int = BATCH,
) -> Iterator[Sequence[R]]:
    """Do work on batches of items; gives the results batch by batch, in order.

    A batch whose worker is lost is done again item by item; an item whose worker is lost then too gets the result of
    `instead`. Only a few batches are under way at a time, so that neither items nor results pile up.

    Args:
        pool: who does it.
        work: takes some items, gives one result for each, in order.
        items: picklable.
        instead: makes a result for an item that workers die of, given why; `None`: such an item ends the run.
        batch: how many items a worker takes at a time.

    Raises:
        WorkersError: workers can't be started, or one was lost and there is no `instead`.
    """
    waiting: deque[tuple[Sequence[T], Future[Sequence[R]]]] = deque()
    source = iter(items)
    while some := list(islice(source, batch)):
        waiting.append((some, pool.submit(work, some)))
        if len(waiting) > 2 * pool.workers:
            yield _result(pool, work, *waiting.popleft(), instead)
    while waiting:
        yield _result(pool, work, *waiting.popleft(), instead)


def _result(
    pool: Pool,
    work: Callable[[Sequence[T]], Sequence[R]],
    batch: Sequence[T],
    future: Future[Sequence[R]],
    instead: Callable[[T, Text], R] | None,
) -> Sequence[R]:
    try:
        return pool.result(future)
    except Exception as error:
        if pool.why_lost(error) is None:
            raise
    alone = [(item, pool.submit(work, [item])) for item in batch]
    return [one for item, again in alone for one in _alone(pool, work, item, again, instead)]


def _alone(
    pool: Pool,
    work: Callable[[Sequence[T]], Sequence[R]],
    item: T,
    future: Future[Sequence[R]],
    instead: Callable[[T, Text], R] | None,
) -> Sequence[R]:
    """Wait for an item tried alone; one that never had its turn, as the pool itself broke, is tried again."""
    while True:
        try:
            return pool.result(future)
        except BrokenProcessPool:
            future = pool.submit(work, [item])
        except Exception as error:
            why = pool.why_lost(error)
            if why is None:
                raise
            if instead is None:
                raise WorkersError("worker_lost", why=why) from error
            return [instead(item, why)]


class Shared(Generic[T]):
    """A value that many batches need: it travels as bytes, and each process makes it of them once."""

    def __init__(self, value: T) -> None:
        """Pack the value."""
        self._block = pickle.dumps(value)

    def get(self) -> T:
        """Give the value."""
        value: T = _unpacked(self._block)
        return value


@lru_cache(maxsize=4)
def _unpacked(block: bytes) -> Any:  # noqa: ANN401 - whatever was shared
    return pickle.loads(block)  # noqa: S301 - bytes of the program itself, never of a file


def with_shared(work: Callable[..., R], shared: T) -> Callable[[Sequence[Any]], R]:
    """Give `work` a first argument that all batches share."""
    return partial(_call, work, Shared(shared))


def _call(work: Callable[..., R], shared: Shared[Any], batch: Sequence[Any]) -> R:
    return work(shared.get(), batch)
