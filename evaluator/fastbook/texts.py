"""The texts that a workbook's cells share, and how a text is written in XML.

Owns: numbering shared texts, and their part, of which what is known beforehand is made once. Knows nothing of cells.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from xlsxwriter.sharedstrings import SharedStringTable

from evaluator.zipped import Deflating, Run, deflated, joined

LEVEL = 2
"""Of zlib, for workbooks written in numbers: a seventh larger than at 6, in less than half the time."""
_AT_ONCE = 4096
"""Texts rendered before they are deflated."""
_ESCAPES = re.compile("(_x[0-9a-fA-F]{4}_)")
_SHARED = re.compile(' t="s"><v>([0-9]+)<')
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


def escaped(words: str) -> str:
    """Escape a text for a cell's XML, also what only looks like one of Excel's own escapes (`_x0041_`)."""
    words = words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _ESCAPES.sub(r"_x005F\1", words) if "_x" in words else words


def text_element(words: str) -> str:
    """Render a text as XlsxWriter does, with its blanks at the ends kept."""
    kept = ' xml:space="preserve"' if words.strip() != words else ""
    return f"<t{kept}>{escaped(words)}</t>"


class Known:
    """Texts that all workbooks of a kind have: numbered, rendered and deflated once."""

    def __init__(self, texts: Iterable[str] = (), level: int = LEVEL) -> None:
        """Take the texts; each must be one that a cell can hold."""
        self.numbers = {words: number for number, words in enumerate(dict.fromkeys(texts))}
        self.run = deflated("".join(_entries(list(self.numbers))).encode(), level, last=False)


class Texts(SharedStringTable):  # type: ignore[misc]  # XlsxWriter ships no types
    """The texts that cells share, each with its number."""

    def __init__(self, known: Known) -> None:
        super().__init__()
        self.string_table = dict(known.numbers)
        self._known = known

    def _get_shared_string_index(self, words: str) -> int:
        self.count += 1
        return self.string_table.setdefault(words, len(self.string_table))

    def is_known(self, cell: str) -> bool:
        """Tell whether a cell's XML means the same in every workbook with these known texts."""
        number = _SHARED.search(cell)
        return number is None or int(number[1]) < len(self._known.numbers)

    def _sort_string_data(self) -> None:
        self.string_array = list(self.string_table)

    def run(self, level: int) -> Run:
        """Deflate their part, those known beforehand as they are."""
        words, start = self.string_array, len(self._known.numbers)
        head = f'{_DECLARATION}<sst xmlns="{_MAIN}" count="{self.count}" uniqueCount="{len(words)}">'
        packer = Deflating(level)
        for first in range(start, len(words), _AT_ONCE):
            packer.feed("".join(_entries(words[first : first + _AT_ONCE])).encode())
        packer.feed(b"</sst>")
        return joined([deflated(head.encode(), level, last=False), self._known.run, packer.end(last=True)])


def _entries(words: Sequence[str]) -> Iterable[str]:
    """Render shared texts; one look at all of them spares looking for escapes in each."""
    everything = "".join(words)
    if any(mark in everything for mark in ("&", "<", ">", "_x")):
        return [f"<si>{text_element(one)}</si>" for one in words]
    return [
        f"<si><t>{one}</t></si>" if one.strip() == one else f'<si><t xml:space="preserve">{one}</t></si>'
        for one in words
    ]
