"""Workers that may die: an item costs itself, never its batch or the run, and the order stays."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from pathlib import Path

import pytest

from evaluator import workers
from evaluator.errors import WorkersError
from evaluator.wording import Text
from evaluator.workers import Care, LocalPool, spread, with_shared

GIBI = 1024**3


def doubled(batch: Sequence[int]) -> list[int]:
    return [2 * item for item in batch]


def deadly(batch: Sequence[int]) -> list[int]:
    """Die in one of many ways at some items."""
    for item in batch:
        if item == 7:
            os._exit(3)
        if item == 13:
            os.kill(os.getpid(), signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)
        if item == 21:
            time.sleep(60)
    return doubled(batch)


def greedy(batch: Sequence[int]) -> list[int]:
    return [len(bytearray(item * GIBI)) // GIBI for item in batch]


def faulty(batch: Sequence[int]) -> list[int]:
    raise LookupError(batch[0])


def added(amount: int, batch: Sequence[int]) -> list[int]:
    return [item + amount for item in batch]


def never(batch: Sequence[int]) -> list[int]:
    os._exit(1)


def flat(results: Iterator[Sequence[int]]) -> list[int]:
    return [item for batch in results for item in batch]


def instead(item: int, why: Text) -> int:
    assert why.zh
    assert why.en
    return -item


@pytest.mark.parametrize("workers", [1, 2])
def test_results_come_in_the_order_of_the_items(workers: int) -> None:
    with LocalPool(workers) as pool:
        assert flat(spread(pool, doubled, range(200), batch=7)) == [2 * item for item in range(200)]
        assert flat(spread(pool, with_shared(added, 5), range(20), batch=7)) == list(range(5, 25))
        pool.rest()
        assert flat(spread(pool, doubled, [4])) == [8]
        assert flat(spread(pool, doubled, [])) == []


def test_an_item_that_kills_or_hangs_its_worker_costs_only_itself() -> None:
    with LocalPool(2, Care(seconds=2)) as pool:
        found = flat(spread(pool, deadly, range(30), instead, batch=10))
    assert found == [-item if item in (7, 13, 21) else 2 * item for item in range(30)]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux holds a process to an amount of memory")
def test_an_item_that_takes_too_much_memory_costs_only_itself() -> None:
    with LocalPool(1, Care(memory=GIBI)) as pool:
        assert flat(spread(pool, greedy, [0, 5, 0], instead, batch=3)) == [0, -5, 0]


@pytest.mark.skipif(sys.platform == "win32", reason="signals as on POSIX systems")
def test_a_hanging_worker_ends_though_its_run_was_killed(tmp_path: Path) -> None:
    script = tmp_path / "run.py"
    script.write_text(
        "from evaluator.workers import Care, LocalPool, spread\n"
        "from tests.unit.test_workers import deadly, instead\n"
        "if __name__ == '__main__':\n"
        "    with LocalPool(1, Care(seconds=1)) as pool:\n"
        "        list(spread(pool, deadly, [21], instead))\n",
        encoding="utf-8",
    )
    root = str(Path(__file__).parents[2])
    with subprocess.Popen(
        [sys.executable, script], cwd=root, env={**os.environ, "PYTHONPATH": root}, start_new_session=True
    ) as run:
        time.sleep(1.2)
        run.kill()
    for _ in range(120):
        try:
            os.killpg(run.pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.1)
    raise AssertionError("the worker goes on")


def test_without_a_stand_in_a_lost_worker_ends_the_run_with_its_reason() -> None:
    with LocalPool(1) as pool, pytest.raises(WorkersError, match="worker process was lost"):
        flat(spread(pool, deadly, [7]))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux holds a process to an amount of memory")
def test_workers_that_can_not_even_start_end_the_run_with_a_line() -> None:
    with LocalPool(2, Care(seconds=5, memory=1_000_000)) as pool, pytest.raises(WorkersError, match="can't be started"):
        flat(spread(pool, doubled, range(200), instead))


def test_what_the_work_raises_comes_through_as_it_is() -> None:
    with LocalPool(1) as pool, pytest.raises(LookupError):
        flat(spread(pool, faulty, [1, 2], instead))


def test_the_pool_recovers_however_often_workers_die() -> None:
    with LocalPool(1) as pool:
        assert flat(spread(pool, never, range(1, 9), instead, batch=2)) == [-item for item in range(1, 9)]
        assert flat(spread(pool, doubled, [4])) == [8]


def test_few_batches_are_under_way_at_a_time() -> None:
    taken: list[int] = []

    class Later:
        workers = 2

        def submit(self, work: object, batch: Sequence[int]) -> Future[list[int]]:
            taken.extend(batch)
            future: Future[list[int]] = Future()
            future.set_result(list(batch))
            return future

        def rest(self) -> None:
            raise AssertionError

        def result(self, future: Future[list[int]]) -> list[int]:
            return future.result()

        def why_lost(self, error: BaseException) -> Text | None:
            raise AssertionError(error)

    results = spread(Later(), doubled, range(100), batch=1)
    next(results)
    assert len(taken) <= 6


def test_windows_heeds_no_interruption_while_workers_start_and_again_after(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[str, object, bool]] = []

    class Library:
        def __init__(self, name: str) -> None:
            self.name = name

        def SetConsoleCtrlHandler(self, handler: object, ignored: bool) -> None:  # noqa: N802 - the system's name
            told.append((self.name, handler, ignored))

    monkeypatch.setattr(ctypes, "WinDLL", Library, raising=False)
    monkeypatch.setattr(sys, "platform", "win32")
    before = signal.getsignal(signal.SIGINT)
    with workers._interruptions_ignored():
        assert told == [("kernel32", None, True)]
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    assert told == [("kernel32", None, True), ("kernel32", None, False)]
    assert signal.getsignal(signal.SIGINT) is before
