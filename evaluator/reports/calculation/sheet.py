"""The calculation sheet: an institution's figures computed anew by live formulas, beside the program's own.

Owns: what stands in each row, with formulas, their present results and the program's figures. Each report of a run has
the same formulas, made once (`_Plan`); only figures differ. Knows nothing of other institutions, nor how formulas run.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache, partial
from types import MappingProxyType
from typing import Any

from evaluator.assessment.codes import ANSWERED, MISSING, NOT_APPLICABLE, STATES
from evaluator.assessment.levels import RATED, REASONS, RULES
from evaluator.assessment.scoring import QUANTUM_DIGITS
from evaluator.assessment.texts import AnswerText
from evaluator.fastbook.cells import LETTERS, Strips
from evaluator.measure import row_height
from evaluator.model.records import Method, Model
from evaluator.reports import look
from evaluator.reports.calculation import figures as trace_figures
from evaluator.reports.calculation import layout as at
from evaluator.reports.calculation.figures import ItemFigures, RowFigures
from evaluator.reports.calculation.formulas import AGREE, DIFFER, NOTHING, TOP, Formulas, Source, rules_of
from evaluator.reports.calculation.heads import Heads
from evaluator.reports.calculation.layout import Layout
from evaluator.reports.context import Context
from evaluator.reports.look import Looks, ReportBook
from evaluator.reports.subject import Subject
from evaluator.wording import Lang, say
from evaluator.workbook import Sheet, writable

Figure = str | float | None
_COLUMN = {LETTERS[number]: number for number in range(len(at.WIDTHS))}


class _Plan:
    """What the calculation sheet is in every report of a run."""

    def __init__(self, context: Context, lang: Lang, source: Source) -> None:
        model = self.model = context.model
        self.lang = lang
        self.layout = Layout(model)
        self.formulas = Formulas(model, lang, self.layout, source)
        self.heads = Heads(model, lang, self.layout)
        self.results = {row: self.formulas.result(row) for row in self.heads.results}
        self.labels = {a.code: a.label.say(lang) for a in model.scale} | {"": ""}
        self.states = {state: say(f"report.state.{state}", lang) for state in (*STATES, "decided")}
        self.words = {True: say("calculation.yes", lang), False: say("calculation.no", lang)}
        self.domains = [self.formulas.domain(n) for n in range(len(model.domains))]
        self.reported = [{at.AGREES: self.formulas.reported_agrees(n)} for n in range(len(model.domains))]
        self.items = [self.formulas.item(n) for n in range(len(model.items))]
        self.verdict = self.formulas.verdict, say("calculation.agree", lang, n=self.layout.comparisons)
        self.note = say("calculation.note", lang, answers=source.sheet)
        self.strips: Strips = {}
        """Rows that many reports have alike."""


@lru_cache(maxsize=4)
def _plan(context: Context, lang: Lang, source: Source) -> _Plan:
    return _Plan(context, lang, source)


def known_words(model: Model, lang: Lang) -> Iterable[str]:
    """Name the texts that stand on every calculation sheet, beside the requirements' ids and the items' names."""
    layout = Layout(model)
    yield from (NOTHING, *(say(f"calculation.{word}", lang) for word in ("yes", "no", "rated")))
    yield from (say(f"report.reason_label.{reason}", lang) for reason in REASONS)
    yield from (say(f"report.rule.{rule}", lang) for rule in RULES)
    yield from Heads(model, lang, layout).words


def write_trace(book: ReportBook, subject: Subject, texts: Sequence[AnswerText], lang: Lang, source: Source) -> None:
    """Write the sheet; `texts` are the subject's, `source` is where the answers' sheet has its answers."""
    plan, looks, model = _plan(subject.context, lang, source), book.looks, subject.context.model
    sheet = book.sheet(say("calculation.sheet", lang))
    sheet.raw.plain_formulas = True
    look.heading(sheet, looks, model, lang, sheet.name, at.WIDTHS)
    _verdict(sheet, looks, plan)
    plan.heads.write(sheet, looks, plan.strips)
    rows = trace_figures.row_figures(subject, texts)
    items = _items_of(model, rows)
    _results(sheet, looks, plan, subject)
    _domains(sheet, looks, plan, subject)
    _items(sheet, looks, plan, subject, items)
    _requirements(sheet, looks, plan, rows, texts)
    _finish(sheet, looks, plan)


def _items_of(model: Model, rows: Sequence[RowFigures]) -> list[ItemFigures]:
    found, first = [], 0
    for item in model.items:
        last = first + len(item.requirements)
        found.append(trace_figures.item_figures(item, rows[first:last]))
        first = last
    return found


def _put(
    sheet: Sheet,
    row: int,
    formulas: Mapping[str, str],
    figures: Mapping[str, Figure],
    looks: Sequence[Any],
    strips: Strips,
) -> None:
    """Write a row: formulas with their results, other figures as they are; `None` shows that there is no figure.

    The figures are in the order of the columns. Those that are no floats are few: rows with them are kept.
    """
    key = tuple([float if figure.__class__ is float else figure for figure in figures.values()])
    open_ = [(_COLUMN[column], figure) for column, figure in figures.items() if figure.__class__ is float]
    sheet.row_like(row, key, strips, partial(_cells, sheet, row, formulas, figures, looks), open_)


def _cells(
    sheet: Sheet, row: int, formulas: Mapping[str, str], figures: Mapping[str, Figure], looks: Sequence[Any]
) -> None:
    for letter, column in _COLUMN.items():
        formula, shown = formulas.get(letter), looks[column]
        figure = figures.get(letter, "")
        figure = NOTHING if figure is None else figure
        if formula is not None:
            sheet.formula(row, column, formula, figure, shown)
        else:
            sheet.value(row, column, figure, shown)


def _verdict(sheet: Sheet, looks: Looks, plan: _Plan) -> None:
    last = len(at.WIDTHS) - 1
    sheet.merged(at.VERDICT, 0, at.VERDICT, last, "", looks.verdict)
    sheet.formula(at.VERDICT, 0, *plan.verdict, looks.verdict)
    sheet.height(at.VERDICT, 24)
    sheet.merged(at.NOTE, 0, at.NOTE, last, plan.note, looks.note)
    sheet.height(at.NOTE, row_height([(plan.note, sum(at.WIDTHS) * 1.1)], plan.lang))


def _results(sheet: Sheet, looks: Looks, plan: _Plan, subject: Subject) -> None:
    facts, layout, lang = subject.facts, plan.layout, plan.lang
    rated = facts["status"] == RATED
    words = [looks.text, looks.text, looks.text, *[looks.centre] * 11]
    scores = [*words[:11], looks.exact, looks.exact, looks.centre]
    status = say("calculation.rated" if rated else f"report.reason_label.{facts['reason']}", lang)
    put = partial(_result, sheet, plan)
    put(layout.status, status, [*words[:11], looks.top, looks.top, looks.centre])
    sheet.height(layout.status, row_height([(status, at.WIDTHS[_COLUMN[at.FORMULA]])], lang))
    veto = min(subject.context.weights.veto[subject.standing.failed].tolist(), default=TOP)
    for method in layout.methods:
        put(layout.total(method), facts[f"score_{method}"], scores)
        limits = _limits_of(subject, method, veto) if rated else {}
        shown: dict[str, Figure] = {c: limits.get(rule) for c, rule in zip(at.LEVEL_COLUMNS, RULES, strict=True)}
        shown[at.LIMITED_BY] = say(f"report.rule.{min(limits, key=limits.__getitem__)}", lang) if rated else None
        put(layout.total(method) + 1, facts[f"star_{method}"], words, shown)
    put(layout.limit, say(f"report.rule.{facts['limited_by']}", lang) if rated else None, words)


def _result(
    sheet: Sheet,
    plan: _Plan,
    row: int,
    figure: Figure,
    looks: Sequence[Any],
    others: Mapping[str, Figure] = MappingProxyType({}),
) -> None:
    """Write a row of results, whose formula must give the program's figure."""
    figures: dict[str, Figure] = {at.CODE: plan.heads.results[row], **others}
    figures |= {at.FORMULA: figure, at.PROGRAM: figure, at.AGREES: AGREE}
    _put(sheet, row, plan.results[row], figures, looks, plan.strips)


