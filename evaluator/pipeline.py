"""The one place that composes the steps over many files: read, take in, judge, score, report.

Owns: the order of the steps, spreading them over worker processes, and telling progress. Prints nothing.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from io import BytesIO
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar

import pandas as pd

from evaluator.assessment import answers, checks
from evaluator.assessment.results import IDENTITY, assess
from evaluator.errors import InputError, OutputError
from evaluator.findings import Finding, in_order
from evaluator.intake import sources
from evaluator.intake.institutions import Institution
from evaluator.intake.reading import ReadFile, file_hash, read_files
from evaluator.intake.roster import read_roster
from evaluator.intake.round import FILE_COLUMNS, Intake, take_in
from evaluator.intake.sources import Source
from evaluator.model.records import Domain, Model
from evaluator.questionnaire import layout
from evaluator.questionnaire.writer import write_form
from evaluator.reports.context import Context, context_of
from evaluator.reports.database import write_database
from evaluator.reports.folder import check_free, replaced
from evaluator.reports.institution import write_institution
from evaluator.reports.manifest import write_manifest
from evaluator.reports.names import file_stems
from evaluator.reports.ranking import write_ranking
from evaluator.reports.record import Results
from evaluator.reports.regulator import write_regulator
from evaluator.wording import Lang

Progress = Callable[[str, int, int], None]
"""Called with the step's name (`read`, `reports`), how many of it are done, and how many there are."""
BATCH = 50
"""Files, or institutions, a worker takes at a time."""
WORTH_WORKERS = 400
"""Files from which starting worker processes costs less than it saves."""

MOST_WORKERS = 60
"""Worker processes that a pool may have on every system (Windows waits for 63 things at a time at most)."""

T = TypeVar("T")
R = TypeVar("R")


def no_progress(step: str, done: int, total: int) -> None:
    """Tell nobody."""


@dataclass(frozen=True, kw_only=True)
class Checked:
    """What a check of returned files found."""

    files: pd.DataFrame
    """As `Results.files`."""
    findings: tuple[Finding, ...]
    institutions: int
    """How many institutions the files belong to."""


def workers_for(wanted: int | None, files: int) -> int:
    """Decide on the number of worker processes: as wanted, else by the number of files and processors."""
    if wanted is None:
        wanted = 1 if files < WORTH_WORKERS else os.cpu_count() or 1
    return min(max(1, wanted), MOST_WORKERS)


def read_all(found: Sequence[Source], workers: int, progress: Progress = no_progress) -> list[ReadFile]:
    """Read files, in order, in this process or in workers."""
    read: list[ReadFile] = []
    for batch in _spread(read_files, found, workers) if workers > 1 else map(read_files, _batches(found)):
        read.extend(batch)
        progress("read", len(read), len(found))
    return read


def check(
    paths: Sequence[Path],
    model: Model,
    *,
    roster: Path | None = None,
    workers: int | None = None,
    progress: Progress = no_progress,
) -> Checked:
    """Validate returned files without scoring them.

    Without a roster nothing is said about domains that did not come: a single file may be checked.

    Raises:
        InputError, RosterError: a path is not there, or the roster can't be used.
    """
    intake = _take_in(paths, model, roster, (), workers, progress)
    judged = answers.judge(intake.cells, model, {entry.id: entry.category for entry in intake.institutions})
    findings = (*intake.findings, *checks.check(judged, model))
    if roster is None:
        findings = tuple(f for f in findings if f.code != "return.missing_domain")
    owners = intake.files.loc[intake.files["institution"].ne(""), "institution"]
    return Checked(files=intake.files, findings=in_order(findings), institutions=owners.nunique())


def evaluate(
    paths: Sequence[Path],
    model: Model,
    *,
    roster: Path | None = None,
    leave_out: Sequence[Path] = (),
    workers: int | None = None,
    lang: Lang = "zh",
    progress: Progress = no_progress,
) -> Results:
    """Read, validate, score and rank returned files.

    Raises:
        InputError, RosterError: a path is not there, or the roster can't be used.
    """
    intake = _take_in(paths, model, roster, leave_out, workers, progress)
    table = pd.DataFrame(
        [[getattr(entry, key) for key in IDENTITY] for entry in intake.institutions],
        columns=list(IDENTITY),
        dtype="object",
    )
    judged = answers.judge(intake.cells, model, dict(zip(table["id"], table["category"], strict=True)))
    return Results(
        assessment=assess(judged, table, model),
        findings=in_order((*intake.findings, *checks.check(judged, model))),
        files=intake.files,
        has_roster=roster is not None,
        options={"model": f"{model.id}@{model.edition}", "lang": lang},
    )


def score(
    paths: Sequence[Path],
    out: Path,
    model: Model,
    *,
    roster: Path | None = None,
    workers: int | None = None,
    lang: Lang = "zh",
    progress: Progress = no_progress,
) -> Results:
    """Do the main job: evaluate returned files and write the results folder.

    Raises:
        InputError, RosterError: a path is not there, or the roster can't be used.
        OutputError: the folder can't be written, or holds something else than earlier results.
    """
    _check_apart(out, [*paths, *([roster] if roster else [])])
    check_free(out)
    results = evaluate(paths, model, roster=roster, leave_out=(out,), workers=workers, lang=lang, progress=progress)
    with replaced(out) as folder:
        write_results(folder, results, lang, workers_for(workers, len(results.files)), progress)
    return results


