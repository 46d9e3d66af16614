"""Sentences on a result: which rule gave the star, why there is none, what the next one takes.

Owns: wording of rules and reasons with their figures, in both languages. Knows nothing of workbooks.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from evaluator.assessment.gaps import Need
from evaluator.assessment.levels import REASONS, reasons
from evaluator.model.records import LEVELS, Domain, Model
from evaluator.reports.subject import DomainLine, Subject
from evaluator.wording import Lang, say
from evaluator.wording.numbers import near, near_digits, near_share, plain, plain_share


def star_name(model: Model, star: int, lang: Lang) -> str:
    """Name a star as the model does ("三星级"), or say that there is none."""
    return model.levels[star - 1].name.say(lang) if star else say("report.common.no_star", lang)


def unvouched(vouched: str, lang: Lang) -> str:
    """Say that the manifest does not vouch for a record, by `recorded.Vouched`; empty where it does."""
    return "" if vouched == "as_sealed" else say(f"report.unvouched.{vouched}", lang)


def listed(words: Iterable[str], lang: Lang) -> str:
    """Join words as the language lists them."""
    return ("、" if lang == "zh" else ", ").join(words)


def limit_words(model: Model, rule: str, star: int, passed: Sequence[int], failed: Sequence[int], lang: Lang) -> str:
    """Say which rule limited a rated institution's star, with the domain or requirement it looked at.

    Args:
        model: the model.
        rule: of `levels.RULES`.
        star: the star, 0..5.
        passed: levels passed in each domain.
        failed: indices of the requirements answered `none`, blank or invalid.
        lang: language of the words.
    """
    words = say(f"report.rule.{rule}", lang)
    if rule in ("domain_floor", "levels"):
        where = listed((d.name.say(lang) for d in _weakest(model, passed)), lang)
    elif rule == "veto":
        where = listed(_vetoes(model, failed, star), lang)
    else:
        return words
    return say("report.rule.at", lang, rule=words, where=where)


def star_reason(subject: Subject, lang: Lang) -> str:
    """Say in a sentence how a rated institution's star came about: the rule that limited it, with its figures."""
    rule, star, passed = subject.facts["limited_by"], subject.facts["star"], subject.extract.passed
    model = subject.context.model
    params: dict[str, object] = {"star": star_name(model, star, lang)}
    if rule == "band":
        return _band_reason(model, subject.facts["score"], star, lang)
    if rule in ("domain_floor", "levels"):
        params |= {
            "domains": listed((d.name.say(lang) for d in _weakest(model, passed)), lang),
            "passed": min(passed),
            "floor": model.rules.domain_floor,
        }
    if rule == "veto":
        failed = np.flatnonzero(subject.standing.failed).tolist()
        params |= {"ids": listed(_vetoes(model, failed, star), lang)}
    return say(f"report.reason_star.{rule}", lang, **params)


def verified_words(model: Model, lang: Lang) -> str:
    """Say above which star an assessor's answers are needed, nothing where no star needs them."""
    above = model.rules.verified_above
    key = "off" if above in (None, len(LEVELS)) else "on" if above else "all"
    return say(f"report.about.verified_{key}", lang, stars=star_name(model, above or 0, lang))


def robust_words(subject: Subject, lang: Lang) -> str:
    """Say in what share of the draws an institution has its star, and between which ranks it stays.

    Says so where it is not rated, and nothing where nothing was drawn.
    """
    model = subject.context.model
    if subject.extract.robust is None:
        untested = not subject.rated and model.rules.robustness.draws
        return say("robustness.star.unrated", lang) if untested else ""
    low, median, high, share = subject.extract.robust
    held = {"share": near_share(share, 1.0), "star": star_name(model, subject.facts["star"], lang)}
    between = {"low": low, "median": median, "high": high}
    return say(
        "robustness.star.words",
        lang,
        spread=plain_share(model.rules.robustness.spread),
        draws=f"{model.rules.robustness.draws:,}",
        star=say(f"robustness.star.{'always' if share == 1.0 else 'held'}", lang, **held),
        ranks=say(f"robustness.star.{'one_rank' if low == high else 'between'}", lang, **between),
        rank=subject.facts["rank"],
    )


def _band_reason(model: Model, total: float, star: int, lang: Lang) -> str:
    starts = model.rules.bands
    params: dict[str, object] = {"star": star_name(model, star, lang)}
    if star == len(starts):
        return say(
            "report.reason_star.band_top", lang, total=near(total, starts[-1]), start=plain(starts[-1]), **params
        )
    if star == 0:
        return say("report.reason_star.band_none", lang, total=near(total, starts[0]), next=plain(starts[0]), **params)
    start, following = starts[star - 1], starts[star]
    shown = near(total, start, near_digits(total, following))
    return say("report.reason_star.band", lang, total=shown, start=plain(start), next=plain(following), **params)


def _weakest(model: Model, passed: Sequence[int]) -> list[Domain]:
    least = min(passed)
    return [domain for domain, p in zip(model.domains, passed, strict=True) if p == least]


def _vetoes(model: Model, failed: Sequence[int], star: int) -> list[str]:
    asked = model.requirements
    return [asked[r].id for r in failed if (len(LEVELS) if asked[r].veto_star is None else asked[r].veto_star) == star]


def lacking(model: Model, line: DomainLine) -> str:
    """Name the reason (of `levels.REASONS`) for which a domain keeps an institution from being rated, else `""`."""
    came, coverage, na_share = (np.array([[value]]) for value in (line.came, line.coverage, line.na_share))
    return str(reasons(came, coverage, na_share, model.rules)[0])


def unrated_reason(model: Model, domains: tuple[DomainLine, ...], lang: Lang) -> str:
    """Say why an institution is not rated: every reason that holds, with the domains and figures."""
    rules, found = model.rules, [lacking(model, line) for line in domains]
    if all(reason == REASONS[0] for reason in found):
        return say("report.reason.nothing_came", lang)
    sentences = []
    for reason in REASONS:
        parts = []
        for domain, line, own in zip(model.domains, domains, found, strict=True):
            if own == reason:
                name = domain.name.say(lang)
                if reason == "coverage":
                    name += f" {near_share(line.coverage, rules.min_coverage)}"
                elif reason == "na_share":
                    name += f" {near_share(line.na_share, rules.max_na_share)}"
                parts.append(name)
        if parts:
            limits = {"least": plain_share(rules.min_coverage), "most": plain_share(rules.max_na_share)}
            sentences.append(say(f"report.reason.{reason}", lang, domains=listed(parts, lang), **limits))
    return ("" if lang == "zh" else " ").join(sentences)


def unrated_action(model: Model, domains: tuple[DomainLine, ...], lang: Lang) -> str:
    """Say what a not-rated institution is to do."""
    found = {lacking(model, line) for line in domains}
    parts = [say(f"report.reason_action.{reason}", lang) for reason in REASONS if reason in found]
    return ("" if lang == "zh" else " ").join(parts)


def need_words(model: Model, need: Need, lang: Lang) -> str:
    """Say where a need of the next star lies: the total, a domain's level, a requirement, an assessor."""
    if need.rule in ("domain_floor", "levels"):
        domain = model.domains[need.domain].name.say(lang)
        return say("report.need.level", lang, domain=domain, level=star_name(model, need.level, lang))
    if need.rule == "veto":
        requirement = model.requirements[need.requirement]
        return say("report.need.veto", lang, id=requirement.id, text=requirement.text.say(lang))
    return say(f"report.need.{need.rule}", lang)
