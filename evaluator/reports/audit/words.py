"""The on-site sample in words and as plain data: why each institution, what to check first, the draw.

Owns: these sentences, the terminal's tables and the JSON. Knows nothing of workbooks.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from evaluator.assessment import attention as rule
from evaluator.assessment import patterns
from evaluator.assessment.attention import PARTS
from evaluator.assessment.codes import GIVEN
from evaluator.assessment.sampling import Unit
from evaluator.model.records import Bilingual
from evaluator.reports.audit.record import AuditSample, Check
from evaluator.reports.look import stars_text
from evaluator.reports.phrases import listed, star_name
from evaluator.wording import LANGS, Lang, say
from evaluator.wording.numbers import near, near_share, plain, plain_share, rounded

_MOST_TWINS = 3
_COLUMNS = ("id", "name", "star", "score", "probability", "weight", "why")


def why(sample: AuditSample, row: int, lang: Lang) -> str:
    """Say why an institution was given more than the base chance, or that nothing stands out.

    Nobody is said to be drawn by chance where everyone is in the sample. (Otherwise one with the base alone, the least
    measure there is, is never certain.)
    """
    held = [part for part, _ in sample.attention.held(row)]
    said = [_reason(sample, row, part, lang) for part in held if part != "all_full"]
    if not said:
        return say("audit.why.everyone" if sample.draw.everyone else "audit.why.nothing", lang)
    return ("；" if lang == "zh" else "; ").join(said)


def _reason(sample: AuditSample, row: int, part: str, lang: Lang) -> str:
    found, model, calls = sample.recorded.assessment, sample.recorded.model, sample.attention
    odd = calls.patterns
    if part == "band":
        start, total = float(calls.start[row]), float(found.stars.total[row])
        star = star_name(model, model.rules.bands.index(start) + 1, lang)
        return say("audit.why.band", lang, total=near(total, start), start=plain(start), star=star)
    if part == "mark":
        domain, level, mark = int(calls.domain[row]), int(calls.level[row]), model.rules.pass_mark
        value = float(found.scores.attainment[row, domain, level - 1])
        return say(
            "audit.why.mark",
            lang,
            domain=model.domains[domain].name.say(lang),
            level=star_name(model, level, lang),
            found=near_share(value, mark),
            mark=plain_share(mark),
        )
    if part == "evidence":
        return say("audit.why.evidence", lang, weak=int(calls.weak[row]), strong=int(calls.strong[row]))
    if part == "straight_line":
        answer = answer_label(sample, int(odd.commonest[row]), lang)
        return say("audit.why.straight_line", lang, same=int(odd.same[row]), of=int(odd.answered[row]), answer=answer)
    if part == "higher_without_lower":
        return say("audit.why.higher_without_lower", lang, count=int(odd.reversals[row]), of=int(odd.pairs[row]))
    named = found.institutions["id"].iloc[list(odd.twins(row, _MOST_TWINS))].tolist()
    return say("audit.why.identical_answers", lang, count=len(odd.alike[row]) - 1, ids=listed(named, lang))


def answer_label(sample: AuditSample, given: int, lang: Lang) -> str:
    """Say an answer, an index into `codes.GIVEN`, as the model does."""
    labels: dict[str, Bilingual] = {answer.code: answer.label for answer in sample.recorded.model.scale}
    return labels[GIVEN[given]].say(lang) if given else say("report.common.unknown", lang)


def check_words(sample: AuditSample, row: int, check: Check, lang: Lang) -> str:
    """Say why a requirement is to be checked first."""
    parts = []
    if check.near:
        model, calls = sample.recorded.model, sample.attention
        value = sample.recorded.assessment.scores.attainment[row, calls.domain[row], calls.level[row] - 1]
        mark = model.rules.pass_mark
        parts.append(say("audit.check.near", lang, found=near_share(float(value), mark), mark=plain_share(mark)))
    if check.weakness:
        parts.append(say(f"audit.check.{check.weakness}", lang))
    if not parts:
        star = int(sample.recorded.assessment.stars.star[row])
        level = sample.recorded.model.requirements[check.requirement].level
        key = "above" if level > max(star, 1) else "strong" if star else "first_star"
        parts.append(say(f"audit.check.{key}", lang))
    return ("；" if lang == "zh" else "; ").join(parts)


def size_line(sample: AuditSample, lang: Lang) -> str:
    """Say how many were drawn of how many, and that these are all where they are."""
    drawn = sample.draw
    key = "everyone" if drawn.everyone else "drawn"
    return say(f"audit.{key}", lang, size=drawn.size, rated=len(drawn.units), asked=drawn.asked, seed=drawn.seed)


def part_rule(part: str, lang: Lang) -> str:
    """Say for what a part of the measure gives how many points."""
    points = {
        "base": rule.BASE,
        "band": rule.BAND_POINTS,
        "mark": rule.MARK_POINTS,
        "evidence": rule.EVIDENCE_POINTS,
        **rule.PATTERN_POINTS,
    }[part]
    return say(
        f"audit.part_rule.{part}",
        lang,
        points=points,
        band_reach=f"{rule.BAND_REACH:g}",
        mark_reach=f"{rule.MARK_REACH:.0%}",
        short=rule.SHORT_EVIDENCE,
        least=patterns.LEAST_ANSWERED,
        same=f"{patterns.STRAIGHT_SHARE:.0%}",
        reversed=f"{patterns.REVERSED_SHARE:.0%}",
    )


def worked_line(sample: AuditSample, lang: Lang) -> str:
    """Work the selection of one institution out, number by number, where not everyone is in the sample."""
    drawn = sample.draw
    one = next(unit for unit in drawn.chosen if not unit.certain)
    low, high = drawn.steps * (one.after - one.size), drawn.steps * one.after
    turn = -(-(low - drawn.start) // drawn.total)
    return say(
        "audit.about.worked.line",
        lang,
        id=sample.recorded.assessment.institutions["id"].iloc[sample.row(one)],
        m=one.size,
        after=one.after,
        low=low,
        high=high,
        k=drawn.steps,
        total=drawn.total,
        start=drawn.start,
        t=turn,
        point=drawn.start + turn * drawn.total,
        probability=f"{float(one.probability):.6f}",
    )


def sample_table(sample: AuditSample, lang: Lang) -> Iterator[tuple[str, ...]]:
    """Give the sample as rows of words, the header first."""
    yield tuple(say(f"audit.column.{key}", lang) for key in _COLUMNS)
    table = sample.recorded.assessment.institutions
    for unit in sample.draw.chosen:
        row = sample.row(unit)
        own = table.iloc[row]
        yield (
            own["id"],
            own["name"],
            stars_text(own["star"], lang),
            rounded(own["score"]),
            f"{float(unit.probability):.6f}",
            f"{float(1 / unit.probability):.2f}",
            why(sample, row, lang),
        )


def draw_lines(sample: AuditSample, lang: Lang) -> Iterator[str]:
    """Say the rule's figures, in lines; nothing is drawn where everyone is in the sample."""
    drawn = sample.draw
    yield size_line(sample, lang)
    if drawn.everyone:
        yield say("audit.no_estimate", lang)
        return
    params = {"certain": drawn.certain, "k": drawn.steps, "total": drawn.total, "start": drawn.start}
    yield say("audit.draw_line", lang, **params)


