"""What is not as it was when results were made: inputs, roster, model, decisions, options, versions.

Owns: naming each of these. What follows of them is not known here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib.metadata import version

from evaluator import __version__
from evaluator.fingerprint import LIBRARIES
from evaluator.intake.arranging import top_level
from evaluator.model.changed_values import changed_values
from evaluator.reports.comparing.repacked import repacked_of
from evaluator.reports.comparing.sealed import Facts, Sealed, SealedFile
from evaluator.reports.comparing.verdict import Again, Cause

_BY_NAME = ("skipped", "opened")
"""What becomes of a file by what it is called: it is left aside, or taken for a container."""
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
        for path, what in again.failure.inputs.items() if again.failure else ():
            owner = sealed.owners.get(path, "")
            yield Cause(kind="input", what=what, culprit=path, institution=owner, recorded=_sha(recorded, path))
        return
    found = (
        fresh.facts.returns if fresh else {path: SealedFile(sha256=own) for path, own in (again.inputs or {}).items()}
    )
    owners = {**sealed.owners, **{path: own for path, own in (fresh.owners if fresh else {}).items() if own}}
    looked_at = set(recorded) if fresh else top_level(recorded)
    repacked = repacked_of(recorded, found)
    for (what, path), count in sorted(repacked.containers.items()):
        yield Cause(kind="input", what=what, culprit=path, recorded=count)
    for path in sorted({*recorded, *found} - repacked.told):
        old, new = recorded.get(path), found.get(path)
        what = ""
        if old and new and old.sha256 != new.sha256:
            what = "changed"
        elif old and new is None and path in looked_at:
            what = "missing"
        elif old is None:
            what = "added"
        elif new and path not in again.moved:
            what = _of_conversion(again, path, old, new)
        if what:
            yield Cause(
                kind="input", what=what, culprit=path, institution=owners.get(path, ""),
                recorded=old.sha256 if old else None, found=new.sha256 if new else None,
                why=again.unconverted.get(path),
            )  # fmt: skip
    for path, now in sorted(again.moved.items()):
        old, new = recorded.get(path), found.get(path)
        what = "moved"
        if fresh and old and new and old.sha256 == new.sha256:
            what = _of_name(old, new) or _of_conversion(again, path, old, new) or "moved"
        yield Cause(
            kind="input", what=what, culprit=path, institution=owners.get(path, ""), recorded=path, found=now,
            why=again.unconverted.get(path),
        )  # fmt: skip


def _of_conversion(again: Again, path: str, old: SealedFile, new: SealedFile) -> str:
    """Tell of a file of the same content that LibreOffice could not convert here, or not then; empty of any other."""
    if path in again.unconverted and old.status not in ("", new.status):
        return "unconverted"
    return "converted" if path in again.converted and old.status == "unreadable" else ""


def _of_name(old: SealedFile, new: SealedFile) -> str:
    """Tell of a file whose name alone is another whether that decides how it is taken."""
    was, now = (one.status if one.status in _BY_NAME else "read" for one in (old, new))
    if was == now or not old.status:
        return ""
    return "skipped" if now == "skipped" else "read" if was == "skipped" else "reread"


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
        what = "missing" if now is None or not now.sha256 else "added" if was is None else "changed"
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
            what = "limits" if name == "limits" else what
            yield Cause(kind="option", what=what, culprit=name, recorded=old.get(name), found=new.get(name))
    if sealed.is_whole:
        was, now = (one.manifest.get("overrides") for one in (sealed, fresh))
        if was != now:
            yield from _of_decisions(sealed, fresh)


def _of_decisions(sealed: Sealed, fresh: Sealed) -> Iterator[Cause]:
    """Name each decision that only one of the two has; where the record tells of none, only that there are others."""
    was, now = (one.record.decisions if one.record else frozenset() for one in (sealed, fresh))
    paths = {one.sha256: path for facts in (fresh.facts, sealed.facts) for path, one in facts.inputs.items()}
    for decision in sorted(was ^ now):
        kind, institution, target, value, _, _, made = decision
        what = "withdrawn" if decision in was else "added"
        about = " ".join(part for part in (paths.get(target, target), value) if part)
        yield Cause(kind="overrides", what=what, culprit=about, institution=institution, recorded=kind, found=made)
    if was == now:
        counts = [_count(one.manifest.get("overrides")) for one in (sealed, fresh)]
        yield Cause(kind="overrides", what="changed", culprit="overrides", recorded=counts[0], found=counts[1])


def _count(content: object) -> str | None:
    """Say how many decisions a seal counts."""
    return str(content.get("count")) if isinstance(content, dict) else None


def _of_versions(facts: Facts) -> Iterator[Cause]:
    if facts.program and facts.program != __version__:
        yield Cause(kind="version", what="program", culprit="evaluator", recorded=facts.program, found=__version__)
    now = {name: version(name) for name in LIBRARIES}
    for name in sorted({*facts.libraries, *now}) if facts.libraries else ():
        old, new = facts.libraries.get(name), now.get(name)
        if old != new:
            yield Cause(kind="version", what="library", culprit=name, recorded=old, found=new)
