"""The roster to start from: read as a roster, with choices that the model knows."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from evaluator.errors import RoundError
from evaluator.intake.institutions import FIELDS
from evaluator.intake.roster import read_roster
from evaluator.model.records import Model
from evaluator.rounds.roster_example import write_example_roster
from evaluator.wording import LANGS, Lang, say


@pytest.mark.parametrize("lang", LANGS)
def test_it_is_a_roster_without_faults(tmp_path: Path, model: Model, lang: Lang) -> None:
    write_example_roster(tmp_path / "roster.xlsx", model, lang)
    found = read_roster(tmp_path / "roster.xlsx", model, strict=True)
    assert [one.id for one in found] == ["N001", "N002", "N003"]
    assert all(getattr(one, key) for one in found for key in FIELDS)
    assert {one.type for one in found} == {kind.zh for kind in model.types}


@pytest.mark.parametrize("lang", LANGS)
def test_it_offers_the_choices_and_says_what_each_column_means(tmp_path: Path, model: Model, lang: Lang) -> None:
    write_example_roster(tmp_path / "roster.xlsx", model, lang)
    book = openpyxl.load_workbook(tmp_path / "roster.xlsx")
    roster, notes, lists = book.worksheets
    labels = [say(f"form.field.{key}", lang) for key in FIELDS]
    assert [cell.value for cell in roster[1]] == labels
    assert {cell.value for row in notes.iter_rows() for cell in row} >= set(labels)
    assert lists.sheet_state == "hidden"
    offered = {}
    for rule in roster.data_validations.dataValidation:
        first, _, last = str(rule.sqref).partition(":")
        assert last[1:] == "5001"
        cells = book["_lists"][rule.formula1.split("!")[1].replace("$", "")]
        offered[roster[f"{first[0]}1"].value] = [cell.value for (cell,) in cells]
    chosen = {"type": model.types, "category": model.categories}
    for key, options in chosen.items():
        assert offered[say(f"form.field.{key}", lang)] == [option.say(lang) for option in options]
    assert len(offered[say("form.field.province", lang)]) == 34


def test_ids_and_numbers_typed_into_it_stay_text(tmp_path: Path, model: Model) -> None:
    write_example_roster(tmp_path / "roster.xlsx", model, "zh")
    sheet = openpyxl.load_workbook(tmp_path / "roster.xlsx").worksheets[0]
    assert {sheet.column_dimensions[letter].number_format for letter in "ACI"} == {"@"}
    assert sheet["A10"].number_format == "@"


def test_nothing_is_written_over(tmp_path: Path, model: Model) -> None:
    (tmp_path / "roster.xlsx").write_text("mine", encoding="utf-8")
    with pytest.raises(RoundError) as error:
        write_example_roster(tmp_path / "roster.xlsx", model, "zh")
    assert error.value.key == "file_exists"
    assert (tmp_path / "roster.xlsx").read_text(encoding="utf-8") == "mine"


def test_a_folder_that_is_not_there_is_one_line(tmp_path: Path, model: Model) -> None:
    with pytest.raises(RoundError) as error:
        write_example_roster(tmp_path / "nowhere" / "roster.xlsx", model, "zh")
    assert error.value.key == "round_not_writable"
