"""What mails say: texts with places to fill in, which an operator may edit in the round's folder.

Owns: the templates (Jinja2, sandboxed, nothing undefined passes), the built-in texts beside this file, and what may be
filled in. Knows nothing of addresses, attachments' bytes or the ledger.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from types import CodeType, TracebackType
from typing import Literal

from jinja2 import StrictUndefined, Template, TemplateSyntaxError, UndefinedError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from evaluator.errors import RoundError, reason_of
from evaluator.findings import joined
from evaluator.intake.addresses import named_address_of
from evaluator.intake.institutions import Institution
from evaluator.rounds.dates import day
from evaluator.rounds.folder import Round
from evaluator.rounds.lines import one_line
from evaluator.wording import LANGS, Lang

Kind = Literal["invitation", "reminder", "correction"]
KINDS: tuple[Kind, ...] = ("invitation", "reminder", "correction")
_SUBJECT = re.compile(r"(?:subject|主题)\s*[:：]\s*(\S.*)", re.IGNORECASE)
_NAMED = re.compile(r"'([^']*)'")
"""What Jinja2 says of a name that there isn't: the name stands last in quotation marks."""
_MOST_SUBJECT = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class FileFact:
    """A form as a letter names it."""

    code: str
    """Of its domain."""
    domain: str
    """The domain's name."""
    name: str
    """The file's name."""
    points: int = 0
    """How many points are to be corrected in it; none where it is no correction."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FaultFact:
    """Something to mend, as a letter names it."""

    code: str
    """Of the domain."""
    domain: str
    """The domain's name."""
    sheet: str = ""
    cell: str = ""
    message: str
    """What is wrong and what to do, in the round's language."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AnewFact:
    """A form that came and can't be used, as a letter names it."""

    code: str
    """Of its domain."""
    domain: str
    """The domain's name."""
    name: str
    """Name of the file that is attached instead."""
    why: str
    """Why it can't be used, in the round's language."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """What a letter may name beside institution, round, deadline, contact and sender; each template may use all."""

    files: tuple[FileFact, ...] = ()
    """What is attached."""
    archive: str = ""
    """Name of the archive that the files are in; empty where they are attached one by one."""
    missing: tuple[FileFact, ...] = ()
    """Forms that have not come."""
    anew: tuple[AnewFact, ...] = ()
    """Forms that came, can't be used, and are to be filled in anew."""
    faults: tuple[FaultFact, ...] = ()
    """What is to be mended."""
    more_faults: int = 0
    """How many more there are than `faults` lists."""


_PARTS: Mapping[str, type[FileFact | AnewFact | FaultFact]] = {
    "files": FileFact,
    "missing": FileFact,
    "anew": AnewFact,
    "faults": FaultFact,
}
"""What the lists that a letter may name are made of."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Letter:
    """A mail's text."""

    subject: str
    body: str
    """Lines end with a line feed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _RoundFact:
    id: str
    name: str


def write_defaults(folder: Path, lang: Lang) -> tuple[Path, ...]:
    """Write the built-in letters of a language into a folder, to be edited; those that are there stay as they are."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = tuple(folder / _name(kind, lang) for kind in KINDS)
    for path in paths:
        if not path.exists():
            path.write_text(_built_in(path.name), encoding="utf-8", newline="\n")
    return paths


def letter(place: Round, kind: Kind, institution: Institution, facts: Facts, planned: str) -> Letter:
    """Write a letter.

    Args:
        place: the round.
        kind: which letter.
        institution: to whom.
        facts: what else there is to say.
        planned: when the mail was planned, as the ledger has it: the letter's day.

    Raises:
        RoundError: the template can't be read, has a fault, or gives no subject; it names file and line.
    """
    template, path = _template(place, kind)
    text = _rendered(template, path, _values(place, institution, facts, planned))
    first, _, rest = text.lstrip("\n").partition("\n")
    subject = _SUBJECT.fullmatch(first.strip())
    if subject is None:
        raise RoundError("letter_without_subject", path=path)
    return Letter(subject=one_line(subject[1])[:_MOST_SUBJECT].rstrip(), body=_body(rest))


