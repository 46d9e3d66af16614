"""The sheet on robustness and what else says how much is the weights: figures are the computation's own."""

from __future__ import annotations

import re
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from evaluator.assessment.robustness import RobustRanks, robustness
from evaluator.fastbook import sheets
from evaluator.measure import lines_needed, text_units
from evaluator.model.files import load_model
from evaluator.model.records import Robustness
from evaluator.reports import ranking
from evaluator.reports.look import HEADING_WIDTH, ReportBook
from evaluator.reports.ranking import write_ranking
from evaluator.reports.ranking_robustness import write_robustness
from evaluator.reports.record import Results
from evaluator.reports.robustness_charts import step_of
from evaluator.wording import say
from tests import small
from tests.builders import make

Rows = list[dict[str, Any]]


def table_of(book: openpyxl.Workbook, name: str, first: str = "排名") -> Rows:
    """Read the table of a sheet, below the row that begins with `first`."""
    lines = list(book[name].iter_rows(values_only=True))
    head = next(n for n, line in enumerate(lines) if line[0] == first)
    heads = [str(words).replace("\n", "") if words else f"column {n}" for n, words in enumerate(lines[head])]
    return [dict(zip(heads, line, strict=True)) for line in lines[head + 1 :] if isinstance(line[0], int)]


def written(results: Results, folder: Path, lang: Any = "zh") -> openpyxl.Workbook:
    write_ranking(folder / "ranking.xlsx", results, lang, [""] * len(results.assessment.institutions))
    return openpyxl.load_workbook(folder / "ranking.xlsx")


@pytest.fixture(scope="module")
def results() -> Results:
    return make(55, seed=4)


@pytest.fixture(scope="module")
def drawn(results: Results) -> RobustRanks:
    assert results.robustness is not None
    return results.robustness


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("robust")


@pytest.fixture(scope="module")
def book(results: Results, place: Path) -> openpyxl.Workbook:
    return written(results, place)


def test_each_rated_institution_has_its_figures_in_rank_order(drawn: RobustRanks, book: openpyxl.Workbook) -> None:
    rows = table_of(book, "稳健性")
    expected = drawn.institutions.sort_values("rank", kind="stable")
    names = {
        "排名": "rank",
        "5%排名": "rank_p5",
        "中位排名": "rank_median",
        "95%排名": "rank_p95",
        "组别": "group_number",
    }
    names |= {"机构编号": "institution", "星级稳健度": "star_share", "无星级占比": "star_0", "★★★占比": "star_3"}
    for head, column in names.items():
        assert [row[head] for row in rows] == expected[column].tolist()
    assert [row["总分高于下一名的占比"] for row in rows[:-1]] == expected["beats_next"].tolist()[:-1]
    assert rows[-1]["总分高于下一名的占比"] is None


def test_ranks_with_a_domain_left_out_stand_beside_their_change(drawn: RobustRanks, book: openpyxl.Workbook) -> None:
    sheet = book["稳健性"]
    head = next(row for row in sheet.iter_rows() if row[0].value == "排名")
    at = next(cell.column for cell in head if cell.value == "去掉\n服务运营能力")
    own = drawn.domains[drawn.domains["left_out"].eq("SO")].set_index("institution")["rank"]
    count = 0
    for row in sheet.iter_rows(min_row=head[0].row + 1, values_only=True):
        if isinstance(row[0], int):
            count += 1
            assert row[at - 1] == own[row[1]]
            assert row[at] == row[0] - own[row[1]]
    assert count == len(own)
    assert head[at].value == "变化"


