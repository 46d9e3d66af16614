"""The gap to the next star: which rule limits, by how much, and which requirements would lift it.

Owns: working out one sufficient set of improvements, shown step by step. Arrays in, records out. The set is found
greedily (what lacks only evidence first, then the largest effect), so it suffices, but other sets may do as well;
reports say so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from evaluator.assessment import scoring
from evaluator.assessment.scoring import Bools, Floats, Ints, Weights, quantised
from evaluator.model.records import LEVELS, Rules
from evaluator.quantum import QUANTA

MOST_STARS = len(LEVELS)
EPSILON = 0.5 / QUANTA


@dataclass(frozen=True, kw_only=True, slots=True)
class Need:
    """What one rule still lacks for the next star."""

    rule: str
    """Of `levels.RULES`."""
    domain: int = -1
    """Domain index, -1 where the rule looks at no single domain."""
    level: int = 0
    """Level that is not passed, 0 where the rule looks at none."""
    requirement: int = -1
    """Requirement index of a veto, else -1."""
    have: float = 0.0
    """What there is: a total (0..5) for `band`, an attainment (0..1) for a level, stars for the rest."""
    want: float = 0.0
    """What the next star takes, in the same unit."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One requirement to bring to `full`, with evidence."""

    requirement: int
    """Requirement index."""
    rule: str
    """Rule for whose sake it is taken."""
    before: float
    """Requirement score now, 0..1."""
    total_after: float
    """Staged total (or the `average` method's) once this and all steps before it are done, 0..5."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Gap:
    """The way to the next star."""

    target: int
    """The next star; 0 where there is none to reach."""
    needs: tuple[Need, ...] = ()
    steps: tuple[Step, ...] = ()
    """One sufficient set, in the order worked out; empty where no set can do it: only an assessor's answers
    would, or nothing applies at a level that must be passed."""


class Standing(NamedTuple):
    """Where one institution stands; arrays have an entry for each requirement, shape (R,)."""

    star: int | None
    """`None` where it is not rated."""
    values: Floats
    """`s_r`; 0 where not answered."""
    applicable: Bools
    failed: Bools
    """Whether it is answered `none`, blank or invalid."""
    unproven: Bools
    """Whether it scores lower only because its evidence is missing."""


def way_up(standing: Standing, weights: Weights, rules: Rules) -> Gap:
    """Work out the gap of one institution.

    A not-rated institution and one with five stars have no gap: `target` is 0.
    """
    if standing.star is None or standing.star >= MOST_STARS:
        return Gap(target=0)
    return _Search(standing, weights, rules, standing.star + 1).gap()


class _Figures(NamedTuple):
    """What the working copy amounts to."""

    attainment: Floats
    """`D(d,l)`, shape (M, 5)."""
    reached: Bools
    """Which levels reach the pass mark, shape (M, 5)."""
    passed: Ints
    """`p_d`, shape (M,)."""
    total: float
    """`S` under the official method, 0..5."""


class _Search:
    """One institution's working copy of scores, raised step by step."""

    def __init__(self, standing: Standing, weights: Weights, rules: Rules, target: int) -> None:
        self.weights = weights
        self.rules = rules
        self.values: Floats = np.where(standing.applicable, standing.values, 0.0)
        self.failed: Bools = standing.failed.copy()
        self.unproven: Bools = standing.unproven
        self.target = target
        self.effect, self.asked = _effects(standing.applicable, weights)
        self.average = rules.method == "average"
        self.mean_effect = _mean_effects(standing.applicable, weights) if self.average else self.effect
        self.cells = weights.domain * MOST_STARS + weights.level - 1
        self.steps: list[Step] = []
        self.now = self._figures()

    def gap(self) -> Gap:
        needs = tuple(self._needs())
        self._lift_vetoes()
        self._lift_levels()
        self._lift_total()
        return Gap(target=self.target, needs=needs, steps=() if self._needs() else tuple(self.steps))

    def _levels_wanted(self) -> int:
        method = self.rules.method
        return {"staged": self.target - self.rules.domain_floor, "average": 0, "cumulative": self.target}[method]

    def _total_wanted(self) -> float:
        return 0.0 if self.rules.method == "cumulative" else self.rules.bands[self.target - 1]

    def _needs(self) -> list[Need]:
        needs: list[Need] = []
        attainment, reached, all_passed, total = self.now
        if total < self._total_wanted() - EPSILON:
            needs.append(Need(rule="band", have=total, want=self._total_wanted()))
        rule = "levels" if self.rules.method == "cumulative" else "domain_floor"
        for domain, passed in enumerate(all_passed.tolist()):
            needs.extend(
                Need(
                    rule=rule,
                    domain=domain,
                    level=level,
                    have=float(attainment[domain, level - 1]),
                    want=self.rules.pass_mark,
                )
                for level in range(passed + 1, self._levels_wanted() + 1)
                if not reached[domain, level - 1]
            )
        needs.extend(
            Need(rule="veto", requirement=int(r), have=float(self.weights.veto[r]), want=float(self.target))
            for r in self._vetoed()
        )
        if self.rules.verified_above is not None and self.rules.verified_above < self.target:
            needs.append(Need(rule="verified_only", have=self.rules.verified_above, want=self.target))
        return needs

    def _vetoed(self) -> list[int]:
        return [int(r) for r in np.flatnonzero(self.failed & (self.weights.veto < self.target))]

    def _lift_vetoes(self) -> None:
        for r in self._vetoed():
            self._lift(r, "veto")

    def _lift_levels(self) -> None:
        rule = "levels" if self.rules.method == "cumulative" else "domain_floor"
        for domain in range(len(self.weights.w)):
            for level in range(1, self._levels_wanted() + 1):
                while not self.now.reached[domain, level - 1]:
                    here = (self.weights.domain == domain) & (self.weights.level == level)
                    if not self._lift_best(np.where(here, self.effect, 0.0), rule):
                        break

    def _lift_total(self) -> None:
        while self.now.total < self._total_wanted() - EPSILON:
            if self.average:
                worth = self.mean_effect
            else:
                following = self.weights.level == self.now.passed[self.weights.domain] + 1
                worth = np.where(following, self.effect * self.weights.w[self.weights.domain], 0.0)
            if not self._lift_best(worth, "band"):
                break

    def _lift_best(self, worth: Floats, rule: str) -> bool:
        gain = quantised(worth * (1.0 - self.values))
        easy = np.where(self.unproven, gain, 0.0)
        best = int((easy if easy.any() else gain).argmax())
        if gain[best] <= 0:
            return False
        self._lift(best, rule)
        return True

    def _lift(self, requirement: int, rule: str) -> None:
        before = float(self.values[requirement])
        self.values[requirement] = 1.0
        self.failed[requirement] = False
        self.now = self._figures()
        self.steps.append(Step(requirement=requirement, rule=rule, before=before, total_after=self.now.total))

    def _figures(self) -> _Figures:
        sums = np.bincount(self.cells, self.effect * self.values, minlength=len(self.weights.w) * MOST_STARS)
        attainment: Floats = np.where(self.asked, sums.reshape(-1, MOST_STARS), np.nan)
        reached = scoring.reached(attainment, self.rules.pass_mark)
        passed = scoring.unbroken(reached)
        if self.average:
            total = float((self.mean_effect * self.values).sum())
        else:
            total = float((self.weights.w * scoring.domain_scores(attainment, passed)).sum())
        return _Figures(attainment, reached, passed, total)


