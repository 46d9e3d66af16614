"""What a round says about its returns: which forms are its own, when they are late, and what a person decided.

Owns: the record. Knows nothing of where a round keeps it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from evaluator.assessment.rulings import Ruling


@dataclass(frozen=True, kw_only=True, slots=True)
class Terms:
    """A round's terms."""

    round: str
    """Name of the round in forms and seals."""
    key: bytes = field(repr=False)
    """The key of its seals."""
    closes: str
    """From when on returns are late, as `Source.arrived`; empty where they never are."""
    late: Literal["flag", "exclude"] = "flag"
    """Whether late returns count, with a warning, or don't."""
    excluded: Mapping[str, str] = field(default_factory=dict)
    """Why returns don't count that a person excluded, by the file's SHA-256."""
    accepted: Mapping[str, str] = field(default_factory=dict)
    """Why forms count though their seal is broken, as a person decided, by the file's SHA-256."""
    rulings: Mapping[str, Mapping[str, Ruling]] = field(default_factory=dict)
    """Answers that a person decided otherwise, by institution and requirement."""
