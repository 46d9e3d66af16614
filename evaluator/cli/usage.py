"""Commands that say in the operator's language how they are used, and what is wrong with how they were.

Owns: `Command` and `Group`, of which every command is made, and one line for each mistake that click finds. What click
itself would say is never printed: it is told from what click knows about the mistake.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from evaluator.cli.helppage import help_page, name_of, range_of
from evaluator.cli.printing import OPERATORS_MISTAKE, listed
from evaluator.cli.texts import say
from evaluator.wording.cutting import cut
from evaluator.wording.printing import printable

_SHOWN = 60
"""Characters of a wrong value that are shown."""


class _Speaking(click.Command):
    """What commands and groups of them have in common."""

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the help page."""
        formatter.write(help_page(self, ctx, formatter.width))

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """Give `--help`."""
        option = super().get_help_option(ctx)
        if option is not None:
            option.help = say("option.help")
        return option

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take the command line apart.

        Raises:
            UsageError: it is no use of this command; the message is in the operator's language.
        """
        given = list(args)
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            raise click.UsageError(_said(error, self, ctx, given), ctx) from error


class Command(_Speaking):
    """A command."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take the command line apart; see `_Speaking`."""
        ctx.allow_extra_args = True
        left = super().parse_args(ctx, args)
        if left and not ctx.resilient_parsing:
            raise click.UsageError(say("usage.extra", values=listed(map(_shown, left))), ctx)
        return left


class Group(_Speaking, click.Group):
    """A group of commands."""

    command_class = Command
    group_class = type

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take the command line apart; where it names no command, print the help page."""
        if args in ([], ["--"]) and not ctx.resilient_parsing:
            click.echo(ctx.get_help(), err=True)
            ctx.exit(OPERATORS_MISTAKE)
        return super().parse_args(ctx, args)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command.

        Raises:
            UsageError: there is no command of that name.
        """
        if self.get_command(ctx, args[0]) is None and not ctx.resilient_parsing:
            message = _unknown("no_such_command", args[0], self.list_commands(ctx))
            raise click.UsageError(message, ctx)
        return super().resolve_command(ctx, args)


def misuse(error: click.ClickException) -> str:
    """Say a mistake in using a command in one line, and where to read how it is used."""
    message = error.message
    if isinstance(error, click.BadParameter) and isinstance(error.param_hint, str):
        message = say("usage.bad_option", name=error.param_hint, why=message)
    context = getattr(error, "ctx", None)
    return say("see_help", message=message, command=context.command_path if context else "evaluator")


def _said(error: click.UsageError, command: click.Command, context: click.Context, given: Sequence[str]) -> str:
    """Say a mistake that click found while it took a command line apart."""
    if isinstance(error, click.NoSuchOption):
        known = [option for param in command.get_params(context) for option in param.opts if option.startswith("--")]
        return _unknown("no_such_option", error.option_name, known)
    if isinstance(error, click.MissingParameter) and error.param is not None:
        return say(f"usage.missing_{error.param.param_type_name}", name=name_of(error.param))
    if isinstance(error, click.BadParameter) and error.param is not None:
        why = _refused(error.param, command, context, given) or error.message
        return say(f"usage.bad_{error.param.param_type_name}", name=name_of(error.param), why=why)
    if isinstance(error, click.BadOptionUsage):
        params = [param for param in command.get_params(context) if error.option_name in param.opts]
        is_flag = any(isinstance(param, click.Option) and param.is_flag for param in params)
        return say("usage.takes_no_value" if is_flag else "usage.no_value", name=error.option_name)
    return say("usage.not_understood")


def _unknown(key: str, name: str, known: Sequence[str]) -> str:
    from difflib import get_close_matches

    close = get_close_matches(name, known)
    said = say(f"usage.{key}", name=_shown(name))
    return say("usage.close", said=said, close=listed(close)) if close else said


def _refused(param: click.Parameter, command: click.Command, context: click.Context, given: Sequence[str]) -> str:
    """Say which value one of click's own types refused and what it takes; nothing where it refused none."""
    if isinstance(param.type, click.types.IntParamType):
        expected = range_of(param.type, "usage") or say("usage.whole")
    elif isinstance(param.type, click.Choice):
        expected = say("usage.choice", choices=" / ".join(param.type.choices))
    else:
        return ""
    values, _, _ = command.make_parser(context).parse_args(list(given))
    value: Any = values.get(param.name)
    for one in value if isinstance(value, list | tuple) else [value]:
        try:
            param.type(one, param, context)
        except click.BadParameter:
            return say("usage.expected", value=_shown(one), expected=expected)
    return ""


def _shown(value: object) -> str:
    words = printable(str(value)) or '""'
    return cut(words, _SHOWN)
