"""What persons decide about a round's returns: an appeal granted, a return excluded, one accepted that was withheld.

Owns: recording such decisions once they are checked, and withdrawing them; each stays on record with its reason, the
role of the person who decided, and the time. Knows nothing of how they are applied.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Literal, get_args

from evaluator.assessment.rulings import Decision, label, shown_time
from evaluator.errors import RoundError
from evaluator.model.records import Model
from evaluator.rounds.folder import Round
from evaluator.rounds.ledger import Ledger
from evaluator.rounds.override_targets import (
    answer_of,
    check_answer,
    file_of,
    institution_of,
    line_of,
    owner_of,
    requirement_of,
)
from evaluator.wording import Lang, say

Kind = Literal["answer", "exclude", "accept"]
KINDS: tuple[Kind, ...] = get_args(Kind)
"""An answer counts as another; a file does not count; a file counts for an institution, though its seal, its
sender or what it says of itself speaks against it, or it came too late."""
_OF_FILES = ("exclude", "accept")
_COLUMNS = "number, kind, institution, target, value, reason, role, made, withdrawn, withdrawal"


@dataclass(frozen=True, kw_only=True, slots=True)
class Override:
    """One decision, in force or withdrawn."""

    number: int
    """By which it is named to be withdrawn."""
    kind: Kind
    institution: str
    """Institution id; empty where an excluded file belongs to nobody."""
    target: str
    """Requirement id of an answer, SHA-256 of a file."""
    name: str
    """Of a file, under which it came, the first if it came under several; empty for an answer."""
    value: str
    """Code of the answer; else empty."""
    reason: str
    role: str
    """Role of the person who decided."""
    made: str
    """When it was recorded, UTC."""
    withdrawn: str
    """When it was withdrawn, UTC; empty while it is in force."""
    withdrawal_reason: str
    withdrawal_role: str

    @property
    def in_force(self) -> bool:
        """Whether it applies."""
        return not self.withdrawn


def add_override(
    place: Round,
    ledger: Ledger,
    kind: str,
    *,
    institution: str = "",
    target: str,
    value: str = "",
    reason: str,
    role: str,
) -> Override:
    """Record a decision, once everything in it is checked.

    Args:
        place: the round.
        ledger: the round's ledger, at work.
        kind: of `KINDS`.
        institution: id on the roster; of an excluded file it may be left out.
        target: a requirement's id, or a file's name, the end of its path, or (the start of) its SHA-256.
        value: of an answer: its code, or its words in either language.
        reason: why; shown with the results.
        role: role of the person who decided; shown with the results.

    Raises:
        RoundError: something of it is not as it must be; the message says what.
        RosterError: the round's roster can't be used.
    """
    if kind not in KINDS:
        raise RoundError("override_kind", found=kind, known=", ".join(KINDS))
    reason, role = line_of("reason", reason), line_of("role", role)
    if kind == "answer":
        who = institution_of(place, institution)
        target, value = requirement_of(place.model, target), answer_of(place.model, value)
        check_answer(place.model, ledger, who, target, value)
    else:
        if value.strip():
            raise RoundError("override_no_value", kind=kind)
        target, owners = file_of(ledger, target)
        who = owner_of(place, institution, owners, needed=kind == "accept")
    _check_new(ledger, kind, who, target)
    made = ledger.clock()
    content = (kind, who, target, value, reason, role)
    names = ("kind", "institution", "target", "value", "reason", "role")
    digest = target if kind in _OF_FILES else ""
    with ledger.step(
        "override", institution=who, sha256=digest, detail=dict(zip(names, content, strict=True))
    ) as database:
        database.execute(
            "INSERT INTO overrides (kind, institution, target, value, reason, role, made, withdrawn, withdrawal)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, '', '')",
            (*content, made),
        )
    return overrides(ledger)[-1]


def withdraw(ledger: Ledger, number: int, *, reason: str, role: str) -> Override:
    """Withdraw a decision; it stays on record.

    Raises:
        RoundError: there is none of that number in force, or reason or role are missing.
    """
    reason, role = line_of("reason", reason), line_of("role", role)
    found = next((one for one in overrides(ledger) if one.number == number), None)
    if found is None:
        raise RoundError("override_unknown", number=number)
    if not found.in_force:
        raise RoundError("override_withdrawn", number=number, when=shown_time(found.withdrawn))
    why = {"reason": reason, "role": role}
    digest = found.target if found.kind in _OF_FILES else ""
    with ledger.step(
        "override withdrawn", institution=found.institution, sha256=digest, detail={"number": number, **why}
    ) as database:
        database.execute(
            "UPDATE overrides SET withdrawn = ?, withdrawal = ? WHERE number = ?",
            (ledger.clock(), json.dumps(why, ensure_ascii=False), number),
        )
    return next(one for one in overrides(ledger) if one.number == number)


def overrides(ledger: Ledger) -> tuple[Override, ...]:
    """List all decisions in the order they were recorded, the withdrawn ones too."""
    names = dict(ledger.rows("SELECT sha256, name FROM files ORDER BY name DESC"))
    found = []
    for *fields, withdrawal in ledger.rows(f"SELECT {_COLUMNS} FROM overrides ORDER BY number"):  # noqa: S608 - no input
        why = json.loads(withdrawal) if withdrawal else {"reason": "", "role": ""}
        known = dict(zip(_COLUMNS.split(", ")[:-1], fields, strict=True))
        name = names.get(known["target"], "")
        found.append(Override(**known, name=name, withdrawal_reason=why["reason"], withdrawal_role=why["role"]))
    return tuple(found)


def decisions(ledger: Ledger) -> tuple[Decision, ...]:
    """Give the decisions in force, as results keep them on record."""
    return tuple(
        Decision(
            kind=one.kind,
            institution=one.institution,
            target=one.target,
            value=one.value,
            reason=one.reason,
            role=one.role,
            made=one.made,
        )
        for one in overrides(ledger)
        if one.in_force
    )


def told(one: Override, model: Model, lang: Lang) -> str:
    """Say a decision on one line, without its number: what, why, who, when, and whether it was withdrawn."""
    value = label(model, one.value).say(lang) if one.value else ""
    who = one.institution or say("rounds.override.nobody", lang)
    target = f"{one.name} ({one.target[:12]})" if one.name else one.target
    what = say(f"rounds.override.{one.kind}", lang, institution=who, target=target, value=value)
    params = {"what": what, "reason": one.reason, "role": one.role, "made": shown_time(one.made)}
    line = say("rounds.override.line", lang, **params)
    if one.in_force:
        return line
    return line + say(
        "rounds.override.withdrawn",
        lang,
        reason=one.withdrawal_reason,
        role=one.withdrawal_role,
        at=shown_time(one.withdrawn),
    )


def _check_new(ledger: Ledger, kind: Kind, institution: str, target: str) -> None:
    for one in overrides(ledger):
        of_same = one.kind in _OF_FILES if kind in _OF_FILES else (one.kind, one.institution) == (kind, institution)
        if one.in_force and of_same and one.target == target:
            raise RoundError("override_twice", number=one.number)
