"""Builders of hostile and odd workbooks, one for each way to do harm, named by what it does."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping

from tests import forms

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
MEBI = 1024 * 1024
FAR = '<c r="XFD1048576"><v>1</v></c>'


def zipped(
    parts: Mapping[str, bytes],
    *,
    method: int = 8,
    flags: int = 0,
    local: Mapping[str, object] | None = None,
    central: Mapping[str, object] | None = None,
    of: str = "",
    gap: bytes = b"",
) -> bytes:
    """A zip archive built field by field, so that its headers may lie.

    Args:
        parts: contents by name.
        method: how all entries say they are packed; they are deflated where it is 8, else stored.
        flags: flags of all entries.
        local: fields of the entry's own header to change: `name`, `crc`, `packed`, `size`, `method`.
        central: the same in the directory, and `offset`.
        of: the entry whose fields are changed; all where empty.
        gap: bytes before the first entry, which the offsets count.
    """
    out, directory = bytearray(gap), bytearray()
    for name, content in parts.items():
        packer = zlib.compressobj(9, zlib.DEFLATED, -15)
        packed = packer.compress(content) + packer.flush() if method == 8 else content
        fields: dict[str, object] = {
            "name": name.encode(),
            "crc": zlib.crc32(content),
            "packed": len(packed),
            "size": len(content),
            "method": method,
            "offset": len(out),
        }
        own, listed = dict(fields), dict(fields)
        if of in ("", name):
            own.update(local or {})
            listed.update(central or {})
        out += (
            struct.pack(
                "<4s5H3L2H",
                b"PK\3\4",
                20,
                flags,
                own["method"],
                0,
                0,
                own["crc"],
                own["packed"],
                own["size"],
                len(own["name"]),
                0,  # type: ignore[arg-type]
            )
            + own["name"]
            + packed
        )  # type: ignore[operator]
        directory += (
            struct.pack(
                "<4s6H3L5H2L",
                b"PK\1\2",
                20,
                20,
                flags,
                listed["method"],
                0,
                0,
                listed["crc"],
                listed["packed"],
                listed["size"],
                len(listed["name"]),
                0,
                0,
                0,
                0,
                0,
                listed["offset"],  # type: ignore[arg-type]
            )
            + listed["name"]
        )  # type: ignore[operator]
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, len(parts), len(parts), len(directory), len(out), 0)
    return bytes(out + directory + end)


def parts_of(data: bytes) -> dict[str, bytes]:
    """The parts of a genuine workbook."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def form_with(**changed: bytes) -> dict[str, bytes]:
    """The parts of a filled form, some of them others; `__` in a name stands for `/`, `_dot_` for a dot."""
    named = {name.replace("__", "/").replace("_dot_", "."): content for name, content in changed.items()}
    return {**parts_of(forms.filled()), **named}


def sheet(rows: str, *, before: str = "", after: str = "") -> bytes:
    """A workbook with one sheet of these rows, and XML before and after them."""
    xml = forms.worksheet(rows)
    xml = xml.replace("<sheetData>", before + "<sheetData>").replace("</sheetData>", "</sheetData>" + after)
    return forms.minimal(xml)


def with_sheets(count: int, *, targets: str = "worksheets/sheet1.xml", relation: str = "") -> bytes:
    """A workbook that lists many sheets."""
    sheets = "".join(f'<sheet name="S{n}" sheetId="{n}" r:id="r{n}"/>' for n in range(1, count + 1))
    relations = relation or "".join(
        f'<Relationship Id="r{n}" Type="{OFFICE}/worksheet" Target="{targets}"/>' for n in range(1, count + 1)
    )
    return forms.minimal(
        forms.worksheet('<row r="1"><c r="A1"><v>1</v></c></row>'),
        workbook_xml=f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{sheets}</sheets></workbook>',
        relations=f'<Relationships xmlns="{PACKAGE}">{relations}</Relationships>',
    )


def shared_texts(claim: str, texts: str = "<si><t>x</t></si>", cells: int = 1) -> bytes:
    """A workbook with shared texts, and cells that all show the first."""
    data = sheet('<row r="1">' + '<c t="s"><v>0</v></c>' * cells + "</row>")
    return forms.with_part(data, "xl/sharedStrings.xml", f'<sst xmlns="{MAIN}" {claim}>{texts}</sst>'.encode())


def with_xml(part: str, start: str) -> bytes:
    """A form in one part of which something stands before the root."""
    return forms.with_part(forms.filled(), part, lambda xml: xml.replace(b"?>", b"?>" + start.encode(), 1))


def laughs() -> str:
    """A document type whose entities unfold to billions of characters."""
    entities = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    return f'<!DOCTYPE x [<!ENTITY a0 "aaaaaaaaaa">{entities}]>'


def overlapping() -> bytes:
    """Two entries of the directory that share one entry's bytes."""
    parts = parts_of(forms.filled())
    data = zipped(parts)
    first = data.index(b"xl/worksheets/sheet1.xml") - 30
    return zipped(parts, central={"offset": first}, of="xl/worksheets/sheet2.xml")


def nested_stored() -> bytes:
    """An entry whose data are another archive with the workbook's parts, as in a quine; nobody unpacks it twice."""
    inner = zipped(parts_of(forms.filled()))
    return zipped({**parts_of(forms.filled()), "xl/embeddings/inner.xlsx": inner}, method=0)


def zip64(**lies: int) -> bytes:
    """An archive with a zip64 record, some values of which may be lies: `count`, `size`, `offset`."""
    data = zipped(parts_of(forms.filled()))
    _, _, _, _, count, size, offset, _ = struct.unpack("<4s4H2LH", data[-22:])
    said = {"count": count, "size": size, "offset": offset, **lies}
    record = struct.pack(
        "<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, said["count"], said["count"], said["size"], said["offset"]
    )
    locator = struct.pack("<4sLQL", b"PK\6\7", 0, len(data) - 22, 1)
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    return data[:-22] + record + locator + end
