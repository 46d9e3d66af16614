"""From read files to who takes part and what became of every file."""

from __future__ import annotations

import random
from pathlib import Path

import pandas as pd
import pytest

from evaluator.intake.institutions import Institution
from evaluator.intake.reading import ReadFile
from evaluator.model.records import Model
from tests import forms
from tests.forms import CODES, filled
from tests.intake_here import Intake, take_in
from tests.intake_here import read as read_folder


def read(folder: Path, model: Model, **files: bytes) -> list[ReadFile]:
    return read_folder(forms.folder(folder, **files), model)


def taken(path: Path, model: Model, roster: list[Institution] | None = None, **files: bytes) -> Intake:
    return take_in(read(path / "in", model, **files), roster, model)


def shown(intake: Intake) -> list[str]:
    return [f"{finding.code} {finding.institution}".strip() for finding in intake.findings]


def of_file(intake: Intake, name: str) -> dict[str, object]:
    (row,) = intake.files[intake.files["path"].eq(f"in/{name}.xlsx")].to_dict("records")
    return {str(key): value for key, value in row.items()}


def test_every_file_is_listed_once_with_what_became_of_it(tmp_path: Path, model: Model) -> None:
    old = forms.edited(filled("SD"), lambda book: book["_meta"].__setitem__("B3", "2021.1"))
    later = filled(fields={"id": "N01", "date": "2026-02-01"}, changed={"SS1-1": ("none", "", "")})
    files = {
        "a_counted": later,
        "b_identical": later,
        "c_superseded": filled(fields={"id": "N01", "date": "2026-01-01"}),
        "d_old": old,
        "e_nobody": filled(fields={}),
        "f_text": b"hello",
        "g_other": forms.workbook(S=[["a", 1]]),
        "h_en": filled("ST", "en"),
    }
    forms.folder(tmp_path / "in", **{"~$a": b"lock"})
    intake = taken(tmp_path, model, **files)
    listed = intake.files.set_index("path")
    assert listed["status"].to_dict() == {
        "in/a_counted.xlsx": "counted", "in/b_identical.xlsx": "identical", "in/c_superseded.xlsx": "superseded",
        "in/d_old.xlsx": "counted", "in/e_nobody.xlsx": "not_counted", "in/f_text.xlsx": "unreadable",
        "in/g_other.xlsx": "not_counted", "in/h_en.xlsx": "counted", "in/~$a.xlsx": "skipped",
    }  # fmt: skip
    assert of_file(intake, "d_old")["edition"] == "2021.1"
    assert (of_file(intake, "h_en")["lang"], of_file(intake, "h_en")["domain"]) == ("en", "ST")
    assert (of_file(intake, "f_text")["role"], of_file(intake, "f_text")["size"]) == ("other", 5)
    assert intake.files["sha256"].str.fullmatch("[0-9a-f]{64}").all()
    assert of_file(intake, "a_counted")["sha256"] == of_file(intake, "b_identical")["sha256"]


def test_the_order_of_the_files_changes_nothing(tmp_path: Path, model: Model) -> None:
    files = read(
        tmp_path / "in",
        model,
        a=filled(fields={"id": "N01", "uscc": CODES[0]}),
        b=filled("SD", fields={"uscc": CODES[0]}),
        c=filled(fields={"id": "N02", "province": "江苏"}),
        d=filled(fields={"id": "N02", "province": "浙江"}, changed={"SS1-1": ("none", "", "")}),
        e=b"no workbook",
    )
    first = take_in(files, None, model)
    for seed in range(5):
        order = random.Random(seed).sample(files, len(files))  # noqa: S311 - a fixed order for each seed
        again = take_in(order, None, model)
        assert again.findings == first.findings
        assert again.institutions == first.institutions
        pd.testing.assert_frame_equal(again.cells, first.cells)
        pd.testing.assert_frame_equal(again.files, first.files)


