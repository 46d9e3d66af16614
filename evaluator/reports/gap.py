"""The sheet on the way to the next star: what is short, and one set of improvements that suffices.

Owns: showing `assessment.gaps` to the institution, or what keeps it from being rated. Knows nothing of the search.
"""

from __future__ import annotations

from evaluator.assessment import gaps
from evaluator.assessment.gaps import Gap
from evaluator.measure import row_height
from evaluator.model.records import Model
from evaluator.reports import look
from evaluator.reports.look import Looks, ReportBook
from evaluator.reports.phrases import lacking, need_words, star_name, unrated_action, unrated_reason
from evaluator.reports.subject import Subject
from evaluator.wording import Lang, say
from evaluator.wording.numbers import near, near_digits, near_share_digits, share_digits
from evaluator.workbook import Sheet

WIDTHS = (6.0, 10.0, 20.0, 12.0, 44.0, 16.0, 10.0, 10.0, 14.0, 48.0)
LAST = len(WIDTHS) - 1
STEP_COLUMNS = (
    "number", "id", "item", "stars", "requirement", "answer_now", "score_before", "total_after", "for_rule", "advice",
)  # fmt: skip


def write_gap(book: ReportBook, subject: Subject, lang: Lang) -> None:
    """Write the sheet "next star" of a rated institution, or what a not-rated one lacks."""
    sheet, looks = book.sheet(say("report.sheet.gap", lang)), book.looks
    model = subject.context.model
    row = look.heading(sheet, looks, model, lang, sheet.name, WIDTHS)
    head: int | None = None
    if not subject.rated:
        _unrated(book, sheet, looks, subject, row, lang)
    else:
        gap = gaps.way_up(subject.standing, subject.context.weights, model.rules)
        star = subject.facts["star"]
        start = model.rules.bands[min(star, gaps.MOST_STARS - 1)]
        words = say(
            f"report.gap.{'reached' if gap.target else 'top'}",
            lang,
            star=star_name(model, star, lang),
            target=star_name(model, gap.target, lang),
            score=near(subject.facts["score"], start),
        )
        row = _words(sheet, looks, row, words, lang)
        if gap.target:
            row = _needs(book, sheet, looks, subject, gap, row, lang)
            head = _steps(sheet, looks, subject, gap, row, lang)
    look.page_end(sheet, model, lang, landscape=True)
    if head is not None:
        sheet.raw.repeat_rows(head)


def _words(sheet: Sheet, looks: Looks, row: int, words: str, lang: Lang) -> int:
    sheet.merged(row, 0, row, LAST, words, looks.words)
    sheet.height(row, row_height([(words, sum(WIDTHS))], lang) + 2)
    return row + 1


def _section(sheet: Sheet, looks: Looks, row: int, words: str) -> int:
    for column in range(1, LAST + 1):
        sheet.blank(row + 1, column, looks.section)
    sheet.text(row + 1, 0, words, looks.section)
    sheet.height(row + 1, 21)
    return row + 2


def _needs(book: ReportBook, sheet: Sheet, looks: Looks, subject: Subject, gap: Gap, row: int, lang: Lang) -> int:
    model = subject.context.model
    row = _section(sheet, looks, row, say("report.gap.needs", lang))
    spans = (("number", 0, 0), ("rule", 1, 2), ("where", 3, 5), ("have", 6, 6), ("want", 7, 7), ("short", 8, 8))
    for key, first, last in spans:
        sheet.merged(row, first, row, last, say(f"report.column.{key}", lang), looks.head)
    for number, need in enumerate(gap.needs, start=1):
        row += 1
        where = need_words(model, need, lang)
        figure = looks.plain_number
        if need.rule in ("domain_floor", "levels"):
            figure = look.share(book, near_share_digits(need.have, need.want, share_digits(need.want, 2)))
        elif need.rule == "band":
            figure = look.score(book, near_digits(need.have, need.want, 3))
        sheet.number(row, 0, number, looks.count)
        sheet.merged(row, 1, row, 2, say(f"report.rule.{need.rule}", lang), looks.words)
        sheet.merged(row, 3, row, 5, where, looks.words)
        sheet.row(row, 6, [need.have, need.want, need.want - need.have], figure)
        sheet.height(row, row_height([(where, sum(WIDTHS[3:6]))], lang) + 2)
    return row + 1


