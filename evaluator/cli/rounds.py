"""The commands about a round: `init`, `send`, `collect`, `status`, `remind`, `override`."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from evaluator.cli.options import PATH, format_option, lang_option, model_option, quiet_option, setup_of, setup_options
from evaluator.cli.printing import DONE, OPERATORS_MISTAKE, WITH_ERRORS, print_json, print_table, progress_bar
from evaluator.cli.texts import LANG, say
from evaluator.wording import Lang
from evaluator.wording.printing import printable

if TYPE_CHECKING:
    from evaluator.pipeline.mailing import Outgoing
    from evaluator.rounds.collecting import Collected
    from evaluator.rounds.folder import Round
    from evaluator.rounds.ledger import Ledger
    from evaluator.rounds.overrides import Override
    from evaluator.rounds.planning import Plan
    from evaluator.rounds.sending import Outcome, Report

ROSTER_NAME = "roster.xlsx"
_SHOWN = 20
"""Mails of a dry run that are listed; all are written as files."""


class Day(click.ParamType):  # type: ignore[type-arg]  # generic in its stubs only
    """A day, as `2026-03-31`."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:  # noqa: ANN401
        """Give the day."""
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.fail(say("not_a_day", value=value), param, ctx)


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


_ROUND = click.argument("folder", type=PATH)


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


@click.command(help=say("help.init"))
@_ROUND
@click.option("--roster", type=PATH, help=say("option.round_roster"))
@click.option("--deadline", type=Day(), help=say("option.round_deadline"))
@click.option("--id", "round_id", default="", help=say("option.round_id"))
@click.option("--name", default="", help=say("option.round_name"))
@click.option("--contact", default="", help=say("option.contact"))
@click.option("--from", "sender", default="", help=say("option.sender"))
@click.option("--example", is_flag=True, help=say("option.example"))
@model_option
@lang_option
@quiet_option
def init(
    folder: Path, roster: Path | None, deadline: date | None, model: str, lang: Lang, example: bool, quiet: bool,
    round_id: str, name: str, contact: str, sender: str,
) -> None:  # fmt: skip
    """Make a round, or a roster to start from."""
    from evaluator.model.files import load_model
    from evaluator.rounds.making import create_round
    from evaluator.rounds.roster_example import write_example_roster

    if example:
        _make_folder(folder)
        write_example_roster(folder / ROSTER_NAME, load_model(model), lang)
        if not quiet:
            click.echo(say("done.example", path=folder / ROSTER_NAME, folder=folder))
        return
    if roster is None or deadline is None:
        raise click.UsageError(say("init_needs"))
    place = create_round(
        folder, roster=roster, deadline=deadline, model=model, lang=lang, round_id=round_id, name=name, contact=contact,
        sender=sender,
    )  # fmt: skip
    if deadline < date.today():  # noqa: DTZ011 - the operator's own day
        click.echo(say("done.past_deadline", deadline=deadline), err=True)
    if not quiet:
        click.echo(say("done.init", id=place.id, folder=folder))


@click.command(help=say("help.send"))
@_ROUND
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
    from evaluator.rounds.folder import at_work, open_round
    from evaluator.rounds.messages import planned, resolve

    _check_ways(yes, eml)
    place = open_round(folder)
    with at_work(place) as ledger, progress_bar(quiet) as progress:
        if were_sent or again:
            numbers = {*were_sent} - {0} | ({*planned(ledger)} if 0 in were_sent else set())
            settled = (*resolve(ledger, numbers, "sent", LANG), *resolve(ledger, again, "again", LANG))
            click.echo(say("done.resolved", count=len(settled)))
            return
        if corrections:
            out = mailing.corrections(place, ledger, only=only, limit=limit, setup=setup_of(**setup), progress=progress)
        else:
            out = mailing.invitations(place, ledger, only=only, limit=limit)
        code = _post(place, ledger, out, yes=yes, eml=eml, quiet=quiet, progress=progress)
    sys.exit(code)


@click.command(help=say("help.remind"))
@_ROUND
@_mail_options
@quiet_option
def remind(folder: Path, only: Sequence[str], limit: int | None, eml: Path | None, yes: bool, quiet: bool) -> None:
    """Write to those who owe something; without `--yes` only show what would be sent."""
    from evaluator.pipeline import mailing
    from evaluator.rounds.folder import at_work, open_round
    from evaluator.rounds.reminding import left_out

    _check_ways(yes, eml)
    place = open_round(folder)
    with at_work(place) as ledger, progress_bar(quiet) as progress:
        out = mailing.reminders(place, ledger, only=only, limit=limit)
        if out.due is not None and not quiet:
            for line in left_out(out.due, place):
                click.echo(printable(line.say(LANG)))
        code = _post(place, ledger, out, yes=yes, eml=eml, quiet=quiet, progress=progress)
    sys.exit(code)


