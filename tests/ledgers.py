"""Rounds whose ledger is written by hand: who takes part, what was sent, what came, without a mail or a workbook."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

from evaluator.intake.institutions import FIELDS, Institution
from evaluator.model.records import Model
from evaluator.rounds.folder import Round
from evaluator.rounds.ledger import Ledger
from evaluator.rounds.settings import MailPart, RoundPart, Settings

NOW = "2026-03-20T08:00:00Z"
EARLY = "2026-03-10T08:00:00Z"
LATE = "2026-04-02T08:00:00Z"
"""After the deadline, which is the end of 31 March in China."""


def hand_made(folder: Path, model: Model, *, every: float = 5.0, **settings: Any) -> Round:
    """Make a round without folder, with an empty ledger; `settings` are those of `[round]`."""
    given = {"id": "2026-x", "name": "2026年自评", "deadline": date(2026, 3, 31), **settings}
    place = Round(
        path=folder,
        settings=Settings(round=RoundPart(**given), mail=MailPart(remind_every_days=every)),
        model=model,
        key=bytes(32),
    )
    Ledger.create(place.database, {"round": place.id}, clock=lambda: NOW)
    return place


def entry(identifier: str, **fields: str) -> Institution:
    return Institution(**{"id": identifier, "name": f"机构{identifier}", "email": f"{identifier}@x.cn", **fields})


@dataclass
class Scribe:
    """Writes what happened into a ledger."""

    ledger: Ledger
    packages: dict[tuple[str, str, str], int] = field(default_factory=dict)

    def roster(self, *entries: Institution, gone: Iterable[str] = ()) -> None:
        rows = [(one.id, json.dumps({key: asdict(one)[key] for key in FIELDS})) for one in entries]
        rows += [(identifier, "{}") for identifier in gone]
        with self.ledger.step("roster") as database:
            database.executemany(
                "INSERT INTO institutions (id, fields, roster, since) VALUES (?, ?, 'x', ?)",
                [(*row, NOW) for row in rows],
            )

    def mail(
        self,
        institution: str,
        domains: Iterable[str] = (),
        *,
        kind: str = "invitation",
        state: str = "sent",
        at: str = EARLY,
        corrects: str = "",
        detail: str = "",
    ) -> int:
        with self.ledger.step("mail", institution=institution) as database:
            number = database.execute(
                "INSERT INTO messages"
                " (kind, institution, address, message_id, subject, sha256, state, planned, changed, detail)"
                " VALUES (?, ?, ?, lower(hex(randomblob(9))), '自评问卷', '', ?, ?, ?, ?)",
                (kind, institution, f"{institution}@x.cn", state, at, at, detail),
            ).lastrowid
            for domain in domains:
                package = database.execute(
                    "INSERT INTO packages (institution, domain, kind, corrects, lang, file, sha256, seal, made)"
                    " VALUES (?, ?, ?, ?, 'zh', ?, '', '', ?)",
                    (institution, domain, "correction" if corrects else "form", corrects, f"{domain}.xlsx", at),
                ).lastrowid
                database.execute("INSERT INTO enclosures VALUES (?, ?)", (number, package))
        return number or 0

    def came(
        self,
        institution: str,
        domain: str,
        *,
        name: str = "",
        status: str = "counted",
        faults: Iterable[str] = (),
        warnings: Iterable[str] = (),
        at: str = EARLY,
        mail: str = "m",
        late: str = "",
    ) -> str:
        """Record a return; `faults` and `warnings` are cells, `late` is `return.late` or `return.too_late`.

        Gives its hash.
        """
        name = name or f"{institution}/{domain}.xlsx"
        digest = sha256(name.encode()).hexdigest()
        findings = [finding("error", cell) for cell in faults] + [finding("warning", cell) for cell in warnings]
        if late:
            findings.append({**finding("error" if late == "return.too_late" else "warning", ""), "code": late})
        errors = sum(one["severity"] == "error" for one in findings)
        with self.ledger.step("came", institution=institution) as database:
            database.execute("INSERT OR IGNORE INTO files VALUES (?, ?, 1, ?, ?, ?)", (name, digest, mail, at, at))
            database.execute(
                "INSERT INTO returns VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (name, domain, institution, digest, status, errors, at, json.dumps(findings), NOW),
            )
        return digest

    def letter(self, kind: str, *, reason: str = "", sender: str = "who@y.cn", subject: str = "回复") -> None:
        with self.ledger.step("letter") as database:
            database.execute(
                "INSERT INTO mails VALUES (lower(hex(randomblob(32))), 'inbox', '', ?, ?, ?, ?, ?, ?)",
                (sender, subject, EARLY, kind, reason, NOW),
            )


def finding(severity: str, cell: str) -> dict[str, str]:
    return {
        "code": "answer.invalid",
        "severity": severity,
        "sheet": "自评问卷",
        "cell": cell,
        "requirement": f"R-{cell}",
        "zh": f"{cell}有误。",
        "en": f"{cell} is faulty.",
    }
