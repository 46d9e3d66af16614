"""The regulator's workbook: the numbers in its cells, its empty cases, and that it is the same every time."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from openpyxl import load_workbook
from openpyxl.workbook import Workbook

from evaluator.assessment import statistics
from evaluator.assessment.results import assess
from evaluator.model.records import Model
from evaluator.reports.record import Results
from evaluator.reports.regulator import SHEETS, TERMS, definitions, write_regulator
from evaluator.reports.regulator_groups import GROUPS, MOST_CHARTED, Group
from evaluator.wording import LANGS, Lang, catalogue, say
from tests.builders import make

pytestmark = pytest.mark.filterwarnings("ignore:.*extension is not supported:UserWarning")  # openpyxl, of data bars

HEAD = 4
"""Index of the header row of a sheet that is one table."""
COUNTS = slice(1, 10)


@pytest.fixture(scope="module")
def results() -> Results:
    return make(40)


def changed(results: Results, change: Callable[[pd.DataFrame], pd.DataFrame]) -> Results:
    old = results.assessment
    return replace(results, assessment=assess(old.answers, change(old.institutions), old.model))


def unrated(institutions: int) -> Results:
    results = make(institutions)
    gone = results.assessment.answers.assign(state="missing", score=float("nan"))
    return replace(results, assessment=assess(gone, results.assessment.institutions, results.assessment.model))


def nobody() -> Results:
    results = make(1)
    old = results.assessment
    return replace(results, assessment=assess(old.answers.iloc[:0], old.institutions.iloc[:0], old.model))


def written(results: Results, folder: Path, lang: Lang = "zh", *, values: bool = True) -> Workbook:
    target = folder / f"regulator_{lang}.xlsx"
    write_regulator(target, results, lang)
    return load_workbook(BytesIO(target.read_bytes()), data_only=values)


def rows(book: Workbook, key: str, lang: Lang = "zh") -> list[tuple[Any, ...]]:
    return list(book[say(f"regulator.sheet.{key}", lang)].iter_rows(values_only=True))


def table(book: Workbook, key: str, lang: Lang = "zh") -> list[tuple[Any, ...]]:
    """Give the rows under the header of a sheet that is one table, down to the first empty one."""
    found: list[tuple[Any, ...]] = []
    for row in rows(book, key, lang)[HEAD + 1 :]:
        if row[0] is None:
            break
        found.append(row)
    return found


def figures(book: Workbook, lang: Lang = "zh") -> dict[str, tuple[Any, ...]]:
    """Give the Summary sheet's figures by their label."""
    return {str(row[0]).strip(): row[1:4] for row in rows(book, "summary", lang) if isinstance(row[1], int)}


def charts(path: Path) -> list[str]:
    with zipfile.ZipFile(path) as parts:
        return [name for name in parts.namelist() if name.startswith("xl/charts/chart")]


@pytest.mark.parametrize("lang", LANGS)
def test_sheets_stand_in_order_in_the_language_of_the_run(results: Results, tmp_path: Path, lang: Lang) -> None:
    book = written(results, tmp_path, lang)
    assert book.sheetnames == [say(f"regulator.sheet.{key}", lang) for key in ("about", *SHEETS)]


@pytest.mark.parametrize("lang", LANGS)
def test_every_sheet_names_the_model_and_its_notice(results: Results, tmp_path: Path, lang: Lang) -> None:
    model = results.assessment.model
    for sheet in written(results, tmp_path, lang).worksheets:
        line, notice = sheet["A2"].value, sheet["A3"].value
        assert model.name.say(lang) in line
        assert model.id in line
        assert model.edition in line
        assert model.hash[:8] in line
        assert notice == model.notice.say(lang)


@pytest.mark.parametrize("by", GROUPS)
def test_groups_add_up_to_the_closing_row(results: Results, tmp_path: Path, by: Group) -> None:
    *groups, total = table(written(results, tmp_path), by)
    assert total[COUNTS] == tuple(sum(column) for column in zip(*(group[COUNTS] for group in groups), strict=True))
    everyone = statistics.star_counts(results.assessment).iloc[0]
    assert total[1:4] == (40, everyone["rated"], everyone["not_rated"])
    for group in [*groups, total]:
        assert sum(group[4:10]) == group[2]
        assert group[2] + group[3] == group[1]
        assert group[11] == pytest.approx(sum(group[7:10]) / group[2])


