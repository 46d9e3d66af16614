"""Two seals held against each other, entry by entry.

Owns: naming entries by key and path, and telling which differences are accounted for by what is found elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from evaluator.reports.comparing.sealed import Sealed
from evaluator.reports.comparing.verdict import Cause, Entry, Output
from evaluator.reports.manifest import SEAL

_HEAD = re.compile(r"[.\[]")
_OF = {"program": {"version"}, "model": {"model", "model_file"}, "roster": {"roster"}, "overrides": {"overrides"}}
"""Kinds of causes that account for entries under a key."""


def entries_of(sealed: Sealed, fresh: Sealed, causes: Sequence[Cause], outputs: Sequence[Output]) -> tuple[Entry, ...]:
    """List the entries of the seal that differ from those of the results computed anew."""
    if sealed.fault:
        return ()
    old, new = dict(_flat(sealed.manifest, "")), dict(_flat(fresh.manifest, ""))
    kinds = {one.kind for one in causes if not (one.kind == "input" and one.is_harmless)}
    files = {one.culprit for one in causes if one.kind == "input"}
    told = {one.path for one in outputs}

    other_program = any((one.kind, one.what) == ("version", "program") for one in causes)

    def is_explained(key: str) -> bool:
        if other_program and sealed.is_whole and (key not in old or key not in new):
            return True  # another program seals more, or less
        head = _HEAD.split(key, maxsplit=1)[0]
        path = key.partition("[")[2].rpartition("]")[0]
        if head == SEAL:
            return sealed.is_whole and SEAL in sealed.manifest
        if head == "outputs":
            return path in told and new.get(key) != old.get(key)
        if not sealed.is_whole:
            return False
        if head == "inputs":
            return path in files or bool(kinds & {"model", "roster", "overrides", "option", "version", "input"})
        if head == "options":
            return "option" in kinds or (key == "options.model" and "model" in kinds)
        return bool(kinds & _OF.get(head, set()))

    keys = [*new, *(key for key in old if key not in new)]
    return tuple(
        Entry(key=key, recorded=_told(old, key), recomputed=_told(new, key), is_explained=is_explained(key))
        for key in keys
        if key not in old or key not in new or old[key] != new[key] or type(old[key]) is not type(new[key])
    )


def _told(entries: Mapping[str, object], key: str) -> object:
    """Give an entry, and of one that is there and says nothing that it does; `None` where there is none."""
    return "null" if key in entries and entries[key] is None else entries.get(key)


def _flat(node: object, key: str) -> Iterator[tuple[str, object]]:
    """Name every value; entries of lists by their path, and how many of one path there are."""
    if isinstance(node, Mapping):
        for name, value in node.items():
            yield from _flat(value, f"{key}.{name}" if key else str(name))
    elif isinstance(node, list):
        seen: dict[str, int] = {}
        for number, entry in enumerate(node, 1):
            name = str(entry.get("path", number)) if isinstance(entry, Mapping) else str(number)
            seen[name] = seen.get(name, 0) + 1
            if isinstance(entry, Mapping):
                shown = {own: value for own, value in entry.items() if own != "path"}
            again = f"#{seen[name]}" if seen[name] > 1 else ""
            yield from _flat(shown if isinstance(entry, Mapping) else entry, f"{key}[{name}]{again}")
    else:
        yield key, node
