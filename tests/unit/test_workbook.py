"""The wrapper over XlsxWriter: what XlsxWriter only reports by a return value must not pass unseen."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from evaluator import workbook
from evaluator.workbook import MAX_CELL_TEXT, MAX_ROW_POINTS, Book, Sheet


def reopened(stream: BytesIO) -> Worksheet:
    return load_workbook(stream)["s"]


REFUSED: dict[str, Callable[[Sheet], None]] = {
    "text": lambda sheet: sheet.text(0, 20_000, "too far right"),
    "number": lambda sheet: sheet.number(2_000_000, 0, 1.0),
    "link": lambda sheet: sheet.link(0, 20_000, "external:a.xlsx", "a"),
    "height": lambda sheet: sheet.height(2_000_000, 10.0),
    "long list": lambda sheet: sheet.validated([(0, 0)], {"validate": "list", "source": ["x" * 300]}),
}


def write(path: Path, act: Callable[[Sheet], None]) -> None:
    with Book(path) as book:
        act(book.sheet("s"))


@pytest.mark.filterwarnings("ignore:Length of list items")
@pytest.mark.parametrize("act", REFUSED.values(), ids=REFUSED.keys())
def test_a_refusal_of_xlsxwriter_raises_and_leaves_no_file(act: Callable[[Sheet], None], tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="not written"):
        write(tmp_path / "a.xlsx", act)
    assert not list(tmp_path.iterdir())


def test_texts_are_written_as_texts_and_fit_the_cell() -> None:
    stream = BytesIO()
    with Book(stream) as book:
        sheet = book.sheet("s")
        for row, words in enumerate(["=1+1", "http://x", "a\x01\r\nb", "长" * 40_000, "😀" * 20_000]):
            sheet.text(row, 0, words)
    values = [cell.value for cell in reopened(stream)["A"]]
    assert values[:3] == ["=1+1", "http://x", "a\nb"]
    assert [len(value.encode("utf-16-le")) // 2 for value in values[3:]] == [MAX_CELL_TEXT, MAX_CELL_TEXT]
    assert all(value.endswith("…") for value in values[3:])


def test_links_past_excels_limit_are_plain_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "MAX_LINKS", 2)
    stream = BytesIO()
    with Book(stream) as book:
        sheet = book.sheet("s")
        for row in range(4):
            sheet.link(row, 0, f"external:folder/{row}.xlsx", str(row))
    cells = reopened(stream)["A"]
    assert [cell.value for cell in cells] == ["0", "1", "2", "3"]
    assert [cell.hyperlink is not None for cell in cells] == [True, True, False, False]


def test_the_limit_of_links_is_xlsxwriters_own() -> None:
    with Book(BytesIO()) as book:
        sheet = book.sheet("s")
        for row in range(workbook.MAX_LINKS + 1):
            sheet.link(row, 0, "internal:'s'!A1", "a")
        assert sheet.raw.hlink_count == workbook.MAX_LINKS


def test_rows_are_never_higher_than_excel_allows() -> None:
    stream = BytesIO()
    with Book(stream) as book:
        book.sheet("s").height(0, 1000)
    assert reopened(stream).row_dimensions[1].height == pytest.approx(MAX_ROW_POINTS, abs=0.5)


def test_a_validation_of_many_cells_is_one_and_its_texts_fit() -> None:
    stream = BytesIO()
    with Book(stream) as book:
        cells = [(1, 0), (2, 0), (5, 0), (1, 3)]
        book.sheet("s").validated(cells, {"validate": "list", "source": ["a"], "input_title": "t" * 40})
    (rule,) = reopened(stream).data_validations.dataValidation
    assert str(rule.sqref) == "A2:A3 A6 D2"
    assert rule.promptTitle == "t" * 31 + "…"


def test_a_reference_quotes_the_sheets_name() -> None:
    with Book(BytesIO()) as book:
        sheet = book.sheet("it's")
        assert sheet.ref(0, 1) == "'it''s'!$B$1"
        assert sheet.ref(0, 1, 4) == "'it''s'!$B$1:$B$5"


def test_plain_formulas_are_written_like_others() -> None:
    for plain in (False, True):
        stream = BytesIO()
        with Book(stream, plain_formulas=plain) as book:
            book.sheet("s").formula(0, 0, "=SUM(1,2)", 3)
        assert reopened(stream)["A1"].value == "=SUM(1,2)"


def test_a_text_may_stand_in_its_cell_and_not_among_the_shared_ones() -> None:
    stream = BytesIO()
    with Book(stream) as book:
        sheet = book.sheet("s")
        for row, words in enumerate(["=1+1", " <a & b> ", "a\x01b", ""]):
            sheet.inline(row, 0, words, book.format(bold=True))
    assert [cell.value for cell in reopened(stream)["A"]] == ["=1+1", " <a & b> ", "ab", None]
    with zipfile.ZipFile(stream) as archive:
        assert "xl/sharedStrings.xml" not in archive.namelist()


def test_a_text_known_beforehand_is_shared_once() -> None:
    stream = BytesIO()
    with Book(stream, known=workbook.known(["a", "b\x01", "a", ""])) as book:
        book.sheet("s").row(0, 0, ["b", "a", "c", "a"])
    with zipfile.ZipFile(stream) as archive:
        shared = archive.read("xl/sharedStrings.xml").decode()
    assert shared.endswith("<si><t>a</t></si><si><t>b</t></si><si><t>c</t></si></sst>")
    assert 'count="4" uniqueCount="3"' in shared
    assert [cell.value for cell in reopened(stream)[1]] == ["b", "a", "c", "a"]


def test_equal_workbooks_are_equal_bytes_wherever_they_go(tmp_path: Path) -> None:
    stream = BytesIO()
    for target in (tmp_path / "a.xlsx", stream):
        with Book(target, title="t") as book:
            book.sheet("s").row(0, 0, ["a", 1.5, None])
    assert (tmp_path / "a.xlsx").read_bytes() == stream.getvalue()
