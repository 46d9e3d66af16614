"""What is wrong with the shape of a model's file, in both languages.

Owns: turning what pydantic found into a `Fault`: its line, its place, what the value was and what it should be. What is
allowed stands in the records; their checks tell their faults apart by type, and each type has a text in
`wording/model.toml`. Knows nothing of how files are found or read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from pydantic_core import ErrorDetails

from evaluator.model.lint import Fault, Table
from evaluator.model.places import Path, line_of
from evaluator.model.records import EXAMPLES
from evaluator.wording import Text, catalogue, filled, text
from evaluator.wording.numbers import plain
from evaluator.wording.printing import printable, shown

_CODES = {"missing": "missing_key", "extra_forbidden": "unknown_key"}
_QUOTED = re.compile(r"'([^']*)'")


def shape_fault(name: str, places: dict[Path, int], data: Table, details: ErrorDetails) -> Fault:
    """Make a fault of one that pydantic found in a file's content."""
    path, kind, given = details["loc"], details["type"], details.get("input")
    code = _CODES.get(kind, "bad_value")
    is_blank = code == "bad_value" and isinstance(given, str) and not given.strip()
    if path and path[-1] in ("zh", "en") and (kind == "missing" or is_blank):
        code = "missing_language"
    params: dict[str, object] = {"key": str(path[-1])} if path else {}
    if code == "bad_value":
        params |= {"given": shown(given), "why": reason(details)}
    return Fault(code=code, file=name, line=line_of(places, path), place=_spoken(path, data), params=params)


def reason(details: ErrorDetails) -> Text:
    """Say what a value should be; a fault of a type that has no text of its own is said in general words."""
    kind, context = details["type"], details.get("ctx", {})
    if kind == "string_pattern_mismatch":
        example = EXAMPLES.get(str(context["pattern"]))
        return filled("model.value.like", example=example) if example else text("model.value.pattern")
    known = catalogue("model")["value"]
    if not isinstance(known, Mapping) or kind not in known:
        return filled("model.value.other", words=printable(details["msg"]))
    if kind in ("float_type", "int_type") and type(details.get("input")) is int:
        return text("model.value.huge")
    limits = {key: plain(one) if isinstance(one, float) else one for key, one in context.items()}
    if kind == "literal_error":
        limits["expected"] = " / ".join(_QUOTED.findall(str(context["expected"])))
    return filled(f"model.value.{kind}", **limits)


def _spoken(path: Path, data: Table) -> str:
    """Say a path with ids for positions: `("item", 0, "requirement", 2, "text", "zh")` becomes `SS1-3.text.zh`."""
    node: object = data
    spoken: list[str] = []
    for part in path:
        try:
            node = node[part]  # type: ignore[index]
        except (KeyError, IndexError, TypeError):
            node = None
        if isinstance(part, int):
            own = next((node[key] for key in ("id", "code") if isinstance(node, dict) and key in node), None)
            numbered = [*spoken[:-1], f"{spoken[-1] if spoken else ''}[{part + 1}]"]
            spoken = [own if isinstance(own, str) else shown(own)] if own else numbered
        else:
            spoken.append(part)
    return ".".join(spoken)
