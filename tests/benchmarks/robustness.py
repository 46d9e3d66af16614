"""What it costs to draw a thousand sets of weights, against a weighted sum with ranks in plain numpy."""

from __future__ import annotations

import sys
import time
from functools import partial

import numpy as np

from evaluator.assessment import redrawn
from evaluator.assessment.codes import GIVEN, STATES
from evaluator.assessment.coding import Codes, coded
from evaluator.assessment.results import Assessment, assess
from evaluator.assessment.robustness import robustness
from evaluator.assessment.scoring import Floats
from evaluator.model.files import load_model
from evaluator.model.records import Model
from tests import small
from tests.benchmarks.processes import cost_of
from tests.benchmarks.stage import Stage
from tests.benchmarks.tables import Table, megabytes, times

INSTITUTIONS, ROUNDS = 10_000, 3


def run(stage: Stage) -> Table:
    """Measure."""
    count = stage.size(INSTITUTIONS)
    found = answered(count, load_model())
    draws = found.model.rules.robustness.draws
    lanes = {"plain": partial(plain, found), "ours": partial(robustness, found)}
    timed = stage.in_turn(ROUNDS, lanes, clock=time.process_time)
    cost = cost_of([sys.executable, "-m", "tests.benchmarks.robustness", str(count)])
    return Table(
        title="Robustness",
        head=("lane", f"{count:,} institutions x {draws:,} draws", "goal"),
        rows=[
            ("weighted sum of item scores and ranks, plain numpy", f"{timed.median('plain'):.2f} s", ""),
            ("robustness, staged", f"{timed.median('ours'):.2f} s", ""),
            ("of it", times(timed.ratio("ours", "plain")), "at most 15x"),
            ("peak memory of a process that does it", megabytes(cost.peak), "at most 2 GiB"),
        ],
        note="Processor time of one process. Peak memory includes Python, pandas and the assessment itself.",
    )


def answered(count: int, model: Model) -> Assessment:
    """Assess institutions with made-up answers, one in twenty N/A where that is permitted; all are rated."""
    model = small.with_rules(model, max_na_share=1.0)
    chance = np.random.default_rng(1)
    asked = model.requirements
    ability = chance.uniform(0.5, 6.0, (count, 1))
    strength = ability - [r.level for r in asked] + chance.normal(0, 0.6, (count, len(asked)))
    answers = [GIVEN.index(code) for code in ("full", "large", "partial", "none")]
    answer = np.select([strength > 0.5, strength > 0, strength > -0.7], answers[:3], default=answers[3])
    left_out = (chance.random(answer.shape) < 0.05) & [r.na_allowed for r in asked]
    state = np.where(left_out, STATES.index("not_applicable"), STATES.index("answered")).astype(np.uint8)
    codes = Codes(
        state=state.ravel(),
        answer=np.where(left_out, GIVEN.index("na"), answer).astype(np.uint8).ravel(),
        scored_as=np.where(left_out, 0, answer).astype(np.uint8).ravel(),
        no_evidence=np.zeros(answer.size, dtype=bool),
    )
    ids = [f"I{n:06d}" for n in range(count)]
    return assess(coded([codes], ids, model), small.institutions(ids), model)


def plain(found: Assessment) -> tuple[Floats, Floats]:
    """Do what one would write first: average the items by drawn weights, rank, ties sharing a rank; no levels."""
    drawn = redrawn.draw(found.weights, found.model.rules.robustness)
    weights = drawn.domain[:, found.weights.item_domain] * drawn.item
    totals = np.nan_to_num(found.scores.item) @ weights.T
    ranks = np.empty(totals.shape)
    for n in range(totals.shape[1]):
        order = np.argsort(-totals[:, n])
        ordered = totals[order, n]
        first = np.concatenate([[True], ordered[1:] != ordered[:-1]])
        ranks[order, n] = np.flatnonzero(first)[np.cumsum(first) - 1] + 1
    return totals, ranks


if __name__ == "__main__":
    robustness(answered(int(sys.argv[1]), load_model()))
