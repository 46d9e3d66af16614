"""The command line: exit codes, one line for an operator's mistake, what is printed."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import openpyxl
import pytest

from evaluator import cli, pipeline
from evaluator.cli.texts import LANG
from evaluator.model.files import files_of, load_model
from evaluator.reports.record import FILE_STATUSES
from evaluator.wording import LANGS, catalogue, say


def run(*arguments: str | Path) -> int:
    with pytest.raises(SystemExit) as stopped:
        cli.main([str(argument) for argument in arguments])
    return int(stopped.value.code or 0)


def test_a_clean_round_scores_with_exit_code_0(small_round: Path, tmp_path: Path) -> None:
    assert run("score", small_round / "returned", "--roster", small_round / "roster.xlsx", "--out", tmp_path / "o") == 0
    assert {path.name for path in (tmp_path / "o").iterdir()} == {
        "ranking.xlsx", "institutions", "regulator.xlsx", "results.db", "manifest.json",
    }  # fmt: skip
    assert len(list((tmp_path / "o" / "institutions").iterdir())) == 6


def test_error_findings_give_exit_code_1_and_a_summary(
    faulty_round: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = run("score", faulty_round / "returned", "--roster", faulty_round / "roster.xlsx", "--out", tmp_path / "o")
    printed = capsys.readouterr()
    assert code == 1
    assert str(tmp_path / "o" / "ranking.xlsx") in printed.out
    assert "30" in printed.out
    assert printed.err == ""


def test_the_summary_can_say_every_status() -> None:
    for status in FILE_STATUSES:
        for lang in LANGS:
            assert say(f"cli.status.{status}", lang, count=3)


def test_returns_in_an_archive_are_scored_and_listed(
    small_round: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.make_archive(str(tmp_path / "in"), "zip", small_round / "returned")
    assert run("score", tmp_path / "in.zip", "--roster", small_round / "roster.xlsx", "--out", tmp_path / "o") == 0
    assert "31" in capsys.readouterr().out
    book = openpyxl.load_workbook(tmp_path / "o" / "ranking.xlsx", read_only=True)
    listed = [[str(cell) for cell in row] for row in book["文件清单"].iter_rows(values_only=True)]
    assert any(row[0] == "in.zip" and "压缩包或邮件" in row and "已打开" in row for row in listed)


def test_quiet_prints_nothing(small_round: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("score", small_round / "returned", "--out", tmp_path / "o", "--quiet") == 0
    printed = capsys.readouterr()
    assert (printed.out, printed.err) == ("", "")


def _is_one_line_saying(words: str, printed: str) -> bool:
    return printed.count("\n") == 1 and words in printed and "Traceback" not in printed


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["score", "{tmp}/nowhere", "--out", "{tmp}/o"], "nowhere"),
        (["score", "{tmp}/empty", "--out", "{tmp}/o"], "empty"),
        (["score", "{forms}", "--out", "{tmp}/file.txt"], "file.txt"),
        (["score", "{forms}", "--out", "{tmp}/file.txt/below"], "below"),
        (["score", "{forms}", "--out", "{tmp}/full"], "full"),
        (["score", "{forms}", "--out", "{tmp}/o", "--roster", "{tmp}/no-roster.xlsx"], "no-roster.xlsx"),
        (["score", "{forms}", "--out", "{tmp}/o", "--roster", "{tmp}/file.txt"], "file.txt"),
        (["score", "{forms}", "--out", "{tmp}/o", "--roster", "{tmp}/empty"], "empty"),
        (["score", "{forms}", "--out", "{tmp}/o", "--model", "{tmp}/faulty"], "model.toml"),
        (["score", "{forms}", "--out", "{tmp}/o", "--model", "no-such-model"], "no-such-model"),
        (["score", "{forms}"], "--out"),
        (["score", "--out", "{tmp}/o"], "PATHS"),
        (["score", "{forms}", "--out", "{tmp}/o", "--workers", "0"], "--workers"),
        (["score", "{forms}", "--out", "{tmp}/o", "--bogus"], "--bogus"),
        (["check", "{tmp}/nowhere"], "nowhere"),
        (["bogus"], "bogus"),
        (["templates", "--out", "{tmp}/file.txt"], "file.txt"),
        (["templates", "--out", "{tmp}/t", "--domain", "XX"], "XX"),
        (["sample", "--out", "{tmp}/full"], "full"),
        (["model", "show", "nothing-here"], "nothing-here"),
        (["model", "lint", "nothing-here"], "nothing-here"),
    ],
)
def test_an_operators_mistake_is_one_line_and_exit_code_2(
    arguments: list[str], words: str, small_round: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.docx").write_text("mine", encoding="utf-8")
    (tmp_path / "file.txt").write_text("text", encoding="utf-8")
    (tmp_path / "faulty").mkdir()
    (tmp_path / "faulty" / "model.toml").write_text('id = "x"\n', encoding="utf-8")
    places = {"tmp": str(tmp_path), "forms": str(small_round / "returned")}
    code = run(*(argument.format(**places) for argument in arguments))
    printed = capsys.readouterr()
    assert code == 2
    assert _is_one_line_saying(words, printed.err)
    assert (tmp_path / "full" / "thesis.docx").read_text(encoding="utf-8") == "mine"
    assert (tmp_path / "file.txt").read_text(encoding="utf-8") == "text"


def test_a_folder_without_permission_is_one_line(
    small_round: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(**_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("tempfile.TemporaryFile", refuse)  # root may write anywhere, so the refusal is made here
    assert run("score", small_round / "returned", "--out", tmp_path / "closed") == 2
    assert _is_one_line_saying("Permission denied", capsys.readouterr().err)
    assert list(tmp_path.iterdir()) == []


def test_an_unforeseen_error_is_one_line_naming_a_log(
    small_round: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.delenv("EVALUATOR_DEBUG", raising=False)
    monkeypatch.setattr("evaluator.pipeline.score", broken)
    assert run("score", small_round / "returned", "--out", tmp_path / "o") == 2
    printed = capsys.readouterr().err
    assert _is_one_line_saying("ZeroDivisionError", printed)
    log = Path(next(word for word in re.findall(r"\S+\.log", printed)))
    assert "a bug" in log.read_text(encoding="utf-8")
    log.unlink()


def test_a_run_into_earlier_results_replaces_them_whole(small_round: Path, tmp_path: Path) -> None:
    out = tmp_path / "o"
    fewer = tmp_path / "fewer"
    fewer.mkdir()
    for path in sorted((small_round / "returned").iterdir())[:5]:
        shutil.copyfile(path, fewer / path.name)
    assert run("score", small_round / "returned", "--out", out) == 0
    for name in ("~$ranking.xlsx", ".DS_Store", "institutions/Thumbs.db"):
        (out / name).write_bytes(b"left")
    assert run("score", fewer, "--out", out) == 0
    assert len(list((out / "institutions").iterdir())) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["fewer", "o"]


@pytest.mark.parametrize("name", ["notes.txt", "institutions/mine.docx", "ranking.xlsx", "results.db"])
def test_files_that_no_run_wrote_are_never_replaced(
    name: str, small_round: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "o"
    assert run("score", small_round / "returned", "--out", out, "-q") == 0
    (out / name).write_text("mine", encoding="utf-8")
    assert run("score", small_round / "returned", "--out", out) == 2
    assert _is_one_line_saying(name, capsys.readouterr().err)
    assert (out / name).read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("manifest", ['{"name": "my web app"}', "[]", "not json"])
def test_a_folder_with_somebody_elses_manifest_is_no_results_folder(
    manifest: str, small_round: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "manifest.json").write_text(manifest, encoding="utf-8")
    assert run("score", small_round / "returned", "--out", tmp_path) == 2
    assert _is_one_line_saying(str(tmp_path), capsys.readouterr().err)
    assert (tmp_path / "manifest.json").read_text(encoding="utf-8") == manifest


def test_inputs_inside_the_results_folder_are_not_replaced(
    small_round: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(small_round, tmp_path / "o")
    assert run("score", tmp_path / "o" / "returned", "--out", tmp_path / "o") == 2
    assert _is_one_line_saying("returned", capsys.readouterr().err)
    roster = tmp_path / "o" / "roster.xlsx"
    assert run("score", small_round / "returned", "--roster", roster, "--out", tmp_path / "o") == 2
    assert roster.is_file()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_programs_own_reports_are_no_questionnaires(lang: str, small_round: Path, tmp_path: Path) -> None:
    assert run("score", small_round / "returned", "--out", tmp_path / "o", "--lang", lang, "-q") == 0
    shutil.copytree(small_round / "returned", tmp_path / "mixed" / "returned")
    shutil.copytree(tmp_path / "o", tmp_path / "mixed" / "old")
    results = pipeline.evaluate([tmp_path / "mixed"], load_model())
    old = results.files["path"].str.startswith("mixed/old/")
    assert not results.files.loc[old, "status"].eq("counted").any()
    assert results.files.loc[~old, "status"].eq("counted").all()
    assert results.assessment.institutions["status"].eq("rated").all()


def is_alive(group: int) -> bool:
    """Tell whether any process of a group is left after a while."""
    for _ in range(50):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return False
        time.sleep(0.1)
    return True


@pytest.mark.parametrize("address", ["", "  "])
def test_an_empty_address_of_a_cluster_is_no_run_on_this_machine(
    address: str, small_round: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("score", small_round / "returned", "--out", tmp_path / "o", "--cluster", address) == 2
    assert "--cluster" in capsys.readouterr().err
    assert not (tmp_path / "o").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="signals as on POSIX systems")
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_stopped_run_leaves_the_old_results_and_nothing_else(name: str, small_round: Path, tmp_path: Path) -> None:
    many = tmp_path / "many"
    many.mkdir()
    for path in (small_round / "returned").iterdir():
        for copy in range(30):
            shutil.copyfile(path, many / f"{copy}_{path.name}")
    out = tmp_path / "o"
    assert run("score", small_round / "returned", "--out", out, "-q") == 0
    before = (out / "manifest.json").read_bytes()
    command = [sys.executable, "-m", "evaluator", "score", str(many), "--out", str(out), "--workers", "2"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8", start_new_session=True,
        preexec_fn=partial(signal.signal, getattr(signal, name), signal.SIG_DFL),  # noqa: PLW1509 - a background job ignores SIGINT
    ) as running:  # fmt: skip
        time.sleep(2.5)
        if name == "SIGINT":
            os.killpg(running.pid, signal.SIGINT)
        else:
            running.send_signal(getattr(signal, name))
        _, said = running.communicate(timeout=60)
    assert running.returncode == 2, said
    assert len(said.split("\n")) == 3, said  # the line ended after ^C, and one that says what happened
    assert (out / "manifest.json").read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["many", "o"]
    assert not is_alive(running.pid), "a process of the run goes on"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_terminal_is_one_line(small_round: Path) -> None:
    command = [sys.executable, "-m", "evaluator", "check", str(small_round / "returned")]
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, encoding="utf-8", check=False)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1


def test_results_inside_the_input_folder_are_not_read_as_returns(small_round: Path, tmp_path: Path) -> None:
    everything = tmp_path / "round"
    shutil.copytree(small_round / "returned", everything)
    assert run("score", everything, "--out", everything / "results") == 0
    assert run("score", everything, "--out", everything / "results") == 0


def test_check_prints_findings_with_code_file_and_cell(faulty_round: Path, capsys: pytest.CaptureFixture[str]) -> None:
    planted = json.loads((faulty_round / "planted.json").read_text(encoding="utf-8"))["faults"]
    blank = next(fault for fault in planted if fault["code"] == "answer.blank")
    assert run("check", faulty_round / "returned", "--format", "text") == 1
    lines = [line for line in capsys.readouterr().out.splitlines() if "answer.blank" in line]
    assert any(blank["file"] in line and line.endswith(f"!{blank['cell']}") for line in lines)


def test_check_as_json_is_one_object_with_files_and_findings(
    small_round: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("check", small_round / "returned", "--format", "json") == 0
    printed = json.loads(capsys.readouterr().out)
    assert len(printed["files"]) == 30
    assert printed["findings"] == []


def test_checking_one_file_says_nothing_of_other_domains(small_round: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one = next((small_round / "returned").glob("*_SO_*.xlsx"))
    assert run("check", one) == 0
    assert "return.missing_domain" not in capsys.readouterr().out


def test_model_show_as_json_has_the_contracts_keys(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("model", "show", "--format", "json") == 0
    model = json.loads(capsys.readouterr().out)
    assert {"id", "edition", "name", "levels", "scale", "rules", "domains"} <= set(model)
    assert [answer["code"] for answer in model["scale"]] == ["full", "large", "partial", "none", "na"]
    assert model["scale"][-1]["value"] is None
    requirement = model["domains"][0]["items"][0]["requirements"][0]
    keys = {"id", "level", "dimension", "weight", "na_allowed", "veto_star", "text", "evidence", "advice"}
    assert keys <= set(requirement)
    assert set(requirement["text"]) == {"zh", "en"}
    assert requirement["veto_star"] is None


def test_model_lint_is_silent_about_the_built_in_model(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("model", "lint", "--quiet") == 0
    assert capsys.readouterr().out == ""


def test_model_lint_lists_faults_and_exits_with_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "model.toml").write_text('id = "x"\nbogus = 1\n', encoding="utf-8")
    assert run("model", "lint", tmp_path) == 1
    assert "bogus" in capsys.readouterr().out


def test_model_lint_exits_with_0_where_there_are_but_warnings(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = shutil.copytree(files_of("sme-service")[0].parent, tmp_path / "model")
    path = folder / "5_CI.toml"
    tables = re.split(r"(?m)^(?=\[\[)", path.read_text(encoding="utf-8"))
    path.write_text("".join(table for table in tables if "\nlevel = 5\n" not in table), encoding="utf-8")
    assert run("model", "lint", folder) == 0
    line, summary = capsys.readouterr().out.splitlines()
    assert line.startswith("5_CI.toml")
    assert summary == say("model.show.warnings", LANG, count=1)
    assert run("model", "lint", folder, "-q") == 0
    assert capsys.readouterr().out.splitlines() == [line]
    main = folder / "model.toml"
    main.write_text(main.read_text(encoding="utf-8").replace("level = 1\n", "level = 2\n", 1), encoding="utf-8")
    assert run("model", "lint", folder) == 1
    assert capsys.readouterr().out.splitlines()[-1] == say("model.show.faults", LANG, count=2)


def test_templates_are_not_written_over_other_contents(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("templates", "--out", tmp_path, "--lang", "en") == 0
    assert len(list(tmp_path.iterdir())) == 5
    assert run("templates", "--out", tmp_path, "--lang", "en") == 0
    capsys.readouterr()
    assert run("templates", "--out", tmp_path, "--lang", "en", "--deadline", "2026-04-30") == 2
    assert _is_one_line_saying("1_SS", capsys.readouterr().err)
    assert run("templates", "--out", tmp_path, "--lang", "en", "--deadline", "2026-04-30", "--force") == 0


def test_a_domain_may_be_named_by_its_alias(tmp_path: Path) -> None:
    assert run("templates", "--out", tmp_path, "--domain", "服务战略") == 0
    assert [path.name[:4] for path in tmp_path.iterdir()] == ["1_SS"]


def test_every_command_has_help_with_an_example_in_both_languages() -> None:
    for name, text in catalogue("cli")["help"].items():  # type: ignore[attr-defined]
        assert "示例：evaluator" in text["zh"], name
        assert "Example: evaluator" in text["en"], name


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_terminals_language_follows_the_environment(lang: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "evaluator", "--help"],
        env={**os.environ, "EVALUATOR_LANG": lang, "PYTHONUTF8": "1"},
        capture_output=True, encoding="utf-8", check=True,
    )  # fmt: skip
    assert ("校验收回的问卷" in done.stdout) == (lang == "zh")


def test_help_imports_nothing_heavy() -> None:
    script = (
        "import sys\nfrom evaluator import cli\n"
        "heavy = {'pandas', 'numpy', 'pydantic', 'xlsxwriter', 'openpyxl', 'rich', 'python_calamine'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, encoding="utf-8", check=True)
    assert done.stdout.strip() == "[]"
