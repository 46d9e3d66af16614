"""A model as a person reads it in a terminal.

Owns: the overview's layout. Texts are in `wording/model.toml` under `show`.
"""

from __future__ import annotations

from collections.abc import Iterator

from evaluator.model.records import LEVELS, Model, Requirement
from evaluator.wording import Lang, say
from evaluator.wording.numbers import plain, plain_share


def overview(model: Model, lang: Lang) -> str:
    """Lay out a model: what it is, its rules, and every domain, item and requirement."""
    return "\n".join(_lines(model, lang))


def _lines(model: Model, lang: Lang) -> Iterator[str]:
    def line(key: str, **params: object) -> str:
        return say(f"model.show.{key}", lang, **params)

    rules = model.rules
    yield line("title", name=model.name.say(lang), id=model.id, edition=model.edition)
    yield model.notice.say(lang)
    yield line("hash", hash=model.hash)
    yield line("counts", domains=len(model.domains), items=len(model.items), requirements=len(model.requirements))
    yield line(
        "rules",
        method=say(f"report.method.{rules.method}", lang),
        pass_mark=plain_share(rules.pass_mark),
        bands=" / ".join(plain(band) for band in rules.bands),
        domain_floor=rules.domain_floor,
        min_coverage=plain_share(rules.min_coverage),
        max_na_share=plain_share(rules.max_na_share),
        performing_well=plain_share(rules.performing_well),
        evidence_rule=line("on" if rules.evidence_rule else "off"),
        verified=_verified(rules.verified_above, lang),
    )
    drawn = rules.robustness
    if drawn.draws:
        yield line("robustness", draws=f"{drawn.draws:,}", spread=plain_share(drawn.spread), seed=drawn.seed)
    else:
        yield line("no_robustness")
    for answer in model.scale:
        value = "–" if answer.value is None else plain(answer.value)
        yield f"  {answer.label.say(lang)} ({answer.code}) {value}"
    for domain in model.domains:
        yield ""
        yield line("domain", code=domain.code, name=domain.name.say(lang), weight=plain_share(domain.weight))
        for item in domain.items:
            yield line("item", code=item.code, name=item.name.say(lang), weight=plain_share(item.weight))
            for requirement in item.requirements:
                yield line(
                    "requirement",
                    id=requirement.id,
                    stars="★" * requirement.level,
                    dimension=say(f"terms.dimension.{requirement.dimension}", lang),
                    text=requirement.text.say(lang),
                    marks=_marks(requirement, lang),
                )


def _verified(above: int | None, lang: Lang) -> str:
    """Say which stars need an assessor's answers."""
    key = "off" if above in (None, len(LEVELS)) else "above" if above else "all"
    return say(f"model.show.verified_{key}", lang, star=above)


def _marks(requirement: Requirement, lang: Lang) -> str:
    na = say("model.show.na", lang) if requirement.na_allowed else ""
    star = requirement.veto_star
    key = "" if star is None else {0: "veto_none", 1: "veto_one"}.get(star, "veto")
    return na + (say(f"model.show.{key}", lang, star=star) if key else "")
