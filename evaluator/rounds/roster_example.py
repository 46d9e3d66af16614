"""A roster to start from: the columns, three examples, and what each column means.

Owns: that workbook. How a roster is read is the intake's.
"""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from evaluator.errors import RoundError, reason_of
from evaluator.intake import uscc
from evaluator.intake.institutions import FIELDS
from evaluator.measure import FONTS
from evaluator.model.records import Model
from evaluator.questionnaire.layout import LISTS_SHEET
from evaluator.questionnaire.look import HEAD, INK, INPUT, LINE, MUTED, fitting_height
from evaluator.questionnaire.pages import choices
from evaluator.wording import Lang, say
from evaluator.workbook import Book, Sheet, font_kit

ROWS = 5000
"""Rows that offer the choices."""
_NEEDED = ("id", "name", "email")
_WIDTHS = {"id": 12, "name": 40, "uscc": 22, "type": 24, "category": 20, "contact": 20, "phone": 18, "email": 40}
_CODES = ("12000000MB0000001", "91000000MA0000002", "51000000500000003")
"""Credit codes of nobody, without their check characters."""


def write_example_roster(path: Path, model: Model, lang: Lang) -> None:
    """Write a roster to start from.

    Raises:
        RoundError: there is a file, or none can be written.
    """
    stream = BytesIO()
    with Book(stream, kit=font_kit(FONTS[lang]), title=_say("sheet", lang)) as book:
        roster, notes, lists = (book.sheet(name) for name in (_say("sheet", lang), _say("notes", lang), LISTS_SHEET))
        _write_roster(book, roster, model, lang, _write_lists(lists, model, lang))
        _write_notes(book, notes, lang)
        lists.raw.hide()
    try:
        with path.open("xb") as file:
            file.write(stream.getvalue())
    except FileExistsError as error:
        raise RoundError("file_exists", path=path) from error
    except OSError as error:
        raise RoundError("round_not_writable", path=path, why=reason_of(error)) from error


def _say(key: str, lang: Lang, **params: object) -> str:
    return say(f"rounds.making.roster.{key}", lang, **params)


def _write_lists(sheet: Sheet, model: Model, lang: Lang) -> dict[str, str]:
    """Write the lists to choose from, one a column; gives the reference to each."""
    ranges: dict[str, str] = {}
    for column, (key, options) in enumerate(choices(model).items()):
        for row, option in enumerate(options):
            sheet.text(row, column, option[0 if lang == "zh" else 1])
        ranges[key] = sheet.ref(0, column, len(options) - 1)
    return ranges


def _write_roster(book: Book, sheet: Sheet, model: Model, lang: Lang, ranges: dict[str, str]) -> None:
    head = book.format(bold=True, font_color="#FFFFFF", bg_color=HEAD, align="center", border=1, border_color=LINE)
    cell = book.format(num_format="@", border=1, border_color=LINE)
    example = book.format(num_format="@", border=1, border_color=LINE, font_color=MUTED)
    for column, key in enumerate(FIELDS):
        sheet.raw.set_column(column, column, _WIDTHS.get(key, 16), book.format(num_format="@"))
        sheet.text(0, column, say(f"form.field.{key}", lang), head)
    sheet.height(0, 24)
    examples = _examples(model, lang)
    for row in range(1, 31):
        values = examples[row - 1] if row <= len(examples) else {}
        for column, key in enumerate(FIELDS):
            sheet.text(row, column, values.get(key, ""), example if values else cell)
        sheet.height(row, 20)
    for key, reference in ranges.items():
        rule = {
            "validate": "list",
            "source": f"={reference}",
            "error_title": say("form.prompt.bad_choice_title", lang),
            "error_message": say("form.prompt.bad_choice", lang),
        }
        sheet.validated(((row, FIELDS.index(key)) for row in range(1, ROWS + 1)), rule)
    sheet.raw.freeze_panes(1, 2)
    sheet.printed(landscape=True, header_row=0, footer="&C&P / &N")


def _examples(model: Model, lang: Lang) -> list[dict[str, str]]:
    place = 0 if lang == "zh" else 1
    options = {key: [option[place] for option in known] for key, known in choices(model).items()}
    return [
        {
            "id": f"N{number + 1:03}",
            "name": _say(f"name_{number + 1}", lang),
            "uscc": code + uscc.check_character(code),
            **{key: known[number % len(known)] for key, known in options.items()},
            "city": _say("city", lang),
            "contact": _say("contact", lang),
            "phone": f"010-0000000{number}",
            "email": "; ".join(f"{name}@example.com" for name in (("office", "director") if number else ("office",))),
        }
        for number, code in enumerate(_CODES)
    ]


def _write_notes(book: Book, sheet: Sheet, lang: Lang) -> None:
    widths = (24.0, 12.0, 80.0)
    sheet.widths(widths)
    how = _say("how", lang, sheet=_say("sheet", lang))
    sheet.text(0, 0, _say("notes", lang), book.format(font_size=16, bold=True, font_color=HEAD))
    sheet.height(0, 30)
    sheet.merged(
        1, 0, 1, 2, how, book.format(font_color=INK, bg_color=INPUT, text_wrap=True, border=1, border_color=LINE)
    )
    sheet.height(1, fitting_height(lang, (how, sum(widths))))
    head = book.format(bold=True, font_color="#FFFFFF", bg_color=HEAD, border=1, border_color=LINE)
    body = book.format(text_wrap=True, border=1, border_color=LINE)
    sheet.row(3, 0, [_say(key, lang) for key in ("column", "needed", "meaning")], head)
    sheet.height(3, 22)
    for row, key in enumerate(FIELDS, 4):
        note = _say(f"notes_on.{key}", lang)
        needed = _say("yes" if key in _NEEDED else "no", lang)
        sheet.row(row, 0, [say(f"form.field.{key}", lang), needed, note], body)
        sheet.height(row, fitting_height(lang, (note, widths[2])))
    sheet.printed(landscape=True, header_row=None, footer="&C&P / &N")
