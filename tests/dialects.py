"""The ways in which spreadsheet programs write the same workbook, as far as a reader could stumble over them.

`DIALECTS` names them by program; `tests.resaving` writes a form in one. openpyxl, pandas and XlsxWriter are at hand, so
the tests let them write themselves, and LibreOffice where it is installed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True, slots=True)
class Dialect:
    """How a program writes a workbook."""

    declaration: str = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    """What stands before the root of every part."""
    is_strict: bool = False
    """Whether it uses the namespaces and dates of strict Open XML."""
    prefix: str = ""
    """Prefix of all elements of the main namespace, with its colon."""
    root: str = ""
    """Attributes of a sheet's root."""
    before: str = ""
    """What stands before the sheet's data; `{box}` is the range in use."""
    after: str = ""
    """What stands behind it."""
    row: str = ' r="{row}"'
    """Attributes of a row."""
    cell: tuple[str, ...] = ("r", "s", "t")
    """Attributes of a cell, in order; `r` left out means that cells are found by counting."""
    empty: Literal["short", "spaced", "long", "left out", "no value", "typed"] = "short"
    """How a cell without content is written."""
    texts: Literal["shared", "inline", "str"] = "shared"
    """Where texts are kept."""
    text: str = "<{x}t{space}>{words}</{x}t>"
    """XML of one text."""
    number: Callable[[float], str] = repr
    number_type: Literal["", "n"] = ""
    gap: str = ""
    """White space between elements."""
    counts: str = ' count="{count}" uniqueCount="{unique}"'
    """Attributes of the list of shared texts."""
    has_styles: bool = True
    book: str = "xl/workbook.xml"
    sheet: str = "xl/worksheets/sheet{n}.xml"
    shared: str = "xl/sharedStrings.xml"
    """Names of parts; `{n}` is the sheet's number, `{m}` counts the sheets from behind."""
    target: Callable[[str], str] = lambda part: part.removeprefix("xl/")
    """How a relationship of the workbook names a part."""
    root_target: Callable[[str], str] = lambda part: part
    identity: str = "rId{n}"
    """Ids of relationships."""
    zipped: Literal["plain", "stored", "streamed", "streamed in zip64", "with room to grow", "with folders"] = "plain"
    types_last: bool = False
    """Whether the list of types and the package's relationships come last in the archive."""
    extra: Mapping[str, str] | None = None
    """Other parts."""

    def sheet_part(self, number: int, count: int) -> str:
        """Name the part of the sheet that is `number` of `count`."""
        return self.sheet.format(n=number, m=count + 1 - number)


def _short(number: float) -> str:
    return f"{number:g}"


_IGNORABLE = (
    ' xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" mc:Ignorable="x14ac xr xr2 xr3"'
    ' xmlns:x14ac="http://schemas.microsoft.com/office/spreadsheetml/2009/9/ac"'
    ' xmlns:xr="http://schemas.microsoft.com/office/spreadsheetml/2014/revision"'
    ' xmlns:xr2="http://schemas.microsoft.com/office/spreadsheetml/2015/revision2"'
    ' xmlns:xr3="http://schemas.microsoft.com/office/spreadsheetml/2016/revision3"'
    ' xr:uid="{{00000000-0001-0000-0000-000000000000}}"'
)
_EXTENSION = (
    '<extLst><ext uri="{CCE6A557-97BC-4b89-ADB6-D9C93CAAB3DF}" xmlns:x14="http://schemas.microsoft.com/office/'
    'spreadsheetml/2009/9/main"><x14:dataValidations count="1" xmlns:xm="http://schemas.microsoft.com/office/excel/'
    '2006/main"><x14:dataValidation type="list"><x14:formula1><xm:f>_lists!$A$1:$A$5</xm:f></x14:formula1>'
    "<xm:sqref>F5</xm:sqref></x14:dataValidation></x14:dataValidations></ext></extLst>"
)
_READING_AIDS = (
    '<{x}t{space}>{words}</{x}t><{x}rPh sb="0" eb="1"><{x}t>dú fǎ</{x}t></{x}rPh><{x}phoneticPr fontId="1"/>'
)
_RUNS = '<{x}r><{x}rPr><{x}b/><{x}sz val="11"/></{x}rPr><{x}t xml:space="preserve">{words}</{x}t></{x}r>'
_EXCEL = Dialect(
    declaration='<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\r\n',
    root=_IGNORABLE,
    before='<dimension ref="{box}"/><sheetViews><sheetView workbookViewId="0"/></sheetViews>'
    '<sheetFormatPr defaultRowHeight="14.4" x14ac:dyDescent="0.3"/>',
    row=' r="{row}" spans="1:9" ht="28.8" customHeight="1" x14ac:dyDescent="0.3"',
    after='<phoneticPr fontId="1" type="noConversion"/><pageMargins left="0.7" right="0.7" top="0.75" bottom="0.75" '
    f'header="0.3" footer="0.3"/>{_EXTENSION}',
    number=lambda number: f"{number:.17g}",
    zipped="with room to grow",
)
_POI = '<?xml version="1.0" encoding="UTF-8"?>\n'

