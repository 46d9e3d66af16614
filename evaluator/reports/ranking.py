"""The consolidated ranking workbook.

Owns: which sheets it has and in which order, the sheet of the ranking itself, and links to cards and reports. Knows
nothing of where the files lie.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from evaluator.assessment.levels import RATED
from evaluator.measure import lines_needed, row_height
from evaluator.model.records import DIMENSIONS
from evaluator.naming import quoted_sheet, sheet_names
from evaluator.reports import look
from evaluator.reports.card import write_card
from evaluator.reports.context import Context, context_of, plain_list
from evaluator.reports.look import Column, Looks
from evaluator.reports.phrases import limit_words
from evaluator.reports.ranking_overview import write_about, write_overview
from evaluator.reports.ranking_robustness import write_robustness
from evaluator.reports.ranking_sheets import (
    write_domains,
    write_files,
    write_findings,
    write_items,
    write_methods,
    write_unrated,
)
from evaluator.reports.record import Results
from evaluator.reports.subject import Extracts, subject_of
from evaluator.wording import Lang, say
from evaluator.workbook import Sheet

MOST_CARDS = 200
"""Institutions up to which each has its card in the workbook."""
MOST_LINKS = 60_000
"""Links that a sheet may have, under Excel's 65,530."""
MAIN_SHEETS = (
    "about", "overview", "ranking", "domains", "items", "methods", "robustness", "unrated", "findings", "files",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Order:
    """In which order the sheets list institutions, as row numbers: the rated by rank, ties by id; the others by id."""

    rated: tuple[int, ...]
    unrated: tuple[int, ...]


def write_ranking(
    target: Path, results: Results, lang: Lang, links: Sequence[str], context: Context | None = None
) -> None:
    """Write the ranking workbook.

    Args:
        target: the file to write.
        results: the run's results.
        lang: language of the texts.
        links: for each institution, by row number, the path of its report relative to the workbook, with `/`; an empty
            one gives no link.
        context: as from `context_of`; made here where not given.
    """
    table = results.assessment.institutions
    cards: list[str] = []
    if len(table) <= MOST_CARDS:
        cards = sheet_names(list(table["id"]), [say(f"report.sheet.{key}", lang) for key in MAIN_SHEETS])
    order = order_of(results)
    everyone = (*order.rated, *order.unrated)
    with look.ReportBook(target, lang, say("report.ranking.title", lang)) as book:
        write_about(book, results, lang, [say(f"report.sheet.{key}", lang) for key in MAIN_SHEETS])
        write_overview(book, results, lang)
        _write_table(book, results, lang, order.rated, links, cards)
        write_domains(book, results, lang, everyone)
        write_items(book, results, lang, everyone)
        write_methods(book, results, lang, order.rated)
        write_robustness(book, results, lang, order.rated)
        write_unrated(book, results, lang, order.unrated)
        write_findings(book, results, lang)
        write_files(book, results, lang)
        if cards:
            shared, extracts = context or context_of(results), Extracts(results)
            back = say("report.sheet.ranking", lang)
            for row in everyone:
                write_card(book, cards[row], subject_of(shared, extracts[row]), lang, back)
        book.raw.get_worksheet_by_name(say("report.sheet.ranking", lang)).activate()


def order_of(results: Results) -> Order:
    """Put the institutions in the order in which the sheets list them."""
    table = results.assessment.institutions
    rated = table["status"].eq(RATED)
    ranked = table.loc[rated, "rank"].astype("int64").sort_values(kind="stable")
    return Order(rated=tuple(ranked.index), unrated=tuple(table.index[~rated]))


def _columns(results: Results, looks: Looks, lang: Lang) -> list[Column]:
    model = results.assessment.model
    english = lang == "en"
    fixed = (
        ("rank", 6, looks.count), ("institution", 12, looks.text), ("name", 42, looks.text),
        ("province", 15, looks.text), ("city", 10, looks.text), ("type", 24 if english else 16, looks.text),
        ("category", 22 if english else 13, looks.text),
        ("stars", 11, looks.star), ("star_share", 11, looks.share), ("star_number", 7, looks.count),
        ("total", 8, looks.score),
        ("rank_province", 9, looks.count), ("rank_category", 10.5, looks.count), ("rank_type", 10.5, looks.count),
        ("limited_by", LIMIT_WIDTH, looks.words),
    )  # fmt: skip
    columns = [Column(say(f"report.column.{key}", lang), width, style) for key, width, style in fixed]
    width = 13 if english else 12
    columns += [Column(domain.name.say(lang), width, looks.score) for domain in model.domains]
    columns += [Column(say(f"report.dimension.{name}", lang), width, looks.share) for name in DIMENSIONS]
    columns.append(Column(say("report.column.coverage", lang), 9, looks.share))
    columns.append(Column(say("report.column.report", lang), 8, looks.link))
    return columns


NAME_COLUMN, TOTAL_COLUMN, LIMIT_COLUMN, FIRST_DOMAIN = 2, 10, 14, 15
LIMIT_WIDTH = 30


def _write_table(
    book: look.ReportBook, results: Results, lang: Lang, rows: Sequence[int], links: Sequence[str], cards: Sequence[str]
) -> None:
    """Write the sheet of the ranking: the rated institutions in rank order."""
    sheet, looks = book.sheet(say("report.sheet.ranking", lang)), book.looks
    found = results.assessment
    columns = _columns(results, looks, lang)
    title = say("report.ranking.ranking", lang)
    head = look.heading(sheet, looks, found.model, lang, title, [column.width for column in columns])
    look.table_head(sheet, head, columns, looks, lang)
    styles = [column.look for column in columns[:-1]]
    linked = 2 * len(rows) <= MOST_LINKS
    for n, (row, values) in enumerate(zip(rows, _values(results, rows, lang), strict=True), start=head + 1):
        sheet.row(n, 0, values, styles)
        if lines_needed(values[LIMIT_COLUMN], LIMIT_WIDTH, lang) > 1:
            sheet.height(n, row_height([(values[LIMIT_COLUMN], LIMIT_WIDTH)], lang))
        outside = f"external:{links[row]}" if linked and links[row] else ""
        inside = f"internal:{quoted_sheet(cards[row])}!A1" if cards else outside
        name = values[NAME_COLUMN] or values[1]
        _link(sheet, n, NAME_COLUMN, inside, name, looks)
        _link(sheet, n, len(columns) - 1, outside, say("report.ranking.open", lang) if outside else "", looks)
    last = head + len(rows)
    if rows:
        look.heat(sheet, head + 1, TOTAL_COLUMN, last, TOTAL_COLUMN, 5.0)
        look.heat(sheet, head + 1, FIRST_DOMAIN, last, FIRST_DOMAIN + len(found.model.domains) - 1, 5.0)
    else:
        sheet.text(head + 1, 0, say("report.ranking.nobody", lang))
    look.table_end(sheet, head, last, len(columns), found.model, lang, frozen=NAME_COLUMN + 1)
    sheet.raw.set_paper(look.A3)


def _link(sheet: Sheet, row: int, column: int, target: str, words: str, looks: Looks) -> None:
    if target:
        sheet.link(row, column, target, words, looks.link)
    else:
        sheet.text(row, column, words, looks.text)


def _values(results: Results, rows: Sequence[int], lang: Lang) -> Iterator[list[Any]]:
    """Give the cells of each institution's row in the ranking, but for the links."""
    found = results.assessment
    model, table = found.model, found.institutions
    named = {name: plain_list(table[name]) for name in table.columns}
    domains, dimensions = plain_list(found.domains["score"]), plain_list(found.dimensions["score"])
    m, k = len(model.domains), len(DIMENSIONS)
    passed = found.scores.passed.tolist()
    drawn = results.robustness.institutions if results.robustness else None
    robust = {} if drawn is None else dict(zip(drawn["institution"], drawn["star_share"], strict=True))
    for n in rows:
        star, rule = named["star"][n], named["limited_by"][n]
        failed = np.flatnonzero(found.failed[n]).tolist() if rule == "veto" else ()
        yield [
            named["rank"][n],
            named["id"][n],
            named["name"][n],
            named["province"][n],
            named["city"][n],
            look.group_name(model, named["type"][n], lang),
            look.group_name(model, named["category"][n], lang),
            look.stars_text(star, lang),
            robust.get(named["id"][n]),
            star,
            named["score"][n],
            named["rank_province"][n],
            named["rank_category"][n],
            named["rank_type"][n],
            "" if star is None else limit_words(model, rule, star, passed[n], failed, lang),
            *domains[n * m : (n + 1) * m],
            *dimensions[n * k : (n + 1) * k],
            named["coverage"][n],
        ]
