"""Result files whose bytes are not those expected, looked into: which figures, cells or parts differ.

Owns: comparing the record by its tables and workbooks by their cells, and telling a difference of figures from one of
words or packing that another version accounts for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from itertools import islice
from pathlib import Path
from unicodedata import normalize

from evaluator.intake import guards
from evaluator.intake.sources import Source
from evaluator.model.changed_values import changed_values
from evaluator.questionnaire.opening import Unread
from evaluator.reports.comparing.books import LIMITS, Cell, books_differ, is_figure
from evaluator.reports.comparing.sealed import Sealed, read_only
from evaluator.reports.comparing.tables import Figure, Tables, compared
from evaluator.reports.comparing.verdict import Again, Cause, Output
from evaluator.reports.recorded import NAME as DATABASE
from evaluator.wording import LANGS, Lang, Text, catalogue, filled, text

_WORDS = {"findings": ("message", "found", "action")}
"""Columns of the record that hold nothing but words for what other columns say."""
MOST_REPORTS = 100
"""Institutions' workbooks that are looked into where it is known why they differ: ten thousand take a quarter of an
hour and more memory than their figures, which the record has all of."""
_WRITERS = ("evaluator", "xlsxwriter")
"""What workbooks are written with: of these another version may put one together otherwise."""
_NAMES = ("id", "name", "uscc", "province", "city", "type", "category", "reason", "status")


def looked_into(
    outputs: Sequence[Output], sealed: Sealed, again: Again, causes: Sequence[Cause]
) -> tuple[Tables, list[Output]]:
    """Compare what is in files whose bytes differ; gives the record's differences and the files with theirs.

    Of the institutions' workbooks that may be as they were written, and differ for reasons named in `causes`, only the
    first are looked into.
    """
    if again.folder is None:
        return Tables(), list(outputs)
    other_program = any((one.kind, one.what) == ("version", "program") for one in causes)
    other_version = any(one.kind == "version" and one.culprit in _WRITERS for one in causes)
    names = _names(again.folder) if other_program else None
    reports = (
        one.path
        for one in outputs
        if one.institution and one.what != "altered" and any(not cause.is_harmless for cause in causes)
    )
    passed_over = set(islice(reports, MOST_REPORTS, None))
    tables = Tables()
    seen = []
    for one in outputs:
        if one.what not in ("altered", "differs", "unvouched"):
            seen.append(one)
        elif one.path == DATABASE:
            tables, database = _of_database(one, sealed, again, again.folder, other_program=other_program)
            seen.append(database)
        elif one.path in passed_over:
            seen.append(replace(one, is_compared=False))
        elif one.path.endswith(".xlsx"):
            seen.append(_of_book(one, sealed.folder, again.folder, names, other_version=other_version))
        else:
            seen.append(one)
    return tables, seen


def _of_database(
    one: Output, sealed: Sealed, again: Again, fresh: Path, *, other_program: bool
) -> tuple[Tables, Output]:
    found = compared(sealed.folder / DATABASE, fresh / DATABASE, ("model",), _WORDS if other_program else {})
    figures = tuple(figure for figure in found.figures if not (other_program and _is_program(figure)))
    models = () if found.fault else _of_model(sealed, again)
    tables = replace(found, figures=(*figures, *models))
    differs = bool(found.fault or tables.figures or (tables.shape and not other_program))
    seen = replace(
        one,
        fault=found.fault,
        is_packing=not (found.fault or models or found.figures or found.shape),
        is_harmless=one.what == "differs" and not differs,
    )
    return tables, seen


def _is_program(figure: Figure) -> bool:
    return figure.table == "run" and figure.key.get("key") == "program"


def _of_model(sealed: Sealed, again: Again) -> tuple[Figure, ...]:
    """Compare the model that the record keeps with the recomputation's, where that is the one of the run."""
    model = again.model
    if model is None or model.hash != sealed.facts.model_hash or model == sealed.model:
        return ()
    if sealed.model is None:
        return (Figure(table="model", key={}, institution="", figure="content", recorded=None, recomputed=model.hash),)
    return tuple(
        Figure(table="model", key={}, institution="", figure=place, recorded=old, recomputed=new)
        for place, old, new in changed_values(sealed.model, model)
    )


def _of_book(one: Output, folder: Path, fresh: Path, names: frozenset[str] | None, *, other_version: bool) -> Output:
    """Compare a workbook; with names, those of the round, another program may have worded cells otherwise."""
    data = guards.load(Source(name=one.path, path=_place(folder, one.path), is_regular=True, is_junk=False), LIMITS)
    if isinstance(data, Unread):
        return replace(one, fault=filled(f"findings.{data.code}.found", **data.params))
    found = books_differ(data, _place(fresh, one.path).read_bytes())
    cells = found.cells
    if names is not None and one.what == "differs":
        cells = tuple(cell for cell in cells if is_figure(cell, names))
    kept = set(map(id, cells))
    return replace(
        one,
        cells=cells,
        words=tuple(cell for cell in found.cells if id(cell) not in kept),
        parts=found.parts,
        other_lang=_other_lang(found.cells),
        fault=found.fault,
        is_packing=not (found.cells or found.parts or found.fault),
        is_harmless=one.what == "differs" and not (cells or found.fault or (found.parts and not other_version)),
    )


def _other_lang(cells: Sequence[Cell]) -> Lang | None:
    """Tell the language of a workbook whose sheets are called as those made anew, but in another language."""
    there, here = {one.recorded for one in cells if not one.cell}, {one.recomputed for one in cells if not one.cell}
    for name in _sheet_names() if there else ():
        for lang in LANGS:
            if name.say(lang) in there and any(name.say(other) in here for other in LANGS if other != lang):
                return lang
    return None


def _sheet_names() -> list[Text]:
    """Give what runs call the sheets of their workbooks."""
    tables = {name: catalogue(name)["sheet"] for name in ("report", "regulator")}
    return [text(f"{name}.sheet.{key}") for name, own in tables.items() if isinstance(own, Mapping) for key in own]


def _names(fresh: Path) -> frozenset[str]:
    """Give what institutions are called and what became of them, in the record computed anew."""
    with closing(read_only(fresh / DATABASE)) as database:
        rows = database.execute(f"SELECT {', '.join(_NAMES)} FROM institutions").fetchall()  # noqa: S608 - constants
    return frozenset(str(value) for row in rows for value in row if value)


def _place(folder: Path, path: str) -> Path:
    """Find a file whose name another system may have put together otherwise."""
    place = folder / path
    if place.exists():
        return place
    same = (found for found in place.parent.iterdir() if normalize("NFC", found.name) == normalize("NFC", place.name))
    return next(same, place)
