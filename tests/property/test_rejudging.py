"""Answers judged anew under another model count as they would have counted under it from the start."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluator.assessment import rulings
from evaluator.assessment.answers import judge
from evaluator.assessment.changes import NEVER_RATED, SAME, changes
from evaluator.assessment.coding import encoded
from evaluator.assessment.rejudging import rejudge
from evaluator.assessment.results import Assessment, assess
from evaluator.assessment.rulings import Ruling
from evaluator.model.differences import differences
from evaluator.model.partial_changes import partial_changes
from evaluator.model.records import Model
from tests import small
from tests.property.strategies import Round, revisions, rounds

FRAMES = ("institutions", "domains", "items", "dimensions", "answers", "ranks")


def scored(drawn: Round, model: Model, ruled: dict[str, dict[str, Ruling]]) -> Assessment:
    """Score a round's answers under a model that asks some of its requirements, with what persons decided."""
    place = {asked.id: n for n, asked in enumerate(drawn.model.requirements)}
    columns = [place[asked.id] for asked in model.requirements]
    answers = {one: [its[n] for n in columns] for one, its in drawn.answers.items()}
    wanted = {one: {r: ruling for r, ruling in its.items() if r in model.item_of} for one, its in ruled.items()}
    judged = rulings.apply(judge(small.cells(model, answers), model, drawn.categories), wanted, model).judged
    return assess(judged, small.institutions(answers, category=drawn.categories), model)


@st.composite
def trials(draw: st.DrawFn) -> tuple[Round, Model, dict[str, dict[str, Ruling]]]:
    """Draw a round, a revision of its model, and some answers that persons decided."""
    drawn = draw(rounds())
    ruled: dict[str, dict[str, Ruling]] = {one: {} for one in drawn.answers}
    for one in drawn.answers:
        for asked in draw(st.lists(st.sampled_from(drawn.model.requirements), max_size=2)):
            code = draw(st.sampled_from(("full", "none", "large", *(("na",) if asked.na_allowed else ()))))
            ruled[one][asked.id] = Ruling(answer=code, reason="a", role="b", made="2026-01-01T00:00:00Z")
    return drawn, draw(revisions(drawn.model)), ruled


@settings(deadline=None, max_examples=50)
@given(trials())
def test_a_trial_gives_what_scoring_under_that_model_gives(
    drawn: tuple[Round, Model, dict[str, dict[str, Ruling]]],
) -> None:
    a_round, model, ruled = drawn
    old = scored(a_round, a_round.model, ruled)
    wrote = small.wrote(old, a_round.answers)
    decided = np.zeros(old.values.shape, dtype=bool)
    for row, one in enumerate(a_round.answers):
        for column, asked in enumerate(a_round.model.requirements):
            decided[row, column] = asked.id in ruled[one] and a_round.answers[one][column] != "missing"
    wrote = wrote._replace(decided=decided)
    found, wanted = rejudge(old, wrote, model), scored(a_round, model, ruled)
    for name in FRAMES:
        pd.testing.assert_frame_equal(getattr(found, name), getattr(wanted, name), check_exact=True)
    same = rejudge(old, wrote, old.model)
    for one, other in zip(encoded(same.answers), encoded(old.answers), strict=True):
        assert np.array_equal(one, other)
    assert set(changes(old, same).institutions["direction"]) <= {SAME, NEVER_RATED}


@settings(deadline=None, max_examples=25)
@given(st.data())
def test_the_partial_changes_together_are_the_whole(data: st.DataObject) -> None:
    """Each change in turn on top of those before ends in a model that differs from the new one in no rule."""
    drawn = data.draw(rounds(most=1))
    new = data.draw(revisions(drawn.model))
    now, steps = drawn.model, 0
    while left := partial_changes(now, new):
        assert all(one.effective for change in left for one in change.differences)
        now, steps = left[0].model, steps + 1
        assert steps < 60
    assert not [one for one in differences(now, new) if one.effective]
