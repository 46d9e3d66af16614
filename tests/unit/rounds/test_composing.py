"""A mail byte for byte: what others read out of it, and that nothing gets into its headers."""

from __future__ import annotations

import email
import email.policy
import unicodedata
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluator.intake.containers.headers import read_headers
from evaluator.rounds.composing import XLSX, Attachment, Mail, archive, compose
from evaluator.rounds.lines import one_line

NAME = "N001_5_CI_持续服务改进能力.xlsx"
MAIL = Mail(
    message_id="<r.N001.invitation.1.abc@x.cn>",
    date=datetime(2026, 3, 20, 8, tzinfo=UTC),
    sender=("某某评估中心", "pinggu@x.cn"),
    recipients=("a@y.cn", "b@z.cn"),
    reply_to=("", "hui@x.cn"),
    subject="2026年自评：请填报",
    body="您好！\n.\n\n完。\n",
    round="2026-x",
    attachments=(
        Attachment(name=NAME, kind=XLSX, data=b"PK\3\4" * 999),
        Attachment(name="b.xlsx", kind=XLSX, data=b""),
    ),
)
HEADERS = {
    "From",
    "To",
    "Reply-To",
    "Subject",
    "Date",
    "Message-ID",
    "X-Evaluator-Round",
    "MIME-Version",
    "Content-Type",
}


def parsed(data: bytes) -> EmailMessage:
    return email.message_from_bytes(data, policy=email.policy.default)


def blocks(data: bytes) -> list[bytes]:
    """The header blocks of the parts."""
    boundary = data.partition(b'boundary="')[2].partition(b'"')[0]
    return [part.partition(b"\r\n\r\n")[0] for part in data.split(b"--" + boundary + b"\r\n")[1:]]


def test_python_reads_the_mail_as_meant() -> None:
    found = parsed(compose(MAIL))
    assert set(found.keys()) == HEADERS
    assert str(found["From"]) == "某某评估中心 <pinggu@x.cn>"
    assert [address.addr_spec for address in found["To"].addresses] == ["a@y.cn", "b@z.cn"]
    assert (found["Subject"], found["Reply-To"], found["Message-ID"]) == (MAIL.subject, "hui@x.cn", MAIL.message_id)
    assert found["Date"].datetime == MAIL.date
    text = found.get_body()
    assert text is not None
    assert text.get_content().replace("\r\n", "\n") == MAIL.body
    assert [(part.get_filename(), part.get_content()) for part in found.iter_attachments()] == [
        (one.name, one.data) for one in MAIL.attachments
    ]
    assert [part.defects for part in found.walk()] == [[], [], [], []]


def test_the_same_mail_gives_the_same_bytes() -> None:
    assert compose(MAIL) == compose(replace(MAIL))
    assert compose(MAIL) != compose(replace(MAIL, message_id="<other@x.cn>"))


def test_lines_end_and_are_as_short_as_the_standard_wants_but_for_a_files_name_and_type() -> None:
    lines = compose(replace(MAIL, subject="很长的主题" * 30)).split(b"\r\n")
    assert not any(b"\r" in line or b"\n" in line for line in lines)
    long = {line[:18] for line in lines if len(line) > 78}
    assert long == {b" filename*=utf-8''", b"Content-Type: appl"}, "and the type of workbooks, which can't be folded"
    assert max(map(len, lines)) < 998


def test_a_chinese_name_stands_in_both_ways_that_programs_read() -> None:
    """QQ Mail and Outlook go by `name=` in encoded words; the standard by `filename*=`, here in one section."""
    first = blocks(compose(MAIL))[1]
    kind, disposition = first.split(b"Content-Disposition:")
    assert kind.count(b"=?utf-8?B?") >= 1
    assert b"name*" not in kind
    assert b"filename*=utf-8''N001_5_CI_%E6%8C%81" in disposition
    assert b"filename*0" not in disposition
    assert read_headers(first).name == NAME
    assert read_headers(kind).name == NAME, "by those that look at the content type alone"
    assert read_headers(b"Content-Disposition:" + disposition).name == NAME, "and by those that don't"


def test_names_are_composed_as_windows_has_them() -> None:
    decomposed = unicodedata.normalize("NFD", "Übersicht é.xlsx")
    data = compose(replace(MAIL, attachments=(Attachment(name=decomposed, kind=XLSX, data=b""),)))
    assert read_headers(blocks(data)[1]).name == "Übersicht é.xlsx"


def test_english_text_stays_readable_in_the_raw_mail() -> None:
    data = compose(replace(MAIL, body="Dear Sir,\n.dot = at the start \nend" + " long" * 40 + "\n"))
    assert b"\r\nDear Sir,\r\n.dot =3D at the start=20\r\n" in data
    body = parsed(data).get_body()
    assert body is not None
    assert body.get_content().replace("\r\n", "\n").rstrip().endswith("start \nend" + " long" * 40)


CHARACTERS = st.text(st.characters(), max_size=120)


@given(subject=CHARACTERS, name=CHARACTERS, file=CHARACTERS, body=CHARACTERS)
def test_whatever_a_text_holds_it_stays_where_it_belongs(subject: str, name: str, file: str, body: str) -> None:
    """No text becomes a header, a recipient or a part; what it shows is read back."""
    attached = Attachment(name=file, kind=XLSX, data=b"data")
    data = compose(replace(MAIL, subject=subject, sender=(name, "p@x.cn"), body=body, attachments=(attached,)))
    found = parsed(data)
    assert set(found.keys()) == HEADERS
    assert len(found.keys()) == len(HEADERS)
    assert [address.addr_spec for address in found["To"].addresses] == ["a@y.cn", "b@z.cn"]
    assert [address.addr_spec for address in found["From"].addresses] == ["p@x.cn"]
    assert [part.get_content() for part in found.iter_attachments()] == [b"data"]
    head = read_headers(data.partition(b"\r\n\r\n")[0])
    assert head.subject == one_line(subject)
    shown = one_line(unicodedata.normalize("NFC", file)).replace('"', "_").replace("\\", "_")
    assert read_headers(blocks(data)[1]).name == (shown or "_")


@pytest.mark.parametrize(
    "change",
    [
        {"recipients": ("a@y.cn\r\nBcc: c@z.cn",)},
        {"recipients": ("a@y.cn, c@z.cn",)},
        {"recipients": ("王@y.cn",)},
        {"sender": ("", "p@x.cn\nX: y")},
        {"reply_to": ("", "p@x.cn\x00")},
        {"message_id": "<a\r\nX: y@x.cn>"},
        {"round": "r\r\nX: y"},
    ],
)
def test_an_address_or_id_that_could_end_its_header_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="header"):
        compose(replace(MAIL, **change))  # type: ignore[arg-type]


def test_an_archive_keeps_names_and_bytes_and_is_the_same_each_time() -> None:
    files = [(NAME, b"one"), ("b.xlsx", b"two")]
    packed = archive(files)
    assert packed == archive(files)
    with zipfile.ZipFile(BytesIO(packed)) as opened:
        assert [(info.filename, opened.read(info)) for info in opened.infolist()] == files
        assert opened.infolist()[0].flag_bits & 0x800, "the name is marked as UTF-8"
