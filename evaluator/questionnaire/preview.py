"""The live preview of a domain's score: the `_preview` sheet, METHOD's staged method as spreadsheet formulas.

Owns: the sheet's cells and the references to its results. Its cached results come from `states`. A preview is never
read back. Only functions that Excel 2010, WPS and LibreOffice share are used, and no dynamic arrays.
"""

from __future__ import annotations

from collections.abc import Mapping

from xlsxwriter.utility import xl_col_to_name

from evaluator.model.records import ANSWER_CODES, LEVELS, Domain, Model
from evaluator.quantum import quantised_one
from evaluator.questionnaire.layout import FIELDS, HEADER_ROW
from evaluator.questionnaire.states import Preview, RowState, permitted_formula
from evaluator.wording import Lang, say
from evaluator.workbook import Sheet

SLACK_ROWS = 500
"""Rows of the questionnaire the formulas look through, so that inserted and moved rows are still found."""

_PARAMETERS_ROW, _SCALE_COLUMN = 2, 3
_PASS_MARK, _EVIDENCE_RULE, _PARTIAL, _SCORE, _PASSED = (f"$B${row}" for row in range(4, 9))
_LEVELS_ROW = 11
_ITEMS_ROW = _LEVELS_ROW + len(LEVELS) + 3


class PreviewSheet:
    """Writes `_preview`; the other sheets take the references to its results from here."""

    def __init__(self, sheet: Sheet, model: Model, domain: Domain, lang: Lang, figures: Preview) -> None:
        self.sheet = sheet
        self.model = model
        self.domain = domain
        self.lang = lang
        self.figures = figures
        self.first = _ITEMS_ROW + len(domain.items) + 3
        self.last = self.first + len(domain.requirements) - 1

    @property
    def score_ref(self) -> str:
        """Reference to the domain score."""
        return f"'{self.sheet.name}'!{_SCORE}"

    @property
    def passed_ref(self) -> str:
        """Reference to the number of levels passed."""
        return f"'{self.sheet.name}'!{_PASSED}"

    def label_ref(self, code: str) -> str:
        """Reference to the label of an answer."""
        return self.sheet.ref(_PARAMETERS_ROW + 1 + ANSWER_CODES.index(code), _SCALE_COLUMN + 1)

    @property
    def labels_ref(self) -> str:
        """Reference to the labels of all answers."""
        first = _PARAMETERS_ROW + 1
        return self.sheet.ref(first, _SCALE_COLUMN + 1, first + len(ANSWER_CODES) - 1)

    def write(self, questionnaire: Sheet, columns: Mapping[str, int], institution: Sheet, field_row: int) -> None:
        """Write the sheet.

        Args:
            questionnaire: Where the answers are.
            columns: Columns of the questionnaire by key.
            institution: Where the category is.
            field_row: Row of the institution's first field.
        """
        self.sheet.text(
            0, 0, say("form.preview.note", self.lang, questionnaire=say("form.sheet.questionnaire", self.lang))
        )
        self._parameters()
        self._levels()
        self._items()
        rows = HEADER_ROW - 1, HEADER_ROW + SLACK_ROWS  # from the header on, as a row may be moved right below it
        ranges = {key: questionnaire.ref(rows[0], columns[key], rows[1]) for key in columns}
        self._requirements(ranges, institution.ref(field_row + FIELDS.index("category"), 1))
        self.sheet.protect()

    def _header(self, row: int, *words: str, column: int = 0) -> None:
        for number, word in enumerate(words):
            self.sheet.text(row, column + number, word)

    def _parameters(self) -> None:
        put, rules, figures = self.sheet, self.model.rules, self.figures
        self._header(_PARAMETERS_ROW, "parameter", "value")
        partial = self.model.answer("partial").value or 0.0
        settings = ("pass_mark", rules.pass_mark), ("evidence_rule", int(rules.evidence_rule)), ("partial", partial)
        for row, (name, value) in enumerate(settings, _PARAMETERS_ROW + 1):
            put.text(row, 0, name)
            put.number(row, 1, value)
        row = _PARAMETERS_ROW + 1 + len(settings)
        attained, so_far = (f"${c}${_LEVELS_ROW + 1}:${c}${_LEVELS_ROW + len(LEVELS)}" for c in "CE")
        put.text(row, 0, "score")
        score = f"IF({_PASSED}={len(LEVELS)},{len(LEVELS)},{_PASSED}+INDEX({attained},{_PASSED}+1))"
        put.formula(row, 1, score, figures.score)
        put.text(row + 1, 0, "passed_levels")
        put.formula(row + 1, 1, f"SUM({so_far})", figures.passed)
        self._header(_PARAMETERS_ROW, "number", "answer", "value", column=_SCALE_COLUMN)
        for number, code in enumerate(ANSWER_CODES, 1):
            answer = self.model.answer(code)
            put.number(_PARAMETERS_ROW + number, _SCALE_COLUMN, number)
            put.text(_PARAMETERS_ROW + number, _SCALE_COLUMN + 1, answer.label.say(self.lang))
            put.number(_PARAMETERS_ROW + number, _SCALE_COLUMN + 2, answer.value or 0.0)

    def _levels(self) -> None:
        put, figures = self.sheet, self.figures
        self._header(_LEVELS_ROW - 1, "level", "requirements", "D", "passed", "passed_so_far")
        first, last = _ITEMS_ROW + 1, _ITEMS_ROW + len(self.domain.items)
        items = f"$B${first}:$B${last}"
        for index, level in enumerate(LEVELS):
            row = _LEVELS_ROW + index
            at = row + 1
            put.number(row, 0, level)
            put.number(row, 1, sum(r.level == level for r in self.domain.requirements))
            weights, cells = (
                f"${xl_col_to_name(2 + offset + index)}${first}:${xl_col_to_name(2 + offset + index)}${last}"
                for offset in (0, 5)
            )
            total = f'SUMIFS({items},{weights},">0")'
            attained = f"IF(B{at}=0,1,IF({total}=0,0,SUMPRODUCT({items},{cells})/{total}))"
            passes = quantised_one(figures.attainment[index]) >= quantised_one(self.model.rules.pass_mark)
            put.formula(row, 2, attained, figures.attainment[index])
            put.formula(row, 3, f"IF(ROUND(C{at},9)>=ROUND({_PASS_MARK},9),1,0)", int(passes))
            so_far = f"D{at}" if index == 0 else f"E{at - 1}*D{at}"
            put.formula(row, 4, so_far, int(figures.passed > index))

    def _items(self) -> None:
        put, figures = self.sheet, self.figures
        names = (*(f"weight_{level}" for level in LEVELS), *(f"x_{level}" for level in LEVELS))
        self._header(_ITEMS_ROW - 1, "item", "W", *names)
        codes, levels, weights, products = (f"${c}${self.first + 1}:${c}${self.last + 1}" for c in "BCLM")
        for row, item in enumerate(self.domain.items, _ITEMS_ROW):
            put.text(row, 0, item.code)
            put.number(row, 1, item.weight)
            for index, level in enumerate(LEVELS):
                match = f"{codes},$A{row + 1},{levels},{level}"
                weight = f"{xl_col_to_name(2 + index)}{row + 1}"
                put.formula(row, 2 + index, f"SUMIFS({weights},{match})", figures.weights[item.code, level])
                put.formula(
                    row,
                    7 + index,
                    f"IF({weight}=0,0,SUMIFS({products},{match})/{weight})",
                    figures.cells[item.code, level],
                )

    def _requirements(self, ranges: Mapping[str, str], category_cell: str) -> None:
        self._header(
            self.first - 1, "id", "item", "level", "v", "W", "na_permitted", "position", "answer", "evidence",
            "reason", "score", "applicable_weight", "weighted_score",
        )  # fmt: skip
        pairs = [(item, requirement) for item in self.domain.items for requirement in item.requirements]
        for row, (item, requirement) in enumerate(pairs, self.first):
            state, at = self.figures.rows[requirement.id], row + 1
            self.sheet.text(row, 0, requirement.id)
            self.sheet.text(row, 1, item.code)
            for column, number in enumerate((requirement.level, requirement.weight, item.weight), 2):
                self.sheet.number(row, column, number)
            condition = permitted_formula(self.model, requirement, self.lang, category_cell)
            if condition:
                self.sheet.formula(row, 5, f"IF({condition},1,0)", int(state.permitted))
            else:
                self.sheet.number(row, 5, int(state.permitted))
            position = row - self.first + 2  # the header is 1
            for column, (formula, result) in enumerate(self._judging(at, ranges, position, state), 6):
                self.sheet.formula(row, column, formula, result)

    @staticmethod
    def _judging(at: int, ranges: Mapping[str, str], position: int, state: RowState) -> tuple[tuple[str, float], ...]:
        """Give the formulas of columns G to M in row `at`, with their results."""
        first, last = _PARAMETERS_ROW + 2, _PARAMETERS_ROW + 1 + len(ANSWER_CODES)
        numbers, labels, values = (f"${c}${first}:${c}${last}" for c in "DEF")
        na = ANSWER_CODES.index("na") + 1
        needs_evidence = ANSWER_CODES.index("large") + 1  # and the one before it, full
        answer = f"TRIM(INDEX({ranges['answer']},G{at}))"
        given = {
            key: f'IF(G{at}=0,0,IFERROR(IF(TRIM(INDEX({ranges[key]},G{at}))="",0,1),0))'
            for key in ("evidence", "remarks")
        }
        unproven = f"AND({_EVIDENCE_RULE}=1,I{at}=0,H{at}<={needs_evidence})"
        return (
            (f"IFERROR(MATCH(A{at},{ranges['id']},0),0)", position),
            (f"IF(G{at}=0,0,IFERROR(SUMPRODUCT(({labels}={answer})*{numbers}),0))", state.answer),
            (given["evidence"], int(state.evidence)),
            (given["remarks"], int(state.reason)),
            (f"IF(H{at}=0,0,IF({unproven},{_PARTIAL},INDEX({values},H{at})))", state.score),
            (f"IF(AND(H{at}={na},F{at}=1,J{at}=1),0,D{at})", state.weight),
            (f"K{at}*L{at}", state.score * state.weight),
        )
