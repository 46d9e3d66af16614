"""Pre-filled forms from a master are what `write_form` writes, byte for byte."""

from __future__ import annotations

from io import BytesIO

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluator.model.files import load_model
from evaluator.model.records import Domain, Model
from evaluator.questionnaire.layout import EDITION_FIELD, FIELDS, LOCKED, Prefill
from evaluator.questionnaire.prefilled import FormMaster
from evaluator.questionnaire.writer import write_form
from evaluator.wording import LANGS, Lang
from tests import forms
from tests.unit.questionnaire.test_writer import variant

BUILT_IN = load_model()
ODD_MODEL = variant(BUILT_IN)
ROUND = {"deadline": "2024-06-30 <noon>", "contact": "A & B", "round_name": "2024 \ue000name"}
MASTERS: dict[tuple[str, str], FormMaster] = {
    (model.id if model is BUILT_IN else "odd", lang): FormMaster(model, model.domains[0], lang, **ROUND)
    for model in (BUILT_IN, ODD_MODEL)
    for lang in LANGS
}
ODD = (
    "", " ", "=1+1", "<&>\"'", "a\x01b", "\ud800x", "长" * 300, "名" * 40_000, "  leading", "x\ny", "_x0041_",
    "<r><t>x</t></r>", "2024-02-29", "2024-02-30", "1999-12-31", "江苏省", "Jiangsu", "\ue000id", "00123",
    "https://example.org/?a=1&b=2",
)  # fmt: skip
TEXTS = st.one_of(st.sampled_from(ODD), st.text(max_size=20))
CATEGORIES = st.one_of(
    st.sampled_from(
        [words for category in BUILT_IN.categories for words in (category.zh, category.en, f" {category.zh} ")]
    ),
    TEXTS,
)


def slow(model: Model, domain: Domain, lang: Lang, fields: dict[str, str], institution: str, seal: str) -> bytes:
    stream = BytesIO()
    prefill = Prefill(fields=fields, answers={})
    write_form(stream, model, domain, lang, prefill=prefill, institution=institution, seal=seal, **ROUND)
    return stream.getvalue()


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(LANGS),
    st.fixed_dictionaries({}, optional={key: CATEGORIES if key == "category" else TEXTS for key in FIELDS}),
    TEXTS,
    TEXTS,
)
def test_a_form_from_the_master_is_the_form_itself(lang: Lang, fields: dict[str, str], own: str, seal: str) -> None:
    for name, model in (("odd", ODD_MODEL), (BUILT_IN.id, BUILT_IN)):
        fast = MASTERS[name, lang].form(fields, own, seal=seal)
        assert fast == slow(model, model.domains[0], lang, fields, own, seal)


@pytest.mark.parametrize("lang", LANGS)
def test_categories_that_permit_na_have_their_own_preview(lang: Lang) -> None:
    master = MASTERS["odd", lang]
    names = [category.say(lang) for category in ODD_MODEL.categories]
    forms = {name: master.form({"id": "1", "category": name}, "1") for name in names}
    for name, form in forms.items():
        assert form == slow(ODD_MODEL, ODD_MODEL.domains[0], lang, {"id": "1", "category": name}, "1", "")


def test_one_institutions_texts_are_not_in_the_next_ones_form() -> None:
    master = MASTERS[BUILT_IN.id, "zh"]
    first = master.form({"id": "A-1", "name": "first"}, "A-1", seal="s")
    assert master.form({}, "") == slow(BUILT_IN, BUILT_IN.domains[0], "zh", {}, "", "")
    assert master.form({"id": "A-1", "name": "first"}, "A-1", seal="s") == first


KNOWN = {
    "id": "N01", "name": "中心", "uscc": "91350100M000100Y43", "province": "江苏省", "city": "苏州市",
    "type": BUILT_IN.types[0].zh, "category": BUILT_IN.categories[0].zh, "contact": "李四", "date": "2026-03-01",
}  # fmt: skip


def locked(form: bytes) -> dict[str, bool]:
    sheet = forms.sheet_of(openpyxl.load_workbook(BytesIO(form)), "institution")
    assert sheet.protection.sheet
    return {key: bool(sheet[forms.field_cell(key)].protection.locked) for key in FIELDS}


@pytest.mark.parametrize("lang", LANGS)
def test_what_is_known_of_an_institution_is_locked_and_the_rest_open(lang: Lang) -> None:
    master = FormMaster(BUILT_IN, BUILT_IN.domains[0], lang)
    assert locked(master.form(KNOWN, "N01")) == {key: key in LOCKED for key in FIELDS}
    fewer = {key: value for key, value in KNOWN.items() if key not in ("city", "type")}
    assert {key for key, is_locked in locked(master.form({**fewer, "type": " "}, "N01")).items() if is_locked} == (
        set(LOCKED) - {"city", "type"}
    )


def test_a_form_made_for_nobody_has_all_fields_open() -> None:
    master = FormMaster(BUILT_IN, BUILT_IN.domains[0], "zh")
    assert not any(locked(master.form(KNOWN, "")).values())
    assert not any(locked(forms.filled(fields=KNOWN)).values())


@pytest.mark.parametrize("lang", LANGS)
def test_locked_cells_look_locked_and_offer_no_choices_and_the_sheet_says_whom_to_tell(lang: Lang) -> None:
    master = FormMaster(BUILT_IN, BUILT_IN.domains[0], lang, contact="Wang Wu 0512-1")
    sheet = forms.sheet_of(openpyxl.load_workbook(BytesIO(master.form({**KNOWN, "city": ""}, "N01"))), "institution")
    colours = {key: sheet[forms.field_cell(key)].fill.fgColor.rgb for key in FIELDS}
    assert colours["id"] == colours["category"] != colours["city"] == colours["contact"]
    validated = {str(area) for rule in sheet.data_validations.dataValidation for area in rule.sqref.ranges}
    assert validated == {forms.field_cell("date")}
    assert "Wang Wu 0512-1" in sheet["A2"].value
    assert sheet["C4"].value != sheet["C8"].value
    assert sheet.sheet_view.selection[0].activeCell == forms.field_cell("city")


@pytest.mark.parametrize("lang", LANGS)
def test_a_locked_field_that_was_emptied_is_empty_to_the_reader(lang: Lang) -> None:
    form = FormMaster(BUILT_IN, BUILT_IN.domains[0], lang).form(KNOWN, "N01")
    assert forms.read(form).value("name") == "中心"
    assert forms.read(forms.edited(form, forms.put_fields(name=None))).value("name") == ""


@pytest.mark.parametrize("lang", LANGS)
def test_a_form_that_says_nothing_of_its_institution_is_read_so(lang: Lang) -> None:
    assert set(forms.read(FormMaster(BUILT_IN, BUILT_IN.domains[0], lang).form({}, "N01")).fields) == {EDITION_FIELD}
