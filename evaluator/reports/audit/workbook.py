"""The workbook of the on-site sample: the rule, who was drawn and why, what to check, and cells for the assessors.

Owns: its first three sheets; the estimate and the whole draw have modules of their own. What assessors type is in the
sheet of the sample only.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from evaluator.assessment.attention import PARTS
from evaluator.assessment.coding import encoded
from evaluator.assessment.sampling import START_DIGITS, hash_of
from evaluator.measure import row_height
from evaluator.model.records import LEVELS
from evaluator.reports import look
from evaluator.reports.audit.draw import write_draw
from evaluator.reports.audit.estimate import Entries, write_estimate
from evaluator.reports.audit.record import MOST_CHECKS, AuditSample
from evaluator.reports.audit.words import answer_label, check_words, part_rule, size_line, why, worked_line
from evaluator.wording import Lang, say
from evaluator.wording.cutting import cut_line
from evaluator.workbook import Sheet

TITLE = "audit.title"
"""Key of the title by which such a workbook is known."""
_ABOUT_WIDTHS = (22.0, 104.0)
_SAMPLE = {
    "number": 6.0, "id": 13.0, "name": 32.0, "province": 13.0, "city": 11.0, "star": 10.0, "score": 8.0, "why": 48.0,
    "probability": 12.0, "weight": 9.0, "verified_star": 11.5, "confirmed": 10.0, "remarks": 30.0,
}  # fmt: skip
_CHECKS = {
    "id": 13.0, "name": 24.0, "requirement": 13.0, "text": 46.0, "answer": 11.0, "evidence": 34.0, "reason": 26.0,
    "file": 30.0, "sheet": 13.0, "cell": 8.0,
}  # fmt: skip
_SHOWN_EVIDENCE = 120
"""Characters of an evidence text that are shown; the place says where the rest is."""


def write_audit(target: Path | BinaryIO, sample: AuditSample, lang: Lang) -> None:
    """Write the workbook.

    Args:
        target: the file to write, or a stream.
        sample: the sample.
        lang: language of all texts.
    """
    with look.ReportBook(target, lang, say(TITLE, lang)) as book:
        write_about(book, sample, lang)
        entries = write_sample(book, sample, lang)
        write_checks(book, sample, lang)
        write_estimate(book, sample, entries, lang)
        write_draw(book, sample, lang)


def write_about(book: look.ReportBook, sample: AuditSample, lang: Lang) -> None:
    """Write the rule with its figures, and how anyone can draw the sample again."""
    looks, sheet = book.looks, book.sheet(say("audit.sheet.about", lang))
    row = look.heading(sheet, looks, sample.recorded.model, lang, say(TITLE, lang), _ABOUT_WIDTHS) + 1
    for label, words in _about(sample, lang):
        sheet.row(row, 0, [label, words], [looks.label, looks.words])
        sheet.height(row, row_height([(label, _ABOUT_WIDTHS[0]), (words, _ABOUT_WIDTHS[1])], lang) + 4)
        row += 1
    look.page_end(sheet, sample.recorded.model, lang, landscape=True)


def _about(sample: AuditSample, lang: Lang) -> Iterator[tuple[str, str]]:
    drawn = sample.draw
    start_hash = hash_of(drawn.seed, "start")[:START_DIGITS]
    params: dict[str, object] = {
        "line": size_line(sample, lang),
        "hash": sample.recorded.sha256,
        "institutions": len(sample.recorded.assessment.institutions),
        "rated": len(drawn.units),
        "seed": drawn.seed,
        "digits": START_DIGITS,
        "start_hash": start_hash,
        "number": int(start_hash, 16),
        "total": drawn.total,
        "start": drawn.start,
    }
    own = "everyone" if drawn.everyone else "text"
    for key in ("what", "basis", "seed", "size"):
        text = say(f"audit.about.{key}.{'text' if key == 'basis' else own}", lang, **params)
        yield say(f"audit.about.{key}.label", lang), text
    for part in PARTS:
        yield "　" + say(f"audit.part.{part}", lang), part_rule(part, lang)
    rule = ("probability", "order") if drawn.everyone else ("probability", "order", "start", "select")
    for key in rule:
        yield say(f"audit.about.{key}.label", lang), say(f"audit.about.{key}.{own}", lang, **params)
    if not drawn.everyone:
        yield say("audit.about.worked.label", lang), worked_line(sample, lang)
    yield say("audit.about.estimate.label", lang), say(f"audit.about.estimate.{own}", lang)
    if not drawn.everyone:
        yield say("audit.about.source.label", lang), say("audit.about.source.text", lang)


def write_sample(book: look.ReportBook, sample: AuditSample, lang: Lang) -> Entries:
    """Write who was drawn, with the cells that assessors fill in; give where these are."""
    looks, sheet = book.looks, book.sheet(say("audit.sheet.sample", lang))
    styles = dict.fromkeys(("number", "verified_star"), looks.count) | dict.fromkeys(("star",), looks.star)
    styles |= {"score": looks.score, "probability": book.format(**_cell("0.000000")), "weight": looks.score}
    shaded = {
        "verified_star": book.format(**_cell("0"), bg_color=look.NOTICE),
        "confirmed": book.format(**_cell("@"), bg_color=look.NOTICE),
        "remarks": book.format(
            border=1, border_color=look.LINE, font_color=look.INK, text_wrap=True, num_format="@", bg_color=look.NOTICE
        ),
    }
    columns = [
        look.Column(say(f"audit.column.{key}", lang), width, shaded.get(key) or styles.get(key, looks.words))
        for key, width in _SAMPLE.items()
    ]
    head = _table_start(sheet, looks, sample, lang, say(TITLE, lang), columns, say("audit.sample.note", lang))
    table, chosen = sample.recorded.assessment.institutions, sample.draw.chosen
    for number, unit in enumerate(chosen, 1):
        row = sample.row(unit)
        own = table.iloc[row]
        place, reason = head + number, why(sample, row, lang)
        province, city = (look.group_name(sample.recorded.model, own[key], lang) for key in ("province", "city"))
        values = [number, own["id"], own["name"], province, city, look.stars_text(own["star"], lang)]
        values += [own["score"], reason, float(unit.probability), float(1 / unit.probability), None, None, None]
        sheet.row(place, 0, values, [column.look for column in columns])
        texts = [(own["name"], _SAMPLE["name"]), (reason, _SAMPLE["why"]), (province, _SAMPLE["province"])]
        sheet.height(place, max(20.0, row_height([*texts, (city, _SAMPLE["city"])], lang)))
    keys, first, last = list(_SAMPLE), head + 1, head + len(chosen)
    entries = Entries(
        sheet=sheet,
        first=first,
        verified_star=keys.index("verified_star"),
        confirmed=keys.index("confirmed"),
        yes=say("report.common.yes", lang),
        no=say("report.common.no", lang),
    )
    if chosen:
        _validations(sheet, entries, last, lang)
    look.table_end(sheet, head, last, len(columns), sample.recorded.model, lang, frozen=3)
    return entries


def _validations(sheet: Sheet, entries: Entries, last: int, lang: Lang) -> None:
    rows = range(entries.first, last + 1)
    for column, options, key in (
        (entries.verified_star, [*map(str, (0, *LEVELS))], "bad_star"),
        (entries.confirmed, [entries.yes, entries.no], "bad_confirmed"),
    ):
        rule = {
            "validate": "list",
            "source": options,
            "error_title": say(f"audit.sample.{key}_title", lang),
            "error_message": say(f"audit.sample.{key}", lang),
        }
        sheet.validated(((row, column) for row in rows), rule)


def write_checks(book: look.ReportBook, sample: AuditSample, lang: Lang) -> None:
    """Write which requirements of each institution to look at first, and where the answer stands."""
    looks, sheet = book.looks, book.sheet(say("audit.sheet.checks", lang))
    model, table = sample.recorded.model, sample.recorded.assessment.institutions
    given = encoded(sample.recorded.assessment.answers).answer.reshape(sample.weakness.shape)
    styles = dict.fromkeys(("requirement", "answer", "cell"), looks.top)
    columns = [
        look.Column(say(f"audit.column.{key}", lang), width, styles.get(key, looks.wrap))
        for key, width in _CHECKS.items()
    ]
    head = _table_start(
        sheet,
        looks,
        sample,
        lang,
        say("audit.sheet.checks", lang),
        columns,
        say("audit.checks.note", lang, most=MOST_CHECKS),
    )
    place = head
    for unit in sample.draw.chosen:
        row = sample.row(unit)
        wrote, own = sample.wrote(row), table.iloc[row]
        for check in sample.checks(row):
            place += 1
            asked, its = model.requirements[check.requirement], wrote[check.requirement]
            values = [
                own["id"],
                own["name"],
                asked.id,
                asked.text.say(lang),
                answer_label(sample, int(given[row, check.requirement]), lang),
                cut_line(its.evidence, _SHOWN_EVIDENCE),
                check_words(sample, row, check, lang),
                its.file,
                its.sheet,
                its.cell,
            ]
            sheet.row(place, 0, values, [column.look for column in columns])
            sheet.height(place, row_height(zip(values, _CHECKS.values(), strict=True), lang, margin=8))
    look.table_end(sheet, head, place, len(columns), model, lang, frozen=3)


def _table_start(
    sheet: Sheet, looks: look.Looks, sample: AuditSample, lang: Lang, title: str, columns: list[look.Column], note: str
) -> int:
    """Write a sheet's heading, its note and its table's header; gives the header's row."""
    widths = [column.width for column in columns]
    row = look.heading(sheet, looks, sample.recorded.model, lang, title, widths)
    last, room = 0, widths[0]
    while last + 1 < len(widths) and room + widths[last + 1] <= look.HEADING_WIDTH:
        last += 1
        room += widths[last]
    sheet.merged(row, 0, row, last, note, looks.note)
    sheet.height(row, row_height([(note, room * 1.1)], lang))
    look.table_head(sheet, row + 1, columns, looks, lang)
    return row + 1


def _cell(number_format: str) -> dict[str, object]:
    return {
        "border": 1, "border_color": look.LINE, "font_color": look.INK, "align": "center", "num_format": number_format,
    }  # fmt: skip
