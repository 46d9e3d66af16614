"""The fast lane writes what plain XlsxWriter writes, part by part and byte by byte."""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Callable
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluator.fastbook import sheets
from evaluator.fastbook.books import Kit
from evaluator.model.files import load_model
from evaluator.questionnaire.layout import Prefill
from evaluator.questionnaire.writer import write_form
from evaluator.reports.context import context_of
from evaluator.reports.institution import write_institution
from evaluator.reports.ranking import write_ranking
from evaluator.reports.record import Results
from evaluator.reports.regulator import write_regulator
from evaluator.reports.subject import Extracts, subject_of
from evaluator.wording import LANGS, Lang
from evaluator.workbook import Book, font_kit, known
from tests.builders import make
from tests.slowbook import both, parts_of

PLAIN, ONE_MISSING, NO_DOMAIN, FORMULA_NAME = 0, 5, 7, 14
"""Rows of the builder's institutions: as usual; one domain missing; nothing came; named like a formula."""
ODD = ("=1+1", "<a & b>", '"', " ends ", "a\nb", "_x0041_", "a\x01b", "\ud800", "", "😀" * 3, "1", "★★★", "true")
TEXTS = st.one_of(st.sampled_from(ODD), st.text(max_size=12))
NUMBERS = st.one_of(st.integers(-(10**15), 10**15), st.floats(allow_infinity=False), st.none())


@pytest.fixture(scope="module", params=LANGS)
def lang(request: pytest.FixtureRequest) -> Lang:
    given: Lang = request.param
    return given


@pytest.fixture(scope="module")
def results(lang: Lang) -> Results:
    return make(40, lang=lang)


def hold(write: Callable[[Any], object]) -> None:
    fast, slow = both(write)
    assert list(fast) == list(slow)
    for name, part in fast.items():
        assert part.decode() == slow[name].decode(), name


@pytest.mark.parametrize("row", [PLAIN, ONE_MISSING, NO_DOMAIN, FORMULA_NAME])
def test_institution_reports(results: Results, lang: Lang, row: int) -> None:
    subject = subject_of(context_of(results), Extracts(results)[row])
    hold(lambda target: write_institution(target, subject, lang))


def test_the_ranking_with_its_cards(results: Results, lang: Lang) -> None:
    links = [f"institutions/{n}.xlsx" for n in range(len(results.texts))]
    hold(lambda target: write_ranking(target, results, lang, links))


def test_the_regulators_workbook(results: Results, lang: Lang) -> None:
    hold(lambda target: write_regulator(target, results, lang))


def test_blank_forms(lang: Lang) -> None:
    model = load_model()
    hold(lambda target: write_form(target, model, model.domains[0], lang))


def test_prefilled_forms_cell_by_cell() -> None:
    """An institution's own texts stand in their cells, where plain XlsxWriter has them among the shared ones."""
    model = load_model()
    given = {r.id: ("完全满足", "2024", " x ") for r in model.domains[0].requirements}
    prefill = Prefill(fields={"id": "00123", "name": "=1+1", "date": "2024-02-29"}, answers=given)
    fast, slow = both(
        lambda target: write_form(target, model, model.domains[0], "zh", prefill=prefill, institution="00123")
    )
    assert [name for name in fast if name.endswith("sheet3.xml") or "styles" in name] == [
        name for name in slow if name.endswith("sheet3.xml") or "styles" in name
    ]
    one, other = (cells_of(rezipped(parts)) for parts in (fast, slow))
    assert one == other


def rezipped(parts: dict[str, bytes]) -> bytes:
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return stream.getvalue()


def cells_of(data: bytes) -> dict[str, tuple[object, ...]]:
    """Give every cell with its value and look, merged ranges and row heights."""
    found: dict[str, tuple[object, ...]] = {}
    for sheet in openpyxl.load_workbook(BytesIO(data)).worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                look = (cell.number_format, repr(cell.font), repr(cell.fill), repr(cell.border), repr(cell.alignment))
                found[f"{sheet.title}!{cell.coordinate}"] = (cell.value, cell.data_type, cell.protection.locked, *look)
        found[f"{sheet.title} merged"] = tuple(sorted(str(area) for area in sheet.merged_cells.ranges))
        found[f"{sheet.title} heights"] = tuple(
            (row, size.height) for row, size in sorted(sheet.row_dimensions.items())
        )
        found[f"{sheet.title} rules"] = tuple(
            (str(rule.sqref), rule.formula1, rule.prompt) for rule in sheet.data_validations.dataValidation
        )
    return found


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.one_of(TEXTS, NUMBERS), max_size=6), max_size=40), st.data())
def test_rows_of_any_values(rows: list[list[Any]], data: st.DataObject) -> None:
    places = [(data.draw(st.integers(0, 60)), data.draw(st.integers(0, 30))) for _ in rows]
    looks = [data.draw(st.integers(0, 2)) for _ in range(6)]
    heights = data.draw(st.dictionaries(st.integers(0, 60), st.floats(1, 420), max_size=5))

    def write(target: Any) -> None:
        with Book(target) as book:
            formats = [None, book.format(bold=True), book.format(num_format="0.00")]
            sheet = book.sheet("s")
            for (row, column), values in zip(places, rows, strict=True):
                if values:
                    sheet.row(row, column, values, [formats[look] for look in looks[: len(values)]])
            for row, height in heights.items():
                sheet.height(row, height)

    hold(write)


