"""A results folder is read back as it was made; what does not follow from its answers is refused."""

from __future__ import annotations

import hashlib
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evaluator import pipeline
from evaluator.errors import InputError
from evaluator.model.records import Model
from evaluator.reports.record import Results
from evaluator.reports.recorded import open_results
from evaluator.wording.matching import is_empty


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, faulty_round: Path, model: Model) -> tuple[Path, Results]:
    folder = tmp_path_factory.mktemp("recorded") / "results"
    results = pipeline.score([faulty_round / "returned"], folder, model, roster=faulty_round / "roster.xlsx")
    return folder, results


OVERRIDE = (
    "SELECT 'answer' AS kind, 1 AS applied, 'full' AS value, 'r' AS reason, 'r' AS role, 't' AS made,"
    " '' AS state_before, '' AS scored_as_before, NULL AS score_before,"
)
"""The start of what makes a table of one override."""


@pytest.fixture
def copy(made: tuple[Path, Results], tmp_path: Path) -> Path:
    """A results folder that may be spoilt."""
    (tmp_path / "results.db").write_bytes((made[0] / "results.db").read_bytes())
    return tmp_path


def change(folder: Path, statement: str) -> None:
    with closing(sqlite3.connect(folder / "results.db")) as database, database:
        database.execute(statement)


def test_the_assessment_is_the_runs(made: tuple[Path, Results]) -> None:
    folder, results = made
    recorded, found = open_results(folder), results.assessment
    assert recorded.model == found.model
    assert recorded.model.hash == found.model.hash
    for name in ("institutions", "domains", "items", "dimensions", "answers", "ranks"):
        pd.testing.assert_frame_equal(getattr(recorded.assessment, name), getattr(found, name), check_dtype=False)
    for name in ("values", "applicable", "failed", "unproven"):
        assert np.array_equal(getattr(recorded.assessment, name), getattr(found, name)), name
    assert found.unproven.any()


def test_what_was_written_comes_back(made: tuple[Path, Results]) -> None:
    from evaluator.assessment.texts import texts_of

    folder, results = made
    recorded = open_results(folder / "results.db")
    wrote = [texts_of(block) for block in results.texts]
    ids = results.assessment.institutions["id"].tolist()
    assert recorded.wrote(ids[3]) == wrote[3]
    evidence, remarks = recorded.shown()
    assert evidence.tolist() == [[not is_empty(one.evidence) for one in its] for its in wrote]
    assert remarks.tolist() == [[not is_empty(one.remarks) for one in its] for its in wrote]


def test_an_institution_is_found_by_id_name_or_uscc(made: tuple[Path, Results]) -> None:
    recorded = open_results(made[0])
    own = recorded.assessment.institutions.iloc[4]
    for named in (own["id"], own["id"].lower(), own["name"], own["uscc"]):
        assert recorded.institution(named) == 4
    with pytest.raises(InputError, match="no institution"):
        recorded.institution("nobody")


