"""The sheet of estimates: live formulas over what the assessors type.

Owns: this sheet and its formulas. Every step has cells of its own, so that a result can be followed by hand. Until
something is typed it shows no figure.

Two estimators of the population's mean, from the values `y` and inclusion probabilities `pi` of those observed, `N` in
all: Horvitz-Thompson `sum(y / pi) / N`, unbiased; Hajek `sum(y / pi) / sum(1 / pi)`, biased by less than its error,
mostly closer, and never outside the values' range. Where some of the sample are not observed yet, the probabilities of
the others are taken times their share of the sample, as if they had been picked from it at random; that makes the
estimate provisional. The variance is Hájek's approximation for designs of high entropy, as randomised systematic
selection is taken for: `V = n/(n-1) * sum((1 - pi) (z - B)^2)` with `B = sum((1 - pi) z) / sum(1 - pi)`, over the `n`
observed with `pi < 1`; `z = y / (pi N)` for Horvitz-Thompson, and `z = (y - mean) / (pi sum(1 / pi))`, its
linearisation, for Hajek. Sources: Horvitz and Thompson, JASA 47 (1952); Hájek, Ann. Math. Statist. 35 (1964), and in
Foundations of Statistical Inference (1971); Deville, Survey Methodology 25 (1999), on linearisation; Matei and Tillé,
J. Official Statistics 21 (2005), where this estimator is compared with others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from xlsxwriter.utility import xl_rowcol_to_cell

from evaluator.measure import row_height
from evaluator.model.records import LEVELS
from evaluator.reports import look
from evaluator.reports.audit.record import AuditSample
from evaluator.wording import Lang, say
from evaluator.workbook import Sheet

Z95 = 1.959963984540054
"""The normal distribution's 97.5 % point."""
QUANTITIES = ("confirmed", "star")
ESTIMATORS = ("hajek", "horvitz_thompson")
_MOST = {"confirmed": 1, "star": len(LEVELS)}
"""Largest value of a quantity; no interval reaches beyond it, or below 0."""
SYMBOLS = ("y", "w", "c", "t", "u")
_MIDDLE = ("entered", "uncertain", "sum_w", "sum_c", "mean_t", "mean_u")
_RESULT = ("quantity", "estimator", "value", "error", "low", "high", "published")
_ROW_POINTS = 17.0
_WIDTHS = (28.0, 24.0, *[13.0] * 12)
_PI, _STAR, _FIRST = 2, 3, 4
"""Columns of the workings; the symbols of each quantity stand side by side from `_FIRST` on."""


@dataclass(frozen=True, kw_only=True)
class Entries:
    """Where the assessors' cells are, and the words they choose from."""

    sheet: Sheet
    first: int
    """Row of the first institution of the sample; the others follow."""
    verified_star: int
    """Its column."""
    confirmed: int
    """Its column."""
    yes: str
    no: str


@dataclass(frozen=True, kw_only=True)
class _Rows:
    """Where things are on the sheet."""

    progress: int
    results: int
    middle: int
    workings: int
    last: int


def write_estimate(book: look.ReportBook, sample: AuditSample, entries: Entries, lang: Lang) -> None:
    """Write the sheet."""
    looks, model = book.looks, sample.recorded.model
    sheet = book.sheet(say("audit.sheet.estimate", lang))
    sheet.raw.set_default_row(_ROW_POINTS)
    sheet.raw.plain_formulas = True
    row = look.heading(sheet, looks, model, lang, say("audit.sheet.estimate", lang), _WIDTHS)
    key = "note_everyone" if sample.draw.everyone else "note"
    note = say(f"audit.estimate.{key}", lang, rated=len(sample.draw.units))
    sheet.merged(row, 0, row, 8, note, looks.note)
    sheet.height(row, row_height([(note, sum(_WIDTHS[:9]) * 1.1)], lang))
    chosen = sample.draw.chosen
    first = row + 24
    rows = _Rows(progress=row + 3, results=row + 11, middle=row + 18, workings=first, last=first + len(chosen) - 1)
    _progress(book, sheet, rows, len(chosen), lang)
    _results(book, sheet, sample, rows, lang)
    _middle(book, sheet, rows, lang)
    _workings(book, sheet, sample, entries, rows, lang)
    _hidden_until_filled(book, sheet, rows)
    look.page_end(sheet, model, lang, landscape=True)
    sheet.raw.repeat_rows(first - 1)


