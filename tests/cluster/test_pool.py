"""The workers of a real Dask cluster: a scheduler and two workers, each a process of its own, on this machine."""

from __future__ import annotations

import logging
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import pytest

import evaluator
from evaluator.cluster import ClusterPool
from evaluator.cluster import pool as module
from evaluator.errors import WorkersError
from evaluator.limits import Limits
from evaluator.workers import spread
from tests.cluster import work
from tests.cluster.machines import Cluster, cluster, require_modules

LIMITS = Limits(seconds=1)
COUNT = 40


@pytest.fixture(autouse=True)
def looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_LOOKING", 0.2)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    require_modules("distributed")
    with cluster(tmp_path_factory.mktemp("cluster"), {"NANNY": "1"}, {}) as one:
        yield one


@pytest.fixture
def pool(running: Cluster) -> Iterator[ClusterPool]:
    with ClusterPool(running.address, LIMITS) as one:
        yield one


def spread_carefully(pool: ClusterPool, task: Callable[[Sequence[int]], Sequence[int]]) -> list[object]:
    def instead(item: int, why: object) -> object:
        return item, why

    done = spread(pool.careful, task, range(COUNT), instead, batch=10)  # type: ignore[arg-type,type-var]
    return [one for batch in done for one in batch]


def expected(why: str = "") -> list[object]:
    return [(n, why) if why and n == work.DEADLY else 2 * n for n in range(COUNT)]


def in_english(results: list[object]) -> list[object]:
    return [(one[0], one[1].en) if isinstance(one, tuple) else one for one in results]


def wait_until(holds: Callable[[], bool], seconds: float = 10) -> bool:
    until = time.monotonic() + seconds
    while not holds() and time.monotonic() < until:
        time.sleep(0.05)
    return holds()


def lives(process: int) -> bool:
    import psutil  # comes with distributed

    try:
        return bool(psutil.Process(process).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def one_line(error: WorkersError) -> str:
    for lang in ("zh", "en"):
        assert "\n" not in error.message(lang)
    return error.message("en")


def test_results_come_back_in_order(pool: ClusterPool) -> None:
    assert spread_carefully(pool, work.doubled) == expected()
    assert [one for some in spread(pool, work.doubled, range(7), batch=2) for one in some] == [0, 2, 4, 6, 8, 10, 12]


@pytest.mark.parametrize(
    ("task", "why"),
    [
        (work.killing, "the reading process was ended by it"),
        (work.hanging, "reading it took longer than 1 seconds"),
        pytest.param(
            work.hogging,
            "reading it took more memory than allowed",
            marks=pytest.mark.skipif(sys.platform != "linux", reason="no limit on memory on this system"),
        ),
    ],
    ids=["killing", "hanging", "hogging"],
)
def test_an_item_that_ends_its_process_costs_itself_only(
    running: Cluster, pool: ClusterPool, task: Callable[[Sequence[int]], list[int]], why: str
) -> None:
    assert in_english(spread_carefully(pool, task)) == expected(why)
    assert [worker.poll() for worker in running.workers] == [None, None]


def test_what_work_raises_comes_through(pool: ClusterPool) -> None:
    with pytest.raises(ValueError, match="no 0"):
        spread_carefully(pool, work.failing)


def test_the_cluster_is_quiet_and_leaves_loggers_as_they_were(
    running: Cluster, capfd: pytest.CaptureFixture[str]
) -> None:
    names = ("distributed", "distributed.client", "tornado")
    before = [logging.getLogger(name).level for name in names]
    with ClusterPool(running.address, LIMITS) as pool, pytest.raises(ValueError, match="no 0"):
        spread_carefully(pool, work.failing)
    assert [logging.getLogger(name).level for name in names] == before
    assert capfd.readouterr() == ("", "")


def test_an_interrupt_takes_back_what_is_not_begun(running: Cluster, tmp_path: Path) -> None:
    def interrupted() -> None:
        with ClusterPool(running.address, LIMITS) as pool:
            for item in range(COUNT):
                pool.submit(partial(work.noting, tmp_path), [item])
            assert wait_until(lambda: any(tmp_path.iterdir()))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    time.sleep(2.5)
    assert len(list(tmp_path.iterdir())) <= 4
    with ClusterPool(running.address, LIMITS) as pool:
        assert spread_carefully(pool, work.doubled) == expected()


def test_a_killed_worker_takes_its_processes_along_and_its_work_is_done_by_another(tmp_path: Path) -> None:
    require_modules("distributed")
    with cluster(tmp_path, {}, {}) as running, ClusterPool(running.address, LIMITS) as pool:
        assert wait_until(lambda: pool.workers == 2)
        seen = {place for some in spread(pool.careful, work.places, range(8), batch=1) for place in some}
        victim = running.workers[0]
        children = [process for process, parent in seen if parent == victim.pid]
        assert children
        results = [pool.careful.submit(work.hanging, [item]) for item in (work.DEADLY, work.DEADLY)]
        results += [pool.careful.submit(work.doubled, [item]) for item in range(COUNT)]
        time.sleep(0.5)
        victim.kill()
        assert [result.result() for result in results[2:]] == [[2 * n] for n in range(COUNT)]
        assert wait_until(lambda: not any(lives(process) for process in children), seconds=LIMITS.seconds + 8)


def test_all_workers_gone_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    require_modules("distributed")
    monkeypatch.setattr(module, "PATIENCE", 1.0)
    with cluster(tmp_path, {}) as running, ClusterPool(running.address, LIMITS) as pool:
        running.workers[0].kill()
        with pytest.raises(WorkersError) as caught:
            spread_carefully(pool, work.doubled)
        assert caught.value.key == "cluster_lost"
        assert running.address in one_line(caught.value)


def test_a_scheduler_that_stops_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    require_modules("distributed")
    monkeypatch.setattr(module, "PATIENCE", 1.0)
    with cluster(tmp_path, {}) as running, ClusterPool(running.address, LIMITS) as pool:
        result = pool.careful.submit(work.hanging, [work.DEADLY])
        running.scheduler.kill()
        with pytest.raises(WorkersError) as caught:
            result.result()
        assert caught.value.key == "cluster_lost"


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("tcp://127.0.0.1:1", "cluster_not_reached"),
        ("127.0.0.1:1", "cluster_not_reached"),
        ("nothing://127.0.0.1:1", "cluster_bad_address"),
        ("tcp://", "cluster_bad_address"),
    ],
)
def test_a_wrong_address_is_one_line(monkeypatch: pytest.MonkeyPatch, address: str, key: str) -> None:
    require_modules("distributed")
    monkeypatch.setattr(module, "CONNECTING", 0.5)
    with pytest.raises(WorkersError) as caught, ClusterPool(address, LIMITS):
        pass
    assert caught.value.key == key
    assert address in one_line(caught.value)


