"""The ranking workbook's detail sheets: domains, items, methods, not rated, findings, files.

Owns: their columns. Each sheet is one plain function. Knows nothing of the other sheets.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from evaluator.assessment.levels import REASONS
from evaluator.intake.round import FILE_COLUMNS
from evaluator.measure import row_height, text_units
from evaluator.model.records import METHODS
from evaluator.reports import look
from evaluator.reports.context import plain_list
from evaluator.reports.look import Column, Looks
from evaluator.reports.phrases import listed, verified_words
from evaluator.reports.record import FILE_ROLES, Results
from evaluator.wording import Lang, say
from evaluator.workbook import Sheet

MOST_FINDINGS = 1_000_000
"""Findings listed at most; a sheet has 1,048,576 rows."""
MOST_WRAPPED = 5_000
"""Findings up to which rows are as high as their texts; more are listed on one line each, which is quicker."""
IDENTITY_COLUMNS = 4


def write_domains(book: look.ReportBook, results: Results, lang: Lang, rows: Sequence[int]) -> None:
    """Write domain scores and passed levels as a heat map; a missing domain says so."""
    sheet, looks = book.sheet(say("report.sheet.domains", lang)), book.looks
    found = results.assessment
    count = len(found.model.domains)
    columns = _identity_columns(looks, lang)
    columns += [Column(domain.name.say(lang), 12, looks.score) for domain in found.model.domains]
    columns += [
        Column(say("report.column.levels_of", lang, domain=domain.name.say(lang)), 12, looks.count)
        for domain in found.model.domains
    ]
    missing = say("report.state.missing", lang)
    scores = [missing if value is None else value for value in plain_list(found.domains["score"])]
    passed = [missing if value is None else value for value in plain_list(found.domains["passed_levels"])]
    own = identity(results, lang)
    cells = ([*own[n], *scores[n * count : (n + 1) * count], *passed[n * count : (n + 1) * count]] for n in rows)
    head, last = _table(sheet, looks, results, lang, "domains", columns, cells)
    if rows:
        look.heat(sheet, head + 1, IDENTITY_COLUMNS, last, IDENTITY_COLUMNS + 2 * count - 1, 5.0)


def write_items(book: look.ReportBook, results: Results, lang: Lang, rows: Sequence[int]) -> None:
    """Write item scores as a heat map; an item without a score says whether it is missing or not applicable."""
    sheet, looks = book.sheet(say("report.sheet.items", lang)), book.looks
    found = results.assessment
    columns = _identity_columns(looks, lang)
    percent = book.format(num_format="0%", align="center", border=1, border_color=look.LINE, font_color=look.INK)
    upright = book.format(
        rotation=90, bold=True, font_color="#FFFFFF", bg_color=look.HEAD, border=1, border_color=look.LINE
    )
    columns += [Column(f"{item.code} {item.name.say(lang)}", 6, percent, upright) for item in found.model.items]
    count, m = len(found.model.items), len(found.model.domains)
    came = [value is not None for value in plain_list(found.domains["passed_levels"])]
    words = (say("report.state.missing", lang), say("report.state.not_applicable", lang))
    scores = plain_list(found.items["score"])
    of_domain = [int(d) for d in found.weights.item_domain]
    own = identity(results, lang)

    def shown(n: int) -> list[Any]:
        values = scores[n * count : (n + 1) * count]
        return [words[came[n * m + d]] if v is None else v for v, d in zip(values, of_domain, strict=True)]

    head, last = _table(sheet, looks, results, lang, "items", columns, ([*own[n], *shown(n)] for n in rows))
    if rows:
        look.heat(sheet, head + 1, IDENTITY_COLUMNS, last, IDENTITY_COLUMNS + count - 1, 1.0)


def write_methods(book: look.ReportBook, results: Results, lang: Lang, rows: Sequence[int]) -> None:
    """Write star, total and rank under each method, and who has another star or rank than officially, and how.

    A change of rank is the official one less the method's: positive is better, as everywhere.
    """
    sheet, looks = book.sheet(say("report.sheet.methods", lang)), book.looks
    table, official = results.assessment.institutions, results.assessment.model.rules.method
    change = book.format(num_format=look.MOVE, align="center", border=1, border_color=look.LINE, font_color=look.INK)
    columns = [
        *_identity_columns(looks, lang)[:-1],
        Column(say("robustness.column.star_changes", lang), 42, looks.text),
    ]
    own_stars, own_ranks = (plain_list(table[name]) for name in ("star", "rank"))
    changed: list[list[str]] = [[] for _ in own_stars]
    parts: list[list[Any]] = [[]]
    notes = []
    for method in (official, *(method for method in METHODS if method != official)):
        plain = say(f"report.method.{method}", lang)
        name = say("report.ranking.official", lang, method=plain) if method == official else plain
        columns += [
            Column(say(f"report.column.{key}_under", lang, method=name), 13, style)
            for key, style in (("star", looks.star), ("total", looks.score), ("rank", looks.count))
        ]
        stars, totals, ranks = (plain_list(table[f"{key}_{method}"]) for key in ("star", "score", "rank"))
        parts += [[look.stars_text(star, lang) for star in stars], totals, ranks]
        if method != official:
            columns.append(Column(say("report.column.rank_change", lang, method=name), 13, change))
            moves = [None if a is None else b - a for a, b in zip(ranks, own_ranks, strict=True)]
            steps = [0 if a is None else a - b for a, b in zip(stars, own_stars, strict=True)]
            parts.append(moves)
            for words, step, star in zip(changed, steps, stars, strict=True):
                if step:
                    shown = {"arrow": "↑" if step > 0 else "↓", "star": look.stars_text(star, lang)}
                    words.append(say("robustness.methods.change", lang, method=plain, **shown))
            notes.append(_against_official(plain, steps, moves, lang))
    caps = say("robustness.methods.caps", lang, verified=verified_words(results.assessment.model, lang))
    notes.append(caps.rstrip())
    parts[0] = [listed(words, lang) for words in changed]
    own = identity(results, lang)
    cells = ([*own[n][:-1], *(part[n] for part in parts)] for n in rows)
    _table(sheet, looks, results, lang, "methods", columns, cells, notes=notes if rows else ())


def _against_official(method: str, steps: Sequence[int], moves: Sequence[int | None], lang: Lang) -> str:
    """Say how many institutions have another star under a method, and the largest change of rank."""
    known = [abs(move) for move in moves if move is not None]
    up, down, most = sum(step > 0 for step in steps), sum(step < 0 for step in steps), max(known, default=0)
    return say(
        "robustness.methods.summary",
        lang,
        method=method,
        n=len(known),
        differ=up + down,
        up=up,
        down=down,
        ranks=say(f"robustness.methods.{'moved' if most else 'still'}", lang, most=most),
    )


def write_unrated(book: look.ReportBook, results: Results, lang: Lang, rows: Sequence[int]) -> None:
    """Write who is not rated, and why."""
    sheet, looks = book.sheet(say("report.sheet.unrated", lang)), book.looks
    found = results.assessment
    model, table, count = found.model, found.institutions, len(found.model.domains)
    widths = (("institution", 14), ("name", 42), ("reason", 22), ("missing_domains", 44))
    columns = [Column(say(f"report.column.{key}", lang), width, looks.wrap) for key, width in widths]
    columns += [
        Column(say("report.column.coverage_of", lang, domain=domain.name.say(lang)), 12, looks.share)
        for domain in model.domains
    ]
    columns.append(Column(say("report.column.na_share", lang), 10, looks.share))
    ids, names, reasons, na = (table[name].tolist() for name in ("id", "name", "reason", "na_share"))
    passed, coverage = plain_list(found.domains["passed_levels"]), found.domains["coverage"].tolist()
    labels = {reason: say(f"report.reason_label.{reason}", lang) for reason in REASONS}
    missing = say("report.state.missing", lang)

    def cells(n: int) -> list[Any]:
        came = [value is not None for value in passed[n * count : (n + 1) * count]]
        gone = listed((d.name.say(lang) for d, here in zip(model.domains, came, strict=True) if not here), lang)
        shares = [c if here else missing for c, here in zip(coverage[n * count :], came, strict=False)]
        return [ids[n], names[n], labels[reasons[n]], gone, *shares, na[n] if any(came) else missing]

    head, _ = _table(sheet, looks, results, lang, "unrated", columns, (cells(n) for n in rows), wrapped=(1, 3))
    if not rows:
        sheet.text(head + 1, 0, say("report.ranking.all_rated", lang))


def write_findings(book: look.ReportBook, results: Results, lang: Lang) -> None:
    """Write all findings: where, what was found, what to do."""
    sheet, looks = book.sheet(say("report.sheet.findings", lang)), book.looks
    widths = (
        ("severity", 9), ("code", 24), ("institution", 14), ("name", 34), ("file", 34), ("sheet", 12), ("cell", 8),
        ("requirement_id", 11), ("found", 56), ("action", 56),
    )  # fmt: skip
    few = len(results.findings) <= MOST_WRAPPED
    columns = [
        Column(say(f"report.column.{key}", lang), width, looks.wrap if few else looks.text) for key, width in widths
    ]
    table = results.assessment.institutions
    names = dict(zip(table["id"].tolist(), table["name"].tolist(), strict=True))
    severities = {s: say(f"report.severity.{s}", lang) for s in ("error", "warning", "info")}
    cells = (
        [
            severities[f.severity], f.code, f.institution, names.get(f.institution, ""), f.file, f.sheet, f.cell,
            f.requirement, f.found(lang), f.action(lang),
        ]
        for f in results.findings[:MOST_FINDINGS]
    )  # fmt: skip
    wrapped = (3, 4, 8, 9) if few else ()
    head, last = _table(sheet, looks, results, lang, "findings", columns, cells, wrapped=wrapped)
    if not results.findings:
        sheet.text(head + 1, 0, say("report.ranking.no_findings", lang))
    if len(results.findings) > MOST_FINDINGS:
        words = say("report.ranking.findings_cut", lang, shown=MOST_FINDINGS, all=len(results.findings))
        sheet.text(last + 1, 0, words)


def write_files(book: look.ReportBook, results: Results, lang: Lang) -> None:
    """Write every input file with what became of it."""
    sheet, looks = book.sheet(say("report.sheet.files", lang)), book.looks
    model = results.assessment.model
    size = book.format(num_format=look.COUNT, border=1, border_color=look.LINE, font_color=look.INK)
    widths: dict[str, float] = {"sha256": 68, "size": 12, "institution": 14, "domain": 20, "role": 14, "status": 20}
    widths["arrived"] = 23
    # what came in a mail in an archive has a long way in, which should be seen
    longest = max((text_units(path, lang) for path in results.files["path"].tolist() if "!" in path), default=0.0)
    widths["path"] = min(max(46.0, longest + 2), 110.0)
    columns = [
        Column(say(f"report.column.{key}", lang), widths.get(key, 10), size if key == "size" else looks.text)
        for key in FILE_COLUMNS
    ]
    shown: dict[str, dict[Any, str]] = {
        "domain": {domain.code: domain.name.say(lang) for domain in model.domains},
        "role": {role: say(f"report.file_role.{role}", lang) for role in FILE_ROLES},
        "lang": {code: say(f"report.form_lang.{code}", lang) for code in ("zh", "en")},
    }
    statuses = set(results.files["status"].tolist())
    shown["status"] = {status: say(f"report.file_status.{status}", lang) for status in statuses}
    lists = []
    for key in FILE_COLUMNS:
        values = plain_list(results.files[key])
        lists.append([shown[key].get(value, value) for value in values] if key in shown else values)
    _table(sheet, looks, results, lang, "files", columns, (list(row) for row in zip(*lists, strict=True)))


def identity(results: Results, lang: Lang) -> list[list[Any]]:
    """Give the cells that say who an institution is on the detail sheets: rank, id, name, stars."""
    table = results.assessment.institutions
    columns = (plain_list(table[name]) for name in ("rank", "id", "name", "star"))
    return [[rank, i, name, look.stars_text(star, lang)] for rank, i, name, star in zip(*columns, strict=True)]


def _identity_columns(looks: Looks, lang: Lang) -> list[Column]:
    columns = (("rank", 7, looks.count), ("institution", 12, looks.text), ("name", 42, looks.text))
    shown = [Column(say(f"report.column.{key}", lang), width, style) for key, width, style in columns]
    return [*shown, Column(say("report.column.stars", lang), 12, looks.star)]


def _table(
    sheet: Sheet,
    looks: Looks,
    results: Results,
    lang: Lang,
    key: str,
    columns: Sequence[Column],
    rows: Iterable[list[Any]],
    wrapped: Sequence[int] = (),
    notes: Sequence[str] = (),
) -> tuple[int, int]:
    """Write a sheet that is one table, below some notes; rows are as high as the texts of the `wrapped` columns take.

    Returns:
        The header's row and the last row.
    """
    model = results.assessment.model
    widths = [column.width for column in columns]
    head = look.heading(sheet, looks, model, lang, say(f"report.ranking.{key}", lang), widths)
    head = look.notes(sheet, looks, head, notes, widths, lang)
    look.table_head(sheet, head, columns, looks, lang)
    styles = [column.look for column in columns]
    last = head
    for last, cells in enumerate(rows, start=head + 1):
        sheet.row(last, 0, cells, styles)
        if wrapped:
            sheet.height(last, row_height([(cells[c], widths[c]) for c in wrapped], lang))
    look.table_end(
        sheet, head, last, len(columns), model, lang, frozen=3 if key in ("domains", "items", "methods") else 0
    )
    return head, last
