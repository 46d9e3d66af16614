"""The command `analyse`: what it prints, what it writes, and what it refuses to write over."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from openpyxl import load_workbook

from evaluator import cli, pipeline
from evaluator.cli.texts import LANG
from evaluator.model.records import Model
from evaluator.wording import say

pytestmark = pytest.mark.filterwarnings("ignore:.*extension is not supported:UserWarning")  # openpyxl, of data bars


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory, faulty_round: Path, model: Model) -> Path:
    folder = tmp_path_factory.mktemp("analysed") / "results"
    pipeline.score([faulty_round / "returned"], folder, model, roster=faulty_round / "roster.xlsx")
    return folder


def run(*arguments: str | Path) -> int:
    with pytest.raises(SystemExit) as stopped:
        cli.main([str(argument) for argument in arguments])
    return int(stopped.value.code or 0)


def hashes(folder: Path) -> dict[str, str]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_a_workbook_is_written_and_its_path_printed(
    results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before, out = hashes(results), tmp_path / "new" / "a.xlsx"
    assert run("analyse", results, "--out", out) == 0
    printed = capsys.readouterr()
    assert str(out) in printed.out
    assert "α" in printed.out
    assert printed.err == ""
    assert load_workbook(out).sheetnames[0] == say("analysis.sheet.about", "zh")
    assert hashes(results) == before
    written = out.read_bytes()
    assert run("analyse", results / "results.db", "--out", out, "-q") == 0
    assert capsys.readouterr().out == ""
    assert out.read_bytes() == written


def test_without_a_path_it_only_prints(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("analyse", results, "--format", "json") == 0
    content = json.loads(capsys.readouterr().out)
    assert content["institutions"] == 30
    assert {"domains", "items", "requirements", "levels", "between_domains", "first"} < set(content)


def test_the_workbooks_language_is_asked_for(results: Path, tmp_path: Path) -> None:
    assert run("analyse", results, "--out", tmp_path / "a.xlsx", "--lang", "en", "-q") == 0
    assert load_workbook(tmp_path / "a.xlsx").sheetnames[0] == "About"


@pytest.mark.parametrize("name", ["a.xlsx", "institutions/a.xlsx", "results.db"])
def test_nothing_is_written_into_the_results(name: str, results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = hashes(results)
    assert run("analyse", results, "--out", results / name) == 2
    assert str(results / name) in capsys.readouterr().err
    assert hashes(results) == before


def test_somebody_elses_file_stays(results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "mine.xlsx").write_bytes(b"mine")
    assert run("analyse", results, "--out", tmp_path / "mine.xlsx") == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
    assert (tmp_path / "mine.xlsx").read_bytes() == b"mine"


@pytest.mark.parametrize("more", [(), ("--format", "json"), ("--out",)])
def test_a_round_with_nobody_rated_is_refused_in_one_line(
    more: tuple[str, ...], small_round: Path, model: Model, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    results, out = tmp_path / "results", tmp_path / "a.xlsx"
    one = next(iter(sorted((small_round / "returned").rglob("*.xlsx"))))
    pipeline.score([one], results, model)
    arguments = (*more, str(out)) if "--out" in more else more
    assert run("analyse", results, *arguments) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.count("\n") == 1
    assert say("errors.nothing_to_analyse", LANG, path=results) in printed.err
    assert not out.exists()


def test_a_folder_without_results_is_one_line_and_nothing_is_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("analyse", tmp_path, "--out", tmp_path / "new" / "a.xlsx") == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
    assert not (tmp_path / "new").exists()
