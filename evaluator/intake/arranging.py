"""Telling which file of an earlier run each file given now is, wherever it lies and however its name is written.

Owns: matching by name and content. Opens no file.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Hashable, Iterable, Mapping, Sequence


def arranged(recorded: Mapping[str, str], given: Sequence[tuple[str, str]]) -> list[str | None]:
    r"""Give the recorded name of each file given, `None` for one that was not there.

    A file is the one of its name and content; else that of its content, the likest name first; else that of its name.
    What a folder is called on which all depend, `\\` for `/`, and the way accents are put together don't matter.

    Args:
        recorded: SHA-256 of each file by name, empty where it was not to be had.
        given: name and SHA-256 of each file.
    """
    theirs = {name: _parts(name) for name in sorted(recorded)}
    ours = [_parts(name) for name, _ in given]
    order = sorted(range(len(given)), key=lambda n: given[n])
    free = set(theirs)
    found: list[str | None] = [None] * len(given)

    def match(their_keys: Mapping[str, Hashable], our_keys: Sequence[Hashable], depth: int = 0) -> None:
        """Pair those of equal keys, `None` being no key; with a depth only where that many parts are all but one."""
        waiting: dict[Hashable, list[str]] = {}
        for name, key in their_keys.items():
            if name in free and key is not None:
                waiting.setdefault(key, []).append(name)
        for n in order:
            for name in waiting.get(our_keys[n], ()) if found[n] is None else ():
                if name in free and (not depth or depth >= _least(theirs[name], ours[n])):
                    found[n] = name
                    free.discard(name)
                    break

    match(
        {name: (parts, recorded[name]) for name, parts in theirs.items()}, list(zip(ours, _hashes(given), strict=True))
    )
    depths = range(max((len(parts) for parts in [*theirs.values(), *ours]), default=0), 0, -1)
    for depth in depths:
        match(
            {name: (_tail(parts, depth), recorded[name]) for name, parts in theirs.items() if recorded[name]},
            [(_tail(parts, depth), digest) for parts, digest in zip(ours, _hashes(given), strict=True)],
        )
    match({name: digest for name, digest in recorded.items() if digest}, _hashes(given))
    match(theirs, ours)
    for depth in depths:
        tails = {name: _tail(parts, depth) for name, parts in theirs.items()}
        match(tails, [_tail(parts, depth) for parts in ours], depth)
    return found


def is_same_place(recorded: str, given: str) -> bool:
    """Tell whether two names mean one place, below a folder that may be called otherwise."""
    theirs, ours = _parts(recorded), _parts(given)
    depth = _least(theirs, ours)
    return _tail(theirs, depth) == _tail(ours, depth)


def top_level(names: Iterable[str]) -> set[str]:
    """Leave out the names of files that are inside others: `mail.eml!form.xlsx` where `mail.eml` is one of them."""
    known = set(names)
    return {name for name in known if not any(name[:at] in known for at, c in enumerate(name) if c == "!")}


def _least(theirs: tuple[str, ...], ours: tuple[str, ...]) -> int:
    """Say how many last parts of two names must agree: all but the folder that the shorter one starts with."""
    return max(1, min(len(theirs), len(ours)) - 1)


def _hashes(given: Sequence[tuple[str, str]]) -> list[str]:
    return [digest for _, digest in given]


def _parts(name: str) -> tuple[str, ...]:
    return tuple(unicodedata.normalize("NFC", name).replace("\\", "/").split("/"))


def _tail(parts: tuple[str, ...], depth: int) -> tuple[str, ...] | None:
    """Give the last parts of a name; `None` where it has fewer."""
    return parts[len(parts) - depth :] if len(parts) >= depth else None
