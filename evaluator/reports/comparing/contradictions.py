"""Seal and record of one run that say different things of it: no run writes both, so that one was altered.

Owns: finding what they contradict each other in, and which of the two to go by there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar

from evaluator.reports.comparing.sealed import Facts, Sealed, SealedFile
from evaluator.reports.comparing.verdict import Contradiction

T = TypeVar("T")


def contradictions(sealed: Sealed, fresh: Sealed | None) -> tuple[Contradiction, ...]:
    """List what seal and record say of the run differently, with what the results made anew say."""
    if sealed.record is None or sealed.fault:
        return ()
    seal, record, now = (_said(facts) for facts in (sealed.seal, sealed.record, fresh.seal if fresh else Facts()))
    files = sealed.seal.inputs.keys() & sealed.record.inputs.keys()
    roles = {f"inputs[{path}].role" for path in files}
    return tuple(
        Contradiction(entry=entry, place=place, seal=old, record=new, recomputed=now.get((entry, place), ""))
        for entry, place in dict.fromkeys((*seal, *record))
        if (old := seal.get((entry, place), "")) != (new := record.get((entry, place), ""))
        and (place[2] != "role" or entry in roles)
    )


def likeliest(sealed: Sealed, fresh: Sealed | None, *, is_record_altered: bool, is_reproduced: bool) -> Facts:
    """Choose what to go by where the two contradict each other: what holds now, as all else would be blamed wrongly.

    Of an input it is what does not hold now, unless all that was made of the inputs comes out the same: whoever
    changed one may have altered what only one of the two says of it.

    Args:
        sealed: the results.
        fresh: the results computed anew; `None` where there are none, and nothing to choose by.
        is_record_altered: whether a seal that is as it was written tells that the record is not; it is believed then.
        is_reproduced: whether all files but the record come out the same.
    """
    facts, record = sealed.facts, sealed.record
    if record is None or sealed.fault or fresh is None or is_record_altered:
        return facts
    other, now = (record if facts is sealed.seal else sealed.seal), fresh.facts
    return replace(
        facts,
        program=_held(facts.program, other.program, now.program),
        model=_held(facts.model, other.model, now.model),
        model_hash=_held(facts.model_hash, other.model_hash, now.model_hash),
        options=_held_each(facts.options, other.options, now.options),
        inputs=_held_each(facts.inputs, other.inputs, now.inputs, holds=is_reproduced),
    )


def _held(own: T, other: T, now: T, *, holds: bool = True) -> T:
    return other if (_plain(other) == _plain(now)) is holds else own


def _held_each(
    own: Mapping[str, T], other: Mapping[str, T], now: Mapping[str, T], *, holds: bool = True
) -> dict[str, T]:
    both = own.keys() & other.keys()
    chosen = {
        name: _held(own.get(name), other.get(name), now.get(name), holds=holds or name not in both)
        for name in (*own, *other)
    }
    return {name: value for name, value in chosen.items() if value is not None}


def _plain(value: object) -> object:
    """Leave out of an input whose it is, which a seal does not say."""
    return (value.sha256, value.role) if isinstance(value, SealedFile) else value


def _said(facts: Facts) -> dict[tuple[str, tuple[str, str, str]], str]:
    """Give what is said of a run by the seal's entry, and the record's table, row and column."""
    model, _, edition = facts.model.partition("@")
    of_model = (("id", "model", model), ("edition", "edition", edition), ("sha256", "model_hash", facts.model_hash))
    return {
        ("program.version", ("run", "program", "value")): facts.program,
        **{(f"model.{key}", ("run", row, "value")): value for key, row, value in of_model},
        ("roster", ("run", "roster", "value")): facts.has_roster,
        **{(f"options.{name}", ("run", f"option_{name}", "value")): value for name, value in facts.options.items()},
        **{(f"inputs[{path}].role", ("files", path, "role")): one.role for path, one in facts.inputs.items()},
        **{(f"inputs[{path}].sha256", ("files", path, "sha256")): one.sha256 for path, one in facts.inputs.items()},
    }
