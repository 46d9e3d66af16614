"""The `evaluator` command: parse, call, print, exit code.

Owns: options, what is printed, and turning the operator's mistakes into one line. Everything heavy is imported inside
the commands, so that `--help` answers at once.
"""

from __future__ import annotations

import locale
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import click

from evaluator import __version__
from evaluator.errors import EvaluatorError, reason_of
from evaluator.wording import LANGS, Lang, say
from evaluator.wording.printing import printable

if TYPE_CHECKING:
    from evaluator.findings import Finding
    from evaluator.pipeline import Setup
    from evaluator.reports.record import Results

DONE, WITH_ERRORS, OPERATORS_MISTAKE = 0, 1, 2

F = TypeVar("F", bound=Callable[..., Any])


def terminal_language() -> Lang:
    """Tell the language of terminal texts: `EVALUATOR_LANG`, else the system's locale, else English."""
    stated = os.environ.get("EVALUATOR_LANG", "").lower()
    if stated[:2] in LANGS:
        return "zh" if stated.startswith("zh") else "en"
    names = [os.environ.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG")]
    name = next((name for name in names if name), "") or (locale.getlocale()[0] or "")
    return "zh" if name.lower().startswith(("zh", "chinese")) else "en"


LANG: Lang = terminal_language()


class _Place(click.Path):
    """A path; or, where they are allowed, an address such as `s3://bucket/prefix`, which stays text."""

    def __init__(self, *, addresses: bool = False) -> None:
        super().__init__(path_type=Path)
        self._addresses = addresses

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # noqa: ANN401
        from evaluator.intake.remote import is_url

        if not isinstance(value, str) or not is_url(value):
            return super().convert(value, param, ctx)
        return value if self._addresses else self.fail(_say("local_only", value=value), param, ctx)


_PATH = _Place()
_PLACES = _Place(addresses=True)
_WORKERS = click.IntRange(min=1, max=256)


def _say(key: str, **params: object) -> str:
    return say(f"cli.{key}", LANG, **params)


def _model_option(command: F) -> F:
    return click.option("--model", default="sme-service", show_default=True, help=_say("option.model"))(command)


def _lang_option(command: F) -> F:
    return click.option("--lang", type=click.Choice(LANGS), default="zh", show_default=True, help=_say("option.lang"))(
        command
    )


def _quiet_option(command: F) -> F:
    return click.option("-q", "--quiet", is_flag=True, help=_say("option.quiet"))(command)


def _format_option(command: F) -> F:
    return click.option(
        "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True,
        help=_say("option.format"),
    )(command)  # fmt: skip


def _address(context: click.Context, option: click.Parameter, value: str | None) -> str:
    """Refuse an empty address: a variable that is not set must not turn a run on a cluster into a local one."""
    if value is not None and not value.strip():
        raise click.BadParameter(_say("no_address"), context, option)
    return value or ""


def _setup_options(command: F) -> F:
    """Add the options that say how a run is done."""
    for option in (
        click.option("--no-cache", is_flag=True, help=_say("option.no_cache")),
        click.option("--limits", type=_PATH, help=_say("option.limits")),
        click.option("--cluster", callback=_address, help=_say("option.cluster")),
        click.option("--workers", type=_WORKERS, help=_say("option.workers")),
    ):
        command = option(command)
    return command


def _setup(*, workers: int | None, cluster: str, limits: Path | None, no_cache: bool) -> Setup:
    from evaluator.intake.store import default_place
    from evaluator.limits import Limits, read_limits
    from evaluator.pipeline import Setup

    return Setup(
        workers=workers,
        cluster=cluster,
        limits=read_limits(limits) if limits else Limits(),
        cache=None if no_cache else default_place(),
    )


_HELP = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


@click.group(context_settings=_HELP, help=_say("help.main"))
@click.version_option(__version__, prog_name="evaluator", help=_say("option.version"))
def cli() -> None:
    """Group of all commands."""


@cli.command(help=_say("help.templates"))
@click.option("--out", type=_PATH, required=True, help=_say("option.out"))
@_model_option
@_lang_option
@click.option("--domain", "domains", multiple=True, help=_say("option.domain"))
@click.option("--deadline", default="", help=_say("option.deadline"))
@click.option("--contact", default="", help=_say("option.contact"))
@click.option("--force", is_flag=True, help=_say("option.force"))
@_quiet_option
def templates(
    out: Path, model: str, lang: Lang, domains: Sequence[str], deadline: str, contact: str, force: bool, quiet: bool
) -> None:
    """Write blank questionnaires."""
    from evaluator import pipeline
    from evaluator.model.files import load_model

    paths = pipeline.write_templates(
        out, load_model(model), lang, domains=domains, deadline=deadline, contact=contact, force=force
    )
    if not quiet:
        click.echo(_say("done.templates", count=len(paths), out=out))


@cli.command(help=_say("help.check"))
@click.argument("paths", nargs=-1, required=True, type=_PLACES)
@click.option("--roster", type=_PATH, help=_say("option.roster"))
@_format_option
@_model_option
@_setup_options
@_quiet_option
def check(
    paths: Sequence[Path | str],
    roster: Path | None,
    form: str,
    model: str,
    quiet: bool,
    **setup: Any,  # noqa: ANN401
) -> None:
    """Validate returned questionnaires."""
    from evaluator import pipeline
    from evaluator.model.files import load_model

    with _progress(quiet) as progress:
        found = pipeline.check(paths, load_model(model), roster=roster, setup=_setup(**setup), progress=progress)
    if form == "json":
        _print_json({"files": found.files.to_dict("records"), "findings": [_finding_json(f) for f in found.findings]})
    else:
        for finding in found.findings:
            click.echo(_finding_line(finding))
        if not quiet:
            click.echo(_say("done.checked", files=len(found.files), institutions=found.institutions))
            click.echo(_findings_summary(found.findings))
    sys.exit(_exit_code(found.findings))


@cli.command(help=_say("help.score"))
@click.argument("paths", nargs=-1, required=True, type=_PLACES)
@click.option("--out", type=_PATH, required=True, help=_say("option.out"))
@click.option("--roster", type=_PATH, help=_say("option.roster"))
@_model_option
@_lang_option
@_setup_options
@_quiet_option
def score(
    paths: Sequence[Path | str],
    out: Path,
    roster: Path | None,
    model: str,
    lang: Lang,
    quiet: bool,
    **setup: Any,  # noqa: ANN401
) -> None:
    """Do the main job."""
    from evaluator import pipeline
    from evaluator.model.files import load_model

    with _progress(quiet) as progress:
        results = pipeline.score(
            paths, out, load_model(model), roster=roster, lang=lang, setup=_setup(**setup), progress=progress
        )
    if not quiet:
        _print_summary(results, out)
    sys.exit(_exit_code(results.findings))


@cli.command(help=_say("help.sample"))
@click.option("--out", type=_PATH, required=True, help=_say("option.out"))
@click.option(
    "--institutions", type=click.IntRange(min=1, max=100_000), default=20, show_default=True,
    help=_say("option.institutions"),
)  # fmt: skip
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True, help=_say("option.seed"))
@click.option("--faults", is_flag=True, help=_say("option.faults"))
@_model_option
@_lang_option
@click.option("--workers", type=_WORKERS, help=_say("option.workers"))
@_quiet_option
def sample(
    out: Path, institutions: int, seed: int, faults: bool, model: str, lang: Lang, workers: int | None, quiet: bool
) -> None:
    """Make a synthetic round."""
    from evaluator.model.files import load_model
    from evaluator.pipeline import workers_for
    from evaluator.synthesis.round import make_round

    loaded = load_model(model)
    processes = workers_for(workers, institutions * len(loaded.domains))
    with _progress(quiet) as progress:
        made = make_round(
            out, loaded, lang, institutions=institutions, seed=seed, faults=faults, workers=processes, progress=progress
        )
    if not quiet:
        click.echo(_say("done.sample", institutions=made.institutions, files=made.files, planted=made.planted, out=out))


