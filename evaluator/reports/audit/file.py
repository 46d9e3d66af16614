"""Where the on-site sample's workbook may go: never into results, never over anything but an earlier sample.

Owns: these refusals, and putting the file in place whole.
"""

from __future__ import annotations

import os
import tempfile
from io import BytesIO
from pathlib import Path

from evaluator.errors import OutputError, reason_of
from evaluator.reports.audit.record import AuditSample
from evaluator.reports.audit.workbook import TITLE, write_audit
from evaluator.reports.folder import check_outside
from evaluator.reports.own_workbook import check_replaceable
from evaluator.wording import Lang


def check_place(results: Path, out: Path) -> None:
    """Make sure that a sample may go to a path: a workbook's name outside the results, where no other file is.

    Args:
        results: the results folder.
        out: the path.

    Raises:
        OutputError: it may not.
    """
    check_outside(results, out)
    check_replaceable(out, TITLE)


def write_file(out: Path, sample: AuditSample, lang: Lang, *, force: bool) -> bool:
    """Write the workbook; gives False where this very file is there already and nothing had to be done.

    Args:
        out: the file.
        sample: the sample.
        lang: language of all texts.
        force: whether to write over another sample, or one that assessors have begun to fill in.

    Raises:
        OutputError: another sample is there and `force` is not given, or a file that is no sample whether it is or
            not; or the place can't be written.
    """
    check_replaceable(out, TITLE)
    stream = BytesIO()
    write_audit(stream, sample, lang)
    content = stream.getvalue()
    try:
        if out.exists():
            if out.read_bytes() == content:
                return False
            if not force:
                raise OutputError("sample_exists", path=out)
        out.parent.mkdir(parents=True, exist_ok=True)
        _put(out, content)
    except OSError as error:
        raise OutputError("not_writable", path=out, why=reason_of(error)) from error
    return True


def _put(out: Path, content: bytes) -> None:
    """Write beside the place and swap in, so that a file that is there stays whole until the new one is."""
    handle, name = tempfile.mkstemp(prefix=f".{out.stem}.", suffix=".part", dir=out.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        Path(name).chmod(0o644)
        Path(name).replace(out)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
