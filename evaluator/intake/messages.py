"""Taking what arrived apart message by message: what each says, and the files in it.

Owns: telling messages from loose files in archives and mailboxes, and the two steps by which each is opened, both in
reading processes. Keeps nothing; knows nothing of rounds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from evaluator.intake.containers.facts import MailFacts, about
from evaluator.intake.containers.mboxes import open_mbox
from evaluator.intake.containers.names import readable
from evaluator.intake.containers.spool import Spool
from evaluator.intake.containers.unpacking import unpack
from evaluator.intake.sources import Source
from evaluator.limits import Limits
from evaluator.questionnaire.opening import Unread
from evaluator.wording import Text

MESSAGES = ("eml", "msg")
"""Kinds of containers that are one message."""
_NORMAL = ("", "file.nothing_inside")
"""Faults of a message that are none: it may hold nothing but words."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Parted:
    """What an archive or a mailbox held."""

    messages: tuple[Source, ...]
    """Messages that have bytes of their own."""
    files: tuple[Source, ...]
    """Files that were not in a message, and what could not be taken out, each with its fault; no leftovers."""
    fault: Unread | None = None
    """Why it could not be opened, or not be gone through to its end."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Letter:
    """One message, opened."""

    facts: MailFacts
    arrived: str
    """As `Source.arrived`, by its own headers."""
    files: tuple[Source, ...]
    """What is attached, out of whatever it is packed in, as `Parted.files`."""
    fault: Unread | None = None
    """What is wrong with the message itself."""


def part_containers(limits: Limits, batch: Sequence[tuple[Source, Path]]) -> list[Parted]:
    """Take archives and mailboxes apart, each into its own folder, which is made."""
    return [_parted(source, _made(folder), limits) for source, folder in batch]


def read_letters(limits: Limits, batch: Sequence[tuple[Source, Path]]) -> list[Letter]:
    """Open messages, each into its own folder, which is made."""
    return [_letter(source, _made(folder), limits) for source, folder in batch]


def not_parted(wanted: tuple[Source, Path], why: Text) -> Parted:
    """Record an archive or mailbox that its process did not survive."""
    del wanted
    return Parted(messages=(), files=(), fault=_crash(why))


def not_a_letter(wanted: tuple[Source, Path], why: Text) -> Letter:
    """Record a message that its process did not survive."""
    return Letter(facts=MailFacts(), arrived=wanted[0].arrived, files=(), fault=_crash(why))


def _crash(why: Text) -> Unread:
    return Unread(code="file.crashed_reader", params={"why": why})


def _made(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    return folder


def _parted(source: Source, folder: Path, limits: Limits) -> Parted:
    if source.container == "mbox":
        return _mailbox(source, folder, limits)
    unpacked = unpack(source, folder, limits)
    messages, rest = _told_apart(unpacked.members)
    return Parted(messages=messages, files=_files(rest), fault=_of_itself(unpacked.fault))


def _mailbox(source: Source, folder: Path, limits: Limits) -> Parted:
    opened = open_mbox(source.path, Spool(folder, limits))
    members = [
        Source(
            name=f"{source.name}!{readable(found.name)}",
            path=found.path or source.path,
            is_regular=found.path is not None,
            is_junk=False,
            container=found.container,
            fault=found.fault,
        )
        for found in opened.found
    ]
    messages = tuple(one for one in members if one.is_regular)
    return Parted(messages=messages, files=tuple(one for one in members if not one.is_regular), fault=opened.fault)


def _told_apart(members: Sequence[Source]) -> tuple[tuple[Source, ...], list[Source]]:
    """Part the messages that are in no other message from the rest; what a message holds follows it and is left out."""
    messages: list[Source] = []
    rest: list[Source] = []
    for one in members:
        if messages and one.name.startswith(f"{messages[-1].name}!"):
            continue
        (messages if one.container in MESSAGES and one.is_regular else rest).append(one)
    return tuple(messages), rest


def _letter(source: Source, folder: Path, limits: Limits) -> Letter:
    # a message that was forwarded may hold what it might have held before
    unpacked = unpack(source, folder, replace(limits, container_depth=limits.container_depth + 1))
    return Letter(
        facts=about(source.path, source.container, limits),
        arrived=unpacked.arrived,
        files=_files(unpacked.members),
        fault=_of_itself(unpacked.fault),
    )


def _files(members: Sequence[Source]) -> tuple[Source, ...]:
    """Give the files among members: leaves, and containers that could not be opened; no leftovers."""
    kept = []
    for one in members:
        fault = _of_itself(one.fault)
        if one.is_junk or (one.container and fault is None):
            continue
        kept.append(replace(one, container="", fault=fault))
    return tuple(kept)


def _of_itself(fault: Unread | None) -> Unread | None:
    return None if fault is None or fault.code in _NORMAL else fault