def _limits_of(subject: Subject, method: Method, veto: int) -> dict[str, int]:
    """Give the most stars that each of a method's rules in force allows a rated institution, in the rules' order."""
    rules, fewest = subject.context.model.rules, min(subject.extract.passed)
    total = subject.facts[f"score_{method}"]
    found = {
        "band": sum(round(total, QUANTUM_DIGITS) >= round(start, QUANTUM_DIGITS) for start in rules.bands),
        "domain_floor": min(TOP, fewest + rules.domain_floor),
        "levels": fewest,
        "veto": veto,
        "verified_only": rules.verified_above,
    }
    return {rule: most for rule in rules_of(method) if (most := found[rule]) is not None}


def _domains(sheet: Sheet, looks: Looks, plan: _Plan, subject: Subject) -> None:
    model, official = plan.model, plan.model.rules.method
    shown = [
        looks.centre, looks.text, looks.input, *[looks.fine] * 5, *[looks.fine_share] * 2, looks.count, looks.exact,
        looks.exact, looks.centre,
    ]  # fmt: skip
    reported = [*shown[:2], looks.centre, *shown[3:]]
    program = at.AVERAGE if official == "average" else at.STAGED
    items = iter(zip(model.items, subject.items, strict=True))
    for n, (domain, line) in enumerate(zip(model.domains, subject.domains, strict=True)):
        own = [next(items) for _ in domain.items]
        staged = None if line.passed is None else trace_figures.staged_score(line.attainment, line.passed)
        average = trace_figures.average_score([i.weight for i, _ in own], [x for _, x in own]) if line.came else None
        figures: dict[str, Figure] = {at.CODE: domain.code, at.NAME: domain.name.say(plan.lang)}
        figures |= {at.WEIGHT: domain.weight, **dict(zip(at.LEVEL_COLUMNS, line.attainment, strict=True))}
        figures |= {
            at.COVERAGE: line.coverage if line.came else plan.states[MISSING],
            at.NA_SHARE: line.na_share if line.came else None,
            at.PASSED: line.passed,
            at.STAGED: staged,
            at.AVERAGE: average,
            program: line.score,
        }
        _put(sheet, plan.layout.domains.first + n, plan.domains[n], figures, shown, plan.strips)
        figures = {c: x for c, x in figures.items() if c not in (at.WEIGHT, at.STAGED, at.AVERAGE) or c == program}
        figures[at.AGREES] = AGREE
        _put(sheet, plan.layout.reported.first + n, plan.reported[n], figures, reported, plan.strips)


