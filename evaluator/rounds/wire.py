"""The connection to the server that takes outgoing mail (SMTP), with the one moment that matters set apart.

A message is given over in two steps: `offer` puts everything on the wire but the dot that ends it, up to where the
server can't have taken it; `finish` sends the dot. Between the two the ledger is told. Owns: connection, encryption,
login, and telling a server's answers apart. Knows nothing of the ledger or of what mails say. Never shows a password.
"""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal, NamedTuple, Protocol

from evaluator.errors import RoundError, reason_of
from evaluator.rounds.access import certificates, is_loopback, password_for
from evaluator.rounds.folder import SETTINGS, Round
from evaluator.rounds.lines import one_line
from evaluator.rounds.settings import SmtpPart
from evaluator.wording import Text, filled

Verdict = Literal["sent", "refused", "later", "lost", "no_sender"]
"""Taken; refused for good; refused for now; the connection broke; the sender is refused, and so is every message."""
_DOT = re.compile(rb"^\.", re.MULTILINE)
_TOO_LARGE = 552
_GREETING = "[127.0.0.1]"
"""How this machine calls itself, as mail programs do: its name would be looked up, and stand in every mail."""
_SHOWN = 300


class Answer(NamedTuple):
    """What became of a message."""

    verdict: Verdict
    words: str = ""
    """The server's, on one line; for a message that was sent: which of its addresses were refused."""


class Wire(Protocol):
    """What messages go out through."""

    def ready(self) -> None:
        """Connect where there is no connection that works; raises RoundError where that fails."""

    def offer(self, sender: str, recipients: Sequence[str], data: bytes) -> Answer | None:
        """Put a message on the wire up to its last dot; gives an answer where it got no further."""

    def finish(self) -> Answer:
        """End the message that was offered; `lost`: nobody knows whether it was taken."""

    def close(self) -> None:
        """Say goodbye; never fails."""

    def drop(self) -> None:
        """Break the connection off, so that what was offered is not taken."""


