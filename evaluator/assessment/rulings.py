"""Rulings: answers that a person with the right to do so decided otherwise, as an appeal granted.

Owns: the record.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Ruling:
    """One requirement's answer as decided."""

    answer: str
    """Code of the answer that counts instead, of `model.records.ANSWER_CODES`; it scores as it stands."""
    reason: str
    role: str
    """Role of the person who decided."""
    made: str
    """When, UTC."""
