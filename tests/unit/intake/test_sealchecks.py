"""What was altered in a sealed form of a round: each found, placed, and worded in both languages."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest

from evaluator.findings import Finding
from evaluator.wording import LANGS, Lang
from tests import edits, forms, sealed
from tests.sealed import OTHER, OWN, Taken


def worded(finding: Finding) -> Finding:
    for lang in LANGS:
        assert not {"{", "}"} & set(finding.message(lang))
    return finding


@pytest.mark.parametrize("lang", LANGS)
def test_a_form_as_it_was_sent_and_filled_in_counts_without_a_finding(lang: Lang) -> None:
    taken = Taken(sealed.filled(lang=lang))
    assert (taken.codes, taken.owner(), taken.status()) == ([], "N01", "counted")


def test_a_form_that_an_office_program_saved_again_is_genuine() -> None:
    taken = Taken(forms.edited(sealed.filled(), forms.put(F5="部分满足")))
    assert (taken.codes, taken.owner()) == ([], "N01")


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("province", "浙江省"), ("city", "苏州"), ("type", "x"), ("category", f"{OWN.category}x"), ("id", "n01"),
        ("name", f"{OWN.name}\u200b"), ("uscc", f"９{OWN.uscc[1:]}"), ("province", "江苏"), ("city", ""),
    ],
)  # fmt: skip
def test_a_locked_field_that_is_not_as_the_roster_has_it_is_named_and_the_roster_counts(field: str, typed: str) -> None:
    taken = Taken(sealed.with_fields(sealed.filled(), **{field: typed}))
    finding = worded(taken.only("identity.field_changed"))
    assert (finding.severity, finding.sheet) == ("warning", "机构信息")
    assert finding.cell == (forms.field_cell(field) if typed else "")
    assert (taken.codes, taken.owner()) == (["identity.field_changed"], "N01")
    assert next(entry for entry in taken.institutions if entry.id == "N01") == OWN


@pytest.mark.parametrize(
    ("field", "typed", "code"),
    [("name", "别的中心", "identity.name_differs"), ("uscc", OWN.uscc[:-1], "identity.bad_uscc")],
)
def test_a_name_or_code_of_nobody_keeps_its_own_finding_alone(field: str, typed: str, code: str) -> None:
    taken = Taken(sealed.with_fields(sealed.filled(), **{field: typed}))
    assert (taken.codes, taken.owner()) == ([code], "N01")


def test_a_rosters_turning_marks_which_no_form_holds_are_no_change() -> None:
    who = replace(OWN, name="苏州\u202e市\u202c中心")
    assert Taken(sealed.filled(who=who), roster=(who, OTHER)).codes == []


def test_the_other_languages_word_for_a_choice_is_no_change() -> None:
    data = sealed.with_fields(sealed.filled(), province="Jiangsu")
    assert Taken(data).codes == []


def test_fields_that_the_roster_does_not_give_are_not_compared() -> None:
    data = sealed.with_fields(sealed.filled(who=OTHER), type="x", category="y")
    assert Taken(data).codes == []


def test_a_form_without_its_institution_sheet_says_so_once() -> None:
    taken = Taken(forms.edited(sealed.filled(), forms.drop_sheet("institution")))
    finding = worded(taken.only("identity.field_changed"))
    assert (finding.sheet, finding.cell, taken.owner()) == ("", "", "N01")


@pytest.mark.parametrize("lang", LANGS)
def test_altered_choices_are_placed_at_the_first_that_differs(lang: Lang) -> None:
    other = sealed.with_text(sealed.filled(lang=lang), sealed.LISTS_PART, "A4", "基本满足")
    finding = worded(Taken(other).only("form.choices_altered"))
    assert (finding.sheet, finding.cell, finding.severity) == ("_lists", "A4", "warning")


def test_choices_in_another_order_or_number_are_altered_choices() -> None:
    labels = [forms.model().answer(code).label.zh for code in ("full", "large")]
    swapped = sealed.with_text(sealed.filled(), sealed.LISTS_PART, "A2", labels[1])
    assert Taken(sealed.with_text(swapped, sealed.LISTS_PART, "A3", labels[0])).codes == ["form.choices_altered"]
    more = forms.edited(sealed.filled(), lambda book: book["_lists"].__setitem__("A7", "看情况"))
    assert Taken(more).only("form.choices_altered").cell == "A7"
    fewer = forms.edited(sealed.filled(), lambda book: book["_lists"].__setitem__("A6", None))
    assert Taken(fewer).codes == ["form.choices_altered"]


def test_a_form_that_lost_its_lists_has_no_altered_choices() -> None:
    assert Taken(forms.edited(sealed.filled(), forms.drop_sheet("_lists"))).codes == []


def test_hidden_rows_are_named_and_count() -> None:
    data = edits.apply(sealed.filled(), [{"do": "hide", "rows": [1, 7, 9]}])
    taken = Taken(data)
    finding = worded(taken.only("form.hidden_rows"))
    ids = [r.id for r in forms.model().domain("SS").requirements]
    assert (finding.sheet, finding.cell, finding.severity) == ("自评问卷", "A7", "info")
    assert finding.params["count"] == 2
    assert f"{ids[2]}, {ids[4]}" in finding.found("en")
    assert (taken.codes, taken.status()) == (["form.hidden_rows"], "counted")


def test_a_text_that_is_only_spelt_otherwise_is_an_info_and_counts() -> None:
    cell = forms.cell_of("SS1-1", "text")
    words = forms.model().domain("SS").requirements[0].text.zh.replace("。", "｡")
    taken = Taken(sealed.with_text(sealed.filled(), forms.QUESTIONNAIRE_PART, cell, words))
    finding = worded(taken.only("form.respelt_text"))
    assert (finding.cell, finding.severity, taken.codes) == ("A5", "info", ["form.respelt_text"])


def test_nothing_of_this_is_said_without_a_round_or_of_a_form_without_a_seal() -> None:
    data = sealed.with_fields(sealed.with_text(sealed.filled(), sealed.LISTS_PART, "A4", "x"), city="x")
    data = edits.apply(data, [{"do": "hide", "rows": [7]}])
    assert Taken(data, terms=None).codes == []
    blank = edits.apply(forms.filled(), [{"do": "hide", "rows": [7]}])
    assert Taken(blank).codes == ["identity.no_seal"]


def test_an_excluded_return_is_listed_with_the_reason_and_does_not_count() -> None:
    data = sealed.with_fields(sealed.filled(), city="x")
    sha256 = hashlib.sha256(data).hexdigest()
    taken = Taken(data, excluded={sha256: "重复报送"})
    finding = worded(taken.only("return.excluded"))
    assert (finding.severity, finding.institution, finding.file) == ("info", "N01", "0.xlsx")
    assert "重复报送" in finding.found("zh")
    assert (taken.codes, taken.owner(), taken.status()) == (["return.excluded"], "N01", "excluded")
    missing = {f.institution: f.params["count"] for f in taken.findings if f.code == "return.missing_domain"}
    assert missing == {"N01": 5, "N02": 5}


def test_an_excluded_return_supersedes_nothing_and_says_nothing_of_its_institution() -> None:
    first = sealed.filled(who=OTHER)
    later = sealed.with_fields(first, date="2026-03-09", category="x")
    taken = Taken(first, later, excluded={hashlib.sha256(later).hexdigest(): "r"})
    assert [taken.status(n) for n in (0, 1)] == ["counted", "excluded"]
    assert next(entry.category for entry in taken.institutions if entry.id == "N02") == ""


def test_an_excluded_form_of_nobody_is_excluded_all_the_same() -> None:
    data = sealed.with_meta(sealed.filled(), seal="0" * 64)
    taken = Taken(data, excluded={hashlib.sha256(data).hexdigest(): "r"})
    assert (taken.owner(), taken.status()) == ("", "excluded")


def test_a_form_without_a_seal_does_not_supersede_a_genuine_one_whatever_its_date() -> None:
    other = forms.filled(
        fields={"id": "N01", "name": OWN.name, "date": "2026-09-09"}, changed={"SS1-1": ("不满足", "", "")}
    )
    taken = Taken(sealed.filled(), other)
    assert [taken.status(n) for n in (0, 1)] == ["counted", "superseded"]
    assert "return.superseded" in taken.codes
