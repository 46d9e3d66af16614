"""What the program makes and the repository keeps is as the program makes it now."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from evaluator import pipeline
from evaluator.model.records import Model
from tests import rebuild

ROOT = Path(__file__).parent.parent


def test_the_kept_templates_are_true_to_the_model_byte_for_byte(tmp_path: Path) -> None:
    rebuild.templates(tmp_path)
    made, kept = (
        {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.xlsx")}
        for folder in (tmp_path, rebuild.TEMPLATES)
    )
    assert sorted(kept) == sorted(made)
    assert len(kept) == 10
    stale = [name for name in made if kept[name] != made[name]]
    assert stale == [], "run: python -m tests.rebuild templates"


@pytest.fixture(scope="module")
def sampled(model: Model) -> pipeline.Results:
    return pipeline.evaluate([rebuild.SAMPLES / "returned"], model, roster=rebuild.SAMPLES / "roster.xlsx")


def test_the_samples_give_the_findings_that_were_planted(sampled: pipeline.Results) -> None:
    planted = json.loads((rebuild.SAMPLES / "planted.json").read_text(encoding="utf-8"))["faults"]
    found = {(f.code, f.file.removeprefix("returned/"), f.cell) for f in sampled.findings}
    serious = {(f.code, f.file.removeprefix("returned/")) for f in sampled.findings if f.severity != "info"}
    for fault in planted:
        wanted = (fault["code"], fault["file"])
        assert any(wanted == (code, file) and fault["cell"] in ("", cell) for code, file, cell in found), fault
    assert serious <= {(fault["code"], fault["file"]) for fault in planted}


def test_at_least_three_institutions_files_were_saved_by_libreoffice() -> None:
    saved = {
        path.name[:7] for path in (rebuild.SAMPLES / "returned").glob("*.xlsx") if b"LibreOffice" in _application(path)
    }
    assert len(saved) >= 3


def _application(path: Path) -> bytes:
    import zipfile

    try:
        with zipfile.ZipFile(path) as archive:
            return archive.read("docProps/app.xml")
    except (zipfile.BadZipFile, KeyError):
        return b""


def test_the_samples_are_small() -> None:
    assert sum(path.stat().st_size for path in rebuild.SAMPLES.rglob("*") if path.is_file()) < 4_000_000


def test_the_samples_readme_names_every_institution_with_a_fault() -> None:
    planted = json.loads((rebuild.SAMPLES / "planted.json").read_text(encoding="utf-8"))["faults"]
    text = (rebuild.SAMPLES / "README.md").read_text(encoding="utf-8")
    for fault in planted:
        assert fault["code"] in text, fault
        assert not fault["institution"] or fault["institution"] in text, fault
