"""`verify`: an untouched run is identical; after each of a hundred seeded changes the culprit is named."""

from __future__ import annotations

import json
import sqlite3
import warnings
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Any

import openpyxl
import pytest

from evaluator.cli.verdicts import verdict_json, verdict_lines
from evaluator.reports.comparing.verdict import Again, Verdict
from tests.verifying import World, answer_cells, change_cell, flip, make_world, spoilt

SEED = 20260331
Json = dict[str, Any]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return make_world(tmp_path_factory.mktemp("verify"))


@pytest.fixture(scope="module")
def again(world: World, tmp_path_factory: pytest.TempPathFactory) -> Again:
    """The recomputation from inputs that nobody touched, for changes of results only."""
    return world.recompute(tmp_path_factory.mktemp("again"))


@pytest.fixture
def random(request: pytest.FixtureRequest) -> Random:
    return Random(f"{SEED} {request.node.name}")  # noqa: S311 - to be the same again


def said(verdict: Verdict) -> Json:
    """Give the verdict as the command prints it, and make sure that it can be said in words."""
    lines = list(verdict_lines(verdict))
    assert lines
    assert len(lines) <= 62
    content: Json = json.loads(json.dumps(verdict_json(verdict)))
    return content


def harmful(content: Json) -> set[tuple[str, str, str]]:
    return {(one["kind"], one["what"], one["culprit"]) for one in content["causes"] if not one["harmless"]}


def files(content: Json) -> dict[str, str]:
    return {one["path"]: one["what"] for one in content["outputs"] if not one["harmless"]}


def outputs(world: World) -> list[Path]:
    return sorted(path for path in world.results.rglob("*") if path.is_file())


def test_an_untouched_run_is_identical_to_the_byte(world: World, again: Again) -> None:
    content = said(world.compare(again))
    assert (content["identical"], content["proved"], content["recomputed"]) == (True, "byte", True)
    assert [content[key] for key in ("causes", "outputs", "manifest", "figures")] == [[], [], [], []]
    with closing(sqlite3.connect(world.results / "results.db")) as database:
        statuses = {status for (status,) in database.execute("SELECT status FROM institutions")}
    assert statuses == {"rated", "not_rated"}


# Results altered after they were written: 48


@pytest.mark.parametrize("number", range(10))
def test_a_byte_of_the_seal(world: World, again: Again, random: Random, number: int) -> None:
    with spoilt(world.results / "manifest.json") as path:
        flip(path, random)
        content = said(world.compare(again))
    assert content["proved"] is None
    assert files(content) == {"manifest.json": "altered"}
    assert harmful(content) == set()
    assert content["figures"] == []


@pytest.mark.parametrize("number", range(8))
def test_a_byte_of_the_record(world: World, again: Again, random: Random, number: int) -> None:
    with spoilt(world.results / "results.db") as path:
        flip(path, random)
        content = said(world.compare(again))
    assert content["proved"] is None
    assert files(content) == {"results.db": "altered"}
    assert harmful(content) == set()
    assert {cause["kind"] for one in content["figures"] for cause in one["causes"]} <= {"output"}


@pytest.mark.parametrize("number", range(12))
def test_a_byte_of_a_workbook(world: World, again: Again, random: Random, number: int) -> None:
    books = [path for path in outputs(world) if path.suffix == ".xlsx"]
    with spoilt(books[number % len(books)]) as path:
        flip(path, random)
        content = said(world.compare(again))
    name = path.relative_to(world.results).as_posix()
    assert content["proved"] is None
    assert files(content) == {name: "altered"}
    assert harmful(content) == set()
    (one,) = content["outputs"]
    assert one["fault"] or one["cells"] or one["parts"] or one["packing_only"]
    assert (one["institution"] != "") == name.startswith("institutions/")


@pytest.mark.parametrize("number", range(8))
def test_a_cell_of_a_result_workbook(world: World, again: Again, random: Random, number: int) -> None:
    books = [path for path in outputs(world) if path.suffix == ".xlsx"]
    with spoilt(books[number % len(books)]) as path:
        sheet, cell, value = change_cell(path, random, numbers=number % 2 == 0)
        content = said(world.compare(again))
    assert files(content) == {path.relative_to(world.results).as_posix(): "altered"}
    (one,) = content["outputs"]
    (found,) = one["cells"]
    assert (found["sheet"], found["cell"]) == (sheet, cell)
    assert found["recorded"] == (pytest.approx(value) if isinstance(value, float) else value)


