"""Which of several returns counts: one for each institution and domain (CONTRACT, duplicate rules).

Owns: splitting forms into returns by domain, and choosing among returns of the same institution and domain. The later
filling date wins, then the later arrival; file times decide nothing.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from evaluator.findings import Finding, joined
from evaluator.intake.corrections import Chain
from evaluator.model.records import Model
from evaluator.questionnaire import layout
from evaluator.questionnaire.reader import FormRow, ReturnedForm
from evaluator.wording import Text, filled, text
from evaluator.wording.matching import plain

_SHOWN_ID = 60
"""Characters of what stands for an id that a finding shows."""
_MOST_STRANGE = 50
"""Rows of no known requirement that have a finding each; those after them share one."""
_EXCEL_EPOCH = date(1899, 12, 30)


@dataclass(frozen=True, kw_only=True, slots=True)
class Return:
    """The rows of one domain in one file of one institution."""

    institution: str
    domain: str
    file: str
    lang: str
    edition: str
    filled: date | None
    """Filling date, `None` where it is blank or no date."""
    arrived: str
    """When it arrived, as `Source.arrived`; empty where that is not known."""
    rows: tuple[FormRow, ...]
    """Rows of the domain's requirements, in the order they stand; ids may repeat or be missing."""
    sha256: str = ""
    """Hash of the file; empty where it is not known."""
    corrects: str = ""
    """Hash of the return that this one corrects, as its form says; empty where it is no correction."""
    is_vouched: bool = True
    """Whether its round's seal, or a person, vouches for whose it is; in a run without a round all are as good."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Chosen:
    """Which returns count."""

    counted: tuple[Return, ...]
    """At most one for each institution and domain, sorted by both."""
    statuses: Mapping[tuple[str, str], str]
    """What became of each return by file and domain: `counted`, `identical`, `superseded` or `conflict`."""
    findings: tuple[Finding, ...]


def split(
    file: str,
    form: ReturnedForm,
    owner: str,
    model: Model,
    arrived: str = "",
    sha256: str = "",
    is_vouched: bool = True,
) -> tuple[tuple[Return, ...], tuple[Finding, ...]]:
    """Split a form into returns, one for each domain it answers; rows that belong to none become findings.

    A form answers the domain most of its rows belong to, and any other of whose requirements it holds at least half: a
    single mistyped id must not make a return of another domain.
    """
    rows = [row for row in form.rows if row.is_id and row.requirement in model.domain_of]
    counts = Counter(model.domain_of[row.requirement].code for row in rows)
    main = max(sorted(counts), key=lambda code: counts[code], default="")
    stated = form.meta.get("domain", "")
    domains = {code for code, n in counts.items() if code == main or 2 * n >= len(model.domain(code).requirements)}
    returns = tuple(
        Return(
            institution=owner,
            domain=domain.code,
            file=file,
            lang=form_language(form),
            edition=form.edition,
            filled=filling_date(form.value("date")),
            arrived=arrived,
            rows=tuple(row for row in rows if model.domain_of[row.requirement].code == domain.code),
            sha256=sha256,
            is_vouched=is_vouched,
            corrects=form.meta.get(layout.CORRECTS, ""),
        )
        for domain in model.domains
        if domain.code in domains
    )
    strange = [
        row
        for row in form.rows
        if not (row.requirement in model.domain_of and model.domain_of[row.requirement].code in domains)
    ]
    told: list[tuple[FormRow, str | Text]] = [(row, row.requirement[:_SHOWN_ID]) for row in strange[:_MOST_STRANGE]]
    if len(strange) > _MOST_STRANGE:
        rest = strange[_MOST_STRANGE:]
        told.append((rest[0], joined([row.requirement[:_SHOWN_ID] for row in rest])))
    findings = tuple(
        Finding(
            code="form.unknown_rows",
            institution=owner,
            domain=stated if stated in domains else main,
            file=file,
            sheet=row.sheet,
            cell=row.id_cell,
            params={"found": found},
        )
        for row, found in told
    )
    return returns, findings


def choose(returns: Iterable[Return]) -> Chosen:
    """Choose the return that counts for each institution and domain.

    Identical contents count once. Of two different ones that with the later filling date counts, or, where their dates
    are the same or one has none, that which corrects the other, or else that which arrived later. Those that none is
    later than are a conflict if there are several, and none counts. What nothing vouches for never takes the place of
    a return that is vouched for.
    """
    groups: dict[tuple[str, str], list[Return]] = {}
    for one in returns:
        groups.setdefault((one.institution, one.domain), []).append(one)
    counted: list[Return] = []
    statuses: dict[tuple[str, str], str] = {}
    findings: list[Finding] = []
    for key in sorted(groups):
        chain = Chain(groups[key])
        distinct, repeats = _without_repeats(sorted(groups[key], key=lambda one: one.file), chain)
        for one, first in repeats:
            statuses[one.file, one.domain] = "identical"
            findings.append(_about(one, "return.identical", other=first.file))
        vouched = [one for one in distinct if one.is_vouched]
        winners, losers = _latest(vouched or distinct, chain)
        for one in distinct if vouched else ():
            if not one.is_vouched:
                statuses[one.file, one.domain] = "superseded"
                why = text("intake.later.vouched")
                findings.append(_about(one, "return.superseded", why=why, other=winners[0].file))
        for one in losers:
            statuses[one.file, one.domain] = "superseded"
            later = next(other for other in (*winners, *distinct) if _is_later(other, one, chain))
            findings.append(_superseded(one, later, chain))
        statuses.update({(one.file, one.domain): "counted" if len(winners) == 1 else "conflict" for one in winners})
        if len(winners) == 1:
            counted.append(winners[0])
        else:
            findings.extend(
                _about(one, "return.conflict", others=joined([w.file for w in winners if w is not one]))
                for one in winners
            )
    return Chosen(counted=tuple(counted), statuses=statuses, findings=tuple(findings))


def _without_repeats(group: Sequence[Return], chain: Chain) -> tuple[list[Return], list[tuple[Return, Return]]]:
    """Keep one of each content: the last correction, else that with the latest filling date, arrival, first name."""
    if len(group) == 1:
        return list(group), []
    ordered = sorted(
        group,
        key=lambda one: (one.is_vouched, chain.generation(one), one.filled or date.min, one.arrived),
        reverse=True,
    )
    first: dict[tuple[tuple[str, ...], ...], Return] = {}
    repeats: list[tuple[Return, Return]] = []
    for one in ordered:
        kept = first.setdefault(content_of(one), one)
        if kept is not one:
            repeats.append((one, kept))
    chain.join(repeats)
    return sorted(first.values(), key=lambda one: one.file), repeats


def content_of(one: Return) -> tuple[tuple[str, ...], ...]:
    """Give what was answered, to be compared: equal for returns that say the same."""
    return tuple(
        sorted(
            (r.requirement, r.kind, plain(r.typed), plain(r.evidence), plain(r.remarks), plain(r.text))
            for r in one.rows
        )
    )


def _latest(distinct: Sequence[Return], chain: Chain) -> tuple[list[Return], list[Return]]:
    """Part those that none is later than from the others; all are among the first where each has a later one."""
    last_filled = max((one.filled for one in distinct if one.filled), default=None)
    last_arrived: dict[date | None, str] = {}
    for one in distinct:
        last_arrived[one.filled] = max(last_arrived.get(one.filled, ""), one.arrived)
    any_arrived = max(last_arrived.values())
    corrections = [one for one in distinct if one.corrects]

    def rivals_of(one: Return) -> str:
        if one.corrects:  # those that it corrects are no rivals, whenever they arrived
            rivals = [other for other in distinct if not one.filled or other.filled in (one.filled, None)]
            return max((other.arrived for other in rivals if not chain.supersedes(one, other)), default="")
        return max(last_arrived[one.filled], last_arrived.get(None, "")) if one.filled else any_arrived

    def has_later(one: Return) -> bool:
        if one.filled and last_filled and one.filled < last_filled:
            return True
        if any(chain.supersedes(other, one) for other in corrections):
            return True
        return one.arrived != "" and one.arrived < rivals_of(one)

    losers = [one for one in distinct if has_later(one)]
    if len(losers) == len(distinct):
        return list(distinct), []
    return [one for one in distinct if not has_later(one)], losers


def _is_later(one: Return, other: Return, chain: Chain) -> bool:
    if one.filled and other.filled and one.filled != other.filled:
        return one.filled > other.filled
    if chain.supersedes(one, other) or chain.supersedes(other, one):
        return chain.supersedes(one, other)
    return other.arrived != "" and one.arrived > other.arrived


def _superseded(one: Return, other: Return, chain: Chain) -> Finding:
    if one.filled and other.filled and one.filled != other.filled:
        why = filled("intake.later.filled", found=one.filled, expected=other.filled)
    elif chain.supersedes(other, one):
        why = text("intake.later.corrects")
    else:
        why = filled("intake.later.arrived", found=_shown(one.arrived), expected=_shown(other.arrived))
    return _about(one, "return.superseded", why=why, other=other.file)


def _shown(arrived: str) -> str:
    return f"{arrived[:10]} {arrived[11:19]} UTC"


def _about(one: Return, code: str, **params: object) -> Finding:
    return Finding(code=code, institution=one.institution, domain=one.domain, file=one.file, params=params)


def form_language(form: ReturnedForm) -> str:
    """Give the language a form is in: of `_meta`, else by the script of its requirements, or of its sheet's name."""
    stated = form.meta.get("language", "")
    if stated in ("zh", "en"):
        return stated
    words = "".join(row.text for row in form.rows) or "".join(row.sheet for row in form.rows)
    return "zh" if re.search(r"[\u4e00-\u9fff]", words) else "en"


def filling_date(typed: str) -> date | None:
    """Read a filling date: `2026-03-31`, `2026/3/31`, `2026年3月31日`, `20260331`, or a serial number."""
    typed = unicodedata.normalize("NFKC", typed)
    found = re.search(r"(20\d\d)\D{1,3}(\d{1,2})\D{1,3}(\d{1,2})(?!\d)", typed) or re.fullmatch(
        r"\s*(20\d\d)(\d\d)(\d\d)\s*", typed
    )
    try:
        if found:
            return date(int(found[1]), int(found[2]), int(found[3]))
        serial = float(typed)
    except ValueError:
        return None
    return _EXCEL_EPOCH + timedelta(days=int(serial)) if 36526 <= serial <= 73050 else None
