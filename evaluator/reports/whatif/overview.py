"""The overview of a trial: figures, distribution before and after, from which star to which, one change at a time.

Owns: this sheet, and the heading that all sheets of the workbook have.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from xlsxwriter.format import Format

from evaluator.assessment.changes import STANDINGS, Changes, Figures
from evaluator.assessment.levels import NOT_RATED, RATED
from evaluator.assessment.trial import Trial
from evaluator.measure import row_height
from evaluator.model import difference_words
from evaluator.model.records import LEVELS
from evaluator.reports import look
from evaluator.reports.look import Looks
from evaluator.reports.regulator_charts import pixels
from evaluator.wording import Lang, say
from evaluator.workbook import Sheet

SHOWN = (*reversed(STANDINGS[1:]), NOT_RATED)
"""Standings in the order of the sheets: five stars first, not rated last."""
BETTER, WORSE = look.HEAT[1], look.HEAT[0]
"""Behind what goes up, and down."""
_WIDTHS = (46.0, *[12.6] * 9)
_CHART_COLUMN = 3
_ROW_POINTS = 17.25
_ROW_PIXELS = 23
_ON_ONE_PAGE = 3
"""Changes of the model up to which the sheet is one printed page; more of them have a page of their own."""
_FIGURES = (
    "institutions", "up", "down", "same", "becomes_rated", "becomes_unrated", "never_rated", "rank_moved",
    "largest_rise", "largest_fall", "mean_rank_change", "spearman", "kendall",
)  # fmt: skip
_ALONE = (
    "alone_change", "alone_up", "alone_down", "alone_rated", "alone_unrated", "alone_moved", "alone_rise",
    "alone_fall", "alone_mean", "alone_well",
)  # fmt: skip


def heading(sheet: Sheet, looks: Looks, trial: Trial, lang: Lang, title: str, widths: Sequence[float]) -> int:
    """Write what all reports have above, for the model on trial, and that it is a trial; give the next free row."""
    row = look.heading(sheet, looks, trial.new.model, lang, title, widths)
    old = trial.old.model
    words = say(
        "whatif.line",
        lang,
        name=old.name.say(lang),
        id=old.id,
        edition=old.edition,
        hash=old.hash[: look.HASH_DIGITS],
    )
    last, room = look.heading_span(widths)
    sheet.merged(row, 0, row, last, words, looks.notice)
    sheet.height(row, row_height([(words, room * 1.1)], lang))
    return row + 1


def standing_words(standing: str, lang: Lang) -> str:
    """Show one of `changes.STANDINGS`."""
    return look.stars_text(None if standing == NOT_RATED else int(standing), lang)


def counts_of(found: Changes) -> dict[str, tuple[int, int]]:
    """Count the institutions of each of `changes.STANDINGS`, before and after."""
    columns = (found.distribution[name].tolist() for name in ("standing", "old", "new"))
    return {standing: (old, new) for standing, old, new in zip(*columns, strict=True)}


def write_overview(book: look.ReportBook, trial: Trial, lang: Lang) -> None:
    """Write the sheet."""
    sheet, looks = book.sheet(say("whatif.sheet.overview", lang)), book.looks
    row = heading(sheet, looks, trial, lang, say("whatif.heading.overview", lang), _WIDTHS)
    first = row + 1
    row = _figures(book, sheet, trial, row, lang)
    row = _distribution(book, sheet, trial, row, first, lang)
    row = _transitions(book, sheet, trial, row, lang)
    row = _domains(book, sheet, trial, row, lang)
    last = _alone(book, sheet, trial, row, lang) - 1
    look.page_end(sheet, trial.new.model, lang)
    if len(trial.alone) > _ON_ONE_PAGE:
        sheet.printed_parts([(0, row), (row + 1, last)], len(_WIDTHS) - 1)


def _section(
    sheet: Sheet, looks: Looks, row: int, words: str, keys: Sequence[str], lang: Lang, **params: object
) -> int:
    """Write a section's title and its table's header, with `params` in its words; give the next row."""
    sheet.text(row + 1, 0, words, looks.section)
    for column in range(1, len(_WIDTHS)):
        sheet.blank(row + 1, column, looks.section)
    sheet.height(row + 1, _ROW_POINTS + 2)
    heads = [say(f"whatif.overview.{key}", lang, **params) for key in keys]
    sheet.row(row + 2, 0, heads, looks.head)
    sheet.height(row + 2, row_height(zip(heads, _WIDTHS, strict=False), lang, bold=True, margin=8))
    return row + 3


def signed(book: look.ReportBook, style: str) -> Format:
    """Give the format of a table's numbers that are changes, with their sign."""
    number = f"+{style};-{style};{style}"
    return book.format(num_format=number, align="center", border=1, border_color=look.LINE, font_color=look.INK)


