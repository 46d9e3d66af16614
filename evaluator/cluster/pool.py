"""Workers on a Dask cluster, behind the same interface as those on this machine.

Owns: the connection to a scheduler, that all of the cluster is the same program as this one, and what is said where it
is not, can't be reached or is lost. What happens on a worker is in `work`. Knows nothing of what the work is.
"""

from __future__ import annotations

import contextlib
import logging
import pickle
import re
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError, Executor, Future, InvalidStateError
from contextlib import ExitStack, contextmanager
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

from evaluator.cluster.program import check_same, environment
from evaluator.cluster.work import Lost, run_packed
from evaluator.errors import WorkersError, reason_of
from evaluator.limits import Limits
from evaluator.wording import Text, text
from evaluator.workers import Care, Pool

if TYPE_CHECKING:
    from distributed import Client

CONNECTING = 10.0
"""Seconds to reach the scheduler, and to wait for the first worker."""
PATIENCE = 60.0
"""Seconds that a run waits for workers when all are gone, as when a cluster is started again."""
_LOOKING = 2.0
"""Seconds between looks at the cluster."""
_CLOSING = 5.0
_ADDRESS = re.compile(r"(?:(?:tcp|tls|ws|wss|ucx)://)?[^\s/]+:[0-9]{1,5}")
_ENCRYPTED = ("tls:", "wss:")
"""How addresses begin that take certificates."""
_LOGGERS = ("distributed", "distributed.client", "distributed.gc", "tornado", "tornado.application", "bokeh")
"""Loggers that Dask puts on the terminal: what matters of it is said in one line instead."""
_SETTINGS = {
    "distributed.admin.large-graph-warning-threshold": "1TiB",  # batches carry their files: those of a lost worker
    "distributed.comm.timeouts.connect": f"{CONNECTING:g}s",
}

T = TypeVar("T")
R = TypeVar("R")


class ClusterPool:
    """The workers of a Dask cluster, for work on data that is trusted; use it as a context manager.

    Work and results travel through the scheduler, so workers need not see any folder of this machine. A batch whose
    worker dies is done again by another.
    """

    def __init__(self, address: str, limits: Limits) -> None:
        """Get ready.

        Args:
            address: the scheduler's, such as `tcp://HOST:8786`.
            limits: what `careful` holds the work to.
        """
        self._link = _Link(address)
        self._limits = limits

    @property
    def workers(self) -> int:
        """How many work at the same time, as far as known."""
        return self._link.workers

    @property
    def careful(self) -> Pool:
        """The same workers for files from outside: with limits on time and memory."""
        return _Careful(self._link, Care(seconds=self._limits.seconds, memory=self._limits.memory))

    def __enter__(self) -> Self:
        """Connect.

        Raises:
            WorkersError: Dask is not installed, the cluster can't be reached or has no workers, or is another program.
        """
        self._link.open()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._link.close()

    def submit(self, work: Callable[[Sequence[T]], R], batch: Sequence[T]) -> Future[R]:
        """Have a batch worked on; both must be picklable."""
        return self._link.submit(Care(), work, batch)

    def rest(self) -> None:
        """Do nothing: the workers' processes end by themselves when there is no work."""

    def result(self, future: Future[R]) -> R:
        """Wait for what a batch gave."""
        return future.result()

    def why_lost(self, error: BaseException) -> Text | None:
        """Say why a worker was lost."""
        return _why_lost(error)


class _Careful:
    """The same connection, for work that may end the process it runs in."""

    def __init__(self, link: _Link, care: Care) -> None:
        self._link = link
        self._care = care

    @property
    def workers(self) -> int:
        return self._link.workers

    def submit(self, work: Callable[[Sequence[T]], R], batch: Sequence[T]) -> Future[R]:
        return self._link.submit(self._care, work, batch)

    def rest(self) -> None:
        return

    def result(self, future: Future[R]) -> R:
        return future.result()

    def why_lost(self, error: BaseException) -> Text | None:
        return _why_lost(error)


def _why_lost(error: BaseException) -> Text | None:
    from distributed import KilledWorker

    if isinstance(error, Lost):
        return error.why
    return text("intake.crash.ended") if isinstance(error, KilledWorker) else None


