"""A workbook of `AlikeWorksheet`s, and what workbooks of one kind share.

Owns: the parts around the sheets: formats made once (`Kit`), charts drawn once (`charts.Stencil`), equal parts deflated
once. Knows nothing of what is written.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from functools import lru_cache
from io import BytesIO, StringIO
from typing import ClassVar

import xlsxwriter
from xlsxwriter.chart import Chart
from xlsxwriter.format import Format
from xlsxwriter.packager import Packager

from evaluator.fastbook.alike import AlikeWorksheet
from evaluator.fastbook.cells import Pen, Pens
from evaluator.fastbook.charts import Print, Stencil
from evaluator.fastbook.texts import LEVEL, Known, Texts
from evaluator.zipped import Part, Run, deflated

_MOST_STENCILS = 256
_NOTHING = Known()


class Kit:
    """What workbooks of one kind share: formats made once, in a fixed order, and the part that describes them."""

    def __init__(self, base: Mapping[str, object], default: Mapping[str, object] | None = None) -> None:
        """Prepare the kit.

        Args:
            base: properties of every format.
            default: properties of cells without one; `None`: XlsxWriter's own.
        """
        self.base = dict(base)
        self._default = None if default is None else dict(default)
        self._book = xlsxwriter.Workbook(BytesIO(), self.options)
        self._book.fileclosed = True
        self.made: dict[tuple[tuple[str, object], ...], Format] = {}
        self.pens: dict[tuple[int, Format | None], Pen] = {}
        """What cells in these formats are written with."""
        self.styles = ""
        """The part `styles.xml`, once a workbook with no other formats was written."""

    @property
    def options(self) -> dict[str, object]:
        """XlsxWriter's options for a workbook; a new dictionary each time, as it writes into what it is given."""
        options: dict[str, object] = {
            "in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
        }  # fmt: skip
        return options if self._default is None else {**options, "default_format_properties": dict(self._default)}

    @property
    def count(self) -> int:
        """How many formats it has, with XlsxWriter's own."""
        return len(self._book.formats)

    def format(self, **properties: object) -> Format:
        """Give the format with these XlsxWriter properties over the base; equal ones are made once."""
        key = tuple(sorted(properties.items()))
        if key not in self.made:
            self.made[key] = indexed(self._book.add_format({**self.base, **properties}))
            self.made[key].shared = True
            self.styles = ""
        return self.made[key]

    def condition(self, **properties: object) -> Format:
        """Make a format for conditional formats, to be shared like the others: only what it changes."""
        made = self._book.add_format(properties)
        made._get_dxf_index()  # noqa: SLF001
        self.styles = ""
        return made

    def equip(self, book: xlsxwriter.Workbook) -> None:
        """Give a new workbook the kit's formats, and the means to add its own."""
        book.formats += self._book.formats[len(book.formats) :]
        book.xf_format_indices.update(self._book.xf_format_indices)
        book.dxf_format_indices.update(self._book.dxf_format_indices)


def indexed(look: Format) -> Format:
    """Number a format when it is made, not when it is first written: the order of sheets then makes no difference."""
    look._get_xf_index()  # noqa: SLF001
    return look


class FastWorkbook(xlsxwriter.Workbook):  # type: ignore[misc]  # XlsxWriter ships no types
    """A workbook of `AlikeWorksheet`s."""

    worksheet_class = AlikeWorksheet

    def __init__(self, kit: Kit, level: int = LEVEL, known: Known = _NOTHING) -> None:
        """Open the workbook, to be deflated at `level`; `known` are texts that it will hold for sure."""
        super().__init__(BytesIO(), kit.options)  # stays an empty zip, as the packager gives it no files
        self.str_table = Texts(known)
        self.kit = kit
        self.level = level
        self._packed = _Parts()
        self._pens = Pens(kit.pens)
        kit.equip(self)

    def add_worksheet(
        self, name: str | None = None, worksheet_class: type[AlikeWorksheet] | None = None
    ) -> AlikeWorksheet:
        """Add a worksheet."""
        sheet: AlikeWorksheet = super().add_worksheet(name, worksheet_class)
        sheet.pens = self._pens
        return sheet

    def _get_packager(self) -> _Parts:
        return self._packed

    @property
    def plainly_equipped(self) -> bool:
        """Whether the workbook has the kit's formats and no others."""
        return len(self.formats) == self.kit.count and self.default_url_format.xf_index is None

    def chart_like(self, key: Hashable, draw: Callable[[], Chart]) -> Chart | Print:
        """Give a chart that `draw` draws but for the values of the cells it shows.

        It is drawn once for all workbooks and the same key, which must say all that the drawing depends on.
        """
        if key not in self._stencils:
            if len(self._stencils) >= _MOST_STENCILS:
                self._stencils.clear()
            self._stencils[key] = Stencil(draw())
        chart = self._stencils[key].print()
        self.charts.append(chart)
        return chart

    _stencils: ClassVar[dict[Hashable, Stencil]] = {}

    def _prepare_format_properties(self) -> None:
        if not (self.plainly_equipped and self.kit.styles):
            super()._prepare_format_properties()

    def parts(self) -> list[Part]:
        """Give the parts of the workbook's zip, in order; it is closed by that."""
        self.close()
        return self._packed.parts()


class _Parts(Packager):  # type: ignore[misc]  # XlsxWriter ships no types
    """Takes the files of a workbook as texts, and deflates them here."""

    def _create_package(self) -> list[object]:
        super()._create_package()
        return []

    def _write_shared_strings_file(self) -> None:
        if self.workbook.str_table.count:
            self.filenames.append((StringIO(), "xl/sharedStrings.xml", False))

    def _write_styles_file(self) -> None:
        kit = self.workbook.kit
        if self.workbook.plainly_equipped and kit.styles:
            self.filenames.append((StringIO(kit.styles), "xl/styles.xml", False))
            return
        super()._write_styles_file()
        if self.workbook.plainly_equipped:
            kit.styles = self.filenames[-1][0].getvalue()

    def parts(self) -> list[Part]:
        """Deflate the files."""
        sheets = {f"xl/worksheets/sheet{n}.xml": sheet for n, sheet in enumerate(self.workbook.worksheets(), 1)}
        found, level = [], self.workbook.level
        for stream, name, _ in self.filenames:
            if name in sheets:
                run = sheets[name].run(stream.getvalue(), level)
            elif name == "xl/sharedStrings.xml":
                run = self.workbook.str_table.run(level)
            elif name.startswith(("xl/charts/", "xl/drawings/d")):
                run = deflated(stream.getvalue().encode(), level)
            else:
                run = _remembered(stream.getvalue(), level)
            found.append(Part(name, run))
        return found


@lru_cache(maxsize=128)
def _remembered(words: str, level: int) -> Run:
    """Deflate a part that many workbooks have alike."""
    return deflated(words.encode(), level)