PERFORMING = "UPDATE dimensions SET performing_well = 1 - performing_well WHERE institution = ?"
SCORED_AS = "UPDATE answers SET scored_as = 'partial?' WHERE institution = ? AND requirement = 'SS1-1'"
FIGURES = (
    ("UPDATE institutions SET score = score + 0.01 WHERE id = ?", "institutions", "score"),
    ("UPDATE institutions SET star = 5 WHERE id = ?", "institutions", "star"),
    ("UPDATE ranks SET rank = rank + 1 WHERE institution = ? AND method = 'staged' AND scope = ''", "ranks", "rank"),
    ("UPDATE domains SET d2 = d2 - 0.002 WHERE institution = ? AND domain = 'SO'", "domains", "d2"),
    (PERFORMING, "dimensions", "performing_well"),
    (SCORED_AS, "answers", "scored_as"),
    ("DELETE FROM items WHERE institution = ? AND item = 'SS2'", "items", ""),
)  # fmt: skip


@pytest.mark.parametrize(("statement", "table", "figure"), FIGURES)
def test_a_figure_of_the_record(world: World, again: Again, statement: str, table: str, figure: str) -> None:
    with spoilt(world.results / "results.db") as path:
        with closing(sqlite3.connect(path)) as database, database:
            query = "SELECT id FROM institutions WHERE status = 'rated' AND star < 5 ORDER BY id"
            ((institution,), *_) = database.execute(query).fetchall()
            if table == "ranks":
                ((scope,), *_) = database.execute("SELECT scope FROM ranks").fetchall()
                statement = statement.replace("scope = ''", f"scope = '{scope}'")
            assert database.execute(statement, (institution,)).rowcount >= 1
        content = said(world.compare(again))
    assert files(content) == {"results.db": "altered"}
    assert {(one["table"], one["institution"], one["figure"]) for one in content["figures"]} == {
        (table, institution, figure)
    }
    assert all(one["causes"] == [{"kind": "output", "culprit": "results.db"}] for one in content["figures"])


def test_a_weight_of_the_model_in_the_record(world: World, again: Again) -> None:
    with spoilt(world.results / "results.db") as path:
        with closing(sqlite3.connect(path)) as database, database:
            database.execute("""UPDATE model SET content = replace(content, '"pass_mark":0.8', '"pass_mark":0.7')""")
        content = said(world.compare(again))
    assert files(content) == {"results.db": "altered"}
    assert [(one["figure"], one["recorded"], one["recomputed"]) for one in content["figures"]] == [
        ("rules.pass_mark", 0.7, 0.8)
    ]


@pytest.mark.parametrize("name", ["ranking.xlsx", "results.db", "manifest.json"])
def test_a_result_file_removed(world: World, again: Again, name: str) -> None:
    with spoilt(world.results / name) as path:
        path.unlink()
        content = said(world.compare(again))
    assert content["proved"] is None
    assert files(content) == {name: "missing"}
    assert harmful(content) == set()


@pytest.mark.parametrize("name", ["institutions/SME9999_x.xlsx", "notes.txt"])
def test_a_result_file_added(world: World, again: Again, name: str) -> None:
    extra = world.results / name
    extra.write_bytes(b"more")
    content = said(world.compare(again))
    extra.unlink()
    assert files(content) == {name: "extra"}


# Inputs, roster and model changed: 52


@pytest.mark.parametrize("name", ["~$ranking.xlsx", ".DS_Store", "Thumbs.db", "institutions/desktop.ini"])
def test_what_programs_and_systems_leave_behind_is_no_result(world: World, again: Again, name: str) -> None:
    left = world.results / name
    left.write_bytes(b"left")
    content = said(world.compare(again))
    left.unlink()
    assert content["proved"] == "byte"


@pytest.mark.parametrize("number", range(12))
def test_a_byte_of_an_input(world: World, random: Random, number: int) -> None:
    with spoilt(random.choice(world.returns())) as path:
        owner = world.owner(path)
        flip(path, random)
        content = said(world.verify())
    name = path.relative_to(world.folder).as_posix()
    assert content["proved"] is None
    assert harmful(content) == {("input", "changed", name)}
    assert [one["institution"] for one in content["causes"]] == [owner]
    assert set(files(content).values()) <= {"differs"}
    for one in content["figures"]:
        kinds = {(cause["kind"], cause["culprit"]) for cause in one["causes"]}
        about = [*one["key"].values(), one["recorded"], one["recomputed"]]
        own = one["institution"] == owner or any(name in str(value) for value in about)
        assert kinds == {("input" if own else "others", name)}, one


