"""What a mail says beside its attachments: who wrote it, what it answers, its words, and a postmaster's report.

Owns: reading that, bounded, from mails (MIME) and from messages saved by Outlook. Judges nothing; what is hostile or
broken gives less, never an error. `MailFacts` can be sent between processes.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from evaluator.intake.containers.compound import BROKEN
from evaluator.intake.containers.headers import decoded, fields_of, to_text
from evaluator.intake.containers.mails import Part, body_of, is_text, mail_in, parts_of
from evaluator.intake.containers.msgs import Said, said_in
from evaluator.intake.containers.names import guessed
from evaluator.limits import Limits
from evaluator.questionnaire.opening import Unread

_HEAD = 1 << 18
"""Bytes of headers that are looked at."""
_WORDS = 1 << 16
"""Bytes of each text that are looked at, and characters of all together that are kept."""
_TEXTS = 8
"""Texts of a mail that are looked at."""
_SUBJECT = 300
_FIELDS = (
    b"from", b"sender", b"subject", b"message-id", b"in-reply-to", b"references", b"return-path", b"precedence",
    b"auto-submitted", b"x-autoreply", b"x-autorespond", b"list-id", b"list-unsubscribe", b"x-failed-recipients",
    b"x-evaluator-round",
)  # fmt: skip
_IN_ANGLES = re.compile(r"<([^<>\s]{1,400}@[^<>\s]{1,400})>")
_BARE = re.compile(r"[^\s<>\"',;:()]{1,64}@[^\s<>\"',;:()]{1,250}")
_ID = re.compile(r"<?([^<>\s]{1,400}@[^<>\s]{1,400})>?")
_RETURNED = ("message/rfc822", "text/rfc822-headers", "message/rfc822-headers", "message/global")
_STATUS = ("message/delivery-status", "message/global-delivery-status")
_BLANK_LINE = re.compile(rb"\r?\n\r?\n")
_TAG = re.compile(r"<[^<>]{0,2000}>")


@dataclass(frozen=True, kw_only=True, slots=True)
class MailFacts:
    """What a mail says of itself; what is not known is empty."""

    message_id: str = ""
    """Without angle brackets."""
    sender: str = ""
    """Address that it says it is from, in lower case."""
    subject: str = ""
    answers: tuple[str, ...] = ()
    """Ids of the messages it says it answers or quotes, without angle brackets."""
    fields: Mapping[str, str] = field(default_factory=dict)
    """Headers of `_FIELDS` by lower-case name, unfolded."""
    kind: str = ""
    """Content type of the whole, in lower case."""
    words: str = ""
    """Its texts, those of web pages with their marks: links are in those."""
    report: str = ""
    """A delivery status report (RFC 3464) as it stands; empty where there is none."""
    returned: str = ""
    """Headers of the message that came back with a report."""


def about(path: Path, kind: str, limits: Limits) -> MailFacts:
    """Read what a mail says.

    Args:
        path: its file.
        kind: of `containers.kinds.KINDS`: `eml` or `msg`.
        limits: how large a message may be; of a larger one the headers are read.
    """
    try:
        if path.stat().st_size > limits.message:
            with path.open("rb") as stream:
                return facts_in(_BLANK_LINE.split(stream.read(_HEAD), 1)[0]) if kind == "eml" else MailFacts()
        data = path.read_bytes()
    except OSError:
        return MailFacts()
    if kind == "msg":
        try:
            return _of_outlook(said_in(data))
        except BROKEN:
            return MailFacts()
    return _of_mail(data, limits)


def facts_in(head: bytes) -> MailFacts:
    """Read what a block of headers says."""
    return _of_fields(fields_of(head[:_HEAD], _FIELDS))


def shown(words: str) -> str:
    """Give words without the marks of web pages."""
    return html.unescape(_TAG.sub(" ", words))


def _of_mail(data: bytes, limits: Limits) -> MailFacts:
    mail = mail_in(data)
    known = replace(facts_in(data[: min(mail.start, _HEAD)]), kind=mail.headers.kind)
    parts = parts_of(data, mail, limits.message_parts)
    if isinstance(parts, Unread):
        return known
    texts = [part for part in parts if is_text(part.headers)]
    return replace(
        known,
        words="\n".join(_text(data, part) for part in texts[:_TEXTS])[:_WORDS],
        report=_first(data, parts, _STATUS),
        returned=_first(data, parts, _RETURNED).replace("\r\n", "\n").partition("\n\n")[0],
    )


def _of_outlook(said: Said) -> MailFacts:
    head = said.headers.encode("utf-8", "surrogateescape")
    known = facts_in(head) if head else MailFacts()
    return replace(
        known,
        message_id=known.message_id or _id(said.message_id),
        sender=said.sender.lower() if "@" in said.sender else known.sender,
        subject=said.subject[:_SUBJECT] or known.subject,
        answers=known.answers or tuple(_ID.findall(said.answers)),
        words=said.words[:_WORDS],
    )


def _of_fields(fields: Mapping[str, str]) -> MailFacts:
    answers = f"{fields.get('in-reply-to', '')} {fields.get('references', '')}"
    return MailFacts(
        message_id=_id(fields.get("message-id", "")),
        sender=_address(fields.get("from", "") or fields.get("sender", "")),
        subject=" ".join(decoded(fields.get("subject", "")).split())[:_SUBJECT],
        answers=tuple(dict.fromkeys(_IN_ANGLES.findall(answers))),
        fields=fields,
    )


def _id(value: str) -> str:
    found = _ID.search(value)
    return found[1] if found else ""


def _address(value: str) -> str:
    """Give the address of a `From`: the last in angle brackets, as a name before it may look like one."""
    angled = _IN_ANGLES.findall(value)
    bare = _BARE.search(value)
    return (angled[-1] if angled else bare[0] if bare else "").lower()


def _text(data: bytes, part: Part) -> str:
    end = min(part.end, part.start + 2 * _WORDS)
    raw = body_of(data, replace(part, end=end))[:_WORDS]
    return to_text(raw, part.headers.kind_params.get("charset", ""))


def _first(data: bytes, parts: Sequence[Part], kinds: Sequence[str]) -> str:
    for part in parts:
        if part.headers.kind in kinds:
            end = min(part.end, part.start + 2 * _WORDS)
            return guessed(body_of(data, replace(part, end=end))[:_WORDS])
    return ""
