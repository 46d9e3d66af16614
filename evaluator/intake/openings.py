"""Opening containers: archives and mails, each in a reading process.

Owns: what is recorded of a container itself; the files in it come out as sources of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from evaluator.intake.containers.unpacking import unpack
from evaluator.intake.reading import ReadFile, file_hash, unread
from evaluator.intake.sources import Source
from evaluator.limits import Limits
from evaluator.questionnaire.opening import Unread
from evaluator.wording import Text


@dataclass(frozen=True, kw_only=True, slots=True)
class Opening:
    """What opening a container gave."""

    containers: tuple[ReadFile, ...]
    """The container and those in it; a code says why one could not be opened, or that nothing was in it."""
    members: tuple[Source, ...]
    """Everything else that was in them."""


def open_containers(limits: Limits, batch: Sequence[tuple[Source, Path]]) -> list[Opening]:
    """Open containers, each into its own folder, which is made."""
    openings = []
    for source, folder in batch:
        folder.mkdir(exist_ok=True)
        unpacked = unpack(source, folder, limits)
        inner = [member for member in unpacked.members if member.container]
        outer = replace(source, fault=unpacked.fault, arrived=unpacked.arrived)
        members = tuple(member for member in unpacked.members if not member.container)
        openings.append(Opening(containers=tuple(map(_listed, (outer, *inner))), members=members))
    return openings


def not_opened(wanted: tuple[Source, Path], why: Text) -> Opening:
    """Record a container that its process did not survive."""
    fault = Unread(code="file.crashed_reader", params={"why": why})
    return Opening(containers=(_listed(replace(wanted[0], fault=fault)),), members=())


def _listed(source: Source) -> ReadFile:
    """Record a container; one without bytes of its own has no hash."""
    one = unread(source, source.fault or Unread(code=""))
    if source.is_regular:
        with suppress(OSError):  # it may be gone by now; then it has its finding
            one = replace(one, sha256=file_hash(source.path), size=source.path.stat().st_size)
    return replace(one, is_container=True, arrived=source.arrived)
