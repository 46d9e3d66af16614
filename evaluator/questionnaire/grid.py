"""The questionnaire sheet: one row per requirement, its dropdowns, its live status, the counter and preview above.

Owns: what stands in this sheet's cells and how it looks. Knows nothing of the other sheets but the references it needs.
"""

from __future__ import annotations

from string import Formatter

from xlsxwriter.format import Format

from evaluator.model.records import ANSWER_CODES, LEVELS, Item, Requirement
from evaluator.questionnaire import layout
from evaluator.questionnaire.layout import COLUMNS, HEADER_ROW, INPUT_COLUMNS
from evaluator.questionnaire.look import BAND, FAULTY, HEAD, INPUT, LINE, MUTED, fitting_height
from evaluator.questionnaire.pages import Lists, Order, set_up_print, write_note
from evaluator.questionnaire.preview import PreviewSheet
from evaluator.questionnaire.states import permitted_categories, permitted_formula, quoted
from evaluator.wording import text
from evaluator.workbook import Book, Sheet

WIDTHS = {
    "id": 8.0, "item": 14.0, "stars": 11.5, "text": 44.0, "expected": 30.0,
    "answer": 13.0, "evidence": 36.0, "remarks": 24.0, "status": 13.0,
}  # fmt: skip
STATUS_COLOURS = {
    "done": ("#E3F3E6", "#1E6B34"),
    "missing": ("#FFF1D6", "#8A5A00"),
    "needs_evidence": ("#FFE0B2", "#8A4B00"),
    "needs_reason": ("#FBD9D7", "#9C1C14"),
    "na_not_permitted": ("#FBD9D7", "#9C1C14"),
    "invalid": ("#FBD9D7", "#9C1C14"),
}
"""Fill and ink of a status."""
AT = {key: number for number, key in enumerate(COLUMNS)}
_FIRST = HEADER_ROW
"""Row of the first requirement, from 0."""


