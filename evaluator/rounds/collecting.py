"""Accounting for what came in: of every mail, whether it is a return, not ours, a robot's, or needs a person, and why.

Owns: the signs a mail shows when it comes, and what it is taken for once its files are read. Opens nothing; what was
read of files it is told.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from evaluator.intake.addresses import addresses_of
from evaluator.intake.containers.facts import MailFacts
from evaluator.intake.institutions import Institution
from evaluator.intake.messages import Letter
from evaluator.rounds.bounces import Sent, is_automatic, is_bulk, report_in
from evaluator.rounds.clouds import services_in
from evaluator.rounds.ledger import Ledger
from evaluator.rounds.reasons import DEALT_WITH, Reason
from evaluator.wording import Text

Kind = Literal["matched", "person", "done", "bounce", "auto_reply", "not_ours"]
KINDS: tuple[Kind, ...] = ("matched", "person", "done", "bounce", "auto_reply", "not_ours")
"""What a mail is taken for; `done`: it needed a person, and one dealt with it."""
UNSETTLED = "unsettled"
"""Kind of a mail whose files were not looked at yet, as after a kill."""
_SPOILT = ("damaged", "too_large")
_REPORTS = ("bounce", "bounce_partly", "bounce_unclear", "delayed", "delivered")
_ROBOT = ("auto_reply", "delayed", "delivered")
_OURS = ("answers", "subject", "known_sender")
"""Signs that a mail is about the round."""
_BY_CODE = {
    "identity.seal_broken": "seal_broken",
    "return.other_round": "other_round",
    "identity.unsealed": "unsealed",
    "form.not_a_questionnaire": "no_form",
    "form.unknown_model": "no_form",
    "return.excluded": "excluded",
}
_PRECEDENCE = (
    "seal_broken", "other_round", "unsealed", "identity_unknown", "attachment_unreadable", "unanswered", "no_form",
)  # fmt: skip
_REPLY = re.compile(
    r"^(?:\s*(?:re|fwd?|fw|aw|wg|回复|答复|转发|回覆|自动回复)\s*(?:\[\d+\])?\s*[:：])+\s*", re.IGNORECASE
)
_BETWEEN = re.compile(r"[;,\s<>]+")
"""What stands between the addresses that a message went to."""
_SHORTEST_NAME = 6
"""Characters from which a round's name in a subject is taken for a sign: a year alone is none."""
_SHOWN_NAMES = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """What a round knows that mails may refer to."""

    sent: Sent
    subjects: Collection[str]
    """Subjects of our messages, in lower case."""
    names: Collection[str]
    """Names of the round, in lower case."""
    addresses: Mapping[str, frozenset[str]]
    """Institution ids by address of the roster, as `by_address` gives them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What became of one file of a mail."""

    name: str
    """Name of the attached file, without the mail's."""
    owner: str
    """Institution it counts for, or would; empty where it is nobody's."""
    reason: str
    """Key of `rounds.collect.reason` that says why it is nobody's."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Mail:
    """A collected mail, as an operator is shown it."""

    mark: str
    """The first digits of its hash, by which a person names it."""
    sender: str
    subject: str
    arrived: str
    kind: str
    reason: Text
    is_new: bool
    """Whether this collecting found it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Collected:
    """What collecting did, and how things stand after it."""

    new_mails: int
    new_files: int
    """Files that came, loose or in a mail."""
    known: int
    """Mails and loose files that had been collected before."""
    mails: tuple[Mail, ...]
    """Those that are new, and all that need a person, in the order of `KINDS`, then of arrival."""
    counts: Mapping[str, int]
    """How many mails of each of `KINDS` the round has."""
    left: Mapping[str, Text] = field(default_factory=dict)
    """Why files under the paths were not taken, by name."""
    files: int = 0
    """Files of the round that were checked."""
    with_errors: int = 0
    """Forms among them that have error findings."""
    moved: int = 0
    """Messages marked or moved in the mailbox."""


