"""The commands about what persons decide: `override answer`, `exclude`, `accept`, `withdraw`, `list`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from evaluator.cli.options import ROUND, usual_setup
from evaluator.cli.printing import progress_bar
from evaluator.cli.texts import LANG, say
from evaluator.cli.usage import Group
from evaluator.wording.printing import printable

if TYPE_CHECKING:
    from evaluator.rounds.folder import Round
    from evaluator.rounds.ledger import Ledger
    from evaluator.rounds.overrides import Override


@click.group(cls=Group, help=say("help.override"))
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
@ROUND
@click.argument("institution")
@click.argument("requirement")
@click.argument("answer")
@_decision_options
def override_answer(folder: Path, institution: str, requirement: str, answer: str, reason: str, role: str) -> None:
    """Record that an answer counts otherwise."""
    _decide(folder, "answer", institution=institution, target=requirement, value=answer, reason=reason, role=role)


@override.command(name="exclude", help=say("help.override_exclude"))
@ROUND
@click.argument("file")
@_decision_options
def override_exclude(folder: Path, file: str, reason: str, role: str) -> None:
    """Record that a return does not count."""
    _decide(folder, "exclude", target=file, reason=reason, role=role)


@override.command(name="accept", help=say("help.override_accept"))
@ROUND
@click.argument("file")
@click.argument("institution")
@_decision_options
def override_accept(folder: Path, file: str, institution: str, reason: str, role: str) -> None:
    """Record that a withheld form counts."""
    _decide(folder, "accept", institution=institution, target=file, reason=reason, role=role)


@override.command(name="withdraw", help=say("help.override_withdraw"))
@ROUND
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
@ROUND
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
    from evaluator.pipeline.collecting import bring_up_to_date

    with progress_bar(quiet=False) as progress:
        bring_up_to_date(place, ledger, setup=usual_setup(), progress=progress)


def _print_override(place: Round, one: Override) -> None:
    from evaluator.rounds.overrides import told

    click.echo(printable(f"{one.number}  {told(one, place.model, LANG)}"))