@pytest.mark.parametrize(
    ("statement", "key"),
    [
        ("UPDATE institutions SET score = score + 0.001 WHERE star = 3", "results_disagree"),
        ("UPDATE institutions SET star = 5 WHERE star = 3", "results_disagree"),
        ("UPDATE answers SET scored_as = 'full', score = 1 WHERE scored_as = 'none'", "results_disagree"),
        ("UPDATE domains SET d3 = d3 + 0.01 WHERE rowid = 1", "results_disagree"),
        ("UPDATE dimensions SET performing_well = 1 - performing_well WHERE score > 0", "results_disagree"),
        ("UPDATE domains SET domain = 'XX' WHERE rowid = 2", "damaged_results"),
        ("UPDATE domains SET coverage = 'x' WHERE rowid = 2", "damaged_results"),
        ("UPDATE answers SET state = 'fine' WHERE rowid = 3", "damaged_results"),
        ("DELETE FROM answers WHERE rowid = 3", "damaged_results"),
        ("INSERT INTO answers SELECT * FROM answers WHERE rowid = 3", "damaged_results"),
        ("DELETE FROM answers WHERE rowid > 400", "damaged_results"),
        ("UPDATE answers SET institution = 'nobody' WHERE rowid = 3", "damaged_results"),
        ("UPDATE model SET content = replace(content, '0.8', '0.7')", "damaged_results"),
        ("UPDATE model SET content = 'x'", "damaged_results"),
        ("DROP TABLE files", "damaged_results"),
        ("DROP TABLE model", "old_results"),
        ("ALTER TABLE institutions DROP COLUMN uscc", "damaged_results"),
        ("UPDATE institutions SET score = 'x' WHERE rowid = 1", "damaged_results"),
        ("UPDATE institutions SET rank = 'x' WHERE rowid = 1", "damaged_results"),
        ("UPDATE institutions SET category = x'41' WHERE rowid = 1", "damaged_results"),
        ("UPDATE answers SET evidence = x'ff41' WHERE rowid = 3", "damaged_results"),
        ("UPDATE findings SET found = x'41' WHERE rowid = 1", "damaged_results"),
        ("UPDATE files SET status = 'lost' WHERE rowid = 1", "damaged_results"),
        ("ALTER TABLE files DROP COLUMN domain", "damaged_results"),
        ("ALTER TABLE answers DROP COLUMN remarks", "damaged_results"),
        (
            f"CREATE TABLE overrides AS {OVERRIDE} 'SME0001' AS institution, 'SS9-9' AS target, '' AS answer_before",
            "damaged_results",
        ),
        (
            f"CREATE TABLE overrides AS {OVERRIDE} 'nobody' AS institution, 'SS1-1' AS target, '' AS answer_before",
            "damaged_results",
        ),
        (
            f"CREATE TABLE overrides AS {OVERRIDE} 'SME0001' AS institution, 'SS1-1' AS target, 'x' AS answer_before",
            "damaged_results",
        ),
    ],
)
def test_an_altered_record_is_refused(copy: Path, statement: str, key: str) -> None:
    change(copy, statement)
    with pytest.raises(InputError) as caught:
        open_results(copy)
    assert caught.value.key == key
    assert "\n" not in caught.value.message("zh")
    if key == "damaged_results":
        why = re.sub("“[a-z_.]+”", "", str(caught.value.params["why"].zh))  # a table and its column have only one name
        assert re.search("[A-Za-z]{2}", why) is None


UNSEEN = "\u2060\u3000"
"""Invisible marks that SQLite does not trim."""


@pytest.mark.parametrize(
    ("of", "change_to", "column", "told"),
    [
        ("answer = 'partial'", "scored_as = 'large', score = 0.8", "scored_as", ("large", "partial")),
        ("answer = 'partial'", "score = 0.8", "score", ("0.8", "0.5")),
        ("answer = 'partial'", "score = NULL", "score", ("—", "0.5")),
        ("answer = 'partial'", "answer = 'large', scored_as = 'large', score = 0.8", "answer", ("large", "partial")),
        ("answer = 'full' AND scored_as = 'full'", "evidence = ''", "scored_as", ("full", "partial")),
        ("answer = 'full' AND scored_as = 'full'", "evidence = ' \t\u3000'", "scored_as", ("full", "partial")),
        ("answer = 'full' AND scored_as = 'partial'", "evidence = 'shown'", "scored_as", ("partial", "full")),
        ("state = 'not_applicable'", "remarks = ' '", "state", ("not_applicable", "invalid")),
        ("state = 'not_applicable'", "scored_as = 'full', score = 1.0", "scored_as", ("full", "—")),
        ("state = 'blank'", "typed = '完全满足'", "answer", ("—", "full")),
        ("state = 'blank'", "answer = 'full'", "answer", ("full", "—")),
        ("state = 'invalid' AND answer = ''", "scored_as = '', score = NULL", "scored_as", ("—", "none")),
        ("state = 'missing'", "answer = 'full'", "answer", ("full", "—")),
    ],
)
def test_an_answer_that_contradicts_itself_is_named(
    copy: Path, of: str, change_to: str, column: str, told: tuple[str, str]
) -> None:
    with closing(sqlite3.connect(copy / "results.db")) as database, database:
        rowid, institution, requirement = database.execute(
            f"SELECT rowid, institution, requirement FROM answers WHERE {of} LIMIT 1"  # noqa: S608 - of this test
        ).fetchone()
        database.execute(f"UPDATE answers SET {change_to} WHERE rowid = {rowid}")  # noqa: S608 - as above
    with pytest.raises(InputError) as caught:
        open_results(copy)
    assert caught.value.key == "results_disagree"
    found = caught.value.params
    assert (found["institution"], found["column"]) == (institution, f"{requirement} {column}")
    assert (str(found["old"]), str(found["new"])) == told