def by_address(roster: Iterable[Institution]) -> dict[str, frozenset[str]]:
    """Give the ids of the institutions by their addresses, in lower case; several may share one."""
    found: dict[str, set[str]] = {}
    for entry in roster:
        for address in addresses_of(entry.email):
            found.setdefault(address.lower(), set()).add(entry.id)
    return {address: frozenset(ids) for address, ids in found.items()}


def known_of(ledger: Ledger, round_id: str, round_name: str, addresses: Mapping[str, frozenset[str]]) -> Known:
    """Gather what mails may refer to.

    Args:
        ledger: the round's.
        round_id: its name in forms.
        round_name: its name for people.
        addresses: institution ids by address, as `by_address` gives them.
    """
    rows = ledger.rows("SELECT message_id, address, subject FROM messages WHERE state <> 'planned' ORDER BY number")
    recipients = {message: frozenset(_BETWEEN.split(to.lower())) - {""} for message, to, _ in rows}
    sent = Sent(
        ids={message.strip("<>"): message for message in recipients},
        last_to={address: message for message, those in recipients.items() for address in those},
        round=round_id,
        recipients=recipients,
    )
    subjects = {_bare(subject).lower() for _, _, subject in rows} - {""}
    names = {name.lower() for name in (round_id, round_name) if len(name) >= _SHORTEST_NAME}
    return Known(sent=sent, subjects=subjects, names=names, addresses=addresses)


def signs_of(letter: Letter, known: Known) -> tuple[tuple[Reason, ...], Mapping[str, str]]:
    """Say what a mail shows by itself, and of which messages of ours it reports that they were not delivered."""
    facts = letter.facts
    signs: list[Reason] = []
    bounced: dict[str, str] = {}
    report = report_in(facts, known.sent)
    if facts.message_id in known.sent.ids:
        signs.append(Reason(key="own_copy"))
    if report is not None:
        signs.append(Reason(key=report.fate, params={"address": report.address, "why": report.words}))
        if report.fate == "bounce":
            bounced[report.message_id] = report.words
    if letter.fault is not None:
        signs.append(_spoilt(letter))
    if report is None and is_automatic(facts):
        signs.append(Reason(key="auto_reply"))
    if is_bulk(facts):
        signs.append(Reason(key="bulk"))
    if _answers_ours(facts, known.sent):
        signs.append(Reason(key="answers"))
    elif _is_about_round(facts.subject, known):
        signs.append(Reason(key="subject"))
    signs.extend(Reason(key="cloud_link", params={"service": service}) for service in services_in(facts.words))
    return tuple(signs), bounced


def takes_files(signs: Sequence[Reason], facts: MailFacts) -> bool:
    """Tell whether a mail's files may be returns: those in a postmaster's report for machines are our own."""
    return not (facts.report and any(sign.key in _REPORTS for sign in signs))


def settled(
    signs: Sequence[Reason], sender: str, outcomes: Sequence[Outcome], known: Known
) -> tuple[Kind, tuple[Reason, ...]]:
    """Say what a mail is taken for, and why, with the signs that still tell something.

    Args:
        signs: those of `signs_of`, or reasons given before.
        sender: address that it says it is from.
        outcomes: what became of its files.
        known: what the round knows.
    """
    own = [sign for sign in signs if sign.key in _LASTING]
    kind, why = _taken_for(own, sender, outcomes, known)
    return ("done" if kind == "person" and any(sign.key == DEALT_WITH for sign in own) else kind), why


