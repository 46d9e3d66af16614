"""The domains of an explanation, down to each requirement's answer, file and cell.

Owns: their lines and words, in both languages. Under the method `average` a domain is its items' means; under the
others its levels, whose parts are the items' cells.
"""

from __future__ import annotations

from collections.abc import Iterator

from evaluator.assessment.rulings import shown_time
from evaluator.assessment.texts import AnswerText
from evaluator.assessment.traced import Mean, Share, TracedDomain, TracedItem, TracedLevel, TracedRequirement
from evaluator.model.records import LEVELS, Requirement
from evaluator.reports.explaining.arithmetic import plain_equation, result
from evaluator.reports.explaining.equations import (
    cell_equation,
    domain_equation,
    item_equation,
    level_equation,
    share_equation,
)
from evaluator.reports.explaining.explained import Explained
from evaluator.reports.explaining.lines import Line
from evaluator.reports.phrases import listed, star_name
from evaluator.wording import Lang, say
from evaluator.wording.matching import is_empty

_SHOWN = 120
"""Characters of what an institution wrote that are shown."""
_INVALID = {"answer.formula": "formula", "form.altered_text": "altered", "form.duplicate_rows": "ambiguous"}
"""What makes an answer invalid, by the finding that says so."""


def domain_lines(found: Explained, domain: TracedDomain, lang: Lang) -> Iterator[Line]:
    """Give a domain's lines, as far as they are asked for."""
    entry = found.model.domain(domain.code)
    yield Line(0, "")
    weight = result(domain.weight)
    yield Line(0, say("explain.head.domain", lang, code=domain.code, name=entry.name.say(lang), weight=weight))
    if found.part.kind in ("all", "domain"):
        if domain.came:
            yield from _domain_score(found, domain, lang)
        else:
            yield Line(1, say("explain.why.missing", lang))
            return
    for item in found.items(domain):
        yield from _item(found, domain, item, lang)


def lead_lines(found: Explained, lang: Lang) -> Iterator[Line]:
    """Give the lines that lead from the part asked for to its domain's score."""
    by_items = found.trace.method == "average"
    for domain in found.domains:
        if not domain.came:
            continue
        if found.part.kind != "domain" and not by_items:
            levels = {r.level for item in found.items(domain) for r in found.requirements(item)}
            for level in domain.levels:
                if level.level in levels:
                    yield from _level(found, domain, level, lang)
        yield Line(1, str(domain_equation(domain, found.trace.method)), whole=True)
        yield Line(2, _count_words(found, domain, lang))


def share_line(depth: int, name: str, share: Share, lang: Lang) -> Line:
    """Say coverage or a share of N/A, and whether it keeps its limit."""
    sign = "≥" if name.startswith("C") else "≤"
    words = say(
        f"explain.domain.share_{'kept' if share.kept else 'broken'}", lang, limit=f"{sign} {result(share.limit)}"
    )
    return Line(depth, str(share_equation(name, share)), whole=True, after=words)


def _domain_score(found: Explained, domain: TracedDomain, lang: Lang) -> Iterator[Line]:
    yield Line(1, str(domain_equation(domain, found.trace.method)), whole=True)
    yield Line(1, _count_words(found, domain, lang))
    if found.trace.method == "average":
        yield from _shared(domain.average, 2, lang)
    else:
        for level in domain.levels:
            yield from _level(found, domain, level, lang)
    yield share_line(1, f"C({domain.code})", domain.coverage, lang)
    yield share_line(1, f"N({domain.code})", domain.na_share, lang)


def _count_words(found: Explained, domain: TracedDomain, lang: Lang) -> str:
    """Say how the levels passed make the score; under `average` what makes it instead."""
    mark = result(found.model.rules.pass_mark)
    if found.trace.method == "average":
        return say("explain.domain.average", lang)
    if domain.passed == len(LEVELS):
        return say("explain.domain.passed_all", lang, mark=mark)
    if domain.passed == 0:
        return say("explain.domain.passed_none", lang)
    return say("explain.domain.passed", lang, passed=domain.passed, next=domain.passed + 1, mark=mark)


