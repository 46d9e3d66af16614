"""The roster: which institutions take part.

Owns: reading `roster.xlsx` by header text and listing all its faults at once, each with its cell. An institution that
is not on the roster is not rated, so a faulty roster stops a run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from evaluator.errors import InputError, RosterError
from evaluator.intake import archive, guards, uscc
from evaluator.intake.claims import id_key
from evaluator.intake.institutions import FIELDS, Institution, institution
from evaluator.intake.sources import Source
from evaluator.limits import Limits
from evaluator.model.records import Model
from evaluator.questionnaire.layout import field_of
from evaluator.questionnaire.opening import Opened, Unread, open_sheets
from evaluator.questionnaire.rawcells import cell_name
from evaluator.wording import Text, filled, text

_SHOWN_FAULTS = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class _Row:
    number: int
    columns: Mapping[str, int]
    institution: Institution

    def cell(self, key: str) -> str:
        return cell_name(self.number, self.columns[key] + 1) if key in self.columns else f"A{self.number}"


def read_roster(path: Path, model: Model) -> tuple[Institution, ...]:
    """Read a roster, sorted by institution id.

    Raises:
        InputError: the file is not there.
        RosterError: it can't be read, or has faults, all of which the message lists.
    """
    if not path.is_file():
        raise InputError("a_folder" if path.is_dir() else "no_such_path", path=path)
    limits = Limits()
    loaded = guards.load(Source(name=path.name, path=path, is_regular=True, is_junk=False), limits)
    parts = loaded if isinstance(loaded, Unread) else archive.unpack(loaded, limits)
    opened = parts if isinstance(parts, Unread) else open_sheets(parts, limits=limits)
    if not isinstance(opened, Opened):
        why = filled(f"findings.{opened.code}.found", **opened.params)
        raise RosterError("roster_unreadable", path=path, why=why)
    rows = next((rows for table in opened.sheets.values() if (rows := _rows(table, model)) is not None), None)
    faults = [text("intake.roster.no_table")] if rows is None else _faults(rows)
    if rows is None or faults:
        raise RosterError("roster_faults", path=path, count=len(faults), faults=_joined(faults))
    return tuple(sorted((row.institution for row in rows), key=lambda found: found.id))


def _rows(table: Sequence[Sequence[object]], model: Model) -> list[_Row] | None:
    for top, cells in enumerate(table, 1):
        columns: dict[str, int] = {}
        for c, words in enumerate(cells):
            key = field_of(words) if isinstance(words, str) and words else None
            if key in FIELDS:
                columns.setdefault(key, c)
        if "id" in columns and "name" in columns:
            return [
                _Row(number=number, columns=columns, institution=institution(_values(row, columns), model))
                for number, row in enumerate(table[top:], top + 1)
                if any(str(value).strip() for value in row)
            ]
    return None


def _values(row: Sequence[object], columns: Mapping[str, int]) -> dict[str, str]:
    return {key: _text(row[c]) for key, c in columns.items() if c < len(row)}


def _text(value: object) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _faults(rows: Sequence[_Row]) -> list[Text]:
    if not rows:
        return [text("intake.roster.empty")]
    faults: list[Text] = []
    ids: dict[str, str] = {}
    codes: dict[str, str] = {}
    for row in rows:
        found = row.institution
        if not found.id:
            faults.append(filled("intake.roster.no_id", cell=row.cell("id")))
        elif id_key(found.id) in ids:
            faults.append(filled("intake.roster.twice", cell=row.cell("id"), id=found.id, first=ids[id_key(found.id)]))
        ids.setdefault(id_key(found.id), row.cell("id"))
        if not found.name:
            faults.append(filled("intake.roster.no_name", cell=row.cell("name")))
        if found.uscc:
            why = uscc.fault(found.uscc)
            if why is not None:
                faults.append(filled("intake.roster.bad_uscc", cell=row.cell("uscc"), found=found.uscc, why=why))
            elif found.uscc in codes:
                faults.append(
                    filled("intake.roster.uscc_twice", cell=row.cell("uscc"), found=found.uscc, first=codes[found.uscc])
                )
            codes.setdefault(found.uscc, row.cell("uscc"))
    return faults


def _joined(faults: Sequence[Text]) -> Text:
    shown = list(faults[:_SHOWN_FAULTS])
    if len(faults) > _SHOWN_FAULTS:
        shown.append(filled("intake.roster.more", count=len(faults)))
    return Text(zh="；".join(f.zh for f in shown), en="; ".join(f.en for f in shown))
