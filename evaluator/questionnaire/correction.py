"""From a return and its findings to the correction workbook's contents: the institution's own answers, and what to do.

Owns: which findings an institution is told, where in the fresh form each one's cell is, what is carried over and what
is left blank. Decides nothing about which return counts, and writes no workbook.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from evaluator.assessment.answers import answer_words, understood
from evaluator.findings import Finding
from evaluator.model.records import Domain, Model
from evaluator.questionnaire.layout import FIELDS, INPUT_COLUMNS, Correction, Prefill, Problem
from evaluator.questionnaire.reader import FormRow, ReturnedForm
from evaluator.wording import Lang, Text, catalogue, say
from evaluator.wording.matching import is_empty

_TOLD = frozenset((
    "form.old_edition", "form.no_text", "form.unknown_rows", "form.stray_content", "form.other_domain",
    "form.fields_differ", "form.formula_field", "form.comments", "form.objects", "form.choices_altered",
    "identity.bad_uscc", "identity.name_differs", "identity.field_changed", "evidence.missing", "evidence.formula",
    "evidence.copied",
))  # fmt: skip
"""Findings beside errors that an institution is told: what it can mend, and what was not carried over."""
_UNTOLD = frozenset((
    "form.missing_rows", "return.missing_domain", "return.too_late", "return.other_round", "identity.seal_broken",
    "identity.unsealed",
))  # fmt: skip
"""Errors that are not told as they stand: each missing row has a line of its own, and what is no fault of the form's
contents can't be mended in it."""
_REMOVED = frozenset(("form.altered_text", "form.duplicate_rows", "answer.formula"))
"""Findings for which the answer is not carried over: it answers something else, is not one answer, or is computed."""
_SHOWN = 60
"""Characters that are shown of an answer that was removed."""
_COLUMN = {"answer.na_without_reason": "remarks", "evidence.missing": "evidence", "evidence.copied": "evidence"}
"""Column to mend, by code, wherever the return had it."""


