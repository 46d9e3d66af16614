"""From read files to who takes part, which return counts, and what became of every file.

Owns: putting identity, form checks and the choice among returns together, one institution at a time, so that they can
be settled apart from each other. Opens no file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

import pandas as pd

from evaluator.findings import Finding, joined
from evaluator.intake import uscc
from evaluator.intake.cells import answer_cells
from evaluator.intake.formchecks import form_findings
from evaluator.intake.identity import Identified, identify
from evaluator.intake.institutions import FIELDS, Institution, institution
from evaluator.intake.lateness import timely
from evaluator.intake.packing import Asked, unpack
from evaluator.intake.reading import ReadFile
from evaluator.intake.returns import Return, choose, form_language, split
from evaluator.intake.sealchecks import seal_findings
from evaluator.intake.terms import Terms
from evaluator.model.records import Model
from evaluator.questionnaire.reader import ReturnedForm
from evaluator.wording import Text

FILE_COLUMNS = ("path", "sha256", "size", "institution", "domain", "role", "status", "edition", "lang", "arrived")
"""Columns of the frame of input files."""
STATUS_ORDER = ("counted", "conflict", "superseded", "identical", "excluded", "not_counted")
"""Statuses of a file that answers several domains: the first that one of its returns has."""
_OTHER_STATUSES = {"file.skipped": "skipped", "form.not_a_questionnaire": "not_counted"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Paper:
    """One form of an institution, or of nobody known."""

    file: str
    content: bytes
    """The form, packed."""
    arrived: str
    """As `ReadFile.arrived`."""
    sha256: str
    """As `ReadFile.sha256`."""
    is_vouched: bool
    """As `Return.is_vouched`."""
    who: str
    """Whom its findings are listed under: its institution, else the one it says."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Dossier:
    """What came from one institution."""

    id: str
    """Empty for the forms that could not be told to anyone."""
    entry: Institution | None
    """Its entry on the roster; `None` without one."""
    papers: tuple[Paper, ...]
    """Sorted by file name."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FileFacts:
    """What became of a form."""

    domain: str
    """Domain codes, joined by commas."""
    status: str
    """Of `STATUS_ORDER`."""
    edition: str
    lang: str


@dataclass(frozen=True, kw_only=True)
class Settled:
    """What is settled of some institutions."""

    institutions: tuple[Institution, ...]
    """In the order of the dossiers."""
    cells: pd.DataFrame
    """Full grid of their answer cells (`assessment.answers.CELL_COLUMNS`)."""
    files: Mapping[str, FileFacts]
    """By file name."""
    findings: tuple[Finding, ...]


def owners_of(
    read: Sequence[ReadFile], roster: Sequence[Institution] | None, model: Model, terms: Terms | None = None
) -> Identified:
    """Tell each form to an institution; forms of another model are nobody's."""
    claims = [one.claim for one in sorted(read, key=lambda one: one.name) if one.claim is not None]
    hashes = {one.name: one.sha256 for one in read} if terms else {}
    return identify([claim for claim in claims if claim.model in ("", model.id)], roster, terms, hashes)


def dossiers(
    read: Sequence[ReadFile],
    owners: Mapping[str, str],
    roster: Sequence[Institution] | None,
    content: Callable[[ReadFile], bytes],
    unvouched: AbstractSet[str] = frozenset(),
) -> Iterator[Dossier]:
    """Gather what came by institution, sorted by id; last the forms of nobody known.

    Args:
        read: the files; those that gave no form are passed over.
        owners: institution id by file.
        roster: all that take part; `None`: whoever returned a form does.
        content: gives a file's packed form; asked only when its dossier is wanted.
        unvouched: files that nothing vouches for, as `Identified.unvouched`.
    """
    entries = {entry.id: entry for entry in roster or ()}
    came: dict[str, list[ReadFile]] = {identifier: [] for identifier in entries}
    nobody: list[ReadFile] = []
    for one in sorted(read, key=lambda one: one.name):
        if one.claim is not None:
            owner = owners.get(one.name, "")
            (came.setdefault(owner, []) if owner else nobody).append(one)
    for identifier in sorted(came):
        papers = tuple(_paper(one, content, identifier, one.name not in unvouched) for one in came[identifier])
        yield Dossier(id=identifier, entry=entries.get(identifier), papers=papers)
    for one in nobody:
        who = one.claim.made_for or one.claim.stated_id if one.claim else ""
        yield Dossier(id="", entry=None, papers=(_paper(one, content, who, False),))


def _paper(one: ReadFile, content: Callable[[ReadFile], bytes], who: str, is_vouched: bool) -> Paper:
    return Paper(
        file=one.name,
        content=content(one),
        arrived=one.arrived,
        sha256=one.sha256,
        is_vouched=is_vouched,
        who=who,
    )


