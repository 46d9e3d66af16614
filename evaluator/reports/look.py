"""The one look of all reports: palette, number formats, named formats, headings, tables, charts, print set-up.

Owns: how a report looks, and the few phrases that stand on every one (model line, notice, stars, footer). Knows
nothing of what a report says. Colours are told apart by lightness first, so that a grey print reads as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from xlsxwriter.chart import Chart
from xlsxwriter.format import Format

from evaluator.fastbook.books import Kit
from evaluator.fastbook.texts import Known
from evaluator.measure import FONTS, row_height, text_units
from evaluator.model.records import Model
from evaluator.wording import Lang, say
from evaluator.workbook import Book, Sheet, font_kit

INK, MUTED, LINE, HEAD, BAND, NOTICE, LINK = (
    "#1F2937", "#5B6472", "#C5CCD6", "#1F4E79", "#F3F6FA", "#FDF3E7", "#1F5FA8",
)  # fmt: skip
SERIES = ("#1F4E79", "#E08E45", "#7FA7CC", "#5B6472", "#C9A227", "#A9B8C9")
"""Colours of a chart's series, dark and light in turn."""
HEAT = ("#FBEBD9", "#DCE8F3", "#7FA7CC")
"""Lowest, middle and highest of a heat map, from light to darker."""
GOOD, BAD = ("#1E6B34", "#E3F4E6"), ("#B42318", "#FDE4E1")
"""Ink and ground of what is as it should be, and of what is not."""
SCORE, SHARE, COUNT = "0.00", "0.0%", "#,##0"
"""Number formats: scores 0..5, shares, counts and ranks. The cells hold full precision."""
MOVE = '"↑"#,##0;"↓"#,##0;"—"'
"""Number format of changes of a rank or star: positive is better, so that the numbers sort from best to worst."""
CELL: Mapping[str, object] = {"border": 1, "border_color": LINE, "font_color": INK}
"""Format properties of a table's cell."""
REACHED: Mapping[str, object] = {"bg_color": HEAT[1], "bold": True}
SHORT: Mapping[str, object] = {"font_color": MUTED}
"""What sets off a level's attainment that passes, and one that doesn't."""
_ROOMY_DIGITS = 4
"""Decimals of a share up to which it fits a table's columns."""
HEADING_WIDTH = 130.0
"""Widest that a heading's text runs, in characters: what a screen shows without scrolling."""
HASH_DIGITS = 8
A3 = 8
"""Paper of tables whose columns would come out too small on A4, as XlsxWriter numbers it."""


@dataclass(frozen=True, kw_only=True)
class Looks:
    """The named formats of all reports."""

    title: Any
    note: Any
    notice: Any
    section: Any
    head: Any
    """Header cell of a table."""
    label: Any
    """Left cell of a label-and-value pair."""
    text: Any
    """Text in a table cell, on one line."""
    wrap: Any
    """Text in a table cell, wrapped, at the top."""
    words: Any
    """A sentence beside a label, wrapped, in the middle."""
    centre: Any
    star: Any
    """Stars as ★ text, centred."""
    count: Any
    score: Any
    share: Any
    link: Any
    top: Any
    """As `centre`, at the top and wrapped: beside `wrap`."""
    ruled: Any
    """As `wrap`, of a row that a person decided."""
    top_count: Any
    top_score: Any
    total: Any
    """A table's closing row: text."""
    total_score: Any
    big_star: Any
    """The star on a card."""
    left_share: Any
    """A share beside a label."""
    plain_number: Any
    fine_score: Any
    """Finer than elsewhere, so that a small shortfall shows."""
    fine_share: Any
    fine: Any
    """A figure of a calculation."""
    exact: Any
    """A figure that is compared with another."""
    plain: Any
    """A number with the decimals it has."""
    input: Any
    """As `plain`: a value that the reader may change to see what follows."""
    verdict: Any
    """A sentence that says how something came out."""
    good: Any
    """Conditional: as it should be."""
    bad: Any
    """Conditional: not as it should be."""


def score(book: Book, digits: int) -> Format:
    """Give the format of a table's score with so many decimals; small print where they are many."""
    return _decimals(book, digits, "")


def share(book: Book, digits: int, **more: object) -> Format:
    """Give the format of a table's share with so many decimals, and with more properties."""
    return _decimals(book, digits, "%", **more)


def _decimals(book: Book, digits: int, unit: str, **more: object) -> Format:
    style = ("0." + "0" * digits if digits else "0") + unit
    small = {"shrink": True} if digits > _ROOMY_DIGITS else {}
    return book.format(**{**CELL, "align": "center", "num_format": style, **small, **more})


class ReportBook(Book):
    """A report's workbook, with the formats that all reports have."""

    def __init__(self, target: Path | BinaryIO, lang: Lang, title: str, known: Known | None = None) -> None:
        """Open the workbook with the font of its language; `known` are texts that it will hold for sure."""
        kit, self.looks = _equipment(lang)
        super().__init__(target, kit=kit, title=title, known=known)