@pytest.mark.parametrize("by", GROUPS)
def test_the_closing_row_sums_by_formula_over_all_groups(results: Results, tmp_path: Path, by: Group) -> None:
    *groups, total = table(written(results, tmp_path, values=False), by)
    first, last = HEAD + 2, HEAD + 1 + len(groups)
    assert total[COUNTS] == tuple(f"=SUM({letter}{first}:{letter}{last})" for letter in "BCDEFGHIJ")


def test_group_means_are_unrounded_and_over_rated_institutions(results: Results, tmp_path: Path) -> None:
    institutions = results.assessment.institutions
    found = {row[0]: row for row in table(written(results, tmp_path), "province")}
    for province, part in institutions.groupby("province"):
        assert found[province][10] == pytest.approx(part["score"].dropna().mean(), abs=1e-12)
    assert found["合计"][10] == pytest.approx(institutions["score"].dropna().mean(), abs=1e-12)


def test_provinces_stand_in_the_official_order_and_the_unknown_last(results: Results, tmp_path: Path) -> None:
    provinces = ["西藏自治区", "", "某地", "北京市"]
    odd = changed(results, lambda t: t.assign(province=[provinces[n % 4] for n in range(len(t))]))
    names = [row[0] for row in table(written(odd, tmp_path), "province")]
    assert names == ["北京市", "西藏自治区", "某地", "未填写", "合计"]
    names = [row[0] for row in table(written(odd, tmp_path, "en"), "province", "en")]
    assert names == ["北京市", "西藏自治区", "某地", "Not stated", "All"]


def test_categories_stand_in_the_models_order_and_language(results: Results, tmp_path: Path) -> None:
    model = results.assessment.model
    names = [row[0] for row in table(written(results, tmp_path, "en"), "category", "en")]
    assert names == [*(category.en for category in model.categories), "All"]
    names = [row[0] for row in table(written(results, tmp_path), "type")]
    assert names == [*(kind.zh for kind in model.types), "合计"]


def test_summary_gives_returns_ratings_and_stars_with_their_n(results: Results, tmp_path: Path) -> None:
    found = figures(written(results, tmp_path))
    counts = statistics.returns(results.assessment).set_index("figure")["count"]
    rated, everyone = counts["rated"], counts["institutions"]
    assert found["名录内机构"] == (40, 1.0, 40)
    assert found["完整提交（5个能力域齐全）"] == (counts["complete"], pytest.approx(counts["complete"] / 40), 40)
    assert found["没有计入的问卷"][0] == counts["none"]
    assert found["其中：缺少能力域问卷"] == (
        counts["not_rated_missing_domain"], pytest.approx(counts["not_rated_missing_domain"] / everyone), everyone,
    )  # fmt: skip
    stars = results.assessment.rated["star"]
    for star, label in enumerate(("无星级", "★", "★★", "★★★", "★★★★", "★★★★★")):
        count = int(stars.eq(star).sum())
        assert found[label] == (count, pytest.approx(count / rated), rated)
    assert found["其中：三星级及以上"][0] == int(stars.ge(3).sum())


def test_without_a_roster_the_summary_says_so(results: Results, tmp_path: Path) -> None:
    told = say("regulator.summary.no_roster", "zh")
    with_roster = [row[0] for row in rows(written(results, tmp_path), "summary")]
    without = [row[0] for row in rows(written(replace(results, has_roster=False), tmp_path), "summary")]
    assert told in without
    assert told not in with_roster
    assert "名录内机构" not in without


def test_domains_hold_the_quartiles_and_their_distance(results: Results, tmp_path: Path) -> None:
    found = table(written(results, tmp_path), "domains")
    assert [row[0] for row in found] == [*(d.name.zh for d in results.assessment.model.domains), "总分"]
    totals = results.assessment.rated["score"]
    last = found[-1]
    assert last[1] == len(totals)
    wanted = [totals.mean(), totals.min(), *totals.quantile([0.25, 0.5, 0.75]), totals.max()]
    assert last[2:8] == pytest.approx(wanted, abs=1e-12)
    assert last[8] == pytest.approx(last[6] - last[4])


def test_dimensions_show_threshold_and_n_beside_the_share(results: Results, tmp_path: Path) -> None:
    found = table(written(results, tmp_path), "dimensions")
    assert [row[0] for row in found] == ["服务资源", "服务过程", "服务绩效"]
    scores = results.assessment.dimensions.dropna(subset=["score"])
    for row, dimension in zip(found, ("resource", "process", "performance"), strict=True):
        part = scores[scores["dimension"].eq(dimension)]
        well = int(part["score"].ge(0.7 - 5e-10).sum())
        assert row[1:5] == (len(part), 0.7, well, pytest.approx(well / len(part)))


