"""Proving that results follow from their inputs: everything is computed anew, aside, and the two are held together.

Owns: finding the inputs, roster and model of a run wherever they lie now, and recomputing with the options on record.
Readings that earlier runs kept are used, as they are kept by the hash of each file's bytes: a file that has changed is
read anew. Whatever is wrong with results or inputs is a difference; only a path that is not there is a mistake.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from unicodedata import normalize

from evaluator.errors import EvaluatorError, InputError, ModelError, RosterError, RoundError
from evaluator.intake import remote
from evaluator.intake.arranging import arranged, is_same_place, top_level
from evaluator.intake.containers.names import numbered
from evaluator.intake.conversion import CONVERTED, WHY
from evaluator.intake.reading import file_hash
from evaluator.intake.roster import read_roster
from evaluator.intake.sources import Source
from evaluator.intake.terms import Terms
from evaluator.model.files import FileHash, builtin_models, files_of, hashes_of, load_model
from evaluator.model.records import Model
from evaluator.naming import file_stems
from evaluator.pipeline.main import score
from evaluator.pipeline.progress import Progress, no_progress
from evaluator.pipeline.rounds import taken
from evaluator.pipeline.setup import Setup
from evaluator.reports.comparing.compared import compare
from evaluator.reports.comparing.sealed import Facts, Sealed, open_sealed
from evaluator.reports.comparing.verdict import Again, Failure, ModelFrom, Verdict
from evaluator.rounds.folder import INBOX, MODEL, ROSTER, is_round, model_of, open_round
from evaluator.rounds.keeping import Inbox
from evaluator.wording import LANGS, Text, filled

_SETUP = Setup()
_OPERATORS = {"no_round", "ledger_busy", "ledger_not_written"}
"""What is wrong with a round and not with what is in it."""


@dataclass(frozen=True, kw_only=True)
class _Given:
    """What a run is to be done again with."""

    sources: tuple[Source, ...]
    moved: Mapping[str, str]
    roster: Path | None
    model: Model | None
    model_from: ModelFrom
    model_files: tuple[FileHash, ...]
    renamed: Mapping[str, str] = field(default_factory=dict)
    terms: Terms | None = None
    is_other_roster: bool = False
    """Whether the operator named a roster that is not called as the run's, so that it need not be the run's."""
    failure: Failure | None = None


def verify(
    results: Path,
    paths: Sequence[Path | str],
    *,
    roster: Path | None = None,
    model: str | None = None,
    setup: Setup = _SETUP,
    progress: Progress = no_progress,
) -> Verdict:
    """Say whether results are what their inputs give, or what differs and why.

    Args:
        results: the results folder.
        paths: what the run was given, wherever it lies now; or the round's folder alone.
        roster: the roster; `None`: found among the paths.
        model: the model as `load_model` names it; `None`: the built-in one of the name and hash on record, else the
            one kept with the results.
        setup: how the recomputation is done.
        progress: told how far it is.

    Raises:
        InputError: a path is not there, the results are none, or the roster or the round has to be named.
        RosterError, ModelError: the roster or model named can't be used, and is not called as the run's.
        WorkersError: worker processes can't be started.
    """
    sealed = open_sealed(results)
    with TemporaryDirectory(prefix="evaluator-", ignore_cleanup_errors=True) as folder:
        again = recompute(sealed, paths, Path(folder), roster=roster, model=model, setup=setup, progress=progress)
        return compare(sealed, again)


def recompute(
    sealed: Sealed,
    paths: Sequence[Path | str],
    folder: Path,
    *,
    roster: Path | None = None,
    model: str | None = None,
    setup: Setup = _SETUP,
    progress: Progress = no_progress,
) -> Again:
    """Do a run again with the options on record, as `verify` does, into a folder for passing files."""
    gone = next((path for path in paths if isinstance(path, Path) and not os.path.lexists(path)), None)
    if gone is not None:
        raise InputError("no_such_path", path=gone)
    place = next((path for path in paths if isinstance(path, Path) and is_round(path)), None)
    if place is None and "round" in sealed.facts.options:
        raise InputError("round_to_verify", path=sealed.folder, round=sealed.facts.options["round"])
    given = (
        _of_round(place, sealed.facts) if place is not None else _of_paths(sealed, paths, folder, roster, model, setup)
    )
    again = Again(
        folder=None,
        reports={},
        inputs=None if given.failure and place else {one.name: _hash(one) for one in given.sources},
        moved=given.moved,
        renamed=given.renamed,
        roster=(given.roster.name, _digest(given.roster)) if given.roster else None,
        model=given.model,
        model_from=given.model_from,
        model_files=given.model_files,
        failure=given.failure,
    )
    if given.failure or given.model is None:
        return again
    return _run(sealed, again, given, folder, setup, progress)


def _run(sealed: Sealed, again: Again, given: _Given, folder: Path, setup: Setup, progress: Progress) -> Again:
    """Recompute; what forbids it is the recomputation's failure."""
    model = given.model
    if model is None:
        return again
    names_files = bool(sealed.fault or sealed.model_files)  # a caller of the library need not name any
    try:
        if given.roster:
            read_roster(given.roster, model)  # under its own name, for whoever reads what is wrong with it
        results = score(
            given.sources,
            folder / "results",
            model,
            roster=_staged(given.roster, sealed.facts, folder),
            terms=given.terms,
            model_files=given.model_files if names_files else (),
            setup=setup,
            lang=sealed.facts.lang,
            progress=progress,
        )
    except RosterError as error:
        if given.is_other_roster:
            raise
        return replace(again, failure=_failure(given.roster.name if given.roster else "", error))
    table = results.assessment.institutions
    ids = table["id"].tolist()
    stems = file_stems(ids, table["name"].tolist())
    reports = {f"institutions/{stem}.xlsx": one for stem, one in zip(stems, ids, strict=True)}
    return replace(
        again,
        folder=folder / "results",
        reports=reports,
        unconverted={f.file: why for f in results.findings if isinstance(why := f.params.get(WHY), Text)},
        converted=frozenset(f.file for f in results.findings if f.code == CONVERTED),
    )


