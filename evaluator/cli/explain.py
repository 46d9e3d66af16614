"""The command `explain`: how a result came about."""

from __future__ import annotations

from pathlib import Path

import click

from evaluator.cli.options import PATH, format_option
from evaluator.cli.printing import print_json, warn_unless_sealed
from evaluator.cli.texts import LANG, say
from evaluator.cli.usage import Command


@click.command(cls=Command, help=say("help.explain"))
@click.argument("results", type=PATH)
@click.argument("institution")
@click.argument("code", required=False)
@format_option
def explain(results: Path, institution: str, code: str | None, form: str) -> None:
    """Say how an institution's result, or a part of it, came about."""
    from evaluator.reports.explaining.as_json import as_json
    from evaluator.reports.explaining.as_text import explanation
    from evaluator.reports.explaining.explained import explain as explained
    from evaluator.reports.recorded import open_results

    recorded = open_results(results)
    found = explained(recorded, institution, code)
    warn_unless_sealed(recorded)
    if form == "json":
        print_json(as_json(found))
    else:
        click.echo("\n".join(explanation(found, LANG)))