def _values(place: Round, institution: Institution, facts: Facts, planned: str) -> dict[str, object]:
    settings = place.settings.round
    zone = timezone(timedelta(hours=settings.utc_offset))
    written = datetime.fromisoformat(planned).astimezone(zone).date()
    words = {one.name: one_line(getattr(institution, one.name)) for one in fields(Institution)}
    return {
        "institution": replace(institution, **words),
        "round": _RoundFact(id=place.id, name=one_line(settings.name)),
        "deadline": day(settings.deadline, settings.lang),
        "overdue": written > settings.deadline,
        "today": day(written, settings.lang),
        "contact": one_line(settings.contact),
        "sender": one_line(named_address_of(place.settings.mail.sender)[0]),
        "files": facts.files,
        "archive": facts.archive,
        "missing": facts.missing,
        "anew": tuple(replace(form, why=one_line(form.why)) for form in facts.anew),
        "faults": tuple(replace(fault, message=one_line(fault.message)) for fault in facts.faults),
        "more_faults": facts.more_faults,
    }


def _body(text: str) -> str:
    shown = "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs"))
    lines = [line.rstrip() for line in shown.strip("\n").split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n") + "\n"


def _name(kind: Kind, lang: Lang) -> str:
    return f"{kind}.{lang}.txt.j2"


@lru_cache(maxsize=len(KINDS) * len(LANGS))
def _built_in(name: str) -> str:
    return files(__package__).joinpath("texts", name).read_text(encoding="utf-8")


def _template(place: Round, kind: Kind) -> tuple[Template, Path]:
    lang = place.settings.round.lang
    path = place.letters / _name(kind, lang)
    if not any((place.letters / _name(one, lang)).exists() for one in KINDS):  # nobody edited one in this language
        return _compiled(_built_in(path.name), path), path
    try:
        return _compiled(path.read_text(encoding="utf-8-sig"), path), path
    except OSError as error:
        raise RoundError("letter_not_read", path=path, folder=place.letters, why=reason_of(error)) from error
    except UnicodeDecodeError as error:
        raise RoundError("letter_not_utf8", path=path) from error


@lru_cache(maxsize=len(KINDS) * len(LANGS))
def _compiled(source: str, path: Path) -> Template:
    machine = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined,
        autoescape=False,  # a letter is plain text
        trim_blocks=True,
        lstrip_blocks=True,
    )
    try:
        code: CodeType = machine.compile(source, filename=str(path))
    except TemplateSyntaxError as error:
        raise RoundError("letter_faulty", path=path, line=error.lineno, why=reason_of(error)) from error
    return Template.from_code(machine, code, machine.make_globals(None))


def _rendered(template: Template, path: Path, values: Mapping[str, object]) -> str:
    try:
        return template.render(values)
    except UndefinedError as error:
        line = _line(error.__traceback__, str(path))
        names = _NAMED.findall(error.message or "")
        if not names:
            raise RoundError("letter_faulty", path=path, line=line, why=reason_of(error)) from error
        known = joined(_names(values), limit=99)
        raise RoundError("letter_unknown_name", path=path, line=line, name=one_line(names[-1]), known=known) from error
    except Exception as error:  # whatever an edited template does wrong
        line = _line(error.__traceback__, str(path))
        raise RoundError("letter_faulty", path=path, line=line, why=reason_of(error)) from error


def _names(values: Mapping[str, object]) -> Iterator[str]:
    """Name what can be filled in: `contact`, `institution.name`; of lists, what each of their parts has."""
    for name, value in values.items():
        if name in _PARTS:
            yield f"{name} ({' '.join(one.name for one in fields(_PARTS[name]))})"
        elif is_dataclass(value):
            yield from (f"{name}.{one.name}" for one in fields(value))
        else:
            yield name


def _line(at: TracebackType | None, path: str) -> int:
    found = 1
    while at is not None:
        if at.tb_frame.f_code.co_filename == path:
            found = at.tb_lineno
        at = at.tb_next
    return found
