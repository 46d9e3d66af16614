"""A mail as it goes over the wire, byte for byte.

Owns: headers, text and attachments (RFC 5322, 2045, 2047, 2231), names that every mail program shows rightly, and the
archive that many files go as. The same mail gives the same bytes, with any Python: the standard library's generator is
not used because it folds long names into sections (`filename*0*=`), which QQ Mail and Outlook don't put together again,
and recodes the words in `name=`, which are what those two go by. Nothing that ends a line gets into a header.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import unicodedata
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from io import BytesIO
from urllib.parse import quote

from evaluator.rounds.lines import one_line

_EOL = "\r\n"
_FOLD = "\r\n "
_WORD_BYTES = 39
"""Bytes of text in one encoded word, which then has at most 64 characters: with a header's name before it, a line stays
within 78."""
_FIRST_DAY = (1980, 1, 1, 0, 0, 0)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ZIP = "application/zip"


@dataclass(frozen=True, kw_only=True, slots=True)
class Attachment:
    """A file in a mail."""

    name: str
    kind: str
    """Content type."""
    data: bytes = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Mail:
    """Everything one mail is made from."""

    message_id: str
    """With its angle brackets."""
    date: datetime
    sender: tuple[str, str]
    """Name, which may be empty, and address."""
    recipients: tuple[str, ...]
    reply_to: tuple[str, str] = ("", "")
    """Name and address; no address: none."""
    subject: str
    body: str
    """Lines end with a line feed."""
    round: str
    attachments: tuple[Attachment, ...] = ()


def compose(mail: Mail) -> bytes:
    """Write a mail; lines end with CRLF, and none is longer than the standards allow.

    Raises:
        ValueError: an address or id has characters that it can't have; whoever made them should have refused them.
    """
    boundary = f"=_{hashlib.sha256(mail.message_id.encode()).hexdigest()[:40]}"  # `=_` stands in no encoded text
    blocks = [_text_block(mail.body), *map(_file_block, mail.attachments)]
    heads = [*_headers(mail), ("Content-Type", f'multipart/mixed;{_FOLD}boundary="{boundary}"')]
    parts = "".join(f"--{boundary}{_EOL}{block}" for block in blocks)
    return f"{_lines(heads)}{_EOL}{parts}--{boundary}--{_EOL}".encode("ascii")


def archive(files: Sequence[tuple[str, bytes]]) -> bytes:
    """Put files into a zip, names in UTF-8 and marked so; the same files give the same bytes."""
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as target:  # workbooks are packed already
        for name, data in files:
            entry = zipfile.ZipInfo(unicodedata.normalize("NFC", name), _FIRST_DAY)
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            target.writestr(entry, data)
    return stream.getvalue()


def _headers(mail: Mail) -> Iterator[tuple[str, str]]:
    yield "From", _address(*mail.sender)
    yield "To", f",{_FOLD}".join(_bare(address) for address in mail.recipients)
    if mail.reply_to[1]:
        yield "Reply-To", _address(*mail.reply_to)
    yield "Subject", _phrase(mail.subject)
    yield "Date", format_datetime(mail.date)
    yield "Message-ID", _bare(mail.message_id)
    yield "X-Evaluator-Round", _bare(mail.round)
    yield "MIME-Version", "1.0"


def _lines(heads: Sequence[tuple[str, str]]) -> str:
    return "".join(f"{name}: {value}{_EOL}" for name, value in heads)


def _text_block(body: str) -> str:
    raw = body.replace("\r\n", "\n").replace("\n", _EOL).encode("utf-8", "replace")
    if raw.isascii():
        charset, encoding, coded = "us-ascii", "quoted-printable", _quoted_printable(raw)
    else:
        charset, encoding, coded = "utf-8", "base64", _base64(raw)
    heads = [("Content-Type", f"text/plain; charset={charset}"), ("Content-Transfer-Encoding", encoding)]
    return f"{_lines(heads)}{_EOL}{coded}"


def _quoted_printable(raw: bytes) -> str:
    coded = binascii.b2a_qp(raw, istext=True).decode("ascii")
    return coded if coded.endswith(_EOL) else f"{coded}={_EOL}"


def _base64(raw: bytes) -> str:
    return base64.encodebytes(raw).decode("ascii").replace("\n", _EOL)


def _file_block(file: Attachment) -> str:
    """Write an attachment, its name in both ways there are: one for the standard, one for those that go by the other.

    `filename*=` stays in one section: its line may be long (RFC 5322 allows 998), but no program has to join pieces.
    """
    name = one_line(unicodedata.normalize("NFC", file.name)).replace('"', "_").replace("\\", "_") or "_"
    if name.isascii() and "=?" not in name:
        stated, shown = f'name="{name}"', f'filename="{name}"'
    else:
        stated, shown = f'name="{_words(name)}"', f"filename*=utf-8''{quote(name, safe='')}"
    heads = [
        ("Content-Type", f"{_bare(file.kind)};{_FOLD}{stated}"),
        ("Content-Disposition", f"attachment;{_FOLD}{shown}"),
        ("Content-Transfer-Encoding", "base64"),
    ]
    return f"{_lines(heads)}{_EOL}{_base64(file.data)}"


def _address(name: str, address: str) -> str:
    shown = _phrase(name, quoted=True)
    return f"{shown}{_FOLD if _FOLD in shown else ' '}<{_bare(address)}>" if shown else _bare(address)


def _phrase(words: str, *, quoted: bool = False) -> str:
    """Write a subject or a name, in encoded words unless it is short and plain ASCII."""
    line = one_line(words)
    if not line.isascii() or "=?" in line or len(line) > 60:
        return _words(line)
    if quoted and line:
        return '"' + line.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return line


def _words(line: str) -> str:
    """Write a line as encoded words (RFC 2047), none of which parts a character."""
    pieces = [b""]
    for character in line:
        coded = character.encode("utf-8", "replace")
        if len(pieces[-1]) + len(coded) > _WORD_BYTES:
            pieces.append(b"")
        pieces[-1] += coded
    return _FOLD.join(f"=?utf-8?B?{base64.b64encode(piece).decode('ascii')}?=" for piece in pieces)


def _bare(value: str) -> str:
    """Give a value that goes into a header as it is.

    Raises:
        ValueError: it is not printable ASCII without blanks.
    """
    if not value.isascii() or not value.isprintable() or " " in value or not value:
        raise ValueError(f"{value!r} can't stand in a header")
    return value
