"""One institution's report workbook, to send back to it.

Owns: the report's sheets beside the summary card: the way to the next star, every answer, the findings. Knows nothing
of other institutions but the group the card compares with.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache, partial
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, NamedTuple

from evaluator.assessment.codes import MISSING, STATES
from evaluator.assessment.rulings import Ruled, shown_time
from evaluator.assessment.texts import AnswerText
from evaluator.fastbook.cells import LETTERS, Strips
from evaluator.fastbook.texts import Known
from evaluator.measure import lines_needed, row_height
from evaluator.reports import look
from evaluator.reports.calculation.layout import Layout
from evaluator.reports.calculation.sheet import known_words, write_trace
from evaluator.reports.calculation.terms import Source
from evaluator.reports.card import write_card
from evaluator.reports.context import Context
from evaluator.reports.gap import write_gap
from evaluator.reports.look import Column, Looks, ReportBook
from evaluator.reports.subject import Subject
from evaluator.wording import Lang, say
from evaluator.workbook import Sheet, known

ANSWER_COLUMNS = (
    ("id", 8.0), ("item", 15.0), ("stars", 11.0), ("requirement", 46.0), ("state", 9.0), ("answer", 11.0),
    ("scored_as", 11.0), ("score", 8.0), ("evidence", 30.0), ("remarks", 20.0), ("file", 24.0), ("sheet", 11.0),
    ("cell", 7.0),
)  # fmt: skip
RULING_COLUMNS = (
    ("before", 18.0), ("decided", 11.0), ("ruling_reason", 34.0), ("ruling_role", 14.0), ("ruling_made", 20.0),
)  # fmt: skip
"""More columns of the answers, where a person decided some of them otherwise."""
_WIDTH = dict(ANSWER_COLUMNS)
FINDING_COLUMNS = (
    ("severity", 8.0), ("code", 22.0), ("domain", 18.0), ("requirement_id", 12.0), ("file", 30.0), ("sheet", 11.0),
    ("cell", 7.0), ("found", 44.0), ("action", 44.0),
)  # fmt: skip


def write_institution(target: Path | BinaryIO, subject: Subject, lang: Lang) -> None:
    """Write an institution's report workbook to a file or a stream; `subject` is as from `subject_of`."""
    title = say("report.card.title", lang, name=subject.facts["name"] or subject.facts["id"])
    with ReportBook(target, lang, title, _same(subject.context, lang).known) as book:
        write_card(book, say("report.sheet.card", lang), subject, lang)
        write_gap(book, subject, lang)
        texts = subject.texts
        first = write_answers(book, subject, texts, lang)
        write_trace(book, subject, texts, lang, _source(first, lang))
        write_findings(book, subject, lang)


def institution_report(subject: Subject, lang: Lang) -> bytes:
    """Give the workbook that `write_institution` writes."""
    stream = BytesIO()
    write_institution(stream, subject, lang)
    return stream.getvalue()


class _Same(NamedTuple):
    """What the answers' sheet says in every report of a run."""

    labels: Mapping[str, str]
    """By answer code; `""` for none."""
    states: Mapping[str, str]
    asked: Sequence[tuple[tuple[str, str, str, str], int]]
    """Id, item, stars and text of each requirement, and how many lines they take."""
    known: Known
    """All these as texts that every report holds."""
    strips: Strips
    """Rows' beginnings that many reports have alike."""
    layout: Layout
    """Of the calculation sheet."""


@lru_cache(maxsize=4)
def _same(context: Context, lang: Lang) -> _Same:
    model = context.model
    asked = []
    for requirement in model.requirements:
        words, item = requirement.text.say(lang), model.item_of[requirement.id].name.say(lang)
        lines = max(lines_needed(words, _WIDTH["requirement"], lang), lines_needed(item, _WIDTH["item"], lang))
        asked.append(((requirement.id, item, "★" * requirement.level, words), lines))
    return _Same(
        labels={a.code: a.label.say(lang) for a in model.scale} | {"": ""},
        states={state: say(f"report.state.{state}", lang) for state in STATES},
        asked=asked,
        known=known(
            [
                *(words for cells, _ in asked for words in cells),
                *known_words(model, lang, say("report.sheet.answers", lang)),
            ]
        ),
        strips={},
        layout=Layout(model),
    )


def _source(first: int, lang: Lang) -> Source:
    """Say where the answers' sheet has what scores; `first` is the first answer's row."""
    columns = [key for key, _ in (*ANSWER_COLUMNS, *RULING_COLUMNS)]
    letters = (LETTERS[columns.index(key)] for key in ("state", "answer", "remarks", "decided"))
    return Source(say("report.sheet.answers", lang), first, *letters)


