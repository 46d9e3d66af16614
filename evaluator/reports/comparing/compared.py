"""A results folder held against a recomputation: what differs, where, and why.

Owns: telling what was altered after it was written from what comes out otherwise now, and naming the cause of each.
Reads files and writes nothing; whatever is wrong with the results is a difference, never an error.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from unicodedata import normalize

from evaluator.intake.arranging import top_level
from evaluator.intake.containers.names import is_leftover
from evaluator.intake.reading import file_hash
from evaluator.reports import manifest
from evaluator.reports.comparing.causes import OF_DRAWS, arrivals_of, causes_of
from evaluator.reports.comparing.contradictions import contradictions, likeliest
from evaluator.reports.comparing.outputs import looked_into
from evaluator.reports.comparing.sealed import Sealed, open_sealed
from evaluator.reports.comparing.seals import entries_of
from evaluator.reports.comparing.tables import Figure
from evaluator.reports.comparing.verdict import Again, Because, Cause, Entry, Output, Verdict, What
from evaluator.reports.recorded import NAME as DATABASE

_KINDS = ("roster", "overrides")
"""Kinds of causes that any figure may follow from."""
_OF_RECORD = {"altered": "output", "unvouched": "unvouched"}
"""What a figure may follow from that differs in a record found so."""

Reasons = tuple[tuple[str, str], ...]


def compare(sealed: Sealed, again: Again) -> Verdict:
    """Hold results against what their inputs give now."""
    fresh = open_sealed(again.folder) if again.folder else None
    listed = _outputs(sealed, again)
    record = next((one.what for one in listed if one.path == DATABASE), "")
    is_reproduced = all(one.path == DATABASE for one in listed)
    facts = likeliest(sealed, fresh, is_record_altered=record == "altered", is_reproduced=is_reproduced)
    sealed = replace(sealed, facts=facts)
    causes = (*causes_of(sealed, again, fresh), *(arrivals_of(sealed, fresh) if record == "differs" else ()))
    tables, outputs = looked_into(listed, sealed, again, causes)
    entries = entries_of(sealed, fresh, causes, outputs) if fresh else ()
    outputs += _of_manifest(sealed, again, entries)
    other_program = any((one.kind, one.what) == ("version", "program") for one in causes)
    figures = tables.figures if other_program else (*tables.figures, *tables.shape)
    reasons = _reasons(causes, outputs)
    because = tuple(Because(figure=one, causes=reasons(one)) for one in figures)
    if again.renamed:
        because = tuple(_really(one, again.renamed) for one in because)
        causes = tuple(replace(one, culprit=_real(one.culprit, again.renamed)) for one in causes)
    return Verdict(
        causes=causes,
        outputs=tuple(sorted(outputs, key=lambda one: one.path)),
        entries=entries,
        contradictions=contradictions(sealed, fresh),
        figures=because,
        is_recomputed=fresh is not None,
        model_from=again.model_from,
        not_compared=tuple(f"{one.table}.{one.figure}".rstrip(".") for one in tables.shape) if other_program else (),
        inputs=_inputs_found(sealed, again, fresh),
    )


def _inputs_found(sealed: Sealed, again: Again, fresh: Sealed | None) -> tuple[int, int]:
    """Count the inputs of the run that are among the files given, and all of them; none where nothing tells."""
    given = [one.sha256 for one in fresh.facts.returns.values()] if fresh else list((again.inputs or {}).values())
    recorded = sealed.facts.returns
    known = [recorded[path].sha256 for path in (recorded if fresh else top_level(recorded)) if recorded[path].sha256]
    found = set(given)
    return (sum(1 for one in known if one in found), len(known)) if given else (0, 0)


def _outputs(sealed: Sealed, again: Again) -> list[Output]:
    """List the files, but for the seal, that are not as sealed or as computed anew."""
    found = _hashes(sealed.folder)
    fresh = _hashes(again.folder) if again.folder else None
    as_sealed = {normalize("NFC", path): digest for path, digest in sealed.outputs.items()}
    if fresh is not None and not sealed.is_whole:  # what nobody else knows of is the seal's own difference
        as_sealed = {path: digest for path, digest in as_sealed.items() if path in found or path in fresh}
    owners = {normalize("NFC", path): own for path, own in again.reports.items()}
    listed = []
    for path in sorted({*found, *(fresh or {}), *as_sealed} - {manifest.NAME}):
        own, seal, new = found.get(path), as_sealed.get(path), fresh.get(path) if fresh is not None else None
        what = _what(
            own, seal, new, is_recomputed=fresh is not None, is_sealed=bool(as_sealed), is_whole=sealed.is_whole
        )
        if what:
            listed.append(
                Output(
                    path=path,
                    what=what,
                    institution=owners.get(path, ""),
                    sealed=seal or "",
                    found=own or "",
                    recomputed=new or "",
                )
            )
    return listed


def _what(
    own: str | None, seal: str | None, new: str | None, *, is_recomputed: bool, is_sealed: bool, is_whole: bool
) -> What | None:
    """Say what is wrong with a file, given its hash, the seal's and that of the one made anew."""
    if own is None:
        return "missing" if seal or not is_sealed else "new"
    if not own:
        return "unreadable"
    if not is_recomputed:
        if own == seal or not is_sealed:
            return None
        return "unvouched" if not is_whole else "altered" if seal else "extra"
    if own == new:
        return None
    if not is_whole:
        return "unvouched" if new else "not_made" if seal else "extra"
    if own == seal:
        return "differs" if new else "not_made"
    return "altered" if seal or new else "extra"