def _check_apart(out: Path, inputs: Sequence[Path]) -> None:
    """Make sure that no input lies where the results will be."""
    for path in inputs:
        if path.exists() and path.resolve().is_relative_to(out.resolve()):
            raise OutputError("input_inside_output", path=out, input=path)


def write_results(
    folder: Path, results: Results, lang: Lang, workers: int = 1, progress: Progress = no_progress
) -> None:
    """Write all result files into an empty folder."""
    table = results.assessment.institutions
    links = [f"institutions/{stem}.xlsx" for stem in file_stems(table["id"].tolist(), table["name"].tolist())]
    (folder / "institutions").mkdir()
    rows = list(range(len(table)))
    context = context_of(results)
    if workers == 1:
        for row in rows:
            write_institution(folder / links[row], results, row, lang, context)
            progress("reports", row + 1, len(rows))
    else:
        done = 0
        write = partial(_write_reports, folder, links, lang)
        for count in _spread(write, rows, workers, partial(_keep, results, context)):
            done += count
            progress("reports", done, len(rows))
    write_ranking(folder / "ranking.xlsx", results, lang, links, context)
    write_regulator(folder / "regulator.xlsx", results, lang)
    write_database(folder / "results.db", results, lang)
    write_manifest(folder, results)


def _take_in(
    paths: Sequence[Path],
    model: Model,
    roster: Path | None,
    leave_out: Sequence[Path],
    workers: int | None,
    progress: Progress,
) -> Intake:
    entries: Sequence[Institution] | None = read_roster(roster, model) if roster else None
    found = sources.find(paths, [*leave_out, *([roster] if roster else [])])
    intake = take_in(read_all(found, workers_for(workers, len(found)), progress), entries, model)
    if roster is None:
        return intake
    facts = {"path": roster.name, "sha256": file_hash(roster), "size": roster.stat().st_size}
    listed = {**dict.fromkeys(FILE_COLUMNS, ""), **facts, "role": "roster", "status": "counted"}
    files = pd.concat([intake.files, pd.DataFrame([listed])], ignore_index=True)
    return replace(intake, files=files.sort_values("path", kind="stable", ignore_index=True))


_kept: list[tuple[Results, Context]] = []
"""What a worker process writes reports from, sent to it once."""


def _keep(results: Results, context: Context) -> None:
    _kept.append((results, context))


def _write_reports(folder: Path, links: Sequence[str], lang: Lang, rows: Sequence[int]) -> int:
    results, context = _kept[0]
    for row in rows:
        write_institution(folder / links[row], results, row, lang, context)
    return len(rows)


def _spread(
    work: Callable[[Sequence[T]], R], items: Sequence[T], workers: int, initializer: Callable[[], None] | None = None
) -> Iterator[R]:
    """Do work on batches of items in worker processes; gives the results in order.

    An interruption (Ctrl-C) reaches this process only: the workers ignore it and are ended from here.
    """
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=initializer) as pool:
        with _interruptions_ignored():  # the workers, started here, inherit it
            results = pool.map(work, _batches(items))
        try:
            yield from results
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


@contextmanager
def _interruptions_ignored() -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _batches(items: Sequence[T]) -> Iterator[Sequence[T]]:
    return (items[start : start + BATCH] for start in range(0, len(items), BATCH))


def write_templates(
    out: Path,
    model: Model,
    lang: Lang,
    *,
    domains: Sequence[str] = (),
    deadline: str = "",
    contact: str = "",
    force: bool = False,
) -> tuple[Path, ...]:
    """Write a blank questionnaire for each domain, or for those named.

    Raises:
        InputError: a name is no domain's.
        OutputError: the folder can't be written, or holds other files of these names and `force` is not set.
    """
    wanted = [_domain(model, name) for name in domains] or list(model.domains)
    forms = {
        layout.file_name(model.domains.index(domain) + 1, domain, lang): _form(
            model, domain, lang, deadline=deadline, contact=contact
        )
        for domain in wanted
    }
    if out.exists() and not out.is_dir():
        raise OutputError("is_a_file", path=out)
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name, content in forms.items():
            if not force and (out / name).exists() and (out / name).read_bytes() != content:
                raise OutputError("would_overwrite", path=out / name)
        for name, content in forms.items():
            (out / name).write_bytes(content)
    except OSError as error:
        raise OutputError("not_writable", path=out, why=error.strerror or type(error).__name__) from error
    return tuple(out / name for name in forms)


def _domain(model: Model, name: str) -> Domain:
    found = model.domain_named(name)
    if found is None:
        raise InputError("no_such_domain", name=name, known=", ".join(domain.code for domain in model.domains))
    return found


def _form(model: Model, domain: Domain, lang: Lang, *, deadline: str, contact: str) -> bytes:
    stream = BytesIO()
    write_form(stream, model, domain, lang, deadline=deadline, contact=contact)
    return stream.getvalue()
