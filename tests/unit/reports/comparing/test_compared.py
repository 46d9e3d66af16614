"""Two records, two workbooks or two seals held against each other: what differs is named, and nothing else is."""

from __future__ import annotations

import io
import sqlite3
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

from evaluator.reports.comparing.books import Cell, books_differ, is_figure
from evaluator.reports.comparing.tables import Figure, Tables, compared, same

ROWS = """
CREATE TABLE institutions (id TEXT NOT NULL, name TEXT NOT NULL, score REAL, star INTEGER);
INSERT INTO institutions VALUES ('N01', 'One', 3.25, 3), ('N02', 'Two', NULL, NULL), ('N03', 'Three', 1.5, 1);
CREATE TABLE robustness (institution TEXT NOT NULL, star INTEGER, share REAL);
INSERT INTO robustness VALUES ('N01', 3, 0.93), ('N01', 4, 0.07), ('N03', 1, 1.0);
CREATE TABLE findings (code TEXT NOT NULL, institution TEXT NOT NULL, message TEXT NOT NULL);
INSERT INTO findings VALUES ('a.b', 'N01', 'm'), ('a.b', 'N01', 'm'), ('c.d', 'N02', 'n');
"""


def record(path: Path, *more: str) -> Path:
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as database:
        database.executescript(ROWS)
        for statement in more:
            database.execute(statement)
        database.commit()
    return path


@pytest.fixture
def against(tmp_path: Path) -> Callable[..., Tables]:
    """Compare a record changed by statements with one that is not."""
    fresh = record(tmp_path / "fresh.db")
    return lambda *statements: compared(record(tmp_path / "old.db", *statements), fresh)


def test_equal_records_do_not_differ(against: Callable[..., Tables]) -> None:
    assert against() == Tables()


def test_a_figure_is_named_by_what_tells_its_row_apart(against: Callable[..., Tables]) -> None:
    found = against(
        "UPDATE institutions SET score = 3.3 WHERE id = 'N01'", "UPDATE robustness SET share = 0.9 WHERE star = 3"
    )
    assert found.figures == (
        Figure(
            table="institutions", key={"id": "N01"}, institution="N01", figure="score", recorded=3.3, recomputed=3.25
        ),
        Figure(
            table="robustness", key={"institution": "N01", "star": 3}, institution="N01", figure="share",
            recorded=0.9, recomputed=0.93,
        ),
    )  # fmt: skip


@pytest.mark.parametrize(("off", "differs"), [(1e-10, False), (9e-10, False), (2e-9, True), (1e-6, True)])
def test_numbers_are_the_same_to_a_billionth(against: Callable[..., Tables], off: float, differs: bool) -> None:
    assert bool(against(f"UPDATE institutions SET score = score + {off}").figures) is differs  # noqa: S608 - numbers


def test_nothing_is_not_nought(against: Callable[..., Tables]) -> None:
    (one,) = against("UPDATE institutions SET star = 0 WHERE id = 'N02'").figures
    assert (one.figure, one.recorded, one.recomputed) == ("star", 0, None)


def test_the_order_of_rows_makes_no_difference(against: Callable[..., Tables]) -> None:
    found = against(
        "CREATE TABLE t AS SELECT * FROM institutions ORDER BY id DESC", "DELETE FROM institutions",
        "INSERT INTO institutions SELECT * FROM t", "DROP TABLE t", "UPDATE findings SET rowid = -rowid",
    )  # fmt: skip
    assert found == Tables()


def test_rows_that_are_there_once_only_are_named_whole(against: Callable[..., Tables]) -> None:
    found = against("DELETE FROM institutions WHERE id = 'N02'", "DELETE FROM findings WHERE code = 'c.d'")
    assert [(one.table, one.institution, one.figure, one.recorded) for one in found.figures] == [
        ("findings", "N02", "", None),
        ("institutions", "N02", "", None),
    ]
    assert found.figures[0].recomputed == "code=c.d; institution=N02; message=n"
    (more,) = against("INSERT INTO findings VALUES ('e.f', 'N01', 'm')").figures
    assert (more.recorded, more.recomputed) == ("code=e.f; institution=N01; message=m", None)


