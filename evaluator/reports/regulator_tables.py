"""The regulator's tables of domains, dimensions and items.

Owns: these three sheets. Knows nothing of how their figures are worked out (`assessment.statistics`).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

from evaluator.assessment import statistics
from evaluator.reports import look
from evaluator.reports import regulator_charts as charts
from evaluator.reports.record import Results
from evaluator.reports.regulator_groups import closing, note_row
from evaluator.wording import Lang, say
from evaluator.wording.numbers import plain_share, share_digits
from evaluator.workbook import Sheet

WEAKEST = 10
"""Items in the chart of the weakest."""
_QUARTILES = ("mean", "lowest", "q1", "median", "q3", "highest")
_ONE_PAGE = 32
"""Items up to which table and chart fit on one page."""


def write_domains(book: look.ReportBook, results: Results, lang: Lang) -> None:
    """Write the sheet that describes the domains' scores and the total."""
    model, looks = results.assessment.model, book.looks
    found = statistics.domain_statistics(results.assessment)
    names = ("domain", "n", *_QUARTILES, "iqr")
    styles = zip((30, 9, *[11.5] * 7), (looks.text, looks.count, *[looks.score] * 7), strict=True)
    columns = _columns("domains", [(name, *style) for name, style in zip(names, styles, strict=True)], lang)
    sheet, head = _opened(book, results, lang, "domains", columns, say("regulator.domains.note", lang))
    total_looks = [looks.total, closing(book, look.COUNT), *[closing(book, look.SCORE)] * 7]
    for row, (_, figures) in enumerate(found.iterrows(), head + 1):
        code = str(figures["domain"])
        name = model.domain(code).name.say(lang) if code else say("regulator.domains.total", lang)
        numbers = [float(figures[key]) for key in ("n", *_QUARTILES)]
        spread = float(figures["q3"]) - float(figures["q1"])
        sheet.row(row, 0, [name, *numbers, spread], [column.look for column in columns] if code else total_looks)
    last = head + len(found)
    look.table_end(sheet, head, last - 1, len(columns), model, lang, frozen=1, landscape=False)
    n = int(found["n"].max())
    chart, title = None, say("regulator.no_chart", lang)
    if n:
        chart = charts.boxes(book, sheet.name, head, last, {name: place for place, name in enumerate(names)}, lang)
        title = say("regulator.domains.chart", lang, n=n)
    widths = [column.width for column in columns]
    charts.finish(sheet, last + 2, chart, title, lang, widths=widths, height=420, legend=True, hidden=[0])


def write_dimensions(book: look.ReportBook, results: Results, lang: Lang) -> None:
    """Write the sheet that gives the share performing well in each dimension."""
    model, looks = results.assessment.model, book.looks
    found = statistics.performing_well(results.assessment)
    well = plain_share(model.rules.performing_well)
    wanted = [
        ("dimension", 26, looks.text),
        ("n", 12, looks.count),
        ("threshold", 16, look.share(book, share_digits(model.rules.performing_well))),
        ("well", 18, looks.count),
        ("share", 18, looks.share),
        ("mean", 16, looks.share),
    ]
    columns = _columns("dimensions", wanted, lang)
    sheet, head = _opened(book, results, lang, "dimensions", columns, say("regulator.dimensions.note", lang, well=well))
    for row, (_, figures) in enumerate(found.iterrows(), head + 1):
        name = say(f"regulator.dimensions.{figures['dimension']}", lang)
        numbers = [float(figures[key]) for key in ("n", "threshold", "well", "share", "mean")]
        sheet.row(row, 0, [name, *numbers], [column.look for column in columns])
    last = head + len(found)
    look.table_end(sheet, head, last, len(columns), model, lang, frozen=1, landscape=False)
    chart, title = None, say("regulator.no_chart", lang)
    if found["n"].max():
        chart = charts.share_chart(book, "column", sheet.name, (head + 1, last), (0, 4), lang)
        title = say("regulator.dimensions.chart", lang, well=well, n=counted(found["n"], lang))
    charts.finish(sheet, last + 2, chart, title, lang, widths=[column.width for column in columns], height=360)


def write_items(book: look.ReportBook, results: Results, lang: Lang) -> None:
    """Write the sheet of all items, lowest attainment first."""
    model, looks = results.assessment.model, book.looks
    found = statistics.item_attainment(results.assessment)
    items = {item.code: (item, domain) for domain in model.domains for item in domain.items}
    shown = found[found["n"].gt(0)].head(WEAKEST)
    wanted = [
        ("code", 9, looks.centre),
        ("item", 34, looks.text),
        ("domain", 28, looks.text),
        ("n", 9, looks.count),
        ("mean", 12.5, looks.share),
        ("median", 12.5, looks.share),
        ("below_half", 14, looks.share),
    ]
    columns = _columns("items", wanted, lang)
    note = say(f"regulator.items.{'note' if len(shown) else 'note_unrated'}", lang, count=len(shown))
    sheet, head = _opened(book, results, lang, "items", columns, note)
    for row, (_, figures) in enumerate(found.iterrows(), head + 1):
        item, domain = items[str(figures["item"])]
        numbers = [float(figures[key]) for key in ("n", "mean", "median", "below_half")]
        words = [item.code, item.name.say(lang), domain.name.say(lang)]
        sheet.row(row, 0, [*words, *numbers], [column.look for column in columns])
    last = head + len(found)
    look.table_end(sheet, head, last, len(columns), model, lang, frozen=2, landscape=False)
    chart, title = None, say("regulator.no_chart", lang)
    if len(shown):
        look.bars(sheet, head + 1, 4, last, 1.0)
        chart = charts.share_chart(book, "bar", sheet.name, (head + 1, head + len(shown)), (1, 4), lang)
        title = say("regulator.items.chart", lang, count=len(shown), n=counted(shown["n"], lang))
    widths = [column.width for column in columns]
    charts.finish(sheet, last + 2, chart, title, lang, widths=widths, height=110 + 27 * len(shown))
    if len(found) <= _ONE_PAGE:
        sheet.raw.fit_to_pages(1, 1)
    else:
        sheet.raw.set_h_pagebreaks([last + 1])  # a free row first: the header is repeated above


def counted(numbers: pd.Series[int], lang: Lang) -> str:
    """Say the N of several figures: one number where it is the same for all, else the range."""
    least, most = int(numbers.min()), int(numbers.max())
    return str(least) if least == most else f"{least}{'至' if lang == 'zh' else ' to '}{most}"


def _columns(table: str, wanted: Iterable[tuple[str, float, Any]], lang: Lang) -> list[look.Column]:
    """Make a table's columns of their keys, widths and looks."""
    return [look.Column(say(f"regulator.{table}.{name}", lang), width, style) for name, width, style in wanted]


def _opened(
    book: look.ReportBook, results: Results, lang: Lang, key: str, columns: list[look.Column], note: str
) -> tuple[Sheet, int]:
    """Add a sheet with its heading, a note and the table's header; give the sheet and the header's row."""
    looks, widths = book.looks, [column.width for column in columns]
    title = say(f"regulator.sheet.{key}", lang)
    sheet = book.sheet(title)
    sheet.raw.set_default_row(charts.ROW_POINTS)
    row = look.heading(sheet, looks, results.assessment.model, lang, title, widths)
    note_row(sheet, row, note, widths, looks, lang)
    look.table_head(sheet, row + 1, columns, looks, lang)
    return sheet, row + 1
