"""`evaluator explain`, as a person would check it: printed lines, the workbooks they name, and the recorded score.

Twenty random institutions of a synthetic round with faults are re-added from their printed lines, in both languages.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import openpyxl
import pytest

from evaluator import cli, pipeline
from evaluator.model.records import DIMENSIONS, Model
from evaluator.wording import LANGS, Lang, say
from tests.handcheck import equations, holds, names, readded

NEAR = Fraction(1, 10**9)
SAMPLE = 20


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory, faulty_round: Path, model: Model) -> Path:
    folder = tmp_path_factory.mktemp("explain") / "results"
    pipeline.score([faulty_round / "returned"], folder, model, roster=faulty_round / "roster.xlsx")
    return folder


@pytest.fixture(scope="module")
def recorded(results: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(results / "results.db")) as database:
        database.row_factory = sqlite3.Row
        yield database


@pytest.fixture(scope="module")
def chosen(recorded: sqlite3.Connection) -> list[sqlite3.Row]:
    """Twenty institutions, drawn at random."""
    rows = recorded.execute("SELECT * FROM institutions").fetchall()
    return random.Random(20260331).sample(rows, SAMPLE)  # noqa: S311 - nothing secret


@pytest.fixture(scope="module")
def printed() -> dict[tuple[str, ...], tuple[int, str, str]]:
    """What the command printed already, by language and arguments."""
    return {}


@pytest.fixture
def explain(
    results: Path,
    printed: dict[tuple[str, ...], tuple[int, str, str]],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Any:
    def run(lang: Lang, *arguments: str) -> tuple[int, str, str]:
        if (lang, *arguments) in printed:
            return printed[lang, *arguments]
        for module in ("evaluator.cli", "evaluator.cli.explain"):
            monkeypatch.setattr(sys.modules[module], "LANG", lang)
        with pytest.raises(SystemExit) as stopped:
            cli.main(["explain", str(results), *arguments])
        said = capsys.readouterr()
        printed[lang, *arguments] = (int(stopped.value.code or 0), said.out, said.err)
        return printed[lang, *arguments]

    return run


@pytest.mark.parametrize("lang", LANGS)
def test_the_printed_lines_of_twenty_institutions_add_up_to_their_recorded_figures(
    lang: Lang, explain: Any, chosen: list[sqlite3.Row], recorded: sqlite3.Connection
) -> None:
    rated = 0
    for row in chosen:
        code, out, err = explain(lang, row["id"])
        assert (code, err) == (0, "")
        found = readded(out.splitlines(), "staged")
        assert ("S" in found, "star" in found) == (row["status"] == "rated",) * 2
        if row["status"] == "rated":
            rated += 1
            near(found["S"].result, row["score"])
            assert found["star"].result == row["star"]
            assert found["star"].result == min(found[name].result for name in names(found, "L("))
            for method in ("average", "cumulative"):
                near(found[f"S({method})"].result, row[f"score_{method}"])
        for domain in recorded.execute("SELECT * FROM domains WHERE institution = ?", (row["id"],)):
            if domain["score"] is not None:
                near(found[f"S({domain['domain']})"].result, domain["score"])
                near(found[f"C({domain['domain']})"].result, domain["coverage"])
                near(found[f"N({domain['domain']})"].result, domain["na_share"])
                for level in (1, 2, 3, 4, 5):
                    near(found[f"D({domain['domain']},{level})"].result, domain[f"d{level}"])
        for item in recorded.execute("SELECT * FROM items WHERE institution = ?", (row["id"],)):
            if item["score"] is not None:
                near(found[f"M({item['item']})"].result, item["score"])
        for one in recorded.execute("SELECT * FROM dimensions WHERE institution = ?", (row["id"],)):
            if one["score"] is not None:
                near(found[f"P({one['dimension']})"].result, one["score"])
    assert 5 < rated < SAMPLE


def near(printed: Fraction, value: float) -> None:
    assert abs(printed - Fraction(value)) < NEAR


class Place(NamedTuple):
    """What an explanation prints of one requirement."""

    typed: str
    file: str
    sha256: str
    sheet: str
    cell: str
    evidence: str
    evidence_cell: str


PATTERNS = {
    "zh": r"填写：(?:“(?P<typed>.*?)”(?:，即“.*?”)?|（空）)；状态：.*?\n"
    r" *佐证材料(?:（(?P<at>[A-Z]+[0-9]+)）)?：(?P<evidence>.*)\n"
    r"(?:.*?\n)*? *文件：(?P<file>.*)\n *SHA-256 (?P<sha>[0-9a-f]{64})\n"
    r" *位置：(?:工作表“(?P<sheet>.*)”，单元格(?P<cell>[A-Z]+[0-9]+)|问卷中没有这一行)\n",
    "en": r'Answer: (?:"(?P<typed>.*?)"(?:, which is ".*?")?|\(nothing\)); state: .*?\n'
    r" *Evidence(?: \((?P<at>[A-Z]+[0-9]+)\))?: (?P<evidence>.*)\n"
    r"(?:.*?\n)*? *File: (?P<file>.*)\n *SHA-256 (?P<sha>[0-9a-f]{64})\n"
    r' *Place: (?:sheet "(?P<sheet>.*)", cell (?P<cell>[A-Z]+[0-9]+)|the form has no such row)\n',
}


def places(printed: str, lang: Lang) -> dict[str, Place]:
    """Read where each requirement's answer stands, from the printed text alone."""
    parts = re.split(r"^ {6}([A-Z]{2}[0-9]+-[1-5][a-z]?)(?=[ 　]+★)", printed, flags=re.MULTILINE)
    found = {}
    for identifier, words in zip(parts[1::2], parts[2::2], strict=True):
        match = re.search(PATTERNS[lang], words)
        if match is not None:
            group = {name: value or "" for name, value in match.groupdict().items()}
            found[identifier] = Place(
                group["typed"],
                group["file"],
                group["sha"],
                group["sheet"],
                group["cell"],
                group["evidence"],
                group["at"],
            )
    return found


