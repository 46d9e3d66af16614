"""What an operator sets for a round: `round.toml`.

Owns: the settings' shape, and reading them with every fault listed. Passwords are never settings: they come from the
environment or the system's keyring.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StrictStr, ValidationError

from evaluator.errors import RoundError, reason_of
from evaluator.intake.addresses import is_mailbox
from evaluator.rounds.settings_faults import ADDRESS, ID, MODEL, said
from evaluator.tomlfaults import fault_of, table_of
from evaluator.wording import Lang

Security = Literal["starttls", "tls", "none"]


def _day(given: object) -> object:
    """Take a day, also as a text; numbers are none, whatever moment they would count to."""
    if isinstance(given, str):
        return date.fromisoformat(given)
    if isinstance(given, date) and not isinstance(given, datetime):
        return given
    raise ValueError("no day")


def _mailbox(words: str) -> str:
    if words and not is_mailbox(words):
        raise ValueError("no address")
    return words


Line = Annotated[StrictStr, Field(max_length=500, pattern=r"^[^\p{C}\p{Zl}\p{Zp}]*$")]
"""One line of text."""
Mailbox = Annotated[Line, AfterValidator(_mailbox), Field(json_schema_extra={"format": ADDRESS})]
"""An address, or `Name <address>`; or empty."""
Day = Annotated[date, BeforeValidator(_day), Field(ge=date(2000, 1, 1), le=date(2099, 12, 31))]
Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Count = Annotated[int, Field(strict=True, ge=1, le=1_000_000)]
Port = Annotated[int, Field(strict=True, ge=1, le=65_535)]
RoundId = Annotated[
    StrictStr,
    Field(pattern=r"^[A-Za-z0-9]+([._-][A-Za-z0-9]+)*$", max_length=40, json_schema_extra={"format": ID}),
]
"""Good in file names, in seals and in the ids of mails."""


class Part(BaseModel):
    """A frozen part of the settings that refuses unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class RoundPart(Part):
    """`[round]`: what the round is."""

    id: RoundId
    """Stands in every form and its seal."""
    name: Line
    deadline: Day
    """Last day on which returns are in time."""
    utc_offset: Annotated[Number, Field(ge=-14, le=14)] = 8.0
    """Hours from UTC of the deadline's day."""
    late: Literal["flag", "exclude"] = "flag"
    """Whether returns after the deadline count with a warning, or don't count."""
    lang: Lang = "zh"
    """Language of forms and mails."""
    model: Annotated[Line, Field(min_length=1, json_schema_extra={"format": MODEL})] = "sme-service"
    """Name of a built-in model, or a path from the round's folder."""
    contact: Line = ""
    """Whom institutions may ask, as forms and mails say it."""


class MailPart(Part):
    """`[mail]`: how mails look and how many go out."""

    sender: Mailbox = ""
    """`Name <address>`."""
    reply_to: Mailbox = ""
    size_limit_mb: Annotated[Number, Field(gt=0, le=200)] = 8.0
    """Attachments that are larger together go as one archive."""
    per_minute: Count = 60
    remind_every_days: Annotated[Number, Field(ge=0, le=365)] = 5.0
    """Days between two reminders to the same institution, at least."""


class SmtpPart(Part):
    """`[smtp]`: the server that takes outgoing mail."""

    host: Line = ""
    port: Port = 587
    security: Security = "starttls"
    user: Line = ""
    timeout: Annotated[Number, Field(gt=0, le=600)] = 60.0
    """Seconds to wait for an answer."""
    ca_file: Line = ""
    """Certificates to trust beside the system's, as a path from the round's folder."""


class ImapPart(Part):
    """`[imap]`: the mailbox that replies come to."""

    host: Line = ""
    port: Port = 993
    security: Security = "tls"
    user: Line = ""
    folder: Line = "INBOX"
    timeout: Annotated[Number, Field(gt=0, le=600)] = 60.0
    ca_file: Line = ""


class Settings(Part):
    """A round's settings."""

    round: RoundPart
    mail: MailPart = MailPart()
    smtp: SmtpPart = SmtpPart()
    imap: ImapPart = ImapPart()

    @property
    def closes(self) -> datetime:
        """The moment from which returns are late: the end of the deadline's day."""
        zone = timezone(timedelta(hours=self.round.utc_offset))
        return datetime.combine(self.round.deadline + timedelta(days=1), time(), zone)


def read_settings(path: Path) -> Settings:
    """Read `round.toml`.

    Raises:
        RoundError: it is not there, is no TOML, or has faults, all of which the message lists.
    """
    try:
        source = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise RoundError("settings_not_read", path=path, why=reason_of(error)) from error
    except UnicodeDecodeError as error:
        raise RoundError("settings_not_utf8", path=path) from error
    return parsed(source, path)


def parsed(source: str, path: Path) -> Settings:
    """Take the settings from the text of a `round.toml`; `path` is where it stands, or is going to.

    Raises:
        RoundError: it is no TOML, or has faults, all of which the message lists.
    """
    try:
        content = table_of(source)
    except (ValueError, RecursionError) as error:
        line, why = fault_of(error, source)
        raise RoundError("settings_not_toml", path=path, line=line, why=why) from error
    try:
        return Settings.model_validate(content)
    except ValidationError as error:
        faults = said(error.errors(), Settings.model_json_schema(), source)
        raise RoundError("settings_faults", path=path, faults=faults) from error
