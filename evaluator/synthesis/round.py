"""A whole synthetic round: roster, returned files and what was planted, written into an empty folder.

Owns: composing institutions, answers and faults, and spreading the writing over worker processes. The same arguments
give the same bytes, whatever the number of workers.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from evaluator.errors import OutputError, reason_of
from evaluator.intake.institutions import FIELDS
from evaluator.model.records import Model
from evaluator.reports.folder import check_no_results
from evaluator.synthesis.cases import Planted
from evaluator.synthesis.people import Person, make_people
from evaluator.synthesis.returns import Order, Parcel, make_parcel, orders
from evaluator.wording import Lang, say
from evaluator.workbook import Book
from evaluator.workers import LocalPool, spread

Progress = Callable[[str, int, int], None]
"""Called with the step's name (`sample`), how many institutions are done, and how many there are."""
BATCH = 10
"""Institutions a worker takes at a time."""
_WIDTHS = {"id": 12, "name": 44, "uscc": 24, "province": 18, "city": 12, "type": 20, "category": 16, "email": 36}


@dataclass(frozen=True, kw_only=True, slots=True)
class RoundMade:
    """What was written."""

    institutions: int
    files: int
    """Returned files."""
    planted: int
    """Findings that the planted faults must give."""


def make_round(
    out: Path,
    model: Model,
    lang: Lang,
    *,
    institutions: int,
    seed: int,
    faults: bool,
    workers: int = 1,
    progress: Progress | None = None,
) -> RoundMade:
    """Write a synthetic round: `roster.xlsx`, `returned/` and `planted.json`.

    Args:
        out: a new or empty folder.
        model: what is asked.
        lang: language of roster and forms.
        institutions: how many, 1 or more.
        seed: 0 or more.
        faults: whether to plant faults.
        workers: processes to spread the writing over.
        progress: told how far it is.

    Raises:
        OutputError: the folder is not empty, lies in results, or can't be written.
    """
    people = make_people(model, lang, institutions, seed)
    wanted = orders(people, seed, faults=faults)
    try:
        _check_free(out)
        returned = out / "returned"
        returned.mkdir(parents=True)
        parcels: list[Parcel] = []
        for batch in _parcels(partial(_write_parcels, returned, model, lang, seed), wanted, workers):
            parcels.extend(batch)
            if progress is not None:
                progress("sample", len(parcels), institutions)
        planted = sorted({one for parcel in parcels for one in parcel.planted}, key=_planted_key)
        unlisted = {parcel.index: parcel.unlisted for parcel in parcels}
        _write_roster(out / "roster.xlsx", people, unlisted, lang)
        _write_planted(out / "planted.json", planted, model, seed, institutions)
    except OSError as error:
        raise OutputError("not_writable", path=out, why=reason_of(error)) from error
    return RoundMade(institutions=institutions, files=sum(p.files for p in parcels), planted=len(planted))


def _check_free(out: Path) -> None:
    if out.is_dir() and any(out.iterdir()):
        raise OutputError("not_empty", path=out)
    if out.exists() and not out.is_dir():
        raise OutputError("is_a_file", path=out)
    check_no_results(out)


def _parcels(
    write: Callable[[Sequence[Order]], list[Parcel]], wanted: Sequence[Order], workers: int
) -> Iterator[Sequence[Parcel]]:
    if workers <= 1:
        yield from (write(wanted[start : start + BATCH]) for start in range(0, len(wanted), BATCH))
        return
    with LocalPool(workers) as pool:
        yield from spread(pool, write, wanted, batch=BATCH)


def _write_parcels(folder: Path, model: Model, lang: Lang, seed: int, wanted: Sequence[Order]) -> list[Parcel]:
    """Write what some institutions return; give the parcels without the files' contents."""
    done = []
    for order in wanted:
        parcel = make_parcel(order, model, lang, seed)
        for name, data in parcel.contents:
            (folder / name).write_bytes(data)
        done.append(parcel.sent())
    return done


def _write_roster(path: Path, people: Sequence[Person], unlisted: dict[int, tuple[str, ...]], lang: Lang) -> None:
    with Book(path, title=say("synthesis.round.roster", lang)) as book:
        sheet = book.sheet(say("synthesis.round.roster", lang))
        edge = {"border": 1, "border_color": "#BFC7D1"}
        head = book.format(bold=True, font_color="#FFFFFF", bg_color="#1F4E79", align="center", **edge)
        cell = book.format(num_format="@", **edge)
        sheet.widths([_WIDTHS.get(key, 16) for key in FIELDS])
        sheet.row(0, 0, [say(f"form.field.{key}", lang) for key in FIELDS], head)
        sheet.height(0, 24)
        for row, person in enumerate(people, 1):
            left_out = unlisted.get(person.index, ())
            sheet.row(row, 0, ["" if key in left_out else person.fields[key] for key in FIELDS], cell)
        sheet.raw.freeze_panes(1, 2)
        sheet.raw.autofilter(0, 0, len(people), len(FIELDS) - 1)
        sheet.printed(landscape=True, header_row=0, footer="&P / &N")


def _write_planted(path: Path, planted: Sequence[Planted], model: Model, seed: int, institutions: int) -> None:
    content = {
        "seed": seed,
        "institutions": institutions,
        "model": f"{model.id}@{model.edition}",
        "faults": [{**asdict(one), "note": one.note._asdict()} for one in planted],
    }
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8", newline="\n")


def _planted_key(one: Planted) -> tuple[str, ...]:
    return (one.institution, one.file, one.code, one.domain, one.requirement, one.sheet, one.cell, one.note.en)
