"""The benchmarks still run, and what the program is measured against does the same work."""

from __future__ import annotations

import importlib
import subprocess
import sys
import warnings
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from evaluator import pipeline
from evaluator.model.records import Model
from evaluator.questionnaire.reader import ReturnedForm
from tests import forms
from tests.benchmarks.__main__ import NAMES
from tests.benchmarks.peers import openpyxl_reader, pandas_reader, usual_scoring, wide_tables
from tests.benchmarks.reports import COLUMNS, table, wide_table

ROOT = Path(__file__).parents[2]
Reader = Callable[[Path], openpyxl_reader.Return]


@pytest.fixture(autouse=True)
def no_warnings_of_openpyxl() -> None:
    warnings.filterwarnings("ignore", module="openpyxl")


def test_every_benchmark_goes_through(tmp_path: Path) -> None:
    names = [name for name in NAMES if name != "cluster"]  # which needs an extra, and seconds to start
    command = [sys.executable, "-m", "tests.benchmarks", *names, "--quick", "--institutions", "2", "--data", tmp_path]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert done.stdout.count("\n## ") == len(names)
    assert all(callable(importlib.import_module(f"tests.benchmarks.{name}").run) for name in NAMES)


@pytest.mark.parametrize("read", [openpyxl_reader.read, pandas_reader.read_once, pandas_reader.read_each])
def test_the_scripts_read_what_our_reader_reads(small_round: Path, read: Reader) -> None:
    path = min((small_round / "returned").iterdir())
    form, found = forms.read(path.read_bytes()), read(path)
    assert isinstance(form, ReturnedForm)
    assert [(row.requirement, row.answer, row.evidence, row.remarks) for row in found.rows] == [
        (row.requirement, row.typed, row.evidence, row.remarks) for row in form.rows
    ]
    assert found.meta["institution"] == form.meta["institution"]
    assert found.institution["机构名称"] == form.value("name")


def test_the_usual_script_comes_to_our_totals_stars_and_ranks(small_round: Path, model: Model) -> None:
    ours = pipeline.evaluate([small_round / "returned"], model).assessment.institutions.set_index("id")
    found = [openpyxl_reader.read(path) for path in sorted((small_round / "returned").iterdir())]
    answers = pd.DataFrame(
        [(one.meta["institution"], *row) for one in found for row in one.rows],
        columns=["institution", "requirement", "answer", "evidence", "remarks"],
    )
    rules = model.as_json()
    rows = usual_scoring.judged(answers, usual_scoring.asked_of(rules))
    domains = usual_scoring.domain_scores(rows, model.rules.pass_mark)
    theirs = usual_scoring.ranking(rows, domains, rules).loc[ours.index]
    assert theirs["total"].to_list() == pytest.approx(ours["score"].to_list(), abs=1e-9)
    assert theirs["star"].to_list() == ours["star"].to_list()
    assert theirs["rank"].to_list() == ours["rank"].to_list()


def test_the_wide_table_is_the_same_by_every_writer() -> None:
    rows = table(20)
    written = (
        wide_table(rows),
        wide_tables.with_xlsxwriter(rows, COLUMNS),
        wide_tables.with_openpyxl(rows, COLUMNS),
    )
    for data in written:
        sheet = openpyxl.load_workbook(BytesIO(data)).active
        cells = [[cell.value or "" for cell in row] for row in sheet.iter_rows()]
        assert cells == [
            [pytest.approx(value) if isinstance(value, float) else value or "" for value in row] for row in rows
        ]
        looks = [(cell.number_format, cell.alignment.horizontal, cell.border.left.style) for cell in sheet[3]]
        wanted = [wide_tables.KINDS[kind] for kind in COLUMNS]
        assert looks == [(look.get("num_format", "General"), look.get("align"), "thin") for look in wanted]
