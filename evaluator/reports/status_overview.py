"""The overview of a round's progress: totals by domain, province and category, charts, and what the states mean.

Owns: this sheet, and the heading that all sheets of the workbook have.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from xlsxwriter.chart import Chart

from evaluator.measure import row_height
from evaluator.model.records import Model
from evaluator.reports import look
from evaluator.reports.regulator_charts import pixels
from evaluator.reports.regulator_groups import MOST_CHARTED, closing
from evaluator.reports.status_record import STATES, Standings, State, Total
from evaluator.reports.status_table import round_line, sentence, share_of, total_name
from evaluator.wording import Lang, say
from evaluator.workbook import Sheet

_WIDTHS = (30.0, 12.0, 13.0, 10.0, *[10.5] * len(STATES), 10.0)
_STATES_FROM = 4
"""Column of the first state."""
_ROW_POINTS = 18.0
_ROW_PIXELS = 24


def heading(
    sheet: Sheet, looks: look.Looks, standings: Standings, lang: Lang, title: str, widths: Sequence[float]
) -> int:
    """Write a sheet's title and the round's line, and set the columns' widths; give the next free row."""
    sheet.widths(widths)
    last, room = look.heading_span(widths)
    sheet.merged(0, 0, 0, last, title, looks.title)
    sheet.height(0, 26)
    line = round_line(standings, lang)
    sheet.merged(1, 0, 1, last, line, looks.note)
    sheet.height(1, row_height([(line, room * 1.1)], lang))
    return 2


def write_overview(
    book: look.ReportBook, standings: Standings, model: Model, lang: Lang, colours: Mapping[State, str]
) -> None:
    """Write the sheet; `colours` are those of the states."""
    sheet = book.sheet(say("rounds.status.sheet.overview", lang))
    sheet.raw.set_default_row(_ROW_POINTS)
    row = heading(sheet, book.looks, standings, lang, say("rounds.status.title", lang), _WIDTHS)
    for words in (sentence(standings, lang), say("rounds.status.overview.note", lang)):
        look_of = book.looks.note if row > 2 else book.format(text_wrap=True, font_color=look.INK, font_size=11)
        sheet.merged(row, 0, row, len(_WIDTHS) - 1, words, look_of)
        sheet.height(row, row_height([(words, sum(_WIDTHS))], lang, margin=8))
        row += 1
    names = {domain.code: f"{domain.code} {domain.name.say(lang)}" for domain in model.domains}
    row, rows = _totals(book, sheet, row + 1, "domain", standings.by_domain, standings.everyone, names, lang)
    row = _chart(book, sheet, row, rows, "domain", colours, lang)
    breaks = []
    for by, group in (("province", standings.by_province), ("category", standings.by_category)):
        breaks.append(row)
        names = {one.name: total_name(one, model, lang) for one in group}
        row, rows = _totals(book, sheet, row, by, group, standings.everyone, names, lang)
        if by == "province":
            row = _chart(book, sheet, row, rows, by, colours, lang)
    _meanings(book, sheet, row, colours, lang)
    look.page_end(sheet, model, lang, landscape=True)
    sheet.raw.set_h_pagebreaks(breaks)
    sheet.raw.freeze_panes(2, 0)


