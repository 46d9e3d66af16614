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


def faults_of(path: Path, model: Model, *, strict: bool = False) -> list[str]:
    """The faults as the message says them, in English."""
    with pytest.raises(RosterError) as error:
        read_roster(path, model, strict=strict)
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


def test_a_name_of_invisible_characters_is_none_and_a_row_of_them_is_blank(tmp_path: Path, model: Model) -> None:
    path = roster(tmp_path / "roster.xlsx", {"id": "N01", "name": "\u200b"}, {"id": "\u200b", "name": "\u2060 "})
    assert faults_of(path, model) == ["B2: the name is missing"]


@pytest.mark.parametrize(("field", "cell"), [("id", "A3"), ("uscc", "C2"), ("email", "D2"), ("province", "E2")])
def test_a_very_long_value_is_shown_by_its_beginning(tmp_path: Path, model: Model, field: str, cell: str) -> None:
    row = {"id": "N01", "name": "甲", "uscc": "", "email": "a@example.org", "province": "", field: "长" * 3000}
    path = roster(
        tmp_path / "roster.xlsx", row, {**row, "uscc": ""}, header=("id", "name", "uscc", "email", "province")
    )
    fault = next(one for one in faults_of(path, model, strict=True) if one.startswith(f"{cell}: "))
    assert f"'{'长' * 59}…'" in fault
    assert len(fault) < 200


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


# Strictly, as for a round


GOOD = {"id": "N01", "name": "甲", "email": "a@example.org"}


def test_strictly_all_faults_are_said_at_once_each_with_its_cell(tmp_path: Path, model: Model) -> None:
    rows = (
        {**GOOD, "uscc": CODES[0], "province": "江苏", "type": "社会组织", "category": "Training"},
        {**GOOD, "id": "N02", "uscc": CODES[0], "province": "某省", "type": "Company", "category": "其他服务"},
        {"id": "N02", "name": "", "email": ""},
        {"id": "N04", "name": "丁", "email": "d@example.org, nobody"},
    )
    path = roster(
        tmp_path / "roster.xlsx", *rows, header=("id", "name", "uscc", "province", "type", "category", "email")
    )
    assert faults_of(path, model, strict=True) == [
        f"C3: the USCC '{CODES[0]}' stands in C2 already",
        "D3: there is no province '某省'",
        "E3: the model has no type of institution 'Company'",
        "F3: the model has no service category '其他服务'",
        "A4: the institution ID 'N02' stands in A3 already",
        "B4: the name is missing",
        "G4: the email address is missing",
        "G5: the email address 'd@example.org, nobody' is not valid",
    ]


def test_otherwise_addresses_and_words_are_read_as_typed(tmp_path: Path, model: Model) -> None:
    path = roster(
        tmp_path / "roster.xlsx", {**GOOD, "email": "nobody", "province": "某省", "type": "x", "category": "y"}
    )
    [found] = read_roster(path, model)
    assert (found.email, found.province, found.type, found.category) == ("nobody", "某省", "x", "y")


@pytest.mark.parametrize(
    "email",
    ["a@x.cn", "a@x.cn; b@y.cn", "a@x.cn，b@y.cn", "a@x.cn\nb@y.cn", "first.last+tag@x-y.com.cn", "a@例子.中国"],
)
def test_one_or_several_addresses_are_taken(tmp_path: Path, model: Model, email: str) -> None:
    path = roster(tmp_path / "roster.xlsx", {**GOOD, "email": email})
    assert len(read_roster(path, model, strict=True)) == 1


@pytest.mark.parametrize(
    "email",
    ["a", "a@", "@x.cn", "a@x", "a b@x.cn", "a@x..cn", ".a@x.cn", "a@x.cn>", "某人 <a@x.cn>", "王@x.cn", "a@-x.cn",
     "a@1.2.3.4", "a@x.cn\nBcc: b@y.cn", "a@x.cn;;b", "http://x.cn"],
)  # fmt: skip
def test_what_is_no_address_is_a_fault_of_a_round(tmp_path: Path, model: Model, email: str) -> None:
    path = roster(tmp_path / "roster.xlsx", {**GOOD, "email": email})
    [fault] = faults_of(path, model, strict=True)
    assert fault.startswith("C2: the email address '")


def test_several_institutions_may_share_an_address(tmp_path: Path, model: Model) -> None:
    path = roster(tmp_path / "roster.xlsx", GOOD, {**GOOD, "id": "N02", "name": "乙"})
    assert len(read_roster(path, model, strict=True)) == 2


def test_provinces_types_and_categories_may_be_left_for_the_institutions(tmp_path: Path, model: Model) -> None:
    path = roster(tmp_path / "roster.xlsx", {**GOOD, "province": "", "type": " ", "category": ""})
    assert read_roster(path, model, strict=True)[0].province == ""


def test_a_roster_without_addresses_is_one_fault(tmp_path: Path, model: Model) -> None:
    path = roster(tmp_path / "roster.xlsx", {"id": "N01", "name": "甲"}, {"id": "N02", "name": "乙"})
    assert faults_of(path, model, strict=True) == ["there is no column Email to send mails by"]


def test_an_error_is_nobodys_name(tmp_path: Path, model: Model) -> None:
    header = "".join(
        f'<c r="{column}1" t="inlineStr"><is><t>{name}</t></is></c>'
        for column, name in zip("ABC", ("机构编号", "机构名称", "电子邮箱"), strict=True)
    )
    cells = (
        '<c r="A2" t="inlineStr"><is><t>N01</t></is></c><c r="B2" t="e"><f>VLOOKUP(A2,X:Y,2,0)</f><v>#N/A</v></c>'
        '<c r="C2" t="inlineStr"><is><t>a@x.cn</t></is></c>'
    )
    sheet = forms.worksheet(f'<row r="1">{header}</row><row r="2">{cells}</row>')
    (tmp_path / "roster.xlsx").write_bytes(forms.minimal(sheet))
    assert faults_of(tmp_path / "roster.xlsx", model, strict=True) == ["B2: the name is missing"]
