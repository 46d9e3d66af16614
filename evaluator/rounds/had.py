"""Who has had which mail, by the ledger, and what of a task is still to be sent.

Owns: telling that for each kind of mail. Knows nothing of letters or addresses' validity.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from evaluator.intake.addresses import addresses_of
from evaluator.rounds.ledger import Ledger
from evaluator.rounds.letters import Kind
from evaluator.rounds.messages import OPEN, Row
from evaluator.rounds.tasks import Task


class Had:
    """What the ledger says of the messages of one kind, as `messages.rows_of` gave them."""

    def __init__(self, ledger: Ledger, kind: Kind, rows: Sequence[Row]) -> None:
        self._kind, self._ledger = kind, ledger
        self._by_institution: dict[str, list[Row]] = {}
        for row in rows:
            self._by_institution.setdefault(row.institution, []).append(row)
        self.unclear = {row.institution for row in rows if row.state == "unclear"}
        self._corrected = corrections_sent(ledger) if kind == "correction" else frozenset()

    def pending(self, task: Task) -> Task | None:
        """Give what is still to be sent of a task; `None`: nothing, or nobody knows."""
        institution = task.institution.id
        if institution in self.unclear:
            return None
        if self._kind == "correction":
            return self._uncorrected(task)
        if self._kind == "reminder":
            return task  # whoever chose the tasks saw to the time between two
        address = "; ".join(addresses_of(task.institution.email))
        had = not self._again(institution) and any(
            row.state == "sent" or (row.state == "bounced" and row.address == address)
            for row in self._by_institution.get(institution, ())
        )
        return None if had else task

    def open_row(self, task: Task) -> Row | None:
        """Give the message on record that a task goes out as, where there is one."""
        return next((r for r in reversed(self._by_institution.get(task.institution.id, ())) if r.state in OPEN), None)

    def _uncorrected(self, task: Task) -> Task | None:
        """Leave out corrections that went out already."""
        row = self._again(task.institution.id)
        again = corrections_held(self._ledger, row.number) if row else frozenset()
        had = {(domain, corrects) for i, domain, corrects in self._corrected if i == task.institution.id} - again
        due = {form.domain for form in task.forms() if (form.domain, form.corrects) not in had}
        if not due:
            return None
        return replace(task, forms=lambda: tuple(form for form in task.forms() if form.domain in due))

    def _again(self, institution: str) -> Row | None:
        """Give the message planned after all that were sent: a person decided to send once more."""
        rows = self._by_institution.get(institution, ())
        last = max((row.number for row in rows if row.state == "sent"), default=0)
        return next((row for row in reversed(rows) if row.state in OPEN and row.number > last), None)


def corrections_held(ledger: Ledger, number: int) -> frozenset[tuple[str, str]]:
    """Give domain and the corrected return's hash of every correction that a message holds."""
    return frozenset(
        ledger.rows(
            "SELECT p.domain, p.corrects FROM packages p JOIN enclosures e ON e.package = p.number"
            " WHERE e.message = ? AND p.kind = 'correction'",
            (number,),
        )
    )


def corrections_sent(ledger: Ledger) -> frozenset[tuple[str, str, str]]:
    """Give institution, domain and the corrected return's hash of every correction that went out."""
    return frozenset(
        ledger.rows(
            "SELECT DISTINCT p.institution, p.domain, p.corrects FROM packages p"
            " JOIN enclosures e ON e.package = p.number JOIN messages m ON m.number = e.message"
            " WHERE p.kind = 'correction' AND m.state IN ('sent', 'unclear', 'bounced')"
        )
    )