@cache
def _equipment(lang: Lang) -> tuple[Kit, Looks]:
    kit = font_kit(FONTS[lang])
    cell = CELL
    shown = {"align": "center", "border": 1, "border_color": LINE}
    styles: dict[str, Mapping[str, object]] = {
        "title": {"bold": True, "font_size": 15, "font_color": HEAD},
        "note": {"font_color": MUTED, "font_size": 9, "text_wrap": True, "valign": "top"},
        "notice": {"font_color": INK, "font_size": 9, "text_wrap": True, "bg_color": NOTICE, "valign": "vcenter"},
        "section": {"bold": True, "font_size": 11, "font_color": HEAD, "bottom": 2, "bottom_color": HEAD},
        "head": {**cell, "bold": True, "font_color": "#FFFFFF", "bg_color": HEAD, "text_wrap": True, "align": "center"},
        "label": {**cell, "bg_color": BAND, "font_color": MUTED, "text_wrap": True},
        "text": cell,
        "wrap": {**cell, "text_wrap": True, "valign": "top"},
        "words": {**cell, "text_wrap": True},
        "centre": {**cell, "align": "center"},
        "star": {**cell, "align": "center", "font_color": HEAD},
        "count": {**cell, "num_format": COUNT, "align": "center"},
        "score": {**cell, "num_format": SCORE, "align": "center"},
        "share": {**cell, "num_format": SHARE, "align": "center"},
        "link": {**cell, "font_color": LINK, "underline": 1},
        "top": {**cell, "align": "center", "valign": "top", "text_wrap": True},
        "ruled": {**cell, "text_wrap": True, "valign": "top", "bg_color": NOTICE},
        "top_count": {**cell, "align": "center", "valign": "top", "num_format": COUNT},
        "top_score": {**cell, "align": "center", "valign": "top", "num_format": SCORE},
        "total": {**cell, "bold": True, "bg_color": BAND},
        "total_score": {**cell, "align": "center", "num_format": SCORE, "bold": True, "bg_color": BAND},
        "big_star": {
            "bold": True, "font_size": 16, "font_color": HEAD, "align": "center", "border": 1, "border_color": LINE,
        },
        "left_share": {**cell, "num_format": SHARE, "align": "left"},
        "plain_number": {**shown, "num_format": "0"},
        "fine_score": {**shown, "num_format": "0.000"},
        "fine_share": {**shown, "num_format": "0.00%"},
        "fine": {**shown, "num_format": "0.0000", "font_color": INK},
        "exact": {**shown, "num_format": "0.000000", "font_color": INK},
        "plain": {**shown, "font_color": INK},
        "input": {**shown, "font_color": INK, "bg_color": NOTICE},
        "verdict": {**cell, "bold": True, "font_size": 12, "font_color": HEAD, "indent": 1},
    }  # fmt: skip
    conditions: dict[str, dict[str, object]] = {
        "good": {"font_color": GOOD[0], "bg_color": GOOD[1]},
        "bad": {"font_color": BAD[0], "bg_color": BAD[1], "bold": True},
    }
    looks = {name: kit.format(**style) for name, style in styles.items()}
    return kit, Looks(**looks, **{name: kit.condition(**style) for name, style in conditions.items()})


def stars_text(star: float | None, lang: Lang) -> str:
    """Show a star as people read it: ★★★, words for none, words for not rated (`None` or NaN)."""
    if star is None or star != star:
        return say("report.common.not_rated", lang)
    return "★" * int(star) if star else say("report.common.no_star", lang)


def model_line(model: Model, lang: Lang) -> str:
    """Say which model the results come from: name, id, edition, short hash."""
    return say(
        "report.common.model_line",
        lang,
        name=model.name.say(lang),
        id=model.id,
        edition=model.edition,
        hash=model.hash[:HASH_DIGITS],
    )


@cache
def _group_names(categories: tuple[tuple[str, str], ...]) -> Mapping[str, str]:
    return dict(categories)


def group_name(model: Model, value: str, lang: Lang) -> str:
    """Show a category or type of the model in the run's language; any other name as it is."""
    if lang == "zh":
        return value
    return _group_names(tuple((g.zh, g.en) for g in (*model.categories, *model.types))).get(value, value)


class Column(NamedTuple):
    """A table's column."""

    header: str
    width: float
    look: Any
    """Format of its cells."""
    upright: Any = None
    """Format of its header where that stands on end."""


def heading(sheet: Sheet, looks: Looks, model: Model, lang: Lang, title: str, widths: Sequence[float]) -> int:
    """Write a sheet's title, model line and notice in rows 0 to 2, and set the columns' widths.

    Returns:
        The next free row.
    """
    sheet.widths(widths)
    last, room = heading_span(widths)
    sheet.merged(0, 0, 0, last, title, looks.title)
    sheet.height(0, 26)
    for row, (words, look) in enumerate(
        ((model_line(model, lang), looks.note), (model.notice.say(lang), looks.notice)), start=1
    ):
        sheet.merged(row, 0, row, last, words, look)
        sheet.height(row, row_height([(words, room * 1.1)], lang))
    return 3


