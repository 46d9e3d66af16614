"""Collecting a round's returns: what came is kept and recorded, all files are checked, every mail is accounted for.

Owns: the order of these steps, and writing what the check found into the ledger.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evaluator.findings import Finding
from evaluator.intake.claims import id_key
from evaluator.intake.institutions import Institution
from evaluator.intake.roster import read_roster
from evaluator.pipeline.desk import Received
from evaluator.pipeline.main import check
from evaluator.pipeline.progress import Progress, no_progress
from evaluator.pipeline.receiving import receive
from evaluator.pipeline.setup import Setup
from evaluator.rounds.collecting import (
    KINDS,
    Collected,
    Known,
    Mail,
    Outcome,
    by_address,
    known_of,
    reason_for,
    settled,
)
from evaluator.rounds.dealing import mark_of
from evaluator.rounds.folder import Round
from evaluator.rounds.imap import Mailbox
from evaluator.rounds.inbox import UNANSWERED, finding_as_json, sources
from evaluator.rounds.keeping import Inbox
from evaluator.rounds.ledger import Ledger
from evaluator.rounds.reasons import packed, said_of, unpacked
from evaluator.rounds.standing import basis_of, checked_on, is_stale
from evaluator.rounds.terms import terms_of

_SETUP = Setup()
_BY_FINDING = {
    "return.superseded": "superseded",
    "return.identical": "identical",
    "return.conflict": "conflict",
    "return.too_late": "not_counted",
    "return.excluded": "not_counted",
}
"""What becomes of one domain of a file that answers several."""
_WITHHOLDING = ("identity.seal_broken", "identity.mismatch", "identity.unsealed", "return.other_round")
"""Error findings that make a form nobody's; the institution that it names still hears of it."""
_NAMING = (*_WITHHOLDING, "return.excluded")
"""Findings on a form by which the institution is known that it names, where it counts for nobody."""

_Row = tuple[str, str, str, str, str, int, str, str]
"""A row of `returns` without the time of its check."""


def collect(
    place: Round,
    ledger: Ledger,
    paths: Sequence[Path],
    *,
    mailbox: Mailbox | None = None,
    setup: Setup = _SETUP,
    progress: Progress = no_progress,
) -> Collected:
    """Take in what lies under some paths and in a mailbox, check all files of the round, and account for every mail.

    Doing it again changes nothing. Without paths and mailbox the round's files are checked anew.

    Raises:
        InputError, RosterError: a path is not there, or the roster can't be used.
        RoundError: the round's folder can't be written, the mailbox can't be read, or kept files are damaged that did
            not come anew; what came before is on record.
        WorkersError: worker processes can't be started.
    """
    basis = basis_of(place)
    roster = read_roster(place.roster, place.model)
    known = known_of(ledger, place.id, place.settings.round.name, by_address(roster))
    received = receive(place, ledger, paths, mailbox, known, setup, progress)
    rows = _checked(place, ledger, roster, setup, progress)
    mails = _settled(ledger, rows, known)
    _write(ledger, rows, mails, received, basis)
    moved = _change(mailbox, ledger, Inbox(place.inbox), received) if mailbox is not None and mailbox.changes else 0
    return _told(ledger, received, rows, moved)


# What the files are


def bring_up_to_date(place: Round, ledger: Ledger, *, setup: Setup = _SETUP, progress: Progress = no_progress) -> None:
    """Check the round's files anew where settings, roster or files are no longer those of the last check.

    Raises:
        RoundError, RosterError, WorkersError: as `collect`.
    """
    if is_stale(place, ledger):
        collect(place, ledger, (), setup=setup, progress=progress)


def _checked(
    place: Round, ledger: Ledger, roster: Sequence[Institution], setup: Setup, progress: Progress
) -> list[_Row]:
    """Check the round's files: a row for each of them and each domain that it answers."""
    files = sources(place, ledger)
    unanswered = ledger.rows(
        "SELECT name, sha256, arrived FROM files WHERE sha256 IN (SELECT sha256 FROM packages) ORDER BY name"
    )
    rows: list[_Row] = [(name, "", "", sha256, UNANSWERED, 0, arrived, "[]") for name, sha256, arrived in unanswered]
    if not files:
        return rows
    checked = check(
        files, place.model, roster=place.roster, terms=terms_of(place, ledger), setup=setup, progress=progress
    )
    about: dict[str, list[Finding]] = {}
    for finding in checked.findings:
        about.setdefault(finding.file, []).append(finding)
    ids = {id_key(entry.id): entry.id for entry in roster}
    taken_out = {one.name for one in files if one.is_regular}
    for facts in checked.files.to_dict("records"):
        if facts["role"] != "roster" and facts["path"] in taken_out:
            rows.extend(_rows(facts, about.get(facts["path"], []), ids))
    return rows


def _rows(facts: Mapping[Any, Any], findings: Sequence[Finding], ids: Mapping[str, str]) -> Iterator[_Row]:
    named = (finding.institution for finding in findings if finding.code in _NAMING)
    institution = facts["institution"] or next((ids[id_key(one)] for one in named if id_key(one) in ids), "")
    domains = facts["domain"].split(",")
    for domain in domains:
        own = [finding for finding in findings if finding.domain in ("", domain) or len(domains) == 1]
        status = facts["status"]
        if len(domains) > 1:
            status = next((_BY_FINDING[f.code] for f in own if f.code in _BY_FINDING and f.domain), "counted")
        errors = sum(finding.severity == "error" for finding in own)
        listed = json.dumps([finding_as_json(finding) for finding in own], ensure_ascii=False)
        yield facts["path"], domain, institution, facts["sha256"], status, errors, facts["arrived"], listed


