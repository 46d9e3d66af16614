"""Forms that went out before the roster changed what stands in them, or where they should go.

Owns: comparing what an institution's forms were made from with what the roster says now. Sends nothing.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from evaluator.intake.addresses import addresses_of
from evaluator.intake.institutions import Institution
from evaluator.rounds.ledger import Ledger
from evaluator.rounds.messages import OPEN, Row, rows_of

IDENTITY = ("name", "uscc", "province", "city", "type", "category")
"""Fields that stand in forms and must be right there."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Outdated:
    """An institution whose forms are no longer what they would be today."""

    institution: str
    number: int
    """Of the message that brought them."""
    fields: tuple[str, ...]
    """What changed (`institutions.FIELDS`)."""


def outdated(ledger: Ledger, institutions: Sequence[Institution], only: Collection[str] = ()) -> tuple[Outdated, ...]:
    """Find forms that went out before the roster changed; not where a message with new ones is planned already.

    Args:
        ledger: the round's, with the roster as it is recorded.
        institutions: the roster.
        only: ids of the institutions to look at; none: all.
    """
    last: dict[str, Row] = {row.institution: row for row in rows_of(ledger, "invitation")}
    made = _made_from(ledger)
    found = []
    for one in institutions:
        row = last.get(one.id)
        if row is None or row.state in (*OPEN, "bounced") or (only and one.id not in only):
            continue
        before = made.get(row.number, {})
        fields = tuple(key for key in IDENTITY if before and before.get(key, "") != getattr(one, key))
        if row.address != "; ".join(addresses_of(one.email)):
            fields += ("email",)
        if fields:
            found.append(Outdated(institution=one.id, number=row.number, fields=fields))
    return tuple(found)


def _made_from(ledger: Ledger) -> dict[int, dict[str, str]]:
    """Give what the roster said of an institution when each of its messages was last made, as far as known."""
    by_roster: dict[str, dict[str, str]] = {}
    for identifier, fields, roster in ledger.rows("SELECT id, fields, roster FROM institutions ORDER BY number"):
        by_roster.setdefault(roster, {})[identifier] = fields
    whose = dict(ledger.rows("SELECT number, institution FROM messages"))
    now: dict[str, str] = {}
    made: dict[int, str] = {}
    for what, sha256, detail in ledger.rows(
        "SELECT what, sha256, detail FROM events WHERE what IN ('roster', 'message_sending', 'messages_written')"
        " ORDER BY number"
    ):
        if what == "roster":
            now.update(by_roster.get(sha256, {}))
            continue
        said = json.loads(detail)
        for number in said.get("messages", [said.get("message", 0)]):
            made[number] = now.get(whose.get(number, ""), "{}")
    return {number: json.loads(fields) for number, fields in made.items()}
