"""Charts drawn once: workbooks of a kind have the same charts but for the values of the cells that they show.

Owns: a chart's part with holes for the cached values and the chart's own number, and filling them. Knows nothing of
what a chart shows.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from io import StringIO

from xlsxwriter.chart import Chart

from evaluator.fastbook.texts import escaped

_MARK = "\x00"
_FIRST_AXIS, _STAND_IN = 5001, 90_000_000
_AXIS = _FIRST_AXIS + _STAND_IN
"""XlsxWriter begins the ids of a chart's axes with 5001 for a workbook's first chart, 5002 for its second."""
_HOLE = re.compile(f'{_MARK}([ns])_([0-9]+){_MARK}|("){_AXIS}(?=[0-9]{{4}}")')


class Stencil:
    """A chart of which only the cached values of the cells it shows are open."""

    def __init__(self, chart: Chart) -> None:
        """Take a chart as drawn, not placed in any sheet; it can't be used for anything else afterwards."""
        self.width, self.height = chart.width, chart.height
        self.formulas: dict[str, int] = dict(chart.formula_ids)
        stream = StringIO()
        chart._write_num_cache = lambda data: stream.write(f"{_MARK}n{data[0]}{_MARK}")  # noqa: SLF001
        chart._write_str_cache = lambda data: stream.write(f"{_MARK}s{data[0]}{_MARK}")  # noqa: SLF001
        chart.id = _STAND_IN
        chart.formula_data = [[f"_{number}"] for number in range(len(chart.formula_data))]
        chart._set_xml_writer(stream)  # noqa: SLF001
        chart._assemble_xml_file()  # noqa: SLF001
        chart.id = -1  # XlsxWriter then leaves it out of its own workbook
        self.pieces = _HOLE.split(stream.getvalue())

    def print(self) -> Print:
        """Give a chart to be placed in a sheet."""
        return Print(self)


class Print:
    """One chart made with a stencil; it has what XlsxWriter asks of a chart that is placed in a sheet."""

    x_scale = y_scale = 1
    x_offset = y_offset = 0
    chart_name = ""
    combined = None
    series = (None,)
    already_inserted = False
    id = -1

    def __init__(self, stencil: Stencil) -> None:
        self.width, self.height = stencil.width, stencil.height
        self.formula_ids = stencil.formulas
        self.formula_data: list[Sequence[object] | None] = [None] * len(stencil.formulas)
        self._stencil = stencil
        self._stream = StringIO()

    def _set_xml_writer(self, stream: StringIO) -> None:
        self._stream = stream

    def _assemble_xml_file(self) -> None:
        pieces = self._stencil.pieces
        words = [pieces[0]]
        for kind, number, quote, piece in zip(pieces[1::4], pieces[2::4], pieces[3::4], pieces[4::4], strict=True):
            if quote:
                words += (f"{quote}{_FIRST_AXIS + self.id}", piece)
            else:
                values = self.formula_data[int(number)] or ()
                words += (_texts(values) if kind == "s" else _numbers(values), piece)
        self._stream.write("".join(words))


def _texts(values: Sequence[object]) -> str:
    """Render cached texts; cells with texts are texts, also where all of them look like numbers."""
    return f'<c:strCache><c:ptCount val="{len(values)}"/>{_points(values)}</c:strCache>'


def _numbers(values: Sequence[object]) -> str:
    """Render cached numbers; what is none is 0 there, as with XlsxWriter."""
    points = _points([value if value is None or _is_number(value) else 0 for value in values])
    return f'<c:numCache><c:formatCode>General</c:formatCode><c:ptCount val="{len(values)}"/>{points}</c:numCache>'


def _points(values: Sequence[object]) -> str:
    return "".join(
        f'<c:pt idx="{n}"><c:v>{escaped(str(value))}</c:v></c:pt>'
        for n, value in enumerate(values)
        if value is not None
    )


def _is_number(value: object) -> bool:
    try:
        float(str(value))
    except ValueError:
        return False
    return True