def write_answers(book: ReportBook, subject: Subject, texts: Sequence[AnswerText], lang: Lang) -> int:
    """Write every requirement with what was answered, how it scored, where it stood, and what a person decided.

    Returns:
        The first answer's row.
    """
    sheet, looks, model = book.sheet(say("report.sheet.answers", lang)), book.looks, subject.context.model
    ruled = subject.ruled
    columns = _columns([*ANSWER_COLUMNS, *(RULING_COLUMNS if ruled else ())], looks, lang)
    head = look.heading(sheet, looks, model, lang, sheet.name, [c.width for c in columns])
    look.table_head(sheet, head, columns, looks, lang)
    labels, states, asked, _, strips, layout = _same(subject.context, lang)
    styles = [looks.wrap, looks.wrap, looks.top, looks.wrap, *[looks.top] * 3, looks.top_score, *[looks.wrap] * 5]
    styles_ruled = [*styles[:4], *[looks.ruled] * 3, *styles[7:]]
    rows = zip(asked, subject.answers, texts, strict=True)
    for n, ((same, lines), (state, answer, scored_as, score), wrote) in enumerate(rows, start=head + 1):
        file, name, cell = ("", "", "") if state == MISSING else (wrote.file, wrote.sheet, wrote.cell)
        one = ruled.get(same[0]) if ruled else None
        counts_as = say("report.state.decided", lang) if one else states[state]
        shown = styles_ruled if one else styles
        cells = [*same, counts_as, labels[answer] or wrote.typed, labels[scored_as], score]
        write = partial(sheet.row, n, 0, cells, shown[: len(cells)])
        if answer or not wrote.typed:
            sheet.row_like(n, (counts_as, answer, scored_as), strips, write)
        else:
            write()
        sheet.row(n, len(cells), [wrote.evidence, wrote.remarks, file, name, cell], looks.wrap)
        wrapped = [(wrote.evidence, _WIDTH["evidence"]), (wrote.remarks, _WIDTH["remarks"]), (file, _WIDTH["file"])]
        if ruled:
            wrapped += _write_ruling(sheet, looks, n, one, labels, lang)
        sheet.height(n, row_height(wrapped, lang, least=lines))
    _offer(sheet, range(head + 1, head + 1 + len(asked)), layout, lang)
    look.table_end(sheet, head, head + len(asked), len(columns), model, lang, frozen=1)
    return head + 1


def _offer(sheet: Sheet, rows: range, layout: Layout, lang: Lang) -> None:
    """Let states and answers be chosen from the words that the calculation sheet knows."""
    columns, name = [key for key, _ in ANSWER_COLUMNS], say("calculation.sheet", lang).replace("'", "''")
    for key, words in (("state", layout.state_words), ("answer", layout.labels)):
        cells = [(row, columns.index(key)) for row in rows]
        sheet.validated(cells, {"validate": "list", "source": f"='{name}'!{words}"})


def _write_ruling(
    sheet: Sheet, looks: Looks, row: int, one: Ruled | None, labels: Mapping[str, str], lang: Lang
) -> list[tuple[str, float]]:
    """Write what a person decided beside an answer; gives the texts that need room, with their columns' widths."""
    first = len(ANSWER_COLUMNS)
    if one is None:
        sheet.row(row, first, [""] * len(RULING_COLUMNS), looks.wrap)
        return []
    ruling = one.ruling
    cells = [one.before.say(lang), labels[ruling.answer], ruling.reason, ruling.role, shown_time(ruling.made)]
    sheet.row(row, first, cells, looks.ruled)
    return [(words, width) for words, (_, width) in zip(cells, RULING_COLUMNS, strict=True)]


def write_findings(book: ReportBook, subject: Subject, lang: Lang) -> None:
    """Write the institution's findings: where, what was found, what to do."""
    sheet, looks, model = book.sheet(say("report.sheet.findings", lang)), book.looks, subject.context.model
    columns = _columns(FINDING_COLUMNS, looks, lang)
    head = look.heading(sheet, looks, model, lang, sheet.name, [c.width for c in columns])
    look.table_head(sheet, head, columns, looks, lang)
    names = {domain.code: domain.name.say(lang) for domain in model.domains}
    row = head
    for row, finding in enumerate(subject.findings, start=head + 1):
        found, action = finding.to_institution(lang)
        cells = [
            say(f"report.severity.{finding.severity}", lang), finding.code, names.get(finding.domain, finding.domain),
            finding.requirement, finding.file, finding.sheet, finding.cell, found, action,
        ]  # fmt: skip
        sheet.row(row, 0, cells, looks.wrap)
        sheet.height(row, row_height([(found, 44.0), (action, 44.0), (finding.file, 30.0)], lang))
    if not subject.findings:
        row = head + 1
        sheet.merged(row, 0, row, len(columns) - 1, say("report.institution.no_findings", lang), looks.text)
    look.table_end(sheet, head, row, len(columns), model, lang)


def _columns(wanted: Sequence[tuple[str, float]], looks: Looks, lang: Lang) -> list[Column]:
    return [Column(say(f"report.column.{key}", lang), width, looks.wrap) for key, width in wanted]
