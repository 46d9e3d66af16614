"""The form's sheets around the questionnaire: instructions, dropdown lists and `_meta`, and what all sheets share.

Owns: what stands on these sheets, and the order that all sheets are written from. Knows nothing of the questionnaire's
own rows, of the institution's fields or of the preview.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from xlsxwriter.format import Format

from evaluator.measure import lines_needed
from evaluator.model.records import ANSWER_CODES, Domain, Model
from evaluator.questionnaire import layout
from evaluator.questionnaire.layout import CORRECTS, FORMAT, Correction, Prefill, Problem
from evaluator.questionnaire.look import HEAD, LINE, MUTED, NOTICE, fitting_height
from evaluator.wording import Lang, catalogue, say
from evaluator.workbook import Book, Sheet

STEPS = 5
NOTE_WIDTH = 330
"""Pixels of a note's box."""
OWN_META = ("institution", "seal")
"""Entries of `_meta` that are an institution's own. They and its fields stand in their cells, not among the texts that
cells share: forms of one round then differ in two small sheets."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Order:
    """Everything one form is written from."""

    model: Model
    domain: Domain
    lang: Lang
    prefill: Prefill | None
    deadline: str
    contact: str
    round_name: str
    round_title: str
    institution: str
    seal: str
    correction: Correction | None = None
    locked: frozenset[str] | None = None
    """Institution fields to lock; `None`: as `locked_fields` says."""

    def say(self, key: str, /, **params: object) -> str:
        """Give a text of the form in its language."""
        return say(f"form.{key}", self.lang, **params)

    @property
    def words(self) -> dict[str, str]:
        """What the form's texts may name: sheets, columns, answers, by their keys; `done` is the status."""
        named = {key: self.say(f"sheet.{key}") for key in (*layout.SHEETS, layout.CORRECTION_SHEET)}
        named |= {key: self.say(f"column.{key}") for key in layout.COLUMNS}
        named |= {code: self.model.answer(code).label.say(self.lang) for code in ANSWER_CODES}
        return named | {"done": self.say("status.done")}

    @property
    def fixed(self) -> frozenset[str]:
        """Institution fields that are locked."""
        known = self.prefill.fields if self.prefill else {}
        return locked_fields(known, self.institution) if self.locked is None else self.locked


def locked_fields(known: Mapping[str, str], institution: str) -> frozenset[str]:
    """Give the fields to lock: those of `layout.LOCKED` that are known, in a form made for an institution."""
    return frozenset(key for key in layout.LOCKED if institution and known.get(key, "").strip())


@dataclass(frozen=True, kw_only=True, slots=True)
class Lists:
    """References to the dropdowns' ranges."""

    answers: str
    answers_without_na: str
    choices: Mapping[str, str]
    """By institution field."""


def choices(model: Model) -> dict[str, tuple[tuple[str, str], ...]]:
    """Give the (zh, en) options of the institution fields that are chosen from a list."""
    provinces = cast("list[dict[str, str]]", catalogue("form")["provinces"])
    return {
        "province": tuple((province["zh"], province["en"]) for province in provinces),
        "type": tuple((kind.zh, kind.en) for kind in model.types),
        "category": tuple((category.zh, category.en) for category in model.categories),
    }


def write_lists(sheet: Sheet, order: Order) -> Lists:
    """Write the dropdown lists, one a column; the last answer is N/A."""
    answers = tuple(order.model.answer(code).label.say(order.lang) for code in ANSWER_CODES)
    place = 0 if order.lang == "zh" else 1
    ranges = {
        key: _list(sheet, column, order.say(f"field.{key}"), tuple(option[place] for option in options))
        for column, (key, options) in enumerate(choices(order.model).items(), 1)
    }
    all_answers = _list(sheet, 0, order.say("column.answer"), answers)
    sheet.protect()
    return Lists(answers=all_answers, answers_without_na=sheet.ref(1, 0, len(answers) - 1), choices=ranges)


def _list(sheet: Sheet, column: int, header: str, entries: tuple[str, ...]) -> str:
    """Write a column of texts below a header; gives the absolute reference to the entries."""
    for row, entry in enumerate((header, *entries)):
        sheet.text(row, column, entry)
    return sheet.ref(1, column, len(entries))


def write_meta(sheet: Sheet, order: Order) -> None:
    """Write what identifies the form."""
    values = {
        "format": FORMAT,
        "model": order.model.id,
        "edition": order.model.edition,
        "model_hash": order.model.hash,
        "domain": order.domain.code,
        "round": order.round_name,
        "institution": order.institution,
        "language": order.lang,
        "seal": order.seal,
    }
    if order.correction:
        values[CORRECTS] = order.correction.corrects
    for row, key in enumerate(values):
        sheet.text(row, 0, key)
        write = sheet.inline if key in OWN_META else sheet.text
        write(row, 1, values[key])
    sheet.protect()


