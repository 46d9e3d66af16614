"""Taking the attachments out of a message saved by Outlook (`.msg`).

Owns: where such a message keeps its attachments (MS-OXMSG). Messages attached to a message have no bytes of their own:
they are storages of the same file.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from evaluator.intake.containers.compound import BROKEN, Compound, Node, is_stream, open_compound
from evaluator.intake.containers.headers import arrival
from evaluator.intake.containers.names import guessed, last_part, of_message
from evaluator.intake.containers.spool import Found, Opened, Spool, bomb, damaged, not_unpacked, too_large
from evaluator.questionnaire.opening import Unread

_ATTACHMENT = "__attach_version1.0_#"
_PROPERTIES = "__properties_version1.0"
_DATA = "__substg1.0_37010102"
_EMBEDDED = "__substg1.0_3701000d"
_LONG_NAME, _SHORT_NAME, _KIND, _CONTENT_ID, _SUBJECT = "3707", "3704", "370e", "3712", "0037"
"""Properties: an attachment's names, its content type and its id in the text; a message's subject."""
_TOP_HEAD, _INNER_HEAD = 32, 24
"""Bytes before the properties of the message itself, and of one attached to it."""
_PROPERTY = struct.Struct("<I4xQ")
"""One property that is no text: its tag, flags, and value."""
_TIMES = (0x0E060040, 0x00390040)
"""Tags of the time of delivery and of that of sending, in tenths of microseconds since `_FIRST_TIME`."""
_FIRST_TIME = datetime(1601, 1, 1, tzinfo=UTC)
_MOST_PROPERTIES = 1 << 16
_PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".emz", ".wmz")
_MOST_TEXT = 1 << 13
"""Bytes of a name or subject that are believed."""
_MOST_WORDS = 1 << 17
"""Bytes of a message's own text, or of its headers, that are looked at; of a longer one nothing is."""
_SENDERS = ("5d01", "0c1f")
_HEADERS, _BODY, _PAGE, _ID, _ANSWERS, _REFERENCES = "007d", "1000", "1013", "1035", "1042", "1039"
"""Properties: a sender's addresses, the headers it came with, its text (plain, web page), ids of it and of others."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """What a message says of itself, as far as it does."""

    headers: str
    sender: str
    subject: str
    message_id: str
    answers: str
    words: str


def said_in(data: bytes) -> Said:
    """Read what a message says of itself.

    Raises:
        one of `BROKEN`: it is damaged.
    """
    compound = open_compound(data)
    message = compound.top()
    texts = {
        number: _text(compound, message, number, _MOST_WORDS)
        for number in (*_SENDERS, _HEADERS, _BODY, _PAGE, _ID, _ANSWERS, _REFERENCES, _SUBJECT)
    }
    return Said(
        headers=texts[_HEADERS],
        sender=next((texts[number] for number in _SENDERS if "@" in texts[number]), ""),
        subject=texts[_SUBJECT],
        message_id=texts[_ID],
        answers=f"{texts[_ANSWERS]} {texts[_REFERENCES]}",
        words=f"{texts[_BODY]}\n{texts[_PAGE]}",
    )


def open_msg(path: Path, spool: Spool) -> Opened:
    """Take out what is attached to a message."""
    try:
        size = path.stat().st_size
        if size > spool.limits.message:
            return Opened(fault=too_large(size, spool.limits.message))
        compound = open_compound(path.read_bytes())
    except BROKEN as error:
        return Opened(fault=damaged(error))
    return _opened(compound, compound.top(), _TOP_HEAD, spool)


def _opened(compound: Compound, message: Node, head: int, spool: Spool) -> Opened:
    try:
        return replace(_attachments(compound, message, spool), arrived=_arrived(compound, message, head))
    except BROKEN as error:
        return Opened(fault=damaged(error))


def _arrived(compound: Compound, message: Node, head: int) -> str:
    """Say when a message arrived: the time its server noted, else that of its sender; empty where neither is there.

    Args:
        compound: the file.
        message: the message.
        head: bytes before the first of its properties.
    """
    properties = message.kids_dict[_PROPERTIES]
    if properties.size > _MOST_PROPERTIES:
        return ""
    raw = compound.read(properties)[head:]
    times = {tag: value for tag, value in _PROPERTY.iter_unpack(raw[: len(raw) // 16 * 16]) if tag in _TIMES}
    for tag in _TIMES:
        if times.get(tag):
            try:
                return arrival(_FIRST_TIME + timedelta(microseconds=times[tag] // 10))
            except OverflowError:
                continue
    return ""


def _attachments(compound: Compound, message: Node, spool: Spool) -> Opened:
    if not is_stream(message.kids_dict.get(_PROPERTIES)):
        return Opened(fault=damaged(ValueError("properties")))
    attached = [node for name, node in sorted(message.kids_dict.items()) if name.startswith(_ATTACHMENT)]
    if len(attached) > spool.limits.message_parts:
        return Opened(fault=bomb("parts", limit=spool.limits.message_parts))
    if not compound.grant(one.kids_dict[_DATA] for one in attached if _DATA in one.kids_dict):
        return Opened(fault=bomb("shared"))
    found: list[Found] = []
    for number, attachment in enumerate(attached, start=1):
        if not spool.admit():
            return Opened(found=tuple(found), fault=spool.too_many())
        found.append(_found(compound, attachment, number, spool))
    return Opened(found=tuple(found))


def _found(compound: Compound, attachment: Node, number: int, spool: Spool) -> Found:
    embedded = attachment.kids_dict.get(_EMBEDDED)
    data = attachment.kids_dict.get(_DATA)
    named = _text(compound, attachment, _LONG_NAME) or _text(compound, attachment, _SHORT_NAME)
    name = last_part(named)
    if embedded is not None and _PROPERTIES in embedded.kids_dict:
        subject = _text(compound, embedded, _SUBJECT)
        opened = partial(_opened, compound, embedded, _INNER_HEAD, spool)
        return Found(name=of_message(number, subject, ".msg"), container="msg", opened=opened)
    name = name or ("" if named else f"part_{number:02}")
    if not name:
        return Found(name=named, fault=not_unpacked("unsafe_name"))
    if embedded is not None or data is None or not is_stream(data):
        return Found(name=name, fault=not_unpacked("no_file" if embedded is None else "object"))
    if _is_picture_in_text(compound, attachment, name):
        return Found(name=name, is_junk=True)
    most = spool.most_of(name)
    if data.size > most:
        return Found(name=name, fault=too_large(data.size, most))
    try:
        put = spool.put((compound.read(data),), most)
    except BROKEN as error:
        return Found(name=name, fault=damaged(error))
    return Found(name=name, fault=put) if isinstance(put, Unread) else Found(name=name, path=put)


def _is_picture_in_text(compound: Compound, attachment: Node, name: str) -> bool:
    is_picture = name.lower().endswith(_PICTURES) or _text(compound, attachment, _KIND).startswith("image/")
    return is_picture and _text(compound, attachment, _CONTENT_ID) != ""


def _text(compound: Compound, node: Node, number: str, most: int = _MOST_TEXT) -> str:
    """Give a property that is text; empty where it is missing or broken."""
    for kind in ("001f", "001e"):
        stream = node.kids_dict.get(f"__substg1.0_{number}{kind}")
        if stream is None or not is_stream(stream) or stream.size > most:
            continue
        try:
            raw = compound.read(stream)
        except BROKEN:
            continue
        return (raw.decode("utf-16-le", "replace") if kind == "001f" else guessed(raw)).strip("\0 ")
    return ""
