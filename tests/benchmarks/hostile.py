"""Every hostile and odd file of `tests/hostile`: how long reading it takes, how much memory, and what is said of it."""

from __future__ import annotations

import importlib
import pkgutil
import time
from collections.abc import Iterator, Sequence
from inspect import signature
from itertools import islice
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

import tests.hostile
from evaluator.intake import sources
from evaluator.intake.reading import How, read_file
from evaluator.limits import DEFAULT
from tests.benchmarks.processes import peak_of_this_process
from tests.benchmarks.stage import Stage
from tests.benchmarks.tables import Table, megabytes, milliseconds

SECONDS, MEMORY = 10.0, 1 << 30
"""What reading a file may take."""
FEW = 3
"""Files that are enough to go through it once."""
_PATIENCE = 60.0


class Read(NamedTuple):
    """What reading a file took."""

    name: str
    seconds: float
    peak: int
    """Most bytes that the reading process held, all of it."""
    code: str
    """Why it was not read; empty where it was."""


def run(stage: Stage) -> Table:
    """Measure."""
    from evaluator import pipeline  # pandas, which a reading process does not need
    from evaluator.model.files import load_model
    from evaluator.pipeline.judging import asked_of

    model = load_model()
    how = How(asked=asked_of(model), limits=DEFAULT)
    folder = stage.place("hostile")
    folder.mkdir()
    for name, data in islice(files(), FEW if stage.quick else None):
        (folder / f"{name}.xlsx").write_bytes(data)
    names = sorted(path.name for path in folder.iterdir())
    reads = [one for name in names if (one := _apart(how, folder / name)) is not None]
    died = sorted({*names} - {one.name for one in reads})
    over = [
        one.name for one in reads if one.seconds > SECONDS or one.peak > MEMORY or one.code == "file.crashed_reader"
    ]
    slowest, largest = max(reads, key=lambda one: one.seconds), max(reads, key=lambda one: one.peak)
    began = time.perf_counter()
    found = pipeline.check([folder], model)
    took = time.perf_counter() - began
    counted = set(found.files.loc[found.files["status"].eq("counted"), "path"])
    told = {finding.file for finding in found.findings}
    lost = [name for name in names if f"{folder.name}/{name}" not in counted | told]
    return Table(
        title="Hostile and odd files",
        head=("figure", "measured", "goal"),
        rows=[
            ("files", f"{len(names):,}", ""),
            ("longest time", f"{milliseconds(slowest.seconds)} ({slowest.name})", "at most 10 s"),
            ("most memory of a reading process", f"{megabytes(largest.peak)} ({largest.name})", "at most 1 GiB"),
            ("reading processes that died or hung", _counted(died), "0"),
            ("files over time or memory, or with a crash", _counted(over), "0"),
            ("files neither counted nor with a finding", _counted(lost), "0"),
            ("all of them checked in one run", f"{took:.1f} s", ""),
        ],
        note="Each file is read by a process of its own, without the limits on time and memory that a run sets.",
    )


def files() -> Iterator[tuple[str, bytes]]:
    """Walk the tables of files in the tests of hostile files, each file with a name that says where it is."""
    for info in pkgutil.iter_modules(tests.hostile.__path__):
        module = importlib.import_module(f"tests.hostile.{info.name}")
        for table in (made for name, made in vars(module).items() if name.isupper() and isinstance(made, dict)):
            for name, made in table.items():
                if callable(made) and signature(made).parameters:
                    continue  # no file, but something that is done to one
                data = made() if callable(made) else made
                if isinstance(data, bytes):
                    yield f"{info.name.removeprefix('test_')} - {name}".replace("/", " "), data


def _apart(how: How, path: Path) -> Read | None:
    """Read a file in a process of its own; `None` where that dies or does not come to an end."""
    context = get_context("spawn")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_read, args=(how, path, there))
    process.start()
    there.close()
    try:
        found: Read | None = here.recv() if here.poll(_PATIENCE) else None
    except EOFError:
        found = None
    process.kill()
    process.join()
    return found


def _read(how: How, path: Path, answer: Connection) -> None:
    (source,) = sources.find([path])
    began = time.perf_counter()
    found = read_file(how, source)
    answer.send(Read(path.name, time.perf_counter() - began, peak_of_this_process(), found.code))


def _counted(names: Sequence[str]) -> str:
    return f"{len(names)} ({', '.join(names)})" if names else "0"
