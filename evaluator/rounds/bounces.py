"""What postmasters and mail robots say of messages of ours: not delivered, not yet, delivered, nobody there to read it.

Owns: reading reports for machines (RFC 3464) and those for people, as providers in China and elsewhere write them, and
telling which message of ours one is about. Knows nothing of where mails are kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from evaluator.intake.containers.facts import MailFacts, facts_in, shown

Fate = Literal["bounce", "bounce_partly", "bounce_unclear", "delayed", "delivered"]
_MOST = 300
"""Characters of a server's words that are kept."""
_ROBOTS = re.compile(r"(?:mailer[-_.]?daemon|mail[-_.]?daemon|postmaster|mdaemon|bounces?|mail-?delivery.*)@")
_SUBJECT = re.compile(
    r"退信|无法投递|投递失败|未送达|系统退回|undeliver|delivery (?:status|fail|has failed)|failure notice|"
    r"returned mail|mail delivery|delivery notification|could not be delivered|non-?delivery",
    re.IGNORECASE,
)
_LATER = re.compile(
    r"\bdelayed\b|delivery temporarily|will (?:be retried|retry|keep trying)|still being retried|"
    r"not yet been delivered|延迟|暂时无法|将继续尝试|稍后重试",
    re.IGNORECASE,
)
_CODE = re.compile(r"\b5\d\d[ \-#][^\n]{0,250}|\b5\.\d{1,3}\.\d{1,3}\b[^\n]{0,250}")
_AWAY = re.compile(
    r"^\W*(?:自动回复|自动答复|automatic(?:ally generated)? reply|auto(?:matic)?[- ]?(?:reply|response)|"
    r"out of (?:the )?office|休假回复|auto:)",
    re.IGNORECASE,
)
_TOKEN = re.compile(r"(?<![\w.!#$%&*+/=?^`{|}~-])[\w.!#$%&*+/=?^`{|}~-]{1,300}@[\w-]+(?:\.[\w-]+)*", re.ASCII)
_FIELD = re.compile(r"^([A-Za-z-]{1,40}):[ \t]*(.*(?:\n[ \t].*)*)", re.MULTILINE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Sent:
    """What the ledger knows of messages of ours that a report may name."""

    ids: Mapping[str, str]
    """Message id as the ledger has it, by the id without angle brackets."""
    last_to: Mapping[str, str]
    """Message id of the last message to an address, by the address in lower case."""
    round: str
    """Name of the round, as our messages' headers have it."""
    recipients: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Addresses of a message, in lower case, by its id as the ledger has it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """What a report says of a message of ours."""

    fate: Fate
    message_id: str
    """As the ledger has it; empty where only an address tells that it is about us."""
    address: str
    """Who was not reached, as far as it says."""
    words: str
    """What the server said."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Outcome:
    """What a report says of one recipient."""

    address: str
    action: str
    status: str
    words: str


def report_in(facts: MailFacts, sent: Sent) -> Report | None:
    """Read a mail as a report on a message of ours; `None` where it is none."""
    if facts.report:
        return _of_machine(facts, sent)
    if (
        "x-failed-recipients" in facts.fields
        or _ROBOTS.match(facts.sender)
        or (_SUBJECT.search(facts.subject) and not facts.answers)
    ):
        return _of_prose(facts, sent)
    return None


def is_automatic(facts: MailFacts) -> bool:
    """Tell whether a mail was written by a program: in its owner's absence, or as a receipt."""
    if facts.kind == "multipart/report":
        return True
    automatic = facts.fields.get("auto-submitted", "no").lower()
    if not automatic.startswith("no"):
        return True
    robots = facts.fields.keys() & {"x-autoreply", "x-autorespond"}
    return (
        bool(robots)
        or "auto_reply" in facts.fields.get("precedence", "").lower()
        or _AWAY.search(facts.subject) is not None
    )


def is_bulk(facts: MailFacts) -> bool:
    """Tell whether a mail went to a list of people."""
    listed = facts.fields.keys() & {"list-id", "list-unsubscribe"}
    return bool(listed) or facts.fields.get("precedence", "").lower() in ("bulk", "list", "junk")


def _of_machine(facts: MailFacts, sent: Sent) -> Report | None:
    outcomes = list(_outcomes(facts.report))
    failed = [one for one in outcomes if one.action == "failed" or (not one.action and one.status.startswith("5"))]
    told = failed or outcomes[:1]
    address = ", ".join(dict.fromkeys(one.address for one in told if one.address))
    message_id, is_sure = _message(facts, address, sent)
    if not message_id and not is_sure and not _written_to(address, sent):
        return None
    words = "; ".join(dict.fromkeys(one.words for one in told if one.words))[:_MOST]
    fate: Fate = "delayed" if any(one.action == "delayed" for one in outcomes) else "delivered"
    if failed:
        fate = _failure(message_id, address, sent)
    return Report(fate=fate, message_id=message_id, address=address[:_MOST], words=words)


def _outcomes(report: str) -> Iterator[_Outcome]:
    for block in re.split(r"\n[ \t]*\n", report.replace("\r\n", "\n").strip()):
        fields = {name.lower(): " ".join(value.split()) for name, value in reversed(_FIELD.findall(block))}
        address = fields.get("original-recipient") or fields.get("final-recipient", "")
        if not address and "action" not in fields:
            continue
        status = fields.get("status", "")
        words = fields.get("diagnostic-code", "").partition(";")[2].strip() or status
        yield _Outcome(
            address=address.rpartition(";")[2].strip().strip("<>").lower(),
            action=fields.get("action", "").partition(" ")[0].lower(),
            status=status,
            words=words if not status or status in words else f"{status} {words}",
        )


def _of_prose(facts: MailFacts, sent: Sent) -> Report | None:
    words = shown(facts.words)
    named = [one.lower() for one in _TOKEN.findall(f"{facts.fields.get('x-failed-recipients', '')} {words}")]
    address = next((one for one in named if one in sent.last_to), "")
    message_id, _ = _message(facts, address, sent)
    if not message_id and not address:
        return None
    code = _CODE.search(words)
    told = " ".join((code[0] if code else facts.subject).split())[:_MOST]
    fate = _failure(message_id, address, sent)
    if _LATER.search(f"{facts.subject}\n{words}") and not code:
        fate = "delayed"
    return Report(fate=fate, message_id=message_id, address=address, words=told)


def _failure(message_id: str, address: str, sent: Sent) -> Fate:
    """Tell a message that nobody got from one that some did, as far as can be told."""
    if not message_id:
        return "bounce_unclear"
    recipients = sent.recipients.get(message_id, frozenset())
    return "bounce_partly" if len(recipients) > 1 and not recipients <= {*address.split(", ")} else "bounce"


def _message(facts: MailFacts, address: str, sent: Sent) -> tuple[str, bool]:
    """Tell which message of ours a report is about, and whether it is about one at all.

    Its id tells; some providers write ids anew, but leave our round's header in what they return.
    """
    returned = facts_in(facts.returned.encode("utf-8", "surrogateescape"))
    for found in (returned.message_id, *_TOKEN.findall(_places(facts))):
        if found in sent.ids:
            return sent.ids[found], True
    is_ours = returned.fields.get("x-evaluator-round", "") == sent.round != ""
    return (_written_to(address, sent) if is_ours else ""), is_ours


def _places(facts: MailFacts) -> str:
    """Give the places where a report may name ids of messages."""
    return f"{facts.report}\n{facts.returned}\n{shown(facts.words)}\n{facts.words}"


def _written_to(address: str, sent: Sent) -> str:
    return next((sent.last_to[one] for one in address.split(", ") if one in sent.last_to), "")
