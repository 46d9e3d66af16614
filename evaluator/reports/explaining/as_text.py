"""An explanation as lines for a terminal: result, star, ranks and dimensions; the domains are `explained_domains`.

Owns: the order of the sections and their words, in both languages. Every line of arithmetic is an equation of
`equations`, which begins its line and is never broken.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from evaluator.assessment.traced import Limit, Neighbour, TracedDimension, TracedMethod, TracedRank, TracedStar
from evaluator.model.records import LEVELS, Method
from evaluator.reports.explaining.arithmetic import number, plain_equation, result
from evaluator.reports.explaining.domains import domain_lines, lead_lines, share_line
from evaluator.reports.explaining.equations import dimension_equations, domain_equation, limit_equation, total_equation
from evaluator.reports.explaining.explained import Explained
from evaluator.reports.explaining.file_lines import nobodys_files, own_files
from evaluator.reports.explaining.lines import Line, broken
from evaluator.reports.phrases import listed, star_name, unvouched
from evaluator.wording import Lang, say

_MOST_NAMED = 5
"""Institutions of equal total that are named; of more it is said how many there are."""
_DOWN = ("domain", "item", "requirement")
"""Parts below the total, from which the way up is shown."""
_HEADS = {"star": "star", "rank": "ranks", "dimension": "dimensions"}


def explanation(found: Explained, lang: Lang) -> Iterator[str]:
    """Put an explanation into printed lines."""
    for line in _sections(found, lang):
        yield from broken(line)


def _sections(found: Explained, lang: Lang) -> Iterator[Line]:
    yield from _head(found, lang)
    kind = found.part.kind
    if kind in ("all", "total"):
        yield from _result(found, lang)
    if found.trace.star is not None:
        if kind in ("all", "star"):
            yield from _star(found, found.trace.star, lang)
        if kind in ("all", "total"):
            yield from _methods(found, lang)
        if kind in ("all", "rank"):
            yield from _ranks(found, lang)
    elif kind in ("star", "rank", "dimension"):
        yield Line(0, "")
        yield Line(0, say(f"explain.head.{_HEADS[kind]}", lang))
        yield from _unrated(found, lang)
    if kind in ("all", *_DOWN):
        for domain in found.domains:
            yield from domain_lines(found, domain, lang)
    if kind in ("all", "dimension") and found.trace.dimensions:
        yield from _dimensions(found, lang)
    if kind in _DOWN:
        yield Line(0, "")
        yield Line(0, say("explain.head.lead", lang))
        yield from lead_lines(found, lang)
    if found.trace.star is not None and kind in ("star", "rank", *_DOWN):
        yield from _total(found, lang)
    elif kind in _DOWN:
        yield from _unrated(found, lang)
    yield Line(0, "")
    yield Line(0, say("explain.head.legend", lang))


def _head(found: Explained, lang: Lang) -> Iterator[Line]:
    model = found.model
    if words := unvouched(found.vouched, lang):
        yield Line(0, words)
    yield Line(0, say("explain.head.institution", lang, id=found.facts["id"], name=found.facts["name"]))
    method = say(f"report.method.{model.rules.method}", lang)
    yield Line(
        0,
        say("explain.head.model", lang, name=model.name.say(lang), id=model.id, edition=model.edition, method=method),
    )
    yield Line(0, model.notice.say(lang))


def _result(found: Explained, lang: Lang) -> Iterator[Line]:
    yield Line(0, "")
    yield Line(0, say("explain.head.result", lang))
    if found.trace.star is None:
        yield from _unrated(found, lang)
        return
    yield from _total(found, lang)
    yield from _domain_scores(found, lang)
    yield from own_files(found, "", 1, lang)


def _total(found: Explained, lang: Lang) -> Iterator[Line]:
    """Say the total, star and rank of a rated institution."""
    star, ranks = found.trace.star, found.trace.ranks
    if star is None:
        return
    yield from (Line(1, str(total_equation(one)), whole=True) for one in found.trace.methods if one.official)
    yield Line(
        1,
        say(
            "explain.result.rated", lang, star=star_name(found.model, star.star, lang), rank=ranks[0].rank,
            of=ranks[0].of, rule=say(f"report.rule.{star.limited_by}", lang),
        ),
    )  # fmt: skip


def _domain_scores(found: Explained, lang: Lang) -> Iterator[Line]:
    for domain in found.trace.domains:
        name = found.model.domain(domain.code).name.say(lang)
        words = say("explain.domain.weight", lang, name=name, weight=number(domain.weight))
        yield Line(2, str(domain_equation(domain, found.trace.method)), whole=True, after=words)


def _unrated(found: Explained, lang: Lang) -> Iterator[Line]:
    """Say that an institution has none of what is asked for, and why: each domain that keeps it from being rated."""
    kind, shown = found.part.kind, {domain.code for domain in found.domains}
    asked = say(f"report.dimension.{found.part.code}", lang) if kind == "dimension" else ""
    yield Line(1, say(f"explain.unrated.{'all' if kind in _DOWN else kind}", lang, dimension=asked))
    unseen = False
    for domain in found.trace.domains:
        named: dict[str, object] = {"code": domain.code, "name": found.model.domain(domain.code).name.say(lang)}
        if not domain.came:
            yield Line(2, say("explain.result.missing", lang, **named))
            if kind not in _DOWN or domain.code not in shown:
                yield from own_files(found, domain.code, 3, lang)
                unseen = True
            continue
        for letter, key, share in (("C", "coverage", domain.coverage), ("N", "na_share", domain.na_share)):
            if not share.kept:
                yield Line(2, say(f"explain.result.{key}", lang, limit=number(share.limit), **named))
                yield share_line(3, f"{letter}({domain.code})", share, lang)
    if unseen:
        yield from own_files(found, "", 2, lang)
    if unseen and not (kind in _DOWN and any(map(found.is_lost, found.domains))):  # these say it already
        yield from nobodys_files(found, 2, lang)


def _star(found: Explained, star: TracedStar, lang: Lang) -> Iterator[Line]:
    yield Line(0, "")
    yield Line(0, say("explain.head.star", lang))
    rule = say(f"report.rule.{star.limited_by}", lang)
    yield Line(1, say("explain.star.is", lang, star=star_name(found.model, star.star, lang), rule=rule))
    for limit in star.limits:
        yield from _limit(found, star, limit, lang)
    if sum(limit.most == star.star for limit in star.limits) > 1:
        yield Line(2, say("explain.star.tie", lang))
    yield Line(1, str(plain_equation("star", star.star)), whole=True)
    if found.part.kind == "star":
        yield from _domain_scores(found, lang)


def _limit(found: Explained, star: TracedStar, limit: Limit, lang: Lang) -> Iterator[Line]:
    """Say how many stars a rule allows, and by what; nothing of a rule that the method does not have."""
    if limit.most is None or (limit.rule == "verified_only" and limit.most == len(LEVELS)):  # no star is higher
        if limit.rule in ("veto", "verified_only"):
            yield Line(2, say(f"explain.star.{limit.rule}_none", lang))
        return
    words = {
        "band": lambda: _band(found, limit.most or 0, lang),
        "veto": lambda: say("explain.star.veto", lang, ids=listed(_vetoes(found, star, lang), lang)),
        "verified_only": lambda: say("explain.star.verified_only", lang),
    }.get(limit.rule, lambda: _weakest(found, star, limit.rule, lang))()
    equation = limit_equation(limit.rule, limit.most, star.fewest, found.model)
    yield Line(2, str(equation), whole=True, after=words)


def _band(found: Explained, most: int, lang: Lang) -> str:
    starts, total = found.model.rules.bands, found.trace.total
    params = {"total": result((total and total.value) or 0.0)}
    if most == len(LEVELS):
        return say("explain.star.band_top", lang, start=number(starts[-1]), **params)
    params["next"] = number(starts[most])
    if most == 0:
        return say("explain.star.band_none", lang, **params)
    return say("explain.star.band", lang, start=number(starts[most - 1]), **params)


def _weakest(found: Explained, star: TracedStar, rule: str, lang: Lang) -> str:
    floor = {"floor": found.model.rules.domain_floor} if rule == "domain_floor" else {}
    return say(f"explain.star.{rule}", lang, fewest=star.fewest, domains=listed(star.weakest, lang), **floor)


def _vetoes(found: Explained, star: TracedStar, lang: Lang) -> Iterator[str]:
    for identifier, most in star.vetoes:
        key, params = ("one", {"star": star_name(found.model, most, lang)}) if most else ("one_none", {})
        yield say(f"explain.star.veto_{key}", lang, id=identifier, **params)


def _methods(found: Explained, lang: Lang) -> Iterator[Line]:
    yield Line(0, "")
    yield Line(0, say("explain.head.methods", lang))
    said = {_by_items(found.trace.method)}
    for one in found.trace.methods:
        yield Line(1, _method_words(found, one, lang))
        yield Line(2, str(total_equation(one)), whole=True)
        if _by_items(one.method) not in said:  # its domains have other scores than those above
            said.add(_by_items(one.method))
            for domain in found.trace.domains:
                yield Line(3, str(domain_equation(domain, one.method, official=False)), whole=True)


def _by_items(method: Method) -> bool:
    """Tell whether a method makes a domain's score of its items' means; the others make it of its levels."""
    return method == "average"


def _method_words(found: Explained, one: TracedMethod, lang: Lang) -> str:
    return say(
        "explain.method.official" if one.official else "explain.method.line", lang,
        method=say(f"report.method.{one.method}", lang), star=star_name(found.model, one.star, lang),
        rule=say(f"report.rule.{one.limited_by}", lang), rank=one.rank,
    )  # fmt: skip


def _ranks(found: Explained, lang: Lang) -> Iterator[Line]:
    yield Line(0, "")
    yield Line(0, say("explain.head.ranks", lang))
    for rank in found.trace.ranks:
        yield from _rank(found, rank, lang)
    yield Line(1, say("explain.rank.rule", lang))


def _rank(found: Explained, rank: TracedRank, lang: Lang) -> Iterator[Line]:
    kinds = {"category": found.model.categories, "type": found.model.types}.get(rank.scope, ())
    known = {kind.zh: kind.say(lang) for kind in kinds}
    group = {"group": known.get(rank.group, rank.group)} if rank.group else {}
    scope = say(f"explain.rank.{rank.scope}", lang, **group)
    yield Line(1, say("explain.rank.line", lang, scope=scope, rank=rank.rank, of=rank.of))
    for side, near in (("above", rank.above), ("level", rank.level), ("below", rank.below)):
        if near:
            yield Line(2, say(f"explain.rank.{side}", lang, names=_named(near, lang)))


def _named(near: Sequence[Neighbour], lang: Lang) -> str:
    words = [
        say("explain.rank.neighbour", lang, id=one.id, name=one.name, total=result(one.total))
        for one in near[:_MOST_NAMED]
    ]
    more = [say("explain.rank.more", lang, count=len(near))] if len(near) > _MOST_NAMED else []
    return listed([*words, *more], lang)


def _dimensions(found: Explained, lang: Lang) -> Iterator[Line]:
    yield Line(0, "")
    yield Line(0, say("explain.head.dimensions", lang))
    for dimension in found.trace.dimensions:
        if found.part.kind == "all" or found.part.code == dimension.dimension:
            yield from _dimension(found, dimension, lang)


def _dimension(found: Explained, one: TracedDimension, lang: Lang) -> Iterator[Line]:
    yield Line(1, say(f"report.dimension.{one.dimension}", lang))
    if one.value is None:
        yield Line(2, say("explain.dimension.nothing", lang))
        return
    *parts, (_, whole) = dimension_equations(one, found.model)
    words = say(
        f"explain.dimension.{'well' if one.performing_well else 'not_well'}", lang,
        mark=number(found.model.rules.performing_well),
    )  # fmt: skip
    yield Line(2, str(whole), whole=True, after=words)
    domains = {domain.code for domain in found.model.domains}
    for code, equation in parts:
        yield Line(2 if not code else 3 if code in domains else 4, str(equation), whole=True)