@click.command(help=say("help.collect"))
@_ROUND
@click.argument("paths", nargs=-1, type=PATH)
@click.option("--imap", is_flag=True, help=say("option.imap"))
@click.option("--mark-seen", is_flag=True, help=say("option.mark_seen"))
@click.option("--move-to", default="", metavar="MAILBOX", help=say("option.move_to"))
@click.option("--done", multiple=True, metavar="MARK", help=say("option.done"))
@click.option("--why", default="", help=say("option.why"))
@quiet_option
@setup_options
def collect(
    folder: Path, paths: Sequence[Path], imap: bool, mark_seen: bool, move_to: str, done: Sequence[str], why: str,
    quiet: bool,
    **setup: Any,  # noqa: ANN401
) -> None:  # fmt: skip
    """Take in what came back."""
    from evaluator.pipeline.collecting import collect as taken
    from evaluator.rounds.dealing import deal_with
    from evaluator.rounds.folder import at_work, open_round
    from evaluator.rounds.imap import Mailbox
    from evaluator.rounds.messages import recover
    from evaluator.rounds.roster_changes import record_roster

    if (mark_seen or move_to) and not imap:
        raise click.UsageError(say("imap_only"))
    if bool(done) != bool(why) or (done and (paths or imap)):
        raise click.UsageError(say("done_with_why"))
    place = open_round(folder)
    mailbox = None
    if imap:
        mailbox = Mailbox(settings=place.settings.imap, base=place.path, mark_seen=mark_seen, move_to=move_to)
    with at_work(place) as ledger, progress_bar(quiet) as progress:
        recover(ledger, place.settings.round.lang)
        if done:
            click.echo(say("done.dealt", count=len(deal_with(ledger, done, why))))
            return
        record_roster(place, ledger)
        found = taken(place, ledger, paths, mailbox=mailbox, setup=setup_of(**setup), progress=progress)
    _print_collected(found, quiet)
    needs_person = found.counts.get("person", 0) or found.with_errors or found.left
    sys.exit(WITH_ERRORS if needs_person else DONE)


@click.command(help=say("help.status"))
@_ROUND
@click.option("--all", "everyone", is_flag=True, help=say("option.everyone"))
@click.option("--out", type=PATH, help=say("option.status_out"))
@format_option
@lang_option
@quiet_option
def status(folder: Path, everyone: bool, out: Path | None, form: str, lang: Lang, quiet: bool) -> None:
    """Say who has returned what."""
    from evaluator.reports import status_table
    from evaluator.reports.status import write_status
    from evaluator.rounds.folder import open_round
    from evaluator.rounds.ledger import Ledger
    from evaluator.rounds.standing import standings

    place = open_round(folder)
    with Ledger(place.database) as ledger:
        found = standings(place, ledger)
    if out is not None:
        _check_workbook(out)
        write_status(out, found, place.model, lang)
    if form == "json":
        print_json(status_table.as_json(found))
    elif not quiet:
        click.echo(printable(status_table.round_line(found, LANG)))
        click.echo(printable(status_table.sentence(found, LANG)))
        print_table(status_table.totals_table(found, place.model, LANG))
        print_table(status_table.table(found, LANG, open_only=not everyone))
        if found.attention:
            click.echo(say("done.attention", count=len(found.attention)))
            print_table(status_table.attention_table(found, LANG))
        if out is not None:
            click.echo(say("done.status_out", path=out))


@click.group(help=say("help.override"))
def override() -> None:
    """Group of the commands about decisions."""


def _decision_options(command: Any) -> Any:  # noqa: ANN401
    for option in (
        click.option("--role", required=True, help=say("option.role")),
        click.option("--reason", required=True, help=say("option.reason")),
    ):
        command = option(command)
    return command


@override.command(name="answer", help=say("help.override_answer"))
@_ROUND
@click.argument("institution")
@click.argument("requirement")
@click.argument("answer")
@_decision_options
def override_answer(folder: Path, institution: str, requirement: str, answer: str, reason: str, role: str) -> None:
    """Record that an answer counts otherwise."""
    _decide(folder, "answer", institution=institution, target=requirement, value=answer, reason=reason, role=role)


@override.command(name="exclude", help=say("help.override_exclude"))
@_ROUND
@click.argument("file")
@_decision_options
def override_exclude(folder: Path, file: str, reason: str, role: str) -> None:
    """Record that a return does not count."""
    _decide(folder, "exclude", target=file, reason=reason, role=role)


@override.command(name="accept", help=say("help.override_accept"))
@_ROUND
@click.argument("file")
@click.argument("institution")
@_decision_options
def override_accept(folder: Path, file: str, institution: str, reason: str, role: str) -> None:
    """Record that a withheld form counts."""
    _decide(folder, "accept", institution=institution, target=file, reason=reason, role=role)


