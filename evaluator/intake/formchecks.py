"""Findings about a form as a whole: what it was made for, what was put into it, what can't be relied on.

Owns: the checks that take one read form and the model. What its rows and answers say is checked elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from evaluator.findings import Finding, joined
from evaluator.intake.returns import filling_date
from evaluator.model.records import Model
from evaluator.questionnaire import layout
from evaluator.questionnaire.reader import ReturnedForm
from evaluator.wording import Text, text

_SHOWN = 60
_MOST_MERGED = 50
"""Merged ranges of a sheet that have a finding each; those after them share one."""


def form_findings(file: str, form: ReturnedForm, who: str, model: Model) -> list[Finding]:
    """Check a form.

    Args:
        file: its name in the results.
        form: the form as read.
        who: institution id its findings are listed under.
        model: the model in force.
    """
    found: list[Finding] = []

    def add(code: str, sheet: str = "", cell: str = "", **params: object) -> None:
        found.append(Finding(code=code, institution=who, file=file, sheet=sheet, cell=cell, params=params))

    if form.model not in ("", model.id):
        add("form.unknown_model", found=form.model, expected=model.id)
    elif form.edition not in ("", model.edition):
        add("form.old_edition", found=form.edition, expected=model.edition)
    stated = form.meta.get("format", layout.FORMAT)
    if stated != layout.FORMAT:
        add("form.unknown_format", found=stated[:_SHOWN], expected=layout.FORMAT)
    for code, is_there in (
        ("form.macro", form.has_macros),
        ("form.external_links", form.has_external_links),
        ("form.comments", form.has_comments),
        ("form.objects", form.has_objects),
    ):
        if is_there:
            add(code)
    for sheet, cells in form.strays.items():
        add("form.stray_content", sheet=sheet, cell=cells.partition(",")[0].partition(" ")[0], cells=cells)
    found.extend(_merged(file, who, "form.merged_cells", form.merged_answers))
    found.extend(_merged(file, who, "form.merged_evidence", form.merged_texts))
    found.extend(_other_domain(file, form, who, model))
    found.extend(_fields(file, form, who))
    return found


def _merged(file: str, who: str, code: str, ranges: Mapping[str, str]) -> Iterator[Finding]:
    """Input cells of several requirements are merged, so that only the first is seen."""
    for sheet, listed in ranges.items():
        areas = listed.split()
        told: list[tuple[str, str | Text]] = [(area, area) for area in areas[:_MOST_MERGED]]
        if len(areas) > _MOST_MERGED:
            told.append((areas[_MOST_MERGED], joined(areas[_MOST_MERGED:])))
        for first, cells in told:
            params = {"cells": cells}
            cell = first.partition(":")[0]
            yield Finding(code=code, institution=who, file=file, sheet=sheet, cell=cell, params=params)


def _other_domain(file: str, form: ReturnedForm, who: str, model: Model) -> Iterator[Finding]:
    """The table is another domain's than the form was made for."""
    stated = form.meta.get("domain", "")
    rows = [row for row in form.rows if row.requirement in model.domain_of]
    held = list(dict.fromkeys(model.domain_of[row.requirement].code for row in rows))
    if rows and stated and stated not in held:
        params = {"found": joined(held), "expected": stated[:_SHOWN]}
        sheet, cell = rows[0].sheet, rows[0].id_cell
        yield Finding(code="form.other_domain", institution=who, file=file, sheet=sheet, cell=cell, params=params)


def _fields(file: str, form: ReturnedForm, who: str) -> Iterator[Finding]:
    """A field is computed, stands twice with different values, or is a filling date that is none.

    Two ids or credit codes are left to those who tell whose form it is.
    """
    for key, field in form.fields.items():
        code = ""
        params: dict[str, object] = {"found": field.value}
        if field.kind in ("formula", "error"):
            code, params = "form.formula_field", {"field": text(f"form.field.{key}"), "found": field.value}
        elif key == "date" and filling_date(field.value) is None:
            code = "return.bad_date"
        if code:
            yield Finding(code=code, institution=who, file=file, sheet=field.sheet, cell=field.cell, params=params)
    for key, other in form.disputed.items():
        if key not in ("id", "uscc"):
            name, used = text(f"form.field.{key}"), form.value(key)
            yield Finding(
                code="form.fields_differ",
                institution=who,
                file=file,
                sheet=other.sheet,
                cell=other.cell,
                params={"field": name, "found": other.value, "expected": used},
            )