def _totals(
    book: look.ReportBook,
    sheet: Sheet,
    row: int,
    by: str,
    group: Sequence[Total],
    everyone: Total,
    names: Mapping[str, str],
    lang: Lang,
) -> tuple[int, tuple[int, int]]:
    """Write a table of totals with a closing row; give the next free row, and the header's and last group's rows."""
    looks = book.looks
    row = _section(sheet, row, say(f"rounds.status.overview.by_{by}", lang), looks)
    headers = [say(f"rounds.status.column.{by}", lang)]
    headers += [say(f"rounds.status.overview.{key}", lang) for key in ("institutions", "done", "forms")]
    headers += [say(f"rounds.status.state.{state}", lang) for state in STATES]
    headers.append(say("rounds.status.overview.share", lang))
    columns = [look.Column(header, width, None) for header, width in zip(headers, _WIDTHS, strict=True)]
    look.table_head(sheet, row, columns, looks, lang)
    plain = [looks.words, *[looks.count] * (len(headers) - 2), looks.share]
    last = row
    for last, one in enumerate(group, row + 1):
        name = names[one.name]
        sheet.row(last, 0, _values(name, one), plain)
        sheet.height(last, max(_ROW_POINTS, row_height([(name, _WIDTHS[0])], lang)))
    total = [looks.total, *[closing(book, look.COUNT)] * (len(headers) - 2), closing(book, look.SHARE)]
    sheet.row(last + 1, 0, _values(say("rounds.status.everyone", lang), everyone), total)
    return last + 3, (row, last)


def _values(name: str, total: Total) -> list[str | float | None]:
    # of a domain there is one form for each institution
    institutions = (total.institutions, total.overall["complete"]) if total.overall else (total.count, total.settled)
    return [name, *institutions, total.count, *(total.forms[state] for state in STATES), share_of(total)]


def _chart(
    book: look.ReportBook,
    sheet: Sheet,
    row: int,
    rows: tuple[int, int],
    by: str,
    colours: Mapping[State, str],
    lang: Lang,
) -> int:
    """Draw the make-up of each group by state under its table; give the next free row."""
    count = rows[1] - rows[0]
    if not 0 < count <= MOST_CHARTED:
        return row
    chart = _bars(book, sheet.name, rows, colours, lang)
    height = 130 + 28 * count
    title = say(f"rounds.status.overview.chart_{by}", lang)
    look.dressed(chart, title, lang, width=pixels(_WIDTHS), height=height, legend="bottom")
    sheet.place(row, 0, chart, object_position=2, description=title)
    return row + math.ceil(height / _ROW_PIXELS) + 1


def _bars(book: look.ReportBook, name: str, rows: tuple[int, int], colours: Mapping[State, str], lang: Lang) -> Chart:
    chart = book.chart("bar", "percent_stacked")
    head, last = rows
    for column, state in enumerate(STATES, _STATES_FROM):
        chart.add_series(
            {
                "name": [name, head, column],
                "categories": [name, head + 1, 0, last, 0],
                "values": [name, head + 1, column, last, column],
                "fill": {"color": colours[state]},
                "border": {"color": look.MUTED, "width": 0.5},
                "gap": 35,
                "data_labels": {
                    "value": True, "num_format": "#,##0;;;", "position": "center", "font": look.chart_font(lang),
                },
            }
        )  # fmt: skip
    font = {"num_font": look.chart_font(lang)}
    chart.set_y_axis({**font, "reverse": True, "interval_unit": 1, "major_gridlines": {"visible": False}})
    chart.set_x_axis({**font, "min": 0, "max": 1, "major_unit": 0.2, "num_format": "0%", "label_position": "high"})
    return chart


def _meanings(book: look.ReportBook, sheet: Sheet, row: int, colours: Mapping[State, str], lang: Lang) -> None:
    looks, room = book.looks, sum(_WIDTHS[1:])
    top = _section(sheet, row, say("rounds.status.overview.states", lang), looks)
    for place, state in enumerate(STATES, top):
        style = book.format(
            border=1, border_color=look.LINE, font_color=look.INK, align="center", bg_color=colours[state]
        )
        words = say(f"rounds.status.meaning.{state}", lang)
        sheet.text(place, 0, say(f"rounds.status.state.{state}", lang), style)
        sheet.merged(place, 1, place, len(_WIDTHS) - 1, words, looks.words)
        sheet.height(place, max(_ROW_POINTS, row_height([(words, room)], lang)))


def _section(sheet: Sheet, row: int, words: str, looks: look.Looks) -> int:
    sheet.row(row, 0, [words, *[""] * (len(_WIDTHS) - 1)], looks.section)
    sheet.height(row, 22)
    return row + 1