def moves(book: look.ReportBook, **properties: object) -> Format:
    """Give the format of a table's changes of ranks and stars: an arrow up is better."""
    base = {"align": "center", "border": 1, "border_color": look.LINE, "font_color": look.INK}
    return book.format(**{**base, **properties}, num_format=look.MOVE)


def _fallen(places: int | None) -> int | None:
    """Give a fall as a change of rank, which is shown with an arrow down."""
    return None if places is None else -places


def _figures(book: look.ReportBook, sheet: Sheet, trial: Trial, row: int, lang: Lang) -> int:
    looks, found = book.looks, trial.changes.figures
    row = _section(sheet, looks, row, say("whatif.overview.figures", lang), ("figure", "value"), lang)
    fine = looks.fine_score
    styles = {"largest_rise": moves(book), "largest_fall": moves(book), "mean_rank_change": looks.score}
    styles |= {"spearman": fine, "kendall": fine}
    values = {**{key: getattr(found, key) for key in _FIGURES}, "well": trial.well}
    values["largest_fall"] = _fallen(found.largest_fall)
    for key, value in values.items():
        sheet.text(row, 0, say(f"whatif.overview.{key}", lang), looks.text)
        sheet.number(row, 1, value, styles.get(key, looks.count))
        sheet.height(row, _ROW_POINTS)
        row += 1
    return row


def _distribution(book: look.ReportBook, sheet: Sheet, trial: Trial, row: int, top: int, lang: Lang) -> int:
    looks, counts = book.looks, counts_of(trial.changes)
    keys = ("star", "old", "new", "change", "share_old", "share_new")
    everyone = len(trial.old.institutions)
    rated = [everyone - count for count in counts[NOT_RATED]]
    facts = {"n_old": rated[0], "n_new": rated[1]}
    row = first = _section(sheet, looks, row, say("whatif.overview.distribution", lang), keys, lang, **facts)
    change = signed(book, "0")
    for standing in SHOWN:
        old, new = counts[standing]
        of = [0, 0] if standing == NOT_RATED else rated  # shares are of the rated, as in the ranking workbook
        shares = [count / n if n else None for count, n in zip((old, new), of, strict=True)]
        styles = [looks.star, looks.count, looks.count, change, looks.share, looks.share]
        sheet.row(row, 0, [standing_words(standing, lang), old, new, new - old, *shares], styles)
        sheet.height(row, _ROW_POINTS)
        row += 1
    chart = book.chart("column")
    for column, fill in ((1, look.SERIES[2]), (2, look.SERIES[0])):
        chart.add_series(
            {
                "name": [sheet.name, first - 1, column],
                "categories": [sheet.name, first, 0, row - 1, 0],
                "values": [sheet.name, first, column, row - 1, column],
                "fill": {"color": fill},
                "gap": 60,
                "overlap": -5,
                "data_labels": {"value": True, "font": look.chart_font(lang, 8)},
            }
        )
    chart.set_x_axis({"num_font": look.chart_font(lang), "line": {"color": look.LINE}})
    few = {"max": 5, "major_unit": 1} if everyone < len(LEVELS) else {}
    grid = {"visible": True, "line": {"color": look.LINE, "width": 0.5}}
    chart.set_y_axis(
        {"num_font": look.chart_font(lang), "major_gridlines": grid, "line": {"none": True}, "min": 0,
         "num_format": "0", **few}
    )  # fmt: skip
    title = say("whatif.overview.chart", lang, n=everyone)
    size = {"width": pixels(_WIDTHS[_CHART_COLUMN:]), "height": (len(_FIGURES) + 1) * _ROW_PIXELS}
    look.dressed(chart, title, lang, **size, legend="bottom")
    sheet.place(top + 1, _CHART_COLUMN, chart, object_position=2, description=title)
    return row