def _taken_for(
    own: Sequence[Reason], sender: str, outcomes: Sequence[Outcome], known: Known
) -> tuple[Kind, tuple[Reason, ...]]:
    keys = {sign.key for sign in own}
    if sender in known.addresses:
        keys.add("known_sender")
    files = _of_files(outcomes)
    owners = {outcome.owner for outcome in outcomes if outcome.owner}
    if owners:
        foreign = _foreign(sender, outcomes, known)
        kind: Kind = "person" if foreign or keys & {*_SPOILT} else "matched"
        return kind, (*own, *foreign, *files, *_other_sender(sender, owners, known))
    if "own_copy" in keys:
        return "not_ours", tuple(own)
    if "bounce" in keys:
        return "bounce", tuple(own)
    if keys & {*_SPOILT, "bounce_partly", "bounce_unclear"}:
        return "person", (*own, *files)
    is_strange = "bulk" in keys and not keys & {*_OURS}
    if files and not is_strange:
        return "person", (*own, *files)
    if keys & {*_ROBOT}:
        return "auto_reply", tuple(own)
    if is_strange:
        return "not_ours", (*own, *files)
    if "cloud_link" in keys:
        return "person", tuple(own)
    if keys & {*_OURS}:
        sign = [Reason(key="known_sender")] if "known_sender" in keys else []
        return "person", (Reason(key="no_attachment"), *own, *sign)
    return "not_ours", tuple(own)


_LASTING = ("own_copy", *_REPORTS, *_SPOILT, "auto_reply", "bulk", "answers", "subject", "cloud_link", DEALT_WITH)
"""Signs that a mail shows by itself, whatever its files turn out to be."""


def reason_for(codes: Sequence[str]) -> str:
    """Say by the error findings on a file why it is nobody's, as a key of `rounds.collect.reason`."""
    for code in codes:
        if code in _BY_CODE:
            return _BY_CODE[code]
        if code.startswith("identity."):
            return "identity_unknown"
        if code.startswith("file."):
            return "attachment_unreadable"
    return "no_form"


def _of_files(outcomes: Sequence[Outcome]) -> list[Reason]:
    names: dict[str, list[str]] = {}
    for outcome in outcomes:
        if not outcome.owner:
            names.setdefault(outcome.reason, []).append(outcome.name)
    order = [*_PRECEDENCE, *(key for key in names if key not in _PRECEDENCE)]
    return [Reason(key=key, params={"files": _listed(names[key])}) for key in order if key in names]


def _listed(names: Sequence[str]) -> str:
    more = f" (+{len(names) - _SHOWN_NAMES})" if len(names) > _SHOWN_NAMES else ""
    return ", ".join(names[:_SHOWN_NAMES]) + more


def _foreign(sender: str, outcomes: Sequence[Outcome], known: Known) -> list[Reason]:
    """Say which forms are those of other institutions than the ones on the roster whose address the sender's is."""
    senders = known.addresses.get(sender)
    if senders is None:
        return []
    names: dict[str, list[str]] = {}
    for one in outcomes:
        if one.owner and one.owner not in senders:
            names.setdefault(one.owner, []).append(one.name)
    return [
        Reason(
            key="foreign_form",
            params={"files": _listed(names[owner]), "institution": owner, "senders": ", ".join(sorted(senders))},
        )
        for owner in sorted(names)
    ]


def _other_sender(sender: str, owners: Collection[str], known: Known) -> list[Reason]:
    if sender in known.addresses:
        return []
    return [Reason(key="sender_differs", params={"sender": sender, "institutions": ", ".join(sorted(owners))})]


def _spoilt(letter: Letter) -> Reason:
    fault = letter.fault
    if fault is not None and fault.code == "file.too_large":
        return Reason(key="too_large", params={key: str(fault.params.get(key, "")) for key in ("size", "limit")})
    return Reason(key="damaged")


def _answers_ours(facts: MailFacts, sent: Sent) -> bool:
    return any(one in sent.ids for one in facts.answers) or facts.fields.get("x-evaluator-round", "") == sent.round


def _is_about_round(subject: str, known: Known) -> bool:
    words = subject.lower()
    return _bare(words) in known.subjects or any(name in words for name in known.names)


def _bare(subject: str) -> str:
    return _REPLY.sub("", subject).strip()
