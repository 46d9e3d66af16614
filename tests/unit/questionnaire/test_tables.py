"""Tables found by header and id, wherever they stand and whatever their columns are called."""

from __future__ import annotations

import pytest

from evaluator.questionnaire.reader import FormRow, ReturnedForm
from tests import forms

Rows = list[list[object]]


def read(**sheets: Rows) -> ReturnedForm:
    return forms.read(forms.workbook(**sheets))  # type: ignore[arg-type]


def said(form: ReturnedForm) -> list[tuple[str, str, str]]:
    return [(row.requirement, row.typed, row.cell) for row in form.rows]


@pytest.mark.parametrize(
    ("header", "columns"),
    [
        (["编号", "自评结果", "佐证材料", "备注"], "BCD"),
        (["*编号：", "答案（下拉选择）", "证明材料", "说明"], "BCD"),
        (["ID", "Your answer", "EVIDENCE:", "Comments"], "BCD"),
        (["答案", "编号", "自评结果", "佐证材料", "备注"], "CDE"),  # the form's own header wins
        (["证据", "编号", "自评结果【必填】", "佐证材料", "备注"], "CDE"),
    ],
)
def test_columns_are_found_by_what_their_headers_mean(header: list[object], columns: str) -> None:
    at = next(n for n, words in enumerate(header) if words in ("编号", "*编号：", "ID"))
    cells: list[object] = ["SS1-1" if n == at else f"x{n}" for n in range(len(header))]
    (row,) = read(S=[header, cells]).rows
    assert (row.cell, row.evidence_cell, row.remarks_cell) == tuple(f"{column}2" for column in columns)
    assert (row.typed, row.evidence, row.remarks) == tuple(f"x{ord(column) - 65}" for column in columns)


def test_a_header_may_stand_in_two_rows_and_the_lower_one_names_the_column() -> None:
    rows: Rows = [
        ["编号", "要求", "自评结果"],
        [None, None, "佐证材料", "自评结果"],
        ["SS1-1", "x", "证据", "完全满足"],
    ]
    (row,) = read(S=rows).rows
    assert (row.cell, row.evidence, row.typed) == ("D3", "证据", "完全满足")


def test_one_row_that_names_both_columns_is_the_header_before_any_two() -> None:
    rows: Rows = [["编号"], ["自评结果"], [], ["自评结果", "编号"], ["不满足", "SS1-1"]]
    assert said(read(S=rows)) == [("SS1-1", "不满足", "A5")]


def test_each_filled_cell_of_two_answer_columns_is_an_answer() -> None:
    rows: Rows = [
        ["编号", "自评结果", "佐证材料", "自评结果"],
        ["SS1-1", "A", "x", "B"],
        ["SS1-2", "A"],
        ["SS1-3", None, "x", "B"],
    ]
    form = read(S=[*rows, ["SS1-4"]])
    assert said(form) == [
        ("SS1-1", "A", "B2"), ("SS1-1", "B", "D2"), ("SS1-2", "A", "B3"), ("SS1-3", "B", "D4"), ("SS1-4", "", "B5"),
    ]  # fmt: skip
    assert form.strays == {}


def test_a_header_further_down_says_which_columns_follow() -> None:
    rows: Rows = [["编号", "自评结果"], ["SS1-1", "A"], [], ["自评结果", "佐证材料", "编号"], ["B", "x", "SS1-2"]]
    form = read(S=rows)
    assert said(form) == [("SS1-1", "A", "B2"), ("SS1-2", "B", "A5")]
    assert form.strays == {}


def test_a_table_without_a_single_id_is_somebody_elses() -> None:
    form = read(S=[["编号", "自评结果"], [1, "好"], [2, "好"]], T=[["编号", "自评结果"], ["SS1-1", "A"]])
    assert said(form) == [("SS1-1", "A", "B2")]
    assert form.strays == {"S": "A1, B1, A2, B2, A3, B3"}


@pytest.mark.parametrize(
    ("evidence", "computed"),
    [("x", False), (None, False), ("=A1", True), ("#N/A", True), (5, False), (True, False)],
)
def test_evidence_that_is_computed_is_no_text(evidence: object, computed: bool) -> None:
    rows: Rows = [["编号", "自评结果", "佐证材料", "备注"], ["SS1-1", "A", evidence, evidence]]
    row: FormRow = read(S=rows).rows[0]
    assert (row.evidence_computed, row.remarks_computed) == (computed, computed)
    if computed:
        assert (row.evidence, row.remarks) == ("", "")
    assert (row.evidence_cell, row.remarks_cell) == ("C2", "D2")


def merged(rows: Rows, *areas: str) -> ReturnedForm:
    """Rows with merged cells, all of whose contents are left in them."""
    data = forms.workbook(S=rows)
    written = "".join(f'<mergeCell ref="{area}"/>' for area in areas)
    end = "</sheetData>"
    change = (end.encode(), f"{end}<mergeCells>{written}</mergeCells>".encode())
    return forms.read(forms.with_part(data, "xl/worksheets/sheet1.xml", lambda xml: xml.replace(*change)))


