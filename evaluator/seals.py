"""The seal of a form: what proves that it was made for one institution in one round, and by whom.

Owns: the key, and the code over what a seal vouches for (HMAC-SHA256, RFC 2104). Knows nothing of workbooks or rounds.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from typing import NamedTuple

KEY_BYTES = 32


class Sealed(NamedTuple):
    """What a seal vouches for, each as it stands in `_meta`."""

    round: str
    institution: str
    domain: str
    model: str
    edition: str
    model_hash: str
    corrects: str = ""
    """SHA-256 of the return that the form corrects; empty where it is no correction."""


def new_key() -> bytes:
    """Make a key that nobody can guess."""
    return secrets.token_bytes(KEY_BYTES)


def seal_of(key: bytes, sealed: Sealed) -> str:
    """Give the seal: 64 hex digits."""
    return hmac.new(key, json.dumps(sealed, ensure_ascii=True).encode("ascii"), hashlib.sha256).hexdigest()


def is_genuine(key: bytes, sealed: Sealed, seal: str) -> bool:
    """Tell whether a seal is the one that the key gives."""
    return hmac.compare_digest(seal_of(key, sealed).encode("ascii"), seal.encode("utf-8", "surrogatepass"))
