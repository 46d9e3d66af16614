"""What must hold of a file before anything is unpacked from it.

Owns: which files are read at all, how large they may be, and that only a zip archive goes on to `archive`. Knows
nothing of what is in it.
"""

from __future__ import annotations

import stat

from evaluator.intake import kinds
from evaluator.intake.sources import Source
from evaluator.limits import DEFAULT, MEBI, Limits
from evaluator.questionnaire.opening import Unread, not_had
from evaluator.wording import text

_ARCHIVE = b"PK\x03\x04"


def load(source: Source, limits: Limits = DEFAULT) -> bytes | Unread:
    """Read the bytes of a file that is a zip archive, so that `archive.unpack` may have them."""
    if source.is_junk:
        return Unread(code="file.skipped")
    if not source.is_regular:
        return Unread(code="file.unreadable", params={"why": text("intake.not_regular")})
    try:
        found = source.path.lstat()
        if not stat.S_ISREG(found.st_mode):
            return Unread(code="file.unreadable", params={"why": text("intake.not_regular")})
        if found.st_size > limits.file:
            return _too_large(found.st_size, limits)
        with source.path.open("rb") as stream:
            data = stream.read(limits.file + 1)
    except OSError as error:
        return not_had(error)
    if len(data) > limits.file:  # it has grown since it was measured
        return _too_large(len(data), limits)
    return inspect(data) or data


def inspect(data: bytes) -> Unread | None:
    """Say why bytes are not to be unpacked as a workbook; `None` where they may be."""
    if not data:
        return Unread(code="file.empty")
    return None if data.startswith(_ARCHIVE) else kinds.of_bytes(data)


def _too_large(size: int, limits: Limits) -> Unread:
    return Unread(code="file.too_large", params={"size": f"{size / MEBI:.1f}", "limit": f"{limits.file / MEBI:g}"})
