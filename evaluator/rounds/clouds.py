"""Links to storage services, which stand in mails where an attachment should.

Owns: telling such links by their host, and which service it is. The services and their names are in the wording.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import cast

from evaluator.wording import catalogue

_LINK = re.compile(
    r"(?:https?://|(?<![\w.@-]))((?:[\w-]{1,63}\.){1,6}[a-z]{2,12})(/[^\s\"'<>]{0,200})?", re.IGNORECASE | re.ASCII
)


def services_in(words: str) -> tuple[str, ...]:
    """List the services that a text has links to, by their keys in `rounds.collect.cloud`, each once."""
    found = (_service(link[1].lower(), link[2] or "") for link in _LINK.finditer(words))
    return tuple(dict.fromkeys(key for key in found if key))


def _service(host: str, path: str) -> str:
    for key, place in _places():
        wanted, _, start = place.partition("/")
        if (host == wanted or host.endswith(f".{wanted}")) and path.lstrip("/").lower().startswith(start):
            return key
    return ""


@cache
def _places() -> tuple[tuple[str, str], ...]:
    return tuple(_listed())


def _listed() -> Iterator[tuple[str, str]]:
    collect = cast("Mapping[str, Mapping[str, Mapping[str, object]]]", catalogue("rounds")["collect"])
    for key, entry in collect["cloud"].items():
        for place in cast("list[str]", entry["at"]):
            yield key, place
