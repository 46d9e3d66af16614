"""Telling which file of an earlier run each file given now is, wherever it lies and however its name is written.

Owns: matching by name and content. Opens no file.
"""

from __future__ import annotations

import unicodedata
from collections import deque
from collections.abc import Container, Hashable, Iterable, Mapping, Sequence

Parts = tuple[str, ...]


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
    hashes = [digest for _, digest in given]
    order = sorted(range(len(given)), key=lambda n: given[n])
    free = set(theirs)
    found: list[str | None] = [None] * len(given)

    def match(their_keys: Iterable[Hashable], our_keys: Iterable[Hashable], longest: int = 0) -> None:
        """Pair those of equal keys, `None` being no key; given a length, only where one of both has no more parts.

        No name is tried with one file after the other: those of 10,000 institutions end in the same five words.
        """
        waiting: dict[Hashable, deque[str]] = {}
        short: dict[Hashable, deque[str]] = {}
        for name, key in zip(theirs, their_keys, strict=True):
            if key is not None and name in free:
                waiting.setdefault(key, deque()).append(name)
                if len(theirs[name]) <= longest:
                    short.setdefault(key, deque()).append(name)
        keys = list(our_keys)
        for n in order:
            if keys[n] is not None and found[n] is None:
                is_any = not longest or len(ours[n]) <= longest
                found[n] = _taken((waiting if is_any else short).get(keys[n]), free)

    match(zip(theirs.values(), (recorded[name] for name in theirs), strict=True), zip(ours, hashes, strict=True))
    depths = range(min(_most(theirs.values()), _most(ours)), 0, -1)
    for depth in depths:
        match(
            (_both(_tail(parts, depth), recorded[name]) for name, parts in theirs.items()),
            (_both(_tail(parts, depth), digest) for parts, digest in zip(ours, hashes, strict=True)),
        )
    match((recorded[name] or None for name in theirs), hashes)
    match(theirs.values(), ours)
    for depth in depths:
        match((_tail(parts, depth) for parts in theirs.values()), (_tail(parts, depth) for parts in ours), depth + 1)
    return found


def is_same_place(recorded: str, given: str) -> bool:
    """Tell whether two names mean one place, below a folder that may be called otherwise."""
    theirs, ours = _parts(recorded), _parts(given)
    depth = max(1, min(len(theirs), len(ours)) - 1)  # all but the folder that the shorter one starts with
    return _tail(theirs, depth) == _tail(ours, depth)


def top_level(names: Iterable[str]) -> set[str]:
    """Leave out the names of files that are inside others: `mail.eml!form.xlsx` where `mail.eml` is one of them."""
    known = set(names)
    return {name for name in known if not around(name, known)}


def around(name: str, known: Container[str]) -> list[str]:
    """List those of the known files that a file is inside of by its name, the outermost first."""
    return [name[:at] for at, c in enumerate(name) if c == "!" and name[:at] in known]


def _taken(waiting: deque[str] | None, free: set[str]) -> str | None:
    """Take the first name that is still free, and drop those before it."""
    while waiting:
        name = waiting.popleft()
        if name in free:
            free.discard(name)
            return name
    return None


def _most(names: Iterable[Parts]) -> int:
    return max(map(len, names), default=0)


def _both(tail: Parts | None, digest: str) -> tuple[Parts, str] | None:
    return (tail, digest) if tail and digest else None


def _parts(name: str) -> Parts:
    return tuple(unicodedata.normalize("NFC", name).replace("\\", "/").split("/"))


def _tail(parts: Parts, depth: int) -> Parts | None:
    """Give the last parts of a name; `None` where it has fewer."""
    return parts[len(parts) - depth :] if len(parts) >= depth else None
