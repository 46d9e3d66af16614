"""`evaluator whatif`: what it prints and writes, and an operator's mistakes in one line."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from evaluator import cli, pipeline
from evaluator.assessment.coding import encoded
from evaluator.assessment.rejudging import rejudge, written
from evaluator.model import files
from evaluator.model.records import Model
from evaluator.reports.recorded import open_results

Run = Callable[..., tuple[int, str, str]]
BUILTIN = Path(files.__file__).parent / "builtin" / "sme-service" / "2023.1"


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*arguments: str | Path) -> tuple[int, str, str]:
        capsys.readouterr()
        with pytest.raises(SystemExit) as stopped:
            cli.main([str(argument) for argument in arguments])
        said = capsys.readouterr()
        return int(stopped.value.code or 0), said.out, said.err

    return run


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory, faulty_round: Path, model: Model) -> Path:
    folder = tmp_path_factory.mktemp("whatif") / "results"
    pipeline.score([faulty_round / "returned"], folder, model, roster=faulty_round / "roster.xlsx")
    return folder


@pytest.fixture
def revised(tmp_path: Path) -> Path:
    """The built-in model with a pass mark of 0.5 and without the evidence rule."""
    folder = tmp_path / "revised"
    shutil.copytree(BUILTIN, folder)
    main = folder / "model.toml"
    text = main.read_text(encoding="utf-8")
    changed = text.replace("pass_mark = 0.8", "pass_mark = 0.5").replace(
        "evidence_rule = true", "evidence_rule = false"
    )
    assert changed.count("pass_mark = 0.5") == 1
    assert changed.count("evidence_rule = false") == 1
    main.write_text(changed, encoding="utf-8")
    return folder


def content(folder: Path) -> dict[str, str]:
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_the_recorded_answers_count_as_before_under_the_same_model(results: Path) -> None:
    """On a round with every planted fault: blanks, refused N/A, missing evidence, formulas, conflicts."""
    record = open_results(results)
    wrote = written(record.assessment, *record.shown(), record.decided)
    again = rejudge(record.assessment, wrote, record.model)
    assert record.assessment.unproven.any()
    for one, other in zip(encoded(again.answers), encoded(record.assessment.answers), strict=True):
        assert np.array_equal(one, other)


def test_a_revision_is_tried_and_the_results_stay_as_they_are(
    run: Run, results: Path, revised: Path, tmp_path: Path
) -> None:
    before = content(results)
    out = tmp_path / "new" / "whatif.xlsx"
    code, said, complained = run("whatif", results, "--model", revised, "--out", out)
    assert (code, complained) == (0, "")
    assert len(said.splitlines()) <= 8
    assert str(out) in said
    assert out.is_file()
    assert content(results) == before
    code, said, _ = run("whatif", results / "results.db", "--model", revised, "--out", out, "--format", "json")
    found = json.loads(said)
    assert [one["code"] for one in found["differences"]] == ["pass_mark", "evidence_rule"]
    assert found["figures"]["down"] == 0
    assert found["figures"]["up"] > 0
    assert run("whatif", results, "--model", revised, "--out", out, "-q") == (0, "", "")


def test_another_seed_of_the_draws_is_told_as_data_too(run: Run, results: Path, revised: Path, tmp_path: Path) -> None:
    main = revised / "model.toml"
    text = main.read_text(encoding="utf-8")
    changed = text.replace("seed = 1 ", "seed = 2 ")
    assert changed != text
    main.write_text(changed, encoding="utf-8")
    code, said, complained = run(
        "whatif", results, "--model", revised, "--out", tmp_path / "w.xlsx", "--format", "json"
    )
    assert (code, complained) == (0, "")
    told = {one["code"]: one["new"] for one in json.loads(said)["differences"]}
    assert told["robustness"]["seed"] == 2


def test_the_operators_mistakes_are_one_line_and_write_nothing(
    run: Run, results: Path, revised: Path, tmp_path: Path
) -> None:
    other = tmp_path / "ranking.xlsx"
    shutil.copy(results / "ranking.xlsx", other)
    bad = tmp_path / "bad"
    shutil.copytree(revised, bad)
    (bad / "1_SS.toml").write_text("code = ", encoding="utf-8")
    out = tmp_path / "w.xlsx"
    for arguments in (
        (tmp_path, "--model", revised, "--out", out),
        (results, "--model", tmp_path / "none", "--out", out),
        (results, "--model", bad, "--out", out),
        (results, "--model", revised, "--out", other),
        (results, "--model", revised, "--out", results / "w.xlsx"),
        (results, "--model", revised, "--out", tmp_path / "w.xls"),
        (results, "--model", revised, "--out", tmp_path / ".xlsx"),
        (results, "--model", revised / "1_SS.toml", "--out", out),
        (results, "--out", out),
        (results, "--model", revised),
    ):
        code, said, complained = run("whatif", *arguments)
        assert (code, said, len(complained.splitlines())) == (2, "", 1), complained
    assert not out.exists()
    assert not (results / "w.xlsx").exists()
    assert other.read_bytes() == (results / "ranking.xlsx").read_bytes()


def test_a_model_that_asks_more_is_refused_by_name(run: Run, results: Path, revised: Path, tmp_path: Path) -> None:
    place = revised / "5_CI.toml"
    text = place.read_text(encoding="utf-8")
    start = text.rindex("[[item.requirement]]")
    more = text[start:].replace("CI6-5", "CI6-5b")
    words = [line.partition('zh = "')[2].partition('"')[0] for line in more.splitlines() if line.startswith("text")]
    place.write_text(text.rstrip() + "\n\n" + more.replace(words[0], "另一条要求。", 1) + "\n", encoding="utf-8")
    code, _, complained = run("whatif", results, "--model", revised, "--out", tmp_path / "w.xlsx")
    assert code == 2
    assert "CI6-5b" in complained
    assert len(complained.splitlines()) == 1
