"""Getting at a mail server safely: who may be spoken to in the clear, which certificates count, where passwords are.

Owns: those three rules, for sending and for collecting alike. A password is never a setting, never shown, never logged.
"""

from __future__ import annotations

import ipaddress
import os
import ssl
from pathlib import Path
from typing import Literal

from evaluator.errors import RoundError, reason_of

Service = Literal["smtp", "imap"]


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine, to which nobody can listen on the way."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def certificates(ca_file: Path | None) -> ssl.SSLContext:
    """Give what a server's certificate is checked against: the system's authorities, and those of a file.

    Raises:
        RoundError: the file can't be read, or holds no certificates.
    """
    context = ssl.create_default_context()
    if ca_file is not None:
        try:
            context.load_verify_locations(ca_file)
        except OSError as error:  # SSLError is one
            raise RoundError("ca_file", path=ca_file, why=reason_of(error)) from error
    return context


def password_for(service: Service, user: str, host: str) -> str:
    """Find a login's password: in the environment (`EVALUATOR_SMTP_PASSWORD`), else in the system's keyring.

    Raises:
        RoundError: there is none.
    """
    variable = f"EVALUATOR_{service.upper()}_PASSWORD"
    found = os.environ.get(variable) or _from_keyring(service, user, host)
    if not found:
        raise RoundError("no_password", user=user, host=host, variable=variable, name=f"{service}:{user}@{host}")
    return found


def _from_keyring(service: Service, user: str, host: str) -> str | None:
    try:
        import keyring
        import keyring.errors
    except ImportError:
        return None
    try:
        return keyring.get_password("evaluator", f"{service}:{user}@{host}")
    except keyring.errors.KeyringError:  # no keyring on this system, or it stays locked
        return None
