"""An institution's report in openpyxl: summary with two charts, what is missing to the next star, answers, problems."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from openpyxl import Workbook
from openpyxl.chart import BarChart, RadarChart, Reference
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.worksheet.worksheet import Worksheet

EDGE = Side(style="thin", color="C5CCD6")
BORDER = Border(left=EDGE, right=EDGE, top=EDGE, bottom=EDGE)
HEAD, HEAD_FONT = PatternFill("solid", fgColor="1F4E79"), Font(bold=True, color="FFFFFF")
TITLE, WRAP = Font(bold=True, size=15, color="1F4E79"), Alignment(wrap_text=True, vertical="top")
CENTRE = Alignment(horizontal="center", vertical="top")


def write_report(path: Path, facts: pd.Series, domains: pd.DataFrame, rows: pd.DataFrame, problems: list[str]) -> None:
    """Write one report."""
    book = Workbook()
    summary = book.active
    summary.title = "评价结果"
    _heading(summary, f"{facts['机构名称']} 自评结果", (30, 14, 14, 14, 14, 14, 14, 14))
    for label in ("机构编号", "机构名称", "统一社会信用代码", "省份", "城市", "机构类型", "服务类别"):
        _row(summary, [label, facts[label]])
    for label, key in (("总分", "total"), ("星级", "star"), ("排名", "rank")):
        _row(summary, [label, facts[key]])
    first = summary.max_row + 2
    _table(
        summary, ("能力域", "得分", "通过等级", "一星", "二星", "三星", "四星", "五星"),
        domains[["domain", "score", "passed", "level1", "level2", "level3", "level4", "level5"]], first,
    )  # fmt: skip
    _chart(summary, RadarChart(), first, len(domains), "L4")
    items = rows.groupby(["item", "item_name"], as_index=False)["score"].mean().sort_values("score", ascending=False)
    first = summary.max_row + 2
    _table(summary, ("能力项", "名称", "得分"), items[["item_name", "item", "score"]], first)
    _chart(summary, BarChart(), first, len(items), "L24", column=3)
    short = rows[rows["score"].lt(1) & rows["applies"] & rows["level"].le(int(facts["star"]) + 1)]
    gap = book.create_sheet("距下一星级")
    _heading(gap, "距下一星级", (10, 18, 10, 60, 12, 10, 60))
    _table(
        gap, ("要求编号", "能力项", "星级", "评价要求", "当前作答", "得分", "改进建议"),
        short[["requirement", "item_name", "level", "text", "answer", "score", "advice"]], 3,
    )  # fmt: skip
    answers = book.create_sheet("作答明细")
    _heading(answers, "作答明细", (10, 18, 10, 60, 12, 10, 40, 30, 36))
    _table(
        answers, ("要求编号", "能力项", "星级", "评价要求", "所选答案", "得分", "佐证材料", "备注", "文件"),
        rows[["requirement", "item_name", "level", "text", "answer", "score", "evidence", "remarks", "file"]], 3,
    )  # fmt: skip
    answers.freeze_panes = "B4"
    answers.auto_filter.ref = f"A3:I{answers.max_row}"
    found = book.create_sheet("校验问题")
    _heading(found, "校验问题", (80,))
    for problem in problems:
        _row(found, [problem])
    book.save(path)


def _heading(sheet: Worksheet, title: str, widths: Sequence[float]) -> None:
    sheet["A1"] = title
    sheet["A1"].font = TITLE
    for column, width in zip("ABCDEFGHIJ", widths, strict=False):
        sheet.column_dimensions[column].width = width


def _row(sheet: Worksheet, values: Sequence[object]) -> None:
    sheet.append(list(values))
    for cell in sheet[sheet.max_row]:
        cell.border = BORDER


def _table(sheet: Worksheet, head: Sequence[str], table: pd.DataFrame, row: int) -> None:
    for column, words in enumerate(head, 1):
        cell = sheet.cell(row, column, words)
        cell.font, cell.fill, cell.border = HEAD_FONT, HEAD, BORDER
    for n, values in enumerate(table.itertuples(index=False), row + 1):
        for column, value in enumerate(values, 1):
            cell = sheet.cell(n, column, value)
            cell.border = BORDER
            if isinstance(value, float):
                cell.number_format, cell.alignment = "0.00", CENTRE
            else:
                cell.alignment = WRAP


def _chart(sheet: Worksheet, chart: RadarChart | BarChart, row: int, count: int, at: str, column: int = 2) -> None:
    chart.add_data(Reference(sheet, min_col=column, min_row=row, max_row=row + count), titles_from_data=True)
    chart.set_categories(Reference(sheet, min_col=1, min_row=row + 1, max_row=row + count))
    sheet.add_chart(chart, at)
