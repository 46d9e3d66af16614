"""The contract of writer and reader: words of sheets, columns and fields, and safe file names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import cast

import openpyxl
import pytest

from evaluator.model.records import Model
from evaluator.questionnaire import layout
from evaluator.wording import LANGS, Lang, catalogue, text
from evaluator.wording.matching import plain
from tests import forms


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
    ("institution", "front"),
    [("../../N01", "_.._N01"), ("N/0:1", "N_0_1"), ("con", "_con"), ("N\u202e01 ", "N01"), ("机" * 99, "机" * 26)],
)
def test_an_institutions_id_makes_no_unsafe_file_name(model: Model, institution: str, front: str) -> None:
    assert layout.file_name(2, model.domains[1], "zh", institution) == f"{front}_2_SD_服务设计能力.xlsx"


def test_every_sheet_name_is_one_that_excel_takes() -> None:
    for lang in LANGS:
        for key in layout.SHEETS:
            name = layout.sheet_name(key, lang)
            assert 0 < len(name) <= 31
            assert not set(name) & set("[]:*?/\\'")


def test_a_word_for_a_column_means_no_other_column() -> None:
    known = cast("Mapping[str, Sequence[str]]", catalogue("form")["column_words"])
    words = [(plain(word), key) for key, own in known.items() for word in own]
    headers = [(plain(words), key) for key in layout.COLUMNS for words in text(f"form.column.{key}")]
    assert len({word for word, _ in words + headers}) == len(words) + len(headers)
    assert all(layout.column_like(word) == key and layout.column_of(word) is None for word, key in words)


@pytest.mark.parametrize(
    ("name", "sheet"),
    [
        ("_meta", "_meta"),
        ("_meta (2)", "_meta"),
        ("_lists(13)", "_lists"),
        ("_preview_2", "_preview"),
        ("_meta Copy1", "_meta"),
        ("_metadata", None),
        ("meta", None),
        ("自评问卷", None),
    ],
)
def test_copies_of_the_forms_hidden_sheets_are_known(name: str, sheet: str | None) -> None:
    assert layout.own_sheet(name) == sheet


@pytest.mark.parametrize("lang", LANGS)
def test_the_instructions_as_written_are_known_by_their_words(lang: Lang) -> None:
    book = openpyxl.load_workbook(BytesIO(forms.blank("SS", lang)))
    words = {cell.value for row in book.worksheets[0].iter_rows() for cell in row if isinstance(cell.value, str)}
    assert len([one for one in words if layout.is_instruction(one)]) >= 6
