"""Mails that needed a person, once one has dealt with them.

Owns: how a person names a mail, and putting on record that it was dealt with, by whom and how.
"""

from __future__ import annotations

from collections.abc import Sequence

from evaluator.errors import RoundError
from evaluator.rounds.ledger import Ledger
from evaluator.rounds.reasons import DEALT_WITH, Reason, packed, unpacked
from evaluator.rounds.traffic import withheld

_DIGITS = 8
_FEWEST = 6
_DONE = "UPDATE mails SET kind = CASE kind WHEN 'person' THEN 'done' ELSE kind END, reason = ? WHERE sha256 = ?"
"""A mail with other files that count stays one; what was withheld of it is dealt with."""


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
        RoundError: nothing is said, or a mark is not that of exactly one mail that needs a person, or holds a file
            that does; then nothing is
            changed.
    """
    if not why.strip():
        raise RoundError("nothing_said")
    with_files = {one.mail for one in withheld(ledger)}
    waiting = [
        (sha256, reason)
        for sha256, reason, kind in ledger.rows("SELECT sha256, reason, kind FROM mails")
        if kind == "person" or sha256 in with_files
    ]
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
            step.execute(_DONE, (reasons, sha256))
    return tuple(chosen)
