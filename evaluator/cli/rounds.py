"""The commands about a round: `init`, `collect`, `status`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from evaluator.cli.options import (
    PATH,
    ROUND,
    format_option,
    lang_option,
    model_option,
    quiet_option,
    setup_of,
    setup_options,
    usual_setup,
)
from evaluator.cli.printing import DONE, WITH_ERRORS, listed, print_json, print_table, progress_bar
from evaluator.cli.texts import LANG, say
from evaluator.cli.usage import Command
from evaluator.wording import Lang
from evaluator.wording.printing import printable

if TYPE_CHECKING:
    from evaluator.rounds.collecting import Collected

ROSTER_NAME = "roster.xlsx"


class Day(click.ParamType):  # type: ignore[type-arg]  # generic in its stubs only
    """A day, as `2026-03-31`."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:  # noqa: ANN401
        """Give the day."""
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.fail(say("not_a_day", value=value), param, ctx)


@click.command(cls=Command, help=say("help.init"))
@ROUND
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
    from evaluator.rounds.ledger import Ledger
    from evaluator.rounds.making import create_round
    from evaluator.rounds.roster_changes import roster_of, shared_addresses
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
    with Ledger(place.database) as ledger:
        shared = shared_addresses(roster_of(ledger))
    for address, ids in shared.items():
        click.echo(printable(say("done.shared_address", address=address, ids=listed(ids))), err=True)
    if not quiet:
        click.echo(say("done.init", id=place.id, folder=folder))


@click.command(cls=Command, help=say("help.collect"))
@ROUND
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


@click.command(cls=Command, help=say("help.status"))
@ROUND
@click.option("--all", "everyone", is_flag=True, help=say("option.everyone"))
@click.option("--out", type=PATH, help=say("option.status_out"))
@format_option
@lang_option
@quiet_option
def status(folder: Path, everyone: bool, out: Path | None, form: str, lang: Lang, quiet: bool) -> None:
    """Say who has returned what."""
    from evaluator.pipeline.collecting import bring_up_to_date
    from evaluator.reports import status_table
    from evaluator.reports.own_workbook import check_own
    from evaluator.reports.status import write_status
    from evaluator.rounds.folder import at_work, open_round
    from evaluator.rounds.ledger import Ledger
    from evaluator.rounds.standing import is_stale, standings

    if out is not None:
        check_own(out, "rounds.status.title")
    place = open_round(folder)
    with Ledger(place.database) as ledger:
        changed = is_stale(place, ledger)
    if changed:
        with at_work(place) as ledger, progress_bar(quiet) as progress:
            bring_up_to_date(place, ledger, setup=usual_setup(), progress=progress)
    with Ledger(place.database) as ledger:
        found = standings(place, ledger)
    if out is not None:
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


def _make_folder(folder: Path) -> None:
    from evaluator.errors import OutputError, reason_of
    from evaluator.reports.folder import check_no_results

    check_no_results(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError("not_writable", path=folder, why=reason_of(error)) from error


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
        parts = listed(say("mail.count", kind=say(f"mail.{kind}"), count=found.counts[kind]) for kind in kinds)
        click.echo(say("done.mails", parts=parts))
    click.echo(say("done.collected_forms", files=found.files, errors=found.with_errors))
    if found.moved:
        click.echo(say("done.moved", count=found.moved))
