"""Writing questionnaires into a folder: blank ones, or a set for each institution of a roster.

Owns: which folder and file a form goes to, and not writing over other files. Knows nothing of what is in a form.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from io import BytesIO
from pathlib import Path

from evaluator.errors import InputError, OutputError, reason_of
from evaluator.intake.institutions import Institution
from evaluator.intake.roster import read_roster
from evaluator.model.records import Domain, Model
from evaluator.naming import file_stems
from evaluator.pipeline.progress import Progress, no_progress
from evaluator.questionnaire import layout
from evaluator.questionnaire.prefilled import FormMaster, sealed_for
from evaluator.questionnaire.writer import write_form
from evaluator.reports.folder import check_no_results
from evaluator.seals import seal_of
from evaluator.wording import Lang


def write_templates(
    out: Path,
    model: Model,
    lang: Lang,
    *,
    domains: Sequence[str] = (),
    deadline: str = "",
    contact: str = "",
    force: bool = False,
) -> tuple[Path, ...]:
    """Write a blank questionnaire for each domain, or for those named.

    Raises:
        InputError: a name is no domain's.
        OutputError: the folder can't be written, holds other files of these names and `force` is not set, or holds
            results.
    """
    wanted = [_domain(model, name) for name in domains] or list(model.domains)
    forms = {
        layout.file_name(model.domains.index(domain) + 1, domain, lang): _form(
            model, domain, lang, deadline=deadline, contact=contact
        )
        for domain in wanted
    }
    _check_folder(out)
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name, content in forms.items():
            if not force:
                _check_free(out / name, content)
        for name, content in forms.items():
            (out / name).write_bytes(content)
    except OSError as error:
        raise OutputError("not_writable", path=out, why=reason_of(error)) from error
    return tuple(out / name for name in forms)


def write_packages(
    out: Path,
    model: Model,
    lang: Lang,
    roster: Path,
    *,
    key: bytes | None = None,
    round_name: str = "",
    deadline: str = "",
    contact: str = "",
    force: bool = False,
    progress: Progress = no_progress,
) -> tuple[Path, ...]:
    """Write the forms of each institution, filled in beforehand, into a folder of its own: `<id>_<name>`.

    Args:
        out: where the folders go.
        model: what is asked.
        lang: language of the forms.
        roster: the institutions.
        key: of the round's seals; `None`: the forms have none.
        round_name: for the instructions, `_meta` and the seal.
        deadline: as the instructions say it.
        contact: whom to ask.
        force: write over files that are there with other contents.
        progress: told how many institutions have their forms.

    Returns:
        The files, by institution and in the model's order.

    Raises:
        InputError, RosterError: the roster is not there, or can't be used.
        OutputError: the folder can't be written, holds other files of these names and `force` is not set, or holds
            results; then nothing was written.
    """
    entries = read_roster(roster, model)
    _check_folder(out)
    masters = {
        domain.code: FormMaster(model, domain, lang, deadline=deadline, contact=contact, round_name=round_name)
        for domain in model.domains
    }
    folders = [out / stem for stem in file_stems([one.id for one in entries], [one.name for one in entries])]
    written: list[Path] = []
    try:
        for entry, folder in zip(entries, folders, strict=True):
            if not force and folder.exists():
                for name, content in _package(entry, model, lang, masters, key, round_name):
                    _check_free(folder / name, content)
        for done, (entry, folder) in enumerate(zip(entries, folders, strict=True), 1):
            folder.mkdir(parents=True, exist_ok=True)
            for name, content in _package(entry, model, lang, masters, key, round_name):
                passing = folder / f"{name}.part"  # a stopped run leaves no half form, which the next would not replace
                passing.write_bytes(content)
                written.append(passing.replace(folder / name))
            progress("templates", done, len(entries))
    except OSError as error:
        raise OutputError("not_writable", path=out, why=reason_of(error)) from error
    return tuple(written)


def _package(
    entry: Institution,
    model: Model,
    lang: Lang,
    masters: dict[str, FormMaster],
    key: bytes | None,
    round_name: str,
) -> Iterator[tuple[str, bytes]]:
    """Give the names and bytes of an institution's forms."""
    fields = asdict(entry)
    for number, domain in enumerate(model.domains, 1):
        sealed = sealed_for(model, domain.code, entry.id, round_name)
        seal = seal_of(key, sealed) if key else ""
        name = layout.file_name(number, domain, lang, entry.id)
        yield name, masters[domain.code].form(fields, entry.id, seal=seal)


def _check_folder(out: Path) -> None:
    if out.exists() and not out.is_dir():
        raise OutputError("is_a_file", path=out)
    check_no_results(out)


def _check_free(path: Path, content: bytes) -> None:
    if path.exists() and path.read_bytes() != content:
        raise OutputError("would_overwrite", path=path)


def _domain(model: Model, name: str) -> Domain:
    found = model.domain_named(name)
    if found is None:
        raise InputError("no_such_domain", name=name, known=", ".join(domain.code for domain in model.domains))
    return found


def _form(model: Model, domain: Domain, lang: Lang, *, deadline: str, contact: str) -> bytes:
    stream = BytesIO()
    write_form(stream, model, domain, lang, deadline=deadline, contact=contact)
    return stream.getvalue()
