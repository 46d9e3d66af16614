"""`audit-sample`: what is printed, what is written, and what is refused in one line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from evaluator import cli, pipeline
from evaluator.cli.texts import LANG
from evaluator.model.records import Model
from evaluator.wording import say

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory, small_round: Path, model: Model) -> Path:
    folder = tmp_path_factory.mktemp("audit") / "results"
    pipeline.score([small_round / "returned"], folder, model, roster=small_round / "roster.xlsx")
    return folder


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], results: Path) -> Run:
    def run(*arguments: str | Path, of: Path = results) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as stopped:
            cli.main(["audit-sample", str(of), *map(str, arguments)])
        printed = capsys.readouterr()
        return int(stopped.value.code or 0), printed.out, printed.err

    return run


def test_the_sample_is_printed_and_drawn_alike_each_time(run: Run) -> None:
    code, out, err = run("--size", "3", "--seed", "20260601")
    assert (code, err) == (0, "")
    assert sum(line.startswith("SME") for line in out.splitlines()) == 3
    assert run("--size", "3", "--seed", "20260602")[1] != out


def test_in_a_file_every_reason_is_whole(run: Run) -> None:
    sizes = ("--size", "6", "--seed", "20260601")
    whole = [one["why"][LANG] for one in json.loads(run(*sizes, "--format", "json")[1])["sample"]]
    lines = [line for line in run(*sizes)[1].splitlines() if line.startswith("SME")]
    assert max(map(len, whole)) > 44
    assert all(line.endswith(why) for line, why in zip(lines, whole, strict=True))


@pytest.mark.parametrize("seed", [" 20260601", "20260601 ", "red  ball 7", "red\tball 7", "7\u3000"])
def test_a_seed_that_would_not_be_read_as_it_counts_is_refused_with_what_to_give(run: Run, seed: str) -> None:
    code, out, err = run("--size", "3", "--seed", seed)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert " ".join(seed.split()) in err
    assert run("--size", "3", "--seed", " ".join(seed.split()))[0] == 0


@pytest.mark.parametrize("size", ["0", "-1", "1.5", "three", ""])
def test_a_size_that_is_no_count_is_refused_with_what_is_expected(run: Run, size: str) -> None:
    code, out, err = run("--size", size, "--seed", "1")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "--size" in err
    assert (size or '""') in err


def test_json_is_the_same_draw(run: Run) -> None:
    _, out, _ = run("--size", "3", "--seed", "20260601")
    found = json.loads(run("--size", "3", "--seed", "20260601", "--format", "json")[1])
    listed = [line.split()[0] for line in out.splitlines() if line.startswith("SME")]
    assert [one["id"] for one in found["sample"]] == listed
    assert sum(one["probability"] for one in found["sample"]) > 0
    assert len(found["population"]) == found["rated"] == 6


def test_more_than_there_are_is_said(run: Run) -> None:
    code, out, _ = run("--size", "50", "--seed", "x")
    assert code == 0
    assert "50" in out.splitlines()[0]
    assert sum(line.startswith("SME") for line in out.splitlines()) == 6
    assert "M = " not in out
    assert say("audit.no_estimate", LANG) in out


def test_the_workbook_is_written_and_left_alone_when_it_is_filled_in(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "sample.xlsx"
    code, said, _ = run("--size", "3", "--seed", "1", "--out", out)
    assert (code, str(out) in said) == (0, True)
    first = out.read_bytes()
    assert run("--size", "3", "--seed", "1", "--out", out, "-q") == (0, "", "")
    assert out.read_bytes() == first
    code, _, err = run("--size", "3", "--seed", "2", "--out", out)
    assert (code, err.count("\n"), out.read_bytes()) == (2, 1, first)
    assert run("--size", "3", "--seed", "2", "--out", out, "--force")[0] == 0
    assert out.read_bytes() != first


def test_somebody_elses_file_stays_whatever_is_asked(run: Run, results: Path, tmp_path: Path) -> None:
    for name, source in (("ranking.xlsx", results / "ranking.xlsx"), ("text.xlsx", results / "manifest.json")):
        out = tmp_path / name
        out.write_bytes(source.read_bytes())
        for more in ((), ("--force",)):
            code, said, err = run("--size", "3", "--seed", "2", "--out", out, *more)
            assert (code, said) == (2, "")
            assert say("errors.not_ours", LANG, path=out) in err
            assert out.read_bytes() == source.read_bytes()


def test_an_operators_mistake_is_one_line_and_results_stay_as_they_are(run: Run, results: Path, tmp_path: Path) -> None:
    before = {path: path.read_bytes() for path in results.rglob("*") if path.is_file()}
    for arguments in (
        ("--size", "0", "--seed", "1"),
        ("--size", "3"),
        ("--size", "3", "--seed", "  "),
        ("--size", "3", "--seed", "a\u200bb"),
        ("--size", "3", "--seed", "1", "--out", results / "sample.xlsx"),
        ("--size", "3", "--seed", "1", "--out", results / "ranking.xlsx", "--force"),
        ("--size", "3", "--seed", "1", "--out", tmp_path),
        ("--size", "3", "--seed", "1", "--out", tmp_path / "sample.txt"),
    ):
        code, out, err = run(*arguments)
        assert (code, out, err.count("\n")) == (2, "", 1), arguments
    for where in ((), ("--out", tmp_path / "sample.xlsx"), ("--out", tmp_path / "nothing" / "sample.xlsx")):
        code, out, err = run("--size", "3", "--seed", "1", *where, of=tmp_path / "nothing")
        assert (code, out, err.count("\n")) == (2, "", 1)
        assert say("errors.no_results", LANG, path=tmp_path / "nothing") in err
    assert {path: path.read_bytes() for path in results.rglob("*") if path.is_file()} == before
