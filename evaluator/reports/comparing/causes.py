"""What is not as it was when results were made: inputs, roster, model, decisions, options, versions.

Owns: naming each of these. What follows of them is not known here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from importlib.metadata import version

from evaluator import __version__
from evaluator.fingerprint import LIBRARIES
from evaluator.intake.arranging import top_level
from evaluator.model.changed_values import changed_values
from evaluator.reports.comparing.sealed import Facts, Sealed, SealedFile
from evaluator.reports.comparing.verdict import Again, Cause

OF_DRAWS = ("draws", "seed", "spread")
"""Options that the model's rules on robustness set, and nothing but robustness follows from."""


def causes_of(sealed: Sealed, again: Again, fresh: Sealed | None) -> tuple[Cause, ...]:
    """List everything that is not as the run recorded it.

    Args:
        sealed: the results.
        again: the recomputation.
        fresh: the results computed anew; `None` where there are none.
    """
    failure = again.failure
    failed = [Cause(kind="recomputation", what="", culprit=failure.culprit, why=failure.why)] if failure else []
    if not sealed.is_told:
        return tuple(failed)
    return (
        *_of_inputs(sealed, again, fresh),
        *_of_roster(sealed.facts, again),
        *_of_model(sealed, again),
        *_of_model_files(sealed, again),
        *(_of_terms(sealed, again, fresh) if fresh else ()),
        *_of_versions(sealed.facts),
        *failed,
    )


def _of_inputs(sealed: Sealed, again: Again, fresh: Sealed | None) -> Iterator[Cause]:
    recorded = sealed.facts.returns
    if fresh is None and again.inputs is None:
        for path in again.failure.inputs if again.failure else ():
            owner = sealed.owners.get(path, "")
            yield Cause(kind="input", what="changed", culprit=path, institution=owner, recorded=_sha(recorded, path))
        return
    found = (
        fresh.facts.returns if fresh else {path: SealedFile(sha256=own) for path, own in (again.inputs or {}).items()}
    )
    owners = {**sealed.owners, **{path: own for path, own in (fresh.owners if fresh else {}).items() if own}}
    looked_at = set(recorded) if fresh else top_level(recorded)
    packed = _packed(recorded, found)
    containers = Counter(_container(member, found) for member in packed.values())
    for path, count in sorted(containers.items()):
        yield Cause(kind="input", what="packed", culprit=path, recorded=count)
    for path in sorted({*recorded, *found} - packed.keys() - set(packed.values()) - containers.keys()):
        old, new = recorded.get(path), found.get(path)
        what = ""
        if old and new and old.sha256 != new.sha256:
            what = "changed"
        elif old and new is None and path in looked_at:
            what = "missing"
        elif old is None:
            what = "added"
        if what:
            yield Cause(
                kind="input", what=what, culprit=path, institution=owners.get(path, ""),
                recorded=old.sha256 if old else None, found=new.sha256 if new else None,
            )  # fmt: skip
    for path, now in sorted(again.moved.items()):
        yield Cause(
            kind="input", what="moved", culprit=path, institution=owners.get(path, ""), recorded=path, found=now
        )


def _packed(recorded: Mapping[str, SealedFile], found: Mapping[str, SealedFile]) -> dict[str, str]:
    """Give the member of a container that an input of the run is now, with the same content."""
    members: dict[str, list[str]] = {}
    for path in sorted(found.keys() - recorded.keys() - top_level(found)):
        members.setdefault(found[path].sha256, []).append(path)
    gone = sorted(recorded.keys() - found.keys())
    return {path: members[sha256].pop(0) for path in gone if (sha256 := recorded[path].sha256) and members.get(sha256)}


def _container(member: str, names: Mapping[str, SealedFile]) -> str:
    """Name the outermost container that a member is in."""
    return next(member[:at] for at, c in enumerate(member) if c == "!" and member[:at] in names)


