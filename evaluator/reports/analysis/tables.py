"""The tables of the questionnaire's analysis: domains, items, requirements.

Owns: these three sheets. Knows nothing of how their figures are worked out or read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from xlsxwriter.format import Format

from evaluator.assessment.conventions import ATTENTION
from evaluator.assessment.itemanalysis import Analysis
from evaluator.measure import row_height
from evaluator.model.records import LEVELS
from evaluator.reports import look
from evaluator.reports.analysis.words import (
    alpha_digits,
    between_words,
    domain_words,
    levels_words,
    mean_r_digits,
    readings_words,
    rows,
)
from evaluator.reports.phrases import listed
from evaluator.reports.regulator_charts import ROW_POINTS
from evaluator.reports.regulator_groups import note_row
from evaluator.wording import Lang, say
from evaluator.workbook import Sheet

SHEETS = ("overview", "domains", "items", "requirements")
"""Sheets after About, by their keys in the wording."""
GRAVE, SLIGHT = "#F3C398", "#FBEBD9"
"""Behind figures that call for a look."""
_GRAVE = ATTENTION[:5]
_LOOKED_AT = {
    "negative": ("discrimination",), "constant": ("discrimination",), "poor": ("discrimination",),
    "marginal": ("discrimination",), "reversed": ("easier_than", "reversed"), "blank": ("blank", "invalid"),
    "floor": ("none",), "ceiling": ("full",), "no_evidence": ("no_evidence",), "na": ("na",),
    "lifts": ("alpha_without",),
}  # fmt: skip
"""Figures that a reading is about."""
_UNIT = {
    "n": 7.0, "mean": 9.0, "full": 8.5, "none": 8.5, "discrimination": 9.5, "n_alpha": 7.5, "alpha_without": 9.0,
    "na": 8.5,    "blank": 8.0, "invalid": 8.0, "no_evidence": 9.0,
}  # fmt: skip
_READINGS = 56.0
_DOMAIN = (
    "units_requirement", "n_requirement", "alpha_requirement", "r_requirement", "units_item", "n_item", "alpha_item",
    "r_item", "n_rated", "score", "full", "none",
)  # fmt: skip
_OF_DOMAIN = {"score": "mean", "n_rated": "n"}
"""Columns of the sheet that have another name in the analysis."""
_READ = ("alpha_requirement", "alpha_item", "r_requirement")
"""Coefficients that are read by limits."""
_DOMAIN_WIDTHS = (8.0, 28.0, *[10.5] * len(_DOMAIN), 60.0)
_FROM = 2
"""Column of the Domains sheet where figures begin."""


class LevelTable(NamedTuple):
    """Where the attainment level by level stands."""

    sheet: str
    head: int
    last: int
    names: int
    """Column of the domains' names."""
    column: int
    """Column of level 1."""


def at_row(sheet: Sheet, row: int, column: int, value: float, style: Format, looks: look.Looks, lang: Lang) -> None:
    """Write a figure, or a dash where there is none."""
    if value == value:
        sheet.number(row, column, value, style)
    else:
        sheet.text(row, column, say("analysis.none", lang), looks.centre)


def questions(used: int) -> float:
    """Give how many questions a reliability rests on; NaN, shown as a dash, where it rests on none."""
    return used or float("nan")


def write_domains(book: look.ReportBook, found: Analysis, lang: Lang) -> LevelTable:
    """Write the sheet of reliability, correlations between domains and attainment by level; say where the last is."""
    model, looks = found.model, book.looks
    name = say("analysis.sheet.domains", lang)
    sheet = book.sheet(name)
    sheet.raw.set_default_row(ROW_POINTS)
    row = look.heading(sheet, looks, model, lang, name, _DOMAIN_WIDTHS) + 1
    row = _reliability(sheet, row, found, book, lang)
    row = _section(sheet, row + 1, say("analysis.between.title", lang, n=found.rated), looks)
    for words in between_words(found, lang):
        sheet.text(row, 0, words)
        row += 1
    row = _matrix(sheet, row, found, looks, lang)
    row = _section(sheet, row + 1, say("analysis.overview.levels", lang), looks)
    sheet.text(row, 0, levels_words(found, lang))
    last = _levels(sheet, row + 1, found, book, lang)
    look.page_end(sheet, model, lang, landscape=True)
    return LevelTable(sheet=name, head=row + 1, last=last, names=1, column=_FROM)


