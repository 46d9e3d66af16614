"""The lower part of an institution's card: profile, domains, items, with their charts.

Owns: the card's grid of columns and the sections below who and why. Knows nothing of files or of the upper part.
"""

from __future__ import annotations

from xlsxwriter.chart import Chart

from evaluator.measure import row_height
from evaluator.model.records import DIMENSIONS, LEVELS
from evaluator.quantum import quantised_one
from evaluator.reports import look
from evaluator.reports.look import Looks
from evaluator.reports.phrases import lacking, listed
from evaluator.reports.subject import Subject
from evaluator.wording import Lang, say
from evaluator.wording.numbers import near_share_digits, plain_share, rounded_share, share_digits
from evaluator.workbook import Book, Sheet

WIDTHS = (36.0, 10.0, 10.0, 11.0, 10.0, 10.0, 10.0, 10.0, 10.0, 13.0)
LAST = len(WIDTHS) - 1
ROOM = sum(WIDTHS[1:])
"""Width of columns B to J."""
CHART_ROWS, CHART_ROW_POINTS, ITEM_POINTS = 12, 18.0, 15.0
NAMED = 3
"""How many items are named as strengths, and how many as weaknesses."""


def _section(sheet: Sheet, looks: Looks, row: int, words: str) -> int:
    sheet.height(row, 12)
    for column in range(1, LAST + 1):
        sheet.blank(row + 1, column, looks.section)
    sheet.text(row + 1, 0, words, looks.section)
    sheet.height(row + 1, 21)
    return row + 2


def write_profile(book: Book, sheet: Sheet, looks: Looks, subject: Subject, row: int, lang: Lang) -> int:
    """Place the radar chart, and beside it the dimensions and the strongest and weakest items."""
    row = _section(sheet, looks, row, say("report.card.profile", lang))
    for n in range(CHART_ROWS):
        sheet.height(row + n, CHART_ROW_POINTS)
    first, group = row + CHART_ROWS + 3, group_words(subject, lang) if subject.group.count else ""
    last = first + len(subject.domains) - 1
    drawn = ("radar", lang, sheet.name, first, last, group)
    radar = book.chart_like(drawn, lambda: _radar(book, sheet.name, first, last, group, lang))
    sheet.place(row, 0, radar, x_offset=2, y_offset=2)
    _dimensions(book, sheet, looks, subject, row, lang)
    order = _order(subject)
    items, scores = subject.context.model.items, dict(_known(subject))
    for at, key, chosen in ((row + 5, "strengths", order[:NAMED]), (row + 9, "weaknesses", order[: -NAMED - 1 : -1])):
        words = listed((f"{items[i].name.say(lang)} {rounded_share(scores[i], 0)}" for i in chosen), lang)
        sheet.merged(at, 5, at, LAST, say(f"report.card.{key}", lang), looks.head)
        sheet.merged(at + 1, 5, at + 2, LAST, words, looks.words)
    return row + CHART_ROWS


def _order(subject: Subject) -> list[int]:
    """Sort the items that have a score, highest first; equal ones in model order."""
    return [i for i, score in sorted(_known(subject), key=lambda pair: (-quantised_one(pair[1]), pair[0]))]


def _known(subject: Subject) -> list[tuple[int, float]]:
    """Give the items that have a score, with it."""
    return [(i, score) for i, score in enumerate(subject.items) if score is not None]


def group_words(subject: Subject, lang: Lang) -> str:
    """Name the group an institution is compared with, and how many there are."""
    group = subject.group
    name = look.group_name(subject.context.model, group.name, lang)
    return say("report.card.group" if name else "report.card.group_all", lang, name=name, n=group.count)


