"""Reading many files: guard, read, and say what each one is.

Owns: the step from a source to what was read of it, the same in this process and in a worker. One bad file costs one
finding.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from evaluator.intake import guards
from evaluator.intake.sources import Source
from evaluator.questionnaire.opening import Unread
from evaluator.questionnaire.reader import ReturnedForm, read_form


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadFile:
    """One input file, read or not."""

    name: str
    sha256: str = ""
    """64 hex digits; empty where the bytes could not be had."""
    size: int = 0
    form: ReturnedForm | None = None
    code: str = ""
    """Finding code that says why there is no form; empty where there is one."""
    params: Mapping[str, object] = field(default_factory=dict)


def read_file(source: Source) -> ReadFile:
    """Read one file."""
    loaded = guards.load(source)
    if isinstance(loaded, Unread):
        size = source.path.lstat().st_size if source.path.exists() else 0
        return ReadFile(name=source.name, sha256=_hash_of(source), size=size, code=loaded.code, params=loaded.params)
    digest = hashlib.sha256(loaded).hexdigest()
    found = read_form(loaded)
    if isinstance(found, Unread):
        return ReadFile(name=source.name, sha256=digest, size=len(loaded), code=found.code, params=found.params)
    return ReadFile(name=source.name, sha256=digest, size=len(loaded), form=found)


def read_files(sources: Sequence[Source]) -> list[ReadFile]:
    """Read a batch of files, in order."""
    return [read_file(source) for source in sources]


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
