"""The analysis of a questionnaire in words: readings, findings, lines for a terminal, plain data for machines.

Owns: how the codes of `assessment.conventions` read. Knows nothing of terminals and workbooks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from evaluator.assessment import conventions
from evaluator.assessment.itemanalysis import Analysis
from evaluator.model.records import Model
from evaluator.reports.look import stars_text
from evaluator.reports.phrases import listed
from evaluator.wording import LANGS, Lang, say
from evaluator.wording.numbers import near, near_digits, near_share, plain_share, rounded

IN_TERMINAL = 5
"""Requirements that the terminal names."""
_CONVENTIONS = (
    "LEAST_N", "GOOD_N", "POOR", "MARGINAL", "EXTREME_SHARE", "END_SHARE", "INDIVIDUAL_ALPHA", "REDUNDANT_ALPHA",
    "LEAST_R", "MOST_R", "OVERLAP", "STRONG", "MEDIUM", "BLANK_SHARE", "NO_EVIDENCE_SHARE", "ALPHA_GAIN", "ERRORS",
    "LEAST_STEP",
)  # fmt: skip


def readings_words(row: Mapping[str, Any], model: Model, lang: Lang) -> str:
    """Say the readings of a requirement or an item: a row of `Analysis.requirements` or `Analysis.items`."""
    end = conventions.end_share(row.get("level"))
    unanswered, most_na = row["blank"] + row["invalid"], model.rules.max_na_share
    limit = conventions.POOR if "poor" in row["readings"] else conventions.MARGINAL
    about_zero = abs(row["discrimination"]) < 0.005  # or it would be said as -0.00
    said: dict[str, object] = {
        "discrimination": near(0.0 if about_zero else row["discrimination"], limit),
        "alpha_without": figure(row["alpha_without"], lang),
        "full": near_share(row["full"], end),
        "none": near_share(row["none"], end),
        "unanswered": near_share(unanswered, conventions.BLANK_SHARE),
        "na": near_share(row["na"], most_na),
        "most_na": plain_share(most_na),
        "no_evidence": near_share(row["no_evidence"], conventions.NO_EVIDENCE_SHARE),
        "easier_than": listed(row.get("easier_than", ()), lang),
        "reversed": row.get("reversed", 0),
        "least": conventions.LEAST_N,
    }
    other = {"reversed": "reversed_item"} if "reversed" in row else {}
    if {"ceiling_expected", "floor_expected"} & set(row["readings"]):  # then it discriminates little by nature
        other |= {"poor": "poor_at_end", "marginal": "marginal_at_end"}
    return say("analysis.join", lang).join(
        say(f"analysis.reading.{other.get(code, code)}", lang, **said) for code in row["readings"]
    )


def domain_words(row: Mapping[str, Any], lang: Lang) -> str:
    """Say the readings of a domain: a row of `Analysis.domains`.

    A very high alpha is said as what it may mean, without praise beside it; a high correlation then adds its figure,
    but not the same warning again.
    """
    redundant = "redundant" in row["readings"]
    left_out = ("alpha_excellent",) if redundant else ()
    other = {"r_high": "r_high_too"} if redundant else {}
    return say("analysis.join", lang).join(
        say(
            f"analysis.domain.{other.get(code, code)}",
            lang,
            least=conventions.LEAST_N,
            individual=f"{conventions.INDIVIDUAL_ALPHA:.2f}",
            redundant=f"{conventions.REDUNDANT_ALPHA:.2f}",
            alpha=alpha_figure(row["alpha_requirement"], lang),
            alpha_item=alpha_figure(row["alpha_item"], lang),
            mean_r=near(row["r_requirement"], conventions.LEAST_R if code == "r_low" else conventions.MOST_R),
            least_r=f"{conventions.LEAST_R:.2f}",
            most_r=f"{conventions.MOST_R:.2f}",
            n_item=row["n_item"],
            full=near_share(row["full"], conventions.END_SHARE),
            none=near_share(row["none"], conventions.END_SHARE),
            steps=listed((stars_text(level, lang) for level in row["steps"]), lang),
        )
        for code in row["readings"]
        if code not in left_out
    )


def rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Give a frame's rows as plain mappings by column."""
    return [{str(key): value for key, value in row.items()} for row in table.to_dict("records")]


def findings(found: Analysis, lang: Lang) -> list[str]:
    """Sum the analysis up in a few sentences."""
    model = found.model
    sentences = [
        say(
            "analysis.overview.counted",
            lang,
            rated=found.rated,
            institutions=found.institutions,
            requirements=len(model.requirements),
            items=len(model.items),
        )
    ]
    if found.rated < conventions.LEAST_N:
        return [*sentences, say("analysis.overview.few", lang, least=conventions.LEAST_N)]
    if found.rated < conventions.GOOD_N:
        sentences.append(say("analysis.overview.caution", lang, good=conventions.GOOD_N))
    looks = found.first["readings"].explode().value_counts().to_dict()
    parts = [
        say("analysis.overview.part", lang, name=say(f"analysis.name.{code}", lang), count=looks[code])
        for code in conventions.ATTENTION
        if code in looks
    ]
    if parts:
        sentences.append(say("analysis.overview.looks", lang, count=len(found.first), parts=listed(parts, lang)))
    else:
        sentences.append(say("analysis.overview.no_looks", lang))
    return [*sentences, levels_words(found, lang)]


