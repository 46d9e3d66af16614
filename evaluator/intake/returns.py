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
_AHEAD = timedelta(days=1)
"""By how much a filling date may be after the arrival, which is in UTC, in whatever zone it was filled in."""


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

    A filling date after the arrival can't be true: it becomes a finding, and counts as blank.

    A form answers the domain most of its rows belong to, and any other of whose requirements it holds at least half: a
    single mistyped id must not make a return of another domain.
    """
    rows = [row for row in form.rows if row.is_id and row.requirement in model.domain_of]
    counts = Counter(model.domain_of[row.requirement].code for row in rows)
    main = max(sorted(counts), key=lambda code: counts[code], default="")
    stated = form.meta.get("domain", "")
    when = filling_date(form.value("date"))
    is_ahead = when is not None and arrived != "" and when > date.fromisoformat(arrived[:10]) + _AHEAD
    domains = {code for code, n in counts.items() if code == main or 2 * n >= len(model.domain(code).requirements)}
    returns = tuple(
        Return(
            institution=owner,
            domain=domain.code,
            file=file,
            lang=form_language(form),
            edition=form.edition,
            filled=None if is_ahead else when,
            arrived=arrived,
            rows=tuple(row for row in rows if model.domain_of[row.requirement].code == domain.code),
            sha256=sha256,
            is_vouched=is_vouched,
            corrects=form.meta.get(layout.CORRECTS, "") if is_vouched else "",
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
    if is_ahead:
        findings = (*findings, _ahead(file, form, owner, arrived))
    return returns, findings


def _ahead(file: str, form: ReturnedForm, owner: str, arrived: str) -> Finding:
    field = form.fields["date"]
    params = {"found": field.value, "expected": _shown(arrived)}
    return Finding(
        code="return.future_date", institution=owner, file=file, sheet=field.sheet, cell=field.cell, params=params
    )


def choose(returns: Iterable[Return]) -> Chosen:
    """Choose the return that counts for each institution and domain.

    Identical contents count once. Of two different ones that counts which corrects the other; where neither does, that
    with the later filling date, or, where their dates are the same or one has none, that which arrived later. Those
    that none is later than are a conflict if there are several, and none counts. What nothing vouches for never takes
    the place of a return that is vouched for. A copy shares the fate of the one of its content that is kept.
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
        fates = _fates(distinct, chain)
        copies = [_fate_of_copy(one, kept, fates[kept.file]) for one, kept in repeats]
        for fate in (*fates.values(), *copies):
            statuses[fate.one.file, fate.one.domain] = fate.status
            findings.extend(fate.findings)
        counted.extend(fate.one for fate in fates.values() if fate.status == "counted")
    return Chosen(counted=tuple(counted), statuses=statuses, findings=tuple(findings))


@dataclass(frozen=True, kw_only=True, slots=True)
class _Fate:
    """What becomes of a return."""

    one: Return
    status: str
    """As in `Chosen.statuses`."""
    findings: tuple[Finding, ...] = ()


def _fates(distinct: Sequence[Return], chain: Chain) -> dict[str, _Fate]:
    """Choose among returns of different contents of one institution and domain; gives what becomes of each, by file."""
    fates: dict[str, _Fate] = {}
    vouched = [one for one in distinct if one.is_vouched]
    winners, losers = _latest(vouched or distinct, chain)
    for one in distinct if vouched else ():
        if not one.is_vouched:
            found = _about(one, "return.superseded", why=text("intake.later.vouched"), other=winners[0].file)
            fates[one.file] = _Fate(one=one, status="superseded", findings=(found,))
    for one in losers:
        later = next(other for other in (*winners, *losers) if _is_later(other, one, chain))
        fates[one.file] = _Fate(one=one, status="superseded", findings=(_superseded(one, later, chain),))
    if len(winners) == 1:
        fates[winners[0].file] = _Fate(one=winners[0], status="counted")
        return fates
    for one in winners:
        found = _about(one, "return.conflict", others=joined([w.file for w in winners if w is not one]))
        fates[one.file] = _Fate(one=one, status="conflict", findings=(found,))
    return fates


def _fate_of_copy(one: Return, kept: Return, fate: _Fate) -> _Fate:
    """Say what becomes of a return whose content another one stands for."""
    if fate.status == "counted":
        return _Fate(one=one, status="identical", findings=(_about(one, "return.identical", other=kept.file),))
    (found,) = fate.findings
    params = dict(found.params)
    if fate.status == "superseded":
        params["why"] = filled("intake.later.copy", other=kept.file)
    return _Fate(one=one, status=fate.status, findings=(_about(one, found.code, **params),))


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
    """Part those that none is later than from the others; all are among the first where each has a later one.

    Says the same as asking `_is_later` of every two, in less time.
    """
    last_filled = max((one.filled for one in distinct if one.filled), default=None)
    last_arrived: dict[date | None, str] = {}
    for one in distinct:
        last_arrived[one.filled] = max(last_arrived.get(one.filled, ""), one.arrived)
    any_arrived = max(last_arrived.values())
    corrected = chain.superseded(distinct)
    replaced = {file for files in corrected.values() for file in files}

    def has_later(one: Return) -> bool:
        if one.file in replaced:
            return True
        if one.file in corrected:  # those that it corrects are no rivals, whatever their dates and arrivals
            return any(_is_after(other, one) for other in distinct if other.file not in corrected[one.file])
        if one.filled and last_filled and one.filled < last_filled:
            return True
        rivals = max(last_arrived[one.filled], last_arrived.get(None, "")) if one.filled else any_arrived
        return one.arrived != "" and one.arrived < rivals

    losers = [one for one in distinct if has_later(one)]
    if len(losers) == len(distinct):
        return list(distinct), []
    lost = {one.file for one in losers}
    return [one for one in distinct if one.file not in lost], losers


def _is_later(one: Return, other: Return, chain: Chain) -> bool:
    """Tell whether a return takes another's place: a correction that of what it corrects, else the later one."""
    if chain.supersedes(one, other):
        return True
    return not chain.supersedes(other, one) and _is_after(one, other)


def _is_after(one: Return, other: Return) -> bool:
    if one.filled and other.filled and one.filled != other.filled:
        return one.filled > other.filled
    return other.arrived != "" and one.arrived > other.arrived


def _superseded(one: Return, other: Return, chain: Chain) -> Finding:
    if chain.supersedes(other, one):
        why = text("intake.later.corrects")
    elif one.filled and other.filled and one.filled != other.filled:
        why = filled("intake.later.filled", found=one.filled, expected=other.filled)
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