def _hashes(folder: Path) -> dict[str, str]:
    """Hash every file in a folder but for leftovers of programs; empty for what is no file, or can't be read."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if is_leftover(path.name) or (path.is_dir() and not path.is_symlink()):
            continue
        try:
            digest = file_hash(path) if path.is_file() else ""
        except OSError:
            digest = ""
        name = path.relative_to(folder).as_posix().encode("utf-8", "backslashreplace").decode("utf-8")
        found[normalize("NFC", name)] = digest
    return found


def _of_manifest(sealed: Sealed, again: Again, entries: Sequence[Entry]) -> list[Output]:
    """Say what is wrong with the seal itself."""
    own, new = (_hashes_of_seal(folder) for folder in (sealed.folder, again.folder))
    if own and own == new:
        return []
    fault = sealed.fault if own else None
    what: What = "missing" if not own else "differs" if sealed.is_whole else "altered"
    if again.folder is None and what == "differs":
        return []
    is_explained = all(one.is_explained for one in entries)
    return [
        Output(
            path=manifest.NAME,
            what=what,
            found=own,
            recomputed=new,
            fault=fault,
            is_harmless=what == "differs" and is_explained,
        )
    ]


def _hashes_of_seal(folder: Path | None) -> str:
    try:
        return file_hash(folder / manifest.NAME) if folder and (folder / manifest.NAME).is_file() else ""
    except OSError:
        return ""


def _reasons(causes: Sequence[Cause], outputs: Sequence[Output]) -> Callable[[Figure], Reasons]:
    """Give what names a figure's reasons, the surest first."""
    record = next((one.what for one in outputs if one.path == DATABASE), "")
    altered = [(_OF_RECORD[record], DATABASE)] if record in _OF_RECORD else []
    inputs = [one for one in causes if one.kind == "input" and not one.is_harmless]
    named: dict[str, list[tuple[str, str]]] = {}
    for one in inputs:
        for name in {one.institution, one.culprit} - {""}:
            named.setdefault(name, []).append((_as_input(one), one.culprit))
    others = [("others" if one.institution else _as_input(one), one.culprit) for one in inputs[:1]]
    harmful = [one for one in causes if not one.is_harmless]
    general = _of_model(harmful) + [
        (kind, next(one.culprit for one in harmful if one.kind == kind))
        for kind in _KINDS
        if any(one.kind == kind for one in harmful)
    ]
    options = [one.culprit for one in harmful if one.kind == "option"]
    versions = [("version", one.culprit) for one in causes if one.kind == "version"]
    known: dict[Reasons, Reasons] = {}

    def reasons(figure: Figure) -> Reasons:
        about = (figure.institution, figure.file, *map(str, figure.key.values()))
        own = dict.fromkeys(reason for name in dict.fromkeys(about) for reason in named.get(name, ()))
        last = [] if own or record == "altered" else others
        chosen = [("option", name) for name in options if _follows(figure, name)][:1]
        found = tuple([*own, *altered, *general, *chosen, *last] or versions or [("seal", "")])
        return known.setdefault(found, found)  # one for all figures that have the same

    return reasons


def _of_model(harmful: Sequence[Cause]) -> list[tuple[str, str]]:
    """Name what changed in the model where it can be nothing else; of several changes any may be without effect."""
    places = [one.culprit for one in harmful if one.kind == "model"]
    files = [("model_file", one.culprit) for one in harmful if one.kind == "model_file"][:1]
    is_alone = len(places) == 1 and all(one.kind in ("model", "model_file") for one in harmful)
    return [("model", places[0] if is_alone else "")] if places else files


def _follows(figure: Figure, option: str) -> bool:
    """Tell whether a figure may follow from an option."""
    return (
        option not in OF_DRAWS
        or figure.table.startswith("robustness")
        or (figure.table == "run" and figure.key.get("key") == f"option_{option}")
    )


def _really(one: Because, renamed: Mapping[str, str]) -> Because:
    """Name files given as they are called on disk."""
    figure = one.figure
    said = {name: _real(value, renamed) if isinstance(value, str) else value for name, value in figure.key.items()}
    named = tuple((kind, _real(culprit, renamed)) for kind, culprit in one.causes)
    now = figure.recomputed
    for name, real in renamed.items() if isinstance(now, str) else ():
        now = str(now).replace(name, real)
    found = replace(figure, key=said, file=_real(figure.file, renamed), recomputed=now)
    return replace(one, figure=found, causes=named)


def _real(name: str, renamed: Mapping[str, str]) -> str:
    own, at, member = name.partition("!")
    return renamed.get(name) or (renamed[own] + at + member if own in renamed else name)


def _as_input(one: Cause) -> str:
    return "added" if one.what == "added" else "input"
