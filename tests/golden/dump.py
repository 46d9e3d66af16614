"""A workbook as text, part by part: what a person would see or Excel would compute, one line each.

Sheets give their cells (reference, value or formula), merged ranges, validations and print set-up; charts give their
type, texts and data references. Styles are left out: they are looked at, not diffed.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from xml.etree import ElementTree as ET

from evaluator.questionnaire.book import sheet_parts

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def dump(data: bytes) -> str:
    """Give a workbook's parts as text, in a fixed order."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        lines = [f"parts: {', '.join(sorted(archive.namelist()))}"]
        texts = _shared_texts(archive)
        for name, part in sheet_parts({name: archive.read(name) for name in archive.namelist()}).items():
            lines.append(f"\n=== sheet {name}")
            lines.extend(_sheet(archive.read(part), texts))
        for part in sorted(archive.namelist()):
            if re.fullmatch(r"xl/charts/chart\d+\.xml", part):
                lines.append(f"\n=== {part}")
                lines.extend(_chart(archive.read(part)))
    return "\n".join(lines) + "\n"


def _shared_texts(archive: zipfile.ZipFile) -> list[str]:
    if "xl/sharedStrings.xml" not in archive.namelist():
        return []
    root = ET.fromstring(archive.read("xl/sharedStrings.xml"))  # noqa: S314 - made by this project
    return ["".join(part.text or "" for part in entry.iter(f"{MAIN}t")) for entry in root]


def _sheet(xml: bytes, texts: list[str]) -> Iterator[str]:
    root = ET.fromstring(xml)  # noqa: S314 - made by this project
    for cell in root.iter(f"{MAIN}c"):
        value = cell.find(f"{MAIN}v")
        formula = cell.find(f"{MAIN}f")
        shown = "" if value is None or value.text is None else value.text
        if cell.get("t") == "s":
            shown = repr(texts[int(shown)])
        elif cell.get("t") == "inlineStr":
            shown = repr("".join(part.text or "" for part in cell.iter(f"{MAIN}t")))
        if formula is not None:
            shown = f"={formula.text} -> {shown}"
        if shown:
            yield f"{cell.get('r')} {shown}"
    for tag in ("mergeCell", "dataValidation", "hyperlink", "pageSetup", "printOptions", "pane"):
        for element in root.iter(f"{MAIN}{tag}"):
            attributes = " ".join(
                f"{key.rpartition('}')[2]}={value!r}" for key, value in sorted(element.attrib.items())
            )
            yield f"{tag} {attributes} {' '.join(part.text or '' for part in element)}".rstrip()


def _chart(xml: bytes) -> Iterator[str]:
    for element in ET.fromstring(xml).iter():  # noqa: S314 - made by this project
        tag = element.tag.rpartition("}")[2]
        if tag.endswith("Chart"):
            yield tag
        elif tag in ("f", "t") and element.text:
            yield f"  {element.text}"
        elif tag in ("min", "max"):
            yield f"  {tag} {element.get('val')}"
