"""Findings about a form as a whole: each placed where it can be mended."""

from __future__ import annotations

from dataclasses import replace

import pytest

from evaluator.intake.formchecks import form_findings
from evaluator.model.records import Model
from evaluator.questionnaire.reader import FieldValue, ReturnedForm
from evaluator.wording import LANGS
from tests import forms

USUAL = forms.read(forms.filled(fields={"id": "N01", "name": "甲", "date": "2026-03-31"}))


def found(form: ReturnedForm, model: Model) -> list[tuple[str, str, str]]:
    findings = form_findings("a.xlsx", form, "N01", model)
    for finding in findings:
        assert (finding.file, finding.institution) == ("a.xlsx", "N01")
        for lang in LANGS:
            assert not {"{", "}"} & set(finding.message(lang))
    return [(finding.code, finding.sheet, finding.cell) for finding in findings]


def with_field(key: str, value: str, kind: str = "text") -> ReturnedForm:
    place = FieldValue(value=value, sheet="S", cell="B9", kind=kind)  # type: ignore[arg-type]
    return replace(USUAL, fields={**USUAL.fields, key: place})


def test_a_form_as_it_should_be_has_none(model: Model) -> None:
    assert found(USUAL, model) == []


@pytest.mark.parametrize(
    ("meta", "code"),
    [
        ({"model": "other"}, "form.unknown_model"),
        ({"edition": "1999"}, "form.old_edition"),
        ({"format": "evaluator-questionnaire-9"}, "form.unknown_format"),
    ],
)
def test_a_form_of_something_else_is_pointed_out(meta: dict[str, str], code: str, model: Model) -> None:
    assert found(replace(USUAL, meta={**USUAL.meta, **meta}), model) == [(code, "", "")]


@pytest.mark.parametrize(
    ("flag", "code"),
    [
        ("has_macros", "form.macro"),
        ("has_external_links", "form.external_links"),
        ("has_comments", "form.comments"),
        ("has_objects", "form.objects"),
    ],
)
def test_what_is_not_read_is_pointed_out(flag: str, code: str, model: Model) -> None:
    assert found(replace(USUAL, **{flag: True}), model) == [(code, "", "")]  # type: ignore[arg-type]


def test_strays_are_placed_at_the_first(model: Model) -> None:
    form = replace(USUAL, strays={"S": "K5, K6 … (+3)", "T": "A1"})
    assert found(form, model) == [("form.stray_content", "S", "K5"), ("form.stray_content", "T", "A1")]


def test_merged_answers_are_errors_and_merged_texts_warnings_each_placed_at_its_first_cell(model: Model) -> None:
    form = replace(USUAL, merged_answers={"S": "F5:F7 F9:G10"}, merged_texts={"S": "G5:H7", "T": "A1:A2"})
    assert found(form, model) == [
        ("form.merged_cells", "S", "F5"), ("form.merged_cells", "S", "F9"),
        ("form.merged_evidence", "S", "G5"), ("form.merged_evidence", "T", "A1"),
    ]  # fmt: skip
    findings = form_findings("a.xlsx", form, "N01", model)
    assert [finding.severity for finding in findings] == ["error", "error", "warning", "warning"]
    assert "F9:G10" in findings[1].found("zh")
    assert "F9:G10" in findings[1].found("en")


def test_very_many_merged_ranges_share_a_finding(model: Model) -> None:
    form = replace(USUAL, merged_answers={"S": " ".join(f"F{n}:F{n + 1}" for n in range(10, 400, 2))})
    codes = found(form, model)
    assert len(codes) == 51
    assert codes[-1] == ("form.merged_cells", "S", "F110")


@pytest.mark.parametrize("domain", ["SD", "XX"])
def test_a_table_of_another_domain_is_placed_at_its_first_id(domain: str, model: Model) -> None:
    form = replace(USUAL, meta={**USUAL.meta, "domain": domain})
    assert found(form, model) == [("form.other_domain", "自评问卷", "A5")]


def test_one_of_several_domains_is_no_other_domain(model: Model) -> None:
    other = forms.read(forms.filled("SD"))
    assert found(replace(USUAL, rows=(*other.rows, *USUAL.rows)), model) == []


@pytest.mark.parametrize(
    ("key", "value", "kind", "code"),
    [
        ("name", "甲", "formula", "form.formula_field"),
        ("date", "2026-03-31", "formula", "form.formula_field"),
        ("date", "", "error", "form.formula_field"),
        ("date", "三月底", "text", "return.bad_date"),
        ("date", "2026-02-30", "text", "return.bad_date"),
        ("date", "12", "number", "return.bad_date"),
    ],
)
def test_a_field_that_cannot_be_relied_on_is_placed(key: str, value: str, kind: str, code: str, model: Model) -> None:
    assert found(with_field(key, value, kind), model) == [(code, "S", "B9")]


def test_a_second_value_is_placed_where_it_stands_and_ids_are_left_to_others(model: Model) -> None:
    other = FieldValue(value="乙", sheet="T", cell="B5")
    form = replace(USUAL, disputed={"name": other, "id": other, "uscc": other})
    assert found(form, model) == [("form.fields_differ", "T", "B5")]
