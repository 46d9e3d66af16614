"""The regulator's workbook: summary tables for publication, each figure with its N and its definition.

Owns: the workbook's sheets About and Summary and the order of the others (`regulator_groups`, `regulator_tables`).
Knows nothing of how a figure is worked out (`assessment.statistics`).
"""

from __future__ import annotations

import math
from pathlib import Path

import pandas as pd

from evaluator.assessment import statistics
from evaluator.assessment.levels import REASONS
from evaluator.measure import row_height
from evaluator.model.records import Model
from evaluator.naming import quoted_sheet
from evaluator.reports import look
from evaluator.reports import regulator_charts as charts
from evaluator.reports.record import Results
from evaluator.reports.regulator_groups import GROUPS, SOLID, closing, good_share, write_group
from evaluator.reports.regulator_tables import write_dimensions, write_domains, write_items
from evaluator.wording import Lang, say
from evaluator.wording.numbers import plain, plain_share, rounded, rounded_share
from evaluator.workbook import Sheet

SHEETS = ("summary", *GROUPS, "domains", "dimensions", "items")
"""Sheets after About, by their keys in the wording."""
TERMS = (
    "basis", "counted", "rated", "returned", "score", "star", "mean", "quartiles", "three", "dimension", "item",
    "group", "display",
)  # fmt: skip
"""Figures explained on the About sheet, in this order."""
_WIDTHS = (52.0, 18.0, 18.0, 20.0)


def write_regulator(target: Path, results: Results, lang: Lang) -> None:
    """Write the regulator's workbook.

    Args:
        target: the file to write.
        results: the run's results; any number of institutions, rated or not.
        lang: language of all texts.
    """
    with look.ReportBook(target, lang, say("regulator.title", lang)) as book:
        write_about(book, results, lang)
        write_summary(book, results, lang)
        for by in GROUPS:
            write_group(book, results, lang, by)
        write_domains(book, results, lang)
        write_dimensions(book, results, lang)
        write_items(book, results, lang)


def write_about(book: look.ReportBook, results: Results, lang: Lang) -> None:
    """Write the sheet that says what the workbook holds and what each figure means."""
    model, looks, widths = results.assessment.model, book.looks, (24.0, 88.0)
    sheet = book.sheet(say("regulator.sheet.about", lang))
    row = look.heading(sheet, looks, model, lang, say("regulator.title", lang), widths) + 1
    row = _section(sheet, row, say("regulator.about.sheets", lang), looks, len(widths))
    for key in SHEETS:
        name = say(f"regulator.sheet.{key}", lang)
        sheet.link(row, 0, f"internal:{quoted_sheet(name)}!A1", name, looks.link)
        row = _explained(sheet, row, "", say(f"regulator.about.{key}", lang), widths, book, lang)
    row = _section(sheet, row + 1, say("regulator.about.terms", lang), looks, len(widths))
    for term, meaning in definitions(model, lang):
        row = _explained(sheet, row, term, meaning, widths, book, lang)
    look.page_end(sheet, model, lang)
    sheet.raw.fit_to_pages(1, 1)


def definitions(model: Model, lang: Lang) -> list[tuple[str, str]]:
    """Give each term of the workbook with its meaning under the model's rules."""
    rules = model.rules
    values = {
        "coverage": plain_share(rules.min_coverage),
        "na": plain_share(rules.max_na_share),
        "well": plain_share(rules.performing_well),
        "count": len(model.domains),
        "method": say(f"regulator.method.{rules.method}", lang),
        "bands": ("、" if lang == "zh" else ", ").join(plain(band) for band in rules.bands),
    }
    meanings = {term: term for term in TERMS}
    if rules.method == "cumulative":
        meanings["star"] = "star_cumulative"
    return [
        (say(f"regulator.term.{term}", lang), say(f"regulator.meaning.{meaning}", lang, **values))
        for term, meaning in meanings.items()
    ]


