"""Reading and validating one domain workbook: against inflating and parsing its XML, and against other scripts."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Sequence
from functools import partial
from io import BytesIO
from pathlib import Path
from time import process_time
from xml.parsers import expat

from python_calamine import CalamineWorkbook

from evaluator.intake import archive, guards, sources
from evaluator.intake.reading import How, read_files
from evaluator.intake.round import dossiers, owners_of
from evaluator.intake.sources import Source
from evaluator.limits import DEFAULT
from evaluator.model.files import load_model
from evaluator.model.records import Model
from evaluator.pipeline.judging import asked_of, judge_part
from evaluator.questionnaire.reader import ReturnedForm, read_form
from evaluator.workers import BATCH
from tests.benchmarks.peers import openpyxl_reader, pandas_reader
from tests.benchmarks.stage import Stage
from tests.benchmarks.tables import Table, milliseconds, times

SHEETS, ALL = "inflate + expat, sheets", "inflate + expat, sheets and shared texts"
OURS, READ = "guarded read + validate", "guarded read alone"
ROUNDS = 9
EACH = 10
"""Of so many institutions the slow scripts get one's files."""


def run(stage: Stage) -> Table:
    """Measure; a lane's time is for one file."""
    model = load_model()
    files = stage.files(stage.size(BATCH))
    found = list(sources.find(files))
    few = files[: max(5, len(files) // EACH)]
    data = [path.read_bytes() for path in files]
    lanes: dict[str, tuple[Callable[[], object], int]] = {
        OURS: (partial(read_and_validate, found, model), len(files)),
        READ: (partial(read_alone, found), len(files)),
        SHEETS: (partial(_each, _parsed, data), len(data)),
        ALL: (partial(_each, partial(_parsed, shared=True), data), len(data)),
        "calamine, all sheets": (partial(_each, _with_calamine, data), len(data)),
        "openpyxl `read_only`": (partial(_each, openpyxl_reader.read, few), len(few)),
        "pandas, opened once": (partial(_each, pandas_reader.read_once, few), len(few)),
        "pandas, opened for each sheet": (partial(_each, pandas_reader.read_each, few), len(few)),
        "pandas, opened once, the 3 sheets needed": (
            partial(_each, partial(pandas_reader.read_once, sheets=pandas_reader.NEEDED), few), len(few),
        ),
        "pandas, opened for each of the 3 sheets needed": (
            partial(_each, partial(pandas_reader.read_each, sheets=pandas_reader.NEEDED), few), len(few),
        ),
    }  # fmt: skip
    timed = stage.in_turn(ROUNDS, {name: lane for name, (lane, _) in lanes.items()}, clock=process_time)
    one = timed.each({name: count for name, (_, count) in lanes.items()})
    goals = {
        SHEETS: "ours at most 2.00x of it",
        "pandas, opened once": "ours at least 12x faster",
        "pandas, opened for each sheet": "ours at least 40x faster",
    }
    rows = []
    for name in lanes:
        ratio = one.ratio(OURS, name)
        shown = "" if name == OURS else f"{times(ratio)} of it" if ratio > 0.5 else f"{times(1 / ratio)} faster"
        rows.append((name, milliseconds(one.median(name)), shown, goals.get(name, "")))
    return Table(
        title="Reading",
        head=("lane", "a file", "ours (read + validate)", "goal"),
        rows=rows,
        note=f"Processor time of one process, {len(files):,} files; the slow scripts read {len(few)} of them. "
        "Ours ends with judged answers and findings, the scripts with rows and a list of problems.",
    )


def read_and_validate(found: Sequence[Source], model: Model) -> object:
    """Do what a run does with some institutions' files, from the files to findings."""
    read = read_files(How(asked=asked_of(model), limits=DEFAULT), found)
    owners = owners_of(read, None, model).owners
    return judge_part((model, None), list(dossiers(read, owners, None, lambda one: one.content)))


def read_alone(found: Sequence[Source]) -> None:
    """Guard, unpack and read, without what comes after."""
    for source in found:
        data = guards.load(source, DEFAULT)
        parts = archive.unpack(data, DEFAULT) if isinstance(data, bytes) else data
        form = read_form(parts, DEFAULT) if isinstance(parts, dict) else parts
        if not isinstance(form, ReturnedForm):
            raise TypeError(f"{source.name}: {form}")


def _each(work: Callable[..., object], items: Sequence[bytes] | Sequence[Path]) -> None:
    for item in items:
        work(item)


def _parsed(data: bytes, *, shared: bool = False) -> None:
    with zipfile.ZipFile(BytesIO(data)) as parts:
        for name in parts.namelist():
            if name.startswith("xl/worksheets/sheet") or (shared and name == "xl/sharedStrings.xml"):
                expat.ParserCreate().Parse(parts.read(name), True)


def _with_calamine(data: bytes) -> None:
    book = CalamineWorkbook.from_filelike(BytesIO(data), load_tables=False)
    for name in book.sheet_names:
        book.get_sheet_by_name(name).to_python(skip_empty_area=False)