@cache
def workbook(path: Path) -> Mapping[str, Mapping[str, object]]:
    """Give the content of every cell of a workbook as openpyxl reads it."""
    book = openpyxl.load_workbook(path)
    return {
        sheet.title: {
            cell.coordinate: cell.value for row in sheet.iter_rows() for cell in row if cell.value is not None
        }
        for sheet in book.worksheets
    }


@pytest.mark.parametrize("lang", LANGS)
def test_every_requirements_file_hash_sheet_and_cell_are_right(
    lang: Lang, explain: Any, chosen: list[sqlite3.Row], faulty_round: Path, recorded: sqlite3.Connection
) -> None:
    opened = proven = 0
    for row in chosen:
        _, out, _ = explain(lang, row["id"])
        found = places(out, lang)
        came = recorded.execute(
            "SELECT requirement FROM answers WHERE institution = ? AND state != 'missing'", (row["id"],)
        )
        assert set(found) == {requirement for (requirement,) in came}
        for requirement, place in found.items():
            path = faulty_round / place.file
            assert hashlib.sha256(path.read_bytes()).hexdigest() == place.sha256
            if not place.cell:
                assert not any(requirement in sheet.values() for sheet in workbook(path).values())
                continue
            cells = workbook(path)[place.sheet]
            number = re.sub("[A-Z]+", "", place.cell)
            assert requirement in [value for at, value in cells.items() if re.sub("[A-Z]+", "", at) == number]
            typed = cells.get(place.cell, "")
            assert str(typed) == place.typed or (str(typed).startswith("=") and computed(recorded, row, requirement))
            shown = "".join(str(cells.get(place.evidence_cell, "")).split())
            first = "".join(place.evidence.rstrip("…").split())
            assert shown.startswith(first) if shown else first in EMPTY, (row["id"], requirement)
            proven += bool(shown)
            opened += 1
    assert opened > 1000
    assert proven > 500


EMPTY = ("（空）", "(nothing)")


