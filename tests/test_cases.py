"""Each folder of `cases/` is a test: how forms were filled in and changed, and what must come of it.

A `case.toml` has
- `about`: what must hold, in a sentence;
- `[[form]]`, one per returned file: `domain` (SS), `lang` (zh), `file` (`SS.xlsx`), `fields` of the institution sheet
  (`id = "N01"`), `made_for` (the institution id in `_meta`), `answers` that differ from the usual ones
  (`SS1-2 = ["partial", "evidence", "remarks"]`, see `forms.BY_LEVEL`) and `edits` (see `edits.py`);
- `roster`: institutions by field; without it whoever returned a form takes part;
- `[expect]`: `findings` (all of them, as `code cell requirement @file`, what does not apply left out; `@file` only with
  several forms), `answers` (state and scored-as answer where they are not as usual), `status` of the files that are not
  counted, `institutions` (`["N01"]`).

Findings of missing domains, which every case here has, and of the family `pattern.` are left out unless named.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

from evaluator import pipeline
from evaluator.findings import Finding
from evaluator.model.records import Model
from evaluator.wording import LANGS
from tests import edits, forms

CASES = sorted(path.parent for path in (Path(__file__).parent / "cases").glob("*/case.toml"))


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
def test_case(folder: Path, tmp_path: Path, model: Model) -> None:
    case = tomllib.loads((folder / "case.toml").read_text(encoding="utf-8"))
    assert set(case) <= {"about", "form", "roster", "expect"}
    assert case["about"]
    returned = tmp_path / "returned"
    written = {_name(form): _written(form) for form in case["form"]}
    assert len(written) == len(case["form"]), "two forms of one name"
    forms.folder(returned, **{name.removesuffix(".xlsx"): data for name, data in written.items()})
    roster = forms.roster(tmp_path / "roster.xlsx", *case["roster"]) if "roster" in case else None

    results = pipeline.evaluate([returned], model, roster=roster)

    expected = case["expect"]
    assert set(expected) <= {"findings", "answers", "status", "institutions"}
    shown = [_shown(finding, len(written)) for finding in results.findings if _counts(finding, expected["findings"])]
    assert sorted(shown) == sorted(expected["findings"])
    assert results.assessment.institutions["id"].tolist() == expected.get("institutions", ["N01"])
    files = results.files[results.files["path"].str.startswith("returned/")]
    statuses = dict(zip(files["path"], files["status"], strict=True))
    assert statuses == {f"returned/{name}": expected.get("status", {}).get(name, "counted") for name in written}
    _check_answers(results.assessment.answers, expected.get("answers", {}), model)
    _check_places(results.findings, written)


def test_there_are_cases_of_every_family_of_findings_about_forms_and_answers() -> None:
    found = {
        words.split()[0].split(".")[0]
        for folder in CASES
        for words in tomllib.loads((folder / "case.toml").read_text(encoding="utf-8"))["expect"]["findings"]
    }
    assert len(CASES) >= 25
    assert found >= {"form", "identity", "return", "answer", "evidence"}


def _name(form: Mapping[str, Any]) -> str:
    return str(form.get("file", f"{form.get('domain', 'SS')}.xlsx"))


def _written(form: Mapping[str, Any]) -> bytes:
    known = {"domain", "lang", "file", "fields", "made_for", "answers", "edits"}
    assert set(form) <= known, set(form) - known
    data = forms.filled(
        form.get("domain", "SS"),
        form.get("lang", "zh"),
        changed={requirement: tuple(given) for requirement, given in form.get("answers", {}).items()},
        fields=form.get("fields"),
        made_for=form.get("made_for", ""),
    )
    return edits.apply(data, form.get("edits", ()))


def _counts(finding: Finding, expected: list[str]) -> bool:
    left_out = finding.code == "return.missing_domain" or finding.code.startswith("pattern.")
    return not left_out or any(words.split()[0] == finding.code for words in expected)


def _shown(finding: Finding, forms_given: int) -> str:
    file = f"@{finding.file.removeprefix('returned/')}" if forms_given > 1 and finding.file else ""
    return " ".join(part for part in (finding.code, finding.cell, finding.requirement, file) if part)


def _check_answers(answers: pd.DataFrame, expected: Mapping[str, list[str]], model: Model) -> None:
    """Hold every judged answer of the domains that came against what is expected of it, or against the usual one."""
    levels = {r.id: r.level for r in model.requirements}
    came = answers[answers["state"].ne("missing")]
    found = {
        row.requirement: [row.state, row.scored_as]
        for row in came.itertuples()
        if row.institution == came.iloc[0].institution
    }
    usual = {requirement: ["answered", forms.BY_LEVEL[levels[requirement]]] for requirement in found}
    assert found == {**usual, **expected}


def _check_places(findings: tuple[Finding, ...], written: Mapping[str, bytes]) -> None:
    """Hold every finding's place and words: the sheet is in the workbook, and no placeholder is left."""
    sheets = {name: openpyxl.load_workbook(BytesIO(data), read_only=True).sheetnames for name, data in written.items()}
    for finding in findings:
        assert finding.file == "" or finding.file.removeprefix("returned/") in written
        assert finding.sheet == "" or finding.sheet in sheets[finding.file.removeprefix("returned/")]
        for lang in LANGS:
            assert not {"{", "}"} & set(finding.message(lang)), finding.message(lang)
