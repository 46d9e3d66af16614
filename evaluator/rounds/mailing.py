"""From a planned message to the bytes that go over the wire, and the last look at them before they do.

Owns: putting letter and forms together, and refusing what would bring one institution's form to another. Knows nothing
of connections or the ledger.
"""

from __future__ import annotations

import email
import email.policy
import hashlib
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from email.message import EmailMessage
from io import BytesIO

from evaluator.intake.addresses import addresses_of, named_address_of
from evaluator.intake.institutions import Institution
from evaluator.rounds.composing import XLSX, ZIP, Attachment, Mail, archive, compose
from evaluator.rounds.folder import Round
from evaluator.rounds.packages import Package, names_recipient
from evaluator.rounds.planning import Planned


@dataclass(frozen=True, kw_only=True, slots=True)
class Built:
    """A message as it goes out."""

    data: bytes = field(repr=False)
    sha256: str
    packages: tuple[Package, ...]
    """What is attached."""


def build(place: Round, message: Planned) -> Built:
    """Make a message; the same one gives the same bytes."""
    packages = message.forms()
    settings = place.settings
    zone = timezone(timedelta(hours=settings.round.utc_offset))
    data = compose(
        Mail(
            message_id=message.message_id,
            date=datetime.fromisoformat(message.planned).astimezone(zone),
            sender=named_address_of(settings.mail.sender),
            reply_to=named_address_of(settings.mail.reply_to),
            recipients=message.addresses,
            subject=message.letter.subject,
            body=message.letter.body,
            round=place.id,
            attachments=_attachments(packages, message.archive),
        )
    )
    return Built(data=data, sha256=hashlib.sha256(data).hexdigest(), packages=packages)


def _attachments(packages: tuple[Package, ...], name: str) -> tuple[Attachment, ...]:
    if name:
        packed = archive([(one.file_name, one.data) for one in packages])
        return (Attachment(name=name, kind=ZIP, data=packed),)
    return tuple(Attachment(name=one.file_name, kind=XLSX, data=one.data) for one in packages)


def goes_to(data: bytes, institution: Institution, files: int, place: Round) -> bool:
    """Tell whether a message is for an institution: addressed to it, with as many forms as meant, all sealed for it.

    Nothing is taken on trust: the bytes that would go out are opened anew, and so is every attachment in them.
    """
    message = email.message_from_bytes(data, policy=email.policy.default)
    to = tuple(address.addr_spec for address in message["To"].addresses) if message["To"] else ()
    try:
        forms = list(_forms(message))
    except (zipfile.BadZipFile, ValueError):
        return False
    is_its_own = all(names_recipient(form, institution.id, place) for form in forms)
    return to == addresses_of(institution.email) and len(forms) == files and is_its_own


def _forms(message: EmailMessage) -> Iterator[bytes]:
    for part in message.iter_attachments():
        content = part.get_content()
        if part.get_content_type() != ZIP:
            yield content
            continue
        with zipfile.ZipFile(BytesIO(content)) as packed:
            for name in packed.namelist():
                yield packed.read(name)
