"""Writing a run's results into a folder.

Owns: which files there are, in which order, and spreading the institutions' reports over workers. Workers get one
institution's rows at a time and, once, what all reports share.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from evaluator.naming import file_stems
from evaluator.pipeline.progress import Progress, no_progress
from evaluator.pipeline.setup import InProcess
from evaluator.reports.batch import Common, write_reports
from evaluator.reports.context import context_of
from evaluator.reports.database import write_database
from evaluator.reports.manifest import write_manifest
from evaluator.reports.ranking import write_ranking
from evaluator.reports.record import Results
from evaluator.reports.regulator import write_regulator
from evaluator.reports.subject import Extracts
from evaluator.wording import Lang
from evaluator.workers import Pool, spread, with_shared


def write_results(
    folder: Path,
    results: Results,
    lang: Lang,
    pool: Pool | None = None,
    progress: Progress = no_progress,
    *,
    sent: bool = False,
) -> None:
    """Write all result files into an empty folder.

    Args:
        folder: where to.
        results: the run's results.
        lang: language of the texts.
        pool: who writes the institutions' reports; `None`: this process.
        progress: told how far it is.
        sent: whether the pool's workers can't see the folder and send the reports instead.
    """
    table = results.assessment.institutions
    links = [f"institutions/{stem}.xlsx" for stem in file_stems(table["id"].tolist(), table["name"].tolist())]
    (folder / "institutions").mkdir()
    context = context_of(results)
    common = Common(context=context, lang=lang, folder=None if sent else folder)
    pool = pool or InProcess()
    done = 0
    for reports in spread(
        pool or InProcess(), with_shared(write_reports, common), zip(links, Extracts(results), strict=True)
    ):
        _keep(folder, reports)
        done += len(reports)
        progress("reports", done, len(links))
    pool.rest()
    write_ranking(folder / "ranking.xlsx", results, lang, links, context)
    write_regulator(folder / "regulator.xlsx", results, lang)
    write_database(folder / "results.db", results, lang)
    write_manifest(folder, results)


def _keep(folder: Path, reports: Iterable[tuple[str, bytes]]) -> None:
    for link, report in reports:
        if report:
            (folder / link).write_bytes(report)
