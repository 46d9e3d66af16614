"""LibreOffice for tests: recalculate a workbook as a spreadsheet program does when it opens and saves it."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest

REQUIRE_ALL = "EVALUATOR_REQUIRE_ALL"


def require_libreoffice() -> str:
    """Give the path of `soffice`; skip the test where it is missing, or fail it where everything is required."""
    found = shutil.which("soffice") or shutil.which("libreoffice")
    if found:
        return found
    if os.environ.get(REQUIRE_ALL) == "1":
        pytest.fail(f"LibreOffice (soffice) is missing and {REQUIRE_ALL}=1")
    pytest.skip("LibreOffice (soffice) is not installed")


def resave(path: Path, out_dir: Path, timeout: float = 120) -> Path:
    """Open `path` in LibreOffice, recalculate every formula and save it as .xlsx into `out_dir`; gives the new file."""
    return resave_all([path], out_dir, timeout)[0]


def resave_all(paths: Sequence[Path], out_dir: Path, timeout: float = 120) -> list[Path]:
    """Do with many files, of different names, what `resave` does with one, in one process; gives the new files."""
    soffice = require_libreoffice()
    out_dir.mkdir(parents=True, exist_ok=True)
    if out_dir.resolve() in {path.parent.resolve() for path in paths}:
        raise ValueError("out_dir must not be the folder of the file itself")
    if len({path.stem for path in paths}) < len(paths):
        raise ValueError("files of one name would replace each other")
    with tempfile.TemporaryDirectory(prefix="libreoffice_", ignore_cleanup_errors=True) as profile:
        _always_recalculate(Path(profile))
        subprocess.run(
            [
                soffice,
                f"-env:UserInstallation={Path(profile).as_uri()}",
                "--headless",
                "--norestore",
                "--convert-to",
                "xlsx",
                "--outdir",
                str(out_dir),
                *map(str, paths),
            ],
            check=True,
            capture_output=True,
            timeout=timeout,
        )
    saved = [out_dir / f"{path.stem}.xlsx" for path in paths]
    for path in saved:
        if not path.is_file():
            raise RuntimeError(f"LibreOffice wrote no {path}")
    return saved


def _always_recalculate(profile: Path) -> None:
    """Make a profile recalculate on load: by default LibreOffice trusts the cached results of many writers."""
    settings = profile / "user" / "registrymodifications.xcu"
    settings.parent.mkdir(parents=True)
    settings.write_text(
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema">'
        '<item oor:path="/org.openoffice.Office.Calc/Formula/Load">'
        '<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item></oor:items>\n',
        encoding="utf-8",
    )
