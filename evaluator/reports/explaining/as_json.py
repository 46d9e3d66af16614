"""An explanation as plain data: the whole tree, numbers as floats, and the printed equations beside them.

Owns: the keys, an interface that scripts rely on; keys are only ever added. Whatever is not asked for is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from evaluator.assessment.results import IDENTITY
from evaluator.assessment.traced import TracedDimension, TracedStar
from evaluator.assessment.traced_domains import Mean, Share, TracedDomain, TracedItem, TracedRequirement
from evaluator.model.records import LEVELS
from evaluator.reports.explaining.arithmetic import Equation
from evaluator.reports.explaining.equations import (
    cell_equation,
    dimension_equations,
    domain_equation,
    item_equation,
    level_equation,
    limit_equation,
    share_equation,
    total_equation,
)
from evaluator.reports.explaining.explained import Explained
from evaluator.reports.explaining.requirements import reason_key, vetoed
from evaluator.reports.explaining.uncounted import NotCounted, Reason

Data = dict[str, object]


def as_json(found: Explained) -> Data:
    """Give an explanation as JSON can hold it."""
    trace, model, kind = found.trace, found.model, found.part.kind
    data: Data = {
        "part": {"kind": kind, "code": found.part.code},
        "institution": {name: str(found.facts[name]) for name in IDENTITY},
        "model": {
            "id": model.id,
            "edition": model.edition,
            "hash": model.hash,
            "method": trace.method,
            "notice": {"zh": model.notice.zh, "en": model.notice.en},
        },
        "as_sealed": found.vouched == "as_sealed",
        "status": str(found.facts["status"]),
        "reason": trace.reason,
        "methods": [
            {
                "method": one.method,
                "official": one.official,
                "score": one.total.value,
                "star": one.star,
                "limited_by": one.limited_by,
                "rank": one.rank,
                **_mean(one.total, total_equation(one)),
                "domains": [
                    {
                        "domain": domain.code,
                        "equation": str(domain_equation(domain, one.method, official=one.official)),
                    }
                    for domain in trace.domains
                ],
            }
            for one in trace.methods
        ],
        "domain_scores": [
            {
                "domain": domain.code,
                "score": domain.score if domain.came else None,
                "equation": str(domain_equation(domain, trace.method)) if domain.came else None,
                "not_counted": _files(found.not_counted[domain.code]),
            }
            for domain in trace.domains
        ],
        "not_counted": _files(found.not_counted[""]),
        "files_of_nobody": _files(found.of_nobody),
    }
    if kind in ("all", "star"):
        data["star"] = _star(found, trace.star) if trace.star else None
    if kind in ("all", "rank"):
        data["ranks"] = [asdict(rank) for rank in trace.ranks]
    if kind in ("all", "dimension"):
        asked = (one for one in trace.dimensions if kind == "all" or one.dimension == found.part.code)
        data["dimensions"] = [_dimension(found, one) for one in asked]
    if kind in ("all", "domain", "item", "requirement"):
        data["domains"] = [_domain(found, domain) for domain in found.domains]
    return data


def _files(files: Sequence[NotCounted]) -> list[Data]:
    return [
        {
            "path": file.path,
            "sha256": file.sha256,
            "status": file.status,
            "reasons": [_reason(reason) for reason in file.reasons],
        }
        for file in files
    ]


def _reason(reason: Reason) -> Data:
    return {"code": reason.code, "found": {"zh": reason.found.zh, "en": reason.found.en}}


def _star(found: Explained, star: TracedStar) -> Data:
    return {
        "star": star.star,
        "limited_by": star.limited_by,
        "limits": [
            {
                "rule": limit.rule,
                "most": limit.most,
                "equation": _said(
                    None if limit.most is None else limit_equation(limit.rule, limit.most, star.fewest, found.model)
                ),
            }
            for limit in star.limits
        ],
        "bands": list(found.model.rules.bands),
        "fewest_levels_passed": star.fewest,
        "weakest_domains": list(star.weakest),
        "vetoes": [{"requirement": identifier, "most": most} for identifier, most in star.vetoes],
    }


def _dimension(found: Explained, one: TracedDimension) -> Data:
    equations = list(dimension_equations(one, found.model))
    return {
        "dimension": one.dimension,
        "score": one.value,
        "performing_well": one.performing_well,
        "threshold": found.model.rules.performing_well,
        "equation": str(equations[-1][1]) if equations else None,
        "parts": [{"code": code, "equation": str(equation)} for code, equation in equations[:-1]],
    }


def _domain(found: Explained, domain: TracedDomain) -> Data:
    entry, came = found.model.domain(domain.code), domain.came
    data: Data = {
        "domain": domain.code,
        "name": {"zh": entry.name.zh, "en": entry.name.en},
        "weight": domain.weight,
        "came": came,
        "score": domain.score if came else None,
        "equation": str(domain_equation(domain, found.trace.method)) if came else None,
        "passed_levels": domain.passed if came else None,
        "coverage": _share(f"C({domain.code})", domain.coverage),
        "na_share": _share(f"N({domain.code})", domain.na_share),
        "items": [_item(found, item, came) for item in found.items(domain)],
    }
    if came:
        data["average"] = _terms(domain.average)
        data["levels"] = [
            {
                "level": level.level,
                "attainment": None if level.attainment is None else level.attainment.value,
                "reached": level.reached,
                "counts": level.counts,
                **_mean(level.attainment, level_equation(domain, level)),
            }
            for level in domain.levels
        ]
    return data


def _item(found: Explained, item: TracedItem, came: bool) -> Data:
    entry = next(one for one in found.model.items if one.code == item.code)
    data: Data = {
        "item": item.code,
        "name": {"zh": entry.name.zh, "en": entry.name.en},
        "weight": item.weight,
        "requirements": [_requirement(found, one) for one in found.requirements(item)],
    }
    if came:
        data |= {"score": item.mean.value, **_mean(item.mean, item_equation(item))}
        data["cells"] = [
            {"level": level, "score": cell.value, **_mean(cell, cell_equation(item, level))}
            for level, cell in zip(LEVELS, item.cells, strict=True)
            if cell is not None
        ]
    return data


def _requirement(found: Explained, one: TracedRequirement) -> Data:
    asked, text = found.model.requirements[one.number], found.wrote[one.number]
    ruling = found.decided.get(one.id)
    return {
        "requirement": one.id,
        "level": one.level,
        "dimension": one.dimension,
        "text": {"zh": asked.text.zh, "en": asked.text.en},
        "weight": one.weight,
        "share": one.share,
        "veto_star": asked.veto_star,
        "vetoed": one.id in vetoed(found),
        "state": one.state,
        "typed": text.typed,
        "answer": one.answer,
        "scored_as": one.scored_as,
        "score": one.score,
        "why": reason_key(found, one, text),
        "decided": None if ruling is None else dict(ruling),
        "evidence": text.evidence,
        "remarks": text.remarks,
        "findings": list(found.codes(one.id)),
        "found": [_reason(reason) for reason in found.findings.get(one.id, ())],
        "file": text.file,
        "sha256": found.hashes.get(text.file, ""),
        "sheet": text.sheet,
        "cell": text.cell,
        "evidence_cell": text.evidence_cell,
    }


def _share(name: str, share: Share) -> Data:
    return {
        "share": share.value, "limit": share.limit, "kept": share.kept, "equation": str(share_equation(name, share)),
    }  # fmt: skip


def _mean(mean: Mean | None, equation: Equation | None) -> Data:
    return {"equation": _said(equation), "terms": [] if mean is None else _terms(mean)}


def _terms(mean: Mean) -> list[Data]:
    return [{"code": t.code, "weight": t.weight, "share": t.share, "value": t.value} for t in mean.terms]


def _said(equation: Equation | None) -> str | None:
    return None if equation is None else str(equation)
