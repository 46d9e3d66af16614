"""Faults of whole files and returns: nothing readable came, or too much, or nothing at all.

Owns: one small function for each fault. Each takes a form as it was meant and gives what comes instead of it.
"""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date, timedelta

from evaluator.synthesis import parts
from evaluator.synthesis.answers import evidence
from evaluator.synthesis.cases import Case, Cells, Outcome
from evaluator.workbook import Book


def truncated(case: Case) -> Outcome:
    """Cut the file off on the way."""
    data = case.written()
    return _lost(case, "file.unreadable", data[: len(data) * 2 // 3])


def encrypted(case: Case) -> Outcome:
    """Save it with a password."""
    return _lost(case, "file.encrypted", parts.encrypted())


def text_file(case: Case) -> Outcome:
    """Send a letter under the form's name."""
    words = case.say("letter", short=case.person.short, contact=case.person.fields["contact"])
    return _lost(case, "file.not_a_workbook", words.encode())


def pdf_file(case: Case) -> Outcome:
    """Send a PDF."""
    return _lost(case, "file.not_a_workbook", parts.pdf(), case.name.removesuffix(".xlsx") + ".pdf")


def empty_file(case: Case) -> Outcome:
    """Lose all of its bytes."""
    return _lost(case, "file.empty", b"")


def bomb(case: Case) -> Outcome:
    """Blow a sheet up."""
    return _lost(case, "file.bomb", parts.with_blanks(case.written(), case.sheet))


def other_workbook(case: Case) -> Outcome:
    """Attach the wrong workbook."""
    stream = io.BytesIO()
    with Book(stream, title=case.say("other_title")) as book:
        sheet = book.sheet(case.say("other_title"))
        sheet.widths([8, 30, 16, 12, 24])
        sheet.row(0, 0, case.say("other_columns").split("|"), book.format(bold=True))
        for n in range(1, 9):
            sheet.row(n, 0, [float(n), *case.say("other_row", n=n, day=2 * n, people=2 + n % 4).split("|")])
    return _lost(case, "form.not_a_questionnaire", stream.getvalue())


def lock_file(case: Case) -> Outcome:
    """Pack the office program's lock file along with the good form."""
    name, owner = f"~${case.name}", case.person.fields["contact"].encode("utf-16-le")
    files = ((case.name, case.written()), (name, b"\x06" + owner.ljust(164, b"\0")))
    return Outcome(files=files, planted=(case.of_file("file.skipped", name),))


def identical(case: Case) -> Outcome:
    """Return the form twice."""
    data, names = case.written(), sorted((case.name, case.marked_name("copy_mark")))
    planted = case.of_return("return.identical", names[1])
    return Outcome(files=tuple((name, data) for name in names), planted=(planted,))


def superseded(case: Case) -> Outcome:
    """Return a draft before the final form."""
    name = case.marked_name("draft_mark")
    earlier = (date.fromisoformat(case.date) - timedelta(days=5)).isoformat()
    draft = replace(case, date=earlier).written(answers=_other_answer(case))
    planted = case.of_return("return.superseded", name)
    return Outcome(files=((name, draft), (case.name, case.written())), planted=(planted,))


def conflict(case: Case) -> Outcome:
    """Return two different forms of the same date."""
    name = case.marked_name("other_mark")
    files = ((case.name, case.written()), (name, case.written(answers=_other_answer(case))))
    planted = tuple(case.of_return("return.conflict", file) for file, _ in files)
    return Outcome(files=files, planted=planted, lost=True)


def not_returned(case: Case) -> Outcome:
    """Return nothing."""
    del case
    return Outcome(files=(), lost=True)


def _lost(case: Case, code: str, data: bytes, name: str = "") -> Outcome:
    name = name or case.name
    return Outcome(files=((name, data),), planted=(case.of_file(code, name),), lost=True)


def _other_answer(case: Case) -> dict[str, Cells]:
    """Answer one requirement otherwise."""
    requirement = case.turned()[0]
    code = "partial" if case.replies[requirement.id].code == "full" else "full"
    words = evidence(case.person, requirement, case.lang, case.person.index)
    return {requirement.id: (case.label(code), words, "")}
