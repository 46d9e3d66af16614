"""The form's sheet about the institution: its fields, open or locked, and what is known of them already.

Owns: what stands on this sheet. Knows nothing of the other sheets but the references it needs.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from xlsxwriter.format import Format

from evaluator.questionnaire.layout import EDITION_FIELD, FIELDS, FIRST_FIELD_ROW
from evaluator.questionnaire.look import FAULTY, FIXED, HEAD, INPUT, LINE, MUTED, fitting_height
from evaluator.questionnaire.pages import Lists, Order, choices, set_up_print, write_note
from evaluator.questionnaire.states import in_language
from evaluator.wording import Lang
from evaluator.workbook import Book, Sheet

_FIRST_DATE, _LAST_DATE = dt.date(2000, 1, 1), dt.date(2099, 12, 31)


def write_institution(book: Book, sheet: Sheet, order: Order, lists: Lists) -> None:
    """Write the institution's fields, with what is known of it already."""
    sheet.widths((20.0, 44.0, 44.0))
    sheet.text(
        0, 0, order.say("title.institution"), book.format(font_size=16, bold=True, font_color=HEAD, text_wrap=False)
    )
    sheet.height(0, 28)
    fixed = order.fixed
    how = order.say("institution.how")
    if fixed:
        how = order.say("institution.how_fixed", contact=order.contact or order.say("institution.contact"))
    sheet.merged(1, 0, 1, 2, how, book.format(font_color=MUTED))
    sheet.height(1, fitting_height(order.lang, (how, 104)))
    box = {"border": 1, "border_color": LINE, "valign": "vcenter"}
    notes = order.correction.notes("institution") if order.correction else {}
    for row, key in enumerate(FIELDS, FIRST_FIELD_ROW - 1):
        sheet.text(row, 0, order.say(f"field.{key}"), book.format(bold=True, **box))
        faults = notes.get((key, ""), ())
        is_fixed = key in fixed and not faults
        _field(sheet, row, key, order, book.format(**_field_look(key, is_fixed=is_fixed, is_faulty=bool(faults))))
        write_note(sheet, row, 1, faults, order)
        hint = order.say("hint.locked" if is_fixed else f"hint.{key}")
        sheet.text(row, 2, hint, book.format(font_color=MUTED, font_size=9, valign="vcenter"))
        sheet.height(row, 26)
        if not is_fixed:
            _field_validation(sheet, row, key, order, lists)
    _edition(book, sheet, order)
    first = FIRST_FIELD_ROW - 1 + next(n for n, key in enumerate(FIELDS) if key not in fixed)
    sheet.raw.set_selection(first, 1, first, 1)
    set_up_print(sheet, order, landscape=False)
    sheet.protect()


def _field_look(key: str, *, is_fixed: bool, is_faulty: bool) -> dict[str, object]:
    """Give the look of an institution field's cell; one that is locked looks like the cells that nobody fills in."""
    look: dict[str, object] = {"valign": "vcenter", "align": "left"}
    look["num_format"] = "yyyy-mm-dd" if key == "date" else "@"
    if is_fixed:
        return {**look, "border": 1, "border_color": LINE, "bg_color": FIXED}
    frame = FAULTY if is_faulty else {"border": 1, "border_color": LINE, "bg_color": INPUT}
    return {**look, **frame, "locked": False}


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
