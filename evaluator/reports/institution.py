"""One institution's report workbook, to send back to it.

Owns: the report's sheets beside the summary card: the way to the next star, every answer, the findings. Knows nothing
of other institutions but the group the card compares with.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from evaluator.measure import row_height
from evaluator.reports import look
from evaluator.reports.card import write_card
from evaluator.reports.context import Context, Subject, context_of, plain, subject_of
from evaluator.reports.gap import write_gap
from evaluator.reports.look import Column
from evaluator.reports.record import Results
from evaluator.wording import Lang, say
from evaluator.workbook import Book

ANSWER_COLUMNS = (
    ("id", 8.0), ("item", 15.0), ("stars", 11.0), ("requirement", 46.0), ("state", 9.0), ("answer", 11.0),
    ("scored_as", 11.0), ("score", 8.0), ("evidence", 30.0), ("remarks", 20.0), ("file", 24.0), ("sheet", 11.0),
    ("cell", 7.0),
)  # fmt: skip
FINDING_COLUMNS = (
    ("severity", 8.0), ("code", 22.0), ("domain", 18.0), ("requirement_id", 12.0), ("file", 30.0), ("sheet", 11.0),
    ("cell", 7.0), ("found", 44.0), ("action", 44.0),
)  # fmt: skip


def write_institution(target: Path, results: Results, row: int, lang: Lang, context: Context | None = None) -> None:
    """Write the report workbook of the institution in `row` of the assessment's institutions.

    Args:
        target: the file to write.
        results: the run's results.
        row: the institution's row number.
        lang: language of the texts.
        context: as from `context_of`; made here where not given, which costs time over all institutions.
    """
    subject = subject_of(results, context or context_of(results), row)
    title = say("report.card.title", lang, name=subject.facts["name"] or subject.facts["id"])
    with look.open_book(target, lang, title, small=True) as book:
        write_card(book, say("report.sheet.card", lang), subject, lang)
        write_gap(book, subject, lang)
        write_answers(book, subject, lang)
        write_findings(book, subject, lang)


def write_answers(book: Book, subject: Subject, lang: Lang) -> None:
    """Write every requirement with what was answered, how it scored, and where it stood."""
    sheet, looks = book.sheet(say("report.sheet.answers", lang)), look.looks_of(book)
    found = subject.results.assessment
    columns = _columns(ANSWER_COLUMNS, looks, lang)
    head = look.heading(sheet, looks, found.model, lang, sheet.name, [c.width for c in columns])
    look.table_head(sheet, head, columns, looks, lang)
    count = len(found.model.requirements)
    frame = found.answers.iloc[subject.row * count : (subject.row + 1) * count]
    names = ("state", "typed", "answer", "scored_as", "score", "evidence", "remarks", "file", "sheet", "cell")
    values = zip(*(frame[name].tolist() for name in names), strict=True)
    labels = {a.code: a.label.say(lang) for a in found.model.scale} | {"": ""}
    states = {state: say(f"report.state.{state}", lang) for state in set(frame["state"])}
    styles = [looks.wrap, looks.wrap, looks.top, looks.wrap, *[looks.top] * 3, looks.top_score, *[looks.wrap] * 5]
    for n, (requirement, value) in enumerate(zip(found.model.requirements, values, strict=True), start=head + 1):
        state, typed, answer, scored_as, score, evidence, remarks, *place = value
        given = labels[answer] or typed
        words = requirement.text.say(lang)
        item = found.model.item_of[requirement.id].name.say(lang)
        cells = [
            requirement.id, item, "★" * requirement.level, words, states[state], given, labels[scored_as],
            plain(score), evidence, remarks, *(place if state != "missing" else ("", "", "")),
        ]  # fmt: skip
        sheet.row(n, 0, cells, styles)
        wrapped = ((words, 46.0), (item, 15.0), (evidence, 30.0), (remarks, 20.0), (place[0], 24.0))
        sheet.height(n, row_height(wrapped, lang))
    look.table_end(sheet, head, head + count, len(columns), found.model, lang, frozen=1)


def write_findings(book: Book, subject: Subject, lang: Lang) -> None:
    """Write the institution's findings: where, what was found, what to do."""
    sheet, looks = book.sheet(say("report.sheet.findings", lang)), look.looks_of(book)
    model = subject.results.assessment.model
    columns = _columns(FINDING_COLUMNS, looks, lang)
    head = look.heading(sheet, looks, model, lang, sheet.name, [c.width for c in columns])
    look.table_head(sheet, head, columns, looks, lang)
    names = {domain.code: domain.name.say(lang) for domain in model.domains}
    row = head
    for row, finding in enumerate(subject.findings, start=head + 1):
        found, action = finding.found(lang), finding.action(lang)
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


def _columns(wanted: Sequence[tuple[str, float]], looks: look.Looks, lang: Lang) -> list[Column]:
    return [Column(say(f"report.column.{key}", lang), width, looks.wrap) for key, width in wanted]
