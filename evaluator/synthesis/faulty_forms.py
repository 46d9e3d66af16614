"""Faults of forms: whose they are, what they ask, and what was added to them.

Owns: one small function for each fault. Each takes a form as it was meant and gives what comes instead of it, or `None`
where the fault is not possible.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from evaluator.model.records import Bilingual, Domain, Model, Requirement
from evaluator.questionnaire import layout
from evaluator.synthesis import parts
from evaluator.synthesis.cases import Case, Outcome, Planted
from evaluator.wording import LANGS, text

_OLD_EDITION, _OTHER_MODEL, _NO_ITEM = "2022.1", "trial-{id}", "ZZ9-1"


def unknown_model(case: Case) -> Outcome:
    """Fill in the form of another model."""
    data = case.written(model=_renamed(case.model, id=_OTHER_MODEL.format(id=case.model.id)))
    return _one(case, data, case.of_form("form.unknown_model"), lost=True)


def old_edition(case: Case) -> Outcome | None:
    """Fill in the form of an old edition that asks the same."""
    if case.model.edition == _OLD_EDITION:
        return None
    return _one(case, case.written(model=_renamed(case.model, edition=_OLD_EDITION)), case.of_form("form.old_edition"))


def altered_text(case: Case) -> Outcome:
    """Reword a requirement."""
    asked = case.turned()[0]
    new = Bilingual(**{lang: text("synthesis.text.reworded").say(lang) for lang in LANGS})
    domain = _with_requirements(case.domain, {asked.id: asked.model_copy(update={"text": new})})
    return _one(case, case.written(domain=domain), case.at_row("form.altered_text", asked))


def missing_rows(case: Case) -> Outcome | None:
    """Delete two requirements, each of an item that has others."""
    firsts = [item.requirements[-1] for item in case.domain.items if len(item.requirements) > 1]
    if len(firsts) < 2:
        return None
    start = case.person.index % (len(firsts) - 1)
    domain = _with_requirements(case.domain, {r.id: None for r in firsts[start : start + 2]})
    return _one(case, case.written(domain=domain), case.of_return("form.missing_rows"))


def duplicate_rows(case: Case) -> Outcome:
    """Copy a row to the end and answer it otherwise there."""
    asked = case.turned()[0]
    other = case.label("none" if case.replies[asked.id].code == "full" else "full")
    return _copied(case, asked, "form.duplicate_rows", {layout.column_letter("answer"): other})


def repeated_rows(case: Case) -> Outcome:
    """Copy a row to the end as it is."""
    return _copied(case, case.turned()[0], "form.repeated_rows", {})


def unknown_rows(case: Case) -> Outcome:
    """Add a row of one's own."""
    at = case.last_row + 1
    texts = {layout.column_letter("id"): _NO_ITEM, layout.column_letter("text"): case.say("own_row")}
    data = parts.with_copied_row(case.written(), case.sheet, case.last_row, at, texts)
    found = case.of_return("form.unknown_rows")
    return _one(case, data, replace(found, sheet=case.sheet, cell=f"{layout.column_letter('id')}{at}"))


def stray_content(case: Case) -> Outcome:
    """Write a sentence below the table."""
    column, at = layout.column_letter("evidence"), case.last_row + 3
    words = case.say("aside", contact=case.person.fields["contact"])
    data = parts.with_text_below(case.written(), case.sheet, column, at, words)
    found = case.of_form("form.stray_content")
    return _one(case, data, replace(found, sheet=case.sheet, cell=f"{column}{at}"))


def macro(case: Case) -> Outcome:
    """Add a macro part."""
    return _one(case, parts.with_macro_part(case.written()), case.of_form("form.macro"))


def external_links(case: Case) -> Outcome:
    """Link to another workbook."""
    return _one(case, parts.with_link(case.written(), "other.xlsx"), case.of_form("form.external_links"))


def no_identity(case: Case) -> Outcome:
    """Fill in a blank form without saying whose it is."""
    data = case.written(fields={**case.fields, "id": "", "uscc": ""}, blank_form=True)
    return _one(case, data, case.of_file("identity.missing"), lost=True)


def unknown_id(case: Case) -> Outcome:
    """Fill in a blank form and mistype the id."""
    own = case.person.id
    stated = own[1] + own[0] + own[2:]
    data = case.written(fields={**case.fields, "id": stated}, blank_form=True)
    return _one(case, data, case.at_field("identity.unknown", "id", stated_id=stated), lost=True)


def other_id(case: Case) -> Outcome | None:
    """State another institution's id."""
    return _with_partners(case, "id", "identity.mismatch", lost=True)


def other_code(case: Case) -> Outcome | None:
    """State another institution's credit code."""
    return _with_partners(case, "uscc", "identity.mismatch", lost=True)


def other_name(case: Case) -> Outcome:
    """State another name."""
    name = case.say("new_name", name=case.person.fields["name"])
    data = case.written(fields={**case.fields, "name": name})
    return _one(case, data, case.at_field("identity.name_differs", "name"))


def wrong_code(case: Case) -> Outcome:
    """Mistype the credit code's last character."""
    code = case.person.fields["uscc"]
    stated = code[:-1] + ("3" if code[-1] != "3" else "8")
    data = case.written(fields={**case.fields, "uscc": stated})
    return _one(case, data, case.at_field("identity.bad_uscc", "uscc"))


def shared_code(case: Case) -> Outcome | None:
    """State another institution's credit code where the roster knows none; all forms with that code are named."""
    if case.partner is None:
        return None
    own = case.at_field("identity.shared", "uscc")
    names = (
        layout.file_name(number, domain, case.lang, institution=case.partner.id)
        for number, domain in enumerate(case.model.domains, 1)
    )
    theirs = [replace(own, institution=case.partner.id, file=name) for name in names]
    data = case.written(fields={**case.fields, "uscc": case.partner.fields["uscc"]})
    return _one(case, data, own, *theirs, unlisted=("uscc",))


def _one(case: Case, data: bytes, *planted: Planted, lost: bool = False, unlisted: Iterable[str] = ()) -> Outcome:
    return Outcome(files=((case.name, data),), planted=planted, lost=lost, unlisted=tuple(unlisted))


def _with_partners(case: Case, key: str, code: str, *, lost: bool) -> Outcome | None:
    if case.partner is None:
        return None
    data = case.written(fields={**case.fields, key: case.partner.fields[key]})
    return _one(case, data, case.at_field(code, key), lost=lost)


def _copied(case: Case, asked: Requirement, code: str, texts: Mapping[str, str]) -> Outcome:
    at = case.last_row + 1
    data = parts.with_copied_row(case.written(), case.sheet, case.row_of(asked), at, texts)
    return _one(case, data, case.at_row(code, asked, row=at))


def _renamed(model: Model, **changes: str) -> Model:
    return Model.model_validate({name: getattr(model, name) for name in Model.model_fields} | changes)


def _with_requirements(domain: Domain, changes: Mapping[str, Requirement | None]) -> Domain:
    """Replace requirements by id, or leave out those replaced by nothing."""
    items = []
    for item in domain.items:
        changed = (changes.get(r.id, r) for r in item.requirements)
        items.append(item.model_copy(update={"requirements": tuple(r for r in changed if r is not None)}))
    fields = {name: getattr(domain, name) for name in Domain.model_fields}
    return Domain.model_validate(fields | {"items": tuple(items)})
