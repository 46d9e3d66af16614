"""A round's terms, as reading and judging want them.

Owns: putting them together from the round's settings, its key and what persons decided.
"""

from __future__ import annotations

from evaluator.assessment.rulings import Decision, Ruling, shown_time
from evaluator.intake.containers.headers import moment
from evaluator.intake.roster import read_roster
from evaluator.intake.terms import Terms
from evaluator.rounds.collecting import by_address
from evaluator.rounds.folder import Round
from evaluator.rounds.ledger import Ledger
from evaluator.rounds.overrides import decisions


def terms_of(place: Round, ledger: Ledger) -> Terms:
    """Give the terms on which a round's returns are read and judged now.

    Raises:
        InputError, RosterError: there are mails, and the roster can't be used.
    """
    found = decisions(ledger)
    rulings: dict[str, dict[str, Ruling]] = {}
    for one in found:
        if one.kind == "answer":
            ruling = Ruling(answer=one.value, reason=one.reason, role=one.role, made=one.made)
            rulings.setdefault(one.institution, {})[one.target] = ruling
    return Terms(
        round=place.id,
        key=place.key,
        closes=moment(place.settings.closes),
        utc_offset=place.settings.round.utc_offset,
        late=place.settings.round.late,
        title=place.settings.round.name,
        unanswered=frozenset(digest for (digest,) in ledger.rows("SELECT sha256 FROM packages")),
        excluded={one.target: _why(one) for one in found if one.kind == "exclude"},
        accepted={one.target: _why(one) for one in found if one.kind == "accept"},
        senders=_senders(place, ledger),
        accepted_for={one.target: one.institution for one in found if one.kind == "accept"},
        rulings=rulings,
        decisions=found,
    )


def _senders(place: Round, ledger: Ledger) -> dict[str, frozenset[str]]:
    """Say of files that came in mails only whose address they came from; the roster's file counts as it is now."""
    if not ledger.rows("SELECT 1 FROM mails LIMIT 1"):
        return {}
    owners = by_address(read_roster(place.roster, place.model))
    found: dict[str, set[str]] = {}
    loose = set()
    for digest, mail, sender in ledger.rows(
        "SELECT f.sha256, f.mail, COALESCE(m.sender, '') FROM files f LEFT JOIN mails m ON m.sha256 = f.mail"
        " WHERE f.sha256 <> ''"
    ):
        if mail:
            found.setdefault(digest, set()).update(owners.get(sender.lower(), ()))
        else:
            loose.add(digest)
    return {digest: frozenset(ids) for digest, ids in found.items() if digest not in loose}


def _why(one: Decision) -> str:
    return f"{one.reason} ({one.role}, {shown_time(one.made)})"
