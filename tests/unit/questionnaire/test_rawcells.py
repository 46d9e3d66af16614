"""The quick reader: takes plain XML only, and is not slowed down by broken XML.

That it finds what the exact reader finds is held in `tests/property`.
"""

from __future__ import annotations

import re
import time

import pytest

from evaluator.limits import DEFAULT
from evaluator.questionnaire import exactcells, rawcells
from evaluator.questionnaire.exactcells import Extras, Refused, column_number
from evaluator.questionnaire.rawcells import NotPlain, cell_name
from tests.forms import worksheet
from tests.hostile.builders import MAIN


def taken(xml: str) -> bool:
    try:
        for _ in rawcells.cells(xml.encode(), Extras(), DEFAULT):
            pass
    except NotPlain:
        return False
    return True


@pytest.mark.parametrize(
    ("name", "row", "column"),
    [("A1", 1, 1), ("Z9", 9, 26), ("AA10", 10, 27), ("AZ1", 1, 52), ("XFD1048576", 1048576, 16384)],
)
def test_cells_are_named_as_spreadsheets_do(name: str, row: int, column: int) -> None:
    assert cell_name(row, column) == name
    assert column_number(re.sub(r"\d", "", name)) == column


PLAIN = '<row r="1" spans="1:9"><c r="A1" s="1" t="s"><v>0</v></c><c r="B1" s="2"/></row><row r="2"/>'


@pytest.mark.parametrize(
    "rows",
    [
        PLAIN,
        "",
        PLAIN.replace("<v>0</v>", "<f>A2&amp;B2</f><v>0</v>"),
        '<row r="1">\n<c r="A1" t="inlineStr"><is><t>完&#10;全</t></is></c>\n</row>\n',
    ],
)
def test_plain_xml_is_taken(rows: str) -> None:
    assert taken(worksheet(rows))


@pytest.mark.parametrize(
    "rows",
    [
        PLAIN.replace("<v>0</v>", "<v>0</v><extLst/>"),
        PLAIN.replace("<c r=", "<x:c r="),
        PLAIN.replace(' r="A1"', ""),
        PLAIN.replace('"A1"', "'A1'"),
        PLAIN.replace('"A1"', '"a1"'),
        PLAIN.replace("<v>0</v>", "<v>&x;</v>"),
        PLAIN.replace("<v>0</v>", "<v>\x01</v>"),
        PLAIN.replace("<v>0</v>", "<v>a]]&gt;</v>"),
        PLAIN.replace("<v>0</v>", '<f t="array" ref="A1:A9">x</f><v>0</v>'),
        PLAIN.replace("</row>", ""),
        PLAIN + "</row>",
        PLAIN + "<!-- -->",
        PLAIN + "<row>",
        PLAIN + '<c r="A9"><v>1</v></c>',
        PLAIN + "<sheetData></sheetData>",
        PLAIN.replace("<v>", "<v>\r\n"),
    ],
)
def test_anything_else_is_left_to_the_exact_reader(rows: str) -> None:
    assert not taken(worksheet(rows))


@pytest.mark.parametrize(
    "around", ["<!-- -->", "<?x ?>", "<x:sheetData xmlns:x='urn:x'/>", "<a b='" + "x" * 70_000 + "'/>"]
)
def test_what_stands_around_must_be_plain_too(around: str) -> None:
    assert not taken(worksheet(PLAIN).replace("<sheetData>", around + "<sheetData>"))


@pytest.mark.parametrize(
    ("merge", "is_taken"),
    [
        ('<mergeCell ref="F5:F7"/>', True),
        ('<mergeCell ref="F5:F7" />', True),
        ('<mergeCell ref="F5:F7"/><mergeCell ref="f9:f9"/>', False),
        ("<mergeCell ref='F5:F7'/>", False),
        ('<x:mergeCell xmlns:x="urn:x" ref="F5:F7"/>', False),
        ('<mergeCell ref="F5:F7" a=""/>', False),
        ('<mergeCell ref="&#70;5:F7"/>', False),
    ],
)
def test_merged_ranges_must_be_plain_too(merge: str, is_taken: bool) -> None:
    xml = worksheet(PLAIN).replace("</sheetData>", f"</sheetData><mergeCells>{merge}</mergeCells>")
    assert taken(xml) == is_taken
    extras = Extras()
    for _ in exactcells.cells(xml.encode(), extras, DEFAULT):
        pass
    assert extras.merged[0] == (5, 7, 6, 6)


def test_what_stands_around_must_be_well_formed() -> None:
    with pytest.raises(SyntaxError):
        taken(worksheet(PLAIN).replace("</worksheet>", ""))


@pytest.mark.parametrize(
    "xml",
    [
        "<c>" * 300_000,
        "</c>" + '<c r="A1">' * 300_000,
        "<c " * 300_000,
        '<c r="A1"' + ' a="b"' * 300_000,
        '<row r="1"' + ' a="b"' * 300_000,
        '<row r="1"/>' * 80_000,
        '<row r="1">' * 80_000,
        "<row>" + '<c r="A1"/>' * 90_000,
        "<row>" + '<c r="A1"><f t="shared"' + ' si="1"' * 100_000,
        '<row><c r="A1"><v>' + "&amp;" * 200_000,
    ],
)
def test_broken_xml_takes_no_longer_the_more_there_is_of_it(xml: str) -> None:
    began = time.perf_counter()
    taken(worksheet(xml))
    with pytest.raises((SyntaxError, ValueError)):
        for _ in exactcells.cells(worksheet(xml).encode() + b"<", Extras(), DEFAULT):
            pass
    assert time.perf_counter() - began < 4


@pytest.mark.parametrize("claim", ['count="4294967295"', 'uniqueCount="-1"', 'count="x"', 'uniqueCount="1e3"'])
def test_a_claim_of_too_many_shared_texts_is_refused_by_both_readers(claim: str) -> None:
    xml = f'<sst xmlns="{MAIN}" {claim}><si><t>a</t></si></sst>'.encode()
    for read in (rawcells.texts, exactcells.texts):
        with pytest.raises(Refused):
            read(xml, DEFAULT)


def test_a_wrong_but_harmless_count_of_shared_texts_is_of_no_concern() -> None:
    """Both readers count for themselves, and programs count in different ways."""
    xml = f'<sst xmlns="{MAIN}" count="7" uniqueCount="5"><si><t>a</t></si></sst>'.encode()
    assert rawcells.texts(xml, DEFAULT) == exactcells.texts(xml, DEFAULT) == ["a"]
