"""From an assessment and one institution to the trace of its result: what each figure was made of.

Owns: the total, the star, the ranks and the dimensions; the domains are `trace_domains`'. All figures are the program's
own (`Assessment.scores`, and the cells of `scoring.cells`); what is added up anew is only held against them. Knows
nothing of texts, files or how a trace is printed.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import fields

import numpy as np

from evaluator.assessment import levels, ranking
from evaluator.assessment.results import Assessment
from evaluator.assessment.scoring import Scores
from evaluator.assessment.trace_domains import applied, mean_of, traced_domains, traced_requirements
from evaluator.assessment.traced import (
    DimensionItem,
    Limit,
    Neighbour,
    Trace,
    TracedDimension,
    TracedMethod,
    TracedRank,
    TracedStar,
)
from evaluator.assessment.traced_domains import Term, TracedRequirement
from evaluator.model.records import DIMENSIONS, LEVELS, METHODS, Item, Requirement


def trace(found: Assessment, row: int, decided: Container[str] = ()) -> Trace:
    """Trace the result of the institution in a row of `found.institutions`.

    Args:
        found: the assessment.
        row: the institution's row.
        decided: ids of its requirements that count as a person decided.

    Raises:
        RuntimeError: figures added up anew differ from the program's by more than 1e-9; a mistake of the program.
    """
    facts = found.institutions.iloc[row]
    rated = facts["status"] == levels.RATED
    requirements = traced_requirements(found, row, decided)
    domains = traced_domains(found, row, requirements)
    return Trace(
        institution=str(facts["id"]),
        reason=str(facts["reason"]),
        method=found.model.rules.method,
        methods=_methods(found, row) if rated else (),
        star=_star(found, row) if rated else None,
        ranks=_ranks(found, row) if rated else (),
        dimensions=_dimensions(found, row, requirements) if rated else (),
        domains=domains,
    )


def _methods(found: Assessment, row: int) -> tuple[TracedMethod, ...]:
    rules, scores = found.model.rules, found.scores
    alone = Scores(**{field.name: getattr(scores, field.name)[row : row + 1] for field in fields(Scores)})
    each = levels.all_methods(alone, found.failed[row : row + 1], found.weights, rules)
    facts, traced = found.institutions.iloc[row], []
    for method in METHODS:
        by_domain = scores.domain_average[row] if method == "average" else scores.domain[row]
        parts = [(d.code, d.weight, float(value)) for d, value in zip(found.model.domains, by_domain, strict=True)]
        traced.append(
            TracedMethod(
                method=method,
                official=method == rules.method,
                total=mean_of(parts, float(facts[f"score_{method}"]), f"S ({method})"),
                star=int(facts[f"star_{method}"]),
                limited_by=str(each[method].limited_by[0]),
                rank=int(facts[f"rank_{method}"]),
            )
        )
    return tuple(traced)


def _star(found: Assessment, row: int) -> TracedStar:
    facts, passed = found.institutions.iloc[row], found.scores.passed[row].tolist()
    limits = dict(zip(levels.RULES, found.stars.limits[row].tolist(), strict=True))
    failed = zip(found.model.requirements, found.failed[row], strict=True)
    vetoes = tuple((r.id, r.veto_star) for r, unmet in failed if unmet and r.veto_star is not None)
    limited = {rule: most <= len(LEVELS) for rule, most in limits.items()} | {"veto": bool(vetoes)}
    return TracedStar(
        star=int(facts["star"]),
        limited_by=str(facts["limited_by"]),
        limits=tuple(Limit(rule=rule, most=most if limited[rule] else None) for rule, most in limits.items()),
        fewest=min(passed),
        weakest=tuple(d.code for d, p in zip(found.model.domains, passed, strict=True) if p == min(passed)),
        vetoes=vetoes,
    )


def _ranks(found: Assessment, row: int) -> tuple[TracedRank, ...]:
    """Give the rank in each scope where the institution has one, by the official method."""
    table, facts = found.institutions, found.institutions.iloc[row]
    compared = ranking.compared(table["score"])
    own = compared.iloc[row]
    traced = []
    for scope in ranking.SCOPES:
        group = "" if scope == "overall" else str(facts[scope])
        if scope != "overall" and not group:
            continue
        peers = found.rated if scope == "overall" else found.rated[found.rated[scope].eq(group)]
        others = peers[peers["id"].ne(facts["id"])]
        totals = compared[others.index]
        near = {
            "above": totals.eq(totals[totals.gt(own)].min()),
            "level": totals.eq(own),
            "below": totals.eq(totals[totals.lt(own)].max()),
        }
        column = "rank" if scope == "overall" else f"rank_{scope}"
        traced.append(
            TracedRank(
                scope=scope,
                group=group,
                rank=int(table[column].iloc[row]),
                of=len(peers),
                **{
                    side: tuple(
                        Neighbour(id=str(one), name=str(name), total=float(total))
                        for one, name, total in others.loc[rows, ["id", "name", "score"]].itertuples(index=False)
                    )
                    for side, rows in near.items()
                },
            )
        )
    return tuple(traced)


def _dimensions(found: Assessment, row: int, traced: Sequence[TracedRequirement]) -> tuple[TracedDimension, ...]:
    here = found.dimensions.iloc[row * len(DIMENSIONS) : (row + 1) * len(DIMENSIONS)]
    dimensions = []
    for k, dimension in enumerate(DIMENSIONS):
        own = [r for r in traced if r.dimension == dimension]
        value = float(found.scores.dimension[row, k])
        parts = [(r.id, float(found.weights.omega[r.number]), applied(found, row, r.number)) for r in own]
        terms = {term.code: term for term in mean_of(parts, value, f"P({dimension})").terms}
        domains = [
            (domain.code, domain.weight, tuple(i for item in domain.items if (i := _dimension_item(item, terms)).terms))
            for domain in found.model.domains
        ]
        known = not np.isnan(value)
        dimensions.append(
            TracedDimension(
                dimension=dimension,
                value=value if known else None,
                performing_well=bool(here["performing_well"].iloc[k]) if known else None,
                domains=tuple(one for one in domains if one[2]),
            )
        )
    return tuple(dimensions)


def _dimension_item(item: Item, terms: Mapping[str, Term]) -> DimensionItem:
    def of(asked: Requirement) -> Term:
        term = terms[asked.id]
        return Term(code=asked.id, weight=asked.weight, share=term.share, value=term.value)

    return DimensionItem(
        code=item.code,
        weight=item.weight,
        terms=tuple(of(r) for r in item.requirements if r.id in terms),
        whole=sum(r.weight for r in item.requirements),
    )
