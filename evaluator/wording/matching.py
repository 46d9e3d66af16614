"""How texts are compared where people retype, translate or re-save them.

Owns: folding a text to what matching looks at. Knows nothing of what the texts mean.
"""

from __future__ import annotations

import unicodedata


def plain(words: object) -> str:
    """Fold full-width forms and case, and drop blanks, line ends and invisible marks."""
    folded = unicodedata.normalize("NFKC", str(words))
    if folded.isascii() and folded.isalnum():
        return folded.casefold()
    return "".join(c for c in folded if not c.isspace() and unicodedata.category(c)[0] not in "CZ").casefold()


def is_empty(words: str) -> bool:
    """Tell whether a text shows nothing: empty, blanks or invisible marks only."""
    return not words or not plain(words)
