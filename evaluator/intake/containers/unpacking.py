"""Taking the files out of a container, and out of containers in it.

Owns: how deep containers are opened, and the names by which people will see what was inside: the container's name, `!`,
and the path in it. Runs in a process of its own: what goes in and comes out can be sent between processes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from evaluator.intake.containers.kinds import container_of
from evaluator.intake.containers.mails import open_mail
from evaluator.intake.containers.mboxes import open_mbox
from evaluator.intake.containers.msgs import open_msg
from evaluator.intake.containers.names import numbered, readable
from evaluator.intake.containers.spool import Found, Opened, Spool, not_unpacked
from evaluator.intake.containers.zips import open_zip
from evaluator.intake.sources import Source
from evaluator.limits import Limits
from evaluator.questionnaire.opening import Unread

_OPENERS: Mapping[str, Callable[[Path, Spool], Opened]] = {
    "zip": open_zip,
    "eml": open_mail,
    "mbox": open_mbox,
    "msg": open_msg,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Unpacked:
    """What a container held."""

    members: tuple[Source, ...]
    """Everything in it, in its order; each nested container is followed by what it held. Of a member that is junk or
    has a fault, and of a nested container that has no bytes of its own, nothing was written: it is not regular, and
    its path is the container's."""
    fault: Unread | None
    """Why it could not be opened, or not be gone through to its end, or that it held nothing."""
    arrived: str
    """As `Source.arrived`."""


def unpack(source: Source, folder: Path, limits: Limits) -> Unpacked:
    """Write every member of a container that may be a return to a numbered file.

    Args:
        source: the container.
        folder: an empty folder for this container alone.
        limits: how much there may be in it.

    Raises:
        OutputError: the folder can't be written.
    """
    unpacking = _Unpacking(source.path, Spool(folder, limits))
    opened = _OPENERS[source.container](source.path, unpacking.spool)
    members = tuple(unpacking.members(opened, source, depth=1))
    return Unpacked(members=members, fault=_fault(opened), arrived=opened.arrived or source.arrived)


def _fault(opened: Opened) -> Unread | None:
    """Say what is wrong with a container as a whole; an empty one counts, for something was meant to be in it."""
    if opened.fault is None and all(found.is_junk for found in opened.found):
        return Unread(code="file.nothing_inside")
    return opened.fault


class _Unpacking:
    """One container being unpacked, with all that is nested in it."""

    def __init__(self, path: Path, spool: Spool) -> None:
        self.spool = spool
        self._path = path
        self._taken: Counter[str] = Counter()

    def members(self, opened: Opened, holder: Source, *, depth: int) -> Iterator[Source]:
        """Give everything that was found in a container, and in those in it.

        Args:
            opened: what was found.
            holder: the container; what is in it arrived with it.
            depth: how deep it is nested; the outermost is at 1.
        """
        # A mailbox is a folder of messages more than a container: its messages are not nested deeper than it.
        inner_depth = depth if holder.container == "mbox" else depth + 1
        for found in opened.found:
            member = self._member(found, f"{holder.name}!{readable(found.name)}", opened.arrived or holder.arrived)
            if not member.container:
                yield member
            elif inner_depth > self.spool.limits.container_depth:
                yield replace(member, fault=not_unpacked("too_deep"))
            else:
                inner = self._open(found, member)
                member = replace(member, fault=_fault(inner), arrived=inner.arrived or member.arrived)
                yield member
                yield from self.members(inner, member, depth=inner_depth)

    def _member(self, found: Found, name: str, arrived: str) -> Source:
        return Source(
            name=self._distinct(name),
            path=found.path or self._path,
            is_regular=found.path is not None,
            is_junk=found.is_junk,
            container=found.container or (container_of(found.name, found.path) if found.path else ""),
            fault=found.fault,
            arrived=arrived,
        )

    def _open(self, found: Found, member: Source) -> Opened:
        return found.opened() if found.opened else _OPENERS[member.container](member.path, self.spool)

    def _distinct(self, name: str) -> str:
        self._taken[name] += 1
        while self._taken[name] > 1:
            twin = numbered(name, self._taken[name])
            if not self._taken[twin]:
                self._taken[twin] = 1
                return twin
            self._taken[name] += 1
        return name
