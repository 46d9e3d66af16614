"""Workbooks that a command writes where the operator says, over an earlier one of its own and nothing else.

Owns: telling such a workbook by the title in its properties, in either language. Knows nothing of what is in it.
"""

from __future__ import annotations

import re
import zipfile
from html import unescape
from pathlib import Path

from evaluator.errors import OutputError, reason_of
from evaluator.reports.folder import check_no_results
from evaluator.wording import LANGS, say

_TITLE = re.compile(r"<dc:title>([^<]*)</dc:title>")
_MOST_PROPERTIES = 1 << 16


def is_own(path: Path, title: str) -> bool:
    """Tell whether a file is a workbook with the title that stands under the key `title` in the catalogues."""
    titles = {say(title, lang) for lang in LANGS}
    try:
        with zipfile.ZipFile(path) as archive, archive.open("docProps/core.xml") as part:
            found = _TITLE.search(part.read(_MOST_PROPERTIES).decode("utf-8", "replace"))
    except (OSError, KeyError, zipfile.BadZipFile, RuntimeError, NotImplementedError):
        return False
    return found is not None and unescape(found[1]) in titles


def check_replaceable(path: Path, title: str) -> None:
    """Make sure that the name is a workbook's, and that nothing is there, or an earlier one.

    Args:
        path: where a workbook is to go.
        title: key of its title in the catalogues.

    Raises:
        OutputError: something else is there, the name is no workbook's, or it lies in a results folder.
    """
    check_no_results(path)
    if path.is_dir():
        raise OutputError("is_a_folder", path=path)
    if path.suffix.lower() != ".xlsx":
        raise OutputError("not_xlsx", path=path)
    if path.exists() and not is_own(path, title):
        raise OutputError("not_ours", path=path)


def check_own(path: Path, title: str) -> None:
    """Make sure that a workbook may go to a path, as `check_replaceable` does; makes the folder it goes to.

    Raises:
        OutputError: `check_replaceable` says so, or nothing can be written there.
    """
    check_replaceable(path, title)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError("not_writable", path=path, why=reason_of(error)) from error
