"""Believable answers: a latent ability for each institution, which falls short of the higher levels.

Owns: what an institution without faults answers, and the words of its evidence and remarks. Such answers give no
finding at all.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np

from evaluator.assessment.scoring import weights_of
from evaluator.model.records import AnswerCode, Model, Requirement
from evaluator.synthesis import vocabulary
from evaluator.synthesis.people import Person
from evaluator.wording import Lang, say, text

ABILITY = (2.55, 1.2)
"""Mean and spread of the ability, in levels: an ability of 3 masters level 2 and most of level 3."""
TILT = 0.4
"""Spread of a domain's ability around the institution's."""
NOISE = 0.5
"""Spread of a requirement's around the domain's."""
DIMENSION_SHIFT: Mapping[str, float] = {"resource": 0.0, "process": 0.12, "performance": -0.25}
"""Performance lags behind resources and processes, as in the standard's published trial."""
_STEPS: tuple[tuple[float, AnswerCode], ...] = ((0.4, "full"), (-0.4, "large"), (-1.3, "partial"))
"""Least ability over the level for an answer."""
_NA_SHARE, _PARTIAL_EVIDENCE, _REMARKS = 0.06, 0.7, 0.02
_GAP = 0.003
"""Share of answers that are `none` whatever the ability: now and then one meets a veto."""
_ROOM = 0.5
"""Share of the model's limit that N/A may use up in a domain."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Reply:
    """What an institution answers to one requirement."""

    code: AnswerCode
    evidence: str = ""
    remarks: str = ""


def replies(person: Person, model: Model, lang: Lang, seed: int) -> dict[str, Reply]:
    """Answer every requirement, by its id; the same arguments give the same answers."""
    rng = np.random.default_rng([seed, person.index, 1])
    ability = float(np.clip(rng.normal(*ABILITY), 0.1, 6.4))
    tilts = dict(zip((d.code for d in model.domains), rng.normal(0, TILT, len(model.domains)).tolist(), strict=True))
    count = len(model.requirements)
    noise = rng.normal(0, NOISE, count).tolist()
    dice = rng.random((count, 3)).tolist()
    numbers = rng.integers(0, 2**31, count).tolist()
    left_out = _not_applicable(person, model, rng)
    given: dict[str, Reply] = {}
    for n, requirement in enumerate(model.requirements):
        if requirement.id in left_out:
            given[requirement.id] = Reply(code="na", remarks=reason(requirement, lang))
            continue
        level = requirement.level - DIMENSION_SHIFT[requirement.dimension]
        strength = ability + tilts[model.domain_of[requirement.id].code] + noise[n] - level
        code: AnswerCode = next((code for least, code in _STEPS if strength >= least), "none")
        code = "none" if dice[n][2] < _GAP else code
        shown = code in ("full", "large") or (code == "partial" and dice[n][0] < _PARTIAL_EVIDENCE)
        given[requirement.id] = Reply(
            code=code,
            evidence=evidence(person, requirement, lang, numbers[n]) if shown else "",
            remarks=_remark(code, lang, numbers[n]) if dice[n][1] < _REMARKS else "",
        )
    return given


def may_leave_out(person: Person, requirement: Requirement) -> bool:
    """Tell whether N/A is permitted to the institution."""
    return requirement.na_allowed and (not requirement.na_categories or person.category in requirement.na_categories)


def shares_of(model: Model) -> Mapping[str, float]:
    """Give each requirement's share of its domain's weight, by id."""
    return dict(zip((r.id for r in model.requirements), weights_of(model).share.tolist(), strict=True))


def _not_applicable(person: Person, model: Model, rng: np.random.Generator) -> set[str]:
    """Choose items that do not concern the institution, and there all for which it may say so."""
    share = shares_of(model)
    chosen: set[str] = set()
    for domain in model.domains:
        room = _ROOM * model.rules.max_na_share
        for item in domain.items:
            ids = [r.id for r in item.requirements if may_leave_out(person, r)]
            used = sum(share[one] for one in ids)
            if ids and rng.random() < _NA_SHARE and used <= room + 1e-9:
                room -= used
                chosen.update(ids)
    return chosen


def evidence(person: Person, requirement: Requirement, lang: Lang, number: int) -> str:
    """Name a document of the institution's own for a requirement.

    Args:
        person: whose document it is.
        requirement: what it proves; the model's own words name the document.
        lang: language of the text.
        number: any number from 0; another one gives another document, year, month and file number.
    """
    names = documents(requirement, lang)
    forms = vocabulary.evidence_forms()
    number, which = divmod(number, len(names))
    number, form = divmod(number, len(forms))
    number, month = divmod(number, 12)
    number, years_ago = divmod(number, 3)
    return (
        forms[form]
        .say(lang)
        .format(
            document=names[which],
            short=person.short,
            mark=person.mark,
            year=2024 if years_ago == 0 else 2025,
            month=month + 1,
            number=1 + number % 180,
        )
    )


@cache
def documents(requirement: Requirement, lang: Lang) -> tuple[str, ...]:
    """List the documents that a requirement's evidence text names."""
    parts = _parts(requirement, lang)
    named = [_cut(part, lang) for part in parts if not re.search(text("synthesis.evidence.na").say(lang), part)]
    clumsy, longest = (text(f"synthesis.evidence.{key}").say(lang) for key in ("clumsy", "longest"))
    plain = [name for name in named if len(name) <= int(longest) and not re.search(clumsy, name)]
    return tuple(plain) or tuple(name for name in named if name) or (requirement.evidence.say(lang).rstrip("。."),)


def reason(requirement: Requirement, lang: Lang) -> str:
    """Say why a requirement does not apply."""
    pattern = text("synthesis.evidence.na").say(lang)
    for part in _parts(requirement, lang):
        if re.search(pattern, part):
            return say("synthesis.remarks.na", lang, enclosed=re.sub(pattern, "", part))
    return say("synthesis.remarks.na_plain", lang)


def _parts(requirement: Requirement, lang: Lang) -> list[str]:
    separator = text("synthesis.evidence.separator").say(lang)
    return requirement.evidence.say(lang).rstrip("。.").split(separator)


def _cut(part: str, lang: Lang) -> str:
    kept = re.sub(text("synthesis.evidence.cut").say(lang), "", part).strip("，, ")
    return kept[:1].upper() + kept[1:]


def _remark(code: AnswerCode, lang: Lang, number: int) -> str:
    if code in ("partial", "none"):
        return say("synthesis.remarks.partial", lang, month=4 + number % 9)
    return say("synthesis.remarks.good", lang)
