"""Findings about answers and evidence, over all institutions at once.

Owns: the checks, one plain function each, listed in `CHECKS`. A new rule is one function and one line there. Each takes
the frame of judged answers (`answers.judge`) with the column `folded` (evidence folded as `plain` folds) and the model,
and yields findings about single institutions; none changes anything. What takes several institutions to see is
`check_between`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from hashlib import blake2b
from typing import Any, NamedTuple, cast

import numpy as np
import pandas as pd

from evaluator.assessment.codes import BLANK, INVALID, NOT_APPLICABLE
from evaluator.assessment.scoring import quantised, weights_of
from evaluator.assessment.texts import blocks_of, texts_of
from evaluator.findings import Finding
from evaluator.model.records import Model
from evaluator.quantum import quantised_one
from evaluator.wording import Text, text
from evaluator.wording.cutting import cut_line
from evaluator.wording.matching import plain
from evaluator.wording.numbers import near_share, plain_share

MAX_TEXT = 2000
"""Characters of evidence or remarks beyond which a finding says that the text is long."""
MIN_COPIED = 8
"""Least characters (folded) of an evidence text that repeats the form's own words for it to be a finding."""
MIN_SHARED = 20
"""Least characters (folded) of an evidence text that several institutions share for it to be a finding."""
_SHOWN = 60

Marks = np.ndarray[Any, np.dtype[np.uint64]]


class _Row(NamedTuple):
    """The columns that findings need of a judged answer."""

    institution: str
    requirement: str
    domain: str
    typed: str
    answer: str
    evidence: str
    remarks: str
    file: str
    sheet: str
    cell: str
    evidence_cell: str
    remarks_cell: str


def _rows(frame: pd.DataFrame, where: pd.Series[bool]) -> Iterator[_Row]:
    if not where.any():  # as for most checks of most institutions; taking columns apart costs more than looking
        return iter(())
    chosen = frame.loc[where, list(_Row._fields)]
    return (cast("_Row", row) for row in chosen.itertuples(index=False, name="Row"))


def _at(row: _Row, code: str, cell: str = "", **params: object) -> Finding:
    return Finding(
        code=code,
        institution=row.institution,
        domain=row.domain,
        file=row.file,
        sheet=row.sheet,
        cell=cell or row.cell,
        requirement=row.requirement,
        params={"requirement": row.requirement, **params},
    )


def _options(model: Model) -> dict[str, Text]:
    """Say the answers to choose from, by requirement id."""
    every = [answer.label for answer in model.scale]
    scored = [answer.label for answer in model.scale if answer.code != "na"]
    texts = {
        permitted: Text(zh="、".join(a.zh for a in labels), en=", ".join(a.en for a in labels))
        for permitted, labels in ((True, every), (False, scored))
    }
    return {r.id: texts[r.na_allowed] for r in model.requirements}


def _labels(model: Model) -> dict[str, Text]:
    return {answer.code: Text(zh=answer.label.zh, en=answer.label.en) for answer in model.scale}


def blank(frame: pd.DataFrame, model: Model) -> Iterator[Finding]:
    """An answer cell is empty; a form without the row at all has its own finding."""
    options = _options(model)
    for row in _rows(frame, frame["state"].eq(BLANK) & frame["source"].eq("row")):
        yield _at(row, "answer.blank", options=options[row.requirement])


def invalid(frame: pd.DataFrame, model: Model) -> Iterator[Finding]:
    """An answer cell holds something that is no answer."""
    options = _options(model)
    readable = frame["source"].eq("row") & frame["state"].eq(INVALID) & frame["answer"].eq("")
    for row in _rows(frame, readable & frame["kind"].ne("formula")):
        shown = cut_line(row.typed, _SHOWN) if row.typed.strip() else "#"
        yield _at(row, "answer.invalid", found=shown, options=options[row.requirement])


