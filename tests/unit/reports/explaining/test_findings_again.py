"""A recorded finding is said in the reader's language whatever language it was recorded in."""

from __future__ import annotations

import re
from string import Formatter

import pytest

from evaluator.findings import Finding, codes
from evaluator.reports.explaining.findings_again import OWN_WORDS, SAME_WORDS, said_again
from evaluator.wording import LANGS, Lang, Text, catalogue, text

HAN = re.compile("[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
OTHER: dict[Lang, Lang] = {"zh": "en", "en": "zh"}


def placeholders(code: str) -> set[str]:
    words = text(f"findings.{code}.found").en
    return {name for _, name, _, _ in Formatter().parse(words) if name}


@pytest.mark.parametrize("spoken", LANGS)
@pytest.mark.parametrize("code", codes())
def test_no_word_of_the_recorded_language_stands_in_the_other(code: str, spoken: Lang) -> None:
    """Particulars are words here, in the record's language, unless the code's are the same in both."""
    lang = OTHER[spoken]
    value = "X-9" if code in SAME_WORDS else {"zh": "某些原因", "en": "some reason or other"}[spoken]
    finding = Finding(code=code, params=dict.fromkeys(placeholders(code), value))
    found = said_again(code, finding.found(spoken), spoken, "Sheet7", "C6")
    assert found.say(spoken) == finding.found(spoken)
    said = found.say(lang)
    assert said
    if code in SAME_WORDS or not placeholders(code):
        assert said == finding.found(lang)
    else:
        assert value not in said
        assert "Sheet7" in said
        assert "C6" in said
    assert bool(HAN.search(said)) is (lang == "zh")


def test_what_somebody_typed_is_kept() -> None:
    found = said_again("identity.unknown", "机构编号“南京-1”不在机构名单中。", "zh")
    assert found.en == "The institution ID '南京-1' is not on the roster."
    back = said_again(
        "return.too_late", "It arrived at 2026-04-01 00:10 (UTC+08:00), after the deadline of 2026-03-31.", "en"
    )
    assert back.zh == "到达时间为2026-04-01 00:10 (UTC+08:00)，晚于截止时间2026-03-31。"


@pytest.mark.parametrize("spoken", LANGS)
@pytest.mark.parametrize(
    ("code", "params"),
    [
        ("file.not_a_workbook", {"kind": text("intake.kind.pdf")}),
        ("file.bomb", {"why": text("intake.unsafe.twins")}),
        ("form.formula_field", {"field": text("form.field.name"), "found": "=A1"}),
        ("evidence.formula", {"requirement": "SS1-1", "column": text("form.column.evidence")}),
        ("evidence.copied", {"requirement": "SS1-1", "source": text("terms.copied.others"), "found": "制度"}),
        (
            "identity.mismatch",
            {"what": text("intake.what.id"), "where": text("intake.where.roster"), "found": "A1", "expected": "A2"},
        ),
    ],
)
def test_words_of_the_program_are_found_again_in_the_other_language(
    code: str, params: dict[str, object], spoken: Lang
) -> None:
    finding = Finding(code=code, params=params)
    assert said_again(code, finding.found(spoken), spoken, "S", "C6") == (finding.found("zh"), finding.found("en"))


def test_words_of_another_program_are_said_in_general() -> None:
    assert said_again("identity.unknown", "另一种说法", "zh").en == "The institution ID is not on the roster."
    for lang in LANGS:
        assert said_again("file.bomb", "?", "").say(lang) == text("findings_general.file.bomb").say(lang)


def test_a_finding_of_another_version_stays_as_it_was_recorded() -> None:
    assert said_again("file.unheard_of", "未知的问题。", "zh") == Text(zh="未知的问题。", en="未知的问题。")


def test_particulars_that_are_the_programs_are_there_in_the_findings_words() -> None:
    assert all(set(names) <= placeholders(code) for code, names in OWN_WORDS.items())
    assert not SAME_WORDS & set(OWN_WORDS)


def test_every_code_with_particulars_has_words_without_them() -> None:
    general = {f"{family}.{name}" for family, its in catalogue("findings_general").items() for name in its}  # type: ignore[attr-defined]
    assert general == {code for code in codes() if placeholders(code)}
    for code in general:
        assert isinstance(found := text(f"findings_general.{code}"), Text)
        assert "{" not in found.zh + found.en