def _level(found: Explained, domain: TracedDomain, level: TracedLevel, lang: Lang) -> Iterator[Line]:
    equation = level_equation(domain, level)
    if equation is None or level.attainment is None:
        yield Line(1, say("explain.domain.not_asked", lang, code=domain.code, level=level.level))
        return
    yield Line(1, str(equation), whole=True, after=say(f"explain.counts.{level.counts}", lang))
    if not level.attainment.in_force:
        yield Line(2, say("explain.domain.all_na", lang, level=level.level))
    else:
        yield from _shared(level.attainment, 2, lang)


def _shared(mean: Mean, depth: int, lang: Lang) -> Iterator[Line]:
    """Say what is left out of a mean, and the weights in force without it."""
    if mean.left_out and mean.in_force:
        shares = listed((f"{term.code} {result(term.share)}" for term in mean.in_force), lang)
        codes = listed((term.code for term in mean.left_out), lang)
        yield Line(depth, say("explain.domain.in_force", lang, codes=codes, shares=shares))


def _item(found: Explained, domain: TracedDomain, item: TracedItem, lang: Lang) -> Iterator[Line]:
    entry = next(one for one in found.model.items if one.code == item.code)
    weight = result(item.weight)
    yield Line(1, say("explain.head.item", lang, code=item.code, name=entry.name.say(lang), weight=weight))
    if domain.came and found.part.kind != "requirement":
        mean = item_equation(item)
        if mean is None:
            yield Line(2, say("explain.item.nothing", lang))
        else:
            yield Line(2, str(mean), whole=True, after=say("explain.item.mean", lang))
    for level in LEVELS:
        asked = [r for r in found.requirements(item) if r.level == level]
        if asked and domain.came and found.trace.method != "average":
            yield from _cell(item, level, lang)
        for one in asked:
            yield from _requirement(found, one, lang)
    if found.part.kind == "requirement" and domain.came and found.trace.method == "average":
        yield from (Line(2, str(mean), whole=True) for mean in [item_equation(item)] if mean is not None)


def _cell(item: TracedItem, level: int, lang: Lang) -> Iterator[Line]:
    equation, cell = cell_equation(item, level), item.cells[level - 1]
    if equation is None or cell is None:
        yield Line(2, say("explain.item.cell_empty", lang, code=item.code, level=level))
        return
    yield Line(2, str(equation), whole=True)
    yield from _shared(cell, 3, lang)


def _requirement(found: Explained, one: TracedRequirement, lang: Lang) -> Iterator[Line]:
    asked, text = found.model.requirements[one.number], found.wrote[one.number]
    alone = one.share in (0.0, 1.0)
    params = {
        "id": one.id,
        "stars": "★" * one.level,
        "dimension": say(f"report.dimension.{one.dimension}", lang),
        "weight": result(one.weight),
    } | ({} if alone else {"share": result(one.share)})
    yield Line(3, say(f"explain.requirement.{'head' if alone else 'share'}", lang, **params))
    yield Line(4, asked.text.say(lang))
    if asked.veto_star is not None:
        yield Line(4, say("explain.requirement.veto", lang, star=star_name(found.model, asked.veto_star, lang)))
    if one.why == "missing":
        yield Line(4, say("explain.requirement.no_file", lang))
        return
    yield from _written(found, one, text, lang)
    yield Line(4, _why(found, one, asked, text, lang))
    if one.score is not None:
        yield Line(4, str(plain_equation(f"s({one.id})", one.score)), whole=True)
    if codes := found.findings.get(one.id):
        yield Line(4, say("explain.requirement.findings", lang, codes=listed(codes, lang)))
    yield Line(4, say("explain.requirement.file", lang, path=text.file), whole=True)
    yield Line(4, f"SHA-256 {found.hashes.get(text.file, '')}", whole=True)
    if text.cell:
        yield Line(4, say("explain.requirement.place", lang, sheet=text.sheet, cell=text.cell), whole=True)
    else:
        yield Line(4, say("explain.requirement.no_place", lang))


