"""How a round stands: the state of every form, counted by province and category, and what needs a person.

Owns: telling states from what the ledger says went out and came in (`reports.status_record` says what they mean).
Opens no workbook and no mail. A mail whose sending broke off at its last moment counts as not sent here and is listed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC
from typing import cast

from evaluator.intake.institutions import Institution
from evaluator.intake.reading import file_hash
from evaluator.reports.status_record import (
    FormStanding,
    Standing,
    Standings,
    State,
    Total,
    domain_total,
    overall_of,
    total_of,
)
from evaluator.rounds.folder import Round
from evaluator.rounds.ledger import Ledger
from evaluator.rounds.needs import attention_of
from evaluator.rounds.traffic import Came, Form, Message, Record, last_out, read_record
from evaluator.wording import catalogue

_UNDOING = ("received", "roster", "override", "override withdrawn")
"""Events after which the last check no longer holds."""


def standings(place: Round, ledger: Ledger) -> Standings:
    """Say how a round stands now."""
    record = read_record(ledger, closing_time(place))
    settings, domains = place.settings.round, tuple(domain.code for domain in place.model.domains)
    everyone = tuple(_standing(one, record, domains) for one in record.institutions)
    return Standings(
        round=settings.id,
        name=settings.name,
        deadline=settings.deadline.isoformat(),
        utc_offset=settings.utc_offset,
        at=ledger.clock(),
        domains=domains,
        institutions=everyone,
        everyone=total_of("", everyone),
        by_domain=tuple(domain_total(code, n, everyone) for n, code in enumerate(domains)),
        by_province=_grouped("province", everyone, _provinces()),
        by_category=_grouped("category", everyone, [name.zh for name in place.model.categories]),
        attention=attention_of(ledger, record, everyone),
    )


def closing_time(place: Round) -> str:
    """Say from when on returns are late, as the ledger writes times."""
    return place.settings.closes.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def basis_of(place: Round) -> dict[str, str]:
    """Say what the round's files are checked on: its closing, its rule for late returns, and its roster's file."""
    try:
        roster = file_hash(place.roster)
    except OSError:
        roster = ""
    return {"closes": closing_time(place), "late": place.settings.round.late, "roster": roster}


def checked_on(ledger: Ledger, basis: Mapping[str, str]) -> dict[str, object]:
    """Give what the event of a check records, by which `is_stale` tells whether it still holds."""
    return {"basis": dict(basis), "round_files": _files(ledger)}


def is_stale(place: Round, ledger: Ledger) -> bool:
    """Tell whether the round's files must be checked anew before the ledger says how things stand.

    So it is where files were never checked, or came since; where a person decided something, or another roster was
    recorded, since; and where the deadline, the rule for late returns or the roster's file is no longer what the check
    was made on.
    """
    checks = ledger.rows("SELECT number, detail FROM events WHERE what = 'collected' ORDER BY number DESC LIMIT 1")
    if not checks:
        return _files(ledger) > 0
    number, detail = checks[0]
    made_on = json.loads(detail)
    if {key: made_on.get(key) for key in ("basis", "round_files")} != checked_on(ledger, basis_of(place)):
        return True
    later = "SELECT 1 FROM events WHERE number > ? AND what IN (?, ?, ?, ?) LIMIT 1"
    return bool(ledger.rows(later, (number, *_UNDOING)))


def _files(ledger: Ledger) -> int:
    return int(ledger.rows("SELECT COUNT(*) FROM files")[0][0])


def form_standing(domain: str, record: Record, institution: str) -> FormStanding:
    """Tell the state of an institution's form of a domain."""
    key = (institution, domain)
    sent, came = record.forms.get(key) or record.by_hand.get(institution, ()), record.came.get(key, ())
    counted = next((one for one in reversed(came) if one.status == "counted"), None)
    newest = counted or (came[-1] if came else None)
    if newest is None:
        return _not_returned(domain, sent, last_out(record.messages.get(institution, ())))
    correction = next((form for form, _ in reversed(sent) if form.corrects), None)
    answered = counted is not None and correction is not None and counted.sha256 != correction.corrects
    return FormStanding(
        domain=domain,
        state=_state(newest, is_counted=counted is not None),
        is_late=newest.is_late,
        correction="" if correction is None else "in" if answered else "out",
        errors=counted.errors if counted else 0,
        since=newest.arrived,
    )


def _state(one: Came, *, is_counted: bool) -> State:
    if is_counted and one.errors:
        return "faulty"
    if not is_counted:
        return "returned"
    return "late" if one.is_late else "complete"


def _not_returned(domain: str, sent: Sequence[tuple[Form, Message]], last: Message | None) -> FormStanding:
    if not sent or last is None:
        return FormStanding(domain=domain, state="not_sent")
    message = sent[-1][1]
    bounced = next((one for one in (last, message) if one.state == "bounced"), None)
    if bounced is not None:
        return FormStanding(domain=domain, state="bounced", since=bounced.changed)
    return FormStanding(domain=domain, state="sent", since=message.went)


def _standing(one: Institution, record: Record, domains: Iterable[str]) -> Standing:
    forms = tuple(form_standing(code, record, one.id) for code in domains)
    last = last_out(record.messages.get(one.id, ()))
    overall = overall_of(forms, was_asked=last is not None, is_unreachable=last is not None and last.state == "bounced")
    return Standing(institution=one, forms=forms, overall=overall, last_sent=last.went if last else "")


def _grouped(by: str, everyone: Iterable[Standing], known: Sequence[str]) -> tuple[Total, ...]:
    """Count groups in the order of the known names; other names after them, the unknown (`""`) last."""
    groups: dict[str, list[Standing]] = {}
    for one in everyone:
        groups.setdefault(getattr(one.institution, by), []).append(one)
    places = {name: place for place, name in enumerate(known)}
    order = sorted(groups, key=lambda name: (not name, places.get(name, len(places)), name))
    return tuple(total_of(name, groups[name]) for name in order)


def _provinces() -> list[str]:
    return [entry["zh"] for entry in cast("list[dict[str, str]]", catalogue("form")["provinces"])]
