"""The institution report: its figures are the assessment's, its texts are texts, and what is missing is no zero."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from evaluator.assessment.texts import texts_of
from evaluator.findings import Finding, joined
from evaluator.reports.context import LEAST_GROUP, context_of
from evaluator.reports.institution import institution_report, write_institution
from evaluator.reports.record import Results
from evaluator.reports.subject import Extracts, Subject, subject_of
from evaluator.wording import LANGS, Lang, say
from tests.builders import make
from tests.small import next_star

Reader = Callable[..., openpyxl.Workbook]
NO_DOMAIN, ONE_MISSING, FORMULA_NAME = 7, 5, 14
"""Rows of the builder's institutions: nothing came; one domain missing; named like a formula."""


@pytest.fixture(scope="module")
def results() -> Results:
    return make(40)


@pytest.fixture(scope="module")
def subjects(results: Results) -> list[Subject]:
    context = context_of(results)
    return [subject_of(context, extract) for extract in Extracts(results)]


@pytest.fixture
def report(subjects: list[Subject], tmp_path: Path) -> Reader:
    def read(row: int, lang: Any = "zh") -> openpyxl.Workbook:
        target = tmp_path / f"{row}_{lang}.xlsx"
        write_institution(target, subjects[row], lang)
        return openpyxl.load_workbook(target)

    return read


def beside(sheet: Worksheet, label: str) -> Any:
    """Give the next value to the right of the cell with that text."""
    for line in sheet.iter_rows(values_only=True):
        if label in line:
            return next((value for value in line[line.index(label) + 1 :] if value is not None), None)
    raise AssertionError(f"no cell {label!r}")


def line_of(sheet: Worksheet, first: str) -> list[Any]:
    return next(list(line) for line in sheet.iter_rows(values_only=True) if line[0] == first)


def first_rated(results: Results, **wanted: object) -> int:
    table = results.assessment.rated
    for name, value in wanted.items():
        table = table[table[name].eq(value)]
    return int(table.index[0])


def test_the_sheets_are_named_in_the_language_of_the_run(report: Reader) -> None:
    assert report(0).sheetnames == ["评价结果", "距下一星级", "作答明细", "计算过程", "校验问题"]
    assert report(0, "en").sheetnames == ["Summary", "Next star", "Answers", "Calculation", "Findings"]


def test_the_card_holds_the_total_unrounded_and_the_ranks(results: Results, report: Reader) -> None:
    row = first_rated(results)
    facts = results.assessment.institutions.iloc[row]
    card = report(row)["评价结果"]
    assert beside(card, "总分（0–5）") == pytest.approx(facts["score"], abs=1e-12)
    rated = results.assessment.rated
    assert beside(card, "总排名") == f"第{facts['rank']}名，共{len(rated)}家"
    beaten_by = (rated.loc[rated["province"].eq(facts["province"]), "score"] > facts["score"]).sum()
    in_province = rated["province"].eq(facts["province"]).sum()
    assert beside(card, "本省排名") == f"第{beaten_by + 1}名，共{in_province}家"
    assert beside(card, "星级") == "★" * int(facts["star"])


def test_every_report_says_which_model_and_that_it_is_not_official(results: Results, report: Reader) -> None:
    model = results.assessment.model
    for sheet in report(0).worksheets:
        top = "\n".join(str(sheet.cell(row, 1).value) for row in (1, 2, 3))
        for said in (model.name.zh, model.id, model.edition, model.hash[:8], model.notice.zh):
            assert said in top


def test_domains_show_score_levels_attainment_and_group_median(results: Results, report: Reader) -> None:
    row = first_rated(results)
    found = results.assessment
    line = line_of(report(row)["评价结果"], "服务运营能力")
    d = [domain.code for domain in found.model.domains].index("SO")
    own = found.domains[found.domains["institution"].eq(found.institutions["id"][row])].iloc[d]
    assert line[1] == pytest.approx(0.30)
    assert line[2] == pytest.approx(own["score"], abs=1e-12)
    assert line[3] == own["passed_levels"]
    assert line[4:9] == [pytest.approx(own[f"d{level}"], abs=1e-12) for level in range(1, 6)]
    rated = set(found.rated["id"])
    others = found.domains[found.domains["domain"].eq("SO") & found.domains["institution"].isin(rated)]
    assert line[9] == pytest.approx(median(others["score"]), abs=1e-12)


