"""What is explained: one institution's trace, with what it wrote and where, and the part of it that is asked for.

Owns: bringing trace, texts, files and findings together, and what of it is asked for. Knows nothing of how an
explanation is laid out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from evaluator.assessment.texts import AnswerText
from evaluator.assessment.trace import trace
from evaluator.assessment.traced import Trace
from evaluator.assessment.traced_domains import TracedDomain, TracedItem, TracedRequirement
from evaluator.model.records import Model
from evaluator.reports.explaining.parts import Part, domain_asked, part_named
from evaluator.reports.explaining.uncounted import (
    REASON_COLUMNS,
    NotCounted,
    Reason,
    Uncounted,
    is_cause,
    reason_of,
)
from evaluator.reports.recorded import Recorded, Vouched


@dataclass(frozen=True, kw_only=True, slots=True)
class Explained:
    """All that is known of how one institution's result came about."""

    model: Model
    facts: Mapping[str, Any]
    """Its row of `Assessment.institutions`."""
    trace: Trace
    wrote: tuple[AnswerText, ...]
    """What it wrote on each requirement, in model order."""
    hashes: Mapping[str, str]
    """SHA-256 of each file that its answers stand in, by path as listed."""
    not_counted: Mapping[str, tuple[NotCounted, ...]]
    """By domain code, files that name the institution but don't count; under an empty code those of no known domain."""
    of_nobody: tuple[NotCounted, ...]
    """Files that could be given to nobody and may be what is missing; empty where no domain is lost."""
    findings: Mapping[str, tuple[Reason, ...]]
    """What was found on each requirement."""
    decided: Mapping[str, Mapping[str, Any]]
    """What a person decided, by requirement id: rows of the table `overrides`."""
    vouched: Vouched
    """Whether the manifest vouches for the record that this is read from."""
    part: Part

    def is_lost(self, domain: TracedDomain) -> bool:
        """Tell whether a domain is missing and no file that names the institution is the cause."""
        return not domain.came and not is_cause(self.not_counted[domain.code])

    def codes(self, requirement: str) -> tuple[str, ...]:
        """Codes of the findings on a requirement, each once."""
        return tuple(dict.fromkeys(one.code for one in self.findings.get(requirement, ())))

    @property
    def domains(self) -> Iterator[TracedDomain]:
        """The domains that the part is about or lies in."""
        own = domain_asked(self.model, self.part)
        return (one for one in self.trace.domains if own in ("", one.code))

    def items(self, domain: TracedDomain) -> Iterator[TracedItem]:
        """The domain's items that the part is about or lies in."""
        kind, code = self.part.kind, self.part.code
        own = self.model.item_of[code].code if kind == "requirement" else code if kind == "item" else ""
        return (one for one in domain.items if own in ("", one.code))

    def requirements(self, item: TracedItem) -> Iterator[TracedRequirement]:
        """The item's requirements that the part is about."""
        own = self.part.code if self.part.kind == "requirement" else ""
        return (one for one in item.requirements if own in ("", one.id))


def explain(recorded: Recorded, named: str, typed: str | None = None) -> Explained:
    """Explain an institution's result, or a part of it.

    Args:
        recorded: the results.
        named: the institution's id, name or USCC.
        typed: the part, as a person types it; `None` for all.

    Raises:
        InputError: there is no such institution or part, or the record is damaged.
    """
    row = recorded.institution(named)
    part = part_named(recorded.model, typed)
    facts = {str(k): v for k, v in recorded.assessment.institutions.iloc[row].items()}
    own = str(facts["id"])
    decided = {target: one for (institution, target), one in recorded.decided.items() if institution == own}
    wrote = recorded.wrote(own)
    found: dict[str, dict[Reason, None]] = {}
    for requirement, code, *words in recorded.rows("findings", ("requirement", "code", *REASON_COLUMNS), own):
        found.setdefault(requirement, {})[reason_of(code, *words, spoken=recorded.spoken)] = None
    paths = {one.file for one in wrote}
    files, uncounted = recorded.files, Uncounted(recorded)
    counted = files[files["path"].isin(paths)]
    traced = trace(recorded.assessment, row, decided)
    not_counted = uncounted.of(own, [domain.code for domain in traced.domains])
    lost = [domain.code for domain in traced.domains if not domain.came and not is_cause(not_counted[domain.code])]
    return Explained(
        model=recorded.model,
        facts=facts,
        trace=traced,
        wrote=wrote,
        hashes=dict(zip(counted["path"], counted["sha256"], strict=True)),
        not_counted=not_counted,
        of_nobody=uncounted.of_nobody(own, lost) if lost else (),
        findings={requirement: tuple(reasons) for requirement, reasons in found.items()},
        decided=decided,
        vouched=recorded.vouched,
        part=part,
    )
