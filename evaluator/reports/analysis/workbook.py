"""The workbook of the questionnaire's analysis: which requirements and domains to look at, and why.

Owns: the workbook's sheets About and Overview, and the order of the others (`analysis_tables`). Knows nothing of how a
figure is worked out (`assessment.itemanalysis`) or read (`assessment.conventions`).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from xlsxwriter.chart import Chart

from evaluator.assessment import conventions
from evaluator.assessment.itemanalysis import Analysis
from evaluator.measure import row_height
from evaluator.model.records import LEVELS
from evaluator.naming import quoted_sheet
from evaluator.reports import look
from evaluator.reports import regulator_charts as charts
from evaluator.reports.analysis.tables import (
    SHEETS,
    LevelTable,
    at_row,
    coefficient,
    questions,
    write_domains,
    write_items,
    write_requirements,
)
from evaluator.reports.analysis.words import domain_words, findings, readings_words, rows
from evaluator.wording import Lang, say
from evaluator.wording.numbers import plain_share
from evaluator.workbook import Sheet

FIRST = 10
"""Requirements that the overview lists."""
TERMS = (
    "who", "n", "score", "mean", "ends", "discrimination", "alpha", "alpha_without", "mean_r", "between", "lost",
    "no_evidence", "order",
)  # fmt: skip
CONVENTIONS = ("discrimination", "ends", "veto", "alpha", "mean_r", "between", "lost", "sample", "own")
LIMITS = ("declared", "sample", "validity", "levels", "decision")
_ABOUT = (24.0, 92.0)
_WIDTHS = (11.0, 48.0, 10.5, 8.0, 11.0, 11.0, 62.0)
TITLE = "analysis.title"
"""Key of the title by which such a workbook is known."""


def write_analysis(target: Path | BinaryIO, found: Analysis, lang: Lang) -> None:
    """Write the workbook.

    Args:
        target: the file to write, or a stream.
        found: the analysis; of at least one rated institution.
        lang: language of all texts.
    """
    with look.ReportBook(target, lang, say(TITLE, lang)) as book:
        write_about(book, found, lang)
        overview = book.sheet(say("analysis.sheet.overview", lang))
        levels = write_domains(book, found, lang)
        write_items(book, found, lang)
        places = write_requirements(book, found, lang)
        write_overview(book, overview, found, lang, levels, places)


def write_about(book: look.ReportBook, found: Analysis, lang: Lang) -> None:
    """Write the sheet that says what was analysed, how to read it, by what conventions, and what it can't tell."""
    model, looks = found.model, book.looks
    sheet = book.sheet(say("analysis.sheet.about", lang))
    row = look.heading(sheet, looks, model, lang, say(TITLE, lang), _ABOUT)
    row = _line(sheet, row, say("analysis.about.lead", lang), book, lang, sum(_ABOUT), len(_ABOUT)) + 1
    row = _section(sheet, row, say("analysis.about.sheets", lang), looks, len(_ABOUT))
    for key in SHEETS:
        name = say(f"analysis.sheet.{key}", lang)
        row = _explained(sheet, row, "", say(f"analysis.about.{key}", lang), book, lang)
        sheet.link(row - 1, 0, f"internal:{quoted_sheet(name)}!A1", name, looks.link)
    values = _thresholds(found)
    row = _section(sheet, row + 1, say("analysis.about.figures", lang), looks, len(_ABOUT))
    for key in TERMS:
        meaning = say(f"analysis.meaning.{key}", lang, **values)
        row = _explained(sheet, row, say(f"analysis.term.{key}", lang), meaning, book, lang)
    row = _section(sheet, row + 1, say("analysis.about.conventions", lang), looks, len(_ABOUT))
    for key in CONVENTIONS:
        meaning = say(f"analysis.convention.{key}_is", lang, **values)
        row = _explained(sheet, row, say(f"analysis.convention.{key}", lang), meaning, book, lang)
    row = _section(sheet, row + 1, say("analysis.about.limits", lang), looks, len(_ABOUT))
    for key in LIMITS:
        row = _line(sheet, row, say(f"analysis.limit.{key}", lang), book, lang, sum(_ABOUT), len(_ABOUT))
    look.page_end(sheet, model, lang)