@cli.group(name="model", help=_say("help.model"))
def model_group() -> None:
    """Group of the commands about models."""


@model_group.command(help=_say("help.lint"))
@click.argument("name", required=False)
@_model_option
@_quiet_option
def lint(name: str | None, model: str, quiet: bool) -> None:
    """List all faults of a model."""
    from evaluator.model.files import inspect_model

    loaded, faults = inspect_model(name or model)
    for fault in faults:
        click.echo(fault.message(LANG))
    if faults and not quiet:
        click.echo(_model_say("faults", count=len(faults)))
    elif loaded and not quiet:
        click.echo(_model_say("no_faults", id=loaded.id, edition=loaded.edition))
    sys.exit(WITH_ERRORS if faults else DONE)


@model_group.command(help=_say("help.show"))
@click.argument("name", required=False)
@_model_option
@_format_option
def show(name: str | None, model: str, form: str) -> None:
    """Print a model."""
    from evaluator.model.files import load_model
    from evaluator.model.overview import overview

    loaded = load_model(name or model)
    if form == "json":
        _print_json(loaded.as_json())
    else:
        click.echo(overview(loaded, LANG))


def _model_say(key: str, **params: object) -> str:
    return say(f"model.show.{key}", LANG, **params)


def _print_json(content: object) -> None:
    import json

    click.echo(printable(json.dumps(content, ensure_ascii=False, indent=1), keep="\n"))