@pytest.mark.parametrize(
    ("statement", "row", "recorded", "recomputed"),
    [
        ("DELETE FROM findings WHERE rowid = 1", "code=a.b; institution=N01; message=m", 1, 2),
        ("DELETE FROM findings WHERE code = 'a.b'", "code=a.b; institution=N01; message=m", 0, 2),
        ("INSERT INTO findings SELECT * FROM findings WHERE rowid < 3", "code=a.b; institution=N01; message=m", 4, 2),
        ("INSERT INTO findings VALUES ('c.d', 'N02', 'n')", "code=c.d; institution=N02; message=n", 2, 1),
        ("INSERT INTO findings VALUES ('e.f', '', ''), ('e.f', '', '')", "code=e.f", 2, 0),
    ],
)
def test_of_a_row_that_is_there_more_often_it_is_said_once_how_often(
    against: Callable[..., Tables], statement: str, row: str, recorded: int, recomputed: int
) -> None:
    (one,) = against(statement).figures
    assert (one.key, one.figure, one.recorded, one.recomputed) == ({"row": row}, "count", recorded, recomputed)


def test_tables_and_columns_of_one_record_only_are_told_apart(against: Callable[..., Tables]) -> None:
    found = against("DROP TABLE robustness", "ALTER TABLE institutions ADD COLUMN more REAL", "CREATE TABLE own (a)")
    assert found.figures == ()
    assert {(one.table, one.figure) for one in found.shape} == {
        ("robustness", ""), ("institutions", "more"), ("own", ""),
    }  # fmt: skip


@pytest.mark.parametrize("data", [b"", b"no database at all, but some bytes" * 40, None])
def test_a_damaged_record_is_told_as_that(tmp_path: Path, data: bytes | None) -> None:
    fresh, old = record(tmp_path / "fresh.db"), record(tmp_path / "old.db")
    old.write_bytes(old.read_bytes()[:4096] if data is None else data)
    found = compared(old, fresh)
    assert found.fault
    assert (found.figures, found.shape) == ((), ())


def test_a_record_that_has_none_of_the_tables_is_none_and_is_told_so_once(tmp_path: Path) -> None:
    fresh, old = record(tmp_path / "fresh.db"), tmp_path / "old.db"
    old.write_bytes(b"")
    empty = compared(old, fresh)
    with closing(sqlite3.connect(old)) as database, database:
        database.execute("CREATE TABLE own (a)")
    foreign = compared(old, fresh)
    assert [(one.figures, one.shape) for one in (empty, foreign)] == [((), ())] * 2
    assert empty.fault
    assert foreign.fault
    assert (empty.fault.en, foreign.fault.en) == (
        "The file is empty (0 bytes).", "it lacks findings, institutions, robustness",
    )  # fmt: skip


def test_text_that_is_none_is_a_difference_and_no_error(tmp_path: Path) -> None:
    fresh = record(tmp_path / "fresh.db")
    old = record(tmp_path / "old.db", "UPDATE institutions SET name = CAST(x'4fff65' AS TEXT) WHERE id = 'N01'")
    (one,) = compared(old, fresh).figures
    assert (one.figure, one.recorded, one.recomputed) == ("name", "O\\xffe", "One")


def test_a_truth_value_is_no_number() -> None:
    assert not same(True, 1.0)
    assert not same("1", 1)
    assert same(2, 2.0)
    assert same(1e12, 1e12 + 0.5)


# Workbooks


def book(**changed: object) -> bytes:
    stream = io.BytesIO()
    values: dict[str, object] = {"A1": "名称", "B1": "分数", "A2": "甲", "B2": 3.25, "A3": "乙", "B3": 1.5, **changed}
    made = xlsxwriter.Workbook(stream, {"in_memory": True})
    sheet = made.add_worksheet(str(values.pop("sheet", "排名")))
    for cell, value in values.items():
        if isinstance(value, tuple):
            sheet.write_formula(cell, value[0], None, value[1])
        else:
            sheet.write(cell, value)
    made.set_properties({"created": __import__("datetime").datetime(2026, 1, 1)})
    made.close()
    return stream.getvalue()


