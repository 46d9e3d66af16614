"""Taking the attachments out of a mail.

Owns: the parts of a mail (MIME), and which of them are files that were sent. Knows nothing of what the files are. The
standard library's parser takes a mail line by line, each line through every level of nesting; here parts are found by
searching for their boundaries, which a mail with thousands of levels or parts can't make slow.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from evaluator.intake.containers.headers import Headers, from_base64, read_headers
from evaluator.intake.containers.names import guessed, last_part, of_message
from evaluator.intake.containers.spool import Found, Opened, Spool, bomb, damaged, not_unpacked, too_large
from evaluator.questionnaire.opening import Unread

_MOST_DEPTH = 20
"""Multiparts inside one another. Mail programs nest four or five."""
_MOST_BOUNDARY = 1000
_PREAMBLE = 1 << 16
"""Bytes of a multipart in which its first boundary is looked for where its header doesn't state it."""
_BLANK_LINE = re.compile(rb"\r?\n\r?\n")
_ANY_BOUNDARY = re.compile(rb"^--([^\r\n]{1,200}?)[ \t]*\r?$", re.MULTILINE)
_UUENCODED = re.compile(rb"^begin [0-7]{3,4} ([^\r\n]{1,255})\r?\n[M-_ !-L]", re.MULTILINE)
_MOST_IN_TEXT = 20
_NO_RETURNS = {
    "application/applefile",
    "application/pgp-signature",
    "application/pkcs7-signature",
    "application/x-pkcs7-signature",
    "message/delivery-status",
    "message/disposition-notification",
    "text/calendar",
    "text/rfc822-headers",
}
"""Parts that mail programs add."""
_FILLER = re.compile(r"ATT\d{5}\.(?:txt|html?|bin)", re.IGNORECASE)
"""What Outlook and Exchange call the text that stood after an attachment."""
_SUFFIXES = {
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "application/vnd.ms-excel": ".xls",
    "application/zip": ".zip",
    "application/x-zip-compressed": ".zip",
    "application/vnd.oasis.opendocument.spreadsheet": ".ods",
    "application/vnd.ms-outlook": ".msg",
    "application/pdf": ".pdf",
    "message/rfc822": ".eml",
}
"""Endings for attachments without a name."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """One part of a mail."""

    headers: Headers
    start: int
    """Where its body starts."""
    end: int


def open_mail(path: Path, spool: Spool) -> Opened:
    """Take out what is attached to a mail."""
    try:
        size = path.stat().st_size
        if size > spool.limits.message:
            return Opened(fault=too_large(size, spool.limits.message))
        data = path.read_bytes()
    except OSError as error:
        return Opened(fault=damaged(error))
    whole = mail_in(data)
    arrived = whole.headers.arrived
    parts = parts_of(data, whole, spool.limits.message_parts)
    if isinstance(parts, Unread):
        return Opened(fault=parts, arrived=arrived)
    found: list[Found] = []
    for number, part in enumerate(parts, start=1):
        if is_text(part.headers):
            found.extend(_in_text(data, part))
            continue
        if not spool.admit():
            return Opened(found=tuple(found), fault=spool.too_many(), arrived=arrived)
        found.append(_found(data, part, number, spool))
    return Opened(found=tuple(found), fault=not_unpacked("cut") if _is_cut(data, whole) else None, arrived=arrived)


def mail_in(data: bytes) -> Part:
    """Give the mail itself, past what mailboxes and editors put before it."""
    start = len(data) - len(data.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n"))
    if data.startswith(b"From ", start):
        start = data.find(b"\n", start) + 1
    return _part(data, start, len(data), "text/plain")


def _is_cut(data: bytes, whole: Part) -> bool:
    """Say whether a mail lacks its last boundary, so that nobody can tell what stood at its end."""
    stated = _stated_boundary(whole)
    return whole.headers.kind.startswith("multipart/") and stated != b"" and not _is_closed(data, whole, stated)


def _is_closed(data: bytes, part: Part, boundary: bytes) -> bool:
    mark = b"--" + boundary + b"--"
    at = data.rfind(mark, part.start, part.end)
    while at >= 0:
        if at == part.start or data[at - 1] == 0x0A:
            return True
        at = data.rfind(mark, part.start, at)
    return False


def parts_of(data: bytes, whole: Part, most: int) -> list[Part] | Unread:
    """List the parts that hold no others, in the order of the mail."""
    leaves: list[Part] = []
    waiting = [(whole, 0)]
    seen = 1
    while waiting:
        part, depth = waiting.pop()
        regions = _regions(data, part, most - seen) if part.headers.kind.startswith("multipart/") else []
        if not regions:
            leaves.append(part)
            continue
        seen += len(regions)
        if seen > most:
            return bomb("parts", limit=most)
        if depth == _MOST_DEPTH:
            return bomb("nested", limit=_MOST_DEPTH)
        inner_kind = "message/rfc822" if part.headers.kind == "multipart/digest" else "text/plain"
        waiting.extend((_part(data, *region, inner_kind), depth + 1) for region in reversed(regions))
    return leaves


def _part(data: bytes, start: int, end: int, default_kind: str) -> Part:
    if data.startswith((b"\n", b"\r\n"), start, end):
        return Part(headers=read_headers(b"", default_kind), start=start, end=end)
    blank = _BLANK_LINE.search(data, start, end)
    head_end, body = (blank.start(), blank.end()) if blank else (end, end)
    return Part(headers=read_headers(data[start:head_end], default_kind), start=body, end=end)


def _regions(data: bytes, part: Part, most: int) -> list[tuple[int, int]]:
    """Give start and end of a multipart's parts, at most one more than there may be.

    Where the header states no boundary, or one that is not there, the first line that looks like one is taken for it.
    """
    stated = _stated_boundary(part)
    regions = list(islice(_between(data, part, stated), most + 1)) if stated else []
    if regions:
        return regions
    found = _ANY_BOUNDARY.search(data, part.start, min(part.end, part.start + _PREAMBLE))
    return list(islice(_between(data, part, found[1]), most + 1)) if found else []


def _stated_boundary(part: Part) -> bytes:
    return part.headers.kind_params.get("boundary", "").strip().encode("utf-8", "surrogateescape")[:_MOST_BOUNDARY]


def _between(data: bytes, part: Part, boundary: bytes) -> Iterator[tuple[int, int]]:
    """Give start and end of each part between the boundaries; a last one that is not closed goes to the end."""
    mark = b"--" + boundary
    begun = -1
    at = data.find(mark, part.start, part.end)
    while at >= 0:
        after = at + len(mark)
        if at == part.start or data[at - 1] == 0x0A:
            line_end = data.find(b"\n", after, part.end)
            line_end = part.end if line_end < 0 else line_end
            rest = data[after : min(line_end, after + 200)].strip()
            if rest in (b"", b"--"):
                if begun >= 0:
                    yield begun, max(begun, at - (2 if data[at - 2 : at] == b"\r\n" else 1))
                begun = -1 if rest else min(line_end + 1, part.end)
                if rest:
                    return
            after = line_end
        at = data.find(mark, after, part.end)
    if begun >= 0:
        yield begun, part.end


def is_text(headers: Headers) -> bool:
    """Say whether a part is the text of the mail, or holds nothing, and is no file."""
    is_words = headers.kind in ("text/plain", "text/html", "text/enriched") or headers.kind.startswith("multipart/")
    return is_words and not headers.name and headers.disposition != "attachment"


def _in_text(data: bytes, part: Part) -> list[Found]:
    """Name the files that stand encoded in a mail's text, as old mail programs write them."""
    begun = _UUENCODED.finditer(data, part.start, part.end)
    return [
        Found(name=last_part(guessed(one[1])) or "part", fault=not_unpacked("uuencoded"))
        for one in islice(begun, _MOST_IN_TEXT)
    ]


