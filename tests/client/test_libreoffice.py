"""Forms that LibreOffice opened and saved, also by way of .ods, read and score as they did before."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from evaluator import pipeline
from evaluator.model.records import Model
from evaluator.questionnaire.reader import FormRow
from evaluator.wording import LANGS, Lang
from tests import forms
from tests.forms import CODES, Given, filled, read
from tests.libreoffice import require_libreoffice, resave

ODD: tuple[Given, ...] = (
    ("", "", ""),
    ("  完全满足", "台账", ""),
    (0.8, "台账，2025年", ""),
    (1, "合同\n第二行\n\n第四行", ""),
    ("差不多", "=SUM(A1:A3)", "'备注"),
    ("Ｆｕｌｌ", "https://example.org/a?b=c&d", " 前后有空格 "),
    ("none", '<b>&amp;</b> “引号” "x"', "—…©\U0001f600"),
    ("na", "", "无此业务"),
    ("full", "长" * 3000, ""),
    ("2026-03-31", "00123", "1/2"),
    ("#N/A", "#REF!", "TRUE"),
)
"""Answer, evidence and remarks that programs may be tempted to change."""


def given(model: Model, number: int) -> dict[str, Given]:
    """Odd contents for some of a domain's requirements, other ones in each domain."""
    requirements = model.domains[number].requirements
    return {requirements[2 * n + number % 2].id: one for n, one in enumerate(ODD)}


def fields(domain: str) -> dict[str, str]:
    return {
        "id": "0042",
        "name": "=甲 & 乙<中心>",
        "uscc": CODES[0],
        "province": "江苏省",
        "city": "苏州市",
        "type": "社会组织",
        "category": "法律服务",
        "contact": domain,
        "phone": "0512-12345678",
        "email": "a@example.org",
        "date": "2026-03-31",
    }


def originals(folder: Path, model: Model, lang: Lang) -> dict[str, Path]:
    folder.mkdir(parents=True)
    found = {}
    for number, domain in enumerate(model.domains):
        found[domain.code] = folder / f"{domain.code}.xlsx"
        data = filled(domain.code, lang, changed=given(model, number), fields=fields(domain.code), made_for="0042")
        found[domain.code].write_bytes(data)
    return found


def contents(path: Path) -> tuple[tuple[FormRow, ...], Mapping[str, str], dict[str, str]]:
    form = read(path.read_bytes())
    assert form.strays == {}
    return form.rows, form.meta, {key: value.value for key, value in form.fields.items()}


def judged(folder: Path, model: Model) -> tuple[list[object], list[str], list[str]]:
    """Every judged answer; total and domain scores as they print, missing ones too; findings with their places."""
    results = pipeline.evaluate([folder], model)
    answers = results.assessment.answers[["requirement", "state", "answer", "scored_as"]]
    domains = results.assessment.domains[["domain", "score", "coverage", "na_share"]]
    findings = [f"{finding.code} {finding.cell} {finding.requirement}" for finding in results.findings]
    scores = [str(row) for row in domains.to_numpy().tolist()] + [
        str(total) for total in results.assessment.scores.total
    ]
    return answers.to_numpy().tolist(), scores, findings


def same(old: Path, new: Path) -> None:
    """Hold two forms to the same contents, cell for cell."""
    rows, meta, values = contents(old)
    new_rows, new_meta, new_values = contents(new)
    assert [row.requirement for row in new_rows] == [row.requirement for row in rows]
    for before, after in zip(rows, new_rows, strict=True):
        assert after == before
    assert (new_meta, new_values) == (meta, values)


def as_ods(path: Path, folder: Path) -> Path:
    with tempfile.TemporaryDirectory(prefix="libreoffice_", ignore_cleanup_errors=True) as profile:
        user = f"-env:UserInstallation={Path(profile).as_uri()}"
        command = [require_libreoffice(), user, "--headless", "--convert-to", "ods", "--outdir", str(folder), str(path)]
        subprocess.run(command, check=True, capture_output=True, timeout=120)
    return folder / f"{path.stem}.ods"


@pytest.mark.parametrize("lang", LANGS)
def test_a_saved_form_reads_and_scores_the_same(model: Model, tmp_path: Path, lang: Lang) -> None:
    require_libreoffice()
    before = originals(tmp_path / "before", model, lang)
    for path in before.values():
        same(path, resave(path, tmp_path / "after"))
    assert judged(tmp_path / "after", model) == judged(tmp_path / "before", model)


@pytest.mark.parametrize("lang", LANGS)
def test_a_form_that_was_an_ods_for_a_while_reads_and_scores_the_same(model: Model, tmp_path: Path, lang: Lang) -> None:
    require_libreoffice()
    before = originals(tmp_path / "before", model, lang)["ST"]
    after = resave(as_ods(before, tmp_path / "ods"), tmp_path / "after")
    same(before, after)
    for path in (tmp_path / "before").glob("*.xlsx"):
        if path != before:
            path.unlink()
    assert judged(tmp_path / "after", model) == judged(tmp_path / "before", model)


def test_a_truth_value_is_no_answer_before_and_after(model: Model, tmp_path: Path) -> None:
    """LibreOffice saves it as the formula `TRUE()`, so the finding's code changes and what it scores does not."""
    require_libreoffice()
    path = forms.folder(tmp_path / "before", SS=filled(changed={"SS1-1": (True, "台账", "")})) / "SS.xlsx"
    resave(path, tmp_path / "after")
    before, after = judged(tmp_path / "before", model), judged(tmp_path / "after", model)
    assert after[:2] == before[:2]
    assert before[0][0] == ["SS1-1", "invalid", "", "none"]


def test_a_blank_form_stays_blank(tmp_path: Path) -> None:
    require_libreoffice()
    path = tmp_path / "before" / "SS.xlsx"
    path.parent.mkdir()
    path.write_bytes(forms.blank())
    same(path, resave(path, tmp_path / "after"))
