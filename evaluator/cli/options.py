"""Options and arguments that several commands share.

Owns: what they are called, and what their values turn into.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from evaluator.cli.texts import say
from evaluator.wording import LANGS

if TYPE_CHECKING:
    from evaluator.pipeline import Setup

F = TypeVar("F", bound=Callable[..., Any])


class Place(click.Path):
    """A path; or, where they are allowed, an address such as `s3://bucket/prefix`, which stays text."""

    def __init__(self, *, addresses: bool = False) -> None:
        super().__init__(path_type=Path, readable=False)
        self._addresses = addresses

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # noqa: ANN401
        """Give the path, or the address as it is where addresses are allowed; refuse an empty one."""
        from evaluator.intake.remote import is_url

        if isinstance(value, str) and not value.strip():
            self.fail(say("no_path"), param, ctx)

        if not isinstance(value, str) or not is_url(value):
            return super().convert(value, param, ctx)
        return value if self._addresses else self.fail(say("local_only", value=value), param, ctx)


class ModelName(click.types.StringParamType):
    """A built-in model's name, or the path of a model."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # noqa: ANN401
        """Give the text as it is; refuse an empty one, which would otherwise stand for some other model."""
        return value if str(value).strip() else self.fail(say("no_model"), param, ctx)


PATH = Place()
ROUND = click.argument("folder", type=PATH)
"""A round's folder."""
PLACES = Place(addresses=True)
WORKERS = click.IntRange(min=1, max=256)
MODEL = "sme-service"
"""The model that is used where none is named."""
MODEL_NAME = ModelName()


def model_option(command: F) -> F:
    """Add `--model`."""
    return click.option("--model", type=MODEL_NAME, default=MODEL, show_default=True, help=say("option.model"))(command)


def lang_option(command: F) -> F:
    """Add `--lang`, the language of workbooks."""
    return click.option("--lang", type=click.Choice(LANGS), default="zh", show_default=True, help=say("option.lang"))(
        command
    )


def quiet_option(command: F) -> F:
    """Add `--quiet`."""
    return click.option("-q", "--quiet", is_flag=True, help=say("option.quiet"))(command)


def format_option(command: F) -> F:
    """Add `--format`."""
    return click.option(
        "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True,
        help=say("option.format"),
    )(command)  # fmt: skip


def _address(context: click.Context, option: click.Parameter, value: str | None) -> str:
    """Refuse an empty address: a variable that is not set must not turn a run on a cluster into a local one."""
    if value is not None and not value.strip():
        raise click.BadParameter(say("no_address"), context, option)
    return value or ""


def setup_options(command: F) -> F:
    """Add the options that say how a run is done."""
    for option in (
        click.option("--no-cache", is_flag=True, help=say("option.no_cache")),
        click.option("--limits", type=PATH, help=say("option.limits")),
        click.option("--cluster", callback=_address, help=say("option.cluster")),
        click.option("--workers", type=WORKERS, help=say("option.workers")),
    ):
        command = option(command)
    return command


def setup_of(*, workers: int | None, cluster: str, limits: Path | None, no_cache: bool) -> Setup:
    """Make the setup of what `setup_options` gave."""
    from evaluator.intake.store import default_place
    from evaluator.limits import Limits, read_limits
    from evaluator.pipeline import Setup

    return Setup(
        workers=workers,
        cluster=cluster,
        limits=read_limits(limits) if limits else Limits(),
        cache=None if no_cache else default_place(),
    )


def usual_setup() -> Setup:
    """Give the setup of commands that don't ask for one."""
    return setup_of(workers=None, cluster="", limits=None, no_cache=False)
