"""Commands that are given a model which can't be used: one line or a list of faults, and nothing unforeseen."""

from __future__ import annotations

from pathlib import Path

import pytest

from evaluator import cli
from tests.unit.model.test_files import Copy

HUGE = "1" + "0" * 400
FAULTY = [
    # file, text, what is put in its place, what is said of it
    ("model.toml", 'code = "SD"\nfile = "2_SD.toml"', 'code = "SS"\nfile = "1_SS.toml"', "in use already"),
    ("model.toml", "weight = 0.15", f"weight = {HUGE}", "out of all bounds"),
    ("model.toml", "bands = [0.8,", f"bands = [{HUGE},", "out of all bounds"),
    ("model.toml", "seed = 1 ", f"seed = 0x{'f' * 5000} ", "at most 9223372036854775807"),
    ("model.toml", "weight = 0.15", "weight = " + "1" * 5000, "the number is too long"),
    ("1_SS.toml", "level = 1", "weight = 1e308\nlevel = 1", "at most 1000000"),
    ("1_SS.toml", "level = 1", "weight = 5e-324\nlevel = 1", "at least 0.000001"),
]


@pytest.fixture(scope="module")
def results(small_round: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models") / "results"
    assert run("score", small_round / "returned", "--out", folder, "-q", "--workers", "1") == 0
    return folder


def run(*arguments: str | Path) -> int:
    with pytest.raises(SystemExit) as stopped:
        cli.main([str(argument) for argument in arguments])
    return int(stopped.value.code or 0)


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli, "LANG", "en")
    monkeypatch.setattr(cli.models, "LANG", "en")


@pytest.mark.parametrize(("name", "old", "new", "words"), FAULTY)
def test_a_model_that_will_not_do_is_said_by_every_command_that_takes_one(
    name: str, old: str, new: str, words: str,
    small_round: Path, results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    copy = Copy(tmp_path / "model")
    copy.change(name, old, new)
    assert run("model", "lint", copy.folder) == 1
    assert words in capsys.readouterr().out
    returned = small_round / "returned"
    for command in (
        ("model", "show", "--model", copy.folder),
        ("score", returned, "--model", copy.folder, "--out", tmp_path / "out"),
        ("verify", results, returned, "--model", copy.folder),
        ("whatif", results, "--model", copy.folder, "--out", tmp_path / "whatif.xlsx"),
    ):
        code, printed = run(*command), capsys.readouterr()
        assert (code == 1 and printed.out) if command[0] == "verify" else code == 2, (command, code, printed)
        assert ".log" not in printed.err


def test_an_operators_mistake_steers_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("model", "lint", "\x1b[2J\u202ename") == 2
    assert "\\u001b[2J\\u202ename" in capsys.readouterr().err
