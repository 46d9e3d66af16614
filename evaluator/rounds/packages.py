"""An institution's forms as they go out: filled in beforehand, sealed, and made when they are needed.

Owns: what a package is, making an institution's, and looking once more at what is about to leave: whom its forms name.
The same institution, round and settings give the same bytes. Knows nothing of mails or the ledger.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field
from typing import Literal

from evaluator.intake import archive
from evaluator.intake.claims import Claim, id_key
from evaluator.intake.institutions import Institution
from evaluator.model.records import Model
from evaluator.questionnaire import layout
from evaluator.questionnaire.opening import Unread
from evaluator.questionnaire.prefilled import FormMaster, sealed_for
from evaluator.questionnaire.reader import ReturnedForm, read_form
from evaluator.rounds.dates import day
from evaluator.rounds.folder import Round
from evaluator.seals import Sealed, is_genuine, seal_of
from evaluator.wording import Lang

PackageKind = Literal["form", "correction"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Package:
    """One sealed workbook for one institution."""

    institution: str
    """Whom it is for, by id."""
    domain: str
    """Code of the domain it asks about."""
    kind: PackageKind
    corrects: str = ""
    """SHA-256 of the return that it corrects; empty for a form."""
    lang: Lang
    file_name: str
    """As the recipient sees it, composed (NFC)."""
    data: bytes = field(repr=False)
    sha256: str
    seal: str = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Masters:
    """What a round's forms are made from, prepared once."""

    forms: Mapping[str, FormMaster]
    """By domain's code, in the model's order."""


def masters_of(place: Round) -> Masters:
    """Prepare a round's forms."""
    settings = place.settings.round
    deadline = day(settings.deadline, settings.lang)
    made = {
        domain.code: FormMaster(
            place.model,
            domain,
            settings.lang,
            deadline=deadline,
            contact=settings.contact,
            round_name=place.id,
            round_title=settings.name,
        )
        for domain in place.model.domains
    }
    return Masters(forms=made)


def packages_of(
    place: Round, institution: Institution, masters: Masters, *, domains: Collection[str] | None = None
) -> tuple[Package, ...]:
    """Make an institution's forms, in the model's order; `domains` are the codes wanted, `None`: all."""
    fields = asdict(institution)
    wanted = [code for code in masters.forms if domains is None or code in domains]
    return tuple(_package(place, institution.id, code, fields, masters.forms[code]) for code in wanted)


def _package(place: Round, institution: str, code: str, fields: Mapping[str, str], master: FormMaster) -> Package:
    seal = seal_of(place.key, sealed_as(place, institution, code))
    data = master.form(fields, institution, seal=seal)
    return Package(
        institution=institution,
        domain=code,
        kind="form",
        lang=place.settings.round.lang,
        file_name=form_name(place.model, code, place.settings.round.lang, institution),
        data=data,
        sha256=hashlib.sha256(data).hexdigest(),
        seal=seal,
    )


def sealed_as(place: Round, institution: str, domain: str, corrects: str = "") -> Sealed:
    """Give what the seal of a round's form vouches for."""
    return sealed_for(place.model, domain, institution, place.id, corrects)


def form_name(model: Model, code: str, lang: Lang, institution: str) -> str:
    """Name an institution's form of a domain."""
    number, domain = next((n, found) for n, found in enumerate(model.domains, 1) if found.code == code)
    return layout.file_name(number, domain, lang, institution)


def names_recipient(data: bytes, institution: str, place: Round) -> bool:
    """Tell whether a workbook is a form of the round, sealed for the institution, and nobody else is named in it.

    The bytes are opened anew with the reader that returns are read with, so that nothing is taken on trust from what
    made them.
    """
    parts = archive.unpack(data)
    form = parts if isinstance(parts, Unread) else read_form(parts)
    return not isinstance(form, Unread) and _is_for(form, institution, place)


def _is_for(form: ReturnedForm, institution: str, place: Round) -> bool:
    claim = Claim.of("", form)
    named = {id_key(claim.made_for), id_key(claim.stated_id)}
    return (
        named == {id_key(institution)}
        and not claim.disputed
        and claim.sealed is not None
        and claim.sealed.round == place.id
        and is_genuine(place.key, claim.sealed, claim.seal)
    )
