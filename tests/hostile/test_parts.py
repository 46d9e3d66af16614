"""Workbooks whose parts are made to harm, or that lie about themselves: each gives its finding, within seconds."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from evaluator.intake import archive
from evaluator.questionnaire.opening import Opened, Unread, open_sheets
from tests import forms
from tests.hostile import builders
from tests.hostile.builders import FAR, MEBI, shared_texts, sheet, with_sheets, with_xml
from tests.hostile.test_archives import code_of

PARTS = ("xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/worksheets/sheet1.xml", forms.QUESTIONNAIRE_PART,
         "xl/sharedStrings.xml", "xl/styles.xml", "docProps/app.xml", "[Content_Types].xml")  # fmt: skip
LONG = "x" * (2 * MEBI)


def cell(xml: str, row: int = 1) -> str:
    return f'<row r="{row}">{xml}</row>'


BOMBS: dict[str, Callable[[], bytes]] = {
    "comment of two megabytes": lambda: sheet("", before=f"<!--{LONG}-->"),
    "tag of two megabytes": lambda: sheet("", before=f'<sheetPr a="{LONG}"/>'),
    "tag of two megabytes with brackets": lambda: sheet("", before=f'<sheetPr a="{">" * len(LONG)}"/>'),
    "tag of a million attributes": lambda: sheet("", before=f"<sheetPr{' ' * len(LONG)}/>"),
    "marked section of two megabytes": lambda: sheet(cell(f'<c r="A1" t="str"><v><![CDATA[{LONG}]]></v></c>')),
    "instruction of two megabytes": lambda: sheet("", before=f"<?x {LONG}?>"),
    "unfinished comment of two megabytes": lambda: sheet("", before=f"<!--{LONG}"),
    "shared texts claim four billion": lambda: shared_texts('uniqueCount="4294967295"'),
    "shared texts claim a million and one": lambda: shared_texts('count="1000001"'),
    "shared texts claim a negative number": lambda: shared_texts('uniqueCount="-5"'),
    "shared texts claim no number": lambda: shared_texts('count="many"'),
    "shared texts claim a fraction": lambda: shared_texts('count="1.5"'),
    "too many shared texts": lambda: shared_texts("", "<si/>" * 1_000_001),
    "one long text in many cells": lambda: shared_texts("", f"<si><t>{LONG}</t></si>", cells=200),
    "opposite corners": lambda: sheet(cell('<c r="A1"><v>1</v></c>') + cell(FAR, 1_048_576)),
    "opposite corners, oddly written": lambda: sheet("<!-- -->" + cell('<c r="A1"><v>1</v></c>') + cell(FAR, 9)),
    "row beyond the last": lambda: sheet(cell("<c><v>1</v></c>", 1_048_577)),
    "column beyond the last": lambda: sheet(cell('<c r="XFE1"><v>1</v></c>')),
    "wide rows all the way down": lambda: sheet(
        "".join(f'<row r="{n}"><c r="ALL{n}"><v>1</v></c></row>' for n in range(1, 5000))
    ),
    "nine million empty cells that say nothing": lambda: sheet(cell("<c/>" * 9_000_000)),
    "thirty thousand merged ranges": lambda: sheet(
        "", after="<mergeCells>" + '<mergeCell ref="A1:B2"/>' * 30_000 + "</mergeCells>"
    ),
    "thirty thousand merged ranges, oddly written": lambda: sheet(
        "", after="<mergeCells>" + "<mergeCell ref='A1:B2'/>" * 30_000 + "</mergeCells>"
    ),
    "three hundred sheets": lambda: with_sheets(300),
}

DAMAGED: dict[str, Callable[[], bytes]] = {
    "elements three hundred thousand deep": lambda: sheet(cell("<a>" * 300_000 + "</a>" * 300_000)),
    "shared texts a million deep": lambda: shared_texts("", "<si>" + "<r>" * 1_000_000),
    "workbook in UTF-16": lambda: forms.with_part(
        forms.filled(), "xl/workbook.xml", lambda xml: xml.decode().replace("UTF-8", "UTF-16").encode("utf-16")
    ),
    "sheet in UTF-16": lambda: forms.with_part(
        forms.filled(), forms.QUESTIONNAIRE_PART, lambda xml: xml.decode().replace("UTF-8", "UTF-16").encode("utf-16")
    ),
    "sheet in UTF-16 without a mark": lambda: forms.with_part(
        forms.filled(), forms.QUESTIONNAIRE_PART, lambda xml: xml.decode().encode("utf-16-le")
    ),
    "sheet in UTF-32": lambda: forms.with_part(
        forms.filled(), forms.QUESTIONNAIRE_PART, lambda xml: xml.decode().encode("utf-32")
    ),
    "sheet in another encoding": lambda: forms.with_part(
        forms.filled(), forms.QUESTIONNAIRE_PART, lambda xml: xml.replace(b"UTF-8", b"UTF-7")
    ),
    "bytes that are no UTF-8": lambda: forms.with_part(
        forms.filled(), "xl/sharedStrings.xml", lambda xml: xml.replace(b"<si><t>", b"<si><t>\xff", 1)
    ),
    "half a surrogate pair": lambda: forms.with_part(
        forms.filled(), "xl/sharedStrings.xml", lambda xml: xml.replace(b"<si><t>", b"<si><t>\xed\xa0\x80", 1)
    ),
    "NUL in a sheet": lambda: forms.with_part(
        forms.filled(), forms.QUESTIONNAIRE_PART, lambda xml: xml.replace(b"<v>", b"<v>\0", 1)
    ),
    "control character": lambda: forms.with_part(
        forms.filled(), "xl/sharedStrings.xml", lambda xml: xml.replace(b"<si><t>", b"<si><t>\x01", 1)
    ),
    "entity nobody declared": lambda: sheet(cell('<c r="A1" t="str"><v>&nbsp;</v></c>')),
    "reference to no character": lambda: sheet(cell('<c r="A1" t="str"><v>&#0;</v></c>')),
    "shared text there is none of": lambda: sheet(cell('<c r="A1" t="s"><v>3</v></c>')),
    "shared text minus one": lambda: forms.with_part(
        shared_texts(""), "xl/worksheets/sheet1.xml", lambda xml: xml.replace(b"<v>0<", b"<v>-1<")
    ),
    "cell that stands twice": lambda: sheet(cell('<c r="A1"><v>1</v></c><c r="A1"><v>2</v></c>')),
    "cell in a cell": lambda: sheet(cell('<c r="A1"><c r="A2"><v>1</v></c></c>')),
    "relationship to nothing": lambda: with_sheets(1, targets="missing.xml"),
    "relationship to the outside": lambda: with_sheets(
        1,
        relation=f'<Relationship Id="r1" Type="{builders.OFFICE}/worksheet" TargetMode="External" Target="http://x"/>',
    ),
    "relationship that is missing": lambda: with_sheets(1, relation=" "),
    "two sheets in one part": lambda: with_sheets(2),
    "sheet that climbs out": lambda: with_sheets(1, targets="../../../../etc/passwd"),
    "sheet in a part that is no XML by name": lambda: with_sheets(1, targets="media/image1.png"),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_workbook_made_to_harm_is_refused_as_one(name: str) -> None:
    assert code_of(BOMBS[name]()) == "file.bomb"


@pytest.mark.parametrize("name", DAMAGED)
def test_a_workbook_that_no_office_program_writes_is_unreadable(name: str) -> None:
    assert code_of(DAMAGED[name]()) == "file.unreadable"


@pytest.mark.parametrize("part", PARTS)
def test_a_document_type_is_refused_in_every_part(part: str) -> None:
    for start in (builders.laughs(), '<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd">',
                  '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'):  # fmt: skip
        assert code_of(with_xml(part, start)) == "file.unreadable"


QUICK: dict[str, Callable[[], bytes]] = {
    "relationship of the workbook to itself": lambda: with_sheets(1, targets="workbook.xml"),
    "fifty thousand elements in one another": lambda: sheet(cell("<a>" * 50_000 + "</a>" * 50_000)),
    "nine hundred thousand empty cells in one row": lambda: sheet(cell('<c r="A1"/>' * 900_000)),
    "two million formatted cells": lambda: sheet(
        "".join(f'<row r="{n}">' + f'<c r="A{n}" s="1"/><c r="B{n}" s="1"/>' + "</row>" for n in range(1, 900_000))
    ),
    "a million empty rows": lambda: sheet("".join(f'<row r="{n}"/>' for n in range(1, 1_048_577))),
    "a million empty rows that say nothing": lambda: sheet("<row/>" * 1_048_576),
    "a hundred thousand comments": lambda: sheet("", before="<!-- x -->" * 100_000),
    "a sheet that claims to be huge": lambda: sheet("", before='<dimension ref="A1:XFD1048576"/>'),
    "column widths beyond the last": lambda: sheet("", before='<cols><col min="1" max="99999999"/></cols>'),
}


@pytest.mark.parametrize("name", QUICK)
def test_much_of_nothing_is_read_at_once(name: str) -> None:
    data = QUICK[name]()
    began = time.perf_counter()
    assert code_of(data) in ("form.not_a_questionnaire", "file.bomb")
    assert time.perf_counter() - began < 5


def test_nine_million_empty_cells_take_no_time() -> None:
    data = BOMBS["nine million empty cells that say nothing"]()
    began = time.perf_counter()
    assert code_of(data) == "file.bomb"
    assert time.perf_counter() - began < 2


def values(xml: str, styles: bytes = b"") -> list[object]:
    """What is read from the first row of a sheet."""
    data = sheet(cell(xml))
    if styles:
        data = forms.with_part(data, "xl/styles.xml", styles)
    parts = archive.unpack(data)
    assert not isinstance(parts, Unread), parts
    opened = open_sheets(parts)
    assert isinstance(opened, Opened), opened
    return list(opened.sheets["S"][0])


@pytest.mark.parametrize(
    "written", ["1e999", "-1e999", "NaN", "INF", "Infinity", "1_000", "0x10", "１２", "1,5", "--1"]
)
def test_what_is_no_number_is_left_as_it_stands(written: str) -> None:
    """A score must not come of it; the finding shows what was found."""
    assert values(f'<c r="A1"><v>{written}</v></c>') == [written]


def test_a_number_of_thousands_of_digits_is_read() -> None:
    assert values(f'<c r="A1"><v>{"0" * 5000}7</v></c>') == [7.0]
    assert values(f'<c r="A1"><v>{"9" * 5000}</v></c>') == ["9" * 5000]


DATES = (
    f'<styleSheet xmlns="{builders.MAIN}"><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="46"/>'
    "</cellXfs></styleSheet>"
).encode()


@pytest.mark.parametrize("number", [-1.0, 60.0, 2_958_466.0, 1e300])
def test_a_date_there_is_none_of_stays_a_number(number: float) -> None:
    assert values(f'<c r="A1" s="1"><v>{number!r}</v></c>', DATES) == [number]


@pytest.mark.parametrize("style", ["7", "99999999999", "x", "-1"])
def test_a_style_there_is_none_of_is_none(style: str) -> None:
    assert values(f'<c r="A1" s="{style}"><v>45000</v></c>', DATES) == [45000.0]


def test_a_lone_surrogate_is_replaced() -> None:
    """It could be written to no file."""
    assert values('<c r="A1" t="str"><v>_xD83D_</v></c>') == ["\ufffd"]
    assert values('<c r="A1" t="str"><v>_xD83D__xDE00_</v></c>') == ["😀"]


def test_a_table_of_rows_without_end_is_refused_at_once() -> None:
    rows = "".join(f'<row r="{n}"><c r="A{n}" t="str"><v>Z{n}</v></c></row>' for n in range(100, 150_100))
    end = b"</sheetData>"
    data = forms.with_part(forms.filled(), forms.QUESTIONNAIRE_PART, lambda xml: xml.replace(end, rows.encode() + end))
    began = time.process_time()
    assert code_of(data) == "file.bomb"
    assert time.process_time() - began < 10
