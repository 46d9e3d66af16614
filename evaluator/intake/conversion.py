"""Making .xlsx workbooks of .xls and .ods files, by LibreOffice where it is installed.

Owns: what of a file LibreOffice is shown, under which name, and that a file it can't cope with costs only itself. What
comes out goes through the same guards and reader as any other workbook. Knows nothing of how LibreOffice is run.
"""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from evaluator import limits
from evaluator.intake import libreoffice, opendocument
from evaluator.limits import Limits
from evaluator.questionnaire.opening import Unread, not_had
from evaluator.wording import Text, filled, text

BATCH = 50
"""Files for one start of LibreOffice; a start costs as much as eight files."""
CONVERTED = "file.converted"
"""Finding code that says a file was converted; its `kind` is `text("intake.kind.xls")` or that of `ods`."""

WHY = "unconverted"
"""Parameter of the finding on a file that was not converted: why it was not, a `Text`."""
_FILTERS = {"xls": "MS Excel 97", "ods": "calc8"}
"""LibreOffice's import filter by kind of file."""


def convert(files: Mapping[Path, str], folder: Path, most: Limits = limits.DEFAULT) -> Mapping[Path, Path | Unread]:
    """Convert .xls and .ods files, many in one start of LibreOffice.

    Args:
        files: files with the kind the guards took them for, `xls` or `ods`.
        folder: where the workbooks go, in a new folder there; made where it is missing.
        most: what an .ods may unpack to, and the time for one file.

    Returns:
        For each file its workbook, or why there is none.

    Raises:
        InputError: the environment names a LibreOffice that is not there.
        OSError: the folder can't be written to.
    """
    soffice = libreoffice.office()
    if soffice is None:
        return {path: _unconverted(kind, text("intake.conversion.missing")) for path, kind in files.items()}
    folder.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix="converted_", dir=folder))
    results: dict[Path, Path | Unread] = {}
    for kind in sorted(set(files.values())):
        own = [path for path in files if files[path] == kind]
        for start in range(0, len(own), BATCH):
            names = {f"{kind}{start + n:06}.{kind}": path for n, path in enumerate(own[start : start + BATCH])}
            with tempfile.TemporaryDirectory(prefix="office_", dir=folder, ignore_cleanup_errors=True) as place:
                copied = {name: _copied(path, kind, Path(place) / name, most) for name, path in names.items()}
                inputs = [Path(place) / name for name, fault in copied.items() if fault is None]
                reasons = _all_of(soffice, kind, inputs, made, most)
            for name, path in names.items():
                workbook = (made / name).with_suffix(".xlsx")
                why = reasons.get(name)
                results[path] = copied[name] or (_unconverted(kind, why) if why else workbook)
    return results


def _copied(path: Path, kind: str, target: Path, most: Limits) -> Unread | None:
    """Copy what LibreOffice needs of a file, or say why it can't have it."""
    try:
        data = path.read_bytes()
    except OSError as error:
        return not_had(error)
    allowed = opendocument.reduced(data, most) if kind == "ods" else data
    if isinstance(allowed, Unread):
        return allowed
    target.write_bytes(allowed)
    return None


def _all_of(soffice: Path, kind: str, inputs: Sequence[Path], made: Path, most: Limits) -> dict[str, Text]:
    """Convert files of one kind; gives the reason for each that was not, by its name.

    One that LibreOffice hangs on or dies of takes those after it along. So the first that is missing is tried alone,
    then the rest together again, until all have had their turn.
    """
    reasons: dict[str, Text] = {}
    left = list(inputs)
    suspect: list[Path] = []
    while left:
        turn = suspect or left
        befell = libreoffice.start(soffice, _FILTERS[kind], turn, made, most.seconds, most.office_memory)
        missing = [path for path in turn if not zipfile.is_zipfile((made / path.name).with_suffix(".xlsx"))]
        if befell and missing and len(turn) > 1:
            suspect = missing[:1]
            left = missing
            continue
        reasons |= {path.name: befell or text("intake.conversion.refused") for path in missing}
        left = [path for path in left if path not in turn]
        suspect = []
    return reasons


def _unconverted(kind: str, why: Text) -> Unread:
    named = filled("intake.conversion.unconverted", kind=text(f"intake.kind.{kind}"), why=why)
    return Unread(code="file.not_a_workbook", kind=kind, params={"kind": named, WHY: why})
