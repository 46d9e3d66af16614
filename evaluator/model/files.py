"""From a model's files to a `Model`, or to the list of everything that is wrong with them.

Owns: finding and reading the files (TOML, so that nothing in a text turns into a number, date or truth value by
itself) and turning every fault into a `Fault` with file and line. Knows nothing of workbooks.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from evaluator.errors import InputError, ModelError, reason_of
from evaluator.model import lint
from evaluator.model.lint import Fault, Parsed, Table, file_key
from evaluator.model.places import Path as Place
from evaluator.model.places import line_of, lines_by_path
from evaluator.model.records import Domain, DomainFile, Model, ModelFile
from evaluator.model.shape import shape_fault
from evaluator.tomlfaults import fault_of, table_of

DEFAULT = "sme-service"
MAIN = "model.toml"
MAX_BYTES = 5 * 1024 * 1024
_BUILTIN = Path(str(files(__package__))) / "builtin"

R = TypeVar("R", bound=BaseModel)


def builtin_models() -> tuple[str, ...]:
    """List the built-in models as `id@edition`, the oldest edition of each first."""
    folders = [main.parent for main in _BUILTIN.glob(f"*/*/{MAIN}")]
    folders.sort(key=lambda folder: (folder.parent.name, _edition_key(folder.name)))
    return tuple(f"{folder.parent.name}@{folder.name}" for folder in folders)


def load_model(name_or_path: str = DEFAULT) -> Model:
    """Load a model: a built-in one by name (`sme-service`, `sme-service@2023.1`), else a `model.toml` or its folder.

    A name without an edition means the newest built-in edition.

    Raises:
        InputError: no such model or file.
        ModelError: the model has faults; all of them are in the error's `faults`.
    """
    main = _main_file(name_or_path)
    model, faults = inspect(main)
    if model is None:
        errors = tuple(fault for fault in faults if fault.severity == "error")
        raise ModelError("model_faults", faults=errors, path=main, count=len(errors), first=errors[0].text)
    return model


def inspect_model(name_or_path: str) -> tuple[Model | None, tuple[Fault, ...]]:
    """Look for every fault of a model, named as for `load_model`; the model is `None` where it can't be used.

    Raises:
        InputError: no such model or file.
    """
    return inspect(_main_file(name_or_path))


def inspect(main: Path) -> tuple[Model | None, tuple[Fault, ...]]:
    """Read a model from its main file and the domain files beside it, and list all its faults.

    Raises:
        InputError: it is not a main file, but a domain's.
    """
    faults: list[Fault] = []
    main_table, places = _read(main, faults)
    if main_table and main.name != MAIN and "item" in main_table and "domains" not in main_table:
        raise InputError("a_domains_file", path=main)
    main_record = _record(main.name, ModelFile, main_table, places, faults)
    domains: list[tuple[str, dict[Place, int], Table]] = []
    records: dict[str, DomainFile] = {}
    for position, name in _domain_files(main, main_table):
        path = main.parent / name
        if not _is_file(path):
            line = line_of(places, ("domains", position, "file"))
            faults.append(
                Fault(code="missing_file", file=main.name, line=line, place="domains.file", params={"name": name})
            )
            continue
        table, domain_places = _read(path, faults)
        record = _record(name, DomainFile, table, domain_places, faults)
        if table is not None:
            domains.append((name, domain_places, table))
        if record is not None:
            records[name] = record
    parsed = Parsed(main_file=main.name, main_places=places, main=main_table or {}, domains=tuple(domains))
    faults.extend(lint.check(parsed))
    faults.sort(key=lambda fault: (fault.severity, fault.file != main.name, fault.file, fault.line, fault.code))
    if main_record is None or any(fault.severity == "error" for fault in faults):
        return None, tuple(faults)
    return _assembled(main_record, records), tuple(faults)


def own_files(name_or_path: str) -> tuple[Path, ...]:
    """Give the files of a model that is not built in, the main file first; none for a built-in one.

    Raises:
        InputError: no such model or file.
    """
    return () if _main_file(name_or_path).is_relative_to(_BUILTIN) else files_of(name_or_path)


@dataclass(frozen=True, kw_only=True, slots=True)
class FileHash:
    """Which bytes one of a model's files held."""

    name: str
    sha256: str
    """Of its bytes; empty where it can't be read."""
    text_sha256: str
    """Of its text with the line ends that Unix writes, which a copy to another system may change."""