@pytest.mark.parametrize("number", range(8))
def test_an_answer_of_an_input(world: World, random: Random, number: int) -> None:
    with spoilt(random.choice(world.returns())) as path:
        owner = world.owner(path)
        sheet, cell = random.choice(answer_cells(path))
        book = openpyxl.load_workbook(path)
        before = book[sheet][cell].value
        book[sheet][cell].value = "不满足" if before != "不满足" else "完全满足"
        book.save(path)
        content = said(world.verify())
    name = path.relative_to(world.folder).as_posix()
    assert harmful(content) == {("input", "changed", name)}
    changed = [one for one in content["figures"] if one["table"] == "answers" and one["figure"] == "answer"]
    assert [(one["institution"], one["causes"]) for one in changed] == [(owner, [{"kind": "input", "culprit": name}])]
    assert set(files(content)) >= {"results.db", "ranking.xlsx"}
    assert {one["institution"] for one in content["outputs"]} >= {owner}


@pytest.mark.parametrize("number", range(4))
def test_an_input_removed(world: World, random: Random, number: int) -> None:
    with spoilt(random.choice(world.returns())) as path:
        owner = world.owner(path)
        path.unlink()
        content = said(world.verify())
    name = path.relative_to(world.folder).as_posix()
    assert harmful(content) == {("input", "missing", name)}
    reasons = [one for one in content["figures"] if one["table"] == "institutions" and one["institution"] == owner]
    assert {cause["culprit"] for one in reasons for cause in one["causes"]} == {name}


@pytest.mark.parametrize("name", ["more.xlsx", "note.txt", "新/more.xlsx"])
def test_an_input_added(world: World, random: Random, name: str) -> None:
    extra = world.returned / name
    extra.parent.mkdir(exist_ok=True)
    extra.write_bytes(random.choice(world.returns()).read_bytes() if name.endswith("xlsx") else b"text")
    content = said(world.verify())
    extra.unlink()
    assert harmful(content) == {("input", "added", f"returned/{name}")}


@pytest.mark.parametrize("number", range(3))
def test_an_input_that_lies_elsewhere_is_named_and_harmless(world: World, random: Random, number: int) -> None:
    with spoilt(random.choice(world.returns())) as path:
        target = world.returned / "elsewhere" / f"{number}.xlsx"
        target.parent.mkdir(exist_ok=True)
        path.rename(target)
        content = said(world.verify())
        target.unlink()
    moved = [(one["what"], one["recorded"], one["found"]) for one in content["causes"]]
    assert moved == [("moved", path.relative_to(world.folder).as_posix(), f"returned/elsewhere/{number}.xlsx")]
    assert content["proved"] == "byte"


@pytest.mark.parametrize("number", range(5))
def test_a_byte_of_the_roster(world: World, random: Random, number: int) -> None:
    with spoilt(world.roster) as path:
        flip(path, random)
        content = said(world.verify())
    assert content["proved"] is None
    assert ("roster", "changed", "roster.xlsx") in harmful(content)
    assert harmful(content) <= {("roster", "changed", "roster.xlsx"), ("recomputation", "", "roster.xlsx")}


@pytest.mark.parametrize("number", range(4))
def test_a_cell_of_the_roster(world: World, random: Random, number: int) -> None:
    with spoilt(world.roster) as path:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl can't read the page's footer
            book = openpyxl.load_workbook(path)
        sheet = book.active
        assert sheet is not None
        headers = [str(cell.value) for cell in sheet[1]]
        cell = sheet.cell(row=random.randrange(2, 9), column=headers.index("机构名称") + 1)
        cell.value = f"{cell.value}（新）"
        institution = sheet.cell(row=cell.row, column=headers.index("机构编号") + 1).value
        book.save(path)
        content = said(world.verify())
    assert harmful(content) == {("roster", "changed", "roster.xlsx")}
    (one,) = [one for one in content["figures"] if one["table"] == "institutions" and one["figure"] == "name"]
    assert (one["institution"], one["causes"]) == (institution, [{"kind": "roster", "culprit": "roster.xlsx"}])
    assert one["recomputed"] == f"{one['recorded']}（新）"


