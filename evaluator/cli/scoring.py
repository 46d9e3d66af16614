"""The commands about forms and returns: `templates`, `check`, `score`, `sample`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from evaluator.cli.options import (
    MODEL,
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
from evaluator.cli.usage import Command
from evaluator.wording import LANGS, Lang


@click.command(cls=Command, help=say("help.templates"))
@click.option("--out", type=PATH, required=True, help=say("option.out"))
@model_option
@lang_option
@click.option("--domain", "domains", multiple=True, help=say("option.domain"))
@click.option("--roster", type=PATH, help=say("option.template_roster"))
@click.option("--deadline", default="", help=say("option.deadline"))
@click.option("--contact", default="", help=say("option.contact"))
@click.option("--force", is_flag=True, help=say("option.force"))
@quiet_option
def templates(
    out: Path, model: str, lang: Lang, domains: Sequence[str], roster: Path | None, deadline: str, contact: str,
    force: bool, quiet: bool,
) -> None:  # fmt: skip
    """Write questionnaires, blank or filled in beforehand for each institution."""
    from evaluator import pipeline
    from evaluator.model.files import load_model

    loaded = load_model(model)
    if roster is None:
        paths = pipeline.write_templates(
            out, loaded, lang, domains=domains, deadline=deadline, contact=contact, force=force
        )
        said = say("done.templates", count=len(paths), out=out)
    else:
        if domains:
            raise click.UsageError(say("roster_or_domain"))
        with progress_bar(quiet) as progress:
            paths = pipeline.write_packages(
                out, loaded, lang, roster, deadline=deadline, contact=contact, force=force, progress=progress
            )
        institutions = len({path.parent for path in paths})
        said = say("done.packages", count=len(paths), institutions=institutions, out=out)
    if not quiet:
        click.echo(said)


@click.command(cls=Command, help=say("help.check"))
@click.argument("paths", nargs=-1, required=True, type=PLACES)
@click.option("--roster", type=PATH, help=say("option.roster"))
@click.option("--corrections", type=PATH, help=say("option.corrections"))
@format_option
@model_option
@setup_options
@quiet_option
def check(
    paths: Sequence[Path | str],
    roster: Path | None,
    corrections: Path | None,
    form: str,
    model: str,
    quiet: bool,
    **setup: Any,  # noqa: ANN401
) -> None:
    """Validate returned questionnaires."""
    from evaluator import pipeline
    from evaluator.model.files import load_model

    folder = round_among(paths, roster, model)
    given = setup_of(**setup)
    written: Sequence[Path] = ()
    with progress_bar(quiet) as progress:
        if folder is not None and corrections is not None:
            made = pipeline.write_round_corrections(folder, corrections, setup=given, progress=progress)
            found, written = made.checked, made.written
        elif folder is not None:
            found = pipeline.check_round(folder, setup=given, progress=progress)
        elif corrections is not None:
            made = pipeline.write_corrections(
                corrections, paths, load_model(model), roster=roster, setup=given, progress=progress
            )
            found, written = made.checked, made.written
        else:
            found = pipeline.check(paths, load_model(model), roster=roster, setup=given, progress=progress)
    if form == "json":
        print_json({"files": found.files.to_dict("records"), "findings": [finding_json(f) for f in found.findings]})
    else:
        for finding in found.findings:
            click.echo(finding_line(finding))
        if not quiet:
            click.echo(say("done.checked", files=len(found.files), institutions=found.institutions))
            click.echo(findings_summary(found.findings))
            if corrections is not None:
                click.echo(say("done.corrections", count=len(written), out=corrections))
    sys.exit(exit_code(found.findings))


@click.command(cls=Command, help=say("help.score"))
@click.argument("paths", nargs=-1, required=True, type=PLACES)
@click.option("--out", type=PATH, required=True, help=say("option.out"))
@click.option("--roster", type=PATH, help=say("option.roster"))
@model_option
@click.option("--lang", type=click.Choice(LANGS), help=say("option.lang"))
@setup_options
@quiet_option
def score(
    paths: Sequence[Path | str],
    out: Path,
    roster: Path | None,
    model: str,
    lang: Lang | None,
    quiet: bool,
    **setup: Any,  # noqa: ANN401
) -> None:
    """Do the main job."""
    from evaluator import pipeline
    from evaluator.model.files import files_of, hashes_of, load_model

    folder = round_among(paths, roster, model)
    given = setup_of(**setup)
    with progress_bar(quiet) as progress:
        if folder is not None:
            results = pipeline.score_round(folder, out, lang=lang, setup=given, progress=progress)
        else:
            results = pipeline.score(
                paths, out, load_model(model), roster=roster, model_files=hashes_of(files_of(model)), lang=lang or "zh",
                setup=given, progress=progress,
            )  # fmt: skip
    if not quiet:
        print_summary(results, out)
    sys.exit(exit_code(results.findings))


def round_among(paths: Sequence[Path | str], roster: Path | None, model: str) -> Path | None:
    """Give the round's folder, where that is what was given.

    Raises:
        UsageError: it was given with other paths, a roster or a model, which a round has of its own.
    """
    from evaluator.rounds.folder import is_round

    found = next((path for path in paths if isinstance(path, Path) and is_round(path)), None)
    if found is not None and (len(paths) > 1 or roster is not None or model != MODEL):
        raise click.UsageError(say("round_alone"))
    return found


@click.command(cls=Command, help=say("help.sample"))
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
