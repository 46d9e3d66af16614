"""From the returns that count to the frame of answer cells.

Owns: the step from forms to pandas, and the findings about a form's rows: missing, repeated, altered ones. The frame's
columns are `assessment.answers.CELL_COLUMNS`; it is a full grid of institutions and requirements.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import pandas as pd

from evaluator.assessment.answers import CELL_COLUMNS
from evaluator.findings import Finding, joined
from evaluator.intake.institutions import Institution
from evaluator.intake.returns import Return
from evaluator.model.records import Bilingual, Domain, Model, Requirement
from evaluator.questionnaire.reader import FormRow
from evaluator.wording import Text, text
from evaluator.wording.cutting import cut
from evaluator.wording.matching import is_empty, plain

_SHOWN_TEXT = 80


def answer_cells(
    counted: Iterable[Return], institutions: Sequence[Institution], model: Model
) -> tuple[pd.DataFrame, tuple[Finding, ...]]:
    """Lay the counted returns out as the full grid of answer cells.

    Args:
        counted: at most one return for each institution and domain.
        institutions: all that take part, sorted by id.
        model: the model in force.

    Returns:
        The frame described at `CELL_COLUMNS`, and the findings about the forms' rows.
    """
    by_key = {(one.institution, one.domain): one for one in counted}
    records: list[tuple[str, ...]] = []
    findings: list[Finding] = []
    for institution in institutions:
        for domain in model.domains:
            one = by_key.get((institution.id, domain.code))
            if one is None:
                nothing = ("no_form", "blank", "", "", "", "", "", "", "", "", "")
                records.extend((institution.id, r.id, domain.code, *nothing) for r in domain.requirements)
            else:
                records.extend(_domain_records(one, domain, findings))
    return pd.DataFrame(records, columns=list(CELL_COLUMNS), dtype="object"), tuple(findings)


def _domain_records(one: Return, domain: Domain, findings: list[Finding]) -> Iterable[tuple[str, ...]]:
    rows: dict[str, list[FormRow]] = {}
    for row in one.rows:
        rows.setdefault(row.requirement, []).append(row)
    missing = [r.id for r in domain.requirements if r.id not in rows]
    if missing:
        findings.append(
            _about(one, "form.missing_rows", domain=_said(domain.name), count=len(missing), ids=joined(missing))
        )
    findings.extend(_untold(one, [r.id for r in domain.requirements], rows))
    for requirement in domain.requirements:
        own = _without_blank_twins(rows.get(requirement.id, []))
        source = _source(one, requirement, own, findings)
        first = own[0] if own else None
        if first is not None and source == "row":
            findings.extend(_computed(one, first))
        yield (
            one.institution,
            requirement.id,
            domain.code,
            source,
            first.kind if first else "blank",
            first.typed if first else "",
            one.lang,
            first.evidence if first else "",
            first.remarks if first else "",
            one.file,
            first.sheet if first else "",
            first.cell if first else "",
            first.evidence_cell if first else "",
            first.remarks_cell if first else "",
        )


def _untold(one: Return, asked: Sequence[str], rows: Mapping[str, Sequence[FormRow]]) -> Iterable[Finding]:
    """Rows that don't show what was asked, so that it can't be compared with the requirement."""
    blank = [row for i in asked for row in rows.get(i, ()) if is_empty(row.text)]
    if blank:
        ids = joined(dict.fromkeys(row.requirement for row in blank))
        finding = _about(one, "form.no_text", count=len({row.requirement for row in blank}), ids=ids)
        yield replace(finding, sheet=blank[0].sheet, cell=blank[0].id_cell)


def _computed(one: Return, row: FormRow) -> Iterable[Finding]:
    """Evidence or remarks that are a formula or an error, which counts as no text."""
    for column, computed, cell in (
        ("evidence", row.evidence_computed, row.evidence_cell),
        ("remarks", row.remarks_computed, row.remarks_cell),
    ):
        if computed:
            name = text(f"form.column.{column}")
            yield replace(_at(one, row, "evidence.formula", requirement=row.requirement, column=name), cell=cell)


def _without_blank_twins(own: Sequence[FormRow]) -> Sequence[FormRow]:
    """Leave out rows with nothing filled in beside one with something, as in a blank copy of the questionnaire."""
    used = [row for row in own if row.kind != "blank" or not is_empty(row.evidence) or not is_empty(row.remarks)]
    return used or own[:1]


def _source(one: Return, requirement: Requirement, own: Sequence[FormRow], findings: list[Finding]) -> str:
    if not own:
        return "no_row"
    if len(own) > 1:
        cells = joined([f"{row.sheet}!{row.cell}" for row in own])
        same = len({(row.kind, plain(row.typed), plain(row.evidence), plain(row.remarks)) for row in own}) == 1
        code = "form.repeated_rows" if same else "form.duplicate_rows"
        findings.append(_at(one, own[1], code, requirement=requirement.id, count=len(own), cells=cells))
        if not same:
            return "ambiguous"
    altered = next((row for row in own if not _is_asked(row.text, requirement.text)), None)
    if altered is not None:
        findings.append(
            _at(
                one,
                altered,
                "form.altered_text",
                requirement=requirement.id,
                found=cut(altered.text, _SHOWN_TEXT),
                expected=_said(requirement.text, _SHOWN_TEXT),
            )
        )
        return "altered"
    return "row"


def _is_asked(found: str, asked: Bilingual) -> bool:
    """Tell whether a form's text is what is asked; a form that lost the text still has the requirement's id."""
    if found in (asked.zh, asked.en):
        return True
    return plain(found) in ("", plain(asked.zh), plain(asked.en))


def _about(one: Return, code: str, **params: object) -> Finding:
    return Finding(code=code, institution=one.institution, domain=one.domain, file=one.file, params=params)


def _at(one: Return, row: FormRow, code: str, **params: object) -> Finding:
    requirement = str(params["requirement"])
    return Finding(
        code=code,
        institution=one.institution,
        domain=one.domain,
        file=one.file,
        sheet=row.sheet,
        cell=row.cell,
        requirement=requirement,
        params=params,
    )


def _said(words: Bilingual, limit: int = 200) -> Text:
    return Text(zh=cut(words.zh, limit), en=cut(words.en, limit))
