"""What each institution is to get: an invitation with all its forms, a reminder of what it owes, its corrections.

Owns: putting these together. Knows nothing of what was sent already, nor of how mails look.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from evaluator.intake.institutions import Institution
from evaluator.rounds.folder import Round
from evaluator.rounds.letters import AnewFact, FaultFact, FileFact
from evaluator.rounds.packages import Masters, Package, form_name, packages_of
from evaluator.rounds.reminding import Fault, Owed


@dataclass(frozen=True, kw_only=True, slots=True)
class Task:
    """A mail that one institution is to get."""

    institution: Institution
    forms: Callable[[], tuple[Package, ...]]
    """Makes what is to be attached, the same each time; forms are made when they are needed, not kept."""
    missing: tuple[FileFact, ...] = ()
    anew: tuple[AnewFact, ...] = ()
    faults: tuple[FaultFact, ...] = ()
    more_faults: int = 0
    """Faults beyond those."""
    points: Mapping[str, int] = field(default_factory=dict)
    """How many points are to be corrected, by name of what is attached."""


def invitations(place: Round, institutions: Sequence[Institution], masters: Masters) -> tuple[Task, ...]:
    """Give each institution all its forms."""
    return tuple(
        Task(institution=one, forms=lambda one=one: packages_of(place, one, masters))  # type: ignore[misc]
        for one in institutions
    )


def reminders(
    place: Round, owed: Sequence[Owed], institutions: Sequence[Institution], masters: Masters
) -> tuple[Task, ...]:
    """Remind institutions of what they owe; forms that have not come, or must be filled in anew, are attached.

    Args:
        place: the round.
        owed: what is owed, from `reminding.due`.
        institutions: the roster; who is no longer on it is not reminded.
        masters: the round's forms.
    """
    known = {one.id: one for one in institutions}
    return tuple(_reminder(place, one, known[one.institution], masters) for one in owed if one.institution in known)


def _reminder(place: Round, owed: Owed, institution: Institution, masters: Masters) -> Task:
    lang = place.settings.round.lang
    wanted = {*owed.missing, *(one.domain for one in owed.anew)}
    domains = tuple(domain.code for domain in place.model.domains if domain.code in wanted)
    names = {code: form_name(place.model, code, lang, institution.id) for code in domains}
    return Task(
        institution=institution,
        forms=lambda: packages_of(place, institution, masters, domains=domains),
        missing=tuple(file_fact(place, code, names[code]) for code in owed.missing),
        anew=tuple(
            AnewFact(code=one.domain, domain=_domain(place, one.domain), name=names[one.domain], why=one.why)
            for one in owed.anew
        ),
        faults=tuple(_fault(place, fault) for fault in owed.faults),
        more_faults=owed.more,
    )


def corrections(
    institutions: Sequence[Institution],
    forms: Mapping[str, Callable[[], tuple[Package, ...]]],
    points: Mapping[str, Mapping[str, int]],
) -> tuple[Task, ...]:
    """Give institutions their correction workbooks, which say themselves what is to be corrected.

    Args:
        institutions: the roster.
        forms: makes the workbooks, sealed as corrections, by institution's id.
        points: how many points are to be corrected, by institution's id and workbook's name.
    """
    return tuple(
        Task(institution=one, forms=forms[one.id], points=points.get(one.id, {}))
        for one in institutions
        if one.id in forms
    )


def file_fact(place: Round, code: str, name: str, points: int = 0) -> FileFact:
    """Give what a letter says of a file."""
    return FileFact(code=code, domain=_domain(place, code), name=name, points=points)


def _fault(place: Round, fault: Fault) -> FaultFact:
    return FaultFact(
        code=fault.domain,
        domain=_domain(place, fault.domain),
        sheet=fault.sheet,
        cell=fault.cell,
        message=fault.message,
    )


def _domain(place: Round, code: str) -> str:
    found = place.model.domain_named(code)
    return found.name.say(place.settings.round.lang) if found else code
