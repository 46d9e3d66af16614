"""The quick reader of sheets and the exact one find the same, and what other programs' readers find."""

from __future__ import annotations

import re
from datetime import date, datetime
from io import BytesIO
from xml.sax.saxutils import escape

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from evaluator.limits import DEFAULT
from evaluator.questionnaire import exactcells, rawcells
from evaluator.questionnaire.exactcells import Cell, Extras
from evaluator.questionnaire.opening import Opened, open_sheets
from evaluator.questionnaire.rawcells import NotPlain
from tests import forms
from tests.hostile.builders import MAIN, parts_of
from tests.hostile.test_fuzz import mutated

WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]) | st.sampled_from("\t\n_x&<>'\"=é完"), max_size=12
)
ESCAPES = st.sampled_from(["_x003D_", "_x005F_x003D_", "_x000D_", "_xD83D_", "&#10;", "&amp;amp;", "", " "])
HIDDEN = (
    *[""] * 6, ' hidden="1"', ' hidden="true" thickBot="1"', ' hidden="0"', ' hidden="false"', ' x:hidden="1"',
    ' collapsed="1" hidden="1"', ' hidden=" 1"',
)  # fmt: skip
NUMBERS = st.one_of(st.integers(-9, 10**12).map(str), st.floats(allow_nan=False).map(repr), st.just("1E+3"))


@st.composite
def cell_xml(draw: st.DrawFn, row: int, column: int) -> str:
    """One cell, mostly as the common programs write it."""
    reference = f' r="{rawcells.cell_name(row, column)}"' if draw(st.integers(0, 60)) else ""
    style = draw(st.sampled_from(["", ' s="0"', ' s="1"', ' s="12"']))
    formula = draw(
        st.sampled_from([""] * 5 + ["<f>A1&amp;B2</f>", '<f t="shared" si="0"/>', '<f ca="1">NOW()</f>', "<f/>"])
    )
    words = escape(draw(WORDS)) + draw(ESCAPES)
    kind, content = draw(
        st.sampled_from(
            [
                ("s", "<v>2</v>"),
                ("s", "<v>1</v>"),
                ("", "<v>0.5</v>"),
                ("", f"<v>{draw(NUMBERS)}</v>"),
                ("s", f"<v>{draw(st.integers(0, 3))}</v>"),
                ("str", f"<v>{words}</v>"),
                ("inlineStr", f'<is><t xml:space="preserve">{words}</t></is>'),
                ("inlineStr", f'<is><r><t>{words}</t></r><r><t>b</t></r><rPh sb="0" eb="1"><t>x</t></rPh></is>'),
                ("b", "<v>1</v>"),
                ("e", "<v>#SPILL!</v>"),
                ("d", "<v>2025-06-30</v>"),
                ("", "<v></v>"),
                ("", ""),
            ]
        )
    )
    start = f"<c{reference}{style}" + (f' t="{kind}"' if kind else "")
    if not formula and not content:
        return draw(st.sampled_from([f"{start}/>"] * 18 + [f"{start}></c>", f"{start} />"]))
    return f"{start}>{formula}{content}</c>"


@st.composite
def merges_xml(draw: st.DrawFn) -> str:
    """Merged ranges, mostly as the common programs write them."""
    one = st.builds(
        "{}{}:{}{}".format, *[st.sampled_from(["A", "F", "AZ"]), st.integers(1, 40)] * 2
    )  # fmt: skip
    odd = st.sampled_from(["F5", "f5:f7", "$F$5:$F$7", "F:F", "", "F5:F7 G5", "&#70;5:F7", "XFD1:ZZZ9999999"])
    ranges = draw(st.lists(st.one_of(one, one, one, odd), max_size=4))
    written = draw(
        st.sampled_from(['<mergeCell ref="{}"/>'] * 6 + ['<mergeCell ref="{}" />', "<x:mergeCell ref='{}'/>"])
    )
    merges = "".join(written.format(name) for name in ranges)
    return f'<mergeCells count="{len(ranges)}">{merges}</mergeCells>' if merges else ""


