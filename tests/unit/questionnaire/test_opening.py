"""What cells hold: blank, text, number, formula and error told apart, whatever way the XML is written."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest

from evaluator.limits import DEFAULT
from evaluator.questionnaire.opening import Opened, Unread, open_sheets
from tests import forms
from tests.forms import worksheet
from tests.hostile.builders import MAIN, parts_of

STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
TEXTS = (
    "<si><t>plain</t></si><si><r><t>ri</t></r><r><t>ch</t></r></si>"
    '<si><t>漢字</t><rPh sb="0" eb="2"><t>かんじ</t></rPh></si><si/><si><t xml:space="preserve"> a_x003D_b </t></si>'
)
STYLES = (
    f'<styleSheet xmlns="{MAIN}"><numFmts><numFmt numFmtId="164" formatCode="yyyy&quot;年&quot;m&quot;月&quot;"/>'
    '<numFmt numFmtId="165" formatCode="0.00&quot;days&quot;"/><numFmt numFmtId="166" formatCode="[h]:mm"/>'
    '<numFmt numFmtId="167" formatCode="[Red]General;[DBNum1]0"/></numFmts>'
    '<cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs>'
    + "".join(f'<xf numFmtId="{number}"/>' for number in (0, 14, 164, 165, 166, 167, 22, 9))
    + "</cellXfs></styleSheet>"
)


def variants(rows: str) -> dict[str, bytes]:
    """The same sheet as different programs would write it."""
    plain = worksheet(rows)
    return {
        name: xml.encode()
        for name, xml in {
            "plain": plain,
            "comment": plain.replace("<sheetData>", "<!-- a comment --><sheetData>"),
            "prefixed": re.sub(r"<(/?)([a-zA-Z])", r"<\1x:\2", plain).replace("xmlns=", "xmlns:x="),
            "strict": plain.replace(MAIN, STRICT),
            "single quotes": plain.replace('"', "'") if "'" not in plain else plain,
            "tabs": plain.replace("<c ", "<c\t"),
            "lines": re.sub(r"(<row|<c |</row>)", r"\n\1", plain),
            "byte order mark": "\ufeff" + plain,
            "false dimension": plain.replace("<sheetData>", '<dimension ref="A1"/><sheetData>'),
        }.items()
    }


def opened(xml: bytes) -> Opened | Unread:
    parts = parts_of(forms.minimal("x"))
    parts["xl/worksheets/sheet1.xml"] = xml
    parts["xl/sharedStrings.xml"] = f'<sst xmlns="{MAIN}">{TEXTS}</sst>'.encode()
    parts["xl/styles.xml"] = STYLES.encode()
    return open_sheets(parts)


def row(cells: str) -> str:
    return f'<row r="1">{cells}</row>'


@pytest.mark.parametrize(
    ("cell", "value", "kind"),
    [
        ('<c r="A1" t="s"><v>0</v></c>', "plain", None),
        ('<c r="A1" t="s"><v>1</v></c>', "rich", None),
        ('<c r="A1" t="s"><v>2</v></c>', "漢字", None),
        ('<c r="A1" t="s"><v>4</v></c>', " a=b ", None),
        ('<c r="A1"><v>4</v></c>', 4.0, None),
        ('<c r="A1" t="n"><v> 4e1 </v></c>', 40.0, None),
        ('<c r="A1" t="b"><v>1</v></c>', True, None),
        ('<c r="A1" t="b"><v>0</v></c>', False, None),
        ('<c r="A1" t="str"><v>a&amp;b</v></c>', "a&b", None),
        ('<c r="A1" t="str"><v>_x005F_x003D_</v></c>', "_x003D_", None),
        ('<c r="A1" t="inlineStr"><is><t>in</t></is></c>', "in", None),
        ('<c r="A1" t="inlineStr"><is><r><rPr><b/></rPr><t>in</t></r><r><t>line</t></r></is></c>', "inline", None),
        ('<c r="A1" t="inlineStr"><is><t>漢</t><rPh sb="0" eb="1"><t>かん</t></rPh></is></c>', "漢", None),
        ('<c r="A1" t="d"><v>2025-06-30</v></c>', date(2025, 6, 30), None),
        ('<c r="A1" t="d"><v>2025-06-30T08:30:00Z</v></c>', datetime(2025, 6, 30, 8, 30), None),  # noqa: DTZ001
        ('<c r="A1" s="1"><v>45838</v></c>', date(2025, 6, 30), None),
        ('<c r="A1" s="2"><v>1</v></c>', date(1900, 1, 1), None),
        ('<c r="A1" s="6"><v>45838.5</v></c>', datetime(2025, 6, 30, 12), None),  # noqa: DTZ001
        ('<c r="A1" s="1"><v>0.25</v></c>', time(6), None),
        ('<c r="A1" s="4"><v>1.5</v></c>', timedelta(hours=36), None),
        ('<c r="A1" s="3"><v>45838</v></c>', 45838.0, None),
        ('<c r="A1" s="5"><v>45838</v></c>', 45838.0, None),
        ('<c r="A1" s="7"><v>0.8</v></c>', 0.8, None),
        # formulas, with and without what they came to; errors, old and new
        ('<c r="A1"><f>1+1</f><v>2</v></c>', 2.0, "formula"),
        ('<c r="A1"><f>1+1</f></c>', "", "formula"),
        ('<c r="A1" t="str"><f>B1</f><v></v></c>', "", "formula"),
        ('<c r="A1"><f/></c>', "", "formula"),
        ('<c r="A1"><f t="shared" si="0"/><v>1</v></c>', 1.0, "formula"),
        ('<c r="A1" cm="1"><f t="array" ref="A1">x</f><v>1</v></c>', 1.0, "formula"),
        ('<c r="A1" t="e"><f>1/0</f><v>#DIV/0!</v></c>', "", "formula"),
        ('<c r="A1" t="e"><v>#N/A</v></c>', "", "error"),
        ('<c r="A1" t="e" s="1"><v>#SPILL!</v></c>', "", "error"),
        ('<c r="A1" t="e"><v>#CALC!</v></c>', "", "error"),
        # markup in texts, and inside cells
        ('<c r="A1" t="str"><v>&lt;c r=B1&gt;&lt;f&gt;</v></c>', "<c r=B1><f>", None),
        ('<c r="A1" t="str"><v><![CDATA[<1>&amp;]]></v></c>', "<1>&amp;", None),
        ('<c r="A1" t="str"><v>a<!-- no -->b<?no no?>c</v></c>', "abc", None),
        ('<c r="A1" t="inlineStr"><is><t/></is><extLst><ext><t>no</t></ext></extLst></c>', "", None),
        ('<c r="A1" t="z"><v>?</v></c>', "?", None),
    ],
)
def test_a_cells_value_and_kind_are_the_same_in_plain_and_in_odd_xml(
    cell: str, value: object, kind: str | None
) -> None:
    for name, xml in variants(row(cell + '<c r="B1"><v>9</v></c>')).items():
        found = opened(xml)
        assert isinstance(found, Opened), (name, found)
        assert list(found.sheets["S"][0]) == [value, 9.0], name
        assert type(found.sheets["S"][0][0]) is type(value), name
        assert found.scans["S"].kind_of(1, 1) == kind, name


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ("", []),
        (row('<c r="A1" s="1"/><c r="ZZ1"></c>'), []),
        (row('<c r="C1"><v>1</v></c>'), [["", "", 1.0]]),
        ('<row r="3"><c r="A3"><v>1</v></c></row>', [[], [], [1.0]]),
        # cells and rows that don't say where they are
        ("<row><c><v>1</v></c><c/><c><v>2</v></c></row><row><c><v>3</v></c></row>", [[1.0, "", 2.0], [3.0]]),
        ('<row r="2"><c r="B2"><v>1</v></c><c><v>2</v></c></row><row><c><v>3</v></c></row>',
         [[], ["", 1.0, 2.0], [3.0]]),
        # a cell's own reference holds, whatever its row says, in any order
        (row('<c r="b2"><v>1</v></c>'), [[], ["", 1.0]]),
        ('<row r="2"><c r="B2"><v>2</v></c><c r="A2"><v>1</v></c></row><row r="1"><c r="A1"><v>0</v></c></row>',
         [[0.0], [1.0, 2.0]]),
        (row('<c r="A1"><v>1</v></c><c r="A1"><v>1</v></c>'), [[1.0]]),
        (row('<c r="A1" t="s"><v>3</v></c><c r="A1"><v>1</v></c>'), [[1.0]]),
    ],
)  # fmt: skip
def test_cells_are_put_where_they_belong(rows: str, expected: list[list[object]]) -> None:
    for name, xml in variants(rows).items():
        found = opened(xml)
        assert isinstance(found, Opened), (name, found)
        assert [list(cells) for cells in found.sheets["S"]] == expected, name


def test_values_under_a_merged_range_are_kept() -> None:
    xml = worksheet(row('<c r="A1"><v>1</v></c><c r="B1"><v>2</v></c>')).replace(
        "</sheetData>", '</sheetData><mergeCells count="1"><mergeCell ref="A1:B1"/></mergeCells>'
    )
    found = opened(xml.encode())
    assert isinstance(found, Opened)
    assert [list(cells) for cells in found.sheets["S"]] == [[1.0, 2.0]]


def test_every_cell_that_one_formula_fills_is_a_formula() -> None:
    first = '<row r="5"><c r="F5" t="str"><f t="array" ref="F5:F6">x</f><v>a</v></c></row>'
    for xml in variants(first + '<row r="6"><c r="F6" t="str"><v>b</v></c></row>').values():
        found = opened(xml)
        assert isinstance(found, Opened)
        scan = found.scans["S"]
        assert [scan.kind_of(number, 6) for number in (4, 5, 6, 7)] == [None, "formula", "formula", None]


@pytest.mark.parametrize(
    "rows",
    [
        '<row r="1"><c r="A1"><v>1</v></row>',
        "<row><c>",
        row('<c r="A99999999"><v>1</v></c>'),
        row('<c r="AAAA1"><v>1</v></c>'),
        row('<c r="$A$1"><v>1</v></c>'),
        row('<c r="1A"><v>1</v></c>'),
        '<row r="x"><c><v>1</v></c></row>',
        '<row r="0"><c r="A0"><v>1</v></c></row>',
        row('<c r="A1" t="s"><v>5</v></c>'),
        row('<c r="A1" t="s"><v>x</v></c>'),
        row('<c r="A1"><v>1</v></c><c r="A1"><v>2</v></c>'),
        row('<c r="A1"><f>1</f><v>1</v></c><c r="A1"><v>1</v></c>'),
    ],
)
def test_what_no_spreadsheet_program_writes_is_unreadable(rows: str) -> None:
    for name, xml in variants(rows).items():
        found = opened(xml)
        assert isinstance(found, Unread), name
        assert found.code == "file.unreadable", name


@pytest.mark.parametrize("column", ["F", "Z", "BL"])
@pytest.mark.parametrize("content", ["   ", "x"])
def test_one_stray_cell_far_below_does_not_hide_the_rest(column: str, content: str) -> None:
    far = f'<row r="1048576"><c r="{column}1048576" t="str"><v>{content}</v></c></row>'
    found = opened(worksheet(row('<c r="A1"><v>1</v></c>') + far).encode())
    assert isinstance(found, Opened)
    assert found.sheets["S"][0] == [1.0]
    assert found.sheets["S"][1_048_575][-1] == content


def test_blanks_in_the_farthest_corner_do_not_hide_the_rest() -> None:
    far = '<row r="1048576"><c r="XFD1048576" t="str"><v> </v></c></row>'
    assert isinstance(opened(worksheet(row('<c r="A1"><v>1</v></c>') + far).encode()), Opened)


def test_the_boxes_of_all_sheets_together_are_limited() -> None:
    parts = parts_of(forms.workbook(A=[["编号", "自评结果"], ["SS1-1", "x"]], B=[["x"] * 4]))
    tight = replace(DEFAULT, box=7, far_box=7)
    assert isinstance(open_sheets(parts, limits=replace(tight, box=8)), Opened)
    found = open_sheets(parts, limits=tight)
    assert isinstance(found, Unread)
    assert found.code == "file.bomb"
    assert "'A'" in str(found.params["why"])


@pytest.mark.parametrize(
    ("limit", "most"), [("sheets", 6), ("shared_texts", 500), ("merges", 20), ("texts", 20_000), ("depth", 9)]
)
def test_each_limit_holds(limit: str, most: int) -> None:
    parts = parts_of(forms.filled())
    assert isinstance(open_sheets(parts, limits=replace(DEFAULT, **{limit: most})), Opened)
    refused = open_sheets(parts, limits=replace(DEFAULT, **{limit: 1}))
    assert isinstance(refused, Unread) or limit == "merges"


def test_only_wanted_sheets_are_read() -> None:
    found = open_sheets(parts_of(forms.filled()), lambda name: name == "_meta")
    assert isinstance(found, Opened)
    assert list(found.sheets) == list(found.scans) == ["_meta"]


def test_days_count_from_1904_where_the_workbook_says_so() -> None:
    parts = parts_of(forms.minimal(worksheet(row('<c r="A1" s="1"><v>44376</v></c>'))))
    parts["xl/styles.xml"] = STYLES.encode()
    parts["xl/workbook.xml"] = parts["xl/workbook.xml"].replace(b"<sheets>", b'<workbookPr date1904="1"/><sheets>')
    found = open_sheets(parts)
    assert isinstance(found, Opened)
    assert found.sheets["S"][0] == [date(2025, 6, 30)]
