"""Why a mail is taken for what it is: signs and reasons with stable keys, kept in the ledger, said in both languages.

Owns: how they are kept, and their words. Knows nothing of how they are found.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from evaluator.wording import Text, filled, text

DEALT_WITH = "dealt_with"
"""Key of the reason that says how a person dealt with a mail."""
SERVICE = "service"
"""Parameter that is a key of `rounds.collect.cloud`, not words."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Reason:
    """One reason or sign."""

    key: str
    """Of `rounds.collect.reason`."""
    params: Mapping[str, str] = field(default_factory=dict)


def packed(reasons: Iterable[Reason]) -> str:
    """Give reasons as the ledger keeps them."""
    return json.dumps([[one.key, dict(one.params)] for one in reasons], ensure_ascii=False)


def unpacked(kept: str) -> tuple[Reason, ...]:
    """Give reasons again."""
    return tuple(Reason(key=key, params=params) for key, params in json.loads(kept or "[]"))


def said(reasons: Iterable[Reason]) -> Text:
    """Say reasons in words."""
    words = [_words(one) for one in reasons]
    return Text(zh="；".join(one.zh for one in words), en="; ".join(one.en for one in words))


def said_of(kept: str) -> Text:
    """Say what the ledger keeps as a mail's reason."""
    return said(unpacked(kept))


def _words(reason: Reason) -> Text:
    params: dict[str, object] = dict(reason.params)
    if SERVICE in params:
        params[SERVICE] = text(f"rounds.collect.cloud.{params[SERVICE]}")
    return filled(f"rounds.collect.reason.{reason.key}", **params)
