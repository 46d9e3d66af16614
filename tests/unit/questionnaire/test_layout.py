"""The contract of writer and reader: words of sheets, columns and fields, and safe file names."""

from __future__ import annotations

import pytest

from evaluator.model.records import Model
from evaluator.questionnaire import layout
from evaluator.wording import LANGS, Lang, text


@pytest.mark.parametrize("key", layout.COLUMNS)
def test_a_column_is_known_by_its_header_in_either_language_and_both(key: str) -> None:
    words = text(f"form.column.{key}")
    for header in (
        words.zh,
        words.en,
        words.en.upper(),
        f" {words.zh}\n",
        words.zh + words.en,
        f"{words.zh}\n{words.en}",
    ):
        assert layout.column_of(header) == key


@pytest.mark.parametrize("header", ["", " ", "序号", "自评", "自评结果说明", "Answers"])
def test_other_headers_name_no_column(header: str) -> None:
    assert layout.column_of(header) is None


@pytest.mark.parametrize("key", [*layout.FIELDS, layout.EDITION_FIELD])
def test_a_field_is_known_by_its_label_with_or_without_a_colon_or_star(key: str) -> None:
    words = text(f"form.field.{key}")
    for label in (
        words.zh,
        words.en,
        f"{words.zh}：",
        f"{words.en}:",
        f"{words.zh}*",
        f"　{words.zh} ：",
        f"{words.en} *",
    ):
        assert layout.field_of(label) == key


@pytest.mark.parametrize("key", layout.SHEETS)
def test_a_sheet_is_known_by_its_name_in_either_language(key: str) -> None:
    assert {layout.sheet_of(name) for name in layout.sheet_names(key)} == {key}
    assert layout.sheet_of(layout.sheet_name(key, "en").lower()) == key
    assert layout.sheet_of("Sheet1") is None


def test_no_two_words_of_a_kind_mean_two_things() -> None:
    for table, keys in (
        ("column", layout.COLUMNS),
        ("field", (*layout.FIELDS, layout.EDITION_FIELD)),
        ("sheet", layout.SHEETS),
    ):
        words = [word for key in keys for word in text(f"form.{table}.{key}")]
        assert len({word.casefold() for word in words}) == len(words)


def test_letters_of_the_columns_follow_their_order() -> None:
    assert "".join(layout.column_letter(key) for key in layout.COLUMNS) == "ABCDEFGHI"


@pytest.mark.parametrize(
    ("lang", "institution", "name"),
    [
        ("zh", "", "1_SS_服务策略能力.xlsx"),
        ("en", "", "1_SS_Service_strategy.xlsx"),
        ("zh", "SME0001", "SME0001_1_SS_服务策略能力.xlsx"),
    ],
)
def test_a_forms_file_is_named_as_the_contract_says(model: Model, lang: Lang, institution: str, name: str) -> None:
    assert layout.file_name(1, model.domains[0], lang, institution) == name


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("甲 中心", "甲_中心"),
        ('a/b\\c:d*e?f"g<h>i|j', "a_b_c_d_e_f_g_h_i_j"),
        ("..\\..\\etc", "etc"),
        ("name. ", "name"),
        ("a\x00b\u202ec\n", "abc"),
        ("", "_"),
        ("...", "_"),
        ("字" * 100, "字" * 60),
        ("e\u0301", "é"),
    ],
)
def test_a_name_is_made_safe_for_every_file_system(name: str, safe: str) -> None:
    assert layout.safe_name(name) == safe


def test_every_sheet_name_is_one_that_excel_takes() -> None:
    for lang in LANGS:
        for key in layout.SHEETS:
            name = layout.sheet_name(key, lang)
            assert 0 < len(name) <= 31
            assert not set(name) & set("[]:*?/\\'")