def _section(sheet: Sheet, looks: look.Looks, row: int, words: str, columns: int) -> None:
    sheet.row(row, 0, [words, *[""] * (columns - 1)], looks.section)
    sheet.height(row, 22)


def _progress(book: look.ReportBook, sheet: Sheet, rows: _Rows, count: int, lang: Lang) -> None:
    looks, row = book.looks, rows.progress
    _section(sheet, looks, row - 1, say("audit.estimate.progress", lang), 2)
    y = {quantity: _column(rows, quantity, "y") for quantity in QUANTITIES}
    stars, own = y["star"], f"{_cell(rows.workings, _STAR)}:{_cell(rows.last, _STAR)}"
    both = f"ISNUMBER({y['confirmed']})*ISNUMBER({stars})"
    done = f"{_cell(row + 1, 1)}+{_cell(row + 2, 1)}"
    words = {key: say(f"audit.estimate.{key}", lang) for key in ("nothing", "provisional", "complete")}
    state = f'=IF({done}=0,"{words["nothing"]}",IF({done}=2*{_cell(row, 1)},"{words["complete"]}",'
    state += f'"{words["provisional"]}"))'
    cells: tuple[tuple[str, str, str | float], ...] = (
        ("in_sample", "", count),
        ("done_confirmed", f"=COUNT({y['confirmed']})", 0),
        ("done_star", f"=COUNT({stars})", 0),
        ("disagreeing", f"=SUMPRODUCT({both}*(({y['confirmed']}=1)<>({stars}={own})))", 0),
        ("state", state, words["nothing"]),
    )
    for n, (key, formula, value) in enumerate(cells):
        sheet.text(row + n, 0, say(f"audit.estimate.{key}", lang), looks.label)
        if formula:
            sheet.formula(row + n, 1, formula, value, looks.count)
        else:
            sheet.value(row + n, 1, value, looks.count)


def _results(book: look.ReportBook, sheet: Sheet, sample: AuditSample, rows: _Rows, lang: Lang) -> None:
    looks, row = book.looks, rows.results
    _section(sheet, looks, row - 2, say("audit.estimate.results", lang), len(_RESULT))
    columns = [
        look.Column(say(f"audit.estimate.{key}", lang), width, None)
        for key, width in zip(_RESULT, _WIDTHS, strict=False)
    ]
    look.table_head(sheet, row - 1, columns, looks, lang)
    stars = sample.recorded.assessment.rated["star"].astype("float64")
    published = {"confirmed": None, "star": float(stars.mean())}
    styles = {"confirmed": looks.fine_share, "star": looks.fine_score}
    for n, (quantity, estimator) in enumerate((q, e) for q in QUANTITIES for e in ESTIMATORS):
        place, style = row + n, styles[quantity]
        middle = _middle_cells(rows, quantity)
        value, error = _cell(place, 2), _cell(place, 3)
        sheet.row(place, 0, [say(f"audit.estimate.{key}", lang) for key in (quantity, estimator)], looks.words)
        sheet.formula(place, 2, _value(rows, quantity, estimator, middle), "", style)
        sheet.formula(place, 3, _error(rows, quantity, estimator, middle), "", style)
        for column, bound in (
            (4, f"MAX(0,{value}-{Z95}*{error})"),
            (5, f"MIN({_MOST[quantity]},{value}+{Z95}*{error})"),
        ):
            sheet.formula(place, column, f'=IF(ISNUMBER({error}),{bound},"")', "", style)
        sheet.number(place, 6, published[quantity], style)


