"""The command that proves results: `verify`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from evaluator import wording
from evaluator.cli.options import MODEL_NAME, PATH, PLACES, format_option, quiet_option, setup_of, setup_options
from evaluator.cli.printing import DONE, WITH_ERRORS, print_json, progress_bar
from evaluator.cli.texts import LANG
from evaluator.cli.usage import Command


@click.command(cls=Command, help=wording.say("verify.help", LANG))
@click.argument("results", type=PATH)
@click.argument("paths", nargs=-1, required=True, type=PLACES, metavar="PATH...")
@click.option("--roster", type=PATH, help=wording.say("verify.option_roster", LANG))
@click.option("--model", type=MODEL_NAME, help=wording.say("verify.option_model", LANG))
@format_option
@setup_options
@quiet_option
def verify(
    results: Path,
    paths: Sequence[Path | str],
    roster: Path | None,
    model: str | None,
    form: str,
    quiet: bool,
    **setup: Any,  # noqa: ANN401
) -> None:
    """Say whether results are what their inputs give."""
    from evaluator import pipeline
    from evaluator.cli.verdicts import verdict_json, verdict_lines
    from evaluator.rounds.folder import is_round

    has_round = any(isinstance(path, Path) and is_round(path) for path in paths)
    if has_round and (len(paths) > 1 or roster is not None or model is not None):
        raise click.UsageError(wording.say("verify.round_alone", LANG))
    with progress_bar(quiet) as progress:
        verdict = pipeline.verify(
            results, paths, roster=roster, model=model, setup=setup_of(**setup), progress=progress
        )
    if form == "json":
        print_json(verdict_json(verdict))
    else:
        for line in list(verdict_lines(verdict))[: 1 if quiet else None]:
            click.echo(line)
    sys.exit(DONE if verdict.proved else WITH_ERRORS)
