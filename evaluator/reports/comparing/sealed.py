"""What a results folder says of the run that made it: its seal, and the record that says the same once more.

Owns: reading both without trusting either, and which of them to believe where they disagree. Nothing found in the
folder raises; what can't be read is told as a fault.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from evaluator.errors import InputError, reason_of
from evaluator.findings import joined
from evaluator.limits import MEBI
from evaluator.model.files import FileHash
from evaluator.model.records import Model
from evaluator.reports import manifest
from evaluator.reports.recorded import NAME as DATABASE
from evaluator.reports.recorded_file import connected
from evaluator.wording import LANGS, Lang, Text, filled, text

_MOST = 256 * MEBI
"""Bytes of a manifest that are read; one of ten thousand institutions has 20 MB."""
_OPTION = "option_"
_TABLES = {"run", "files", "model"}
_DECIDED = "SELECT kind, institution, target, value, reason, role, made FROM overrides"
_PARTS = {"format": str, "program": dict, "model": dict, "options": dict, "inputs": list, "outputs": list}
"""What every seal has."""


@dataclass(frozen=True, kw_only=True)
class SealedFile:
    """A file as the run recorded it."""

    sha256: str
    role: str = ""
    """Of `record.FILE_ROLES`, for an input."""
    status: str = ""
    """Of `record.FILE_STATUSES`."""
    institution: str = ""
    """Whose return it is, as far as the record says."""
    arrived: str = ""
    """When it came, as far as the record says."""


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What the seal, or the record, says of a run; what it does not say is empty."""

    program: str = ""
    libraries: Mapping[str, str] = field(default_factory=dict)
    model: str = ""
    """As `id@edition`."""
    model_hash: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    inputs: Mapping[str, SealedFile] = field(default_factory=dict)
    """By path, the roster too."""
    has_roster: str = ""
    """`yes` or `no`, as both say beside what they say of the file."""
    decisions: frozenset[tuple[str, ...]] = frozenset()
    """What persons decided in a round, as the record has it: kind, institution, target, value, reason, role, time."""

    @property
    def lang(self) -> Lang:
        """Language of the results."""
        return next((lang for lang in LANGS if lang == self.options.get("lang")), "zh")

    @property
    def roster(self) -> tuple[str, str] | None:
        """Name and hash of the roster; `None` where there was none."""
        return next(((path, one.sha256) for path, one in self.inputs.items() if one.role == "roster"), None)

    @property
    def returns(self) -> dict[str, SealedFile]:
        """The inputs but for the roster."""
        return {path: one for path, one in self.inputs.items() if one.role != "roster"}


@dataclass(frozen=True, kw_only=True)
class Sealed:
    """A results folder as it lies there."""

    folder: Path
    manifest: Mapping[str, Any]
    """Content of the seal; empty where it can't be read."""
    is_whole: bool
    """Whether the seal is as it was written, told by its own hash."""
    fault: Text | None
    """Why the seal can't be read, or is none."""
    outputs: Mapping[str, str]
    """SHA-256 of each file that the run wrote, by path, as the seal has it."""
    seal: Facts
    """What the seal says."""
    record: Facts | None
    """What the record says; `None` where it can't be read."""
    facts: Facts
    """What to go by: the seal, or the record where the seal is not as it was written."""
    model: Model | None
    """The model in the record; `None` where there is none that can be used."""
    owners: Mapping[str, str]
    """Institution of each input, as the record has it."""

    @property
    def is_told(self) -> bool:
        """Whether anything says what the run was given."""
        return self.record is not None or self.fault is None

    @property
    def model_files(self) -> tuple[FileHash, ...]:
        """The files that the model was read from, as the seal has them; none where it names none."""
        listed = _listed(_table(self.manifest.get("model")).get("files"))
        return tuple(
            FileHash(name=name, sha256=_text(one.get("sha256")), text_sha256=_text(one.get("text_sha256")))
            for name, one in listed.items()
        )


def open_sealed(folder: Path) -> Sealed:
    """Read what a results folder says of its run.

    Raises:
        InputError: it is no results folder.
    """
    if folder.name in (manifest.NAME, DATABASE) and folder.is_file():
        folder = folder.parent
    if not any((folder / name).is_file() for name in (manifest.NAME, DATABASE)):
        raise InputError("no_results", path=folder)
    content, is_whole, fault = _manifest(folder / manifest.NAME)
    outputs = {path: _text(one.get("sha256")) for path, one in _listed(content.get("outputs")).items()}
    recorded, model, owners = _record(folder / DATABASE)
    seal = _facts(content)
    return Sealed(
        folder=folder,
        manifest=content,
        is_whole=is_whole,
        fault=fault,
        outputs=outputs,
        seal=seal,
        record=recorded,
        facts=seal if is_whole or recorded is None else recorded,
        model=model,
        owners=owners,
    )