def _finding_json(finding: Finding) -> dict[str, object]:
    keys = ("code", "severity", "institution", "domain", "file", "sheet", "cell", "requirement")
    found: dict[str, object] = {key: getattr(finding, key) for key in keys}
    return {**found, "message": {lang: finding.message(lang) for lang in LANGS}}


def _finding_line(finding: Finding) -> str:
    place = "!".join(part for part in (finding.sheet, finding.cell) if part)
    where = "  ".join(part for part in (finding.institution, finding.file, place) if part)
    said = printable(finding.message(LANG))
    return f"{_say(f'severity.{finding.severity}')}  {finding.code}  {printable(where)}\n    {said}"


def _findings_summary(findings: Sequence[Finding]) -> str:
    severities = [finding.severity for finding in findings]
    return _say("done.findings", **{name: severities.count(name) for name in ("error", "warning", "info")})


def _exit_code(findings: Sequence[Finding]) -> int:
    return WITH_ERRORS if any(finding.severity == "error" for finding in findings) else DONE


def _print_summary(results: Results, out: Path) -> None:
    joint = "，" if LANG == "zh" else ", "
    returned = results.files[results.files["role"].ne("roster")]
    statuses = returned["status"].value_counts()
    parts = joint.join(_say(f"status.{name}", count=int(count)) for name, count in statuses.items())
    click.echo(_say("done.files", total=len(returned), parts=parts))
    rated, total = results.assessment.rated, len(results.assessment.institutions)
    click.echo(_say("done.institutions", total=total, rated=len(rated), not_rated=total - len(rated)))
    if len(rated):
        stars = [int(star) for star in rated["star"]]
        shown = joint.join(
            f"{'★' * star or _say('done.no_star')} {stars.count(star)}" for star in sorted(set(stars), reverse=True)
        )
        click.echo(_say("done.stars", parts=shown))
    click.echo(_findings_summary(results.findings))
    click.echo(_say("done.results", path=out / "ranking.xlsx"))


@contextmanager
def _progress(quiet: bool) -> Iterator[Callable[[str, int, int], None]]:
    """Show progress on stderr, on a terminal only."""
    if quiet or not sys.stderr.isatty():
        yield lambda step, done, total: None
        return
    from rich.console import Console
    from rich.progress import Progress, TaskID

    tasks: dict[str, TaskID] = {}
    with Progress(console=Console(stderr=True), transient=True) as bar:

        def tell(step: str, done: int, total: int) -> None:
            if step not in tasks:
                tasks[step] = bar.add_task(_say(f"progress.{step}"), total=total)
            bar.update(tasks[step], completed=done)

        yield tell


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with its code; an operator's mistake is one line on stderr, never a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace", **({} if stream.isatty() else {"encoding": "utf-8"}))
    for name in ("SIGTERM", "SIGHUP", "SIGBREAK"):  # ended by the system, a closed terminal, a closed window
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, _stopped)
    try:
        code = cli.main(args=arguments, prog_name="evaluator", standalone_mode=False)
        sys.exit(code if isinstance(code, int) else DONE)
    except EvaluatorError as error:
        _fail(error.message(LANG))
    except click.ClickException as error:
        _fail(_usage(error))
    except (click.Abort, KeyboardInterrupt):
        _fail(_say("stopped"))
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(DONE)
    except OSError as error:
        place = f" ({error.filename})" if error.filename else ""
        _fail(_say("system", why=reason_of(error) + place))
    except Exception as error:
        if os.environ.get("EVALUATOR_DEBUG"):
            raise
        _fail(_say("bug", kind=type(error).__name__, log=_logged()))


def _stopped(*_: object) -> NoReturn:
    """End as Ctrl-C does, so that what is half written is cleared away."""
    raise KeyboardInterrupt


def _usage(error: click.ClickException) -> str:
    if isinstance(error, click.NoSuchOption):
        message = _say("no_such_option", name=error.option_name)
    elif isinstance(error, click.MissingParameter) and error.param is not None:
        message = _say("missing", name=error.param.opts[-1] if error.param.opts else error.param.name)
    elif isinstance(error, click.BadParameter) and error.param is not None:
        message = _say("bad_value", name=error.param.opts[-1], why=error.message)
    else:
        message = " ".join(error.format_message().split())
    context = getattr(error, "ctx", None)
    return _say("see_help", message=message, command=context.command_path if context else "evaluator")


def _fail(message: str) -> NoReturn:
    click.echo(_say("error", message=" ".join(message.split())), err=True)
    sys.exit(OPERATORS_MISTAKE)


def _logged() -> str:
    import tempfile
    import traceback

    with tempfile.NamedTemporaryFile("w", encoding="utf-8", prefix="evaluator-", suffix=".log", delete=False) as log:
        traceback.print_exc(file=log)
    return log.name
