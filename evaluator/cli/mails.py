"""The commands that send mail: `send`, `remind`. Both only show what would go out until told otherwise."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from evaluator.cli.options import PATH, ROUND, quiet_option, setup_of, setup_options, usual_setup
from evaluator.cli.printing import DONE, OPERATORS_MISTAKE, WITH_ERRORS, listed, progress_bar
from evaluator.cli.texts import LANG, say
from evaluator.cli.usage import Command
from evaluator.wording import text
from evaluator.wording.printing import printable

if TYPE_CHECKING:
    from evaluator.pipeline.mailing import Outgoing
    from evaluator.rounds.folder import Round
    from evaluator.rounds.ledger import Ledger
    from evaluator.rounds.planning import Plan
    from evaluator.rounds.sending import Outcome, Report

_SHOWN = 20
"""Mails of a dry run that are listed; all are written as files."""


class Numbers(click.ParamType):  # type: ignore[type-arg]  # generic in its stubs only
    """A mail's number, or `all`, which is 0 here."""

    name = "number|all"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:  # noqa: ANN401
        """Give the number."""
        if value == "all":
            return 0
        if not str(value).isascii() or not str(value).isdigit() or int(value) < 1:
            self.fail(say("not_a_number", value=value), param, ctx)
        return int(value)


def _mail_options(command: Any) -> Any:  # noqa: ANN401
    """Add the options of commands that write mails."""
    for option in (
        click.option("--only", multiple=True, metavar="ID", help=say("option.only")),
        click.option("--limit", type=click.IntRange(min=1), help=say("option.limit")),
        click.option("--eml", type=PATH, help=say("option.eml")),
        click.option("--yes", is_flag=True, help=say("option.yes")),
    ):
        command = option(command)
    return command


@click.command(cls=Command, help=say("help.send"))
@ROUND
@_mail_options
@click.option("--corrections", is_flag=True, help=say("option.send_corrections"))
@click.option("--sent", "were_sent", type=Numbers(), multiple=True, help=say("option.were_sent"))
@click.option("--again", type=click.IntRange(min=1), multiple=True, metavar="NUMBER", help=say("option.again"))
@quiet_option
@setup_options
def send(
    folder: Path, corrections: bool, were_sent: Sequence[int], again: Sequence[int], only: Sequence[str],
    limit: int | None, eml: Path | None, yes: bool, quiet: bool, **setup: Any,  # noqa: ANN401
) -> None:  # fmt: skip
    """Send the forms, or corrections; without `--yes` only show what would be sent."""
    from evaluator.pipeline import mailing
    from evaluator.pipeline.collecting import bring_up_to_date
    from evaluator.rounds.folder import at_work, open_round
    from evaluator.rounds.messages import planned, resolve

    _check_ways(yes, eml)
    place = open_round(folder)
    with at_work(place) as ledger, progress_bar(quiet) as progress:
        if were_sent or again:
            numbers = {*were_sent} - {0} | ({*planned(ledger)} if 0 in were_sent else set())
            settled = resolve(ledger, numbers, "sent", LANG)
            anew = resolve(ledger, again, "again", LANG)
            click.echo(say("done.resolved", count=len(settled) + len(anew)))
            for kind in sorted({row.kind for row in anew}):
                click.echo(say(f"done.again_{kind}", folder=folder))
            return
        skip = yes and not only
        if corrections:
            bring_up_to_date(place, ledger, setup=setup_of(**setup), progress=progress)
            out = mailing.corrections(
                place, ledger, only=only, limit=limit, skip_written=skip, setup=setup_of(**setup), progress=progress
            )
        else:
            out = mailing.invitations(place, ledger, only=only, limit=limit, skip_written=skip)
        _tell_outdated(place, out, quiet)
        code = _post(place, ledger, out, yes=yes, eml=eml, quiet=quiet, progress=progress)
    sys.exit(code)


@click.command(cls=Command, help=say("help.remind"))
@ROUND
@_mail_options
@quiet_option
def remind(folder: Path, only: Sequence[str], limit: int | None, eml: Path | None, yes: bool, quiet: bool) -> None:
    """Write to those who owe something; without `--yes` only show what would be sent."""
    from evaluator.pipeline import mailing
    from evaluator.pipeline.collecting import bring_up_to_date
    from evaluator.rounds.folder import at_work, open_round
    from evaluator.rounds.reminding import left_out

    _check_ways(yes, eml)
    place = open_round(folder)
    with at_work(place) as ledger, progress_bar(quiet) as progress:
        bring_up_to_date(place, ledger, setup=usual_setup(), progress=progress)
        out = mailing.reminders(place, ledger, only=only, limit=limit, skip_written=yes and not only)
        if out.due is not None and not quiet:
            for line in left_out(out.due, place, only):
                click.echo(printable(line.say(LANG)))
        code = _post(place, ledger, out, yes=yes, eml=eml, quiet=quiet, progress=progress)
    sys.exit(code)


