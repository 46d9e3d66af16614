"""A real IMAP server on loopback for tests: Dovecot, with a configuration, certificates and a mailbox of its own."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest
import trustme
from imapclient import IMAPClient

from evaluator.rounds.settings import ImapPart
from tests.libreoffice import REQUIRE_ALL

HOST = "localhost"
USER, PASSWORD = "pinggu@round.example", "geheim-0815-geheim"
_PATIENCE = 20.0

_CONFIGURATION = """
protocols = imap
listen = 127.0.0.1
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
default_internal_user = {internal}
default_internal_group = {group}
default_login_user = {login}
ssl = yes
ssl_cert = <{folder}/server.pem
ssl_key = <{folder}/server.key
auth_mechanisms = plain login
auth_failure_delay = 0
mail_location = maildir:{folder}/mail/box
namespace inbox {{
  inbox = yes
  separator = /
}}
passdb {{
  driver = passwd-file
  args = scheme=plain username_format=%u {folder}/users
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
{more}
"""


def require_dovecot() -> str:
    """Give the path of `dovecot`; skip the test where it is missing, or fail it where everything is required."""
    found = shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if found and os.name == "posix":
        return found
    if os.environ.get(REQUIRE_ALL) == "1":
        pytest.fail(f"Dovecot is missing and {REQUIRE_ALL}=1")
    pytest.skip("Dovecot is not installed")


class ImapServer:
    """A running server with one user; use `running`."""

    def __init__(self, folder: Path, port: int, tls_port: int) -> None:
        """Take a server; its folder holds everything of it."""
        self.folder, self.port, self.tls_port = folder, port, tls_port
        self.ca_file = folder / "ca.pem"

    def settings(self, **changed: object) -> ImapPart:
        """Settings of a round that reach the server."""
        values = {"host": HOST, "port": self.tls_port, "security": "tls", "user": USER, "timeout": 10.0}
        return ImapPart.model_validate({**values, "ca_file": str(self.ca_file), **changed})

    @contextmanager
    def client(self, folder: str = "INBOX", *, readonly: bool = False) -> Iterator[IMAPClient]:
        """A client of the test's own."""
        client = IMAPClient(HOST, self.port, ssl=False)
        client.login(USER, PASSWORD)
        client.select_folder(folder, readonly=readonly)
        try:
            yield client
        finally:
            client.logout()

    def put(self, message: bytes, when: datetime, folder: str = "INBOX") -> None:
        """Put a message into the mailbox, unread, as having arrived at a time."""
        with self.client() as client:
            client.append(folder, message, msg_time=when)

    def flags(self, folder: str = "INBOX") -> dict[int, set[bytes]]:
        """Flags of every message by its number."""
        with self.client(folder, readonly=True) as client:
            found = client.get_flags(client.search("ALL"))
        return {uid: set(flags) - {b"\\Recent"} for uid, flags in found.items()}


@contextmanager
def running(more: str = "") -> Iterator[ImapServer]:
    """Run a server for the length of the block; `more` is configuration added to its own."""
    dovecot = require_dovecot()
    folder = Path(tempfile.mkdtemp(prefix="dovecot-"))
    folder.chmod(0o755)  # as root its processes run as others
    try:
        server = ImapServer(folder, _free_port(), _free_port())
        _prepare(server, more)
        process = subprocess.Popen(
            [dovecot, "-F", "-c", str(folder / "dovecot.conf")], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        try:
            _wait_for(server, process)
            yield server
        finally:
            process.terminate()
            process.wait(_PATIENCE)
            assert process.stderr is not None
            process.stderr.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _prepare(server: ImapServer, more: str) -> None:
    folder = server.folder
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(server.ca_file))
    certificate = authority.issue_cert(HOST)
    certificate.private_key_pem.write_to_path(str(folder / "server.key"))
    for number, part in enumerate(certificate.cert_chain_pems):
        part.write_to_path(str(folder / "server.pem"), append=number > 0)
    (folder / "users").write_text(f"{USER}:{PASSWORD}\n", encoding="utf-8")
    (folder / "mail").mkdir()
    me = pwd.getpwuid(os.getuid())
    own = {"internal": me.pw_name, "login": me.pw_name, "uid": me.pw_uid, "gid": me.pw_gid, "group": _group(me.pw_gid)}
    if me.pw_uid == 0:  # nobody's mail may belong to root
        nobody = pwd.getpwnam("nobody")
        own = {"internal": "dovecot", "login": "dovenull", "uid": nobody.pw_uid, "gid": nobody.pw_gid}
        own["group"] = "dovecot"
        os.chown(folder / "mail", nobody.pw_uid, nobody.pw_gid)
        (folder / "users").chmod(0o644)
    text = _CONFIGURATION.format(folder=folder, port=server.port, tls_port=server.tls_port, more=more, **own)
    (folder / "dovecot.conf").write_text(text, encoding="utf-8")


def _group(gid: int) -> str:
    import grp

    return grp.getgrgid(gid).gr_name


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _wait_for(server: ImapServer, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        if process.poll() is not None:
            break
        try:
            with server.client():
                return
        except OSError:
            time.sleep(0.05)
    log = server.folder / "log"
    raise RuntimeError(f"Dovecot did not start: {log.read_text(encoding='utf-8') if log.exists() else ''}")
