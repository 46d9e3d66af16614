"""The tables of a trial: every institution's changes, domain scores, and who is not rated.

Owns: their columns, and the order in which they list institutions. Each sheet is one plain function.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from xlsxwriter.format import Format

from evaluator.assessment.changes import (
    BECOMES_RATED,
    BECOMES_UNRATED,
    CROSSING,
    DIRECTIONS,
    DOWN,
    NEVER_RATED,
    UP,
)
from evaluator.assessment.levels import RATED
from evaluator.assessment.results import Assessment
from evaluator.assessment.trial import Trial
from evaluator.measure import row_height
from evaluator.reports import look
from evaluator.reports.context import plain_list
from evaluator.reports.look import Column
from evaluator.reports.phrases import unrated_reason
from evaluator.reports.subject import DomainLine
from evaluator.reports.whatif.overview import BETTER, WORSE, heading, moves, signed
from evaluator.wording import Lang, say
from evaluator.workbook import Sheet

_COLOURS = {UP: BETTER, BECOMES_RATED: BETTER, DOWN: WORSE, BECOMES_UNRATED: WORSE}
_WIDE = 44.0
_FROZEN = 2
"""Columns that stay in view: id and name."""


def order(trial: Trial) -> list[int]:
    """Order the institutions, as rows of `Changes.institutions`: other stars first, then the largest rank changes."""
    table = trial.changes.institutions
    directions = table["direction"].tolist()
    group = np.array([CROSSING.index(d) if d in CROSSING else len(CROSSING) for d in directions])
    stars, ranks = (np.abs(table[name].fillna(0).to_numpy(dtype=np.int64)) for name in ("star_change", "rank_change"))
    known = table["rank_old"].fillna(table["rank_new"]).fillna(np.iinfo(np.int64).max).to_numpy(dtype=np.int64)
    unrated = table["score_change"].isna().to_numpy(dtype=bool)
    found: list[int] = np.lexsort((known, -ranks, unrated, -stars, group)).tolist()
    return found


def write_changes(book: look.ReportBook, trial: Trial, lang: Lang) -> None:
    """Write every institution's star, total and rank before and after; colours follow the direction."""
    looks, model = book.looks, trial.new.model
    table = trial.changes.institutions
    move, fine = moves(book), signed(book, "0.000")
    english = lang == "en"
    given: dict[str, tuple[float, Any]] = {
        "institution": (12, looks.text), "name": (40, looks.text), "province": (15, looks.text),
        "category": (22 if english else 13, looks.text), "direction": (17 if english else 13, looks.centre),
        "star_old": (11, looks.star), "star_new": (11, looks.star), "star_change": (9, move),
        "score_old": (9, looks.score), "score_new": (9, looks.score), "score_change": (10, fine),
        "rank_old": (8, looks.count), "rank_new": (8, looks.count), "rank_change": (10, move),
        "limited_by_old": (16, looks.text), "limited_by_new": (16, looks.text),
    }  # fmt: skip
    columns = _columns(given, lang)
    sheet, head = _opened(book, trial, "changes", columns, lang)
    styles = [column.look for column in columns]
    coloured = {name: [*styles[:4], *_coloured(book, colour), *styles[8:]] for name, colour in _COLOURS.items()}
    named = {name: plain_list(table[name]) for name in table.columns}
    directions = {name: say(f"whatif.direction.{name}", lang) for name in DIRECTIONS}
    last = head
    for last, n in enumerate(order(trial), start=head + 1):
        direction = named["direction"][n]
        cells = [
            named["institution"][n],
            named["name"][n],
            named["province"][n],
            look.group_name(model, named["category"][n], lang),
            directions[direction],
            *(look.stars_text(named[f"star_{side}"][n], lang) for side in ("old", "new")),
            *(named[name][n] for name in ("star_change", "score_old", "score_new", "score_change")),
            *(named[name][n] for name in ("rank_old", "rank_new", "rank_change")),
            *(_rule(named[f"limited_by_{side}"][n], lang) for side in ("old", "new")),
        ]
        sheet.row(last, 0, cells, coloured.get(direction, styles))
    if last == head:
        sheet.text(head + 1, 0, say("whatif.nobody", lang))
    look.table_end(sheet, head, last, len(columns), model, lang, frozen=_FROZEN)