def test_what_was_drawn_and_how_to_read_it_is_said(book: openpyxl.Workbook, results: Results) -> None:
    lines = [str(row[0]) for row in book["稳健性"].iter_rows(min_row=4, max_row=8, values_only=True)]
    assert lines.pop() == "排名"
    assert all(lines_needed(words, HEADING_WIDTH * 1.1) == 1 for words in lines)
    said = "".join(lines)
    for part in ("1,000次", "±25%", "随机种子1", "95%的抽样", f"已评级{len(results.assessment.rated)}家", "逐级达成法"):
        assert part in said


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_group_says_no_more_than_it_is_and_neighbours_are_told_by_their_own_column(
    lang: Any, results: Results, drawn: RobustRanks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Members are not clearly below the group's first; neighbours may be apart within it, and not across a border."""
    listed = drawn.institutions.sort_values("rank", kind="stable")
    apart, inside = listed["beats_next"].iloc[:-1].ge(0.95), listed["group_number"].diff().iloc[1:].eq(0).to_numpy()
    assert (apart & inside).any()
    assert (~apart & ~inside).any()
    monkeypatch.setattr(ranking, "MOST_CARDS", 0)
    book = written(results, tmp_path, lang)
    sheet, about = (book[say(f"report.sheet.{key}", lang)] for key in ("robustness", "about"))
    column = say("robustness.column.beats_next", lang).replace("\n", "" if lang == "zh" else " ")
    first = {"zh": "同组仅指与本组首位难分先后", "en": "means only: not clearly below its first"}[lang]
    for words in (
        "".join(str(row[0]) for row in sheet.iter_rows(min_row=4, max_row=7, values_only=True)),
        "".join(str(row[1]) for row in about.iter_rows(max_col=2, values_only=True)),
    ):
        assert f"“{column}”" in words
        assert first in words
    assert say("robustness.column.beats_next", lang) in {cell.value for cell in sheet[8]}


def test_the_table_with_bars_has_no_filter_by_which_it_could_be_sorted_away_from_them(book: openpyxl.Workbook) -> None:
    assert book["稳健性"].auto_filter.ref is None
    assert book["方法对比"].auto_filter.ref


def test_bars_are_as_long_as_the_intervals(book: openpyxl.Workbook, place: Path) -> None:
    rows = table_of(book, "稳健性")
    for row in rows:
        start, dark, light = list(row.values())[-3:]
        assert start == row["5%排名"] - 0.5
        assert start + dark == row["中位排名"]
        assert start + dark + light == row["95%排名"] + 0.5
    charts = charts_of(place / "ranking.xlsx", "稳健性")
    assert all("<c:barChart>" in chart for chart in charts)
    assert sorted(len(re.findall("<c:pt ", chart)) // 2 // 3 for chart in charts) == sorted([40, len(rows) - 40])


def charts_of(path: Path, sheet: str) -> list[str]:
    """Give the charts that take their figures from a sheet."""
    with zipfile.ZipFile(path) as parts:
        charts = [parts.read(name).decode() for name in parts.namelist() if name.startswith("xl/charts/chart")]
    return [chart for chart in charts if f"<c:f>{sheet}!" in chart or f"<c:f>'{sheet}'!" in chart]


def test_beside_the_star_stands_in_what_share_of_the_weightings_it_holds(
    drawn: RobustRanks, book: openpyxl.Workbook
) -> None:
    own = drawn.institutions.set_index("institution")["star_share"]
    rows = table_of(book, "排名")
    assert {row["机构编号"]: row["星级稳健度"] for row in rows} == own.to_dict()
    heads = list(rows[0])
    assert heads[heads.index("星级") + 1] == "星级稳健度"


def test_the_card_says_it_in_words(drawn: RobustRanks, results: Results, book: openpyxl.Workbook) -> None:
    model, stars = results.assessment.model, results.assessment.institutions.set_index("id")["star"]
    for own in drawn.institutions.itertuples():
        shown = {row[0]: row[1] for row in book[own.institution].iter_rows(max_col=2, values_only=True)}
        star = model.levels[stars[own.institution] - 1].name.zh if stars[own.institution] else "无星级"
        # of 1,000 draws: exact with one decimal
        held = f"每次均为{star}" if own.star_share == 1 else f"其中{own.star_share:.1%}仍为{star}"
        ranks = f"约九成抽样的排名在第{own.rank_p5}名至第{own.rank_p95}名之间，中位第{own.rank_median}名"
        if own.rank_p5 == own.rank_p95:
            ranks = f"九成以上抽样的排名为第{own.rank_p5}名"
        expected = f"权重在±25%以内随机变化1,000次：{held}；{ranks}（公布排名第{own.rank}名）。"
        assert shown["稳健性"] == expected
    unrated = results.assessment.institutions.query("status == 'not_rated'")["id"].iloc[0]
    shown = {row[0]: row[1] for row in book[unrated].iter_rows(max_col=2, values_only=True)}
    assert shown["稳健性"] == "未评级，不参与排名，因此不检验星级和排名的稳健性。"


def test_methods_say_who_changes_and_how(results: Results, book: openpyxl.Workbook) -> None:
    table = results.assessment.rated.set_index("id")
    changed = {"average": [0, 0], "cumulative": [0, 0]}
    for row in table_of(book, "方法对比"):
        own, parts = table.loc[row["机构编号"]], []
        for method, name in (("average", "平均得分法"), ("cumulative", "累进通过法")):
            star = own[f"star_{method}"]
            if star != own["star"]:
                changed[method][int(star < own["star"])] += 1
                parts.append(f"{name}{'↑' if star > own['star'] else '↓'}{'★' * star or '无星级'}")
        assert (row["星级变化"] or "") == "、".join(parts)
    most = (table["rank_average"] - table["rank"]).abs().max()
    up, down = changed["average"]
    assert up
    assert sum(changed["cumulative"])
    said = [row[0] for row in book["方法对比"].iter_rows(min_row=4, max_row=6, values_only=True)]
    expected = f"{len(table)}家已评级机构中，{up + down}家星级不同（升{up}家，降{down}家）；排名最多变化{most}位。"
    assert said[0] == f"平均得分法与正式方法相比：{expected}"
    assert said[1].startswith("累进通过法与正式方法相比：")
    assert said[1].endswith("；排名均无变化。")  # totals are those of the official method
    assert said[2].startswith("无论哪种方法，一票否决照常适用")


@pytest.mark.parametrize(
    ("above", "words"),
    [
        (3, "不超过该上限。各方法下，高于三星级的均须经评审员评审。"),
        (0, "不超过该上限。各方法下，各星级均须经评审员评审。"),
        (5, "不超过该上限。"),  # no star is higher
        (None, "不超过该上限。"),
    ],
)
def test_where_stars_need_an_assessor_all_methods_say_so(above: int | None, words: str, tmp_path: Path) -> None:
    results = make(5, model=small.with_rules(load_model(), verified_above=above))
    sheets = written(results, tmp_path)
    assert sheets["方法对比"]["A6"].value.endswith(words)


def test_changes_of_rank_are_numbers_with_an_arrow_up_for_a_better_place(book: openpyxl.Workbook) -> None:
    arrows = {(sheet, words): [] for sheet, words in (("方法对比", "排名变化"), ("稳健性", "变化"))}
    for (sheet, words), found in arrows.items():
        head = next(row for row in book[sheet].iter_rows() if row[0].value == "排名")
        columns = [cell.column for cell in head if str(cell.value).rpartition("\n")[2] == words]
        for column in columns:
            cells = [book[sheet].cell(row, column) for row in range(head[0].row + 1, head[0].row + 6)]
            found += [(cell.number_format, cell.data_type) for cell in cells]
        assert set(found) == {('"↑"#,##0;"↓"#,##0;"—"', "n")}
    assert "↑前移，↓后移，—不变" in book["方法对比"]["A1"].value
    assert "↑前移，↓后移" in book["稳健性"]["A5"].value


def test_the_charts_own_columns_are_not_printed_and_names_are_whole(book: openpyxl.Workbook) -> None:
    sheet = book["稳健性"]
    head = next(row for row in sheet.iter_rows() if row[0].value == "排名")
    last = max(cell.column for cell in head if cell.value)
    assert sheet.print_area == f"'稳健性'!$A$1:$AA${sheet.max_row}"
    assert last == 27
    longest = max(text_units(str(row[2].value)) for row in sheet.iter_rows(min_row=head[0].row + 1))
    assert longest < sheet.column_dimensions["C"].width
    assert sheet.cell(head[0].row + 1, 3).alignment.shrinkToFit


@pytest.mark.parametrize(("count", "charts"), [(1, 1), (3, 1), (60, 2), (130, 4)])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_few_and_many_institutions_can_be_written(
    count: int, charts: int, lang: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ranking, "MOST_CARDS", 0)
    results = make(count)
    book = written(results, tmp_path, lang)
    name = {"zh": "稳健性", "en": "Robustness"}[lang]
    rows = table_of(book, name, {"zh": "排名", "en": "Rank"}[lang])
    assert len(rows) == len(results.assessment.rated)
    assert len(charts_of(tmp_path / "ranking.xlsx", name)) == charts


def test_ties_and_a_single_domain_can_be_written(tmp_path: Path) -> None:
    results = make(4)
    model = small.with_rules(results.assessment.model.model_copy(update={"domains": load_model().domains[:1]}))
    asked = len(model.requirements)
    found = small.assessed(model, {f"I{n}": ["full"] * asked for n in range(3)})
    same = replace(results, assessment=found, robustness=robustness(found), texts=results.texts[:3], findings=())
    with ReportBook(tmp_path / "one.xlsx", "zh", "x") as book:
        write_robustness(book, same, "zh", (0, 1, 2))
    rows = table_of(openpyxl.load_workbook(tmp_path / "one.xlsx"), "稳健性")
    assert [(row["排名"], row["组别"], row["5%排名"], row["95%排名"]) for row in rows] == [(1, 1, 1, 1)] * 3
    assert not [head for head in rows[0] if head.startswith("去掉")]


def test_a_long_table_has_bars_for_its_first_rows_and_the_band_for_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = 450
    monkeypatch.setattr(sheets, "KEPT_ROWS", 64)  # fewer: the other rows can't be read back while it is written
    model = small.model(*(small.domain(code, 0.5, small.item(f"{code}1", 1.0)) for code in ("AA", "BB")))
    answers = {f"I{n:04d}": [("full", "large", "partial")[n // 3**k % 3] for k in range(10)] for n in range(count)}
    found = small.assessed(model, answers)
    same = replace(make(1), assessment=found, robustness=robustness(found))
    with ReportBook(tmp_path / "long.xlsx", "zh", "x") as book:
        write_robustness(book, same, "zh", ranking.order_of(same).rated)
    charts = charts_of(tmp_path / "long.xlsx", "稳健性")
    assert sorted(chart.count("<c:pt ") for chart in charts) == [2 * 3 * 40] * 10 + [2 * 3 * count]
    (band,) = [chart for chart in charts if "<c:areaChart>" in chart]
    assert re.findall('<c:(m..) val="([0-9.]+)"/>', band.partition("<c:valAx>")[2])[:2] == [
        ("max", "450"),
        ("min", "1"),
    ]
    assert "公布的排名" in band
    assert "抽样的排名" in band
    sheet = openpyxl.load_workbook(tmp_path / "long.xlsx")["稳健性"]
    below = sheet.max_row + 2
    printed = [f"'稳健性'!$A${first}:$U${last}" for first, last in ((1, below - 12), (below - 11, below + 30))]
    assert sheet.print_area == ",".join(printed)  # the last ten rows of the table, and the whole chart, are on a page
    assert sheet.cell(8, 1).hyperlink.location == f"'稳健性'!$A${below}"
    assert "仅绘制前400家" in sheet.cell(7, 1).value


def test_lines_of_a_chart_stand_at_round_ranks() -> None:
    assert [step_of(count) for count in (1, 10, 11, 21, 55, 110, 256, 9_999)] == [1, 1, 2, 2, 10, 20, 50, 1000]


def test_without_draws_the_sheet_says_so_and_nothing_else_speaks_of_them(tmp_path: Path) -> None:
    model = small.with_rules(load_model(), robustness=Robustness(draws=0))
    results = make(5, model=model)
    assert results.robustness is None
    book = written(results, tmp_path)
    assert "draws = 0" in book["稳健性"]["A4"].value
    assert (book["稳健性"].max_row, book["稳健性"].max_column) == (4, 1)  # no header over nothing
    assert {row["星级稳健度"] for row in table_of(book, "排名")} == {None}
    card = book[results.assessment.rated["id"].iloc[0]]
    assert "稳健性" not in {row[0] for row in card.iter_rows(max_col=1, values_only=True)}
    assert "本次未计算。" in {row[1] for row in book["说明"].iter_rows(max_col=2, values_only=True)}


def test_with_nobody_rated_the_sheet_says_so(tmp_path: Path) -> None:
    results = make(3, model=small.with_rules(load_model(), min_coverage=1.0, max_na_share=0.0))
    assert results.robustness is None
    assert written(results, tmp_path)["稳健性"]["A4"].value == "未计算稳健性：没有已评级的机构。"
