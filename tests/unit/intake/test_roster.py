"""The roster: found by its header, and all its faults said at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from evaluator.errors import InputError, RosterError
from evaluator.intake.institutions import Institution
from evaluator.intake.roster import read_roster
from evaluator.model.records import Model
from evaluator.wording import Lang, Text
from tests import forms
from tests.forms import CODES, roster


def faults_of(path: Path, model: Model) -> list[str]:
    """The faults as the message says them, in English."""
    with pytest.raises(RosterError) as error:
        read_roster(path, model)
    assert error.value.key == "roster_faults"
    faults = error.value.params["faults"]
    assert isinstance(faults, Text)
    return faults.en.split("; ")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_institutions_are_read_by_header_text_and_sorted_by_id(tmp_path: Path, model: Model, lang: Lang) -> None:
    path = roster(
        tmp_path / "roster.xlsx",
        {"id": "N02", "name": "乙中心", "uscc": CODES[1], "province": "江苏", "type": "Social organisation"},
        {"id": "N01", "name": "甲中心", "category": "training", "email": "a@example.org"},
        lang=lang,
        header=("备注", "email", "uscc", "name", "id", "type", "province", "category"),
    )
    assert read_roster(path, model) == (
        Institution(id="N01", name="甲中心", category="培训服务", email="a@example.org"),
        Institution(id="N02", name="乙中心", uscc=CODES[1], province="江苏省", type="社会组织"),
    )


def test_title_rows_blank_rows_and_other_sheets_do_no_harm(tmp_path: Path, model: Model) -> None:
    (tmp_path / "roster.xlsx").write_bytes(
        forms.workbook(
            Notes=[["本轮名单"]],
            名单=[
                ["2026年名单"],
                [],
                ["机构名称", "机构编号 "],
                ["甲中心", "N01"],
                [None, None],
                [" ", ""],
                ["乙中心", "N02"],
            ],
        )
    )
    assert [entry.id for entry in read_roster(tmp_path / "roster.xlsx", model)] == ["N01", "N02"]


def test_ids_and_codes_typed_as_numbers_are_read_as_typed(tmp_path: Path, model: Model) -> None:
    (tmp_path / "roster.xlsx").write_bytes(
        forms.workbook(S=[["机构编号", "机构名称", "联系电话"], [1001, "甲", 13800000000], ["0042", "乙", ""]])
    )
    found = read_roster(tmp_path / "roster.xlsx", model)
    assert [(entry.id, entry.phone) for entry in found] == [("0042", ""), ("1001", "13800000000")]


@pytest.mark.parametrize(
    ("typed", "province"),
    [
        ("江苏", "江苏省"),
        ("Jiangsu", "江苏省"),
        ("内蒙古", "内蒙古自治区"),
        ("江 苏 省", "江苏省"),
        ("江", "江"),
        ("某省", "某省"),
        ("", ""),
    ],
)
def test_provinces_are_made_uniform_where_they_are_known(
    tmp_path: Path, model: Model, typed: str, province: str
) -> None:
    path = roster(tmp_path / "roster.xlsx", {"id": "N01", "name": "甲", "province": typed})
    assert read_roster(path, model)[0].province == province


def test_all_faults_are_said_at_once_each_with_its_cell(tmp_path: Path, model: Model) -> None:
    path = roster(
        tmp_path / "roster.xlsx",
        {"id": "N01", "name": "甲", "uscc": CODES[0]},
        {"id": "", "name": "乙"},
        {"id": "ｎ０１", "name": ""},
        {"id": "N03", "name": "丙", "uscc": CODES[0][:-1] + "7"},
        {"id": "N04", "name": "丁", "uscc": CODES[0].lower()},
    )
    assert faults_of(path, model) == [
        "A3: the institution ID is missing",
        "A4: the institution ID 'n01' stands in A2 already",
        "B4: the name is missing",
        "C5: the USCC '914403001922038217' is not valid: its check character should be '6'",
        "C6: the USCC '914403001922038216' stands in C2 already",
    ]


def test_many_faults_are_counted_and_the_first_said(tmp_path: Path, model: Model) -> None:
    path = roster(tmp_path / "roster.xlsx", *({"id": f"N{n}", "name": ""} for n in range(30)), header=("id", "name"))
    faults = faults_of(path, model)
    assert len(faults) == 21
    assert faults[-1] == "… 30 in all"


def test_a_header_alone_is_a_fault(tmp_path: Path, model: Model) -> None:
    assert faults_of(roster(tmp_path / "r.xlsx", header=("id", "name")), model) == ["it lists no institution"]


def test_a_table_without_the_columns_is_a_fault(tmp_path: Path, model: Model) -> None:
    path = roster(tmp_path / "r.xlsx", {"name": "甲", "city": "苏州市"})
    assert faults_of(path, model) == ["no header row with the columns Institution ID and Name"]


@pytest.mark.parametrize(
    "data", [b"", b"%PDF-1.7", b"id,name\n", forms.archive({"xl/workbook.xml": b"<workbook"}), forms.minimal("<x")]
)
def test_a_roster_that_is_no_workbook_stops_with_the_reason(tmp_path: Path, model: Model, data: bytes) -> None:
    (tmp_path / "roster.xlsx").write_bytes(data)
    with pytest.raises(RosterError) as error:
        read_roster(tmp_path / "roster.xlsx", model)
    assert error.value.key == "roster_unreadable"
    assert "{" not in error.value.message("zh") + error.value.message("en")


def test_a_roster_with_cells_in_far_corners_is_not_opened(tmp_path: Path, model: Model) -> None:
    far = '<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>x</t></is></c></row>'
    near = '<row r="1"><c r="A1" t="inlineStr"><is><t>x</t></is></c></row>'
    (tmp_path / "roster.xlsx").write_bytes(forms.minimal(forms.worksheet(near + far)))
    with pytest.raises(RosterError) as error:
        read_roster(tmp_path / "roster.xlsx", model)
    assert error.value.key == "roster_unreadable"
    assert "16384" in error.value.message("en")


def test_a_roster_that_is_not_there_stops(tmp_path: Path, model: Model) -> None:
    with pytest.raises(InputError):
        read_roster(tmp_path / "roster.xlsx", model)
