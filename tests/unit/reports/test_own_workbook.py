"""A command's own workbook is written over; anything else is not, and a results folder stays as it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from evaluator.errors import OutputError
from evaluator.reports.look import ReportBook
from evaluator.reports.own_workbook import check_own, is_own
from evaluator.wording import LANGS, Lang, say

TITLE = "whatif.title"


@pytest.mark.parametrize("lang", LANGS)
def test_a_workbook_is_known_by_its_title_in_either_language(tmp_path: Path, lang: str) -> None:
    path = tmp_path / "a.xlsx"
    with ReportBook(path, "zh", say(TITLE, lang)) as book:  # type: ignore[arg-type]
        book.sheet("a")
    assert is_own(path, TITLE)
    assert not is_own(path, "rounds.status.title")
    check_own(path, TITLE)


@pytest.mark.parametrize(
    ("name", "content", "key"),
    [
        ("a.xlsx", b"no workbook", "not_ours"),
        ("a.txt", None, "not_xlsx"),
        ("", None, "is_a_folder"),
        ("file/a.xlsx", None, "not_writable"),
    ],
)
def test_what_is_something_else_is_left_alone(tmp_path: Path, name: str, content: bytes | None, key: str) -> None:
    (tmp_path / "file").write_bytes(b"")
    path = tmp_path / name if name else tmp_path
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(OutputError) as caught:
        check_own(path, TITLE)
    assert caught.value.key == key
    assert content is None or path.read_bytes() == content


def test_the_folder_of_a_new_one_is_made(tmp_path: Path) -> None:
    check_own(tmp_path / "new" / "a.xlsx", TITLE)
    assert (tmp_path / "new").is_dir()


@pytest.mark.parametrize("lang", LANGS)
def test_what_is_no_name_of_a_workbook_is_told_with_one_that_is(lang: Lang, tmp_path: Path) -> None:
    """A bare `.xlsx` ends in .xlsx, so saying that it doesn't would help nobody."""
    with pytest.raises(OutputError) as error:
        check_own(tmp_path / ".xlsx", TITLE)
    assert "result.xlsx" in error.value.message(lang)
