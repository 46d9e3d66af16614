"""What institutions wrote, packed: one small block of bytes an institution, unpacked only where it is shown.

Owns: the form the texts are kept in. A round's texts are most of its data and nothing is computed from them after the
checks, so they stay out of the frames.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import pandas as pd

_LEVEL = 1
"""Of zlib: the higher levels cost more time than they save room."""


class AnswerText(NamedTuple):
    """The texts of one requirement of one institution, as they stand in its form, and where."""

    typed: str
    """Content of the answer cell as text."""
    evidence: str
    remarks: str
    file: str
    """Path as in the results' list of files; empty where the domain never came."""
    sheet: str
    cell: str
    """Answer cell, such as `F12`; empty where the form has no such row."""
    evidence_cell: str = ""


def packed(texts: Iterable[AnswerText]) -> bytes:
    """Pack the texts of one institution, in model order."""
    columns = list(zip(*texts, strict=True))
    words = json.dumps(columns, ensure_ascii=False, separators=(",", ":"))
    return zlib.compress(words.encode("utf-8", "surrogatepass"), _LEVEL)


def texts_of(block: bytes) -> tuple[AnswerText, ...]:
    """Unpack what `packed` made."""
    columns = json.loads(zlib.decompress(block).decode("utf-8", "surrogatepass"))
    return tuple(map(AnswerText._make, zip(*columns, strict=True)))


def blocks_of(judged: pd.DataFrame, count: int) -> tuple[bytes, ...]:
    """Pack the texts of a frame as `answers.judge` gives it, one block an institution, in order.

    Args:
        judged: the full grid, with the text columns that `AnswerText` names.
        count: rows of an institution.
    """
    columns = [judged[name].tolist() for name in AnswerText._fields]
    rows = list(zip(*columns, strict=True))
    return tuple(packed(map(AnswerText._make, rows[n : n + count])) for n in range(0, len(rows), count))