def arrivals_of(sealed: Sealed, fresh: Sealed | None) -> tuple[Cause, ...]:
    """List inputs that a round now says came at another time; the results' record must be as it was sealed.

    Without a round there is none to say so: a mail's time of arrival is in the mail.
    """
    if sealed.record is None or fresh is None or fresh.record is None or "round" not in fresh.facts.options:
        return ()
    old, new = sealed.record.inputs, fresh.record.inputs
    return tuple(
        Cause(
            kind="input", what="arrived", culprit=path, institution=old[path].institution,
            recorded=old[path].arrived, found=new[path].arrived,
        )
        for path in sorted(old.keys() & new.keys())
        if old[path].arrived != new[path].arrived
    )  # fmt: skip


def _sha(files: Mapping[str, SealedFile], path: str) -> str | None:
    return files[path].sha256 if path in files else None


def _of_roster(facts: Facts, again: Again) -> Iterator[Cause]:
    old, new = facts.roster, again.roster
    if old and not new:
        yield Cause(kind="roster", what="missing", culprit=old[0], recorded=old[1])
    elif new and not old:
        yield Cause(kind="roster", what="added", culprit=new[0], found=new[1])
    elif old and new and old[1] != new[1]:
        yield Cause(kind="roster", what="changed", culprit=new[0], recorded=old[1], found=new[1])
    elif old and new and old[0] != new[0]:
        yield Cause(kind="roster", what="moved", culprit=old[0], recorded=old[0], found=new[0])


def _of_model(sealed: Sealed, again: Again) -> Iterator[Cause]:
    expected, model = sealed.facts.model_hash, again.model
    if model is None or not expected or model.hash == expected:
        return
    if sealed.model is None or sealed.model.hash != expected:
        yield Cause(kind="model", what="changed", culprit="sha256", recorded=expected, found=model.hash)
        return
    for one in changed_values(sealed.model, model):
        yield Cause(kind="model", what="changed", culprit=one.place, recorded=one.old, found=one.new)


def _of_model_files(sealed: Sealed, again: Again) -> Iterator[Cause]:
    """Compare the model's files, where the seal names them and they are at hand."""
    listed = sealed.model_files if sealed.is_whole else ()
    if again.model_from == "kept" or not listed or not again.model_files:  # a round that can't be opened tells none
        return
    old, new = ({one.name: one for one in files} for files in (listed, again.model_files))
    for name in [*old, *(name for name in new if name not in old)]:
        was, now = old.get(name), new.get(name)
        if was == now:
            continue
        what = "missing" if now is None else "added" if was is None else "changed"
        if was and now and was.text_sha256 == now.text_sha256:
            what = "line_ends"
        old_hash, new_hash = (one.sha256 if one else None for one in (was, now))
        yield Cause(kind="model_file", what=what, culprit=name, recorded=old_hash, found=new_hash)


def _of_terms(sealed: Sealed, again: Again, fresh: Sealed) -> Iterator[Cause]:
    """Compare the options and, of a round, what persons decided."""
    old, new = sealed.facts.options, fresh.facts.options
    is_same_model = again.model is not None and again.model.hash == sealed.facts.model_hash
    for name in sorted({*old, *new}):
        if old.get(name) != new.get(name) and name != "model":  # told as the model's difference
            of_model = name in OF_DRAWS or "round" not in new
            what = "unfounded" if of_model and is_same_model else "changed"
            yield Cause(kind="option", what=what, culprit=name, recorded=old.get(name), found=new.get(name))
    if sealed.is_whole:
        was, now = (_decided(one.manifest.get("overrides")) for one in (sealed, fresh))
        if was != now:
            yield Cause(kind="overrides", what="changed", culprit="overrides", recorded=was, found=now)


def _decided(content: object) -> str | None:
    """Give number and hash of decisions in a line."""
    return f"{content.get('count')} ({content.get('sha256')})" if isinstance(content, dict) else None


def _of_versions(facts: Facts) -> Iterator[Cause]:
    if facts.program and facts.program != __version__:
        yield Cause(kind="version", what="program", culprit="evaluator", recorded=facts.program, found=__version__)
    now = {name: version(name) for name in LIBRARIES}
    for name in sorted({*facts.libraries, *now}) if facts.libraries else ():
        old, new = facts.libraries.get(name), now.get(name)
        if old != new:
            yield Cause(kind="version", what="library", culprit=name, recorded=old, found=new)