def levels_words(found: Analysis, lang: Lang) -> str:
    """Say whether attainment falls from level to level."""
    names = {domain.code: domain.name.say(lang) for domain in found.model.domains}
    parts = [
        say("analysis.overview.step", lang, domain=names[row["domain"]], level=stars_text(row["level"], lang))
        for row in rows(found.levels)
        if row["easier"]
    ]
    if parts:
        return say("analysis.overview.levels_off", lang, parts=listed(parts, lang))
    return say("analysis.overview.levels_fine", lang)


def between_words(found: Analysis, lang: Lang) -> list[str]:
    """Say what the correlations between domains tell."""
    names = [domain.name.say(lang) for domain in found.model.domains]
    pairs = list(zip(*np.triu_indices(len(names), 1), strict=True))
    known = [found.between[one, other] for one, other in pairs if not np.isnan(found.between[one, other])]
    if not known:
        return [say("analysis.between.none", lang, least=conventions.LEAST_N)]
    sentences = []
    for one, other in pairs:
        word = conventions.overlap_word(found.between[one, other])
        if word in ("overlap", "negative"):
            r = near(found.between[one, other], conventions.OVERLAP if word == "overlap" else 0.0)
            sentences.append(say(f"analysis.between.{word}", lang, one=names[one], other=names[other], r=r))
    if sentences:
        return sentences
    return [say("analysis.between.fine", lang, least=f"{min(known):.2f}", most=f"{max(known):.2f}")]


def lines(found: Analysis, lang: Lang) -> Iterator[str]:
    """Give the analysis in a few lines for a terminal."""
    yield from findings(found, lang)
    names = {domain.code: domain.name.say(lang) for domain in found.model.domains}
    for row in rows(found.domains):
        if row["readings"] != ("few",):
            alpha = alpha_figure(row["alpha_requirement"], lang)
            yield f"{names[row['domain']]}  α {alpha} (N={row['n_requirement']})  {domain_words(row, lang)}"
    if len(found.first):
        yield say("analysis.cli.head", lang)
    for row in rows(found.first.head(IN_TERMINAL)):
        yield f"  {row['requirement']} (N={row['n']})  {readings_words(row, found.model, lang)}"


def figure(value: float, lang: Lang) -> str:
    """Say a coefficient with two decimals, or that there is none."""
    return say("analysis.none", lang) if value != value else rounded(value)


def alpha_figure(value: float, lang: Lang) -> str:
    """Say an alpha with as many decimals as show on which side of each limit of its reading it lies."""
    return say("analysis.none", lang) if value != value else rounded(value, alpha_digits(value))


def alpha_digits(value: float) -> int:
    """Give how many decimals these are."""
    return max(near_digits(value, limit) for limit in conventions.ALPHA_LIMITS)


def mean_r_digits(value: float) -> int:
    """Give how many decimals a mean correlation takes by the same rule."""
    return max(near_digits(value, limit) for limit in (conventions.LEAST_R, conventions.MOST_R))


def as_json(found: Analysis) -> dict[str, object]:
    """Give the analysis as plain data; what is not worked out is null."""
    tables = {"domains": found.domains, "items": found.items, "requirements": found.requirements}
    words = {name: [_words(name, row, found.model) for row in rows(table)] for name, table in tables.items()}
    return {
        "model": {"id": found.model.id, "edition": found.model.edition, "hash": found.model.hash},
        "institutions": found.institutions,
        "rated": found.rated,
        "findings": {lang: findings(found, lang) for lang in LANGS},
        **{
            name: [{**_plain(row), "words": its} for row, its in zip(rows(table), words[name], strict=True)]
            for name, table in tables.items()
        },
        "levels": [_plain(row) for row in rows(found.levels)],
        "between_domains": [[_value(r) for r in row] for row in found.between.tolist()],
        "first": found.first["requirement"].tolist(),
        "conventions": {name.lower(): getattr(conventions, name) for name in _CONVENTIONS},
    }


def _words(name: str, row: Mapping[str, Any], model: Model) -> dict[Lang, str]:
    return {lang: domain_words(row, lang) if name == "domains" else readings_words(row, model, lang) for lang in LANGS}


def _plain(row: Mapping[str, Any]) -> dict[str, object]:
    return {name: _value(value) for name, value in row.items()}


def _value(value: object) -> object:
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, tuple):
        return [_value(one) for one in value]
    return None if isinstance(value, float) and value != value else value
