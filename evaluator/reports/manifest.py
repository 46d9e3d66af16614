"""`manifest.json`: hashes of everything a run read and wrote, so that a result can be held against its inputs.

Owns: the seal's content. It has no clock and no machine's name in it: equal runs give equal seals.
"""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path

from evaluator import __version__
from evaluator.assessment.rulings import digest
from evaluator.fingerprint import LIBRARIES
from evaluator.intake.reading import file_hash
from evaluator.reports.record import Results

NAME = "manifest.json"
FORMAT = "evaluator-manifest-1"


def write_manifest(folder: Path, results: Results) -> None:
    """Write the manifest of a results folder that is otherwise complete."""
    model = results.assessment.model
    content = {
        "format": FORMAT,
        "program": {"name": "evaluator", "version": __version__, "libraries": {n: version(n) for n in LIBRARIES}},
        "model": {"id": model.id, "edition": model.edition, "sha256": model.hash},
        "options": dict(sorted(results.options.items())),
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
    text = json.dumps(content, ensure_ascii=False, indent=1) + "\n"
    (folder / NAME).write_text(text, encoding="utf-8", newline="\n")


def _overrides(results: Results) -> dict[str, object]:
    """Say what persons decided of a round's returns: how many there are, and their hash."""
    if results.decisions is None:
        return {}
    return {"overrides": {"count": len(results.decisions), "sha256": digest(results.decisions)}}


def outputs_of(folder: Path) -> frozenset[str] | None:
    """Name the files, with `/`, that a run wrote into a folder, its manifest included; `None` if no run did."""
    try:
        content = json.loads((folder / NAME).read_text(encoding="utf-8"))
        if content["format"] != FORMAT:
            return None
        return frozenset([NAME, *(str(entry["path"]) for entry in content["outputs"])])
    except (OSError, ValueError, KeyError, TypeError):
        return None
