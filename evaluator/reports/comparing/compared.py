"""A results folder held against a recomputation: what differs, where, and why.

Owns: telling what was altered after it was written from what comes out otherwise now, and naming the cause of each.
Reads files and writes nothing; whatever is wrong with the results is a difference, never an error.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from unicodedata import normalize

from evaluator.intake.reading import file_hash
from evaluator.reports import manifest
from evaluator.reports.comparing.causes import causes_of
from evaluator.reports.comparing.outputs import looked_into
from evaluator.reports.comparing.sealed import Sealed, open_sealed
from evaluator.reports.comparing.seals import entries_of
from evaluator.reports.comparing.tables import Figure
from evaluator.reports.comparing.verdict import Again, Because, Cause, Entry, Output, Verdict, What
from evaluator.reports.recorded import NAME as DATABASE
from evaluator.wording import filled

_LOCKS = ("~$", ".~lock.")
_KINDS = ("model", "model_file", "roster", "overrides", "option")
"""Kinds of causes that any figure may follow from."""


def compare(sealed: Sealed, again: Again) -> Verdict:
    """Hold results against what their inputs give now."""
    fresh = open_sealed(again.folder) if again.folder else None
    causes = causes_of(sealed, again, fresh)
    tables, outputs = looked_into(_outputs(sealed, again), sealed, again, causes)
    entries = entries_of(sealed, fresh, causes, outputs) if fresh else ()
    outputs += _of_manifest(sealed, again, entries)
    other_program = any((one.kind, one.what) == ("version", "program") for one in causes)
    figures = tables.figures if other_program else (*tables.figures, *tables.shape)
    return Verdict(
        causes=causes,
        outputs=tuple(sorted(outputs, key=lambda one: one.path)),
        entries=entries,
        figures=tuple(Because(figure=one, causes=_why(one, causes, outputs)) for one in figures),
        is_recomputed=fresh is not None,
        model_from=again.model_from,
        not_compared=tuple(f"{one.table}.{one.figure}".rstrip(".") for one in tables.shape) if other_program else (),
    )


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
        what = _what(own, seal, new, is_recomputed=fresh is not None, is_sealed=bool(as_sealed))
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


def _what(own: str | None, seal: str | None, new: str | None, *, is_recomputed: bool, is_sealed: bool) -> What | None:
    """Say what is wrong with a file, given its hash, the seal's and that of the one made anew."""
    if own is None:
        return "missing" if seal or not is_sealed else "new"
    if not own:
        return "unreadable"
    if not is_recomputed:
        return None if own == seal or not is_sealed else "altered" if seal else "extra"
    if own == new:
        return None
    if own == seal or not is_sealed:
        return "differs" if new else "not_made" if seal else "extra"
    return "altered" if seal or new else "extra"


def _hashes(folder: Path) -> dict[str, str]:
    """Hash every file in a folder but for lock files; empty for what is no file, or can't be read."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.name.startswith(_LOCKS) or (path.is_dir() and not path.is_symlink()):
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
    fault = filled("terms.damaged", detail=sealed.fault) if sealed.fault and own else None
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
        return file_hash(folder / manifest.NAME) if folder else ""
    except OSError:
        return ""


def _why(figure: Figure, causes: Sequence[Cause], outputs: Sequence[Output]) -> tuple[tuple[str, str], ...]:
    """Name what a figure's difference may follow from, the surest first."""
    altered = [("output", one.path) for one in outputs if one.path == DATABASE and one.what == "altered"]
    inputs = [one for one in causes if one.kind == "input" and not one.is_harmless]
    about = {figure.institution, *(str(value) for value in figure.key.values())} - {""}
    own = [("input", one.culprit) for one in inputs if one.institution in about or one.culprit in about]
    others = [("others", one.culprit) for one in inputs[:1]] if not own else []
    general = [
        (kind, next(one.culprit for one in causes if one.kind == kind and not one.is_harmless))
        for kind in _KINDS
        if any(one.kind == kind and not one.is_harmless for one in causes)
    ]
    found = [*own, *altered, *general, *([] if altered else others)] or [
        ("version", one.culprit) for one in causes if one.kind == "version"
    ]
    return tuple(found) or (("seal", ""),)