@st.composite
def sheet_xml(draw: st.DrawFn) -> str:
    """One sheet, mostly as the common programs write it."""
    rows: list[str] = []
    for number in sorted(draw(st.sets(st.integers(1, 40), max_size=5))):
        columns = sorted(draw(st.sets(st.integers(1, 30), max_size=5)))
        cells = "".join(draw(cell_xml(number, column)) for column in columns)
        attributes = draw(st.sampled_from(["", ' spans="1:9"', ' s="3" customFormat="1" ht="12.5"', ' x:dy="0.2"']))
        attributes += draw(st.sampled_from(HIDDEN))
        stated = f' r="{number}"' if draw(st.integers(0, 60)) else ""
        start = f"<row{stated}{attributes}"
        rows.append(f"{start}>{cells}</row>" if cells else f"{start}/>")
    between = draw(st.sampled_from([""] * 8 + ["\n", "<!-- -->", "\r\n  "]))
    xml = forms.worksheet(between.join(rows)).replace("<worksheet ", '<worksheet xmlns:x="urn:x" ')
    xml = xml.replace("</sheetData>", "</sheetData>" + draw(merges_xml()))
    return draw(st.sampled_from([*[xml] * 8, xml.replace("<c r", "<c  r"), xml.replace('"', "'")]))


def exact(xml: bytes) -> tuple[list[Cell], Extras]:
    extras = Extras()
    return [cell for some in exactcells.cells(xml, extras, DEFAULT) for cell in some], extras


def plain(cells: list[Cell]) -> list[tuple[str, str, str, str, bool, str]]:
    return [(*cell[:4], bool(cell[4]), cell[5]) for cell in cells]


def quick(xml: bytes) -> tuple[list[Cell], Extras] | None:
    extras = Extras()
    try:
        return [cell for some in rawcells.cells(xml, extras, DEFAULT) for cell in some], extras
    except NotPlain:
        return None


def agree(xml: bytes) -> bool:
    """Whether the quick reader takes a sheet; if so, both must find the same."""
    found = quick(xml)
    if found is None:
        return False
    expected = exact(xml)
    assert plain(found[0]) == plain(expected[0])
    assert found[1] == expected[1]
    return True


@settings(max_examples=400, deadline=None)
@given(sheet_xml())
def test_the_quick_reader_finds_what_the_exact_one_finds(xml: str) -> None:
    agree(xml.encode())


@pytest.mark.parametrize(
    ("rows", "hidden"),
    [
        ('<row r="2" hidden="1"><c r="A2"><v>1</v></c></row>', [2]),
        ('<row r="2" hidden="true">\n<c r="A2" s="1"/></row>', [2]),
        ('<row r="2" ht="0" hidden="1"/><row r="3"><c r="A3"><v>1</v></c></row>', []),
        ('<row r="2" hidden="0"><c r="A2"><v>1</v></c></row>', []),
        ('<row r="2" x:hidden="1"><c r="A2"><v>1</v></c></row>', []),
        ('<row r="2"><c r="A2" t="str"><v>row hidden="1"</v></c></row>', []),
        ('<row hidden="1" r="9"><c r="A9"><v>1</v></c></row><row r="10"><c r="A10"><v>1</v></c></row>', [9]),
    ],
)
def test_both_readers_tell_hidden_rows_that_have_cells(rows: str, hidden: list[int]) -> None:
    xml = forms.worksheet(rows).replace("<worksheet ", '<worksheet xmlns:x="urn:x" ').encode()
    found = quick(xml)
    assert found is not None
    assert found[1].hidden == hidden
    assert exact(xml)[1].hidden == hidden


def test_a_hidden_row_without_a_number_is_left_to_the_exact_reader() -> None:
    xml = forms.worksheet('<row><c r="A1"><v>1</v></c></row><row hidden="1"><c r="A2"><v>1</v></c></row>').encode()
    assert quick(xml) is None
    assert exact(xml)[1].hidden == [2]


