"""Why a figure differs: which of what is not as it was it may follow from.

Owns: choosing the reasons of each figure. That nothing accounts for it is said only where nothing does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from evaluator.assessment.results import IDENTITY
from evaluator.reports.comparing.causes import OF_DRAWS
from evaluator.reports.comparing.sealed import Sealed
from evaluator.reports.comparing.tables import Figure
from evaluator.reports.comparing.verdict import Again, Cause, Output, Unfounded
from evaluator.reports.recorded import NAME as DATABASE

_OF_INPUTS = {
    "added": "added", "skipped": "renamed", "read": "renamed", "reread": "renamed", "unconverted": "conversion",
    "converted": "conversion",
}  # fmt: skip
"""What is said of an input that figures may follow from, where it is not that it is another."""
_OF_RECORD = {"altered": "output", "unvouched": "unvouched"}
"""What a figure may follow from that differs in a record found so."""

Reasons = tuple[tuple[str, str], ...]


def reasons_of(
    causes: Sequence[Cause],
    outputs: Sequence[Output],
    figures: Sequence[Figure],
    sealed: Sealed,
    again: Again,
    unfounded: Unfounded | None,
) -> Callable[[Figure], Reasons]:
    """Give what names a figure's reasons, the surest first.

    Args:
        causes: what is not as it was.
        outputs: the files that differ.
        figures: all figures that differ.
        sealed: the results.
        again: the recomputation.
        unfounded: by which the record contradicts itself.
    """
    record = next((one.what for one in outputs if one.path == DATABASE), "")
    altered = [(_OF_RECORD[record], DATABASE)] if record in _OF_RECORD else []
    inputs = [one for one in causes if one.kind == "input" and not one.is_harmless]
    named: dict[str, list[tuple[str, str]]] = {}
    for one in inputs:
        for name in {one.institution, one.culprit} - {""}:
            named.setdefault(name, []).append((_as_input(one), one.culprit))
    others = [("others" if one.institution else _as_input(one), one.culprit) for one in inputs[:1]]
    if any(one.institution for one in inputs[1:]):
        others = [("others", "")]
    harmful = [one for one in causes if not one.is_harmless]
    rosters = [one for one in harmful if one.kind == "roster"]
    for one in rosters:
        for name in {one.culprit, *(sealed.facts.roster or ())[:1]}:
            named.setdefault(name, []).append(("roster", one.culprit))
    general = [
        *_of_model(harmful, sealed, again),
        *(("roster", one.culprit) for one in rosters if _is_felt(figures, sealed) or one.what != "changed"),
        *([("overrides", "overrides")] if any(one.kind == "overrides" for one in harmful) else []),
    ]
    options = [one.culprit for one in harmful if one.kind == "option"]
    programs = [("version", one.culprit) for one in causes if (one.kind, one.what) == ("version", "program")]
    perhaps = _converted_otherwise(figures, again) or programs
    known: dict[Reasons, Reasons] = {}

    def itself(figure: Figure) -> list[tuple[str, str]]:
        is_own = unfounded is not None and figure.institution == unfounded.institution
        return [("itself", DATABASE)] if is_own else []

    def reasons(figure: Figure) -> Reasons:
        about = (figure.institution, figure.file, *map(str, figure.key.values()))
        own = dict.fromkeys(reason for name in dict.fromkeys(about) for reason in named.get(name, ()))
        last = [] if own or record == "altered" else others
        chosen = [("option", name) for name in options if _follows(figure, name)][:1]
        sure = [*own, *altered, *general, *chosen, *last]
        found = tuple(dict.fromkeys(sure or [*itself(figure), *perhaps] or [("seal", "")]))
        return known.setdefault(found, found)  # one for all figures that have the same

    return reasons


def _of_model(harmful: Sequence[Cause], sealed: Sealed, again: Again) -> list[tuple[str, str]]:
    """Name what changed in the model where it can be nothing else; of several changes any may be without effect.

    A file that says the same otherwise, as with another comment, changes nothing.
    """
    if again.model is not None and again.model.hash == sealed.facts.model_hash:
        return []
    places = [one.culprit for one in harmful if one.kind == "model"]
    files = [("model_file", one.culprit) for one in harmful if one.kind == "model_file"][:1]
    is_alone = len(places) == 1 and all(one.kind in ("model", "model_file") for one in harmful)
    return [("model", places[0] if is_alone else "")] if places else files


def _follows(figure: Figure, option: str) -> bool:
    """Tell whether a figure may follow from an option."""
    key = str(figure.key.get("key", "")) if figure.table == "run" else ""
    if option == "lang":
        return figure.table == "findings" or key in ("lang", "option_lang")
    return option not in OF_DRAWS or figure.table.startswith("robustness") or key == f"option_{option}"


def _is_felt(figures: Sequence[Figure], sealed: Sealed) -> bool:
    """Tell whether another roster may change figures: it says other things of institutions, or of whom mails are."""
    is_other = any(one.table == "institutions" and one.figure in ("", *IDENTITY) for one in figures)
    return is_other or "round" in sealed.facts.options


def _converted_otherwise(figures: Sequence[Figure], again: Again) -> list[tuple[str, str]]:
    """Name a file that LibreOffice converted, where answers in it differ: another version may read it otherwise."""
    files = {one.file for one in figures if one.table == "answers"}
    return [("reconversion", path) for path in sorted(files & again.converted)][:1]


def _as_input(one: Cause) -> str:
    return _OF_INPUTS.get(one.what, "input")
