"""The domains of an explanation, with their levels and items; the requirements are `requirements`'.

Owns: their lines and words, in both languages. Under the method `average` a domain is its items' means; under the
others its levels, whose parts are the items' cells.
"""

from __future__ import annotations

from collections.abc import Iterator

from evaluator.assessment.traced_domains import Mean, Share, TracedDomain, TracedItem, TracedLevel
from evaluator.model.records import LEVELS
from evaluator.reports.explaining.arithmetic import number, result
from evaluator.reports.explaining.equations import (
    cell_equation,
    domain_equation,
    item_equation,
    level_equation,
    share_equation,
)
from evaluator.reports.explaining.explained import Explained
from evaluator.reports.explaining.file_lines import nobodys_files, own_files
from evaluator.reports.explaining.lines import Line
from evaluator.reports.explaining.requirements import requirement_lines
from evaluator.reports.phrases import listed
from evaluator.wording import Lang, say


def domain_lines(found: Explained, domain: TracedDomain, lang: Lang) -> Iterator[Line]:
    """Give a domain's lines, as far as they are asked for."""
    entry = found.model.domain(domain.code)
    yield Line(0, "")
    weight = number(domain.weight)
    yield Line(0, say("explain.head.domain", lang, code=domain.code, name=entry.name.say(lang), weight=weight))
    if found.part.kind in ("all", "domain"):
        if domain.came:
            yield from _domain_score(found, domain, lang)
        else:
            yield Line(1, say("explain.why.missing", lang))
    yield from own_files(found, domain.code, 1, lang)
    if found.part.kind != "all" and found.is_lost(domain):
        yield from nobodys_files(found, 1, lang)
    if found.part.kind in ("all", "domain") and not domain.came:
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
        f"explain.domain.share_{'kept' if share.kept else 'broken'}", lang, limit=f"{sign} {number(share.limit)}"
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
    mark = number(found.model.rules.pass_mark)
    if found.trace.method == "average":
        return say("explain.domain.average", lang)
    if domain.passed == len(LEVELS):
        return say("explain.domain.passed_all", lang, mark=mark)
    if domain.passed == 0:
        return say("explain.domain.passed_none", lang, mark=mark)
    if domain.passed == 1:
        return say("explain.domain.passed_one", lang, mark=mark)
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
    weight = number(item.weight)
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
            yield from requirement_lines(found, one, lang)
    if found.part.kind == "requirement" and domain.came and found.trace.method == "average":
        yield from (Line(2, str(mean), whole=True) for mean in [item_equation(item)] if mean is not None)


def _cell(item: TracedItem, level: int, lang: Lang) -> Iterator[Line]:
    equation, cell = cell_equation(item, level), item.cells[level - 1]
    if equation is None or cell is None:
        yield Line(2, say("explain.item.cell_empty", lang, code=item.code, level=level))
        return
    yield Line(2, str(equation), whole=True)
    yield from _shared(cell, 3, lang)