def coefficient(book: look.ReportBook, key: str, value: float) -> Format:
    """Give the format of an alpha or a mean correlation: with the decimals that its reading takes."""
    return look.score(book, alpha_digits(value) if key.startswith("alpha") else mean_r_digits(value))


def _reliability(sheet: Sheet, row: int, found: Analysis, book: look.ReportBook, lang: Lang) -> int:
    looks, keys = book.looks, ("code", "domain", *_DOMAIN, "readings")
    styles = {"units": looks.count, "n": looks.count, "r": looks.score, "score": looks.score}
    shown = [styles.get(key.partition("_")[0], looks.share) for key in _DOMAIN]
    columns = [
        look.Column(say(f"analysis.column.{key}", lang), width, None)
        for key, width in zip(keys, _DOMAIN_WIDTHS, strict=True)
    ]
    look.table_head(sheet, row, columns, looks, lang)
    for figures, domain in zip(rows(found.domains), found.model.domains, strict=True):
        row += 1
        sheet.row(row, 0, [domain.code, domain.name.say(lang)], [looks.centre, looks.words])
        for column, (key, style) in enumerate(zip(_DOMAIN, shown, strict=True), _FROM):
            value = figures[_OF_DOMAIN.get(key, key)]
            value = questions(value) if key.startswith("units") else value
            own = coefficient(book, key, value) if key in _READ else style
            at_row(sheet, row, column, value, own, looks, lang)
        words = domain_words(figures, lang)
        sheet.text(row, len(keys) - 1, words, looks.words)
        sheet.height(row, row_height([(words, _DOMAIN_WIDTHS[-1]), (domain.name.say(lang), _DOMAIN_WIDTHS[1])], lang))
    return row + 1


def _matrix(sheet: Sheet, row: int, found: Analysis, looks: look.Looks, lang: Lang) -> int:
    domains = found.model.domains
    sheet.row(row, 0, ["", "", *(domain.code for domain in domains)], looks.head)
    for place, domain in enumerate(domains, 1):
        sheet.row(row + place, 0, [domain.code, domain.name.say(lang)], [looks.centre, looks.words])
        for column, value in enumerate(found.between[place - 1].tolist()):
            own = column == place - 1
            at_row(sheet, row + place, _FROM + column, float("nan") if own else value, looks.fine_score, looks, lang)
    look.heat(sheet, row + 1, _FROM, row + len(domains), _FROM + len(domains) - 1, 1.0)
    return row + len(domains) + 1


def _levels(sheet: Sheet, row: int, found: Analysis, book: look.ReportBook, lang: Lang) -> int:
    looks, domains = book.looks, found.model.domains
    sheet.row(row, 0, ["", "", *(look.stars_text(level, lang) for level in LEVELS)], looks.head)
    figures = {(one["domain"], one["level"]): one for one in rows(found.levels)}
    easier = book.format(border=1, border_color=look.LINE, num_format=look.SHARE, align="center", bg_color=GRAVE)
    for place, domain in enumerate(domains, 1):
        sheet.row(row + place, 0, [domain.code, domain.name.say(lang)], [looks.centre, looks.words])
        for level in LEVELS:
            one = figures[domain.code, level]
            style = easier if one["easier"] else looks.share
            at_row(sheet, row + place, _FROM + level - 1, one["mean"], style, looks, lang)
    return row + len(domains)


def write_items(book: look.ReportBook, found: Analysis, lang: Lang) -> None:
    """Write the sheet of items, in model order."""
    names = {d.code: d.name.say(lang) for d in found.model.domains}
    items = {item.code: item.name.say(lang) for item in found.model.items}
    words = [[row["item"], items[row["item"]], names[row["domain"]]] for row in rows(found.items)]
    texts = {"id": 8.0, "item": 30.0, "domain": 24.0}
    _write_units(book, found, lang, "items", texts, words, {"reversed": 8.0})


def write_requirements(book: look.ReportBook, found: Analysis, lang: Lang) -> dict[str, int]:
    """Write the sheet of requirements, in model order, and say in which row each stands."""
    asked = {r.id: r for r in found.model.requirements}
    names = {d.code: d.name.say(lang) for d in found.model.domains}
    items = {item.code: item.name.say(lang) for item in found.model.items}
    words = [
        [row["requirement"], items[row["item"]], names[row["domain"]], "★" * row["level"],
         asked[row["requirement"]].text.say(lang)]
        for row in rows(found.requirements)
    ]  # fmt: skip
    texts = {"id": 9.0, "item": 18.0, "domain": 15.0, "level": 10.0, "text": 48.0}
    first = _write_units(book, found, lang, "requirements", texts, words, {"easier_than": 10.0})
    return {one[0]: first + place for place, one in enumerate(words)}