def _value(rows: _Rows, quantity: str, estimator: str, middle: Mapping[str, str]) -> str:
    """Sum of `t`, or `sum(w y) / sum(w)`; nothing where nothing is filled in."""
    if estimator == "horvitz_thompson":
        found = f"SUM({_column(rows, quantity, 't')})"
    else:
        found = f"SUMPRODUCT({_column(rows, quantity, 'w')},{_column(rows, quantity, 'y')})/{middle['sum_w']}"
    return f'=IF({middle["entered"]}=0,"",{found})'


def _error(rows: _Rows, quantity: str, estimator: str, middle: Mapping[str, str]) -> str:
    """Give the standard error by Hájek's approximation; 0 where all are certain, a dash where one alone isn't."""
    c = _column(rows, quantity, "c")
    terms, centre = ("t", "mean_t") if estimator == "horvitz_thompson" else ("u", "mean_u")
    spread = f"SUMPRODUCT({c},({_column(rows, quantity, terms)}-{middle[centre]})^2)"
    q = middle["uncertain"]
    return f'=IF({middle["entered"]}=0,"",IF({q}=0,0,IF({q}=1,"—",SQRT({spread}*{q}/({q}-1)))))'


def _middle(book: look.ReportBook, sheet: Sheet, rows: _Rows, lang: Lang) -> None:
    looks, row = book.looks, rows.middle
    _section(sheet, looks, row - 2, say("audit.estimate.middle", lang), len(_MIDDLE) + 1)
    heads = [say("audit.estimate.quantity", lang), *(say(f"audit.estimate.{key}", lang) for key in _MIDDLE)]
    columns = [look.Column(head, width, None) for head, width in zip(heads, _WIDTHS, strict=False)]
    look.table_head(sheet, row - 1, columns, looks, lang)
    figure = _general(book)
    for n, quantity in enumerate(QUANTITIES):
        c, middle = _column(rows, quantity, "c"), _middle_cells(rows, quantity)
        sheet.text(row + n, 0, say(f"audit.estimate.{quantity}", lang), looks.words)
        formulas = {
            "entered": f"=COUNT({_column(rows, quantity, 'y')})",
            "uncertain": f'=COUNTIF({c},">0")',
            "sum_w": f"=SUM({_column(rows, quantity, 'w')})",
            "sum_c": f"=SUM({c})",
        }
        for symbol in ("t", "u"):
            weighted = f"ROUND(SUMPRODUCT({c},{_column(rows, quantity, symbol)})/{middle['sum_c']},12)"
            formulas[f"mean_{symbol}"] = f"=IF({middle['sum_c']}=0,0,{weighted})"
        for column, key in enumerate(_MIDDLE, 1):
            style = looks.count if key in ("entered", "uncertain") else figure
            sheet.formula(row + n, column, formulas[key], 0, style)


def _workings(
    book: look.ReportBook, sheet: Sheet, sample: AuditSample, entries: Entries, rows: _Rows, lang: Lang
) -> None:
    looks, head = book.looks, rows.workings - 1
    _section(sheet, looks, head - 2, say("audit.estimate.workings", lang), len(_WIDTHS))
    words = say("audit.estimate.formulas", lang)
    sheet.merged(head - 1, 0, head - 1, 8, words, looks.note)
    sheet.height(head - 1, row_height([(words, sum(_WIDTHS[:9]) * 1.1)], lang))
    heads = [say("audit.column.name", lang), say("audit.column.id", lang), "π", say("audit.estimate.own_star", lang)]
    heads += [say(f"audit.estimate.of_{q}", lang, symbol=symbol) for q in QUANTITIES for symbol in SYMBOLS]
    columns = [look.Column(header, width, None) for header, width in zip(heads, _WIDTHS, strict=True)]
    look.table_head(sheet, head, columns, looks, lang)
    table = sample.recorded.assessment.institutions
    names, ids, stars = (table[key].tolist() for key in ("name", "id", "star"))
    figure = _general(book)
    styles = [looks.words, looks.text, figure, looks.count]
    for n, unit in enumerate(sample.draw.chosen):
        place, own = rows.workings + n, sample.row(unit)
        sheet.row(place, 0, [names[own], ids[own], float(unit.probability), int(stars[own])], styles)
        sheet.height(place, row_height([(names[own], _WIDTHS[0])], lang))
        for quantity in QUANTITIES:
            formulas = _formulas(rows, quantity, place, _entered(entries, quantity, n), len(sample.draw.units))
            for symbol in SYMBOLS:
                value: Any = "" if symbol == "y" else 0
                style = looks.plain_number if symbol == "y" else figure
                sheet.formula(place, _place(quantity, symbol), formulas[symbol], value, style)