def test_a_cells_value_is_named_with_its_sheet() -> None:
    assert books_differ(book(B2=3.5), book()).cells == (Cell(sheet="排名", cell="B2", recorded=3.5, recomputed=3.25),)
    assert books_differ(book(A3="丙"), book()).cells == (Cell(sheet="排名", cell="A3", recorded="丙", recomputed="乙"),)
    assert books_differ(book(C3=7), book()).cells == (Cell(sheet="排名", cell="C3", recorded=7, recomputed=None),)
    assert books_differ(book(), book(C3=True)).cells == (Cell(sheet="排名", cell="C3", recorded=None, recomputed=True),)


def test_formulas_and_their_shown_values_are_compared() -> None:
    old, new = book(C2=("=B2*2", 6.5)), book(C2=("=B2*3", 6.5))
    assert books_differ(old, new).cells == (Cell(sheet="排名", cell="C2", recorded="=B2*2", recomputed="=B2*3"),)
    shown = books_differ(book(C2=("=B2*2", 9.5)), old).cells
    assert shown == (Cell(sheet="排名", cell="C2", recorded=9.5, recomputed=6.5),)


def test_the_last_digits_of_a_number_make_no_difference_of_cells() -> None:
    found = books_differ(book(B2=3.25 + 1e-12), book())
    assert (found.cells, found.parts, found.fault) == ((), (), None)


def test_a_sheet_of_another_name_is_named() -> None:
    found = books_differ(book(sheet="别的"), book())
    assert {(one.sheet, one.cell, one.recorded) for one in found.cells} == {("排名", "", None), ("别的", "", "别的")}


def test_another_programs_save_of_the_same_cells_differs_in_parts_only() -> None:
    data = book(C2=("=B2*2", 6.5))
    stream = io.BytesIO()
    openpyxl.load_workbook(io.BytesIO(data)).save(stream)
    found = books_differ(stream.getvalue(), data)
    assert found.cells == ()
    assert "xl/styles.xml" in found.parts


def repacked(data: bytes, change: Callable[[str, bytes], bytes] = lambda name, part: part, **how: int) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, **how) as new:
        for name in reversed(old.namelist()):
            new.writestr(name, change(name, old.read(name)))
    return stream.getvalue()


def test_another_packing_is_no_difference_at_all() -> None:
    data = book()
    again = repacked(data, compresslevel=1)
    assert again != data
    found = books_differ(again, data)
    assert (found.cells, found.parts, found.fault) == ((), (), None)


def test_a_part_that_holds_no_cells_is_named() -> None:
    data = book()
    changed = repacked(data, lambda name, part: part.replace(b"Calibri", b"Courier"))
    assert set(books_differ(changed, data).parts) == {"xl/styles.xml", "xl/theme/theme1.xml"}


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 and nothing else", b"%PDF-1.7", book()[:-40]])
def test_a_damaged_workbook_is_told_as_that(data: bytes) -> None:
    found = books_differ(data, book())
    assert found.fault is not None
    assert found.fault.zh
    assert found.fault.en


@pytest.mark.parametrize(
    ("recorded", "recomputed", "expected"),
    [
        ("共3家", "总计3家", False),
        ("共3家", "共4家", True),
        ("★★★", "★★★★", True),
        (3.0, 4.0, True),
        ("甲中心", "说明", True),
        (None, "新的一句", False),
        (None, 3.0, True),
        ("a", True, True),
    ],
)
def test_what_another_program_may_word_otherwise_is_no_figure(
    recorded: str | float | None, recomputed: str | float | None, expected: bool
) -> None:
    cell = Cell(sheet="s", cell="A1", recorded=recorded, recomputed=recomputed)
    assert is_figure(cell, frozenset({"甲中心"})) is expected
