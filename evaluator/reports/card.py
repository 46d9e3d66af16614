"""One institution's summary card: who, which star and why, ranks, domains, dimensions, strengths and weaknesses.

Owns: the card's sheet, in the institution's own report and in the ranking workbook. Knows nothing of files.
"""

from __future__ import annotations

from evaluator.findings import joined
from evaluator.measure import row_height
from evaluator.reports import look
from evaluator.reports.card_profile import (
    CHART_ROW_POINTS,
    LAST,
    ROOM,
    WIDTHS,
    write_domains,
    write_items,
    write_profile,
)
from evaluator.reports.look import Looks, ReportBook
from evaluator.reports.phrases import robust_words, star_reason, unrated_action, unrated_reason
from evaluator.reports.subject import Subject
from evaluator.wording import Lang, say
from evaluator.workbook import Sheet


def write_card(book: ReportBook, name: str, subject: Subject, lang: Lang, back: str = "") -> Sheet:
    """Write an institution's summary card.

    Args:
        book: the workbook.
        name: the sheet's name.
        subject: the institution.
        lang: language of the texts.
        back: name of a sheet to link back to, empty for none.
    """
    sheet, looks = book.sheet(name), book.looks
    model = subject.context.model
    title = say("report.card.title", lang, name=subject.facts["name"] or subject.facts["id"])
    row = look.heading(sheet, looks, model, lang, title, WIDTHS)
    if back:
        quoted = back.replace("'", "''")
        sheet.link(row, 0, f"internal:'{quoted}'!A1", say("report.card.back", lang), looks.link)
        row += 1
    row = _identity(sheet, looks, subject, row, lang)
    row = _verdict(sheet, looks, subject, row, lang)
    if any(line.came for line in subject.domains):
        row = write_profile(book, sheet, looks, subject, row, lang)
        row = write_domains(book, sheet, looks, subject, row, lang)
        write_items(book, sheet, looks, subject, row, lang)
    look.page_end(sheet, model, lang)
    sheet.raw.fit_to_pages(1, 1)
    return sheet


def _identity(sheet: Sheet, looks: Looks, subject: Subject, row: int, lang: Lang) -> int:
    facts, model = subject.facts, subject.context.model
    place = " ".join(part for part in (facts["province"], facts["city"]) if part)
    left = {
        "id": facts["id"],
        "name": facts["name"],
        "uscc": facts["uscc"],
        "place": place,
        "type": look.group_name(model, facts["type"], lang),
        "category": look.group_name(model, facts["category"], lang),
        "coverage": facts["coverage"],
        "na_share": facts["na_share"] if facts["domains_returned"] else None,
    }
    right = {
        "star": look.stars_text(facts["star"], lang),
        "score": facts["score"],
        **{f"rank_{scope}": _rank(subject, scope, lang) for scope in ("overall", "province", "category", "type")},
        "domains_came": say("report.card.n_of", lang, n=facts["domains_returned"], of=len(model.domains)),
        "findings": len(subject.findings),
    }
    special = {"star": looks.big_star, "score": looks.score, "findings": looks.count}
    special["coverage"] = special["na_share"] = looks.left_share
    for (a, value), (b, figure) in zip(left.items(), right.items(), strict=True):
        sheet.text(row, 0, say(f"report.card.{a}", lang), looks.label)
        _over(sheet, row, 1, 4, value, special.get(a, looks.words))
        _over(sheet, row, 5, 7, say(f"report.card.{b}", lang), looks.label)
        _over(sheet, row, 8, LAST, figure, special.get(b, looks.centre))
        long = isinstance(value, str) and row_height([(value, sum(WIDTHS[1:5]))], lang) > CHART_ROW_POINTS + 4
        sheet.height(row, 24 if b == "star" else 34 if long else 19)
        row += 1
    return row


def _over(sheet: Sheet, row: int, first: int, last: int, value: str | float | None, look_: object) -> None:
    if isinstance(value, str):
        sheet.merged(row, first, row, last, value, look_)
    else:
        sheet.merged(row, first, row, last, "", look_)
        sheet.number(row, first, value, look_)


def _rank(subject: Subject, scope: str, lang: Lang) -> str:
    rank = subject.facts["rank" if scope == "overall" else f"rank_{scope}"]
    if rank is None:
        return say("report.card.no_rank", lang)
    group = "" if scope == "overall" else subject.facts[scope]
    return say("report.card.rank_of", lang, rank=rank, of=subject.context.ranked[scope, group])


def _verdict(sheet: Sheet, looks: Looks, subject: Subject, row: int, lang: Lang) -> int:
    model = subject.context.model
    if subject.rated:
        lines = {"why_star": star_reason(subject, lang)}
    else:
        lines = {
            "why_not": unrated_reason(model, subject.domains, lang),
            "what_to_do": unrated_action(model, subject.domains, lang),
        }
    robust = robust_words(subject, lang)
    if robust:
        lines["robust"] = robust
    if subject.ruled:
        sheet_name, ids = say("report.sheet.answers", lang), joined(list(subject.ruled)).say(lang)
        lines["rulings"] = say("report.card.rulings_text", lang, count=len(subject.ruled), ids=ids, sheet=sheet_name)
    for key, words in lines.items():
        label = "robustness.star.row" if key == "robust" else f"report.card.{key}"
        sheet.text(row, 0, say(label, lang), looks.label)
        sheet.merged(row, 1, row, LAST, words, looks.words)
        sheet.height(row, max(row_height([(words, ROOM)], lang), 20))
        row += 1
    return row