def _thresholds(found: Analysis) -> dict[str, object]:
    """Give what the explanations name, as they say it."""
    return {
        "institutions": found.institutions,
        "rated": found.rated,
        "errors": f"{conventions.ERRORS:g}",
        "step": plain_share(conventions.LEAST_STEP),
        "individual": f"{conventions.INDIVIDUAL_ALPHA:.2f}",
        "redundant": f"{conventions.REDUNDANT_ALPHA:.2f}",
        "poor": f"{conventions.POOR:.2f}",
        "marginal": f"{conventions.MARGINAL:.2f}",
        "end": plain_share(conventions.END_SHARE),
        "extreme": plain_share(conventions.EXTREME_SHARE),
        "most": f"{conventions.MOST_R:.2f}",
        "overlap": f"{conventions.OVERLAP:.2f}",
        "strong": f"{conventions.STRONG:.2f}",
        "medium": f"{conventions.MEDIUM:.2f}",
        "blank": plain_share(conventions.BLANK_SHARE),
        "no_evidence": plain_share(conventions.NO_EVIDENCE_SHARE),
        "gain": f"{conventions.ALPHA_GAIN:g}",
        "most_na": plain_share(found.model.rules.max_na_share),
        "good": conventions.GOOD_N,
        "least": conventions.LEAST_N,
        "least_r": f"{conventions.LEAST_R:.2f}",
    }


def write_overview(
    book: look.ReportBook, sheet: Sheet, found: Analysis, lang: Lang, levels: LevelTable, places: dict[str, int]
) -> None:
    """Write the sheet of findings.

    Args:
        book: the book.
        sheet: the sheet, still empty: it stands before those whose cells it shows.
        found: the analysis.
        lang: language of all texts.
        levels: where the attainment level by level stands.
        places: row of each requirement on its sheet.
    """
    model, looks = found.model, book.looks
    sheet.raw.set_default_row(charts.ROW_POINTS)
    title = say(TITLE, lang)
    row = look.heading(sheet, looks, model, lang, title, _WIDTHS) + 1
    for words in findings(found, lang):
        row = _line(sheet, row, words, book, lang, sum(_WIDTHS[:6]), 6)
    row += 1
    if len(found.first):
        row = _write_first(sheet, row, found, looks, lang, places) + 1
    row = _write_reliability(sheet, row, found, book, lang)
    look.page_end(sheet, model, lang)
    sheet.raw.fit_to_pages(1, 1)
    chart, words = _level_chart(book, levels, lang), say("analysis.overview.chart", lang, n=found.rated)
    charts.finish(sheet, row + 1, chart, words, lang, widths=_WIDTHS, height=380, legend=True)


def _write_first(sheet: Sheet, row: int, found: Analysis, looks: look.Looks, lang: Lang, places: dict[str, int]) -> int:
    row = _section(sheet, row, say("analysis.overview.first", lang), looks, len(_WIDTHS))
    keys = ("id", "text", "level", "n", "mean", "discrimination", "readings")
    styles = (looks.link, looks.words, looks.star, looks.count, looks.share, looks.score, looks.words)
    row = _head(sheet, row, keys, styles, looks, lang)
    asked = {r.id: r for r in found.model.requirements}
    for figures in rows(found.first.head(FIRST)):
        requirement = asked[figures["requirement"]]
        text, words = requirement.text.say(lang), readings_words(figures, found.model, lang)
        values = ["", text, "★" * requirement.level, figures["n"], figures["mean"], None, words]
        sheet.row(row, 0, values, styles)
        at_row(sheet, row, 5, figures["discrimination"], looks.score, looks, lang)
        target = quoted_sheet(say("analysis.sheet.requirements", lang))
        sheet.link(row, 0, f"internal:{target}!A{places[requirement.id] + 1}", requirement.id, looks.link)
        sheet.height(row, row_height([(text, _WIDTHS[1]), (words, _WIDTHS[6])], lang))
        row += 1
    more = len(found.first) - FIRST
    if more > 0:
        sheet.text(row, 0, say("analysis.overview.more", lang, count=more))
        row += 1
    return row


