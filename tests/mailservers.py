"""Mail servers on loopback for tests: real ones, with encryption and login, that can be told to misbehave.

What a server takes it writes to a folder at once, so that nothing is lost when a client or the test is killed.
"""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import trustme
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

USER, PASSWORD = "pinggu@round.example", "geheim-4711-geheim"
HOST = "localhost"


class Certificates:
    """An authority of the test's own, and a certificate of this machine."""

    def __init__(self, folder: Path) -> None:
        self._authority = trustme.CA()
        self.file = folder / "ca.pem"
        self._authority.cert_pem.write_to_path(str(self.file))

    def context(self, name: str = HOST) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._authority.issue_cert(name).configure_cert(context)
        return context


Answer = str | None
"""What a hook says: an answer to give, `drop` to break the connection off, or nothing."""
Hook = Callable[[str, str, "SmtpServer"], Answer]
"""Called at each point with its name and the recipient's address, as far as that is known.

Points, in order: `MAIL`, `RCPT`, `DATA` (before the client may send), `DOT` (the whole message is there, and not yet
kept), `KEPT` (kept, and not yet answered).
"""


class _Protocol(SMTP):
    owner: SmtpServer

    def _call_owner(self, point: str, address: str = "") -> str:
        """Ask the hook; `drop` is done here already."""
        self.owner.points[point] += 1
        answer = self.owner.hook(point, address, self.owner) or ""
        if answer == "drop" and self.transport is not None:
            self.transport.abort()
        return answer

    async def _guarded(self, point: str, arg: str, then: Callable[[str], Any]) -> None:
        answer = self._call_owner(point, _address(arg) or _first(self.envelope))
        if answer == "drop":
            return
        if answer:
            await self.push(answer)
        else:
            await then(arg)

    async def smtp_MAIL(self, arg: str) -> None:  # noqa: N802 - aiosmtpd's names
        await self._guarded("MAIL", "", lambda _: super(_Protocol, self).smtp_MAIL(arg))

    async def smtp_RCPT(self, arg: str) -> None:  # noqa: N802
        await self._guarded("RCPT", arg, super().smtp_RCPT)

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        await self._guarded("DATA", arg or "", lambda _: super(_Protocol, self).smtp_DATA(arg))


class _Keeper:
    """Keeps each message in a file of its own, named by its place in the order they came."""

    def __init__(self, owner: SmtpServer) -> None:
        self._owner = owner

    async def handle_DATA(self, server: _Protocol, session: Session, envelope: Envelope) -> str:  # noqa: N802
        address = _first(envelope)
        for point in ("DOT", "KEPT"):
            answer = server._call_owner(point, address)
            if answer:
                return answer if answer != "drop" else "421 gone"
            if point == "DOT":
                self._keep(envelope)
        return "250 taken"

    def _keep(self, envelope: Envelope) -> None:
        folder = self._owner.folder
        number = sum(1 for _ in folder.iterdir())
        to = "\n".join(envelope.rcpt_tos)
        (folder / f"{number:04}").write_bytes(f"{envelope.mail_from}\n{to}\n\n".encode() + (envelope.content or b""))


class SmtpServer:
    """A server that takes mail over an encrypted connection after a login."""

    def __init__(
        self,
        folder: Path,
        certificate: ssl.SSLContext,
        *,
        hook: Hook = lambda point, address, server: None,
        starttls: bool = True,
    ) -> None:
        """Prepare a server; `folder` is where it keeps what it takes."""
        self.folder = folder
        self.hook = hook
        self.points: Counter[str] = Counter()
        self.port = 0
        self._certificate, self._starttls = certificate, starttls
        self._loop = asyncio.new_event_loop()
        folder.mkdir(parents=True, exist_ok=True)

    @contextmanager
    def running(self) -> Iterator[SmtpServer]:
        ready = threading.Event()
        thread = threading.Thread(target=self._run, args=(ready,), daemon=True)
        thread.start()
        assert ready.wait(10)
        try:
            yield self
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
            thread.join(10)

    def _run(self, ready: threading.Event) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(self._loop.create_server(self._protocol, "127.0.0.1", 0))
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        self._loop.run_forever()
        server.close()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()

    def _protocol(self) -> _Protocol:
        protocol = _Protocol(
            _Keeper(self),
            hostname=HOST,
            loop=self._loop,
            data_size_limit=50_000_000,
            tls_context=self._certificate if self._starttls else None,
            require_starttls=self._starttls,
            authenticator=_is_known,
            auth_required=self._starttls,
        )
        protocol.owner = self
        return protocol

    @property
    def taken(self) -> list[tuple[list[str], bytes]]:
        """Recipients and bytes of every message, in the order they came."""
        found = []
        for path in sorted(self.folder.iterdir()):
            head, _, data = path.read_bytes().partition(b"\n\n")
            found.append((head.decode().split("\n")[1:], data))
        return found


def _is_known(server: SMTP, session: Session, envelope: Envelope, mechanism: str, login: Any) -> AuthResult:
    known = isinstance(login, LoginPassword) and login == LoginPassword(USER.encode(), PASSWORD.encode())
    return AuthResult(success=known, handled=False)


def _address(arg: str) -> str:
    return arg.partition("<")[2].partition(">")[0]


def _first(envelope: Envelope | None) -> str:
    return envelope.rcpt_tos[0] if envelope is not None and envelope.rcpt_tos else ""