def _radar(book: Book, name: str, first: int, last: int, group: str, lang: Lang) -> Chart:
    """Draw an institution's domain scores, and those of the group it is compared with if that has a name."""
    chart = book.chart("radar", "with_markers")
    names = [name, first, 0, last, 0]
    median = [name, first, LAST, last, LAST]
    own = [name, first, 2, last, 2]
    if group:
        chart.add_series(
            {
                "name": group,
                "categories": names,
                "values": median,
                "line": {"color": look.SERIES[1], "width": 1.5, "dash_type": "dash"},
                "marker": {"type": "none"},
            }
        )
    chart.add_series(
        {
            "name": say("report.card.this_one", lang),
            "categories": names,
            "values": own,
            "line": {"color": look.SERIES[0], "width": 2.25},
            "marker": {"type": "circle", "size": 5, "fill": {"color": look.SERIES[0]}, "border": {"none": True}},
        }
    )
    chart.set_y_axis(
        {
            "min": 0,
            "max": 5,
            "major_unit": 1,
            "num_format": "0",
            "num_font": look.chart_font(lang, 8),
            "major_gridlines": {"visible": True, "line": {"color": look.LINE, "width": 0.75}},
        }
    )
    chart.set_x_axis({"num_font": look.chart_font(lang)})
    chart.show_blanks_as("gap")
    return look.dressed(chart, say("report.card.radar", lang), lang, width=550, height=284, legend="bottom")


def _dimensions(book: Book, sheet: Sheet, looks: Looks, subject: Subject, row: int, lang: Lang) -> None:
    model = subject.context.model
    sheet.merged(row, 5, row, 6, say("report.card.dimension", lang), looks.head)
    for column, key in ((7, "score_short"), (8, "threshold"), (LAST, "performing_well")):
        sheet.text(row, column, say(f"report.card.{key}", lang), looks.head)
    threshold = model.rules.performing_well
    for n, (dimension, score) in enumerate(zip(DIMENSIONS, subject.dimensions, strict=True), start=row + 1):
        sheet.merged(n, 5, n, 6, say(f"report.dimension.{dimension}", lang), looks.text)
        digits = 1 if score is None else near_share_digits(score, threshold)
        sheet.number(n, 7, score, look.share(book, digits))
        sheet.number(n, 8, threshold, look.share(book, share_digits(threshold)))
        well = None if score is None else quantised_one(score) >= quantised_one(threshold)
        words = "unknown" if well is None else "yes" if well else "no"
        sheet.text(n, LAST, say(f"report.common.{words}", lang), looks.centre)


def write_domains(book: Book, sheet: Sheet, looks: Looks, subject: Subject, row: int, lang: Lang) -> int:
    """Write the table of the domains with attainment by level, the total, and how to read it; gives the next row."""
    row = _section(sheet, looks, row, say("report.card.domains", lang))
    model, weights = subject.context.model, subject.context.weights.w
    heads = [say(f"report.card.{key}", lang) for key in ("domain", "weight", "score_short", "passed")]
    heads += [say("report.card.attained", lang, level=level.name.say(lang)) for level in model.levels]
    heads.append(say("report.card.median", lang))
    sheet.row(row, 0, heads, looks.head)
    sheet.height(row, row_height(zip(heads, WIDTHS, strict=True), lang, bold=True, margin=6))
    mark, grounds = quantised_one(model.rules.pass_mark), (look.SHORT, look.REACHED)
    usual = [look.share(book, 1, **ground) for ground in grounds]
    weight = look.share(book, max(share_digits(domain.weight, 0) for domain in model.domains))
    for d, line in enumerate(subject.domains):
        row += 1
        sheet.height(row, 17)
        name = model.domains[d].name.say(lang)
        words = name if line.came else say("report.card.domain_missing", lang, domain=name)
        sheet.text(row, 0, words, looks.text)
        sheet.number(row, 1, float(weights[d]), weight)
        sheet.number(row, 2, line.score, looks.score)
        sheet.number(row, 3, line.passed, looks.count)
        for n, share in enumerate(line.attainment[: len(LEVELS)], start=4):
            passed = share is not None and quantised_one(share) >= mark
            digits = 1 if share is None else near_share_digits(share, mark)
            style = usual[passed] if digits == 1 else look.share(book, digits, **grounds[passed])
            sheet.number(row, n, share, style)
        sheet.number(row, LAST, subject.group.domains[d], looks.score)
    row += 1
    return _total(sheet, looks, subject, row, lang)