def _write_reliability(sheet: Sheet, row: int, found: Analysis, book: look.ReportBook, lang: Lang) -> int:
    looks = book.looks
    row = _section(sheet, row, say("analysis.overview.reliability", lang), looks, len(_WIDTHS))
    keys = ("code", "domain", "units", "n", "alpha", "mean_r", "readings")
    styles = (looks.centre, looks.text, looks.count, looks.count, looks.score, looks.score, looks.words)
    row = _head(sheet, row, keys, styles, looks, lang)
    for figures, domain in zip(rows(found.domains), found.model.domains, strict=True):
        words = domain_words(figures, lang)
        values = [domain.code, domain.name.say(lang), None, figures["n_requirement"]]
        sheet.row(row, 0, [*values, None, None, words], styles)
        at_row(sheet, row, 2, questions(figures["units_requirement"]), looks.count, looks, lang)
        for column, key in ((4, "alpha_requirement"), (5, "r_requirement")):
            at_row(sheet, row, column, figures[key], coefficient(book, key, figures[key]), looks, lang)
        sheet.height(row, row_height([(words, _WIDTHS[6])], lang))
        row += 1
    return row


def _head(sheet: Sheet, row: int, keys: Sequence[str], styles: Sequence[object], looks: look.Looks, lang: Lang) -> int:
    columns = [
        look.Column(say(f"analysis.column.{key}", lang), width, style)
        for key, width, style in zip(keys, _WIDTHS, styles, strict=True)
    ]
    look.table_head(sheet, row, columns, looks, lang)
    return row + 1


def _level_chart(book: look.ReportBook, levels: LevelTable, lang: Lang) -> Chart:
    """Draw each domain's attainment as a staircase of columns, one for each level, ever darker."""
    chart = book.chart("column")
    for level in LEVELS:
        column = levels.column + level - 1
        chart.add_series(
            {
                "name": [levels.sheet, levels.head, column],
                "categories": [levels.sheet, levels.head + 1, levels.names, levels.last, levels.names],
                "values": [levels.sheet, levels.head + 1, column, levels.last, column],
                "fill": {"color": charts.RAMP[level]},
                "border": {"none": True},
                "gap": 60,
                "overlap": -5,
                "data_labels": {"value": True, "num_format": "0%", "font": look.chart_font(lang, 8)},
            }
        )
    font = {"num_font": look.chart_font(lang)}
    grid = {"visible": True, "line": {"color": look.LINE, "width": 0.5}}
    chart.set_x_axis(font | {"line": {"color": look.LINE}})
    scale = {"min": 0, "max": 1, "major_unit": 0.2, "num_format": "0%"}
    chart.set_y_axis(font | scale | {"line": {"none": True}, "major_gridlines": grid})
    return chart


def _section(sheet: Sheet, row: int, words: str, looks: look.Looks, columns: int) -> int:
    sheet.row(row, 0, [words, *[""] * (columns - 1)], looks.section)
    sheet.height(row, 22)
    return row + 1


def _line(sheet: Sheet, row: int, words: str, book: look.ReportBook, lang: Lang, width: float, columns: int) -> int:
    sheet.merged(row, 0, row, columns - 1, words, book.format(text_wrap=True, font_color=look.INK))
    sheet.height(row, row_height([(words, width)], lang) + 4)
    return row + 1


def _explained(sheet: Sheet, row: int, term: str, meaning: str, book: look.ReportBook, lang: Lang) -> int:
    sheet.row(row, 0, [term, meaning], [book.looks.label, book.looks.words])
    sheet.height(row, row_height([(term, _ABOUT[0]), (meaning, _ABOUT[1])], lang) + 2)
    return row + 1