# What the mails are


@dataclass(frozen=True, kw_only=True, slots=True)
class _Account:
    """What a mail is taken for now."""

    sha256: str
    kind: str
    reason: str
    was: tuple[str, str]


def _settled(ledger: Ledger, rows: Sequence[_Row], known: Known) -> list[_Account]:
    outcomes = _outcomes(ledger, rows)
    accounts = []
    for sha256, sender, kind, reason in ledger.rows("SELECT sha256, sender, kind, reason FROM mails ORDER BY sha256"):
        found, why = settled(unpacked(reason), sender, outcomes.get(sha256, ()), known)
        accounts.append(_Account(sha256=sha256, kind=found, reason=packed(why), was=(kind, reason)))
    return accounts


def _outcomes(ledger: Ledger, rows: Sequence[_Row]) -> dict[str, list[Outcome]]:
    """Say by mail what became of its files."""
    by_name: dict[str, list[_Row]] = {}
    for row in rows:
        by_name.setdefault(row[0], []).append(row)
    found: dict[str, list[Outcome]] = {}
    for name, mail in ledger.rows("SELECT name, mail FROM files WHERE mail <> '' ORDER BY name"):
        found.setdefault(mail, []).append(_outcome(name, by_name.get(name, ())))
    return found


def _outcome(name: str, rows: Sequence[_Row]) -> Outcome:
    shown = name.rpartition("!")[2]
    if not rows:
        return Outcome(name=shown, owner="", reason="attachment_unreadable")
    _, _, institution, _, status, _, _, listed = rows[0]
    if status == UNANSWERED:
        return Outcome(name=shown, owner="", reason="unanswered")
    codes = [one["code"] for one in json.loads(listed) if one["severity"] == "error"]
    owner = "" if any(code in _WITHHOLDING for code in codes) else institution
    return Outcome(name=shown, owner=owner, reason=reason_for(codes))


# What is written


def _write(
    ledger: Ledger, rows: Sequence[_Row], mails: Sequence[_Account], received: Received, basis: Mapping[str, str]
) -> None:
    """Replace what the ledger says of files and mails where it is no longer so, in one step."""
    detail = {
        "mails": len(received.mails),
        "files": received.files,
        "known": received.known,
        "checked": len(rows),
        "left": sorted(received.left),
        **checked_on(ledger, basis),
    }
    old = {
        row[:2]: row
        for row in ledger.rows(
            "SELECT name, domain, institution, sha256, status, errors, arrived, findings FROM returns"
            " WHERE name NOT IN (SELECT name FROM files WHERE sha256 = '')"
        )
    }
    new = {row[:2]: row for row in rows}
    with ledger.step("collected", detail=detail) as step:
        step.executemany("DELETE FROM returns WHERE name = ? AND domain = ?", [key for key in old if key not in new])
        step.executemany(
            "INSERT OR REPLACE INTO returns VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [(*row, ledger.clock()) for key, row in new.items() if old.get(key) != row],
        )
        step.executemany(
            "UPDATE mails SET kind = ?, reason = ? WHERE sha256 = ?",
            [(one.kind, one.reason, one.sha256) for one in mails if (one.kind, one.reason) != one.was],
        )


def _change(mailbox: Mailbox, ledger: Ledger, inbox: Inbox, received: Received) -> int:
    """Mark or move the messages about the round that are kept whole; gives how many there were."""
    kinds = {
        sha256: kind
        for sha256, kind, reason in ledger.rows("SELECT sha256, kind, reason FROM mails")
        if _is_whole(reason)
    }
    places = dict(ledger.rows("SELECT source, sha256 FROM mails")) | received.places
    wanted = [place for place, one in places.items() if kinds.get(one, "not_ours") != "not_ours" and inbox.has(one)]
    with mailbox.opened(writing=True) as session:
        there = set(session.uids())
        uids = sorted(uid for place in wanted if (uid := session.uid(place)) in there and uid is not None)
        unseen = set(session.unseen()) if mailbox.mark_seen else set()
        session.mark_seen([uid for uid in uids if uid in unseen])
        if mailbox.move_to:
            session.move(uids, mailbox.move_to)
    changed = len(uids) if mailbox.move_to else len(unseen & set(uids))
    if changed:
        with ledger.step("mailbox_changed", detail={"messages": changed, "moved_to": mailbox.move_to}):
            pass
    return changed


def _is_whole(reason: str) -> bool:
    return all(one.key != "too_large" for one in unpacked(reason))


# What is told


def _told(ledger: Ledger, received: Received, rows: Sequence[_Row], moved: int) -> Collected:
    mails = []
    counts: dict[str, int] = dict.fromkeys(KINDS, 0)
    for sha256, sender, subject, arrived, kind, reason in ledger.rows(
        "SELECT sha256, sender, subject, arrived, kind, reason FROM mails ORDER BY arrived, sha256"
    ):
        counts[kind] += 1
        is_new = sha256 in received.mails
        if is_new or kind == "person":
            words = said_of(reason)
            mails.append(
                Mail(
                    mark=mark_of(sha256),
                    sender=sender,
                    subject=subject,
                    arrived=arrived,
                    kind=kind,
                    reason=words,
                    is_new=is_new,
                )
            )
    files = {row[0]: row[5] for row in rows}
    return Collected(
        new_mails=len(received.mails),
        new_files=received.files,
        known=received.known,
        mails=tuple(sorted(mails, key=lambda one: KINDS.index(one.kind))),
        counts=counts,
        left=received.left,
        files=len(files),
        with_errors=len({name for name, domain, _, _, _, errors, *_ in rows if domain and errors}),
        moved=moved,
    )
