"""From the paths an operator names to the list of files to look at.

Owns: walking folders, naming each file the way people will see it in the results, and saying which files are
containers. Reads no more of a file than that takes, and nothing of one called a workbook.
"""

from __future__ import annotations

import os
import stat
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from evaluator.errors import InputError
from evaluator.intake import earlier
from evaluator.intake.containers.kinds import container_of
from evaluator.intake.containers.names import is_leftover, is_leftover_folder, numbered
from evaluator.questionnaire.opening import Unread, not_had

_MOUNT_POINT = 0xA0000003
"""What Windows marks a folder with that is a junction, which is a link in all but name."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """One input file, or one member of a container."""

    name: str
    """Name in the results: the path from the folder the operator named on, with `/`; in containers, the container's
    name, `!`, and the path inside it."""
    path: Path
    is_regular: bool
    """False for links, devices and the like, and for members that were not taken out; those are not opened."""
    is_junk: bool
    """Whether it is a lock file or leftover of an office program or system, an output of an earlier run, or no file
    that was meant to be sent."""
    container: str = ""
    """Kind of container it is, of `containers.kinds.KINDS`; empty where it is none."""
    fault: Unread | None = None
    """Why it can't be read, where that is known already."""
    arrived: str = ""
    """When it arrived, in UTC (`2026-03-31T08:15:00Z`): a mail's time; empty where that is not known. The times of
    files tell nothing."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Seen:
    """A file met while walking, or a folder that is not walked."""

    root: Path
    path: Path
    error: OSError | None = None
    """Why it could not be looked at."""


def find(paths: Sequence[Path], leave_out: Iterable[Path] = ()) -> tuple[Source, ...]:
    """List the files under the paths, folders searched recursively, sorted by name, each once.

    Folders that can't be read, or are reached by a link, are listed like files: what is in them is not.

    Args:
        paths: files and folders.
        leave_out: files and folders not to take, such as the roster and the results folder.

    Raises:
        InputError: a path is not there, or there is no file at all.
    """
    key = _keys()
    left_out = {key(path) for path in leave_out}
    found: dict[str, _Seen] = {}
    for root in paths:
        if not os.path.lexists(root):
            raise InputError("no_such_path", path=root)
        for seen in _files(root, left_out, key):
            found.setdefault(key(seen.path), seen)
    if not found:
        raise InputError("nothing_to_read", paths=", ".join(str(path) for path in paths))
    is_output = earlier.spotter()
    bases = {root: root.resolve() for root in paths}
    names = Counter(base.name for base in set(bases.values()))
    starts = {root: base.as_posix() if names[base.name] > 1 else base.name for root, base in bases.items()}
    return distinct(
        sorted(
            (_source(seen, starts[seen.root], is_output) for seen in found.values()),
            key=lambda s: (s.name, str(s.path)),
        )
    )


def _files(root: Path, left_out: set[str], key: Callable[[Path], str]) -> Iterator[_Seen]:
    if key(root) in left_out:
        return
    if not root.is_dir():
        yield _Seen(root=root, path=root)
        return
    errors: list[OSError] = []
    for folder, folders, names in os.walk(root, onerror=errors.append):
        here = Path(folder)
        walked = []
        for name in sorted(folders):
            if is_leftover_folder(name) or key(here / name) in left_out:
                continue
            if _is_link(here / name):
                yield _Seen(root=root, path=here / name)
            else:
                walked.append(name)
        folders[:] = walked
        yield from (_Seen(root=root, path=here / name) for name in names if key(here / name) not in left_out)
    yield from (_Seen(root=root, path=Path(error.filename or root), error=error) for error in errors)


def _is_link(folder: Path) -> bool:
    try:
        found = folder.lstat()
    except OSError:
        return False  # walking it will say why
    return stat.S_ISLNK(found.st_mode) or getattr(found, "st_reparse_tag", 0) == _MOUNT_POINT


def _source(seen: _Seen, start: str, is_output: Callable[[Path], bool]) -> Source:
    error, is_regular = seen.error, False
    try:
        is_regular = error is None and stat.S_ISREG(seen.path.lstat().st_mode)
    except OSError as gone:
        error = gone
    is_junk = is_leftover(seen.path.name) or (is_regular and is_output(seen.path))
    return Source(
        name=_shown(seen.root, seen.path, start),
        path=seen.path,
        is_regular=is_regular,
        is_junk=is_junk,
        container=container_of(seen.path.name, seen.path) if is_regular and not is_junk else "",
        fault=not_had(error) if error else None,
    )


def _shown(root: Path, path: Path, start: str) -> str:
    inside = path.relative_to(root).as_posix() if path != root else ""
    name = f"{start}/{inside}" if inside else start
    return name.encode("utf-8", "backslashreplace").decode("utf-8")  # a file name need not be valid Unicode


def distinct(sources: Sequence[Source]) -> tuple[Source, ...]:
    """Tell names apart that would read alike: file names that are no Unicode, or look like a container's member."""
    containers = {source.name for source in sources if source.container}
    taken: set[str] = set()
    distinct = []
    for source in sources:
        name, number = source.name, 1
        while name in taken or _is_inside(name, containers):
            number += 1
            name = numbered(source.name.replace("!", "！"), number)
        taken.add(name)
        distinct.append(source if name == source.name else replace(source, name=name))
    return tuple(distinct)


def _is_inside(name: str, containers: set[str]) -> bool:
    return "!" in name and any(name[:at] in containers for at, character in enumerate(name) if character == "!")


def _keys() -> Callable[[Path], str]:
    """Give what tells files apart by where they are, without following a last link; each folder is looked at once."""
    real = cache(os.path.realpath)
    return lambda path: os.path.normcase(Path(real(path.parent), path.name))