@pytest.mark.parametrize(
    ("value", "answer_before", "score_before", "column"),
    [("full", "full", 1.0, ""), ("large", "full", 1.0, "scored_as"), ("na", "full", 1.0, "state"),
     ("full", "large", 1.0, "answer"), ("full", "full", 0.5, "score_before")],
)  # fmt: skip
def test_an_answer_that_a_person_decided_counts_as_decided(
    copy: Path, value: str, answer_before: str, score_before: float, column: str
) -> None:
    with closing(sqlite3.connect(copy / "results.db")) as database, database:
        own = database.execute("SELECT institution, requirement FROM answers WHERE scored_as = 'full'").fetchone()
        database.execute(
            "CREATE TABLE overrides AS SELECT 'answer' AS kind, ? AS institution, ? AS target, ? AS value,"
            " 'r' AS reason, 'r' AS role, 't' AS made, 1 AS applied, 'answered' AS state_before, ? AS answer_before,"
            " 'full' AS scored_as_before, ? AS score_before",
            (*own, value, answer_before, score_before),
        )
    if not column:
        assert list(open_results(copy).decided) == [own]
        return
    with pytest.raises(InputError) as caught:
        open_results(copy)
    assert caught.value.key == "results_disagree"
    assert (caught.value.params["institution"], caught.value.params["column"]) == (own[0], f"{own[1]} {column}")


def test_evidence_of_invisible_marks_is_none_here_too(copy: Path) -> None:
    with closing(sqlite3.connect(copy / "results.db")) as database, database:
        database.execute("UPDATE answers SET evidence = ? WHERE answer = 'full' AND scored_as = 'partial'", (UNSEEN,))
    assert open_results(copy).assessment.unproven.any()


def test_a_record_tells_whether_the_manifest_vouches_for_it(made: tuple[Path, Results], copy: Path) -> None:
    recorded = open_results(made[0])
    assert recorded.vouched == "as_sealed"
    assert recorded.sha256 == hashlib.sha256((copy / "results.db").read_bytes()).hexdigest()
    assert open_results(copy).vouched == "no_manifest"
    sealed = (made[0] / "manifest.json").read_text(encoding="utf-8")
    own = recorded.sha256
    for text, vouched in (
        (sealed, "as_sealed"),
        (sealed.replace(own, "0" * 64), "altered"),
        (sealed.replace('"zh"', '"en"', 1), "altered"),  # a seal that was altered vouches for nothing
        ("[]", "altered"),
        ("{", "altered"),
    ):
        (copy / "manifest.json").write_text(text, encoding="utf-8", newline="\n")
        assert open_results(copy).vouched == vouched, text[:80]
    (copy / "manifest.json").write_text(sealed, encoding="utf-8", newline="\n")
    for statement in (
        "UPDATE answers SET evidence = 'altered' WHERE rowid = 3",
        "UPDATE answers SET cell = 'A1' WHERE rowid = 3",
        "DELETE FROM files",
        "DELETE FROM ranks",
    ):
        (copy / "results.db").write_bytes((made[0] / "results.db").read_bytes())
        change(copy, statement)
        assert open_results(copy).vouched == "altered", statement


def test_what_is_no_record_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        open_results(tmp_path)
    assert caught.value.key == "no_results"
    (tmp_path / "results.db").write_bytes(b"no database at all, but long enough to be one" * 50)
    with pytest.raises(InputError) as caught:
        open_results(tmp_path)
    assert caught.value.key == "damaged_results"
