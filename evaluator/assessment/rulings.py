"""Rulings: answers that a person with the right to do so decided otherwise, as an appeal granted.

Owns: the records, and putting rulings in the place of the judged answers (METHOD's steps from 3 on run on those), with
what was there before kept beside them. Imports no pandas, as the records travel to processes that only write reports.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING, NamedTuple

from evaluator.assessment.codes import ANSWERED, MISSING, NOT_APPLICABLE
from evaluator.findings import Finding
from evaluator.model.records import Model
from evaluator.wording import Text, filled, text
from evaluator.wording.cutting import cut_line

if TYPE_CHECKING:
    import pandas as pd

_SHOWN = 60
_CHANGED = ("state", "scored_as", "score", "no_evidence", "na_refused", "na_unreasoned")


@dataclass(frozen=True, kw_only=True, slots=True)
class Ruling:
    """One requirement's answer as decided."""

    answer: str
    """Code of the answer that counts instead, of `model.records.ANSWER_CODES`; it scores as it stands."""
    reason: str
    role: str
    """Role of the person who decided."""
    made: str
    """When, UTC."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision:
    """Anything that a person decided about a round's returns, as it is kept on record."""

    kind: str
    """`answer`: an answer counts as another; `exclude`: a file does not count; `accept`: one that was withheld does."""
    institution: str
    """Whom it concerns; empty where a file belongs to nobody."""
    target: str
    """Requirement id of an answer, SHA-256 of a file."""
    value: str
    """Code of the answer; else empty."""
    reason: str
    role: str
    made: str
    """When, UTC."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Ruled:
    """An answer that counts as decided, with what it was before."""

    institution: str
    requirement: str
    ruling: Ruling
    state: str
    """State before, of `codes.STATES`."""
    answer: str
    """Code as given, empty where none."""
    scored_as: str
    """Code that it scored as before, empty where none."""
    score: float | None
    """Score before, 0 to 1; `None` where it had none."""
    before: Text
    """What it was before, in words."""


class Applied(NamedTuple):
    """Judged answers with the rulings in their place."""

    judged: pd.DataFrame
    """As `answers.judge` gives it; of a ruled answer `answer` stays as given, all that scores is as decided."""
    ruled: tuple[Ruled, ...]
    findings: tuple[Finding, ...]


def digest(decisions: Sequence[Decision]) -> str:
    """Hash decisions, whatever their order: SHA-256 as 64 hex digits."""
    words = json.dumps(sorted(astuple(one) for one in decisions), ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(words.encode("ascii")).hexdigest()


def apply(judged: pd.DataFrame, rulings: Mapping[str, Mapping[str, Ruling]], model: Model) -> Applied:
    """Put rulings in the place of judged answers.

    A ruling makes an answer count that was blank, invalid or of a row that is gone, and no evidence rule lowers it. It
    has no effect where the domain's form never came, or does not count: a domain is not decided by single answers.

    Args:
        judged: as from `answers.judge`, the full grid of some institutions.
        rulings: by institution and requirement; those of other institutions are passed over.
        model: the model in force.
    """
    count = len(model.requirements)
    ids = judged["institution"].iloc[::count].tolist() if count else []
    wanted = [(n, rulings[identifier]) for n, identifier in enumerate(ids) if rulings.get(identifier)]
    if not wanted:
        return Applied(judged=judged, ruled=(), findings=())
    number = {r.id: row for row, r in enumerate(model.requirements)}
    columns = {name: judged[name].tolist() for name in _CHANGED}
    ruled: list[Ruled] = []
    findings: list[Finding] = []
    for n, own in wanted:
        for requirement in sorted(own, key=number.__getitem__):
            row = n * count + number[requirement]
            cells = judged.iloc[row]
            if cells["state"] == MISSING:
                findings.append(unused(ids[n], requirement, model))
                continue
            one = _ruled(cells, own[requirement], model)
            ruled.append(one)
            findings.append(_overridden(one, cells, model))
            for name, value in _decided(one.ruling.answer, model).items():
                columns[name][row] = value
    return Applied(judged=judged.assign(**columns), ruled=tuple(ruled), findings=tuple(findings))


def unused(institution: str, requirement: str, model: Model) -> Finding:
    """Say that a ruling has no effect, as no form of its domain counts."""
    domain = model.domain_of[requirement]
    return Finding(
        code="answer.override_unused",
        institution=institution,
        domain=domain.code,
        requirement=requirement,
        params={"requirement": requirement, "domain": Text(zh=domain.name.zh, en=domain.name.en)},
    )


def _decided(answer: str, model: Model) -> dict[str, object]:
    left_out = answer == "na"
    value = model.answer(answer).value
    return {
        "state": NOT_APPLICABLE if left_out else ANSWERED,
        "scored_as": "" if left_out else answer,
        "score": float("nan") if value is None else value,
        "no_evidence": False,
        "na_refused": False,
        "na_unreasoned": False,
    }


def _ruled(cells: pd.Series[str], ruling: Ruling, model: Model) -> Ruled:
    score = float(cells["score"])
    return Ruled(
        institution=cells["institution"],
        requirement=cells["requirement"],
        ruling=ruling,
        state=cells["state"],
        answer=cells["answer"],
        scored_as=cells["scored_as"],
        score=score if score == score else None,
        before=_before(cells, model),
    )


def _before(cells: pd.Series[str], model: Model) -> Text:
    """Say what an answer was: as given, with what it scored as where that differs; as typed; or that it was blank."""
    answer, scored_as, typed = cells["answer"], cells["scored_as"], cut_line(cells["typed"], _SHOWN)
    if not answer:
        return Text(zh=typed, en=typed) if typed else text("terms.ruling.blank")
    if scored_as in ("", answer):
        return label(model, answer)
    return filled("terms.ruling.lowered", given=label(model, answer), scored=label(model, scored_as))


def shown_time(made: str) -> str:
    """Show a time, which is UTC, to the minute."""
    return f"{made[:10]} {made[11:16]} UTC"


def label(model: Model, answer: str) -> Text:
    """Give an answer's words, by its code."""
    found = model.answer(answer).label
    return Text(zh=found.zh, en=found.en)


def _overridden(one: Ruled, cells: pd.Series[str], model: Model) -> Finding:
    return Finding(
        code="answer.overridden",
        institution=one.institution,
        domain=cells["domain"],
        file=cells["file"],
        sheet=cells["sheet"],
        cell=cells["cell"],
        requirement=one.requirement,
        params={
            "requirement": one.requirement,
            "found": one.before,
            "expected": label(model, one.ruling.answer),
            "reason": one.ruling.reason,
            "role": one.ruling.role,
            "made": shown_time(one.ruling.made),
        },
    )
