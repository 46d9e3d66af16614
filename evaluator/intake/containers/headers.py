"""Reading the headers of a mail as they are, not as they should be.

Owns: unfolding, parameters, and words in other alphabets (RFC 2045, 2047, 2231), with every habit in which mail
programs differ from them. Nothing here raises; what can't be decoded is shown as well as it can be.
"""

from __future__ import annotations

import binascii
import codecs
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from urllib.parse import unquote_to_bytes

from evaluator.intake.containers.names import guessed

_FOLD = re.compile(rb"\r?\n(?=[ \t])")
_WANTED = re.compile(
    rb"^(content-(?:type|disposition|transfer-encoding|id)|subject|received|date)[ \t]*:(.{0,8192})",
    re.IGNORECASE | re.MULTILINE,
)
"""The headers that matter here, and how much of each is looked at."""
_PIECE = re.compile(r'"(?:[^"\\]|\\.)*+(?:"|\\?$)|[^;"]+|;')
_SECTION = re.compile(r"([^*]+)(?:\*(\d{1,3}))?(\*)?")
_WORD = re.compile(r"=\?([^?\s]{1,40})\?([BbQq])\?([^?]*)\?=")
_BETWEEN_WORDS = re.compile(r"(\?=)\s+(?==\?)")
_YEARS = range(1971, 2200)
"""Years in which mails arrive, with one to spare for time zones."""
_ENCODINGS = {
    "utf-8", "ascii", "gb18030", "big5hkscs", "iso8859-1", "iso8859-2", "iso8859-15", "cp1250", "cp1251", "cp1252",
    "koi8-r", "shift_jis", "cp932", "euc_jp", "iso2022_jp", "euc_kr", "cp949", "utf-16", "utf-16-le", "utf-16-be", "hz",
}  # fmt: skip
"""Encodings of text that are believed, by Python's names. The others guess or, like `punycode`, take their time."""
_WIDER = {"gb2312": "gb18030", "gbk": "gb18030", "cp936": "gb18030", "big5": "big5hkscs", "cp950": "big5hkscs"}
"""What is often sent under the name of a narrower encoding."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Headers:
    """The headers of one part."""

    values: Mapping[str, str]
    """Those that matter here, by lower-case name, unfolded; the first of each name."""
    kind: str = "text/plain"
    """Content type, in lower case."""
    kind_params: Mapping[str, str] = field(default_factory=dict)
    disposition: str = ""
    """Content disposition in lower case: `attachment`, `inline` or nothing."""
    disposition_params: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Name of the attached file, decoded; empty where it has none."""
        return (
            self.disposition_params.get("filename")
            or self.kind_params.get("name")
            or self.disposition_params.get("name")
            or ""
        ).strip()

    @property
    def subject(self) -> str:
        """Subject, decoded; empty where there is none."""
        return decoded(self.values.get("subject", ""))

    @property
    def arrived(self) -> str:
        """When the mail arrived, as `moment`: as its last server noted, else as its sender did; empty where unread."""
        return _dated(self.values.get("received", "").rpartition(";")[2]) or _dated(self.values.get("date", ""))


def fields_of(block: bytes, names: tuple[bytes, ...]) -> dict[str, str]:
    """Give some headers of a block, unfolded, by lower-case name; the first of each name, not decoded.

    Args:
        block: the lines before the first blank line.
        names: which, in lower case.
    """
    values: dict[str, str] = {}
    for name, value in _named(names).findall(_FOLD.sub(b"", block)):
        values.setdefault(name.lower().decode("ascii"), guessed(value).strip())
    return values


@cache
def _named(names: tuple[bytes, ...]) -> re.Pattern[bytes]:
    return re.compile(rb"^(%b)[ \t]*:(.{0,8192})" % b"|".join(map(re.escape, names)), re.IGNORECASE | re.MULTILINE)


def arrival(when: datetime) -> str:
    """Write when a mail arrived, as `moment`; empty where no mail can have: nothing is concluded from such a time."""
    return moment(when) if when.year in _YEARS else ""


def moment(when: datetime) -> str:
    """Write a time so that later ones sort behind: `2026-03-31T08:15:00Z`."""
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _dated(value: str) -> str:
    try:
        when = parsedate_to_datetime(value.strip())
        return arrival(when if when.tzinfo else when.replace(tzinfo=UTC))
    except (ValueError, TypeError, IndexError, OverflowError):
        return ""


