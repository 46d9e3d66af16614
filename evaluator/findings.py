"""Findings: what is wrong or odd in a returned workbook, as values with a stable code, a severity and a place.

Owns: the record and its texts (`wording/findings.toml`, one entry per code, and `wording/findings_own.toml`, what an
institution is told instead). Knows nothing of how a finding is found.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, cast

from evaluator.wording import Lang, Text, catalogue, say

Severity = Literal["error", "warning", "info"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")


def codes() -> tuple[str, ...]:
    """List all finding codes of the catalogue, in its order."""
    families = cast("Mapping[str, Mapping[str, object]]", catalogue("findings"))
    return tuple(f"{family}.{name}" for family, entries in families.items() for name in entries)


def severity_of(code: str) -> Severity:
    """Give the severity of a code: `error` changes or withholds a result, `warning` may, `info` never does."""
    family, _, name = code.partition(".")
    return cast("Mapping[str, Mapping[str, Mapping[str, Severity]]]", catalogue("findings"))[family][name]["severity"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One finding, with its place in the physical workbook."""

    code: str
    """Stable code, `family.name`, listed in `wording/findings.toml`."""
    institution: str = ""
    """Institution id, empty where the file could not be told to anyone."""
    domain: str = ""
    """Domain code, empty where it concerns no single domain."""
    file: str = ""
    """Path of the file as listed in the results' file list."""
    sheet: str = ""
    """Sheet name in that file."""
    cell: str = ""
    """Cell reference such as `F12`, empty where it concerns the whole sheet or file."""
    requirement: str = ""
    """Requirement id, empty where it concerns none."""
    params: Mapping[str, object] = field(default_factory=dict)
    """Values for the `{placeholders}` of the texts: what was found, what was expected."""

    @property
    def severity(self) -> Severity:
        """Severity of the finding's code."""
        return severity_of(self.code)

    def found(self, lang: Lang) -> str:
        """Say what was found."""
        return self._say("found", lang)

    def action(self, lang: Lang) -> str:
        """Say what is expected and what to do."""
        return self._say("action", lang)

    def message(self, lang: Lang) -> str:
        """Say what was found, what is expected and what to do."""
        joint = "" if lang == "zh" else " "
        return self.found(lang) + joint + self.action(lang)

    def to_institution(self, lang: Lang) -> tuple[str, str]:
        """Say what was found and what to do to the institution itself; no other institution is named."""
        family, _, name = self.code.partition(".")
        own = cast("Mapping[str, Mapping[str, Mapping[str, object]]]", catalogue("findings_own"))
        told = own.get(family, {}).get(name, {})
        found, action = (
            say(f"findings_own.{self.code}.{part}", lang, **self.params) if part in told else self._say(part, lang)
            for part in ("found", "action")
        )
        return found, action

    def _say(self, part: str, lang: Lang) -> str:
        return say(f"findings.{self.code}.{part}", lang, **self.params)


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Sort findings the one way they are listed everywhere: institution, file, severity, code, place.

    The order does not depend on the order in which files were read.
    """
    return tuple(
        sorted(
            findings,
            key=lambda f: (
                f.institution,
                f.file,
                SEVERITIES.index(f.severity),
                f.code,
                f.domain,
                f.requirement,
                f.sheet,
                _cell_key(f.cell),
                f.message("en"),
            ),
        )
    )


def _cell_key(cell: str) -> tuple[int, int, str]:
    letters = cell.rstrip("0123456789")
    digits = cell[len(letters) :]
    return (int(digits) if digits else 0, len(letters), letters)


def joined(items: Iterable[str], limit: int = 12) -> Text:
    """Join names for a message, shortened past `limit` with the number left out."""
    names = list(items)
    shown, left = names[:limit], len(names) - limit
    more_zh, more_en = (f" 等共{len(names)}个", f" and {left} more") if left > 0 else ("", "")
    return Text(zh="、".join(shown) + more_zh, en=", ".join(shown) + more_en)
