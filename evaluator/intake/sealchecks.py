"""What was altered in a form that was made for an institution: its locked fields, its choices, rows hidden from view.

Owns: the checks that take one sealed form of a round, told to its institution. Whether the seal is genuine, and changes
that speak against the institution itself, are told where forms are told to institutions.
"""

from __future__ import annotations

from collections.abc import Iterator

from evaluator.findings import Finding, joined
from evaluator.intake import uscc
from evaluator.intake.institutions import Institution, either_language
from evaluator.model.records import ANSWER_CODES, Model
from evaluator.questionnaire import layout
from evaluator.questionnaire.fields import FieldValue
from evaluator.questionnaire.reader import ReturnedForm
from evaluator.wording import LANGS, Text, text
from evaluator.wording.matching import plain
from evaluator.workbook import writable


def seal_findings(file: str, form: ReturnedForm, entry: Institution, model: Model) -> list[Finding]:
    """Check a form with a seal; one without has no findings here.

    Args:
        file: its name in the results.
        form: the form as read.
        entry: its institution, as the roster has it.
        model: the model in force.
    """
    if not form.meta.get("seal"):
        return []
    return [
        *_fields(file, form, entry, model),
        *_choices(file, form, entry.id, model),
        *_texts(file, form, entry.id, model),
        *_hidden(file, form, entry.id),
    ]


def _fields(file: str, form: ReturnedForm, entry: Institution, model: Model) -> Iterator[Finding]:
    """A locked field is not as the roster has it, to the character; either language's words are as good."""
    nothing = text("intake.nothing")
    sheet = next((field.sheet for field in form.fields.values()), "")
    if not sheet:
        name = text("form.sheet.institution")
        yield _changed(file, entry.id, None, "", name, nothing, Text(zh=entry.name, en=entry.name))
        return
    for key in layout.LOCKED:
        zh, en = either_language(key, getattr(entry, key), model)
        field = form.fields.get(key)
        found = field.value if field else ""
        written = [" ".join(writable(words).split()) for words in (zh, en)]  # a form holds no turning marks
        if zh and found not in written and not _is_told(key, found, zh):
            yield _changed(
                file, entry.id, field, sheet, text(f"form.field.{key}"), found or nothing, Text(zh=zh, en=en)
            )


def _is_told(key: str, found: str, expected: str) -> bool:
    """Tell whether a difference has a finding already, from telling the form to its institution."""
    if key == "name":
        return found != "" and plain(found) != plain(expected)
    return key == "uscc" and found != "" and uscc.fault(uscc.normalised(found)) is not None


def _changed(
    file: str, who: str, field: FieldValue | None, sheet: str, name: Text, found: str | Text, expected: Text
) -> Finding:
    return Finding(
        code="identity.field_changed",
        institution=who,
        file=file,
        sheet=field.sheet if field else sheet,
        cell=field.cell if field else "",
        params={"field": name, "found": found, "expected": expected},
    )


def _choices(file: str, form: ReturnedForm, who: str, model: Model) -> Iterator[Finding]:
    """The dropdown offers other answers than the model's, or in another order."""
    if not form.choices or (form.model, form.edition) != (model.id, model.edition):
        return
    offered = tuple(form.choices.values())
    own = {lang: tuple(model.answer(code).label.say(lang) for code in ANSWER_CODES) for lang in LANGS}
    if offered in own.values():
        return
    used = own["en" if form.meta.get("language") == "en" else "zh"]
    first = next((n for n, (one, other) in enumerate(zip(offered, used, strict=False)) if one != other), len(used))
    cells = list(form.choices)
    yield Finding(
        code="form.choices_altered",
        institution=who,
        file=file,
        sheet=layout.LISTS_SHEET,
        cell=cells[min(first, len(cells) - 1)],
        params={"found": joined(offered), "expected": joined(used)},
    )


def _texts(file: str, form: ReturnedForm, who: str, model: Model) -> Iterator[Finding]:
    """Requirements' texts are respelt in ways that make no other text of them: case, width, invisible marks."""
    if (form.model, form.edition) != (model.id, model.edition):
        return
    asked = {r.id: (r.text.zh, r.text.en) for r in model.requirements}
    odd = [row for row in form.rows if _is_respelt(row.text, asked.get(row.requirement, (row.text,)))]
    if odd:
        ids = joined(dict.fromkeys(row.requirement for row in odd))
        yield Finding(
            code="form.respelt_text",
            institution=who,
            file=file,
            sheet=odd[0].sheet,
            cell=odd[0].id_cell,
            params={"count": len(odd), "ids": ids},
        )


def _is_respelt(found: str, own: tuple[str, ...]) -> bool:
    if found in own or plain(found) not in map(plain, own):
        return False
    return "".join(found.split()) not in ("".join(words.split()) for words in own)


def _hidden(file: str, form: ReturnedForm, who: str) -> Iterator[Finding]:
    """Rows of requirements are hidden."""
    for sheet, listed in form.hidden_rows.items():
        ids = listed.split()
        first = next((row for row in form.rows if row.sheet == sheet and row.requirement == ids[0]), None)
        yield Finding(
            code="form.hidden_rows",
            institution=who,
            file=file,
            sheet=sheet,
            cell=first.id_cell if first else "",
            params={"count": len(ids), "ids": joined(ids)},
        )