def _hidden_until_filled(book: look.ReportBook, sheet: Sheet, rows: _Rows) -> None:
    """Let the workings of whoever is not filled in, and sums of nothing, not show: their zeros mean nothing."""
    unseen = book.condition(font_color="#FFFFFF")
    for quantity in QUANTITIES:
        first, last = _place(quantity, "w"), _place(quantity, "u")
        empty = f'={xl_rowcol_to_cell(rows.workings, _place(quantity, "y"), col_abs=True)}=""'
        rule = {"type": "formula", "criteria": empty, "format": unseen}
        sheet.coloured(rows.workings, first, rows.last, last, rule)
    nothing = f"={xl_rowcol_to_cell(rows.middle, 1, col_abs=True)}=0"
    last_row = rows.middle + len(QUANTITIES) - 1
    sheet.coloured(rows.middle, 2, last_row, len(_MIDDLE), {"type": "formula", "criteria": nothing, "format": unseen})


def _entered(entries: Entries, quantity: str, n: int) -> str:
    """Take what the assessor typed as a number, or as nothing where it is none of what is asked for."""
    row = entries.first + n
    if quantity == "star":
        typed = entries.sheet.ref(row, entries.verified_star)
        fits = f"AND({typed}>=0,{typed}<={len(LEVELS)},INT({typed})={typed})"
        return f'=IF(ISNUMBER({typed}),IF({fits},{typed},""),"")'
    typed = f"TRIM({entries.sheet.ref(row, entries.confirmed)})"
    return f'=IF({typed}="{entries.yes}",1,IF({typed}="{entries.no}",0,""))'


def _formulas(rows: _Rows, quantity: str, row: int, entered: str, population: int) -> dict[str, str]:
    """Give the formulas of an institution's workings."""
    y, w = (_cell(row, _place(quantity, symbol)) for symbol in ("y", "w"))
    middle, pi = _middle_cells(rows, quantity), _cell(row, _PI)
    p = f"({pi}*{middle['entered']}/{_cell(rows.progress, 1, fixed=True)})"
    mean = _cell(rows.results + len(ESTIMATORS) * QUANTITIES.index(quantity), 2, fixed=True)
    return {
        "y": entered,
        "w": f'=IF({y}="",0,1/{p})',
        "c": f'=IF({y}="",0,1-{p})',
        "t": f'=IF({y}="",0,{w}*{y}/{population})',
        "u": f'=IF({y}="",0,{w}*({y}-{mean})/{middle["sum_w"]})',
    }


def _middle_cells(rows: _Rows, quantity: str) -> dict[str, str]:
    row = rows.middle + QUANTITIES.index(quantity)
    return {key: _cell(row, column, fixed=True) for column, key in enumerate(_MIDDLE, 1)}


def _place(quantity: str, symbol: str) -> int:
    return _FIRST + len(SYMBOLS) * QUANTITIES.index(quantity) + SYMBOLS.index(symbol)


def _column(rows: _Rows, quantity: str, symbol: str) -> str:
    column = _place(quantity, symbol)
    return f"{_cell(rows.workings, column, fixed=True)}:{_cell(rows.last, column, fixed=True)}"


def _cell(row: int, column: int, *, fixed: bool = False) -> str:
    found: str = xl_rowcol_to_cell(row, column, row_abs=fixed, col_abs=fixed)
    return found


def _general(book: look.ReportBook) -> Any:  # noqa: ANN401 - XlsxWriter's formats are untyped
    return book.format(
        border=1, border_color=look.LINE, font_color=look.INK, align="center", num_format="0.000000;-0.000000;0"
    )
