"""From the paths an operator names to the list of files to look at.

Owns: walking folders and naming each file the way people will see it in the results. Opens nothing.
"""

from __future__ import annotations

import os
import stat
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from evaluator.errors import InputError

_JUNK_NAMES = {"thumbs.db", "desktop.ini", ".ds_store"}
_JUNK_FOLDERS = {"__macosx", ".git"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """One input file."""

    name: str
    """Name in the results: the path from the folder the operator named on, with `/`."""
    path: Path
    is_regular: bool
    """False for links, devices and the like, which are not opened."""
    is_junk: bool
    """Whether it is a lock file or leftover of an office program or system."""


def find(paths: Sequence[Path], leave_out: Iterable[Path] = ()) -> tuple[Source, ...]:
    """List the files under the paths, folders searched recursively, sorted by name, each once.

    Args:
        paths: files and folders.
        leave_out: files and folders not to take, such as the roster and the results folder.

    Raises:
        InputError: a path is not there, or there is no file at all.
    """
    left_out = {_key(path) for path in leave_out}
    found: dict[str, tuple[Path, Path]] = {}
    for root in paths:
        if not os.path.lexists(root):
            raise InputError("no_such_path", path=root)
        for path in _files(root, left_out):
            found.setdefault(_key(path), (root, path))
    if not found:
        raise InputError("nothing_to_read", paths=", ".join(str(path) for path in paths))
    names = Counter(base.name for base in {root.resolve() for root in paths})
    return tuple(sorted((_source(root, path, names) for root, path in found.values()), key=lambda s: s.name))


def _files(root: Path, left_out: set[str]) -> Iterable[Path]:
    if _key(root) in left_out:
        return
    if not root.is_dir():
        yield root
        return
    for folder, folders, names in os.walk(root):
        here = Path(folder)
        folders[:] = sorted(
            name for name in folders if name.lower() not in _JUNK_FOLDERS and _key(here / name) not in left_out
        )
        yield from (here / name for name in sorted(names) if _key(here / name) not in left_out)


def _source(root: Path, path: Path, names: Counter[str]) -> Source:
    mode = path.lstat().st_mode
    return Source(
        name=_shown(root, path, names),
        path=path,
        is_regular=stat.S_ISREG(mode),
        is_junk=path.name.startswith(("~$", "._", ".~lock.")) or path.name.lower() in _JUNK_NAMES,
    )


def _shown(root: Path, path: Path, names: Counter[str]) -> str:
    base = root.resolve()
    inside = path.relative_to(root).as_posix() if path != root else ""
    start = base.as_posix() if names[base.name] > 1 else base.name
    name = f"{start}/{inside}" if inside else start
    return name.encode("utf-8", "backslashreplace").decode("utf-8")  # a file name need not be valid Unicode


def _key(path: Path) -> str:
    """Tell files apart by where they are, without following a last link."""
    return os.path.normcase(Path(os.path.realpath(path.parent)) / path.name)
