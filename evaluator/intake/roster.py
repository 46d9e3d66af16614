"""The roster: which institutions take part.

Owns: reading `roster.xlsx` by header text and listing all its faults at once, each with its cell. An institution that
is not on the roster is not rated, so a faulty roster stops a run. One that mails go out by is checked more strictly.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from evaluator.errors import InputError, RosterError
from evaluator.intake import archive, guards, uscc
from evaluator.intake.addresses import addresses_of
from evaluator.intake.claims import id_key
from evaluator.intake.institutions import FIELDS, Institution, institution, is_known
from evaluator.intake.sources import Source
from evaluator.limits import Limits
from evaluator.model.records import Model
from evaluator.questionnaire.layout import field_of
from evaluator.questionnaire.opening import Opened, Unread, open_sheets
from evaluator.questionnaire.rawcells import cell_name
from evaluator.wording import Text, filled, text
from evaluator.wording.matching import is_empty
from evaluator.wording.printing import shortened

_SHOWN_FAULTS = 20
_SHOWN = 60
"""Characters of a wrong value that are shown."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Row:
    number: int
    columns: Mapping[str, int]
    institution: Institution

    def cell(self, key: str) -> str:
        return cell_name(self.number, self.columns[key] + 1) if key in self.columns else f"A{self.number}"


def read_roster(path: Path, model: Model, *, strict: bool = False) -> tuple[Institution, ...]:
    """Read a roster, sorted by institution id.

    Args:
        path: the workbook.
        model: says which types and categories there are.
        strict: whether each institution must have valid addresses, and only known provinces, types and categories, as
            where mails go out by it.

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
    faults = [text("intake.roster.no_table")] if rows is None else _faults(rows, model, strict=strict)
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
                if not all(is_empty(str(value)) for value in row)
            ]
    return None


def _values(row: Sequence[object], columns: Mapping[str, int]) -> dict[str, str]:
    return {key: _text(row[c]) for key, c in columns.items() if c < len(row)}


def _text(value: object) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _faults(rows: Sequence[_Row], model: Model, *, strict: bool) -> list[Text]:
    if not rows:
        return [text("intake.roster.empty")]
    faults: list[Text] = []
    if strict and "email" not in rows[0].columns:
        faults.append(text("intake.roster.no_email_column"))
    ids: dict[str, str] = {}
    codes: dict[str, str] = {}
    for row in rows:
        faults.extend(_identity_faults(row, ids, codes))
        if strict:
            faults.extend(_address_faults(row))
            faults.extend(_strangers(row, model))
    return faults


def _identity_faults(row: _Row, ids: dict[str, str], codes: dict[str, str]) -> Iterator[Text]:
    """Say what is wrong with id, name and credit code; `ids` and `codes` are those above, each with its first cell."""
    found = row.institution
    if not found.id:
        yield filled("intake.roster.no_id", cell=row.cell("id"))
    else:
        first = ids.setdefault(id_key(found.id), row.cell("id"))
        if first != row.cell("id"):
            yield filled("intake.roster.twice", cell=row.cell("id"), id=shortened(found.id, _SHOWN), first=first)
    if is_empty(found.name):
        yield filled("intake.roster.no_name", cell=row.cell("name"))
    if not found.uscc:
        return
    why = uscc.fault(found.uscc)
    first = codes.setdefault(found.uscc, row.cell("uscc"))
    if why is not None:
        yield filled("intake.roster.bad_uscc", cell=row.cell("uscc"), found=shortened(found.uscc, _SHOWN), why=why)
    elif first != row.cell("uscc"):
        yield filled(
            "intake.roster.uscc_twice", cell=row.cell("uscc"), found=shortened(found.uscc, _SHOWN), first=first
        )


def _address_faults(row: _Row) -> Iterator[Text]:
    typed = row.institution.email
    if "email" in row.columns and not typed:
        yield filled("intake.roster.no_email", cell=row.cell("email"))
    elif typed and not addresses_of(typed):
        yield filled("intake.roster.bad_email", cell=row.cell("email"), found=shortened(typed, _SHOWN))


def _strangers(row: _Row, model: Model) -> Iterator[Text]:
    for key in ("province", "type", "category"):
        typed = getattr(row.institution, key)
        if typed and not is_known(key, typed, model):
            yield filled(f"intake.roster.unknown_{key}", cell=row.cell(key), found=shortened(typed, _SHOWN))


def _joined(faults: Sequence[Text]) -> Text:
    shown = list(faults[:_SHOWN_FAULTS])
    if len(faults) > _SHOWN_FAULTS:
        shown.append(filled("intake.roster.more", count=len(faults)))
    return Text(zh="；".join(f.zh for f in shown), en="; ".join(f.en for f in shown))
