"""What goes out now: invitations, reminders and corrections, planned from the round's ledger.

Owns: putting roster, ledger, forms and corrections together for a plan. What was sent and how is `rounds`'.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from evaluator.errors import RoundError, reason_of
from evaluator.pipeline.corrections import MadeCorrection, correct
from evaluator.pipeline.progress import Progress, no_progress
from evaluator.pipeline.setup import Setup
from evaluator.rounds import tasks
from evaluator.rounds.folder import CORRECTIONS, Round
from evaluator.rounds.inbox import sources
from evaluator.rounds.ledger import Ledger
from evaluator.rounds.outdated import Outdated, outdated
from evaluator.rounds.packages import Package, masters_of
from evaluator.rounds.planning import Plan, plan
from evaluator.rounds.reminding import Due, due
from evaluator.rounds.roster_changes import Changes, record_roster, roster_of
from evaluator.rounds.terms import terms_of

_SETUP = Setup()


@dataclass(frozen=True, kw_only=True, slots=True)
class Outgoing:
    """What is to go out."""

    plan: Plan
    roster: Changes
    """What changed on the roster since it was last looked at."""
    due: Due | None = None
    """Of reminders: who owes something, also those who are not reminded now."""
    outdated: tuple[Outdated, ...] = ()
    """Of invitations: forms that went out before the roster changed what they are about."""

    @property
    def idle(self) -> tuple[str, ...]:
        """Ids of those asked for by id who owe nothing."""
        groups = self.due or Due()
        waiting = {one.institution for one in (*groups.too_soon, *groups.bounced, *groups.unclear)}
        return tuple(one for one in self.plan.nothing if one not in waiting and one not in groups.never_sent)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Kept:
    """A correction workbook on disk."""

    made: MadeCorrection
    """Without its bytes."""
    path: Path
    sha256: str

    def package(self) -> Package:
        """Give it as something to attach.

        Raises:
            RoundError: it is no longer as it was made.
        """
        try:
            data = self.path.read_bytes()
        except OSError as error:
            raise RoundError("correction_gone", path=self.path, why=reason_of(error)) from error
        if hashlib.sha256(data).hexdigest() != self.sha256:
            raise RoundError("correction_changed", path=self.path)
        return Package(
            institution=self.made.institution,
            domain=self.made.domain,
            kind="correction",
            corrects=self.made.corrects,
            lang=self.made.lang,
            file_name=self.made.name,
            data=data,
            sha256=self.sha256,
            seal=self.made.seal,
        )


def invitations(
    place: Round,
    ledger: Ledger,
    *,
    only: Collection[str] = (),
    limit: int | None = None,
    skip_written: bool = False,
) -> Outgoing:
    """Plan the mails that bring each institution its forms; arguments as those of `planning.plan`.

    Raises:
        RoundError, RosterError: as for `planning.plan` and `roster_changes.record_roster`.
    """
    changes = record_roster(place, ledger)
    institutions = roster_of(ledger)
    wanted = tasks.invitations(place, institutions, masters_of(place))
    planned = plan(place, ledger, "invitation", wanted, only=only, limit=limit, skip_written=skip_written)
    return Outgoing(plan=planned, roster=changes, outdated=outdated(ledger, institutions, only))


def reminders(
    place: Round,
    ledger: Ledger,
    *,
    only: Collection[str] = (),
    limit: int | None = None,
    skip_written: bool = False,
) -> Outgoing:
    """Plan the mails to those who owe something; arguments as those of `planning.plan`.

    Raises:
        RoundError, RosterError: as for `planning.plan` and `roster_changes.record_roster`.
    """
    changes = record_roster(place, ledger)
    found = due(place, ledger)
    institutions = roster_of(ledger)
    wanted = tasks.reminders(place, found.owed, institutions, masters_of(place))
    known = {one.id for one in institutions}
    planned = plan(place, ledger, "reminder", wanted, only=only, limit=limit, known=known, skip_written=skip_written)
    return Outgoing(plan=planned, roster=changes, due=found)


def corrections(
    place: Round,
    ledger: Ledger,
    *,
    only: Collection[str] = (),
    limit: int | None = None,
    skip_written: bool = False,
    setup: Setup = _SETUP,
    progress: Progress = no_progress,
) -> Outgoing:
    """Plan the mails that bring institutions the correction workbooks of their faulty returns.

    Arguments are those of `planning.plan` and `corrections.correct`. The workbooks are written into the round's folder,
    where one can look at them.

    Raises:
        RoundError, RosterError: as for `planning.plan` and `roster_changes.record_roster`, or a workbook can't be kept.
        WorkersError: worker processes can't be started.
    """
    changes = record_roster(place, ledger)
    institutions = roster_of(ledger)
    kept = _corrected(place, ledger, setup, progress)
    forms = {one: partial(_packages, own) for one, own in kept.items()}
    points = {one: {it.made.name: it.made.problems for it in own} for one, own in kept.items()}
    wanted = tasks.corrections(institutions, forms, points)
    known = {one.id for one in institutions}
    planned = plan(place, ledger, "correction", wanted, only=only, limit=limit, known=known, skip_written=skip_written)
    return Outgoing(plan=planned, roster=changes)


def _corrected(place: Round, ledger: Ledger, setup: Setup, progress: Progress) -> dict[str, list[_Kept]]:
    came = sources(place, ledger)
    kept: dict[str, list[_Kept]] = {}
    if not came:
        return kept
    folder = place.path / CORRECTIONS

    def take(made: MadeCorrection) -> None:
        kept.setdefault(made.institution, []).append(_keep(folder, made))

    settings = place.settings.round
    correct(
        came,
        place.model,
        take,
        roster=place.roster,
        terms=terms_of(place, ledger),
        deadline=settings.deadline.isoformat(),
        contact=settings.contact,
        setup=setup,
        progress=progress,
    )
    return kept


def _keep(folder: Path, made: MadeCorrection) -> _Kept:
    path = folder / made.name
    try:
        folder.mkdir(exist_ok=True)
        beside = path.with_name(f"{path.name}.part")
        beside.write_bytes(made.data)
        beside.replace(path)
    except OSError as error:
        raise RoundError("round_not_writable", path=path, why=reason_of(error)) from error
    return _Kept(made=made.without_data(), path=path, sha256=hashlib.sha256(made.data).hexdigest())


def _packages(own: Sequence[_Kept]) -> tuple[Package, ...]:
    return tuple(one.package() for one in own)
