"""What needs a person: mails of ours whose fate is unclear or bad, and what came in and could not be matched.

Owns: finding it in the ledger, and when it is settled. Knows nothing of states of forms but whether all are settled.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from evaluator.reports.status_record import KINDS, Attention, Standing
from evaluator.rounds.collecting import by_address
from evaluator.rounds.dealing import mark_of
from evaluator.rounds.ledger import Ledger
from evaluator.rounds.reasons import said_of
from evaluator.rounds.traffic import GONE_OUT, Message, Record, last_out, withheld
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
    senders = _Senders(by_address(record.institutions), {one.id: one.name for one in record.institutions})
    found = [*_outgoing(record, known), *_mails(ledger, senders), *_files(ledger, senders)]
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


class _Senders(NamedTuple):
    """Whose address a sender's is."""

    ids: Mapping[str, frozenset[str]]
    names: Mapping[str, str]

    def told(self, sender: str) -> dict[str, str]:
        """Give the fields of an `Attention` that name the institutions."""
        ids = sorted(self.ids.get(sender.lower(), ()))
        return {"institution": ", ".join(ids), "name": ", ".join(self.names[one] for one in ids)}


def _mails(ledger: Ledger, senders: _Senders) -> Iterator[Attention]:
    for sha256, sender, subject, arrived, reason in ledger.rows(
        "SELECT sha256, sender, subject, arrived, reason FROM mails WHERE kind = 'person'"
    ):
        yield Attention(
            kind="mail",
            number=0,
            at=arrived,
            address=sender,
            subject=subject,
            reason=said_of(reason),
            mark=mark_of(sha256),
            **senders.told(sender),
        )


def _files(ledger: Ledger, senders: _Senders) -> Iterator[Attention]:
    """List files that count for nobody, unless they are listed with their mail."""
    for one in withheld(ledger):
        yield Attention(
            kind="file",
            number=0,
            at=one.arrived,
            address=one.sender,
            subject=one.name,
            reason=_first_error(one.findings),
            mark=mark_of(one.mail),
            **senders.told(one.sender),
        )


def _first_error(findings: str) -> Text:
    errors = [one for one in json.loads(findings) if one["severity"] == "error"]
    return Text(zh=errors[0]["zh"], en=errors[0]["en"]) if errors else Text(zh="", en="")


def _plain(words: str) -> Text:
    return Text(zh=words, en=words)
