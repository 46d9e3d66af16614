"""What a results folder says of its run is read without trusting it: the seal first, the record where it is broken."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from evaluator import pipeline
from evaluator.errors import InputError
from evaluator.model.files import files_of, hashes_of
from evaluator.model.records import Model
from evaluator.reports import manifest
from evaluator.reports.comparing.sealed import open_sealed

ENDLESS = """
CREATE VIEW run AS
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS key, i AS value FROM n
"""


@pytest.fixture(scope="module")
def scored(small_round: Path, model: Model, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("sealed") / "results"
    forms = sorted((small_round / "returned").iterdir())[:5]
    pipeline.score(
        forms, out, model, roster=small_round / "roster.xlsx", model_files=hashes_of(files_of("sme-service")), lang="en"
    )
    return out


@pytest.fixture
def copy(scored: Path, tmp_path: Path) -> Path:
    for name in ("manifest.json", "results.db"):
        shutil.copyfile(scored / name, tmp_path / name)
    return tmp_path


def changed(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    path = folder / manifest.NAME
    content = json.loads(path.read_text(encoding="utf-8"))
    change(content)
    path.write_text(manifest.rendered(content), encoding="utf-8", newline="\n")


def test_seal_and_record_say_the_same(scored: Path, copy: Path, model: Model, small_round: Path) -> None:
    sealed = open_sealed(scored)
    assert (sealed.is_whole, sealed.fault, sealed.is_told) == (True, None, True)
    assert (sealed.facts.model, sealed.facts.model_hash) == (f"{model.id}@{model.edition}", model.hash)
    assert (sealed.facts.lang, len(sealed.facts.returns), sealed.model) == ("en", 5, model)
    assert sealed.facts.roster == ("roster.xlsx", manifest.file_hash(small_round / "roster.xlsx"))
    assert sealed.outputs["results.db"] == manifest.file_hash(scored / "results.db")
    assert set(sealed.owners.values()) == {"SME0001", ""}
    assert [one.name for one in sealed.model_files] == [path.name for path in files_of("sme-service")]
    (copy / manifest.NAME).unlink()
    record = open_sealed(copy / "results.db")
    assert not record.is_whole
    for name in ("model", "model_hash", "options", "program", "roster"):
        assert getattr(record.facts, name) == getattr(sealed.facts, name), name
    assert {path: one.sha256 for path, one in record.facts.inputs.items()} == {
        path: one.sha256 for path, one in sealed.facts.inputs.items()
    }


def test_a_seal_that_was_changed_is_not_believed(copy: Path, model: Model) -> None:
    changed(copy, lambda content: content["options"].update(lang="zh"))
    sealed = open_sealed(copy)
    assert (sealed.is_whole, sealed.facts.lang, sealed.facts.libraries) == (False, "en", {})


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "The file is empty (0 bytes)."),
        ("{}", "it lacks format, program, model, options, inputs, outputs"),
        ("[1]", "it lacks format, program, model, options, inputs, outputs"),
        ('{"format": 1, "inputs": [], "outputs": {}}', "it lacks format, program, model, options, outputs"),
        ("no JSON", "it is no whole JSON"),
        ("\udcff", "it is no text in UTF-8"),
    ],
)
def test_a_seal_that_is_none_says_what_is_wrong_with_it(copy: Path, content: str, said: str) -> None:
    (copy / manifest.NAME).write_text(content, encoding="utf-8", errors="surrogateescape")
    sealed = open_sealed(copy)
    assert sealed.fault
    assert (sealed.is_whole, sealed.fault.en, sealed.facts) == (False, said, sealed.record)
    (copy / "results.db").write_bytes(b"")
    assert not open_sealed(copy).is_told


def test_one_written_otherwise_is_not_as_it_was(copy: Path) -> None:
    path = copy / manifest.NAME
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8"))), encoding="utf-8")
    assert not open_sealed(copy).is_whole


def test_a_seal_of_an_older_program_has_no_hash_of_its_own(copy: Path) -> None:
    changed(copy, lambda content: content.pop("seal"))
    assert open_sealed(copy).is_whole


@pytest.mark.parametrize(
    "statement",
    [
        "DROP TABLE run",
        "DROP TABLE model",
        "ALTER TABLE files DROP COLUMN role",
        "ALTER TABLE run RENAME TO own",
    ],
)
def test_a_record_that_is_none_is_not_believed(copy: Path, statement: str) -> None:
    with closing(sqlite3.connect(copy / "results.db")) as database, database:
        database.execute(statement)
        if "own" in statement:  # a view that never ends, where a table should be
            database.execute(ENDLESS)
    sealed = open_sealed(copy)
    assert (sealed.is_whole, sealed.model, sealed.owners) == (True, None, {})
    assert sealed.facts.lang == "en"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
@pytest.mark.parametrize(("name", "said"), [("manifest.json", "False True"), ("results.db", "True False")])
def test_a_named_pipe_is_not_waited_for(copy: Path, name: str, said: str) -> None:
    (copy / name).unlink()
    os.mkfifo(copy / name)
    code = (
        "import sys; from pathlib import Path; from evaluator.reports.comparing.sealed import open_sealed\n"
        "from evaluator.reports.manifest import sealed_hash\n"
        "folder = Path(sys.argv[1]); sealed = open_sealed(folder)\n"
        "print(bool(sealed_hash(folder, 'ranking.xlsx')), sealed.record is not None)"
    )
    done = subprocess.run([sys.executable, "-c", code, copy], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == f"{said}\n"


def test_a_folder_with_neither_holds_no_results(tmp_path: Path) -> None:
    with pytest.raises(InputError) as raised:
        open_sealed(tmp_path)
    assert raised.value.key == "no_results"
