"""Texts of others on a terminal: shown, never obeyed.

Owns: writing characters that steer a terminal, turn a line round or hide a part of it as escapes. Knows nothing of
what is printed.
"""

from __future__ import annotations

import json
import unicodedata

from evaluator.wording.cutting import cut


def printable(words: str, keep: str = "") -> str:
    r"""Put JSON's escapes (`\u001b`) for control, format, unassigned and private characters and half surrogates.

    Args:
        words: the text; escapes in JSON stay JSON of the same meaning.
        keep: characters that may stay.
    """
    if words.isprintable():
        return words
    return "".join(c if c in keep or _is_harmless(c) else _escaped(c) for c in words)


def shortened(words: str, most: int) -> str:
    """Show the beginning of a text of someone's, at most so many characters of it."""
    return printable(cut(words, most))


def shown(value: object, most: int = 60) -> str:
    """Show a value about as it stands in a file, or the beginning of it."""
    try:
        return shortened(json.dumps(value, ensure_ascii=False, default=str), most)
    except ValueError:  # a whole number of thousands of digits, which Python does not write
        return "…"


def _is_harmless(character: str) -> bool:
    return unicodedata.category(character)[0] != "C" and character not in "\u2028\u2029"


def _escaped(character: str) -> str:
    units = character.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[n : n + 4]}" for n in range(0, len(units), 4))
