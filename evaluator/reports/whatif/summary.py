"""A trial in a few lines for a terminal, and as plain data.

Owns: which figures are told there. Texts are in `wording/whatif.toml` under `terminal`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from evaluator.assessment.changes import Changes, moves
from evaluator.assessment.trial import Alone, Trial
from evaluator.findings import joined
from evaluator.model import difference_words
from evaluator.model.differences import Difference
from evaluator.model.records import Model, Record
from evaluator.reports.context import plain_list
from evaluator.reports.look import HASH_DIGITS
from evaluator.reports.phrases import listed
from evaluator.reports.whatif.overview import SHOWN, counts_of, standing_words
from evaluator.reports.whatif.verdict import verdict
from evaluator.reports.whatif.workbook import REWORDED, places
from evaluator.wording import LANGS, Lang, say
from evaluator.wording.numbers import rounded

_TOLD = (
    "institution", "name", "direction", "star_old", "star_new", "star_change", "score_old", "score_new", "score_change",
    "rank_old", "rank_new", "rank_change", "limited_by_old", "limited_by_new", "reason_old", "reason_new",
)  # fmt: skip
_NAMED = 5


def summary(trial: Trial, lang: Lang) -> Iterator[str]:
    """Say in a few lines what changes."""

    def line(key: str, **params: object) -> str:
        return say(f"whatif.terminal.{key}", lang, **params)

    old, new, figures = trial.old.model, trial.new.model, trial.changes.figures
    yield line(
        "models",
        old=f"{old.id} {old.edition}",
        new=f"{new.id} {new.edition}",
        old_hash=old.hash[:HASH_DIGITS],
        new_hash=new.hash[:HASH_DIGITS],
        count=len(trial.differences),
        grouped=line("grouped", changes=len(trial.alone)) if len(trial.alone) > 1 else "",
    )
    for key, codes in (("left_out", ("left_out",)), ("reworded", REWORDED)):
        ids = places(trial, codes)
        if ids:
            yield line(key, count=len(ids), ids=joined(ids, _NAMED))
    yield from verdict(trial, lang)
    if trial.same:
        return
    yield line("stars", total=figures.institutions, **asdict(figures))
    counts = counts_of(trial.changes)
    parts = (line("part", star=standing_words(one, lang), old=counts[one][0], new=counts[one][1]) for one in SHOWN)
    yield line("distribution", parts=("，" if lang == "zh" else ", ").join(parts))
    if figures.largest_mover and figures.mean_rank_change is not None:
        table = trial.changes.institutions
        own = table[table["institution"].eq(figures.largest_mover)].iloc[0]
        mean = rounded(figures.mean_rank_change)
        named = {"id": own["institution"], "name": own["name"], "old": own["rank_old"], "new": own["rank_new"]}
        furthest = {"rise": figures.largest_rise, "fall": figures.largest_fall}
        yield line("ranks", moved=figures.rank_moved, mean=mean, **furthest, **named)
    else:
        yield line("no_ranks")
    if len(trial.alone) > 1 and trial.strongest:
        names = listed((_named(one, old, lang) for one in trial.strongest), lang)
        stars, moved, most, well = trial.strongest[0].weight
        yield line("cause", names=names, stars=stars, moved=moved, most=most, well=well)


def _named(one: Alone, model: Model, lang: Lang) -> str:
    """Name a change as its line of the workbook does, with how many differences count as this one change."""
    name, count = difference_words.group_name(one.change, model, lang), len(one.change.differences)
    return name if count == 1 else say("whatif.terminal.group", lang, name=name, count=count)


def as_json(trial: Trial) -> dict[str, object]:
    """Give the trial as plain data: what differs, all figures, and the institutions of which anything changes.

    Of an institution `changed` names what does (of `assessment.changes.MOVES`), `direction` says what becomes of its
    star, and `rank_change` is old minus new, so that a better place is positive.
    """
    table, changed = trial.changes.institutions, moves(trial.changes)
    columns = [plain_list(table[name]) for name in _TOLD]
    return {
        "official": False,
        "old": _model(trial.old.model),
        "new": _model(trial.new.model),
        "differences": [_difference(one) for one in trial.differences],
        "left_out": places(trial, ("left_out",)),
        "reworded": places(trial, REWORDED),
        "same_results": trial.same,
        **_effect(trial.changes, trial.well),
        "alone": [
            {
                "change": one.change.code,
                "place": one.change.place,
                "name": {lang: difference_words.group_name(one.change, trial.old.model, lang) for lang in LANGS},
                "differences": [_difference(d) for d in one.change.differences],
                **_effect(one.changes, one.well),
            }
            for one in trial.alone
        ],
        "institutions": [
            {**dict(zip(_TOLD, values, strict=True)), "changed": list(names)}
            for names, *values in zip(changed, *columns, strict=True)
            if names
        ],
    }


def _model(model: Model) -> dict[str, object]:
    return {"id": model.id, "edition": model.edition, "hash": model.hash}


def _difference(one: Difference) -> dict[str, object]:
    def plain(value: Any) -> Any:  # noqa: ANN401 - whatever a model holds
        if isinstance(value, Record):
            return value.model_dump(mode="json")
        return [plain(part) for part in value] if isinstance(value, tuple) else value

    return {"code": one.code, "place": one.place, "old": plain(one.old), "new": plain(one.new)}


def _effect(found: Changes, well: int) -> Mapping[str, object]:
    return {
        "figures": {**asdict(found.figures), "performing_well_changes": well},
        "distribution": found.distribution.to_dict("records"),
        "transitions": {
            str(old): {str(n): int(c) for n, c in row.items()} for old, row in found.transitions.iterrows()
        },
    }