def _check_ways(yes: bool, eml: Path | None) -> None:
    if yes and eml is not None:
        raise click.UsageError(say("yes_or_eml"))


def _tell_outdated(place: Round, out: Outgoing, quiet: bool) -> None:
    """Name institutions whose forms went out before the roster changed, and say how to send them again."""
    if quiet or not out.outdated:
        return
    for one in out.outdated[:_SHOWN]:
        fields = listed(text(f"form.field.{key}").say(LANG) for key in one.fields)
        click.echo(printable(say("done.outdated", institution=one.institution, number=one.number, fields=fields)))
    if len(out.outdated) > _SHOWN:
        click.echo(say("done.more_institutions", count=len(out.outdated) - _SHOWN))
    click.echo(say("done.outdated_how", folder=place.path))


def _post(
    place: Round,
    ledger: Ledger,
    out: Outgoing,
    *,
    yes: bool,
    eml: Path | None,
    quiet: bool,
    progress: Any,  # noqa: ANN401
) -> int:
    """Send a plan, or show it; gives the exit code."""
    if out.roster and not quiet:
        changes = out.roster
        click.echo(
            say("done.roster", added=len(changes.added), removed=len(changes.removed), changed=len(changes.changed))
        )
    for one in out.idle:
        click.echo(printable(say(f"done.nothing_{out.plan.kind}", institution=one)))
    for fault in out.plan.faults:
        click.echo(printable(f"{fault.institution}  {fault.why.say(LANG)}"))
    for row in out.plan.unclear:
        click.echo(printable(say("done.unclear", number=row.number, institution=row.institution, address=row.address)))
    for row in out.plan.written:
        click.echo(printable(say("done.written", number=row.number, institution=row.institution, address=row.address)))
    if not yes:
        _show(place, ledger, out.plan, eml, quiet)
        return WITH_ERRORS if out.plan.faults or out.plan.unclear else DONE
    from evaluator.rounds.sending import send as sent
    from evaluator.rounds.wire import SmtpWire

    report = sent(
        place, ledger, out.plan, wire=SmtpWire(place), progress=lambda done, total: progress("send", done, total)
    )
    return _told(out.plan, report, quiet)


def _show(place: Round, ledger: Ledger, plan: Plan, eml: Path | None, quiet: bool) -> None:
    from evaluator.rounds.outbox import write_mails

    paths = write_mails(place, plan, eml, ledger=ledger if eml is not None else None)
    if quiet:
        return
    for message in plan.messages[:_SHOWN]:
        name = printable(
            f"{message.number}  {message.institution.id}  {message.institution.name}  {'; '.join(message.addresses)}"
        )
        files = listed([message.archive] if message.archive else message.files)
        click.echo(f"{name}\n    {printable(message.letter.subject)}\n    {printable(files)}")
    if len(plan.messages) > _SHOWN:
        click.echo(say("done.more_mails", count=len(plan.messages) - _SHOWN))
    if paths:
        click.echo(say("done.mails_written", count=len(paths), folder=paths[0].parent))
    if eml is not None and paths:
        click.echo(say("done.by_hand", folder=place.path))
    click.echo(say("done.dry_run", count=len(plan.messages), had=len(plan.done), left=plan.left))


def _told(plan: Plan, report: Report, quiet: bool) -> int:
    tried = [outcome for outcome in report.left if outcome.words]
    for key, outcomes in (("failed", report.failed), ("unclear_now", report.unclear), ("not_yet", tried)):
        for outcome in outcomes:
            _print_outcome(key, outcome)
    for outcome in report.sent:
        if outcome.words:
            _print_outcome("sent_but", outcome)
    if not quiet:
        click.echo(
            say(
                "done.sent",
                sent=len(report.sent),
                failed=len(report.failed),
                unclear=len(report.unclear),
                left=len(report.left) + plan.left,
            )
        )
    if report.stopped is not None:
        raise report.stopped
    if report.is_interrupted:
        click.echo(say("error", message=say("send_stopped")), err=True)
        return OPERATORS_MISTAKE
    is_whole = not (report.failed or report.unclear or report.left or plan.faults or plan.unclear or plan.written)
    return DONE if is_whole else WITH_ERRORS


def _print_outcome(key: str, outcome: Outcome) -> None:
    message = outcome.message
    said = say(f"done.{key}", number=message.number, institution=message.institution.id, words=outcome.words)
    click.echo(printable(said))
