"""The calculation sheet: its results are the program's figures, its formulas follow from the answers' sheet."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from evaluator.assessment import rulings
from evaluator.assessment.answers import judge
from evaluator.assessment.results import assess
from evaluator.assessment.rulings import Ruling
from evaluator.assessment.texts import blocks_of
from evaluator.model.records import Model
from evaluator.reports.calculation import layout as at
from evaluator.reports.calculation.figures import average_score, staged_score
from evaluator.reports.calculation.layout import Block, Layout
from evaluator.reports.context import context_of
from evaluator.reports.institution import institution_report
from evaluator.reports.record import Results
from evaluator.reports.subject import Extracts, Subject, subject_of
from evaluator.wording import Lang, say
from tests import small
from tests.builders import _files, make
from tests.libreoffice import require_libreoffice, resave_all

ANSWER_ROW = 5
"""Row of the first answer on the answers' sheet."""


def of(model: Model, *words: str, ruled: Mapping[str, str] | None = None) -> Subject:
    """One institution whose answers are these words of `tests.small`, with some decided by a person."""
    judged = judge(small.cells(model, {"A": words}), model, {})
    decided = {
        r: Ruling(answer=a, reason="seen on site", role="expert", made="2026-01-02T03:04:05Z")
        for r, a in (ruled or {}).items()
    }
    applied = rulings.apply(judged, {"A": decided}, model)
    table = small.institutions(["A"])
    results = Results(
        assessment=assess(applied.judged, table, model),
        texts=blocks_of(applied.judged, len(model.requirements)),
        findings=(),
        files=_files(table["id"], model, "zh"),
        has_roster=False,
        options={},
        ruled=applied.ruled,
    )
    return subject_of(context_of(results), Extracts(results)[0])


def sheet_of(subject: Subject, lang: Lang = "zh", *, results: bool = True) -> Worksheet:
    book = openpyxl.load_workbook(BytesIO(institution_report(subject, lang)), data_only=results)
    return book[say("calculation.sheet", lang)]


def column(sheet: Worksheet, letter: str, rows: Block) -> list[Any]:
    return [sheet[f"{letter}{row + 1}"].value for row in range(rows.first, rows.end)]


@pytest.fixture(scope="module")
def worked() -> Model:
    """METHOD's worked example: one domain, two items of weight 0.6 and 0.4, one requirement a level."""
    return small.model(small.domain("SS", 1.0, small.item("SS1", 0.6), small.item("SS2", 0.4)))


WORKED = ("full", "large", "full", "partial", "full", "full", "large", "partial", "full", "full")


def test_the_worked_example_of_the_method_step_by_step(worked: Model) -> None:
    sheet, layout = sheet_of(of(worked, *WORKED)), Layout(worked)
    domain = layout.domains.first + 1
    attained = [sheet[f"{letter}{domain}"].value for letter in at.LEVEL_COLUMNS]
    assert attained == pytest.approx([1.0, 0.8, 0.8, 0.7, 1.0], abs=1e-12)
    assert sheet[f"{at.PASSED}{domain}"].value == 3
    assert sheet[f"{at.STAGED}{domain}"].value == pytest.approx(3.7, abs=1e-12)
    assert sheet[f"{at.AVERAGE}{domain}"].value == pytest.approx(4.3, abs=1e-12)
    assert column(sheet, at.ITEM_SCORE, layout.items) == pytest.approx([0.86, 0.86], abs=1e-12)
    stars = [sheet[f"{at.FORMULA}{layout.total(m) + 2}"].value for m in ("staged", "average", "cumulative")]
    assert stars == [3, 4, 3]
    assert sheet[f"{at.FORMULA}{layout.limit + 1}"].value == "总分区间"
    assert sheet[f"A{at.VERDICT + 1}"].value == f"公式重算与程序结果一致：{layout.comparisons}项比对全部相符。"


def test_without_evidence_an_answer_counts_as_partial(worked: Model) -> None:
    answers = (WORKED[0], "large-", *WORKED[2:])
    sheet, layout = sheet_of(of(worked, *answers)), Layout(worked)
    row = layout.requirements.first + 2
    shown = [sheet[f"{letter}{row}"].value for letter in (at.GIVEN, at.PROVEN, at.COUNTS_AS, at.SCORE)]
    assert shown == ["大部分满足", "否", "部分满足", 0.5]
    assert sheet[f"{at.STAGED}{layout.domains.first + 1}"].value == pytest.approx(1.62, abs=1e-12)


