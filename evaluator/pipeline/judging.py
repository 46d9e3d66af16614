"""From what was read to the judged answers of the whole round, some institutions at a time.

Owns: spreading the settling and judging over workers and putting their parts together. At no time are the texts of all
institutions unpacked.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from evaluator.assessment import answers, checks, rulings
from evaluator.assessment.checks import Marks
from evaluator.assessment.coding import Codes, coded, encoded
from evaluator.assessment.rulings import Ruled
from evaluator.assessment.texts import blocks_of
from evaluator.findings import Finding
from evaluator.intake.conversion import CONVERTED
from evaluator.intake.institutions import Institution
from evaluator.intake.packing import Asked
from evaluator.intake.reading import ReadFile
from evaluator.intake.round import FILE_COLUMNS, Dossier, FileFacts, dossiers, file_rows, owners_of, settle
from evaluator.intake.store import Store
from evaluator.intake.terms import Terms
from evaluator.model.records import Model
from evaluator.pipeline.progress import Progress
from evaluator.wording import text
from evaluator.workers import Pool, spread, with_shared


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """What was worked out of some institutions."""

    institutions: tuple[Institution, ...]
    codes: Codes
    marks: Marks
    texts: tuple[bytes, ...]
    files: Mapping[str, FileFacts]
    ruled: tuple[Ruled, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, kw_only=True)
class Judged:
    """The judged round."""

    institutions: tuple[Institution, ...]
    """All that take part, sorted by id."""
    answers: pd.DataFrame
    """As `coding.coded` gives it."""
    texts: tuple[bytes, ...]
    """As `Results.texts`."""
    files: pd.DataFrame
    """One row per input file, columns `FILE_COLUMNS`, sorted by path."""
    ruled: tuple[Ruled, ...]
    """Answers that count as a person decided, by institution and in model order."""
    findings: tuple[Finding, ...]
    """In no order."""


def judge_all(
    read: Sequence[ReadFile],
    roster: Sequence[Institution] | None,
    model: Model,
    terms: Terms | None,
    store: Store,
    pool: Pool,
    progress: Progress,
) -> Judged:
    """Tell forms to institutions, choose those that count, and judge their answers.

    Args:
        read: every input file.
        roster: the institutions there are; `None`: whoever returned a form takes part.
        model: the model in force.
        terms: what the round says, where there is one.
        store: holds the forms.
        pool: who works.
        progress: told how far it is.
    """
    identified = owners_of(read, roster, model, terms)
    folders = dossiers(read, identified.owners, roster, store.content, identified.unvouched)
    total = len({*identified.owners.values(), *(entry.id for entry in roster or ())})
    parts: list[Part] = []
    done = 0
    # workers have no use for the key and the senders, nor has any wire
    known = replace(terms, key=b"", senders={}) if terms else None
    for (part,) in spread(pool, with_shared(judge_part, (model, known)), folders):
        parts.append(part)
        done += len(part.institutions)
        progress("judge", done, total)
    institutions = tuple(entry for part in parts for entry in part.institutions)
    ids = [entry.id for entry in institutions]
    texts = tuple(block for part in parts for block in part.texts)
    marks = np.concatenate([part.marks for part in parts]) if parts else np.zeros((0, 0), dtype=np.uint64)
    facts = {file: known for part in parts for file, known in part.files.items()}
    findings = [
        *_of_files(read, identified.owners),
        *identified.findings,
        *(finding for part in parts for finding in part.findings),
        *checks.check_between(marks, ids, texts, model),
        *_of_nobody(terms, set(ids), model),
    ]
    return Judged(
        institutions=institutions,
        answers=coded([part.codes for part in parts], ids, model),
        texts=texts,
        files=pd.DataFrame(file_rows(read, identified.owners, facts), columns=list(FILE_COLUMNS)),
        ruled=tuple(one for part in parts for one in part.ruled),
        findings=tuple(findings),
    )


def judge_part(shared: tuple[Model, Terms | None], batch: Sequence[Dossier]) -> list[Part]:
    """Settle and judge some institutions, given the model and the round's terms."""
    model, terms = shared
    settled = settle(batch, model, asked_of(model), terms)
    categories = {entry.id: entry.category for entry in settled.institutions}
    as_given = answers.judge(settled.cells, model, categories)
    judged, ruled, notes = rulings.apply(as_given, terms.rulings if terms else {}, model)
    findings, marks = checks.check_each(judged, model)
    part = Part(
        institutions=settled.institutions,
        codes=encoded(judged),
        marks=marks,
        texts=blocks_of(judged, len(model.requirements)),
        files=settled.files,
        ruled=ruled,
        findings=(*settled.findings, *notes, *findings),
    )
    return [part]


def asked_of(model: Model) -> Asked:
    """Give the model's texts, which packed forms leave out."""
    return {r.id: (r.text.zh, r.text.en) for r in model.requirements}


def _of_nobody(terms: Terms | None, ids: Collection[str], model: Model) -> list[Finding]:
    """Say which rulings are about institutions that don't take part."""
    strangers = {who: own for who, own in terms.rulings.items() if who not in ids} if terms else {}
    return [rulings.unused(who, requirement, model) for who, own in strangers.items() for requirement in own]


def _of_files(read: Sequence[ReadFile], owners: Mapping[str, str]) -> list[Finding]:
    """Say which files gave no form, and which were read after a conversion."""
    findings = []
    for one in read:
        if one.code:
            findings.append(Finding(code=one.code, file=one.name, params=one.params))
        if one.converted:
            kind = text(f"intake.kind.{one.converted}")
            owner = owners.get(one.name, "")
            findings.append(Finding(code=CONVERTED, institution=owner, file=one.name, params={"kind": kind}))
    return findings