def _write_units(
    book: look.ReportBook,
    found: Analysis,
    lang: Lang,
    key: str,
    texts: Mapping[str, float],
    words: Sequence[Sequence[str]],
    order: Mapping[str, float],
) -> int:
    """Write a sheet of units.

    Args:
        book: the book.
        found: the analysis.
        lang: language of all texts.
        key: the sheet, and the frame of the analysis.
        texts: columns of texts before the figures, with their widths.
        words: those texts, by row.
        order: the column about the order of levels, with its width.

    Returns:
        The first unit's row.
    """
    model, looks = found.model, book.looks
    widths = {**texts, **_UNIT, **order, "readings": _READINGS}
    columns = [look.Column(say(f"analysis.column.{name}", lang), width, None) for name, width in widths.items()]
    name = say(f"analysis.sheet.{key}", lang)
    sheet = book.sheet(name)
    head = look.heading(sheet, looks, model, lang, name, list(widths.values()))
    note_row(sheet, head, say(f"analysis.note.{key}", lang), list(widths.values()), looks, lang)
    head += 1
    look.table_head(sheet, head, columns, looks, lang)
    plain = _styles(book, looks, widths, "")
    marked = {colour: _styles(book, looks, widths, colour) for colour in (GRAVE, SLIGHT)}
    missing = say("analysis.none", lang)
    table = rows(getattr(found, key))
    for row, (figures, said) in enumerate(zip(table, words, strict=True), head + 1):
        read = readings_words(figures, model, lang)
        values = [*said, *(_shown(figures[one], missing, lang) for one in (*_UNIT, *order)), read]
        colours = _colours(figures["readings"])
        styles = [marked[colours[one]][one] if one in colours else plain[one] for one in widths]
        sheet.row(row, 0, values, styles)
        needed = [(str(value), width) for value, width in zip(values, widths.values(), strict=True)]
        sheet.height(row, row_height([pair for pair in needed if pair[1] > _UNIT["discrimination"]], lang))
    last = head + len(table)
    look.table_end(sheet, head, last, len(columns), model, lang, frozen=1)
    look.bars(sheet, head + 1, list(widths).index("mean"), last, 1.0)
    return head + 1


def _styles(book: look.ReportBook, looks: look.Looks, names: Mapping[str, float], colour: str) -> dict[str, Format]:
    """Give each column's format, over a colour or none."""
    count, coefficient, share = look.COUNT, look.SCORE, look.SHARE
    formats = dict.fromkeys(_UNIT, share) | {
        "n": count, "n_alpha": count, "discrimination": coefficient, "alpha_without": coefficient, "reversed": count,
    }  # fmt: skip
    behind = {"bg_color": colour} if colour else {}
    found: dict[str, Any] = {}
    for name in names:
        look_of: dict[str, object] = {"border": 1, "border_color": look.LINE, "font_color": look.INK, **behind}
        if name in formats:
            look_of |= {"align": "center", "num_format": formats[name]}
        elif name in ("id", "level", "easier_than"):
            look_of |= {"align": "center", "text_wrap": True}
        else:
            look_of |= {"text_wrap": True}
        found[name] = book.format(**look_of)
    return found


def _colours(readings: Sequence[str]) -> dict[str, str]:
    """Give the colour behind each figure that a reading is about, and behind the readings."""
    found: dict[str, str] = {}
    for code in reversed([code for code in readings if code in ATTENTION]):
        colour = GRAVE if code in _GRAVE else SLIGHT
        found |= dict.fromkeys((*_LOOKED_AT[code], "readings"), colour)
    return found


def _shown(value: object, missing: str, lang: Lang) -> str | float:
    if isinstance(value, tuple):
        return listed(value, lang)
    number = float(str(value))
    return missing if number != number else number


def _section(sheet: Sheet, row: int, words: str, looks: look.Looks) -> int:
    sheet.row(row, 0, [words, *[""] * (len(_DOMAIN_WIDTHS) - 1)], looks.section)
    sheet.height(row, 22)
    return row + 1
