"""What `verify` prints: the verdict first, then what differs and why, each kind cut to its first few.

Owns: the form of the text and of the JSON. Everything from outside is printed escaped.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from functools import partial
from itertools import takewhile
from typing import TYPE_CHECKING, TypeVar

from evaluator import wording
from evaluator.cli.printing import listed
from evaluator.cli.texts import LANG
from evaluator.wording.cutting import cut
from evaluator.wording.printing import printable

if TYPE_CHECKING:
    from evaluator.reports.comparing.books import Cell
    from evaluator.reports.comparing.tables import Figure
    from evaluator.reports.comparing.verdict import Because, Cause, Contradiction, Entry, Output, Verdict

T = TypeVar("T")
MOST = {
    "causes": 14, "altered": 6, "one_sided": 6, "contradictions": 4, "unvouched": 6, "differing": 6, "cells": 3,
    "entries": 4, "figures": 12,
}  # fmt: skip
"""How many of each kind are printed; of cells, for each file."""
_FIRST = ("institutions", "ranks", "domains", "items", "dimensions", "answers")
"""Tables whose figures are printed first."""
_ONE_SIDED = ("not_made", "new")
"""What is said of files that only the results have, or only what is computed anew; they may be as they were written."""
_FEW = 3
"""How many of each kind are printed where hardly any input is there, or they are packed, so that all is different."""
_OTHERWISE = ("unvouched", "differs")
"""What is said of files that come out otherwise, and may be as they were written."""
_SEAL, _RECORD = "manifest.json", "results.db"
_SHOWN = 80
_AROUND = 12
"""Characters before the place where two texts come to differ that are shown."""
_DIGEST = 64


def verdict_json(verdict: Verdict) -> dict[str, object]:
    """Give all of a verdict as plain data."""
    return {
        "identical": bool(verdict.proved),
        "proved": verdict.proved or None,
        "recomputed": verdict.is_recomputed,
        "model_from": verdict.model_from,
        "causes": [
            {
                "kind": one.kind, "what": one.what, "culprit": one.culprit, "institution": one.institution,
                "recorded": _plain(one.recorded), "found": _plain(one.found), "harmless": one.is_harmless,
                "why": one.why._asdict() if one.why else None,
            }
            for one in verdict.causes
        ],
        "outputs": [_output_json(one) for one in verdict.outputs],
        "manifest": [
            {
                "key": one.key, "recorded": one.recorded, "recomputed": one.recomputed,
                "explained": one.is_explained,
            }
            for one in verdict.entries
        ],
        "contradictions": [
            {
                "entry": one.entry, **dict(zip(("table", "row", "column"), one.place, strict=True)),
                "manifest": one.seal, "record": one.record, "recomputed": one.recomputed,
            }
            for one in verdict.contradictions
        ],
        "figures": [
            {
                "table": one.figure.table, "key": {name: _plain(value) for name, value in one.figure.key.items()},
                "institution": one.figure.institution, "figure": one.figure.figure,
                "recorded": _plain(one.figure.recorded), "recomputed": _plain(one.figure.recomputed),
                "causes": [{"kind": kind, "culprit": culprit} for kind, culprit in one.causes],
            }
            for one in verdict.figures
        ],
        "open": verdict.is_open,
        "unfounded": asdict(verdict.unfounded) if verdict.unfounded else None,
        "not_compared": list(verdict.not_compared),
    }  # fmt: skip


def verdict_lines(verdict: Verdict) -> Iterator[str]:
    """Give a verdict as lines of text."""
    yield wording.say(f"verify.verdict.{_key(verdict)}", LANG, count=_unconverted(verdict))
    if not verdict.proved and verdict.is_recomputed and not verdict.figures and _has_sound_record(verdict):
        yield wording.say("verify.verdict.figures_agree", LANG)
    is_packed = any(one.what in ("packed", "unpacked") for one in verdict.causes)
    is_short = verdict.is_of_others or verdict.is_open or is_packed
    section = partial(_section, most=_FEW) if is_short else _section
    if verdict.is_of_others:
        found, count = verdict.inputs
        yield wording.say(f"verify.verdict.{'few' if found else 'no'}_inputs", LANG, found=found, count=count)
    yield from section("causes", verdict.causes, _cause_line)
    is_explained = any(not one.is_harmless for one in verdict.causes)
    of_otherwise = _path if is_explained else _output_lines
    is_seal_told = verdict.proved == "figure"
    files = [one for one in verdict.outputs if is_seal_told or not (one.is_harmless and one.path == _SEAL)]
    otherwise = {what: sorted((one for one in files if one.what == what), key=_place) for what in _OTHERWISE}
    altered = [one for one in files if one.what not in (*_OTHERWISE, *_ONE_SIDED)]
    yield from section("altered", altered, _output_lines)
    yield from section("one_sided", [one for one in files if one.what in _ONE_SIDED], _output_lines)
    yield from section("unvouched", otherwise["unvouched"], of_otherwise)
    yield from section("contradictions", verdict.contradictions, _contradiction_line)
    if verdict.unfounded:
        own = {name: _shown(value) for name, value in asdict(verdict.unfounded).items()}
        yield printable(wording.say("verify.unfounded", LANG, **own))
    entries = {one.entry for one in verdict.contradictions}
    places = {one.place for one in verdict.contradictions}
    unexplained = [one for one in verdict.entries if not one.is_explained]
    told = [one for one in unexplained if one.key not in entries and one.key.partition(".")[0] not in entries]
    yield from section("entries", told, _entry_line)
    figures = [one for one in verdict.figures if _place_of(one) not in places]
    yield from section("figures", sorted(figures, key=_weight), _figure_line)
    yield from section("differing", otherwise["differs"], of_otherwise)
    notes = list(_notes(verdict))
    if notes:
        yield wording.say("verify.section.notes", LANG)
        yield from (f"  {printable(note)}" for note in notes)


def _key(verdict: Verdict) -> str:
    """Say which words tell the verdict."""
    if not verdict.proved:
        return "open" if verdict.is_open else "differs" if verdict.is_recomputed else "not_recomputed"
    is_seal = {one.path for one in verdict.outputs} == {_SEAL}
    return ("seal" if is_seal else verdict.proved) + ("_kept" if verdict.model_from == "kept" else "")


def _unconverted(verdict: Verdict) -> int:
    return sum(1 for one in verdict.causes if one.what in ("unconverted", "converted"))


def _section(
    name: str, found: Sequence[T], lines: Callable[[T], str | Sequence[str]], most: int = max(MOST.values())
) -> Iterator[str]:
    if not found:
        return
    most = min(most, MOST[name])
    yield wording.say(f"verify.section.{name}", LANG, count=len(found))
    for one in found[:most]:
        block = lines(one)
        yield from (f"  {printable(line)}" for line in ([block] if isinstance(block, str) else block))
    if len(found) > most:
        yield "  " + wording.say("verify.more", LANG, count=len(found) - most)


def _has_sound_record(verdict: Verdict) -> bool:
    """Tell whether the record could be read to its end, so that figures were compared."""
    return not any(
        one.path == _RECORD and (one.fault or one.what not in ("altered", *_OTHERWISE)) for one in verdict.outputs
    )


def _cause_line(one: Cause) -> str:
    key = f"{one.kind}_{one.what}" if one.what else one.kind
    old, new = _texts(one.recorded, one.found)
    if one.what == "limits":
        old, new = (str(value or wording.say("verify.defaults", LANG)) for value in (one.recorded, one.found))
    elif one.kind == "overrides" and one.what != "changed":
        old = wording.say(f"verify.decision.{one.recorded}", LANG)
    said = wording.say(f"verify.cause.{key}", LANG, culprit=one.culprit, recorded=old, found=new, why=one.why or "")
    return f"{one.institution}  {said}" if one.institution else said


def _output_lines(one: Output) -> list[str]:
    """Give a file in a line, and what differs in it in a second one."""
    cells = [_cell(cell) for cell in one.cells[: MOST["cells"]]]
    if len(one.cells) > MOST["cells"]:
        cells.append(wording.say("verify.output.cells", LANG, count=len(one.cells) - MOST["cells"]))
    parts = one.parts
    if one.other_lang:  # all of it differs then
        cells, parts = [wording.say(f"verify.output.in_{one.other_lang}", LANG)], ()
    details = [
        *([one.fault.say(LANG)] if one.fault else []),
        *([wording.say("verify.output.packing", LANG)] if one.is_packing else []),
        *cells,
        *([wording.say("verify.output.words", LANG, count=len(one.words))] if one.words else []),
        *([wording.say("verify.output.parts", LANG, parts=_shown(listed(parts)))] if parts else []),
    ]
    said = wording.say(f"verify.output.{one.what}", LANG, path=one.path)
    return [said, "  " + ("；" if LANG == "zh" else "; ").join(details)] if details else [said]


def _cell(cell: Cell) -> str:
    if not cell.cell:
        what = "missing" if cell.recorded is None else "extra"
        return wording.say(f"verify.output.sheet_{what}", LANG, sheet=cell.sheet)
    return f"{cell.sheet}!{cell.cell} {_pair(cell.recorded, cell.recomputed)}"


def _contradiction_line(one: Contradiction) -> str:
    seal, record, recomputed = (_shown(value) for value in (one.seal, one.record, one.recomputed))
    said = wording.say("verify.contradiction", LANG, entry=one.entry, seal=seal, record=record)
    return said + (wording.say("verify.computed_anew", LANG, recomputed=recomputed) if one.recomputed else "")


def _place_of(one: Because) -> tuple[str, ...]:
    """Give a figure's table, row and column, as contradictions have them."""
    return (one.figure.table, *map(str, one.figure.key.values()), one.figure.figure)