def _items(sheet: Sheet, looks: Looks, plan: _Plan, subject: Subject, figures: Sequence[ItemFigures]) -> None:
    shown = [
        looks.centre, looks.text, looks.input, *[looks.fine] * 5, *[looks.fine_share] * 2, looks.plain, looks.exact,
        looks.exact, looks.centre,
    ]  # fmt: skip
    each = zip(plan.model.items, plan.items, figures, subject.items, strict=True)
    for row, (item, formulas, (cells, answered, na_share, applicable), score) in enumerate(
        each, plan.layout.items.first
    ):
        own: tuple[Figure, ...] = (
            item.code, item.name.say(plan.lang), item.weight, *cells, answered, na_share, applicable, score, score,
            AGREE,
        )  # fmt: skip
        _put(sheet, row, formulas, dict(zip(_COLUMN, own, strict=True)), shown, plan.strips)


def _requirements(
    sheet: Sheet, looks: Looks, plan: _Plan, rows: Sequence[RowFigures], texts: Sequence[AnswerText]
) -> None:
    shown = [
        looks.centre, looks.text, looks.input, looks.centre, looks.centre, looks.centre, looks.input, looks.centre,
        looks.plain, looks.plain, looks.plain, looks.plain, looks.plain, looks.centre,
    ]  # fmt: skip
    first = plan.layout.requirements.first
    for n, (one, wrote) in enumerate(zip(rows, texts, strict=True)):
        typed = "" if one[1] else writable(wrote.typed)
        write = partial(_requirement, sheet, first + n, plan, n, one, typed, shown)
        if typed:
            write()
        else:
            sheet.row_like(first + n, one, plan.strips, write)


def _requirement(
    sheet: Sheet, row: int, plan: _Plan, number: int, one: RowFigures, typed: str, looks: Sequence[Any]
) -> None:
    asked = plan.model.requirements[number]
    state = plan.states["decided" if one.ruled else one.state]
    missing = one.state == MISSING
    weight = 0.0 if one.score is None else asked.weight
    figures: dict[str, Figure] = {
        at.CODE: asked.id,
        at.NAME: plan.model.item_of[asked.id].name.say(plan.lang),
        at.WEIGHT: asked.weight,
        at.LEVEL: asked.level,
        at.STATE: state,
        at.GIVEN: "" if missing else plan.labels[one.answer] or typed,
        at.PROVEN: plan.words[one.proven],
        at.COUNTS_AS: plan.labels[one.counts] if one.ruled or one.state in (ANSWERED, NOT_APPLICABLE) else state,
        at.APPLICABLE: weight,
        at.WEIGHTED: weight * (one.score or 0.0),
        at.SCORE: one.score,
        at.PROGRAM: one.score,
        at.AGREES: AGREE,
    }
    if asked.veto_star is not None:
        figures[at.CAP] = asked.veto_star if one.counts == "none" else TOP
    _cells(sheet, row, plan.formulas.requirement(number, asked, ruled=one.ruled), figures, looks)


def _finish(sheet: Sheet, looks: Looks, plan: _Plan) -> None:
    last, agrees = plan.layout.requirements.end - 1, _COLUMN[at.AGREES]
    for words, shown in ((AGREE, looks.good), (DIFFER, looks.bad)):
        rule = {"type": "cell", "criteria": "==", "value": f'"{words}"', "format": shown}
        sheet.coloured(plan.layout.results.first, agrees, last, agrees, rule)
    for condition, shown in ((plan.formulas.all_agree, looks.good), (f"NOT({plan.formulas.all_agree})", looks.bad)):
        rule = {"type": "formula", "criteria": f"={condition}", "format": shown}
        sheet.coloured(at.VERDICT, 0, at.VERDICT, agrees, rule)
    sheet.raw.freeze_panes(at.VERDICT + 1, 0)
    look.page_end(sheet, plan.model, plan.lang, landscape=True)
