"""The command that tries another model on earlier results: `whatif`."""

from __future__ import annotations

from pathlib import Path

import click

from evaluator import wording
from evaluator.cli.options import MODEL_NAME, PATH, format_option, lang_option, quiet_option
from evaluator.cli.printing import print_json, warn_unless_sealed
from evaluator.cli.texts import LANG
from evaluator.cli.usage import Command
from evaluator.wording import Lang
from evaluator.wording.printing import printable


@click.command(cls=Command, help=wording.say("whatif.cli.help", LANG))
@click.argument("results", type=PATH)
@click.option("--model", type=MODEL_NAME, required=True, help=wording.say("whatif.cli.model", LANG))
@click.option("--out", type=PATH, required=True, help=wording.say("whatif.cli.out", LANG))
@format_option
@lang_option
@quiet_option
def whatif(results: Path, model: str, out: Path, form: str, lang: Lang, quiet: bool) -> None:
    """Try another model on recorded answers."""
    from evaluator.assessment.rejudging import written
    from evaluator.assessment.trial import try_model
    from evaluator.model.files import load_model
    from evaluator.reports.folder import check_outside
    from evaluator.reports.own_workbook import check_own
    from evaluator.reports.recorded import open_results
    from evaluator.reports.whatif import summary as whatif_summary
    from evaluator.reports.whatif.workbook import TITLE, write_whatif

    record = open_results(results)
    warn_unless_sealed(record)
    check_outside(record.folder, out)
    check_own(out, TITLE)
    wrote = written(record.assessment, *record.shown(), record.decided)
    trial = try_model(record.assessment, wrote, load_model(model))
    write_whatif(out, trial, lang)
    if form == "json":
        print_json(whatif_summary.as_json(trial))
    elif not quiet:
        for line in whatif_summary.summary(trial, LANG):
            click.echo(printable(line))
        click.echo(wording.say("whatif.terminal.written", LANG, path=out))
