"""Where a workbook made of results may go: outside their folder, and never over somebody else's file."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
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
