"""A filled form saved again as another program would: the same cells, other XML and another zip.

`original` is the form, with an answer of every type in it; `resaved` writes it in a dialect.
"""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal
from xml.etree.ElementTree import Element
from xml.sax.saxutils import escape, quoteattr

from defusedxml.ElementTree import fromstring
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont

from tests.dialects import Dialect
from tests.forms import cell_of, edited, filled, put, with_cell

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
STRICT_MAIN = "http://purl.oclc.org/ooxml/spreadsheetml/main"
STRICT_OFFICE = "http://purl.oclc.org/ooxml/officeDocument/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"

NUMBER, FRACTION, TRUTH, DATE = (cell_of(requirement) for requirement in ("SS1-1", "SS1-2", "SS1-3", "SS1-4"))
FORMULA, ERROR, RICH, BLANK = (cell_of(requirement) for requirement in ("SS2-1", "SS2-2", "SS2-3", "SS2-4"))
ODD_TEXT = ' 前后有空格 \n第二行 <b>&amp;</b> "“引号” _x0041_ \U0001f600'


@cache
def original() -> bytes:
    """The form: filled in, with a number, a truth value, a date, a formula, an error and a rich text for answers.

    It has a seal, so that the dropdowns' lists are read, too.
    """
    rich = CellRichText(TextBlock(InlineFont(b=True), "完全"), TextBlock(InlineFont(), "满足"))
    form = edited(
        filled(changed={"SS1-5": ("full", "", "备注")}, fields={"id": "N01", "name": "甲 & 乙<中心>"}),
        put(
            **{NUMBER: 3, FRACTION: 0.8, TRUTH: True, DATE: dt.date(2025, 3, 4), ERROR: "#N/A", RICH: rich, BLANK: None}
        ),
        lambda book: book["_meta"].__setitem__("B9", "0" * 64),
    )
    written = put(**{FORMULA: None, cell_of("SS1-5", "evidence"): _escaped_only(ODD_TEXT)})  # openpyxl escapes nothing
    formula = f'<c r="{FORMULA}" t="str"><f>IF(1&lt;2,"完全满足","")</f><v>完全满足</v></c>'
    return with_cell(edited(form, written), FORMULA, formula)


@dataclass(frozen=True, kw_only=True, slots=True)
class Cell:
    """A cell, whatever the XML."""

    name: str
    style: str
    kind: Literal["", "text", "n", "b", "e", "d"]
    """What it holds; empty where it holds nothing but a look."""
    value: str
    formula: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Sheet:
    """A sheet, whatever the XML."""

    name: str
    state: str
    rows: tuple[tuple[int, tuple[Cell, ...]], ...]
    merges: tuple[str, ...]


@cache
def sheets() -> tuple[Sheet, ...]:
    """The form's sheets, from the XML as openpyxl wrote it."""
    with zipfile.ZipFile(io.BytesIO(original())) as book:
        listed = fromstring(book.read("xl/workbook.xml")).iter(f"{{{MAIN}}}sheet")
        return tuple(
            _sheet(
                one.get("name", ""), one.get("state", "visible"), fromstring(book.read(f"xl/worksheets/sheet{n}.xml"))
            )
            for n, one in enumerate(listed, 1)
        )


def _sheet(name: str, state: str, root: Element) -> Sheet:
    return Sheet(
        name=name,
        state=state,
        rows=tuple(
            (int(row.get("r", "")), tuple(_cell(cell, name) for cell in row)) for row in root.iter(f"{{{MAIN}}}row")
        ),
        merges=tuple(merge.get("ref", "") for merge in root.iter(f"{{{MAIN}}}mergeCell")),
    )


def _cell(cell: Element, sheet: str) -> Cell:
    kinds = {"inlineStr": "text", "s": "text", "str": "text", "b": "b", "e": "e", "n": "n", "d": "d"}
    formula, value = cell.find(f"{{{MAIN}}}f"), cell.find(f"{{{MAIN}}}v")
    inline = "".join(part.text or "" for part in cell.iter(f"{{{MAIN}}}t"))
    assert cell.get("t") != "s", "openpyxl has taken to shared texts"
    text = inline or ((value.text or "") if value is not None else "")
    kind = kinds[cell.get("t", "n")] if text or formula is not None else ""
    is_date = cell.get("r") == DATE and sheet == "自评问卷"
    return Cell(
        name=cell.get("r", ""),
        style=cell.get("s", ""),
        kind="d" if is_date else kind,  # type: ignore[arg-type]
        value=re.sub("_x([0-9A-F]{4})_", lambda found: chr(int(found[1], 16)), text),
        formula=(formula.text or "") if formula is not None else "",
    )


