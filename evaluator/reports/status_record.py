"""What is known of a round's progress at one moment: what the status table, its JSON and its workbook are made from.

Owns: the records, the states and what they mean, and adding them up. Knows nothing of the ledger that they come from.

A form, that is one institution's questionnaire of one domain, is in exactly one state, the first that fits:

- `complete`: its return counts and has no error findings;
- `late`: the same, but it came after the deadline;
- `faulty`: its return counts and has error findings, whenever it came;
- `returned`: something came, but nothing that counts: a form not filled in, a conflict, a form that was withheld (as
  for a broken seal), an exclusion, or one that the round refuses as too late;
- `bounced`: nothing came, and the last mail with the form, or the last mail at all, could not be delivered;
- `sent`: nothing came, and the form was sent;
- `not_sent`: none of these.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, TypedDict

from evaluator.intake.institutions import Institution
from evaluator.wording import Text

State = Literal["not_sent", "sent", "bounced", "returned", "faulty", "late", "complete"]
STATES: tuple[State, ...] = ("not_sent", "sent", "bounced", "returned", "faulty", "late", "complete")
"""In the order in which a form goes through them."""
SETTLED: tuple[State, ...] = ("late", "complete")
"""States in which nothing is owed."""
Overall = Literal["not_sent", "bounced", "owes", "complete"]
OVERALL: tuple[Overall, ...] = ("not_sent", "bounced", "owes", "complete")
"""Of an institution: nothing was ever sent to it and nothing came; it owes something, and its last mail bounced; it
owes something; it owes nothing."""
Kind = Literal["unclear", "failed", "bounced", "mail", "file"]
KINDS: tuple[Kind, ...] = ("unclear", "failed", "bounced", "mail", "file")
"""What needs a person: a mail of ours that may or may not have gone out; one that the server refused; one that came
back; a mail that came in and could not be matched; a file that counts for nobody, in a
mail that is not listed itself or without one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FormStanding:
    """How one form of one institution stands."""

    domain: str
    state: State
    is_late: bool = False
    """Whether what came, counted or not, came after the deadline."""
    correction: Literal["", "out", "in"] = ""
    """Whether a correction was sent and not answered yet, or sent and answered; empty where none was sent."""
    errors: int = 0
    """Error findings of the return that counts."""
    since: str = ""
    """When what gave the state was sent or came; empty where that is not known."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """How an institution stands."""

    institution: Institution
    forms: tuple[FormStanding, ...]
    """One for each domain, in the model's order."""
    overall: Overall
    last_sent: str
    """When the last mail went out to it, delivered or not; empty where none did."""

    @property
    def owed(self) -> int:
        """Count the forms that are not settled."""
        return sum(form.state not in SETTLED for form in self.forms)

    @property
    def errors(self) -> int:
        """Count the error findings of the returns that count."""
        return sum(form.errors for form in self.forms)

    @property
    def last_arrived(self) -> str:
        """Say when something last came; empty where nothing did."""
        came = (form.since for form in self.forms if form.state in ("returned", "faulty", *SETTLED))
        return max(came, default="")


@dataclass(frozen=True, kw_only=True, slots=True)
class Total:
    """Institutions and forms of a group, counted."""

    name: str
    """Province or category, empty where it is not known; a domain's code; empty for everyone."""
    overall: Mapping[Overall, int]
    """Institutions by overall state; empty for a domain."""
    forms: Mapping[State, int]
    """Forms by state."""
    late: int
    """Forms that came after the deadline, whatever their state."""

    @property
    def institutions(self) -> int:
        """Count the institutions; 0 for a domain."""
        return sum(self.overall.values())

    @property
    def count(self) -> int:
        """Count the forms."""
        return sum(self.forms.values())

    @property
    def settled(self) -> int:
        """Count the forms of which nothing is owed."""
        return sum(self.forms[state] for state in SETTLED)


@dataclass(frozen=True, kw_only=True, slots=True)
class Attention:
    """Something that needs a person."""

    kind: Kind
    number: int
    """Of the message in the ledger; 0 where it is none of ours."""
    at: str
    """When it was sent or came; empty where that is not known."""
    institution: str
    """Institution id, empty where it is not known; several where they share the address that a mail came from."""
    name: str
    """The institution's name, as far as known; as many as there are ids."""
    address: str
    """Whom it went to or came from."""
    subject: str
    """Subject of a mail, name of a file."""
    reason: Text
    """What happened, in the words of a server or a finding; may be empty."""
    mark: str = ""
    """By which a person names the mail that came in, or in which the file came; empty where there is none."""


@dataclass(frozen=True, kw_only=True)
class Standings:
    """A round's progress at one moment."""

    round: str
    """Name of the round in forms and seals."""
    name: str
    """Name of the round for people; may be empty."""
    deadline: str
    """Last day on which returns are in time, `2026-03-31`."""
    utc_offset: float
    """Hours from UTC of the round's days."""
    at: str
    """When the standings were taken."""
    domains: tuple[str, ...]
    """Domain codes in the model's order."""
    institutions: tuple[Standing, ...]
    """Sorted by institution id."""
    everyone: Total
    by_domain: tuple[Total, ...]
    by_province: tuple[Total, ...]
    """In the order of the administrative division codes, other names after them, the unknown last."""
    by_category: tuple[Total, ...]
    """In the model's order, other names after them, the unknown last."""
    attention: tuple[Attention, ...]
    """Sorted by kind, then time."""


def overall_of(forms: Iterable[FormStanding], *, was_asked: bool, is_unreachable: bool) -> Overall:
    """Sum up an institution's forms.

    Args:
        forms: its forms.
        was_asked: whether any mail ever went out to it.
        is_unreachable: whether the last one bounced.
    """
    states = {form.state for form in forms}
    if states <= set(SETTLED):
        return "complete"
    if is_unreachable:
        return "bounced"
    return "owes" if was_asked or states != {"not_sent"} else "not_sent"


def total_of(name: str, group: Iterable[Standing]) -> Total:
    """Count a group of institutions."""
    members = tuple(group)
    overall = Counter(one.overall for one in members)
    return Total(
        name=name,
        overall={key: overall[key] for key in OVERALL},
        **_counted(form for one in members for form in one.forms),
    )


def domain_total(domain: str, place: int, everyone: Iterable[Standing]) -> Total:
    """Count the forms of the domain that stands at `place`."""
    return Total(name=domain, overall={}, **_counted(one.forms[place] for one in everyone))


class _Forms(TypedDict):
    forms: Mapping[State, int]
    late: int


def _counted(forms: Iterable[FormStanding]) -> _Forms:
    kept = tuple(forms)
    states = Counter(form.state for form in kept)
    return {"forms": {state: states[state] for state in STATES}, "late": sum(form.is_late for form in kept)}