_Texts = Mapping[str, Mapping[str, Mapping[str, object]]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Faulty:
    """A return that needs a correction."""

    file: str
    """Name of its file, as its institution knows it."""
    sha256: str
    form: ReturnedForm
    domain: Domain
    """The domain of the form that is corrected; the file may hold others."""
    lang: Lang
    """Language of the form."""
    known: Mapping[str, str]
    """What the roster says of the institution, by `FIELDS`; empty without one."""
    findings: Sequence[Finding]
    """All findings of the file."""


def calls_for_correction(finding: Finding) -> bool:
    """Tell whether a finding is a reason to send a correction."""
    return finding.severity == "error" and (finding.code == "form.missing_rows" or finding.code not in _UNTOLD)


def corrected(faulty: Faulty, model: Model) -> tuple[Prefill, Correction]:
    """Give what stands in a correction's input cells, and what its first sheet and notes say.

    Answers, evidence and remarks are carried over by requirement id; answers that were understood are given in the
    form's own words. The filling date is left blank, and asked for.
    """
    removed = {f.requirement for f in faulty.findings if f.code in _REMOVED}
    rows = _rows(faulty)
    answers = {
        requirement: _carried(own, model, faulty.lang, is_removed=requirement in removed)
        for requirement, own in rows.items()
    }
    prefill = Prefill(fields=_fields(faulty), answers=answers)
    problems = sorted(_problems(faulty, rows, prefill), key=lambda problem: _place(problem, faulty.domain))
    return prefill, Correction(
        corrects=faulty.sha256,
        file=faulty.file,
        problems=(*problems, _date(faulty)),
        vouched=frozenset(key for key, words in faulty.known.items() if words),
    )


def _rows(faulty: Faulty) -> dict[str, list[FormRow]]:
    """Gather the domain's rows by requirement; a blank copy of a row that is filled in elsewhere is none."""
    wanted = {r.id for r in faulty.domain.requirements}
    rows: dict[str, list[FormRow]] = {}
    for row in faulty.form.rows:
        if row.requirement in wanted:
            rows.setdefault(row.requirement, []).append(row)
    return {key: [row for row in own if _is_used(row)] or own[:1] for key, own in rows.items()}


def _is_used(row: FormRow) -> bool:
    return row.kind != "blank" or not is_empty(row.evidence) or not is_empty(row.remarks)


def _carried(own: Sequence[FormRow], model: Model, lang: Lang, *, is_removed: bool) -> tuple[object, str, str]:
    """Give answer, evidence and remarks to carry over."""
    first = own[0]
    answer = "" if is_removed or first.kind in ("blank", "formula", "error") else first.typed
    if answer and first.kind in ("text", "number"):
        code = understood(answer, answer_words(model), {a.value: a.code for a in model.scale if a.value is not None})
        answer = model.answer(code).label.say(lang) if code else answer
    return answer or None, _together(row.evidence for row in own), _together(row.remarks for row in own)


def _together(texts: Iterable[str]) -> str:
    return "\n".join(dict.fromkeys(words for words in texts if words))


def _fields(faulty: Faulty) -> dict[str, str]:
    """Give the institution's fields: what the roster says, else what the form says, unless that is computed."""
    fields = {}
    for key in FIELDS:
        stated = faulty.form.fields.get(key)
        own = stated.value if stated and stated.kind not in ("formula", "error") else ""
        fields[key] = "" if key == "date" else faulty.known.get(key, "") or own
    return fields


def _problems(faulty: Faulty, rows: Mapping[str, Sequence[FormRow]], prefill: Prefill) -> Iterator[Problem]:
    cells = _cells(faulty, rows)
    for finding in faulty.findings:
        is_error = finding.severity == "error" and finding.code not in _UNTOLD
        if finding.domain in ("", faulty.domain.code) and (is_error or finding.code in _TOLD):
            problem = _problem(finding, faulty, cells, rows, prefill)
            if problem.key != "date":  # it is asked for anew anyway
                yield problem
    for requirement in faulty.domain.requirements:
        if requirement.id not in rows:
            yield Problem(
                concerns=requirement.id,
                sheet="questionnaire",
                key=requirement.id,
                column="answer",
                found=say("form.correction.missing_row", faulty.lang, requirement=requirement.id),
                action=say("form.correction.new_row", faulty.lang),
                is_error=True,
            )


def _cells(faulty: Faulty, rows: Mapping[str, Sequence[FormRow]]) -> dict[tuple[str, str], tuple[str, str]]:
    """Map the return's cells, by sheet and name, to a requirement and column, or to a field and nothing."""
    found: dict[tuple[str, str], tuple[str, str]] = {}
    for places in (faulty.form.fields, faulty.form.disputed):
        found |= {(place.sheet, place.cell): (key, "") for key, place in places.items() if key in FIELDS}
    for requirement, own in rows.items():
        for row in own:
            cells = zip((row.cell, row.evidence_cell, row.remarks_cell), INPUT_COLUMNS, strict=True)
            found |= {(row.sheet, cell): (requirement, column) for cell, column in cells if cell}
    return found


def _problem(
    finding: Finding,
    faulty: Faulty,
    cells: Mapping[tuple[str, str], tuple[str, str]],
    rows: Mapping[str, Sequence[FormRow]],
    prefill: Prefill,
) -> Problem:
    lang, asked = faulty.lang, {r.id for r in faulty.domain.requirements}
    key, column = cells.get((finding.sheet, finding.cell), ("", ""))
    if finding.requirement in asked:
        same_row = key == finding.requirement
        usual = "evidence" if finding.code.startswith("evidence.") else "answer"
        key, column = finding.requirement, _COLUMN.get(finding.code) or (column if same_row else usual)
    elif column or key not in FIELDS:
        key = column = ""
    given = " / ".join(row.typed[:_SHOWN] for row in rows.get(key, ()) if not is_empty(row.typed))
    params = {**finding.params, "given": given or Text(*(say("form.correction.nothing", one) for one in ("zh", "en")))}
    found, action = finding.to_institution(lang)
    action = _own("action", finding.code, lang, params) or action
    is_mended = not column and bool(key and faulty.known.get(key))
    if is_mended:
        action = say("form.correction.from_roster", lang, value=prefill.fields[key])
    return Problem(
        concerns=key if column or not key else say(f"form.field.{key}", lang),
        sheet="questionnaire" if column else "institution" if key else "",
        key=key,
        column=column,
        found=_own("found", finding.code, lang, params) or found,
        action=action,
        is_error=finding.severity == "error" and not is_mended,
        is_mended=is_mended,
    )


def _own(part: str, code: str, lang: Lang, params: Mapping[str, object]) -> str:
    """Give the words for a code that corrections have of their own; empty where the finding's will do."""
    family, _, name = code.partition(".")
    own = cast("_Texts", catalogue("form")["corrected"])[part]
    return say(f"form.corrected.{part}.{code}", lang, **params) if name in own.get(family, {}) else ""


def _date(faulty: Faulty) -> Problem:
    """Ask for a new filling date: the old one would say that the correction is no later than the return."""
    stated = faulty.form.value("date")
    key = "date_removed" if stated else "date_blank"
    return Problem(
        concerns=say("form.field.date", faulty.lang),
        sheet="institution",
        key="date",
        column="",
        found=say(f"form.correction.{key}", faulty.lang, found=stated),
        action=say("form.correction.date_action", faulty.lang),
        is_error=False,
    )


def _place(problem: Problem, domain: Domain) -> tuple[int, int, int]:
    """Give the order in which problems are listed: of the whole form, of the institution's fields, of the rows."""
    if problem.sheet == "questionnaire":
        ids = [r.id for r in domain.requirements]
        return 2, ids.index(problem.key), INPUT_COLUMNS.index(problem.column)
    return (1, FIELDS.index(problem.key), 0) if problem.sheet else (0, 0 if problem.is_error else 1, 0)