def _weight(one: Because) -> tuple[int, str]:
    """Say how far in front a figure is printed."""
    table = one.figure.table
    return (_FIRST.index(table) if table in _FIRST else len(_FIRST), table)


def _entry_line(one: Entry) -> str:
    return f"{one.key}: {_pair(one.recorded, one.recomputed)}"


def _figure_line(one: Because) -> str:
    figure = one.figure
    place = "" if _is_object(figure) else " ".join(_shown(value) for value in figure.key.values()) or figure.institution
    name = " ".join(part for part in (figure.table, place, figure.figure) if part)
    why = listed(map(_reason, one.causes[:3]))
    if len(one.causes) > 1:
        why = wording.say("verify.several", LANG, causes=why)
    return f"{name}: {_shape(figure) or _pair(figure.recorded, figure.recomputed)}  [{why}]"


def _reason(cause: tuple[str, str]) -> str:
    kind, culprit = cause
    key = {"model": "models", "others": "others_several"}.get(kind, kind) if not culprit else kind
    return wording.say(f"verify.because.{key}", LANG, culprit=culprit)


def _shape(figure: Figure) -> str:
    """Say of a table or column that only one of the two records has which it is."""
    if not figure.is_shape or None not in (figure.recorded, figure.recomputed):
        return ""
    what = "object" if _is_object(figure) else "column" if figure.figure else "table"
    kind = wording.say(f"verify.shape.{figure.key['type']!s}", LANG) if _is_object(figure) else ""
    return wording.say(f"verify.shape.{what}_{'missing' if figure.recorded is None else 'extra'}", LANG, kind=kind)


