"""The command about verification on site: `audit-sample`."""

from __future__ import annotations

from pathlib import Path

import click

from evaluator import wording
from evaluator.cli.options import PATH, format_option, lang_option, quiet_option
from evaluator.cli.printing import print_json, print_table, warn_unless_sealed
from evaluator.cli.texts import LANG
from evaluator.cli.usage import Command
from evaluator.wording import Lang
from evaluator.wording.printing import printable


def _seed(context: click.Context, option: click.Parameter, value: str) -> str:
    """Take the seed as it is; one that people would not read as it counts is refused."""
    meant = " ".join(value.split())
    if not meant or not meant.isprintable():
        raise click.BadParameter(wording.say("audit.command.no_seed", LANG), context, option)
    if meant != value:
        raise click.BadParameter(wording.say("audit.command.blanks", LANG, meant=meant), context, option)
    return value


@click.command(cls=Command, name="audit-sample", help=wording.say("audit.command.help", LANG))
@click.argument("results", type=PATH)
@click.option("--size", type=click.IntRange(min=1), required=True, help=wording.say("audit.command.size", LANG))
@click.option("--seed", callback=_seed, required=True, help=wording.say("audit.command.seed", LANG))
@click.option("--out", type=PATH, help=wording.say("audit.command.out", LANG))
@click.option("--force", is_flag=True, help=wording.say("audit.command.force", LANG))
@format_option
@lang_option
@quiet_option
def audit_sample(
    results: Path, size: int, seed: str, out: Path | None, force: bool, form: str, lang: Lang, quiet: bool
) -> None:
    """Draw the sample and show it, or write its workbook."""
    from evaluator.reports.audit import words as audit_words
    from evaluator.reports.audit.file import check_place, write_file
    from evaluator.reports.audit.record import sample_of
    from evaluator.reports.recorded import open_results

    recorded = open_results(results)
    warn_unless_sealed(recorded)
    if out is not None:
        check_place(recorded.folder, out)
    sample = sample_of(recorded, size, seed)
    written = out is not None and write_file(out, sample, lang, force=force)
    if form == "json":
        print_json(audit_words.as_json(sample))
    elif not quiet:
        for line in audit_words.draw_lines(sample, LANG):
            click.echo(printable(line))
        if out is None:
            print_table(audit_words.sample_table(sample, LANG))
        else:
            key = "written" if written else "as_it_was"
            click.echo(printable(wording.say(f"audit.command.{key}", LANG, path=out)))
