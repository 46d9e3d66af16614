"""The beginnings of long texts, where the whole has no place.

Owns: how it is shown that something was cut off. Knows nothing of what a text is.
"""

from __future__ import annotations


def cut(words: str, most: int) -> str:
    """Give a text of at most so many characters; of a longer one its beginning and an ellipsis."""
    return words if len(words) <= most else words[: most - 1] + "…"


def cut_line(words: str, most: int) -> str:
    """Give a text so on one line, with single blanks."""
    return cut(" ".join(words.split()), most)