def test_items_are_listed_from_the_highest_score(results: Results, report: Reader) -> None:
    row = first_rated(results)
    card = report(row)["评价结果"]
    codes = {item.code for item in results.assessment.model.items}
    listed = [(line[1], line[2]) for line in card.iter_rows(values_only=True) if line[1] in codes]
    assert len(listed) == len(codes)
    scores = [score for _, score in listed if isinstance(score, int | float)]
    assert scores == sorted(scores, reverse=True)
    items = results.assessment.items
    own = items[items["institution"].eq(results.assessment.institutions["id"][row])].set_index("item")["score"]
    assert all(own[code] == pytest.approx(score, abs=1e-12) for code, score in listed)


def test_a_missing_domain_is_empty_and_named_never_zero(results: Results, report: Reader) -> None:
    found = results.assessment
    own = found.domains.iloc[ONE_MISSING * 5 : ONE_MISSING * 5 + 5]
    gone = found.model.domain(own.loc[own["passed_levels"].isna(), "domain"].iloc[0])
    book = report(ONE_MISSING)
    line = line_of(book["评价结果"], f"{gone.name.zh}（缺失）")
    assert line[2:9] == [None] * 7
    assert beside(book["评价结果"], "星级") == "未评级"
    assert gone.name.zh in beside(book["评价结果"], "未评级原因")
    items = {item.code for item in gone.items}
    shown = [line[2] for line in book["评价结果"].iter_rows(values_only=True) if line[1] in items]
    assert shown == ["缺失"] * len(items)
    states = {line[4] for line in book["作答明细"].iter_rows(min_row=5, values_only=True) if line[0][:2] == gone.code}
    assert states == {"缺失"}


def test_an_institution_that_returned_nothing_gets_a_report_without_charts(report: Reader) -> None:
    book = report(NO_DOMAIN)
    assert beside(book["评价结果"], "未评级原因") == "未收到任何能力域的有效问卷，因此不评级。"
    assert beside(book["评价结果"], "总排名") == "不参与排名"


def test_the_gap_sheet_shows_the_needs_and_one_sufficient_set(results: Results, report: Reader) -> None:
    row = first_rated(results, limited_by="domain_floor")
    gap = next_star(results.assessment, row)
    sheet = report(row)["距下一星级"]
    lines = [list(line) for line in sheet.iter_rows(values_only=True)]
    heads = [n for n, line in enumerate(lines) if line[0] == "序号"]
    need = lines[heads[0] + 1]
    assert need[6:9] == [
        pytest.approx(gap.needs[0].have),
        pytest.approx(gap.needs[0].want),
        pytest.approx(gap.needs[0].want - gap.needs[0].have),
    ]
    steps = lines[heads[1] + 1 :]
    ids = [results.assessment.model.requirements[step.requirement].id for step in gap.steps]
    assert [line[1] for line in steps] == ids
    assert [line[7] for line in steps] == [pytest.approx(step.total_after) for step in gap.steps]
    assert any("并非唯一方案" in str(line[0]) for line in lines)


def test_the_gap_sheet_of_a_not_rated_institution_shows_the_conditions(results: Results, report: Reader) -> None:
    sheet = report(ONE_MISSING)["距下一星级"]
    own = results.assessment.domains.iloc[ONE_MISSING * 5 : ONE_MISSING * 5 + 5]
    for domain, coverage, passed in zip(
        results.assessment.model.domains, own["coverage"], own["passed_levels"].isna(), strict=True
    ):
        line = line_of(sheet, domain.name.zh)
        assert line[3] == ("否" if passed else "是")
        assert line[5] is None if passed else line[5] == pytest.approx(coverage)
        assert line[6] == pytest.approx(results.assessment.model.rules.min_coverage)