def test_every_other_kind_of_cell() -> None:
    def write(target: Any) -> None:
        with Book(target, title="<t>", known=known(["known", "<k>", "known"])) as book:
            sheet, other = book.sheet("it's"), book.sheet("second")
            bold, day = book.format(bold=True), book.format(num_format="yyyy-mm-dd")
            sheet.merged(0, 0, 1, 3, "over & out", bold)
            sheet.merged(3, 0, 3, 0, "one cell", bold)
            sheet.merged(4, 1, 4, 3, "", None)
            sheet.truth(5, 0, True, bold)
            sheet.date(5, 1, dt.date(2024, 2, 29), day)
            sheet.formula(5, 2, "=SUM(1,2)", 3, bold)
            sheet.formula(5, 3, '"a"&"b"', "ab")
            sheet.formula(5, 4, "1/0", "#DIV/0!")
            sheet.link(6, 0, "https://example.org/?a=1&b=2", "out")
            sheet.link(6, 1, "internal:'second'!A1", "in", bold)
            other.raw.set_default_row(30)
            other.row(0, 0, ["a", 1.5, None, "known"], bold)
            other.row(40, 2, ["<k>", float("nan")])
            other.height(50, 15)
            other.widths([3.0, 4.5])
            chart = book.chart("column")
            chart.add_series({"values": ["it's", 5, 0, 5, 4], "categories": ["second", 0, 0, 0, 5]})
            sheet.place(8, 0, chart)

    hold(write)


def test_formulas_of_plain_functions_and_their_results() -> None:
    def write(target: Any) -> None:
        with Book(target, plain_formulas=True) as book:
            sheet, bold = book.sheet("s"), book.format(bold=True)
            results = (1, 0.1, -1e-12, "", 'a<b>&"c"', "#N/A", "#VALUE!", True, False, "✓")
            for row, result in enumerate(results):
                sheet.formula(row, 0, f'=IF(A1<>"&",{row},"<")', result, bold)
                sheet.formula(row, 1, f"SUM(A{row + 1})", result)
            chart = book.chart("column")
            chart.add_series({"values": ["s", 0, 0, 3, 0], "categories": ["s", 3, 1, 6, 1]})
            sheet.place(0, 4, chart)

    hold(write)


def test_a_chart_shows_results_of_formulas() -> None:
    with Book(BytesIO(), plain_formulas=True) as book:
        sheet = book.sheet("s")
        for row, result in enumerate((0.5, "a<b>", 3)):
            sheet.formula(row, 0, "B1", result)
        assert sheet.raw._get_range_data(0, 0, 2, 0) == ["0.5", "a<b>", "3"]


def test_rows_alike_are_written_once_and_differ_in_their_figures() -> None:
    drawn, strips = [], {}
    words = known(["id", "yes"])

    def write(target: Any, state: str, figures: tuple[float, float], kept: Any) -> None:
        with Book(target, plain_formulas=True, known=words) as book:
            sheet, bold = book.sheet("s"), book.format(bold=True)
            sheet.text(0, 0, f"own {figures}")

            def draw() -> None:
                drawn.append(state)
                sheet.text(1, 1, "id", bold)
                sheet.number(1, 2, figures[0], bold)
                sheet.formula(1, 3, "C2*2", figures[1])
                sheet.formula(1, 4, 'IF(A1="","",A1)', state)
                sheet.number(1, 5, 7)

            sheet.row_like(1, state, kept, draw, [(2, figures[0]), (3, figures[1])])
            sheet.row(1, 7, ["beside", 1.5])
            sheet.row_like(3, (), kept, lambda: sheet.text(3, 0, "yes"))

    for state, figures in [("a", (0.1, 1 / 3)), ("a", (1e-9, 2.0)), ("b", (0.1, 0.2)), ("a", (12345.678, -0.0))]:
        hold(lambda target, s=state, f=figures: write(target, s, f, strips))
    fast = {"a": 1, "b": 1}
    slow = {"a": 3, "b": 1}
    assert {s: drawn.count(s) for s in "ab"} == {s: fast[s] + slow[s] for s in "ab"}


