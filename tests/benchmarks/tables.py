"""Tables of figures, as Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Table:
    """What a benchmark measured."""

    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    note: str = ""

    def __str__(self) -> str:
        lines = [f"## {self.title}", "", _line(self.head), _line(["---"] * len(self.head))]
        lines += [_line(row) for row in self.rows]
        return "\n".join([*lines, *(["", self.note] if self.note else []), ""])


def milliseconds(seconds: float) -> str:
    """Show a time."""
    return f"{seconds * 1e3:,.2f} ms" if seconds < 0.1 else f"{seconds * 1e3:,.0f} ms"


def times(ratio: float) -> str:
    """Show a ratio."""
    return f"{ratio:.3f}x" if ratio < 0.1 else f"{ratio:.2f}x" if ratio < 10 else f"{ratio:.1f}x"


def percent(ratio: float) -> str:
    """Show a share."""
    return f"{ratio:.1%}"


def megabytes(size: float) -> str:
    """Show an amount of memory."""
    return f"{size / 1e6:,.0f} MB" if size else "not measured"


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
