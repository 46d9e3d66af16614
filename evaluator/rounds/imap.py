"""The mailbox that replies come to, read over IMAP and left as it is unless asked otherwise.

Owns: connecting safely, naming a message's place so that it is known again, and fetching one message at a time.
Passwords are neither kept nor shown. Knows nothing of what mails say. The extra `evaluator[mail]` installs the library.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from evaluator.errors import RoundError, reason_of
from evaluator.intake.containers.headers import arrival
from evaluator.rounds.access import certificates, is_loopback, password_for
from evaluator.rounds.settings import ImapPart

if TYPE_CHECKING:
    from imapclient import IMAPClient

_BATCH = 200
"""Messages whose sizes are asked for at a time."""
_HEAD = 1 << 18
"""Bytes of headers that are fetched of a message that is too large itself."""
PLACES = "imap://"
"""What a message's place in a mailbox starts with (RFC 5092)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Listed:
    """A message in the mailbox."""

    uid: int
    size: int
    arrived: str
    """When the server got it, as `Source.arrived`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Mailbox:
    """Which mailbox, and what is done with messages in it once they are kept."""

    settings: ImapPart
    base: Path
    """The round's folder, from which `ca_file` is a path."""
    mark_seen: bool = False
    move_to: str = ""
    """Folder that messages about the round are moved to; empty: they stay."""

    @property
    def changes(self) -> bool:
        """Whether anything in the mailbox is changed at all."""
        return self.mark_seen or bool(self.move_to)

    @contextmanager
    def opened(self, *, writing: bool = False) -> Iterator[Session]:
        """Connect, log in and open the folder.

        Args:
            writing: whether messages will be marked or moved; else the server is told that none are.

        Raises:
            RoundError: the settings don't say where, the server can't be reached or trusted, refuses the login or has
                no such folder, or the connection is lost within the block.
        """
        if not self.settings.host or not self.settings.user:
            raise RoundError("imap_not_set")
        with _worded(self.settings):
            client = self._connected()
        try:
            with _worded(self.settings):
                self._logged_in(client)
                session = self._session(client, writing)
            yield session
        finally:
            _close(client)

    def _connected(self) -> IMAPClient:
        try:
            from imapclient import IMAPClient
        except ImportError as error:
            raise RoundError("mail_not_installed", name="imapclient") from error
        settings = self.settings
        if settings.security == "none" and not is_loopback(settings.host):
            raise RoundError("imap_in_the_clear", host=settings.host)
        trusted = certificates(self.base / settings.ca_file if settings.ca_file else None)
        client = IMAPClient(
            settings.host,
            settings.port,
            ssl=settings.security == "tls",
            ssl_context=trusted if settings.security == "tls" else None,
            timeout=settings.timeout,
        )
        client.normalise_times = False  # times keep their zone
        if settings.security == "starttls":
            try:
                client.starttls(trusted)
            except BaseException:
                _close(client)
                raise
        return client

    def _logged_in(self, client: IMAPClient) -> None:
        from imapclient.exceptions import LoginError

        settings = self.settings
        try:
            client.login(settings.user, password_for("imap", settings.user, settings.host))
        except LoginError as error:
            raise RoundError("imap_login", user=settings.user, host=settings.host, why=_words(error)) from None
        if client.has_capability("ID"):  # providers in China let nobody in who does not say what he is
            with suppress(_imap_error()):
                client.id_({"name": "evaluator", "vendor": "evaluator"})

    def _session(self, client: IMAPClient, writing: bool) -> Session:
        settings = self.settings
        try:
            opened = client.select_folder(settings.folder, readonly=not writing)
        except _imap_error() as error:
            known = ", ".join(_folders(client))
            raise RoundError("imap_folder", folder=settings.folder, why=_words(error), known=known) from error
        if self.move_to and (self.move_to == settings.folder or not client.folder_exists(self.move_to)):
            raise RoundError("imap_folder", folder=self.move_to, why="--move-to", known=", ".join(_folders(client)))
        where = f"{PLACES}{quote(settings.user)}@{settings.host}/{quote(settings.folder)}"
        return Session(client, settings, f"{where};UIDVALIDITY={opened[b'UIDVALIDITY']}/;UID=")


