"""The whole job: deterministic, complete, and safe against being stopped."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import openpyxl
import pytest

from evaluator import pipeline
from evaluator.errors import InputError
from evaluator.model.records import Model
from evaluator.pipeline import Setup, reporting


def contents(folder: Path) -> Mapping[str, str]:
    """Hash every file of a folder, by its path in it."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def rows(database: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute(query).fetchall()


@pytest.fixture(scope="module")
def scored(faulty_round: Path, model: Model, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("scored") / "results"
    pipeline.score([faulty_round / "returned"], out, model, roster=faulty_round / "roster.xlsx", setup=Setup(workers=1))
    return out


def test_equal_inputs_give_equal_bytes_whatever_the_order_of_files_and_number_of_workers(
    faulty_round: Path, model: Model, scored: Path, tmp_path: Path
) -> None:
    copied = tmp_path / "returned"
    copied.mkdir()
    for path in sorted((faulty_round / "returned").iterdir(), reverse=True):
        shutil.copyfile(path, copied / path.name)
    shuffled = sorted(copied.iterdir(), key=lambda path: hashlib.md5(path.name.encode()).digest())  # noqa: S324
    pipeline.score([copied], tmp_path / "again", model, roster=faulty_round / "roster.xlsx", setup=Setup(workers=2))
    assert contents(tmp_path / "again") == contents(scored)
    listed = pipeline.evaluate(shuffled, model, roster=faulty_round / "roster.xlsx").assessment.institutions
    folder = pipeline.evaluate([copied], model, roster=faulty_round / "roster.xlsx").assessment.institutions
    assert listed.equals(folder)


def test_how_robust_the_ranks_are_is_on_record(scored: Path, model: Model) -> None:
    ranked = rows(scored / "results.db", "SELECT id, rank FROM institutions WHERE rank IS NOT NULL ORDER BY id")
    assert rows(scored / "results.db", "SELECT institution, rank FROM robustness ORDER BY institution") == ranked
    figures = "rank_p5 <= rank_median AND rank_median <= rank_p95 AND group_number >= 1 AND star_share BETWEEN 0 AND 1"
    shares = "ABS(star_0 + star_1 + star_2 + star_3 + star_4 + star_5 - 1) < 1e-9"
    good = f"SELECT COUNT(*) FROM robustness WHERE {figures} AND {shares}"  # noqa: S608 - of this test
    assert rows(scored / "results.db", good) == [(len(ranked),)]
    assert rows(scored / "results.db", "SELECT COUNT(*) FROM robustness WHERE beats_next IS NULL") == [(1,)]
    left_out = rows(scored / "results.db", "SELECT left_out, COUNT(*) FROM robustness_domains GROUP BY 1")
    assert left_out == [(code, len(ranked)) for code in sorted(d.code for d in model.domains)]
    options = dict(rows(scored / "results.db", "SELECT key, value FROM run WHERE key LIKE 'option_%'"))
    assert [options[f"option_{key}"] for key in ("draws", "spread", "seed")] == ["1000", "0.25", "1"]
    sealed = json.loads((scored / "manifest.json").read_text(encoding="utf-8"))["options"]
    assert [sealed[key] for key in ("draws", "spread", "seed")] == ["1000", "0.25", "1"]


def test_every_planted_fault_is_found(faulty_round: Path, scored: Path) -> None:
    planted = json.loads((faulty_round / "planted.json").read_text(encoding="utf-8"))["faults"]
    found = set(rows(scored / "results.db", "SELECT code, file, cell FROM findings"))
    anywhere = {(code, file) for code, file, _ in found}
    assert len({fault["code"] for fault in planted}) >= 20
    for fault in planted:
        file = f"returned/{fault['file']}" if fault["file"] else ""
        if fault["cell"]:
            assert (fault["code"], file, fault["cell"]) in found, fault
        else:
            assert (fault["code"], file) in anywhere, fault


def test_every_input_file_is_listed_once_with_a_status(faulty_round: Path, scored: Path) -> None:
    listed = [path for (path,) in rows(scored / "results.db", "SELECT path FROM files WHERE role <> 'roster'")]
    there = sorted(f"returned/{path.name}" for path in (faulty_round / "returned").iterdir())
    assert sorted(map(str, listed)) == there
    unexplained = rows(
        scored / "results.db",
        "SELECT path FROM files WHERE status <> 'counted' AND path NOT IN (SELECT file FROM findings)",
    )
    assert [path for (path,) in unexplained if path != "roster.xlsx"] == []


def test_the_database_has_the_contracts_columns(scored: Path) -> None:
    expected = {
        "institutions": "id name uscc province city type category status reason coverage na_share score star "
        "limited_by rank rank_province rank_category",
        "domains": "institution domain score passed_levels d1 d2 d3 d4 d5 coverage na_share",
        "items": "institution item score",
        "dimensions": "institution dimension score performing_well",
        "answers": "institution requirement state answer scored_as score evidence file sheet cell",
        "findings": "code severity institution file sheet cell requirement message",
        "files": "path sha256 institution domain role status",
        "ranks": "institution method scope rank",
        "run": "key value",
    }
    for table, columns in expected.items():
        have = {str(row[1]) for row in rows(scored / "results.db", f"PRAGMA table_info({table})")}
        assert set(columns.split()) <= have, table


def test_the_ranking_workbook_and_the_database_say_the_same(scored: Path) -> None:
    book = openpyxl.load_workbook(scored / "ranking.xlsx", data_only=True)
    shown = {
        cell.value
        for row in book["排名"].iter_rows()
        for cell in row
        if isinstance(cell.value, str) and cell.value.startswith("SME")
    }
    ranked = {str(i) for (i,) in rows(scored / "results.db", "SELECT id FROM institutions WHERE status = 'rated'")}
    assert shown == ranked
    unrated = rows(scored / "results.db", "SELECT score, star, rank, reason FROM institutions WHERE status <> 'rated'")
    assert unrated
    assert {(score, star, rank) for score, star, rank, _ in unrated} == {(None, None, None)}
    assert all(reason for *_, reason in unrated)


def test_the_manifest_hashes_every_input_and_output(faulty_round: Path, scored: Path) -> None:
    manifest = json.loads((scored / "manifest.json").read_text(encoding="utf-8"))
    outputs = {entry["path"]: entry["sha256"] for entry in manifest["outputs"]}
    assert outputs == {path: digest for path, digest in contents(scored).items() if path != "manifest.json"}
    inputs = {entry["path"]: entry["sha256"] for entry in manifest["inputs"] if entry["role"] != "roster"}
    assert inputs == {f"returned/{path}": digest for path, digest in contents(faulty_round / "returned").items()}
    roster = hashlib.sha256((faulty_round / "roster.xlsx").read_bytes()).hexdigest()
    assert [entry["sha256"] for entry in manifest["inputs"] if entry["role"] == "roster"] == [roster]


def test_a_run_that_fails_halfway_leaves_the_old_results_whole(
    small_round: Path, model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "results"
    pipeline.score([small_round / "returned"], out, model)
    before = contents(out)

    def broken(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(reporting, "write_regulator", broken)
    with pytest.raises(KeyboardInterrupt):
        pipeline.score([small_round / "returned"], out, model, lang="en")
    assert contents(out) == before
    assert [path.name for path in tmp_path.iterdir()] == ["results"]


def test_without_a_roster_whoever_returned_takes_part(small_round: Path, model: Model) -> None:
    results = pipeline.evaluate([small_round / "returned"], model)
    with_roster = pipeline.evaluate([small_round / "returned"], model, roster=small_round / "roster.xlsx")
    columns = ["id", "name", "uscc", "province", "type", "category", "score", "star", "rank"]
    assert results.assessment.institutions[columns].equals(with_roster.assessment.institutions[columns])


def test_an_institution_of_the_roster_that_returned_nothing_is_not_rated(
    small_round: Path, model: Model, tmp_path: Path
) -> None:
    for path in (small_round / "returned").iterdir():
        if not path.name.startswith("SME0002"):
            shutil.copyfile(path, tmp_path / path.name)
    results = pipeline.evaluate([tmp_path], model, roster=small_round / "roster.xlsx")
    row = results.assessment.institutions.set_index("id").loc["SME0002"]
    assert (row["status"], row["reason"], row["domains_returned"]) == ("not_rated", "missing_domain", 0)
    assert [(f.code, f.institution) for f in results.findings] == [("return.missing_domain", "SME0002")]


def test_a_path_that_is_not_there_is_the_operators_mistake(model: Model, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nowhere"):
        pipeline.evaluate([tmp_path / "nowhere"], model)


def test_files_given_one_by_one_are_read(small_round: Path, model: Model, tmp_path: Path) -> None:
    folder = tmp_path / "收回 的 问卷"
    shutil.copytree(small_round / "returned", folder)
    one = pipeline.evaluate(sorted(folder.iterdir()), model)
    assert one.assessment.institutions["status"].eq("rated").all()


@pytest.mark.parametrize(
    ("wanted", "files", "workers"), [(None, 10, 1), (None, 399, 1), (3, 1, 3), (0, 1, 1), (500, 5000, 60)]
)
def test_workers_are_as_wanted_within_what_every_system_can(wanted: int | None, files: int, workers: int) -> None:
    assert pipeline.workers_for(wanted, files) == workers


def test_many_files_are_worth_all_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 4)
    assert pipeline.workers_for(None, 400) == 4
