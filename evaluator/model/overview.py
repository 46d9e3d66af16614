"""A model as a person reads it in a terminal.

Owns: the overview's layout. Texts are in `wording/model.toml` under `show`.
"""

from __future__ import annotations

from collections.abc import Iterator

from evaluator.model.records import Model, Requirement
from evaluator.wording import Lang, say


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
        method=rules.method,
        pass_mark=f"{rules.pass_mark:g}",
        bands=" / ".join(f"{band:g}" for band in rules.bands),
        domain_floor=rules.domain_floor,
        min_coverage=f"{rules.min_coverage:.0%}",
        max_na_share=f"{rules.max_na_share:.0%}",
        performing_well=f"{rules.performing_well:g}",
        evidence_rule=line("on" if rules.evidence_rule else "off"),
        verified_above=line("off") if rules.verified_above is None else rules.verified_above,
    )
    drawn = rules.robustness
    if drawn.draws:
        yield line("robustness", draws=f"{drawn.draws:,}", spread=f"{100 * drawn.spread:g}%", seed=drawn.seed)
    else:
        yield line("no_robustness")
    for answer in model.scale:
        value = "–" if answer.value is None else f"{answer.value:g}"
        yield f"  {answer.label.say(lang)} ({answer.code}) {value}"
    for domain in model.domains:
        yield ""
        yield line("domain", code=domain.code, name=domain.name.say(lang), weight=f"{domain.weight:g}")
        for item in domain.items:
            yield line("item", code=item.code, name=item.name.say(lang), weight=f"{item.weight:g}")
            for requirement in item.requirements:
                yield line(
                    "requirement",
                    id=requirement.id,
                    stars="★" * requirement.level,
                    dimension=say(f"terms.dimension.{requirement.dimension}", lang),
                    text=requirement.text.say(lang),
                    marks=_marks(requirement, lang),
                )


def _marks(requirement: Requirement, lang: Lang) -> str:
    na = say("model.show.na", lang) if requirement.na_allowed else ""
    veto = "" if requirement.veto_star is None else say("model.show.veto", lang, star=requirement.veto_star)
    return na + veto
