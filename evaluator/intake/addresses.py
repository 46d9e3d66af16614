"""Mail addresses as people type them, and as the wire wants them.

Owns: what counts as an address. Narrower than the standards: no quoted or non-ASCII names, no addresses without a
domain, nothing that could end a header's line. Knows nothing of who they belong to.
"""

from __future__ import annotations

import re
import unicodedata

_BETWEEN = re.compile(r"[;,、\s]+")
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?")
_NAMED = re.compile(r"(.*)<([^<>]*)>")
_MOST, _MOST_LOCAL, _MOST_LABEL = 254, 64, 63


def address_of(typed: str) -> str:
    """Give an address as the wire wants it, its domain in ASCII; empty where it is none."""
    local, at, domain = unicodedata.normalize("NFKC", typed.strip()).rpartition("@")
    if not at or len(local) > _MOST_LOCAL or _LOCAL.fullmatch(local) is None:
        return ""
    try:
        name = domain.encode("idna").decode("ascii")
    except UnicodeError:
        return ""
    labels = name.split(".")
    is_domain = len(labels) > 1 and not labels[-1].isdigit()
    if not is_domain or any(len(label) > _MOST_LABEL or _LABEL.fullmatch(label) is None for label in labels):
        return ""
    whole = f"{local}@{name}"
    return whole if len(whole) <= _MOST else ""


def addresses_of(typed: str) -> tuple[str, ...]:
    """Give the addresses of a cell (`a@x.cn; b@y.cn`), each once; none where one of them is faulty."""
    found = [address_of(one) for one in _BETWEEN.split(unicodedata.normalize("NFKC", typed)) if one]
    first: dict[str, str] = {}
    for one in found:
        first.setdefault(one.casefold(), one)
    return tuple(first.values()) if all(found) else ()


def named_address_of(typed: str) -> tuple[str, str]:
    """Give name and address of `Name <address>`, or of an address alone; the address is empty where it is none."""
    named = _NAMED.fullmatch(typed.strip())
    if named is None:
        return "", address_of(typed)
    return named[1].strip().strip('"').strip(), address_of(named[2])


def is_mailbox(typed: str) -> bool:
    """Tell whether words are an address, or `Name <address>`."""
    return named_address_of(typed)[1] != ""
