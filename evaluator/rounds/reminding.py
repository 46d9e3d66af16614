"""Who owes something, what exactly, and whether it is time to say so.

Owns: choosing whom a reminder goes to and what it names. Writes no mail and sends none.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import cast

from evaluator.findings import joined
from evaluator.questionnaire.layout import file_name
from evaluator.reports.status_record import SETTLED
from evaluator.rounds.dates import day
from evaluator.rounds.folder import Round
from evaluator.rounds.ledger import Ledger
from evaluator.rounds.needs import UNCLEAR
from evaluator.rounds.standing import closing_time, form_standing
from evaluator.rounds.traffic import Came, Record, last_out, read_record
from evaluator.wording import Lang, Text, catalogue, filled, say

MOST_FAULTS = 20
"""Faults of one form that a reminder names."""
_CONFLICT, _REFUSED = "return.conflict", "return.too_late"
_ANEW = ("identity.seal_broken", "identity.unsealed", "identity.mismatch", "return.other_round", "return.excluded")
"""Why a form that came can't be used and must be filled in anew, the first that fits; it goes along anew."""
_CELL = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """Something to mend in a form that came."""

    domain: str
    file: str
    """Name of the file as it came."""
    code: str
    """Of the finding."""
    sheet: str
    cell: str
    """Cell in that file, empty where the whole sheet or file is meant."""
    requirement: str
    """Requirement id, empty where it concerns none."""
    message: str
    """What was found and what to do, in the round's language."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Anew:
    """A form that came, can't be used, and must be filled in anew."""

    domain: str
    why: str
    """In the round's language."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Owed:
    """What an institution owes; a form that is not settled is missing, unusable or faulty, or it came too late."""

    institution: str
    """Its id."""
    missing: tuple[str, ...]
    """Codes of domains of which nothing came, in the model's order."""
    files: tuple[str, ...]
    """The missing forms' file names, in the same order."""
    anew: tuple[Anew, ...] = ()
    """Forms to be filled in anew, each once, in the model's order of domains."""
    faults: tuple[Fault, ...]
    """In the model's order of domains, then as they were found; at most `MOST_FAULTS` for a form, and of a conflict
    one for all its files. What came too late is among them, but nobody is reminded of that alone."""
    more: int
    """Faults beyond those."""
    last_sent: str
    """When the last mail went out to it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Due:
    """Those who owe something, by what can be done about it; ids and records are sorted by institution."""

    owed: tuple[Owed, ...] = ()
    """To be reminded now."""
    too_soon: tuple[Owed, ...] = ()
    """Written to less than `mail.remind_every_days` ago."""
    bounced: tuple[Owed, ...] = ()
    """The last mail came back: the address must be mended first."""
    unclear: tuple[Owed, ...] = ()
    """A mail may or may not have gone out: that must be decided first."""
    never_sent: tuple[str, ...] = ()
    """Ids of those that no mail ever went out to."""


def owing(place: Round, ledger: Ledger, *, today: str = "") -> tuple[Owed, ...]:
    """Say whom to remind now, and of what; arguments as those of `due`."""
    return due(place, ledger, today=today).owed


def due(place: Round, ledger: Ledger, *, today: str = "") -> Due:
    """Sort those who owe something by what can be done about it.

    Any mail of ours counts as one that may have reminded: an invitation and a correction ask for the same.

    Args:
        place: the round.
        ledger: its ledger.
        today: the time now, as the ledger writes times; empty: by the ledger's clock.
    """
    record = read_record(ledger, closing_time(place))
    now = datetime.fromisoformat(today or ledger.clock())
    rest = timedelta(days=place.settings.mail.remind_every_days)
    groups: dict[str, list[Owed]] = {"owed": [], "too_soon": [], "bounced": [], "unclear": []}
    never_sent: list[str] = []
    for one in record.institutions:
        messages = record.messages.get(one.id, ())
        owes = _owed(place, ledger, record, one.id)
        last = last_out(messages)
        if owes is None:
            continue
        if any(message.state in UNCLEAR for message in messages):
            groups["unclear"].append(owes)
        elif last is None:
            never_sent.append(one.id)
        elif last.state == "bounced":
            groups["bounced"].append(owes)
        elif now - datetime.fromisoformat(last.went) < rest:
            groups["too_soon"].append(owes)
        else:
            groups["owed"].append(owes)
    return Due(never_sent=tuple(never_sent), **{key: tuple(group) for key, group in groups.items()})


def left_out(found: Due, place: Round, only: Collection[str] = ()) -> tuple[Text, ...]:
    """Say who owes something and is not reminded, and why: a line for each reason that there is.

    Args:
        found: who owes something.
        place: the round.
        only: ids of the institutions to speak of; none: all.
    """
    groups: dict[str, list[str]] = {
        "too_soon": [one.institution for one in found.too_soon],
        "bounced": [one.institution for one in found.bounced],
        "unclear": [one.institution for one in found.unclear],
        "never_sent": list(found.never_sent),
    }
    days = f"{place.settings.mail.remind_every_days:g}"
    return tuple(
        filled(f"rounds.remind.{why}", count=len(named), ids=joined(named), days=days)
        for why, ids in groups.items()
        if (named := [one for one in ids if not only or one in only])
    )


def _owed(place: Round, ledger: Ledger, record: Record, institution: str) -> Owed | None:
    """Say what an institution owes; `None` where that is nothing."""
    missing: list[str] = []
    files: list[str] = []
    anew: list[Anew] = []
    faults: list[Fault] = []
    more = 0
    lang = place.settings.round.lang
    for number, domain in enumerate(place.model.domains, 1):
        form = form_standing(domain.code, record, institution)
        if form.state in SETTLED:
            continue
        came = record.came.get((institution, domain.code), ())
        found = _found(ledger, came)
        codes = {finding["code"] for _, finding in found}
        unusable = next((code for code in _ANEW if code in codes), "")
        rivals = [one for one in came if one.status == "conflict"] or (came if _CONFLICT in codes else ())
        if rivals:
            faults.append(_conflict(place, rivals))
        elif _REFUSED in codes:
            faults += [_fault(one, finding, lang) for one, finding in found if finding["code"] == _REFUSED][:1]
        elif unusable:
            why = next(finding[lang] for _, finding in found if finding["code"] == unusable)
            anew.append(Anew(domain=domain.code, why=_told(unusable, lang) or why))
        elif errors := [(one, finding) for one, finding in found if finding["severity"] == "error"]:
            faults += [_fault(one, error, lang) for one, error in errors[:MOST_FAULTS]]
            more += len(errors[MOST_FAULTS:])
        elif came:
            anew.append(Anew(domain=domain.code, why=say("rounds.told.return.unused", lang)))
        else:
            missing.append(domain.code)
            files.append(file_name(number, domain, lang, institution))
    if not (missing or anew or any(fault.code != _REFUSED for fault in faults)):
        return None
    last = last_out(record.messages.get(institution, ()))
    return Owed(
        institution=institution,
        missing=tuple(missing),
        files=tuple(files),
        anew=tuple(anew),
        faults=tuple(faults),
        more=more,
        last_sent=last.went if last else "",
    )


def _found(ledger: Ledger, came: Sequence[Came]) -> list[tuple[Came, dict[str, str]]]:
    """List what was found in what came of one form: in the return that counts, else in all that don't."""
    counted = [one for one in came if one.status == "counted"]
    found: list[tuple[Came, dict[str, str]]] = []
    for one in counted[-1:] or came:
        rows = ledger.rows("SELECT findings FROM returns WHERE name = ? AND domain = ?", (one.name, one.domain))
        found += [(one, finding) for finding in sorted(json.loads(rows[0][0]), key=_place)]
    return found


