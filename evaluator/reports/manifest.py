"""`manifest.json`: hashes of everything a run read and wrote, so that a result can be held against its inputs.

Owns: the seal's content. It has no clock and no machine's name in it: equal runs give equal seals. Its last entry is
the hash of all others, so that a change of the seal itself shows without anything to hold it against.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

from evaluator import __version__
from evaluator.assessment.rulings import digest
from evaluator.fingerprint import LIBRARIES
from evaluator.intake import earlier
from evaluator.intake.reading import file_hash
from evaluator.reports.record import Results

NAME = earlier.MANIFEST
FORMAT = earlier.FORMAT
SEAL = "seal"
"""Key of the entry that hashes all others."""


def write_manifest(folder: Path, results: Results) -> None:
    """Write the manifest of a results folder that is otherwise complete."""
    model = results.assessment.model
    content = {
        "format": FORMAT,
        "program": {"name": "evaluator", "version": __version__, "libraries": {n: version(n) for n in LIBRARIES}},
        "model": {"id": model.id, "edition": model.edition, "sha256": model.hash, **_model_files(results)},
        "options": dict(sorted(results.options.items())),
        **_roster(results),
        **_overrides(results),
        "inputs": [
            {"path": path, "role": role, "status": status, "size": int(size), "sha256": digest}
            for path, role, status, size, digest in results.files[
                ["path", "role", "status", "size", "sha256"]
            ].itertuples(index=False, name=None)
        ],
        "outputs": [
            {"path": path.relative_to(folder).as_posix(), "size": path.stat().st_size, "sha256": file_hash(path)}
            for path in sorted(folder.rglob("*"), key=lambda path: path.relative_to(folder).as_posix())
            if path.is_file() and path.name != NAME
        ],
    }
    text = rendered({**content, SEAL: seal_of(content)})
    (folder / NAME).write_text(text, encoding="utf-8", newline="\n")


def rendered(content: Mapping[str, object]) -> str:
    """Write a manifest's content the one way it is written."""
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def seal_of(content: Mapping[str, object]) -> str:
    """Hash a manifest's content but for its seal."""
    kept = {key: value for key, value in content.items() if key != SEAL}
    return hashlib.sha256(rendered(kept).encode("utf-8", "surrogatepass")).hexdigest()


def _model_files(results: Results) -> dict[str, object]:
    listed = [{"path": f.name, "sha256": f.sha256, "text_sha256": f.text_sha256} for f in results.model_files]
    return {"files": listed} if listed else {}


def _roster(results: Results) -> dict[str, object]:
    found = results.files.loc[results.files["role"].eq("roster"), ["path", "size", "sha256"]]
    if found.empty:
        return {}
    path, size, digest = found.iloc[0].tolist()
    return {"roster": {"path": path, "size": int(size), "sha256": digest}}


def _overrides(results: Results) -> dict[str, object]:
    """Say what persons decided of a round's returns: how many there are, and their hash."""
    if results.decisions is None:
        return {}
    return {"overrides": {"count": len(results.decisions), "sha256": digest(results.decisions)}}


def sealed_hash(folder: Path, name: str) -> str | None:
    """Give the hash of an output as the manifest has it.

    Gives:
        64 hex digits; empty where the manifest is not as it was written or does not name the output; `None` where there
        is no manifest.
    """
    path = folder / NAME
    try:
        if path.exists() and not path.is_file():  # to read a named pipe would wait without end
            return ""
        text = path.read_bytes().decode("utf-8")
        content = json.loads(text)
        own = content.get(SEAL, seal_of(content))  # older programs wrote none
        if rendered(content) != text or own != seal_of(content):
            return ""
        return next((str(entry["sha256"]) for entry in content["outputs"] if entry["path"] == name), "")
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return ""
