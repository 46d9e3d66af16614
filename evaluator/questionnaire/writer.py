"""Writes a questionnaire workbook: one domain of a model as a form, blank or filled in beforehand.

Owns: putting the sheets together to a form, and writing it. Knows nothing of rosters or mails, of how a seal is made,
of how a returned
form is read, nor of what a correction has to say. The same arguments give the same bytes.
"""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

from evaluator.model.records import Domain, Model
from evaluator.questionnaire import layout
from evaluator.questionnaire.correction_page import write_problems
from evaluator.questionnaire.grid import AT, QuestionnaireSheet
from evaluator.questionnaire.institution_page import write_institution
from evaluator.questionnaire.layout import FIELDS, FIRST_FIELD_ROW, Correction, Prefill
from evaluator.questionnaire.look import open_form
from evaluator.questionnaire.pages import Order, write_instructions, write_lists, write_meta
from evaluator.questionnaire.preview import PreviewSheet
from evaluator.questionnaire.states import Preview, compute
from evaluator.wording import Lang
from evaluator.workbook import Book


def write_form(
    target: Path | BinaryIO,
    model: Model,
    domain: Domain,
    lang: Lang,
    *,
    prefill: Prefill | None = None,
    deadline: str = "",
    contact: str = "",
    round_name: str = "",
    round_title: str = "",
    institution: str = "",
    seal: str = "",
    correction: Correction | None = None,
) -> None:
    """Write the questionnaire workbook of one domain.

    Args:
        target: A file, which is overwritten, or a binary stream.
        model: The model the domain belongs to.
        domain: What is asked.
        lang: Language of everything in the form.
        prefill: What to put into the input cells.
        deadline: As the instructions say it; empty: they point to the e-mail.
        contact: Whom to ask; empty: the body that sent the form.
        round_name: For `_meta`, and for the instructions where there is no title.
        round_title: What people call the round, for the instructions.
        institution: Id of the institution the form is made for, for `_meta`.
        seal: For `_meta`.
        correction: What makes the form the correction of a return; `None`: it is none.

    Raises:
        OSError: the file can't be written.
    """
    order = Order(
        model=model,
        domain=domain,
        lang=lang,
        prefill=prefill,
        deadline=deadline,
        contact=contact,
        round_name=round_name,
        round_title=round_title,
        institution=institution,
        seal=seal,
        correction=correction,
        locked=correction.vouched.intersection(layout.LOCKED) if correction else None,
    )
    with open_form(target, lang, title_of(order)) as book:
        fill(book, order, compute(model, domain, lang, prefill))


def title_of(order: Order) -> str:
    """Give the title in the form's properties."""
    return order.say("title.form", domain=order.domain.name.say(order.lang))


def fill(book: Book, order: Order, figures: Preview) -> None:
    """Write the sheets of a form; `figures` are the results that its formulas have."""
    lang = order.lang
    if order.correction:
        write_problems(book, book.sheet(layout.sheet_name(layout.CORRECTION_SHEET, lang)), order, order.correction)
    instructions, institution, questionnaire = (book.sheet(layout.sheet_name(key, lang)) for key in layout.SHEETS)
    lists, preview, meta = (book.sheet(name) for name in (layout.LISTS_SHEET, layout.PREVIEW_SHEET, layout.META_SHEET))
    live = PreviewSheet(preview, order.model, order.domain, lang, figures)
    live.write(questionnaire, AT, institution, FIRST_FIELD_ROW - 1)
    ranges = write_lists(lists, order)
    write_meta(meta, order)
    write_instructions(book, instructions, order)
    write_institution(book, institution, order, ranges)
    category = institution.ref(FIRST_FIELD_ROW - 1 + FIELDS.index("category"), 1)
    QuestionnaireSheet(book, questionnaire, order, live, category).write(ranges)
    lists.raw.hide()
    preview.raw.hide()
    meta.raw.very_hidden()
