"""What a trial comes to in a sentence or two, where there is less to say of it than tables would.

Owns: saying that two models are the same, differ in nothing that bears on a result, or give the same results.
"""

from __future__ import annotations

from collections.abc import Iterator

from evaluator.assessment.trial import Trial
from evaluator.model import difference_words
from evaluator.model.differences import Difference
from evaluator.model.records import Model
from evaluator.reports.phrases import listed
from evaluator.wording import Lang, say


def verdict(trial: Trial, lang: Lang) -> Iterator[str]:
    """Say so where the models are the same, differ in nothing that bears on a result, or give the same results."""
    old, new = trial.old.model, trial.new.model
    if old.hash == new.hash:
        yield say("whatif.same_model", lang)
        return
    if not trial.alone:
        what = listed(dict.fromkeys(_named(one, new, lang) for one in trial.differences), lang)
        yield say("whatif.no_bearing" if what else "whatif.order_only", lang, what=what)
    if not len(trial.old.institutions):
        yield say("whatif.nobody", lang)
    elif trial.same:
        yield say("whatif.same_results", lang)


def _named(one: Difference, model: Model, lang: Lang) -> str:
    """Name a difference; of the robustness draws, also how they differ."""
    name = difference_words.what(one, lang)
    if one.code != "robustness":
        return name
    return say("whatif.draws", lang, name=name, steps=difference_words.steps((one,), model, lang))
