"""The results folder: written beside the old one and swapped in at the end.

Owns: never leaving a half-written folder where results are looked for, and never writing over something that is not
results as a run wrote them, nor into a finished folder.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from evaluator.errors import OutputError, reason_of
from evaluator.findings import joined
from evaluator.intake.containers.names import is_leftover
from evaluator.intake.earlier import MANIFEST, outputs_of, results_around
from evaluator.intake.reading import file_hash


def check_outside(results: Path, out: Path) -> None:
    """Make sure that something made of results does not go into their folder, which stays as the run wrote it.

    Args:
        results: the results folder.
        out: the file or folder to write.

    Raises:
        OutputError: it lies inside, or is the folder itself.
    """
    if out.resolve().is_relative_to(results.resolve()):
        raise OutputError("inside_results", path=results, out=out)


def check_no_results(out: Path) -> None:
    """Make sure that a file or folder to write does not go into any results folder, where it would break the seal.

    Raises:
        OutputError: it does.
    """
    results = results_around(out)
    if results is not None:
        raise OutputError("inside_results", path=results, out=out)


def check_free(target: Path) -> None:
    """Make sure that results may go to a folder: it is missing, empty, or holds earlier results and nothing else.

    Raises:
        OutputError: it is a file, holds something else or results that were changed, lies in other results, or
            nothing can be written there.
    """
    try:
        if target.exists() and not target.is_dir():
            raise OutputError("is_a_file", path=target)
        if target.is_dir() and any(target.iterdir()):
            _check_ours(target)
        parent = target.resolve().parent
        if (results := results_around(parent)) is not None:
            raise OutputError("inside_results", path=results, out=target)
        parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=parent):
            pass
    except OSError as error:
        raise OutputError("not_writable", path=target, why=reason_of(error)) from error


def _check_ours(target: Path) -> None:
    """Make sure that a folder holds results of an earlier run, and nothing that would be lost with them.

    A file of a run that was changed since holds somebody's work too: notes in a ranking, a report written anew. What
    programs and systems leave behind is nobody's.
    """
    written = outputs_of(target)
    if written is None:
        raise OutputError("not_results", path=target)
    names = {path: path.relative_to(target).as_posix() for path in target.rglob("*") if not path.is_dir()}
    there = {path: name for path, name in names.items() if not is_leftover(path.name)}
    foreign = sorted(name for name in there.values() if name not in written)
    if foreign:
        raise OutputError("foreign_files", path=target, names=joined(foreign, limit=5))
    changed = sorted(name for path, name in there.items() if name != MANIFEST and not _is_as(path, written[name]))
    if changed:
        raise OutputError("changed_results", path=target, names=joined(changed, limit=5))


def _is_as(path: Path, digest: str) -> bool:
    return path.is_file() and file_hash(path) == digest


@contextmanager
def replaced(target: Path) -> Iterator[Path]:
    """Give a fresh folder to write into, which takes the target's place when the block ends well.

    Stopped or failing inside, the target stays as it was.

    Raises:
        OutputError: the target can't be written or replaced.
    """
    check_free(target)
    target = target.resolve()
    fresh = Path(tempfile.mkdtemp(prefix=f".{target.name}.new-", dir=target.parent))
    try:
        fresh.chmod(0o755)
        yield fresh
        _swap(fresh, target)
    except OSError as error:
        raise OutputError("not_writable", path=target, why=reason_of(error)) from error
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _swap(fresh: Path, target: Path) -> None:
    if not target.exists():
        fresh.replace(target)
        return
    old = Path(tempfile.mkdtemp(prefix=f".{target.name}.old-", dir=target.parent))
    old.rmdir()
    target.replace(old)
    try:
        fresh.replace(target)
    except BaseException:  # also when the run is stopped just here
        if not target.exists():
            old.replace(target)
        raise
    shutil.rmtree(old, ignore_errors=True)
