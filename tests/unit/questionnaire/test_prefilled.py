"""Pre-filled forms from a master are what `write_form` writes, byte for byte."""

from __future__ import annotations

from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluator.model.files import load_model
from evaluator.model.records import Domain, Model
from evaluator.questionnaire.layout import FIELDS, Prefill
from evaluator.questionnaire.prefilled import FormMaster
from evaluator.questionnaire.writer import write_form
from evaluator.wording import LANGS, Lang
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
