"""The workbook of a trial: what stands on its sheets, for none, one and several institutions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from evaluator.assessment.trial import Trial, try_model
from evaluator.model.records import Bilingual, Model, Robustness
from evaluator.reports.whatif.summary import as_json, summary
from evaluator.reports.whatif.workbook import SHEETS, write_whatif
from evaluator.wording import LANGS, Lang, say
from tests import small
from tests.small import domain, item, requirement

ANSWERS = {
    "I1": ["full", "full", "full", "partial", "none"],
    "I2": ["full", "large-", "full", "none", "none"],
    "I3": ["full", "full", "na", "none", "none"],
    "I4": ["full", "full", "full", "full", "full"],
    "I5": ["full", "none", "none", "none", "none"],
    "I6": ["missing"] * 5,
}


def one_item(na: bool = True, text: str | Bilingual = "", **rules: Any) -> Model:
    changed = {"text": small.words(text) if isinstance(text, str) else text} if text else {}
    asked = (requirement(f"AA1-{n}", na_allowed=na and n == 3, **(changed if n == 1 else {})) for n in (1, 2, 3, 4, 5))
    return small.model(domain("AA", 1.0, item("AA1", 1.0, *asked)), **rules)


def trial(model: Model, answers: Mapping[str, Sequence[str]] = ANSWERS) -> Trial:
    names = {one: "=1+1" if one == "I1" else f"{one}中心" for one in answers}
    old = small.assessed(one_item(), answers, name=names)
    return try_model(old, small.wrote(old, answers), model)


TWO = {
    "I1": ["full", "full", "full", "partial", "none", "full", "full", "full", "full", "none"],
    "I2": ["full", "full", "full", "full", "none", "full", "full", "partial", "none", "none"],
}


def two_domains(first: float, **rules: Any) -> Model:
    parts = (domain(code, w, item(f"{code}1", 1.0)) for code, w in (("AA", first), ("BB", 1 - first)))
    return small.model(*parts, **rules)


REVISED = one_item(na=False, text="changed", pass_mark=0.5)


def written(found: Trial, lang: Lang = "zh") -> Workbook:
    stream = BytesIO()
    write_whatif(stream, found, lang)
    return load_workbook(stream)


def cells(page: Worksheet) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in page.iter_rows(values_only=True)]


def row(page: Worksheet, first: str) -> tuple[Any, ...]:
    (found,) = [one for one in cells(page) if one[0] == first]
    return found


@pytest.mark.parametrize("lang", LANGS)
def test_every_sheet_says_that_it_is_a_trial_and_which_models_it_compares(lang: Lang) -> None:
    book = written(trial(REVISED), lang)
    assert book.sheetnames == [say(f"whatif.sheet.{key}", lang) for key in SHEETS]
    for page in book:
        assert page["A2"].value.endswith(f"{REVISED.hash[:8]}{'）' if lang == 'zh' else ')'}")
        assert page["A3"].value == REVISED.notice.say(lang)
        assert page["A4"].value.startswith(
            "试算结果，不是正式评价结果" if lang == "zh" else "A trial, not an official result"
        )
        assert one_item().hash[:8] in page["A4"].value


def test_who_crosses_a_star_stands_first_with_the_figures_of_both() -> None:
    """I3 is no longer rated, I2 gains two stars, I1 one; I5 moves up a rank and I4 does not; I6 has none either way."""
    page = written(trial(REVISED))["变化"]
    table = [one for one in cells(page) if str(one[0]).startswith("I")]
    assert [one[0] for one in table] == ["I3", "I2", "I1", "I5", "I4", "I6"]
    assert [one[4] for one in table] == ["转为未评级", "升星", "升星", "星级不变", "星级不变", "均未评级"]
    assert table[0][5:14] == ("★★", "未评级", None, 2, None, None, 3, None, None)
    assert table[1][5:14] == ("★", "★★★", 2, 1.5, 3, 1.5, 4, 3, 1)
    assert page.auto_filter.ref == "A5:P11"
    assert page["B8"].value == "=1+1"
    assert page["B8"].data_type == "s"


def test_the_overview_counts_and_tells_the_cause() -> None:
    page = written(trial(REVISED))["总览"]
    assert row(page, "升星")[1] == 2
    assert row(page, "由评级转为未评级")[1] == 1
    lines = {str(one[0]).partition("\n")[0]: one[1:9] for one in cells(page) if one[0]}
    assert lines["等级通过线"][:4] == (2, 0, 0, 0)
    assert lines["不适用的许可"][:4] == (0, 0, 0, 1)
    assert lines["全部改动"][:4] == (2, 0, 0, 1)
    heads = next(one for one in cells(page) if one[0] == "原星级＼试算星级")
    matrix = {one[0]: dict(zip(heads[1:], one[1:], strict=True)) for one in cells(page)[-40:] if len(one) == len(heads)}
    assert matrix["★★"]["未评级"] == 1
    assert len(page._charts) == 1


@pytest.mark.parametrize("lang", LANGS)
def test_shares_of_stars_are_of_the_rated_whose_number_is_named(lang: Lang) -> None:
    """Of 6 institutions 5 are rated before and 4 after, as I3 is no longer; one has three stars each time."""
    page = written(trial(REVISED), lang)["总览" if lang == "zh" else "Overview"]
    table = cells(page)
    heads = next(one for one in table if one[0] == say("whatif.overview.star", lang))
    assert [str(words).rpartition("N=")[2] for words in heads[4:6]] == ["5", "4"]
    found = {one[0]: one[1:6] for one in table[table.index(heads) + 1 : table.index(heads) + 8]}
    assert found["★★★"] == (1, 1, 0, 0.2, 0.25)
    assert found[say("report.common.not_rated", lang)] == (1, 2, 1, None, None)
    for column in (3, 4):
        assert sum(row[column] or 0 for row in found.values()) == pytest.approx(1.0)


@pytest.mark.parametrize("lang", LANGS)
def test_words_that_changed_in_the_other_language_alone_are_shown_in_it(lang: Lang) -> None:
    old = one_item().requirements[0].text.zh  # the same in both languages
    other = {"zh": old, "en": old, {"zh": "en", "en": "zh"}[lang]: "other words"}
    (page,) = written(trial(one_item(text=Bilingual(**other))), lang)
    label = {"zh": "英文：", "en": "Chinese text: "}[lang]
    assert row(page, say("differences.what.text", lang))[2:] == (f"{label}{old}", f"{label}other words")


def test_why_somebody_is_not_rated_is_said_under_both() -> None:
    page = written(trial(REVISED))["未评级"]
    table = [one[1:] for one in cells(page) if str(one[1]).startswith("I")]
    assert table[0] == ("I3", "I3中心", "★★", "填答率低于90%：AA 80.0%，因此不评级。")
    assert table[1][0] == "I6"
    assert len(table) == 2


def test_the_about_sheet_lists_what_differs() -> None:
    table = cells(written(trial(REVISED))["说明"])
    assert ("等级通过线", None, "80%", "50%") in table
    assert ("是否允许不适用", "AA1-3", "允许", "不允许") in table
    assert any(one[0] == "文字有改" and "AA1-1" in one[1] for one in table)
    assert any(one[0] == "评价要求文字" and one[1] == "AA1-1" for one in table)


@pytest.mark.parametrize("lang", LANGS)
def test_where_the_results_are_the_same_the_workbook_is_one_short_sheet(lang: Lang) -> None:
    def outcome(model: Model) -> str:
        (page,) = written(trial(model), lang)
        assert not [one for one in cells(page) if one[0] == say("whatif.about.correlation.label", lang)]
        return str(row(page, say("whatif.about.verdict.label", lang))[1])

    assert outcome(one_item()) == say("whatif.same_model", lang)
    same = say("whatif.same_results", lang)
    assert outcome(one_item(text="new")).endswith(same)
    assert outcome(one_item(robustness=Robustness(draws=500))).endswith(same)
    assert outcome(one_item(domain_floor=5)) == same


def test_two_changes_that_undo_each_other_are_still_shown() -> None:
    """Only I2 answers `large`, without evidence: 0.5 with the rule, and without it where `large` is worth 0.5."""
    found = trial(one_item(evidence_rule=False, scale={**small.SCALE, "large": 0.5}))
    assert found.changes.nothing
    assert [one.changes.nothing for one in found.alone] == [False, True]
    assert not found.same
    assert written(found).sheetnames == [say(f"whatif.sheet.{key}", "zh") for key in SHEETS]


def test_many_changes_are_printed_on_a_page_of_their_own() -> None:
    many = one_item(na=False, pass_mark=0.5, domain_floor=2, min_coverage=0.5)
    page = written(trial(many))["总览"]
    (begins,) = [n for n, one in enumerate(cells(page), start=1) if str(one[0]).startswith("逐项试算")]
    assert page.print_area == f"'总览'!$A$1:$J${begins - 1},'总览'!$A${begins}:$J${page.max_row}"
    assert not written(trial(REVISED))["总览"].print_area


def test_changes_of_ranks_and_stars_have_arrows_and_stay_numbers() -> None:
    book = written(trial(REVISED))
    (head,) = [n for n, one in enumerate(cells(book["变化"]), start=1) if one[0] == "机构编号"]
    for name in ("星级变化", "排名变化"):
        (column,) = [cell.column for cell in book["变化"][head] if cell.value == name]
        formats = {book["变化"].cell(n, column).number_format for n in range(head + 1, head + 7)}
        assert formats == {'"↑"#,##0;"↓"#,##0;"—"'}
    assert "↑" in book["变化"]["A1"].value
    for name in ("排名前移最多", "排名后移最多"):
        (largest,) = [cell for cell, *_ in book["总览"].iter_rows() if cell.value == name]
        assert book["总览"].cell(largest.row, 2).number_format == '"↑"#,##0;"↓"#,##0;"—"'


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("count", [0, 1])
def test_none_and_one_institution_make_a_workbook_too(lang: Lang, count: int) -> None:
    few = trial(REVISED, dict(list(ANSWERS.items())[:count]))
    book = written(few, lang)
    assert len(book.sheetnames) == (len(SHEETS) if count else 1)
    assert list(summary(few, lang))


def test_equal_trials_give_equal_bytes() -> None:
    streams = [BytesIO(), BytesIO()]
    for stream in streams:
        write_whatif(stream, trial(REVISED), "zh")
    assert streams[0].getvalue() == streams[1].getvalue()


def test_the_terminal_tells_it_in_a_few_lines() -> None:
    lines = list(summary(trial(REVISED), "zh"))
    assert "机构6家：升星2家，降星0家，不变2家；转为评级0家，转为未评级1家，均未评级1家" in lines
    assert any("★★★ 1→1" in line and "★★★★ 0→1" in line and "未评级 1→2" in line for line in lines)
    assert any(line.startswith("文字有改的要求1条") and line.endswith("AA1-1") for line in lines)
    assert lines[0].endswith("差异3处，可影响结果的分2项逐一试算")
    cause = "等级通过线（星级或评级有变2家，排名有变2家，最多1位；表现良好有变0处）"
    assert lines[-1] == f"单独作用最大的改动：{cause}"


def test_the_terminal_says_what_differs_where_no_result_does() -> None:
    assert list(summary(trial(one_item()), "zh"))[1:] == ["两个模型完全相同，结果也相同。"]
    same = "两个模型给出相同结果：各机构的得分、星级、排名、评级与否和表现良好均无变化。"
    told = list(summary(trial(one_item(robustness=Robustness(draws=500, spread=0.1, seed=7), text="new")), "zh"))
    draws = "稳健性抽样（1,000次、±25%、随机种子1→500次、±10%、随机种子7；只影响稳健性分析）"
    assert told[-2:] == [f"两个模型只有下列不同，均不影响得分、星级和排名：{draws}、评价要求文字。", same]
    assert list(summary(trial(one_item(domain_floor=5)), "zh"))[1:] == [same]


def test_the_cause_has_the_figures_of_its_line_of_the_workbook() -> None:
    """Two domains' weights are one change: 3.5 and 4, 4 and 2.5 swap ranks at 0.9; the pass mark alone moves nobody."""
    old = small.assessed(two_domains(0.5), TWO)
    found = try_model(old, small.wrote(old, TWO), two_domains(0.9, pass_mark=0.79))
    lines = list(summary(found, "zh"))
    assert lines[0].endswith("差异3处，可影响结果的分2项逐一试算")
    name = "能力域权重（2处差异合为一项）"
    cause = f"{name}（星级或评级有变0家，排名有变2家，最多1位；表现良好有变1处）"
    assert lines[-1] == f"单独作用最大的改动：{cause}"
    shown = {str(one[0]).partition("\n")[0]: one[1:] for one in cells(written(found)["总览"]) if one[0]}
    assert shown["能力域权重"] == (0, 0, 0, 0, 2, 1, -1, 1, 1)
    assert shown["等级通过线"] == (0, 0, 0, 0, 0, 0, 0, 0, 0)
    assert (shown["排名前移最多"][0], shown["排名后移最多"][0]) == (1, -1)
    assert "平均1.00位，前移最多1位，后移最多1位；变化最大：I1 " in lines[-2]


def test_changes_that_do_as_much_are_all_named() -> None:
    lines = list(summary(trial(one_item(na=False, max_na_share=0.0)), "zh"))
    assert lines[-1].startswith("单独作用最大的改动：不适用占比上限、不适用的许可（星级或评级有变1家，")


def test_as_data_it_says_that_it_is_not_official_and_who_moves() -> None:
    found = as_json(trial(REVISED))
    assert found["official"] is False
    assert [one["institution"] for one in found["institutions"]] == ["I1", "I2", "I3", "I5"]  # type: ignore[attr-defined]
    assert [one["change"] for one in found["alone"]] == ["pass_mark", "na_permissions"]  # type: ignore[attr-defined]
    assert found["transitions"]["1"]["3"] == 1  # type: ignore[index]
    assert found["reworded"] == ["AA1-1"]
