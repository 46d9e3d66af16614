"""Whose form it is: from `_meta`, else from the institution sheet, held against the roster.

Owns: telling each form to an institution, and refusing where two signs disagree or a round's seal is broken, lest an
answer count for another institution. Nothing is guessed: an id that is not known is not mended. What a person decided
goes before all that a form says.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from evaluator import seals
from evaluator.findings import Finding, joined
from evaluator.intake import uscc
from evaluator.intake.claims import Claim, id_key
from evaluator.intake.institutions import Institution
from evaluator.intake.terms import Terms
from evaluator.wording import text
from evaluator.wording.matching import plain

_SHOWN = 60
"""Characters of a name that a finding shows."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Identified:
    """Whose each form is."""

    owners: Mapping[str, str]
    """Institution id by file; a file that could not be told to anyone is left out."""
    findings: tuple[Finding, ...]

    @property
    def unvouched(self) -> frozenset[str]:
        """Files told to an institution by their sheet alone, though the round has seals."""
        return frozenset(finding.file for finding in self.findings if finding.code == "identity.no_seal")


def identify(
    claims: Sequence[Claim],
    roster: Sequence[Institution] | None,
    terms: Terms | None = None,
    hashes: Mapping[str, str] = MappingProxyType({}),
) -> Identified:
    """Tell each form to an institution.

    Args:
        claims: the forms, in any order.
        roster: the institutions there are; `None`: whoever returned a form takes part.
        terms: what the round says, where there is one.
        hashes: the files' SHA-256 by name, as `terms` names files; only needed with them.
    """
    if terms is None:
        return _identify(claims, roster)
    faults = {claim.file: _of_seal(claim, terms) for claim in claims}
    withheld = {file for file, found in faults.items() if found is not None and found.severity == "error"}
    believed = _identify([claim for claim in claims if claim.file not in withheld], roster)
    strangers = _of_strangers(claims, faults, believed.owners, terms, hashes)
    # a form without a seal that is told to nobody has a finding that says why
    told = [found for file, found in faults.items() if found and (file in withheld or file in believed.owners)]
    found = (*(one for one in told if one.file not in strangers), *believed.findings, *strangers.values())
    owners = {file: owner for file, owner in believed.owners.items() if file not in strangers}
    accepted = _accepted(claims, owners, roster, terms, hashes)
    return Identified(
        owners={**owners, **{file: one.institution for file, one in accepted.items()}},
        findings=(*_beside(found, accepted), *accepted.values()),
    )


def _of_strangers(
    claims: Sequence[Claim],
    faults: Mapping[str, Finding | None],
    owners: Mapping[str, str],
    terms: Terms,
    hashes: Mapping[str, str],
) -> dict[str, Finding]:
    """Find forms without a seal in mails that are not from an address of the institution they are told to."""
    found = {}
    for claim in claims:
        owner, senders = owners.get(claim.file), terms.senders.get(hashes.get(claim.file, ""))
        if faults[claim.file] is not None and owner and senders is not None and owner not in senders:
            found[claim.file] = claim.finding("identity.unsealed", "id", found=owner)
    return found


def _accepted(
    claims: Sequence[Claim],
    owners: Mapping[str, str],
    roster: Sequence[Institution] | None,
    terms: Terms,
    hashes: Mapping[str, str],
) -> dict[str, Finding]:
    """Tell forms that a person accepted to the institution they were accepted for, where nothing else vouches for it.

    Gives a finding for each, listed under that institution.
    """
    on_roster = {entry.id for entry in roster} if roster is not None else None
    found = {}
    for claim in claims:
        digest = hashes.get(claim.file, "")
        meant = terms.accepted_for.get(digest, "")
        if not meant or (on_roster is not None and meant not in on_roster):
            continue
        if not is_genuine(claim, terms) or owners.get(claim.file) != meant:
            told = claim.finding("identity.seal_accepted", reason=terms.accepted.get(digest, ""))
            found[claim.file] = replace(told, institution=meant)
    return found


def _beside(findings: Iterable[Finding], accepted: Mapping[str, Finding]) -> list[Finding]:
    """Leave out what no longer holds of accepted forms, and list the rest under whom they are told to."""
    kept = []
    for one in findings:
        if one.file not in accepted:
            kept.append(one)
        elif one.severity != "error" and one.code != "identity.no_seal":
            kept.append(replace(one, institution=accepted[one.file].institution))
    return kept


def is_genuine(claim: Claim, terms: Terms) -> bool:
    """Tell whether a form is the round's own, and what its `_meta` says is as it was sent."""
    sealed = claim.sealed
    return sealed is not None and sealed.round == terms.round and seals.is_genuine(terms.key, sealed, claim.seal)


def _of_seal(claim: Claim, terms: Terms) -> Finding | None:
    """Say what is wrong with a form's seal, `None` where nothing is; an error withholds the form."""
    if is_genuine(claim, terms):
        return None
    found = claim.finding("identity.no_seal")
    if claim.sealed is not None and claim.sealed.round not in ("", terms.round):
        found = claim.finding("return.other_round", found=claim.sealed.round[:_SHOWN], expected=terms.round)
    elif claim.seal or claim.made_for:
        found = claim.finding("identity.seal_broken", found=(claim.made_for or claim.stated_id)[:_SHOWN])
    return found