def _found(data: bytes, part: Part, number: int, spool: Spool) -> Found:
    headers = part.headers
    named = headers.name
    if headers.kind == "message/rfc822" and not named:
        named = of_message(number, subject_of(body_of(data, part)))
    named = named or f"part_{number:02}{_SUFFIXES.get(headers.kind, '')}"
    name = last_part(named)
    if _is_junk(headers, name):
        return Found(name=name or named, is_junk=True)
    if not name:
        return Found(name=named, fault=not_unpacked("unsafe_name"))
    if headers.kind in ("application/ms-tnef", "application/vnd.ms-tnef") or name.lower() == "winmail.dat":
        return Found(name=name, fault=not_unpacked("winmail"))
    put = spool.put((body_of(data, part),), spool.most_of(name))
    if isinstance(put, Unread):
        return Found(name=name, fault=put)
    return Found(name=name, path=put, container="eml" if headers.kind == "message/rfc822" else "")


def _is_junk(headers: Headers, name: str) -> bool:
    in_text = headers.disposition == "inline" or "content-id" in headers.values
    picture = headers.kind.startswith("image/") and (in_text or not headers.name)
    return picture or headers.kind in _NO_RETURNS or _FILLER.fullmatch(name) is not None


def subject_of(message: bytes) -> str:
    """Give a message's subject; empty where it has none."""
    blank = _BLANK_LINE.search(message)
    return read_headers(message[: blank.start()] if blank else message).subject


def body_of(data: bytes, part: Part) -> bytes:
    """Give what a part holds, decoded."""
    body = data[part.start : part.end]
    encoding = part.headers.values.get("content-transfer-encoding", "").strip().lower()
    if encoding == "base64":
        return from_base64(body)
    if encoding == "quoted-printable":
        return binascii.a2b_qp(body)
    return body