class _Link:
    """A connection to a scheduler, and the batches it has."""

    workers = 1

    def __init__(self, address: str) -> None:
        self._address = address
        self._ending = ExitStack()
        self._ended = threading.Event()
        self._waiting: set[Future[Any]] = set()
        self._client: Client
        self._executor: Executor

    def open(self) -> None:
        with ExitStack() as opened:
            opened.enter_context(_settled())
            self._client = _client(self._address)
            opened.callback(_close, self._client)
            self._check()
            self._executor = self._client.get_executor(pure=False)
            opened.callback(self._cancel)
            threading.Thread(target=self._look_after, name="evaluator-cluster", daemon=True).start()
            opened.callback(self._ended.set)
            self._ending = opened.pop_all()

    def close(self) -> None:
        self._ending.close()

    def submit(self, care: Care, work: Callable[[Sequence[T]], R], batch: Sequence[T]) -> Future[R]:
        outcome: Future[R] = Future()
        self._waiting.add(outcome)
        packed = pickle.dumps((work, batch), pickle.HIGHEST_PROTOCOL)  # opaque to the scheduler
        task = self._executor.submit(run_packed, environment(), care, packed)
        task.add_done_callback(partial(self._settle, outcome))
        return outcome

    def _settle(self, outcome: Future[Any], task: Future[bytes]) -> None:
        self._waiting.discard(outcome)
        with contextlib.suppress(InvalidStateError):  # given up already
            try:
                result = pickle.loads(task.result())  # noqa: S301 - made by this program's own worker
            except CancelledError:
                outcome.set_exception(WorkersError("cluster_lost", address=self._address))
            except Exception as error:
                outcome.set_exception(error)
            else:
                outcome.set_result(result)

    def _cancel(self) -> None:
        if self._waiting:
            with contextlib.suppress(Exception):  # the scheduler may be gone, and with it the work
                self._executor.shutdown(wait=False)

    def _check(self) -> None:
        """Make sure there are workers, and that everything is the same program: others would give other results."""
        try:
            self._client.wait_for_workers(1, timeout=CONNECTING)
            found = self._client.run(environment, on_error="return")
            self.workers = _threads(self._client)
        except TimeoutError as error:
            raise WorkersError("cluster_without_workers", address=self._address) from error
        except OSError as error:
            raise WorkersError("cluster_lost", address=self._address) from error
        try:
            found[self._address] = self._client.run_on_scheduler(environment)
        except Exception as error:
            found[self._address] = error
        for place, theirs in sorted(found.items()):
            if isinstance(theirs, BaseException):
                raise WorkersError("cluster_without_program", place=place, why=reason_of(theirs)) from theirs
            check_same(place, theirs, environment())

    def _look_after(self) -> None:
        """Keep the number of workers up to date; end what waits for workers that don't come back."""
        last = time.monotonic()
        while not self._ended.wait(_LOOKING):
            threads = 0
            with contextlib.suppress(Exception):
                threads = _threads(self._client)
            if threads:
                self.workers, last = threads, time.monotonic()
            elif time.monotonic() - last > PATIENCE:
                for outcome in tuple(self._waiting):
                    with contextlib.suppress(InvalidStateError):
                        outcome.set_exception(WorkersError("cluster_lost", address=self._address))


def _client(address: str) -> Client:
    from distributed import Client, Security

    if not _ADDRESS.fullmatch(address):  # Dask would start half a client of it, and stumble over that at the exit
        raise WorkersError("cluster_bad_address", address=address)
    # Half a client would be left of this one too.
    if address.startswith(_ENCRYPTED) and not Security().get_connection_args("client").get("ssl_context"):
        raise WorkersError("cluster_no_certificates", address=address)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # other versions of libraries, which `check_same` tells in our words
            return Client(address, timeout=CONNECTING, set_as_default=False, name="evaluator")
    except Exception as error:  # whatever kind of address it is, and its library raises
        raise WorkersError("cluster_not_reached", address=address, why=reason_of(error)) from error


def _threads(client: Client) -> int:
    found: Mapping[str, int] = client.nthreads()
    return sum(found.values())


def _close(client: Client) -> None:
    with contextlib.suppress(Exception):  # the scheduler may be gone
        client.close(timeout=_CLOSING)


@contextmanager
def _settled() -> Iterator[None]:
    """Set Dask up for the length of the block, and keep what it logs from the terminal."""
    try:
        import dask
        import distributed  # noqa: F401 - sets its loggers up
    except ImportError as error:
        raise WorkersError("cluster_not_installed") from error
    before = {name: logging.getLogger(name).level for name in _LOGGERS}
    for name in _LOGGERS:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    try:
        with dask.config.set(_SETTINGS):
            yield
    finally:
        for name, level in before.items():
            logging.getLogger(name).setLevel(level)
