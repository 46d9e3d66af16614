"""The results folder: written beside the old one and swapped in at the end.

Owns: never leaving a half-written folder where results are looked for, and never writing over something that is not
results.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from evaluator.errors import OutputError
from evaluator.reports.manifest import NAME as MANIFEST


def check_free(target: Path) -> None:
    """Make sure that results may go to a folder: it is missing, empty, or holds earlier results.

    Raises:
        OutputError: it is a file, holds something else, or nothing can be written there.
    """
    try:
        if target.exists() and not target.is_dir():
            raise OutputError("is_a_file", path=target)
        if target.is_dir() and any(target.iterdir()) and not (target / MANIFEST).is_file():
            raise OutputError("not_results", path=target)
        parent = target.resolve().parent
        parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=parent):
            pass
    except OSError as error:
        raise OutputError("not_writable", path=target, why=error.strerror or type(error).__name__) from error


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
        raise OutputError("not_writable", path=target, why=error.strerror or type(error).__name__) from error
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
    except OSError:
        old.replace(target)
        raise
    shutil.rmtree(old, ignore_errors=True)
