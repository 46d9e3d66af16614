"""A model's weights and thresholds in the reports: all their digits, and no measured share that contradicts them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pytest

from evaluator.model.files import load_model
from evaluator.model.records import Model
from evaluator.naming import file_stems
from evaluator.reports.context import context_of
from evaluator.reports.institution import write_institution
from evaluator.reports.phrases import star_reason, unrated_reason
from evaluator.reports.ranking import write_ranking
from evaluator.reports.record import Results
from evaluator.reports.subject import DomainLine, Extracts, Subject, subject_of
from tests.builders import make
from tests.small import with_rules

BANDS = (0.8, 1.85, 2.805, 3.8, 4.8)
WEIGHTS = {"SS": 0.125, "SD": 0.225}


def odd_model() -> Model:
    old = load_model()
    fields = {name: getattr(old, name) for name in Model.model_fields}
    domains = tuple(
        type(d)(**{**{n: getattr(d, n) for n in type(d).model_fields}, "weight": WEIGHTS.get(d.code, d.weight)})
        for d in old.domains
    )
    rules: dict[str, Any] = {"pass_mark": 0.775, "min_coverage": 0.925, "max_na_share": 0.125}
    return with_rules(Model(**{**fields, "domains": domains}), performing_well=0.6667, bands=BANDS, **rules)


@pytest.fixture(scope="module")
def results() -> Results:
    return make(16, model=odd_model())


@pytest.fixture(scope="module")
def subjects(results: Results) -> list[Subject]:
    context = context_of(results)
    return [subject_of(context, extract) for extract in Extracts(results)]


def texts(book: openpyxl.Workbook, *sheets: str) -> str:
    cells = (cell for name in sheets for row in book[name].iter_rows(values_only=True) for cell in row)
    return "\n".join(cell for cell in cells if isinstance(cell, str))


def test_the_ranking_workbook_says_every_digit(results: Results, tmp_path: Path) -> None:
    table, target = results.assessment.institutions, tmp_path / "ranking.xlsx"
    stems = file_stems(list(table["id"]), list(table["name"]))
    write_ranking(target, results, "zh", [f"institutions/{stem}.xlsx" for stem in stems])
    said = texts(openpyxl.load_workbook(target), "说明", "总览")
    for words in (
        "达成度不低于77.5%",
        "填答率低于92.5%",
        "占比高于12.5%",
        "不低于66.67%",
        "三星级 ≥2.805",
        "门槛66.67%",
    ):
        assert words in said
    assert "权重：服务策略能力 12.5%、服务设计能力 22.5%、服务转换能力 15%、服务运营能力 30%" in said
    assert "\n评价模型：sme-service@2023.1、语言：中文\n" in said
    assert " = " not in said


def test_a_report_says_and_shows_every_digit(subjects: list[Subject], tmp_path: Path) -> None:
    subject = next(one for one in subjects if one.rated)
    write_institution(tmp_path / "one.xlsx", subject, "zh")
    sheet = openpyxl.load_workbook(tmp_path / "one.xlsx")["评价结果"]
    assert "达成度不低于77.5%" in texts(sheet.parent, "评价结果")
    formats = {cell.value: cell.number_format for row in sheet.iter_rows() for cell in row}
    assert (formats[0.6667], formats[0.125], formats[0.225]) == ("0.00%", "0.0%", "0.0%")


@pytest.mark.parametrize(
    ("method", "words"),
    [("staged", "下一级达成度"), ("cumulative", "下一级达成度"), ("average", "5×该能力域各能力项得分的加权平均")],
)
def test_the_cards_note_tells_the_official_methods_rule(method: str, words: str, tmp_path: Path) -> None:
    made = make(3, model=with_rules(load_model(), method=method))
    subject = subject_of(context_of(made), next(iter(Extracts(made))))
    write_institution(tmp_path / "one.xlsx", subject, "zh")
    said = texts(openpyxl.load_workbook(tmp_path / "one.xlsx"), "评价结果")
    assert words in said
    assert ("通过等级数＋下一级达成度" in said) == (method != "average")


def test_a_stars_reason_rounds_as_its_cell_and_names_bands_in_full(subjects: list[Subject]) -> None:
    subject = next(one for one in subjects if one.rated and one.facts["limited_by"] == "band")
    subject.facts.update(score=3.545, star=3)
    assert star_reason(subject, "zh") == "总分3.55，达到2.805、未达到3.8，按总分区间定为三星级。"
    subject.facts.update(score=2.8049, star=2)
    assert star_reason(subject, "en") == "The total of 2.80 reaches 1.85 but not 2.805: Two stars by its score band."


def test_why_not_rated_never_contradicts_the_threshold() -> None:
    model = with_rules(load_model(), min_coverage=0.999)
    line = DomainLine(came=True, coverage=0.9989999, na_share=0.0, score=0.0, passed=0, attainment=(0.0,) * 5)
    assert unrated_reason(model, (line,) * 5, "zh").startswith("填答率低于99.9%：服务策略能力 99.89999%、")