def _written(found: Explained, one: TracedRequirement, text: AnswerText, lang: Lang) -> Iterator[Line]:
    """Say what the institution wrote: answer, evidence, remarks."""
    typed = _cut(text.typed)
    state = say(f"report.state.{'decided' if one.why == 'decided' else one.state}", lang)
    answer = _label(found, one.answer, lang)
    if not typed:
        yield Line(4, say("explain.requirement.given_nothing", lang, state=state))
    elif one.answer and typed != answer:
        yield Line(4, say("explain.requirement.understood", lang, typed=typed, answer=answer, state=state))
    else:
        yield Line(4, say("explain.requirement.given", lang, typed=typed, state=state))
    at = {"cell": text.evidence_cell} if text.evidence_cell else {}
    suffix = "_at" if at else ""
    if is_empty(text.evidence):
        yield Line(4, say(f"explain.requirement.no_evidence{suffix}", lang, **at))
    else:
        yield Line(4, say(f"explain.requirement.evidence{suffix}", lang, words=shortened(text.evidence), **at))
    if not is_empty(text.remarks):
        yield Line(4, say("explain.requirement.remarks", lang, words=shortened(text.remarks)))


def _why(found: Explained, one: TracedRequirement, asked: Requirement, text: AnswerText, lang: Lang) -> str:
    if one.why == "decided":
        return _decided(found, one, lang)
    key = reason_key(found, one, text)
    params = {"answer": _label(found, one.answer, lang)} if key == "no_evidence" else {}
    if key in ("as_given", "no_evidence"):
        params["scored"] = _label(found, one.scored_as, lang)
    return say(f"explain.why.{key}", lang, **params)


def reason_key(found: Explained, one: TracedRequirement, text: AnswerText) -> str:
    """Give why a requirement counts as it does, of `traced.WHYS`, or closer by what was found in the form."""
    if one.why == "blank" and not text.cell:
        return "no_row"
    if one.why == "na":
        return "na" if found.trace.method == "average" or _shares_cell(found, one) else "na_alone"
    if one.why == "invalid":
        return next((_INVALID[code] for code in found.findings.get(one.id, ()) if code in _INVALID), "invalid")
    return one.why


def _shares_cell(found: Explained, one: TracedRequirement) -> bool:
    """Tell whether other requirements of the item apply at the same level."""
    code = found.model.item_of[one.id].code
    item = next(item for domain in found.trace.domains for item in domain.items if item.code == code)
    cell = item.cells[one.level - 1]
    return cell is not None and bool(cell.in_force)


def _decided(found: Explained, one: TracedRequirement, lang: Lang) -> str:
    row = found.decided[one.id]
    before: dict[str, object] = {"state": say(f"report.state.{row['state_before']}", lang)}
    key = "nothing"
    if row["answer_before"]:
        before["answer"] = _label(found, row["answer_before"], lang)
        key = "no_score" if row["score_before"] is None else "scored"
    if key == "scored":
        before["scored"] = _label(found, row["scored_as_before"], lang)
    if key != "no_score":
        before["score"] = result(row["score_before"] or 0.0)
    return say(
        "explain.why.decided", lang, scored=_label(found, one.scored_as or "na", lang),
        before=say(f"explain.before.{key}", lang, **before), reason=shortened(row["reason"]), role=row["role"],
        made=shown_time(row["made"]),
    )  # fmt: skip


def _label(found: Explained, code: str, lang: Lang) -> str:
    return found.model.answer(code).label.say(lang) if code else ""


def shortened(words: str) -> str:
    """Give the first part of a text, on one line."""
    return _cut(" ".join(words.split()))


def _cut(words: str) -> str:
    return words if len(words) <= _SHOWN else words[: _SHOWN - 1] + "…"
