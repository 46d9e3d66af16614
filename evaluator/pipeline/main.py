"""The main job, from paths to a results folder, and its first half alone.

Owns: the order of the steps. What a run works with (`Setup`) changes how fast it is, never what comes out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from evaluator.assessment.results import IDENTITY, assess
from evaluator.assessment.robustness import robustness
from evaluator.errors import OutputError
from evaluator.findings import Finding, in_order
from evaluator.intake.reading import How, ReadFile, file_hash
from evaluator.intake.roster import read_roster
from evaluator.intake.round import FILE_COLUMNS
from evaluator.intake.sources import Source
from evaluator.intake.store import Store
from evaluator.intake.terms import Terms
from evaluator.limits import Limits, differing
from evaluator.model.files import FileHash
from evaluator.model.records import Model
from evaluator.pipeline.judging import Judged, asked_of, judge_all
from evaluator.pipeline.progress import Progress, no_progress
from evaluator.pipeline.reporting import write_results
from evaluator.pipeline.setup import Setup, cluster_of, hands
from evaluator.pipeline.taking import read_all
from evaluator.reports.folder import check_free, replaced
from evaluator.reports.record import Results
from evaluator.wording import Lang
from evaluator.workers import Pool

__all__ = ["Checked", "check", "evaluate", "score", "write_results"]
_SETUP = Setup()
Then = Callable[[Judged, Sequence[ReadFile], Callable[[ReadFile], bytes]], None]
"""Does something with what was judged, the files that were read, and what gives each one's packed form."""


@dataclass(frozen=True, kw_only=True)
class Checked:
    """What a check of returned files found."""

    files: pd.DataFrame
    """As `Results.files`."""
    findings: tuple[Finding, ...]
    institutions: int
    """How many institutions the files belong to."""


def check(
    paths: Sequence[Path | str | Source],
    model: Model,
    *,
    roster: Path | None = None,
    terms: Terms | None = None,
    setup: Setup = _SETUP,
    progress: Progress = no_progress,
    then: Then | None = None,
) -> Checked:
    """Validate returned files without scoring them.

    Without a roster nothing is said about domains that did not come: a single file may be checked. `then` may do more
    with what was read and judged, while the forms are at hand.

    Raises:
        InputError, RosterError: a path is not there, or the roster can't be used.
        WorkersError: worker processes can't be started.
    """
    with ExitStack() as stack:
        judged, _ = _judged(stack, paths, model, roster, (), terms, setup, progress, then)
        files = judged.files if roster is None else _with_roster(judged.files, roster)
    findings = judged.findings
    if roster is None:
        findings = tuple(f for f in findings if f.code != "return.missing_domain")
    owners = judged.files.loc[judged.files["institution"].ne(""), "institution"]
    return Checked(files=files, findings=in_order(findings), institutions=owners.nunique())


def evaluate(
    paths: Sequence[Path | str | Source],
    model: Model,
    *,
    roster: Path | None = None,
    terms: Terms | None = None,
    setup: Setup = _SETUP,
    lang: Lang = "zh",
    progress: Progress = no_progress,
) -> Results:
    """Read, validate, score and rank returned files.

    Raises:
        InputError, RosterError: a path is not there, or the roster can't be used.
        WorkersError: worker processes can't be started.
    """
    with ExitStack() as stack:
        judged, _ = _judged(stack, paths, model, roster, (), terms, setup, progress)
        return _results(judged, model, roster, terms, lang, setup.limits)