class QuestionnaireSheet:
    """The questionnaire sheet."""

    def __init__(self, book: Book, sheet: Sheet, order: Order, live: PreviewSheet, category_cell: str) -> None:
        self.book = book
        self.sheet = sheet
        self.order = order
        self.live = live
        self.category_cell = category_cell
        self.rows = {r.id: row for row, r in enumerate(order.domain.requirements, _FIRST)}
        self.last = _FIRST + len(self.rows) - 1
        self.notes = order.correction.notes("questionnaire") if order.correction else {}

    def write(self, lists: Lists) -> None:
        """Write the whole sheet."""
        self.sheet.widths([WIDTHS[key] for key in COLUMNS])
        self._top()
        self._header()
        for number, item in enumerate(self.order.domain.items):
            for requirement in item.requirements:
                self._row(item, requirement, banded=number % 2 == 1)
        self._validations(lists)
        self._conditions()
        raw = self.sheet.raw
        raw.freeze_panes(HEADER_ROW, 1)
        raw.autofilter(HEADER_ROW - 1, 0, self.last, len(COLUMNS) - 1)
        raw.set_selection(_FIRST, AT["answer"], _FIRST, AT["answer"])
        set_up_print(self.sheet, self.order, landscape=True, header_row=HEADER_ROW - 1)
        self.sheet.protect()

    def _top(self) -> None:
        """Write title, reminder, counter and preview above the header."""
        order, sheet, look = self.order, self.sheet, self.book.format
        title = order.say("title.questionnaire", code=order.domain.code, domain=order.domain.name.say(order.lang))
        sheet.text(0, 0, title, look(font_size=16, bold=True, font_color=HEAD, text_wrap=False, valign="vcenter"))
        sheet.text(
            1,
            0,
            order.say("correction.how" if order.correction else "questionnaire.how", **order.words),
            look(font_color=MUTED, text_wrap=False, valign="vcenter"),
        )
        bold = look(bold=True, text_wrap=False, valign="vcenter")
        cells = f"$I${_FIRST + 1}:$I${self.last + 1}"
        done = sum(row.status == "done" for row in self.live.figures.rows.values())
        counts = {"done": (f"COUNTIF({cells},{quoted(order.say('status.done'))})", done), "all": (None, len(self.rows))}
        self._sentence(0, "questionnaire.counter", counts, bold)
        label = look(font_color=MUTED, text_wrap=False, valign="vcenter", align="right")
        sheet.text(2, AT["expected"], order.say("questionnaire.preview"), label)
        number = look(bold=True, num_format="0.00", align="left", valign="vcenter")
        sheet.formula(2, AT["answer"], self.live.score_ref, self.live.figures.score, number)
        passed = {"passed": (self.live.passed_ref, self.live.figures.passed), "all": (None, len(LEVELS))}
        self._sentence(AT["evidence"], "questionnaire.levels", passed, look(text_wrap=False, valign="vcenter"))
        for row, height in enumerate((28.0, 20.0, 22.0)):
            sheet.height(row, height)

    def _sentence(self, column: int, key: str, values: dict[str, tuple[str | None, int]], look: Format) -> None:
        """Write a catalogue's sentence as one formula in row 3; a value is an expression, if any, and its result."""
        pieces, result = [], ""
        for words, name, _, _ in Formatter().parse(text(f"form.{key}").say(self.order.lang)):
            if words:
                pieces.append(quoted(words))
                result += words
            if name:
                expression, value = values[name]
                pieces.append(expression or str(value))
                result += str(value)
        self.sheet.formula(2, column, "&".join(pieces), result, look)

    def _header(self) -> None:
        look = self.book.format(
            bold=True,
            font_color="#FFFFFF",
            bg_color=HEAD,
            border=1,
            border_color=LINE,
            valign="vcenter",
            align="center",
        )
        for key, column in AT.items():
            self.sheet.text(HEADER_ROW - 1, column, self.order.say(f"column.{key}"), look)
        self.sheet.height(HEADER_ROW - 1, 30)

    def _row(self, item: Item, requirement: Requirement, *, banded: bool) -> None:
        """Write one requirement; an item's first row has a thicker line above it."""
        lang, row = self.order.lang, self.rows[requirement.id]
        given, evidence, remarks = (self.order.prefill.answers if self.order.prefill else {}).get(
            requirement.id, (None, "", "")
        )
        texts = {
            "id": requirement.id,
            "item": f"{item.code} {item.name.say(lang)}",
            "stars": layout.stars(requirement.level),
            "text": requirement.text.say(lang),
            "expected": requirement.evidence.say(lang),
            "evidence": evidence,
            "remarks": remarks,
        }
        for key in INPUT_COLUMNS:
            write_note(self.sheet, row, AT[key], self.notes.get((requirement.id, key), ()), self.order)
        for key, words in texts.items():
            self.sheet.text(row, AT[key], words, self._look(key, item, requirement, banded=banded))
        self.sheet.value(row, AT["answer"], given, self._look("answer", item, requirement, banded=banded))
        status = self.order.say(f"status.{self.live.figures.rows[requirement.id].status}")
        look = self._look("status", item, requirement, banded=banded)
        self.sheet.formula(row, AT["status"], self._status(requirement), status, look)
        wrapped = ((words, WIDTHS[key]) for key, words in texts.items() if key != "stars")
        self.sheet.height(row, fitting_height(self.order.lang, *wrapped, least=2))

    def _look(self, key: str, item: Item, requirement: Requirement, *, banded: bool) -> Format:
        properties: dict[str, object] = {"border": 1, "border_color": LINE, "valign": "vcenter"}
        if requirement is item.requirements[0]:
            properties |= {"top": 2, "top_color": HEAD}
        if key in INPUT_COLUMNS:
            properties |= {"bg_color": INPUT, "locked": False, "num_format": "@"}
            if (requirement.id, key) in self.notes:
                properties = {name: given for name, given in properties.items() if not name.startswith("top")} | FAULTY
        elif banded:
            properties["bg_color"] = BAND
        if key in ("stars", "answer", "status"):
            properties["align"] = "center"
        if key == "stars":
            properties |= {"font_color": "#B7791F", "text_wrap": False}
        return self.book.format(**properties)

    def _status(self, requirement: Requirement) -> str:
        """Give the status formula of a row (without `=`); it reads the row's own cells only."""
        at = self.rows[requirement.id] + 1
        answer, evidence, remarks = (f"TRIM(${layout.column_letter(key)}{at})" for key in INPUT_COLUMNS)
        words = {key: quoted(self.order.say(f"status.{key}")) for key in STATUS_COLOURS}
        is_answer = {code: f"{answer}={self.live.label_ref(code)}" for code in ("full", "large", "na")}
        permitted = permitted_formula(self.order.model, requirement, self.order.lang, self.category_cell)
        reasoned = f'IF({remarks}="",{words["needs_reason"]},{words["done"]})'
        if permitted is None:
            na = words["na_not_permitted"]
        elif permitted:
            na = f"IF({permitted},{reasoned},{words['na_not_permitted']})"
        else:
            na = reasoned
        scored = words["done"]
        if self.order.model.rules.evidence_rule:
            unproven = f'AND(OR({is_answer["full"]},{is_answer["large"]}),{evidence}="")'
            scored = f"IF({unproven},{words['needs_evidence']},{words['done']})"
        known = f"SUMPRODUCT(--({self.live.labels_ref}={answer}))=0"
        judged = f"IF({is_answer['na']},{na},IF({known},{words['invalid']},{scored}))"
        return f'IFERROR(IF({answer}="",{words["missing"]},{judged}),{words["invalid"]})'

    def _validations(self, lists: Lists) -> None:
        """Offer the answers; N/A only where it may be permitted. Warn of overlong texts."""
        order = self.order
        groups: dict[tuple[str, tuple[str, ...]], list[tuple[int, int]]] = {}
        for requirement in order.domain.requirements:
            kind = "answer" if not requirement.na_allowed else "answer_na"
            categories = permitted_categories(order.model, requirement, order.lang)
            if requirement.na_allowed and categories:
                kind = "answer_na_categories"
            cell = (self.rows[requirement.id], AT["answer"])
            groups.setdefault((kind, categories if requirement.na_allowed else ()), []).append(cell)
        comma = "、" if order.lang == "zh" else ", "
        for (kind, categories), cells in groups.items():
            codes = [code for code in ANSWER_CODES if code != "na" or kind != "answer"]
            answers = comma.join(order.words[code] for code in codes)
            options = {
                "validate": "list",
                "source": f"={lists.answers if 'na' in codes else lists.answers_without_na}",
                "input_title": order.say("prompt.answer_title"),
                "input_message": order.say(f"prompt.{kind}", categories=comma.join(categories), **order.words),
                "error_type": "stop",
                "error_title": order.say("prompt.bad_answer_title"),
                "error_message": order.say("prompt.bad_answer", answers=answers),
            }
            self.sheet.validated(cells, options)
        length: dict[str, object] = {
            "validate": "length",
            "criteria": "<=",
            "value": layout.MAX_TEXT,
            "error_type": "warning",
            "error_title": order.say("prompt.too_long_title"),
            "error_message": order.say("prompt.too_long", limit=layout.MAX_TEXT),
        }
        rows = self.rows.values()
        self.sheet.validated([(row, AT[key]) for key in ("evidence", "remarks") for row in rows], length)

    def _conditions(self) -> None:
        for key, (fill, ink) in STATUS_COLOURS.items():
            look = self.book.condition(bg_color=fill, font_color=ink)
            value = quoted(self.order.say(f"status.{key}"))
            options = {"type": "cell", "criteria": "==", "value": value, "format": look}
            self.sheet.coloured(_FIRST, AT["status"], self.last, AT["status"], options)
