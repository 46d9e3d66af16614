"""What institutions and mail servers send back in tests: filled forms of a round, and mails of every kind."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from email.message import EmailMessage
from io import BytesIO
from pathlib import Path

from evaluator.intake.institutions import Institution
from evaluator.questionnaire import layout
from evaluator.questionnaire.layout import Prefill
from evaluator.questionnaire.writer import write_form
from evaluator.rounds.folder import Round, at_work
from evaluator.rounds.ledger import Ledger
from evaluator.rounds.packages import sealed_as
from evaluator.seals import seal_of
from tests.forms import Given, answers

XLSX = "vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def form(
    place: Round,
    institution: Institution,
    domain: str = "SS",
    *,
    changed: Mapping[str, Given] | None = None,
    seal: str | None = None,
    of_round: str = "",
) -> bytes:
    """A form of a round as an institution returns it, all answers given; its seal is genuine unless told otherwise."""
    stream = BytesIO()
    sealed = sealed_as(place, institution.id, domain)._replace(round=of_round or place.id)
    write_form(
        stream,
        place.model,
        place.model.domain(domain),
        "zh",
        prefill=Prefill(fields=asdict(institution), answers=answers(domain, "zh", changed)),
        institution=institution.id,
        round_name=sealed.round,
        seal=seal_of(place.key, sealed) if seal is None else seal,
    )
    return stream.getvalue()


def file_name(place: Round, institution: Institution, domain: str = "SS") -> str:
    number = [one.code for one in place.model.domains].index(domain) + 1
    return layout.file_name(number, place.model.domain(domain), "zh", institution=institution.id)


def mail(
    sender: str,
    *,
    subject: str = "回复：填报问卷",
    words: str = "您好，问卷见附件。",
    files: Sequence[tuple[str, bytes]] = (),
    message_id: str = "",
    **headers: str,
) -> EmailMessage:
    """A mail; underscores in names of headers stand for hyphens."""
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = sender, "pinggu@round.example", subject
    made["Date"] = "Mon, 02 Mar 2026 09:00:00 +0800"
    made["Message-ID"] = message_id or f"<{_digest(sender, subject, words, *(data for _, data in files))}@x.cn>"
    for name, value in headers.items():
        made[name.replace("_", "-")] = value
    made.set_content(words)
    for name, data in files:
        made.add_attachment(data, maintype="application", subtype=XLSX, filename=name)
    return made


def _digest(*parts: str | bytes) -> str:
    return hashlib.sha256(b"\0".join(p if isinstance(p, bytes) else p.encode() for p in parts)).hexdigest()[:20]


def forwarded(sender: str, original: EmailMessage) -> EmailMessage:
    made = mail(sender, subject=f"转发：{original['Subject']}", words="转发，请查收。")
    made.add_attachment(original)
    return made


def gbk_zip(files: Sequence[tuple[str, bytes]]) -> bytes:
    """A zip as Chinese Windows makes it: names in GBK, without a flag that says so."""
    stream = BytesIO()
    names = {f"{number:0{len(name.encode('gbk'))}}": name for number, (name, _) in enumerate(files)}
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for digits, (_, data) in zip(names, files, strict=True):
            archive.writestr(digits, data)
    packed = stream.getvalue()
    for digits, name in names.items():
        packed = packed.replace(digits.encode(), name.encode("gbk"))
    return packed


def report(
    original: bytes,
    address: str,
    *,
    action: str = "failed",
    status: str = "5.1.1",
    words: str = "smtp; 550 no such user",
) -> bytes:
    """A delivery status notification (RFC 3464) with the headers of the message it is about."""
    head = original.replace(b"\r\n", b"\n").partition(b"\n\n")[0].decode("ascii")
    return (
        f"""Return-Path: <>
From: Mail Delivery System <MAILER-DAEMON@mx.example>
To: pinggu@round.example
Subject: Undelivered Mail Returned to Sender
Date: Mon, 02 Mar 2026 09:01:00 +0800
Message-ID: <report-{address}-{action}@mx.example>
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain; charset=us-ascii

This is the mail system at host mx.example.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example
Arrival-Date: Mon, 02 Mar 2026 09:00:30 +0800

Final-Recipient: rfc822; {address}
Original-Recipient: rfc822;{address}
Action: {action}
Status: {status}
Remote-MTA: dns; mail.inst.example
Diagnostic-Code: {words}

--b
Content-Type: text/rfc822-headers

{head}

--b--
"""
    ).encode()


def note_sent(place: Round, institution: Institution, message_id: str, subject: str = "关于填报自评问卷的通知") -> None:
    """Put a message of ours on record as sent."""
    with at_work(place) as ledger:
        write_sent(ledger, institution, message_id, subject)


def write_sent(ledger: Ledger, institution: Institution, message_id: str, subject: str) -> None:
    at = "2026-03-01T00:00:00Z"
    with ledger.step("sent", institution=institution.id) as step:
        step.execute(
            "INSERT INTO messages (kind, institution, address, message_id, subject, sha256, state, planned, changed,"
            " detail) VALUES ('invitation', ?, ?, ?, ?, '', 'sent', ?, ?, '')",
            (institution.id, institution.email, message_id, subject, at, at),
        )


def our_mail(institution: Institution, message_id: str, round_id: str) -> bytes:
    """A message of ours, as far as reports return it."""
    return (
        f"From: pinggu@round.example\r\nTo: {institution.email}\r\nSubject: notice\r\nMessage-ID: {message_id}\r\n"
        f"X-Evaluator-Round: {round_id}\r\n\r\ntext\r\n"
    ).encode()


def put(folder: Path, name: str, data: bytes) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(data)
    return folder / name
