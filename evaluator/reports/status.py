"""The workbook of a round's progress: totals, who has returned what, and what needs a person.

Owns: its sheets; the overview has a module of its own. States are told by words, colours only help.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, BinaryIO

from xlsxwriter.format import Format

from evaluator.measure import row_height
from evaluator.model.records import Model
from evaluator.reports import look
from evaluator.reports.status_overview import heading, write_overview
from evaluator.reports.status_record import STATES, Attention, Standing, Standings, State
from evaluator.reports.status_table import attention_header, form_words, local_time
from evaluator.wording import Lang, say

COLOURS: dict[State, str] = {
    "not_sent": "#E4E8ED",
    "sent": "#FFFFFF",
    "bounced": "#E08E45",
    "returned": "#FBEBD9",
    "faulty": "#F3C398",
    "late": "#DCE8F3",
    "complete": "#9FBEDB",
}
"""Behind the words of a state: orange where something is to be done, blue where nothing is owed."""
_BEFORE, _AFTER = ("id", "name", "province", "category"), ("overall", "owed", "errors", "last_sent", "last_arrived")
_WIDTHS = {
    "id": 13.0, "name": 34.0, "province": 15.0, "category": 20.0, "domain": 17.0, "overall": 12.5, "owed": 8.0,
    "errors": 8.0, "last_sent": 17.0, "last_arrived": 17.0,
}  # fmt: skip
_ATTENTION = ("kind", "at", "mark", "id", "name", "number", "address", "subject", "reason", "action")
_ATTENTION_WIDTHS = (17.0, 17.0, 11.0, 13.0, 26.0, 10.0, 28.0, 32.0, 44.0, 44.0)
_FROZEN = 2
"""Columns of the matrix that stay in view: id and name."""


def write_status(target: Path | BinaryIO, standings: Standings, model: Model, lang: Lang) -> None:
    """Write the workbook.

    Args:
        target: the file to write, or a stream.
        standings: the round's progress.
        model: the round's model.
        lang: language of all texts.
    """
    with look.ReportBook(target, lang, say("rounds.status.title", lang)) as book:
        write_overview(book, standings, model, lang, COLOURS)
        write_matrix(book, standings, model, lang)
        write_attention(book, standings, model, lang)


def write_matrix(book: look.ReportBook, standings: Standings, model: Model, lang: Lang) -> None:
    """Write the sheet of all institutions and how each of their forms stands."""
    columns = _columns(book, model, lang)
    sheet = book.sheet(say("rounds.status.sheet.matrix", lang))
    title = say("rounds.status.sheet.matrix", lang)
    head = heading(sheet, book.looks, standings, lang, title, [column.width for column in columns])
    look.table_head(sheet, head, columns, book.looks, lang)
    coloured = {state: _state_format(book, state) for state in STATES}
    for row, one in enumerate(standings.institutions, head + 1):
        looks: list[Any] = [column.look for column in columns]
        for place, form in enumerate(one.forms, len(_BEFORE)):
            looks[place] = coloured[form.state]
        sheet.row(row, 0, _values(one, standings, model, lang), looks)
        words = [(one.institution.name, _WIDTHS["name"])]
        words += [(form_words(form, lang), _WIDTHS["domain"]) for form in one.forms if form.correction or form.is_late]
        sheet.height(row, row_height(words, lang))
    last = head + len(standings.institutions)
    look.table_end(sheet, head, last, len(columns), model, lang, frozen=_FROZEN)


def _columns(book: look.ReportBook, model: Model, lang: Lang) -> list[look.Column]:
    looks = book.looks
    centred = book.format(border=1, border_color=look.LINE, font_color=look.INK, align="center", text_wrap=True)
    styles = {"id": looks.text, "owed": looks.count, "errors": looks.count}
    styles |= dict.fromkeys(("name", "province", "category"), looks.words)
    domains = [look.Column(f"{d.code}\n{d.name.say(lang)}", _WIDTHS["domain"], centred) for d in model.domains]
    before, after = (
        [look.Column(say(f"rounds.status.column.{key}", lang), _WIDTHS[key], styles.get(key, centred)) for key in keys]
        for keys in (_BEFORE, _AFTER)
    )
    return [*before, *domains, *after]


def _values(one: Standing, standings: Standings, model: Model, lang: Lang) -> list[str | float | None]:
    entry = one.institution
    return [
        entry.id,
        entry.name,
        look.group_name(model, entry.province, lang),
        look.group_name(model, entry.category, lang),
        *(form_words(form, lang) for form in one.forms),
        say(f"rounds.status.overall.{one.overall}", lang),
        one.owed,
        one.errors,
        local_time(one.last_sent, standings),
        local_time(one.last_arrived, standings),
    ]


def _state_format(book: look.ReportBook, state: State) -> Format:
    return book.format(
        border=1, border_color=look.LINE, font_color=look.INK, align="center", text_wrap=True, bg_color=COLOURS[state]
    )


def write_attention(book: look.ReportBook, standings: Standings, model: Model, lang: Lang) -> None:
    """Write the sheet of what needs a person, and what to do."""
    looks = book.looks
    title = say("rounds.status.sheet.attention", lang)
    sheet = book.sheet(title)
    head = heading(sheet, looks, standings, lang, title, _ATTENTION_WIDTHS)
    columns = [
        look.Column(attention_header(key, lang), width, looks.count if key == "number" else looks.words)
        for key, width in zip(_ATTENTION, _ATTENTION_WIDTHS, strict=True)
    ]
    look.table_head(sheet, head, columns, looks, lang)
    for row, one in enumerate(standings.attention, head + 1):
        values = _attention_values(one, standings, lang)
        sheet.row(row, 0, values, [column.look for column in columns])
        sheet.height(row, row_height(zip(map(str, values), _ATTENTION_WIDTHS, strict=True), lang))
    last = head + len(standings.attention)
    if last == head:
        sheet.text(head + 1, 0, say("rounds.status.attention.none", lang))
    look.table_end(sheet, head, last, len(columns), model, lang, frozen=1)


def _attention_values(one: Attention, standings: Standings, lang: Lang) -> list[str | float | None]:
    return [
        say(f"rounds.status.kind.{one.kind}", lang),
        local_time(one.at, standings),
        one.mark,
        one.institution,
        one.name,
        one.number or "",
        one.address,
        one.subject,
        one.reason.say(lang),
        say(f"rounds.status.action.{one.kind}", lang),
    ]
