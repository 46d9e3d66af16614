"""Inputs that lie elsewhere: files under any address that fsspec knows, such as `s3://bucket/prefix`.

Owns: telling addresses from paths, listing what is under one, and fetching it into a folder of this machine, where they
are files like all others. Knows nothing of what is in them. The extra `evaluator[cloud]` installs what it takes.
"""

from __future__ import annotations

import errno
import re
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from evaluator.errors import InputError, OutputError, reason_of
from evaluator.intake import sources
from evaluator.intake.containers.kinds import container_of
from evaluator.intake.containers.names import is_leftover, is_leftover_folder
from evaluator.intake.sources import Source
from evaluator.limits import MEBI, Limits
from evaluator.questionnaire.opening import Unread
from evaluator.wording import filled

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

FETCHING = 8
"""Files fetched at the same time: it is waiting, mostly."""
TRIES = 3
"""Times that a file is tried, after whatever its library tries by itself."""
_PAUSE = 0.5
"""Seconds before the second try; twice as long before each one after."""
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
"""What an address starts with; one letter before the colon is a drive of Windows."""
_CONTAINERS = {".zip", ".eml", ".mbox", ".mbx", ".msg", ""}
"""Endings of files that may be as large as containers; mail programs keep folders in files without any."""


def is_url(place: str) -> bool:
    """Say whether an input is an address and not a path."""
    return _URL.match(place) is not None


@dataclass(frozen=True, kw_only=True, slots=True)
class _Remote:
    """A file elsewhere."""

    name: str
    """As in the results."""
    system: AbstractFileSystem
    place: str
    """As its file system calls it."""
    size: int | None
    """Bytes as listed; `None` where it is not told."""


def find(places: Sequence[Path | str], leave_out: Iterable[Path], folder: Path, limits: Limits) -> tuple[Source, ...]:
    """List all files under paths and addresses, as `sources.find` does; those elsewhere are fetched.

    Args:
        places: paths as `Path`, addresses as text.
        leave_out: files and folders of this machine not to take.
        folder: where to fetch to, as in `fetch`.
        limits: how large files may be.

    Raises:
        InputError: a path is not there, an address can't be read, or there is no file at all.
        OutputError: the folder can't hold the files.
    """
    paths = [place for place in places if isinstance(place, Path)]
    urls = [place for place in places if isinstance(place, str)]
    if not urls:
        return sources.find(paths, leave_out)
    here = sources.find(paths, leave_out) if paths else ()
    there = fetch(urls, folder, limits, taken={path.resolve().name for path in paths})
    if not here and not there:
        raise InputError("nothing_to_read", paths=", ".join(_whole(url) for url in urls))
    return sources.distinct(sorted([*here, *there], key=lambda one: one.name))


def fetch(urls: Sequence[str], folder: Path, limits: Limits, taken: Iterable[str] = ()) -> tuple[Source, ...]:
    """Fetch every file under some addresses, sorted by name, each once.

    A file that is larger than allowed is listed and not fetched; one that can't be had is listed with the reason.

    Args:
        urls: addresses of files, or of folders, which are searched recursively.
        folder: where to; it is made, and no other files may be in it. Files have no names of their own there.
        limits: how large files may be.
        taken: names of the folders and files that are read beside, which no address must be shown under.

    Raises:
        InputError: an address can't be read, or there is nothing under it, or its library is not installed.
        OutputError: the folder can't hold the files.
    """
    found: dict[tuple[str, str], _Remote] = {}
    roots = [(url, *_opened(url)) for url in dict.fromkeys(urls)]
    names = Counter([*(_base(url, root) for url, _, root in roots), *taken])
    for url, system, root in roots:
        start = _base(url, root)
        for one in _listed(url, system, root, _whole(url) if names[start] > 1 else start):
            found.setdefault((type(system).__name__, one.place), one)
    folder.mkdir(parents=True, exist_ok=True)
    wanted = sorted(found.values(), key=lambda one: (one.name, one.place))
    with ThreadPoolExecutor(FETCHING) as threads:
        paths = (folder / f"{number:06d}" for number in range(len(wanted)))
        return tuple(threads.map(partial(_fetched, limits), wanted, paths))


