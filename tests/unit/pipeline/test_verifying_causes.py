"""What verify says is the cause is the cause: limits, LibreOffice, names, containers, versions, roster, mistakes."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest

from evaluator import cli, pipeline
from evaluator.cli.verdicts import verdict_json, verdict_lines
from evaluator.errors import InputError, ModelError, RosterError
from evaluator.limits import Limits
from evaluator.model.files import files_of, hashes_of
from evaluator.model.records import Model
from evaluator.pipeline.rounds import score_round
from evaluator.pipeline.setup import Setup
from evaluator.pipeline.verifying import verify
from evaluator.reports import manifest
from evaluator.reports.comparing.verdict import Verdict
from evaluator.rounds.folder import INBOX, SETTINGS, Round, at_work
from evaluator.rounds.overrides import add_override
from tests.libreoffice import require_libreoffice
from tests.unit.pipeline.test_rounds import WHY, made
from tests.unit.pipeline.test_verifying import harmful, resealed, spoil

SEAL = ("seal", "")


@pytest.fixture(scope="module")
def setup(tmp_path_factory: pytest.TempPathFactory) -> Setup:
    return Setup(workers=1, cache=tmp_path_factory.mktemp("cache") / "readings.db")


@pytest.fixture(scope="module")
def given(small_round: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The forms of a small round, with a lock file among them."""
    folder = shutil.copytree(small_round / "returned", tmp_path_factory.mktemp("given") / "returned")
    (folder / "~$SME0001_1.xlsx").write_bytes(b"user")
    return folder


@pytest.fixture(scope="module")
def roster(small_round: Path) -> Path:
    return small_round / "roster.xlsx"


