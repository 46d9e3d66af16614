"""Text that must stay on one line: in headers, letters, and what a server said.

Owns: taking out what ends a line or hides in one.
"""

from __future__ import annotations

import unicodedata

_TAKEN_OUT = {"Cc", "Cf", "Cs", "Co", "Cn"}


def one_line(words: str) -> str:
    """Give words on one line, with single blanks, and without characters that do something or show nothing."""
    shown = "".join(c for c in words if c.isspace() or unicodedata.category(c) not in _TAKEN_OUT)
    return " ".join(shown.split())