def _is_object(figure: Figure) -> bool:
    """Tell a view, an index or a trigger from a table or column."""
    return figure.is_shape and "type" in figure.key


def _notes(verdict: Verdict) -> Iterator[str]:
    if verdict.model_from == "kept":
        yield wording.say("verify.note.kept", LANG)
    if verdict.not_compared:
        yield wording.say("verify.note.not_compared", LANG, names=listed(verdict.not_compared))


def _output_json(one: Output) -> dict[str, object]:
    return {
        "path": one.path, "what": one.what, "institution": one.institution, "sealed": one.sealed, "found": one.found,
        "recomputed": one.recomputed, "packing_only": one.is_packing, "parts": list(one.parts),
        "other_lang": one.other_lang, "harmless": one.is_harmless, "compared": one.is_compared,
        "fault": one.fault._asdict() if one.fault else None,
        **{
            name: [
                {
                    "sheet": cell.sheet, "cell": cell.cell, "recorded": _plain(cell.recorded),
                    "recomputed": _plain(cell.recomputed),
                }
                for cell in cells
            ]
            for name, cells in (("cells", one.cells), ("words", one.words))
        },
    }  # fmt: skip


def _plain(value: object) -> object:
    """Make a value one that JSON has."""
    if isinstance(value, bytes):
        return value.hex()
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def _path(one: Output) -> str:
    return one.path


def _place(one: Output) -> tuple[bool, str]:
    return "/" in one.path, one.path


def _pair(old: object, new: object) -> str:
    return " → ".join(_texts(old, new))


def _texts(old: object, new: object) -> tuple[str, str]:
    """Show two values; long texts from shortly before where they come to differ."""
    if isinstance(old, str) and isinstance(new, str) and max(len(old), len(new)) > _SHOWN:
        start = max(0, _common(old, new) - _AROUND)
        cut = "…" if start else ""
        return _shown(cut + old[start:]), _shown(cut + new[start:])
    return _shown(old), _shown(new)


def _common(old: str, new: str) -> int:
    """Count the characters that two texts start with alike."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(old, new, strict=False)))


def _shown(value: object) -> str:
    if value is None or value == "":
        return wording.say("verify.empty", LANG)
    words = " ".join((f"{value:.12g}" if isinstance(value, float) else str(value)).split())
    if len(words) == _DIGEST and words.isalnum():
        return words[:12]
    return cut(words, _SHOWN)
