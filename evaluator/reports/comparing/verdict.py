"""What came of holding a results folder against a recomputation from its inputs.

Owns: the records. Knows nothing of how they are found or said.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from evaluator.model.files import FileHash
from evaluator.model.records import Model
from evaluator.reports.comparing.books import Cell
from evaluator.reports.comparing.tables import Figure
from evaluator.wording import Lang, Text

ModelFrom = Literal["given", "builtin", "kept", "round"]
Proved = Literal["byte", "figure", ""]
What = Literal["altered", "differs", "unvouched", "missing", "extra", "not_made", "new", "unreadable"]
HARMLESS = {
    ("input", "moved"),
    ("roster", "moved"),
    ("model_file", "line_ends"),
    ("version", "program"),
    ("version", "library"),
}
"""Kinds of causes that alone don't make results differ."""
_OF_CONVERSION = {("input", "unconverted"), ("input", "converted")}
_OTHERWISE = ("differs", "not_made", "new")
"""What is said of files that may be as they were written."""
_TELLING = 3
"""Inputs from which on it tells something that hardly any is there."""


@dataclass(frozen=True, kw_only=True)
class Failure:
    """Why the recomputation could not be done."""

    culprit: str
    """The file at fault: its name, or what is wrong in it where it is no file."""
    why: Text
    inputs: Mapping[str, str] = field(default_factory=dict)
    """Inputs that are what is at fault, by name: `changed` or `missing`."""


@dataclass(frozen=True, kw_only=True)
class Again:
    """A recomputation, or as much of it as could be done."""

    folder: Path | None
    """The results computed anew; `None` where that could not be done."""
    reports: Mapping[str, str]
    """Institution of each report, by its path in the folder."""
    inputs: Mapping[str, str] | None
    """SHA-256 of the files given, but for the roster, by the name they had when the results were made; `None` where a
    round does not tell."""
    moved: Mapping[str, str]
    """Name that a file given has now, by the name it had, where it lies elsewhere."""
    roster: tuple[str, str] | None
    """Name and hash of the roster; `None` where there is none."""
    model: Model | None
    model_from: ModelFrom
    model_files: tuple[FileHash, ...]
    renamed: Mapping[str, str] = field(default_factory=dict)
    """Name on disk, by the name it goes by here, of a file given that was not there, where one of the run had its name.
    """
    unconverted: Mapping[str, Text] = field(default_factory=dict)
    """Why files that LibreOffice has to convert were not converted, by the name they had when the results were made."""
    converted: frozenset[str] = frozenset()
    """Files that LibreOffice has converted, by that name."""
    failure: Failure | None = None


@dataclass(frozen=True, kw_only=True)
class Cause:
    """Something that is not as it was when the results were made."""

    kind: Literal["input", "roster", "model", "model_file", "overrides", "option", "version", "recomputation"]
    what: str
    """`changed`, `missing`, `added`, `moved`, `packed` into a container now, `unpacked` from one, `arrived`,
    `line_ends`; of an input whose name alone is another, and decides so, `skipped` now, `read` now or taken for
    something else, `reread`; of one that LibreOffice could not convert here, `unconverted`, or not then, `converted`;
    of an option `changed`, or `unfounded`: nothing given says otherwise, and yet it does not come out; of the limits of
    reading, `limits`; of the language that the workbooks are not in, `other_lang`; of a decision `added`, `withdrawn`,
    or `changed` where it can't be told which; of a version `program` or `library`; else empty."""
    culprit: str
    """Path of a file, place in the model, name of an option or library, what a decision is about."""
    institution: str = ""
    recorded: str | float | bool | None = None
    found: str | float | bool | None = None
    why: Text | None = None
    """Why the recomputation failed, or a file was not converted."""

    @property
    def is_harmless(self) -> bool:
        """Whether it alone makes no difference."""
        return (self.kind, self.what) in HARMLESS


@dataclass(frozen=True, kw_only=True)
class Entry:
    """An entry of the seal that differs from that of the recomputation."""

    key: str
    """As `model.sha256`, `outputs[ranking.xlsx].sha256`."""
    recorded: object
    recomputed: object
    is_explained: bool
    """Whether something else that is named here accounts for it."""


