"""The operator's mistakes, and only those: what stops a command before it can do its work.

A person's mistake inside a returned workbook is never one of these; it is a `Finding`. Texts are in the catalogue
`wording/errors.toml`; the command line says them in the operator's language on one line.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator

from evaluator.wording import Lang, Text, catalogue, filled, say
from evaluator.wording.printing import printable

_SHOWN = 200
"""Characters of a library's words that are shown."""


class EvaluatorError(Exception):
    """An operator's mistake, with its text's key in `wording/errors.toml` and the values to fill in."""

    def __init__(self, key: str, /, **params: object) -> None:
        self.key = key
        self.params = params
        super().__init__(key)

    def message(self, lang: Lang) -> str:
        """Say what is wrong and how to mend it."""
        return say(f"errors.{self.key}", lang, **self.params)

    def __str__(self) -> str:
        return self.message("en")


def reason_of(error: BaseException) -> Text:
    """Say what the system or a library refused: the usual reasons in both languages, else with its own words.

    What raised an error without a usual reason may have one.
    """
    known = catalogue("system")
    one: BaseException | None = error
    while one is not None:
        key = next((name for name in _names(one) if name in known), None)
        if key is not None:
            return filled(f"system.{key}", words=_words(one))
        one = one.__cause__
    return filled("system.other", words=_words(error))


def _names(error: BaseException) -> Iterator[str]:
    """Name an error as `wording/system.toml` does, the most exact name first; libraries are known by names only."""
    reason = getattr(error, "reason", None)
    if isinstance(reason, str):  # of the encryption library
        yield f"SSL_{reason}"
    if hasattr(error, "verify_code"):
        yield f"CERT_{error.verify_code}"
    if hasattr(error, "sqlite_errorname"):
        yield "_".join(error.sqlite_errorname.split("_")[:2])
    own = [kind.__name__ for kind in type(error).__mro__]
    if isinstance(error, OSError) and "SSLError" not in own:  # whose numbers are not the system's
        yield errno.errorcode.get(error.errno or 0, "").removeprefix("WSA")
    yield from own


def _words(error: BaseException) -> str:
    said = (isinstance(error, OSError) and error.strerror) or str(error)
    return printable(" ".join(str(said).split())[:_SHOWN]) or type(error).__name__


class InputError(EvaluatorError):
    """A path that is not there, or holds nothing that can be read."""


class OutputError(EvaluatorError):
    """A place that can't be written, or that holds something which must not be overwritten."""


class RosterError(EvaluatorError):
    """A roster that can't be used; all its faults are in the message's `faults`."""


class RoundError(EvaluatorError):
    """A round's folder that can't be used, or something in it that forbids what was asked for."""


class WorkersError(EvaluatorError):
    """Worker processes that can't be started, or end without anything to blame."""


class ModelError(EvaluatorError):
    """A model that can't be used; `faults` lists every fault found, each with file and place."""

    def __init__(self, key: str, /, *, faults: tuple[object, ...] = (), **params: object) -> None:
        self.faults = faults
        super().__init__(key, **params)
