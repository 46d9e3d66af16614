"""Reading a sheet's cells by pattern, where its XML is as plain as the common programs write it.

Owns: the quick reading of sheets and shared texts. Every `<` between the first row and the last must belong to what a
pattern knows, and what is around goes through the parser, so nothing is passed over: what is not plain throughout
raises `NotPlain` and is read by `exactcells`. A test holds the two against each other.
Knows nothing of what the cells' texts mean.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from evaluator.limits import Limits
from evaluator.questionnaire import exactcells
from evaluator.questionnaire.exactcells import Cell, Extras
from evaluator.questionnaire.xmlwalk import check

_OPEN, _CLOSE = b"<sheetData>", b"</sheetData>"
_CHUNK = 1 << 20
"""Bytes after which the next row's end ends a piece; a row may be as much longer again."""
_MOST_AROUND = 1 << 16
"""Bytes that may stand around the rows."""
_START = re.compile(
    rb'(?:\xef\xbb\xbf)?(?:<\?xml version="1.0"(?: encoding="(?:UTF|utf)-8")?(?: standalone="(?:yes|no)")? ?\?>\s*)?<\w'
)
_CONTROLS = bytes((*range(9), 11, 12, *range(13, 32)))
_ODD_REFERENCE = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#9|#10|#13);)")
_REFERENCE = re.compile(r"&(\w+|#[0-9]+);")
_CHARACTERS = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'", "#9": "\t", "#10": "\n", "#13": "\r"}
_CELLS = re.compile(
    r'<c r="([A-Z]{1,3})([1-9][0-9]{0,6})"(?: s="([0-9]+)")?(?: t="([A-Za-z]+)")?(?:/>|>'
    r'(<f>[^<]*</f>|<f(?: t="shared"| ref="[A-Z0-9:]+"| si="[0-9]+"| ca="1")*(?:/>|>[^<]*</f>))?'
    r'(?:<v>([^<]+)</v>|<is><t(?: xml:space="preserve")?>([^<]+)</t></is>)?</c>)'
)
_ROW = re.compile(r'\s*<row(?: r="[0-9]{1,9}")?(?: [A-Za-z0-9:]+="[^"<>&]*")*>')
_EMPTY_ROWS = re.compile(r'(?:\s*<row(?: r="[0-9]{1,9}")?(?: [A-Za-z0-9:]+="[^"<>&]*")*/>){1,200}')
_HIDDEN = ' hidden="'
_HIDDEN_ROW = re.compile(r'<row((?: [A-Za-z0-9:]+="[^"<>&]*")*? hidden="(?:1|true)"[^<>]*)>\s*<c')
_NUMBER = re.compile(r' r="([0-9]{1,9})"')
_MERGE = re.compile(rb'<mergeCell ref="([A-Z0-9:]+)" ?/>')
_END_OF_ROW = re.compile(rb"</row>|/>(?=\s*<row)")
_END_OF_TEXT = re.compile(rb"</si>")
_TEXTS = re.compile(r'<si><t(?: xml:space="preserve")?>([^<]*)</t>(<phoneticPr(?: [A-Za-z]+="[A-Za-z0-9]*")*/>)?</si>')


class NotPlain(Exception):  # noqa: N818 - it is no error, only not for this reader
    """The XML is written in a way that the patterns don't know."""


def cells(xml: bytes, extras: Extras, limits: Limits) -> Iterator[list[Cell]]:
    """Read the cells of one sheet, some at a time, those that hold nothing left out.

    Args:
        xml: the sheet's part.
        extras: is filled in on the way.
        limits: how much there may be.

    Raises:
        NotPlain: it must be read by `exactcells.cells`; what was given before is void.
        Refused: there are more merged ranges than allowed.
    """
    start, end = xml.find(_OPEN) + len(_OPEN), xml.rfind(_CLOSE)
    if not len(_OPEN) <= start <= end:
        raise NotPlain
    around = xml[:start] + xml[end:]
    if around.count(b"sheetData") != 2:
        raise NotPlain
    _check_around(around)
    _note_merges(around, extras, limits)
    for part in _pieces(xml, start, end, _END_OF_ROW):
        # searching is quicker where no character has more than a byte
        found = _cells(part if part.isascii() else part.encode("utf-8").decode("latin-1"))
        if _HIDDEN in part:
            extras.hidden.extend(_hidden_rows(part))
        yield found


def texts(xml: bytes, limits: Limits) -> list[str]:
    """Read the texts that the workbook's cells share.

    Raises:
        NotPlain: they must be read by `exactcells.texts`.
        Refused: it claims to have more than allowed.
    """
    start, end = xml.find(b"<si>"), xml.rfind(b"</si>") + len(b"</si>")
    if not 0 <= start < end:
        raise NotPlain
    around = xml[:start] + xml[end:]
    _check_around(around)
    if exactcells.texts(around, limits):
        raise NotPlain
    found: list[str] = []
    for part in _pieces(xml, start, end, _END_OF_TEXT):
        tokens = _TEXTS.findall(part)
        if part.count("<") != 4 * len(tokens) + len([1 for token in tokens if token[1]]):
            raise NotPlain
        found += [_resolved(content) if "&" in content else content for content, _ in tokens]
        if len(found) > limits.shared_texts:
            raise NotPlain
    return found


