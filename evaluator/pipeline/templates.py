"""Writing blank questionnaires into a folder.

Owns: not writing over other files. Knows nothing of what is in a questionnaire.
"""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

from evaluator.errors import InputError, OutputError, reason_of
from evaluator.model.records import Domain, Model
from evaluator.questionnaire import layout
from evaluator.questionnaire.writer import write_form
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
        OutputError: the folder can't be written, or holds other files of these names and `force` is not set.
    """
    wanted = [_domain(model, name) for name in domains] or list(model.domains)
    forms = {
        layout.file_name(model.domains.index(domain) + 1, domain, lang): _form(
            model, domain, lang, deadline=deadline, contact=contact
        )
        for domain in wanted
    }
    if out.exists() and not out.is_dir():
        raise OutputError("is_a_file", path=out)
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name, content in forms.items():
            if not force and (out / name).exists() and (out / name).read_bytes() != content:
                raise OutputError("would_overwrite", path=out / name)
        for name, content in forms.items():
            (out / name).write_bytes(content)
    except OSError as error:
        raise OutputError("not_writable", path=out, why=reason_of(error)) from error
    return tuple(out / name for name in forms)


def _domain(model: Model, name: str) -> Domain:
    found = model.domain_named(name)
    if found is None:
        raise InputError("no_such_domain", name=name, known=", ".join(domain.code for domain in model.domains))
    return found


def _form(model: Model, domain: Domain, lang: Lang, *, deadline: str, contact: str) -> bytes:
    stream = BytesIO()
    write_form(stream, model, domain, lang, deadline=deadline, contact=contact)
    return stream.getvalue()