def settle(batch: Iterable[Dossier], model: Model, asked: Asked, terms: Terms | None = None) -> Settled:
    """Work out of each institution which returns count, and lay out its answers.

    Args:
        batch: dossiers of some institutions.
        model: the model in force.
        asked: the model's texts, as the forms were packed with.
        terms: what the round says, where there is one.
    """
    institutions: list[Institution] = []
    counted: list[Return] = []
    files: dict[str, FileFacts] = {}
    findings: list[Finding] = []
    for dossier in batch:
        forms = {paper.file: unpack(paper.content, asked) for paper in dossier.papers}
        returns: list[Return] = []
        for paper in dossier.papers:
            form = forms[paper.file]
            if why_not := _set_aside(paper, terms):
                findings.append(why_not)
                continue
            findings.extend(form_findings(paper.file, form, paper.who, model))
            if terms and dossier.entry:
                findings.extend(seal_findings(paper.file, form, dossier.entry, model))
            if dossier.id:
                parts, strangers = split(
                    paper.file, form, dossier.id, model, paper.arrived, paper.sha256, paper.is_vouched
                )
                returns.extend(parts)
                findings.extend(strangers)
        in_time = timely(returns, terms)
        chosen = choose(in_time.returns)
        findings.extend((*in_time.findings, *chosen.findings))
        counted.extend(chosen.counted)
        statuses = {**chosen.statuses, **{(one.file, one.domain): "not_counted" for one in in_time.refused}}
        for paper in dossier.papers:
            own = {domain.code: statuses.get((paper.file, domain.code), "") for domain in model.domains}
            files[paper.file] = _facts(forms[paper.file], own)
            if _set_aside(paper, terms):
                files[paper.file] = replace(files[paper.file], status="excluded")
                del forms[paper.file]
        if dossier.id:
            entry = _institution(dossier, forms, model)
            institutions.append(entry)
            findings.extend(_missing(entry, {one.domain for one in chosen.counted}, model))
    cells, row_findings = answer_cells(counted, institutions, model)
    return Settled(institutions=tuple(institutions), cells=cells, files=files, findings=(*findings, *row_findings))


def _set_aside(paper: Paper, terms: Terms | None) -> Finding | None:
    """Say why a form does not count whatever is in it."""
    if terms and paper.sha256 in terms.excluded:
        params = {"reason": terms.excluded[paper.sha256]}
        return Finding(code="return.excluded", institution=paper.who, file=paper.file, params=params)
    if terms and paper.sha256 in terms.unanswered:
        return Finding(code="return.unanswered", institution=paper.who, file=paper.file)
    return None


def file_rows(
    read: Iterable[ReadFile], owners: Mapping[str, str], facts: Mapping[str, FileFacts]
) -> Iterator[dict[str, object]]:
    """Say of each file what became of it: rows of a frame with the columns `FILE_COLUMNS`."""
    for one in read:
        known = facts.get(one.name)
        yield {
            "path": one.name,
            "sha256": one.sha256,
            "size": one.size,
            "institution": owners.get(one.name, ""),
            "domain": known.domain if known else "",
            "role": "return" if known else "container" if one.is_container else "other",
            "status": known.status if known else _status(one),
            "edition": known.edition if known else "",
            "lang": known.lang if known else "",
            "arrived": one.arrived,
        }


def _status(one: ReadFile) -> str:
    if one.is_container and one.code in ("", "file.nothing_inside"):
        return "opened"
    return _OTHER_STATUSES.get(one.code, "unreadable")


def _facts(form: ReturnedForm, statuses: Mapping[str, str]) -> FileFacts:
    """Put together what became of a form; `statuses` by domain in model order, empty where it does not answer one."""
    own = {domain: status for domain, status in statuses.items() if status}
    return FileFacts(
        domain=",".join(own) or form.meta.get("domain", ""),
        status=min(own.values(), key=STATUS_ORDER.index, default="not_counted"),
        edition=form.edition,
        lang=form_language(form),
    )


def _institution(dossier: Dossier, forms: Mapping[str, ReturnedForm], model: Model) -> Institution:
    """Say who an institution is; what the roster does not say is taken from its forms, in the order of their files."""
    stated: dict[str, str] = {}
    for form in forms.values():
        for key in FIELDS[1:]:
            value = form.value(key)
            if key == "uscc":
                value = uscc.normalised(value)
                value = "" if not value or uscc.fault(value) else value
            if value:
                stated.setdefault(key, value)
    known = {key: value for key in FIELDS if (value := getattr(dossier.entry, key, ""))}
    return replace(institution({**stated, **known}, model), id=dossier.id)


def _missing(entry: Institution, came: set[str], model: Model) -> list[Finding]:
    missing = [domain for domain in model.domains if domain.code not in came]
    if not missing:
        return []
    zh, en = (joined([f"{d.code} {d.name.say(lang)}" for d in missing]).say(lang) for lang in ("zh", "en"))
    return [
        Finding(
            code="return.missing_domain",
            institution=entry.id,
            domain=missing[0].code if len(missing) == 1 else "",
            params={"count": len(missing), "domains": Text(zh=zh, en=en)},
        )
    ]