def test_rows_and_parts_that_workbooks_have_alike() -> None:
    """Written once and kept, or written anew in each: the parts are the same, whatever the workbook had before."""
    strips: Any = {}
    plates: Any = {}
    drawn: list[Any] = []
    words, kit = known(["head", "yes", "no"]), font_kit("Arial")
    look, bold, italic = kit.format(bold=True), kit.condition(bold=True), kit.condition(italic=True)

    def write(target: Any, keys: Any, figures: Any, first: int) -> None:
        with Book(target, kit=kit, plain_formulas=True, known=words) as book:
            sheet = book.sheet("s")
            if first:
                sheet.coloured(0, 5, 3, 5, {"type": "no_blanks", "format": bold})

            def head() -> None:
                drawn.append("head")
                sheet.widths([3.0, 20.0, 5.5])
                sheet.merged(1, 0, 1, 3, "head", look)
                sheet.merged(2, 1, 3, 1, "")
                sheet.height(1, 30)
                sheet.height(4, 12)
                rule = {"type": "cell", "criteria": "==", "value": '"yes"', "format": italic}
                sheet.coloured(5, 0, 7, 0, rule)
                sheet.coloured(5, 0, 7, 0, {**rule, "value": '"no"'})

            def row(n: int) -> None:
                key = keys[n - 5]
                drawn.append((n, key))
                sheet.text(n, 0, key or f"own {figures}")
                sheet.formula(n, 2, "A1*2", figures[n - 5][0][1])
                sheet.number(n, 3, 7, look)

            sheet.part_like("head", plates, head)
            sheet.rows_like(5, keys, strips, row, figures)
            sheet.text(9, 0, "below")

    def shown(*numbers: float) -> list[list[tuple[int, float]]]:
        return [[(2, number)] for number in numbers]

    cases = [
        (["yes", "no", "yes"], shown(0.1, 1 / 3, 0.0), 0),
        (["yes", "no", "yes"], shown(1e-9, 2.0, -0.0), 1),
        (["no", None, "yes"], shown(0.1, 0.2, 0.30000000000000004), 0),
        ([], [], 1),
    ]
    for case in cases:
        hold(lambda target, case=case: write(target, *case))
    fast = drawn.copy()
    for case in cases:
        write(BytesIO(), *case)
    assert drawn[len(fast) :] == [(6, None)]  # all else is known by now
    with Book(BytesIO()) as book, pytest.raises(ValueError, match="known"):
        book.sheet("s").part_like((), {}, lambda: book.raw.worksheets()[0].write_string(0, 0, "a name"))


def test_a_row_to_be_kept_must_hold_no_text_of_its_own_workbook() -> None:
    with Book(BytesIO(), known=known(["id"])) as book:
        sheet = book.sheet("s")
        with pytest.raises(ValueError, match="known"):
            sheet.row_like(0, (), {}, lambda: sheet.row(0, 0, ["id", "a name"]))


def test_every_open_figure_needs_a_cell() -> None:
    with Book(BytesIO()) as book:
        sheet = book.sheet("s")
        with pytest.raises(ValueError, match="cell"):
            sheet.row_like(0, (), {}, lambda: sheet.row(0, 0, [1.5]), [(0, 1.5), (4, 2.5)])


def test_widths_and_columns_set_otherwise() -> None:
    def write(target: Any) -> None:
        with Book(target) as book:
            for widths in ([8.0], [0.5, 3.25, 3.25, 60], [3.0] * 5):
                sheet = book.sheet(f"s{len(widths)}")
                sheet.widths(widths)
                sheet.text(0, 0, "a")
            sheet.raw.set_column(1, 2, 20, None, {"hidden": True})
            sheet.raw.set_column(7, 7, 9, book.format(bold=True))

    hold(write)


def test_conditional_formats_of_the_kit_and_of_the_workbook() -> None:
    kit = font_kit("Calibri")
    kit.format(bold=True)
    good = kit.condition(font_color="#00FF00")

    def write(target: Any) -> None:
        with Book(target, kit=kit) as book:
            sheet = book.sheet("s")
            sheet.coloured(0, 0, 1, 1, {"type": "cell", "criteria": "==", "value": 1, "format": good})
            bad = book.condition(font_color="#FF0000")
            sheet.coloured(0, 0, 1, 1, {"type": "cell", "criteria": "==", "value": 2, "format": bad})

    hold(write)
    stream = BytesIO()
    write(stream)
    rules = [rule for area in openpyxl.load_workbook(stream)["s"].conditional_formatting for rule in area.rules]
    assert [rule.dxf.font.color.rgb for rule in rules] == ["FF00FF00", "FFFF0000"]


