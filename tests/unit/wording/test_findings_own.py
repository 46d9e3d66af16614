"""What institutions are told of findings in their own reports: it names no other institution, and speaks to them."""

from __future__ import annotations

import re
from string import Formatter

import pytest

from evaluator.findings import Finding, codes, severity_of
from evaluator.wording import LANGS, Lang, Text, catalogue

OTHERS = {
    "identity.shared": {"ids"},
    "identity.mismatch": {"found", "expected"},
    "identity.seal_broken": {"found"},
    "identity.unsealed": {"found"},
    "identity.seal_accepted": {"reason"},
    "return.excluded": {"reason"},
}
"""Parameters that can name another institution: its id, its name, or what a person wrote for the operator."""
TO_OPERATORS: dict[Lang, str] = {
    "zh": "该机构|请其|请对方|提醒|裁定此|override|evaluator|重新运行|补入名单|更新名单|更正名单"
    "|升级|撤销|来源|回收文件夹",
    "en": r"evaluator|override|[Tt]he institution\b(?! ID)|[Rr]emind|run again|update|withdraw|comes from|"
    "[Hh]ave (the|it)|returned files|ask for it|correct the roster",
}
"""Words that only make sense to whoever runs the evaluation."""


def marked(code: str, lang: Lang) -> tuple[str, str]:
    """Tell a finding of which each parameter is its own name in braces."""
    texts = [words for part in ("found", "action") for words in entry(code)[part].values()]
    names = {name for words in texts for _, name, _, _ in Formatter().parse(words) if name}
    return Finding(code=code, params={name: f"<{name}>" for name in names}).to_institution(lang)


def entry(code: str) -> dict[str, dict[str, str]]:
    family, _, name = code.partition(".")
    return catalogue("findings")[family][name]  # type: ignore[index,no-any-return]


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("code", codes())
def test_every_code_has_words_for_the_institution_that_name_no_other(code: str, lang: Lang) -> None:
    found, action = marked(code, lang)
    assert found
    assert action
    used = set(re.findall("<([a-z_]+)>", found + action))
    assert not used & OTHERS.get(code, set())
    assert not re.search(TO_OPERATORS[lang], found + action), (found, action)


def test_the_words_are_of_codes_that_there_are_and_differ_from_the_operators() -> None:
    own = {
        f"{family}.{name}": parts for family, its in catalogue("findings_own").items() for name, parts in its.items()
    }  # type: ignore[attr-defined]
    assert set(own) <= set(codes())
    assert set(OTHERS) <= set(own)
    for code, parts in own.items():
        assert parts
        for part, words in parts.items():
            assert words != entry(code)[part], code


def test_what_the_operator_is_told_stays_as_it_is() -> None:
    finding = Finding(code="identity.shared", params={"found": "X", "ids": Text(zh="甲、乙", en="A, B")})
    assert "甲、乙" in finding.found("zh")
    assert finding.to_institution("zh")[0] == "所填统一社会信用代码“X”也被其他机构填报。"


@pytest.mark.parametrize("lang", LANGS)
def test_reminders_say_no_error_in_words_for_the_operator(lang: Lang) -> None:
    """They list the errors of an institution's own forms, in the finding's words where `rounds.told` has none."""
    told = {
        f"{family}.{name}": words for family, its in catalogue("rounds")["told"].items() for name, words in its.items()
    }  # type: ignore[attr-defined]
    never = {"form.not_a_questionnaire", "identity.missing", "identity.unknown", "return.missing_domain"}
    for code in codes():
        if severity_of(code) == "error" and not code.startswith("file.") and code not in never:
            words = (
                told[code][lang] if code in told else "".join(entry(code)[part][lang] for part in ("found", "action"))
            )
            assert not re.search(TO_OPERATORS[lang], words), (code, words)


@pytest.mark.parametrize("lang", LANGS)
def test_corrections_say_nothing_in_words_for_the_operator(lang: Lang) -> None:
    """They have words of their own, else those of the institution's report."""
    told = catalogue("form")["corrected"]
    for part, its in told.items():  # type: ignore[attr-defined]
        for family, names in its.items():
            for name, words in names.items():
                used = {field for _, field, _, _ in Formatter().parse(words[lang]) if field}
                assert not re.search(TO_OPERATORS[lang], words[lang]), (part, name)
                assert not used & OTHERS.get(f"{family}.{name}", set())
