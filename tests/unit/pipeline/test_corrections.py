"""Corrections of what came back faulty: made for the right returns, and what comes back in them counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest

from evaluator import pipeline
from evaluator.errors import OutputError
from evaluator.intake.terms import Terms
from evaluator.model.records import Model
from evaluator.pipeline import MadeCorrection
from evaluator.questionnaire import layout
from evaluator.seals import Sealed, is_genuine
from evaluator.wording import LANGS, Lang
from tests import forms
from tests.libreoffice import resave

KEY = b"k" * 32
MARCH = {"id": "N01", "date": "2026-03-31"}
FAULTS: Mapping[str, forms.Given] = {
    "SS1-1": (None, "", ""),
    "SS1-2": ("差不多", "工作计划\n第二行 ", "备注"),
    "SS1-3": ("full", "", ""),
    "SS2-2": ("na", "证据", "理由"),
}
"""A blank answer, one that is none, one without evidence, and N/A where it is not permitted."""


def made(*paths: Path, **given: object) -> list[MadeCorrection]:
    found: list[MadeCorrection] = []
    pipeline.correct(paths, forms.model(), found.append, **given)  # type: ignore[arg-type]
    return found


def returned(folder: Path, **files: bytes) -> Path:
    return forms.folder(folder / "returned", **files)


def mended(data: bytes, lang: Lang = "zh", **fields: object) -> bytes:
    """Mend every marked cell as a person does: choose an answer, name evidence, give the date."""
    model = forms.model()
    answer = model.answer("partial").label.say(lang)

    def mend(book: openpyxl.Workbook) -> None:
        page = forms.sheet_of(book)
        for row in page.iter_rows(min_row=forms.FIRST_ROW):
            for cell in row:
                if cell.comment is not None:
                    cell.value = answer if cell.column_letter == layout.column_letter("answer") else "新的证据，2026年"

    return forms.edited(data, mend, forms.put_fields(**{"date": "2026-04-20", **fields}))


def codes(paths: Sequence[Path], severity: str = "error", **given: object) -> list[str]:
    found = pipeline.check(paths, forms.model(), **given).findings  # type: ignore[arg-type]
    return sorted(finding.code for finding in found if finding.severity == severity)


@pytest.mark.parametrize("lang", LANGS)
def test_a_mended_correction_has_no_errors_and_supersedes_the_return(lang: Lang, tmp_path: Path) -> None:
    folder = returned(tmp_path, a=forms.filled("SS", lang, changed=FAULTS, fields=MARCH))
    (correction,) = made(folder)
    assert correction.problems == 3
    (tmp_path / "returned" / "b.xlsx").write_bytes(mended(correction.data, lang))
    results = pipeline.evaluate([folder], forms.model(), lang=lang)
    assert dict(zip(results.files["path"], results.files["status"], strict=True)) == {
        "returned/a.xlsx": "superseded", "returned/b.xlsx": "counted",
    }  # fmt: skip
    assert {f.code for f in results.findings if f.severity == "error"} == {"return.missing_domain"}
    assert {f.code for f in results.findings if f.severity == "warning"} == {"return.superseded"}


@pytest.mark.parametrize("date", ["", "2026-03-31"])
def test_a_correction_supersedes_also_without_a_later_date(date: str, tmp_path: Path) -> None:
    folder = returned(tmp_path, z=forms.filled(changed=FAULTS, fields=MARCH))
    (correction,) = made(folder)
    forms.folder(folder, a=mended(correction.data, date=date or None))
    results = pipeline.evaluate([folder], forms.model())
    statuses = dict(zip(results.files["path"], results.files["status"], strict=True))
    assert statuses == {"returned/a.xlsx": "counted", "returned/z.xlsx": "superseded"}


def test_what_was_in_order_stays_as_it_was(tmp_path: Path) -> None:
    data = forms.filled(changed=FAULTS, fields={**MARCH, "name": "甲", "city": "苏州市"})
    (correction,) = made(returned(tmp_path, a=data))
    before, after = forms.read(data), forms.read(correction.data)
    rows = [{row.requirement: (row.typed, row.evidence, row.remarks) for row in form.rows} for form in (before, after)]
    assert rows[0] == rows[1]
    fields = [{key: form.value(key) for key in layout.FIELDS if key != "date"} for form in (before, after)]
    assert fields[0] == fields[1]
    assert after.value("date") == ""


def test_a_return_without_errors_gets_no_correction(tmp_path: Path) -> None:
    warned = forms.filled("SD", changed={"SD1-1": ("full", "", "")})
    assert made(returned(tmp_path, a=forms.filled(), b=warned)) == []


def test_what_can_be_told_to_nobody_gets_no_correction(tmp_path: Path) -> None:
    nobody = forms.filled(changed=FAULTS, fields={})
    stranger = forms.filled(changed=FAULTS, fields={"id": "N77"})
    roster = forms.roster(tmp_path / "roster.xlsx", {"id": "N01", "name": "甲"})
    folder = returned(tmp_path, a=nobody, b=stranger, c=b"no workbook", d=forms.filled(changed=FAULTS))
    assert [one.file for one in made(folder, roster=roster)] == ["returned/d.xlsx"]


def test_superseded_and_repeated_returns_get_no_correction(tmp_path: Path) -> None:
    old = forms.filled(changed={**FAULTS, "SS1-4": (None, "", "")}, fields={**MARCH, "date": "2026-01-01"})
    late = forms.filled(changed=FAULTS, fields=MARCH)
    assert [one.file for one in made(returned(tmp_path, a=old, b=late, c=late))] == ["returned/b.xlsx"]


def test_returns_in_conflict_get_no_correction_before_it_is_said_which_counts(tmp_path: Path) -> None:
    one, other = (forms.filled(changed={**FAULTS, "SS1-4": (code, "e", "")}) for code in ("none", "partial"))
    assert made(returned(tmp_path, a=one, b=other, c=forms.filled("SD", changed={"SD1-1": (None, "", "")}))) != []
    assert [m.domain for m in made(tmp_path / "returned")] == ["SD"]


def test_a_file_of_two_domains_gets_a_correction_of_each_that_has_errors(tmp_path: Path) -> None:
    first = openpyxl.load_workbook(BytesIO(forms.filled("SS", changed=FAULTS)))
    second = openpyxl.load_workbook(BytesIO(forms.filled("SD", changed={"SD1-1": (None, "", "")})))
    page = first.create_sheet("第二份")
    for row in forms.sheet_of(second).iter_rows(values_only=True):
        page.append(row)
    stream = BytesIO()
    first.save(stream)
    found = made(returned(tmp_path, a=stream.getvalue()))
    assert [one.domain for one in found] == ["SS", "SD"]
    assert [one.name.rpartition("_")[0] for one in found] == ["更正_N01_1_SS", "更正_N01_2_SD"]
    assert len({one.corrects for one in found}) == 1
    assert [len(forms.read(one.data).rows) for one in found] == [
        len(forms.model().domain(code).requirements) for code in ("SS", "SD")
    ]


def test_every_fault_of_a_round_can_be_mended_in_its_correction(faulty_round: Path, tmp_path: Path) -> None:
    roster = faulty_round / "roster.xlsx"
    found = made(faulty_round / "returned", roster=roster)
    assert len(found) >= 8
    assert len({one.name for one in found}) == len(found)
    folder = tmp_path / "mended"
    sent_back = {(one.institution, one.domain): one for one in found}
    forms.folder(folder, **{f"{n}": mended(one.data, one.lang) for n, one in enumerate(sent_back.values())})
    assert set(codes([folder], roster=roster)) <= {"return.missing_domain", "answer.na_over_cap"}


def test_corrections_of_a_round_are_sealed_for_what_they_correct(tmp_path: Path) -> None:
    terms = Terms(round="2026-x", key=KEY, closes="")
    roster = forms.roster(tmp_path / "roster.xlsx", {"id": "N01", "name": "甲"})
    folder = returned(tmp_path, a=forms.filled(changed=FAULTS, fields={"id": "N01", "name": "甲"}))
    (correction,) = made(folder, roster=roster, terms=terms)
    meta = forms.read(correction.data).meta
    assert meta["seal"] == correction.seal
    assert meta["corrects"] == correction.corrects
    names = ("round", "institution", "domain", "model", "edition", "model_hash", "corrects")
    assert is_genuine(KEY, Sealed(*(meta[name] for name in names)), meta["seal"])
    forms.folder(folder, b=mended(correction.data))
    assert codes([folder], roster=roster, terms=terms) == ["return.missing_domain"]


def test_a_correction_that_comes_back_faulty_is_corrected_again_and_the_last_one_counts(tmp_path: Path) -> None:
    terms = Terms(round="2026-x", key=KEY, closes="")
    roster = forms.roster(tmp_path / "roster.xlsx", {"id": "N01", "name": "甲"})
    given: dict[str, object] = {"roster": roster, "terms": terms}
    folder = returned(tmp_path, a=forms.filled(changed=FAULTS, fields={**MARCH, "name": "甲"}))
    (first,) = made(folder, **given)
    forms.folder(folder, b=forms.edited(first.data, forms.put(**{forms.cell_of("SS1-1"): "差不多"})))
    (second,) = made(folder, **given)
    assert second.file == "returned/b.xlsx"
    forms.folder(folder, **{"0": mended(second.data, date=None)})
    files = pipeline.check([folder], forms.model(), roster=roster, terms=terms).files
    statuses = dict(zip(files["path"], files["status"], strict=True))
    assert [statuses[f"returned/{name}.xlsx"] for name in "ab0"] == ["superseded", "superseded", "counted"]
    assert made(folder, **given) == []


def test_without_a_round_there_is_no_seal(tmp_path: Path) -> None:
    (correction,) = made(returned(tmp_path, a=forms.filled(changed=FAULTS)))
    assert correction.seal == ""
    assert "seal" not in forms.read(correction.data).meta


def test_the_same_returns_give_the_same_bytes(tmp_path: Path) -> None:
    folder = returned(tmp_path, a=forms.filled(changed=FAULTS))
    assert [one.data for one in made(folder)] == [one.data for one in made(folder)]


def test_corrections_are_written_once_and_nothing_is_written_over(tmp_path: Path, model: Model) -> None:
    folder, out = returned(tmp_path, a=forms.filled(changed=FAULTS)), tmp_path / "corrections"
    first = pipeline.write_corrections(out, [folder], model)
    assert [path.name for path in first.written] == ["更正_N01_1_SS_服务策略能力.xlsx"]
    assert first.checked.institutions == 1
    assert pipeline.write_corrections(out, [folder], model).written == first.written
    assert [path.name for path in out.iterdir()] == ["更正_N01_1_SS_服务策略能力.xlsx"]
    first.written[0].write_bytes(b"the institution's copy")
    with pytest.raises(OutputError, match="not written over"):
        pipeline.write_corrections(out, [folder], model)
    assert first.written[0].read_bytes() == b"the institution's copy"


def test_corrections_are_not_put_among_the_returns(tmp_path: Path, model: Model) -> None:
    folder = returned(tmp_path, a=forms.filled(changed=FAULTS))
    with pytest.raises(OutputError, match="taken for returns"):
        pipeline.write_corrections(folder / "corrections", [folder], model)


def test_hostile_texts_stay_texts(tmp_path: Path) -> None:
    hostile = '=HYPERLINK("http://x.example","x")'
    changed: dict[str, forms.Given] = {"SS1-1": (hostile, hostile, "{0}{name}%s"), "SS1-2": (None, "<a>&", "")}
    data = forms.filled(changed=changed, fields={"id": "N01", "name": hostile, "uscc": "=1"})
    (correction,) = made(returned(tmp_path, a=data))
    book = openpyxl.load_workbook(BytesIO(correction.data))
    for sheet in (book.worksheets[0], forms.sheet_of(book, "institution")):
        assert not [cell.coordinate for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    assert forms.sheet_of(book)[forms.cell_of("SS1-1")].value == hostile
    assert not [
        cell for row in book.worksheets[0].iter_rows() for cell in row if cell.hyperlink and cell.hyperlink.target
    ]


@pytest.mark.parametrize("lang", LANGS)
def test_a_correction_that_libreoffice_saved_reads_the_same(lang: Lang, tmp_path: Path) -> None:
    (correction,) = made(returned(tmp_path, a=forms.filled("SS", lang, changed=FAULTS)))
    source = tmp_path / "correction.xlsx"
    source.write_bytes(correction.data)
    before, after = forms.read(correction.data), forms.read(resave(source, tmp_path / "saved").read_bytes())
    assert after.meta == before.meta
    assert (after.strays, after.has_comments, after.has_objects) == ({}, False, False)
    rows = [{row.requirement: (row.typed, row.evidence, row.remarks) for row in form.rows} for form in (before, after)]
    assert rows[0] == rows[1]