def formula(frame: pd.DataFrame, model: Model) -> Iterator[Finding]:
    """An answer cell holds a formula; its cached result is never used."""
    options = _options(model)
    for row in _rows(frame, frame["source"].eq("row") & frame["state"].eq(INVALID) & frame["kind"].eq("formula")):
        yield _at(row, "answer.formula", options=options[row.requirement])


def normalised(frame: pd.DataFrame, model: Model) -> Iterator[Finding]:
    """An answer was given in other words than the form's own; its meaning is clear."""
    labels = _labels(model)
    for row in _rows(frame, frame["normalised"]):
        yield _at(row, "answer.normalised", found=cut_line(row.typed, _SHOWN), expected=labels[row.answer])


def na_not_permitted(frame: pd.DataFrame, model: Model) -> Iterator[Finding]:
    """N/A where the requirement does not permit it."""
    scored = [answer.label for answer in model.scale if answer.code != "na"]
    options = Text(zh="、".join(a.zh for a in scored), en=", ".join(a.en for a in scored))
    for row in _rows(frame, frame["na_refused"]):
        yield _at(row, "answer.na_not_permitted", options=options)


def na_without_reason(frame: pd.DataFrame, model: Model) -> Iterator[Finding]:
    """N/A without the reason it needs; placed at the cell where the reason belongs."""
    del model
    for row in _rows(frame, frame["na_unreasoned"]):
        yield _at(row, "answer.na_without_reason", cell=row.remarks_cell)


def na_over_cap(frame: pd.DataFrame, model: Model) -> Iterator[Finding]:
    """N/A makes up too much of a domain's weight."""
    weights = weights_of(model)
    share = dict(zip((r.id for r in model.requirements), weights.share.tolist(), strict=True))
    left_out = frame.loc[frame["state"].eq(NOT_APPLICABLE), ["institution", "domain", "file", "requirement"]]
    left_out = left_out.assign(share=left_out["requirement"].map(share).astype("float64"))
    sums = left_out.groupby(["institution", "domain", "file"], as_index=False)["share"].sum()
    over = sums[quantised(sums["share"].to_numpy(dtype=np.float64)) > quantised_one(model.rules.max_na_share)]
    for institution, code, file, found in over.itertuples(index=False, name=None):
        name = model.domain(code).name
        yield Finding(
            code="answer.na_over_cap",
            institution=institution,
            domain=code,
            file=file,
            params={
                "domain": Text(zh=name.zh, en=name.en),
                "found": near_share(found, model.rules.max_na_share),
                "expected": plain_share(model.rules.max_na_share),
            },
        )


def evidence_missing(frame: pd.DataFrame, model: Model) -> Iterator[Finding]:
    """A high answer without any evidence text, which scores lower; placed at the evidence cell."""
    labels = _labels(model)
    for row in _rows(frame, frame["no_evidence"]):
        yield _at(row, "evidence.missing", cell=row.evidence_cell, found=labels[row.answer], expected=labels["partial"])


def evidence_too_long(frame: pd.DataFrame, model: Model) -> Iterator[Finding]:
    """An evidence or remarks text that is longer than anyone reads."""
    del model
    for column in ("evidence", "remarks"):
        long = pd.Series([len(words) > MAX_TEXT for words in frame[column].tolist()], index=frame.index, dtype=bool)
        for row in _rows(frame, long):
            length = len(str(getattr(row, column)))
            cell = row.evidence_cell if column == "evidence" else row.remarks_cell
            yield _at(row, "evidence.too_long", cell=cell, found=length, expected=MAX_TEXT)


def evidence_copied(frame: pd.DataFrame, model: Model) -> Iterator[Finding]:
    """An evidence text that repeats the form's own words."""
    form = text("terms.copied.form")
    for row in _rows(frame, _own_words(frame, model)):
        yield _at(row, "evidence.copied", cell=row.evidence_cell, source=form, found=cut_line(row.evidence, _SHOWN))


