"""From read files to who takes part, which returns count, and what became of every file.

Owns: putting identity, form checks and the choice among returns together. Opens no file; gives the intake's record.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from evaluator.findings import Finding, joined
from evaluator.intake.cells import answer_cells
from evaluator.intake.identity import Claim, identify
from evaluator.intake.institutions import FIELDS, Institution, institution
from evaluator.intake.reading import ReadFile
from evaluator.intake.returns import Return, choose, form_edition, form_language, form_model, split
from evaluator.model.records import Model
from evaluator.wording import Text

FILE_COLUMNS = ("path", "sha256", "size", "institution", "domain", "role", "status", "edition", "lang")
"""Columns of the frame of input files."""
STATUS_ORDER = ("counted", "conflict", "superseded", "identical", "not_counted")
"""Statuses of a file that answers several domains: the first that one of its returns has."""


@dataclass(frozen=True, kw_only=True)
class Intake:
    """What came in."""

    institutions: tuple[Institution, ...]
    """All that take part, sorted by id: the roster's, else those that returned something that can be told to them."""
    cells: pd.DataFrame
    """Full grid of answer cells (`assessment.answers.CELL_COLUMNS`)."""
    files: pd.DataFrame
    """One row per file, columns `FILE_COLUMNS`."""
    findings: tuple[Finding, ...]


def take_in(read: Sequence[ReadFile], roster: Sequence[Institution] | None, model: Model) -> Intake:
    """Work out whose each file is and which count.

    Args:
        read: the files, in any order.
        roster: the institutions there are; `None`: whoever returned a form takes part.
        model: the model in force.
    """
    ordered = sorted(read, key=lambda one: one.name)
    claims = {one.name: Claim(file=one.name, form=one.form) for one in ordered if one.form is not None}
    fitting = [claim for claim in claims.values() if form_model(claim) in ("", model.id)]
    identified = identify(fitting, roster)
    findings = [Finding(code=one.code, file=one.name, params=one.params) for one in ordered if one.form is None]
    findings.extend(identified.findings)
    returns: list[Return] = []
    for claim in claims.values():
        owner = identified.owners.get(claim.file, "")
        findings.extend(_form_findings(claim, owner, model))
        if owner:
            parts, strangers = split(claim, owner, model)
            returns.extend(parts)
            findings.extend(strangers)
    chosen = choose(returns)
    findings.extend(chosen.findings)
    institutions = _institutions(roster, claims, identified.owners, model)
    cells, row_findings = answer_cells(chosen.counted, institutions, model)
    findings.extend(row_findings)
    findings.extend(_missing(institutions, chosen.counted, model))
    return Intake(
        institutions=tuple(institutions),
        cells=cells,
        files=_files(ordered, claims, returns, chosen.statuses, identified.owners),
        findings=tuple(findings),
    )


def _form_findings(claim: Claim, owner: str, model: Model) -> list[Finding]:
    form = claim.form
    who = owner or claim.made_for or claim.stated_id
    found: list[Finding] = []

    def add(code: str, sheet: str = "", cell: str = "", **params: object) -> None:
        found.append(Finding(code=code, institution=who, file=claim.file, sheet=sheet, cell=cell, params=params))

    if form_model(claim) not in ("", model.id):
        add("form.unknown_model", found=form_model(claim), expected=model.id)
    elif form_edition(claim) not in ("", model.edition):
        add("form.old_edition", found=form_edition(claim), expected=model.edition)
    if form.has_macros:
        add("form.macro")
    if form.has_external_links:
        add("form.external_links")
    for sheet, cells in form.strays.items():
        add("form.stray_content", sheet=sheet, cell=cells.partition(",")[0].partition(" ")[0], cells=cells)
    return found


def _institutions(
    roster: Sequence[Institution] | None,
    claims: Mapping[str, Claim],
    owners: Mapping[str, str],
    model: Model,
) -> list[Institution]:
    """List who takes part; what the roster does not say is taken from the forms, in the order of their files."""
    stated: dict[str, dict[str, str]] = {}
    for file in sorted(owners):
        words = stated.setdefault(owners[file], {})
        for key in FIELDS[1:]:
            value = claims[file].valid_code if key == "uscc" else claims[file].value(key)
            if value:
                words.setdefault(key, value)
    if roster is None:
        return [institution({**words, "id": owner}, model) for owner, words in sorted(stated.items())]
    merged = []
    for entry in roster:
        known = {key: value for key in FIELDS if (value := getattr(entry, key))}
        merged.append(institution({**stated.get(entry.id, {}), **known}, model))
    return sorted(merged, key=lambda entry: entry.id)


def _missing(institutions: Sequence[Institution], counted: Sequence[Return], model: Model) -> list[Finding]:
    came = {(one.institution, one.domain) for one in counted}
    findings = []
    for entry in institutions:
        missing = [domain for domain in model.domains if (entry.id, domain.code) not in came]
        if missing:
            zh, en = (joined([f"{d.code} {d.name.say(lang)}" for d in missing]).say(lang) for lang in ("zh", "en"))
            findings.append(
                Finding(
                    code="return.missing_domain",
                    institution=entry.id,
                    domain=missing[0].code if len(missing) == 1 else "",
                    params={"count": len(missing), "domains": Text(zh=zh, en=en)},
                )
            )
    return findings


def _files(
    read: Sequence[ReadFile],
    claims: Mapping[str, Claim],
    returns: Sequence[Return],
    statuses: Mapping[tuple[str, str], str],
    owners: Mapping[str, str],
) -> pd.DataFrame:
    domains: dict[str, list[str]] = {}
    for part in returns:
        domains.setdefault(part.file, []).append(part.domain)
    rows = []
    for one in read:
        claim = claims.get(one.name)
        own = domains.get(one.name, [])
        status = min((statuses[one.name, code] for code in own), key=STATUS_ORDER.index, default="not_counted")
        if claim is None:
            status = {"file.skipped": "skipped", "form.not_a_questionnaire": "not_counted"}.get(one.code, "unreadable")
        rows.append(
            {
                "path": one.name,
                "sha256": one.sha256,
                "size": one.size,
                "institution": owners.get(one.name, ""),
                "domain": ",".join(own) or (claim.form.meta.get("domain", "") if claim else ""),
                "role": "other" if claim is None else "return",
                "status": status,
                "edition": form_edition(claim) if claim else "",
                "lang": form_language(claim) if claim else "",
            }
        )
    return pd.DataFrame(rows, columns=list(FILE_COLUMNS))
