"""Charts of how far ranks move with the weights: bars that lie beside a table's rows, and a band over all ranks.

Owns: drawing them. Charts take their figures from cells, as everywhere; they are handed the
figures too, because the rows of a long table can't be read back. Knows nothing of how the figures come about.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from xlsxwriter.chart import Chart

from evaluator.reports import look
from evaluator.wording import Lang, say

MOST_BARS = 40
"""Institutions in one chart of bars."""
ONE_SCALE = 100
"""Institutions up to which all bars have one scale, from the first rank to the last; else each chart has its own."""
ROW_POINTS, ROW_PIXELS = 18.0, 24
"""Height of the rows that bars lie over: whole pixels, so that bars don't drift away from their rows."""
BAND_WIDTH, BAND_POINTS = 920, 330.0
"""Width of the band in pixels, height in points."""
BARS_WIDTH = 39.0
"""Width of the column that the bars lie over, in characters."""
_SHADES = ((None, ""), (look.SERIES[0], "to_median"), (look.SERIES[2], "from_median"))
"""Of the parts of a bar: unseen up to the 5 % rank, to the median, to the 95 % rank."""


@dataclass(frozen=True, kw_only=True)
class Plotted:
    """The cells that charts show."""

    sheet: str
    """The sheet's name."""
    first: int
    """Row of the first institution; the others follow."""
    columns: Mapping[int, Sequence[Any]]
    """Values of each column that a chart shows, by the column's number."""
    label: int
    """Column of the names."""
    rank: int
    """Column of the published ranks."""
    parts: int
    """First of the three columns with the parts of the bars, which add up."""

    def __len__(self) -> int:
        return len(self.columns[self.rank])


def bars(book: look.ReportBook, plotted: Plotted, first: int, lang: Lang) -> Chart:
    """Draw up to `MOST_BARS` bars from institution `first` on, each as high as its row, the best rank on top."""
    until = min(first + MOST_BARS, len(plotted))
    chart = book.chart("bar", "stacked")
    _add_parts(chart, plotted, plotted.label, first, until, lang)
    nothing = {"none": True}
    chart.set_title(nothing)
    chart.set_legend(nothing)
    chart.set_chartarea({"border": nothing, "fill": nothing})
    chart.set_plotarea({"layout": {"x": 0.005, "y": 0.0, "width": 0.99, "height": 1.0}, "fill": nothing})
    chart.set_y_axis({"reverse": True, "visible": False, "major_gridlines": {"visible": False}})
    grid = {"visible": True, "line": {"color": look.LINE, "width": 0.5, "dash_type": "dash"}}
    chart.set_x_axis({**_scale(plotted, first, until), "visible": False, "major_gridlines": grid})
    chart.set_size({"width": round(BARS_WIDTH * 7 + 5), "height": ROW_PIXELS * (until - first)})
    return chart


def _scale(plotted: Plotted, first: int, until: int) -> dict[str, object]:
    """Give the ends of the bars' axis and the distance of its lines."""
    if len(plotted) <= ONE_SCALE:
        first, until = 0, len(plotted)
    starts, *others = (plotted.columns[plotted.parts + n][first:until] for n in range(3))
    low, high = min(starts), max(map(sum, zip(starts, *others, strict=True)))
    step = step_of(round(high - low))
    return {"min": int(low) // step * step, "max": int(high + 1), "major_unit": step}


def band(book: look.ReportBook, plotted: Plotted, lang: Lang) -> Chart:
    """Draw all intervals as one band, from the published first rank to the last."""
    count = len(plotted)
    chart = book.chart("area", "stacked")
    _add_parts(chart, plotted, plotted.rank, 0, count, lang)
    font, grid = look.chart_font(lang), {"visible": True, "line": {"color": look.LINE, "width": 0.5}}
    step = step_of(count)
    across, down = (
        {"name": say(f"robustness.chart.{key}", lang), "name_font": font, "num_font": font}
        for key in ("across", "down")
    )
    chart.set_x_axis({**across, "interval_unit": step, "label_position": "high", "major_tick_mark": "none"})
    # the best rank is 1, not 0: lines and names begin there, as across
    chart.set_y_axis({**down, "reverse": True, "min": 1, "max": count, "major_unit": step, "major_gridlines": grid})
    title = say("robustness.sheet.band", lang, n=count)
    look.dressed(chart, title, lang, width=BAND_WIDTH, height=round(BAND_POINTS / 0.75), legend="bottom")
    chart.set_legend({"position": "bottom", "font": font, "delete_series": [0]})
    return chart


def _add_parts(chart: Chart, plotted: Plotted, categories: int, first: int, until: int, lang: Lang) -> None:
    top, end = plotted.first + first, plotted.first + until - 1
    for n, (colour, key) in enumerate(_SHADES, start=plotted.parts):
        chart.add_series(
            {
                "name": say(f"robustness.chart.{key}", lang) if key else "",
                "categories": [plotted.sheet, top, categories, end, categories],
                "categories_data": plotted.columns[categories][first:until],
                "values": [plotted.sheet, top, n, end, n],
                "values_data": plotted.columns[n][first:until],
                "fill": {"color": colour} if colour else {"none": True},
                "border": {"none": True},
                "gap": 70,
            }
        )


def step_of(count: int) -> int:
    """Give a round number of ranks between two lines of a chart of `count` ranks: at most ten lines."""
    step = 1
    while count // step > 10:
        step = step * 2 if str(step)[0] in "15" else step * 5 // 2
    return step
