"""The ranking workbook: order, figures, links and counts are the assessment's own."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from evaluator.assessment import statistics
from evaluator.assessment.results import assess
from evaluator.assessment.robustness import robustness
from evaluator.measure import lines_needed, row_height
from evaluator.model.files import load_model
from evaluator.naming import file_stems
from evaluator.reports import ranking, ranking_sheets
from evaluator.reports.ranking import write_ranking
from evaluator.reports.record import Results
from evaluator.wording import LANGS, Lang, say
from tests import small
from tests.builders import make

SHEETS = ["说明", "总览", "排名", "能力域得分", "能力项得分", "方法对比", "稳健性", "未评级", "校验问题", "文件清单"]
ENGLISH = [
    "About",
    "Overview",
    "Ranking",
    "Domains",
    "Items",
    "Methods",
    "Robustness",
    "Not rated",
    "Findings",
    "Files",
]
HEAD = 4
"""Header row of a sheet that is one table, from 1; where sentences stand above it, it is lower."""
LIMITED = "O"
"""Column of the rule that limited the star."""
HEADS = {"方法对比": HEAD + 3}


def links_of(results: Results) -> list[str]:
    table = results.assessment.institutions
    return [f"institutions/{stem}.xlsx" for stem in file_stems(list(table["id"]), list(table["name"]))]


def written(results: Results, target: Path, lang: Any = "zh") -> openpyxl.Workbook:
    write_ranking(target, results, lang, links_of(results))
    return openpyxl.load_workbook(target)


def table_of(book: openpyxl.Workbook, name: str) -> list[dict[str, Any]]:
    rows = book[name].iter_rows(min_row=HEADS.get(name, HEAD), values_only=True)
    heads = [str(head).replace("\n", " ") for head in next(rows)]
    return [dict(zip(heads, row, strict=True)) for row in rows]


@pytest.fixture(scope="module")
def results() -> Results:
    return make(40)


@pytest.fixture(scope="module")
def book(results: Results, tmp_path_factory: pytest.TempPathFactory) -> openpyxl.Workbook:
    return written(results, tmp_path_factory.mktemp("ranking") / "ranking.xlsx")


def test_sheets_are_named_as_the_contract_says(results: Results, book: openpyxl.Workbook, tmp_path: Path) -> None:
    assert book.sheetnames[: len(SHEETS)] == SHEETS
    assert written(results, tmp_path / "en.xlsx", "en").sheetnames[: len(ENGLISH)] == ENGLISH


def test_rated_institutions_stand_in_rank_order_with_full_precision(results: Results, book: openpyxl.Workbook) -> None:
    rows = table_of(book, "排名")
    expected = results.assessment.rated.sort_values(["rank", "id"])
    assert [row["机构编号"] for row in rows] == expected["id"].tolist()
    assert [row["排名"] for row in rows] == expected["rank"].tolist()
    assert [row["总分"] for row in rows] == [pytest.approx(score, abs=1e-12) for score in expected["score"]]
    assert [row["星级"] for row in rows] == ["★" * star or "无星级" for star in expected["star"]]
    assert [row["省内排名"] for row in rows] == expected["rank_province"].tolist()
    assert [row["机构名称"] for row in rows] == expected["name"].tolist()
    assert book["排名"].cell(HEAD + 1, 11).number_format == "0.00"


def test_domain_and_dimension_scores_stand_beside_the_right_institution(
    results: Results, book: openpyxl.Workbook
) -> None:
    found = results.assessment
    own = found.domains.set_index(["institution", "domain"])["score"]
    well = found.dimensions.set_index(["institution", "dimension"])["score"]
    for row in table_of(book, "排名"):
        assert row["服务运营能力"] == pytest.approx(own[row["机构编号"], "SO"], abs=1e-12)
        assert row["服务绩效"] == pytest.approx(well[row["机构编号"], "performance"], abs=1e-12)


def test_the_limiting_rule_is_named_with_its_domain(results: Results, book: openpyxl.Workbook) -> None:
    limited = results.assessment.rated.query("limited_by == 'domain_floor'")
    found = results.assessment
    assert len(limited)
    rows = {row["机构编号"]: row["定级限制规则"] for row in table_of(book, "排名")}
    for index, institution in limited["id"].items():
        passed = found.scores.passed[index]
        weakest = "、".join(d.name.zh for d, p in zip(found.model.domains, passed, strict=True) if p == passed.min())
        assert rows[institution] == f"能力域下限：{weakest}"


def test_equal_totals_share_a_rank_and_stand_by_id(tmp_path: Path) -> None:
    results = make(6)
    found = results.assessment
    model = found.model
    cells = found.answers.copy()
    count = len(model.requirements)
    names = ["state", "answer", "scored_as", "score", "no_evidence"]
    for row in (2, 4):
        for name in names:
            cells.loc[row * count : row * count + count - 1, name] = cells.loc[: count - 1, name].to_numpy()
    equal = assess(cells, found.institutions, model)
    again = replace(results, assessment=equal, robustness=robustness(equal))
    rows = table_of(written(again, tmp_path / "ties.xlsx"), "排名")
    tied = [row for row in rows if row["机构编号"] in ("SME0001", "SME0003", "SME0005")]
    assert [row["机构编号"] for row in tied] == ["SME0001", "SME0003", "SME0005"]
    assert len({row["排名"] for row in tied}) == 1
    following = [row["排名"] for row in rows if row["排名"] > tied[0]["排名"]]
    assert not following or following[0] == tied[0]["排名"] + 3


def test_each_institution_has_a_card_and_links_to_it_and_to_its_report(
    results: Results, book: openpyxl.Workbook
) -> None:
    assert set(results.assessment.institutions["id"]) == set(book.sheetnames[len(SHEETS) :])
    sheet, links = book["排名"], links_of(results)
    ids = results.assessment.institutions["id"].tolist()
    for row in range(HEAD + 1, sheet.max_row + 1):
        institution = sheet.cell(row, 2).value
        assert sheet.cell(row, 3).hyperlink.location == f"'{institution}'!A1"
        outside = sheet.cell(row, sheet.max_column).hyperlink.target.replace("\\", "/")
        assert outside.replace("%20", " ") == links[ids.index(institution)]


def test_above_200_institutions_names_link_to_the_reports(
    results: Results, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ranking, "MOST_CARDS", 39)
    book = written(results, tmp_path / "many.xlsx")
    assert book.sheetnames == SHEETS
    target = book["排名"].cell(HEAD + 1, 3).hyperlink.target
    assert target.replace("\\", "/").startswith("institutions/SME")


def test_ids_that_are_no_sheet_names_still_get_cards(tmp_path: Path) -> None:
    results = make(4)
    table = results.assessment.institutions
    ids = ["a/b:c*" + "x" * 40, "a/b:c*" + "x" * 50, "it's", "排名"]
    found = replace(results.assessment, institutions=table.assign(id=ids, name=ids))
    ranks = found.ranks.assign(institution=found.ranks["institution"].map(dict(zip(table["id"], ids, strict=True))))
    found = replace(found, ranks=ranks)
    book = written(replace(results, assessment=found, robustness=robustness(found)), tmp_path / "odd.xlsx")
    assert sorted(book.sheetnames[len(SHEETS) :]) == sorted(
        ["a_b_c_" + "x" * 25, "a_b_c_" + "x" * 23 + "~2", "it's", "排名~2"]
    )
    sheet = book["排名"]
    places = {sheet.cell(row, 2).value: sheet.cell(row, 3).hyperlink.location for row in range(HEAD + 1, HEAD + 5)}
    assert places["it's"] == "'it''s'!A1"
    assert places["排名"] == "'排名~2'!A1"


def test_detail_sheets_show_missing_as_missing(results: Results, book: openpyxl.Workbook) -> None:
    found = results.assessment
    rows = {row["机构编号"]: row for row in table_of(book, "能力域得分")}
    items = {row["机构编号"]: row for row in table_of(book, "能力项得分")}
    assert len(rows) == len(found.institutions)
    for own in found.domains.itertuples():
        domain = found.model.domain(own.domain)
        shown = rows[own.institution]
        item = items[own.institution][f"{domain.items[0].code} {domain.items[0].name.zh}"]
        if own.score == own.score:
            assert shown[domain.name.zh] == pytest.approx(own.score, abs=1e-12)
            assert shown[f"{domain.name.zh} 通过等级"] == own.passed_levels
            assert item != "缺失"
        else:
            assert (shown[domain.name.zh], shown[f"{domain.name.zh} 通过等级"], item) == ("缺失",) * 3


def test_methods_are_compared_with_the_official_one(results: Results, book: openpyxl.Workbook) -> None:
    table = results.assessment.institutions.set_index("id")
    for row in table_of(book, "方法对比"):
        own = table.loc[row["机构编号"]]
        assert row["平均得分法 总分"] == pytest.approx(own["score_average"], abs=1e-12)
        assert row["平均得分法 排名变化"] == own["rank_staged"] - own["rank_average"]
        assert row["累进通过法 星级"] == ("★" * own["star_cumulative"] or "无星级")
        assert row["逐级达成法 （正式） 排名"] == own["rank"]


def test_the_not_rated_are_listed_apart_with_their_reason(results: Results, book: openpyxl.Workbook) -> None:
    table = results.assessment.institutions
    rows = table_of(book, "未评级")
    unrated = table[table["status"].eq("not_rated")]
    assert [row["机构编号"] for row in rows] == unrated["id"].tolist()
    assert {row["未评级原因"] for row in rows} == {"缺少能力域问卷"}
    assert not {row["机构编号"] for row in rows} & {row["机构编号"] for row in table_of(book, "排名")}
    nothing = next(row for row in rows if row["机构编号"] == "SME0008")
    assert nothing["缺少的能力域"].count("、") == 4
    assert nothing["服务策略能力 填答率"] == "缺失"


def test_overview_counts_are_those_of_the_statistics(results: Results, book: openpyxl.Workbook) -> None:
    shown = {row[0]: row[1:] for row in book["总览"].iter_rows(max_col=8, values_only=True) if row[0]}
    counts = statistics.star_counts(results.assessment).iloc[0]
    assert shown["机构总数"][0] == 40
    assert shown["已评级"][0] == counts["rated"]
    assert [shown[star][0] for star in ("★★★", "★", "无星级")] == [counts[f"star_{n}"] for n in (3, 1, 0)]
    means = statistics.domain_statistics(results.assessment)
    assert shown["总分"][1] == pytest.approx(means["mean"].iloc[-1], abs=1e-12)
    assert shown["服务绩效"][2] == pytest.approx(statistics.performing_well(results.assessment)["share"][2])
    assert shown["错误"][0] == len(results.findings)


def test_about_says_the_models_own_thresholds(results: Results, book: openpyxl.Workbook) -> None:
    said = "\n".join(str(cell) for row in book["说明"].iter_rows(values_only=True) for cell in row)
    model = results.assessment.model
    for part in (model.hash, model.notice.zh, "80%", "90%", "20%", "70%", "四星级 ≥3.8", "1、2、2、4"):
        assert part in said
    assert "{" not in said
    rules = {row[0]: row[1] for row in book["说明"].iter_rows(max_col=2, values_only=True)}
    assert all("一票否决" in rules[method] for method in ("平均得分法", "累进通过法"))


def test_findings_and_files_are_listed_one_a_row(results: Results, book: openpyxl.Workbook) -> None:
    findings = table_of(book, "校验问题")
    assert [(row["代码"], row["机构编号"], row["要求编号"], row["单元格"]) for row in findings] == [
        (f.code, f.institution, f.requirement, f.cell) for f in results.findings
    ]
    files = table_of(book, "文件清单")
    assert [row["文件"] for row in files] == results.files["path"].tolist()
    assert {row["状态"] for row in files} == {"已计入"}


def test_too_many_findings_end_in_a_note(results: Results, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ranking_sheets, "MOST_FINDINGS", 3)
    rows = list(written(results, tmp_path / "cut.xlsx")["校验问题"].iter_rows(min_row=HEAD + 1, values_only=True))
    assert len(rows) == 4
    assert rows[3][0] == f"仅列出前3条，共{len(results.findings)}条；完整清单见results.db。"


@pytest.mark.parametrize("method", ["average", "cumulative"])
def test_a_model_with_another_official_method_can_be_written(method: str, tmp_path: Path) -> None:
    model = load_model()
    rules = model.rules.model_copy(update={"method": method, "verified_above": 3})
    results = make(12, model=model.model_copy(update={"rules": rules}))
    book = written(results, tmp_path / "ranking.xlsx")
    rows = table_of(book, "排名")
    expected = results.assessment.rated.sort_values(["rank", "id"])
    assert [row["总分"] for row in rows] == [pytest.approx(x, abs=1e-12) for x in expected[f"score_{method}"]]
    assert max(row["星级数"] for row in rows) <= 3


def test_with_nobody_rated_the_workbook_says_so(tmp_path: Path) -> None:
    model = load_model()
    rules = model.rules.model_copy(update={"min_coverage": 1.0, "max_na_share": 0.0})
    results = make(3, model=model.model_copy(update={"rules": rules}))
    assert results.assessment.rated.empty
    book = written(results, tmp_path / "none.xlsx")
    assert book["排名"].cell(HEAD + 1, 1).value == "没有已评级的机构。"
    assert len(table_of(book, "未评级")) == 3


def test_the_same_results_give_the_same_bytes(results: Results, tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_ranking(tmp_path / name, results, "zh", links_of(results))
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    with zipfile.ZipFile(tmp_path / "a") as parts:
        assert b"2023-12-01" in parts.read("docProps/core.xml")


@pytest.mark.parametrize("lang", LANGS)
def test_the_rule_that_limited_a_star_is_seen_whole(
    lang: Lang, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where no star may be above the fewest levels passed, several domains often limit it together."""
    monkeypatch.setattr(ranking, "MOST_CARDS", 0)
    results = make(30, model=small.with_rules(load_model(), domain_floor=0))
    sheet = written(results, tmp_path / "ranking.xlsx", lang)[say("report.sheet.ranking", lang)]
    assert sheet[f"{LIMITED}{HEAD}"].value == say("report.column.limited_by", lang)
    room, longest = sheet.column_dimensions[LIMITED].width, 0
    for (cell,) in sheet[f"{LIMITED}{HEAD + 1}:{LIMITED}{sheet.max_row}"]:
        longest = max(longest, lines_needed(cell.value, room, lang))
        assert cell.alignment.wrap_text
        if lines_needed(cell.value, room, lang) > 1:
            assert sheet.row_dimensions[cell.row].height > row_height([(cell.value, room)], lang) - 1  # whole pixels
    assert longest > 1
