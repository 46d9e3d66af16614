"""From what an operator types to what a decision is about: an institution, a requirement and its answer, or a file.

Owns: finding those in the roster, the model and the round's files, and refusing what is not there or not plain. Knows
nothing of how decisions are kept.
"""

from __future__ import annotations

import json
import unicodedata

from evaluator.errors import RoundError
from evaluator.findings import joined
from evaluator.intake.claims import id_key
from evaluator.intake.roster import read_roster
from evaluator.model.records import Model
from evaluator.rounds.folder import Round
from evaluator.rounds.ledger import Ledger
from evaluator.wording import Text
from evaluator.wording.matching import plain

_MOST_TEXT = 500
_LEAST_HASH = 8
"""Digits of a file's hash that may stand for it."""
_NOBODYS = frozenset((
    "identity.seal_broken", "identity.unsealed", "identity.mismatch", "identity.unknown", "identity.missing",
    "return.other_round",
))  # fmt: skip
"""Findings that withhold a form from the institution it names, which the ledger may still list it under."""


def line_of(what: str, words: str) -> str:
    """Give a text on one line, as reports show it."""
    shown = " ".join("".join(c if unicodedata.category(c)[0] != "C" else " " for c in words).split())
    if not shown:
        raise RoundError(f"override_no_{what}")
    if len(shown) > _MOST_TEXT:
        raise RoundError("override_long", most=_MOST_TEXT, found=len(shown))
    return shown


def institution_of(place: Round, institution: str) -> str:
    """Find an institution of the roster; gives its id."""
    wanted = id_key(institution)
    for entry in read_roster(place.roster, place.model):
        if wanted and id_key(entry.id) == wanted:
            return entry.id
    raise RoundError("override_institution", found=institution.strip(), path=place.roster)


def requirement_of(model: Model, typed: str) -> str:
    """Find a requirement of the model; gives its id."""
    known = {plain(r.id): r.id for r in model.requirements}
    if plain(typed) not in known:
        raise RoundError("override_requirement", found=typed.strip(), model=f"{model.id} {model.edition}")
    return known[plain(typed)]


def answer_of(model: Model, typed: str) -> str:
    """Find an answer of the scale, by its code or its words; gives its code."""
    words = {plain(word): a.code for a in model.scale for word in (a.label.zh, a.label.en, a.code)}
    if plain(typed) not in words:
        known = Text(
            zh="、".join(f"{a.label.zh}（{a.code}）" for a in model.scale),
            en=", ".join(f"{a.label.en} ({a.code})" for a in model.scale),
        )
        raise RoundError("override_answer", found=typed.strip(), known=known)
    return words[plain(typed)]


def check_answer(model: Model, ledger: Ledger, institution: str, requirement: str, answer: str) -> None:
    """Make sure that the model permits the answer, and that there is a form in which it was asked."""
    asked = next(r for r in model.requirements if r.id == requirement)
    if answer == "na" and not asked.na_allowed:
        raise RoundError("override_na", requirement=requirement)
    domain = model.domain_of[requirement].code
    if not ledger.rows(
        "SELECT 1 FROM returns WHERE institution = ? AND domain = ? AND status = 'counted'", (institution, domain)
    ):
        raise RoundError("override_no_form", institution=institution, domain=domain)


def file_of(ledger: Ledger, target: str) -> tuple[str, frozenset[str]]:
    """Find a file of the round; gives its hash, and the institutions it was told to, not one that it only names."""
    wanted = _named(target)
    rows = ledger.rows("SELECT name, sha256 FROM files WHERE sha256 != '' ORDER BY name")
    exact = [(name, sha256) for name, sha256 in rows if _named(name) == wanted]
    found = exact or [(name, sha256) for name, sha256 in rows if _is_meant(wanted, name, sha256)]
    if not wanted or not found:
        raise RoundError("override_no_file", found=target.strip())
    hashes = {sha256 for _, sha256 in found}
    if len(hashes) > 1:
        raise RoundError("override_files", found=target.strip(), names=joined([n for n, _ in found], limit=5))
    (digest,) = hashes
    told = ledger.rows("SELECT institution, findings FROM returns WHERE sha256 = ? AND institution != ''", (digest,))
    return digest, frozenset(owner for owner, findings in told if not _is_withheld(findings))


def _is_withheld(findings: str) -> bool:
    return any(one["code"] in _NOBODYS for one in json.loads(findings))


def _is_meant(wanted: str, name: str, sha256: str) -> bool:
    if len(wanted) >= _LEAST_HASH and sha256.startswith(wanted.lower()):
        return True
    return _named(name).endswith((f"/{wanted}", f"!{wanted}"))


def _named(name: str) -> str:
    return unicodedata.normalize("NFC", name.strip())


def owner_of(place: Round, institution: str, owners: frozenset[str], *, needed: bool) -> str:
    """Say whom a decision about a file concerns; lest it be another than is meant, both must agree."""
    if not institution.strip() and not needed:
        return next(iter(owners)) if len(owners) == 1 else ""
    who = institution_of(place, institution)
    if owners and id_key(who) not in {id_key(owner) for owner in owners}:
        raise RoundError("override_other", found=who, expected=joined(sorted(owners)))
    return who
