"""The command `analyse`: what a round's answers say about the questionnaire itself."""

from __future__ import annotations

from pathlib import Path

import click

from evaluator import wording
from evaluator.cli.options import PATH, format_option, lang_option, quiet_option
from evaluator.cli.printing import print_json, warn_unless_sealed
from evaluator.cli.texts import LANG
from evaluator.cli.usage import Command
from evaluator.wording import Lang
from evaluator.wording.printing import printable


@click.command(cls=Command, help=wording.say("analysis.cli.help", LANG))
@click.argument("results", type=PATH)
@click.option("--out", type=PATH, help=wording.say("analysis.cli.out", LANG))
@format_option
@lang_option
@quiet_option
def analyse(results: Path, out: Path | None, form: str, lang: Lang, quiet: bool) -> None:
    """Analyse the questionnaire by a run's results."""
    from evaluator.assessment.itemanalysis import analyse as analysed
    from evaluator.errors import InputError
    from evaluator.reports.analysis.words import as_json, lines
    from evaluator.reports.analysis.workbook import TITLE, write_analysis
    from evaluator.reports.folder import check_outside
    from evaluator.reports.own_workbook import check_own
    from evaluator.reports.recorded import open_results

    recorded = open_results(results)
    warn_unless_sealed(recorded)
    if out is not None:
        check_outside(recorded.folder, out)
        check_own(out, TITLE)
    found = analysed(recorded.assessment)
    if not found.rated:
        raise InputError("nothing_to_analyse", path=results)
    if out is not None:
        write_analysis(out, found, lang)
    if form == "json":
        print_json(as_json(found))
    elif not quiet:
        for line in lines(found, LANG):
            click.echo(printable(line))
        if out is not None:
            click.echo(wording.say("analysis.cli.done", LANG, path=out))