def _conflict(place: Round, came: Sequence[Came]) -> Fault:
    """Ask which of several forms counts."""
    lang = place.settings.round.lang
    return Fault(
        domain=came[0].domain,
        file="",
        code=_CONFLICT,
        sheet="",
        cell="",
        requirement="",
        message=_told(_CONFLICT, lang).format(files=joined(_as_sent(place, came), limit=9).say(lang)),
    )


def _as_sent(place: Round, came: Sequence[Came]) -> Iterator[str]:
    """Name files as the institution knows them; those of one name are told apart by their day."""
    zone, lang = timezone(timedelta(hours=place.settings.round.utc_offset)), place.settings.round.lang
    names = [one.name.rpartition("!")[2].rpartition("/")[2] for one in came]
    count = Counter(names)
    for one, name in zip(came, names, strict=True):
        if count[name] > 1 and one.arrived:
            arrived = day(datetime.fromisoformat(one.arrived).astimezone(zone).date(), lang)
            yield say("rounds.remind.arrived", lang, file=name, day=arrived)
        else:
            yield name


def _place(finding: Mapping[str, str]) -> tuple[str, int, str]:
    """Say where a finding stands, to sort by: sheet, row, column; what names no cell comes first."""
    found = _CELL.match(finding["cell"])
    return (finding["sheet"], int(found[2]), found[1]) if found else ("", 0, "")


def _told(code: str, lang: Lang) -> str:
    """Say to an institution what the finding says to the operator; empty where they can be told the same."""
    family, _, name = code.partition(".")
    told = cast("Mapping[str, Mapping[str, Mapping[str, str]]]", catalogue("rounds")["told"])
    return told[family][name][lang] if name in told.get(family, {}) else ""


def _fault(one: Came, finding: Mapping[str, str], lang: Lang) -> Fault:
    return Fault(
        domain=one.domain,
        file=one.name,
        code=finding["code"],
        sheet=finding["sheet"],
        cell=finding["cell"],
        requirement=finding["requirement"],
        message=_told(finding["code"], lang) or finding[lang],
    )
