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
from evaluator.model.records import Model
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


def one_item(na: bool = True, text: str = "", **rules: Any) -> Model:
    changed = {"text": small.words(text)} if text else {}
    asked = (requirement(f"AA1-{n}", na_allowed=na and n == 3, **(changed if n == 1 else {})) for n in (1, 2, 3, 4, 5))
    return small.model(domain("AA", 1.0, item("AA1", 1.0, *asked)), **rules)


def trial(model: Model, answers: Mapping[str, Sequence[str]] = ANSWERS) -> Trial:
    names = {one: "=1+1" if one == "I1" else f"{one}中心" for one in answers}
    old = small.assessed(one_item(), answers, name=names)
    return try_model(old, small.wrote(old, answers), model)


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
    same = cells(written(trial(one_item()))["说明"])
    assert any(one[0] == "两个模型完全相同。" for one in same)


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("count", [0, 1])
def test_none_and_one_institution_make_a_workbook_too(lang: Lang, count: int) -> None:
    few = trial(REVISED, dict(list(ANSWERS.items())[:count]))
    book = written(few, lang)
    assert len(book.sheetnames) == len(SHEETS)
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
    assert any(line.startswith("单独作用最大的改动：等级通过线（2家") for line in lines)
    assert "两个模型完全相同，结果也相同。" in list(summary(trial(one_item()), "zh"))
    assert "两个模型只有文字不同，不影响得分、星级和排名。" in list(summary(trial(one_item(text="new")), "zh"))


def test_as_data_it_says_that_it_is_not_official_and_who_crosses_a_star() -> None:
    found = as_json(trial(REVISED))
    assert found["official"] is False
    assert [one["institution"] for one in found["institutions"]] == ["I1", "I2", "I3"]  # type: ignore[attr-defined]
    assert [one["change"] for one in found["alone"]] == ["pass_mark", "na_permissions"]  # type: ignore[attr-defined]
    assert found["transitions"]["1"]["3"] == 1  # type: ignore[index]
    assert found["reworded"] == ["AA1-1"]