def _transitions(book: look.ReportBook, sheet: Sheet, trial: Trial, row: int, lang: Lang) -> int:
    looks, places = book.looks, [STANDINGS.index(one) for one in SHOWN]
    counts = trial.changes.transitions.to_numpy()[np.ix_(places, places)]
    row = _section(sheet, looks, row, say("whatif.overview.transitions", lang), ("from_to",), lang)
    heads = [standing_words(one, lang) for one in SHOWN]
    sheet.row(row - 1, 1, [*heads, say("whatif.overview.total", lang)], looks.head)
    plain = {"num_format": look.COUNT, "align": "center", "border": 1, "border_color": look.LINE}
    faint = book.format(**plain, font_color=look.LINE)
    better, worse = (book.format(**plain, bold=True, bg_color=colour) for colour in (BETTER, WORSE))
    kept = book.format(**plain, bg_color=look.BAND)
    sums = book.format(**plain, bold=True, bg_color=look.BAND)
    for n, own in enumerate(counts.tolist()):
        styles = [kept if m == n else faint if not count else better if m < n else worse for m, count in enumerate(own)]
        sheet.row(row, 0, [heads[n], *own, sum(own)], [looks.star, *styles, sums])
        sheet.height(row, _ROW_POINTS)
        row += 1
    totals = counts.sum(axis=0).tolist()
    sheet.row(row, 0, [say("whatif.overview.total", lang), *totals, sum(totals)], [looks.total, *[sums] * 8])
    sheet.height(row, _ROW_POINTS)
    return row + 1


def _domains(book: look.ReportBook, sheet: Sheet, trial: Trial, row: int, lang: Lang) -> int:
    looks, table = book.looks, trial.changes.institutions
    rated = table.loc[table["status_old"].eq(RATED) & table["status_new"].eq(RATED), "institution"]
    frame = trial.changes.domains
    frame = frame[frame["institution"].isin(set(rated))]
    words = say("whatif.overview.domains", lang, n=len(rated))
    row = _section(sheet, looks, row, words, ("domain", "mean_old", "mean_new", "change"), lang)
    names = {d.code: d.name.say(lang) for found in (trial.old, trial.new) for d in found.model.domains}
    fine = signed(book, "0.000")
    for code in trial.changes.domains["domain"].drop_duplicates().tolist():
        own = frame[frame["domain"].eq(code)]
        means = [_mean(own[f"score_{side}"].to_numpy(dtype=np.float64)) for side in ("old", "new")]
        change = None if None in means else _mean(own["score_change"].to_numpy(dtype=np.float64))
        sheet.row(row, 0, [names[code], *means, change], [looks.text, looks.fine_score, looks.fine_score, fine])
        sheet.height(row, _ROW_POINTS)
        row += 1
    return row


def _mean(values: np.ndarray[Any, np.dtype[np.float64]]) -> float | None:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else None


def _alone(book: look.ReportBook, sheet: Sheet, trial: Trial, row: int, lang: Lang) -> int:
    looks, model = book.looks, trial.old.model
    if not trial.alone:
        return row
    row = _section(sheet, looks, row, say("whatif.overview.alone", lang), _ALONE, lang)
    styles = [looks.words, *[looks.count] * 5, *[moves(book)] * 2, looks.score, looks.count]
    for one in trial.alone:
        name = difference_words.group_name(one.change, model, lang)
        steps = difference_words.steps(one.change.differences, model, lang)
        words = say("whatif.overview.alone_what", lang, name=name, steps=steps)
        sheet.row(row, 0, [words, *_effect(one.changes, one.well)], styles)
        sheet.height(row, row_height([(words, _WIDTHS[0])], lang))
        row += 1
    bold = {"bold": True, "bg_color": look.BAND, "border": 1, "border_color": look.LINE, "align": "center"}
    count, change, mean = (book.format(**bold, num_format=style) for style in (look.COUNT, look.MOVE, look.SCORE))
    words = say("whatif.overview.together", lang)
    styles = [looks.total, *[count] * 5, change, change, mean, count]
    sheet.row(row, 0, [words, *_effect(trial.changes, trial.well)], styles)
    sheet.height(row, _ROW_POINTS)
    words = say("whatif.overview.alone_note", lang)
    sheet.merged(row + 1, 0, row + 1, len(_WIDTHS) - 1, words, looks.note)
    return row + 2


def _effect(found: Changes, well: int) -> list[float | None]:
    figures: Figures = found.figures
    return [
        figures.up, figures.down, figures.becomes_rated, figures.becomes_unrated, figures.rank_moved,
        figures.largest_rise, _fallen(figures.largest_fall), figures.mean_rank_change, well,
    ]  # fmt: skip
