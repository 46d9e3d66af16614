"""The form's sheets around the questionnaire: instructions, institution, dropdown lists and `_meta`.

Owns: what stands on these sheets. Knows nothing of the questionnaire's own rows or of the preview.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from xlsxwriter.format import Format

from evaluator.model.records import ANSWER_CODES, Domain, Model
from evaluator.questionnaire import layout
from evaluator.questionnaire.layout import EDITION_FIELD, FIELDS, FIRST_FIELD_ROW, FORMAT, META_KEYS, Prefill
from evaluator.questionnaire.look import HEAD, INPUT, LINE, MUTED, NOTICE, fitting_height
from evaluator.questionnaire.states import in_language
from evaluator.wording import Lang, catalogue, say
from evaluator.workbook import Book, Sheet

STEPS = 5
OWN_META = ("institution", "seal")
"""Entries of `_meta` that are an institution's own. They and its fields stand in their cells, not among the texts that
cells share: forms of one round then differ in two small sheets."""
_FIRST_DATE, _LAST_DATE = dt.date(2000, 1, 1), dt.date(2099, 12, 31)


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
    institution: str
    seal: str

    def say(self, key: str, /, **params: object) -> str:
        """Give a text of the form in its language."""
        return say(f"form.{key}", self.lang, **params)

    @property
    def words(self) -> dict[str, str]:
        """What the form's texts may name: sheets, columns, answers, by their keys; `done` is the status."""
        named = {key: self.say(f"sheet.{key}") for key in layout.SHEETS}
        named |= {key: self.say(f"column.{key}") for key in layout.COLUMNS}
        named |= {code: self.model.answer(code).label.say(self.lang) for code in ANSWER_CODES}
        return named | {"done": self.say("status.done")}


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
    for row, key in enumerate(META_KEYS):
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
        ("round", order.round_name),
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


def write_institution(book: Book, sheet: Sheet, order: Order, lists: Lists) -> None:
    """Write the institution's fields, with what is known of it already."""
    sheet.widths((20.0, 44.0, 44.0))
    sheet.text(
        0, 0, order.say("title.institution"), book.format(font_size=16, bold=True, font_color=HEAD, text_wrap=False)
    )
    sheet.height(0, 28)
    how = order.say("institution.how")
    sheet.merged(1, 0, 1, 2, how, book.format(font_color=MUTED))
    sheet.height(1, fitting_height(order.lang, (how, 104)))
    box = {"border": 1, "border_color": LINE, "valign": "vcenter"}
    for row, key in enumerate(FIELDS, FIRST_FIELD_ROW - 1):
        sheet.text(row, 0, order.say(f"field.{key}"), book.format(bold=True, **box))
        look = book.format(
            bg_color=INPUT, locked=False, align="left", num_format="yyyy-mm-dd" if key == "date" else "@", **box
        )
        _field(sheet, row, key, order, look)
        sheet.text(row, 2, order.say(f"hint.{key}"), book.format(font_color=MUTED, font_size=9, valign="vcenter"))
        sheet.height(row, 26)
        _field_validation(sheet, row, key, order, lists)
    _edition(book, sheet, order)
    sheet.raw.set_selection(FIRST_FIELD_ROW - 1, 1, FIRST_FIELD_ROW - 1, 1)
    set_up_print(sheet, order, landscape=False)
    sheet.protect()


def _edition(book: Book, sheet: Sheet, order: Order) -> None:
    """Say the model's id and edition below the fields, locked: it tells the form's edition where `_meta` got lost."""
    row, key = FIRST_FIELD_ROW - 1 + len(FIELDS), EDITION_FIELD
    box = {"border": 1, "border_color": LINE, "valign": "vcenter", "font_color": MUTED}
    sheet.text(row, 0, order.say(f"field.{key}"), book.format(bold=True, **box))
    sheet.text(row, 1, f"{order.model.id} {order.model.edition}", book.format(num_format="@", **box))
    sheet.text(row, 2, order.say(f"hint.{key}"), book.format(font_color=MUTED, font_size=9, valign="vcenter"))
    sheet.height(row, 26)


def _field(sheet: Sheet, row: int, key: str, order: Order, look: Format) -> None:
    known = (order.prefill.fields if order.prefill else {}).get(key, "")
    value = field_value(key, known, choices(order.model), order.lang)
    if isinstance(value, dt.date):
        sheet.date(row, 1, value, look)
    else:
        sheet.inline(row, 1, value, look)


def field_value(key: str, known: str, options: Mapping[str, tuple[tuple[str, str], ...]], lang: Lang) -> str | dt.date:
    """Give what stands in an institution field's cell: a choice in the form's language, a date, any other text as is.

    Args:
        key: of `FIELDS`.
        known: what is known of it.
        options: as from `choices`.
        lang: language of the form.
    """
    if key in options:
        return in_language(known.strip(), options[key], lang)
    return (_date(known) if key == "date" else None) or known


def _date(words: str) -> dt.date | None:
    """Read an ISO date of the years that Excel's dates cover; `None` where it is none."""
    try:
        date = dt.date.fromisoformat(words)
    except ValueError:
        return None
    return date if _FIRST_DATE <= date <= _LAST_DATE else None


def _field_validation(sheet: Sheet, row: int, key: str, order: Order, lists: Lists) -> None:
    """Offer the choices, and stop or warn where something else is typed; any text stays possible for a date."""
    if key in lists.choices:
        options: dict[str, object] = {
            "validate": "list",
            "source": f"={lists.choices[key]}",
            "error_type": "warning" if key == "province" else "stop",
            "error_title": order.say("prompt.bad_choice_title"),
            "error_message": order.say("prompt.bad_choice"),
        }
    elif key == "date":
        options = {
            "validate": "date",
            "criteria": "between",
            "minimum": _FIRST_DATE,
            "maximum": _LAST_DATE,
            "error_type": "warning",
            "error_title": order.say("prompt.bad_date_title"),
            "error_message": order.say("prompt.bad_date"),
        }
    else:
        return
    sheet.validated([(row, 1)], options)


def set_up_print(sheet: Sheet, order: Order, *, landscape: bool, header_row: int | None = None) -> None:
    """Print on A4, one page wide, with the domain's name and page numbers at the foot."""
    name = f"{order.domain.code} {order.domain.name.say(order.lang)[:60]}".replace("&", "&&")
    footer = f"&L{name}&C{order.say('questionnaire.footer')}"
    sheet.printed(landscape=landscape, header_row=header_row, footer=footer, bottom=0.65)
