"""The ranking workbook's first two sheets: what it is and how it was computed, and the figures at a glance.

Owns: the method in words with the model's own thresholds, and the overview's tables and charts. Knows nothing of single
institutions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import cast

from xlsxwriter.chart import Chart

from evaluator.assessment import statistics
from evaluator.assessment.rulings import Decision, digest
from evaluator.findings import SEVERITIES
from evaluator.measure import row_height
from evaluator.model.records import LEVELS
from evaluator.reports import look
from evaluator.reports.context import plain_list
from evaluator.reports.look import Looks
from evaluator.reports.phrases import listed, star_name, verified_words
from evaluator.reports.record import Results
from evaluator.wording import Lang, catalogue, say
from evaluator.wording.numbers import plain, plain_share, share_digits
from evaluator.workbook import Sheet

ABOUT_WIDTHS = (20.0, 100.0)
WIDTHS = (30.0, *[10.0] * 7, 3.0, *[15.0] * 6)
CHART_COLUMN, CHART_WIDTH = 9, 650
ROW_POINTS = 16.5
OPTIONS = ("model", "lang", "round", "closes", "late", "limits")
"""Options of a run in the order in which they are said; those of the draws are said with the robustness."""
STATISTICS = ("n", "mean", "lowest", "q1", "median", "q3", "highest")


def write_about(book: look.ReportBook, results: Results, lang: Lang, sheets: Sequence[str]) -> None:
    """Write what the workbook is, and the method with the thresholds of the model."""
    sheet, looks = book.sheet(say("report.sheet.about", lang)), book.looks
    model = results.assessment.model
    row = look.heading(sheet, looks, model, lang, say("report.ranking.title", lang), ABOUT_WIDTHS) + 1
    params = _about_params(results, lang, sheets)
    entries = cast("Mapping[str, Mapping[str, object]]", catalogue("report")["about"])
    for key, entry in entries.items():
        if "label" not in entry:
            continue
        words = say(f"report.about.{key}.text", lang, **params)
        sheet.text(row, 0, say(f"report.about.{key}.label", lang), looks.label)
        sheet.text(row, 1, words, looks.words)
        sheet.height(row, row_height([(words, ABOUT_WIDTHS[1])], lang) + 4)
        row += 1
    if results.decisions is not None:
        words = _overrides(results.decisions, lang)
        sheet.text(row, 0, say("report.about_round.label", lang), looks.label)
        sheet.text(row, 1, words, looks.words)
        sheet.height(row, row_height([(words, ABOUT_WIDTHS[1])], lang) + 4)
    look.page_end(sheet, model, lang)


def _overrides(decisions: Sequence[Decision], lang: Lang) -> str:
    """Say how much of a round's results persons decided."""
    if not decisions:
        return say("report.about_round.none", lang)
    counts = Counter(f"{one.kind}s" for one in decisions)
    numbers = {kind: counts[kind] for kind in ("answers", "excludes", "accepts")}
    return say("report.about_round.text", lang, count=len(decisions), hash=digest(decisions), **numbers)


def _about_params(results: Results, lang: Lang, sheets: Sequence[str]) -> dict[str, object]:
    found = results.assessment
    model, rules = found.model, found.model.rules
    weights = (f"{domain.name.say(lang)} {plain_share(domain.weight)}" for domain in model.domains)
    scale = (f"{a.label.say(lang)} {plain(a.value)}" for a in model.scale if a.value is not None)
    bands = (f"{star_name(model, n, lang)} ≥{plain(start)}" for n, start in enumerate(rules.bands, start=1))
    return {
        "institutions": len(found.institutions),
        "rated": len(found.rated),
        "not_rated": len(found.institutions) - len(found.rated),
        "notice": model.notice.say(lang),
        "name": model.name.say(lang),
        "id": model.id,
        "edition": model.edition,
        "hash": model.hash,
        "domains": len(model.domains),
        "items": len(model.items),
        "requirements": len(model.requirements),
        "scale": listed(scale, lang),
        "evidence": say(f"report.about.evidence_{'on' if rules.evidence_rule else 'off'}", lang),
        "mark": plain_share(rules.pass_mark),
        "weights": listed(weights, lang),
        "method": say(f"report.method.{rules.method}", lang),
        "bands": listed(bands, lang),
        "floor": rules.domain_floor,
        "verified": verified_words(model, lang),
        "least": plain_share(rules.min_coverage),
        "most": plain_share(rules.max_na_share),
        "well": plain_share(rules.performing_well),
        "robustness": _robustness(results, lang),
        "options": _options(results.options, lang),
        "sheets": listed(sheets, lang),
    }


