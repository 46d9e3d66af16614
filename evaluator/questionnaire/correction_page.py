"""The first sheet of a correction workbook: what it is, how to answer, and every problem with a link to its cell.

Owns: what stands on this sheet and how it looks. What the problems are and where their cells, is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping

from xlsxwriter.format import Format
from xlsxwriter.utility import xl_rowcol_to_cell

from evaluator.naming import quoted_sheet
from evaluator.questionnaire import layout
from evaluator.questionnaire.layout import FIELDS, FIRST_FIELD_ROW, HEADER_ROW, Correction, Problem
from evaluator.questionnaire.look import BAND, HEAD, LINE, MUTED, NOTICE, fitting_height
from evaluator.questionnaire.pages import Order, set_up_print
from evaluator.workbook import Book, Sheet

COLUMNS = {"number": 6.0, "weight": 11.0, "concerns": 19.0, "place": 19.0, "found": 52.0, "action": 58.0}
"""Columns of the list, with their widths."""
_LABEL_WIDTH = COLUMNS["number"] + COLUMNS["weight"]
_BODY_WIDTH = sum(COLUMNS.values()) - _LABEL_WIDTH
_LAST = len(COLUMNS) - 1
_STEPS = 4
_WEIGHTS = {True: ("must", "#FBD9D7", "#9C1C14"), False: ("check", "#FFF1D6", "#8A5A00")}
"""Word, fill and ink of what has to be corrected, and of what only is to be looked at."""
_LINK = "#1F4E9E"


def write_problems(book: Book, sheet: Sheet, order: Order, correction: Correction) -> None:
    """Write the sheet."""
    sheet.widths(list(COLUMNS.values()))
    row = _top(book, sheet, order, correction) + 1
    header = book.format(
        bold=True, font_color="#FFFFFF", bg_color=HEAD, border=1, border_color=LINE, valign="vcenter", align="center"
    )
    for column, key in enumerate(COLUMNS):
        sheet.text(row, column, order.say(f"correction.{key}"), header)
    sheet.height(row, 24)
    list_row = row
    rows = {r.id: n for n, r in enumerate(order.domain.requirements, HEADER_ROW)}
    for number, problem in enumerate(correction.problems, 1):
        row += 1
        _problem(book, sheet, row, number, problem, order, rows)
    sheet.raw.set_selection(list_row + 1, list(COLUMNS).index("place"), list_row + 1, list(COLUMNS).index("place"))
    set_up_print(sheet, order, landscape=True, header_row=list_row)
    sheet.protect()


def _top(book: Book, sheet: Sheet, order: Order, correction: Correction) -> int:
    """Write what the workbook is and how to answer; gives the next row."""
    title = order.say("correction.title", code=order.domain.code, domain=order.domain.name.say(order.lang))
    look = book.format(font_size=16, bold=True, font_color=HEAD, text_wrap=False, valign="vcenter")
    sheet.text(0, 0, title, look)
    sheet.height(0, 30)
    errors = sum(problem.is_error for problem in correction.problems)
    others = len(correction.problems) - errors
    about = order.say("correction.about", file=correction.file, errors=errors, others=others)
    lines = [
        (order.say("correction.about_label"), about),
        (order.say("correction.reply_label"), order.deadline or order.say("correction.reply")),
    ]
    words = {**order.words, "date": order.say("field.date"), "place": order.say("correction.place")}
    steps = [order.say(f"correction.step_{n}", **words) for n in range(1, _STEPS + 1)]
    lines.append((order.say("correction.steps_label"), "\n".join(f"{n}. {step}" for n, step in enumerate(steps, 1))))
    if order.contact:
        lines.append((order.say("instructions.contact_label"), order.contact))
    box = {"border": 1, "border_color": LINE, "valign": "vcenter"}
    for row, (label, body) in enumerate(lines, 1):
        sheet.merged(row, 0, row, 1, label, book.format(bold=True, font_color=HEAD, bg_color=NOTICE, **box))
        sheet.merged(row, 2, row, _LAST, body, book.format(bg_color=NOTICE, **box))
        sheet.height(row, fitting_height(order.lang, (label, _LABEL_WIDTH), (body, _BODY_WIDTH)))
    return len(lines) + 1


def _problem(
    book: Book, sheet: Sheet, row: int, number: int, problem: Problem, order: Order, rows: Mapping[str, int]
) -> None:
    box = {"border": 1, "border_color": LINE, "valign": "vcenter", **({} if number % 2 else {"bg_color": BAND})}
    word, fill, ink = _WEIGHTS[problem.is_error]
    texts = (
        order.say(f"correction.{word}"), problem.concerns or order.say("correction.whole"), problem.found,
        problem.action,
    )  # fmt: skip
    sheet.number(row, 0, number, book.format(**box, align="center", font_color=MUTED))
    weight = {**box, "bg_color": fill, "font_color": ink, "bold": problem.is_error, "align": "center"}
    sheet.text(row, 1, texts[0], book.format(**weight))
    sheet.text(row, 2, texts[1], book.format(**box, bold=True))
    place = _link(sheet, row, problem, order, rows, box, book)
    sheet.text(row, 4, texts[2], book.format(**box))
    sheet.text(row, 5, texts[3], book.format(**box))
    shown = (texts[0], texts[1], place, texts[2], texts[3])
    sheet.height(row, fitting_height(order.lang, *zip(shown, list(COLUMNS.values())[1:], strict=True)))


def _link(
    sheet: Sheet,
    row: int,
    problem: Problem,
    order: Order,
    rows: Mapping[str, int],
    box: Mapping[str, object],
    book: Book,
) -> str:
    """Write the link to a problem's cell, or that it has none; gives the words."""
    if not problem.sheet:
        words = order.say("correction.no_cell")
        sheet.text(row, 3, words, book.format(**box, align="center", font_color=MUTED))
        return words
    name, cell = layout.sheet_name(problem.sheet, order.lang), cell_of(problem, rows)
    words = f"{name} {cell}"
    look: Format = book.format(**box, font_color=_LINK, underline=1)
    sheet.link(row, 3, f"internal:{quoted_sheet(name)}!{cell}", words, look)
    return words


def cell_of(problem: Problem, rows: Mapping[str, int]) -> str:
    """Name a problem's cell; `rows` are the questionnaire's by requirement, from 0."""
    if problem.sheet == "institution":
        return str(xl_rowcol_to_cell(FIRST_FIELD_ROW - 1 + FIELDS.index(problem.key), 1))
    return str(xl_rowcol_to_cell(rows[problem.key], layout.COLUMNS.index(problem.column)))
