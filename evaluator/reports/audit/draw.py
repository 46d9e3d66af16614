"""The whole draw as a sheet: every rated institution with its measure, probability and stretch, drawn again by formula.

Owns: this sheet. Knows nothing of how the draw is made beyond what it shows.
"""

from __future__ import annotations

from xlsxwriter.utility import xl_rowcol_to_cell

from evaluator.assessment.attention import PARTS
from evaluator.assessment.sampling import START_DIGITS, hash_of
from evaluator.measure import row_height
from evaluator.reports import look
from evaluator.reports.audit.record import AuditSample
from evaluator.wording import Lang, say
from evaluator.workbook import Sheet

_HASH_SHOWN = 16
_ROW_POINTS = 17.0
_WIDTHS = {
    "number": 7.0, "id": 14.0, "name": 42.0, **dict.fromkeys(PARTS, 10.0), "size": 10.0, "hash": 21.0, "after": 12.0,
    "probability": 12.0, "chosen": 8.0, "again": 9.0,
}  # fmt: skip
_OF_DRAWING = ("after", "again")
"""Columns that show nothing where everyone is in the sample."""
_LABEL_LAST, _VALUE = 2, 3
"""Columns of the draw's figures above the table: labels are merged up to the first."""


def write_draw(book: look.ReportBook, sample: AuditSample, lang: Lang) -> None:
    """Write the sheet: the draw's figures, and everyone in the order of the draw."""
    looks, sheet = book.looks, book.sheet(say("audit.sheet.draw", lang))
    sheet.raw.set_default_row(_ROW_POINTS)
    sheet.raw.plain_formulas = True
    model, drawn = sample.recorded.model, sample.draw
    widths = {key: width for key, width in _WIDTHS.items() if not (drawn.everyone and key in _OF_DRAWING)}
    row = look.heading(sheet, looks, model, lang, say("audit.sheet.draw", lang), list(widths.values()))
    head, cells = _figures(book, sheet, sample, row + 1, lang)
    styles = {"number": looks.count, "id": looks.text, "name": looks.text, "after": looks.count}
    shown = {"border": 1, "border_color": look.LINE, "font_color": look.INK, "align": "center"}
    styles |= dict.fromkeys((*PARTS, "size"), book.format(**shown, num_format='#,##0;-#,##0;"–"'))
    styles["probability"] = book.format(**shown, num_format="0.000000")
    chosen = book.format(**shown, bold=True, bg_color=look.HEAT[1])
    columns = [look.Column(_header(key, lang), width, styles.get(key, looks.centre)) for key, width in widths.items()]
    look.table_head(sheet, head, columns, looks, lang)
    table, points = sample.recorded.assessment.institutions, sample.attention.points.tolist()
    ids, names = table["id"].tolist(), table["name"].tolist()
    words = {True: say("report.common.yes", lang), False: say("report.common.no", lang)}
    keys, last = list(widths), head
    plain = [column.look for column in columns]
    marked = [chosen if key == "chosen" else style for key, style in zip(keys, plain, strict=True)]
    certain = say("audit.draw.certain", lang)
    for last, unit in enumerate(drawn.units, head + 1):
        own = sample.row(unit)
        values = [last - head, ids[own], names[own], *points[own], unit.size, unit.hash[:_HASH_SHOWN]]
        values += [] if drawn.everyone else [None if unit.certain else unit.after]
        values += [float(unit.probability), words[unit.chosen]]
        values += [certain] if unit.certain and not drawn.everyone else []
        sheet.row(last, 0, values, (marked if unit.chosen else plain)[: len(values)])
        if not unit.certain:
            formula = _again(last, keys, cells, words)
            sheet.formula(last, keys.index("again"), formula, words[unit.chosen], looks.centre)
    look.table_end(sheet, head, last, len(columns), model, lang, frozen=3)


def _header(key: str, lang: Lang) -> str:
    return say(f"audit.part.{key}" if key in PARTS else f"audit.column.{key}", lang)


def _figures(
    book: look.ReportBook, sheet: Sheet, sample: AuditSample, row: int, lang: Lang
) -> tuple[int, dict[str, str]]:
    """Write seed, start and sums; give the table's header row and the cells of `total`, `steps` and `start`.

    Where everyone is in the sample there is the seed only.
    """
    looks, drawn = book.looks, sample.draw
    digits = hash_of(drawn.seed, "start")[:START_DIGITS]
    number = book.format(
        border=1, border_color=look.LINE, font_color=look.INK, align="left", num_format="0", text_wrap=False
    )
    cells: dict[str, str] = {}
    values: list[tuple[str, str | int]] = [("seed", drawn.seed)]
    if not drawn.everyone:
        values += [("start_hash", digits), ("start_number", int(digits, 16)), ("total", drawn.total)]
        values += [("steps", drawn.steps), ("start", drawn.start)]
    room = sum(list(_WIDTHS.values())[: _LABEL_LAST + 1])
    for key, value in values:
        label = say(f"audit.draw.{key}", lang, digits=START_DIGITS) if key == "start_hash" else _label(key, lang)
        sheet.merged(row, 0, row, _LABEL_LAST, label, looks.label)
        sheet.merged(row, _VALUE, row, _VALUE + 3, "", number)
        sheet.value(row, _VALUE, value, number)
        sheet.height(row, row_height([(label, room)], lang))
        cells[key] = xl_rowcol_to_cell(row, _VALUE, row_abs=True, col_abs=True)
        row += 1
    if drawn.everyone:
        return row + 1, cells
    sheet.merged(row, 0, row, _LABEL_LAST, _label("start_again", lang), looks.label)
    sheet.merged(row, _VALUE, row, _VALUE + 3, "", number)
    half = START_DIGITS // 2
    found = f"HEX2DEC(LEFT({cells['start_hash']},{half}))*{16**half}+HEX2DEC(RIGHT({cells['start_hash']},{half}))"
    formula = f"={found}-{cells['total']}*INT(({found})/{cells['total']})"
    sheet.formula(row, _VALUE, formula, drawn.start, number)
    return row + 2, cells


def _label(key: str, lang: Lang) -> str:
    return say(f"audit.draw.{key}", lang)


def _again(row: int, keys: list[str], cells: dict[str, str], words: dict[bool, str]) -> str:
    """Give the formula that says whether one of the points lies in the stretch from `k (A - m)` up to `k A`."""
    size, after = (xl_rowcol_to_cell(row, keys.index(key), col_abs=True) for key in ("size", "after"))
    low = f"INT(({cells['start']}-{cells['steps']}*({after}-{size}))/{cells['total']})"
    high = f"INT(({cells['start']}-{cells['steps']}*{after})/{cells['total']})"
    return f'=IF({low}-{high}>0,"{words[True]}","{words[False]}")'