def _options(options: Mapping[str, str], lang: Lang) -> str:
    """Say with which options the results were made."""
    said = {key: value for key, value in options.items() if value}
    said |= {"lang": say(f"report.form_lang.{options['lang']}", lang)} if "lang" in options else {}
    said |= {"late": say(f"report.option.late_{options['late']}", lang)} if "late" in options else {}
    return listed((say(f"report.option.{key}", lang, value=said[key]) for key in OPTIONS if key in said), lang)


def _robustness(results: Results, lang: Lang) -> str:
    if results.robustness is None:
        return say("robustness.about.off", lang)
    drawn = results.robustness.settings
    return say("robustness.about.on", lang, spread=plain_share(drawn.spread), draws=f"{drawn.draws:,}", seed=drawn.seed)


def write_overview(book: look.ReportBook, results: Results, lang: Lang) -> None:
    """Write the figures at a glance: returns, stars, domains, dimensions, findings; tables left, charts right."""
    sheet, looks = book.sheet(say("report.sheet.overview", lang)), book.looks
    model = results.assessment.model
    row = look.heading(sheet, looks, model, lang, say("report.ranking.overview", lang), WIDTHS)
    first = row + 1
    row = _returns(sheet, looks, results, row, lang)
    row = _stars(book, sheet, looks, results, row, first, lang)
    row = _domains(book, sheet, looks, results, row, lang)
    row = _dimensions(book, sheet, looks, results, row, lang)
    row = _findings(sheet, looks, results, row, lang)
    for n in range(first, row + 6):
        sheet.height(n, ROW_POINTS)
    look.page_end(sheet, model, lang, landscape=True)
    sheet.raw.fit_to_pages(1, 1)


def _section(sheet: Sheet, looks: Looks, row: int, words: str, heads: Sequence[str]) -> int:
    """Write a section's title and its table's header; gives the next row."""
    sheet.text(row + 1, 0, words, looks.section)
    for column in range(1, 8):
        sheet.blank(row + 1, column, looks.section)
    sheet.row(row + 2, 0, heads, looks.head)
    return row + 3


def _heads(keys: Sequence[str], lang: Lang) -> list[str]:
    return [say(f"report.overview.{key}", lang) for key in keys]


def _returns(sheet: Sheet, looks: Looks, results: Results, row: int, lang: Lang) -> int:
    words = say("report.overview.returns", lang)
    row = _section(sheet, looks, row, words, _heads(("figure", "count", "share"), lang))
    figures = statistics.returns(results.assessment)
    everyone = int(figures["count"].iloc[0])
    for figure, count in zip(figures["figure"].tolist(), figures["count"].tolist(), strict=True):
        sheet.row(row, 0, [say(f"report.overview.{figure}", lang), count], [looks.text, looks.count])
        sheet.number(row, 2, count / everyone if everyone else None, looks.share)
        row += 1
    if not results.has_roster:
        sheet.text(row, 0, say("report.overview.no_roster", lang), looks.note)
        row += 1
    return row


def _stars(book: look.ReportBook, sheet: Sheet, looks: Looks, results: Results, row: int, top: int, lang: Lang) -> int:
    counts = statistics.star_counts(results.assessment)
    rated = int(counts["rated"].iloc[0]) if len(counts) else 0
    words = say("report.overview.stars", lang, n=rated)
    row = _section(sheet, looks, row, words, _heads(("star", "count", "share"), lang))
    first = row
    for star in range(len(LEVELS), -1, -1):
        count = int(counts[f"star_{star}"].iloc[0]) if len(counts) else 0
        sheet.row(row, 0, [look.stars_text(star, lang), count], [looks.star, looks.count])
        sheet.number(row, 2, count / rated if rated else None, looks.share)
        row += 1
    if rated:
        chart = _columns_chart(book, sheet, first, row - 1, 1, lang, "0")
        chart.set_y_axis(
            {**_axis(lang), "min": 0, "num_format": "0", **({"max": 5, "major_unit": 1} if rated < 5 else {})}
        )
        title = say("report.overview.chart_stars", lang, n=rated)
        _place(sheet, top, look.dressed(chart, title, lang, width=CHART_WIDTH, height=19 * 22))
    return row


