"""The ranking workbook's sheet on how much of ranks and stars is the weights.

Owns: its table, the sentences above it, and where its charts stand. Knows nothing of how the figures come about.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import ceil
from typing import Any

from evaluator.assessment.robustness import SURE, RobustRanks
from evaluator.model.records import LEVELS
from evaluator.reports import look
from evaluator.reports.context import plain_list
from evaluator.reports.look import Column
from evaluator.reports.record import Results
from evaluator.reports.robustness_charts import (
    BAND_POINTS,
    BARS_WIDTH,
    MOST_BARS,
    ONE_SCALE,
    ROW_POINTS,
    Plotted,
    band,
    bars,
)
from evaluator.wording import Lang, say
from evaluator.wording.numbers import plain_share

MOST_PLOTTED = 400
"""Institutions that get a bar: a sheet with hundreds of charts opens slowly."""
_BAND_ROWS = 2 + ceil(BAND_POINTS / 11)
"""Rows below the table down to the end of the chart of all ranks; programs make unused rows 11 points high or more."""
_WITH_BAND = 10
"""The table's last rows, which are printed on a page with the chart of all ranks: it is neither cut nor left alone."""
RANK, NAME, PLOT, STAR_SHARE, FIRST_STAR = 0, 2, 7, 8, 11
"""Columns of the table."""


def write_robustness(book: look.ReportBook, results: Results, lang: Lang, rows: Sequence[int]) -> None:
    """Write percentiles of the rank, the share of each star, groups, and ranks with each domain left out."""
    sheet, looks = book.sheet(say("report.sheet.robustness", lang)), book.looks
    model, drawn = results.assessment.model, results.robustness
    title = say("robustness.sheet.title", lang)
    if drawn is None:
        row = look.heading(sheet, looks, model, lang, title, [look.HEADING_WIDTH])
        why = "nobody" if model.rules.robustness.draws else "no_draws"
        look.notes(sheet, looks, row, [say(f"robustness.sheet.{why}", lang)], [look.HEADING_WIDTH], lang)
        look.page_end(sheet, model, lang, landscape=True)
        return
    columns = _columns(book, drawn, results, lang)
    widths = [column.width for column in columns]
    shown = columns[:-3]
    row = look.heading(sheet, looks, model, lang, title, widths)
    row = look.notes(sheet, looks, row, _sentences(drawn, results, lang), widths, lang)
    many = len(rows) > ONE_SCALE
    head, first, last = row + many, row + many + 1, row + many + len(rows)
    if many:  # before the rows: those of a long table can't be gone back to
        link = f"internal:{sheet.ref(last + 2, 0)}"
        sheet.link(row, 0, link, say("robustness.sheet.band_link", lang), looks.link)
    look.table_head(sheet, head, shown, looks, lang)
    styles = [column.look for column in columns]
    kept: dict[int, list[Any]] = {column: [] for column in (RANK, NAME, *range(len(shown), len(columns)))}
    for n, cells in enumerate(_cells(drawn, results, rows, lang), start=first):
        for column, values in kept.items():
            values.append(cells[column])
        sheet.row(n, 0, cells, styles)
        sheet.height(n, ROW_POINTS)
    shades = {"type": "2_color_scale", "min_type": "num", "max_type": "num", "min_value": 0, "max_value": 1}
    shades |= {"min_color": "#FFFFFF", "max_color": look.HEAT[2]}
    sheet.coloured(first, FIRST_STAR, last, FIRST_STAR + len(LEVELS), shades)
    look.bars(sheet, first, STAR_SHARE, last, 1.0)
    # no filter: the bars stay where they are when the rows that they lie beside are sorted
    look.table_end(sheet, head, last, len(shown), model, lang, frozen=NAME + 1, filtered=False)
    plotted = Plotted(sheet=sheet.name, first=first, columns=kept, label=NAME, rank=RANK, parts=len(shown))
    for n in range(0, min(len(rows), MOST_PLOTTED), MOST_BARS):
        sheet.place(first + n, PLOT, bars(book, plotted, n, lang), object_position=1)
    if many:
        sheet.place(last + 2, 0, band(book, plotted, lang), object_position=2)
    parts = [(0, last - _WITH_BAND), (last - _WITH_BAND + 1, last + _BAND_ROWS)] if many else [(0, last)]
    sheet.printed_parts(parts, len(shown) - 1)
    sheet.raw.set_paper(look.A3)


