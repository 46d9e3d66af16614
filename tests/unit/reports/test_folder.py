"""Where a workbook made of results may go: outside their folder, and never over somebody else's file."""

from __future__ import annotations

from pathlib import Path

import pytest

from evaluator.errors import OutputError
from evaluator.reports.folder import check_outside, check_workbook
from evaluator.workbook import Book


def key_of(error: pytest.ExceptionInfo[OutputError]) -> str:
    return error.value.key


def write(path: Path, title: str) -> None:
    with Book(path, title=title) as book:
        book.sheet("A")


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


def test_a_workbook_goes_where_nothing_is_or_one_of_its_kind(tmp_path: Path) -> None:
    target = tmp_path / "new" / "x.xlsx"
    check_workbook(target, ["A & B"])
    assert target.parent.is_dir()
    write(target, "A & B")
    check_workbook(target, ["other", "A & B"])
    with pytest.raises(OutputError) as error:
        check_workbook(target, ["other"])
    assert key_of(error) == "not_ours"


@pytest.mark.parametrize(
    ("name", "content", "key"),
    [
        ("x.xlsx", b"somebody's notes", "not_ours"),
        ("x.xlsx", b"", "not_ours"),
        ("x.xls", None, "not_xlsx"),
        ("folder.xlsx", "folder", "is_a_folder"),
        ("file/x.xlsx", "parent", "not_writable"),
    ],
)
def test_what_is_not_ours_stays(name: str, content: bytes | str | None, key: str, tmp_path: Path) -> None:
    target = tmp_path / name
    if isinstance(content, bytes):
        target.write_bytes(content)
    elif content == "folder":
        target.mkdir()
    elif content == "parent":
        target.parent.write_bytes(b"a file")
    with pytest.raises(OutputError) as error:
        check_workbook(target, ["title"])
    assert key_of(error) == key
