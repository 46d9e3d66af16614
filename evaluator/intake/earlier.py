"""Telling the files that earlier runs wrote from those that came back.

Owns: reading which files a run's manifest vouches for, and which of the files met are such. A file that no manifest
lists with its very hash is nobody's output: no return is hidden by putting a manifest beside it.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

from evaluator.limits import MEBI

MANIFEST = "manifest.json"
FORMAT = "evaluator-manifest-1"
_MOST = 256 * MEBI
"""Bytes of a manifest; a round of 100,000 institutions has half as many."""
_HASH = re.compile(r"[0-9a-f]{64}")


def outputs_of(folder: Path) -> Mapping[str, str] | None:
    """Give the files, with `/`, that a run wrote into a folder, and their hashes; `None` if no run did.

    The manifest is among them, without a hash, as it can't hold its own. No other file is: what is listed without one
    is nobody's output.
    """
    path = folder / MANIFEST
    try:
        if not path.is_file() or path.stat().st_size > _MOST:  # to read a named pipe would wait without end
            return None
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["format"] != FORMAT:
            return None
        listed = ((str(entry["path"]), str(entry["sha256"])) for entry in content["outputs"])
        return {**{name: digest for name, digest in listed if _HASH.fullmatch(digest)}, MANIFEST: ""}
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def results_around(path: Path) -> Path | None:
    """Give the innermost results folder that a path lies in, or is."""
    real = path.resolve()
    return next((folder for folder in (real, *real.parents) if outputs_of(folder) is not None), None)


def spotter() -> Callable[[Path], bool]:
    """Give what tells whether a file is an output of an earlier run; each folder is looked at once."""
    real, listed = cache(os.path.realpath), cache(outputs_of)

    @cache
    def around(folder: Path) -> tuple[tuple[Path, Mapping[str, str]], ...]:
        found = [(above, listed(above)) for above in (folder, *folder.parents)]
        return tuple((above, outputs) for above, outputs in found if outputs is not None)

    def is_output(path: Path) -> bool:
        folder = Path(real(path.parent))
        for above, outputs in around(folder):
            digest = outputs.get((folder / path.name).relative_to(above).as_posix())
            if digest is not None and digest in ("", _digest(path)):
                return True
        return False

    return is_output


def _digest(path: Path) -> str | None:
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return None
