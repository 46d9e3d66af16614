"""An OpenDocument spreadsheet cut down to its cells, if LibreOffice may unfold it.

Owns: unpacking one under the archive's guards, counting what its sheets ask for (two hundred bytes may ask for 17
billion cells, which LibreOffice would make one by one), and leaving out macros, embedded objects and pictures. Knows
nothing of LibreOffice itself.
"""

from __future__ import annotations

import io
import zipfile
from math import prod
from xml.parsers import expat

from evaluator.intake import archive, xmlparts
from evaluator.limits import Limits
from evaluator.questionnaire.opening import Unread
from evaluator.wording import filled, text

_CONTENT_PART = "content.xml"
_KEPT = (_CONTENT_PART, "styles.xml")
_MIMETYPE = "application/vnd.oasis.opendocument.spreadsheet"
_MANIFEST = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"
_CHUNK = 1 << 16
_TABLE = "urn:oasis:names:tc:opendocument:xmlns:table:1.0"
_OFFICE = "urn:oasis:names:tc:opendocument:xmlns:office:1.0"
_TEXT = "urn:oasis:names:tc:opendocument:xmlns:text:1.0"
_ROW = f"{_TABLE} table-row"
_CELLS = (f"{_TABLE} table-cell", f"{_TABLE} covered-table-cell")
_ROWS_REPEATED = f"{_TABLE} number-rows-repeated"
_COLUMNS_REPEATED = f"{_TABLE} number-columns-repeated"
_SPANS = (f"{_TABLE} number-matrix-rows-spanned", f"{_TABLE} number-matrix-columns-spanned")
_CONTENT = {f"{_TABLE} formula", f"{_OFFICE} value-type"}
_SPACES, _SPACES_COUNT = f"{_TEXT} s", f"{_TEXT} c"


def reduced(data: bytes, limits: Limits) -> bytes | Unread:
    """Make a spreadsheet of another one's cells and styles alone.

    Args:
        data: the file, which the guards took for an OpenDocument spreadsheet.
        limits: what it may unpack to.
    """
    parts = _parts(data, limits)
    if isinstance(parts, Unread):
        return parts
    try:
        if asks_too_much(parts.get(_CONTENT_PART, b""), limits.office_cells):
            why = filled("intake.conversion.room", limit=f"{limits.office_cells:,}")
            return Unread(code="file.bomb", params={"why": why})
    except ValueError:
        return archive.damaged(text("intake.damaged.xml"), _CONTENT_PART)
    listed = "".join(
        f'<manifest:file-entry manifest:full-path="{name}" manifest:media-type="{kind}"/>'
        for name, kind in (("/", _MIMETYPE), *((name, "text/xml") for name in parts))
    )
    manifest = f'<manifest:manifest xmlns:manifest="{_MANIFEST}" manifest:version="1.3">{listed}</manifest:manifest>'
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as target:
        target.writestr("mimetype", _MIMETYPE)
        target.writestr("META-INF/manifest.xml", manifest)
        for name, content in parts.items():
            target.writestr(name, content)
    return stream.getvalue()


def _parts(data: bytes, limits: Limits) -> dict[str, bytes] | Unread:
    stream = io.BytesIO(data)
    found = archive.entries(stream, limits.entries)
    if isinstance(found, Unread):
        return found
    parts: dict[str, bytes] = {}
    for entry in found:
        if entry.name not in _KEPT:
            continue
        most = min(limits.entry, max(limits.ratio_from, limits.ratio * entry.packed))
        content = archive.refusal(entry) or archive.inflate(stream, entry, most)
        if isinstance(content, Unread):
            return content
        if entry.name in parts:
            return archive.damaged(text("intake.damaged.twice"), entry.name)
        parts[entry.name] = content
        fault = xmlparts.fault(entry.name, content, limits)
        if fault is not None:
            return fault
    return parts


def asks_too_much(content: bytes, most: int) -> bool:
    """Tell whether a spreadsheet asks for more cells (and blanks within texts) than are allowed.

    Args:
        content: the part `content.xml`, which has passed the archive's guards: no document type, UTF-8.
        most: how many are allowed.

    Raises:
        ValueError: it is not well-formed, or a count in it is no number.
    """
    count = _Count()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = count.start
    parser.EndElementHandler = count.end
    try:
        for start in range(0, len(content), _CHUNK):
            parser.Parse(content[start : start + _CHUNK])
            if count.room > most:
                return True
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise ValueError(str(error)) from error
    return count.room > most


class _Count:
    """What has been asked for so far in a sheet's XML."""

    def __init__(self) -> None:
        self.room = 0
        self._rows = 1
        self._empty = 0  # what the cell that is open asks for if something stands in it

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == _ROW:
            self._rows = _number(attributes, _ROWS_REPEATED)
        elif name in _CELLS:
            asked = self._rows * _number(attributes, _COLUMNS_REPEATED)
            if _CONTENT.isdisjoint(attributes):
                self._empty = asked
            else:
                self.room += asked * prod(_number(attributes, span) for span in _SPANS)
        else:
            if name == _SPACES:
                self.room += _number(attributes, _SPACES_COUNT)
            self.room += self._empty
            self._empty = 0

    def end(self, name: str) -> None:
        if name in _CELLS:
            self._empty = 0


def _number(attributes: dict[str, str], name: str) -> int:
    return max(1, int(attributes.get(name, 1)))
