"""Only cells and styles of an OpenDocument spreadsheet go to LibreOffice, and only as many as it can take."""

from __future__ import annotations

import io
import zipfile

import pytest

from evaluator.intake.opendocument import asks_too_much, reduced
from evaluator.limits import DEFAULT, Limits
from evaluator.questionnaire.opening import Unread
from tests.forms import archive

NAMES = " ".join(
    f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{prefix}:1.0"' for prefix in ("office", "table", "text")
)
FILLED = '<table:table-cell table:number-columns-repeated="{columns}" office:value-type="float" office:value="1"/>'

MATRIX = 'table:formula="of:=1" table:number-matrix-rows-spanned="100" table:number-matrix-columns-spanned="50"'


def content(row: str, rows: int = 1) -> bytes:
    """A spreadsheet's XML with this row, repeated."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {NAMES}><office:body><office:spreadsheet>'
        f'<table:table table:name="S"><table:table-row table:number-rows-repeated="{rows}">{row}</table:table-row>'
        "</table:table></office:spreadsheet></office:body></office:document-content>"
    ).encode()


def spreadsheet(**parts: bytes) -> bytes:
    named = {name.replace("__", "/").replace("_", "."): data for name, data in parts.items()}
    return archive({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", **named})


def code(found: bytes | Unread) -> str:
    return found.code if isinstance(found, Unread) else ""


@pytest.mark.parametrize(
    ("row", "rows", "room"),
    [
        (FILLED.format(columns=1), 1, 1),
        (FILLED.format(columns=16384), 1_048_576, 16384 * 1_048_576),
        (FILLED.format(columns=3) + FILLED.format(columns=4), 5, 35),
        ('<table:table-cell table:number-columns-repeated="16384"/>', 1_048_576, 0),
        ('<table:table-cell table:number-columns-repeated="9"><text:p>x</text:p></table:table-cell>', 2, 18),
        ('<table:table-cell/><text:p>beside a cell</text:p>', 1, 0),
        ('<table:covered-table-cell table:number-columns-repeated="7"><text:p/></table:covered-table-cell>', 1, 7),
        (f"<table:table-cell {MATRIX}/>", 1, 5000),
        ('<table:table-cell office:value-type="string"><text:s text:c="800"/></table:table-cell>', 1, 801),
        (FILLED.format(columns=-5), 0, 1),
    ],
)  # fmt: skip
def test_what_is_asked_for_is_counted_with_all_repetitions(row: str, rows: int, room: int) -> None:
    assert not asks_too_much(content(row, rows), most=room)
    assert asks_too_much(content(row, rows), most=room - 1)


@pytest.mark.parametrize("rows", ["many", "1e9", "9" * 5000, ""])
def test_a_count_that_is_no_number_is_a_fault(rows: str) -> None:
    broken = content(FILLED.format(columns=1)).replace(b'rows-repeated="1"', f'rows-repeated="{rows}"'.encode())
    with pytest.raises(ValueError, match=r"."):
        asks_too_much(broken, 9)
    assert code(reduced(spreadsheet(content_xml=broken), DEFAULT)) == "file.unreadable"


def test_broken_xml_is_a_fault() -> None:
    assert code(reduced(spreadsheet(content_xml=content("<table:table-cell>")), DEFAULT)) == "file.unreadable"
    assert code(reduced(spreadsheet(), DEFAULT)) == "file.unreadable"


def test_too_many_cells_are_a_bomb() -> None:
    assert code(reduced(spreadsheet(content_xml=content(FILLED.format(columns=1000), 1001)), DEFAULT)) == "file.bomb"
    assert code(reduced(spreadsheet(content_xml=content(FILLED.format(columns=1000), 1000)), DEFAULT)) == ""


def test_what_unpacks_to_too_much_is_a_bomb() -> None:
    packed = spreadsheet(content_xml=content("<!-- -->" * 1000))
    assert code(reduced(packed, Limits(entry=4000))) == "file.bomb"


def test_a_document_type_is_refused() -> None:
    with_type = content("").replace(
        b"<office:document-content", b'<!DOCTYPE x [<!ENTITY a "b">]><office:document-content'
    )
    assert code(reduced(spreadsheet(content_xml=with_type), DEFAULT)) == "file.unreadable"


def test_an_archive_that_is_broken_is_unreadable() -> None:
    assert code(reduced(spreadsheet(content_xml=content(""))[:-5], DEFAULT)) == "file.unreadable"


def test_a_part_that_stands_twice_is_refused() -> None:
    stream = io.BytesIO(spreadsheet(content_xml=content("")))
    with pytest.warns(UserWarning, match="Duplicate name"), zipfile.ZipFile(stream, "a") as target:
        target.writestr("content.xml", content(FILLED.format(columns=1)))
    assert code(reduced(stream.getvalue(), DEFAULT)) == "file.unreadable"


def test_macros_objects_and_pictures_stay_behind() -> None:
    kept = {"content_xml": content(FILLED.format(columns=1)), "styles_xml": b"<styles/>"}
    whole = spreadsheet(
        **kept,
        settings_xml=b"<settings/>",
        Basic__script_xml=b"<!DOCTYPE x><x/>",
        Object1__content_xml=b"<x/>",
        Pictures__a_png=b"\x89PNG",
    )
    found = reduced(whole, DEFAULT)
    assert isinstance(found, bytes)
    with zipfile.ZipFile(io.BytesIO(found)) as opened:
        assert opened.namelist() == ["mimetype", "META-INF/manifest.xml", "content.xml", "styles.xml"]
        assert opened.read("content.xml") == kept["content_xml"]
        assert opened.read("mimetype") == b"application/vnd.oasis.opendocument.spreadsheet"
        assert opened.read("META-INF/manifest.xml").count(b"full-path=") == 3


def test_the_limit_leaves_a_questionnaire_ample_room() -> None:
    assert DEFAULT.office_cells > 100 * 28 * 9
