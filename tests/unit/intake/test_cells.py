"""From the returns that count to the full grid of answer cells."""

from __future__ import annotations

from dataclasses import replace

import pytest

from evaluator.assessment.answers import CELL_COLUMNS
from evaluator.findings import Finding
from evaluator.intake.cells import answer_cells
from evaluator.intake.institutions import Institution
from evaluator.intake.returns import Return, split
from evaluator.model.records import Model
from tests import forms

N01, N02 = Institution(id="N01"), Institution(id="N02")


@pytest.fixture(scope="module")
def one(model: Model) -> Return:
    form = forms.read(forms.filled(changed={"SS1-2": ("", "", "备注")}))
    return split("a.xlsx", form, "N01", model)[0][0]


def row_of(frame: object, requirement: str, institution: str = "N01") -> dict[str, str]:
    rows = frame[frame["requirement"].eq(requirement) & frame["institution"].eq(institution)]  # type: ignore[index]
    (row,) = rows.to_dict("records")
    return dict(row)


def findings_of(one: Return, model: Model) -> tuple[Finding, ...]:
    return answer_cells([one], [N01], model)[1]


def test_the_grid_has_every_requirement_of_every_institution_in_model_order(one: Return, model: Model) -> None:
    frame, findings = answer_cells([one], [N01, N02], model)
    assert tuple(frame.columns) == CELL_COLUMNS
    assert frame["institution"].tolist() == ["N01"] * len(model.requirements) + ["N02"] * len(model.requirements)
    assert frame["requirement"].tolist() == [r.id for r in model.requirements] * 2
    assert frame["domain"].tolist() == [d.code for d in model.domains for _ in d.requirements] * 2
    assert frame.map(type).eq(str).all(axis=None)
    assert findings == ()


def test_a_row_says_what_stands_where(one: Return, model: Model) -> None:
    frame, _ = answer_cells([one], [N01], model)
    assert row_of(frame, "SS1-1") == {
        "institution": "N01", "requirement": "SS1-1", "domain": "SS", "source": "row", "kind": "text",
        "typed": "完全满足", "lang": "zh", "evidence": forms.proof("SS1-1"), "remarks": "", "file": "a.xlsx",
        "sheet": "自评问卷", "cell": "F5", "evidence_cell": "G5", "remarks_cell": "H5",
    }  # fmt: skip
    assert [row_of(frame, "SS1-2")[key] for key in ("source", "kind", "typed", "remarks")] == [
        "row",
        "blank",
        "",
        "备注",
    ]


def test_a_domain_that_never_came_is_no_form(one: Return, model: Model) -> None:
    frame, _ = answer_cells([one], [N01, N02], model)
    for given in (row_of(frame, "SD1-1"), row_of(frame, "SS1-1", "N02")):
        assert (given["source"], given["kind"], given["file"], given["cell"]) == ("no_form", "blank", "", "")


def test_nobody_gives_an_empty_grid(model: Model) -> None:
    frame, findings = answer_cells([], [], model)
    assert (list(frame.columns), len(frame), findings) == (list(CELL_COLUMNS), 0, ())


def test_missing_rows_are_one_finding_and_blank(one: Return, model: Model) -> None:
    short = replace(one, rows=one.rows[2:])
    frame, findings = answer_cells([short], [N01], model)
    assert row_of(frame, "SS1-1")["source"] == "no_row"
    (finding,) = findings
    assert (finding.code, finding.file, finding.domain, finding.params["count"]) == (
        "form.missing_rows",
        "a.xlsx",
        "SS",
        2,
    )
    assert "SS1-1、SS1-2" in finding.message("zh")


def test_rows_with_the_same_contents_count_once(one: Return, model: Model) -> None:
    again = one.rows[0]._replace(cell="F40", typed="完全满足 ")
    frame, (finding,) = answer_cells([replace(one, rows=(*one.rows, again))], [N01], model)
    assert (row_of(frame, "SS1-1")["source"], row_of(frame, "SS1-1")["cell"]) == ("row", "F5")
    assert (finding.code, finding.cell, finding.requirement) == ("form.repeated_rows", "F40", "SS1-1")


def test_a_blank_copy_of_a_row_yields_to_the_one_that_is_filled_in(one: Return, model: Model) -> None:
    twin = one.rows[0]._replace(sheet="自评问卷 Copy", kind="blank", typed="", evidence="", remarks="")
    frame, findings = answer_cells([replace(one, rows=(twin, *one.rows))], [N01], model)
    assert (row_of(frame, "SS1-1")["typed"], row_of(frame, "SS1-1")["sheet"]) == (one.rows[0].typed, "自评问卷")
    assert findings == ()


def test_rows_of_one_requirement_that_are_all_blank_are_blank(one: Return, model: Model) -> None:
    twin = one.rows[0]._replace(kind="blank", typed="", evidence="", remarks="")
    frame, findings = answer_cells([replace(one, rows=(twin, twin._replace(cell="F40"), *one.rows[1:]))], [N01], model)
    assert (row_of(frame, "SS1-1")["source"], row_of(frame, "SS1-1")["kind"]) == ("row", "blank")
    assert findings == ()


@pytest.mark.parametrize("change", [{"typed": "不满足"}, {"evidence": "别的"}, {"remarks": "x"}, {"kind": "formula"}])
def test_rows_with_different_contents_are_ambiguous(one: Return, model: Model, change: dict[str, str]) -> None:
    again = one.rows[0]._replace(cell="F40", **change)  # type: ignore[arg-type]
    frame, (finding,) = answer_cells([replace(one, rows=(*one.rows, again))], [N01], model)
    assert row_of(frame, "SS1-1")["source"] == "ambiguous"
    assert (finding.code, finding.params["count"]) == ("form.duplicate_rows", 2)
    assert "自评问卷!F5" in finding.message("en")
    assert "自评问卷!F40" in finding.message("en")


def with_text(one: Return, words: str) -> Return:
    return replace(one, rows=(one.rows[0]._replace(text=words), *one.rows[1:]))


def test_another_question_is_altered(one: Return, model: Model) -> None:
    frame, (finding,) = answer_cells([with_text(one, "机构应有计划。")], [N01], model)
    assert row_of(frame, "SS1-1")["source"] == "altered"
    assert (finding.code, finding.cell, finding.params["found"]) == ("form.altered_text", "F5", "机构应有计划。")


def test_the_question_in_either_language_in_other_blanks_or_gone_is_the_question(one: Return, model: Model) -> None:
    asked = model.requirements[0].text
    for words in (
        asked.zh,
        asked.en,
        asked.en.upper(),
        asked.zh.replace("，", ","),
        f" {asked.zh}\r\n",
        asked.en.replace(" ", "\n"),
    ):
        assert findings_of(with_text(one, words), model) == (), words
    (finding,) = findings_of(with_text(one, " "), model)
    assert (finding.code, finding.cell, finding.params["count"]) == ("form.no_text", "A5", 1)


def test_an_altered_question_in_a_repeated_row_is_noticed(one: Return, model: Model) -> None:
    again = one.rows[0]._replace(text="机构应有计划。", cell="F40")
    findings = findings_of(replace(one, rows=(*one.rows, again)), model)
    assert [f"{finding.code} {finding.cell}" for finding in findings] == [
        "form.repeated_rows F40",
        "form.altered_text F40",
    ]
