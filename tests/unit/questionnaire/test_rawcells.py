"""The scan of a sheet's raw XML: where formulas and errors are, and how far the cells reach."""

from __future__ import annotations

import io
import re
import time
import zipfile

import pytest

from evaluator.questionnaire import rawcells
from evaluator.questionnaire.rawcells import Scan, cell_name, scan, sheet_parts
from tests import forms
from tests.forms import worksheet

OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def scanned(rows: str) -> Scan:
    return scan(worksheet(rows).encode())


@pytest.mark.parametrize(
    ("name", "row", "column"),
    [("A1", 1, 1), ("Z9", 9, 26), ("AA10", 10, 27), ("AZ1", 1, 52), ("XFD1048576", 1048576, 16384)],
)
def test_cells_are_named_as_spreadsheets_do(name: str, row: int, column: int) -> None:
    assert cell_name(row, column) == name
    assert rawcells._column_number(re.sub(r"\d", "", name)) == column


@pytest.mark.parametrize(
    ("rows", "special", "size"),
    [
        ("", {}, (0, 0)),
        ('<row r="1"><c r="A1"><v>1</v></c></row>', {}, (1, 1)),
        ('<row r="7"><c r="C7" t="s"><v>0</v></c></row>', {}, (7, 3)),
        # formulas: with a cached text, number or nothing; shared ones; array ones
        ('<row r="5"><c r="F5" t="str"><f>A1</f><v>x</v></c></row>', {"F5": "formula"}, (5, 6)),
        ('<row r="5"><c r="F5"><f>1+1</f></c></row>', {"F5": "formula"}, (5, 6)),
        ('<row r="5"><c r="F5"><f t="shared" si="0"/><v>1</v></c></row>', {"F5": "formula"}, (5, 6)),
        ('<row r="5"><c r="F5" cm="1"><f t="array" ref="F5">x</f><v>1</v></c></row>', {"F5": "formula"}, (5, 6)),
        ('<row r="5"><c r="F5" t="e"><f>1/0</f><v>#DIV/0!</v></c></row>', {"F5": "formula"}, (5, 6)),
        # errors typed or pasted as values
        ('<row r="5"><c r="F5" t="e"><v>#N/A</v></c></row>', {"F5": "error"}, (5, 6)),
        ('<row r="5"><c t="e" s="2" r="F5"><v>#N/A</v></c></row>', {"F5": "error"}, (5, 6)),
        # cells that hold only a format reach nowhere
        ('<row r="9"><c r="ZZ9" s="3"/><c r="A9"><v>1</v></c></row>', {}, (9, 1)),
        ('<row r="9"><c r="ZZ9" s="3"></c></row>', {}, (0, 0)),
        ('<row r="9"/><row r="10"><c r="A10" s="1"/></row>', {}, (0, 0)),
        # cells and rows that don't say where they are
        (
            "<row><c><v>1</v></c><c><f>1</f></c></row><row><c/><c t='e'><v>#N/A</v></c></row>",
            {"B1": "formula", "B2": "error"},
            (2, 2),
        ),
        ('<row r="4"><c><v>1</v></c></row><row><c r="C5"><v>1</v></c><c><f>1</f></c></row>', {"D5": "formula"}, (5, 4)),
        # a cell's own reference holds, whatever its row says
        ('<row r="1"><c r="B9"><f>1</f></c></row>', {"B9": "formula"}, (9, 2)),
        ('<row r="1"><c r="b9"><f>1</f></c></row>', {"B9": "formula"}, (9, 2)),
        # texts that look like markup
        ('<row r="1"><c r="A1" t="inlineStr"><is><t>&lt;f&gt; &lt;c r="Z9"&gt;</t></is></c></row>', {}, (1, 1)),
        ('<row r="1"><c r="A1" t="inlineStr"><is><r><rPr><b/></rPr><t>a</t></r></is></c></row>', {}, (1, 1)),
    ],
)
def test_the_scan_finds_formulas_errors_and_size_in_plain_and_in_odd_xml(
    rows: str, special: dict[str, str], size: tuple[int, int]
) -> None:
    plain = worksheet(rows)
    variants = {
        "plain": plain,
        "comment": plain.replace("<sheetData>", "<!-- a comment --><sheetData>"),
        "prefixed": re.sub(r"<(/?)([a-zA-Z])", r"<\1x:\2", plain).replace("xmlns=", "xmlns:x="),
        "single quotes": plain.replace('"', "'") if "'" not in plain else plain,
        "utf-16": plain.replace('version="1.0"', 'version="1.0" encoding="utf-16"'),
        "tabs": plain.replace("<c ", "<c\t"),
        "tabs and single quotes": plain.replace("<c ", "<c\t").replace('"', "'"),
        "lines": plain.replace("<c ", "<c\n  "),
        "columns": plain.replace("<sheetData>", '<cols><col min="1" max="3"/></cols><sheetData>'),
    }
    for name, xml in variants.items():
        found = scan(xml.encode("utf-16" if name == "utf-16" else "utf-8"))
        assert (dict(found.special), (found.rows, found.columns)) == (special, size), name