def write_summary(book: look.ReportBook, results: Results, lang: Lang) -> None:
    """Write the sheet of returns, ratings and the distribution of stars."""
    model, looks = results.assessment.model, book.looks
    sheet = book.sheet(say("regulator.sheet.summary", lang))
    sheet.raw.set_default_row(charts.ROW_POINTS)
    row = look.heading(sheet, looks, model, lang, say("regulator.sheet.summary", lang), _WIDTHS) + 1
    row = _line(sheet, row, sentence(results, lang), book.format(text_wrap=True, font_color=look.INK), lang)
    if not results.has_roster:
        row = _line(sheet, row, say("regulator.summary.no_roster", lang), looks.notice, lang)
    counts = statistics.returns(results.assessment).set_index("figure")["count"]
    everyone, rated = int(counts["institutions"]), int(counts["rated"])
    told = {key: say(f"regulator.figure.{key}", lang, count=len(model.domains)) for key in counts.index}
    if results.has_roster:
        told["institutions"] = say("regulator.figure.on_roster", lang)
    figures = [(told[key], int(counts[key])) for key in ("institutions", "complete", "incomplete", "none")]
    row = _section(sheet, row + 1, say("regulator.summary.returns", lang), looks, len(_WIDTHS))
    row = _counts(sheet, row, "figure", figures, everyone, book, lang)
    keys = ("rated", "not_rated", *(f"not_rated_{reason}" for reason in REASONS))
    figures = [(say("regulator.figure.everyone", lang), everyone), *((told[key], int(counts[key])) for key in keys)]
    row = _section(sheet, row + 1, say("regulator.summary.ratings", lang), looks, len(_WIDTHS))
    row = _counts(sheet, row, "figure", figures, everyone, book, lang)
    stars = statistics.star_counts(results.assessment).iloc[0]
    figures = [(look.stars_text(star, lang), int(stars[f"star_{star}"])) for star in statistics.STARS]
    row = _section(sheet, row + 1, say("regulator.summary.stars", lang), looks, len(_WIDTHS))
    first = row + 1
    extra = [(say("regulator.figure.all_rated", lang), rated), (say("regulator.figure.three", lang), _three(stars))]
    row = _counts(sheet, row, "star_level", [*figures, *extra], rated, book, lang, last=len(extra))
    look.page_end(sheet, model, lang)
    chart, title = None, say("regulator.no_chart", lang)
    if rated:
        most = max(count for _, count in figures)
        chart = charts.star_columns(book, sheet.name, (first, first + len(figures) - 1), most, lang)
        title = say("regulator.summary.chart", lang, n=rated)
    charts.finish(sheet, row + 1, chart, title, lang, widths=_WIDTHS, height=312)
    sheet.raw.fit_to_pages(1, 1)


def sentence(results: Results, lang: Lang) -> str:
    """Sum the round up in a sentence."""
    stars = statistics.star_counts(results.assessment).iloc[0]
    institutions, rated = int(stars["institutions"]), int(stars["rated"])
    if not rated:
        return say("regulator.summary.sentence_unrated", lang, institutions=institutions)
    return say(
        "regulator.summary.sentence",
        lang,
        institutions=institutions,
        rated=rated,
        mean=rounded(stars["mean_score"]),
        three=_three(stars),
        share=rounded_share(good_share(stars)),
    )


def _three(stars: pd.Series[float]) -> int:
    return sum(int(stars[f"star_{star}"]) for star in SOLID)


def _section(sheet: Sheet, row: int, words: str, looks: look.Looks, columns: int) -> int:
    sheet.row(row, 0, [words, *[""] * (columns - 1)], looks.section)
    sheet.height(row, 22)
    return row + 1


def _line(sheet: Sheet, row: int, words: str, style: object, lang: Lang) -> int:
    sheet.merged(row, 0, row, len(_WIDTHS) - 1, words, style)
    sheet.height(row, row_height([(words, sum(_WIDTHS))], lang) + 4)
    return row + 1


def _explained(
    sheet: Sheet, row: int, term: str, meaning: str, widths: tuple[float, float], book: look.ReportBook, lang: Lang
) -> int:
    looks = book.looks
    if term:
        sheet.text(row, 0, term, looks.label)
    cell = book.format(border=1, border_color=look.LINE, font_color=look.INK, text_wrap=True)
    sheet.text(row, 1, meaning, cell)
    sheet.height(row, row_height([(term, widths[0]), (meaning, widths[1])], lang) + 2)
    return row + 1


def _counts(
    sheet: Sheet,
    row: int,
    first_column: str,
    figures: list[tuple[str, int]],
    base: int,
    book: look.ReportBook,
    lang: Lang,
    *,
    last: int = 0,
) -> int:
    """Write a table of counts with their share of `base`, the `last` rows set off; give the next free row."""
    looks = book.looks
    names = (first_column, "count", "share", "base")
    columns = [
        look.Column(say(f"regulator.summary.{name}", lang), width, None)
        for name, width in zip(names, _WIDTHS, strict=True)
    ]
    look.table_head(sheet, row, columns, looks, lang)
    plain = [looks.text, looks.count, looks.share, looks.count]
    total = [looks.total, *(closing(book, shown) for shown in (look.COUNT, look.SHARE, look.COUNT))]
    for place, (words, count) in enumerate(figures, 1):
        share = count / base if base else math.nan
        styles = total if place > len(figures) - last else plain
        sheet.row(row + place, 0, [words, count, share, base], styles)
    return row + len(figures) + 1