def _total(sheet: Sheet, looks: Looks, subject: Subject, row: int, lang: Lang) -> int:
    model = subject.context.model
    for column in range(LAST):
        sheet.blank(row, column, looks.total)
    sheet.text(row, 0, say("report.card.total", lang), looks.total)
    sheet.number(row, 2, subject.facts["score"], looks.total_score)
    sheet.number(row, LAST, subject.group.total, looks.total_score)
    key = f"report.card.domains_note.{'average' if model.rules.method == 'average' else 'staged'}"
    words = say(key, lang, mark=plain_share(model.rules.pass_mark), group=group_words(subject, lang))
    sheet.merged(row + 1, 0, row + 1, LAST, words, looks.note)
    sheet.height(row + 1, row_height([(words, sum(WIDTHS))], lang))
    return row + 2


def write_items(book: Book, sheet: Sheet, looks: Looks, subject: Subject, row: int, lang: Lang) -> None:
    """List the items by score, the highest first, with a bar chart; those without a score last, in words."""
    row = _section(sheet, looks, row, say("report.card.items", lang))
    model = subject.context.model
    sheet.row(
        row, 0, [say(f"report.card.{key}", lang) for key in ("item", "code", "score_short", "median")], looks.head
    )
    sheet.height(row, 20 if lang == "zh" else 31)
    order, first = _order(subject), row + 1
    for n, i in enumerate(order, start=first):
        item = model.items[i]
        sheet.row(n, 0, [item.name.say(lang), item.code], [looks.text, looks.centre])
        sheet.row(n, 2, [subject.items[i], subject.group.items[i]], looks.share)
        sheet.height(n, ITEM_POINTS)
    missing = [i for i, score in enumerate(subject.items) if score is None]
    of_domain = subject.context.weights.item_domain
    for n, i in enumerate(missing, start=first + len(order)):
        item, reason = model.items[i], lacking(model, subject.domains[of_domain[i]])
        words = say("report.state.missing" if reason == "missing_domain" else "report.state.not_applicable", lang)
        sheet.row(n, 0, [item.name.say(lang), item.code, words], [looks.text, looks.centre, looks.centre])
        sheet.number(n, 3, subject.group.items[i], looks.share)
        sheet.height(n, ITEM_POINTS)
    if order:
        last = first + len(order) - 1
        drawn = ("item bars", lang, sheet.name, first, last)
        chart = book.chart_like(drawn, lambda: _item_bars(book, sheet.name, first, last, lang))
        sheet.place(row, 4, chart, x_offset=6, y_offset=2)


def _item_bars(book: Book, name: str, first: int, last: int, lang: Lang) -> Chart:
    chart = book.chart("bar")
    look.dressed(chart, say("report.card.item_bars", lang), lang, width=464, height=64 + 19 * (last - first + 1))
    chart.add_series(
        {
            "name": say("report.card.score_short", lang),
            "categories": [name, first, 0, last, 0],
            "values": [name, first, 2, last, 2],
            "fill": {"color": look.SERIES[0]},
            "gap": 45,
            "data_labels": {"value": True, "num_format": "0%", "font": look.chart_font(lang, 8)},
        }
    )
    chart.set_y_axis({"reverse": True, "num_font": look.chart_font(lang, 8), "line": {"color": look.LINE}})
    chart.set_x_axis(
        {
            "min": 0,
            "max": 1,
            "major_unit": 0.25,
            "num_format": "0%",
            "num_font": look.chart_font(lang, 8),
            "label_position": "high",
            "major_gridlines": {"visible": True, "line": {"color": look.LINE, "width": 0.5}},
        }
    )
    return chart
