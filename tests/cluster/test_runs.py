"""Whole runs: what a cluster and a remote store give is what this machine gives, byte for byte."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from evaluator import pipeline
from evaluator.model.files import files_of, hashes_of, load_model
from evaluator.pipeline import Setup
from evaluator.synthesis.round import make_round
from tests.cluster.machines import Cluster, cluster, require_modules
from tests.cluster.stores import s3_server

INSTITUTIONS = 24
BUCKET = "round"
MODEL = "sme-service"


@dataclass(frozen=True, kw_only=True)
class Round:
    """A round with all that can go wrong in it, and what this machine makes of it."""

    folder: Path
    results: Mapping[str, bytes]

    @property
    def roster(self) -> Path:
        return self.folder / "roster.xlsx"

    @property
    def returned(self) -> Path:
        return self.folder / "returned"


@pytest.fixture(scope="module")
def one_round(tmp_path_factory: pytest.TempPathFactory) -> Round:
    folder = tmp_path_factory.mktemp("round")
    make_round(folder / "in", load_model(MODEL), "zh", institutions=INSTITUTIONS, seed=7, faults=True)
    made = Round(folder=folder / "in", results={})
    scored(made, [made.returned], folder / "out", Setup())
    return Round(folder=made.folder, results=contents(folder / "out"))


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    require_modules("distributed")
    with cluster(tmp_path_factory.mktemp("cluster"), {}, {"NANNY": "1"}) as one:
        yield one


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, one_round: Round) -> Iterator[Mapping[str, str]]:
    """Give the variables of a store with the round's returned files in it, under `returned/`."""
    require_modules("moto.server", "s3fs")
    import s3fs

    with s3_server(tmp_path_factory.mktemp("store")) as variables:
        client = s3fs.S3FileSystem(
            endpoint_url=variables["FSSPEC_S3_ENDPOINT_URL"],
            key=variables["AWS_ACCESS_KEY_ID"],
            secret=variables["AWS_SECRET_ACCESS_KEY"],
            skip_instance_cache=True,
        )
        client.mkdir(BUCKET)
        client.put(f"{one_round.returned}{os.sep}", f"{BUCKET}/returned/", recursive=True)
        yield variables


def scored(
    one: Round,
    places: Sequence[Path | str],
    out: Path,
    setup: Setup,
    progress: Callable[[str, int, int], None] = pipeline.no_progress,
) -> Mapping[str, bytes]:
    pipeline.score(
        places, out, load_model(MODEL), roster=one.roster, model_files=hashes_of(files_of(MODEL)),
        setup=setup, progress=progress,
    )  # fmt: skip
    return contents(out)


def contents(folder: Path) -> Mapping[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def same(found: Mapping[str, bytes], expected: Mapping[str, bytes]) -> bool:
    assert sorted(found) == sorted(expected)
    assert [name for name in found if found[name] != expected[name]] == []
    return len(found) > INSTITUTIONS


def evaluator(*arguments: str, variables: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "evaluator", *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        env={**os.environ, "EVALUATOR_LANG": "en", "EVALUATOR_CACHE": "off", **variables},
    )


def test_a_cluster_gives_the_same_bytes(one_round: Round, running: Cluster, tmp_path: Path) -> None:
    found = scored(one_round, [one_round.returned], tmp_path / "out", Setup(cluster=running.address))
    assert same(found, one_round.results)


def test_workers_killed_midway_change_nothing(one_round: Round, tmp_path: Path) -> None:
    require_modules("distributed")
    killed: set[str] = set()

    with cluster(tmp_path, {}, {"NANNY": "1"}) as running:

        def progress(step: str, done: int, total: int) -> None:
            """Kill one worker when it has begun to read, and the other, which Dask starts again, at the reports."""
            del total
            if step == "read" and done and "first" not in killed:
                killed.add("first")
                running.workers[0].kill()
            if step == "judge" and "second" not in killed:
                killed.add("second")
                kill_child_of(running.workers[1].pid)

        setup = Setup(cluster=running.address)
        found = scored(one_round, [one_round.returned], tmp_path / "out", setup, progress)
        assert running.workers[0].wait() != 0
    assert killed == {"first", "second"}
    assert same(found, one_round.results)


def kill_child_of(keeper: int) -> None:
    """Kill the worker under Dask's keeper."""
    import psutil  # comes with distributed

    (child,) = [one for one in psutil.Process(keeper).children() if "resource_tracker" not in " ".join(one.cmdline())]
    child.kill()


@pytest.mark.parametrize("with_cluster", [False, True], ids=["here", "on a cluster"])
def test_a_remote_store_gives_the_same_bytes(
    one_round: Round, running: Cluster, store: Mapping[str, str], tmp_path: Path, with_cluster: bool
) -> None:
    done = evaluator(
        "score", f"s3://{BUCKET}/returned", "--out", str(tmp_path / "out"), "--roster", str(one_round.roster),
        *(["--cluster", running.address] if with_cluster else []),
        variables=store,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (1, "")
    assert same(contents(tmp_path / "out"), one_round.results)


@pytest.mark.parametrize("place", ["s3://round/nothing", "s3://nobodys-bucket/returned", "nothing://there"])
def test_a_wrong_address_is_one_line(store: Mapping[str, str], tmp_path: Path, place: str) -> None:
    done = evaluator("score", place, "--out", str(tmp_path / "out"), variables=store)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert place in done.stderr


def test_a_store_without_credentials_is_one_line(store: Mapping[str, str], tmp_path: Path) -> None:
    variables = {**store, "AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_EC2_METADATA_DISABLED": "true"}
    done = evaluator("score", f"s3://{BUCKET}/returned", "--out", str(tmp_path / "out"), variables=variables)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1


def test_a_cluster_that_is_not_there_is_one_line(one_round: Round, tmp_path: Path) -> None:
    require_modules("distributed")
    place = str(one_round.returned)
    for address in ("nothing://127.0.0.1:1", "tls://127.0.0.1:1"):
        done = evaluator("check", place, "--cluster", address, variables={})
        assert done.returncode == 2
        assert done.stderr.count("\n") == 1
        assert address in done.stderr


def test_results_are_not_written_to_an_address(one_round: Round) -> None:
    done = evaluator("score", str(one_round.returned), "--out", "s3://round/results", variables={})
    assert done.returncode == 2
    assert "s3://round/results" in done.stderr