def test_a_cluster_without_workers_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    require_modules("distributed")
    monkeypatch.setattr(module, "CONNECTING", 0.5)
    with cluster(tmp_path) as running, pytest.raises(WorkersError) as caught, ClusterPool(running.address, LIMITS):
        pass
    assert caught.value.key == "cluster_without_workers"
    assert running.address in one_line(caught.value)


def test_without_dask_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(WorkersError) as caught, ClusterPool("tcp://127.0.0.1:1", LIMITS):
        pass
    assert "pip install evaluator[cluster]" in one_line(caught.value)


def other_edition(folder: Path) -> dict[str, str]:
    """Copy the program with one line changed; gives what makes a worker use the copy."""
    copy = folder / "evaluator"
    shutil.copytree(Path(evaluator.__file__).parent, copy, ignore=shutil.ignore_patterns("__pycache__"))
    with (copy / "measure.py").open("a", encoding="utf-8") as stream:
        stream.write("# one more line\n")
    return {"PYTHONPATH": str(folder)}


def test_a_worker_with_another_edition_is_refused(tmp_path: Path) -> None:
    require_modules("distributed")
    with cluster(tmp_path, other_edition(tmp_path / "other")) as running:
        with pytest.raises(WorkersError) as caught, ClusterPool(running.address, LIMITS):
            pass
        assert caught.value.key == "cluster_differs"
        assert "evaluator files" in one_line(caught.value)


def test_a_worker_without_the_program_is_one_line(tmp_path: Path) -> None:
    require_modules("distributed")
    (tmp_path / "other" / "evaluator").mkdir(parents=True)
    (tmp_path / "other" / "evaluator" / "__init__.py").touch()  # an edition from before there were clusters
    with cluster(tmp_path, {"PYTHONPATH": str(tmp_path / "other")}) as running:
        with pytest.raises(WorkersError) as caught, ClusterPool(running.address, LIMITS):
            pass
        assert caught.value.key == "cluster_without_program"
        assert "No module named 'evaluator.cluster'" in one_line(caught.value)


def test_a_worker_with_another_edition_that_comes_later_gives_no_results(tmp_path: Path) -> None:
    require_modules("distributed")
    with cluster(tmp_path, {}) as running, ClusterPool(running.address, LIMITS) as pool:
        running.join(other_edition(tmp_path / "other"))
        assert wait_until(lambda: pool.workers == 2, seconds=20)
        with pytest.raises(WorkersError) as caught:
            list(spread(pool, work.places, range(20), batch=1))
        assert caught.value.key == "cluster_differs"