def computed(recorded: sqlite3.Connection, row: sqlite3.Row, requirement: str) -> bool:
    """Tell whether a finding says that a formula stands where the answer should."""
    found = recorded.execute(
        "SELECT code FROM findings WHERE institution = ? AND requirement = ?", (row["id"], requirement)
    )
    return ("answer.formula",) in [tuple(one) for one in found]


def test_each_part_leads_to_the_total(explain: Any, chosen: list[sqlite3.Row], model: Model) -> None:
    row = next(one for one in chosen if one["status"] == "rated")
    _, whole, _ = explain("en", row["id"])
    everything = equations(whole.splitlines())
    parts = {
        "SO": {"S", "S(SO)", *(f"D(SO,{n})" for n in (1, 2, 3, 4, 5)), "C(SO)", "N(SO)"},
        "ss1": {"S", "S(SS)", "M(SS1)", "s(SS1-1)", "s(SS1-5)"},
        "ＳＳ１－３": {"S", "S(SS)", "D(SS,3)", "x(SS1,3)", "s(SS1-3)"},
        "服务战略": {"S", "S(SS)"},
        "Service design": {"S", "S(SD)"},
        "process": {"P(process)", "E(process)", "V(process)"},
        "服务绩效": {"P(performance)"},
        "STAR": {"S", "star", "L(band)", "L(domain_floor)"},
        "星级": {"star"},
        "rank": {"S"},
        "排名": {"S"},
    }
    for typed, wanted in parts.items():
        code, out, _ = explain("en", row["id"], typed)
        found = equations(out.splitlines())
        assert code == 0
        assert wanted <= set(found), typed
        assert all(everything[name] == said and holds(said) for name, said in found.items())
        assert len(out) < len(whole) / 2
    for dimension in DIMENSIONS:
        _, out, _ = explain("zh", row["id"], dimension)
        assert [name for name in equations(out.splitlines()) if name.startswith("P(")] == [f"P({dimension})"]
    for domain in model.domains:
        _, out, _ = explain("zh", row["id"], domain.code)
        assert set(places(out, "zh")) == {r.id for r in domain.requirements}


def test_the_json_holds_the_whole_tree_and_the_printed_equations(explain: Any, chosen: list[sqlite3.Row]) -> None:
    for row in chosen[:6]:
        code, out, err = explain("zh", row["id"], "--format", "json")
        data = json.loads(out)
        assert (code, err) == (0, "")
        _, text, _ = explain("zh", row["id"])
        printed = equations(text.splitlines())
        assert equations(_equations(data)).items() >= printed.items() - {
            item for item in printed.items() if item[0] == "star" or item[0].startswith("s(")
        }
        scores = {r["requirement"]: r["score"] for r in _all(data, "requirements") if r["score"] is not None}
        assert {f"s({name})": Fraction(str(value)) for name, value in scores.items()} == {
            name: said.result for name, said in printed.items() if name.startswith("s(")
        }
        assert data["status"] == row["status"]
        assert [one["score"] for one in data["methods"] if one["official"]] == ([row["score"]] if row["score"] else [])


def _all(node: Any, key: str) -> Iterator[Any]:
    for name, value in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
        if name == key:
            yield from value
        else:
            yield from _all(value, key)


