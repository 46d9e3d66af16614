"""The charts of the regulator's workbook, and how a chart stands below its table.

Owns: how these charts look and where they are placed. Knows nothing of what the tables hold: a chart is told the sheet,
the rows and the columns it is drawn from.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from xlsxwriter.chart import Chart

from evaluator.reports import look
from evaluator.wording import Lang, say
from evaluator.workbook import Book, Sheet

RAMP = ("#E4E8ED", "#C6D6E6", "#9FBEDB", "#7097C2", "#3F73A8", "#1F4E79")
"""Colours of no star to five stars, ever darker, so that a grey print keeps their order."""
ROW_POINTS = 18.0
"""Height of a row that has no other."""
_ROW_PIXELS = 24
_WHITE_FROM = 3
"""Least star whose colour is dark enough for white figures."""
_FEW = 6
"""Counts under which a spreadsheet program would choose fractions for the axis."""
_GRID = {"visible": True, "line": {"color": look.LINE, "width": 0.5}}
_LIGHT, _DARK = RAMP[1], RAMP[5]


def pixels(widths: Sequence[float]) -> int:
    """Give the width in pixels of columns with these widths, a little under what Excel draws: fonts differ."""
    return int(sum(width * 7 + 5 for width in widths) * 0.975)


def finish(
    sheet: Sheet, row: int, chart: Chart | None, title: str, lang: Lang, *, widths: Sequence[float], height: int,
    legend: bool = False, hidden: Sequence[int] = (),
) -> None:  # fmt: skip
    """Place a chart as wide as its table at `row` and print down to its end; without a chart, say why there is none.

    Args:
        sheet: the sheet.
        row: row of the chart's upper edge.
        chart: the chart, or `None`.
        title: the chart's title; without a chart, the words that stand instead.
        lang: language, for the font.
        widths: widths of the table's columns.
        height: height in pixels.
        legend: whether the chart has a legend.
        hidden: series that the legend leaves out.
    """
    last = row
    if chart is None:
        sheet.text(row, 0, title)
    else:
        look.dressed(chart, title, lang, width=pixels(widths), height=height)
        if legend:
            chart.set_legend({"position": "bottom", "font": look.chart_font(lang), "delete_series": list(hidden)})
        sheet.place(row, 0, chart, object_position=2, description=title)
        last = row + math.ceil(height / _ROW_PIXELS)
    sheet.raw.print_area(0, 0, last, len(widths) - 1)


def star_columns(book: Book, name: str, rows: tuple[int, int], highest: int, lang: Lang) -> Chart:
    """Draw institutions by star from columns A (stars) and B (counts); `highest` is the largest count."""
    chart = book.chart("column")
    chart.add_series(
        {
            "name": say("regulator.summary.count", lang),
            "categories": [name, rows[0], 0, rows[1], 0],
            "values": [name, rows[0], 1, rows[1], 1],
            "points": [{"fill": {"color": colour}, "border": {"color": _DARK}} for colour in RAMP],
            "gap": 60,
            "data_labels": {"value": True, "font": look.chart_font(lang)},
        }
    )
    chart.set_x_axis(_names(lang))
    whole: dict[str, object] = {"major_unit": 1} if highest < _FEW else {}
    title = {"name": say("regulator.summary.count", lang), "name_font": look.chart_font(lang)}
    chart.set_y_axis(_figures(lang) | title | {"num_format": look.COUNT, "min": 0} | whole)
    return chart


def star_bars(book: Book, name: str, head: int, last: int, columns: Sequence[int], lang: Lang) -> Chart:
    """Draw the make-up of each group by star, from column A (groups) and a column of counts for each star."""
    chart = book.chart("bar", "percent_stacked")
    for star, column in enumerate(columns):
        font = look.chart_font(lang) | {"color": "#FFFFFF" if star >= _WHITE_FROM else look.INK}
        chart.add_series(
            _series(name, head, last, column)
            | {
                "fill": {"color": RAMP[star]},
                "border": {"color": "#FFFFFF", "width": 0.5},
                "gap": 35,
                "data_labels": {"value": True, "num_format": "0;;;", "position": "center", "font": font},
            }
        )
    chart.set_y_axis(_names(lang) | {"reverse": True, "interval_unit": 1})
    chart.set_x_axis(_shares(lang) | {"label_position": "high"})
    return chart


def share_chart(book: Book, kind: str, name: str, rows: tuple[int, int], columns: tuple[int, int], lang: Lang) -> Chart:
    """Draw shares as a `column` or `bar` chart; `columns` are those of the names and of the shares."""
    chart = book.chart(kind)
    chart.add_series(
        _series(name, rows[0] - 1, rows[1], columns[1], names=columns[0])
        | {
            "fill": {"color": look.SERIES[0]},
            "gap": 50 if kind == "bar" else 110,
            "data_labels": {"value": True, "num_format": look.SHARE, "font": look.chart_font(lang)},
        }
    )
    if kind == "bar":
        chart.set_y_axis(_names(lang) | {"reverse": True, "interval_unit": 1})
        chart.set_x_axis(_shares(lang) | {"label_position": "high"})
    else:
        chart.set_x_axis(_names(lang))
        chart.set_y_axis(_shares(lang))
    return chart


def boxes(book: Book, name: str, head: int, last: int, places: dict[str, int], lang: Lang) -> Chart:
    """Draw boxes from the lower to the upper quartile, which stand on an unseen column, with marks for the rest.

    Args:
        book: the book.
        name: the sheet.
        head: row of the table's header, which names the series.
        last: the table's last row.
        places: column of each figure of the table.
        lang: language, for the font.
    """
    chart = book.chart("column", "stacked")
    unseen = {"fill": {"none": True}, "border": {"none": True}, "gap": 90}
    chart.add_series(_series(name, head, last, places["q1"]) | unseen)
    box = {"fill": {"color": _LIGHT}, "border": {"color": _DARK, "width": 0.75}}
    chart.add_series(_series(name, head, last, places["iqr"]) | box)
    marks = book.chart("line")
    for key, kind, size, fill in (
        ("highest", "triangle", 6, look.MUTED),
        ("median", "long_dash", 11, look.SERIES[1]),
        ("mean", "diamond", 7, _DARK),
        ("lowest", "square", 5, look.MUTED),
    ):
        marker = {"type": kind, "size": size, "fill": {"color": fill}, "border": {"color": fill}}
        series = _series(name, head, last, places[key]) | {"line": {"none": True}, "marker": marker}
        if key == "mean":
            font = look.chart_font(lang, bold=True)
            series["data_labels"] = {"value": True, "position": "right", "num_format": look.SCORE, "font": font}
        marks.add_series(series)
    chart.combine(marks)
    chart.set_x_axis(_names(lang))
    title = {"name": say("regulator.domains.axis", lang), "name_font": look.chart_font(lang)}
    chart.set_y_axis(_figures(lang) | title | {"min": 0, "max": 5, "major_unit": 1, "num_format": "0"})
    return chart


def _series(name: str, head: int, last: int, column: int, *, names: int = 0) -> dict[str, object]:
    return {
        "name": [name, head, column],
        "categories": [name, head + 1, names, last, names],
        "values": [name, head + 1, column, last, column],
    }


def _names(lang: Lang) -> dict[str, object]:
    return {"num_font": look.chart_font(lang), "line": {"color": look.LINE}, "major_gridlines": {"visible": False}}


def _figures(lang: Lang) -> dict[str, object]:
    return {"num_font": look.chart_font(lang), "line": {"none": True}, "major_gridlines": _GRID}


def _shares(lang: Lang) -> dict[str, object]:
    return _figures(lang) | {"min": 0, "max": 1, "major_unit": 0.2, "num_format": "0%"}