@dataclass(frozen=True, kw_only=True)
class Output:
    """A file of the results that is not what it should be."""

    path: str
    what: What
    """`altered` after it was written; `differs`: as it was sealed, but recomputing gives something else; `unvouched`:
    recomputing gives something else, and the seal is not as it was written, so that it vouches for nothing; `missing`;
    `extra`: no run wrote it; `not_made`: sealed, but recomputing makes none; `new`: recomputing makes one that the
    results never had; `unreadable`."""
    institution: str = ""
    sealed: str = ""
    found: str = ""
    recomputed: str = ""
    """SHA-256 as the seal has it, of the file, and of the one made anew; empty where there is none."""
    is_compared: bool = True
    """Whether a file that comes out otherwise was looked into for what is below."""
    cells: tuple[Cell, ...] = ()
    words: tuple[Cell, ...] = ()
    """Cells that differ only in what another program version words otherwise."""
    parts: tuple[str, ...] = ()
    """Parts of the package that differ apart from cells."""
    other_lang: Lang | None = None
    """Language of a workbook that is in another one than that made anew."""
    is_packing: bool = False
    """Whether only the bytes differ: how the file is put together, and nothing that it says."""
    fault: Text | None = None
    """Why the file can't be read."""
    is_harmless: bool = False
    """Whether all that is found in it agrees, and another version or system accounts for the bytes."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Because:
    """A figure that differs, with the reasons there are for it."""

    figure: Figure
    causes: tuple[tuple[str, str], ...]
    """Kind of cause and culprit, one or several of which account for it: `input` (of the institution itself, or
    nobody's, else `others`, without a culprit where there are several; `added` where it was none of the run, `renamed`
    where its name decides, `conversion` where LibreOffice does), `model` (without a culprit where it may be any of
    several changes), `roster`, `overrides`, `option`, `output` altered, or `unvouched`; `itself`: the record does not
    follow from what it holds itself; `version` of the program, or `reconversion` by another LibreOffice, which may
    account for it; `seal`: nothing does, so
    results and seal were made together."""


@dataclass(frozen=True, kw_only=True)
class Contradiction:
    """Something that seal and record say of the run differently, so that one of them was altered."""

    entry: str
    """The seal's entry, as `options.draws`, `inputs[returned/a.xlsx].sha256`."""
    place: tuple[str, str, str]
    """Table of the record that says it, its row and column."""
    seal: str
    """As the seal has it; empty where it has none."""
    record: str
    """As the record has it; empty where it has none."""
    recomputed: str
    """As both of the results made anew have it; empty where they have none, or there are none."""


@dataclass(frozen=True, kw_only=True)
class Unfounded:
    """A figure of the record that does not follow from the answers it holds itself."""

    institution: str
    figure: str
    recorded: object
    by_answers: object


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """Whether results are what their inputs give."""

    causes: tuple[Cause, ...]
    outputs: tuple[Output, ...]
    entries: tuple[Entry, ...]
    contradictions: tuple[Contradiction, ...]
    figures: tuple[Because, ...]
    is_recomputed: bool
    model_from: ModelFrom
    not_compared: tuple[str, ...] = field(default=())
    """Tables and columns that only one of two program versions has."""
    unfounded: Unfounded | None = None
    """The first figure by which the record contradicts itself; `None` where there is none."""
    inputs: tuple[int, int] = (0, 0)
    """How many inputs of the run are among the files given, by content, and how many there were."""

    @property
    def is_of_others(self) -> bool:
        """Whether these are most likely another run's results, or another run's files."""
        found, count = self.inputs
        return count >= _TELLING and found * 2 < count

    @property
    def is_open(self) -> bool:
        """Whether nothing can be said of the results, as all that differs may follow from what LibreOffice did."""
        harmful = [one for one in self.causes if not one.is_harmless]
        files = all(one.is_harmless or one.what in _OTHERWISE for one in self.outputs)
        entries = all(one.is_explained for one in self.entries)
        is_sound = files and entries and not (self.contradictions or self.unfounded) and self.is_recomputed
        return is_sound and bool(harmful) and all((one.kind, one.what) in _OF_CONVERSION for one in harmful)

    @property
    def proved(self) -> Proved:
        """Say how far the results are identical: to the byte, to the figure, or not."""
        harmful = any(not one.is_harmless for one in self.causes) or any(not one.is_harmless for one in self.outputs)
        if harmful or self.contradictions or self.figures or not self.is_recomputed:
            return ""
        return "figure" if self.outputs else "byte"