def cell_name(row: int, column: int) -> str:
    """Name a cell (both numbers 1-based): `cell_name(12, 6)` is `F12`."""
    return f"{exactcells.column_letters(column)}{row}"


def _cells(part: str) -> list[Cell]:
    """Find the cells in some whole rows.

    Args:
        part: the rows, UTF-8 read as if each byte were a character.

    Raises:
        NotPlain: there is more than cells and rows.
    """
    tokens = _CELLS.findall(part)
    found = [token for token in tokens if token[5] or token[4] or token[6]]
    formulas = [token[4] for token in found if token[4]]
    marks = (
        _row_marks(part)
        + len(tokens)
        + len(found)
        + 2 * len([1 for token in found if token[5]])
        + 4 * len([1 for token in found if token[6]])
        + 2 * len(formulas)
        - len([1 for formula in formulas if formula.endswith("/>")])
    )
    if marks != part.count("<"):
        raise NotPlain
    return [token if token[3] == "s" and not token[6] else _readable(token) for token in found]


def _row_marks(part: str) -> int:
    """Count the tags of rows, which open and close in turn.

    Raises:
        NotPlain: they don't.
    """
    marks = 0
    *rows, rest = part.split("</row>")
    for row in rows:
        start = 0
        if _ROW.match(row) is None:
            start = _past_empty(row)
            marks += row.count("<", 0, start)
            if _ROW.match(row, start) is None:
                raise NotPlain
        marks += 2
    end = _past_empty(rest)
    if rest[end:].strip():
        raise NotPlain
    return marks + rest.count("<", 0, end)


def _hidden_rows(part: str) -> Iterator[int]:
    """Number the rows that have cells and are hidden.

    Raises:
        NotPlain: one does not say its number.
    """
    for attributes in _HIDDEN_ROW.findall(part):
        number = _NUMBER.search(attributes)
        if number is None:
            raise NotPlain
        yield int(number[1])


def _past_empty(part: str) -> int:
    """Find the end of the empty rows at the start of a part."""
    end = 0
    while found := _EMPTY_ROWS.match(part, end):
        end = found.end()
    return end


def _readable(token: Cell) -> Cell:
    """Give a cell with its text as it is meant, which a number of a shared text is already."""
    row, column, style, kind, formula, content, inline = token
    if bool(inline) != (kind == "inlineStr"):
        raise NotPlain
    words = content or inline
    if words.isascii() and "&" not in words and not inline:
        return token
    return row, column, style, kind, formula, _resolved(words.encode("latin-1").decode("utf-8")), ""


def _check_around(around: bytes) -> None:
    """Let the parser see what stands around the part read by pattern.

    Raises:
        NotPlain: it is not plain, or more than a parser should keep.
        SyntaxError: it is not well-formed.
    """
    plain = len(around) <= _MOST_AROUND and _START.match(around) and around.count(b"<?") == (b"<?xml" in around[:8])
    if not plain or b"<!" in around:
        raise NotPlain
    check(around)


def _note_merges(around: bytes, extras: Extras, limits: Limits) -> None:
    """Take note of the merged ranges, which are listed below the rows.

    Raises:
        NotPlain: there may be others than those found.
        Refused: there are more than allowed.
    """
    if named := around.count(b"mergeCell"):
        found = _MERGE.findall(around)
        if len(found) + around.count(b"mergeCells") != named:
            raise NotPlain
        for reference in found:
            extras.merge(reference.decode(), limits)


def _pieces(xml: bytes, start: int, end: int, mark: re.Pattern[bytes]) -> Iterator[str]:
    """Give what stands between two places in pieces that end with a mark.

    Raises:
        NotPlain: there are characters or references that no XML, or no plain one, has; or a piece is too long.
    """
    while start < end:
        found = mark.search(xml, min(start + _CHUNK, end), end)
        cut = found.end() if found else end
        if cut - start > 2 * _CHUNK:
            raise NotPlain
        part = xml[start:cut]
        try:
            words = part.decode("utf-8")
        except UnicodeDecodeError:
            raise NotPlain from None
        if len(part.translate(None, _CONTROLS)) < len(part) or "]]" in words or "\ufffe" in words or "\uffff" in words:
            raise NotPlain
        if _ODD_REFERENCE.search(words):
            raise NotPlain
        yield words
        start = cut


def _resolved(content: str) -> str:
    return _REFERENCE.sub(lambda found: _CHARACTERS[found[1]], content) if "&" in content else content
