"""How texts are compared where people retype, translate or re-save them.

Owns: folding a text to what matching looks at. Knows nothing of what the texts mean.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache


class _Folding(dict[int, str | None]):
    """What `str.translate` makes of a character: itself, or nothing if it is blank or invisible."""

    def __missing__(self, code: int) -> str | None:
        character = chr(code)
        kept = None if character.isspace() or unicodedata.category(character)[0] in "CZ" else character
        self[code] = kept
        return kept


_FOLDING = _Folding()


@lru_cache(maxsize=1 << 14)
def plain(words: str) -> str:
    """Fold full-width forms and case, and drop blanks, line ends and invisible marks."""
    return unicodedata.normalize("NFKC", words).translate(_FOLDING).casefold()


def is_empty(words: str) -> bool:
    """Tell whether a text shows nothing: empty, blanks or invisible marks only."""
    return not words or (not words[0].isalnum() and not plain(words))


def without_stop(folded: str) -> str:
    """Leave out one full stop at the end of a folded text: `完全满足。` says what `完全满足` says."""
    return folded[:-1] if folded.endswith(("。", ".", "｡")) and not folded.endswith(("。。", "..")) else folded