def test_what_is_no_answer_scores_nothing_and_what_does_not_apply_is_left_out() -> None:
    asked = [small.requirement(f"SS1-1{c}", na_allowed=True, weight=2.0, veto_star=2) for c in ("", "a", "b", "c")]
    model = small.model(small.domain("SS", 1.0, small.item("SS1", 1.0, *asked)), min_coverage=0.0, max_na_share=1.0)
    layout, sheet = Layout(model), sheet_of(of(model, "full", "", "?", "na"))
    rows = layout.requirements
    assert column(sheet, at.SCORE, rows) == [1, 0, 0, "—"]
    assert column(sheet, at.APPLICABLE, rows) == [2, 2, 2, 0]
    assert column(sheet, at.CAP, rows) == [5, 2, 2, 5]
    assert column(sheet, at.COUNTS_AS, rows) == ["完全满足", "未填写", "无效", "不适用"]
    assert column(sheet, at.GIVEN, rows)[2] == "差不多"
    item = layout.items.first + 1
    shares = [sheet[f"{letter}{item}"].value for letter in (at.COVERAGE, at.NA_SHARE, at.ITEM_SCORE)]
    assert shares == pytest.approx([0.5, 0.25, 1 / 3])


def test_whether_na_is_permitted_stands_beside_the_answer() -> None:
    """Permitted for all, for no one, for the institution's category, for another one."""
    asked = [
        small.requirement(f"SS1-1{c}", na_allowed=bool(c), na_categories=names)
        for c, names in (("", ()), ("a", ()), ("b", ("技术服务",)), ("c", ("法律服务",)))
    ]
    model = small.model(small.domain("SS", 1.0, small.item("SS1", 1.0, *asked)))
    subject = of(model, *["full"] * 4)
    at_home = replace(subject, facts={**subject.facts, "category": "技术服务"})
    for one, words in ((subject, ["否", "是", "否", "否"]), (at_home, ["否", "是", "是", "否"])):
        assert column(sheet_of(one), at.NA_PERMITTED, Layout(model).requirements) == words
    at_law = replace(subject, facts={**subject.facts, "category": "法律服务"})
    assert column(sheet_of(at_law, "en"), at.NA_PERMITTED, Layout(model).requirements) == ["No", "Yes", "No", "Yes"]


