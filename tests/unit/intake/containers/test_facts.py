"""What a mail says beside its attachments: read as mail programs write it, and never an error."""

from __future__ import annotations

from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluator.intake.containers.facts import MailFacts, about, facts_in, shown
from evaluator.limits import DEFAULT, Limits
from tests import msgfile


def read(data: bytes, folder: Path, kind: str = "eml", limits: Limits = DEFAULT) -> MailFacts:
    path = folder / "mail"
    path.write_bytes(data)
    return about(path, kind, limits)


def test_headers_are_read(tmp_path: Path) -> None:
    facts = read(
        b"From: =?gb2312?B?1cXI/Q==?= <Zhang@Inst.CN>\r\nSubject: =?utf-8?B?5Zue5aSN?=:\r\n form\r\n"
        b"Message-ID: <m1@x.cn>\r\nIn-Reply-To: <a@r>\r\nReferences: <z@r>\r\n <a@r>\r\n\r\nwords\r\n",
        tmp_path,
    )
    assert (facts.sender, facts.subject, facts.message_id) == ("zhang@inst.cn", "回复: form", "m1@x.cn")
    assert facts.answers == ("a@r", "z@r")
    assert facts.words == "words\r\n"


@pytest.mark.parametrize(
    ("value", "sender"),
    [
        ("a@x.cn", "a@x.cn"),
        ('"boss@bank.cn" <thief@evil.cn>', "thief@evil.cn"),
        ("张三 a@x.cn", "a@x.cn"),
        ("(" * 2000 + " <a@x.cn>", "a@x.cn"),
        ("nobody", ""),
        ("", ""),
    ],
)
def test_the_senders_address_is_found(value: str, sender: str) -> None:
    assert facts_in(f"From: {value}\r\nSubject: x".encode()).sender == sender


def test_texts_of_all_kinds_are_words_and_attachments_are_not(tmp_path: Path) -> None:
    mail = EmailMessage()
    mail["From"] = "a@x.cn"
    mail.set_content("纯文本 https://pan.baidu.com/s/1", charset="gb18030")
    mail.add_alternative('<a href="https://docs.qq.com/x">网页</a>', subtype="html")
    mail.add_attachment("附件的文字", filename="a.txt")
    facts = read(mail.as_bytes(), tmp_path)
    assert "纯文本 https://pan.baidu.com/s/1" in facts.words
    assert 'href="https://docs.qq.com/x"' in facts.words
    assert "附件的文字" not in facts.words
    assert shown("<b>550&nbsp;no</b>&lt;a@x&gt;").split() == ["550", "no", "<a@x>"]


def test_an_outlook_message_is_read(tmp_path: Path) -> None:
    top = {
        **msgfile.message(subject="回复", head=32),
        **msgfile._text("5D01", "A@x.cn"),
        **msgfile._text("1035", "<m1@x.cn>"),
        **msgfile._text("1042", "<a@r>"),
        **msgfile._text("1000", "见链接 https://we.tl/t-1"),
    }
    facts = read(msgfile.compound(top, msgfile.MESSAGE_CLASS), tmp_path, "msg")
    assert (facts.sender, facts.subject, facts.message_id, facts.answers) == ("a@x.cn", "回复", "m1@x.cn", ("a@r",))
    assert "https://we.tl/t-1" in facts.words


def test_an_outlook_messages_own_headers_tell_more(tmp_path: Path) -> None:
    head = "From: <b@x.cn>\r\nMessage-ID: <m2@x.cn>\r\nAuto-Submitted: auto-replied\r\nReferences: <r@r>\r\n"
    top = {**msgfile.message(subject="s", head=32), **msgfile._text("007D", head)}
    facts = read(msgfile.compound(top, msgfile.MESSAGE_CLASS), tmp_path, "msg")
    assert (facts.sender, facts.message_id, facts.answers) == ("b@x.cn", "m2@x.cn", ("r@r",))
    assert facts.fields["auto-submitted"] == "auto-replied"


def test_of_a_message_that_is_too_large_the_headers_are_read(tmp_path: Path) -> None:
    data = b"From: a@x.cn\r\nSubject: s\r\n\r\n" + b"x" * 1000
    facts = read(data, tmp_path, limits=Limits(message=100))
    assert (facts.sender, facts.subject, facts.words) == ("a@x.cn", "s", "")


def test_what_is_gone_says_nothing(tmp_path: Path) -> None:
    assert about(tmp_path / "gone", "eml", DEFAULT) == MailFacts()


def test_a_damaged_outlook_message_says_nothing(tmp_path: Path) -> None:
    assert read(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 600, tmp_path, "msg") == MailFacts()


@given(st.binary(max_size=400))
def test_no_bytes_are_an_error(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    head = b"From: a@x.cn\nContent-Type: multipart/report; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\n"
    folder = tmp_path_factory.mktemp("facts")
    for kind in ("eml", "msg"):
        read(data, folder, kind)
        read(head + data, folder, kind)