@override.command(name="withdraw", help=say("help.override_withdraw"))
@_ROUND
@click.argument("number", type=int)
@_decision_options
def override_withdraw(folder: Path, number: int, reason: str, role: str) -> None:
    """Withdraw a decision."""
    from evaluator.rounds.folder import at_work, open_round
    from evaluator.rounds.overrides import withdraw

    place = open_round(folder)
    with at_work(place) as ledger:
        _print_override(place, withdraw(ledger, number, reason=reason, role=role))
        _check_anew(place, ledger)


@override.command(name="list", help=say("help.override_list"))
@_ROUND
def override_list(folder: Path) -> None:
    """List all decisions, the withdrawn ones too."""
    from evaluator.rounds.folder import open_round
    from evaluator.rounds.ledger import Ledger
    from evaluator.rounds.overrides import overrides

    place = open_round(folder)
    with Ledger(place.database) as ledger:
        for one in overrides(ledger):
            _print_override(place, one)


def _decide(folder: Path, kind: str, **given: str) -> None:
    from evaluator.rounds.folder import at_work, open_round
    from evaluator.rounds.overrides import add_override

    place = open_round(folder)
    with at_work(place) as ledger:
        _print_override(place, add_override(place, ledger, kind, **given))
        _check_anew(place, ledger)


def _check_anew(place: Round, ledger: Ledger) -> None:
    """Bring what the ledger says of returns up to date with what was decided."""
    from evaluator.pipeline.collecting import collect as taken

    given = setup_of(workers=None, cluster="", limits=None, no_cache=False)
    with progress_bar(quiet=False) as progress:
        taken(place, ledger, (), setup=given, progress=progress)


def _print_override(place: Round, one: Override) -> None:
    from evaluator.rounds.overrides import told

    click.echo(printable(f"{one.number}  {told(one, place.model, LANG)}"))


def _check_ways(yes: bool, eml: Path | None) -> None:
    if yes and eml is not None:
        raise click.UsageError(say("yes_or_eml"))


def _make_folder(folder: Path) -> None:
    from evaluator.errors import OutputError, reason_of

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError("not_writable", path=folder, why=reason_of(error)) from error


def _check_workbook(path: Path) -> None:
    from evaluator.errors import OutputError

    if path.is_dir():
        raise OutputError("is_a_folder", path=path)


def _joined(parts: Iterable[str]) -> str:
    return ("，" if LANG == "zh" else ", ").join(parts)


def _print_collected(found: Collected, quiet: bool) -> None:
    from evaluator.rounds.collecting import KINDS

    for name, why in found.left.items():
        click.echo(printable(name))
        click.echo(f"    {printable(why.say(LANG))}")
    for mail in found.mails:
        said = mail.reason.say(LANG)
        if mail.kind != "matched" or said:
            head = (mail.mark, say(f"mail.{mail.kind}"), mail.arrived, mail.sender, mail.subject)
            click.echo(printable("  ".join(part for part in head if part)))
            if said:
                click.echo(f"    {printable(said)}")
    if quiet:
        return
    click.echo(say("done.collected", mails=found.new_mails, files=found.new_files, known=found.known))
    kinds = [kind for kind in KINDS if found.counts.get(kind)]
    if kinds:
        parts = _joined(say("mail.count", kind=say(f"mail.{kind}"), count=found.counts[kind]) for kind in kinds)
        click.echo(say("done.mails", parts=parts))
    click.echo(say("done.collected_forms", files=found.files, errors=found.with_errors))
    if found.moved:
        click.echo(say("done.moved", count=found.moved))


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
    for fault in out.plan.faults:
        click.echo(printable(f"{fault.institution}  {fault.why.say(LANG)}"))
    for row in out.plan.unclear:
        click.echo(printable(say("done.unclear", number=row.number, institution=row.institution, address=row.address)))
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
        files = _joined([message.archive] if message.archive else message.files)
        click.echo(f"{name}\n    {printable(message.letter.subject)}\n    {printable(files)}")
    if len(plan.messages) > _SHOWN:
        click.echo(say("done.more_mails", count=len(plan.messages) - _SHOWN))
    if paths:
        click.echo(say("done.mails_written", count=len(paths), folder=paths[0].parent))
    if eml is not None and paths:
        click.echo(say("done.by_hand", folder=place.path))
    click.echo(say("done.dry_run", count=len(plan.messages), had=len(plan.done), left=plan.left))


def _told(plan: Plan, report: Report, quiet: bool) -> int:
    for key, outcomes in (("failed", report.failed), ("unclear_now", report.unclear)):
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
    return WITH_ERRORS if report.failed or report.unclear or plan.faults or plan.unclear else DONE


def _print_outcome(key: str, outcome: Outcome) -> None:
    message = outcome.message
    said = say(f"done.{key}", number=message.number, institution=message.institution.id, words=outcome.words)
    click.echo(printable(said))
