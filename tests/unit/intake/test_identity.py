"""Whose a form is: nothing guessed, and no answer counted for another institution."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from evaluator.findings import Finding
from evaluator.intake.claims import Claim
from evaluator.intake.identity import identify
from evaluator.intake.institutions import Institution
from evaluator.questionnaire.layout import FIELDS
from evaluator.questionnaire.reader import FieldValue, ReturnedForm
from evaluator.seals import Sealed, seal_of
from evaluator.wording import LANGS
from tests import sealed
from tests.forms import CODES

ROSTER = (
    Institution(id="N01", name="甲中心", uscc=CODES[0]),
    Institution(id="N02", name="乙中心", uscc=CODES[1]),
    Institution(id="N03", name="丙中心"),
)


def claim(file: str = "a.xlsx", made_for: str = "", **fields: str) -> Claim:
    places = {
        key: FieldValue(value=value, sheet="机构信息", cell=f"B{4 + FIELDS.index(key)}")
        for key, value in fields.items()
    }
    return Claim.of(file, ReturnedForm(meta={"institution": made_for}, fields=places, rows=(), strays={}))


def identified(*claims: Claim, roster: tuple[Institution, ...] | None = ROSTER) -> tuple[dict[str, str], list[str]]:
    found = identify(claims, roster)
    return dict(found.owners), [f"{finding.code} {finding.cell}".strip() for finding in found.findings]


@pytest.mark.parametrize(
    ("given", "owner", "findings"),
    [
        # _meta, the id on the sheet, the code
        ({"made_for": "N01"}, "N01", []),
        ({"id": "N01"}, "N01", []),
        ({"uscc": CODES[0]}, "N01", []),
        ({"made_for": "N01", "id": "N01", "uscc": CODES[0], "name": "甲中心"}, "N01", []),
        # harmless differences
        ({"id": " ｎ01"}, "N01", []),
        ({"made_for": "n01", "id": "N 01"}, "N01", []),
        ({"id": "N01", "name": "甲 中心 "}, "N01", []),
        ({"id": "N03", "uscc": CODES[2]}, "N03", []),
        # nothing to go by
        ({}, "", ["identity.missing"]),
        ({"name": "甲中心"}, "", ["identity.missing"]),
        ({"uscc": CODES[0][:-1]}, "", ["identity.bad_uscc B6", "identity.missing"]),
        # unknown ones are not mended
        ({"id": "N1"}, "", ["identity.unknown B4"]),
        ({"id": "NO1", "uscc": CODES[0]}, "", ["identity.unknown B4"]),
        ({"uscc": CODES[2]}, "", ["identity.unknown B6"]),
        ({"made_for": "N09"}, "", ["identity.unknown"]),
        # signs that disagree
        ({"made_for": "N01", "id": "N02"}, "", ["identity.mismatch B4"]),
        ({"id": "N01", "uscc": CODES[1]}, "", ["identity.mismatch B6"]),
        ({"made_for": "N01", "uscc": CODES[1]}, "", ["identity.mismatch B6"]),
        ({"id": "N01", "name": "乙中心"}, "", ["identity.mismatch B5"]),
        ({"id": "N03", "name": "甲中心"}, "", ["identity.mismatch B5"]),
        # a code that is wrong, or that vouches for a name
        ({"id": "N01", "uscc": "12345"}, "N01", ["identity.bad_uscc B6"]),
        ({"id": "N01", "uscc": CODES[0], "name": "甲新中心"}, "N01", ["identity.name_differs B5"]),
        # a form made for an institution, under a name nobody else has, and under another's
        ({"made_for": "N01", "name": "Centre A"}, "N01", ["identity.name_differs B5"]),
        ({"made_for": "N01", "name": "乙中心"}, "", ["identity.mismatch B5"]),
        ({"id": "N01", "uscc": CODES[0], "name": "乙中心"}, "", ["identity.mismatch B5"]),
    ],
)
def test_a_form_is_told_to_the_one_all_its_signs_agree_on(
    given: dict[str, str], owner: str, findings: list[str]
) -> None:
    assert identified(claim(**given)) == ({"a.xlsx": owner} if owner else {}, findings)


def test_findings_name_the_institution_as_stated() -> None:
    (finding,) = identify([claim(id="N77")], ROSTER).findings
    assert finding == Finding(
        code="identity.unknown", institution="N77", file="a.xlsx", sheet="机构信息", cell="B4", params={"found": "N77"}
    )


def test_without_a_roster_whoever_states_an_id_takes_part() -> None:
    owners, findings = identified(
        claim("a", id="X1"), claim("b", id="x1"), claim("c", id="X2"), claim("d"), roster=None
    )
    assert owners == {"a": "X1", "b": "X1", "c": "X2"}
    assert findings == ["identity.missing"]


def test_without_a_roster_a_code_alone_makes_an_institution() -> None:
    assert identified(claim("a", uscc=CODES[0]), roster=None) == ({"a": CODES[0]}, [])


@pytest.mark.parametrize("files", [("a", "b", "c"), ("c", "b", "a")])
def test_without_a_roster_a_form_with_the_code_alone_joins_the_forms_that_give_both(files: tuple[str, ...]) -> None:
    """Whatever the files are called."""
    claims = [claim(files[0], id="X1", uscc=CODES[0]), claim(files[1], uscc=CODES[0]), claim(files[2], id="X1")]
    assert identified(*sorted(claims, key=lambda one: one.file), roster=None) == (dict.fromkeys(files, "X1"), [])


def test_without_a_roster_the_code_of_most_forms_holds() -> None:
    claims = [claim(file, id="X1", uscc=CODES[file == "c"]) for file in ("a", "b", "c")]
    owners, findings = identified(*claims, roster=None)
    assert owners == {"a": "X1", "b": "X1"}
    assert findings == ["identity.mismatch B6"]


def test_a_code_of_two_institutions_is_pointed_out_on_every_form_that_states_it() -> None:
    claims = [claim("a", id="X1", uscc=CODES[0]), claim("b", id="X2", uscc=CODES[0]), claim("c", id="X2")]
    owners, findings = identified(*claims, roster=None)
    assert owners == {"a": "X1", "b": "X2", "c": "X2"}
    assert findings == ["identity.shared B6", "identity.shared B6"]


def test_the_order_of_the_forms_changes_no_owner() -> None:
    claims = [
        claim("a", id="X1", uscc=CODES[0]),
        claim("b", uscc=CODES[0]),
        claim("c", id="X1", uscc=CODES[1]),
        claim("d", id="X2", uscc=CODES[1]),
    ]
    assert identify(claims, None).owners == identify(claims[::-1], None).owners


# A round's terms

HASHES = {"a.xlsx": "a" * 64}


def sealed_claim(*, key: bytes = sealed.KEY, of: Sealed | None = None, **said: str) -> Claim:
    """A form for `N01` whose seal vouches for `of`, and whose `_meta` says the same but for `said`."""
    vouched = of or sealed.sealed_as("N01")
    meta = {**vouched._asdict(), "seal": seal_of(key, vouched), **said}
    fields = {"id": FieldValue(value="N01", sheet="机构信息", cell="B4")}
    return Claim.of("a.xlsx", ReturnedForm(meta=meta, fields=fields, rows=(), strays={}))


def on_terms(one: Claim, **changes: Any) -> tuple[dict[str, str], list[str]]:
    found = identify([one], ROSTER, replace(sealed.TERMS, **changes), HASHES)
    for finding in found.findings:
        assert not {"{", "}"} & {c for lang in LANGS for c in finding.message(lang)}
    return dict(found.owners), [finding.code for finding in found.findings]


def test_a_genuine_form_is_its_institutions() -> None:
    assert on_terms(sealed_claim()) == ({"a.xlsx": "N01"}, [])
    correction = sealed_claim(of=sealed.sealed_as("N01")._replace(corrects="f" * 64))
    assert on_terms(correction) == ({"a.xlsx": "N01"}, [])


@pytest.mark.parametrize(
    "said",
    [
        {"institution": "N02"}, {"institution": ""}, {"domain": "SD"}, {"model": "x"}, {"edition": "1999"},
        {"model_hash": "0"}, {"corrects": "0" * 64}, {"seal": "0" * 64}, {"seal": ""}, {"seal": "一"}, {"round": ""},
    ],
)  # fmt: skip
def test_a_form_whose_record_was_altered_is_withheld(said: dict[str, str]) -> None:
    assert on_terms(sealed_claim(**said)) == ({}, ["identity.seal_broken"])


def test_another_keys_seal_is_broken_and_another_rounds_form_is_told_as_such() -> None:
    assert on_terms(sealed_claim(key=bytes(32))) == ({}, ["identity.seal_broken"])
    assert on_terms(sealed_claim(of=sealed.sealed_as(round_name="2025-sme"))) == ({}, ["return.other_round"])
    assert on_terms(claim("a.xlsx", id="N01"))[1] == ["identity.no_seal"]
    template = ReturnedForm(meta={"round": "2025-sme"}, fields={}, rows=(), strays={})
    assert on_terms(Claim.of("a.xlsx", template)) == ({}, ["return.other_round"])


def test_a_form_without_a_seal_is_told_by_its_sheet_and_says_so() -> None:
    assert on_terms(claim("a.xlsx", id="N01")) == ({"a.xlsx": "N01"}, ["identity.no_seal"])
    assert on_terms(claim("a.xlsx", id="N09")) == ({}, ["identity.unknown"])


ACCEPTED_N01 = {"accepted": {"a" * 64: "电话核实"}, "accepted_for": {"a" * 64: "N01"}}


@pytest.mark.parametrize(
    "one",
    [
        sealed_claim(seal="0" * 64),
        sealed_claim(round="2025-sme"),
        sealed_claim(institution="N02"),
        sealed_claim(of=sealed.sealed_as("N02")),
        replace(sealed_claim(), fields={"id": FieldValue(value="N02", sheet="机构信息", cell="B4")}),
        claim("a.xlsx"),
        claim("a.xlsx", id="N09"),
        claim("a.xlsx", id="N02"),
        claim("a.xlsx", id="N01"),
        claim("a.xlsx", id="N02", name="甲中心"),
    ],
)
@pytest.mark.parametrize("senders", [{}, {"a" * 64: frozenset[str]()}])
def test_a_form_that_a_person_accepted_is_told_to_whom_it_was_accepted_for_whatever_it_says(
    one: Claim, senders: dict[str, frozenset[str]]
) -> None:
    terms = replace(sealed.TERMS, senders=senders, **ACCEPTED_N01)
    found = identify([one], ROSTER, terms, HASHES)
    assert dict(found.owners) == {"a.xlsx": "N01"}
    assert [(f.code, f.institution) for f in found.findings] == [("identity.seal_accepted", "N01")]
    assert not found.unvouched
    assert on_terms(one, **ACCEPTED_N01, senders=senders)[0] == {"a.xlsx": "N01"}


def test_accepting_touches_no_other_file_and_no_genuine_form_of_its_own_institution() -> None:
    broken = sealed_claim(seal="0" * 64)
    elsewhere = {"accepted": {"b" * 64: "r"}, "accepted_for": {"b" * 64: "N01"}}
    assert on_terms(broken, **elsewhere) == ({}, ["identity.seal_broken"])
    assert on_terms(sealed_claim(), **ACCEPTED_N01) == ({"a.xlsx": "N01"}, [])  # as where it came too late


def test_a_form_accepted_for_one_who_left_the_roster_is_withheld_as_before() -> None:
    gone = {"accepted": {"a" * 64: "r"}, "accepted_for": {"a" * 64: "N09"}}
    assert on_terms(sealed_claim(seal="0" * 64), **gone) == ({}, ["identity.seal_broken"])


def test_what_else_is_wrong_with_an_accepted_form_is_listed_under_its_institution() -> None:
    one = claim("a.xlsx", id="N02", uscc="12345")
    found = identify([one], ROSTER, replace(sealed.TERMS, **ACCEPTED_N01), HASHES)
    assert {(f.code, f.institution) for f in found.findings} == {
        ("identity.bad_uscc", "N01"), ("identity.seal_accepted", "N01"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("senders", "expected"),
    [
        ({}, ({"a.xlsx": "N01"}, ["identity.no_seal"])),  # a loose file: the operator put it there
        ({"a" * 64: frozenset({"N01", "N02"})}, ({"a.xlsx": "N01"}, ["identity.no_seal"])),
        ({"a" * 64: frozenset({"N02"})}, ({}, ["identity.unsealed"])),
        ({"a" * 64: frozenset()}, ({}, ["identity.unsealed"])),
    ],
)
def test_a_form_without_a_seal_counts_only_from_its_institutions_own_address(
    senders: dict[str, frozenset[str]], expected: tuple[dict[str, str], list[str]]
) -> None:
    assert on_terms(claim("a.xlsx", id="N01"), senders=senders) == expected


def test_a_sealed_form_counts_whoever_sent_it() -> None:
    assert on_terms(sealed_claim(), senders={"a" * 64: frozenset()}) == ({"a.xlsx": "N01"}, [])


def test_a_genuine_form_with_another_institutions_sheet_is_nobodys() -> None:
    one = replace(sealed_claim(), fields={"id": FieldValue(value="N02", sheet="机构信息", cell="B4")})
    assert on_terms(one) == ({}, ["identity.mismatch"])


def test_a_withheld_form_is_listed_under_the_institution_it_says_and_bears_on_no_other() -> None:
    broken = replace(sealed_claim(seal="0"), file="b.xlsx")
    found = identify([sealed_claim(), broken], ROSTER, sealed.TERMS, HASHES)
    assert found.owners == {"a.xlsx": "N01"}
    assert [(one.code, one.institution, one.file) for one in found.findings] == [
        ("identity.seal_broken", "N01", "b.xlsx")
    ]