def as_json(sample: AuditSample) -> dict[str, object]:
    """Give the sample and the whole draw as plain data."""
    drawn, table = sample.draw, sample.recorded.assessment.institutions
    return {
        "seed": drawn.seed,
        "asked": drawn.asked,
        "size": drawn.size,
        "rated": len(drawn.units),
        "certain": drawn.certain,
        "total": drawn.total,
        "steps": drawn.steps,
        "start": drawn.start,
        "rule": {part: {lang: part_rule(part, lang) for lang in LANGS} for part in PARTS},
        "sample": [_chosen(sample, unit) for unit in drawn.chosen],
        "population": [
            {
                "id": table["id"].iloc[sample.row(unit)],
                "hash": unit.hash,
                "size": unit.size,
                "parts": dict(zip(PARTS, sample.attention.points[sample.row(unit)].tolist(), strict=True)),
                "certain": unit.certain,
                "after": unit.after,
                **_probability(unit),
                "chosen": unit.chosen,
            }
            for unit in drawn.units
        ],
    }


def _probability(unit: Unit) -> dict[str, object]:
    """Give a probability as a number to compute with, and exactly, as a fraction to hold the draw against."""
    exact = unit.probability
    return {"probability": float(exact), "probability_exact": f"{exact.numerator}/{exact.denominator}"}


def _chosen(sample: AuditSample, unit: Unit) -> dict[str, object]:
    row = sample.row(unit)
    own = sample.recorded.assessment.institutions.iloc[row]
    wrote, asked = sample.wrote(row), sample.recorded.model.requirements
    return {
        **{key: str(own[key]) for key in ("id", "name", "province", "city")},
        "star": int(cast("int", own["star"])),
        "score": float(cast("float", own["score"])),
        "size": unit.size,
        **_probability(unit),
        "weight": float(1 / unit.probability),
        "patterns": list(sample.attention.patterns.flags(row)),
        "why": {lang: why(sample, row, lang) for lang in LANGS},
        "check": [
            {
                "requirement": asked[check.requirement].id,
                "near": check.near,
                "weakness": check.weakness,
                "file": wrote[check.requirement].file,
                "sheet": wrote[check.requirement].sheet,
                "cell": wrote[check.requirement].cell,
            }
            for check in sample.checks(row)
        ],
    }