def resaved(dialect: Dialect) -> bytes:
    """Write the form in a dialect."""
    writer = _Writer(dialect)
    sheet_parts = {dialect.sheet_part(n, len(sheets())): writer.sheet(sheet) for n, sheet in enumerate(sheets(), 1)}
    parts = {dialect.book: writer.book(), **sheet_parts}
    if dialect.texts == "shared":
        parts[dialect.shared] = writer.texts()
    folder, _, file = dialect.book.rpartition("/")
    parts[f"{folder}/_rels/{file}.rels"] = writer.relations()
    if dialect.has_styles:
        with zipfile.ZipFile(io.BytesIO(original())) as book:
            parts["xl/styles.xml"] = book.read("xl/styles.xml").decode()
    parts |= dialect.extra or {}
    package = {"[Content_Types].xml": writer.types(parts), "_rels/.rels": writer.root_relations()}
    return _zipped({**parts, **package} if dialect.types_last else {**package, **parts}, dialect.zipped)


class _Writer:
    """Writes the parts of one workbook."""

    def __init__(self, dialect: Dialect) -> None:
        self.of = dialect
        self.x = dialect.prefix
        self.shared: list[str] = []
        self.used = 0
        main, office = (STRICT_MAIN, STRICT_OFFICE) if dialect.is_strict else (MAIN, OFFICE)
        self.office = office
        colon = f":{dialect.prefix[:-1]}" if dialect.prefix else ""
        self.names = f' xmlns{colon}="{main}" xmlns:r="{office}"'

    def sheet(self, sheet: Sheet) -> str:
        of, x = self.of, self.x
        last = max((number for number, _ in sheet.rows), default=1)
        rows = "".join(self._row(number, cells) for number, cells in self._all_rows(sheet))
        merges = "".join(f'<{x}mergeCell ref="{merge}"/>' for merge in sheet.merges)
        merged = f'<{x}mergeCells count="{len(sheet.merges)}">{merges}</{x}mergeCells>' if merges else ""
        before, after = (_prefixed(xml, x) for xml in (of.before.format(box=f"A1:I{last}"), of.after))
        return (
            f"{of.declaration}<{x}worksheet{self.names}{of.root.replace('{{', '{').replace('}}', '}')}>{before}"
            f"{of.gap}<{x}sheetData>{rows}{of.gap}</{x}sheetData>{merged}{after}</{x}worksheet>"
        )

    def _all_rows(self, sheet: Sheet) -> list[tuple[int, tuple[Cell, ...]]]:
        """Give the rows to be written: with those that are empty, where rows are found by counting."""
        if self.of.row:
            return list(sheet.rows)
        given = dict(sheet.rows)
        return [(number, given.get(number, ())) for number in range(1, max(given, default=0) + 1)]

    def _row(self, number: int, cells: tuple[Cell, ...]) -> str:
        of, x = self.of, self.x
        written = "".join(self._cell(cell) for cell in self._all_cells(number, cells))
        return f"{of.gap}<{x}row{of.row.format(row=number)}>{written}{of.gap}</{x}row>"

    def _all_cells(self, row: int, cells: tuple[Cell, ...]) -> list[Cell]:
        """Give the cells to be written: with those that are empty, where cells are found by counting."""
        if "r" in self.of.cell:
            return list(cells)
        given = {cell.name: cell for cell in cells}
        last = max((_column(cell.name) for cell in cells), default=0)
        names = [f"{chr(64 + column)}{row}" for column in range(1, last + 1)]
        return [given.get(name, Cell(name=name, style="", kind="", value="", formula="")) for name in names]

    def _cell(self, cell: Cell) -> str:
        of, x = self.of, self.x
        kind, content = self._content(cell)
        values = {"r": cell.name, "s": cell.style if of.has_styles else "", "t": kind}
        start = f"<{x}c" + "".join(f' {name}="{values[name]}"' for name in of.cell if values[name])
        if content:
            return f"{of.gap}{start}>{content}{of.gap}</{x}c>"
        by_way = {
            "short": "/>",
            "spaced": " />",
            "long": f"></{x}c>",
            "no value": f"><{x}v></{x}v></{x}c>",
            "typed": ' t="str"/>',
        }
        return "" if of.empty == "left out" and "r" in of.cell else f"{of.gap}{start}{by_way.get(of.empty, '/>')}"

    def _content(self, cell: Cell) -> tuple[str, str]:
        """Give the type and what is inside."""
        of, x = self.of, self.x
        formula = f"{of.gap}<{x}f>{escape(cell.formula)}</{x}f>" if cell.formula else ""
        value = f"{formula}{of.gap}<{x}v>{{}}</{x}v>"
        if not cell.value:
            return "", formula
        match cell.kind:
            case "n":
                return of.number_type, value.format(of.number(float(cell.value)))
            case "d" if of.is_strict or not of.has_styles:
                day = dt.date(1899, 12, 30) + dt.timedelta(days=float(cell.value))
                return "d", value.format(f"{day.isoformat()}T00:00:00")
            case "d":
                return of.number_type, value.format(of.number(float(cell.value)))
            case "text" if not formula and of.texts != "str":
                if of.texts == "inline":
                    return "inlineStr", f"{of.gap}<{x}is>{self._text(cell.value)}</{x}is>"
                self.used += 1
                if cell.value not in self.shared:
                    self.shared.append(cell.value)
                return "s", value.format(self.shared.index(cell.value))
            case "text":
                return "str", value.format(_escaped(cell.value))
            case _:
                return cell.kind, value.format(cell.value)

    def _text(self, words: str) -> str:
        space = ' xml:space="preserve"' if words != words.strip() or "\n" in words else ""
        return self.of.text.format(x=self.x, space=space, words=_escaped(words), raw=_escaped_only(words))

    def texts(self) -> str:
        of, x = self.of, self.x
        items = "".join(f"{of.gap}<{x}si>{self._text(words)}</{x}si>" for words in self.shared)
        counts = of.counts.format(count=self.used, unique=len(self.shared))
        return f"{of.declaration}<{x}sst{self.names}{counts}>{items}{of.gap}</{x}sst>"

    def book(self) -> str:
        of, x = self.of, self.x
        listed = "".join(
            f'{of.gap}<{x}sheet name={quoteattr(sheet.name)} sheetId="{n * 3}"'
            + (f' state="{sheet.state}"' if sheet.state != "visible" else "")
            + f' r:id="{of.identity.format(n=n)}"/>'
            for n, sheet in enumerate(sheets(), 1)
        )
        strict = ' conformance="strict"' if of.is_strict else ""
        return (
            f"{of.declaration}<{x}workbook{self.names}{strict}>{of.gap}<{x}workbookPr/>{of.gap}<{x}sheets>{listed}"
            f'</{x}sheets><{x}calcPr calcId="191029"/></{x}workbook>'
        )

    def relations(self) -> str:
        of = self.of
        parts = [("worksheet", of.sheet_part(n, len(sheets()))) for n in range(1, len(sheets()) + 1)]
        parts += [("styles", "xl/styles.xml")] if of.has_styles else []
        parts += [("sharedStrings", of.shared)] if of.texts == "shared" else []
        listed = [
            f'<Relationship Id="{of.identity.format(n=n)}" Type="{self.office}/{kind}" Target="{of.target(part)}"/>'
            for n, (kind, part) in enumerate(parts, 1)
        ]
        names = f'xmlns="{PACKAGE}/relationships"'
        return f"{of.declaration}<Relationships {names}>{''.join(reversed(listed))}</Relationships>"

    def root_relations(self) -> str:
        of = self.of
        return (
            f'{of.declaration}<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" '
            f'Type="{self.office}/officeDocument" Target="{of.root_target(of.book)}"/></Relationships>'
        )

    def types(self, parts: Mapping[str, str]) -> str:
        of = self.of
        kinds = {of.book: "sheet.main", of.shared: "sharedStrings", "xl/styles.xml": "styles"}
        overrides = "".join(
            f'<Override PartName="/{part}" ContentType="{TYPES}.{kinds.get(part, "worksheet")}+xml"/>'
            for part in parts
            if part in kinds or part.startswith(of.sheet.partition("{")[0])
        )
        return (
            f'{of.declaration}<Types xmlns="{PACKAGE}/content-types"><Default Extension="xml" ContentType='
            '"application/xml"/><Default Extension="rels" ContentType='
            f'"application/vnd.openxmlformats-package.relationships+xml"/>{overrides}</Types>'
        )