def test_the_tolerance_stands_in_the_formulas_and_not_in_a_cell(worked: Model) -> None:
    sheet, layout = sheet_of(of(worked, *WORKED), results=False), Layout(worked)
    place = layout.parameter("tolerance")
    assert sheet[place.replace("$", "")].value == "1E-9"
    formulas = [cell.value for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    assert not [words for words in formulas if place in words]
    compared = [words for words in formulas if "ABS(" in words]
    assert len(compared) == layout.comparisons
    assert all(words.count("<=1E-9") == words.count("ABS(") for words in compared)


def test_a_decided_answer_counts_as_decided_and_comes_from_its_own_column(worked: Model) -> None:
    subject = of(worked, *("none", *WORKED[1:]), ruled={"SS1-1": "full"})
    sheet, row = sheet_of(subject), Layout(worked).requirements.first + 1
    shown = [sheet[f"{letter}{row}"].value for letter in (at.STATE, at.GIVEN, at.COUNTS_AS, at.SCORE)]
    assert shown == ["经裁定", "不满足", "完全满足", 1]
    formulas = sheet_of(subject, results=False)
    decided, other = (formulas[f"{at.COUNTS_AS}{row + n}"].value for n in range(2))
    assert f"'作答明细'!O{ANSWER_ROW}&" in decided
    assert "!O" not in other


def test_what_a_reader_makes_of_a_decided_answer_counts_as_such(worked: Model, tmp_path: Path) -> None:
    """The decision counts while the state says so; cleared or garbled it is blank or invalid, as any answer."""
    require_libreoffice()
    report = institution_report(of(worked, *("none", *WORKED[1:]), ruled={"SS1-1": "full"}), "zh")
    cases: list[tuple[Mapping[str, str | None], list[object]]] = [
        ({}, ["完全满足", 1]),
        ({"O": "部分满足"}, ["部分满足", 0.5]),
        ({"O": None}, ["未填写", 0]),
        ({"O": "基本满足"}, ["无效", 0]),
        ({"E": "已作答"}, ["不满足", 0]),
    ]
    for n, (cells, _) in enumerate(cases):
        book = openpyxl.load_workbook(BytesIO(report))
        for letter, words in cells.items():
            book["作答明细"][f"{letter}{ANSWER_ROW}"] = words
        book.save(tmp_path / f"{n}.xlsx")
    files = resave_all([tmp_path / f"{n}.xlsx" for n in range(len(cases))], tmp_path / "after")
    row = Layout(worked).requirements.first + 1
    for path, (cells, expected) in zip(files, cases, strict=True):
        sheet = openpyxl.load_workbook(path, data_only=True)["计算过程"]
        assert [sheet[f"{letter}{row}"].value for letter in (at.COUNTS_AS, at.SCORE)] == expected, cells


def test_states_and_answers_are_offered_as_the_calculation_sheet_knows_them(worked: Model) -> None:
    book = openpyxl.load_workbook(BytesIO(institution_report(of(worked, *WORKED), "zh")))
    rules = {str(rule.sqref): rule for rule in book["作答明细"].data_validations.dataValidation}
    offered = {}
    for cells, rule in rules.items():
        name, place = rule.formula1.split("!")
        assert (rule.type, name) == ("list", "'计算过程'")
        offered[cells] = [cell.value for (cell,) in book["计算过程"][place.replace("$", "")]]
    last = ANSWER_ROW + len(worked.requirements) - 1
    assert offered == {
        f"E{ANSWER_ROW}:E{last}": ["已作答", "不适用", "未填写", "无效", "缺失", "经裁定"],
        f"F{ANSWER_ROW}:F{last}": ["完全满足", "大部分满足", "部分满足", "不满足", "不适用"],
    }


def test_the_head_over_items_does_not_say_that_they_belong_to_an_item(worked: Model) -> None:
    sheet, layout = sheet_of(of(worked, *WORKED)), Layout(worked)
    heads = [sheet[f"{at.NAME}{block.first}"].value for block in (layout.items, layout.requirements)]
    assert heads == ["能力项", "所属能力项"]


def test_a_missing_domain_has_no_figures_and_the_total_is_none() -> None:
    domains = [small.domain(code, 0.5, small.item(f"{code}1", 1.0)) for code in ("SS", "SD")]
    model = small.model(*domains)
    sheet, layout = sheet_of(of(model, *["full"] * 5, *["missing"] * 5)), Layout(model)
    assert sheet[f"{at.FORMULA}{layout.status + 1}"].value == "缺少能力域问卷"
    assert sheet[f"{at.FORMULA}{layout.total('staged') + 1}"].value == "—"
    assert column(sheet, at.STAGED, layout.domains) == [5, "—"]
    assert column(sheet, at.COVERAGE, layout.domains) == [1, "缺失"]
    assert sheet[f"A{at.VERDICT + 1}"].value.startswith("公式重算与程序结果一致")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_results_of_formulas_are_the_programs_figures(lang: Lang) -> None:
    results = make(24, lang=lang)
    context, model = context_of(results), results.assessment.model
    layout = Layout(model)
    for extract in Extracts(results):
        subject = subject_of(context, extract)
        sheet = sheet_of(subject, lang)
        for letter in (at.FORMULA, at.PROGRAM):
            for method in layout.methods:
                assert sheet[f"{letter}{layout.total(method) + 1}"].value == near(subject.facts[f"score_{method}"])
                assert sheet[f"{letter}{layout.total(method) + 2}"].value == near(subject.facts[f"star_{method}"])
        assert column(sheet, at.ITEM_SCORE, layout.items) == [near(x) for x in subject.items]
        assert column(sheet, at.STAGED, layout.domains) == [near(line.score) for line in subject.domains]
        assert column(sheet, at.SCORE, layout.requirements) == [near(score) for *_, score in subject.answers]


def near(figure: float | None) -> object:
    return "—" if figure is None else pytest.approx(figure, abs=1e-12)


FORMULAS: list[tuple[str, Callable[[str], bool]]] = [
    ("no array formulas", lambda words: not words.startswith("{")),
    ("functions of Excel 2010", lambda words: "_xlfn" not in words),
    ("short enough", lambda words: len(words) < 8192),
]


def test_formulas_are_of_excel_2010(worked: Model) -> None:
    sheet = sheet_of(of(worked, *WORKED), results=False)
    found = [cell.value for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    assert len(found) > len(worked.requirements) * 5
    for what, holds in FORMULAS:
        assert all(holds(words) for words in found), what


def test_reports_of_a_run_do_not_depend_on_those_before_them() -> None:
    results = make(12)
    extracts = Extracts(results)
    forwards, backwards = context_of(results), context_of(results)
    one = [institution_report(subject_of(forwards, extract), "zh") for extract in extracts]
    other = [institution_report(subject_of(backwards, extract), "zh") for extract in reversed(extracts)]
    assert one == other[::-1]


def test_scores_of_the_methods_from_their_parts() -> None:
    assert staged_score([1.0, 0.9, 0.25, None, 0.5], 2) == 2.25
    assert staged_score([1.0] * 5, 5) == 5.0
    assert average_score([0.6, 0.4], [0.5, 1.0]) == pytest.approx(3.5)
    assert average_score([0.6, 0.4], [0.5, None]) == pytest.approx(2.5)
    assert average_score([1.0], [None]) == 0.0