def test_the_quick_reader_takes_the_sheets_of_a_form() -> None:
    """Else the tests here would compare nothing, and reading would be slow."""
    parts = parts_of(forms.filled())
    assert all(agree(content) for name, content in parts.items() if name.startswith("xl/worksheets/sheet"))
    texts = parts["xl/sharedStrings.xml"]
    assert rawcells.texts(texts, DEFAULT) == exactcells.texts(texts, DEFAULT)


@pytest.mark.parametrize("seed", range(0, 200, 20))
def test_the_readers_agree_about_damaged_sheets(seed: int) -> None:
    """What the quick one takes, the exact one takes, too, unless a tag's own spelling is wrong."""
    for number in range(seed, seed + 20):
        try:
            parts = parts_of(mutated(number))
        except Exception:  # noqa: S112 - the archive itself is damaged
            continue
        for name, content in parts.items():
            if name.startswith("xl/worksheets/sheet"):
                try:
                    expected = exact(content)
                except (SyntaxError, ValueError):
                    continue
                found = quick(content) if content else None
                assert found is None or plain(found[0]) == plain(expected[0]), f"seed {number}: {name}"


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.tuples(WORDS, ESCAPES, st.sampled_from(["", ' xml:space="preserve"', "rich", "phonetic"])), max_size=6)
)
def test_shared_texts_are_the_same_for_both_readers(items: list[tuple[str, str, str]]) -> None:
    written = "".join(
        f"<si><r><t>{escape(words)}</t></r><rPh sb='0' eb='1'><t>x</t></rPh></si>"
        if kind == "rich"
        else f'<si><t>{escape(words)}{more}</t><phoneticPr fontId="1" type="noConversion"/></si>'
        if kind == "phonetic"
        else f"<si><t{kind}>{escape(words)}{more}</t></si>"
        for words, more, kind in items
    )
    xml = f'<?xml version="1.0"?><sst xmlns="{MAIN}" count="9" uniqueCount="{len(items)}">{written}</sst>'.encode()
    try:
        found = rawcells.texts(xml, DEFAULT)
    except NotPlain:
        return
    assert found == exactcells.texts(xml, DEFAULT)


VALUES = st.one_of(
    st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20),
    st.integers(-(10**9), 10**9),
    st.floats(-1e9, 1e9).map(lambda number: round(number, 6)),
    st.booleans(),
    st.dates(min_value=date(1950, 1, 1)),
    st.datetimes(min_value=datetime(1950, 1, 1)).map(  # noqa: DTZ001 - no zone in a cell
        lambda at: at.replace(microsecond=0)
    ),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.none() | VALUES, max_size=5), max_size=5))
def test_other_readers_find_the_same_values(rows: list[list[object]]) -> None:
    """Two independent readers of what openpyxl wrote; a number is compared as a number, whatever its type."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append([value if not isinstance(value, str) else value.lstrip("=") or None for value in row])
    stream = BytesIO()
    book.save(stream)
    opened = open_sheets(parts_of(stream.getvalue()))
    assert isinstance(opened, Opened)
    (ours,) = opened.sheets.values()
    theirs = CalamineWorkbook.from_filelike(BytesIO(stream.getvalue())).get_sheet_by_index(0)
    found = [list(row) for row in ours]
    expected = [list(row) for row in theirs.to_python(skip_empty_area=False)]
    width = max((len(row) for row in expected), default=0)
    padded = [row + [""] * (width - len(row)) for row in found]
    assert [[_decoded(value) for value in row] for row in padded[: len(expected)]] == [
        [_decoded(value) for value in row] for row in expected
    ]


def _decoded(value: object) -> object:
    """Escapes in texts are tested elsewhere; readers differ in them."""
    return re.sub("_x[0-9A-Fa-f]{4}_", "", value) if isinstance(value, str) else value
