"""Writing workbooks: against plain XlsxWriter, against openpyxl, and against deflating the same parts."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from io import BytesIO
from time import process_time
from unittest import mock

from evaluator import pipeline
from evaluator.intake.institutions import FIELDS
from evaluator.intake.roster import read_roster
from evaluator.model.files import load_model
from evaluator.model.records import Model
from evaluator.questionnaire.layout import Prefill
from evaluator.questionnaire.prefilled import FormMaster
from evaluator.questionnaire.writer import write_form
from evaluator.reports.context import Context, context_of
from evaluator.reports.institution import institution_report
from evaluator.reports.subject import Extract, Extracts, subject_of
from evaluator.workbook import Book
from evaluator.zipped import Part
from tests.benchmarks.peers import openpyxl_copy, wide_tables
from tests.benchmarks.stage import Stage
from tests.benchmarks.tables import Table, milliseconds, times
from tests.benchmarks.timing import Timed
from tests.slowbook import SlowWorkbook, parts_of

SUBJECTS, FORMS, ROWS = 50, 200, 10_000
"""Institutions with a report, institutions with a pre-filled form, rows of the wide table."""
ROUNDS, WIDE_ROUNDS = 7, 5
COLUMNS = ("count", "text", "text", "text", "text", "text", "text", "text", "count", "score", *["count"] * 3, "text",
           *["score"] * 5, *["share"] * 21)  # fmt: skip
"""Kinds of the wide table's 40 columns: as those of the ranking, with the items' scores behind."""
Cells = tuple[str | float, ...]


def run(stage: Stage) -> Table:
    """Measure."""
    model = load_model()
    return Table(
        title="Writing",
        head=("lane", "a workbook", "ours", "goal"),
        rows=[*_reports(stage, model), *_forms(stage, model), *_wide(stage)],
        note="Processor time. A report has all its sheets and two charts; plain XlsxWriter writes the same "
        "(`in_memory`, its own worksheets, packager and zip); openpyxl writes the same cells, formats, merges, widths "
        "and heights without the charts. The time of a pre-filled form has its share of making the master, for "
        f"{FORMS} institutions.",
    )


class PlainWorkbook(SlowWorkbook):
    """A plain XlsxWriter workbook that keeps what it writes, as nothing more is asked of it here."""

    def parts(self) -> list[Part]:
        """Close the workbook, which writes it."""
        self.close()
        return []


@contextmanager
def plainly() -> Iterator[None]:
    """Write all workbooks with plain XlsxWriter for the time being."""
    with mock.patch.object(Book, "_opened", PlainWorkbook):
        yield


def _reports(stage: Stage, model: Model) -> Iterator[tuple[str, ...]]:
    folder = stage.round(stage.size(SUBJECTS))
    results = pipeline.evaluate([folder / "returned"], model, roster=folder / "roster.xlsx")
    context, extracts = context_of(results), list(Extracts(results))
    written = [institution_report(subject_of(context, extract), "zh") for extract in extracts]
    parts = [part for report in written for part in parts_of(report).values()]
    plans = [openpyxl_copy.plan(report) for report in written[:5]]
    count = len(extracts)
    ours, plain, openpyxl, deflate = (
        "institution report", "the same, plain XlsxWriter", "the same, openpyxl", "the same, its parts deflated (6)"
    )  # fmt: skip
    lanes = {
        ours: partial(_write_reports, context, extracts),
        plain: partial(_plainly, partial(_write_reports, context, extracts)),
        openpyxl: lambda: [openpyxl_copy.write(wanted) for wanted in plans],
        deflate: lambda: [zlib.compress(part, 6) for part in parts],
    }
    counts = {ours: count, plain: count, openpyxl: len(plans), deflate: count}
    found = stage.in_turn(ROUNDS, lanes, clock=process_time).each(counts)
    yield from _lines(found, ours, {plain: "at most 0.5x", openpyxl: "", deflate: ""})


def _forms(stage: Stage, model: Model) -> Iterator[tuple[str, ...]]:
    roster = read_roster(stage.round(stage.size(FORMS)) / "roster.xlsx", model)
    people = [{key: str(getattr(entry, key, "")) for key in FIELDS} for entry in roster]
    few = people[:10]
    ours, plain, own = "pre-filled form", "the same, plain XlsxWriter", "the same, built anew by our own writer"
    lanes: dict[str, Callable[[], object]] = {
        ours: partial(_from_master, model, people),
        plain: partial(_plainly, partial(_built, model, few)),
        own: partial(_built, model, few),
    }
    counts = {ours: len(people), plain: len(few), own: len(few)}
    found = stage.in_turn(ROUNDS, lanes, clock=process_time).each(counts)
    yield from _lines(found, ours, {plain: "at most 0.1x", own: ""})


def _wide(stage: Stage) -> Iterator[tuple[str, ...]]:
    rows = table(100 if stage.quick else ROWS)
    ours = f"table of {len(rows):,} x {len(COLUMNS)}"
    plain, openpyxl = "the same, plain XlsxWriter", "the same, openpyxl `write_only`"
    lanes: dict[str, Callable[[], object]] = {
        ours: partial(wide_table, rows),
        plain: partial(wide_tables.with_xlsxwriter, rows, COLUMNS),
        openpyxl: partial(wide_tables.with_openpyxl, rows, COLUMNS),
    }
    found = stage.in_turn(WIDE_ROUNDS, lanes, clock=process_time)
    yield from _lines(found, ours, {plain: "at most 0.6x", openpyxl: ""})


def table(count: int) -> list[Cells]:
    """Make rows as a ranking has them; scores are different, names repeat here and there."""
    rows = []
    for n in range(1, count + 1):
        share = [(n * (7 * column + 3) % 9973) / 9973 for column in range(len(COLUMNS))]
        place = (f"省份{n % 31}", f"城市{n % 293}", "社会组织", ("技术服务", "信息服务", "创业服务")[n % 3])
        identity = (n, f"SME{n:05d}", f"第{n}号中小企业公共服务中心（有限公司）", *place, "★" * (n % 6), n % 6)
        ranks = (n % 331 + 1, n % 833 + 1, n % 3301 + 1, "能力域下限")
        rows.append((*identity, 5 * share[9], *ranks, *(5 * s for s in share[14:19]), *share[19:]))
    return rows


def wide_table(rows: Sequence[Cells]) -> bytes:
    """Write the table in the lane that the ranking's sheets are written in."""
    stream = BytesIO()
    with Book(stream) as book:
        sheet = book.sheet("排名")
        edge = {key: wide_tables.BASE[key] for key in ("border", "border_color")}
        made = {kind: book.format(**edge, **properties) for kind, properties in wide_tables.KINDS.items()}
        looks = [made[kind] for kind in COLUMNS]
        for n, row in enumerate(rows):
            sheet.row(n, 0, row, looks)
    return stream.getvalue()


def _write_reports(context: Context, extracts: Sequence[Extract]) -> None:
    for extract in extracts:
        institution_report(subject_of(context, extract), "zh")


def _from_master(model: Model, people: Sequence[dict[str, str]]) -> None:
    master = FormMaster(model, model.domains[0], "zh")
    for fields in people:
        master.form(fields, fields["id"])


def _built(model: Model, people: Sequence[dict[str, str]]) -> None:
    for fields in people:
        prefill = Prefill(fields=fields, answers={})
        write_form(BytesIO(), model, model.domains[0], "zh", prefill=prefill, institution=fields["id"])


def _plainly(work: Callable[[], object]) -> None:
    with plainly():
        work()


def _lines(timed: Timed, ours: str, others: dict[str, str]) -> Iterator[tuple[str, ...]]:
    yield (ours, milliseconds(timed.median(ours)), "", "")
    for name, goal in others.items():
        yield (name, milliseconds(timed.median(name)), f"{times(timed.ratio(ours, name))} of it", goal)