def long_table(target: Any) -> None:
    with Book(target) as book:
        looks = [book.format(bold=True), None, book.format(num_format="0.0")]
        sheet = book.sheet("s")
        sheet.widths([10, 20])
        sheet.text(0, 0, "a title")
        for row in range(2, 5000):
            sheet.row(row, row % 3, [f"text {row % 700}", row / 7, None], looks)
            if row % 5 == 0:
                sheet.height(row, 30)
            if row % 50 == 0:
                sheet.link(row, 0, f"external:folder/{row}.xlsx", f"link {row}", looks[0])
        sheet.raw.autofilter(1, 0, 4999, 4)


def test_long_tables_are_sealed_as_they_grow() -> None:
    hold(long_table)


def test_what_is_sealed_takes_no_more_cells() -> None:
    with Book(BytesIO()) as book:
        sheet = book.sheet("s")
        for row in range(2 * sheets.KEPT_ROWS):
            sheet.row(row, 0, ["a"])
        assert 0 < sheet.raw.sealed_rows <= 2 * sheets.KEPT_ROWS
        assert len(sheet.raw.table) <= sheets.KEPT_ROWS + 1
        for write in (lambda: sheet.text(0, 0, "too late"), lambda: sheet.height(0, 20), lambda: sheet.row(0, 0, [1])):
            with pytest.raises(RuntimeError, match="not written"):
                write()


def charted(target: Any) -> None:
    with Book(target) as book:
        sheet = book.sheet("s")
        for row in range(2 * sheets.KEPT_ROWS):
            sheet.row(row, 0, [row])
        chart = book.chart("column")
        chart.add_series({"values": ["s", 0, 0, 9, 0]})
        sheet.place(0, 3, chart)


def test_a_chart_cannot_show_sealed_rows() -> None:
    with pytest.raises(ValueError, match="long table"):
        charted(BytesIO())


def test_charts_drawn_once_show_each_workbooks_own_values() -> None:
    drawn = []

    def write(target: Any, values: list[Any]) -> None:
        with Book(target) as book:
            sheet = book.sheet("s")
            sheet.row(0, 0, ["a", "b & c", "7"])
            sheet.row(1, 0, values)

            def draw() -> Any:
                drawn.append(values)
                chart = book.chart("bar")
                chart.add_series({"values": ["s", 1, 0, 1, 2], "categories": ["s", 0, 0, 0, 2], "name": "n"})
                return chart

            for row in (5, 25):
                sheet.place(row, 0, book.chart_like("a chart of this test", draw))

    for values in ([1, 2.5, 3], [None, "words", 0.125], ["", 1e-7, 10**12]):
        drawn.clear()
        hold(lambda target, values=values: write(target, values))
        slow = 2
        assert len(drawn) <= slow + 1
    assert len(drawn) == slow


def test_a_text_that_looks_like_rich_text_stays_a_text() -> None:
    """Plain XlsxWriter would take it for markup of its own and let it through."""
    stream = BytesIO()
    words = "<r><t>not markup</t></r>"
    with Book(stream) as book:
        book.sheet("s").text(0, 0, words)
    assert b"<r>" not in parts_of(stream.getvalue())["xl/sharedStrings.xml"]
    assert openpyxl.load_workbook(stream)["s"]["A1"].value == words


def test_overlapping_merges_are_refused() -> None:
    with Book(BytesIO()) as book:
        sheet = book.sheet("s")
        sheet.merged(0, 0, 2, 2, "a")
        with pytest.raises(ValueError, match="overlap"):
            sheet.merged(2, 2, 3, 3, "b")


def test_a_workbook_does_not_depend_on_those_before_it() -> None:
    kit = font_kit("Calibri")
    kit.format(bold=True)

    def write(extra: bool) -> bytes:
        stream = BytesIO()
        with Book(stream, kit=kit) as book:
            sheet = book.sheet("s")
            sheet.text(0, 0, "a", book.format(bold=True))
            if extra:
                sheet.text(0, 1, "b", book.format(italic=True))
                sheet.link(0, 2, "https://example.org", "c")
                sheet.coloured(0, 0, 1, 1, {"type": "blanks", "format": book.condition(bold=True)})
        return stream.getvalue()

    plain, rich = write(False), write(True)
    assert (write(False), write(True), write(False)) == (plain, rich, plain)
    assert parts_of(plain)["xl/styles.xml"] != parts_of(rich)["xl/styles.xml"]


def test_a_format_is_numbered_when_it_is_made() -> None:
    kit = Kit({"font_name": "Calibri"})
    first, second = kit.format(bold=True), kit.format(italic=True)
    assert (first.xf_index, second.xf_index) == (1, 2)
    assert kit.format(bold=True) is first
