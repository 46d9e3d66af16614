"""Reading files: guard, unpack, read, and say what each one is.

Owns: the step from a source to what was read of it, the same in this process and in a worker. One bad file costs one
finding. Imports neither pandas nor the model, so that a reading process starts fast and stays small.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from evaluator.intake import archive, guards
from evaluator.intake.claims import Claim
from evaluator.intake.packing import Asked, pack
from evaluator.intake.sources import Source
from evaluator.limits import Limits
from evaluator.questionnaire.opening import Unread, detail_of
from evaluator.questionnaire.reader import read_form
from evaluator.wording import Text


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadFile:
    """One input file, read or not."""

    name: str
    """As in the results' list of files."""
    sha256: str = ""
    """64 hex digits; empty where the bytes could not be had."""
    size: int = 0
    claim: Claim | None = None
    """Whose the form says it is; `None` where there is no form."""
    content: bytes = b""
    """The form, packed (`packing`); empty where there is none, or where the store of readings holds it."""
    code: str = ""
    """Finding code that says why there is no form; empty where there is one."""
    params: Mapping[str, object] = field(default_factory=dict)
    kind: str = ""
    """What another program could make a workbook of, as `Unread.kind`."""
    is_container: bool = False
    """Whether it is an archive or a mail, whose files are listed after it."""
    arrived: str = ""
    """As `Source.arrived`; set once a run has all its files."""
    converted: str = ""
    """The kind of file it was, where the form was read after a conversion."""


@dataclass(frozen=True, kw_only=True, slots=True)
class How:
    """What reading depends on beside the file."""

    asked: Asked
    limits: Limits


def read_file(how: How, source: Source) -> ReadFile:
    """Read one file."""
    loaded = load_file(source, how.limits)
    return loaded if isinstance(loaded, ReadFile) else read_bytes(how, source, loaded)


def load_file(source: Source, limits: Limits) -> bytes | ReadFile:
    """Give a file's bytes, or, where it can't be a workbook, the record of it."""
    loaded = source.fault or guards.load(source, limits)
    if not isinstance(loaded, Unread):
        return loaded
    size = source.path.lstat().st_size if source.is_regular and source.path.exists() else 0
    return unread(source, loaded, sha256=_hash_of(source), size=size)


def read_files(how: How, sources: Sequence[Source]) -> list[ReadFile]:
    """Read a batch of files, in order."""
    return [read_file(how, source) for source in sources]


def read_sent(how: How, batch: Sequence[tuple[Source, bytes | ReadFile]]) -> list[ReadFile]:
    """Read a batch of files whose `load_file` was sent along, for workers that can't see the files; in order."""
    return [data if isinstance(data, ReadFile) else read_bytes(how, source, data) for source, data in batch]


def read_bytes(how: How, source: Source, data: bytes) -> ReadFile:
    """Read one file's bytes, which have passed `guards.load`."""
    digest = hashlib.sha256(data).hexdigest()
    try:
        parts = archive.unpack(data, how.limits)
        found = parts if isinstance(parts, Unread) else read_form(parts, how.limits)
        if isinstance(found, Unread):
            return unread(source, found, sha256=digest, size=len(data))
        content = pack(found, how.asked)
    except Exception as error:
        why = Unread(code="file.crashed_reader", params={"why": detail_of(error)})
        return unread(source, why, sha256=digest, size=len(data))
    claim = Claim.of(source.name, found)
    return ReadFile(name=source.name, sha256=digest, size=len(data), claim=claim, content=content)


def unread(source: Source, why: Unread, *, sha256: str = "", size: int = 0) -> ReadFile:
    """Record a file that gave no form."""
    return ReadFile(name=source.name, sha256=sha256, size=size, code=why.code, params=why.params, kind=why.kind)


def crashed(source: Source, why: Text) -> ReadFile:
    """Record a file that its reading process did not survive."""
    size = source.path.lstat().st_size if source.path.exists() else 0
    return unread(source, Unread(code="file.crashed_reader", params={"why": why}), sha256=_hash_of(source), size=size)


def file_hash(path: Path) -> str:
    """Hash a file's bytes: SHA-256 as 64 hex digits.

    Raises:
        OSError: it can't be read.
    """
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _hash_of(source: Source) -> str:
    """Hash a file that is not read as a workbook, so that the record can name it; empty where that fails."""
    try:
        return file_hash(source.path) if source.is_regular else ""
    except OSError:
        return ""
