"""The workbook of a trial: what another model would make of the same answers.

Owns: which sheets it has, and the one that says what was compared. That it is a trial and no official result stands on
every sheet, beside the notice of the model.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from evaluator.assessment.trial import Trial
from evaluator.measure import row_height
from evaluator.model import difference_words
from evaluator.model.differences import Difference
from evaluator.reports import look
from evaluator.reports.phrases import listed
from evaluator.reports.whatif.overview import heading, write_overview
from evaluator.reports.whatif.tables import write_changes, write_domains, write_unrated
from evaluator.reports.whatif.verdict import verdict
from evaluator.wording import Lang, say
from evaluator.workbook import Sheet

TITLE = "whatif.title"
SHEETS = ("about", "overview", "changes", "domains", "unrated")
_WIDTHS = (20.0, 34.0, 40.0, 40.0)
_ROOM = sum(_WIDTHS[1:])
_SECTION_POINTS = 20.0
REWORDED = ("text", "evidence")
"""Differences that mean that an answer was given to other words."""
MOVED = ("item", "level", "dimension")
"""Differences that mean that a requirement belongs elsewhere."""


def write_whatif(target: Path | BinaryIO, trial: Trial, lang: Lang) -> None:
    """Write the workbook; where both models give the same results, only the sheet that says so.

    Args:
        target: the file to write, or a stream.
        trial: what the other model makes of the answers.
        lang: language of all texts.
    """
    with look.ReportBook(target, lang, say(TITLE, lang)) as book:
        _write_about(book, trial, lang)
        if trial.same:
            return  # there is nothing that tables could show
        write_overview(book, trial, lang)
        write_changes(book, trial, lang)
        write_domains(book, trial, lang)
        write_unrated(book, trial, lang)


def places(trial: Trial, codes: Sequence[str]) -> list[str]:
    """List the requirements that differ in any of some ways, each once."""
    return list(dict.fromkeys(one.place for one in trial.differences if one.code in codes))


def _write_about(book: look.ReportBook, trial: Trial, lang: Lang) -> None:
    sheet, looks = book.sheet(say("whatif.sheet.about", lang)), book.looks
    row = heading(sheet, looks, trial, lang, say(TITLE, lang), _WIDTHS) + 1
    for label, words in _entries(trial, lang):
        sheet.text(row, 0, label, looks.label)
        sheet.merged(row, 1, row, len(_WIDTHS) - 1, words, looks.words)
        sheet.height(row, row_height([(label, _WIDTHS[0]), (words, _ROOM)], lang))
        row += 1
    if trial.differences:
        _write_differences(sheet, looks, trial, row + 1, lang)
    look.page_end(sheet, trial.new.model, lang, landscape=True)


def _write_differences(sheet: Sheet, looks: look.Looks, trial: Trial, row: int, lang: Lang) -> None:
    sheet.text(row, 0, say("whatif.differences.title", lang), looks.section)
    for column in range(1, len(_WIDTHS)):
        sheet.blank(row, column, looks.section)
    sheet.height(row, _SECTION_POINTS)
    keys = ("what", "where", "old", "new")
    sheet.row(row + 1, 0, [say(f"whatif.differences.{key}", lang) for key in keys], looks.head)
    row += 2
    for cells in _differences(trial, lang):
        sheet.row(row, 0, cells, looks.words)
        sheet.height(row, row_height(zip(cells, _WIDTHS, strict=True), lang))
        row += 1


def _entries(trial: Trial, lang: Lang) -> Iterator[tuple[str, str]]:
    def entry(key: str, **params: object) -> tuple[str, str]:
        return say(f"whatif.about.{key}.label", lang), say(f"whatif.about.{key}.text", lang, **params)

    found = "\n".join(verdict(trial, lang))
    if found:
        yield entry("verdict", verdict=found)
    yield entry("purpose")
    yield entry("official")
    for key, model in (("old", trial.old.model), ("new", trial.new.model)):
        yield entry(key, name=model.name.say(lang), id=model.id, edition=model.edition, hash=model.hash)
    yield entry("answers", institutions=len(trial.old.institutions))
    for key, codes in (("left_out", ("left_out",)), ("reworded", REWORDED), ("moved", MOVED)):
        ids = places(trial, codes)
        if ids:
            yield entry(key, count=len(ids), ids=listed(ids, lang))
    if trial.same:
        return
    yield entry("ranks")
    yield entry("correlation")
    yield entry("sheets", sheets=listed((say(f"whatif.sheet.{key}", lang) for key in SHEETS), lang))


def _differences(trial: Trial, lang: Lang) -> Iterator[tuple[str, str, str, str]]:
    """Give a line for each difference that can change a result, and one for each kind of other words."""
    words: dict[str, list[Difference]] = {}
    for one in trial.differences:
        if one.effective:
            model = trial.old.model if one.new is None else trial.new.model
            place = difference_words.where(one, model, lang)
            yield (difference_words.what(one, lang), place, *difference_words.sides(one, lang))
        else:
            words.setdefault(one.code, []).append(one)
    for its in words.values():
        places = listed((one.place for one in its if one.place), lang)
        sides = difference_words.sides(its[0], lang) if len(its) == 1 else ("", "")
        yield (difference_words.what(its[0], lang), places, *sides)
