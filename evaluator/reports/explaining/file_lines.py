"""Files that don't count, as lines of an explanation: path, what became of it, hash, and why.

Owns: their lines and words, in both languages.
"""

from __future__ import annotations

from collections.abc import Iterator

from evaluator.reports.explaining.explained import Explained
from evaluator.reports.explaining.lines import Line
from evaluator.reports.explaining.uncounted import NotCounted
from evaluator.wording import Lang, say

_MOST_NAMED = 5
"""Files of nobody that are named; of more it is said how many there are."""


def own_files(found: Explained, domain: str, depth: int, lang: Lang) -> Iterator[Line]:
    """Give the lines of the files that name the institution and came for a domain, but don't count."""
    files = found.not_counted[domain]
    if files:
        yield Line(depth, say("explain.file.own" if domain else "explain.file.own_unknown", lang))
    for file in files:
        yield from _file(file, depth + 1, lang)


def nobodys_files(found: Explained, depth: int, lang: Lang) -> Iterator[Line]:
    """Give the lines of the files that could be given to nobody, the first few of them."""
    files = found.of_nobody
    if not files:
        return
    yield Line(depth, say("explain.file.nobodys", lang, count=len(files)))
    for file in files[:_MOST_NAMED]:
        yield from _file(file, depth + 1, lang)
    if len(files) > _MOST_NAMED:
        more = say("explain.file.more", lang, count=len(files) - _MOST_NAMED, sheet=say("report.sheet.files", lang))
        yield Line(depth + 1, more)


def _file(file: NotCounted, depth: int, lang: Lang) -> Iterator[Line]:
    yield Line(depth, file.path, whole=True)
    status = say(f"report.file_status.{file.status}", lang)
    if not file.reasons:
        yield Line(depth + 1, status)
    for reason in file.reasons:
        yield Line(depth + 1, say("explain.file.reason", lang, status=status, **reason._asdict()))
    if file.sha256:
        yield Line(depth + 1, f"SHA-256 {file.sha256}", whole=True)
