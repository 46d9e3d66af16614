"""Differences between two models in words: what it is, where, and how each of the two says it.

Owns: showing a difference's values as people read them. Texts are in `wording/differences.toml`.
"""

from __future__ import annotations

from collections.abc import Sequence

from evaluator.model.differences import RULES, Difference, Value
from evaluator.model.partial_changes import PartialChange
from evaluator.model.records import LEVELS, Bilingual, Model, Robustness
from evaluator.wording import Lang, say
from evaluator.wording.numbers import plain, plain_share

_SHARES = ("pass_mark", "min_coverage", "max_na_share", "performing_well", "domain_weight", "item_weight")
_NAMED = 6
"""Differences of a group that are told one by one."""


def what(one: Difference, lang: Lang) -> str:
    """Say what differs."""
    return say(f"differences.what.{one.code}", lang)


def where(one: Difference, model: Model, lang: Lang) -> str:
    """Say where: code and name of a domain or item, label of an answer, id of a requirement; empty for the whole."""
    names = {domain.code: f"{domain.code} {domain.name.say(lang)}" for domain in model.domains}
    names |= {item.code: f"{item.code} {item.name.say(lang)}" for item in model.items}
    names |= {answer.code: answer.label.say(lang) for answer in model.scale}
    names |= {str(level.level): level.name.say(lang) for level in model.levels}
    return names.get(one.place, one.place)


def shown(code: str, value: Value, lang: Lang) -> str:
    """Show a difference's value on one side."""
    if code == "verified_above":
        key = "unlimited" if value in (None, len(LEVELS)) else "verified" if value else "verified_all"
        return say(f"differences.{key}", lang, star=value)
    if code == "veto_star":
        key = "no_veto" if value is None else "veto" if value else "veto_none"
        return say(f"differences.{key}", lang, star=value)
    if value is None:
        return say("differences.nothing", lang)
    if code == "na_categories" and not value:
        return say("differences.everyone", lang)
    if isinstance(value, bool):
        words = ("permitted", "refused") if code == "na_allowed" else ("on", "off")
        return say(f"differences.{words[not value]}", lang)
    if isinstance(value, tuple):
        return (" / " if code == "bands" else "、" if lang == "zh" else ", ").join(shown("", v, lang) for v in value)
    if isinstance(value, Bilingual):
        return value.say(lang)
    if isinstance(value, Robustness):
        if not value.draws:
            return say("differences.no_draws", lang)
        spread = plain_share(value.spread)
        return say("differences.draws", lang, draws=f"{value.draws:,}", spread=spread, seed=value.seed)
    if code in _SHARES:
        return plain_share(float(value))
    if code == "method":
        return say(f"report.method.{value}", lang)
    if code == "dimension":
        return say(f"report.dimension.{value}", lang)
    if code == "level":
        return say("differences.level", lang, level=value)
    if code == "domain_floor":
        return say("differences.plus", lang, count=value)
    return value if isinstance(value, str) else plain(value)


def sides(one: Difference, lang: Lang) -> tuple[str, str]:
    """Show a difference's values, the old model's and the new one's; where only the other language differs, in that."""
    old, new = shown(one.code, one.old, lang), shown(one.code, one.new, lang)
    if old != new:
        return old, new
    other: Lang = "en" if lang == "zh" else "zh"
    old_other, new_other = shown(one.code, one.old, other), shown(one.code, one.new, other)
    if old_other == new_other:
        return old, new
    key = f"differences.only_{other}"
    return say(key, lang, words=old_other), say(key, lang, words=new_other)


def group_name(change: PartialChange, model: Model, lang: Lang) -> str:
    """Name changes that are tried together."""
    if change.code in RULES:
        return say(f"differences.what.{change.code}", lang)
    name = say(f"differences.group.{change.code}", lang)
    if not change.place:
        return name
    return say("differences.here", lang, what=name, place=model.domain(change.place).name.say(lang))


def steps(found: Sequence[Difference], model: Model, lang: Lang) -> str:
    """Say in one line what a group of differences changes, from what to what; the first few of many."""
    comma, stop = ("、", "；") if lang == "zh" else (", ", "; ")
    alike: dict[tuple[str, str, str], list[str]] = {}
    for one in found:
        sides_of = ("", "") if one.code == "left_out" else sides(one, lang)
        place = where(one, model, lang) if one.code == "scale_value" else one.place
        alike.setdefault((one.code, *sides_of), []).append(place)
    parts = []
    for (code, old, new), places in list(alike.items())[:_NAMED]:
        named = comma.join(places[:_NAMED]) + (" …" if len(places) > _NAMED else "")
        if code == "left_out":
            parts.append(say("differences.without", lang, places=named))
        else:
            parts.append(say("differences.step", lang, place=f"{named} " if named else "", old=old, new=new))
    if len(found) > _NAMED:
        parts.append(say("differences.more", lang, count=len(found)))
    return stop.join(parts)
