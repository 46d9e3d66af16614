"""The calculation sheet: an institution's figures computed anew by live formulas, beside the program's own.

Owns: the sheet as a whole, its verdict, and what of it is the same in every report of a run. Knows nothing of other
institutions, nor how formulas run.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial

from evaluator.assessment.levels import REASONS, RULES
from evaluator.assessment.texts import AnswerText
from evaluator.measure import row_height
from evaluator.model.records import Model
from evaluator.reports import look
from evaluator.reports.calculation import layout as at
from evaluator.reports.calculation.figures import row_figures
from evaluator.reports.calculation.heads import Heads
from evaluator.reports.calculation.layout import Layout
from evaluator.reports.calculation.plan import COLUMN, Plan, plan_of
from evaluator.reports.calculation.results import write_results
from evaluator.reports.calculation.rows import write_domains, write_items, write_requirements
from evaluator.reports.calculation.terms import AGREE, DIFFER, NOTHING, Source
from evaluator.reports.look import Looks, ReportBook
from evaluator.reports.subject import Subject
from evaluator.wording import Lang, say
from evaluator.workbook import Sheet


def known_words(model: Model, lang: Lang, answers: str) -> Iterable[str]:
    """Name the texts that stand on every calculation sheet, beside the requirements' ids and the items' names.

    Args:
        model: the model.
        lang: language of the sheet.
        answers: name of the sheet with the answers.
    """
    yield from (say("calculation.sheet", lang), look.model_line(model, lang), model.notice.say(lang))
    yield say("calculation.note", lang, answers=answers)
    yield from (NOTHING, *(say(f"calculation.{word}", lang) for word in ("yes", "no", "rated")))
    yield from (say(f"report.reason_label.{reason}", lang) for reason in REASONS)
    yield from (say(f"report.rule.{rule}", lang) for rule in RULES)
    yield from Heads(model, lang, Layout(model)).words


def write_trace(book: ReportBook, subject: Subject, texts: Sequence[AnswerText], lang: Lang, source: Source) -> None:
    """Write the sheet; `texts` are the subject's, `source` is where the answers' sheet has its answers."""
    plan, looks = plan_of(subject.context, lang, source), book.looks
    sheet = book.sheet(say("calculation.sheet", lang))
    sheet.raw.plain_formulas = True
    sheet.part_like((), plan.plates, partial(_same, sheet, looks, plan))
    rows = row_figures(subject, texts)
    write_results(sheet, looks, plan, subject, rows)
    write_domains(sheet, looks, plan, subject)
    write_items(sheet, looks, plan, subject, rows)
    write_requirements(sheet, looks, plan, rows, texts)
    sheet.raw.freeze_panes(at.VERDICT + 1, 0)
    look.page_end(sheet, plan.model, lang, landscape=True)


def _same(sheet: Sheet, looks: Looks, plan: Plan) -> None:
    """Write what all reports of a run have alike, the verdict among it: as written, everything agrees."""
    look.heading(sheet, looks, plan.model, plan.lang, sheet.name, at.WIDTHS)
    last, agree = len(at.WIDTHS) - 1, say("calculation.agree", plan.lang, n=plan.layout.comparisons)
    sheet.merged(at.VERDICT, 0, at.VERDICT, last, "", looks.verdict)
    sheet.formula(at.VERDICT, 0, plan.formulas.verdict, agree, looks.verdict)
    sheet.height(at.VERDICT, 24)
    sheet.merged(at.NOTE, 0, at.NOTE, last, plan.note, looks.note)
    sheet.height(at.NOTE, row_height([(plan.note, sum(at.WIDTHS) * 1.1)], plan.lang))
    plan.heads.write(sheet, looks)
    _colours(sheet, looks, plan)


def _colours(sheet: Sheet, looks: Looks, plan: Plan) -> None:
    """Let what agrees and what does not be seen."""
    last, agrees = plan.layout.requirements.end - 1, COLUMN[at.AGREES]
    for words, shown in ((AGREE, looks.good), (DIFFER, looks.bad)):
        rule = {"type": "cell", "criteria": "==", "value": f'"{words}"', "format": shown}
        sheet.coloured(plan.layout.results.first, agrees, last, agrees, rule)
    for condition, shown in ((plan.formulas.all_agree, looks.good), (f"NOT({plan.formulas.all_agree})", looks.bad)):
        rule = {"type": "formula", "criteria": f"={condition}", "format": shown}
        sheet.coloured(at.VERDICT, 0, at.VERDICT, agrees, rule)
