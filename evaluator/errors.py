"""The operator's mistakes, and only those: what stops a command before it can do its work.

A person's mistake inside a returned workbook is never one of these; it is a `Finding`. Texts are in the catalogue
`wording/errors.toml`; the command line says them in the operator's language on one line.
"""

from __future__ import annotations

import errno

from evaluator.wording import Lang, Text, catalogue, say, text


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


def reason_of(error: OSError) -> Text:
    """Say what went wrong with the system: the usual reasons in both languages, else in its own words."""
    name = "ETIMEDOUT" if isinstance(error, TimeoutError) else errno.errorcode.get(error.errno or 0, "")
    if name in catalogue("system"):
        return text(f"system.{name}")
    words = error.strerror or type(error).__name__
    return Text(zh=words, en=words)


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
