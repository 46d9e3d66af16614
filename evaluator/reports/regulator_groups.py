"""The regulator's tables by province, service category and type of institution.

Owns: these three sheets, which differ in nothing but the column they group by. Knows nothing of how institutions are
counted (`assessment.statistics`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Literal, cast

import pandas as pd
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name

from evaluator.assessment import statistics
from evaluator.measure import row_height
from evaluator.model.records import Model
from evaluator.reports import look
from evaluator.reports import regulator_charts as charts
from evaluator.reports.record import Results
from evaluator.wording import Lang, catalogue, say
from evaluator.workbook import Sheet

Group = Literal["province", "category", "type"]
GROUPS: tuple[Group, ...] = ("province", "category", "type")
SOLID = tuple(star for star in statistics.STARS if star >= 3)
"""Stars that count as three stars or more."""
MOST_CHARTED = 60
"""Groups up to which a chart is drawn."""
_ONE_PAGE = 20
"""Groups up to which table and chart fit on one page."""
_COUNTS = ("institutions", "rated", "not_rated", *(f"star_{star}" for star in statistics.STARS))
_WIDTHS = (24.0, 11.0, 8.0, 8.0, 8.0, 6.5, 7.0, 8.5, 10.0, 11.5, 8.0, 9.5)


def good_share(counts: pd.Series[Any]) -> float:
    """Give the share of rated institutions with three stars or more, 0..1; NaN where none is rated.

    Args:
        counts: a row of `statistics.star_counts`.
    """
    rated = int(counts["rated"])
    return sum(int(counts[f"star_{star}"]) for star in SOLID) / rated if rated else math.nan


def write_group(book: look.ReportBook, results: Results, lang: Lang, by: Group) -> None:
    """Write the sheet that counts stars by province, category or type."""
    model, looks = results.assessment.model, book.looks
    everyone = statistics.star_counts(results.assessment).iloc[0]
    groups = in_order(statistics.star_counts(results.assessment, by), model, by)
    columns = _columns(book, looks, lang, by)
    title = say(f"regulator.sheet.{by}", lang)
    sheet = book.sheet(title)
    sheet.raw.set_default_row(charts.ROW_POINTS)
    row = look.heading(sheet, looks, model, lang, title, _WIDTHS)
    counts = {key: int(everyone[key]) for key in ("institutions", "rated")}
    note_row(sheet, row, say("regulator.group.note", lang, **counts), _WIDTHS, looks, lang)
    head = row + 1
    look.table_head(sheet, head, columns, looks, lang)
    for offset, (_, group) in enumerate(groups.iterrows(), 1):
        name = look.group_name(model, str(group["group"]), lang) or say("regulator.unknown", lang)
        sheet.row(head + offset, 0, _values(name, group), [column.look for column in columns])
        sheet.height(head + offset, max(charts.ROW_POINTS, row_height([(name, _WIDTHS[0])], lang)))
    last = head + len(groups)
    _total(book, sheet, head, last, everyone, lang)
    look.table_end(sheet, head, last, len(columns), model, lang, frozen=1, landscape=False)
    _finish(book, sheet, (head, last), int(everyone["rated"]), lang, by)


def in_order(groups: pd.DataFrame, model: Model, by: Group) -> pd.DataFrame:
    """Sort the groups of `statistics.star_counts` as people list them.

    Provinces in the order of the administrative division codes, categories and types in the model's; other names
    after them, the unknown (`""`) last.
    """
    if by == "province":
        provinces = cast("list[dict[str, str]]", catalogue("form")["provinces"])
        known = [(province["zh"], province["en"]) for province in provinces]
    else:
        known = [(entry.zh, entry.en) for entry in (model.categories if by == "category" else model.types)]
    places = {name: place for place, names in enumerate(known) for name in names}
    rank = [len(known) + 1 if name == "" else places.get(name, len(known)) for name in groups["group"]]
    return groups.assign(place=rank).sort_values(["place", "group"], kind="stable", ignore_index=True)


def note_row(sheet: Sheet, row: int, words: str, widths: Sequence[float], looks: look.Looks, lang: Lang) -> None:
    """Write a note over a table, as wide as the heading."""
    last, room = 0, widths[0]
    while last + 1 < len(widths) and room + widths[last + 1] <= look.HEADING_WIDTH:
        last += 1
        room += widths[last]
    sheet.merged(row, 0, row, last, words, looks.note)
    sheet.height(row, row_height([(words, room)], lang) + 4)


def _columns(book: look.ReportBook, looks: look.Looks, lang: Lang, by: Group) -> list[look.Column]:
    headers = [
        *(say(f"regulator.group.{name}", lang) for name in (by, "institutions", "rated", "not_rated")),
        *(look.stars_text(star, lang) for star in statistics.STARS),
        say("regulator.group.mean_score", lang),
        say("regulator.at_least_three", lang),
    ]
    name = book.format(border=1, border_color=look.LINE, font_color=look.INK, text_wrap=True)
    styles = [name, *[looks.count] * len(_COUNTS), looks.score, looks.share]
    return [look.Column(*parts) for parts in zip(headers, _WIDTHS, styles, strict=True)]


def _values(name: str, counts: pd.Series[Any]) -> list[str | float | None]:
    return [name, *(int(counts[key]) for key in _COUNTS), float(counts["mean_score"]), good_share(counts)]


def _total(book: look.ReportBook, sheet: Sheet, head: int, last: int, everyone: pd.Series[Any], lang: Lang) -> None:
    """Write the closing row under the table: sums of the counts, mean and share over all rated institutions."""
    sheet.text(last + 1, 0, say("regulator.total", lang), book.looks.total)
    for column, key in enumerate(_COUNTS, 1):
        letter = xl_col_to_name(column)
        if last > head:
            formula = f"=SUM({letter}{head + 2}:{letter}{last + 1})"
            sheet.formula(last + 1, column, formula, int(everyone[key]), closing(book, look.COUNT))
        else:
            sheet.number(last + 1, column, 0, closing(book, look.COUNT))
    following = len(_COUNTS) + 1
    sheet.number(last + 1, following, float(everyone["mean_score"]), closing(book, look.SCORE))
    sheet.number(last + 1, following + 1, good_share(everyone), closing(book, look.SHARE))


def closing(book: look.ReportBook, num_format: str) -> Format:
    """Give the format of a number in a table's closing row."""
    return book.format(
        border=1, border_color=look.LINE, bold=True, bg_color=look.BAND, num_format=num_format, align="center"
    )


def _finish(book: look.ReportBook, sheet: Sheet, rows: tuple[int, int], rated: int, lang: Lang, by: Group) -> None:
    head, last = rows
    chart, title = None, say("regulator.no_chart", lang)
    if rated and last - head > MOST_CHARTED:
        title = say("regulator.too_many", lang, most=MOST_CHARTED)
    elif rated:
        stars = [1 + _COUNTS.index(f"star_{star}") for star in statistics.STARS]
        chart = charts.star_bars(book, sheet.name, head, last, stars, lang)
        title = say(f"regulator.group.chart_{by}", lang)
    height = 130 + 26 * (last - head)
    charts.finish(sheet, last + 3, chart, title, lang, widths=_WIDTHS, height=height, legend=True)
    if chart is not None and last - head > _ONE_PAGE:
        sheet.raw.set_h_pagebreaks([last + 2])  # a free row first: the header is repeated above
