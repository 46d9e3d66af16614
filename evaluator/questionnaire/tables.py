"""The questionnaire's rows, found by header text and requirement id wherever the table was moved.

Owns: finding the header, which column is which, and each row's cells with their places. Judges nothing: what an answer
means and whether a row counts is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from evaluator.questionnaire import layout
from evaluator.questionnaire.cellvalues import Value
from evaluator.questionnaire.contents import Kind, at, kind_of, text_of
from evaluator.questionnaire.ids import requirement_id
from evaluator.questionnaire.merges import Merges
from evaluator.questionnaire.opening import Rows, Scan
from evaluator.questionnaire.rawcells import cell_name
from evaluator.wording.matching import is_empty

_LONGEST_HEADER = 60
_WRITTEN = ("item", "stars", "text", "expected", "status")
"""Columns that the form fills itself."""


class FormRow(NamedTuple):
    """One answer of a questionnaire table, with its row; a tuple, as a round has millions."""

    requirement: str
    """Requirement id, harmless variants mended (`ss1–3` gives `SS1-3`); what else stands there, verbatim."""
    is_id: bool
    """Whether it has the shape of a requirement id."""
    sheet: str
    row: int
    """Row number, 1-based."""
    kind: Kind
    """What the answer cell holds."""
    typed: str
    """Content of the answer cell as text; an error's name (`#REF!`)."""
    evidence: str
    """Evidence as text; empty where the cell holds a formula or an error."""
    remarks: str
    """Remarks as text; empty where the cell holds a formula or an error."""
    text: str
    """The requirement's text as it stands in the form; empty where that column is gone."""
    cell: str
    """Answer cell, such as `F12`."""
    evidence_cell: str
    remarks_cell: str
    id_cell: str
    evidence_computed: bool = False
    """Whether the evidence cell holds a formula or an error, and so no text that counts."""
    remarks_computed: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class _Columns:
    """Which column is which, counted from 0; of several with the same header the first is meant, but for answers."""

    id: int
    answers: tuple[int, ...]
    evidence: int | None
    remarks: int | None
    text: int | None
    own: frozenset[int]
    """All columns of the table."""
    written: frozenset[int]


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """A questionnaire table."""

    rows: tuple[FormRow, ...]
    """At least one of them with a requirement id. An institution's second answer column gives second ones."""
    top: int
    """Rows above and including the header."""
    strays: tuple[str, ...]
    """Cells with content that belongs to no row or column of the table."""
    merged_answers: tuple[str, ...]
    """Merged ranges over the answers of several requirements, such as `F5:F7`."""
    merged_texts: tuple[str, ...]
    """Merged ranges over the evidence or remarks, but no answers, of several requirements."""
    hidden: tuple[str, ...]
    """Ids of requirements whose rows are hidden, in the order they stand."""


def read_table(sheet: str, cells: Rows, scan: Scan, most: int) -> Table | None:
    """Read the questionnaire table of a sheet; `None` where there is none.

    Reading stops soon after `most` rows: whoever asked for no more has seen that there are too many.
    """
    header = _header(cells)
    if header is None:
        return None
    top, columns = header
    merges: Merges | None = None
    if below := [area for area in scan.merged if area[1] > top]:
        merges = Merges(below)
        shown = {place: special for place, special in scan.special.items() if not merges.hides(*place)}
        scan = replace(scan, special=shown)
    asked: dict[_Columns, list[int]] = {}
    rows: list[FormRow] = []
    strays: list[str] = []
    hidden: list[str] = []
    for number, row in enumerate(cells[top:], top + 1):
        if len(rows) > most:
            break
        if not row:
            continue
        typed_id = text_of(at(row, columns.id))
        requirement = requirement_id(typed_id)
        if requirement is None:
            again = _columns(_named(row))
            if again is not None or layout.column_of(typed_id) == "id":
                columns = again or columns  # the header once more, as in a table pasted below another
                continue
            if is_empty(typed_id):
                strays.extend(_strays(row, number, columns.written))
                continue
        if number in scan.hidden and requirement is not None:
            hidden.append(requirement)
        seen = row
        if merges is not None:
            seen = _seen(row, number, columns, merges)
            if requirement is not None:
                asked.setdefault(columns, []).append(number)
        for column in _answered(seen, number, columns, scan):
            special = scan.kind_of(number, column + 1)
            evidence, evidence_cell, evidence_computed = _input(seen, number, columns.evidence, scan)
            remarks, remarks_cell, remarks_computed = _input(seen, number, columns.remarks, scan)
            rows.append(
                FormRow(
                    requirement=requirement or typed_id.strip(),
                    is_id=requirement is not None,
                    sheet=sheet,
                    row=number,
                    kind=kind_of(at(seen, column), special),
                    typed=text_of(at(seen, column)) if special != "error" else scan.errors[number, column + 1],
                    evidence=evidence,
                    remarks=remarks,
                    text=text_of(at(row, columns.text)),
                    cell=cell_name(number, column + 1),
                    evidence_cell=evidence_cell,
                    remarks_cell=remarks_cell,
                    id_cell=cell_name(number, columns.id + 1),
                    evidence_computed=evidence_computed,
                    remarks_computed=remarks_computed,
                )
            )
        strays.extend(_strays(row, number, columns.own))
    if not any(row.is_id for row in rows):
        return None
    merged_answers, merged_texts = _merged(merges, asked) if merges is not None else ((), ())
    return Table(
        rows=tuple(rows),
        top=top,
        strays=tuple(strays),
        merged_answers=merged_answers,
        merged_texts=merged_texts,
        hidden=tuple(hidden),
    )


