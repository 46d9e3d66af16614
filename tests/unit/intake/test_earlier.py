"""Outputs of earlier runs: told by a manifest that lists them with their very hash, and by nothing else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from evaluator.intake.earlier import FORMAT, outputs_of, results_around
from evaluator.intake.sources import find


def results(folder: Path, *names: str, **change: object) -> Path:
    """Make a folder as a run leaves it."""
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name, encoding="utf-8")
    listed = [{"path": name, "size": len(name), "sha256": sha256(name.encode()).hexdigest()} for name in names]
    content = {"format": FORMAT, "outputs": listed, **change}
    (folder / "manifest.json").write_text(json.dumps(content), encoding="utf-8")
    return folder


def skipped(root: Path) -> dict[str, bool]:
    return {one.name.partition("/")[2]: one.is_junk for one in find([root])}


def test_results_among_the_returned_files_are_skipped(tmp_path: Path) -> None:
    root = tmp_path / "returned"
    results(root / "old", "ranking.xlsx", "institutions/A.xlsx")
    (root / "B.xlsx").write_text("B", encoding="utf-8")
    assert skipped(root) == {
        "B.xlsx": False, "old/institutions/A.xlsx": True, "old/manifest.json": True, "old/ranking.xlsx": True,
    }  # fmt: skip
    assert skipped(root / "old" / "institutions") == {"A.xlsx": True}


def test_a_return_is_not_hidden_by_a_manifest_beside_it(tmp_path: Path) -> None:
    root = results(tmp_path / "returned", "A.xlsx", "B.xlsx")
    (root / "A.xlsx").write_text("another", encoding="utf-8")
    (root / "C.xlsx").write_text("B.xlsx", encoding="utf-8")
    assert skipped(root) == {"A.xlsx": False, "B.xlsx": True, "C.xlsx": False, "manifest.json": True}


@pytest.mark.parametrize("content", ["", "{}", "[]", "3", '{"format": "x", "outputs": []}', "[" * 100_000, "\ud800"])
def test_what_is_no_manifest_of_ours_is_a_file_as_all_others(tmp_path: Path, content: str) -> None:
    results(tmp_path / "returned", "A.xlsx")
    path = tmp_path / "returned" / "manifest.json"
    path.write_text(content, encoding="utf-8", errors="surrogatepass")
    assert outputs_of(tmp_path / "returned") is None
    assert skipped(tmp_path / "returned") == {"A.xlsx": False, "manifest.json": False}


@pytest.mark.parametrize("digest", ["", "0", "a" * 63, "none", " ", None])
def test_what_a_manifest_lists_without_a_hash_is_nobodys_output(tmp_path: Path, digest: str | None) -> None:
    root = results(tmp_path / "returned", "A.xlsx", "B.xlsx", "in/manifest.json")
    content = json.loads((root / "manifest.json").read_text(encoding="utf-8"))
    for one in (content["outputs"][0], content["outputs"][2]):
        one["sha256"] = digest
    content["outputs"].append({"path": "manifest.json", "sha256": "f" * 64})
    (root / "manifest.json").write_text(json.dumps(content), encoding="utf-8")
    assert skipped(root) == {"A.xlsx": False, "B.xlsx": True, "in/manifest.json": False, "manifest.json": True}
    assert outputs_of(root) == {"B.xlsx": sha256(b"B.xlsx").hexdigest(), "manifest.json": ""}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_named_pipe_is_not_waited_for(tmp_path: Path) -> None:
    root = tmp_path / "above" / "returned"
    root.mkdir(parents=True)
    (root / "A.xlsx").write_text("A", encoding="utf-8")
    for folder in (root, root.parent):
        os.mkfifo(folder / "manifest.json")
    code = (
        "import sys; from pathlib import Path; from evaluator.intake.sources import find\n"
        "print([one.is_junk for one in find([Path(sys.argv[1])])])"
    )
    done = subprocess.run([sys.executable, "-c", code, root], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "[False, False]\n"
    assert results_around(root / "new") is None


def test_the_results_that_a_path_lies_in_are_the_innermost(tmp_path: Path) -> None:
    outer = results(tmp_path / "outer", "x")
    inner = results(outer / "inner", "x")
    assert results_around(inner / "new" / "y.xlsx") == inner
    assert results_around(outer) == outer
    assert results_around(tmp_path / "beside") is None
