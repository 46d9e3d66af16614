"""Changing a written form's bytes, part by part, as the form's writer never would.

Owns: edits of the archive and of a sheet's XML, in memory, with fixed times. Knows nothing of why.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from xml.sax.saxutils import escape

from evaluator.questionnaire.book import sheet_parts

_TYPES, _WORKBOOK, _RELATIONS = "[Content_Types].xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
_LINK_RELATIONS = "xl/externalLinks/_rels/externalLink1.xml.rels"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SECTOR = 512
_BLANKS = 6 * 1024 * 1024
_TIME = (1980, 1, 1, 0, 0, 0)


def with_copied_row(data: bytes, sheet: str, source: int, target: int, texts: Mapping[str, str]) -> bytes:
    """Copy a row to below the last one, without its formulas; `texts` replaces cells by column letter."""
    part, xml = _sheet(data, sheet)
    row = _found(rf'<row r="{source}"[^>]*>.*?</row>', xml)
    row = re.sub(rf'( r="[A-Z]*){source}"', rf'\g<1>{target}"', row)
    row = re.sub(r"<c [^>]*><f>.*?</c>", "", row)
    for column, words in texts.items():
        row = _replaced(row, f"{column}{target}", f' t="inlineStr"><is>{_text(words)}</is>')
    return _with_parts(data, {part: _below(xml, row, target)})


def with_text_below(data: bytes, sheet: str, column: str, target: int, words: str) -> bytes:
    """Write a text into a row below the last one."""
    part, xml = _sheet(data, sheet)
    row = f'<row r="{target}"><c r="{column}{target}" t="inlineStr"><is>{_text(words)}</is></c></row>'
    return _with_parts(data, {part: _below(xml, row, target)})


def with_formula(data: bytes, sheet: str, cell: str, formula: str, shown: str) -> bytes:
    """Put a formula into a cell that has a value, with the result it shows."""
    part, xml = _sheet(data, sheet)
    xml = _replaced(xml, cell, f' t="str"><f>{escape(formula)}</f><v>{escape(shown)}</v>')
    return _with_parts(data, {part: xml})


def with_blanks(data: bytes, sheet: str) -> bytes:
    """Blow a sheet up with blanks, which pack to next to nothing."""
    part, xml = _sheet(data, sheet)
    return _with_parts(data, {part: xml.replace("</sheetData>", "</sheetData>" + " " * _BLANKS, 1)})


def with_macro_part(data: bytes) -> bytes:
    """Add a macro part: a stub without any code, which nothing refers to."""
    kind = '<Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/>'
    types = re.sub(r"(<Types[^>]*>)", rf"\1{kind}", _read(data, _TYPES), count=1)
    return _with_parts(data, {_TYPES: types, "xl/vbaProject.bin": _OLE + bytes(_SECTOR - len(_OLE))})


def with_link(data: bytes, target: str) -> bytes:
    """Add a link to another workbook, which no cell uses."""
    part = "xl/externalLinks/externalLink1.xml"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.externalLink+xml"
    types = _read(data, _TYPES).replace("</Types>", f'<Override PartName="/{part}" ContentType="{kind}"/></Types>')
    relation = f'<Relationship Id="rIdLink1" Type="{_OFFICE}/externalLink" Target="externalLinks/externalLink1.xml"/>'
    relations = _read(data, _RELATIONS).replace("</Relationships>", f"{relation}</Relationships>")
    reference = '</sheets><externalReferences><externalReference r:id="rIdLink1"/></externalReferences>'
    head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    names = '<sheetNames><sheetName val="Sheet1"/></sheetNames>'
    book = f'<externalBook xmlns:r="{_OFFICE}" r:id="rId1">{names}</externalBook>'
    path = f'<Relationship Id="rId1" Type="{_OFFICE}/externalLinkPath" Target="{target}" TargetMode="External"/>'
    return _with_parts(
        data,
        {
            _TYPES: types,
            _RELATIONS: relations,
            _WORKBOOK: _read(data, _WORKBOOK).replace("</sheets>", reference, 1),
            part: f'{head}<externalLink xmlns="{_MAIN}">{book}</externalLink>',
            _LINK_RELATIONS: f'{head}<Relationships xmlns="{_PACKAGE}">{path}</Relationships>',
        },
    )


def encrypted() -> bytes:
    """Make what Office saves with a password looks like from outside: a container with an encrypted package."""
    names = ("Root Entry", "EncryptionInfo", "EncryptedPackage")
    entries = b"".join(name.encode("utf-16-le").ljust(64, b"\0") + bytes(64) for name in names)
    package = bytes((n * 197 + n // 7) % 251 for n in range(8 * _SECTOR))
    return _OLE + bytes(_SECTOR - len(_OLE)) + entries.ljust(_SECTOR, b"\0") + package


def pdf() -> bytes:
    """Make a PDF with one empty page."""
    return (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\ntrailer<</Root 1 0 R/Size 4>>\n%%EOF\n"
    )


def _sheet(data: bytes, sheet: str) -> tuple[str, str]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        part = sheet_parts({name: archive.read(name) for name in archive.namelist()})[sheet]
    return part, _read(data, part)


def _read(data: bytes, part: str) -> str:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return archive.read(part).decode("utf-8")


def _with_parts(data: bytes, parts: Mapping[str, str | bytes]) -> bytes:
    """Replace and add parts of an archive; the others stay as they are."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for name in dict.fromkeys([*old.namelist(), *parts]):
            entry = zipfile.ZipInfo(name, _TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3  # Unix, whatever this runs on: the bytes must not depend on it
            entry.external_attr = 0o600 << 16
            new.writestr(entry, parts[name] if name in parts else old.read(name))
    return stream.getvalue()


def _below(xml: str, row: str, target: int) -> str:
    xml = re.sub(r'(<dimension ref="A1:[A-Z]+)\d+"', rf'\g<1>{target}"', xml, count=1)
    return xml.replace("</sheetData>", f"{row}</sheetData>", 1)


def _replaced(xml: str, cell: str, content: str) -> str:
    """Replace what a cell holds, but not its style."""
    old = _found(rf'<c r="{cell}"[^>]*?(/>|>.*?</c>)', xml)
    style = re.match(r'<c r="[A-Z]+\d+"( s="\d+")?', old)
    return xml.replace(old, f"{style[0] if style else ''}{content}</c>", 1)


def _text(words: str) -> str:
    return f'<t xml:space="preserve">{escape(words)}</t>'


def _found(pattern: str, xml: str) -> str:
    match = re.search(pattern, xml, re.DOTALL)
    if match is None:
        raise RuntimeError(f"the form as written has no {pattern}")
    return match[0]