def heading_span(widths: Sequence[float]) -> tuple[int, float]:
    """Give the last column over which a heading's text runs, and how wide the columns up to there are together."""
    last, room = 0, widths[0]
    while last + 1 < len(widths) and room + widths[last + 1] <= HEADING_WIDTH:
        last += 1
        room += widths[last]
    return last, room


def notes(sheet: Sheet, looks: Looks, row: int, sentences: Iterable[str], widths: Sequence[float], lang: Lang) -> int:
    """Write sentences below a sheet's heading, as wide as it; gives the next free row."""
    last, room = heading_span(widths)
    for words in sentences:
        sheet.merged(row, 0, row, last, words, looks.note)
        sheet.height(row, row_height([(words, room * 1.1)], lang))
        row += 1
    return row


def table_head(sheet: Sheet, row: int, columns: Sequence[Column], looks: Looks, lang: Lang, first: int = 0) -> None:
    """Write a table's header row, high enough for its words (widths are set by `heading`)."""
    sheet.row(row, first, [c.header for c in columns], [c.upright or looks.head for c in columns])
    needed = row_height([(c.header, c.width) for c in columns if not c.upright], lang, bold=True, margin=8)
    sheet.height(row, max([needed, *(8 + 5.5 * text_units(c.header) for c in columns if c.upright)]))


def table_end(
    sheet: Sheet,
    head: int,
    last: int,
    columns: int,
    model: Model,
    lang: Lang,
    *,
    frozen: int = 0,
    landscape: bool = True,
    filtered: bool = True,
) -> None:
    """Freeze and filter the header row `head` of a sheet that is one table, and set up its printing.

    Args:
        sheet: the sheet.
        head: the header's row.
        last: the table's last row; `head` itself where it has none.
        columns: how many columns it has, from A on.
        model: for the footer.
        lang: language of the footer.
        frozen: how many columns stay in view when scrolling.
        landscape: whether the paper lies on its long side.
        filtered: whether it has a filter, by which it can be sorted, too.
    """
    sheet.raw.freeze_panes(head + 1, frozen)
    if filtered:
        sheet.raw.autofilter(head, 0, max(last, head), columns - 1)
    sheet.raw.hide_gridlines(2)
    sheet.printed(landscape=landscape, header_row=head, footer=footer(model, lang))


def page_end(sheet: Sheet, model: Model, lang: Lang, *, landscape: bool = False) -> None:
    """Finish a sheet that is a page, not a table: no grid lines, print set-up."""
    sheet.raw.hide_gridlines(2)
    sheet.printed(landscape=landscape, header_row=None, footer=footer(model, lang))


def footer(model: Model, lang: Lang) -> str:
    """Give the printed footer: model and edition on the left, page numbers on the right."""
    left = f"{model.name.say(lang)} {model.edition} #{model.hash[:HASH_DIGITS]}".replace("&", "&&")
    return f"&L&8{left[:120]}&R&8{say('report.common.pages', lang)}"


def heat(sheet: Sheet, row: int, column: int, last_row: int, last_column: int, top: float) -> None:
    """Colour a range of numbers by a fixed scale from 0 to `top`."""
    rule: dict[str, object] = {"type": "3_color_scale"}
    for part, colour, value in zip(("min", "mid", "max"), HEAT, (0.0, top / 2, top), strict=True):
        rule |= {f"{part}_type": "num", f"{part}_value": value, f"{part}_color": colour}
    sheet.coloured(row, column, last_row, last_column, rule)


def bars(sheet: Sheet, row: int, column: int, last_row: int, top: float) -> None:
    """Put a bar behind each number of a column, on a fixed scale from 0 to `top`.

    Of the kind that Excel 2007 knows: openpyxl warns of the newer one, which is kept in an extension.
    """
    rule = {"type": "data_bar", "bar_color": HEAT[2], "min_type": "num", "max_type": "num"}
    sheet.coloured(row, column, last_row, column, {**rule, "min_value": 0, "max_value": top})


def dressed(chart: Chart, title: str, lang: Lang, *, width: int, height: int, legend: str | None = None) -> Chart:
    """Give a chart its title, font, size in pixels and legend (`None`: no legend)."""
    chart.set_title({"name": title, "name_font": chart_font(lang, 11, bold=True), "overlay": False})
    chart.set_size({"width": width, "height": height})
    chart.set_legend({"position": legend, "font": chart_font(lang)} if legend else {"none": True})
    chart.set_chartarea({"border": {"color": LINE}})
    return chart


def chart_font(lang: Lang, size: float = 9, *, bold: bool = False) -> dict[str, object]:
    """Give the font of a chart's texts."""
    return {"name": FONTS[lang], "size": size, "bold": bold, "color": INK}