def _manifest(path: Path) -> tuple[Mapping[str, Any], bool, Text | None]:
    """Read the seal; gives its content, whether it is as it was written, and why it can't be read, or is none."""
    try:
        if path.exists() and not path.is_file():  # to read a named pipe would wait without end
            return {}, False, filled("terms.damaged", detail=text("intake.not_regular"))
        with path.open("rb") as stream:
            data = stream.read(_MOST)
        if not data:
            return {}, False, filled("findings.file.empty.found")
        content = _table(json.loads(data.decode("utf-8")))
        lacking = [name for name, kind in _PARTS.items() if not isinstance(content.get(name), kind)]
        if lacking:
            return content, False, filled("verify.output.lacks", names=joined(lacking))
        as_written = manifest.rendered(content).encode("utf-8", "surrogatepass") == data
    except OSError as error:
        return {}, False, filled("terms.damaged", detail=reason_of(error))
    except UnicodeDecodeError:
        return {}, False, filled("verify.output.no_text")
    except (ValueError, RecursionError):
        return {}, False, filled("verify.output.no_json")
    own = content.get(manifest.SEAL, manifest.seal_of(content))  # older programs wrote none
    return content, as_written and own == manifest.seal_of(content), None


def _facts(content: Mapping[str, Any]) -> Facts:
    program, model, options = (_table(content.get(key)) for key in ("program", "model", "options"))
    inputs = {
        path: SealedFile(sha256=_text(one.get("sha256")), role=_text(one.get("role")), status=_text(one.get("status")))
        for path, one in _listed(content.get("inputs")).items()
    }
    return Facts(
        program=_text(program.get("version")),
        libraries=_texts(program.get("libraries")),
        model=f"{_text(model.get('id'))}@{_text(model.get('edition'))}" if model else "",
        model_hash=_text(model.get("sha256")),
        options=_texts(options),
        inputs=inputs,
        has_roster=("yes" if _table(content.get("roster")) else "no") if content else "",
    )


def _record(path: Path) -> tuple[Facts | None, Model | None, Mapping[str, str]]:
    """Read what `results.db` says of its run; all `None` or empty where it can't be read."""
    try:
        if not path.is_file():  # to open a named pipe would wait without end
            return None, None, {}
        with closing(read_only(path)) as database:
            if not tables_of(database) >= _TABLES:
                return None, None, {}
            run = {str(key): str(value) for key, value in database.execute("SELECT key, value FROM run")}
            rows = database.execute("SELECT path, sha256, role, institution, arrived, status FROM files").fetchall()
            inputs = {
                path: SealedFile(sha256=sha256, role=role, institution=institution, arrived=arrived, status=status)
                for path, sha256, role, institution, arrived, status in (map(str, row) for row in rows)
            }
            decided = database.execute(_DECIDED).fetchall() if "overrides" in tables_of(database) else []
            ((content,),) = database.execute("SELECT content FROM model").fetchall() or [("",)]
    except (OSError, sqlite3.Error, ValueError):
        return None, None, {}
    facts = Facts(
        program=run.get("program", "").rpartition(" ")[2],
        model=f"{run.get('model', '')}@{run.get('edition', '')}",
        model_hash=run.get("model_hash", ""),
        options={key.removeprefix(_OPTION): value for key, value in run.items() if key.startswith(_OPTION)},
        inputs=inputs,
        has_roster=run.get("roster", ""),
        decisions=frozenset(tuple(map(str, row)) for row in decided),
    )
    try:
        model = Model.model_validate_json(str(content))
    except (ValidationError, ValueError, RecursionError):
        model = None
    return facts, model, {path: one.institution for path, one in inputs.items()}


def read_only(path: Path) -> sqlite3.Connection:
    """Open a database that nobody vouches for, so that nothing is written and text that is none is shown as it can be.

    Raises:
        sqlite3.Error: it can't be opened.
    """
    database = connected(path)
    database.text_factory = lambda data: data.decode("utf-8", "backslashreplace")
    return database


def tables_of(database: sqlite3.Connection) -> set[str]:
    """Name a database's tables; views are none, as what they do is anybody's guess."""
    rows = database.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'")
    return {str(name) for (name,) in rows if not str(name).startswith("sqlite_")}


def _table(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _texts(value: object) -> dict[str, str]:
    return {key: _text(one) for key, one in _table(value).items()}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _listed(value: object) -> dict[str, Mapping[str, Any]]:
    """Take a list of files by path."""
    entries = [_table(one) for one in value] if isinstance(value, list) else []
    return {_text(one.get("path")): one for one in entries if _text(one.get("path"))}
