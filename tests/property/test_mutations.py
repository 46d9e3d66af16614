"""Whatever character of identity, question text, choices or seal is altered in a return of a round is found, and no
return ever counts for another institution. Through the bytes of real workbooks, read as a run reads them."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from evaluator.questionnaire.layout import LOCKED
from evaluator.questionnaire.reader import ReturnedForm
from evaluator.wording import LANGS, Lang
from tests import forms, sealed
from tests.sealed import INSTITUTION_PART, LISTS_PART, META_PART, OWN, ROSTER, Taken

REQUIREMENTS = forms.model().domain("SS").requirements
META = {
    "round": "return.other_round",
    "institution": "identity.seal_broken",
    "domain": "identity.seal_broken",
    "model": "form.unknown_model",
    "edition": "identity.seal_broken",
    "model_hash": "identity.seal_broken",
    "seal": "identity.seal_broken",
}
"""What an altered entry of `_meta` is told as; each withholds the form."""
CHARACTERS = st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff")
SHARED_PART = "xl/sharedStrings.xml"


def shown(words: str) -> str:
    """What stands in a text beside blanks, which programs add and drop as they like."""
    return "".join(words.split())


@st.composite
def mutated(draw: st.DrawFn, words: str) -> str:
    """Change, add or drop one character; a change may be of a single bit."""
    at = draw(st.integers(0, len(words) - 1))
    kind = draw(st.sampled_from(("flip", "flip", "change", "add", "drop")))
    if kind == "flip":
        character = chr(ord(words[at]) ^ 1 << draw(st.integers(0, 15)))
        assume(character.isprintable())
    else:
        character = draw(CHARACTERS) if kind != "drop" else ""
    new = words[:at] + character + words[at + (kind != "add") :]
    assume(shown(new) != shown(words))
    return new


def meta_of(institution: str = OWN.id) -> dict[str, str]:
    form = forms.read(sealed.filled(who=next(one for one in ROSTER if one.id == institution)))
    return dict(form.meta)


@settings(max_examples=120, deadline=None)
@given(st.data(), st.sampled_from(sorted(META)))
def test_an_altered_record_withholds_the_form(data: st.DataObject, key: str) -> None:
    words = data.draw(mutated(meta_of()[key]))
    taken = Taken(sealed.with_meta(sealed.filled(), **{key: words}))
    assert META[key] in taken.codes
    assert (taken.owner(), taken.status()) == ("", "not_counted")


@pytest.mark.parametrize("key", sorted(META))
def test_each_entry_exchanged_for_another_forms_withholds_the_form(key: str) -> None:
    """One that is as genuine as its own, where it stands."""
    other = {**meta_of("N02"), "round": "2025-sme", "domain": "SD", "model": "x", "edition": "2020", "model_hash": "0"}
    taken = Taken(sealed.with_meta(sealed.filled(), **{key: other[key]}))
    assert META[key] in taken.codes
    assert (taken.owner(), taken.status()) == ("", "not_counted")


@settings(max_examples=120, deadline=None)
@given(st.data(), st.sampled_from(LOCKED))
def test_an_altered_field_of_the_institution_is_named(data: st.DataObject, key: str) -> None:
    words = data.draw(mutated(getattr(OWN, key)))
    taken = Taken(sealed.with_fields(sealed.filled(), **{key: words}))
    found = [one for one in taken.findings if one.cell == forms.field_cell(key)]
    allowed = {"identity.field_changed"}
    allowed |= {"id": {"identity.mismatch"}, "name": {"identity.name_differs", "identity.mismatch"}}.get(key, set())
    allowed |= {"identity.bad_uscc", "identity.mismatch"} if key == "uscc" else set()
    assert {one.code for one in found} & allowed
    assert taken.owner() in ("", OWN.id)


@settings(max_examples=80, deadline=None)
@given(st.data(), st.sampled_from([requirement.id for requirement in REQUIREMENTS]), st.sampled_from(LANGS))
def test_an_altered_question_is_named(data: st.DataObject, asked: str, lang: Lang) -> None:
    requirement = next(one for one in REQUIREMENTS if one.id == asked)
    words = data.draw(mutated(requirement.text.say(lang)))
    cell = forms.cell_of(asked, "text")
    taken = Taken(sealed.with_text(sealed.filled(lang=lang), forms.QUESTIONNAIRE_PART, cell, words))
    (finding,) = [one for one in taken.findings if one.code in ("form.altered_text", "form.respelt_text")]
    assert asked in finding.found("en")
    assert taken.owner() == OWN.id


@settings(max_examples=60, deadline=None)
@given(st.data(), st.integers(2, 6))
def test_an_altered_choice_is_named(data: st.DataObject, row: int) -> None:
    labels = [answer.label.zh for answer in forms.model().scale]
    words = data.draw(mutated(labels[row - 2]))
    taken = Taken(sealed.with_text(sealed.filled(), LISTS_PART, f"A{row}", words))
    assert taken.only("form.choices_altered").cell == f"A{row}"
    assert taken.owner() == OWN.id


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from((INSTITUTION_PART, forms.QUESTIONNAIRE_PART, LISTS_PART, META_PART, SHARED_PART)),
    st.floats(0, 1, exclude_max=True),
    st.integers(0, 7),
)
def test_whatever_bit_of_a_sheet_is_flipped_nothing_vouched_for_changes_unseen(part: str, at: float, bit: int) -> None:
    """A flip may hit an answer, which is the institution's own to give, or a tag, and the sheet can't be read."""
    xml = bytearray(forms.archive_parts(sealed.filled())[part])
    xml[int(at * len(xml))] ^= 1 << bit
    data = forms.with_part(sealed.filled(), part, bytes(xml))
    taken = Taken(data)
    assert taken.owner() in ("", OWN.id)
    if not taken.codes:
        form = forms.read(data)
        assert vouched(form) == vouched(forms.read(sealed.filled()))


def vouched(form: ReturnedForm) -> dict[str, object]:
    """What the round put into the form and an institution must not change."""
    return {
        "meta": {key: form.meta.get(key) for key in META},
        "fields": {key: shown(form.value(key)) for key in LOCKED},
        "texts": [(row.requirement, shown(row.text)) for row in form.rows],
        "choices": list(form.choices.values()),
    }
