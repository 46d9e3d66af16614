"""Which returns came after a round's closing, and what that means for them.

Owns: the comparison and its findings. A return whose time of arrival is not known is never late, nor is one that came
in time with the same content. Knows nothing of how times of arrival are found out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from evaluator.findings import Finding
from evaluator.intake.returns import Return, content_of
from evaluator.intake.terms import Terms


@dataclass(frozen=True, kw_only=True, slots=True)
class Timely:
    """Returns parted by whether they may count."""

    returns: tuple[Return, ...]
    """Those that may, in the order given."""
    refused: tuple[Return, ...]
    """Those that came too late to count."""
    findings: tuple[Finding, ...]


def timely(returns: Iterable[Return], terms: Terms | None) -> Timely:
    """Part returns by the round's deadline; what a person accepted counts however late it came.

    Args:
        returns: returns of some institutions.
        terms: what the round says; without one nothing is late.
    """
    every = tuple(returns)
    if terms is None or not terms.closes:
        return Timely(returns=every, refused=(), findings=())
    late = _late(every, terms.closes)
    refused = tuple(one for one in late if terms.late == "exclude" and one.sha256 not in terms.accepted)
    findings = tuple(_finding(one, terms, "return.too_late" if one in refused else "return.late") for one in late)
    return Timely(returns=tuple(one for one in every if one not in refused), refused=refused, findings=findings)


def _late(returns: Sequence[Return], closes: str) -> list[Return]:
    after = [one for one in returns if one.arrived and one.arrived >= closes]
    if not after:
        return []
    in_time = {(one.institution, one.domain, content_of(one)) for one in returns if one not in after}
    return [one for one in after if (one.institution, one.domain, content_of(one)) not in in_time]


def _finding(one: Return, terms: Terms, code: str) -> Finding:
    return Finding(
        code=code,
        institution=one.institution,
        domain=one.domain,
        file=one.file,
        params={
            "found": _shown(one.arrived, terms.utc_offset),
            "expected": _shown(terms.closes, terms.utc_offset, closing=True),
        },
    )


def _shown(moment: str, offset: float, *, closing: bool = False) -> str:
    """Show a time in the round's own zone; a closing at midnight is the end of the day before."""
    zone = timezone(timedelta(hours=offset))
    local = datetime.strptime(moment, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC).astimezone(zone)
    if closing and local.hour == local.minute == 0:
        return f"{local - timedelta(days=1):%Y-%m-%d} 24:00 ({zone})"
    return f"{local:%Y-%m-%d %H:%M} ({zone})"