def _effects(applicable: Bools, weights: Weights) -> tuple[Floats, Bools]:
    """Give what a point of each requirement adds to its `D(d,l)`, shape (R,), and which (d,l) are asked, (M, 5)."""
    cells = weights.item * MOST_STARS + weights.level - 1
    inside = np.bincount(cells, weights.v * applicable, minlength=len(weights.W) * MOST_STARS)
    level_cells = weights.item_domain[:, None] * MOST_STARS + np.arange(MOST_STARS)
    present = (inside > 0).reshape(-1, MOST_STARS) * weights.W[:, None]
    of_level = np.bincount(level_cells.ravel(), present.ravel(), minlength=len(weights.w) * MOST_STARS)
    asked = np.zeros((len(weights.w), MOST_STARS), dtype=bool)
    asked[weights.domain, weights.level - 1] = True
    own = weights.W[weights.item] * weights.v * applicable
    bottom = inside[cells] * of_level[weights.domain * MOST_STARS + weights.level - 1]
    effects: Floats = np.divide(own, bottom, out=np.zeros_like(own), where=bottom > 0)
    return effects, asked


def _mean_effects(applicable: Bools, weights: Weights) -> Floats:
    """Give what a point of each requirement adds to the `average` method's total, shape (R,)."""
    of_item = np.bincount(weights.item, weights.v * applicable, minlength=len(weights.W))
    of_domain = np.bincount(weights.item_domain, weights.W * (of_item > 0), minlength=len(weights.w))
    own = MOST_STARS * weights.w[weights.domain] * weights.W[weights.item] * weights.v * applicable
    bottom = of_item[weights.item] * of_domain[weights.domain]
    effects: Floats = np.divide(own, bottom, out=np.zeros_like(own), where=bottom > 0)
    return effects
