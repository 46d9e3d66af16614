"""Opening a workbook for reading without being harmed by it.

Owns: the raw scan before the fast reader, what may be asked of that reader, and turning every way it can fail into a
value. Knows nothing of what the sheets hold.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from python_calamine import CalamineError, CalamineWorkbook

from evaluator.questionnaire import rawcells
from evaluator.wording import filled

Value = int | float | str | bool | time | date | datetime | timedelta
Rows = Sequence[Sequence[Value]]

MAX_TEXTS = 256 * 1024 * 1024
"""Most bytes that the cells' texts may come to if each cell that refers to a shared text had the longest of them."""
MAX_BOX = 4_000_000
"""Most cells the boxes around the sheets' non-empty cells may have together; the reader allocates all of them."""
_BROKEN = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    LookupError,
    ValueError,
    SyntaxError,
    NotImplementedError,
    OSError,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Unread:
    """Why a workbook could not be read."""

    code: str
    """Finding code, `file.*` or `form.*`."""
    params: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Opened:
    """A workbook's cells as the fast reader gives them, with what only the raw scan can tell."""

    sheets: Mapping[str, Rows]
    """Cells by sheet, from A1 on; sheets in the workbook's order."""
    scans: Mapping[str, rawcells.Scan]
    parts: tuple[str, ...]
    """Names of the archive's entries."""


def open_sheets(data: bytes, wanted: Callable[[str], bool] = lambda name: True) -> Opened | Unread:
    """Read the sheets whose names are wanted.

    Args:
        data: the whole file, an Open XML workbook that has passed the intake's guards.
        wanted: says of a sheet's name whether to read it.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = rawcells.sheet_parts(archive)
            scans = {name: rawcells.scan(archive.read(part)) for name, part in parts.items() if wanted(name)}
            longest, claimed = rawcells.shared_texts(archive)
            names = tuple(archive.namelist())
    except _BROKEN as error:
        return _damaged(error)
    boxes = {name: found.rows * found.columns for name, found in scans.items()}
    if sum(boxes.values()) > MAX_BOX:
        worst = max(boxes, key=lambda name: boxes[name])
        return Unread(code="file.bomb", params={"why": f"{worst}: {scans[worst].rows} x {scans[worst].columns}"})
    if claimed or longest * sum(found.texts for found in scans.values()) > MAX_TEXTS:
        return Unread(code="file.bomb", params={"why": f"{claimed or longest} shared texts"})
    try:
        return Opened(sheets=_cells(data, scans), scans=scans, parts=names)
    except (CalamineError, ValueError, OSError) as error:
        return _damaged(error)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:
        if isinstance(error, MemoryError) or type(error).__name__ == "PanicException":
            return Unread(code="file.crashed_reader", params={"why": _why(error)})
        raise


def _cells(data: bytes, scans: Mapping[str, rawcells.Scan]) -> dict[str, Rows]:
    workbook = CalamineWorkbook.from_filelike(io.BytesIO(data))
    return {
        name: workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
        for name in workbook.sheet_names
        if name in scans
    }


def _damaged(error: Exception) -> Unread:
    return Unread(code="file.unreadable", params={"why": filled("terms.damaged", detail=_why(error))})


def _why(error: BaseException) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())[:200]
