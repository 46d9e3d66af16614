"""The `evaluator` command: parse, call, print, exit code.

Owns: the list of commands, and turning the operator's mistakes into one line. Everything heavy is imported inside the
commands, so that `--help` answers at once.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from typing import NoReturn

import click

from evaluator import __version__
from evaluator.cli import decisions, mails, models, rounds, scoring
from evaluator.cli.analyse import analyse
from evaluator.cli.audit import audit_sample
from evaluator.cli.explain import explain
from evaluator.cli.printing import DONE, OPERATORS_MISTAKE
from evaluator.cli.texts import LANG, say
from evaluator.cli.usage import Group, misuse
from evaluator.cli.verify import verify
from evaluator.cli.whatif import whatif
from evaluator.errors import EvaluatorError, reason_of
from evaluator.wording.printing import printable

_HELP = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


@click.group(cls=Group, context_settings=_HELP, help=say("help.main"))
@click.version_option(__version__, prog_name="evaluator", message=say("version"), help=say("option.version"))
def cli() -> None:
    """Group of all commands."""


for _command in (
    scoring.templates,
    scoring.check,
    scoring.score,
    explain,
    verify,
    whatif,
    analyse,
    audit_sample,
    scoring.sample,
    models.model_group,
    rounds.init,
    mails.send,
    rounds.collect,
    rounds.status,
    mails.remind,
    decisions.override,
):
    cli.add_command(_command)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with its code; an operator's mistake is one line on stderr, never a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace", **({} if stream.isatty() else {"encoding": "utf-8"}))
    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK"):  # Ctrl-C, the system's, a closed terminal, a closed window
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, _stopped)
    try:
        code = cli.main(args=arguments, prog_name="evaluator", standalone_mode=False)
        sys.exit(code if isinstance(code, int) else DONE)
    except EvaluatorError as error:
        _fail(error.message(LANG))
    except click.ClickException as error:
        _fail(misuse(error))
    except (click.Abort, KeyboardInterrupt):
        _fail(say("stopped"))
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(DONE)
    except OSError as error:
        place = f" ({error.filename})" if error.filename else ""
        _fail(say("system", why=reason_of(error).say(LANG) + place))
    except Exception as error:
        if os.environ.get("EVALUATOR_DEBUG"):
            raise
        _fail(say("bug", kind=type(error).__name__, log=_logged()))


class _Stopped(KeyboardInterrupt):
    """An interruption of any kind.

    Python notes a plain one that passes through `exec` of a text, as in an import, and ends with the signal instead
    of our exit code, although it was caught.
    """


def _stopped(*_: object) -> NoReturn:
    """End so that what is half written is cleared away."""
    raise _Stopped


def _fail(message: str) -> NoReturn:
    click.echo(say("error", message=printable(" ".join(message.split()))), err=True)
    sys.exit(OPERATORS_MISTAKE)


def _logged() -> str:
    import tempfile
    import traceback

    with tempfile.NamedTemporaryFile("w", encoding="utf-8", prefix="evaluator-", suffix=".log", delete=False) as log:
        traceback.print_exc(file=log)
    return log.name