def test_everybody_on_the_roster_takes_part_and_nobody_else(tmp_path: Path, model: Model) -> None:
    roster = [Institution(id="N02", name="乙"), Institution(id="N01", name="甲")]
    intake = taken(tmp_path, model, roster, a=filled(), b=filled(fields={"id": "N09"}))
    assert [entry.id for entry in intake.institutions] == ["N01", "N02"]
    assert shown(intake) == ["identity.unknown N09", "return.missing_domain N01", "return.missing_domain N02"]
    missing = {f.institution: f.params["count"] for f in intake.findings if f.code == "return.missing_domain"}
    assert missing == {"N01": 4, "N02": 5}


def test_what_the_roster_does_not_say_is_taken_from_the_forms(tmp_path: Path, model: Model) -> None:
    stated = {"id": "N01", "name": "甲", "province": "浙江", "city": "杭州市", "category": "Training", "uscc": CODES[0]}
    roster = [Institution(id="N01", name="甲", province="江苏省")]
    (entry,) = taken(tmp_path, model, roster, a=filled(fields=stated)).institutions
    assert entry == Institution(
        id="N01", name="甲", province="江苏省", city="杭州市", category="培训服务", uscc=CODES[0]
    )


def test_a_code_that_fails_its_check_is_not_taken_from_a_form(tmp_path: Path, model: Model) -> None:
    (entry,) = taken(tmp_path, model, a=filled(fields={"id": "N01", "uscc": CODES[0][:-1] + "7"})).institutions
    assert entry.uscc == ""


def test_a_form_of_another_model_is_nobodys(tmp_path: Path, model: Model) -> None:
    other = forms.edited(filled(), lambda book: book["_meta"].__setitem__("B2", "other-model"))
    intake = taken(tmp_path, model, a=other)
    assert shown(intake) == ["form.unknown_model N01"]
    assert intake.institutions == ()
    assert of_file(intake, "a")["status"] == "not_counted"


def test_a_workbook_of_two_domains_has_the_best_of_its_statuses(tmp_path: Path, model: Model) -> None:
    def add(book: object) -> None:
        from tests.edits import add_table

        add_table(book, of="SD", sheet="SD")  # type: ignore[arg-type]

    both = forms.edited(filled(fields={"id": "N01", "date": "2026-01-01"}), add)
    newer = filled(fields={"id": "N01", "date": "2026-02-01"}, changed={"SS1-1": ("none", "", "")})
    intake = taken(tmp_path, model, both=both, newer=newer)
    assert (of_file(intake, "both")["status"], of_file(intake, "both")["domain"]) == ("counted", "SS,SD")
    counted = intake.cells[intake.cells["file"].ne("")].groupby("domain")["file"].agg(set).to_dict()
    assert counted == {"SS": {"in/newer.xlsx"}, "SD": {"in/both.xlsx"}}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_provinces_are_said_in_one_way_whatever_the_forms_language(tmp_path: Path, model: Model, lang: str) -> None:
    (entry,) = taken(tmp_path, model, a=filled(lang=lang, fields={"id": "N01", "province": "江苏省"})).institutions  # type: ignore[arg-type]
    assert entry.province == "江苏省"


def test_nothing_readable_is_nobody(tmp_path: Path, model: Model) -> None:
    intake = taken(tmp_path, model, a=b"x")
    assert (intake.institutions, len(intake.cells), shown(intake)) == ((), 0, ["file.not_a_workbook"])


@pytest.mark.parametrize("typed", ["N  01", "N\n01", "N\t01", "N\u202801", "N\u0085 01", "\u202eN 01"])
def test_blanks_and_marks_in_an_id_lose_no_answers(tmp_path: Path, model: Model, typed: str) -> None:
    odd = forms.edited(filled(fields={}), lambda book: book["_meta"].__setitem__("B7", typed))
    intake = taken(tmp_path, model, a=odd)
    (entry,) = intake.institutions
    assert entry.id == "N 01"
    assert of_file(intake, "a")["institution"] == entry.id
    assert set(intake.cells["institution"]) == {entry.id}
    assert intake.cells["file"].ne("").sum() == len(model.domains[0].requirements)
