"""How much a returned file may be, and how long reading it may take: the one place for the numbers.

Owns: every limit of the intake, its default, and reading other values from a TOML file. The defaults come from some
thousands of real workbooks: a questionnaire as written has about 40 KB, unpacked 0.1 MB; a return with a few thousand
characters a cell stays under 1 MB. They lie far above that and far below what would trouble the machine.
Knows nothing of how the limits are held.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path

from evaluator.errors import InputError, reason_of
from evaluator.tomlfaults import fault_of, table_of
from evaluator.wording.printing import shortened, shown

MEBI = 1024 * 1024
GIBI = 1024 * MEBI


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """What the intake refuses to go beyond; all are whole numbers above zero."""

    file: int = 20 * MEBI
    """Bytes of a returned file."""
    entries: int = 1_000
    """Entries of a workbook's archive."""
    entry: int = 48 * MEBI
    """Bytes of one entry, unpacked."""
    unpacked: int = 96 * MEBI
    """Bytes of all entries of a workbook together, unpacked."""
    ratio: int = 100
    """Unpacked to packed bytes of an entry that has more than `ratio_from` bytes unpacked."""
    ratio_from: int = 4 * MEBI
    """Bytes up to which an entry may be packed as tightly as it likes."""
    token: int = MEBI
    """Bytes of one tag, comment, marked section or processing instruction of an XML part."""
    depth: int = 100_000
    """Elements of an XML part inside one another."""
    sheets: int = 256
    """Sheets of a workbook."""
    shared_texts: int = 1_000_000
    """Shared texts of a workbook, both as claimed and as counted."""
    texts: int = 256 * MEBI
    """Characters of all cells' texts together, a shared text counted for each cell that shows it."""
    rows: int = 5_000
    """Rows of all questionnaire tables of a workbook; all five domains have 159."""
    merges: int = 20_000
    """Merged ranges of a sheet."""
    parsed_cells: int = 1_000_000
    """Cells, empty ones included, of a sheet whose XML is not plain enough for the quick reader."""
    box: int = 4_000_000
    """Cells of the boxes around the sheets' non-empty cells, all wanted sheets together."""
    far_box: int = 64 * 1_048_576
    """Cells the boxes may have where few cells are in them, as when one stray cell stands far below the table: the
    rows, each up to its last non-empty cell, must not come to more than `box`."""
    seconds: int = 30
    """Seconds that reading one file may take."""
    memory: int = GIBI
    """Bytes of address space of a process that reads files, where the system can hold it to that."""
    container_file: int = 2 * GIBI
    """Bytes of a `.zip`, `.mbox`, `.eml` or `.msg` with returned files in it."""
    container_entries: int = 100_000
    """Entries of such an archive, or messages of a mailbox."""
    container_unpacked: int = 8 * GIBI
    """Bytes of all files in a container together, unpacked."""
    container_depth: int = 2
    """Containers inside one another: 2 is an archive in an archive, or in a mail."""
    container_seconds: int = 900
    """Seconds that taking the files out of one container may take."""
    office_memory: int = 2 * GIBI
    """Bytes of address space of LibreOffice while it converts files, where the system can hold it to that."""
    office_cells: int = 1_000_000
    """Cells, and blanks within texts, that an `.ods` may ask for before LibreOffice is shown it, repeats counted."""
    message: int = 64 * MEBI
    """Bytes of one mail message."""
    message_parts: int = 1_000
    """Parts of one mail message."""


_MOST = 1 << 50
"""Largest value of a limit; larger ones are mistakes, and no system can hold to them."""
_SHOWN = 60
_MOST_SECONDS = 86_400
DEFAULT = Limits()
"""The limits where the operator sets no others."""


def differing(most: Limits) -> str:
    """Name the limits that are not the defaults, with their values, as `file=25000, rows=10`; empty where all are."""
    values = ((limit.name, getattr(most, limit.name)) for limit in fields(Limits))
    return ", ".join(f"{name}={value}" for name, value in values if value != getattr(DEFAULT, name))


def read_limits(path: Path) -> Limits:
    """Read limits from a TOML file of `name = number`; those it does not name keep their defaults.

    Raises:
        InputError: the file is not there or not readable, names a limit there is none of, or a value is no whole
            number above zero.
    """
    try:
        source = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InputError("bad_limits", path=path, why=reason_of(error)) from error
    except UnicodeDecodeError as error:
        raise InputError("limits_not_utf8", path=path) from error
    try:
        found = table_of(source)
    except (ValueError, RecursionError) as error:
        line, why = fault_of(error, source)
        raise InputError("limits_not_toml", path=path, line=line, why=why) from error
    known = [limit.name for limit in fields(Limits)]
    for name, value in found.items():
        if name not in known:
            raise InputError("unknown_limit", path=path, name=shortened(name, _SHOWN), known=", ".join(known))
        if type(value) is not int or not 1 <= value <= (_MOST_SECONDS if "seconds" in name else _MOST):
            raise InputError("bad_limit", path=path, name=name, value=shown(value))
    return Limits(**found)
