"""Findings: values with a stable code, a severity, a place, and words in both languages."""

from __future__ import annotations

import itertools
import random

import pytest

from evaluator.findings import Finding, codes, in_order, joined, severity_of
from evaluator.wording import LANGS, Text

CONTRACT = {
    "file": "unreadable encrypted not_a_workbook too_large bomb empty crashed_reader",
    "form": "not_a_questionnaire unknown_model old_edition altered_text missing_rows duplicate_rows unknown_rows macro"
    " external_links stray_content merged_cells merged_evidence",
    "identity": "missing unknown mismatch bad_uscc seal_broken shared",
    "return": "identical superseded conflict missing_domain late",
    "answer": "blank invalid normalised formula na_not_permitted na_without_reason na_over_cap",
    "evidence": "missing too_long copied",
}
"""The codes that the interface promises and the program knows so far."""


def test_the_promised_codes_are_there() -> None:
    promised = {f"{family}.{name}" for family, names in CONTRACT.items() for name in names.split()}
    assert promised <= set(codes())
    assert len(codes()) == len(set(codes()))


@pytest.mark.parametrize(
    ("code", "severity"),
    [
        ("answer.invalid", "error"),
        ("answer.blank", "error"),
        ("evidence.missing", "warning"),
        ("answer.normalised", "info"),
        ("return.identical", "info"),
        ("return.superseded", "warning"),
        ("return.conflict", "error"),
        ("form.macro", "warning"),
        ("identity.mismatch", "error"),
        ("file.skipped", "info"),
    ],
)
def test_a_codes_severity_is_the_catalogues(code: str, severity: str) -> None:
    assert severity_of(code) == severity
    assert Finding(code=code).severity == severity


def test_an_unknown_code_raises() -> None:
    with pytest.raises(KeyError):
        _ = Finding(code="answer.strange").severity


def test_a_message_says_what_was_found_and_what_to_do_in_either_language() -> None:
    options = Text(zh="完全满足、不满足", en="Full, Not met")
    finding = Finding(code="answer.invalid", params={"requirement": "SS1-1", "found": "差不多 {x}", "options": options})
    assert finding.found("zh") == "要求SS1-1的自评结果“差不多 {x}”不是可选答案。"
    assert finding.action("en") == "It scores 0 and lowers coverage. Choose from the list: Full, Not met."
    assert finding.message("zh") == finding.found("zh") + finding.action("zh")
    assert finding.message("en") == f"{finding.found('en')} {finding.action('en')}"


def test_findings_are_listed_by_institution_file_severity_code_and_place() -> None:
    def blank(institution: str = "N01", file: str = "a", cell: str = "", requirement: str = "") -> Finding:
        params = {"requirement": requirement, "options": ""}
        return Finding(
            code="answer.blank", institution=institution, file=file, cell=cell, requirement=requirement, params=params
        )

    listed = [
        Finding(code="file.empty", file="z"),
        blank(cell="F9"),
        blank(cell="F10"),
        blank(cell="AA10"),
        Finding(code="form.macro", institution="N01", file="a"),
        Finding(code="file.skipped", institution="N01", file="a"),
        blank(file="b"),
        blank(institution="N02"),
    ]
    for seed in range(10):
        assert list(in_order(random.Random(seed).sample(listed, len(listed)))) == listed  # noqa: S311 - test data


def test_findings_that_differ_only_in_their_words_still_have_one_order() -> None:
    found = [Finding(code="return.identical", institution="N01", file="a", params={"other": name}) for name in "cab"]
    assert len({str(in_order(order)) for order in itertools.permutations(found)}) == 1


def test_a_finding_can_not_be_changed() -> None:
    with pytest.raises(AttributeError):
        Finding(code="file.empty").file = "x"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("count", "zh", "en"),
    [(0, "", ""), (1, "a0", "a0"), (3, "a0、a1、a2", "a0, a1, a2"), (5, "a0、a1、a2 等共5个", "a0, a1, a2 and 2 more")],
)
def test_names_are_joined_and_shortened_with_their_number(count: int, zh: str, en: str) -> None:
    assert joined((f"a{n}" for n in range(count)), limit=3) == (zh, en)


def test_every_language_is_spoken() -> None:
    assert LANGS == ("zh", "en")
    for code in ("file.empty", "file.encrypted", "form.macro"):
        assert Finding(code=code).message("zh") != Finding(code=code).message("en")