def score(
    paths: Sequence[Path | str | Source],
    out: Path,
    model: Model,
    *,
    roster: Path | None = None,
    terms: Terms | None = None,
    model_files: Sequence[FileHash] = (),
    setup: Setup = _SETUP,
    lang: Lang = "zh",
    progress: Progress = no_progress,
) -> Results:
    """Do the main job: evaluate returned files and write the results folder.

    The hashes of the files that the model was read from, where they are given, go into the seal.

    Raises:
        InputError, RosterError: a path is not there, or the roster can't be used.
        OutputError: the folder can't be written, or holds something else than earlier results.
        WorkersError: worker processes can't be started.
    """
    _check_apart(out, [*paths, *([roster] if roster else [])])
    check_free(out)
    with ExitStack() as stack:
        judged, pool = _judged(stack, paths, model, roster, (out,), terms, setup, progress)
        results = _results(judged, model, roster, terms, lang, setup.limits)
        results = replace(results, model_files=tuple(model_files))
        del judged  # a large round needs the room
        with replaced(out) as folder:
            try:
                write_results(folder, results, lang, pool, progress, sent=bool(setup.cluster))
            finally:
                pool.rest()  # before the folder goes: a worker may still be writing into it
    return results


def _check_apart(out: Path, inputs: Sequence[Path | str | Source]) -> None:
    """Make sure that no input lies where the results will be."""
    for path in inputs:
        if isinstance(path, Path) and path.exists() and path.resolve().is_relative_to(out.resolve()):
            raise OutputError("input_inside_output", path=out, input=path)


def _judged(
    stack: ExitStack,
    paths: Sequence[Path | str | Source],
    model: Model,
    roster: Path | None,
    leave_out: Sequence[Path],
    terms: Terms | None,
    setup: Setup,
    progress: Progress,
    then: Then | None = None,
) -> tuple[Judged, Pool]:
    """Read and judge everything under the paths; gives also the workers for what follows, there until `stack` ends."""
    entries = read_roster(roster, model) if roster else None
    how = How(asked=asked_of(model), limits=setup.limits)
    cluster = stack.enter_context(cluster_of(setup))
    with Store(how, setup.cache) as store:
        apart = [*leave_out, *([roster] if roster else [])]
        read = read_all(paths, apart, how, store, setup, progress, cluster.careful if cluster else None)
        pool = stack.enter_context(hands(setup, cluster, len(read)))
        judged = judge_all(read, entries, model, terms, store, pool, progress)
        if then:
            then(judged, read, store.content)
    pool.rest()
    return judged, pool


def _results(
    judged: Judged, model: Model, roster: Path | None, terms: Terms | None, lang: Lang, limits: Limits
) -> Results:
    table = pd.DataFrame(
        [[getattr(entry, key) for key in IDENTITY] for entry in judged.institutions],
        columns=list(IDENTITY),
        dtype="object",
    )
    found = assess(judged.answers, table, model)
    return Results(
        assessment=found,
        findings=in_order(judged.findings),
        files=judged.files if roster is None else _with_roster(judged.files, roster),
        texts=judged.texts,
        has_roster=roster is not None,
        options={
            "model": f"{model.id}@{model.edition}",
            "lang": lang,
            **_options(terms),
            **_drawing(model),
            **_limits(limits),
        },
        ruled=judged.ruled,
        decisions=terms.decisions if terms else None,
        robustness=robustness(found),
    )


def _options(terms: Terms | None) -> dict[str, str]:
    if terms is None:
        return {}
    offset = f"{terms.utc_offset:g}"
    return {"round": terms.round, "closes": terms.closes, "late": terms.late, "utc_offset": offset}


def _limits(most: Limits) -> dict[str, str]:
    """Say which limits were set: what goes beyond them was not read."""
    return {"limits": named} if (named := differing(most)) else {}


def _drawing(model: Model) -> dict[str, str]:
    drawn = model.rules.robustness
    return {"draws": str(drawn.draws), "spread": str(drawn.spread), "seed": str(drawn.seed)}


def _with_roster(files: pd.DataFrame, roster: Path) -> pd.DataFrame:
    facts = {"path": roster.name, "sha256": file_hash(roster), "size": roster.stat().st_size}
    listed = {**dict.fromkeys(FILE_COLUMNS, ""), **facts, "role": "roster", "status": "counted"}
    more = pd.concat([files, pd.DataFrame([listed])], ignore_index=True)
    return more.sort_values("path", kind="stable", ignore_index=True)
