"""What one institution sends back: a form for each domain, some of them with a fault.

Owns: which institution gets which faults, and putting an institution's files together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from math import ceil

import numpy as np

from evaluator.model.records import Model
from evaluator.synthesis.answers import replies
from evaluator.synthesis.cases import Case, Outcome, Planted
from evaluator.synthesis.faults import ALONE, FAULTS
from evaluator.synthesis.people import Person
from evaluator.wording import Lang, text

FIRST_DATE, DAYS = date(2026, 3, 9), 20
"""Filling dates: the first, and over how many days they spread."""
FAULTY, MOST_FAULTY, MOST_FAULTS = 0.3, 2 / 3, 3
"""Share of the institutions that get one or two faults; a small round has more of them, up to the second share, and up
to three faults each, so that every fault is planted as far as possible."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Order:
    """What one institution is to return."""

    person: Person
    faults: tuple[int, ...] = ()
    """Places in `FAULTS`."""
    partner: Person | None = None
    """An institution without faults of its own."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Parcel:
    """What one institution returns."""

    index: int
    contents: tuple[tuple[str, bytes], ...]
    planted: tuple[Planted, ...]
    unlisted: tuple[str, ...]
    """Fields that the roster does not give of it."""
    files: int

    def sent(self) -> Parcel:
        """Give the record without the files' contents."""
        return replace(self, contents=())


def orders(people: Sequence[Person], seed: int, *, faults: bool) -> list[Order]:
    """Decide who gets which faults; one institution at least stays without."""
    if not faults:
        return [Order(person=person) for person in people]
    count = len(people)
    most = min(int(MOST_FAULTY * count), count - 1)
    faulty = min(max(round(FAULTY * count), ceil(len(FAULTS) / 2) + 1), most)
    shuffled = np.random.default_rng([seed, count]).permutation(count).tolist()
    clean = shuffled[faulty:]
    given = _shared_out(faulty)
    by_index = {index: given[n] for n, index in enumerate(shuffled[:faulty])}
    return [
        Order(
            person=person,
            faults=by_index.get(person.index, ()),
            partner=people[clean[person.index % len(clean)]] if person.index in by_index else None,
        )
        for person in people
    ]


def _shared_out(faulty: int) -> list[tuple[int, ...]]:
    """Deal the faults out in turn, one and two to an institution, or more where few have to take them all."""
    full = len(FAULTS) > 1.5 * faulty
    each = min(MOST_FAULTS, ceil(len(FAULTS) / faulty)) if full and faulty else 1
    given: list[tuple[int, ...]] = []
    turn = 0
    for n in range(faulty):
        wanted = each if full else 1 + n % 2
        mine: list[int] = []
        while len(mine) < wanted:
            alone = FAULTS[turn % len(FAULTS)] in ALONE
            if alone and mine:
                break
            mine.append(turn % len(FAULTS))
            turn += 1
            if alone:
                break
        given.append(tuple(mine))
    return given


def make_parcel(order: Order, model: Model, lang: Lang, seed: int) -> Parcel:
    """Make what one institution returns: a form for each domain, and what its faults make of them."""
    person = order.person
    answers = replies(person, model, lang, seed)
    rng = np.random.default_rng([seed, person.index, 2])
    filled = FIRST_DATE + timedelta(days=int(rng.integers(DAYS)))
    cases = [
        Case(
            model=model,
            lang=lang,
            seed=seed,
            person=person,
            number=number,
            domain=domain,
            replies=answers,
            date=(filled + timedelta(days=int(rng.integers(3)))).isoformat(),
            partner=order.partner,
        )
        for number, domain in enumerate(model.domains, 1)
    ]
    outcomes = _planted(cases, order, rng)
    for case in cases:
        outcomes.setdefault(case.domain.code, _good(case))
    contents = tuple(pair for case in cases for pair in outcomes[case.domain.code].files)
    planted = [one for outcome in outcomes.values() for one in outcome.planted]
    lost = [case for case in cases if outcomes[case.domain.code].lost]
    if lost:
        planted.append(_missing(lost, outcomes))
    return Parcel(
        index=person.index,
        contents=contents,
        planted=tuple(planted),
        unlisted=tuple(key for outcome in outcomes.values() for key in outcome.unlisted),
        files=len(contents),
    )


def _planted(cases: Sequence[Case], order: Order, rng: np.random.Generator) -> dict[str, Outcome]:
    """Plant each fault in the first form, of a drawn order, that has none yet and where it is possible."""
    outcomes: dict[str, Outcome] = {}
    turn = [cases[n] for n in rng.permutation(len(cases))]
    for fault in (FAULTS[n] for n in order.faults):
        note = text(f"synthesis.note.{fault.__name__}")
        for case in turn:
            if case.domain.code in outcomes:
                continue
            outcome = fault(replace(case, note=note))
            if outcome is not None:
                outcomes[case.domain.code] = outcome
                break
    return outcomes


def _good(case: Case) -> Outcome:
    return Outcome(files=((case.name, case.written()),))


def _missing(lost: Sequence[Case], outcomes: dict[str, Outcome]) -> Planted:
    """Plant the finding that follows from forms that do not count."""
    gone = all(not outcomes[case.domain.code].files for case in lost)
    return Planted(
        code="return.missing_domain",
        institution=lost[0].person.id,
        file="",
        domain=lost[0].domain.code if len(lost) == 1 else "",
        note=text(f"synthesis.note.{'not_returned' if gone else 'consequence'}"),
    )
