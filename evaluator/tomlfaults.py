"""Where and why a TOML text that an operator wrote is broken, in both languages.

Owns: turning what the standard library's parser says into a line and a reason. The parser tells its faults apart by
English words only; words that are not known here are shown as they are, behind a sentence that holds for all of them.
Knows nothing of what the texts are for.
"""

from __future__ import annotations

import re

from evaluator.wording import Text, filled, text

_REASONS = (
    ("Invalid value", "value"),
    ("Invalid date or datetime", "date"),
    ("Expected newline or end of document after a statement", "more_than_one"),
    ("Invalid statement", "statement"),
    ("Invalid initial character for a key part", "key"),
    ("Expected '=' after a key", "no_equals"),
    (r"Expected ['\"]\]", "table_end"),
    ("Unclosed array", "array_end"),
    ("Unclosed inline table", "inline_end"),
    ("Unterminated string", "text_end"),
    (r"Expected ['\"]", "text_end"),
    (r"(Illegal|Found invalid) character '\\[nr]'", "text_end"),
    ("(Illegal|Found invalid) character", "character"),
    ("Unescaped", "backslash"),
    ("Invalid hex value|Escaped character", "escape"),
    ("Cannot (overwrite|declare|mutate|redefine)|Duplicate", "twice"),
    ("Exceeds the limit", "number"),
)
"""Beginnings of the parser's words, and what to say instead (`wording/syntax.toml`)."""
_PLACE = re.compile(r"\s*\(at (?:line (\d+), column \d+|end of document)\)$")


def fault_of(error: ValueError | RecursionError, source: str) -> tuple[int, Text]:
    """Give the line of a text that is no TOML, 1-based, and what is wrong there.

    Args:
        error: what `tomllib.loads` raised.
        source: the text.
    """
    words = str(error)
    place = _PLACE.search(words)
    line = int(place[1]) if place and place[1] else source.rstrip().count("\n") + 1
    if isinstance(error, RecursionError):
        return line, text("syntax.depth")
    said = _PLACE.sub("", words)
    key = next((key for beginning, key in _REASONS if re.match(beginning, said)), None)
    return line, text(f"syntax.{key}") if key else filled("syntax.other", words=" ".join(said.split()))