@pytest.mark.parametrize(
    "rows",
    [
        '<row r="1"><c r="A1"><v>1</v></row>',
        "<row><c>",
        '<row r="1"><c r="A99999999"><v>1</v></c></row>',
        '<row r="1"><c r="AAAA1"><v>1</v></c></row>',
        '<row r="1"><c r="$A$1"><v>1</v></c></row>',
        '<row r="1"><c r="1A"><v>1</v></c></row>',
        '<row r="x"><c><v>1</v></c></row>',
    ],
)
def test_what_is_not_well_formed_or_no_spreadsheet_program_writes_is_refused(rows: str) -> None:
    with pytest.raises((SyntaxError, ValueError)):
        scanned(rows)


def test_a_document_type_is_refused() -> None:
    with pytest.raises(ValueError, match="DTD"):
        scan(b'<!DOCTYPE x [<!ENTITY a "b">]>' + worksheet("").removeprefix('<?xml version="1.0"?>').encode())


@pytest.mark.parametrize(
    "rows",
    [
        '<row r="1"><c r="XFD1048576"><v>1</v></c></row>',
        '<row r="1"><!-- --><c r="XFD1048576"><v>1</v></c></row>',
        '<row r="1"><c r="xfd1048576"><v>1</v></c></row>',
        "<row r='1'><c\tr='XFD1048576'><v>1</v></c></row>",
        '<row r="1"><c r="A1"><v>1</v></c><x:c xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"\tr="XFD1048576"><v>1</v></x:c></row>',
        '<row r="1"><c r="A1"><v>1</v></c><!-- --><a><c r="XFD1048576"><v>1</v></c></a></row>',
    ],
)
def test_a_far_cell_is_found_wherever_it_hides(rows: str) -> None:
    """The reader allocates the whole box and ends the process where it can't, so none may slip through."""
    found = scanned(rows)
    assert (found.rows, found.columns) == (1048576, 16384)


@pytest.mark.parametrize(
    "xml", ["<c>" * 300_000, "</c>" + '<c r="A1">' * 300_000, "<c " * 300_000, '<c r="A1"' + ' a="b"' * 300_000]
)
def test_broken_xml_takes_no_longer_the_more_there_is_of_it(xml: str) -> None:
    began = time.perf_counter()
    with pytest.raises(SyntaxError):
        scanned(xml)
    assert time.perf_counter() - began < 4


@pytest.mark.parametrize("mark", ["", "<!-- parsed -->"])
def test_every_cell_that_one_formula_fills_is_a_formula(mark: str) -> None:
    first = '<row r="5"><c r="F5" t="str"><f t="array" ref="F5:F6">x</f><v>a</v></c></row>'
    second = '<row r="6"><c r="F6" t="str"><v>b</v></c></row>'
    found = scanned(mark + first + second)
    assert [found.kind_of(row, 6) for row in (4, 5, 6, 7)] == [None, "formula", "formula", None]
    assert found.kind_of(5, 7) is None


