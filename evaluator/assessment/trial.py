"""A trial of another model on the answers of an earlier run: what it would change, and which of its changes does it.

Owns: composing the rejudging, the comparison and the trial of one change at a time. No trial is an official result.
"""

from __future__ import annotations

from dataclasses import dataclass

from evaluator.assessment.changes import CROSSING, Changes, changes
from evaluator.assessment.rejudging import Written, rejudge
from evaluator.assessment.results import Assessment
from evaluator.model.differences import Difference, differences
from evaluator.model.partial_changes import PartialChange, partial_changes
from evaluator.model.records import Model


@dataclass(frozen=True, kw_only=True)
class Alone:
    """What one change of the model does without the others."""

    change: PartialChange
    changes: Changes
    well: int
    """How many (institution, dimension) pairs rated in both are performing well in one of the two only."""

    @property
    def weight(self) -> tuple[int, int, int, int]:
        """How much it does, what matters more first.

        Institutions with another star or rating, those with another rank, the largest change of a rank, and `well`.
        """
        figures = self.changes.figures
        stars = sum(getattr(figures, direction) for direction in CROSSING)
        return stars, figures.rank_moved, abs(figures.largest_rank_change or 0), self.well


@dataclass(frozen=True, kw_only=True)
class Trial:
    """What another model makes of the same answers."""

    old: Assessment
    new: Assessment
    differences: tuple[Difference, ...]
    """Between the two models."""
    changes: Changes
    alone: tuple[Alone, ...]
    """Each change of the model by itself, applied to the old model. Their effects don't add up to the whole."""
    well: int
    """As in `Alone`, of all changes together."""

    @property
    def same(self) -> bool:
        """Whether both models give the same results, and so does each change by itself."""
        found = ((self.changes, self.well), *((one.changes, one.well) for one in self.alone))
        return all(changed.nothing and not well for changed, well in found)

    @property
    def strongest(self) -> tuple[Alone, ...]:
        """The changes that do most by themselves: several where they weigh the same, none where none does anything."""
        most = max((one.weight for one in self.alone), default=())
        return tuple(one for one in self.alone if any(most) and one.weight == most)


def try_model(found: Assessment, wrote: Written, model: Model) -> Trial:
    """Judge recorded answers under another model, as a whole and one change at a time.

    Args:
        found: the assessment on record.
        wrote: what the record says beside it, as from `rejudging.written`.
        model: the other model.

    Raises:
        InputError: the model asks for what these answers don't hold.
    """
    new = rejudge(found, wrote, model)
    alone = []
    for change in partial_changes(found.model, model):
        one = rejudge(found, wrote, change.model)
        alone.append(Alone(change=change, changes=changes(found, one), well=_well(found, one)))
    return Trial(
        old=found,
        new=new,
        differences=differences(found.model, model),
        changes=changes(found, new),
        alone=tuple(alone),
        well=_well(found, new),
    )


def _well(old: Assessment, new: Assessment) -> int:
    before, after = (found.dimensions["performing_well"] for found in (old, new))
    return int((before != after).fillna(value=False).sum())
