"""A results folder held against a recomputation: what differs, where, and why.

Owns: telling what was altered after it was written from what comes out otherwise now, and naming the cause of each.
Reads files and writes nothing; whatever is wrong with the results is a difference, never an error.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from unicodedata import normalize

from evaluator.errors import InputError
from evaluator.intake.arranging import top_level
from evaluator.intake.containers.names import is_leftover
from evaluator.intake.reading import file_hash
from evaluator.reports import manifest
from evaluator.reports.comparing.causes import arrivals_of, causes_of
from evaluator.reports.comparing.contradictions import contradictions, likeliest
from evaluator.reports.comparing.outputs import looked_into
from evaluator.reports.comparing.reasons import reasons_of
from evaluator.reports.comparing.sealed import Sealed, open_sealed
from evaluator.reports.comparing.seals import entries_of
from evaluator.reports.comparing.verdict import (
    Again,
    Because,
    Cause,
    Entry,
    Output,
    Unfounded,
    Verdict,
    What,
)
from evaluator.reports.recorded import NAME as DATABASE
from evaluator.reports.recorded import open_results

_OTHERWISE = ("altered", "differs", "unvouched")
"""What is said of a record that can be looked into."""


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
    told = contradictions(sealed, fresh)
    if not any(one.entry == "options.lang" for one in told):
        causes += tuple(_of_lang(sealed, outputs))
    entries = entries_of(sealed, fresh, causes, outputs) if fresh else ()
    outputs += _of_manifest(sealed, again, entries)
    other_program = any((one.kind, one.what) == ("version", "program") for one in causes)
    figures = tables.figures if other_program else (*tables.figures, *tables.shape)
    unfounded = _unfounded(sealed) if record in _OTHERWISE and tables.figures else None
    reasons = reasons_of(causes, outputs, tables.figures, sealed, again, unfounded)
    because = tuple(Because(figure=one, causes=reasons(one)) for one in figures)
    if again.renamed:
        because = tuple(_really(one, again.renamed) for one in because)
        causes = tuple(replace(one, culprit=_real(one.culprit, again.renamed)) for one in causes)
    return Verdict(
        causes=causes,
        outputs=tuple(sorted(outputs, key=lambda one: one.path)),
        entries=entries,
        contradictions=told,
        figures=because,
        is_recomputed=fresh is not None,
        model_from=again.model_from,
        unfounded=unfounded,
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
        name = path.relative_to(folder).as_posix().encode("utf-8", "backslashreplace").decode("utf-8")
        found[normalize("NFC", name)] = _hash(path)
    return found


def _hash(path: Path) -> str:
    try:
        return file_hash(path) if path.is_file() else ""
    except OSError:
        return ""


def _of_manifest(sealed: Sealed, again: Again, entries: Sequence[Entry]) -> list[Output]:
    """Say what is wrong with the seal itself."""
    own, new = (_hash(folder / manifest.NAME) if folder else "" for folder in (sealed.folder, again.folder))
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


def _of_lang(sealed: Sealed, outputs: Sequence[Output]) -> Iterator[Cause]:
    """Say that the workbooks are in another language than that which the results say they were made in."""
    langs = {one.other_lang for one in outputs if one.other_lang}
    if len(langs) == 1:
        yield Cause(kind="option", what="other_lang", culprit="lang", recorded=sealed.facts.lang, found=min(langs))


def _unfounded(sealed: Sealed) -> Unfounded | None:
    """Find a figure of the record that does not follow from the answers in it."""
    try:
        open_results(sealed.folder)
    except InputError as error:
        said = error.params
        if "institution" in said:
            return Unfounded(
                institution=str(said["institution"]), figure=str(said.get("column", "")),
                recorded=said.get("old"), by_answers=said.get("new"),
            )  # fmt: skip
    return None


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