def read_headers(block: bytes, default_kind: str = "text/plain") -> Headers:
    """Read a block of headers.

    Args:
        block: the lines before the first blank line.
        default_kind: content type where none is stated.
    """
    values: dict[str, str] = {}
    for name, value in _WANTED.findall(_FOLD.sub(b"", block)):
        values.setdefault(name.lower().decode("ascii"), guessed(value).strip())
    kind, kind_params = _value(values.get("content-type", ""))
    disposition, disposition_params = _value(values.get("content-disposition", ""))
    return Headers(
        values=values,
        kind=kind if "/" in kind else default_kind,
        kind_params=kind_params,
        disposition=disposition,
        disposition_params=disposition_params,
    )


def _value(header: str) -> tuple[str, dict[str, str]]:
    """Split a header such as `text/plain; charset="utf-8"` into what it says and its parameters, decoded."""
    pieces = [""]
    for piece in _PIECE.findall(header):
        if piece == ";":
            pieces.append("")
        else:
            pieces[-1] += piece
    plain: dict[str, str] = {}
    sections: dict[str, dict[int, tuple[str, bool]]] = {}
    for piece in pieces[1:]:
        name, _, value = piece.partition("=")
        named = _SECTION.fullmatch(name.strip().lower())
        if named and (named[2] or named[3]):
            sections.setdefault(named[1], {}).setdefault(int(named[2] or 0), (_unquoted(value.strip()), bool(named[3])))
        elif named:
            plain.setdefault(named[1], decoded(_unquoted(value.strip())))
    # The plain form beside `name*=` is for old programs, and often a poorer one.
    return pieces[0].strip().lower(), plain | {name: _joined(found) for name, found in sections.items()}


def _unquoted(value: str) -> str:
    if not value.startswith('"'):
        return value
    # Only these two are escapes in practice: old programs put paths with single backslashes between quotes.
    return value[1:].removesuffix('"').replace('\\"', '"').replace("\\\\", "\\")


def _joined(found: Mapping[int, tuple[str, bool]]) -> str:
    """Join the sections of a parameter (RFC 2231), which may part a character's bytes."""
    if not any(encoded for _, encoded in found.values()):
        return decoded("".join(found[number][0] for number in sorted(found)))
    charset, raw = "", b""
    for place, number in enumerate(sorted(found)):
        value, encoded = found[number]
        if encoded and place == 0 and value.count("'") >= 2:
            charset, _, value = value.split("'", 2)
        raw += unquote_to_bytes(value) if encoded else value.encode("utf-8", "surrogateescape")
    return decoded(to_text(raw, charset))


def decoded(value: str) -> str:
    """Decode the encoded words in a value (RFC 2047), also between quotes and where they part a character's bytes."""
    if "=?" not in value:
        return value
    text, at = "", 0
    pending, pending_charset = b"", ""
    value = _BETWEEN_WORDS.sub(r"\1", value)
    for word in _WORD.finditer(value):
        charset = word[1].partition("*")[0].lower()
        if pending and (word.start() > at or charset != pending_charset):
            text, pending = text + to_text(pending, pending_charset), b""
        text += value[at : word.start()]
        pending, pending_charset, at = pending + _word_bytes(word[2], word[3]), charset, word.end()
    return text + to_text(pending, pending_charset) + value[at:]


def _word_bytes(encoding: str, content: str) -> bytes:
    raw = content.encode("utf-8", "surrogateescape")
    if encoding in "Bb":
        return from_base64(raw)
    return binascii.a2b_qp(raw.replace(b"_", b" "))


def from_base64(raw: bytes) -> bytes:
    """Decode base64, as far as it is base64: strange characters are passed over, a cut end loses its last bytes."""
    try:
        return binascii.a2b_base64(raw)
    except binascii.Error:
        kept = re.sub(rb"[^A-Za-z0-9+/]", b"", raw)
        return binascii.a2b_base64(kept[: len(kept) // 4 * 4] + _rest(kept[len(kept) // 4 * 4 :]))


def _rest(end: bytes) -> bytes:
    return end + b"=" * (4 - len(end)) if len(end) > 1 else b""


def to_text(raw: bytes, charset: str) -> str:
    """Decode bytes by the encoding they are said to be in, if that is one that is known and true; else by guess."""
    try:
        encoding = codecs.lookup(charset).name if charset else ""
    except (LookupError, ValueError):
        encoding = ""
    encoding = _WIDER.get(encoding, encoding)
    if encoding in _ENCODINGS:
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            pass
    return guessed(raw)
