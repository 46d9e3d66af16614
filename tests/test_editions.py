"""Forms of two editions of one model in one run: what is asked in both counts, whichever edition is in force."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest

from evaluator import pipeline
from evaluator.model.records import Model, Requirement
from evaluator.questionnaire.layout import Prefill
from evaluator.questionnaire.writer import write_form
from evaluator.wording import LANGS, Lang
from tests import forms, small

KEPT = ("AA1-1", "AA1-3", "AA1-4", "AA1-5")


def _edition(name: str, *requirements: Requirement) -> Model:
    made = small.model(small.domain("AA", 1.0, small.item("AA1", 1.0, *requirements)))
    return Model(**{**{key: getattr(made, key) for key in type(made).model_fields}, "edition": name})


OLD = _edition("1", *(small.requirement(one) for one in (*KEPT[:1], "AA1-2", "AA1-2b", *KEPT[1:])))
"""Asks AA1-2b, which the new one doesn't."""
NEW = _edition(
    "2",
    small.requirement("AA1-1"),
    small.requirement("AA1-2", text=small.words("asked anew")),
    *(small.requirement(one) for one in KEPT[1:]),
    small.requirement("AA1-5b"),
)
"""Asks AA1-2 in other words, and AA1-5b."""


def _returned(folder: Path, lang: Lang) -> Path:
    for institution, edition in (("N1", OLD), ("N2", NEW)):
        label = edition.answer("full").label.say(lang)
        answers = {r.id: (label, f"{institution} {r.id} 制度汇编", "") for r in edition.requirements}
        stream = BytesIO()
        prefill = Prefill(fields={"id": institution}, answers=answers)
        write_form(stream, edition, edition.domain("AA"), lang, prefill=prefill)
        forms.folder(folder, **{institution: stream.getvalue()})
    return folder


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize(
    ("in_force", "other", "edition", "unknown", "missing"),
    [(NEW, "N1", "1", "AA1-2b", "AA1-5b"), (OLD, "N2", "2", "AA1-5b", "AA1-2b")],
)
def test_what_both_editions_ask_counts(
    in_force: Model, other: str, edition: str, unknown: str, missing: str, lang: Lang, tmp_path: Path
) -> None:
    results = pipeline.evaluate([_returned(tmp_path / "returned", lang)], in_force)
    found = {(f.code, f.institution, f.requirement) for f in results.findings if not f.code.startswith("pattern.")}
    assert found == {
        ("form.old_edition", other, ""),
        ("form.altered_text", other, "AA1-2"),
        ("form.unknown_rows", other, ""),
        ("form.missing_rows", other, ""),
    }
    params = {f.code: f.params for f in results.findings}
    assert params["form.old_edition"] == {"found": edition, "expected": in_force.edition}
    assert params["form.unknown_rows"]["found"] == unknown
    assert missing in str(params["form.missing_rows"]["ids"])
    answers = results.assessment.answers
    states = {(row.institution, row.requirement): row.state for row in answers.itertuples()}
    own = "N2" if other == "N1" else "N1"
    assert {states[own, r.id] for r in in_force.requirements} == {"answered"}
    assert [states[other, one] for one in (*KEPT, "AA1-2", missing)] == ["answered"] * 4 + ["invalid", "blank"]