def _identify(claims: Sequence[Claim], roster: Sequence[Institution] | None) -> Identified:
    """Tell each form to an institution by what it says."""
    known = _known(claims) if roster is None else {id_key(entry.id): entry for entry in roster}
    # Without a roster a form that states only its code makes an entry of its own, which one with an id overrides.
    names = {plain(entry.name) for entry in known.values()} if roster is not None else None
    by_code = {entry.uscc: entry for entry in sorted(known.values(), key=lambda e: e.id != e.uscc) if entry.uscc}
    owners: dict[str, str] = {}
    findings: list[Finding] = []
    for claim in claims:
        why = uscc.fault(claim.code) if claim.code else None
        if why is not None:
            findings.append(claim.finding("identity.bad_uscc", "uscc", found=claim.value("uscc"), why=why))
        entry, fault = _entry(claim, known, by_code)
        fault = fault or (_disagreement(claim, entry, names) if entry else None)
        if fault is not None:
            findings.append(fault)
        if entry is not None and (fault is None or fault.severity != "error"):
            owners[claim.file] = entry.id
    findings.extend(_shared(claims, owners))
    return Identified(owners=owners, findings=tuple(findings))


def _entry(
    claim: Claim, known: Mapping[str, Institution], by_code: Mapping[str, Institution]
) -> tuple[Institution | None, Finding | None]:
    if claim.made_for and claim.stated_id and id_key(claim.made_for) != id_key(claim.stated_id):
        return None, claim.finding(
            "identity.mismatch",
            "id",
            what=text("intake.what.id"),
            found=claim.stated_id,
            expected=claim.made_for,
            where=text("intake.where.meta"),
        )
    dispute = _dispute(claim)
    if dispute is not None:
        return None, dispute
    stated = claim.made_for or claim.stated_id
    if stated:
        entry = known.get(id_key(stated))
        return entry, None if entry else claim.finding("identity.unknown", "id", found=stated)
    entry = by_code.get(claim.valid_code)
    if entry is not None:
        return entry, None
    if claim.valid_code:
        return None, claim.finding("identity.unknown", "uscc", found=claim.valid_code)
    return None, claim.finding("identity.missing", "id")


def _dispute(claim: Claim) -> Finding | None:
    """Say which sign of whose it is a file gives twice, differently, as where it holds two institutions' sheets."""
    for key, used, folded in (("id", claim.made_for or claim.stated_id, id_key), ("uscc", claim.code, uscc.normalised)):
        other = claim.disputed.get(key)
        if other is not None and folded(other.value) != folded(used):
            where, what = text("intake.where.same_file"), text(f"intake.what.{key}")
            found = claim.finding("identity.mismatch", what=what, found=other.value, expected=used, where=where)
            return replace(found, sheet=other.sheet, cell=other.cell)
    return None


def _disagreement(claim: Claim, entry: Institution, names: Collection[str] | None) -> Finding | None:
    """Say what in a form speaks against its institution; `names` are the roster's, `None` without one.

    Another name passes with a warning where the code or the form's own record vouches for the institution, unless it is
    the name of another one on the roster.
    """
    where = text("intake.where.others" if names is None else "intake.where.roster")
    if claim.valid_code and entry.uscc and claim.valid_code != entry.uscc:
        return claim.finding(
            "identity.mismatch",
            "uscc",
            what=text("intake.what.uscc"),
            found=claim.valid_code,
            expected=entry.uscc,
            where=where,
        )
    name = claim.value("name")
    if names is not None and name and plain(name) != plain(entry.name):
        vouched = claim.made_for or (claim.valid_code and claim.valid_code == entry.uscc)
        if vouched and plain(name) not in names:
            return claim.finding("identity.name_differs", "name", found=name, expected=entry.name)
        return claim.finding(
            "identity.mismatch", "name", what=text("intake.what.name"), found=name, expected=entry.name, where=where
        )
    return None


def _known(claims: Iterable[Claim]) -> dict[str, Institution]:
    """Without a roster: an institution for each id (or valid code) stated, with the code most of its forms state."""
    groups: dict[str, list[Claim]] = {}
    for claim in claims:
        stated = claim.made_for or claim.stated_id or claim.valid_code
        if stated:
            groups.setdefault(id_key(stated), []).append(claim)
    known: dict[str, Institution] = {}
    for key, group in groups.items():
        names = Counter(claim.made_for or claim.stated_id or claim.valid_code for claim in group)
        codes = Counter(claim.valid_code for claim in group if claim.valid_code)
        known[key] = Institution(id=_commonest(names), uscc=_commonest(codes))
    return known


def _commonest(counts: Counter[str]) -> str:
    return min(counts, key=lambda word: (-counts[word], word), default="")


def _shared(claims: Sequence[Claim], owners: Mapping[str, str]) -> list[Finding]:
    users: dict[str, set[str]] = {}
    for claim in claims:
        if claim.file in owners and claim.valid_code:
            users.setdefault(claim.valid_code, set()).add(owners[claim.file])
    return [
        claim.finding("identity.shared", "uscc", found=claim.valid_code, ids=joined(sorted(users[claim.valid_code])))
        for claim in claims
        if claim.file in owners and len(users.get(claim.valid_code, ())) > 1
    ]