def _escaped(words: str) -> str:
    return escape(_escaped_only(words))


def _escaped_only(words: str) -> str:
    """Escape the underscores of what looks like one of the format's own escapes."""
    return re.sub(r"_(?=x[0-9A-Fa-f]{4}_)", "_x005F_", words)


def _prefixed(xml: str, prefix: str) -> str:
    return re.sub(r"<(/?)(?=\w+[\s/>])", rf"<\1{prefix}", xml)


def _column(name: str) -> int:
    return ord(name[0]) - 64


class _Stream(io.RawIOBase):
    """A stream that can't be gone back in, so that sizes are written behind the data."""

    def __init__(self) -> None:
        self.data = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: object, /) -> int:
        self.data += bytes(data)  # type: ignore[call-overload]
        return len(bytes(data))  # type: ignore[call-overload]


def _zipped(parts: Mapping[str, str], way: str) -> bytes:
    streamed = way.startswith("streamed")
    stream = _Stream() if streamed else io.BytesIO()
    method = zipfile.ZIP_STORED if way == "stored" else zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(stream, "w", method) as target:
        if way == "with folders":
            for folder in ("_rels/", "docProps/", "xl/", "xl/_rels/", "xl/worksheets/"):
                target.writestr(folder, b"")
        for name, content in parts.items():
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = method
            if way == "with room to grow" and name == "[Content_Types].xml":
                entry.extra = bytes.fromhex("20a2040228a00002") + bytes(512)
            with target.open(entry, "w", force_zip64=way.endswith("zip64")) as part:
                part.write(content.encode())
            if way == "with room to grow":
                entry.extra = b""  # the room is in the entry's own header only
    return bytes(stream.data) if isinstance(stream, _Stream) else stream.getvalue()