@pytest.fixture(scope="module")
def scored(given: Path, roster: Path, model: Model, setup: Setup, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return score(given, tmp_path_factory.mktemp("scored") / "results", model, setup, roster)


@pytest.fixture
def copy(scored: Path, tmp_path: Path) -> Path:
    return shutil.copytree(scored, tmp_path / "results")


@pytest.fixture
def folder(given: Path, tmp_path: Path) -> Path:
    """The forms, to be changed."""
    return shutil.copytree(given, tmp_path / "returned")


@pytest.fixture(params=["zh", "en"])
def lang(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setattr("evaluator.cli.verdicts.LANG", request.param)
    return request.param


def score(given: Path, out: Path, model: Model, setup: Setup, roster: Path | None = None) -> Path:
    files = hashes_of(files_of("sme-service"))
    pipeline.score([given], out, model, roster=roster, model_files=files, setup=setup)
    return out


def reasons(verdict: Verdict) -> set[tuple[str, str]]:
    return {cause for one in verdict.figures for cause in one.causes}


def unexplained(verdict: Verdict) -> list[str]:
    return [one.key for one in verdict.entries if not one.is_explained]


def said(verdict: Verdict) -> str:
    return "\n".join(verdict_lines(verdict))


# Limits


def test_other_limits_are_named_as_the_cause_of_all_that_differs(
    given: Path, scored: Path, roster: Path, model: Model, setup: Setup, tmp_path: Path, lang: str
) -> None:
    sizes = sorted(path.stat().st_size for path in given.glob("SME*.xlsx"))
    few = replace(setup, limits=Limits(file=sizes[len(sizes) // 2], seconds=29))
    limited = score(given, tmp_path / "limited", model, few, roster)
    sealed = json.loads((limited / manifest.NAME).read_text(encoding="utf-8"))["options"]["limits"]
    assert sealed == f"file={few.limits.file}, seconds=29"
    for results, own in ((limited, setup), (scored, few)):
        verdict = verify(results, [given], roster=roster, setup=own)
        assert harmful(verdict) == {("option", "limits", "limits")}
        assert len(verdict.figures) > 100
        assert reasons(verdict) == {("option", "limits")}
        assert unexplained(verdict) == []
        assert sealed in said(verdict)
        assert ("默认值" if lang == "zh" else "the defaults") in said(verdict)
    assert verify(limited, [given], roster=roster, setup=few).proved == "byte"
    assert verify(scored, [given], roster=roster, setup=replace(setup, workers=2)).proved == "byte"


def test_limits_that_are_the_defaults_are_not_sealed(scored: Path) -> None:
    assert "limits" not in json.loads((scored / manifest.NAME).read_text(encoding="utf-8"))["options"]


# LibreOffice


@pytest.fixture(scope="module")
def with_ods(given: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two institutions' forms, one of them saved by LibreOffice as .ods."""
    folder = tmp_path_factory.mktemp("ods") / "returned"
    folder.mkdir()
    for path in [*given.glob("SME0001_*"), *given.glob("SME0002_*")]:
        shutil.copyfile(path, folder / path.name)
    form = next(folder.glob("SME0002_1_*"))
    profile = f"-env:UserInstallation={(folder.parent / 'profile').as_uri()}"
    subprocess.run(
        [require_libreoffice(), profile, "--headless", "--convert-to", "ods", "--outdir", str(folder), str(form)],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    form.unlink()
    return folder


def test_where_libreoffice_is_missing_nothing_is_said_of_the_results(
    with_ods: Path, model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lang: str
) -> None:
    here = Setup(workers=1)
    results = score(with_ods, tmp_path / "results", model, here)
    (name,) = [f"returned/{path.name}" for path in with_ods.glob("*.ods")]
    assert verify(results, [with_ods], setup=here).proved == "byte"
    monkeypatch.setenv("EVALUATOR_SOFFICE", "")
    verdict = verify(results, [with_ods], setup=here)
    (one,) = verdict.causes
    assert (one.what, one.culprit, one.institution) == ("unconverted", name, "SME0002")
    assert (verdict.proved, verdict.is_open) == ("", True)
    assert reasons(verdict) <= {("conversion", name), ("others", name)}
    assert said(verdict).startswith("无法证明" if lang == "zh" else "Not proven either way")
    assert "LibreOffice" in said(verdict).splitlines()[2]
    without = score(with_ods, tmp_path / "without", model, here)
    assert verify(without, [with_ods], setup=here).proved == "byte"
    spoil(results, "UPDATE institutions SET star = 5 WHERE id = 'SME0001'")
    assert not verify(results, [with_ods], setup=here).is_open
    monkeypatch.delenv("EVALUATOR_SOFFICE")
    verdict = verify(without, [with_ods], setup=here)
    assert harmful(verdict) == {("input", "converted", name)}
    assert (verdict.is_open, reasons(verdict) <= {("conversion", name), ("others", name)}) == (True, True)


# Names that decide


def test_a_form_renamed_to_a_lock_files_name_counts_no_more_and_is_the_cause(
    folder: Path, scored: Path, roster: Path, setup: Setup, lang: str
) -> None:
    form = next(folder.glob("SME0003_1_*"))
    form.rename(folder / "Thumbs.db")
    verdict = verify(scored, [folder], roster=roster, setup=setup)
    assert harmful(verdict) == {("input", "skipped", f"returned/{form.name}")}
    assert reasons(verdict) == {("renamed", f"returned/{form.name}"), ("others", f"returned/{form.name}")}
    assert ("不影响结果" if lang == "zh" else "harmless") not in said(verdict)


def test_a_lock_file_renamed_is_read_now_and_is_the_cause(
    folder: Path, scored: Path, roster: Path, setup: Setup
) -> None:
    (folder / "~$SME0001_1.xlsx").rename(folder / "tilde.xlsx")
    verdict = verify(scored, [folder], roster=roster, setup=setup)
    assert harmful(verdict) == {("input", "read", "returned/~$SME0001_1.xlsx")}
    assert reasons(verdict) == {("renamed", "returned/~$SME0001_1.xlsx")}


def test_any_other_name_is_harmless(folder: Path, scored: Path, roster: Path, setup: Setup) -> None:
    next(folder.glob("SME0003_1_*")).rename(folder / "y.xlsx")
    assert verify(scored, [folder], roster=roster, setup=setup).proved == "byte"


# Containers


def test_inputs_taken_out_of_an_archive_are_told_in_a_line(
    given: Path, roster: Path, scored: Path, model: Model, setup: Setup, tmp_path: Path, lang: str
) -> None:
    archive, forms = tmp_path / "in.zip", sorted(given.iterdir())
    with zipfile.ZipFile(archive, "w") as new:
        for path in forms:
            new.write(path, path.name)
    verdict = verify(scored, [archive], roster=roster, setup=setup)
    assert [(one.what, one.culprit, one.recorded) for one in verdict.causes] == [("packed", "in.zip", len(forms))]
    results = score(archive, tmp_path / "results", model, setup, roster)
    verdict = verify(results, [given], roster=roster, setup=setup)
    assert [(one.what, one.culprit, one.recorded) for one in verdict.causes] == [("unpacked", "in.zip", len(forms))]
    assert reasons(verdict) == {("input", "in.zip")}
    assert len(said(verdict).splitlines()) < 20
    assert "in.zip" in said(verdict).splitlines()[2]


# Versions, and records that contradict themselves


def test_a_librarys_version_accounts_for_no_figure(copy: Path, given: Path, roster: Path, setup: Setup) -> None:
    program = json.loads((copy / manifest.NAME).read_text(encoding="utf-8"))["program"]
    libraries = {**program["libraries"], "numpy": "1.26.0"}
    spoil(
        copy,
        "UPDATE institutions SET score = 4.9, star = 5 WHERE id = 'SME0002'",
        "UPDATE institutions SET province = 'x' WHERE id = 'SME0003'",
    )
    resealed(copy, program={**program, "libraries": libraries})
    verdict = verify(copy, [given], roster=roster, setup=setup)
    assert {(one.figure.institution, one.causes) for one in verdict.figures} == {
        ("SME0002", (("itself", "results.db"),)), ("SME0003", (SEAL,)),
    }  # fmt: skip
    found = verdict_json(verdict)["unfounded"]
    assert isinstance(found, dict)
    assert (found["institution"], found["figure"], found["recorded"]) == ("SME0002", "score", 4.9)


def test_the_programs_version_only_may_account_for_a_figure(
    copy: Path, given: Path, roster: Path, setup: Setup, lang: str
) -> None:
    program = json.loads((copy / manifest.NAME).read_text(encoding="utf-8"))["program"]
    spoil(
        copy,
        "UPDATE run SET value = 'evaluator 0.0.9' WHERE key = 'program'",
        "UPDATE institutions SET star = 5 WHERE id = 'SME0002'",
        "UPDATE domains SET d2 = d2 + 0.25 WHERE institution = 'SME0003' AND domain = 'SO'",
    )
    resealed(copy, program={**program, "version": "0.0.9"})
    verdict = verify(copy, [given], roster=roster, setup=setup)
    of = {one.figure.institution: one.causes for one in verdict.figures}
    assert of["SME0002"] == (("itself", "results.db"), ("version", "evaluator"))
    assert of["SME0003"] in ((("version", "evaluator"),), (("itself", "results.db"), ("version", "evaluator")))
    assert ("可能是 evaluator 的版本" if lang == "zh" else "maybe the version of evaluator") in said(verdict)
    assert ("results.db 自相矛盾" if lang == "zh" else "results.db contradicts itself") in said(verdict)


def test_where_only_the_seal_differs_it_is_named_and_said_so(
    copy: Path, given: Path, roster: Path, setup: Setup, lang: str
) -> None:
    program = json.loads((copy / manifest.NAME).read_text(encoding="utf-8"))["program"]
    resealed(copy, program={**program, "libraries": {**program["libraries"], "numpy": "1.26.0"}})
    verdict = verify(copy, [given], roster=roster, setup=setup)
    lines = said(verdict).splitlines()
    assert (verdict.proved, lines[-1].strip()) == ("figure", "manifest.json")
    assert ("除 manifest.json 外" if lang == "zh" else "to the byte but manifest.json") in lines[0]
    spoil(copy, "UPDATE institutions SET score = score + 1e-12 WHERE id = 'SME0002'")
    resealed(copy)
    verdict = verify(copy, [given], roster=roster, setup=setup)
    assert verdict.proved == "figure"
    assert {"  manifest.json", "  results.db"} <= set(said(verdict).splitlines())


# Roster


def changed_roster(roster: Path, target: Path, name: str = "") -> Path:
    """Save a roster again, with another width of a column, and another name of SME0002 where one is given."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl can't read the page's footer
        book = openpyxl.load_workbook(roster)
    sheet = book.worksheets[0]
    sheet.column_dimensions["A"].width = 50
    for row in sheet.iter_rows():
        if name and row[0].value == "SME0002":
            row[1].value = name
    book.save(target)
    return target


def test_a_roster_that_reads_the_same_accounts_for_nothing_but_its_own_entry(
    copy: Path, given: Path, roster: Path, setup: Setup, tmp_path: Path
) -> None:
    other = changed_roster(roster, tmp_path / "roster.xlsx")
    verdict = verify(copy, [given], roster=other, setup=setup)
    assert harmful(verdict) == {("roster", "changed", "roster.xlsx")}
    assert {one.figure.table for one in verdict.figures} == {"files"}
    assert reasons(verdict) == {("roster", "roster.xlsx")}
    spoil(copy, "UPDATE domains SET d2 = d2 + 0.25 WHERE institution = 'SME0003' AND domain = 'SO'")
    resealed(copy)
    verdict = verify(copy, [given], roster=other, setup=setup)
    of = {one.figure.table: one.causes[0][0] for one in verdict.figures}
    assert (of["files"], of["domains"]) in (("roster", "seal"), ("roster", "itself"))
    verdict = verify(copy, [given], roster=changed_roster(roster, other, "别家"), setup=setup)
    assert ("roster", "roster.xlsx") in {cause for one in verdict.figures for cause in one.causes}


def test_a_comment_in_a_models_file_accounts_for_no_figure(
    copy: Path, given: Path, roster: Path, setup: Setup, tmp_path: Path
) -> None:
    own = shutil.copytree(files_of("sme-service")[0].parent, tmp_path / "model")
    (own / "1_SS.toml").write_bytes((own / "1_SS.toml").read_bytes() + b"# more\n")
    spoil(copy, "UPDATE institutions SET province = 'x' WHERE id = 'SME0003'")
    resealed(copy)
    verdict = verify(copy, [given], roster=roster, model=str(own), setup=setup)
    assert harmful(verdict) == {("model_file", "changed", "1_SS.toml")}
    assert reasons(verdict) == {SEAL}


def test_of_several_possible_causes_it_is_said_that_they_are_several(
    copy: Path, folder: Path, roster: Path, setup: Setup, lang: str
) -> None:
    form = next(folder.glob("SME0003_1_*"))
    form.write_bytes(form.read_bytes()[:-1])
    spoil(copy, "UPDATE institutions SET star = 5 WHERE id = 'SME0004'")
    verdict = verify(copy, [folder], roster=roster, setup=setup)
    of = {one.figure.institution: one.causes for one in verdict.figures if one.figure.table == "institutions"}
    assert of["SME0003"] == (("input", f"returned/{form.name}"), ("output", "results.db"))
    (line, *_) = [line for line in said(verdict).splitlines() if "SME0003 status" in line]
    assert ("以下原因之一或几项" if lang == "zh" else "one or several of") in line


def test_of_several_changed_inputs_none_alone_is_blamed_for_others_figures(
    folder: Path, scored: Path, roster: Path, setup: Setup, lang: str
) -> None:
    for number in (3, 4):
        form = next(folder.glob(f"SME000{number}_1_*"))
        form.write_bytes(form.read_bytes()[:-1])
    verdict = verify(scored, [folder], roster=roster, setup=setup)
    of = {one.causes for one in verdict.figures if one.figure.institution in ("SME0001", "SME0002")}
    assert of == {(("others", ""),)}
    assert ("其他机构的上述输入" if lang == "zh" else "others' inputs named above") in said(verdict)


# The operator's mistakes


def headless(roster: Path, target: Path) -> Path:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        book = openpyxl.load_workbook(roster)
    book.worksheets[0].delete_rows(1)
    book.save(target)
    return target


def test_a_roster_or_model_that_is_none_is_the_operators_mistake(
    scored: Path, given: Path, roster: Path, setup: Setup, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    form = next(given.glob("SME0004_1_*"))
    with pytest.raises(InputError) as raised:
        verify(scored, [given], roster=form, setup=setup)
    assert raised.value.key == "roster_is_return"
    with pytest.raises(RosterError):
        verify(scored, [given], roster=headless(roster, tmp_path / "list.xlsx"), setup=setup)
    with pytest.raises(ModelError):
        verify(scored, [given], roster=roster, model=str(form), setup=setup)
    options = ("verify", scored, given, "--roster", form)
    with pytest.raises(SystemExit) as stopped:
        cli.main([str(one) for one in options])
    printed = capsys.readouterr()
    assert (stopped.value.code, printed.out, printed.err.count("\n")) == (2, "", 1)


# What is gone


def test_a_models_file_that_is_gone_is_missing(
    scored: Path, given: Path, roster: Path, setup: Setup, tmp_path: Path
) -> None:
    own = shutil.copytree(files_of("sme-service")[0].parent, tmp_path / "model")
    (own / "5_CI.toml").unlink()
    verdict = verify(scored, [given], roster=roster, model=str(own), setup=setup)
    assert harmful(verdict) == {("model_file", "missing", "5_CI.toml"), ("recomputation", "", "model.toml")}
    (own / "model.toml").write_text("no = = toml", encoding="utf-8")
    verdict = verify(scored, [given], roster=roster, model=str(own), setup=setup)
    assert {one for one in harmful(verdict) if one[0] == "model_file"} == {
        ("model_file", "missing", "5_CI.toml"), ("model_file", "changed", "model.toml"),
    }  # fmt: skip


@pytest.fixture
def place(tmp_path: Path, model: Model) -> Round:
    return made(tmp_path / "round", model)


@pytest.fixture
def of_round(place: Round, setup: Setup, tmp_path: Path) -> Path:
    score_round(place.path, tmp_path / "results", setup=setup)
    return tmp_path / "results"


def test_a_kept_file_that_is_gone_is_missing(place: Round, of_round: Path, setup: Setup, lang: str) -> None:
    path = max((path for path in (place.path / INBOX).rglob("*") if path.is_file()), key=lambda one: one.name)
    path.unlink()
    verdict = verify(of_round, [place.path], setup=setup)
    assert {(kind, what) for kind, what, _ in harmful(verdict)} == {("input", "missing"), ("recomputation", "")}
    assert ("改动" if lang == "zh" else "changed") not in said(verdict)


def test_a_rounds_offset_from_utc_is_sealed_and_named(place: Round, of_round: Path, setup: Setup) -> None:
    settings = place.path / SETTINGS
    settings.write_text(settings.read_text(encoding="utf-8") + "utc_offset = 5.5\n", encoding="utf-8")
    verdict = verify(of_round, [place.path], setup=setup)
    found = {(one.culprit, one.recorded, one.found) for one in verdict.causes if one.culprit == "utc_offset"}
    assert found == {("utc_offset", "8", "5.5")}


def test_decisions_are_named_and_not_their_hashes(place: Round, setup: Setup, tmp_path: Path, lang: str) -> None:
    with at_work(place) as ledger:
        add_override(place, ledger, "answer", institution="N01", target="SS1-1", value="full", **WHY)
    score_round(place.path, tmp_path / "results", setup=setup)
    with at_work(place) as ledger:
        add_override(place, ledger, "answer", institution="N01", target="SD1-1", value="none", **WHY)
    verdict = verify(tmp_path / "results", [place.path], setup=setup)
    (line,) = [line for line in said(verdict).splitlines() if "SD1-1 none" in line and line.startswith("  N01")]
    assert ("评价后新增的人工决定：答案 SD1-1 none" if lang == "zh" else "override made since: answer") in line
    assert not any(len(word) == 64 for line in said(verdict).splitlines() for word in line.split())
    assert "SS1-1" not in line


# Small things


def test_a_damaged_record_is_told_in_one_language(
    copy: Path, given: Path, roster: Path, setup: Setup, monkeypatch: pytest.MonkeyPatch
) -> None:
    (copy / "results.db").write_bytes(b"junk" * 100)
    monkeypatch.setattr("evaluator.cli.verdicts.LANG", "zh")
    assert "（不是数据库文件）" in said(verify(copy, [given], roster=roster, setup=setup))


def test_foreign_objects_of_the_record_are_named(
    copy: Path, given: Path, roster: Path, setup: Setup, lang: str
) -> None:
    with closing(sqlite3.connect(copy / "results.db")) as database, database:
        database.execute("CREATE VIEW mine AS SELECT 1")
        database.execute("CREATE TRIGGER own AFTER INSERT ON items BEGIN SELECT 1; END")
        database.execute("DROP INDEX domains_institution")
    verdict = verify(copy, [given], roster=roster, setup=setup)
    assert not any(one.is_packing for one in verdict.outputs)
    lines = [line.strip() for line in said(verdict).splitlines()]
    words = {
        "zh": ("mine: 评价不产生（视图）", "own: 评价不产生（触发器）", "domains_institution: 原结果缺少（索引）"),
        "en": ("mine: no run writes it (view)", "own: no run writes it (trigger)", "domains_institution: the results"),
    }  # fmt: skip
    assert all(any(line.startswith(word) for line in lines) for word in words[lang])


def test_results_in_another_language_than_they_say_are_told_to_be(
    copy: Path, given: Path, roster: Path, setup: Setup, lang: str
) -> None:
    options = json.loads((copy / manifest.NAME).read_text(encoding="utf-8"))["options"]
    spoil(copy, "UPDATE run SET value = 'en' WHERE key IN ('lang', 'option_lang')")
    resealed(copy, options={**options, "lang": "en"})
    verdict = verify(copy, [given], roster=roster, setup=setup)
    assert harmful(verdict) == {("option", "other_lang", "lang")}
    assert {one.other_lang for one in verdict.outputs if one.path.endswith(".xlsx")} == {"zh"}
    assert "About!" not in said(verdict)
    assert reasons(verdict) == {("option", "lang")}


@pytest.mark.filterwarnings("ignore:Cannot parse header or footer")
def test_a_sheet_that_is_gone_is_said_to_be_missing(
    copy: Path, given: Path, roster: Path, setup: Setup, lang: str
) -> None:
    book = openpyxl.load_workbook(copy / "regulator.xlsx")
    book.remove(book["说明"])
    book.save(copy / "regulator.xlsx")
    told = said(verify(copy, [given], roster=roster, setup=setup))
    assert ("缺少工作表“说明”" if lang == "zh" else "sheet missing: 说明") in told
