"""A correction workbook carries the institution's own answers, says what to mend and where, and reads as a form."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping, Sequence
from io import BytesIO

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.comments import Comment

from evaluator.findings import Finding
from evaluator.model.records import Model
from evaluator.questionnaire import layout
from evaluator.questionnaire.correction import Faulty, calls_for_correction, corrected
from evaluator.questionnaire.layout import Correction, Prefill, Problem
from evaluator.questionnaire.writer import write_form
from evaluator.wording import LANGS, Lang
from tests import forms
from tests.slowbook import both

SHA = "ab" * 32
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), max_size=30)


def problem(sheet: str = "questionnaire", key: str = "SS1-1", column: str = "answer", **given: object) -> Problem:
    usual = {"concerns": key or "", "found": "有问题。", "action": "请改。", "is_error": True}
    return Problem(sheet=sheet, key=key, column=column, **{**usual, **given})  # type: ignore[arg-type]


def correction(*problems: Problem, vouched: Sequence[str] = ()) -> Correction:
    return Correction(corrects=SHA, file="a.xlsx", problems=problems, vouched=frozenset(vouched))


def written(
    made: Correction, lang: Lang = "zh", answers: Mapping[str, tuple[object, str, str]] | None = None, **given: object
) -> bytes:
    stream = BytesIO()
    prefill = Prefill(fields={"id": "N01", "name": "甲"}, answers=answers or {})
    model = forms.model()
    write_form(stream, model, model.domain("SS"), lang, prefill=prefill, correction=made, **given)  # type: ignore[arg-type]
    return stream.getvalue()


def faulty(data: bytes, *findings: Finding, lang: Lang = "zh", known: Mapping[str, str] | None = None) -> Faulty:
    return Faulty(
        file="a.xlsx",
        sha256=SHA,
        form=forms.read(data),
        domain=forms.model().domain("SS"),
        lang=lang,
        known=known or {},
        findings=findings,
    )


def finding(code: str, requirement: str = "", column: str = "answer", **params: object) -> Finding:
    cell = forms.cell_of(requirement, column) if requirement else ""
    sheet = "自评问卷" if requirement else ""
    usual = {"requirement": requirement, "options": "…", "found": "x", "expected": "y"}
    return Finding(code=code, domain="SS", sheet=sheet, cell=cell, requirement=requirement, params={**usual, **params})


def listed(found: Correction) -> list[tuple[str, str, str]]:
    return [(p.sheet, p.key, p.column) for p in found.problems]


# what is carried over


def test_answers_evidence_and_remarks_are_carried_over_by_requirement(model: Model) -> None:
    prefill, _ = corrected(faulty(forms.filled()), model)
    assert dict(prefill.answers) == forms.answers("SS")


def test_an_answer_in_other_words_is_given_in_the_forms_own(model: Model) -> None:
    data = forms.filled(changed={"SS1-1": ("Full", "e", ""), "SS1-2": (0.8, "e", ""), "SS1-3": ("　不满足。", "", "")})
    prefill, _ = corrected(faulty(data), model)
    given = [prefill.answers[i][0] for i in ("SS1-1", "SS1-2", "SS1-3")]
    assert given == ["完全满足", "大部分满足", "不满足"]


def test_an_answer_that_is_none_stays_for_the_institution_to_see(model: Model) -> None:
    prefill, _ = corrected(faulty(forms.filled(changed={"SS1-1": ("差不多", "e", "")})), model)
    assert prefill.answers["SS1-1"] == ("差不多", "e", "")


def test_formulas_and_errors_become_blank(model: Model) -> None:
    cells = {forms.cell_of("SS1-1"): "=1+1", forms.cell_of("SS1-2", "evidence"): "=A1", forms.cell_of("SS1-3"): "#N/A"}
    data = forms.edited(forms.filled(), forms.put(**cells), forms.put_fields(city='=A1&""', name="乙"))
    prefill, _ = corrected(faulty(data), model)
    assert prefill.answers["SS1-1"][0] is None
    assert prefill.answers["SS1-2"][1] == ""
    assert prefill.answers["SS1-3"][0] is None
    assert prefill.fields["city"] == ""
    assert prefill.fields["name"] == "乙"


def test_rows_that_are_gone_are_asked_for_and_not_made_up(model: Model) -> None:
    row = forms.row_of("SS1-2")
    data = forms.edited(forms.filled(), lambda book: forms.sheet_of(book).delete_rows(row))
    prefill, found = corrected(faulty(data), model)
    assert "SS1-2" not in prefill.answers
    assert listed(found) == [("questionnaire", "SS1-2", "answer"), ("institution", "date", "")]


@pytest.mark.parametrize("code", ["form.altered_text", "form.duplicate_rows"])
def test_an_answer_to_something_else_is_removed_and_quoted_while_its_evidence_stays(code: str, model: Model) -> None:
    prefill, found = corrected(faulty(forms.filled(), finding(code, "SS1-1", count=2, cells="F5")), model)
    assert prefill.answers["SS1-1"] == (None, forms.proof("SS1-1"), "")
    assert "完全满足" in found.problems[0].action


def test_the_texts_of_a_row_that_stands_twice_are_put_together(model: Model) -> None:
    def copied(book: openpyxl.Workbook) -> None:
        page, row = forms.sheet_of(book), forms.row_of("SS1-1")
        values = [page.cell(row, n).value for n in range(1, 10)]
        values[5:8] = ["不满足", "另一份证据", "另一条备注"]
        for n, value in enumerate(values, 1):
            page.cell(forms.row_of("SS5-5") + 1, n).value = value

    data = forms.edited(forms.filled(), copied)
    prefill, _ = corrected(faulty(data, finding("form.duplicate_rows", "SS1-1", count=2, cells="")), model)
    assert prefill.answers["SS1-1"] == (None, f"{forms.proof('SS1-1')}\n另一份证据", "另一条备注")


def test_the_roster_goes_before_what_the_form_says_and_the_date_is_removed(model: Model) -> None:
    data = forms.filled(fields={"id": "N01", "name": "旧名", "city": "苏州市", "date": "2026-03-31"})
    prefill, found = corrected(faulty(data, known={"id": "N01", "name": "新名", "city": ""}), model)
    assert {key: words for key, words in prefill.fields.items() if words} == {
        "id": "N01", "name": "新名", "city": "苏州市",
    }  # fmt: skip
    assert "2026-03-31" in found.problems[-1].found
    assert found.vouched == {"id", "name"}


# what is said


def test_problems_are_listed_whole_form_first_then_fields_then_rows_then_the_date(model: Model) -> None:
    data = forms.filled(fields={"id": "N01", "uscc": "1"})
    uscc = Finding(
        code="identity.bad_uscc", sheet="机构信息", cell=forms.field_cell("uscc"), params={"found": "1", "why": "w"}
    )
    told = [
        finding("answer.blank", "SS2-1"), finding("evidence.missing", "SS1-3", "evidence"), uscc,
        finding("answer.na_over_cap", domain="d"), finding("answer.na_without_reason", "SS1-3", "remarks"),
    ]  # fmt: skip
    _, found = corrected(faulty(data, *told), model)
    assert listed(found) == [
        ("", "", ""),
        ("institution", "uscc", ""),
        ("questionnaire", "SS1-3", "evidence"),
        ("questionnaire", "SS1-3", "remarks"),
        ("questionnaire", "SS2-1", "answer"),
        ("institution", "date", ""),
    ]


def test_a_problem_of_a_deleted_column_is_placed_where_the_fresh_form_has_it(model: Model) -> None:
    data = forms.edited(forms.filled(), lambda book: forms.sheet_of(book).delete_cols(7, 2))
    lost = [
        Finding(code=code, domain="SS", sheet="自评问卷", cell="F5", requirement="SS1-1",
                params={"requirement": "SS1-1", "found": "", "expected": ""})
        for code in ("evidence.missing", "answer.na_without_reason")
    ]  # fmt: skip
    _, found = corrected(faulty(data, *lost), model)
    assert listed(found)[:2] == [("questionnaire", "SS1-1", "evidence"), ("questionnaire", "SS1-1", "remarks")]


def test_a_field_that_the_roster_mends_is_told_but_not_marked(model: Model) -> None:
    data = forms.filled(fields={"id": "N01", "uscc": "1"})
    uscc = Finding(
        code="identity.bad_uscc", sheet="机构信息", cell=forms.field_cell("uscc"), params={"found": "1", "why": "w"}
    )
    _, found = corrected(faulty(data, uscc, known={"uscc": forms.CODES[0]}), model)
    assert forms.CODES[0] in found.problems[0].action
    assert list(found.notes("institution")) == [("date", "")]


@pytest.mark.parametrize(
    "code",
    ["identity.shared", "return.superseded", "return.missing_domain", "evidence.too_long", "answer.normalised"],
)
def test_what_is_not_the_institutions_to_mend_is_not_told(code: str, model: Model) -> None:
    _, found = corrected(faulty(forms.filled(), Finding(code=code, domain="SS")), model)
    assert listed(found) == [("institution", "date", "")]


def test_findings_of_the_files_other_domain_are_left_to_that_domains_correction(model: Model) -> None:
    other = Finding(code="answer.blank", domain="SD", requirement="SD1-1", params={"requirement": "SD1-1"})
    _, found = corrected(faulty(forms.filled(), other), model)
    assert listed(found) == [("institution", "date", "")]


@pytest.mark.parametrize("lang", LANGS)
def test_each_text_of_a_correction_belongs_to_a_finding_and_has_no_gap(lang: Lang, model: Model) -> None:
    from evaluator.findings import codes
    from evaluator.wording import catalogue

    own = catalogue("form")["corrected"]
    assert isinstance(own, dict)
    known = {f"{family}.{name}" for part in own.values() for family, names in part.items() for name in names}
    assert known <= set(codes())
    params = dict.fromkeys(("field", "others", "domain", "cells", "ids", "count", "column", "source", "what"), "w")
    for code in known:
        told = Finding(code=code, domain="SS", requirement="SS1-1", params={**finding(code, "SS1-1").params, **params})
        _, found = corrected(faulty(forms.filled(), told, lang=lang), model)
        assert not {"{", "}"} & set(found.problems[0].found + found.problems[0].action), code


@pytest.mark.parametrize(
    ("code", "calls"),
    [("answer.blank", True), ("form.missing_rows", True), ("return.conflict", True), ("evidence.missing", False),
     ("return.missing_domain", False), ("form.comments", False)],
)  # fmt: skip
def test_errors_call_for_a_correction_and_nothing_else_does(code: str, calls: bool) -> None:
    assert calls_for_correction(Finding(code=code)) is calls


# what is written


@pytest.mark.parametrize("lang", LANGS)
def test_the_first_sheet_links_each_problem_to_its_cell(lang: Lang) -> None:
    whole = problem("", "", "", concerns="", is_error=False)
    data = written(correction(whole, problem(), problem("institution", "uscc", "")), lang)
    book = openpyxl.load_workbook(BytesIO(data))
    page = book.worksheets[0]
    assert page.title == layout.sheet_name("correction", lang)
    assert book.active == page
    links = {link.ref: link.location for row in page.iter_rows() for cell in row if (link := cell.hyperlink)}
    names = [layout.sheet_name(key, lang) for key in ("questionnaire", "institution")]
    assert list(links.values()) == [
        f"'{names[0]}'!{forms.cell_of('SS1-1')}",
        f"'{names[1]}'!{forms.field_cell('uscc')}",
    ]
    assert page[next(iter(links))].value == f"{names[0]} {forms.cell_of('SS1-1')}"


def test_a_faulty_cell_has_fill_border_and_a_note_and_can_be_edited_and_the_others_have_not() -> None:
    data = written(correction(problem(), problem("institution", "uscc", "")))
    book = openpyxl.load_workbook(BytesIO(data))
    page, fields = forms.sheet_of(book), forms.sheet_of(book, "institution")
    for bad, good in ((page[forms.cell_of("SS1-1")], page[forms.cell_of("SS1-2")]), (fields["B6"], fields["B11"])):
        assert "有问题。请改。" in bad.comment.text
        assert good.comment is None
        assert bad.fill.fgColor.rgb != good.fill.fgColor.rgb
        assert (bad.border.top.style, good.border.top.style) == ("medium", "thin")
        assert not bad.protection.locked


def test_two_problems_of_a_cell_share_a_note() -> None:
    data = written(correction(problem(found="甲"), problem(found="乙")))
    note = forms.sheet_of(openpyxl.load_workbook(BytesIO(data)))[forms.cell_of("SS1-1")].comment.text
    assert "甲" in note
    assert "乙" in note


def test_fields_that_the_roster_vouches_for_are_locked_and_the_others_are_not() -> None:
    data = written(correction(problem(), vouched=["id", "city", "date"]), institution="N01")
    page = forms.sheet_of(openpyxl.load_workbook(BytesIO(data)), "institution")
    locked = {key for key in layout.FIELDS if page[forms.field_cell(key)].protection.locked}
    assert locked == {"id", "city"}


def test_only_a_correction_names_what_it_corrects_and_a_blank_form_is_as_ever() -> None:
    assert forms.read(written(correction(problem()))).meta["corrects"] == SHA
    assert layout.CORRECTS not in forms.read(forms.blank()).meta


def test_equal_corrections_have_equal_bytes() -> None:
    assert written(correction(problem())) == written(correction(problem()))


def test_the_quick_writer_writes_notes_as_plain_xlsxwriter_does() -> None:
    model = forms.model()

    def write(target: BytesIO) -> None:
        made = correction(problem(found='<&"> _x0041_ \n = 1'), problem("institution", "name", ""))
        write_form(target, model, model.domain("SS"), "zh", correction=made)

    fast, slow = both(write)
    assert fast == slow
    assert any(name.startswith("xl/comments") for name in fast)


# what is read back


def assert_is_a_plain_form(data: bytes) -> None:
    form = forms.read(data)
    assert not form.strays
    assert not form.has_comments
    assert not form.has_objects
    assert not form.disputed
    assert form.value("name") == "甲"
    assert len(form.rows) == len(forms.model().domain("SS").requirements)


@pytest.mark.parametrize("lang", LANGS)
def test_the_first_sheet_and_the_notes_are_no_content_of_the_institutions(lang: Lang) -> None:
    fields = [problem("institution", key, "", concerns=f"form {key}") for key in ("id", "name", "uscc", "city")]
    assert_is_a_plain_form(written(correction(*fields, problem(), problem("", "", "", concerns="")), lang))


@pytest.mark.parametrize("lang", LANGS)
def test_nor_are_they_after_a_re_save_under_another_name(lang: Lang) -> None:
    labels = [layout.text(f"form.field.{key}").say(lang) for key in ("id", "name", "uscc", "city")]
    data = written(correction(problem(), *(problem("institution", "id", "", concerns=words) for words in labels)), lang)

    def rename(book: openpyxl.Workbook) -> None:
        book.worksheets[0].title = "Sheet1"

    assert_is_a_plain_form(forms.edited(data, rename))


def test_a_note_that_a_person_added_or_wrote_into_ours_is_seen() -> None:
    data = written(correction(problem()))

    def add(book: openpyxl.Workbook) -> None:
        forms.sheet_of(book)["F9"].comment = Comment("见附件", "张三")

    def reply(book: openpyxl.Workbook) -> None:
        own = forms.sheet_of(book)[forms.cell_of("SS1-1")].comment
        own.text += "\n已改，请查收"

    assert forms.read(forms.edited(data, add)).has_comments
    assert forms.read(forms.edited(data, reply)).has_comments
    assert not forms.read(forms.edited(data)).has_comments


@pytest.mark.parametrize("part", [b"", b"<comments", b"<a>" * 33 + b"</a>" * 33])
def test_comments_that_cannot_be_read_count_as_a_persons(part: bytes) -> None:
    assert forms.read(forms.with_part(forms.filled(), "xl/comments1.xml", part)).has_comments


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_what_an_institution_wrote_comes_back_as_it_wrote_it(data: st.DataObject) -> None:
    model = forms.model()
    labels = [answer.label.zh for answer in model.scale]
    row = st.tuples(st.sampled_from([*labels, "随便", None]), TEXTS, TEXTS)
    wanted = {r.id: data.draw(row) for r in model.domain("SS").requirements[:6]}
    first = faulty(forms.filled(changed=wanted), *(finding("answer.blank", key) for key in wanted))
    prefill, made = corrected(first, model)
    stream = BytesIO()
    write_form(stream, model, first.domain, "zh", prefill=prefill, correction=made)
    again = {row.requirement: (row.typed, row.evidence, row.remarks) for row in forms.read(stream.getvalue()).rows}
    assert again == {row.requirement: (row.typed, row.evidence, row.remarks) for row in first.form.rows}


def test_the_note_says_the_problem_in_the_forms_language_only() -> None:
    data = written(correction(problem(found="Blank.", action="Choose.")), "en")
    with zipfile.ZipFile(BytesIO(data)) as archive:
        notes = [archive.read(name).decode() for name in archive.namelist() if name.startswith("xl/comments")]
    assert notes
    assert not any(re.search(r"[\u4e00-\u9fff]", words) for words in notes)