class SmtpWire:
    """A connection as the round's settings have it, made when it is first needed."""

    def __init__(self, place: Round, *, password: Callable[[str, str], str] | None = None) -> None:
        """Prepare a connection.

        Args:
            place: the round.
            password: gives a user's password at a host; `None`: `access.password_for`.
        """
        self._settings: SmtpPart = place.settings.smtp
        self._folder: Path = place.path
        self._password = password or (lambda user, host: password_for("smtp", user, host))
        self._smtp: smtplib.SMTP | None = None
        self._refused = ""

    def ready(self) -> None:
        """Connect, encrypt and log in, where there is no connection that still works.

        Raises:
            RoundError: that is not possible; it says why.
        """
        if self._smtp is not None and self._is_alive(self._smtp):
            return
        self.drop()
        settings = self._settings
        if not settings.host:
            raise RoundError("smtp_no_host", path=self._folder / SETTINGS)
        if settings.security == "none" and not is_loopback(settings.host):
            raise RoundError("smtp_in_the_clear", host=settings.host)
        password = self._password(settings.user, settings.host) if settings.user else ""
        self._smtp = self._connected()
        if settings.user:
            self._log_in(self._smtp, password)

    def offer(self, sender: str, recipients: Sequence[str], data: bytes) -> Answer | None:
        """Put a message on the wire up to its last dot; gives an answer where it got no further."""
        if self._smtp is None:
            return Answer("lost")
        try:
            return self._offered(self._smtp, sender, recipients, data)
        except (smtplib.SMTPException, OSError):
            self.drop()
            return Answer("lost")

    def finish(self) -> Answer:
        """End the message that was offered; `lost`: nobody knows whether it was taken."""
        if self._smtp is None:
            return Answer("lost")
        try:
            self._smtp.send(b".\r\n")
            reply = self._smtp.getreply()
        except (smtplib.SMTPException, OSError):
            self.drop()
            return Answer("lost")
        if 200 <= reply[0] < 300:
            return Answer("sent", self._refused)
        if 400 <= reply[0] < 600:
            return self._refusal(reply)
        self.drop()  # no answer that means anything: it may have been taken
        return Answer("lost", _words(reply))

    def close(self) -> None:
        """Say goodbye; never fails."""
        if self._smtp is not None:
            try:
                self._smtp.quit()
            except (smtplib.SMTPException, OSError):
                self.drop()
        self._smtp = None

    def drop(self) -> None:
        """Break the connection off, so that what was offered is not taken."""
        if self._smtp is not None:
            self._smtp.close()
        self._smtp = None

    def _is_alive(self, smtp: smtplib.SMTP) -> bool:
        """Tell whether the server still listens, and have it forget what was begun."""
        try:
            return smtp.rset()[0] == 250
        except (smtplib.SMTPException, OSError):
            return False

    def _connected(self) -> smtplib.SMTP:
        settings = self._settings
        where = {"host": settings.host, "port": settings.port}
        trusted = certificates(self._folder / settings.ca_file if settings.ca_file else None)
        smtp: smtplib.SMTP | None = None
        try:
            if settings.security == "tls":
                return smtplib.SMTP_SSL(
                    settings.host, settings.port, _GREETING, timeout=settings.timeout, context=trusted
                )
            smtp = smtplib.SMTP(settings.host, settings.port, _GREETING, timeout=settings.timeout)
            if settings.security == "starttls":
                smtp.starttls(context=trusted)
            return smtp
        except smtplib.SMTPNotSupportedError as error:
            _closed(smtp)
            raise RoundError("smtp_no_starttls", **where) from error
        except ssl.SSLCertVerificationError as error:
            _closed(smtp)
            raise RoundError("smtp_certificate", host=settings.host, why=reason_of(error)) from error
        except (smtplib.SMTPException, OSError) as error:
            _closed(smtp)
            raise RoundError("smtp_not_reached", **where, why=_why(error)) from error

    def _log_in(self, smtp: smtplib.SMTP, password: str) -> None:
        settings = self._settings
        try:
            smtp.login(settings.user, password)
        except (smtplib.SMTPException, OSError, UnicodeEncodeError) as error:
            self.drop()
            # Neither the cause nor its words are kept where they could hold the password.
            words = "ASCII" if isinstance(error, UnicodeEncodeError) else _why(error)
            raise RoundError("smtp_login", host=settings.host, user=settings.user, words=words) from None

    def _offered(self, smtp: smtplib.SMTP, sender: str, recipients: Sequence[str], data: bytes) -> Answer | None:
        smtp.ehlo_or_helo_if_needed()
        reply = smtp.mail(sender, [f"SIZE={len(data)}"] if smtp.has_extn("size") else [])
        if reply[0] != 250:
            answer = self._refusal(reply)
            for_all = answer.verdict == "refused" and reply[0] != _TOO_LARGE
            return Answer("no_sender", answer.words) if for_all else answer
        refusals: list[tuple[str, tuple[int, bytes]]] = []
        for address in recipients:
            reply = smtp.rcpt(address)
            if reply[0] not in (250, 251):
                refusals.append((address, reply))
                if reply[0] == 421:
                    break
        if len(refusals) == len(recipients) or any(reply[0] == 421 for _, reply in refusals):
            return self._refusal(min((reply for _, reply in refusals), key=lambda found: found[0]))
        self._refused = "; ".join(f"{address}: {_words(reply)}" for address, reply in refusals)
        reply = smtp.docmd("DATA")
        if reply[0] != 354:
            return self._refusal(reply)
        smtp.send(_DOT.sub(b"..", data))
        return None

    def _refusal(self, reply: tuple[int, bytes]) -> Answer:
        """Tell a refusal for good from one for now; the connection is kept where the server keeps it."""
        if reply[0] == 421 or not 400 <= reply[0] < 600:
            self.drop()
        return Answer("refused" if 500 <= reply[0] < 600 else "later", _words(reply))


def _closed(smtp: smtplib.SMTP | None) -> None:
    if smtp is not None:
        smtp.close()


def _words(reply: tuple[int, bytes]) -> str:
    return one_line(f"{reply[0]} {reply[1].decode('utf-8', 'replace')}")[:_SHOWN]


def _why(error: Exception) -> Text:
    if isinstance(error, smtplib.SMTPResponseException):
        raw = error.smtp_error
        reply = _words((error.smtp_code, raw if isinstance(raw, bytes) else str(raw).encode()))
        return filled("system.SMTPResponseException", words=reply)
    return reason_of(error)