DIALECTS: Mapping[str, Dialect] = {
    "Excel": _EXCEL,
    "Excel with reading aids above Chinese texts": Dialect(text=_READING_AIDS),
    "Excel with rich texts": Dialect(text=_RUNS, texts="shared"),
    "Excel strict": Dialect(
        is_strict=True,
        declaration=_EXCEL.declaration,
        before='<dimension ref="{box}"/>',
        row=' r="{row}" spans="1:9"',
        zipped="with room to grow",
    ),
    "WPS": Dialect(
        root=' xmlns:etc="http://www.wps.cn/officeDocument/2017/etCustomData"',
        before='<sheetPr/><dimension ref="A1"/><sheetFormatPr defaultColWidth="9" defaultRowHeight="13.5"/>',
        row=' r="{row}" ht="27.75" customHeight="1" spans="1:9"',
        after='<phoneticPr fontId="0" type="noConversion"/><pageMargins left="0.75" right="0.75" top="1" bottom="1" '
        'header="0.5" footer="0.5"/><headerFooter/>',
        text='<{x}t{space}>{words}</{x}t><{x}phoneticPr fontId="0" type="noConversion"/>',
        zipped="with folders",
        extra={"customXml/item1.xml": "<x/>", "docProps/custom.xml": "<Properties/>"},
    ),
    "Google Sheets": Dialect(
        declaration='<?xml version="1.0" encoding="UTF-8" standalone="yes"?>',
        root=' xmlns:mx="http://schemas.microsoft.com/office/mac/excel/2008/main"',
        before='<sheetPr><outlinePr summaryBelow="0" summaryRight="0"/></sheetPr><sheetFormatPr customHeight="1" '
        'defaultColWidth="12.63" defaultRowHeight="15.75"/>',
        after='<drawing r:id="rId1"/>',
        number=lambda number: repr(float(number)),
        zipped="streamed",
    ),
    "Numbers": Dialect(
        declaration='<?xml version="1.0" encoding="UTF-8"?>\n',
        cell=("r", "t", "s"),
        row=' r="{row}" ht="20.25" customHeight="1"',
        text="<{x}t>{words}</{x}t>",
    ),
    "Gnumeric": Dialect(
        declaration='<?xml version="1.0" encoding="UTF-8"?>\n',
        gap="\n    ",
        cell=("r", "t", "s"),
        before='<dimension ref="{box}"/>',
        number=_short,
        text='<{x}t xml:space="preserve">{words}</{x}t>',
    ),
    "LibreOffice": Dialect(
        before='<sheetPr filterMode="false"/><dimension ref="{box}"/>',
        row=' r="{row}" customFormat="false" ht="28.35" hidden="false" customHeight="true" outlineLevel="0"',
        empty="long",
        number_type="n",
        text='<{x}t xml:space="preserve">{words}</{x}t>',
        counts=' count="{count}" uniqueCount="{unique}"',
    ),
    "SheetJS": Dialect(
        texts="str",
        cell=("r", "t"),
        before='<dimension ref="{box}"/>',
        empty="left out",
        has_styles=False,
        zipped="stored",
        types_last=True,
    ),
    "ExcelJS": Dialect(
        declaration='<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n',
        before='<dimension ref="{box}"/><sheetViews><sheetView workbookViewId="0"/></sheetViews>',
        row=' r="{row}" spans="1:9" customHeight="1"',
        number=str,
        types_last=True,
        zipped="streamed",
    ),
    "EPPlus": Dialect(
        target=lambda part: f"/{part}",
        root_target=lambda part: f"/{part}",
        text='<{x}t xml:space="preserve">{words}</{x}t>',
        counts="",
        number=_short,
    ),
    "ClosedXML": Dialect(
        declaration='\ufeff<?xml version="1.0" encoding="utf-8"?>',
        prefix="x:",
        target=lambda part: f"/{part}",
        root_target=lambda part: f"/{part}",
        identity="R{n:016x}",
        sheet="xl/worksheets/sheet{n}.xml",
        row=' r="{row}" spans="1:9"',
        empty="spaced",
    ),
    "Open XML SDK, cells without references": Dialect(
        declaration='<?xml version="1.0" encoding="utf-8"?>',
        prefix="x:",
        cell=("s", "t"),
        row="",
        texts="inline",
        book="xl/workbook.xml",
        sheet="xl/worksheets/sheet{n}.xml",
    ),
    "Aspose": Dialect(
        before='<sheetPr><outlinePr/></sheetPr><dimension ref="{box}"/>',
        row=' r="{row}" spans="1:9" ht="27.75" customHeight="1"',
        after='<pageMargins left="0.7" right="0.7" top="0.75" bottom="0.75" header="0.3" footer="0.3"/><headerFooter '
        'alignWithMargins="0"/>',
        counts=' count="{count}"',
        zipped="streamed",
    ),
    "POI": Dialect(declaration=_POI, before='<dimension ref="A1"/>', number=lambda number: repr(float(number))),
    "POI, streamed": Dialect(
        declaration=_POI,
        texts="inline",
        gap="\n",
        number=lambda number: repr(float(number)),
        row=' r="{row}" customFormat="true" ht="28.0" customHeight="true"',
        empty="long",
        zipped="streamed in zip64",
    ),
    "XlsxWriter in constant memory": Dialect(texts="inline", before='<dimension ref="A1:XFD1048576"/>'),
    "a converter that keeps texts beside their cells": Dialect(texts="inline", text=_RUNS, empty="no value"),
    "lxml": Dialect(declaration="<?xml version='1.0' encoding='UTF-8' standalone='yes'?>\n", empty="typed"),
    "a report tool that marks its texts": Dialect(
        declaration='<?xml version="1.0"?><!-- report -->',
        text="<{x}t{space}><![CDATA[{raw}]]></{x}t>",
        gap="<!-- -->",
        after="<?made by hand?>",
    ),
    "parts in other places and letters": Dialect(
        book="XL/Book/WorkBook.xml",
        sheet="XL/Book/Pages/页 {m}.xml",
        shared="XL/SharedStrings.XML",
        target=lambda part: f"/{part}".replace("页 ", "%E9%A1%B5%20").upper(),
        root_target=lambda part: f"./{part}".lower(),
    ),
    "names from above": Dialect(
        target=lambda part: f"../{part}", root_target=lambda part: f"xl/../{part}", identity="_{n}"
    ),
}
