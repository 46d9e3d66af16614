"""Taking a mailbox file apart into messages.

Owns: where one message ends and the next begins. Goes through the file in pieces; knows nothing of what a message holds
but its subject.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain, pairwise
from pathlib import Path
from typing import BinaryIO

from evaluator.intake.containers.kinds import has_headers
from evaluator.intake.containers.mails import subject_of
from evaluator.intake.containers.names import of_message
from evaluator.intake.containers.spool import Found, Opened, Spool, damaged, too_large
from evaluator.questionnaire.opening import Unread

_CHUNK = 1 << 20
_AHEAD = 1 << 13
"""Bytes after a `From ` line that tell whether a message begins there."""
_BEFORE = 3
"""Bytes before it that tell whether the line above is blank."""
_START = b"\nFrom "
_DATED = re.compile(rb"\d\d:\d\d.{0,40}\d{4}")
_MOST_QUOTED = 4
"""Marks before a `From ` in a message's text, each from one more mailbox it went through."""


def open_mbox(path: Path, spool: Spool) -> Opened:
    """Put each message into a file of its own."""
    found: list[Found] = []
    try:
        size = path.stat().st_size
        if size > spool.limits.container_file:
            return Opened(fault=too_large(size, spool.limits.container_file))
        with path.open("rb") as scanned, path.open("rb") as stream:
            borders = pairwise(chain(_starts(scanned), (size,)))
            for number, (start, end) in enumerate(borders, start=1):
                if not spool.admit():
                    return Opened(found=tuple(found), fault=spool.too_many())
                found.append(_found(stream, start, end, number, spool))
    except OSError as error:
        return Opened(found=tuple(found), fault=damaged(error))
    return Opened(found=tuple(found))


def _starts(stream: BinaryIO) -> Iterator[int]:
    """Give the offset of each `From ` line that begins a message.

    Mailboxes differ in whether such lines in a message's text are marked with `>`. What begins a message has headers
    below it, and a blank line above or a date in it.
    """
    kept = b"\n" * (_BEFORE + 1)
    offset = -len(kept)
    while True:
        chunk = stream.read(_CHUNK)
        window = kept + chunk
        known = len(window) - (_AHEAD if chunk else 0)
        at = window.find(_START, _BEFORE)
        while 0 <= at < known:
            if _begins_message(window, at):
                yield offset + at + 1
            at = window.find(_START, at + 1)
        if not chunk:
            return
        passed = max(0, known - _BEFORE)
        kept, offset = window[passed:], offset + passed


def _begins_message(window: bytes, at: int) -> bool:
    end = window.find(b"\n", at + 1, at + _AHEAD)
    if end < 0:
        return False
    is_blank_above = window[at - 1] == 0x0A or window[at - 2 : at] == b"\n\r"
    if not (is_blank_above or _DATED.search(window, at, end)):
        return False
    return has_headers(window[end + 1 : at + _AHEAD], 0)


def _found(stream: BinaryIO, start: int, end: int, number: int, spool: Spool) -> Found:
    if end - start > spool.limits.message:
        return Found(name=of_message(number, ""), fault=too_large(end - start, spool.limits.message))
    stream.seek(start)
    message = _unmarked(stream.read(end - start).partition(b"\n")[2])
    name = of_message(number, subject_of(message))
    put = spool.put((message,), spool.limits.message)
    return Found(name=name, fault=put) if isinstance(put, Unread) else Found(name=name, path=put, container="eml")


def _unmarked(message: bytes) -> bytes:
    """Take off one `>` before each `From ` that was marked lest it begin a message."""
    for marks in range(1, _MOST_QUOTED + 1):
        marked = b"\n" + b">" * marks
        message = message.replace(marked + b"From ", marked[:-1] + b"From ")
    return message
