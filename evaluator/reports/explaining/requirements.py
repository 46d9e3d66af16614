"""The requirements of an explanation: each with its answer, evidence, score, the reason for it, file and cell.

Owns: their lines and words, in both languages.
"""

from __future__ import annotations

from collections.abc import Iterator

from evaluator.assessment.rulings import shown_time
from evaluator.assessment.texts import AnswerText
from evaluator.assessment.traced_domains import TracedRequirement
from evaluator.model.records import Requirement
from evaluator.reports.explaining.arithmetic import number, plain_equation, result
from evaluator.reports.explaining.explained import Explained
from evaluator.reports.explaining.lines import Line
from evaluator.reports.phrases import listed, star_name
from evaluator.wording import Lang, say
from evaluator.wording.cutting import cut, cut_line
from evaluator.wording.matching import is_empty

_SHOWN = 120
"""Characters of what an institution wrote that are shown."""
_INVALID = {"answer.formula": "formula", "form.altered_text": "altered", "form.duplicate_rows": "ambiguous"}
"""What makes an answer invalid, by the finding that says so."""


def requirement_lines(found: Explained, one: TracedRequirement, lang: Lang) -> Iterator[Line]:
    """Give a requirement's lines: what is asked, what was written, what it counts as and why, and where it stands."""
    asked, text = found.model.requirements[one.number], found.wrote[one.number]
    alone = one.share in (0.0, 1.0)
    params = {
        "id": one.id,
        "stars": "★" * one.level,
        "dimension": say(f"report.dimension.{one.dimension}", lang),
        "weight": number(one.weight),
    } | ({} if alone else {"share": result(one.share)})
    yield Line(3, say(f"explain.requirement.{'head' if alone else 'share'}", lang, **params))
    yield Line(4, asked.text.say(lang))
    if asked.veto_star is not None:
        yield from _veto(found, one, asked.veto_star, lang)
    if one.why == "missing":
        yield Line(4, say("explain.requirement.no_file", lang))
        return
    yield from _written(found, one, text, lang)
    yield Line(4, _why(found, one, asked, text, lang))
    if one.score is not None:
        yield Line(4, str(plain_equation(f"s({one.id})", one.score)), whole=True)
    if codes := found.codes(one.id):
        yield Line(4, say("explain.requirement.findings", lang, codes=listed(codes, lang)))
        for reason in found.findings[one.id]:
            if one.why == "invalid" and reason.code in _INVALID:  # where else it was answered, or with what
                yield Line(5, reason.found.say(lang))
    yield Line(4, say("explain.requirement.file", lang, path=text.file), whole=True)
    yield Line(4, f"SHA-256 {found.hashes.get(text.file, '')}", whole=True)
    if text.cell:
        yield Line(4, say("explain.requirement.place", lang, sheet=text.sheet, cell=text.cell), whole=True)
    else:
        yield Line(4, say("explain.requirement.no_place", lang))


def _veto(found: Explained, one: TracedRequirement, most: int, lang: Lang) -> Iterator[Line]:
    """Say the rule of a requirement with a veto, and what came of it."""
    star, named = found.trace.star, {"star": star_name(found.model, most, lang)} if most else {}
    none = "" if most else "_none"
    yield Line(4, say(f"explain.requirement.veto{none}", lang, **named))
    if star is None or one.id not in vetoed(found):
        return
    if star.limited_by == "veto" and star.star == most:
        yield Line(4, say(f"explain.requirement.capped{none}", lang, **named))
    else:
        rule = say(f"report.rule.{star.limited_by}", lang)
        got = star_name(found.model, star.star, lang)
        yield Line(4, say("explain.requirement.not_capped", lang, rule=rule, got=got))


def vetoed(found: Explained) -> frozenset[str]:
    """Name the requirements whose veto applies to a rated institution."""
    star = found.trace.star
    return frozenset() if star is None else frozenset(identifier for identifier, _ in star.vetoes)


def _written(found: Explained, one: TracedRequirement, text: AnswerText, lang: Lang) -> Iterator[Line]:
    """Say what the institution wrote: answer, evidence, remarks."""
    typed = cut(text.typed, _SHOWN)
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
    """Give why a requirement counts as it does, of `traced_domains.WHYS`, or closer by what was found in the form."""
    if one.why == "blank" and not text.cell:
        return "no_row"
    if one.why == "na":
        return "na" if found.trace.method == "average" or _shares_cell(found, one) else "na_alone"
    if one.why == "invalid":
        return next((_INVALID[code] for code in found.codes(one.id) if code in _INVALID), "invalid")
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
    return cut_line(words, _SHOWN)