def write_instructions(book: Book, sheet: Sheet, order: Order) -> None:
    """Write the page that tells a person at an institution what this is and how to fill it in."""
    widths = (16.0, 78.0)
    sheet.widths(widths)
    label, body = book.format(bold=True, font_color=HEAD, valign="vcenter"), book.format(valign="vcenter")
    row = _titles(book, sheet, order)
    for words, explained in _facts(order):
        row = _line(sheet, row, (words, explained), (label, body), widths, order.lang)
    for heading, lines in _sections(order):
        row += 1
        bar = book.format(bold=True, font_size=11, font_color="#FFFFFF", bg_color=HEAD, valign="vcenter", indent=1)
        sheet.merged(row, 0, row, 1, heading, bar)
        sheet.height(row, 21)
        row += 1
        boxed = {"border": 1, "border_color": LINE, "valign": "vcenter"}
        for line in lines:
            looks = book.format(bold=True, **boxed), book.format(**boxed)
            row = _line(sheet, row, line, looks, widths, order.lang)
    set_up_print(sheet, order, landscape=False)
    sheet.raw.fit_to_pages(1, 1)
    sheet.raw.center_horizontally()
    sheet.protect()


def _titles(book: Book, sheet: Sheet, order: Order) -> int:
    sheet.merged(
        0, 0, 0, 1, order.model.name.say(order.lang), book.format(font_size=11, font_color=MUTED, valign="vcenter")
    )
    title = order.say("title.form", domain=order.domain.name.say(order.lang))
    sheet.merged(1, 0, 1, 1, title, book.format(font_size=18, bold=True, font_color=HEAD, valign="vcenter"))
    notice = order.say("instructions.notice", notice=order.model.notice.say(order.lang))
    box = book.format(bold=True, bg_color=NOTICE, border=1, border_color="#E08E45", valign="vcenter", indent=1)
    sheet.merged(2, 0, 2, 1, notice, box)
    for row, height in enumerate((22.0, 34.0, fitting_height(order.lang, (notice, 84), least=2))):
        sheet.height(row, height)
    return 4


def _facts(order: Order) -> list[tuple[str, str]]:
    model, domain = order.model, order.domain.name.say(order.lang)
    name = model.name.say(order.lang)
    facts = [
        ("purpose", order.say("instructions.purpose", domain=domain, count=len(model.domains))),
        ("model", order.say("instructions.model", name=name, id=model.id, edition=model.edition)),
        ("round", order.round_title or order.round_name),
        ("deadline", order.deadline or order.say("instructions.deadline")),
        ("contact", order.contact or order.say("instructions.contact")),
    ]
    return [(order.say(f"instructions.{key}_label"), words) for key, words in facts if words]


def _sections(order: Order) -> list[tuple[str, list[tuple[str, str]]]]:
    words, lang = order.words, order.lang
    steps = [(str(n), order.say(f"instructions.step_{n}", **words)) for n in range(1, STEPS + 1)]
    scale = [order.model.answer(code) for code in ANSWER_CODES]
    evidence = "evidence" if order.model.rules.evidence_rule else "evidence_off"
    rules = [
        (order.say("instructions.evidence_label"), order.say(f"instructions.{evidence}", **words)),
        *(
            (order.say(f"instructions.{key}_label", **words), order.say(f"instructions.{key}", **words))
            for key in ("na", "preview", "privacy")
        ),
    ]
    return [
        (order.say("instructions.steps"), steps),
        (order.say("instructions.answers"), [(answer.label.say(lang), answer.meaning.say(lang)) for answer in scale]),
        (order.say("instructions.rules"), rules),
    ]


def _line(
    sheet: Sheet,
    row: int,
    texts: tuple[str, str],
    looks: tuple[Format, Format],
    widths: tuple[float, float],
    lang: Lang,
) -> int:
    for column, (words, look) in enumerate(zip(texts, looks, strict=True)):
        sheet.text(row, column, words, look)
    sheet.height(row, fitting_height(lang, *zip(texts, widths, strict=True)))
    return row + 1


def write_note(sheet: Sheet, row: int, column: int, faults: Sequence[Problem], order: Order) -> None:
    """Put a note at a cell of a correction that says what is wrong with it; without faults there is none."""
    if not faults:
        return
    lines = [f"{fault.found}{'' if order.lang == 'zh' else ' '}{fault.action}" for fault in faults]
    words = "\n".join((order.say("correction.note_head"), *lines, order.say("correction.note_tail")))
    sheet.note(row, column, words, NOTE_WIDTH, 12 + 16 * lines_needed(words, NOTE_WIDTH / 7, order.lang))


def set_up_print(sheet: Sheet, order: Order, *, landscape: bool, header_row: int | None = None) -> None:
    """Print on A4, one page wide, with the domain's name and page numbers at the foot."""
    name = f"{order.domain.code} {order.domain.name.say(order.lang)[:60]}".replace("&", "&&")
    footer = f"&L{name}&C{order.say('questionnaire.footer')}"
    sheet.printed(landscape=landscape, header_row=header_row, footer=footer, bottom=0.65)
