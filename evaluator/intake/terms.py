"""What a round says about its returns: which forms are its own, when they are late, and what a person decided.

Owns: the record. Knows nothing of where a round keeps it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from evaluator.assessment.rulings import Decision, Ruling


@dataclass(frozen=True, kw_only=True, slots=True)
class Terms:
    """A round's terms."""

    round: str
    """Name of the round in forms and seals."""
    title: str = ""
    """What people call it."""
    key: bytes = field(repr=False)
    """The key of its seals."""
    closes: str
    """From when on returns are late, as `Source.arrived`; empty where they never are."""
    utc_offset: float = 0.0
    """Hours from UTC of the times that people are shown."""
    late: Literal["flag", "exclude"] = "flag"
    """Whether late returns count, with a warning, or don't."""
    excluded: Mapping[str, str] = field(default_factory=dict)
    """Why returns don't count that a person excluded, by the file's SHA-256."""
    unanswered: frozenset[str] = frozenset()
    """Forms that came back just as they were sent, by the file's SHA-256."""
    accepted: Mapping[str, str] = field(default_factory=dict)
    """Why forms count that would be withheld, as a person decided, by the file's SHA-256."""
    accepted_for: Mapping[str, str] = field(default_factory=dict)
    """Institution that an accepted file was accepted for, by the file's SHA-256."""
    senders: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Institutions that the sender's address is one of, of files that came in mails, by the file's SHA-256; none for a
    sender on nobody's entry. Files that came otherwise, put there by the operator, are left out."""
    rulings: Mapping[str, Mapping[str, Ruling]] = field(default_factory=dict)
    """Answers that a person decided otherwise, by institution and requirement."""
    decisions: tuple[Decision, ...] = ()
    """All that persons decided and that is in force, for the record: what `excluded`, `accepted`, `rulings` hold."""