class Session:
    """An open mailbox; what goes wrong with the server is a `RoundError`."""

    def __init__(self, client: IMAPClient, settings: ImapPart, start: str) -> None:
        """Take a client that is logged in and has its folder open."""
        self._client = client
        self._settings = settings
        self._start = start

    def place(self, uid: int) -> str:
        """Name a message's place: the same as long as the server keeps its numbers."""
        return f"{self._start}{uid}"

    def uid(self, place: str) -> int | None:
        """Give the number of a message by its place; `None` where it is elsewhere, or numbers were given anew."""
        number = place.removeprefix(self._start)
        return int(number) if number != place and number.isdecimal() else None

    def uids(self) -> list[int]:
        """List all messages, oldest first."""
        with _worded(self._settings):
            return sorted(self._client.search("ALL"))

    def unseen(self) -> list[int]:
        """List the messages that are not marked as read."""
        with _worded(self._settings):
            return sorted(self._client.search("UNSEEN"))

    def listed(self, uids: Sequence[int]) -> Iterator[Listed]:
        """Give size and arrival of messages; those that are gone by now are left out."""
        for batch in _batches(uids):
            with _worded(self._settings):
                found = self._client.fetch(batch, ["RFC822.SIZE", "INTERNALDATE"])
            for uid in batch:
                facts = found.get(uid, {})
                if b"RFC822.SIZE" in facts:
                    yield Listed(uid=uid, size=int(facts[b"RFC822.SIZE"]), arrived=_time(facts.get(b"INTERNALDATE")))

    def message(self, uid: int) -> bytes | None:
        """Fetch a message, which stays unread; `None` where it is gone."""
        return self._part(uid, "BODY.PEEK[]", b"BODY[]")

    def head(self, uid: int) -> bytes | None:
        """Fetch a message's headers, as far as `_HEAD`."""
        return self._part(uid, f"BODY.PEEK[HEADER]<0.{_HEAD}>", b"BODY[HEADER]<0>")

    def mark_seen(self, uids: Sequence[int]) -> None:
        """Mark messages as read."""
        with _worded(self._settings):
            for batch in _batches(uids):
                self._client.add_flags(batch, [b"\\Seen"], silent=True)

    def move(self, uids: Sequence[int], folder: str) -> None:
        """Move messages to another folder; where the server can't, they are copied, then deleted."""
        with _worded(self._settings):
            for batch in _batches(uids):
                self._move(batch, folder)

    def _move(self, uids: list[int], folder: str) -> None:
        if self._client.has_capability("MOVE"):
            self._client.move(uids, folder)
            return
        self._client.copy(uids, folder)
        self._client.delete_messages(uids, silent=True)
        if self._client.has_capability("UIDPLUS"):  # without it others' deleted messages would go, too
            self._client.uid_expunge(uids)

    def _part(self, uid: int, wanted: str, given: bytes) -> bytes | None:
        with _worded(self._settings):
            found = self._client.fetch([uid], [wanted]).get(uid, {}).get(given)
        return bytes(found) if found is not None else None


def _close(client: IMAPClient) -> None:
    """Say goodbye, or hang up where nobody listens; whatever was asked for is done or has its error."""
    try:
        client.logout()
    except Exception:
        with suppress(Exception):
            client.shutdown()


def _batches(uids: Sequence[int]) -> Iterator[list[int]]:
    for start in range(0, len(uids), _BATCH):
        yield list(uids[start : start + _BATCH])


@contextmanager
def _worded(settings: ImapPart) -> Iterator[None]:
    """Word what goes wrong on the way to the server."""
    place = f"{settings.host}:{settings.port}"
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        raise RoundError("imap_certificate", place=place, why=reason_of(error)) from error
    except OSError as error:
        raise RoundError("imap_not_reached", place=place, why=reason_of(error)) from error
    except _imap_error() as error:
        raise RoundError("imap_failed", place=place, why=_words(error)) from error


def _imap_error() -> type[Exception]:
    """Give what the library raises where the server says no; without the library nothing is."""
    try:
        from imapclient.exceptions import IMAPClientError
    except ImportError:
        return _NeverRaised
    found: type[Exception] = IMAPClientError
    return found


class _NeverRaised(Exception):  # noqa: N818 - it never is one
    pass


def _folders(client: IMAPClient) -> list[str]:
    with suppress(_imap_error()):
        return [name for _, _, name in client.list_folders()][:30]
    return []


def _time(when: Any) -> str:  # noqa: ANN401 - what the library parsed
    return arrival(when) if isinstance(when, datetime) else ""


def _words(error: Exception) -> str:
    words = error.args[0] if error.args else error
    shown = words.decode("utf-8", "replace") if isinstance(words, bytes) else str(words)
    return " ".join(shown.removeprefix("b'").removesuffix("'").split())[:200]  # the library words bytes so
