"""The parts of a workbook: found by relationships, wherever a program put them."""

from __future__ import annotations

import pytest

from evaluator.questionnaire.book import Book, book_of, sheet_parts
from tests import forms
from tests.forms import worksheet
from tests.hostile.builders import MAIN, OFFICE, PACKAGE, parts_of

STRICT = "http://purl.oclc.org/ooxml/officeDocument/relationships"


def relations(*pairs: tuple[str, str], kind: str = "worksheet") -> str:
    entries = "".join(f'<Relationship Id="{key}" Type="{OFFICE}/{kind}" Target="{target}"/>' for key, target in pairs)
    return f'<Relationships xmlns="{PACKAGE}">{entries}</Relationships>'


def sheets(*pairs: tuple[str, str], more: str = "") -> str:
    entries = "".join(f'<sheet name="{name}" sheetId="{n}" r:id="{key}"/>' for n, (name, key) in enumerate(pairs, 1))
    return f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}">{more}<sheets>{entries}</sheets></workbook>'


def book(**changed: str) -> Book:
    return book_of(parts_of(forms.minimal(worksheet(""), **changed)))


def test_the_sheets_of_a_form_are_found_in_their_parts() -> None:
    found = book_of(parts_of(forms.blank()))
    assert found.sheets == {
        "填写说明": "xl/worksheets/sheet1.xml",
        "机构信息": "xl/worksheets/sheet2.xml",
        "自评问卷": "xl/worksheets/sheet3.xml",
        "_lists": "xl/worksheets/sheet4.xml",
        "_preview": "xl/worksheets/sheet5.xml",
        "_meta": "xl/worksheets/sheet6.xml",
    }
    assert (found.texts, found.styles, found.count) == ("xl/sharedStrings.xml", "xl/styles.xml", 6)


@pytest.mark.parametrize(
    "target",
    [
        "worksheets/sheet1.xml",
        "/xl/worksheets/sheet1.xml",
        "./worksheets/../worksheets/sheet1.xml",
        "Worksheets/Sheet1.XML",
        "worksheets/sheet%31.xml",
    ],
)
def test_targets_are_found_however_they_are_written(target: str) -> None:
    assert book(relations=relations(("r1", target))).sheets == {"S": "xl/worksheets/sheet1.xml"}


def test_a_workbook_elsewhere_is_found_from_the_root() -> None:
    parts = parts_of(forms.minimal(worksheet("")))
    moved = {
        name.replace("xl/workbook.xml", "xl/workbook2.xml").replace("workbook.xml.rels", "workbook2.xml.rels"): xml
        for name, xml in parts.items()
    }
    moved["_rels/.rels"] = parts["_rels/.rels"].replace(b"xl/workbook.xml", b"/xl/workbook2.xml")
    assert sheet_parts(moved) == {"S": "xl/worksheets/sheet1.xml"}


def test_a_strict_workbook_has_the_same_parts() -> None:
    parts = parts_of(forms.filled())
    strict = {name: xml.replace(OFFICE.encode(), STRICT.encode()) for name, xml in parts.items()}
    assert book_of(strict) == book_of(parts)


def test_sheets_that_are_no_worksheets_are_left_out() -> None:
    assert book(relations=relations(("r1", "chartsheets/sheet1.xml"), kind="chartsheet")).sheets == {}


@pytest.mark.parametrize(("written", "is_1904"), [("1", True), ("true", True), ("0", False), ("false", False)])
def test_the_first_year_is_told(written: str, is_1904: bool) -> None:
    assert book(workbook_xml=sheets(("S", "r1"), more=f'<workbookPr date1904="{written}"/>')).is_1904 == is_1904


@pytest.mark.parametrize(
    ("workbook_xml", "rels"),
    [
        (sheets(("S", "r1"), ("S", "r2")), relations(("r1", "worksheets/sheet1.xml"), ("r2", "worksheets/sheet2.xml"))),
        (sheets(("S", "r1")), relations(("r1", "worksheets/sheet1.xml"), ("r1", "worksheets/sheet2.xml"))),
        (sheets(("S", "r2")), relations(("r1", "worksheets/sheet1.xml"))),
        (sheets(("S", "")), relations(("r1", "worksheets/sheet1.xml"))),
        (sheets(("A", "r1"), ("B", "r2")), relations(("r1", "worksheets/sheet1.xml"), ("r2", "worksheets/sheet1.xml"))),
        ("<workbook", ""),
        ("", "<Relationships"),
        ("<!DOCTYPE a><workbook/>", ""),
    ],
)
def test_a_list_of_sheets_that_can_be_read_in_two_ways_or_in_none_is_refused(workbook_xml: str, rels: str) -> None:
    with pytest.raises((SyntaxError, ValueError, LookupError)):
        book(workbook_xml=workbook_xml, relations=rels)
