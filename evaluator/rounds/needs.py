"""What needs a person: mails of ours whose fate is unclear or bad, and what came in and could not be matched.

Owns: finding it in the ledger, and when it is settled. Knows nothing of states of forms but whether all are settled.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence

from evaluator.reports.status_record import KINDS, Attention, Standing
from evaluator.rounds.ledger import Ledger
from evaluator.rounds.reasons import said_of
from evaluator.rounds.traffic import GONE_OUT, Message, Record, last_out
from evaluator.wording import Text

UNCLEAR = ("handing", "unclear")
"""States of a message that may or may not have gone out."""
_STOPPED = "stopped"
"""Detail of one whose run was stopped, which says no more than its state."""


def attention_of(ledger: Ledger, record: Record, everyone: Iterable[Standing]) -> tuple[Attention, ...]:
    """List what needs a person, by kind, then time.

    A mail that was refused or came back is left out once a later one to the institution went out, and a bounce also
    where nothing is owed any more.
    """
    known = {one.institution.id: one for one in everyone}
    found = [*_outgoing(record, known), *_mails(ledger), *_files(ledger)]
    return tuple(sorted(found, key=lambda one: (KINDS.index(one.kind), one.at, one.number, one.subject)))


def _outgoing(record: Record, known: Mapping[str, Standing]) -> Iterator[Attention]:
    for institution, messages in record.messages.items():
        standing = known.get(institution)
        for one in messages:
            if _is_open(one, messages, standing):
                yield _ours(one, standing)


def _is_open(one: Message, messages: Sequence[Message], standing: Standing | None) -> bool:
    if one.state in UNCLEAR:
        return True
    if standing is None:  # taken off the roster: nobody will write to it again
        return False
    if one.state == "failed":
        return not any(_replaces(other, one) for other in messages)
    return one.state == "bounced" and one is last_out(messages) and standing.overall != "complete"


def _replaces(other: Message, failed: Message) -> bool:
    return other.number > failed.number and other.kind == failed.kind and other.state in (*GONE_OUT, "failed", *UNCLEAR)


def _ours(one: Message, standing: Standing | None) -> Attention:
    return Attention(
        kind="unclear" if one.state in UNCLEAR else "failed" if one.state == "failed" else "bounced",
        number=one.number,
        at=one.went,
        institution=one.institution,
        name=standing.institution.name if standing else "",
        address=one.address,
        subject=one.subject,
        reason=_plain("" if one.detail == _STOPPED else one.detail),
    )


def _mails(ledger: Ledger) -> Iterator[Attention]:
    for sender, subject, arrived, reason in ledger.rows(
        "SELECT sender, subject, arrived, reason FROM mails WHERE kind = 'person'"
    ):
        yield Attention(
            kind="mail",
            number=0,
            at=arrived,
            institution="",
            name="",
            address=sender,
            subject=subject,
            reason=said_of(reason),
        )


def _files(ledger: Ledger) -> Iterator[Attention]:
    """List files that came without a mail and are nobody's; those in mails are listed with their mail."""
    for name, arrived, findings in ledger.rows(
        "SELECT r.name, r.arrived, r.findings FROM returns r JOIN files f ON f.name = r.name"
        " WHERE r.institution = '' AND r.errors > 0 AND f.mail = '' GROUP BY r.name"
    ):
        yield Attention(
            kind="file",
            number=0,
            at=arrived,
            institution="",
            name="",
            address="",
            subject=name,
            reason=_first_error(findings),
        )


def _first_error(findings: str) -> Text:
    errors = [one for one in json.loads(findings) if one["severity"] == "error"]
    return Text(zh=errors[0]["zh"], en=errors[0]["en"]) if errors else Text(zh="", en="")


def _plain(words: str) -> Text:
    return Text(zh=words, en=words)
