"""What is wrong with a round's settings, in the operator's language.

Owns: saying each fault with its line, what was found and what is expected. What is allowed stands in the settings'
records; here only their schema is read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic_core import ErrorDetails

from evaluator.model.places import line_of, lines_by_path
from evaluator.wording import Text, filled, text
from evaluator.wording.printing import printable, shown

ADDRESS, ID, MODEL = "address", "id", "model"
"""Formats that a setting's schema may name beside JSON Schema's own."""
_BOUNDS = (("minimum", "≥ "), ("exclusiveMinimum", "> "), ("maximum", "≤ "), ("exclusiveMaximum", "< "))
Schema = Mapping[str, Any]


def said(faults: Sequence[ErrorDetails], schema: Schema, source: str) -> Text:
    """Say all faults in one line.

    Args:
        faults: as pydantic found them.
        schema: JSON schema of the settings.
        source: the file's text.
    """
    places = lines_by_path(source)
    lines = [line_of(places, fault["loc"]) for fault in faults]
    ordered = sorted(zip(lines, faults, strict=True), key=lambda pair: pair[0])
    each = [_fault(fault, schema, line) for line, fault in ordered]
    return Text(zh="；".join(one.zh for one in each), en="; ".join(one.en for one in each))


def _fault(fault: ErrorDetails, schema: Schema, line: int) -> Text:
    loc = [str(part) for part in fault["loc"]]
    key = ".".join(loc)
    if fault["type"] == "extra_forbidden":
        known = ", ".join(_below(schema, loc[:-1])["properties"])
        return filled("rounds.settings.unknown", key=printable(key), line=line, known=known)
    wanted = _below(schema, loc)
    expected = _expected(wanted, key)
    if fault["type"] == "missing":
        return filled("rounds.settings.missing", key=key, expected=expected)
    return filled("rounds.settings.wrong", key=key, line=line, found=shown(fault["input"]), expected=expected)


def _below(schema: Schema, path: Sequence[str]) -> Schema:
    """Give the schema of what stands under a path."""
    found = schema
    for key in path:
        found = found["properties"][key]
        reference = found.get("$ref", "")
        if reference:
            found = schema["$defs"][reference.rpartition("/")[2]]
    return found


def _expected(wanted: Schema, key: str) -> Text:
    if "properties" in wanted:
        return filled("rounds.settings.expected.section", key=key)
    if "enum" in wanted:
        return filled("rounds.settings.expected.choice", choices=" / ".join(wanted["enum"]))
    if wanted["type"] in ("integer", "number"):
        bounds = ", ".join(f"{sign}{wanted[name]:.12g}" for name, sign in _BOUNDS if name in wanted)
        return filled(f"rounds.settings.expected.{wanted['type']}", bounds=bounds)
    if "format" in wanted:
        return text(f"rounds.settings.expected.{wanted['format']}")
    return filled("rounds.settings.expected.line", limit=wanted["maxLength"])