def _steps(sheet: Sheet, looks: Looks, subject: Subject, gap: Gap, row: int, lang: Lang) -> int | None:
    """List the improvements; gives the header's row, `None` where no set of answers can do it."""
    model = subject.context.model
    target = star_name(model, gap.target, lang)
    row = _section(sheet, looks, row, say("report.gap.steps", lang, target=target))
    if not gap.steps:
        verified = any(need.rule == "verified_only" for need in gap.needs)
        _words(sheet, looks, row, say(f"report.gap.{'assessor_only' if verified else 'out_of_reach'}", lang), lang)
        return None
    full = model.answer("full").label.say(lang)
    row = _words(sheet, looks, row, say("report.gap.one_set", lang, n=len(gap.steps), target=target, full=full), lang)
    heads = [say(f"report.column.{key}", lang) for key in STEP_COLUMNS]
    sheet.row(row, 0, heads, looks.head)
    sheet.height(row, row_height(zip(heads, WIDTHS, strict=True), lang, bold=True, margin=6))
    head, given, ruled = row, subject.answers, subject.ruled
    styles = [looks.top_count, looks.wrap, looks.wrap, looks.top, looks.wrap, looks.wrap, looks.top_score]
    styles += [looks.top_score, looks.wrap, looks.wrap]
    for number, step in enumerate(gap.steps, start=1):
        row += 1
        requirement = model.requirements[step.requirement]
        item = model.item_of[requirement.id].name.say(lang)
        text, advice = requirement.text.say(lang), requirement.advice.say(lang)
        now = _answer_now(model, given[step.requirement], lang, ruled=requirement.id in ruled)
        cells: list[str | float | None] = [
            number, requirement.id, item, "★" * requirement.level, text, now, step.before, step.total_after,
            say(f"report.rule.{step.rule}", lang), advice,
        ]  # fmt: skip
        sheet.row(row, 0, cells, styles)
        wrapped = ((text, WIDTHS[4]), (advice, WIDTHS[9]), (now, WIDTHS[5]), (item, WIDTHS[2]))
        sheet.height(row, row_height(wrapped, lang))
    return head


def _answer_now(model: Model, given: tuple[str, str, str, float | None], lang: Lang, *, ruled: bool) -> str:
    """Say the answer as it counts now: as decided, as given, what it scores as where that differs, or its state."""
    state, answer, scored_as, _ = given
    if ruled:
        return say("report.gap.decided", lang, answer=model.answer(scored_as or "na").label.say(lang))
    if state != "answered":
        return say(f"report.state.{state}", lang)
    label = model.answer(answer).label.say(lang)
    if scored_as == answer:
        return label
    return say("report.gap.lowered", lang, given=label, scored=model.answer(scored_as).label.say(lang))


def _unrated(book: ReportBook, sheet: Sheet, looks: Looks, subject: Subject, row: int, lang: Lang) -> None:
    model = subject.context.model
    row = _words(sheet, looks, row, unrated_reason(model, subject.domains, lang), lang)
    row = _words(sheet, looks, row, unrated_action(model, subject.domains, lang), lang)
    row = _section(sheet, looks, row, say("report.gap.by_domain", lang))
    spans = (
        ("domain", 0, 2), ("received", 3, 3), ("coverage", 5, 5), ("least", 6, 6), ("na_share", 7, 7), ("most", 8, 8),
    )  # fmt: skip
    for key, first, last in spans:
        sheet.merged(row, first, row, last, say(f"report.column.{key}", lang), looks.head)
    sheet.text(row, 4, say("report.column.status", lang), looks.head)
    sheet.height(row, 34)
    for domain, line in zip(model.domains, subject.domains, strict=True):
        row += 1
        reason = lacking(model, line)
        sheet.merged(row, 0, row, 2, domain.name.say(lang), looks.text)
        sheet.text(row, 3, say(f"report.common.{'yes' if line.came else 'no'}", lang), looks.centre)
        sheet.text(row, 4, say(f"report.lacking.{reason or 'nothing'}", lang), looks.text)
        limits = (line.coverage, model.rules.min_coverage), (line.na_share, model.rules.max_na_share)
        for column, (value, limit) in zip((5, 7), limits, strict=True):
            style = look.share(book, near_share_digits(value, limit))
            sheet.number(row, column, value if line.came else None, style)
            sheet.number(row, column + 1, limit, look.share(book, share_digits(limit)))
