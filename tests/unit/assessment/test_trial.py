"""One change at a time: the cause is told apart from what merely came with it."""

from __future__ import annotations

from evaluator.assessment.trial import Trial, try_model
from evaluator.model.records import Model
from tests import small
from tests.small import domain, item, requirement

ANSWERS = {
    "I1": ["full", "full", "full", "partial", "none", "full", "full", "full", "full", "none"],
    "I2": ["full", "full", "full", "full", "none", "full", "full", "partial", "none", "none"],
    "I3": ["full", "none", "none", "none", "none", "full", "none", "none", "none", "none"],
}


def two_domains(first: float = 0.5, veto: int | None = None, **rules: object) -> Model:
    """Two domains of an item each, in which attainment at a level is that answer's value."""
    asked = (requirement(f"AA1-{n}", veto_star=veto if n == 2 else None) for n in (1, 2, 3, 4, 5))
    return small.model(
        domain("AA", first, item("AA1", 1.0, *asked)), domain("BB", 1 - first, item("BB1", 1.0)), **rules
    )


def tried(model: Model) -> Trial:
    old = small.assessed(two_domains(), ANSWERS)
    return try_model(old, small.wrote(old, ANSWERS), model)


def test_each_change_alone_has_its_own_effect() -> None:
    """I1 has domain scores 3.5 and 4, I2 4 and 2.5, I3 1 and 1; totals 3.75, 3.25, 1.

    Pass mark 0.5 alone: I1 4 and 4, I2 4 and 3, so 4.0 and 3.5: I1 goes from three stars to four. Weights 0.9 and 0.1
    alone: 3.55 and 3.85, so I2 goes up to four by its total but stays at three as its floor is 2 + 1; ranks 1 and 2
    swap. A veto on AA1-2 at no star caps I3, whom one star is the most for otherwise.
    """
    trial = tried(two_domains(0.9, veto=0, pass_mark=0.5))
    alone = {one.change.code: one.changes.figures for one in trial.alone}
    assert list(alone) == ["pass_mark", "domain_weights", "vetoes"]
    assert (alone["pass_mark"].up, alone["pass_mark"].down, alone["pass_mark"].largest_rank_change) == (1, 0, 0)
    weights = alone["domain_weights"]
    assert (weights.up, weights.down, weights.largest_rank_change, weights.rank_moved) == (0, 0, -1, 2)
    assert (alone["vetoes"].up, alone["vetoes"].down) == (0, 1)


def test_performing_well_is_counted_though_no_star_moves() -> None:
    """P of the process dimension is 7.5, 6.5 and 2 tenths."""
    trial = tried(two_domains(performing_well=0.6))
    assert [(one.change.code, one.well) for one in trial.alone] == [("performing_well", 1)]
    assert (trial.well, trial.changes.figures.same, trial.changes.figures.rank_moved) == (1, 3, 0)


def test_the_same_model_moves_nobody() -> None:
    trial = tried(two_domains())
    assert (trial.differences, trial.alone, trial.well) == ((), (), 0)
    assert (trial.changes.figures.same, trial.changes.figures.rank_moved) == (3, 0)
    assert (trial.changes.figures.spearman, trial.changes.figures.kendall) == (1.0, 1.0)
