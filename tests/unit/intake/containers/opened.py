"""Unpacking a container in a test, and what came of it in few words."""

from __future__ import annotations

from pathlib import Path

from evaluator.intake.containers.unpacking import Unpacked, unpack
from evaluator.intake.sources import Source, find
from evaluator.limits import DEFAULT, Limits


def opened(folder: Path, name: str, data: bytes, limits: Limits = DEFAULT) -> Unpacked:
    """Write a container into an empty folder, find it there and unpack it."""
    (folder / "in").mkdir()
    (folder / "out").mkdir()
    (folder / "in" / name).write_bytes(data)
    (source,) = find([folder / "in" / name])
    assert source.container
    return unpack(source, folder / "out", limits)


def said(unpacked: Unpacked) -> dict[str, str]:
    """What became of each member: its first bytes, its kind of container, its fault, or that it is junk."""
    return {member.name: _said(member) for member in unpacked.members}


def _said(member: Source) -> str:
    if member.is_junk:
        return "junk"
    if member.fault:
        return member.fault.code
    return member.container or member.path.read_bytes()[:20].decode("latin-1")


def why(unpacked: Unpacked, name: str) -> str:
    """Say in English why a member has a fault."""
    (member,) = (member for member in unpacked.members if member.name == name)
    assert member.fault
    return member.fault.params["why"].en  # type: ignore[attr-defined]
