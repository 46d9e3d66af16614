"""Make again what the program makes and the repository keeps: `python -m tests.rebuild templates|samples|golden`.

`golden` are workbooks of every kind as text, to be read in a diff. `templates` are the blank questionnaires of the
built-in model in both languages; a test holds them to the model byte for byte. `samples` is a small synthetic round
with faults, some files of which LibreOffice has re-saved: those differ from run to run in LibreOffice's own marks, so
they are made only when the model or the form changes.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

from evaluator.model.files import load_model
from evaluator.pipeline import evaluate, write_results, write_templates
from evaluator.questionnaire.layout import Prefill
from evaluator.questionnaire.writer import write_form
from evaluator.synthesis.round import make_round
from evaluator.wording import LANGS
from tests.builders import make
from tests.golden.dump import dump
from tests.libreoffice import require_libreoffice, resave

ROOT = Path(__file__).parent.parent
TEMPLATES = ROOT / "templates"
SAMPLES = ROOT / "samples"
GOLDEN = ROOT / "tests" / "golden"
INSTITUTIONS, SEED, RESAVED = 14, 2, 3
"""Size and seed of the sample round, and how many institutions' files LibreOffice re-saves."""


def templates(folder: Path = TEMPLATES) -> None:
    """Write the blank questionnaires of the built-in model, a folder for each language."""
    model = load_model()
    for lang in LANGS:
        write_templates(folder / lang, model, lang, force=True)


def samples(folder: Path = SAMPLES) -> None:
    """Make the sample round, and let LibreOffice re-save some institutions' files."""
    require_libreoffice()
    with tempfile.TemporaryDirectory() as temporary:
        made = Path(temporary) / "round"
        make_round(made, load_model(), "zh", institutions=INSTITUTIONS, seed=SEED, faults=True)
        planted = json.loads((made / "planted.json").read_text(encoding="utf-8"))["faults"]
        faulty = {fault["file"].partition("_")[0] for fault in planted} | {fault["institution"] for fault in planted}
        paths = sorted((made / "returned").glob("*.xlsx"))
        clean = sorted({path.name.partition("_")[0] for path in paths} - faulty)[:RESAVED]
        for path in paths:
            if path.name.startswith(tuple(clean)):
                shutil.copyfile(resave(path, Path(temporary) / "resaved"), path)
        for old in (folder / "returned", folder / "roster.xlsx", folder / "planted.json"):
            if old.is_dir():
                shutil.rmtree(old)
            else:
                old.unlink(missing_ok=True)
        shutil.copytree(made, folder, dirs_exist_ok=True)
    (folder / "README.md").write_text(_readme(folder, clean), encoding="utf-8", newline="\n")


def golden(folder: Path = GOLDEN) -> None:
    """Write each kind of workbook as text: a pre-filled form, and the reports of a small round, in both languages."""
    model = load_model()
    domain = model.domains[0]
    for lang in LANGS:
        results = make(4, seed=11, lang=lang)
        stream = BytesIO()
        label = model.answer("large").label.say(lang)
        given = {r.id: (label, "2025", "") for r in domain.requirements[:3]}
        write_form(stream, model, domain, lang, prefill=Prefill(fields={"id": "00123"}, answers=given))
        workbooks = {"form": stream.getvalue()}
        with tempfile.TemporaryDirectory() as temporary:
            target = Path(temporary)
            write_results(target, results, lang)
            first = sorted((target / "institutions").iterdir())[0]
            for kind, path in (("institution", first), *((kind, target / f"{kind}.xlsx") for kind in _REPORTS)):
                workbooks[kind] = path.read_bytes()
        for kind, data in workbooks.items():
            (folder / f"{kind}.{lang}.txt").write_text(dump(data), encoding="utf-8", newline="\n")


_REPORTS = ("ranking", "regulator")
_INTRODUCTION = """\
# Samples

A small synthetic round: `roster.xlsx` lists {count} invented institutions, `returned/` holds what came back, and
`planted.json` says what was planted where and which finding it must give. All names, codes, people and figures are
made up. Made by `python -m tests.rebuild samples`; the files of {resaved} were then opened and
saved by LibreOffice.

    evaluator score samples/returned --roster samples/roster.xlsx --out results

reads {files} files, rates {rated} institutions, leaves {unrated} unrated and exits with 1, because there are error
findings. What is in the files of each institution, and what the run says:

| institution | result | planted, with its finding |
|---|---|---|
"""


def _readme(folder: Path, resaved: Sequence[str]) -> str:
    """Say what is in the samples and what a run says of them, from the plan and a run."""
    planted = json.loads((folder / "planted.json").read_text(encoding="utf-8"))["faults"]
    results = evaluate([folder / "returned"], load_model(), roster=folder / "roster.xlsx")
    table = results.assessment.institutions
    notes: dict[str, dict[str, str]] = {}
    for fault in planted:
        owner = fault["institution"] or fault["file"].partition("_")[0]
        domain = fault["file"].split("_")[2] if fault["file"].count("_") >= 2 else ""
        place = f"{domain} " if domain else ""
        notes.setdefault(owner, {})[f"{place}{fault['note']['en']}: `{fault['code']}`"] = ""
    lines = []
    for row in table.itertuples():
        result = f"not rated: {row.reason}"
        if row.status == "rated":
            result = f"{'★' * int(row.star) or 'no star'}, rank {row.rank}"
        saved = ["saved by LibreOffice"] if row.id in resaved else []
        lines.append(f"| {row.id} | {result} | {'; '.join([*notes.get(row.id, {}), *saved]) or 'nothing'} |")
    rated = int(table["status"].eq("rated").sum())
    head = _INTRODUCTION.format(
        count=len(table),
        resaved=", ".join(resaved),
        files=int(results.files["role"].ne("roster").sum()),
        rated=rated,
        unrated=len(table) - rated,
    )
    return head + "\n".join(lines) + "\n"


if __name__ == "__main__":
    {"templates": templates, "samples": samples, "golden": golden}[sys.argv[1]]()