def test_a_shared_formulas_range_is_not_all_formulas() -> None:
    found = scanned('<row r="5"><c r="F5"><f t="shared" ref="F5:F9" si="0">A1</f><v>1</v></c></row>')
    assert (found.kind_of(5, 6), found.kind_of(6, 6)) == ("formula", None)


@pytest.mark.parametrize(
    ("xml", "found"),
    [
        ("<sst><si><t>ab</t></si><si><t>c</t></si></sst>", (18, 0)),
        ('<sst count="99999999" uniqueCount="1"><si><t>a</t></si></sst>', (50, 0)),
        ('<sst uniqueCount="99999999"><si/></sst>', (39, 99999999)),
    ],
)
def test_shared_texts_are_measured_and_a_claim_beyond_all_reason_is_noticed(xml: str, found: tuple[int, int]) -> None:
    with zipfile.ZipFile(io.BytesIO(forms.archive({"xl/sharedStrings.xml": xml}))) as archive:
        assert rawcells.shared_texts(archive) == found


def parts_of(data: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return sheet_parts(archive)


def test_the_sheets_of_a_form_are_found_in_their_parts() -> None:
    assert parts_of(forms.blank()) == {
        "填写说明": "xl/worksheets/sheet1.xml",
        "机构信息": "xl/worksheets/sheet2.xml",
        "自评问卷": "xl/worksheets/sheet3.xml",
        "_lists": "xl/worksheets/sheet4.xml",
        "_preview": "xl/worksheets/sheet5.xml",
        "_meta": "xl/worksheets/sheet6.xml",
    }


def relations(*pairs: tuple[str, str], kind: str = "worksheet") -> str:
    entries = "".join(f'<Relationship Id="{key}" Type="{OFFICE}/{kind}" Target="{target}"/>' for key, target in pairs)
    return (
        f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{entries}</Relationships>'
    )


def sheets(*pairs: tuple[str, str]) -> str:
    entries = "".join(f'<sheet name="{name}" sheetId="{n}" r:id="{key}"/>' for n, (name, key) in enumerate(pairs, 1))
    return f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{entries}</sheets></workbook>'


@pytest.mark.parametrize(
    "target", ["worksheets/sheet1.xml", "/xl/worksheets/sheet1.xml", "./worksheets/../worksheets/sheet1.xml"]
)
def test_targets_are_found_however_they_are_written(target: str) -> None:
    assert parts_of(forms.minimal(worksheet(""), relations=relations(("r1", target)))) == {
        "S": "xl/worksheets/sheet1.xml"
    }


def test_sheets_that_are_no_worksheets_are_left_out() -> None:
    data = forms.minimal(worksheet(""), relations=relations(("r1", "chartsheets/sheet1.xml"), kind="chartsheet"))
    assert parts_of(data) == {}


@pytest.mark.parametrize(
    ("workbook_xml", "rels"),
    [
        (sheets(("S", "r1"), ("S", "r2")), relations(("r1", "worksheets/sheet1.xml"), ("r2", "worksheets/sheet2.xml"))),
        (sheets(("S", "r1")), relations(("r1", "worksheets/sheet1.xml"), ("r1", "worksheets/sheet2.xml"))),
        ("<workbook", ""),
        ("", "<Relationships"),
        ("<!DOCTYPE a><workbook/>", ""),
    ],
)
def test_a_list_of_sheets_that_can_be_read_in_two_ways_or_in_none_is_refused(workbook_xml: str, rels: str) -> None:
    with pytest.raises((SyntaxError, ValueError)):
        parts_of(forms.minimal(worksheet(""), workbook_xml=workbook_xml, relations=rels))