def _sentences(drawn: RobustRanks, results: Results, lang: Lang) -> list[str]:
    """Say how to read the sheet, and what was drawn."""
    spread, count = plain_share(drawn.settings.spread), len(drawn.institutions)
    method = say(f"report.method.{results.assessment.model.rules.method}", lang)
    facts = {"draws": f"{drawn.settings.draws:,}", "spread": spread, "seed": drawn.settings.seed, "n": count}
    more = [say("robustness.sheet.not_plotted", lang, n=MOST_PLOTTED)] if count > MOST_PLOTTED else []
    return [
        say("robustness.sheet.how", lang, method=method, **facts),
        say("robustness.sheet.read", lang),
        say("robustness.sheet.groups", lang, sure=SURE),
        " ".join([say("robustness.sheet.neighbours", lang), *more]),
    ]


def _columns(book: look.ReportBook, drawn: RobustRanks, results: Results, lang: Lang) -> list[Column]:
    """Give the table's columns, and the three without words that the charts take their figures from.

    Those are narrow and show nothing, but are not hidden: charts leave hidden cells out.
    """
    looks, model = book.looks, results.assessment.model
    cell = {"align": "center", "border": 1, "border_color": look.LINE, "font_color": look.INK}
    part = book.format(**cell, num_format='0.0%;;"–"')
    change = book.format(**cell, num_format=look.MOVE)
    name = book.format(**{**cell, "align": "left"}, shrink=True)
    unseen = book.format(num_format=";;;", font_color="#FFFFFF")
    english, n = lang == "en", len(drawn.institutions)
    key = "plot" if n <= ONE_SCALE else "plot_parts"
    plot = say(f"robustness.column.{key}", lang, n=n if n <= ONE_SCALE else MOST_BARS)
    columns = [
        Column(say("report.column.rank", lang), 6, looks.count),
        Column(say("report.column.institution", lang), 12, looks.text),
        Column(say("report.column.name", lang), 42, name),
        Column(say("report.column.stars", lang), 10, looks.star),
        *(Column(say(f"robustness.column.{key}", lang), 7, looks.count) for key in ("p5", "median", "p95")),
        Column(plot, BARS_WIDTH, looks.text),
        Column(say("report.column.star_share", lang), 11, looks.share),
        Column(say("robustness.column.beats_next", lang), 12 if english else 10, looks.share),
        Column(say("robustness.column.group", lang), 7, looks.count),
    ]
    for star in range(len(LEVELS) + 1):
        words = say("robustness.column.share_of", lang, star=look.stars_text(star, lang))
        columns.append(Column(words, 10, part))
    for domain in model.domains if len(model.domains) > 1 else ():
        words = say("robustness.column.without", lang, domain=domain.name.say(lang))
        columns.append(Column(words, 13 if english else 12, looks.count))
        columns.append(Column(say("robustness.column.change", lang), 8 if english else 6, change))
    return [*columns, *[Column("", 0.5, unseen)] * 3]


def _cells(drawn: RobustRanks, results: Results, rows: Sequence[int], lang: Lang) -> Iterator[list[Any]]:
    """Give the cells of each institution's row; `rows` are those of the assessment's institutions, in rank order."""
    table, left_out = drawn.institutions, drawn.domains
    named = {name: plain_list(table[name]) for name in table.columns}
    at = {institution: n for n, institution in enumerate(named["institution"])}
    without = left_out["rank"].tolist()
    count = len(without) // len(table)
    institutions = results.assessment.institutions
    ids, names, stars = (plain_list(institutions[name]) for name in ("id", "name", "star"))
    for row in rows:
        n = at[ids[row]]
        rank, low, median, high = (named[key][n] for key in ("rank", "rank_p5", "rank_median", "rank_p95"))
        others = without[n * count : (n + 1) * count]
        yield [
            rank, ids[row], names[row], look.stars_text(stars[row], lang), low, median, high, "",
            named["star_share"][n], named["beats_next"][n], named["group_number"][n],
            *(named[f"star_{star}"][n] for star in range(len(LEVELS) + 1)),
            *(value for other in others for value in (other, rank - other)),
            low - 0.5, median - low + 0.5, high - median + 0.5,
        ]  # fmt: skip