@pytest.mark.parametrize("number", range(6))
def test_a_byte_of_the_models_files(world: World, random: Random, number: int) -> None:
    paths = sorted(world.model.glob("*.toml"))
    with spoilt(paths[number % len(paths)]) as path:
        flip(path, random)
        content = said(world.verify())
    assert content["proved"] is None
    assert ("model_file", "changed", path.name) in harmful(content)
    assert {kind for kind, _, _ in harmful(content)} <= {"model_file", "model", "recomputation"}


REWRITTEN = (
    ("model.toml", "pass_mark = 0.8", "pass_mark = 0.75", ["rules.pass_mark"]),
    ("model.toml", "domain_floor = 1", "domain_floor = 2", ["rules.domain_floor"]),
    ("model.toml", "performing_well = 0.7", "performing_well = 0.6", ["rules.performing_well"]),
    ("model.toml", "evidence_rule = true", "evidence_rule = false", ["rules.evidence_rule"]),
    ("model.toml", "bands = [0.8, 1.8", "bands = [0.8, 1.9", ["rules.bands.2"]),
    ("model.toml", 'method = "staged"', 'method = "average"', ["rules.method"]),
    ("2_SD.toml", "写明适用的企业类型", "写明面向的企业类型", ["SD1-2.text.zh"]),
    ("1_SS.toml", 'dimension = "process"', 'dimension = "resource"', ["SS1-1.dimension"]),
)


@pytest.mark.parametrize(("name", "old", "new", "places"), REWRITTEN)
def test_a_rule_or_text_of_the_model(world: World, name: str, old: str, new: str, places: list[str]) -> None:
    with spoilt(world.model / name) as path:
        words = path.read_text(encoding="utf-8")
        assert old in words
        path.write_text(words.replace(old, new, 1), encoding="utf-8", newline="\n")
        content = said(world.verify())
    assert harmful(content) == {
        ("model_file", "changed", name),
        *(("model", "changed", place) for place in places),
    }
    assert {cause["kind"] for one in content["figures"] for cause in one["causes"]} == {"model"}


def test_weights_of_the_model(world: World) -> None:
    with spoilt(world.model / "model.toml") as path:
        words = path.read_text(encoding="utf-8")
        words = words.replace("weight = 0.15", "weight = 0.25", 1).replace("weight = 0.20", "weight = 0.10", 1)
        path.write_text(words, encoding="utf-8", newline="\n")
        content = said(world.verify())
    changed = {(one["culprit"], one["recorded"], one["found"]) for one in content["causes"] if one["kind"] == "model"}
    assert ("SS.weight", 0.15, 0.25) in changed
    assert any(one["table"] == "institutions" and one["figure"] == "score" for one in content["figures"])


def test_an_altered_record_and_a_changed_input_are_told_apart(world: World, random: Random) -> None:
    with spoilt(world.results / "results.db") as record, spoilt(random.choice(world.returns())) as path:
        owner, name = world.owner(path), path.relative_to(world.folder).as_posix()
        with closing(sqlite3.connect(record)) as database, database:
            query = "SELECT id FROM institutions WHERE status = 'rated' AND id <> ? ORDER BY id"
            ((other,), *_) = database.execute(query, (owner,)).fetchall()
            database.execute("UPDATE institutions SET star = 5, limited_by = 'x' WHERE id = ?", (other,))
        sheet, cell = answer_cells(path)[0]
        book = openpyxl.load_workbook(path)
        book[sheet][cell].value = "不满足" if book[sheet][cell].value != "不满足" else "完全满足"
        book.save(path)
        content = said(world.verify())
    first = {(one["institution"], one["figure"]): one["causes"][0]["kind"] for one in content["figures"]}
    assert first[other, "limited_by"] == "output"
    assert first[owner, "answer"] == "input"
    assert harmful(content) == {("input", "changed", name)}


def test_a_comment_in_the_model_changes_no_figure_and_is_named(world: World) -> None:
    with spoilt(world.model / "3_ST.toml") as path:
        path.write_bytes(path.read_bytes() + b"# more\n")
        content = said(world.verify())
    assert harmful(content) == {("model_file", "changed", "3_ST.toml")}
    assert (content["proved"], content["figures"], files(content)) == (None, [], {})