def _header(cells: Rows) -> tuple[int, _Columns] | None:
    """Find the header: the first row, else two rows, that name the columns ID and Answer; gives the rows down to it.

    A row below that names columns too belongs to the header, as where some columns have a common name above theirs.
    """
    above: Mapping[int, tuple[str, bool]] = {}
    pair: tuple[int, _Columns] | None = None
    for number, row in enumerate(cells, 1):
        names = _named(row)
        columns = _columns(names)
        if columns is not None:
            below = _named(cells[number]) if number < len(cells) else {}
            if not any(exact for _, exact in below.values()) or requirement_id(text_of(at(cells[number], columns.id))):
                return number, columns
            return number + 1, _columns({**names, **below}) or columns
        if pair is None and above and names:
            both = _columns({**above, **names})
            pair = (number, both) if both is not None else None
        above = names
    return pair


def _named(row: Sequence[Value]) -> dict[int, tuple[str, bool]]:
    """Find a row's cells that name columns: the column's key, and whether it is named as the form does."""
    found: dict[int, tuple[str, bool]] = {}
    for c, value in enumerate(row):
        if isinstance(value, str) and value and len(value) < _LONGEST_HEADER:
            key = layout.column_of(value)
            like = layout.column_like(value) if key is None else None
            if key is not None:
                found[c] = key, True
            elif like is not None:
                found[c] = like, False
    return found


def _columns(names: Mapping[int, tuple[str, bool]]) -> _Columns | None:
    """Say which column is which; `None` without an ID or an answer column."""
    if len(names) < 2:
        return None
    chosen: dict[str, tuple[int, ...]] = {}
    for key in layout.COLUMNS:
        exact = tuple(c for c, name in sorted(names.items()) if name == (key, True))
        columns = exact or tuple(c for c, name in sorted(names.items()) if name == (key, False))
        if columns:
            chosen[key] = columns if key == "answer" else columns[:1]
    if "id" not in chosen or "answer" not in chosen:
        return None
    first = {key: columns[0] for key, columns in chosen.items()}
    return _Columns(
        id=first["id"],
        answers=chosen["answer"],
        evidence=first.get("evidence"),
        remarks=first.get("remarks"),
        text=first.get("text"),
        own=frozenset(c for columns in chosen.values() for c in columns),
        written=frozenset(first[key] for key in _WRITTEN if key in first),
    )


def _answered(row: Sequence[Value], number: int, columns: _Columns, scan: Scan) -> Sequence[int]:
    """Give the answer columns that hold something in this row; the first where none does."""
    if len(columns.answers) == 1:
        return columns.answers
    used = [c for c in columns.answers if kind_of(at(row, c), scan.kind_of(number, c + 1)) != "blank"]
    return used or columns.answers[:1]


def _input(row: Sequence[Value], number: int, column: int | None, scan: Scan) -> tuple[str, str, bool]:
    """Give an input cell's text, its name, and whether it holds a formula or an error, which is no text."""
    if column is None:
        return "", "", False
    computed = scan.kind_of(number, column + 1) is not None
    return "" if computed else text_of(at(row, column)), cell_name(number, column + 1), computed


def _seen(row: Sequence[Value], number: int, columns: _Columns, merges: Merges) -> Sequence[Value]:
    """Give a row as a person sees its input cells: those are empty that are merged with others above or beside."""
    inputs = {*columns.answers, columns.evidence, columns.remarks}
    return ["" if c in inputs and merges.hides(number, c + 1) else value for c, value in enumerate(row)]


def _merged(merges: Merges, asked: Mapping[_Columns, Sequence[int]]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Name the merged ranges over answers, and over evidence or remarks alone, of several requirements.

    Args:
        merges: merged ranges below the header.
        asked: rows of requirements, by the columns they have.
    """
    answers = merges.over_several([([c + 1 for c in columns.answers], rows) for columns, rows in asked.items()])
    texts = merges.over_several(
        [
            (sorted(c + 1 for c in (columns.evidence, columns.remarks) if c is not None), rows)
            for columns, rows in asked.items()
        ]
    )
    return answers, tuple(area for area in texts if area not in set(answers))


def _strays(row: Sequence[Value], number: int, own: frozenset[int]) -> list[str]:
    return [
        cell_name(number, c + 1)
        for c, value in enumerate(row)
        if c not in own and value != "" and not is_empty(words := text_of(value)) and layout.column_of(words) is None
    ]