def _equations(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for name, value in node.items():
            if name == "equation" and value is not None:
                yield value
            else:
                yield from _equations(value)
    elif isinstance(node, list):
        for value in node:
            yield from _equations(value)


def test_why_an_answer_counts_otherwise_is_said(explain: Any, recorded: sqlite3.Connection) -> None:
    """Of every planted fault that changes what a single answer counts as, the very sentence stands beside it."""
    keys = {
        "evidence.missing": "no_evidence", "answer.na_not_permitted": "na_refused",
        "answer.na_without_reason": "na_unreasoned", "answer.blank": "blank", "answer.invalid": "invalid",
        "answer.formula": "formula", "form.altered_text": "altered", "form.duplicate_rows": "ambiguous",
    }  # fmt: skip
    seen = set()
    for code, institution, requirement in recorded.execute("SELECT code, institution, requirement FROM findings"):
        if code not in keys or not institution:
            continue
        answer = recorded.execute(
            "SELECT state FROM answers WHERE institution = ? AND requirement = ?", (institution, requirement)
        ).fetchone()
        if answer["state"] == "missing":
            continue
        _, out, _ = explain("zh", institution, requirement)
        words = say(f"explain.why.{keys[code]}", "zh", answer="@", scored="@").split("@")[-1][:8]
        assert words in out, (code, institution, requirement)
        assert code in out
        seen.add(code)
    assert len(seen) >= 5


@pytest.mark.parametrize("lang", LANGS)
def test_every_file_that_may_be_the_missing_form_is_named_with_its_hash_and_reason(
    lang: Lang, explain: Any, faulty_round: Path, recorded: sqlite3.Connection
) -> None:
    """Each planted fault that withholds a form is told of, to whomever it was planted at."""
    lost = {"form.not_a_questionnaire", "file.not_a_workbook", "file.unreadable", "file.encrypted", "identity.mismatch",
            "return.conflict"}  # fmt: skip
    seen = set()
    for one in json.loads((faulty_round / "planted.json").read_text(encoding="utf-8"))["faults"]:
        if one["code"] not in lost:
            continue
        named = one["file"].partition("_")[0]
        row = recorded.execute("SELECT * FROM institutions WHERE id = ?", (named,)).fetchone()
        digest = hashlib.sha256((faulty_round / "returned" / one["file"]).read_bytes()).hexdigest()
        code, out, err = explain(lang, row["id"], "rank")
        lines = [line.strip() for line in out.splitlines()]
        at = next(n for n, line in enumerate(lines) if line.endswith("/" + one["file"]))
        here = lines[at : at + 6]
        assert (code, err, row["status"]) == (0, "", "not_rated")
        assert any(f"({one['code']})" in line or f"（{one['code']}）" in line for line in here), here
        assert f"SHA-256 {digest}" in here
        data = json.loads(explain(lang, row["id"], "--format", "json")[1])
        files = [*data["files_of_nobody"], *(f for d in data["domain_scores"] for f in d["not_counted"])]
        assert digest in {file["sha256"] for file in files}
        seen.add(one["code"])
    assert len(seen) >= 4


def test_a_file_of_nobody_names_no_other_institution_and_is_told_of_where_the_cause_is_not_known(
    explain: Any, recorded: sqlite3.Connection
) -> None:
    known = {row["id"] for row in recorded.execute("SELECT id FROM institutions")}
    named: dict[str, set[str]] = {}
    for file, institution in recorded.execute(
        "SELECT findings.file, findings.institution FROM findings JOIN files ON files.path = findings.file"
        " WHERE files.institution = '' AND (code LIKE 'identity.%' OR code LIKE 'form.%') AND severity = 'error'"
    ):
        named.setdefault(file, set()).update({institution} & known)
    assert any(named.values())
    told = 0
    for row in recorded.execute("SELECT id FROM institutions WHERE reason = 'missing_domain'").fetchall():
        data = json.loads(explain("zh", row["id"], "--format", "json")[1])
        files = {file["path"] for file in data["files_of_nobody"]}
        assert not any(named.get(path) for path in files), row["id"]
        missing = [one for one in data["domain_scores"] if one["score"] is None]
        for path in files:  # planted faults keep the names of the forms: whose, and of which domain
            assert row["id"] in path or not any(one in path for one in known), (row["id"], path)
            of = [one["domain"] for one in data["domain_scores"] if f"_{one['domain']}_" in path]
            assert not of or set(of) & {one["domain"] for one in missing}, (row["id"], path)
        causes = {"conflict", "excluded", "not_counted", "unreadable"}
        if all(any(file["status"] in causes for file in one["not_counted"]) for one in missing):
            assert not files, row["id"]
            told += 1
    assert told


@pytest.mark.parametrize(
    "command", [("explain", "SME0001"), ("whatif", "--model", "sme-service", "--out", "{out}"), ("analyse",),
                ("audit-sample", "--size", "3", "--seed", "s")],
)  # fmt: skip
def test_a_record_that_is_not_as_sealed_is_read_with_a_warning(
    command: tuple[str, ...], results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    altered = tmp_path / "results"
    altered.mkdir()
    for name in ("results.db", "manifest.json"):
        (altered / name).write_bytes((results / name).read_bytes())

    def run() -> tuple[int, str]:
        arguments = [one.format(out=tmp_path / "out.xlsx") for one in command[1:]]
        with pytest.raises(SystemExit) as stopped:
            cli.main([command[0], str(altered), *arguments])
        return int(stopped.value.code or 0), capsys.readouterr().err

    assert run() == (0, "")
    with closing(sqlite3.connect(altered / "results.db")) as database, database:
        database.execute("UPDATE answers SET evidence = 'altered' WHERE rowid = 1")
    code, err = run()
    assert (code, err.count("\n"), "evaluator verify" in err) == (0, 1, True)
    (altered / "manifest.json").unlink()
    code, err = run()
    assert (code, err.count("\n"), "manifest.json" in err) == (0, 1, True)


HAN = re.compile("[\u4e00-\u9fff]")


def test_what_was_found_is_said_in_the_readers_language(explain: Any, recorded: sqlite3.Connection) -> None:
    """The record is Chinese; under English what it says of files is English, in lines and as data."""
    told = 0
    for (one,) in recorded.execute("SELECT id FROM institutions WHERE reason = 'missing_domain'").fetchall():
        lines = [
            line for line in explain("en", one, "rank")[1].splitlines() if re.match(" +[A-Z].* \\([a-z]+\\.", line)
        ]
        typed = re.compile("'[^']*'|\"[^\"]*\"")
        assert not [line for line in lines if HAN.search(typed.sub("", line))]
        told += len(lines)
        data = json.loads(explain("zh", one, "--format", "json")[1])
        for file in data["files_of_nobody"] + [f for d in data["domain_scores"] for f in d["not_counted"]]:
            for reason in file["reasons"]:
                assert HAN.search(reason["found"]["zh"])
                assert not HAN.search(typed.sub("", reason["found"]["en"])), reason
                told += 1
    assert told > 10


def test_nothing_is_called_similar_where_nothing_is(explain: Any) -> None:
    for lang, similar in (("zh", "相近"), ("en", "similar")):
        assert similar not in explain(lang, "nobody")[2]
        assert similar in explain(lang, "SME00")[2]


@pytest.mark.parametrize("blank", ["", "  ", "\u3000\u200b"])
def test_an_empty_name_is_said_to_be_one(blank: str, explain: Any) -> None:
    for lang in LANGS:
        code, out, error = explain(lang, blank)
        assert (code, out, error.count("\n")) == (2, "", 1)
        assert error.endswith(say("errors.no_institution_named", lang) + "\n")


@pytest.mark.parametrize("lang", LANGS)
def test_an_operators_mistake_is_one_line(lang: Lang, explain: Any, chosen: list[sqlite3.Row], tmp_path: Path) -> None:
    for arguments in (("nobody",), (chosen[0]["id"], "SS99"), (chosen[0]["id"], "a\x1b[2J\n"), (chosen[0]["id"], "")):
        code, out, err = explain(lang, *arguments)
        assert (code, out, err.count("\n")) == (2, "", 1)
    assert "SS" in err
    assert say("explain.part.rank", lang) in err
    assert "\x1b" not in err


def test_the_terminals_language_is_the_explanations(results: Path, chosen: list[sqlite3.Row]) -> None:
    for lang, words in (("zh", "评价结果"), ("en", "Result")):
        done = subprocess.run(
            [sys.executable, "-m", "evaluator", "explain", str(results), chosen[0]["id"]],
            env={**os.environ, "EVALUATOR_LANG": lang}, capture_output=True, encoding="utf-8", check=False,
        )  # fmt: skip
        assert (done.returncode, done.stderr) == (0, "")
        assert f"\n{words}\n" in done.stdout


def test_equal_results_are_explained_in_the_same_words(results: Path, explain: Any, chosen: list[sqlite3.Row]) -> None:
    assert explain("zh", chosen[0]["id"]) == explain("zh", chosen[0]["name"]) == explain("zh", chosen[0]["id"].lower())
