"""Where inputs, roster and model are found, other versions and systems, forgeries, rounds, the command."""

from __future__ import annotations

import json
import shutil
import sqlite3
import unicodedata
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import openpyxl
import pytest

from evaluator import cli, pipeline
from evaluator.cli.verdicts import verdict_lines
from evaluator.errors import InputError
from evaluator.model.files import files_of, hashes_of, load_model
from evaluator.model.records import Model
from evaluator.pipeline.rounds import score_round
from evaluator.pipeline.setup import Setup
from evaluator.pipeline.verifying import verify
from evaluator.reports import manifest
from evaluator.reports.comparing.verdict import Verdict
from evaluator.rounds.folder import DATABASE, INBOX, KEY, ROSTER, SETTINGS, Round, at_work
from evaluator.rounds.overrides import add_override
from evaluator.synthesis.round import make_round
from tests.unit.pipeline.test_rounds import WHY, made


@pytest.fixture(scope="module")
def setup(tmp_path_factory: pytest.TempPathFactory) -> Setup:
    return Setup(workers=1, cache=tmp_path_factory.mktemp("cache") / "readings.db")


@pytest.fixture(scope="module")
def scored(small_round: Path, model: Model, setup: Setup, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("scored") / "results"
    pipeline.score(
        [small_round / "returned"], out, model, roster=small_round / "roster.xlsx",
        model_files=hashes_of(files_of("sme-service")), setup=setup,
    )  # fmt: skip
    return out


@pytest.fixture
def copy(scored: Path, tmp_path: Path) -> Path:
    return shutil.copytree(scored, tmp_path / "results")


@pytest.fixture(params=["zh", "en"])
def lang(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setattr("evaluator.cli.verdicts.LANG", request.param)
    return request.param


def harmful(verdict: Verdict) -> set[tuple[str, str, str]]:
    return {(one.kind, one.what, one.culprit) for one in verdict.causes if not one.is_harmless}


def spoil(folder: Path, *statements: str) -> None:
    """Alter the record."""
    with closing(sqlite3.connect(folder / "results.db")) as database, database:
        for statement in statements:
            assert database.execute(statement).rowcount > 0


def resealed(folder: Path, *, own: bool = True, **changed: object) -> None:
    """Make a seal anew that fits the files as they are, as the one does who altered both; its own hash too, or not."""
    path = folder / manifest.NAME
    content = {**json.loads(path.read_text(encoding="utf-8")), **changed}
    for one in content["outputs"]:
        data = (folder / one["path"]).read_bytes()
        one.update(size=len(data), sha256=manifest.hashlib.sha256(data).hexdigest())
    seal = manifest.seal_of(content) if own else content["seal"]
    path.write_text(manifest.rendered({**content, "seal": seal}), encoding="utf-8")


# Where things lie


def test_a_folder_elsewhere_of_another_name_gives_the_same_bytes(
    small_round: Path, copy: Path, setup: Setup, tmp_path: Path
) -> None:
    elsewhere = shutil.copytree(small_round / "returned", tmp_path / "copied" / "forms")
    shutil.copyfile(small_round / "roster.xlsx", tmp_path / "list.xlsx")
    verdict = verify(copy, [elsewhere], roster=tmp_path / "list.xlsx", setup=setup)
    assert verdict.proved == "byte"
    assert [(one.kind, one.what, one.found) for one in verdict.causes] == [("roster", "moved", "list.xlsx")]


def test_names_may_be_put_together_otherwise(small_round: Path, scored: Path, setup: Setup, tmp_path: Path) -> None:
    elsewhere = tmp_path / "returned"
    elsewhere.mkdir()
    for path in (small_round / "returned").iterdir():
        shutil.copyfile(path, elsewhere / unicodedata.normalize("NFD", path.name))
    results = tmp_path / "results"
    for path in scored.rglob("*.*"):
        target = results / unicodedata.normalize("NFD", path.relative_to(scored).as_posix())
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    assert verify(results, [elsewhere], roster=small_round / "roster.xlsx", setup=setup).proved == "byte"


def test_single_files_in_any_order_and_the_results_inside_a_given_folder(
    small_round: Path, scored: Path, setup: Setup, tmp_path: Path
) -> None:
    forms = sorted((small_round / "returned").iterdir(), reverse=True)
    assert verify(scored, [*forms, small_round / "roster.xlsx"], setup=setup).proved == "byte"
    inside = shutil.copytree(small_round / "returned", tmp_path / "returned")
    shutil.copytree(scored, inside / "results")
    assert verify(inside / "results", [inside], roster=small_round / "roster.xlsx", setup=setup).proved == "byte"


def test_forms_in_an_archive(small_round: Path, model: Model, setup: Setup, tmp_path: Path) -> None:
    archive, forms = tmp_path / "in.zip", sorted((small_round / "returned").iterdir())[:10]
    with zipfile.ZipFile(archive, "w") as new:
        for path in forms:
            new.write(path, path.name)
    pipeline.score([archive], tmp_path / "results", model, setup=setup)
    assert verify(tmp_path / "results", [archive], setup=setup).proved == "byte"
    with zipfile.ZipFile(archive, "w") as new:
        for path in forms[1:]:
            new.write(path, path.name)
    verdict = verify(tmp_path / "results", [archive], setup=setup)
    assert harmful(verdict) == {("input", "changed", "in.zip"), ("input", "missing", f"in.zip!{forms[0].name}")}
    assert {one.figure.institution for one in verdict.figures if one.figure.figure == "status"} == {"SME0001"}


def test_a_path_that_is_not_there_is_said_to_be_so(scored: Path, setup: Setup, tmp_path: Path) -> None:
    with pytest.raises(InputError) as raised:
        verify(scored, [tmp_path / "nope"], setup=setup)
    assert (raised.value.key, raised.value.params["path"]) == ("no_such_path", tmp_path / "nope")


def test_a_roster_is_found_beside_the_forms_by_its_content_or_else_its_name(
    small_round: Path, scored: Path, setup: Setup, tmp_path: Path
) -> None:
    folder = shutil.copytree(small_round / "returned", tmp_path / "returned")
    with pytest.raises(InputError) as raised:
        verify(scored, [folder], setup=setup)
    assert (raised.value.key, raised.value.params["name"]) == ("roster_to_verify", "roster.xlsx")
    shutil.copyfile(small_round / "roster.xlsx", folder / "名单.xlsx")
    assert verify(scored, [folder], setup=setup).proved == "byte"
    (folder / "名单.xlsx").unlink()
    (folder / "roster.xlsx").write_bytes(b"PK\x03\x04 no more")
    verdict = verify(scored, [folder], setup=setup)
    assert harmful(verdict) == {("roster", "changed", "roster.xlsx"), ("recomputation", "", "roster.xlsx")}
    assert not verdict.is_recomputed


def test_a_roster_is_found_however_deep_by_its_content_before_its_name(
    small_round: Path, scored: Path, setup: Setup, tmp_path: Path
) -> None:
    parent = tmp_path / "parent"
    shutil.copytree(small_round / "returned", parent / "returned")
    (parent / "in" / "old").mkdir(parents=True)
    shutil.copyfile(small_round / "roster.xlsx", parent / "in" / "old" / "名单.xlsx")
    assert verify(scored, [parent], setup=setup).proved == "byte"
    (parent / "in" / "roster.xlsx").write_bytes(b"another")
    verdict = verify(scored, [parent], setup=setup)
    assert harmful(verdict) == {("input", "added", "parent/in/roster.xlsx")}
    (parent / "in" / "old" / "名单.xlsx").unlink()
    assert ("roster", "changed", "roster.xlsx") in harmful(verify(scored, [parent], setup=setup))


def test_inputs_that_lie_in_an_archive_now_are_told_in_a_line(
    small_round: Path, scored: Path, setup: Setup, tmp_path: Path
) -> None:
    forms = sorted((small_round / "returned").iterdir())
    archive = tmp_path / "in.zip"
    with zipfile.ZipFile(archive, "w") as new:
        for path in forms:
            new.write(path, path.name)
    verdict = verify(scored, [archive], roster=small_round / "roster.xlsx", setup=setup)
    (one,) = verdict.causes
    assert (one.what, one.culprit, one.recorded) == ("packed", "in.zip", len(forms))
    assert (verdict.proved, verdict.inputs) == ("", (len(forms), len(forms)))
    assert len(list(verdict_lines(verdict))) < 20
    with zipfile.ZipFile(archive, "w") as new:
        for path in forms[1:]:
            new.write(path, path.name)
    verdict = verify(scored, [archive], roster=small_round / "roster.xlsx", setup=setup)
    assert harmful(verdict) == {("input", "packed", "in.zip"), ("input", "missing", f"returned/{forms[0].name}")}


def test_a_file_in_anothers_place_is_named_as_it_is_called_on_disk(
    small_round: Path, scored: Path, setup: Setup, tmp_path: Path
) -> None:
    folder = shutil.copytree(small_round / "returned", tmp_path / "returned")
    first, second = (next(folder.glob(f"SME000{n}_1_*")) for n in (1, 2))
    (folder / "b").mkdir()
    first.rename(folder / "b" / first.name)
    shutil.copyfile(second, first)
    verdict = verify(scored, [folder], roster=small_round / "roster.xlsx", setup=setup)
    name = f"returned/{first.name}"
    assert [(one.what, one.culprit, one.found) for one in verdict.causes if one.what == "moved"] == [
        ("moved", name, f"returned/b/{first.name}")
    ]
    assert harmful(verdict) == {("input", "added", name)}
    assert verdict.figures
    assert {one.causes for one in verdict.figures} == {(("added", name),)}
    assert not any(" (2).xlsx" in line for line in verdict_lines(verdict))


def test_of_another_rounds_results_it_is_said_first_that_no_input_is_there(
    small_round: Path, scored: Path, setup: Setup, model: Model, tmp_path: Path, lang: str
) -> None:
    make_round(tmp_path / "other", model, "zh", institutions=6, seed=4, faults=False)
    given = tmp_path / "other" / "returned"
    verdict = verify(scored, [given], roster=tmp_path / "other" / "roster.xlsx", setup=setup)
    lines = list(verdict_lines(verdict))
    assert verdict.inputs == (0, 30)
    assert ("30个" if lang == "zh" else "None of the 30 inputs") in lines[1]
    assert len(lines) < 25
    for path in sorted((small_round / "returned").iterdir())[:2]:
        shutil.copyfile(path, given / path.name)
    verdict = verify(scored, [given], roster=small_round / "roster.xlsx", setup=setup)
    assert verdict.inputs == (2, 30)
    assert ("仅有2个" if lang == "zh" else "Only 2 of the 30 inputs") in list(verdict_lines(verdict))[1]


@pytest.mark.filterwarnings("ignore:Cannot parse header or footer")
def test_a_report_that_only_one_of_the_two_has_is_not_said_to_be_altered(
    small_round: Path, scored: Path, setup: Setup, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = openpyxl.load_workbook(small_round / "roster.xlsx")
    ((row, *_),) = [row for row in book.worksheets[0].iter_rows() if row[0].value == "SME0002"]
    book.worksheets[0].cell(row.row, 2).value = "别家公司"
    book.save(tmp_path / "roster.xlsx")
    verdict = verify(scored, [small_round / "returned"], roster=tmp_path / "roster.xlsx", setup=setup)
    assert sorted(one.what for one in verdict.outputs if one.path.startswith("institutions/SME0002")) == [
        "new", "not_made",
    ]  # fmt: skip
    monkeypatch.setattr("evaluator.cli.verdicts.LANG", "en")
    lines = list(verdict_lines(verdict))
    assert not any("not as they were written" in line for line in lines)
    assert "Files that only the results have, or only what is computed anew (2):" in lines


@pytest.mark.parametrize("name", ["roster", "forms", "results"])
def test_a_path_that_is_not_there_is_the_operators_mistake(
    small_round: Path, scored: Path, tmp_path: Path, name: str
) -> None:
    given = {"results": scored, "forms": small_round / "returned", "roster": small_round / "roster.xlsx"}
    given[name] = tmp_path / "nowhere"
    with pytest.raises(InputError):
        verify(given["results"], [given["forms"]], roster=given["roster"])


# The model


@pytest.fixture(scope="module")
def own_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models") / "own"
    shutil.copytree(files_of("sme-service")[0].parent, folder)
    main = (folder / "model.toml").read_text(encoding="utf-8")
    (folder / "model.toml").write_text(main.replace('edition = "2023.1"', 'edition = "2026.7"'), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def of_own_model(own_model: Path, small_round: Path, setup: Setup, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("scored") / "results"
    forms = sorted((small_round / "returned").iterdir())[:5]
    pipeline.score(forms, out, load_model(str(own_model)), model_files=hashes_of(files_of(str(own_model))), setup=setup)
    return out


def test_without_the_models_files_it_is_proved_for_the_model_kept(
    small_round: Path, of_own_model: Path, setup: Setup
) -> None:
    verdict = verify(of_own_model, sorted((small_round / "returned").iterdir())[:5], setup=setup)
    assert (verdict.proved, verdict.model_from) == ("byte", "kept")
    assert "--model" in list(verdict_lines(verdict))[-1]


@pytest.fixture(scope="module")
def edited_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the built-in model under its own name, with other rules."""
    folder = tmp_path_factory.mktemp("models") / "edited"
    shutil.copytree(files_of("sme-service")[0].parent, folder)
    main = (folder / "model.toml").read_text(encoding="utf-8")
    main = main.replace("pass_mark = 0.8", "pass_mark = 0.5").replace("draws = 1000", "draws = 50")
    (folder / "model.toml").write_text(main, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def of_edited_model(
    edited_model: Path, small_round: Path, setup: Setup, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    out = tmp_path_factory.mktemp("scored") / "results"
    pipeline.score(
        [small_round / "returned"], out, load_model(str(edited_model)), roster=small_round / "roster.xlsx",
        model_files=hashes_of(files_of(str(edited_model))), setup=setup,
    )  # fmt: skip
    return out


def test_an_edited_copy_of_the_built_in_model_is_taken_from_the_results_and_said_to_be(
    small_round: Path, of_edited_model: Path, setup: Setup, lang: str
) -> None:
    given = ([small_round / "returned"], small_round / "roster.xlsx")
    verdict = verify(of_edited_model, given[0], roster=given[1], setup=setup)
    assert (verdict.proved, verdict.model_from, verdict.causes) == ("byte", "kept", ())
    first = next(iter(verdict_lines(verdict)))
    assert ("模型文件未经核对" if lang == "zh" else "files are not proven") in first


def test_a_model_swapped_in_the_record_alone_is_not_taken_from_it(
    small_round: Path, copy: Path, of_edited_model: Path, setup: Setup
) -> None:
    ((content,),) = _rows(of_edited_model, "SELECT content FROM model")
    ((digest,),) = _rows(of_edited_model, "SELECT value FROM run WHERE key = 'model_hash'")
    with closing(sqlite3.connect(copy / "results.db")) as database, database:
        database.execute("UPDATE model SET content = ?", (content,))
        database.execute("UPDATE run SET value = ? WHERE key = 'model_hash'", (digest,))
    resealed(copy)
    verdict = verify(copy, [small_round / "returned"], roster=small_round / "roster.xlsx", setup=setup)
    assert (verdict.proved, verdict.model_from) == ("", "builtin")
    assert [one.entry for one in verdict.contradictions] == ["model.sha256"]


def test_of_several_changes_of_the_model_none_is_named_for_a_figure_and_draws_for_robustness_only(
    small_round: Path, of_edited_model: Path, setup: Setup
) -> None:
    given = ([small_round / "returned"], small_round / "roster.xlsx")
    verdict = verify(of_edited_model, given[0], roster=given[1], model="sme-service", setup=setup)
    assert {one.culprit for one in verdict.causes if one.kind == "model"} == {
        "rules.pass_mark", "rules.robustness.draws",
    }  # fmt: skip
    of_draws = {one.figure.table for one in verdict.figures if ("option", "draws") in one.causes}
    assert {"run", "robustness"} <= of_draws <= {"run", "robustness", "robustness_domains"}
    scores = {one.causes for one in verdict.figures if one.figure.table == "institutions"}
    assert scores == {(("model", ""),)}


def test_other_line_ends_in_a_models_file_are_harmless(
    small_round: Path, of_own_model: Path, own_model: Path, setup: Setup, tmp_path: Path
) -> None:
    other = shutil.copytree(own_model, tmp_path / "own")
    for path in other.iterdir():
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    forms = sorted((small_round / "returned").iterdir())[:5]
    verdict = verify(of_own_model, forms, model=str(other), setup=setup)
    assert verdict.proved == "figure"
    assert {(one.kind, one.what) for one in verdict.causes} == {("model_file", "line_ends")}
    assert verify(of_own_model, forms, model=str(own_model), setup=setup).proved == "byte"


def test_of_many_workbooks_that_differ_for_a_named_reason_only_the_first_are_looked_into(
    small_round: Path, scored: Path, own_model: Path, setup: Setup, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("evaluator.reports.comparing.outputs.MOST_REPORTS", 2)
    other = shutil.copytree(own_model, tmp_path / "own")
    main = (other / "model.toml").read_text(encoding="utf-8")
    (other / "model.toml").write_text(main.replace("pass_mark = 0.8", "pass_mark = 0.5"), encoding="utf-8")
    given = ([small_round / "returned"], small_round / "roster.xlsx")
    verdict = verify(scored, given[0], roster=given[1], model=str(other), setup=setup)
    reports = [one for one in verdict.outputs if one.institution]
    assert len(reports) > 3
    assert [one.is_compared for one in reports] == [True, True, *[False] * (len(reports) - 2)]
    assert all(one.cells for one in verdict.outputs if one.path.endswith(".xlsx") and one.is_compared)
    assert not any(one.cells or one.is_harmless for one in reports[2:])
    copied = shutil.copytree(scored, tmp_path / "results")
    book = openpyxl.load_workbook(copied / reports[-1].path)
    book.worksheets[0]["A1"].value = "x"
    book.save(copied / reports[-1].path)
    again = verify(copied, given[0], roster=given[1], model=str(other), setup=setup)
    (altered,) = [one for one in again.outputs if one.what == "altered"]
    assert (altered.path, altered.is_compared) == (reports[-1].path, True)


def test_a_model_that_is_kept_no_more_has_to_be_named(
    small_round: Path, of_own_model: Path, own_model: Path, setup: Setup, tmp_path: Path
) -> None:
    copy = shutil.copytree(of_own_model, tmp_path / "results")
    (copy / "results.db").write_bytes(b"gone")
    forms = sorted((small_round / "returned").iterdir())[:5]
    with pytest.raises(InputError) as raised:
        verify(copy, forms, setup=setup)
    assert (raised.value.key, raised.value.params["name"]) == ("model_to_verify", "sme-service@2026.7")
    verdict = verify(copy, forms, model=str(own_model), setup=setup)
    assert [(one.path, one.what) for one in verdict.outputs] == [("results.db", "altered")]


# Other versions, other systems, forgeries


def test_another_version_of_the_program_is_named_and_does_no_harm(
    small_round: Path, setup: Setup, model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("evaluator.reports.manifest.__version__", "0.0.9")
        patch.setattr("evaluator.reports.database.__version__", "0.0.9")
        patch.setattr("evaluator.reports.manifest.version", lambda name: "1.0" if name == "xlsxwriter" else "2.0")
        pipeline.score([small_round / "returned"], tmp_path / "results", model, setup=setup)
    verdict = verify(tmp_path / "results", [small_round / "returned"], setup=setup)
    assert verdict.proved == "figure"
    assert ("evaluator", "0.0.9") in [(one.culprit, one.recorded) for one in verdict.causes]
    assert ("xlsxwriter", "1.0") in [(one.culprit, one.recorded) for one in verdict.causes]
    assert {one.path for one in verdict.outputs} == {"results.db", "manifest.json"}


def test_words_that_another_version_words_otherwise_do_no_harm_but_figures_do(
    small_round: Path, copy: Path, setup: Setup
) -> None:
    program = json.loads((copy / manifest.NAME).read_text(encoding="utf-8"))["program"]
    book = openpyxl.load_workbook(copy / "ranking.xlsx")
    book["排名"]["A1"].value = "名次表"
    book.save(copy / "ranking.xlsx")
    given = ([small_round / "returned"], small_round / "roster.xlsx")
    resealed(copy)
    assert verify(copy, given[0], roster=given[1], setup=setup).proved == ""
    spoil(copy, "UPDATE run SET value = 'evaluator 0.0.9' WHERE key = 'program'")
    resealed(copy, program={**program, "version": "0.0.9"})
    verdict = verify(copy, given[0], roster=given[1], setup=setup)
    assert verdict.proved == "figure"
    (one,) = [one for one in verdict.outputs if one.path == "ranking.xlsx"]
    assert [(cell.cell, cell.recorded) for cell in one.words] == [("A1", "名次表")]
    names = {str(row[0]) for row in _rows(copy, "SELECT name FROM institutions")}
    cell = next(cell for row in book["排名"].iter_rows() for cell in row if cell.value in names)
    cell.value = "别家"
    book.save(copy / "ranking.xlsx")
    resealed(copy, program={**program, "version": "0.0.9"})
    assert verify(copy, given[0], roster=given[1], setup=setup).proved == ""


def _rows(folder: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(folder / "results.db")) as database:
        return database.execute(query).fetchall()


def test_a_time_of_arrival_forged_with_the_seal_is_no_inputs_where_there_is_no_round(
    small_round: Path, copy: Path, setup: Setup
) -> None:
    spoil(copy, "UPDATE files SET arrived = '2026-04-09T00:00:00Z' WHERE institution = 'SME0002' AND domain = 'SS'")
    resealed(copy)
    verdict = verify(copy, [small_round / "returned"], roster=small_round / "roster.xlsx", setup=setup)
    assert verdict.causes == ()
    assert {one.causes for one in verdict.figures} == {(("seal", ""),)}


def test_another_systems_packing_is_identical_to_the_figure(small_round: Path, copy: Path, setup: Setup) -> None:
    for path in copy.rglob("*.xlsx"):
        with zipfile.ZipFile(path) as old:
            parts = {name: old.read(name) for name in old.namelist()}
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as new:
            for name, part in parts.items():
                new.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), part)
    resealed(copy)
    verdict = verify(copy, [small_round / "returned"], roster=small_round / "roster.xlsx", setup=setup)
    assert verdict.proved == "figure"
    assert all(one.is_packing for one in verdict.outputs if one.path != manifest.NAME)
    assert len(verdict.outputs) == 9


def test_results_forged_together_with_their_seal_are_found_out(small_round: Path, copy: Path, setup: Setup) -> None:
    with closing(sqlite3.connect(copy / "results.db")) as database, database:
        database.execute("UPDATE institutions SET star = 5, score = 4.9 WHERE id = 'SME0002'")
    resealed(copy)
    verdict = verify(copy, [small_round / "returned"], roster=small_round / "roster.xlsx", setup=setup)
    assert verdict.proved == ""
    assert {(one.figure.institution, one.figure.figure) for one in verdict.figures} == {
        ("SME0002", "star"), ("SME0002", "score"),
    }  # fmt: skip
    assert {one.causes for one in verdict.figures} == {(("itself", "results.db"),)}
    assert verdict.unfounded
    assert (verdict.unfounded.institution, verdict.unfounded.figure, verdict.unfounded.recorded) == (
        "SME0002", "score", 4.9,
    )  # fmt: skip
    assert [(one.path, one.what) for one in verdict.outputs if not one.is_harmless] == [("results.db", "differs")]


@pytest.mark.parametrize("seal", ["kept", "missing", "none"])
def test_a_seal_that_does_not_fit_itself_vouches_for_nothing(
    small_round: Path, copy: Path, setup: Setup, seal: str
) -> None:
    spoil(copy, "UPDATE institutions SET star = 5 WHERE id = 'SME0002'")
    resealed(copy, own=False)
    if seal == "missing":
        (copy / manifest.NAME).unlink()
    elif seal == "none":
        (copy / manifest.NAME).write_text("{}")
    verdict = verify(copy, [small_round / "returned"], roster=small_round / "roster.xlsx", setup=setup)
    assert {(one.path, one.what) for one in verdict.outputs} == {
        (manifest.NAME, "missing" if seal == "missing" else "altered"), ("results.db", "unvouched"),
    }  # fmt: skip
    assert [(one.figure.figure, one.causes) for one in verdict.figures] == [("star", (("unvouched", "results.db"),))]
    assert (verdict.causes, verdict.contradictions) == ((), ())
    assert not any("as they were sealed" in line for line in verdict_lines(verdict))


FORGED = (
    ("UPDATE run SET value = 'evaluator 0.0.9' WHERE key = 'program'", "program.version", "0.0.9"),
    ("UPDATE run SET value = '9' WHERE key = 'option_draws'", "options.draws", "9"),
    ("UPDATE run SET value = 'en' WHERE key IN ('lang', 'option_lang')", "options.lang", "en"),
    ("UPDATE run SET value = 'x' WHERE key = 'model_hash'", "model.sha256", "x"),
    ("UPDATE run SET value = 'other' WHERE key = 'model'", "model.id", "other"),
    ("UPDATE files SET sha256 = 'x' WHERE role = 'roster'", "inputs[roster.xlsx].sha256", "x"),
    ("UPDATE files SET role = 'return' WHERE role = 'roster'", "inputs[roster.xlsx].role", "return"),
)


@pytest.mark.parametrize(("statement", "entry", "value"), FORGED)
@pytest.mark.parametrize("seal", ["as written", "kept", "made anew"])
def test_record_and_seal_that_contradict_each_other_are_no_other_version_option_model_or_roster(
    small_round: Path, copy: Path, setup: Setup, statement: str, entry: str, value: str, seal: str
) -> None:
    spoil(copy, statement)
    if seal != "as written":
        resealed(copy, own=seal == "made anew")
    verdict = verify(copy, [small_round / "returned"], roster=small_round / "roster.xlsx", setup=setup)
    assert (verdict.proved, verdict.causes) == ("", ())
    (one,) = verdict.contradictions
    assert (one.entry, one.record) == (entry, value)
    if entry == "options.lang" and seal == "kept":  # nothing tells which of the two the results were made in
        assert (one.seal, one.recomputed) == ("zh", "en")
        return
    assert one.seal == one.recomputed != value
    what = {"as written": "altered", "kept": "unvouched", "made anew": "differs"}[seal]
    assert {other.path: other.what for other in verdict.outputs if not other.is_harmless} == {
        "results.db": what, **({manifest.NAME: "altered"} if seal == "kept" else {}),
    }  # fmt: skip
    lines = list(verdict_lines(verdict))
    assert [line.partition("：" if "：" in line else ":")[0] for line in lines if entry in line] == [f"  {entry}"]
    told_again = [line for line in lines if line.startswith(("  run ", "  files "))]
    assert [line.split()[1] for line in told_again] == (["lang"] if entry == "options.lang" else [])


def test_a_seal_altered_with_its_own_hash_is_contradicted_by_the_record(
    small_round: Path, copy: Path, setup: Setup
) -> None:
    content = json.loads((copy / manifest.NAME).read_text(encoding="utf-8"))
    first = next(one["path"] for one in content["inputs"] if one["role"] == "return")
    content["inputs"] = [one for one in content["inputs"] if one["path"] != first]
    content["program"]["version"] = "0.0.9"
    resealed(copy, **content)
    verdict = verify(copy, [small_round / "returned"], roster=small_round / "roster.xlsx", setup=setup)
    assert (verdict.proved, verdict.causes) == ("", ())
    assert {(one.entry, one.seal == "", one.record == one.recomputed) for one in verdict.contradictions} == {
        ("program.version", False, True), (f"inputs[{first}].sha256", True, True),
    }  # fmt: skip


@pytest.mark.parametrize("seal", ["as written", "kept"])
def test_an_input_changed_together_with_the_record_is_named_still(
    small_round: Path, copy: Path, setup: Setup, tmp_path: Path, seal: str
) -> None:
    folder = shutil.copytree(small_round / "returned", tmp_path / "returned")
    form = sorted(folder.iterdir())[0]
    form.write_bytes(form.read_bytes() + b"x")
    digest, name = manifest.file_hash(form), f"returned/{form.name}"
    spoil(copy, f"UPDATE files SET sha256 = '{digest}' WHERE path = '{name}'")  # noqa: S608 - the tests own names
    if seal == "kept":
        resealed(copy, own=False)
    verdict = verify(copy, [folder], roster=small_round / "roster.xlsx", setup=setup)
    assert harmful(verdict) == {("input", "changed", name)}
    assert [(one.entry, one.record) for one in verdict.contradictions] == [(f"inputs[{name}].sha256", digest)]
    what = {one.path: one.what for one in verdict.outputs}["results.db"]
    assert what == ("unvouched" if seal == "kept" else "altered")


def test_where_neither_seal_nor_record_can_be_read_nothing_but_that_is_said(
    small_round: Path, copy: Path, setup: Setup
) -> None:
    (copy / manifest.NAME).write_text("{}")
    (copy / "results.db").write_bytes(b"")
    with pytest.raises(InputError) as raised:
        verify(copy, [small_round / "returned"], roster=small_round / "roster.xlsx", setup=setup)
    assert raised.value.key == "model_not_told"
    given = [small_round / "returned"]
    verdict = verify(copy, given, roster=small_round / "roster.xlsx", model="sme-service", setup=setup)
    assert (verdict.causes, verdict.figures, verdict.entries, verdict.contradictions) == ((), (), (), ())
    assert [(one.path, one.what) for one in verdict.outputs] == [
        (manifest.NAME, "altered"), ("results.db", "unvouched"),
    ]  # fmt: skip


def test_a_file_that_was_no_input_is_nobodys(
    small_round: Path, copy: Path, setup: Setup, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    demo = tmp_path / "demo"
    shutil.copytree(small_round / "returned", demo / "returned")
    shutil.copyfile(small_round / "roster.xlsx", demo / "roster.xlsx")
    (demo / "planted.json").write_text("{}", encoding="utf-8")
    verdict = verify(copy, [demo], setup=setup)
    assert harmful(verdict) == {("input", "added", "demo/planted.json")}
    assert {one.figure.table for one in verdict.figures} == {"files", "findings"}
    assert {one.causes for one in verdict.figures} == {(("added", "demo/planted.json"),)}
    monkeypatch.setattr("evaluator.cli.verdicts.LANG", "en")
    lines = list(verdict_lines(verdict))
    assert "  not among the inputs of this run: demo/planted.json" in lines
    assert not any("another's" in line for line in lines)


def test_an_option_forged_in_both_is_not_what_these_files_give(small_round: Path, copy: Path, setup: Setup) -> None:
    options = json.loads((copy / manifest.NAME).read_text(encoding="utf-8"))["options"]
    spoil(copy, "UPDATE run SET value = '2' WHERE key = 'option_seed'")
    resealed(copy, options={**options, "seed": "2"})
    verdict = verify(copy, [small_round / "returned"], roster=small_round / "roster.xlsx", setup=setup)
    assert [(one.what, one.culprit, one.recorded, one.found) for one in verdict.causes] == [
        ("unfounded", "seed", "2", "1")
    ]


def test_a_seal_without_the_roster_is_contradicted_by_the_record(
    small_round: Path, copy: Path, setup: Setup, lang: str
) -> None:
    resealed(copy, roster=None)
    verdict = verify(copy, [small_round / "returned"], roster=small_round / "roster.xlsx", setup=setup)
    (one,) = verdict.contradictions
    assert (one.entry, one.seal, one.record, one.recomputed) == ("roster", "no", "yes", "yes")
    assert {one.key: one.recorded for one in verdict.entries if one.key == "roster"} == {"roster": "null"}
    lines = [line for line in verdict_lines(verdict) if line.startswith("  roster")]
    assert len(lines) == 1
    assert "results.db" in lines[0]


def test_a_table_that_is_gone_is_said_to_be_missing_and_what_is_empty_to_be_empty(
    small_round: Path, copy: Path, setup: Setup, lang: str
) -> None:
    spoil(copy, "UPDATE answers SET answer = '' WHERE institution = 'SME0001' AND requirement = 'SS1-1'")
    with closing(sqlite3.connect(copy / "results.db")) as database, database:
        database.execute("DROP TABLE ranks")
    verdict = verify(copy, [small_round / "returned"], roster=small_round / "roster.xlsx", setup=setup)
    said = [line for line in verdict_lines(verdict) if line.startswith(("  ranks", "  answers"))]
    words = ("缺少此表", "（空） → ") if lang == "zh" else ("lack this table", "(empty) → ")
    assert [word in line for word, line in zip(words, said, strict=True)] == [True, True]


@pytest.mark.parametrize("key", ["inputs", "options"])
def test_a_seal_forged_with_its_own_hash_is_found_out(small_round: Path, copy: Path, setup: Setup, key: str) -> None:
    content = json.loads((copy / manifest.NAME).read_text(encoding="utf-8"))
    if key == "inputs":
        content["inputs"][3]["status"] = "excluded"
    else:
        content["options"]["more"] = "1"
    resealed(copy, **{key: content[key]})
    verdict = verify(copy, [small_round / "returned"], roster=small_round / "roster.xlsx", setup=setup)
    assert verdict.proved == ""


def test_a_path_changed_in_the_seal_is_the_seals_own_difference(small_round: Path, copy: Path, setup: Setup) -> None:
    path = copy / manifest.NAME
    path.write_bytes(path.read_bytes().replace(b'"ranking.xlsx"', b'"rankinq.xlsx"'))
    verdict = verify(copy, [small_round / "returned"], roster=small_round / "roster.xlsx", setup=setup)
    assert [(one.path, one.what) for one in verdict.outputs] == [(manifest.NAME, "altered")]
    unexplained = {one.key.rpartition(".")[0] for one in verdict.entries if not one.is_explained}
    assert unexplained == {"outputs[ranking.xlsx]", "outputs[rankinq.xlsx]"}


@pytest.mark.parametrize(
    "content", [b"", b"[]", b'{"inputs": 3, "outputs": [1, {"path": 4}]}', b"[" * 100_000, b"\xff"]
)
def test_a_seal_that_is_none_is_a_difference(small_round: Path, copy: Path, setup: Setup, content: bytes) -> None:
    (copy / manifest.NAME).write_bytes(content)
    verdict = verify(copy, [small_round / "returned"], roster=small_round / "roster.xlsx", setup=setup)
    assert [(one.path, one.what) for one in verdict.outputs] == [(manifest.NAME, "altered")]
    assert harmful(verdict) == set()


def test_a_result_that_is_a_link_or_a_folder_is_named(small_round: Path, copy: Path, setup: Setup) -> None:
    (copy / "ranking.xlsx").unlink()
    (copy / "ranking.xlsx").mkdir()
    (copy / "regulator.xlsx").unlink()
    (copy / "regulator.xlsx").symlink_to("nowhere")
    verdict = verify(copy, [small_round / "returned"], roster=small_round / "roster.xlsx", setup=setup)
    assert [(one.path, one.what) for one in verdict.outputs] == [
        ("ranking.xlsx", "missing"), ("regulator.xlsx", "unreadable"),
    ]  # fmt: skip


def test_what_was_altered_is_named_even_where_nothing_can_be_recomputed(
    small_round: Path, copy: Path, setup: Setup, tmp_path: Path
) -> None:
    (tmp_path / "roster.xlsx").write_bytes(b"none")
    (copy / "ranking.xlsx").write_bytes(b"none")
    verdict = verify(copy, [small_round / "returned"], roster=tmp_path / "roster.xlsx", setup=setup)
    assert not verdict.is_recomputed
    assert [(one.path, one.what) for one in verdict.outputs] == [("ranking.xlsx", "altered")]
    assert harmful(verdict) == {("roster", "changed", "roster.xlsx"), ("recomputation", "", "roster.xlsx")}


# Rounds


@pytest.fixture
def place(tmp_path: Path, model: Model) -> Round:
    place = made(tmp_path / "round", model)
    with at_work(place) as ledger:
        add_override(place, ledger, "answer", institution="N01", target="SS1-1", value="full", **WHY)
    return place


@pytest.fixture
def of_round(place: Round, setup: Setup, tmp_path: Path) -> Path:
    score_round(place.path, tmp_path / "results", setup=setup)
    return tmp_path / "results"


def test_a_round_gives_its_results_to_the_byte(place: Round, of_round: Path, setup: Setup) -> None:
    verdict = verify(of_round, [place.path], setup=setup)
    assert (verdict.proved, verdict.model_from, verdict.causes) == ("byte", "round", ())


def test_results_of_a_round_take_the_rounds_folder(place: Round, of_round: Path, setup: Setup) -> None:
    with pytest.raises(InputError) as raised:
        verify(of_round, [place.inbox], roster=place.roster, setup=setup)
    assert raised.value.key == "round_to_verify"


def test_a_decision_made_later_is_named_with_what_it_changes(place: Round, of_round: Path, setup: Setup) -> None:
    with at_work(place) as ledger:
        add_override(place, ledger, "answer", institution="N01", target="SD1-1", value="full", **WHY)
    verdict = verify(of_round, [place.path], setup=setup)
    assert harmful(verdict) == {("overrides", "added", "SD1-1 full")}
    assert {one.figure.institution for one in verdict.figures if one.figure.table == "answers"} == {"N01"}
    assert {cause for one in verdict.figures for cause in one.causes} == {("overrides", "overrides")}


def test_another_deadline_is_named(place: Round, of_round: Path, setup: Setup) -> None:
    settings = place.path / SETTINGS
    settings.write_text(settings.read_text(encoding="utf-8").replace("2026-03-31", "2026-04-15"), encoding="utf-8")
    verdict = verify(of_round, [place.path], setup=setup)
    assert harmful(verdict) == {("option", "changed", "closes")}


def test_a_kept_file_that_was_changed_is_named(place: Round, of_round: Path, setup: Setup) -> None:
    path = max((path for path in (place.path / INBOX).rglob("*") if path.is_file()), key=lambda one: one.name)
    (name,) = [str(row[0]) for row in _rows(of_round, "SELECT path, sha256 FROM files") if path.name in row[1]]  # type: ignore[operator]
    path.chmod(0o600)
    path.write_bytes(path.read_bytes() + b"x")
    verdict = verify(of_round, [place.path], setup=setup)
    assert harmful(verdict) == {("input", "changed", name), ("recomputation", "", name)}


@pytest.mark.parametrize("name", [KEY, DATABASE, SETTINGS])
def test_a_round_that_can_not_be_opened_is_blamed_on_what_is_wrong_with_it_alone(
    place: Round, of_round: Path, setup: Setup, name: str
) -> None:
    (place.path / name).write_bytes(b"")
    verdict = verify(of_round, [place.path], setup=setup)
    assert harmful(verdict) == {("recomputation", "", name)}
    assert verdict.outputs == ()


def test_another_time_of_arrival_is_named_as_the_inputs(place: Round, of_round: Path, setup: Setup) -> None:
    with closing(sqlite3.connect(place.path / DATABASE)) as ledger, ledger:
        ledger.execute("UPDATE files SET arrived = '2026-04-09T00:00:00Z' WHERE name = 'N01/SS.xlsx'")
    verdict = verify(of_round, [place.path], setup=setup)
    (one,) = verdict.causes
    assert (one.kind, one.what, one.culprit, one.institution) == ("input", "arrived", "N01/SS.xlsx", "N01")
    assert (str(one.recorded)[:10], str(one.found)[:10]) == ("2026-03-30", "2026-04-09")
    assert {cause for figure in verdict.figures for cause in figure.causes} == {("input", "N01/SS.xlsx")}
    assert len(list(verdict_lines(verdict))) > 3


def test_a_time_of_arrival_altered_in_the_record_is_none_of_the_rounds(
    place: Round, of_round: Path, setup: Setup
) -> None:
    spoil(of_round, "UPDATE files SET arrived = '2026-04-09T00:00:00Z' WHERE path = 'N01/SS.xlsx'")
    verdict = verify(of_round, [place.path], setup=setup)
    assert verdict.causes == ()
    assert [(one.figure.figure, one.causes) for one in verdict.figures] == [("arrived", (("output", "results.db"),))]


def test_a_rounds_roster_that_can_not_be_read_is_named(place: Round, of_round: Path, setup: Setup) -> None:
    (place.path / ROSTER).write_bytes(b"none")
    verdict = verify(of_round, [place.path], setup=setup)
    assert harmful(verdict) == {("roster", "changed", ROSTER), ("recomputation", "", ROSTER)}


# The command


def run(*arguments: str | Path) -> int:
    with pytest.raises(SystemExit) as stopped:
        cli.main([str(argument) for argument in arguments])
    return int(stopped.value.code or 0)


def test_the_command_says_identical(
    small_round: Path, scored: Path, capsys: pytest.CaptureFixture[str], lang: str
) -> None:
    code = run("verify", scored, small_round / "returned", "--roster", small_round / "roster.xlsx")
    printed = capsys.readouterr()
    assert (code, printed.err, printed.out.count("\n")) == (0, "", 1)
    assert ("逐字节相同" if lang == "zh" else "to the byte") in printed.out


def test_the_command_names_the_culprit_first(
    small_round: Path, copy: Path, capsys: pytest.CaptureFixture[str], lang: str
) -> None:
    with closing(sqlite3.connect(copy / "results.db")) as database, database:
        database.execute("UPDATE institutions SET star = 5 WHERE id = 'SME0002'")
    code = run("verify", copy, small_round / "returned", "--roster", small_round / "roster.xlsx")
    lines = capsys.readouterr().out.splitlines()
    assert code == 1
    assert ("不一致" if lang == "zh" else "Not identical") in lines[0]
    assert "results.db" in lines[2]
    assert "SME0002" in lines[3]  # it contradicts itself
    assert "SME0002 star: 5 → " in lines[5]


def test_json_holds_everything(small_round: Path, scored: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ("--roster", small_round / "roster.xlsx", "--format", "json", "--no-cache", "--workers", "1")
    assert run("verify", scored, small_round / "returned", *options) == 0
    content = json.loads(capsys.readouterr().out)
    assert content == {
        "identical": True, "proved": "byte", "recomputed": True, "model_from": "builtin", "causes": [], "outputs": [],
        "manifest": [], "contradictions": [], "figures": [], "open": False, "unfounded": None,
        "not_compared": [],
    }  # fmt: skip


def test_an_operators_mistake_is_one_line(
    small_round: Path, scored: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("verify", tmp_path, small_round / "returned") == 2
    assert run("verify", scored, tmp_path / "nowhere", "--roster", small_round / "roster.xlsx") == 2
    assert run("verify", scored, small_round / "returned") == 2
    printed = capsys.readouterr()
    assert (printed.out, printed.err.count("\n")) == ("", 3)


def test_a_round_is_given_alone(place: Round, of_round: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("verify", of_round, place.path, "--roster", place.roster) == 2
    assert run("verify", of_round, place.path, "--quiet") == 0
    assert capsys.readouterr().out.count("\n") == 1
