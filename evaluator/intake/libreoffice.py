"""Starting LibreOffice so that a hostile file gets nothing out of it.

Owns: finding the program, a profile of its own for each start that runs no macros and follows no links, a time and a
memory limit, and an end to every process it started. Knows nothing of what is in the files.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import escape

from evaluator.errors import InputError
from evaluator.wording import Text, filled, text

ENVIRONMENT = "EVALUATOR_SOFFICE"
"""Environment variable that names LibreOffice's program; empty: don't use LibreOffice."""

_TARGET = "xlsx:Calc MS Excel 2007 XML"
_ORDERLY = (0, 1)
"""Exit codes of LibreOffice when it came to its end, whatever it could convert."""
_TICK = 0.05

_SCRIPTING = "/org.openoffice.Office.Common/Security/Scripting"
_LOAD = "/org.openoffice.Office.Calc/Formula/Load"
_INTERNET = "/org.openoffice.Inet/Settings"
_LOCALE = "/org.openoffice.Setup/L10N"
_NOBODY, _DISCARD = "127.0.0.1", "9"
_SETTINGS = (
    (_SCRIPTING, "MacroSecurityLevel", "3"),  # very high
    (_SCRIPTING, "DisableMacrosExecution", "true"),
    (_SCRIPTING, "BlockUntrustedRefererLinks", "true"),
    (_SCRIPTING, "DisableActiveContent", "true"),  # known to newer versions only
    ("/org.openoffice.Office.Calc/Content/Update", "Link", "1"),  # never
    (_LOAD, "OOXMLRecalcMode", "1"),  # never
    (_LOAD, "ODFRecalcMode", "1"),  # never
    ("/org.openoffice.Office.Java/VirtualMachine", "Enable", "false"),
    (_LOCALE, "ooLocale", "en-US"),
    (_LOCALE, "ooSetupSystemLocale", "en-US"),  # what comes out must not hang on the operator's system
    # Linked pictures and objects are fetched whatever the above says, so the way out leads nowhere.
    (_INTERNET, "ooInetProxyType", "2"),
    (_INTERNET, "ooInetNoProxy", ""),
    *((_INTERNET, f"ooInet{scheme}ProxyName", _NOBODY) for scheme in ("HTTP", "HTTPS", "FTP")),
    *((_INTERNET, f"ooInet{scheme}ProxyPort", _DISCARD) for scheme in ("HTTP", "HTTPS", "FTP")),
)
"""Path, name and value of the settings of the profile."""
_CONFINED = (
    "import os, resource, sys; "
    "most = int(sys.argv[1]); hard = resource.getrlimit(resource.RLIMIT_AS)[1]; "
    "most = most if hard < 0 else min(most, hard); "
    "resource.setrlimit(resource.RLIMIT_AS, (most, most)); "
    "resource.setrlimit(resource.RLIMIT_CORE, (0, 0)); "
    "os.execv(sys.argv[2], sys.argv[2:])"
)
"""Program that takes a memory limit upon itself and becomes LibreOffice; to do so between fork and exec is not safe."""


def office() -> Path | None:
    """Find LibreOffice's program; `None` where there is none or it is not to be used.

    Raises:
        InputError: the environment names a program that is not there.
    """
    named = os.environ.get(ENVIRONMENT)
    if named is not None:
        path = Path(named)
        if named and not path.is_file():
            raise InputError("no_such_path", path=path)
        return path if named else None
    for name in ("soffice", "libreoffice"):
        found = shutil.which(name)
        if found and Path(found).is_absolute():  # never from the working folder, where returned files may lie
            return Path(found)
    return next((path for path in _usual_places() if path.is_file()), None)


def start(
    soffice: Path, filter_name: str, inputs: Sequence[Path], made: Path, seconds: float, memory: int
) -> Text | None:
    """Have LibreOffice convert some files, in order, in one start.

    Args:
        soffice: its program.
        filter_name: its import filter, named so that it never takes a file for something else.
        inputs: files with harmless names, in a folder that may be written to.
        made: folder for the workbooks, one for each input it could convert, with its name and `.xlsx`.
        seconds: time for one file, and again for the start.
        memory: bytes of address space, where the system can hold it to that.

    Returns:
        What befell it, and some files may not have had their turn; `None` where it came to its end.
    """
    with tempfile.TemporaryDirectory(prefix="profile_", dir=inputs[0].parent, ignore_cleanup_errors=True) as profile:
        _write_settings(Path(profile))
        process = _begun(
            [
                str(soffice),
                f"-env:UserInstallation={Path(profile).resolve().as_uri()}",
                "--headless",
                "--norestore",
                "--nolockcheck",
                "--nologo",
                f"--infilter={filter_name}",
                "--convert-to",
                _TARGET,
                "--outdir",
                str(made.resolve()),
                *(str(path.resolve()) for path in inputs),
            ],
            memory,
        )
        try:
            in_time = _watched(process, [made / f"{path.stem}.xlsx" for path in inputs], seconds)
        finally:
            _end(process)
    if not in_time:
        return filled("intake.conversion.time", seconds=f"{seconds:g}")
    return None if process.returncode in _ORDERLY else text("intake.conversion.ended")


def _begun(command: Sequence[str], memory: int) -> subprocess.Popen[bytes]:
    if sys.platform == "win32":
        return subprocess.Popen(  # noqa: S603 - the installed program, with numbered names
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            creationflags=subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP,
        )
    if sys.platform == "linux":
        command = [sys.executable, "-I", "-S", "-c", _CONFINED, str(memory), *command]
    return subprocess.Popen(  # noqa: S603 - the installed program, with numbered names
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _watched(process: subprocess.Popen[bytes], outputs: Sequence[Path], seconds: float) -> bool:
    """Wait for a process as long as it goes on from file to file; tells whether it ended by itself."""
    left = list(outputs)
    deadline = time.monotonic() + 2 * seconds
    while process.poll() is None:
        before, left = len(left), [path for path in left if not path.exists()]
        if len(left) < before:
            deadline = time.monotonic() + seconds
        if time.monotonic() > deadline:
            return False
        time.sleep(_TICK)
    return True


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process and all it started, whether or not it has ended itself."""
    if sys.platform == "win32":
        subprocess.run(  # noqa: S603 - a program of the system
            [str(Path(os.environ["SYSTEMROOT"]) / "System32" / "taskkill.exe"), "/F", "/T", "/PID", str(process.pid)],
            capture_output=True,
            check=False,
        )
    else:
        # It leads a group of its own. Where none is left of it, some systems deny permission instead of saying so.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _write_settings(profile: Path) -> None:
    items = "".join(
        f'<item oor:path="{path}"><prop oor:name="{name}" oor:op="fuse"><value>{escape(value)}</value></prop></item>'
        for path, name, value in _SETTINGS
    )
    settings = profile / "user" / "registrymodifications.xcu"
    settings.parent.mkdir(parents=True)
    settings.write_text(
        '<?xml version="1.0" encoding="UTF-8"?>\n<oor:items xmlns:oor="http://openoffice.org/2001/registry" '
        f'xmlns:xs="http://www.w3.org/2001/XMLSchema">{items}</oor:items>\n',
        encoding="utf-8",
    )


def _usual_places() -> list[Path]:
    """List where LibreOffice's installers put its program."""
    if sys.platform == "win32":
        roots = [os.environ.get(name) for name in ("ProgramW6432", "ProgramFiles", "ProgramFiles(x86)")]
        return [Path(root) / "LibreOffice" / "program" / "soffice.com" for root in roots if root]
    if sys.platform == "darwin":
        inside = Path("Applications") / "LibreOffice.app" / "Contents" / "MacOS" / "soffice"
        return [Path("/") / inside, Path.home() / inside]
    installed = sorted(Path("/opt").glob("libreoffice*/program/soffice"), reverse=True)
    return [Path("/usr/lib/libreoffice/program/soffice"), *installed, Path("/snap/bin/libreoffice")]
