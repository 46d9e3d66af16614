"""What the ledger says went out and came in, each of its tables read once, however many institutions there are.

Owns: these records and reading them. Knows nothing of what they amount to (`standing`, `needs`, `reminding`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from evaluator.intake.institutions import Institution
from evaluator.rounds.ledger import Ledger
from evaluator.rounds.reasons import DEALT_WITH
from evaluator.rounds.roster_changes import roster_of

GONE_OUT = ("sent", "bounced")
"""States of a message that went over the wire for sure."""
_WITHHOLDING = ("return.other_round",)
"""Error findings beside those on identity for which a form counts for nobody."""
_REPLACED = ("superseded", "identical")
"""Statuses of returns that another one took the place of."""


class Message(NamedTuple):
    """A message of ours, as the ledger knows it."""

    number: int
    kind: str
    institution: str
    address: str
    subject: str
    state: str
    planned: str
    """Its date, which is renewed where it lay for long before it was sent."""
    changed: str
    """When it came into its state."""
    detail: str

    @property
    def went(self) -> str:
        """Say when it went out, as far as known: once it came back, `changed` is when that was found."""
        return self.changed if self.state == "sent" else self.planned


class Came(NamedTuple):
    """One domain in one file that came."""

    institution: str
    domain: str
    name: str
    sha256: str
    status: str
    errors: int
    arrived: str
    is_late: bool
    """Whether it came after the deadline: as was found when it was checked, and by the deadline as it is now. One with
    the content of a return that came in time is not late."""


class Form(NamedTuple):
    """A form that a message held."""

    message: int
    institution: str
    domain: str
    corrects: str
    """SHA-256 of the return that it corrects; empty where it is no correction."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Record:
    """The ledger's tables as far as standings need them, by institution or by institution and domain."""

    institutions: tuple[Institution, ...]
    """Those that take part now, sorted by id."""
    messages: Mapping[str, Sequence[Message]]
    """By institution, oldest first; in every state."""
    forms: Mapping[tuple[str, str], Sequence[tuple[Form, Message]]]
    """Forms that went out, oldest first, each with its message."""
    by_hand: Mapping[str, Sequence[tuple[Form, Message]]]
    """Invitations by institution that a person sent and recorded, without what they held: all its forms."""
    came: Mapping[tuple[str, str], Sequence[Came]]
    """What came and was not replaced, sorted by arrival and name."""


def read_record(ledger: Ledger, closes: str) -> Record:
    """Read what standings are told from.

    Args:
        ledger: the round's.
        closes: from when on returns are late, as the ledger writes times.
    """
    messages = [
        Message(*row)
        for row in ledger.rows(
            "SELECT number, kind, institution, address, subject, state, planned, changed, detail"
            " FROM messages ORDER BY number"
        )
    ]
    held = _held(ledger, {one.number: one for one in messages})
    full = {message.number for sent in held.values() for _, message in sent}
    bare = [one for one in messages if one.kind == "invitation" and one.state in GONE_OUT and one.number not in full]
    return Record(
        institutions=roster_of(ledger),
        messages=_by_institution(messages),
        forms=held,
        by_hand={one.institution: ((Form(one.number, one.institution, "", ""), one),) for one in bare},
        came=_came(ledger, closes),
    )


class Withheld(NamedTuple):
    """A file that counts for nobody and is not listed with a mail that needs a person."""

    name: str
    mail: str
    """SHA-256 of the mail that it came in; empty where it came without one."""
    sender: str
    arrived: str
    findings: str


def withheld(ledger: Ledger) -> tuple[Withheld, ...]:
    """List files with errors that are nobody's or withheld; those of mails that a person sees to, or did, are not."""
    rows = ledger.rows(
        "SELECT r.name, f.mail, COALESCE(m.sender, ''), r.arrived, r.findings, r.institution"
        " FROM returns r JOIN files f ON f.name = r.name LEFT JOIN mails m ON m.sha256 = f.mail"
        " WHERE r.errors > 0 AND r.status <> 'excluded'"
        " AND (f.mail = '' OR m.kind = 'matched' AND instr(m.reason, ?) = 0)"
        " GROUP BY r.name ORDER BY r.name",
        (f'["{DEALT_WITH}"',),
    )
    return tuple(Withheld(*row[:-1]) for row in rows if not row[-1] or _is_withheld(row[-2]))


def _is_withheld(findings: str) -> bool:
    codes = (one["code"] for one in json.loads(findings) if one["severity"] == "error")
    return any(code in _WITHHOLDING or code.startswith("identity.") for code in codes)


def last_out(messages: Iterable[Message]) -> Message | None:
    """Give the last message that went out."""
    return max((one for one in messages if one.state in GONE_OUT), key=lambda one: (one.went, one.number), default=None)


def _by_institution(messages: Iterable[Message]) -> dict[str, list[Message]]:
    found: dict[str, list[Message]] = {}
    for one in messages:
        found.setdefault(one.institution, []).append(one)
    return found


def _held(ledger: Ledger, messages: Mapping[int, Message]) -> dict[tuple[str, str], list[tuple[Form, Message]]]:
    found: dict[tuple[str, str], list[tuple[Form, Message]]] = {}
    for row in ledger.rows(
        "SELECT e.message, p.institution, p.domain, p.corrects"
        " FROM enclosures e JOIN packages p ON p.number = e.package ORDER BY e.message, p.number"
    ):
        form = Form(*row)
        message = messages[form.message]
        if message.state in GONE_OUT:
            found.setdefault((form.institution, form.domain), []).append((form, message))
    for sent in found.values():
        sent.sort(key=lambda one: (one[1].went, one[1].number))
    return found


def _came(ledger: Ledger, closes: str) -> dict[tuple[str, str], list[Came]]:
    found: dict[tuple[str, str], list[Came]] = {}
    for row in ledger.rows(
        "SELECT institution, domain, name, sha256, status, errors, arrived,"
        " arrived >= ?1 AND (instr(findings, ?2) OR instr(findings, ?3))"
        " FROM returns ORDER BY arrived, name",
        (closes, '"return.late"', '"return.too_late"'),
    ):
        one = Came._make((*row[:-1], bool(row[-1])))
        if one.status not in _REPLACED:
            found.setdefault((one.institution, one.domain), []).append(one)
    return found