def _opened(url: str) -> tuple[AbstractFileSystem, str]:
    """Give an address's file system, and what the file system calls it."""
    try:
        from fsspec.core import url_to_fs
    except ImportError as error:
        raise InputError("cloud_not_installed", url=_whole(url), why=reason_of(error)) from error
    try:
        system, root = url_to_fs(url)
    except ImportError as error:  # fsspec says which library it takes
        raise InputError("cloud_not_installed", url=_whole(url), why=reason_of(error)) from error
    except Exception as error:  # each file system raises errors of its own
        raise InputError("url_not_read", url=_whole(url), why=reason_of(error)) from error
    return system, str(root)


def _listed(url: str, system: AbstractFileSystem, root: str, start: str) -> Iterator[_Remote]:
    try:
        found: Mapping[str, Mapping[str, Any]] = system.find(root, detail=True)
        if not found and not system.exists(root):
            raise InputError("no_such_path", path=_whole(url))
    except FileNotFoundError as error:
        raise InputError("no_such_path", path=_whole(url)) from error
    except InputError:
        raise
    except Exception as error:  # each file system raises errors of its own
        raise InputError("url_not_read", url=_whole(url), why=reason_of(error)) from error
    for place, facts in found.items():
        inside = PurePosixPath(_path(place.removeprefix(root.rstrip("/"))).lstrip("/"))
        if place.endswith("/") or any(is_leftover_folder(part) for part in inside.parts[:-1]):
            continue  # some stores keep folders as empty files
        size = facts.get("size")
        name = f"{start}/{inside}" if inside.parts else start
        yield _Remote(name=name, system=system, place=place, size=size if isinstance(size, int) else None)


def _fetched(limits: Limits, one: _Remote, path: Path) -> Source:
    name = PurePosixPath(one.name)
    is_junk = is_leftover(name.name)
    limit = limits.container_file if name.suffix.lower() in _CONTAINERS else limits.file
    fault = _too_large(one.size, limit) if one.size is not None and one.size > limit else _copied(one, path)
    return Source(
        name=one.name,
        path=path,
        is_regular=not fault,
        is_junk=is_junk,
        container="" if fault or is_junk else container_of(one.name, path),
        fault=None if is_junk else fault,
    )


def _copied(one: _Remote, path: Path) -> Unread | None:
    """Copy a file here; says why that could not be done."""
    failure = Exception()
    for number in range(TRIES):
        if number:
            time.sleep(_PAUSE * 2 ** (number - 1))
        try:
            one.system.get_file(one.place, str(path))
        except Exception as error:  # each file system raises errors of its own
            if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise OutputError("not_writable", path=path.parent, why=reason_of(error)) from error
            failure = error
            if isinstance(error, FileNotFoundError | PermissionError):
                break
        else:
            return None
    path.unlink(missing_ok=True)
    return Unread(code="file.unreadable", params={"why": filled("intake.not_fetched", detail=reason_of(failure))})


def _too_large(size: int, limit: int) -> Unread:
    return Unread(code="file.too_large", params={"size": f"{size / MEBI:.1f}", "limit": f"{limit / MEBI:g}"})


def _base(url: str, root: str) -> str:
    """Name what an address leads to as folders and files are named: by the last part of its path."""
    return PurePosixPath(_path(root)).name or urlsplit(url).scheme


def _path(place: str) -> str:
    """Give a place without what follows a file's name in web addresses; elsewhere names may have question marks."""
    return urlsplit(place).path if place.startswith(("http://", "https://")) else place


def _whole(url: str) -> str:
    """Give an address as it may be shown: without passwords and keys that may be in it."""
    start, _, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    shown = f"{start}://{host.rpartition('@')[2]}{slash}{path.rstrip('/')}"
    return shown.partition("?")[0] if start.startswith("http") else shown
