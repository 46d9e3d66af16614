"""From bytes to what stands in a form: every cell where it is, as what it is, and nothing made of it."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from openpyxl.worksheet.formula import ArrayFormula

from evaluator.model.records import Model
from evaluator.questionnaire import layout
from evaluator.questionnaire.opening import Unread
from evaluator.questionnaire.reader import FormRow
from evaluator.wording import LANGS, Lang
from tests import edits, forms
from tests.forms import edited, filled, put, read, read_any, with_cell


def row(data: bytes, requirement: str = "SS1-1") -> FormRow:
    (found,) = [row for row in read(data).rows if row.requirement == requirement]
    return found


def answer(data: bytes, cell: str = "F5") -> tuple[str, str]:
    (found,) = [row for row in read(data).rows if row.cell == cell]
    return found.kind, found.typed


def typed(value: object) -> tuple[str, str]:
    return answer(edited(filled(), put(F5=value)))


def in_every_part(data: bytes, change: Callable[[bytes], bytes]) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return forms.archive({name: change(archive.read(name)) for name in archive.namelist()})


@pytest.mark.parametrize("lang", LANGS)
def test_a_blank_form_has_every_requirement_in_order_and_nothing_in_it(model: Model, lang: Lang) -> None:
    for domain in model.domains:
        form = read(forms.blank(domain.code, lang))
        assert [row.requirement for row in form.rows] == [r.id for r in domain.requirements]
        assert {(row.kind, row.typed, row.evidence, row.remarks) for row in form.rows} == {("blank", "", "", "")}
        assert [row.text for row in form.rows] == [r.text.say(lang) for r in domain.requirements]
        assert list(form.fields) == [layout.EDITION_FIELD]
        assert form.meta["domain"] == domain.code
        assert (form.strays, form.has_macros, form.has_external_links) == ({}, False, False)


@pytest.mark.parametrize("lang", LANGS)
def test_a_filled_form_is_read_as_it_was_filled_in(model: Model, lang: Lang) -> None:
    fields = {
        "id": "007", "name": "=甲 & 乙<中心>", "uscc": forms.CODES[0], "province": "江苏省", "city": "苏州市",
        "type": "社会组织", "category": "法律服务", "contact": "O'Neil \"x\"", "phone": "0512-1234", "email": "a@b.cn",
        "date": "2026-03-31",
    }  # fmt: skip
    given = {r.id: ("不满足 ", f"证据\n{r.id}\t<b>&amp;", " 备注 ") for r in model.domain("SO").requirements}
    form = read(filled("SO", lang, changed=given, fields=fields, made_for="007"))  # type: ignore[arg-type]
    assert {row.requirement: (row.typed, row.evidence, row.remarks) for row in form.rows} == given
    said = {
        key: found.value for key, found in form.fields.items() if key not in ("province", "type", "category", "edition")
    }
    assert said == {key: value for key, value in fields.items() if key in said}
    assert form.fields["id"].cell == forms.field_cell("id")
    assert form.meta["institution"] == "007"


def test_a_row_says_where_each_of_its_cells_is() -> None:
    found = row(filled(), "SS1-2")
    assert found == found._replace(
        sheet="自评问卷", row=6, cell="F6", evidence_cell="G6", remarks_cell="H6", id_cell="A6"
    )


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        ("完全满足", "text", "完全满足"),
        (" 完全满足\n", "text", " 完全满足\n"),
        ("", "blank", ""),
        (None, "blank", ""),
        ("  \u3000\u200b", "blank", "  \u3000\u200b"),
        (1, "number", "1"),
        (1.0, "number", "1"),
        (0.8, "number", "0.8"),
        (-1, "number", "-1"),
        (1e20, "number", "1e+20"),
        (True, "other", "TRUE"),
        (False, "other", "FALSE"),
        (date(2026, 3, 31), "other", "2026-03-31"),
        (datetime(2026, 3, 31, 10, 30), "other", "2026-03-31 10:30:00"),  # noqa: DTZ001 - cells have no time zone
        (time(10, 30), "other", "10:30:00"),
        (timedelta(hours=30), "other", "1 day, 6:00:00"),
        ("=1+1", "formula", ""),
        ("TRUE", "text", "TRUE"),
        ("#N/A ", "text", "#N/A "),
        ("#N/A", "error", "#N/A"),
        ("'完全满足", "text", "'完全满足"),
        ("\U0001f600" * 3, "text", "\U0001f600" * 3),
        ("满" * 32_000, "text", "满" * 32_000),
    ],
)
def test_an_answer_cell_is_read_as_what_it_holds(value: object, kind: str, text: str) -> None:
    assert typed(value) == (kind, text)


@pytest.mark.parametrize(
    ("xml", "kind", "text"),
    [
        ('<c r="F5" t="str"><f>A1</f><v>完全满足</v></c>', "formula", "完全满足"),
        ('<c r="F5"><f>A1</f></c>', "formula", ""),
        ('<c r="F5" t="e"><v>#REF!</v></c>', "error", "#REF!"),
        ('<c r="F5" t="e"><v> #SPILL!\n</v></c>', "error", "#SPILL!"),
        ('<c r="F5" t="e"><v>#' + "X" * 10_000 + "</v></c>", "error", "#" + "X" * 19),
        ('<c r="F5" t="e"><v> </v></c>', "error", ""),
        ('<c r="F5" t="e"><f>A1</f><v>#REF!</v></c>', "formula", ""),
        ('<c r="F5" t="b"><v>1</v></c>', "other", "TRUE"),
        ('<c r="F5" t="str"><v>完全满足</v></c>', "text", "完全满足"),
        ('<c r="F5" t="n"><v>8E-1</v></c>', "number", "0.8"),
        (
            '<c r="F5" t="inlineStr"><is><r><t>完全</t></r><r><rPr><b/></rPr><t>满足</t></r></is></c>',
            "text",
            "完全满足",
        ),
        (
            '<c r="F5" t="inlineStr"><is><t>完全满足</t><rPh sb="0" eb="2"><t>カンゼン</t></rPh></is></c>',
            "text",
            "完全满足",
        ),
        ('<c r="F5" t="inlineStr"><is><t xml:space="preserve">完全满足_x000D_\n</t></is></c>', "text", "完全满足\r\n"),
        (
            '<c r="F5" t="inlineStr"><is><t xml:space="preserve"> &#x5b8c;全满足&amp; </t></is></c>',
            "text",
            " 完全满足& ",
        ),
        ('<c r="F5" s="1"/>', "blank", ""),
        ('<c r="F5" t="s"></c>', "blank", ""),
    ],
)
def test_cells_that_other_programs_write_are_read_too(xml: str, kind: str, text: str) -> None:
    assert answer(with_cell(filled(), "F5", xml)) == (kind, text)


def test_an_array_formula_is_a_formula() -> None:
    assert typed(ArrayFormula("F5", '="完全满足"'))[0] == "formula"


@pytest.mark.parametrize(
    ("shown", "requirement"),
    [
        ("ss1-1", "SS1-1"),
        ("SS1–1", "SS1-1"),
        ("SS1—1", "SS1-1"),
        ("SS1−1", "SS1-1"),
        ("SS1一1", "SS1-1"),
        ("SS1_1", "SS1-1"),
        (" SS1 - 1 ", "SS1-1"),
        ("ＳＳ１－１", "SS1-1"),
        ("SS1\u00ad-1", "SS1-1"),
        ("SS2-3B", "SS2-3b"),
        ("ss2-3b", "SS2-3b"),
        ("SS1.1", "SS1.1"),
        ("S1-1", "S1-1"),
        ("合计 ", "合计"),
        ("SS1-1、SS1-2", "SS1-1、SS1-2"),
        ("5", "5"),
        ("SS01-1", "SS01-1"),
    ],
)
def test_an_id_is_mended_where_that_is_harmless_and_kept_verbatim_where_not(shown: str, requirement: str) -> None:
    (found,) = [row for row in read(edited(filled(), put(A5=shown))).rows if row.row == 5]
    assert found.requirement == requirement
    assert found.is_id == (requirement in ("SS1-1", "SS2-3b"))


@pytest.mark.parametrize(
    ("cell", "value", "strays"),
    [
        ("K5", "x", {"自评问卷": "K5"}),
        ("J40", 0, {"自评问卷": "J40"}),
        ("G40", "x", {"自评问卷": "G40"}),
        ("D40", "x", {}),  # a column the form itself writes
        ("A40", "\u200b ", {}),
        ("K2", "x", {}),  # above the table
    ],
)
def test_content_outside_the_forms_parts_is_listed(cell: str, value: object, strays: dict[str, str]) -> None:
    assert read(edited(filled(), put(**{cell: value}))).strays == strays


def test_many_strays_are_counted() -> None:
    data = edited(filled(), put(**{f"K{n}": "x" for n in range(5, 25)}))
    assert read(data).strays == {"自评问卷": "K5, K6, K7, K8, K9, K10, K11, K12 … (+12)"}


def test_a_sheet_of_ones_own_is_listed_and_a_renamed_institution_sheet_is_not() -> None:
    def change(book: Any) -> None:
        book.create_sheet("附件")["B2"] = "见邮件"
        book["机构信息"].title = "Sheet1"

    form = read(edited(filled(), change))
    assert form.strays == {"附件": "B2"}
    assert form.fields["id"].sheet == "Sheet1"


def test_the_first_of_two_institution_sheets_holds_where_they_differ() -> None:
    form = read(
        edited(
            filled(fields={"id": "N01"}),
            lambda b: edits.copy_sheet(b, "institution"),
            lambda b: edits.type_(b, {"B4": "N02", "B5": "乙"}, "机构信息 Copy"),
        )
    )
    assert (form.fields["id"].value, form.fields["name"].value) == ("N01", "乙")


def test_a_label_is_no_value_of_the_field_before_it() -> None:
    contacts = [["机构编号", "联系人", "联系电话", "电子邮箱"], ["N77", "张三", "0512-1234", "a@b.cn"]]
    assert read(forms.workbook(A=contacts, B=[["编号", "自评结果"], ["SS1-1", "完全满足"]])).fields == {}


def test_numbers_dates_and_blanks_of_fields_are_read_as_words() -> None:
    typed_in = datetime(2026, 3, 31)  # noqa: DTZ001 - cells have no time zone
    change = forms.put_fields(id=1001, phone=13800000000, date=typed_in, name=" 甲 \n中心 ", city="\u3000")
    fields = read(edited(filled(), change)).fields
    assert {key: fields[key].value for key in ("id", "phone", "date", "name")} == {
        "id": "1001", "phone": "13800000000", "date": "2026-03-31", "name": "甲 中心",
    }  # fmt: skip
    assert "city" not in fields


@pytest.mark.parametrize("stated", ["1", "true"])
@pytest.mark.parametrize(
    ("typed_in", "value"),
    [
        (44651, "2026-04-01"),
        (44651.75, "2026-04-01"),
        (20260401, "20260401"),
        (2026, "2026"),
        ("44651", "44651"),
        (True, "TRUE"),
        ("2026-04-01", "2026-04-01"),
    ],
)
def test_a_filling_date_may_count_its_days_from_1904(stated: str, typed_in: object, value: str) -> None:
    def from_1904(xml: bytes) -> bytes:
        return re.sub(rb"<workbookPr[^>]*>", f'<workbookPr date1904="{stated}"/>'.encode(), xml)

    data = edited(filled(), forms.put_fields(date=typed_in, id=44651))
    plain = re.compile(rb'(<c r="B14") s="[0-9]+"')
    data = forms.with_part(data, "xl/worksheets/sheet2.xml", lambda xml: plain.sub(rb"\1", xml))
    found = read(forms.with_part(data, "xl/workbook.xml", from_1904)).fields
    assert (found["date"].value, found["id"].value) == (value, "44651")


def test_rows_of_several_sheets_are_read_in_their_order() -> None:
    form = read(edited(filled(), lambda book: edits.add_table(book, of="SD", sheet="设计")))
    assert [(row.sheet, row.requirement) for row in form.rows[27:29]] == [("自评问卷", "SS5-5"), ("设计", "SD1-1")]


def test_the_preview_is_never_read() -> None:
    plain = read(filled())
    data = filled()
    for cell, xml in (("F3", '<c r="F3"><v>5</v></c>'), ("I5", '<c r="I5" t="str"><v>x</v></c>')):
        data = with_cell(data, cell, xml)
    assert read(data) == plain


@pytest.mark.parametrize("part", ["xl/vbaProject.bin", "xl/VBAPROJECT.BIN", "xl/other/vbaProject.bin"])
def test_macros_are_noticed(part: str) -> None:
    assert read(edits.add_part(filled(), part)).has_macros


def test_links_to_other_files_are_noticed() -> None:
    assert read(edits.add_part(filled(), "xl/externalLinks/externalLink1.xml")).has_external_links


def strict(xml: bytes) -> bytes:
    """Write as Excel does on `Strict Open XML Spreadsheet`."""
    old, new = b"http://schemas.openxmlformats.org/", b"http://purl.oclc.org/ooxml/"
    xml = xml.replace(old + b"spreadsheetml/2006/main", new + b"spreadsheetml/main")
    return xml.replace(old + b"officeDocument/2006/relationships", new + b"officeDocument/relationships")


def prefixed(xml: bytes) -> bytes:
    if b"<worksheet" not in xml:
        return xml
    return re.sub(rb"<(/?)([A-Za-z])", rb"<\1x:\2", xml).replace(b"xmlns=", b"xmlns:x=")


def with_mark(xml: bytes) -> bytes:
    return b"\xef\xbb\xbf" + xml if xml.startswith(b"<?xml") else xml


@pytest.mark.parametrize("change", [strict, prefixed, with_mark])
def test_other_ways_of_writing_the_same_are_read_the_same(change: Callable[[bytes], bytes]) -> None:
    data = filled(fields={"id": "N01", "date": "2026-03-31"}, changed={"SS1-2": (0.5, "", "x")})
    assert read(in_every_part(data, change)) == read(data)


def test_cells_and_rows_need_not_say_where_they_are() -> None:
    def without_references(xml: bytes) -> bytes:
        return re.sub(rb'<(c|row) r="[A-Z]*[0-9]+"', rb"<\1", xml)

    rows = [["编号", "自评结果"], ["SS1-1", "完全满足"], ["SS1-2", "=1"], ["SS1-3", "#N/A"]]
    data = forms.workbook(S=rows)
    assert [row.kind for row in read(data).rows] == ["text", "formula", "error"]
    assert read(forms.with_part(data, "xl/worksheets/sheet1.xml", without_references)) == read(data)


def test_openpyxl_saves_what_was_read_before() -> None:
    data = filled(fields={"id": "N01", "date": "2026-03-31"}, changed={"SS1-2": (0.5, "a\nb", "x")})
    assert read(edited(data)) == read(data)


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ([["编号", "自评结果"], ["SS1-1", "完全满足"]], 1),
        ([["自评结果", None, "编号"], ["完全满足", None, "SS1-1"]], 1),
        ([["说明"], [], ["Answer", "ID"], ["Full", "SS1-1"], ["Full", "SS1-2"]], 2),
        ([["编号 ID", "自评结果\nAnswer"], ["SS1-1", "Full"]], 1),
    ],
)
def test_two_columns_make_a_questionnaire(rows: list[list[object]], found: int) -> None:
    assert len(read(forms.workbook(S=rows)).rows) == found


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [["编号", "自评结果"]],
        [["编号", "自评结果"], ["合计", 5]],
        [["编号"], ["SS1-1"]],
        [["编号", "结果"], ["SS1-1", "完全满足"]],
        [["序号", "自评结果"], ["SS1-1", "完全满足"]],
        [["SS1-1", "完全满足"], ["编号", "自评结果"]],
    ],
)
def test_a_workbook_without_a_table_of_requirements_is_no_questionnaire(rows: list[list[object]]) -> None:
    assert read_any(forms.workbook(S=rows)) == Unread(code="form.not_a_questionnaire")


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/_rels/workbook.xml.rels", forms.QUESTIONNAIRE_PART])
@pytest.mark.parametrize("content", [None, b"", b"<x", b"no xml", b"\xff\xfe"])
def test_a_broken_or_missing_part_is_unreadable(part: str, content: bytes | None) -> None:
    found = read_any(forms.with_part(filled(), part, content))
    assert isinstance(found, Unread)
    assert found.code in ("file.unreadable", "file.not_a_workbook")
