"""The units of a questionnaire as scores and shares: its requirements, its items.

Owns: which score stands for a requirement or an item when the questionnaire itself is looked at. A requirement's score
is `s_r` as it counted (after the evidence rule), where it was answered: N/A, blank and invalid answers are no
measurement here, though a blank scores 0 in the rating. An item's score is the mean of its answered requirements,
weighted by `v_r`. Knows nothing of what is worked out from them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evaluator.assessment.codes import ANSWERED, BLANK, GIVEN, INVALID, NOT_APPLICABLE, STATES, Bools
from evaluator.assessment.coding import encoded
from evaluator.assessment.results import Assessment
from evaluator.assessment.scoring import Floats, Ints, quantised


@dataclass(frozen=True, kw_only=True)
class Units:
    """Units of one kind, k of them, over n institutions; shares are 0 to 1, NaN where there is nothing to share."""

    scores: Floats
    """Shape (n, k), NaN where not answered."""
    domain: Ints
    """Domain index, shape (k,) as all that follow."""
    full: Floats
    """Share of those with a score that have the highest."""
    none: Floats
    """Share of those with a score that have the lowest."""
    na: Floats
    """Share of all institutions (of an item: of all answers) with N/A; so too the next two."""
    blank: Floats
    invalid: Floats
    no_evidence: Floats
    """Share of the answers that scored lower for want of evidence; NaN where the model has no such rule."""


def requirement_units(found: Assessment, rated: Bools) -> Units:
    """Take the requirements' scores of some institutions (`rated`, shape (N,))."""
    codes = encoded(found.answers)
    shape = found.values.shape
    state, scored_as = codes.state.reshape(shape)[rated], codes.scored_as.reshape(shape)[rated]
    answered = state == STATES.index(ANSWERED)
    lowered = _share(found.unproven[rated] & answered, answered)
    return Units(
        scores=np.where(answered, found.values[rated], np.nan),
        domain=found.weights.domain,
        full=_share(answered & (scored_as == GIVEN.index("full")), answered),
        none=_share(answered & (scored_as == GIVEN.index("none")), answered),
        na=_share(state == STATES.index(NOT_APPLICABLE)),
        blank=_share(state == STATES.index(BLANK)),
        invalid=_share(state == STATES.index(INVALID)),
        no_evidence=lowered if found.model.rules.evidence_rule else np.full_like(lowered, np.nan),
    )


def item_units(of: Units, found: Assessment) -> Units:
    """Make the items' scores from the requirements'."""
    weights = found.weights
    belongs = (weights.item[:, None] == np.arange(len(weights.W))).astype(np.float64)
    answered = ~np.isnan(of.scores)
    top = np.where(answered, of.scores, 0.0) @ (belongs * weights.v[:, None])
    bottom = answered @ (belongs * weights.v[:, None])
    scores = np.divide(top, bottom, out=np.full_like(top, np.nan), where=bottom > 0)
    scores, known, asked = quantised(scores), ~np.isnan(scores), belongs.sum(axis=0)
    scale = quantised(np.array([answer.value for answer in found.model.scale if answer.value is not None]))
    counts = answered.sum(axis=0)
    lowered = np.where(counts > 0, of.no_evidence, 0.0) * counts @ belongs
    answers = counts @ belongs
    return Units(
        scores=scores,
        domain=weights.item_domain,
        full=_share(known & (scores == scale.max()), known),
        none=_share(known & (scores == scale.min()), known),
        na=quantised(of.na @ belongs / asked),
        blank=quantised(of.blank @ belongs / asked),
        invalid=quantised(of.invalid @ belongs / asked),
        no_evidence=quantised(np.divide(lowered, answers, out=np.full_like(lowered, np.nan), where=answers > 0)),
    )


def _share(flags: Bools, among: Bools | None = None) -> Floats:
    """Give each column's share of flags, among all rows or the columns' own; NaN where there are none."""
    base = np.full(flags.shape[1], flags.shape[0]) if among is None else among.sum(axis=0)
    counts = flags.sum(axis=0).astype(np.float64)
    return quantised(np.divide(counts, base, out=np.full_like(counts, np.nan), where=base > 0))
