"""The commands about models: `model lint`, `model show`."""

from __future__ import annotations

import sys

import click

from evaluator import wording
from evaluator.cli.options import MODEL_NAME, format_option, model_option, quiet_option
from evaluator.cli.printing import DONE, WITH_ERRORS, print_json
from evaluator.cli.texts import LANG, say
from evaluator.cli.usage import Group


@click.group(cls=Group, name="model", help=say("help.model"))
def model_group() -> None:
    """Group of the commands about models."""


@model_group.command(help=say("help.lint"))
@click.argument("name", required=False, type=MODEL_NAME)
@model_option
@quiet_option
def lint(name: str | None, model: str, quiet: bool) -> None:
    """List all faults of a model."""
    from evaluator.model.files import inspect_model

    loaded, faults = inspect_model(name or model)
    for fault in faults:
        click.echo(fault.message(LANG))
    if loaded is None:
        summary = _model_say("faults", count=len(faults))
    elif faults:
        summary = _model_say("warnings", count=len(faults))
    else:
        summary = _model_say("no_faults", id=loaded.id, edition=loaded.edition)
    if not quiet:
        click.echo(summary)
    sys.exit(WITH_ERRORS if loaded is None else DONE)


@model_group.command(help=say("help.show"))
@click.argument("name", required=False, type=MODEL_NAME)
@model_option
@format_option
def show(name: str | None, model: str, form: str) -> None:
    """Print a model."""
    from evaluator.model.files import load_model
    from evaluator.model.overview import overview

    loaded = load_model(name or model)
    if form == "json":
        print_json(loaded.as_json())
    else:
        click.echo(overview(loaded, LANG))


def _model_say(key: str, **params: object) -> str:
    return wording.say(f"model.show.{key}", LANG, **params)