def test_items_stand_lowest_first_with_all_items(results: Results, tmp_path: Path) -> None:
    found = table(written(results, tmp_path), "items")
    means = [row[4] for row in found]
    assert means == sorted(means)
    assert {row[0] for row in found} == {item.code for item in results.assessment.model.items}
    scores = results.assessment.items
    rated = scores[scores["institution"].isin(results.assessment.rated["id"]) & scores["item"].eq(found[0][0])]
    assert means[0] == pytest.approx(rated["score"].mean())


def test_there_is_a_chart_on_each_sheet_of_figures(results: Results, tmp_path: Path) -> None:
    book = written(results, tmp_path)
    assert [len(sheet._charts) for sheet in book.worksheets] == [0, 1, 1, 1, 1, 1, 1, 1]


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("empty", [unrated(3), nobody()], ids=["nobody rated", "no institution"])
def test_without_a_rated_institution_there_are_tables_and_no_charts(empty: Results, tmp_path: Path, lang: Lang) -> None:
    book = written(empty, tmp_path, lang)
    assert charts(tmp_path / f"regulator_{lang}.xlsx") == []
    for key in SHEETS:
        assert say("regulator.no_chart", lang) in [row[0] for row in rows(book, key, lang)]
    count = len(empty.assessment.institutions)
    total = table(book, "province", lang)[-1]
    assert total[1:5] == (count, 0, count, 0)
    assert total[10:] == (None, None)
    assert [row[1:] for row in table(book, "domains", lang)] == [(0, *[None] * 7)] * 6


def test_a_single_institution_gives_a_whole_workbook(tmp_path: Path) -> None:
    book = written(make(1), tmp_path)
    assert len(charts(tmp_path / "regulator_zh.xlsx")) == len(SHEETS)
    assert table(book, "province")[-1][1:4] == (1, 1, 0)
    assert {row[8] for row in table(book, "domains")} == {0}


def test_too_many_groups_are_listed_but_not_drawn(tmp_path: Path) -> None:
    many = changed(make(MOST_CHARTED + 1), lambda t: t.assign(province=[f"第{n:02d}地" for n in range(len(t))]))
    book = written(many, tmp_path)
    assert len(table(book, "province")) == MOST_CHARTED + 2
    assert not book["按省份"]._charts
    assert book["按机构类型"]._charts


def test_group_names_are_texts_whatever_they_look_like(results: Results, tmp_path: Path) -> None:
    odd = changed(results, lambda t: t.assign(type='=HYPERLINK("http://x","y")'))
    cell = written(odd, tmp_path, values=False)["按机构类型"].cell(HEAD + 2, 1)
    assert (cell.value, cell.data_type) == ('=HYPERLINK("http://x","y")', "s")


def test_equal_results_give_equal_bytes(results: Results, tmp_path: Path) -> None:
    for name in ("a.xlsx", "b.xlsx"):
        write_regulator(tmp_path / name, results, "zh")
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


@pytest.mark.parametrize("lang", LANGS)
def test_definitions_follow_the_models_rules(results: Results, lang: Lang) -> None:
    model = results.assessment.model
    rules = {"performing_well": 0.65, "min_coverage": 0.85, "bands": (0.5, 1.5, 2.5, 3.5, 4.5), "method": "average"}
    other = model.model_copy(update={"rules": model.rules.model_copy(update=rules)})
    told = dict(definitions(other, lang))
    assert len(told) == len(TERMS)
    assert "65%" in told[say("regulator.term.dimension", lang)]
    assert "85%" in told[say("regulator.term.rated", lang)]
    assert "4.5" in told[say("regulator.term.star", lang)]
    assert say("regulator.method.average", lang) in told[say("regulator.term.score", lang)]
    assert "QUARTILE.INC" in told[say("regulator.term.quartiles", lang)]


def test_the_cumulative_method_speaks_of_levels_not_of_bands(results: Results) -> None:
    model: Model = results.assessment.model
    other = model.model_copy(update={"rules": model.rules.model_copy(update={"method": "cumulative"})})
    assert "0.8" not in dict(definitions(other, "zh"))["星级"]


def test_every_text_has_both_languages_and_the_same_placeholders() -> None:
    def walk(node: dict[str, Any]) -> list[dict[str, str]]:
        return [node] if set(node) == {"zh", "en"} else [entry for child in node.values() for entry in walk(child)]

    for entry in walk(dict(catalogue("regulator"))):
        names = [{part.split("}")[0] for part in entry[lang].split("{")[1:]} for lang in LANGS]
        assert names[0] == names[1], entry
