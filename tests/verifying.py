"""A small round of its own model, scored, that may be spoilt in one place at a time and is whole again afterwards."""

from __future__ import annotations

import shutil
import sqlite3
import warnings
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

import openpyxl

from evaluator import pipeline
from evaluator.model import files
from evaluator.model.files import files_of, hashes_of, load_model
from evaluator.pipeline.setup import Setup
from evaluator.pipeline.verifying import recompute
from evaluator.reports.comparing.compared import compare
from evaluator.reports.comparing.sealed import open_sealed
from evaluator.reports.comparing.verdict import Again, Verdict
from evaluator.synthesis.round import make_round

BUILT_IN = Path(files.__file__).parent / "builtin" / "sme-service" / "2023.1"
INSTITUTIONS = 7


@dataclass(frozen=True)
class World:
    """A round's files, its model and its results."""

    folder: Path
    setup: Setup

    @property
    def returned(self) -> Path:
        return self.folder / "returned"

    @property
    def roster(self) -> Path:
        return self.folder / "roster.xlsx"

    @property
    def model(self) -> Path:
        return self.folder / "model"

    @property
    def results(self) -> Path:
        return self.folder / "results"

    def returns(self) -> list[Path]:
        """The forms of the institutions whose files are plain workbooks that count."""
        with closing(sqlite3.connect(self.results / "results.db")) as database:
            rows = database.execute("SELECT path FROM files WHERE status = 'counted' ORDER BY path").fetchall()
        return [self.folder / path for (path,) in rows if (self.folder / path).is_file() and path != "roster.xlsx"]

    def owner(self, path: Path) -> str:
        with closing(sqlite3.connect(self.results / "results.db")) as database:
            name = path.relative_to(self.folder).as_posix()
            return str(database.execute("SELECT institution FROM files WHERE path = ?", (name,)).fetchone()[0])

    def score(self, out: Path | None = None) -> Path:
        target = out or self.results
        pipeline.score(
            [self.returned], target, load_model(str(self.model)), roster=self.roster,
            model_files=hashes_of(files_of(str(self.model))), setup=self.setup,
        )  # fmt: skip
        return target

    def verify(self) -> Verdict:
        return pipeline.verify(
            self.results, [self.returned], roster=self.roster, model=str(self.model), setup=self.setup
        )

    def recompute(self, folder: Path) -> Again:
        sealed = open_sealed(self.results)
        return recompute(sealed, [self.returned], folder, roster=self.roster, model=str(self.model), setup=self.setup)

    def compare(self, again: Again) -> Verdict:
        """Hold the results as they are now against a recomputation made before."""
        return compare(open_sealed(self.results), again)


def make_world(folder: Path) -> World:
    world = World(folder=folder, setup=Setup(workers=1, cache=folder / "cache" / "readings.db"))
    model = folder / "own"
    shutil.copytree(BUILT_IN, model)
    main = (model / "model.toml").read_text(encoding="utf-8")
    (model / "model.toml").write_text(main.replace('edition = "2023.1"', 'edition = "2026.7"'), encoding="utf-8")
    made = folder / "made"
    make_round(made, load_model(str(model)), "zh", institutions=INSTITUTIONS, seed=11, faults=True)
    (made / "returned").rename(world.returned)
    (made / "roster.xlsx").rename(world.roster)
    shutil.rmtree(made)
    model.rename(world.model)
    world.score()
    return world


@contextmanager
def spoilt(path: Path) -> Iterator[Path]:
    """Keep a file that may be changed, moved or removed, and put it back."""
    data = path.read_bytes()
    try:
        yield path
    finally:
        path.write_bytes(data)


def flip(path: Path, random: Random) -> int:
    """Change one byte of a file; gives which."""
    data = bytearray(path.read_bytes())
    at = random.randrange(len(data))
    data[at] ^= random.randrange(1, 256)
    path.write_bytes(data)
    return at


def change_cell(path: Path, random: Random, *, numbers: bool = False) -> tuple[str, str, object]:
    """Change one cell of a workbook, a number where asked for; gives sheet, cell and what it holds now."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl can't read some footers
        book = openpyxl.load_workbook(path)
    cells = [
        cell
        for sheet in book.worksheets
        for row in sheet.iter_rows()
        for cell in row
        if (isinstance(cell.value, int | float) if numbers else isinstance(cell.value, str))
        and not str(cell.value).startswith("=")
    ]
    cell = random.choice(cells)
    cell.value = cell.value + 1 if numbers else f"{cell.value}!"
    book.save(path)
    return cell.parent.title, cell.coordinate, cell.value


def answer_cells(path: Path) -> list[tuple[str, str]]:
    """List a form's sheet and cells with answers."""
    book = openpyxl.load_workbook(path)
    sheet = book["自评问卷"]
    return [
        (sheet.title, cell.coordinate)
        for row in sheet.iter_rows()
        for cell in row
        if cell.value in ("完全满足", "大部分满足", "部分满足", "不满足") and cell.row > 3
    ]
