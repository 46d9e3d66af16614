"""Inputs that went into a container after the run, or came out of one: the same content under other names.

Owns: pairing them. What is in a container has its name in front of its own, so that results can't be compared then.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from evaluator.intake.arranging import around, top_level
from evaluator.intake.containers.names import is_leftover
from evaluator.reports.comparing.sealed import SealedFile

_STEPS = re.compile(r"[/!]")


@dataclass(frozen=True, kw_only=True)
class Repacked:
    """What lies in a container now or did then."""

    containers: Mapping[tuple[str, str], int]
    """How many inputs are `packed` into a container now, or were `unpacked` from one, by that and its path."""
    told: frozenset[str]
    """Paths, then and now, of these inputs and their containers: nothing else need be said of them."""


def repacked_of(recorded: Mapping[str, SealedFile], found: Mapping[str, SealedFile]) -> Repacked:
    """Pair inputs that are gone with those that are new, where the content is the same and one is in a container.

    Of lock files and leftovers, which nobody looks at, the name must be the same: of those in containers no more is
    known.
    """
    gone, new = sorted(recorded.keys() - found.keys()), sorted(found.keys() - recorded.keys())
    was_inside, is_inside = recorded.keys() - top_level(recorded), found.keys() - top_level(found)
    waiting: dict[tuple[bool, str], list[str]] = {}
    for path in new:
        for key in _keys(path, found[path]):
            waiting.setdefault(key, []).append(path)
    pairs: dict[str, str] = {}
    taken: set[str] = set()
    for path in gone:
        twins = (twin for key in _keys(path, recorded[path]) for twin in waiting.get(key, ()) if twin not in taken)
        twin = next((twin for twin in twins if path in was_inside or twin in is_inside), None)
        if twin is not None:
            pairs[path] = twin
            taken.add(twin)
    containers = Counter(
        ("packed", around(now, found)[0]) if now in is_inside else ("unpacked", around(then, recorded)[0])
        for then, now in pairs.items()
    )
    outer = [one for then, now in pairs.items() for one in (*around(then, recorded), *around(now, found))]
    changed = recorded.keys() & found.keys()
    return Repacked(containers=containers, told=frozenset({*pairs, *taken, *outer} - changed))


def _keys(path: str, file: SealedFile) -> list[tuple[bool, str]]:
    name = _STEPS.split(path)[-1]
    return [*([(True, file.sha256)] if file.sha256 else []), *([(False, name)] if is_leftover(name) else [])]
