"""What an operator sets for a round: `round.toml`.

Owns: the settings' shape, and reading them with every fault listed. Passwords are never settings: they come from the
environment or the system's keyring.
"""

from __future__ import annotations

import tomllib
from datetime import date, datetime, time, timedelta, timezone
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictStr, ValidationError

from evaluator.errors import RoundError, reason_of
from evaluator.wording import Lang

Security = Literal["starttls", "tls", "none"]
Line = Annotated[StrictStr, Field(max_length=500, pattern=r"^[^\x00-\x1f\x7f]*$")]
"""One line of text."""
Count = Annotated[int, Field(strict=True, ge=1, le=1_000_000)]
Port = Annotated[int, Field(strict=True, ge=1, le=65_535)]


class Part(BaseModel):
    """A frozen part of the settings that refuses unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class RoundPart(Part):
    """`[round]`: what the round is."""

    id: Annotated[StrictStr, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$")]
    """Stands in every form and its seal."""
    name: Line
    deadline: date
    """Last day on which returns are in time."""
    utc_offset: Annotated[float, Field(ge=-14, le=14)] = 8.0
    """Hours from UTC of the deadline's day."""
    late: Literal["flag", "exclude"] = "flag"
    """Whether returns after the deadline count with a warning, or don't count."""
    lang: Lang = "zh"
    """Language of forms and mails."""
    model: Line = "sme-service"
    """Name of a built-in model, or a path from the round's folder."""
    contact: Line = ""
    """Whom institutions may ask, as forms and mails say it."""


class MailPart(Part):
    """`[mail]`: how mails look and how many go out."""

    sender: Line = ""
    """`Name <address>`."""
    reply_to: Line = ""
    size_limit_mb: Annotated[float, Field(gt=0, le=200)] = 8.0
    """Attachments that are larger together go as one archive."""
    per_minute: Count = 60
    remind_every_days: Annotated[float, Field(ge=0, le=365)] = 5.0
    """Days between two reminders to the same institution, at least."""


class SmtpPart(Part):
    """`[smtp]`: the server that takes outgoing mail."""

    host: Line = ""
    port: Port = 587
    security: Security = "starttls"
    user: Line = ""
    timeout: Annotated[float, Field(gt=0, le=600)] = 60.0
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
    timeout: Annotated[float, Field(gt=0, le=600)] = 60.0
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
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise RoundError("settings_not_read", path=path, why=reason_of(error)) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RoundError("settings_not_toml", path=path, why=str(error)) from error
    try:
        return Settings.model_validate(content)
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
        raise RoundError("settings_faults", path=path, faults=faults) from error