def _of_paths(
    sealed: Sealed, paths: Sequence[Path | str], folder: Path, roster: Path | None, model: str | None, setup: Setup
) -> _Given:
    """Find what a run without a round's folder was given."""
    facts = sealed.facts
    if roster is not None and not roster.is_file():
        raise InputError("a_folder" if roster.is_dir() else "no_such_path", path=roster)
    is_other = bool(roster and facts.roster and _last(roster.name) != _last(facts.roster[0]))
    if roster is not None and _is_return(sealed, roster):
        raise InputError("roster_is_return", path=roster)
    roster = roster or _roster_among(facts, [path for path in paths if isinstance(path, Path)])
    if roster is None and facts.roster:
        raise InputError("roster_to_verify", path=sealed.folder, name=facts.roster[0])
    found = remote.find(paths, [sealed.folder, *([roster] if roster else [])], folder / "fetched", setup.limits)
    sources, moved, renamed = _arranged(facts, found)
    loaded, origin, files, failure = _model(sealed, model)
    return _Given(
        sources=sources, moved=moved, renamed=renamed, roster=roster, model=loaded, model_from=origin,
        model_files=files, is_other_roster=is_other, failure=failure,
    )  # fmt: skip


def _last(name: str) -> str:
    return normalize("NFC", PurePosixPath(name).name)


def _is_return(sealed: Sealed, roster: Path) -> bool:
    """Tell whether a roster named is a return of the run, which it can't be."""
    digest = _digest(roster)
    told = [facts for facts in (sealed.seal, sealed.record) if facts is not None]
    is_own = any(facts.roster is not None and facts.roster[1] == digest for facts in told)
    return not is_own and any(one.sha256 == digest and one.role == "return" for one in sealed.facts.returns.values())


def _arranged(facts: Facts, found: Sequence[Source]) -> tuple[tuple[Source, ...], dict[str, str], dict[str, str]]:
    """Give the files the names that they had in the run.

    Gives also where those lie that lie elsewhere, and what those are called that go by a name of their own, as a file
    of the run had theirs.
    """
    inputs = facts.returns
    recorded = {path: inputs[path].sha256 for path in top_level(inputs)}
    names = arranged(recorded, [(one.name, _hash(one)) for one in found])
    used = {*inputs, *(name for name in names if name)}
    moved: dict[str, str] = {}
    renamed: dict[str, str] = {}
    sources = []
    for one, known in zip(found, names, strict=True):
        name, number = known or one.name, 1
        while known is None and name in used:
            number += 1
            name = numbered(one.name, number)
        used.add(name)
        if known and not is_same_place(known, one.name):
            moved[known] = one.name
        if not known and name != one.name:
            renamed[name] = one.name
        sources.append(replace(one, name=name))
    now = {known: one.name for one, known in zip(found, names, strict=True) if known}
    moved |= {real: now[real] for real in renamed.values() if real in now}  # whose place another file has taken
    return tuple(sources), moved, renamed