def files_of(name_or_path: str) -> tuple[Path, ...]:
    """Give the files of any model, the main file first; a faulty one's as far as they can be told.

    Raises:
        InputError: no such model or file.
    """
    main = _main_file(name_or_path)
    table, _ = _read(main, [])
    return (main, *(main.parent / name for _, name in _domain_files(main, table)))


def hashes_of(paths: Sequence[Path]) -> tuple[FileHash, ...]:
    """Hash a model's files."""
    return tuple(_hashes(path) for path in paths)


def _hashes(path: Path) -> FileHash:
    try:
        content = path.read_bytes()
    except OSError:
        return FileHash(name=path.name, sha256="", text_sha256="")
    text = content.replace(b"\r\n", b"\n")
    return FileHash(
        name=path.name, sha256=hashlib.sha256(content).hexdigest(), text_sha256=hashlib.sha256(text).hexdigest()
    )


def _assembled(main: ModelFile, domains: dict[str, DomainFile]) -> Model:
    return Model(
        id=main.id,
        edition=main.edition,
        name=main.name,
        notice=main.notice,
        categories=main.categories,
        types=main.types,
        levels=main.levels,
        scale=main.scale,
        rules=main.rules,
        domains=tuple(
            Domain.model_validate({**dict(domains[entry.file]), "weight": entry.weight}) for entry in main.domains
        ),
    )


def _main_file(name_or_path: str) -> Path:
    name, _, edition = name_or_path.partition("@")
    if re.fullmatch(r"[a-z0-9][a-z0-9-]*", name) and (_BUILTIN / name).is_dir():
        editions = [known.partition("@")[2] for known in builtin_models() if known.startswith(f"{name}@")]
        if edition and edition not in editions:
            raise InputError("no_such_edition", name=name, edition=edition, known=", ".join(editions))
        return _BUILTIN / name / (edition or editions[-1]) / MAIN
    path = Path(name_or_path)
    if path.is_dir():
        path = path / MAIN
    if not path.is_file():
        raise InputError("no_such_model", name=name_or_path, known=", ".join(builtin_models()))
    return path.resolve()


def _domain_files(main: Path, table: Table | None) -> list[tuple[int, str]]:
    """Name the domain files, each with its position; where the main file lists none, take those beside it."""
    entries = table.get("domains") if table else None
    listed: dict[str, tuple[int, str]] = {}
    for position, entry in enumerate(entries if isinstance(entries, list) else []):
        name = entry.get("file") if isinstance(entry, dict) else None
        if isinstance(name, str) and re.fullmatch(r"[^/\\]+\.toml", name) and file_key(name) != file_key(main.name):
            listed.setdefault(file_key(name), (position, name))
    if listed:
        return list(listed.values())
    return [(0, path.name) for path in sorted(main.parent.glob("*.toml")) if path.name != main.name]


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a name that no file can have
        return False


def _read(path: Path, faults: list[Fault]) -> tuple[Table | None, dict[Place, int]]:
    """Read a TOML file and where its keys stand; `None` where it can't be read at all."""
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
        if len(content) > MAX_BYTES:
            faults.append(Fault(code="too_large", file=path.name, line=1, place=path.name))
            return None, {(): 1}
        source = content.decode("utf-8-sig")
        return table_of(source), lines_by_path(source)
    except OSError as error:
        faults.append(
            Fault(code="unreadable", file=path.name, line=1, place=path.name, params={"why": reason_of(error)})
        )
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        faults.append(Fault(code="not_utf8", file=path.name, line=line, place=path.name))
    except (ValueError, RecursionError) as error:
        line, why = fault_of(error, source)
        faults.append(Fault(code="syntax", file=path.name, line=line, place=path.name, params={"why": why}))
    return None, {(): 1}


def _record(name: str, record: type[R], table: Table | None, places: dict[Place, int], faults: list[Fault]) -> R | None:
    """Make a record of a file's content, or list every fault of its shape."""
    if table is None:
        return None
    try:
        return record.model_validate(table)
    except ValidationError as error:
        faults.extend(shape_fault(name, places, table, details) for details in error.errors())
        return None


def _edition_key(edition: str) -> tuple[tuple[int, str], ...]:
    return tuple((int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"[.-]", edition))