def _domains(book: look.ReportBook, sheet: Sheet, looks: Looks, results: Results, row: int, lang: Lang) -> int:
    model, frame = results.assessment.model, statistics.domain_statistics(results.assessment)
    rated, top = len(results.assessment.rated), row + 1
    words = say("report.overview.domains", lang, n=rated)
    row = _section(sheet, looks, row, words, _heads(("domain", *STATISTICS), lang))
    first = row
    names = [*(domain.name.say(lang) for domain in model.domains), say("report.overview.total", lang)]
    columns = [plain_list(frame[key]) for key in STATISTICS]
    for name, values in zip(names, zip(*columns, strict=True), strict=True):
        sheet.row(row, 0, [name, *values], [looks.text, looks.count, *[looks.score] * (len(STATISTICS) - 1)])
        row += 1
    if rated:
        chart = _columns_chart(book, sheet, first, first + len(model.domains) - 1, 2, lang, "0.00")
        chart.set_y_axis({**_axis(lang), "min": 0, "max": 5, "major_unit": 1, "num_format": "0"})
        title = say("report.overview.chart_domains", lang, n=rated)
        _place(sheet, top, look.dressed(chart, title, lang, width=CHART_WIDTH, height=12 * 22 - 8))
    return row


def _dimensions(book: look.ReportBook, sheet: Sheet, looks: Looks, results: Results, row: int, lang: Lang) -> int:
    frame = statistics.performing_well(results.assessment)
    mark = results.assessment.model.rules.performing_well
    threshold = plain_share(mark)
    rated, top = len(results.assessment.rated), row + 4
    words = say("report.overview.dimensions", lang, threshold=threshold, n=rated)
    keys = ("dimension", "n", "well", "well_share", "threshold", "mean")
    row = _section(sheet, looks, row, words, _heads(keys, lang))
    first = row
    columns = [plain_list(frame[key]) for key in ("dimension", "n", "well", "share", "threshold", "mean")]
    styles = [looks.text, looks.count, looks.count, looks.share, look.share(book, share_digits(mark)), looks.share]
    for dimension, *values in zip(*columns, strict=True):
        sheet.row(row, 0, [say(f"report.dimension.{dimension}", lang), *values], styles)
        row += 1
    if rated:
        chart = _columns_chart(book, sheet, first, row - 1, 3, lang, "0.0%")
        chart.set_y_axis({**_axis(lang), "min": 0, "max": 1, "major_unit": 0.25, "num_format": "0%"})
        title = say("report.overview.chart_dimensions", lang, threshold=threshold, n=rated)
        _place(sheet, top, look.dressed(chart, title, lang, width=CHART_WIDTH, height=10 * 22))
    return row


def _findings(sheet: Sheet, looks: Looks, results: Results, row: int, lang: Lang) -> int:
    words = say("report.overview.findings", lang)
    row = _section(sheet, looks, row, words, _heads(("severity", "count"), lang))
    counts = dict.fromkeys(SEVERITIES, 0)
    for finding in results.findings:
        counts[finding.severity] += 1
    for severity, count in counts.items():
        sheet.row(row, 0, [say(f"report.severity.{severity}", lang), count], [looks.text, looks.count])
        row += 1
    return row


def _columns_chart(
    book: look.ReportBook, sheet: Sheet, first: int, last: int, column: int, lang: Lang, style: str
) -> Chart:
    chart: Chart = book.chart("column")
    chart.add_series(
        {
            "name": [sheet.name, first - 1, column],
            "categories": [sheet.name, first, 0, last, 0],
            "values": [sheet.name, first, column, last, column],
            "fill": {"color": look.SERIES[0]},
            "gap": 80,
            "data_labels": {"value": True, "num_format": style, "font": look.chart_font(lang)},
        }
    )
    chart.set_x_axis({"num_font": look.chart_font(lang), "line": {"color": look.LINE}})
    return chart


def _axis(lang: Lang) -> dict[str, object]:
    grid = {"visible": True, "line": {"color": look.LINE, "width": 0.5}}
    return {"num_font": look.chart_font(lang), "major_gridlines": grid, "line": {"none": True}}


def _place(sheet: Sheet, row: int, chart: Chart) -> None:
    sheet.place(row, CHART_COLUMN, chart, object_position=2)
