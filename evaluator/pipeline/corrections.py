"""Correction workbooks for what came back faulty: one for each return with error findings.

Owns: which returns get one, its name and its seal. Forms are unpacked one at a time. Knows nothing of folders or mails;
what stands in a correction is `questionnaire`'s.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from io import BytesIO
from pathlib import Path

from evaluator.findings import Finding, in_order
from evaluator.intake.institutions import Institution
from evaluator.intake.packing import unpack
from evaluator.intake.reading import ReadFile
from evaluator.intake.roster import read_roster
from evaluator.intake.sources import Source
from evaluator.intake.terms import Terms
from evaluator.model.records import Model
from evaluator.naming import file_stems
from evaluator.pipeline.judging import Judged, asked_of
from evaluator.pipeline.main import Checked, check
from evaluator.pipeline.progress import Progress, no_progress
from evaluator.pipeline.setup import Setup
from evaluator.questionnaire import layout
from evaluator.questionnaire.correction import Faulty, calls_for_correction, corrected
from evaluator.questionnaire.prefilled import sealed_for
from evaluator.questionnaire.writer import write_form
from evaluator.seals import seal_of
from evaluator.wording import Lang, say

_SETUP = Setup()
_PASSED_OVER = frozenset(
    ("return.superseded", "return.identical", "return.excluded", "return.too_late", "return.conflict")
)
"""Findings of returns that are not to be corrected: another counts, a person decided so, or it is not known which of
several counts, which must be said first."""
_ENDING = ".xlsx"


@dataclass(frozen=True, kw_only=True, slots=True)
class MadeCorrection:
    """A correction workbook."""

    institution: str
    """Whom it is for, by id."""
    domain: str
    corrects: str
    """SHA-256 of the return."""
    file: str
    """Name of the return's file in the results."""
    lang: Lang
    """The return's language, and so the correction's."""
    name: str
    """File name, unique among the corrections of a run."""
    seal: str = field(repr=False)
    """As in its `_meta`; empty without a round."""
    problems: int
    """How many problems it lists that have to be mended."""
    data: bytes = field(repr=False)

    def without_data(self) -> MadeCorrection:
        """Give the same without its bytes, for whoever has put them elsewhere."""
        return replace(self, data=b"")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Planned:
    """A return that gets a correction."""

    institution: str
    domain: str
    lang: Lang
    read: ReadFile
    findings: tuple[Finding, ...]


def correct(
    paths: Sequence[Path | str | Source],
    model: Model,
    take: Callable[[MadeCorrection], None],
    *,
    roster: Path | None = None,
    terms: Terms | None = None,
    deadline: str = "",
    contact: str = "",
    setup: Setup = _SETUP,
    progress: Progress = no_progress,
) -> Checked:
    """Check returned files and give `take` a correction of each return with error findings, one after another.

    They come by institution and domain; the same files, roster, terms and model give the same bytes.

    Args:
        paths: the returned files, as for `check`.
        model: the model in force.
        take: does something with a correction.
        roster: the institutions there are; their fields stand in the corrections.
        terms: what the round says; corrections are sealed with its key.
        deadline: until when to reply, as the corrections say it; empty: they point to the e-mail.
        contact: whom to ask; empty: the body that sent them.
        setup: how the run is done.
        progress: told how far it is.

    Raises:
        InputError, RosterError: a path is not there, or the roster can't be used.
        WorkersError: worker processes can't be started.
    """
    entries = {entry.id: entry for entry in read_roster(roster, model)} if roster else {}
    make = partial(_made, entries=entries, model=model, terms=terms, deadline=deadline, contact=contact)

    def then(judged: Judged, read: Sequence[ReadFile], content: Callable[[ReadFile], bytes]) -> None:
        planned = _planned(judged, read, model)
        for one, name in zip(planned, _names(planned, model), strict=True):
            take(make(one, name, content(one.read)))

    return check(paths, model, roster=roster, terms=terms, setup=setup, progress=progress, then=then)


def _planned(judged: Judged, read: Iterable[ReadFile], model: Model) -> list[_Planned]:
    """Find the returns that get a correction, by institution, domain and file."""
    faulty = {finding.file for finding in judged.findings if calls_for_correction(finding)}
    by_file: dict[str, list[Finding]] = {}
    for finding in in_order(finding for finding in judged.findings if finding.file in faulty):
        by_file.setdefault(finding.file, []).append(finding)
    facts = {row.path: row for row in judged.files.itertuples() if row.institution and row.role == "return"}
    planned = []
    for one in read:
        row = facts.get(one.name)
        if row is None:
            continue
        for code in str(row.domain).split(","):
            own = tuple(f for f in by_file.get(one.name, ()) if f.domain in ("", code))
            passed_over = row.status == "not_counted" or any(f.code in _PASSED_OVER and f.domain == code for f in own)
            if not passed_over and code and any(map(calls_for_correction, own)):
                lang: Lang = "en" if row.lang == "en" else "zh"
                planned.append(
                    _Planned(institution=str(row.institution), domain=code, lang=lang, read=one, findings=own)
                )
    order = [domain.code for domain in model.domains]
    return sorted(planned, key=lambda one: (one.institution, order.index(one.domain), one.read.name))


def _names(planned: Sequence[_Planned], model: Model) -> list[str]:
    """Name the corrections' files: the form's name with a word in front."""
    order = [domain.code for domain in model.domains]
    usual = [
        layout.file_name(order.index(one.domain) + 1, model.domain(one.domain), one.lang, one.institution)
        for one in planned
    ]
    words = [say("form.correction.file", one.lang) for one in planned]
    return [f"{stem}{_ENDING}" for stem in file_stems(words, [name.removesuffix(_ENDING) for name in usual])]


def _made(
    one: _Planned,
    name: str,
    content: bytes,
    *,
    entries: Mapping[str, Institution],
    model: Model,
    terms: Terms | None,
    deadline: str,
    contact: str,
) -> MadeCorrection:
    form = unpack(content, asked_of(model))
    faulty = Faulty(
        file=one.read.name.rpartition("!")[2].rpartition("/")[2],  # as the institution knows it
        sha256=one.read.sha256,
        form=form,
        domain=model.domain(one.domain),
        lang=one.lang,
        known=asdict(entries[one.institution]) if one.institution in entries else {},
        findings=one.findings,
    )
    prefill, correction = corrected(faulty, model)
    seal = ""
    if terms:
        seal = seal_of(terms.key, sealed_for(model, one.domain, one.institution, terms.round, one.read.sha256))
    stream = BytesIO()
    write_form(
        stream,
        model,
        faulty.domain,
        one.lang,
        prefill=prefill,
        deadline=deadline,
        contact=contact,
        round_name=terms.round if terms else "",
        round_title=terms.title if terms else "",
        institution=one.institution,
        seal=seal,
        correction=correction,
    )
    return MadeCorrection(
        institution=one.institution,
        domain=one.domain,
        corrects=one.read.sha256,
        file=one.read.name,
        lang=one.lang,
        name=name,
        seal=seal,
        problems=sum(problem.is_error for problem in correction.problems),
        data=stream.getvalue(),
    )