def _own_words(frame: pd.DataFrame, model: Model) -> pd.Series[bool]:
    """Tell which evidence texts only repeat what the form asks; `frame` has the column `folded`."""
    asked = {
        r.id: {plain(words) for words in (r.evidence.zh, r.evidence.en, r.text.zh, r.text.en)}
        for r in model.requirements
    }
    repeated = [
        len(words) >= MIN_COPIED and words in asked[r]
        for words, r in zip(frame["folded"], frame["requirement"], strict=True)
    ]
    return pd.Series(repeated, index=frame.index, dtype=bool)


CHECKS: tuple[Callable[[pd.DataFrame, Model], Iterator[Finding]], ...] = (
    blank,
    invalid,
    formula,
    normalised,
    na_not_permitted,
    na_without_reason,
    na_over_cap,
    evidence_missing,
    evidence_too_long,
    evidence_copied,
)


def check_each(judged: pd.DataFrame, model: Model) -> tuple[tuple[Finding, ...], Marks]:
    """Run the checks that look at one institution at a time.

    Args:
        judged: the frame of `answers.judge`, the full grid of some institutions.
        model: the model in force.

    Returns:
        The findings, and for `check_between` a mark of each evidence text: equal for equal texts (folded), 0 for those
        that are too short to tell or are the form's own words; shape (institutions, requirements).
    """
    frame = with_folded(judged)
    findings = tuple(finding for one in CHECKS for finding in one(frame, model))
    own_words = _own_words(frame, model).tolist()
    given = zip(frame["folded"].tolist(), own_words, strict=True)
    marks = np.array([0 if len(words) < MIN_SHARED or own else _mark(words) for words, own in given], dtype=np.uint64)
    return findings, marks.reshape(-1, len(model.requirements))


def check_between(marks: Marks, ids: Sequence[str], texts: Sequence[bytes], model: Model) -> tuple[Finding, ...]:
    """Find evidence texts that several institutions give for the same requirement.

    Args:
        marks: as from `check_each`, of all institutions, in the order of `ids`.
        ids: the institutions' ids.
        texts: what each institution wrote, as `texts.packed` packs it.
        model: the model in force.
    """
    shared: dict[int, list[int]] = {}
    for r in range(marks.shape[1]):
        _, inverse, counts = np.unique(marks[:, r], return_inverse=True, return_counts=True)
        for n in np.flatnonzero((counts[inverse] > 1) & (marks[:, r] != 0)).tolist():
            shared.setdefault(n, []).append(r)
    findings = []
    for n, requirements in sorted(shared.items()):
        own = texts_of(texts[n])
        for r in requirements:
            requirement = model.requirements[r]
            params = {"source": text("terms.copied.others"), "found": cut_line(own[r].evidence, _SHOWN)}
            findings.append(
                Finding(
                    code="evidence.copied",
                    institution=ids[n],
                    domain=model.domain_of[requirement.id].code,
                    file=own[r].file,
                    sheet=own[r].sheet,
                    cell=own[r].evidence_cell,
                    requirement=requirement.id,
                    params={"requirement": requirement.id, **params},
                )
            )
    return tuple(findings)


def check(judged: pd.DataFrame, model: Model) -> tuple[Finding, ...]:
    """Run all checks over the judged answers of a whole round."""
    findings, marks = check_each(judged, model)
    count = len(model.requirements)
    ids = judged["institution"].iloc[::count].tolist()
    return (*findings, *check_between(marks, ids, blocks_of(judged, count), model))


def with_folded(judged: pd.DataFrame) -> pd.DataFrame:
    """Add the column `folded`: the evidence folded for comparing, empty where it is too short to say anything."""
    given: list[str] = judged["evidence"].tolist()
    known = {words: plain(words) if len(words) >= MIN_COPIED else "" for words in set(given)}
    return judged.assign(folded=pd.Series([known[words] for words in given], index=judged.index, dtype="object"))


def _mark(folded: str) -> int:
    words = folded.encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(words, digest_size=8).digest(), "little") or 1
