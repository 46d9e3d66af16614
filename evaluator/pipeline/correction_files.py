"""Correction workbooks as files in a folder.

Owns: that nothing is written over, and that corrections aren't taken for returns. What they are is `corrections`'.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from evaluator.errors import OutputError, reason_of
from evaluator.intake.sources import Source
from evaluator.intake.terms import Terms
from evaluator.model.records import Model
from evaluator.pipeline.corrections import MadeCorrection, correct
from evaluator.pipeline.main import Checked
from evaluator.pipeline.progress import Progress, no_progress
from evaluator.pipeline.setup import Setup
from evaluator.reports.folder import check_no_results

_SETUP = Setup()


@dataclass(frozen=True, kw_only=True, slots=True)
class Corrections:
    """What was checked, and the corrections written."""

    checked: Checked
    written: tuple[Path, ...]
    """In the order of institutions and domains; those that were there already with the same contents among them."""


def write_corrections(
    out: Path,
    paths: Sequence[Path | str | Source],
    model: Model,
    *,
    roster: Path | None = None,
    terms: Terms | None = None,
    deadline: str = "",
    contact: str = "",
    setup: Setup = _SETUP,
    progress: Progress = no_progress,
) -> Corrections:
    """Check returned files and write a correction workbook for each return with error findings.

    Args:
        out: folder for the corrections, made where it is missing; nothing in it is written over.
        paths: the returned files.
        model: the model in force.
        roster: the institutions there are.
        terms: what the round says, where there is one.
        deadline: until when to reply.
        contact: whom to ask.
        setup: how the run is done.
        progress: told how far it is.

    Raises:
        InputError, RosterError: a path is not there, or the roster can't be used.
        OutputError: the folder can't be written, lies among the returned files or in results, or holds another file
            of such a name.
        WorkersError: worker processes can't be started.
    """
    _check_place(out, paths)
    written: list[Path] = []
    checked = correct(
        paths,
        model,
        lambda made: written.append(_kept(out, made)),
        roster=roster,
        terms=terms,
        deadline=deadline,
        contact=contact,
        setup=setup,
        progress=progress,
    )
    return Corrections(checked=checked, written=tuple(written))


def _check_place(out: Path, paths: Iterable[Path | str | Source]) -> None:
    """Make sure that corrections won't be taken for returns the next time."""
    if out.exists() and not out.is_dir():
        raise OutputError("is_a_file", path=out)
    check_no_results(out)
    for path in paths:
        if isinstance(path, Path) and path.is_dir() and out.resolve().is_relative_to(path.resolve()):
            raise OutputError("corrections_inside_input", path=out, input=path)


def _kept(out: Path, made: MadeCorrection) -> Path:
    """Write a correction, unless it is there already.

    Raises:
        OutputError: the place can't be written, or another file has the name.
    """
    target = out / made.name
    try:
        out.mkdir(parents=True, exist_ok=True)
        if target.exists():
            if target.read_bytes() != made.data:
                raise OutputError("correction_exists", path=target)
            return target
        passing = target.with_name(f"{target.name}.part")  # a stopped run leaves no half correction
        passing.write_bytes(made.data)
        passing.replace(target)
    except OSError as error:
        raise OutputError("not_writable", path=out, why=reason_of(error)) from error
    return target
