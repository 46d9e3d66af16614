"""The commands about forms and returns: `templates`, `check`, `score`, `sample`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from evaluator.cli.options import (
    PATH,
    PLACES,
    WORKERS,
    format_option,
    lang_option,
    model_option,
    quiet_option,
    setup_of,
    setup_options,
)
from evaluator.cli.printing import (
    exit_code,
    finding_json,
    finding_line,
    findings_summary,
    print_json,
    print_summary,
    progress_bar,
)
from evaluator.cli.texts import say
from evaluator.wording import Lang


@click.command(help=say("help.templates"))
@click.option("--out", type=PATH, required=True, help=say("option.out"))
@model_option
@lang_option
@click.option("--domain", "domains", multiple=True, help=say("option.domain"))
@click.option("--deadline", default="", help=say("option.deadline"))
@click.option("--contact", default="", help=say("option.contact"))
@click.option("--force", is_flag=True, help=say("option.force"))
@quiet_option
def templates(
    out: Path, model: str, lang: Lang, domains: Sequence[str], deadline: str, contact: str, force: bool, quiet: bool
) -> None:
    """Write blank questionnaires."""
    from evaluator import pipeline
    from evaluator.model.files import load_model

    paths = pipeline.write_templates(
        out, load_model(model), lang, domains=domains, deadline=deadline, contact=contact, force=force
    )
    if not quiet:
        click.echo(say("done.templates", count=len(paths), out=out))


@click.command(help=say("help.check"))
@click.argument("paths", nargs=-1, required=True, type=PLACES)
@click.option("--roster", type=PATH, help=say("option.roster"))
@format_option
@model_option
@setup_options
@quiet_option
def check(
    paths: Sequence[Path | str],
    roster: Path | None,
    form: str,
    model: str,
    quiet: bool,
    **setup: Any,  # noqa: ANN401
) -> None:
    """Validate returned questionnaires."""
    from evaluator import pipeline
    from evaluator.model.files import load_model

    with progress_bar(quiet) as progress:
        found = pipeline.check(paths, load_model(model), roster=roster, setup=setup_of(**setup), progress=progress)
    if form == "json":
        print_json({"files": found.files.to_dict("records"), "findings": [finding_json(f) for f in found.findings]})
    else:
        for finding in found.findings:
            click.echo(finding_line(finding))
        if not quiet:
            click.echo(say("done.checked", files=len(found.files), institutions=found.institutions))
            click.echo(findings_summary(found.findings))
    sys.exit(exit_code(found.findings))


@click.command(help=say("help.score"))
@click.argument("paths", nargs=-1, required=True, type=PLACES)
@click.option("--out", type=PATH, required=True, help=say("option.out"))
@click.option("--roster", type=PATH, help=say("option.roster"))
@model_option
@lang_option
@setup_options
@quiet_option
def score(
    paths: Sequence[Path | str],
    out: Path,
    roster: Path | None,
    model: str,
    lang: Lang,
    quiet: bool,
    **setup: Any,  # noqa: ANN401
) -> None:
    """Do the main job."""
    from evaluator import pipeline
    from evaluator.model.files import load_model

    with progress_bar(quiet) as progress:
        results = pipeline.score(
            paths, out, load_model(model), roster=roster, lang=lang, setup=setup_of(**setup), progress=progress
        )
    if not quiet:
        print_summary(results, out)
    sys.exit(exit_code(results.findings))


@click.command(help=say("help.sample"))
@click.option("--out", type=PATH, required=True, help=say("option.out"))
@click.option(
    "--institutions", type=click.IntRange(min=1, max=100_000), default=20, show_default=True,
    help=say("option.institutions"),
)  # fmt: skip
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True, help=say("option.seed"))
@click.option("--faults", is_flag=True, help=say("option.faults"))
@model_option
@lang_option
@click.option("--workers", type=WORKERS, help=say("option.workers"))
@quiet_option
def sample(
    out: Path, institutions: int, seed: int, faults: bool, model: str, lang: Lang, workers: int | None, quiet: bool
) -> None:
    """Make a synthetic round."""
    from evaluator.model.files import load_model
    from evaluator.pipeline import workers_for
    from evaluator.synthesis.round import make_round

    loaded = load_model(model)
    processes = workers_for(workers, institutions * len(loaded.domains))
    with progress_bar(quiet) as progress:
        made = make_round(
            out, loaded, lang, institutions=institutions, seed=seed, faults=faults, workers=processes, progress=progress
        )
    if not quiet:
        click.echo(say("done.sample", institutions=made.institutions, files=made.files, planted=made.planted, out=out))
