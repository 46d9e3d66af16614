"""Mails that needed a person, once one has dealt with them.

Owns: how a person names a mail, and putting on record that it was dealt with, by whom and how.
"""

from __future__ import annotations

from collections.abc import Sequence

from evaluator.errors import RoundError
from evaluator.rounds.collecting import DEALT_WITH
from evaluator.rounds.ledger import Ledger
from evaluator.rounds.reasons import Reason, packed, unpacked

_DIGITS = 8
_FEWEST = 6


def mark_of(sha256: str) -> str:
    """Give what a person names a mail by."""
    return sha256[:_DIGITS]


def deal_with(ledger: Ledger, marks: Sequence[str], why: str) -> tuple[str, ...]:
    """Record that mails were dealt with, so that they are no longer listed; gives their hashes.

    Args:
        ledger: the round's.
        marks: the mails, each by the first digits of its hash.
        why: how they were dealt with, for the record.

    Raises:
        RoundError: nothing is said, or a mark is not that of exactly one mail that needs a person; then nothing is
            changed.
    """
    if not why.strip():
        raise RoundError("nothing_said")
    waiting = ledger.rows("SELECT sha256, reason FROM mails WHERE kind = 'person'")
    found = {
        mark: [row for row in waiting if len(mark) >= _FEWEST and row[0].startswith(mark.lower())] for mark in marks
    }
    strange = [mark for mark, rows in found.items() if len(rows) != 1]
    if strange:
        raise RoundError("no_such_mails", marks=", ".join(strange))
    chosen = dict(rows[0] for rows in found.values())
    for sha256, reason in chosen.items():
        reasons = packed((*unpacked(reason), Reason(key=DEALT_WITH, params={"why": why.strip()})))
        with ledger.step("dealt_with", sha256=sha256, detail={"why": why.strip()}) as step:
            step.execute("UPDATE mails SET kind = 'done', reason = ? WHERE sha256 = ?", (reasons, sha256))
    return tuple(chosen)
