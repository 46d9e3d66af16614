"""The faults that a synthetic round plants, in the order in which institutions get them.

Owns: the list. Each fault is a function: a form as it was meant goes in, what comes back instead goes out, or `None`
where it is not possible in that form. A new fault is one function and one line here, and what it does is said in
`wording/synthesis.toml` under `note`, by the function's name.
"""

from __future__ import annotations

from collections.abc import Callable

from evaluator.synthesis import faulty_answers, faulty_files, faulty_forms
from evaluator.synthesis.cases import Case, Outcome

Fault = Callable[[Case], Outcome | None]

FAULTS: tuple[Fault, ...] = (
    faulty_answers.blank_answers,
    faulty_files.truncated,
    faulty_answers.no_evidence,
    faulty_forms.altered_text,
    faulty_answers.invalid_answers,
    faulty_files.not_returned,
    faulty_answers.normalised_answers,
    faulty_forms.wrong_code,
    faulty_files.text_file,
    faulty_answers.formula_answer,
    faulty_files.identical,
    faulty_answers.na_not_permitted,
    faulty_forms.other_id,
    faulty_forms.missing_rows,
    faulty_answers.copied_form,
    faulty_files.superseded,
    faulty_answers.na_without_reason,
    faulty_files.conflict,
    faulty_forms.stray_content,
    faulty_files.encrypted,
    faulty_forms.old_edition,
    faulty_forms.duplicate_rows,
    faulty_files.other_workbook,
    faulty_answers.long_evidence,
    faulty_forms.no_identity,
    faulty_forms.unknown_rows,
    faulty_files.empty_file,
    faulty_forms.other_name,
    faulty_forms.unknown_id,
    faulty_files.lock_file,
    faulty_forms.macro,
    faulty_files.bomb,
    faulty_forms.repeated_rows,
    faulty_forms.unknown_model,
    faulty_forms.external_links,
    faulty_forms.shared_code,
    faulty_answers.copied_other,
    faulty_files.pdf_file,
    faulty_forms.other_code,
    faulty_answers.na_over_cap,
)
"""Roughly by how often they happen, so that a small round has the commoner ones."""

ALONE: tuple[Fault, ...] = (faulty_forms.shared_code,)
"""Faults that change how the institution's other forms are judged, so that it gets no other fault."""
