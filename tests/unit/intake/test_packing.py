"""Packed forms: nothing is lost on the way through a worker or the store."""

from __future__ import annotations

import string

import hypothesis.strategies as st
from hypothesis import given

from evaluator.intake.packing import Asked, pack, unpack
from evaluator.questionnaire.reader import FieldValue, FormRow, ReturnedForm

ASKED: Asked = {"SS1-1": ("制定战略。", "Has a strategy."), "SS1-2": ("", "Only English.")}
TEXT = st.text(st.characters(codec=None), max_size=30)
"""Any text, lone surrogates too."""


def of_type(name: str) -> st.SearchStrategy[object]:
    if name == "row":
        return st.integers(1, 1_048_576)
    if name == "is_id":
        return st.booleans()
    if name == "requirement":
        return st.sampled_from(["SS1-1", "SS1-2", "ZZ9-9", ""])
    if name == "text":
        return st.sampled_from(["制定战略。", "Has a strategy.", "Only English.", ""]) | TEXT
    return TEXT


ROWS = st.builds(FormRow, **{name: of_type(name) for name in FormRow._fields})
PLACES = st.builds(FieldValue, value=TEXT, sheet=TEXT, cell=TEXT)
KEYS = st.text(string.ascii_lowercase, min_size=1, max_size=4)


@given(
    rows=st.lists(ROWS, max_size=4),
    places=st.dictionaries(KEYS, PLACES, max_size=3),
    meta=st.dictionaries(KEYS, TEXT, max_size=3),
    disputed=st.dictionaries(KEYS, PLACES, max_size=2),
    macros=st.booleans(),
)
def test_what_is_packed_comes_out_again(
    rows: list[FormRow],
    places: dict[str, FieldValue],
    meta: dict[str, str],
    disputed: dict[str, FieldValue],
    macros: bool,
) -> None:
    form = ReturnedForm(
        meta=meta,
        fields=places,
        rows=tuple(rows),
        strays={"S": "A1"},
        merged_answers={"S": "F5:F7 F9:F10"},
        merged_texts={"S": "G5:G7"},
        has_macros=macros,
        disputed=disputed,
    )
    assert unpack(pack(form, ASKED), ASKED) == form


def test_the_models_own_texts_take_no_room() -> None:
    words = "".join(chr(0x4E00 + n * 7) for n in range(500))
    given = {"row": 5, "is_id": True, "requirement": "SS1-1", "text": words}
    row = FormRow(**{name: given.get(name, "") for name in FormRow._fields})  # type: ignore[arg-type]
    form = ReturnedForm(meta={}, fields={}, rows=(row,), strays={})
    assert len(pack(form, {"SS1-1": (words, "")})) < 300 < len(pack(form, {}))
