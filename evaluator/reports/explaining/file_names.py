"""What a file's path says of whose form it is, and of which domain.

Owns: reading ids, names and domains out of paths. Nothing is believed: a path only says whose it is not likely
to be.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

from evaluator.model.records import Domain
from evaluator.wording.matching import plain

_LEAST_NAME = 4
"""Characters of the shortest name that is looked for: shorter ones stand in other words."""


def named(path: str, institutions: Iterable[tuple[str, str]]) -> set[str]:
    """Give the ids of those institutions (id, name) whose id or name a path holds, be it of the archive or mail.

    An id of digits only counts where the file's own name begins with it: elsewhere it may be a date or a number.
    """
    folded, short = _folded(path), plain(path)
    own = _own_name(folded)
    found = set()
    for identifier, name in institutions:
        wanted, words = _folded(identifier), plain(name)
        if wanted.isdigit():
            is_there = own.startswith(wanted) and _stands(wanted, own)
        else:
            is_there = wanted in folded and _stands(wanted, folded)
        if is_there or (len(words) >= _LEAST_NAME and words in short):
            found.add(identifier)
    return found


def domains_named(path: str, domains: Sequence[Domain]) -> set[str]:
    """Give the codes of the domains whose code, name or alias a file's own name holds."""
    own = _own_name(_folded(path))
    short = plain(own)
    return {
        one.code
        for one in domains
        if _stands(_folded(one.code), own) or any(plain(w) in short for w in (one.name.zh, one.name.en, *one.aliases))
    }


def _folded(words: str) -> str:
    return unicodedata.normalize("NFKC", words).casefold().strip()


def _own_name(path: str) -> str:
    return re.split("[/!\\\\]", path)[-1]


def _stands(wanted: str, words: str) -> bool:
    """Tell whether a code stands by itself, and not in a longer one."""
    return bool(wanted) and re.search(f"(?<![0-9a-z]){re.escape(wanted)}(?![0-9a-z])", words) is not None
