"""What seal and record say of a run differently is named, and what still holds is gone by."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from evaluator.reports.comparing.contradictions import contradictions, likeliest
from evaluator.reports.comparing.sealed import Facts, Sealed, SealedFile
from evaluator.wording import Text

ROSTER, FORM = SealedFile(sha256="r", role="roster"), SealedFile(sha256="f", role="return")
TRUE = Facts(
    program="1.0", model="m@1", model_hash="h", options={"lang": "zh"}, inputs={"roster.xlsx": ROSTER, "a.xlsx": FORM}
)


def sealed(seal: Facts, record: Facts | None, *, is_whole: bool = True, fault: Text | None = None) -> Sealed:
    facts = seal if is_whole or record is None else record
    return Sealed(
        folder=Path(), manifest={}, is_whole=is_whole, fault=fault, outputs={}, seal=seal, record=record, facts=facts,
        model=None, owners={},
    )  # fmt: skip


def changed(**inputs: SealedFile) -> Facts:
    return replace(TRUE, inputs={**TRUE.inputs, **{f"{name}.xlsx": one for name, one in inputs.items()}})


FORGED = (
    (replace(TRUE, program="0.9"), ("program.version", ("run", "program", "value"), "0.9", "1.0")),
    (replace(TRUE, model="n@1"), ("model.id", ("run", "model", "value"), "n", "m")),
    (replace(TRUE, model="m@2"), ("model.edition", ("run", "edition", "value"), "2", "1")),
    (replace(TRUE, model_hash="x"), ("model.sha256", ("run", "model_hash", "value"), "x", "h")),
    (replace(TRUE, options={"lang": "en"}), ("options.lang", ("run", "option_lang", "value"), "en", "zh")),
    (replace(TRUE, options={}), ("options.lang", ("run", "option_lang", "value"), "", "zh")),
    (changed(a=replace(FORM, sha256="x")), ("inputs[a.xlsx].sha256", ("files", "a.xlsx", "sha256"), "x", "f")),
    (changed(a=replace(FORM, role="other")), ("inputs[a.xlsx].role", ("files", "a.xlsx", "role"), "other", "return")),
    (changed(b=FORM), ("inputs[b.xlsx].sha256", ("files", "b.xlsx", "sha256"), "f", "")),
)  # fmt: skip


@pytest.mark.parametrize(("forged", "expected"), FORGED)
def test_a_contradiction_names_its_place_in_both_and_both_values(
    forged: Facts, expected: tuple[str, tuple[str, str, str], str, str]
) -> None:
    entry, place, false, true = expected
    (in_record,) = contradictions(sealed(TRUE, forged), sealed(TRUE, TRUE))
    (in_seal,) = contradictions(sealed(forged, TRUE), None)
    assert (in_record.entry, in_record.place, in_record.seal, in_record.record) == (entry, place, true, false)
    assert in_record.recomputed == true
    assert (in_seal.entry, in_seal.place, in_seal.seal, in_seal.record) == (entry, place, false, true)
    assert in_seal.recomputed == ""


def test_whose_an_input_is_and_when_it_came_is_no_contradiction_as_seals_do_not_say_it() -> None:
    told = changed(a=replace(FORM, institution="N01", arrived="2026-01-01T00:00:00Z"))
    assert contradictions(sealed(TRUE, told), None) == ()


def test_what_can_not_be_read_contradicts_nothing() -> None:
    assert contradictions(sealed(TRUE, None), None) == ()
    assert contradictions(sealed(Facts(), TRUE, is_whole=False, fault=Text("坏", "bad")), None) == ()


@pytest.mark.parametrize("forged", [forged for forged, _ in FORGED])
@pytest.mark.parametrize("is_whole", [True, False])
def test_what_holds_now_is_gone_by_whichever_of_the_two_says_it(forged: Facts, is_whole: bool) -> None:
    fresh = sealed(TRUE, TRUE)
    for one in (sealed(TRUE, forged, is_whole=is_whole), sealed(forged, TRUE, is_whole=is_whole)):
        assert likeliest(one, fresh, is_record_altered=False, is_reproduced=True) == TRUE


def test_a_seal_that_finds_the_record_altered_is_believed() -> None:
    now = changed(a=replace(FORM, sha256="x"))
    one = sealed(TRUE, now)
    assert likeliest(one, sealed(now, now), is_record_altered=True, is_reproduced=True) == TRUE


def test_an_input_is_the_one_changed_where_the_results_do_not_come_out_of_it() -> None:
    now = changed(a=replace(FORM, sha256="x"))
    one = sealed(TRUE, now, is_whole=False)
    assert likeliest(one, sealed(now, now), is_record_altered=False, is_reproduced=False) == TRUE
    assert likeliest(one, sealed(now, now), is_record_altered=False, is_reproduced=True) == now


def test_an_input_that_only_one_of_the_two_has_is_there_if_it_is_there_now() -> None:
    less = replace(TRUE, inputs={"roster.xlsx": ROSTER})
    for one in (sealed(less, TRUE, is_whole=False), sealed(TRUE, less, is_whole=False)):
        for is_reproduced in (True, False):
            found = likeliest(one, sealed(TRUE, TRUE), is_record_altered=False, is_reproduced=is_reproduced)
            assert found == TRUE
            found = likeliest(one, sealed(less, less), is_record_altered=False, is_reproduced=is_reproduced)
            assert found == less
