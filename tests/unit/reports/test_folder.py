"""What is made goes outside results and never over somebody else's file; results go over those of a run alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from hashlib import sha256
from pathlib import Path

import pytest

from evaluator.errors import OutputError
from evaluator.intake.earlier import FORMAT, MANIFEST
from evaluator.model.records import Model
from evaluator.pipeline import write_corrections, write_packages, write_templates
from evaluator.reports.folder import check_free, check_outside
from evaluator.reports.own_workbook import check_replaceable
from evaluator.rounds.making import create_round
from evaluator.synthesis.round import make_round
from evaluator.wording import Text
from tests import forms


def key_of(error: pytest.ExceptionInfo[OutputError]) -> str:
    return error.value.key


@pytest.mark.parametrize("inside", [".", "x.xlsx", "institutions/x.xlsx", "sub/../x.xlsx"])
def test_nothing_goes_into_the_results_folder(inside: str, tmp_path: Path) -> None:
    results = tmp_path / "results"
    results.mkdir()
    with pytest.raises(OutputError) as error:
        check_outside(results, results / inside)
    assert key_of(error) == "inside_results"


def test_beside_the_results_folder_is_outside(tmp_path: Path) -> None:
    (tmp_path / "results").mkdir()
    check_outside(tmp_path / "results", tmp_path / "results.xlsx")
    check_outside(tmp_path / "results", tmp_path / "results" / ".." / "x.xlsx")


def test_a_link_into_the_results_folder_is_inside(tmp_path: Path) -> None:
    (tmp_path / "results").mkdir()
    try:
        (tmp_path / "link").symlink_to(tmp_path / "results", target_is_directory=True)
    except OSError:
        pytest.skip("this system makes no links here")
    with pytest.raises(OutputError):
        check_outside(tmp_path / "results", tmp_path / "link" / "x.xlsx")


def templates(out: Path, model: Model) -> None:
    write_templates(out, model, "zh")


def packages(out: Path, model: Model) -> None:
    write_packages(out, model, "zh", forms.roster(out.parents[1] / "roster.xlsx", {"id": "N01", "name": "中心"}))


def corrections(out: Path, model: Model) -> None:
    write_corrections(out, [out.parents[1] / "returned"], model)


def sample(out: Path, model: Model) -> None:
    make_round(out, model, "zh", institutions=1, seed=1, faults=False)


def a_round(out: Path, model: Model) -> None:
    del model
    create_round(out, roster=out / "nowhere.xlsx", deadline=date(2030, 1, 1))


def workbook(out: Path, model: Model) -> None:
    del model
    check_replaceable(out / "x.xlsx", "rounds.status.title")


def other_results(out: Path, model: Model) -> None:
    del model
    check_free(out)


@pytest.mark.parametrize(
    "write", [templates, packages, corrections, sample, a_round, workbook, other_results], ids=lambda one: one.__name__
)
def test_whatever_is_written_it_does_not_go_into_results(
    write: Callable[[Path, Model], None], tmp_path: Path, model: Model
) -> None:
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / MANIFEST).write_text(f'{{"format": "{FORMAT}", "outputs": []}}', encoding="utf-8")
    with pytest.raises(OutputError) as error:
        write(tmp_path / "results" / "new", model)
    assert key_of(error) == "inside_results"
    assert [path.name for path in (tmp_path / "results").iterdir()] == [MANIFEST]


@pytest.fixture
def earlier(tmp_path: Path) -> Path:
    """A results folder as a run leaves it."""
    folder, listed = tmp_path / "results", []
    for name in ("ranking.xlsx", "results.db", "institutions/N01_甲.xlsx"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name, encoding="utf-8")
        listed.append({"path": name, "sha256": sha256(name.encode()).hexdigest()})
    (folder / MANIFEST).write_text(json.dumps({"format": FORMAT, "outputs": listed}), encoding="utf-8")
    return folder


def refusal(folder: Path) -> tuple[str, str]:
    """Give the key of the refusal to replace results, and the files named."""
    with pytest.raises(OutputError) as error:
        check_free(folder)
    names = error.value.params["names"]
    assert isinstance(names, Text)
    return error.value.key, names.en


def test_results_as_they_were_written_may_be_replaced_and_so_may_a_part_of_them(earlier: Path) -> None:
    check_free(earlier)
    (earlier / "ranking.xlsx").unlink()
    check_free(earlier)


@pytest.mark.parametrize("name", ["~$ranking.xlsx", ".~lock.ranking.xlsx#", "._ranking.xlsx", ".DS_Store", "Thumbs.db",
                                  "institutions/desktop.ini"])  # fmt: skip
def test_what_programs_and_systems_leave_behind_is_nobodys(earlier: Path, name: str) -> None:
    (earlier / name).write_text("left", encoding="utf-8")
    check_free(earlier)


def test_a_result_that_was_changed_since_is_somebodys_work(earlier: Path) -> None:
    for name in ("ranking.xlsx", "institutions/N01_甲.xlsx"):
        (earlier / name).write_text("notes", encoding="utf-8")
    key, names = refusal(earlier)
    assert (key, "ranking.xlsx" in names, "institutions/N01_甲.xlsx" in names) == ("changed_results", True, True)
    assert "results.db" not in names
    assert (earlier / "ranking.xlsx").read_text(encoding="utf-8") == "notes"


def test_a_file_that_is_listed_without_its_hash_is_no_result(earlier: Path) -> None:
    content = json.loads((earlier / MANIFEST).read_text(encoding="utf-8"))
    content["outputs"].append({"path": "thesis.docx", "sha256": ""})
    (earlier / MANIFEST).write_text(json.dumps(content), encoding="utf-8")
    (earlier / "thesis.docx").write_text("mine", encoding="utf-8")
    assert refusal(earlier) == ("foreign_files", "thesis.docx")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_what_is_no_file_is_no_result_and_is_not_waited_for(earlier: Path) -> None:
    for name in ("ranking.xlsx", "results.db"):
        (earlier / name).unlink()
    (earlier / "results.db").symlink_to("nowhere")
    os.mkfifo(earlier / "ranking.xlsx")
    code = (
        "import sys; from pathlib import Path; from evaluator.errors import OutputError\n"
        "from evaluator.reports.folder import check_free\n"
        "try: check_free(Path(sys.argv[1]))\n"
        "except OutputError as error: print(error.key, error.params['names'].en)"
    )
    done = subprocess.run([sys.executable, "-c", code, earlier], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "changed_results ranking.xlsx, results.db\n"