def test_every_requirement_is_listed_with_state_answer_score_and_place(results: Results, report: Reader) -> None:
    row, found = first_rated(results), results.assessment
    count = len(found.model.requirements)
    own = found.answers.iloc[row * count : (row + 1) * count]
    lines = list(report(row)["作答明细"].iter_rows(min_row=5, values_only=True))
    assert [line[0] for line in lines] == own["requirement"].tolist()
    for line, answer, text in zip(lines, own.itertuples(), texts_of(results.texts[row]), strict=True):
        assert line[7] == (None if answer.state == "not_applicable" else pytest.approx(answer.score))
        assert (line[8] or "", line[9] or "") == (text.evidence, text.remarks)
        assert (line[10], line[11], line[12]) == (text.file, text.sheet, text.cell)
        if answer.no_evidence:
            assert (line[5] in ("完全满足", "大部分满足"), line[6]) == (True, "部分满足")


def test_findings_of_the_institution_and_of_no_other_are_listed(results: Results, report: Reader) -> None:
    own = {finding.institution for finding in results.findings}
    row = next(n for n, i in enumerate(results.assessment.institutions["id"]) if i in own)
    institution = results.assessment.institutions["id"][row]
    expected = [f for f in results.findings if f.institution == institution]
    lines = list(report(row)["校验问题"].iter_rows(min_row=5, values_only=True))
    assert [(line[1], line[3], line[7], line[8]) for line in lines] == [
        (f.code, f.requirement, *f.to_institution("zh")) for f in expected
    ]


@pytest.mark.parametrize("lang", LANGS)
def test_another_institution_that_a_finding_names_is_not_named_in_the_report(
    results: Results, tmp_path: Path, lang: Lang
) -> None:
    ids = results.assessment.institutions["id"].tolist()
    file = results.files.loc[results.files["institution"].eq(ids[0]), "path"].iloc[0]
    shared = Finding(
        code="identity.shared", institution=ids[0], file=file, sheet="机构信息", cell="C6",
        params={"found": "91320000MA1XXXXX0X", "ids": joined([ids[0], ids[20]])},
    )  # fmt: skip
    odd = replace(results, findings=(shared,))
    write_institution(tmp_path / "r.xlsx", subject_of(context_of(odd), Extracts(odd)[0]), lang)
    book = openpyxl.load_workbook(tmp_path / "r.xlsx")
    (line,) = book[say("report.sheet.findings", lang)].iter_rows(min_row=5, values_only=True)
    assert (line[1], *line[7:9]) == ("identity.shared", *shared.to_institution(lang))
    words = [str(value) for page in book for line in page.iter_rows(values_only=True) for value in line if value]
    others = [*ids[1:], *results.assessment.institutions["name"].tolist()[1:]]
    assert not [(one, said) for said in words for one in others if one in said]


def test_a_name_like_a_formula_stays_a_text(results: Results, report: Reader) -> None:
    name = results.assessment.institutions["name"][FORMULA_NAME]
    assert name.startswith("=")
    card = report(FORMULA_NAME)["评价结果"]
    cells = [cell for line in card.iter_rows() for cell in line if cell.value == name]
    assert [cell.data_type for cell in cells] == ["s"]


def test_a_category_with_enough_rated_institutions_is_the_group(results: Results) -> None:
    table = results.assessment.rated
    assert table["category"].value_counts().max() < LEAST_GROUP
    assert set(context_of(results).groups) == {""}
    many = make(120)
    context = context_of(many)
    rated = many.assessment.rated
    row = int(rated.index[0])
    mates = rated[rated["category"].eq(rated.loc[row, "category"])]
    group = subject_of(context, Extracts(many)[row]).group
    assert (group.name, group.count) == (rated.loc[row, "category"], len(mates))
    assert group.total == pytest.approx(median(mates["score"]))


def test_the_same_results_give_the_same_bytes_in_any_process(results: Results, subjects: list[Subject]) -> None:
    sent = pickle.loads(pickle.dumps((context_of(results), Extracts(results)[0])))  # noqa: S301 - made here
    assert institution_report(subject_of(*sent), "zh") == institution_report(subjects[0], "zh")