def _model(sealed: Sealed, named: str | None) -> tuple[Model | None, ModelFrom, tuple[FileHash, ...], Failure | None]:
    """Load the model to recompute with; says also where it is from, its files' hashes, and why it can't be used."""
    own = sealed.facts.model
    if named is None and (own not in builtin_models() or _is_kept_only(sealed)):
        if sealed.model is not None:
            return sealed.model, "kept", sealed.model_files, None  # the files' hashes are taken on trust
        raise InputError("model_to_verify" if own else "model_not_told", path=sealed.folder, name=own)
    origin: ModelFrom = "given" if named is not None else "builtin"
    name = own if named is None else named
    paths = files_of(name)
    try:
        return load_model(name), origin, hashes_of(paths), None
    except ModelError as error:
        listed = [one.name for one in sealed.model_files]
        if paths[0].name not in listed:
            raise
        more = [paths[0].parent / own for own in listed if own not in {path.name for path in paths}]
        files = hashes_of([*paths, *more])  # a faulty main file may not name them
        culprit = str(getattr(error.faults[0], "file", "")) if error.faults else ""
        return None, origin, files, _failure(culprit or name, error)


def _is_kept_only(sealed: Sealed) -> bool:
    """Tell whether a model of a built-in one's name is another one, which seal, record and the model kept all say."""
    told = {facts.model_hash for facts in (sealed.seal, sealed.record) if facts} - {""}
    kept = sealed.model.hash if sealed.model else ""
    return told == {kept} and load_model(sealed.facts.model).hash != kept


def _roster_among(facts: Facts, paths: Sequence[Path]) -> Path | None:
    """Find the run's roster by its content, else by its name, among files given and those in folders given.

    Of several of its name the one that lies least deep is taken.
    """
    if facts.roster is None:
        return None
    name, digest = facts.roster
    near = [inside for path in paths for inside in ([path, *sorted(path.rglob("*"), key=_depth)])]
    files = [path for path in near if path.suffix.lower() == ".xlsx" and path.is_file()]
    called = [path for path in files if normalize("NFC", path.name) == normalize("NFC", name)]
    same = (path for path in [*called, *files] if _digest(path) == digest)
    return next(same, called[0] if called else None)


def _depth(path: Path) -> tuple[int, Path]:
    return len(path.parts), path


def _of_round(path: Path, facts: Facts) -> _Given:
    """Take everything from a round's folder; what forbids it is the recomputation's failure."""
    given = _Given(sources=(), moved={}, roster=None, model=None, model_from="round", model_files=())
    try:
        place = open_round(path)
        files = hashes_of(files_of(model_of(path, place.settings)))
        given = replace(given, roster=place.roster, model=place.model, model_files=files)
        sources, terms = taken(place)
    except (RoundError, RosterError, ModelError) as error:
        if error.key in _OPERATORS:
            raise
        own = path / MODEL
        culprit = error.params.get("names") or error.params.get("path") or own
        damaged = _damaged(path / INBOX, map(str, culprit), facts) if isinstance(culprit, list) else {}
        failure = replace(_failure(next(iter(damaged), Path(str(culprit)).name), error), inputs=damaged)
        if damaged and set(damaged.values()) == {"missing"}:
            failure = replace(failure, why=filled("verify.kept_missing", path=path / INBOX, count=len(damaged)))
        if error.key == "model_changed" and own.exists():
            given = replace(given, model=load_model(str(own)), model_files=hashes_of(files_of(str(own))))
        roster = path / ROSTER
        return replace(given, roster=roster if roster.is_file() else None, failure=failure)
    return replace(given, sources=tuple(sources), terms=terms)


def _damaged(inbox: Path, names: Iterable[str], facts: Facts) -> dict[str, str]:
    """Say of files kept in a round that are not as they came whether they are there."""
    kept = Inbox(inbox)
    known = {name: facts.inputs[name].sha256 if name in facts.inputs else "" for name in names}
    return {name: "missing" if own and not kept.has(own) else "changed" for name, own in known.items()}


def _staged(roster: Path | None, facts: Facts, folder: Path) -> Path | None:
    """Give the roster under the name it had in the run, which the results list it by."""
    name = PurePosixPath(facts.roster[0]).name if facts.roster else ""
    if roster is None or name in ("", roster.name) or name != Path(name).name:
        return roster
    target = folder / "roster" / name
    try:
        target.parent.mkdir()
        shutil.copyfile(roster, target)
    except (OSError, ValueError):  # a name that this system can't have
        return roster
    return target


def _failure(culprit: str, error: EvaluatorError) -> Failure:
    zh, en = (error.message(lang) for lang in LANGS)
    return Failure(culprit=culprit, why=Text(zh=zh, en=en))


def _hash(one: Source) -> str:
    return _digest(one.path) if one.is_regular else ""


def _digest(path: Path) -> str:
    try:
        return file_hash(path)
    except OSError:
        return ""
