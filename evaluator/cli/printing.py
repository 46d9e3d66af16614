"""What commands print: findings, summaries, JSON, progress.

Owns: the form of what is printed, and the exit code that findings give. Everything from outside is printed escaped.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from evaluator.cli.texts import LANG, say
from evaluator.wording import LANGS
from evaluator.wording.printing import printable

if TYPE_CHECKING:
    from evaluator.findings import Finding
    from evaluator.reports.record import Results
    from evaluator.reports.recorded import Recorded

DONE, WITH_ERRORS, OPERATORS_MISTAKE = 0, 1, 2
"""Exit codes."""
_WIDEST = 44
"""Places that a column of a table takes at most on a terminal."""


def listed(parts: Iterable[str]) -> str:
    """Join words as the terminal's language does."""
    return ("，" if LANG == "zh" else ", ").join(parts)


def print_json(content: object) -> None:
    """Print a value as JSON."""
    import json

    click.echo(printable(json.dumps(content, ensure_ascii=False, indent=1), keep="\n"))


def warn_unless_sealed(recorded: Recorded) -> None:
    """Say, where it is so, that nothing vouches for the results that are read."""
    from evaluator.reports.phrases import unvouched

    if words := unvouched(recorded.vouched, LANG):
        click.echo(printable(words), err=True)


def finding_json(finding: Finding) -> dict[str, object]:
    """Give a finding as plain data, its message in both languages."""
    keys = ("code", "severity", "institution", "domain", "file", "sheet", "cell", "requirement")
    found: dict[str, object] = {key: getattr(finding, key) for key in keys}
    return {**found, "message": {lang: finding.message(lang) for lang in LANGS}}


def finding_line(finding: Finding) -> str:
    """Give a finding as two lines: what and where, and its message."""
    place = "!".join(part for part in (finding.sheet, finding.cell) if part)
    where = "  ".join(part for part in (finding.institution, finding.file, place) if part)
    said = printable(finding.message(LANG))
    return f"{say(f'severity.{finding.severity}')}  {finding.code}  {printable(where)}\n    {said}"


def findings_summary(findings: Sequence[Finding]) -> str:
    """Count findings by severity, in a line."""
    severities = [finding.severity for finding in findings]
    return say("done.findings", **{name: severities.count(name) for name in ("error", "warning", "info")})


def exit_code(findings: Sequence[Finding]) -> int:
    """Give the exit code: whether there is an error among the findings."""
    return WITH_ERRORS if any(finding.severity == "error" for finding in findings) else DONE


def print_summary(results: Results, out: Path) -> None:
    """Print what a run found, in a few lines."""
    returned = results.files[results.files["role"].ne("roster")]
    statuses = returned["status"].value_counts()
    parts = listed(say(f"status.{name}", count=int(count)) for name, count in statuses.items())
    click.echo(say("done.files", total=len(returned), parts=parts))
    rated, total = results.assessment.rated, len(results.assessment.institutions)
    click.echo(say("done.institutions", total=total, rated=len(rated), not_rated=total - len(rated)))
    if len(rated):
        stars = [int(star) for star in rated["star"]]
        shown = listed(
            f"{'★' * star or say('done.no_star')} {stars.count(star)}" for star in sorted(set(stars), reverse=True)
        )
        click.echo(say("done.stars", parts=shown))
    click.echo(findings_summary(results.findings))
    click.echo(say("done.results", path=out / "ranking.xlsx"))


def print_table(rows: Iterable[Sequence[str]]) -> None:
    """Print rows in columns, the first row being the header; wide characters take two places.

    Long texts are cut on a terminal; in a file, or handed on to another program, they stay whole.
    """
    from rich.cells import cell_len, set_cell_size

    widest = _WIDEST if sys.stdout.isatty() else sys.maxsize

    def shown(cell: str) -> str:
        said = printable(cell)
        return said if cell_len(said) <= widest else set_cell_size(said, _WIDEST - 1).rstrip() + "…"

    listed = [[shown(cell) for cell in row] for row in rows]
    if len(listed) < 2:
        return
    widths = [max(map(cell_len, column)) for column in zip(*listed, strict=True)]
    for row in listed:
        padded = (cell + " " * (width - cell_len(cell)) for cell, width in zip(row, widths, strict=True))
        click.echo("  ".join(padded).rstrip())


@contextmanager
def progress_bar(quiet: bool) -> Iterator[Callable[[str, int, int], None]]:
    """Show progress on stderr, on a terminal only."""
    if quiet or not sys.stderr.isatty():
        yield lambda step, done, total: None
        return
    from rich.console import Console
    from rich.progress import Progress, TaskID

    tasks: dict[str, TaskID] = {}
    with Progress(console=Console(stderr=True), transient=True) as bar:

        def tell(step: str, done: int, total: int) -> None:
            if step not in tasks:
                tasks[step] = bar.add_task(say(f"progress.{step}"), total=total)
            bar.update(tasks[step], completed=done)

        yield tell
