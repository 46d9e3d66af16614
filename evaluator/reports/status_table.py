"""A round's progress in words: rows for a terminal, plain data for machines, and the words that the workbook shares.

Owns: how a state, a time and a sum read. Knows nothing of terminals and workbooks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime, timedelta, timezone

from evaluator.model.records import Model
from evaluator.reports.look import group_name
from evaluator.reports.status_record import OVERALL, STATES, FormStanding, Standing, Standings, Total
from evaluator.wording import Lang, say


def table(standings: Standings, lang: Lang, *, open_only: bool = False) -> Iterator[tuple[str, ...]]:
    """Give the table of institutions and domains for a terminal, the header first.

    Args:
        standings: the round's progress.
        lang: language of the words.
        open_only: leave out institutions that owe nothing.
    """
    headers = (say(f"rounds.status.column.{key}", lang) for key in ("id", "name"))
    yield (
        *headers,
        *standings.domains,
        *(say(f"rounds.status.column.{key}", lang) for key in ("overall", "last_sent")),
    )
    for one in standings.institutions:
        if not (open_only and one.overall == "complete"):
            words = (form_words(form, lang) for form in one.forms)
            sent = local_time(one.last_sent, standings)
            yield (
                one.institution.id,
                one.institution.name,
                *words,
                say(f"rounds.status.overall.{one.overall}", lang),
                sent,
            )


def totals_table(standings: Standings, model: Model, lang: Lang) -> Iterator[tuple[str, ...]]:
    """Give the totals for a terminal: header, everyone, then provinces and categories, each after an empty row."""
    headers = [say(f"rounds.status.overview.{key}", lang).replace("\n", "") for key in ("institutions", "share")]
    yield ("", headers[0], *(say(f"rounds.status.state.{state}", lang) for state in STATES), headers[1])
    yield _total_row(standings.everyone, say("rounds.status.everyone", lang))
    for group in (standings.by_province, standings.by_category):
        yield ("",) * (3 + len(STATES))
        for one in group:
            yield _total_row(one, total_name(one, model, lang))


def attention_table(standings: Standings, lang: Lang) -> Iterator[tuple[str, ...]]:
    """Give what needs a person for a terminal, the header first."""
    keys = ("kind", "at", "mark", "id", "number", "address", "subject", "reason")
    yield tuple(attention_header(key, lang) for key in keys)
    for one in standings.attention:
        kind = say(f"rounds.status.kind.{one.kind}", lang)
        number = str(one.number or "")
        at, said = local_time(one.at, standings), one.reason.say(lang)
        yield kind, at, one.mark, one.institution, number, one.address, one.subject, said


def attention_header(key: str, lang: Lang) -> str:
    """Name a column of what needs a person."""
    return say(f"rounds.status.{'column' if key in ('id', 'name') else 'attention'}.{key}", lang)


def sentence(standings: Standings, lang: Lang) -> str:
    """Sum the round up in a sentence."""
    total = standings.everyone
    if not total.institutions:
        return say("rounds.status.no_institutions", lang)
    return say(
        "rounds.status.sentence",
        lang,
        institutions=total.institutions,
        forms=total.count,
        settled=total.settled,
        share=f"{share_of(total):.1%}",
        late=total.forms["late"],
        **{str(key): count for key, count in total.overall.items()},
    )


def round_line(standings: Standings, lang: Lang) -> str:
    """Say which round it is, when it closes and when the standings were taken."""
    return say(
        "rounds.status.round",
        lang,
        name=standings.name or standings.round,
        id=standings.round,
        deadline=standings.deadline,
        at=local_time(standings.at, standings),
    )


def form_words(form: FormStanding, lang: Lang) -> str:
    """Say how a form stands, with lateness and corrections."""
    words = say(f"rounds.status.state.{form.state}", lang)
    if form.is_late and form.state != "late":
        words = say("rounds.status.state_late", lang, state=words)
    if form.correction:
        words = say(f"rounds.status.correction_{form.correction}", lang, state=words)
    return words


def local_time(at: str, standings: Standings) -> str:
    """Show a time by the round's own clock, to the minute; empty stays empty."""
    if not at:
        return ""
    zone = timezone(timedelta(hours=standings.utc_offset))
    return datetime.fromisoformat(at).astimezone(zone).strftime("%Y-%m-%d %H:%M")


def total_name(total: Total, model: Model, lang: Lang) -> str:
    """Name a group in the language of the words."""
    return group_name(model, total.name, lang) or say("rounds.status.unknown", lang)


def share_of(total: Total) -> float:
    """Give the share of forms of which nothing is owed; 0 where there are none."""
    return total.settled / total.count if total.count else 0.0


def as_json(standings: Standings) -> dict[str, object]:
    """Give all of it as plain data; times are UTC, states and kinds are the keys of `status_record`."""
    return {
        "round": standings.round,
        "name": standings.name,
        "deadline": standings.deadline,
        "at": standings.at,
        "totals": {
            "all": _plain_total(standings.everyone),
            "domains": [_plain_total(one) for one in standings.by_domain],
            "provinces": [_plain_total(one) for one in standings.by_province],
            "categories": [_plain_total(one) for one in standings.by_category],
        },
        "institutions": [_plain_institution(one) for one in standings.institutions],
        "attention": [
            {**asdict(one), "reason": {"zh": one.reason.zh, "en": one.reason.en}} for one in standings.attention
        ],
    }


def _plain_total(total: Total) -> dict[str, object]:
    counts = {"institutions": {key: total.overall[key] for key in OVERALL}} if total.overall else {}
    return {"name": total.name, **counts, "forms": dict(total.forms), "late": total.late}


def _plain_institution(one: Standing) -> dict[str, object]:
    entry = one.institution
    return {
        "id": entry.id,
        "name": entry.name,
        "province": entry.province,
        "category": entry.category,
        "overall": one.overall,
        "owed": one.owed,
        "errors": one.errors,
        "last_sent": one.last_sent,
        "domains": {
            form.domain: {
                "state": form.state,
                "late": form.is_late,
                "correction": form.correction,
                "errors": form.errors,
                "since": form.since,
            }
            for form in one.forms
        },
    }


def _total_row(total: Total, name: str) -> tuple[str, ...]:
    states = (str(total.forms[state]) for state in STATES)
    return name, str(total.institutions), *states, f"{share_of(total):.0%}"