def write_domains(book: look.ReportBook, trial: Trial, lang: Lang) -> None:
    """Write every institution's domain scores before and after; where a workbook is missing nothing stands."""
    looks, frame = book.looks, trial.changes.domains
    table = trial.changes.institutions
    codes = frame["domain"].drop_duplicates().tolist()
    names = {d.code: d.name.say(lang) for found in (trial.old, trial.new) for d in found.model.domains}
    change = signed(book, "0.00")
    width = 14.0 if lang == "en" else 11.0
    columns = _columns({"institution": (12, looks.text), "name": (40, looks.text)}, lang)
    columns += [
        Column(say(f"whatif.column.domain_{part}", lang, domain=names[code]), width, style)
        for code in codes
        for part, style in (("old", looks.score), ("new", looks.score), ("change", change))
    ]
    sheet, head = _opened(book, trial, "domains", columns, lang)
    styles = [column.look for column in columns]
    parts = [plain_list(frame[f"score_{part}"]) for part in ("old", "new", "change")]
    ids, titles = (plain_list(table[name]) for name in ("institution", "name"))
    last = head
    for last, n in enumerate(order(trial), start=head + 1):
        places = range(n * len(codes), (n + 1) * len(codes))
        sheet.row(last, 0, [ids[n], titles[n], *(part[place] for place in places for part in parts)], styles)
    for column in range(4, len(columns), 3) if last > head else ():
        for criteria, colour in ((">", BETTER), ("<", WORSE)):
            rule = {"type": "cell", "criteria": criteria, "format": book.condition(bg_color=colour)}
            sheet.coloured(head + 1, column, last, column, {**rule, "value": 0.005 if criteria == ">" else -0.005})
    look.table_end(sheet, head, last, len(columns), trial.new.model, lang, frozen=_FROZEN)


def write_unrated(book: look.ReportBook, trial: Trial, lang: Lang) -> None:
    """Write who is not rated under one of the models or both, and why; who enters or leaves stands first."""
    looks, table = book.looks, trial.changes.institutions
    columns = _columns({"direction": (16, looks.centre), "institution": (12, looks.text)}, lang)
    columns += _columns(
        {"name": (36, looks.words), "before": (_WIDE, looks.words), "after": (_WIDE, looks.words)}, lang
    )
    sheet, head = _opened(book, trial, "unrated", columns, lang)
    styles = [column.look for column in columns]
    coloured = {name: [next(_coloured(book, _COLOURS[name])), *styles[1:]] for name in (BECOMES_UNRATED, BECOMES_RATED)}
    ids, names, directions = (plain_list(table[name]) for name in ("institution", "name", "direction"))
    wanted = (BECOMES_UNRATED, BECOMES_RATED, NEVER_RATED)
    listed = [n for direction in wanted for n, own in enumerate(directions) if own == direction]
    sides = [_Side(found) for found in (trial.old, trial.new)]
    last = head
    for last, n in enumerate(listed, start=head + 1):
        words = [side.words(ids[n], lang) for side in sides]
        cells = [say(f"whatif.direction.{directions[n]}", lang), ids[n], names[n], *words]
        sheet.row(last, 0, cells, coloured.get(directions[n], styles))
        sheet.height(last, row_height([(names[n], 36), *((w, _WIDE) for w in words)], lang))
    if last == head:
        sheet.text(head + 1, 0, say("whatif.all_rated", lang))
    look.table_end(sheet, head, last, len(columns), trial.new.model, lang)


class _Side:
    """One of the two assessments, asked for an institution's standing in words."""

    def __init__(self, found: Assessment) -> None:
        self._found = found
        table, grid = found.institutions, (len(found.institutions), len(found.model.domains))
        self._rows = {one: row for row, one in enumerate(table["id"].tolist())}
        self._stars, self._status = plain_list(table["star"]), table["status"].tolist()
        self._came = found.domains["passed_levels"].notna().to_numpy(dtype=bool).reshape(grid).tolist()
        self._coverage, self._na = (
            found.domains[name].to_numpy(dtype=np.float64).reshape(grid).tolist() for name in ("coverage", "na_share")
        )

    def words(self, institution: str, lang: Lang) -> str:
        """Give the stars, or why there are none."""
        row = self._rows[institution]
        if self._status[row] == RATED:
            return look.stars_text(self._stars[row], lang)
        own = zip(self._came[row], self._coverage[row], self._na[row], strict=True)
        lines = tuple(
            DomainLine(came=came, score=None, passed=None, attainment=(), coverage=coverage, na_share=na)
            for came, coverage, na in own
        )
        return unrated_reason(self._found.model, lines, lang)


def _opened(book: look.ReportBook, trial: Trial, key: str, columns: Sequence[Column], lang: Lang) -> tuple[Sheet, int]:
    """Add a sheet that is one table, with its heading and header row; gives the sheet and that row."""
    sheet = book.sheet(say(f"whatif.sheet.{key}", lang))
    title = say(f"whatif.heading.{key}", lang)
    head = heading(sheet, book.looks, trial, lang, title, [column.width for column in columns])
    look.table_head(sheet, head, columns, book.looks, lang)
    return sheet, head


def _columns(given: dict[str, tuple[float, Any]], lang: Lang) -> list[Column]:
    return [Column(say(f"whatif.column.{key}", lang), width, style) for key, (width, style) in given.items()]


def _coloured(book: look.ReportBook, colour: str) -> Iterator[Format]:
    """Give the formats of an institution's direction, stars and change of star, on a colour."""
    base = {"align": "center", "border": 1, "border_color": look.LINE, "bg_color": colour}
    yield book.format(**base, bold=True)
    for _ in range(2):
        yield book.format(**base, font_color=look.HEAD)
    yield moves(book, bg_color=colour, bold=True)


def _rule(rule: str | None, lang: Lang) -> str:
    return say(f"report.rule.{rule}", lang) if rule else ""
