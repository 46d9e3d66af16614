"""Where a workbook made of results may go: outside their folder, and never over somebody else's file."""

from __future__ import annotations

from pathlib import Path

import pytest

from evaluator.errors import OutputError
from evaluator.reports.folder import check_outside


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