HEADER = ["编号", "要求", "自评结果", "佐证材料", "备注"]
FIVE: Rows = [["标题"], HEADER, *([f"SS1-{n}", f"T{n}", f"A{n}", f"E{n}", f"R{n}"] for n in range(1, 6))]


@pytest.mark.parametrize(
    ("area", "answers", "evidence", "in_answers", "in_texts"),
    [
        ("C3:C5", "A1,,,A4,A5", "E1,E2,E3,E4,E5", "C3:C5", ""),
        ("D4:D5", "A1,A2,A3,A4,A5", "E1,E2,,E4,E5", "", "D4:D5"),
        ("E4:E5", "A1,A2,A3,A4,A5", "E1,E2,E3,E4,E5", "", "E4:E5"),
        ("C6:E7", "A1,A2,A3,A4,", "E1,E2,E3,,", "C6:E7", ""),
        ("B3:C4", ",,A3,A4,A5", "E1,E2,E3,E4,E5", "B3:C4", ""),
        ("C2:C4", ",,A3,A4,A5", "E1,E2,E3,E4,E5", "C2:C4", ""),
        # one row, the header, other columns, or what is below
        ("C3:D3", "A1,A2,A3,A4,A5", ",E2,E3,E4,E5", "", ""),
        ("C1:C2", "A1,A2,A3,A4,A5", "E1,E2,E3,E4,E5", "", ""),
        ("A3:B5", "A1,A2,A3,A4,A5", "E1,E2,E3,E4,E5", "", ""),
        ("C7:C9", "A1,A2,A3,A4,A5", "E1,E2,E3,E4,E5", "", ""),
        ("H3:J9", "A1,A2,A3,A4,A5", "E1,E2,E3,E4,E5", "", ""),
        ("C4:C4", "A1,A2,A3,A4,A5", "E1,E2,E3,E4,E5", "", ""),
    ],
)
def test_what_merged_cells_hide_is_blank(
    area: str, answers: str, evidence: str, in_answers: str, in_texts: str
) -> None:
    form = merged(FIVE, area)
    assert ",".join(row.typed for row in form.rows) == answers
    assert [row.kind == "blank" for row in form.rows] == [not words for words in answers.split(",")]
    assert ",".join(row.evidence for row in form.rows) == evidence
    assert form.merged_answers == ({"S": in_answers} if in_answers else {})
    assert form.merged_texts == ({"S": in_texts} if in_texts else {})
    assert (form.strays, [row.text for row in form.rows]) == ({}, ["T1", "T2", "T3", "T4", "T5"])


def test_several_merged_ranges_are_all_named() -> None:
    assert merged(FIVE, "C3:C4", "D3:D4", "C5:C6", "E5:E7").merged_answers == {"S": "C3:C4 C5:C6"}
    assert merged(FIVE, "C3:C4", "D3:D4", "C5:C6", "E5:E7").merged_texts == {"S": "D3:D4 E5:E7"}


@pytest.mark.parametrize("hidden", ["=1", "#N/A", 5, True])
def test_a_formula_or_an_error_that_merged_cells_hide_is_blank_too(hidden: object) -> None:
    rows: Rows = [HEADER, ["SS1-1", "x", "A"], ["SS1-2", "x", hidden, hidden]]
    row = merged(rows, "C2:D3").rows[1]
    assert (row.kind, row.typed, row.evidence, row.evidence_computed) == ("blank", "", "", False)


def test_a_second_answer_column_that_merged_cells_hide_gives_no_second_answer() -> None:
    rows: Rows = [["编号", "自评结果", "自评结果"], ["SS1-1", "A", "B"], ["SS1-2", "A", "B"]]
    form = merged(rows, "C2:C3")
    assert said(form) == [("SS1-1", "A", "B2"), ("SS1-1", "B", "C2"), ("SS1-2", "A", "B3")]
    assert form.merged_answers == {"S": "C2:C3"}


def test_fields_above_the_table_are_read() -> None:
    rows: Rows = [["机构编号", "N01"], ["机构名称", "甲"], ["省份", "江苏省"], ["编号", "自评结果"], ["SS1-1", "A"]]
    form = read(S=rows)
    assert {key: (field.value, field.cell) for key, field in form.fields.items()} == {
        "id": ("N01", "B1"), "name": ("甲", "B2"), "province": ("江苏省", "B3"),
    }  # fmt: skip


def test_a_second_value_of_a_field_is_kept_beside_the_first() -> None:
    table: Rows = [["编号", "自评结果"], ["SS1-1", "A"]]
    first: Rows = [["机构编号", "N01"], ["机构名称", "甲"], ["省份", None], ["城市", "=1+1"]]
    second: Rows = [["机构编号", "ｎ０１"], ["机构名称", "乙"], ["省份", "江苏省"], ["城市", "#REF!"]]
    form = read(A=first, S=table, B=second)
    assert {key: (field.value, field.sheet) for key, field in form.disputed.items()} == {"name": ("乙", "B")}
    assert {key: field.value for key, field in form.fields.items()} == {
        "id": "N01", "name": "甲", "province": "江苏省", "city": "",
    }  # fmt: skip
    assert form.fields["city"].kind == "formula"
