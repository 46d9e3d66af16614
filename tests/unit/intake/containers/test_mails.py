"""Mails: what was sent comes out, what mail programs add does not, and no mail takes long."""

from __future__ import annotations

import time
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import pytest

from evaluator.limits import Limits
from tests.unit.intake.containers.opened import opened, said, why
from tests.zipfiles import Member, zip_of

XLSX = "vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TOP = b"From: a@b.cn\r\nTo: c@d.cn\r\nSubject: forms\r\nMIME-Version: 1.0\r\n"


def written(*files: tuple[str, bytes], subject: str = "问卷") -> EmailMessage:
    """A mail as a good program writes it."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "a@b.cn", "c@d.cn", subject
    mail.set_content("see attached")
    mail.add_alternative("<p>see attached</p>", subtype="html")
    for name, data in files:
        mail.add_attachment(data, maintype="application", subtype=XLSX, filename=name)
    return mail


def mixed(*parts: bytes, boundary: bytes = b"b") -> bytes:
    """A mail put together by hand."""
    body = b"".join(b"--" + boundary + b"\r\n" + part + b"\r\n" for part in parts)
    return (
        TOP + b'Content-Type: multipart/mixed; boundary="' + boundary + b'"\r\n\r\n' + body + b"--" + boundary + b"--"
    )


def attached(name: bytes, data: bytes = b"x", kind: bytes = b"application/octet-stream") -> bytes:
    disposition = b"Content-Disposition: attachment; filename=" + name + b"\r\n"
    return b"Content-Type: " + kind + b"\r\n" + disposition + b"\r\n" + data


def test_attachments_come_out_under_their_names(tmp_path: Path) -> None:
    data = bytes(range(256)) * 300
    found = opened(
        tmp_path, "mail.eml", written(("1_服务策略能力.xlsx", data), ("2.xlsx", b"two")).as_bytes(policy=SMTP)
    )
    assert (found.fault, list(said(found))) == (None, ["mail.eml!1_服务策略能力.xlsx", "mail.eml!2.xlsx"])
    assert [member.path.read_bytes() for member in found.members] == [data, b"two"]


def test_line_ends_of_either_kind_will_do(tmp_path: Path) -> None:
    mail = mixed(attached(b"1.xlsx", b"one\ntwo"), attached(b"2.xlsx", b"")).replace(b"\r\n", b"\n")
    assert said(opened(tmp_path, "mail.eml", mail)) == {"mail.eml!1.xlsx": "one\ntwo", "mail.eml!2.xlsx": ""}


def test_an_archive_in_a_mail_is_opened(tmp_path: Path) -> None:
    data = zip_of([Member(name="附件/1.xlsx".encode("gbk"))])
    found = opened(tmp_path, "mail.eml", written(("forms.zip", data)).as_bytes())
    assert said(found) == {"mail.eml!forms.zip": "zip", "mail.eml!forms.zip!附件/1.xlsx": "x"}


def test_a_forwarded_mail_is_opened(tmp_path: Path) -> None:
    outer = written()
    outer.add_attachment(written(("1.xlsx", b"one"), subject="Re: 问卷/1"))
    found = opened(tmp_path, "mail.eml", outer.as_bytes())
    assert said(found) == {"mail.eml!0003_Re 问卷 1.eml": "eml", "mail.eml!0003_Re 问卷 1.eml!1.xlsx": "one"}


def test_mails_in_mails_end_where_the_limit_is(tmp_path: Path) -> None:
    mail = written(("1.xlsx", b"one"))
    for _ in range(4):
        outer = written()
        outer.add_attachment(mail)
        mail = outer
    found = opened(tmp_path, "mail.eml", mail.as_bytes())
    assert list(said(found).values()) == ["eml", "file.not_unpacked"]


def test_a_mail_as_one_file_is_that_file(tmp_path: Path) -> None:
    mail = TOP + b"Content-Type: application/zip; name=1.xlsx\r\nContent-Transfer-Encoding: base64\r\n\r\nb25l"
    assert said(opened(tmp_path, "mail.eml", mail)) == {"mail.eml!1.xlsx": "one"}


def test_quoted_printable_is_decoded(tmp_path: Path) -> None:
    part = attached(b"1.xlsx", b"a=3Db=\r\nc").replace(
        b"\r\n\r\n", b"\r\nContent-Transfer-Encoding: Quoted-Printable\r\n\r\n"
    )
    assert said(opened(tmp_path, "mail.eml", mixed(part))) == {"mail.eml!1.xlsx": "a=bc"}


@pytest.mark.parametrize(
    "mail", [written().as_bytes(), TOP + b"\r\nhttps://pan.example.com/s/1"], ids=["html", "plain"]
)
def test_a_mail_without_attachments_says_so(tmp_path: Path, mail: bytes) -> None:
    found = opened(tmp_path, "mail.eml", mail)
    assert (found.fault.code if found.fault else "", found.members) == ("file.nothing_inside", ())


@pytest.mark.parametrize(
    "part",
    [
        b"Content-Type: text/calendar; name=invite.ics\r\n\r\nx",
        b"Content-Type: image/png; name=logo.png\r\nContent-ID: <1@x>\r\n\r\nx",
        b"Content-Type: image/png\r\nContent-Disposition: inline; filename=logo.png\r\n\r\nx",
        b"Content-Type: image/png\r\n\r\nx",
        b"Content-Type: application/pkcs7-signature; name=smime.p7s\r\n\r\nx",
        b"Content-Type: message/delivery-status\r\n\r\nx",
        attached(b"ATT00001.htm", kind=b"text/html"),
    ],
)
def test_what_mail_programs_add_is_skipped(tmp_path: Path, part: bytes) -> None:
    found = opened(tmp_path, "mail.eml", mixed(part))
    assert list(said(found).values()) == ["junk"]
    assert found.fault is not None
    assert found.fault.code == "file.nothing_inside"


@pytest.mark.parametrize(
    ("part", "name"),
    [
        (attached(b"photo.png", kind=b"image/png"), "photo.png"),
        (attached(b"a.txt", kind=b"text/plain"), "a.txt"),
        (b"Content-Type: text/html; name=form.html\r\n\r\nx", "form.html"),
        (b"Content-Type: application/zip\r\n\r\nx", "part_01.zip"),
        (b"Content-Type: application/" + XLSX.encode() + b"\r\n\r\nx", "part_01.xlsx"),
        (b"Content-Disposition: attachment\r\n\r\nx", "part_01"),
        (attached(b"CON.xlsx"), "CON.xlsx"),
        (attached(b'"C:\\Documents\\1.xlsx"'), "1.xlsx"),
        (attached(b'"=?x-none?B?' + b"5pyN" + b'?=.xlsx"'), "服.xlsx"),
        (attached('"x\u202excod.xlsx"'.encode()), "x\\u202excod.xlsx"),
    ],
)
def test_what_a_person_sent_comes_out(tmp_path: Path, part: bytes, name: str) -> None:
    assert said(opened(tmp_path, "mail.eml", mixed(part))) == {f"mail.eml!{name}": "x"}


def test_a_name_that_climbs_is_refused(tmp_path: Path) -> None:
    found = opened(tmp_path, "mail.eml", mixed(attached(b"../../x.xlsx"), attached(b"1.xlsx")))
    assert said(found) == {"mail.eml!../../x.xlsx": "file.not_unpacked", "mail.eml!1.xlsx": "x"}


def test_what_only_outlook_opens_is_left_to_a_person(tmp_path: Path) -> None:
    found = opened(tmp_path, "mail.eml", mixed(attached(b"winmail.dat", kind=b"application/ms-tnef")))
    assert "winmail.dat" in why(found, "mail.eml!winmail.dat")


def test_parts_inside_parts_come_out_in_order(tmp_path: Path) -> None:
    inner = b"Content-Type: multipart/related; boundary=bb\r\n\r\n--bb\r\n" + attached(b"1.xlsx") + b"\r\n--bb--\r\n"
    found = opened(tmp_path, "mail.eml", mixed(inner, attached(b"2.xlsx")))
    assert said(found) == {"mail.eml!1.xlsx": "x", "mail.eml!2.xlsx": "x"}


def test_messages_of_a_digest_are_messages(tmp_path: Path) -> None:
    digest = mixed(b"\r\n" + mixed(attached(b"1.xlsx"), boundary=b"in")).replace(
        b"multipart/mixed", b"multipart/digest", 1
    )
    assert list(said(opened(tmp_path, "mail.eml", digest)).values()) == ["eml", "x"]


@pytest.mark.parametrize(
    "change",
    [
        lambda mail: mail.replace(b'; boundary="b"', b""),
        lambda mail: mail.replace(b'boundary="b"', b'boundary="other"'),
        lambda mail: mail.removesuffix(b"--b--"),
        lambda mail: mail.replace(b'boundary="b"', b"boundary=b"),
        lambda mail: b"\xef\xbb\xbf" + mail,
        lambda mail: b"\r\n\r\n" + mail,
        lambda mail: mail.replace(b"--b\r\n", b"--b  \t\r\n"),
        lambda mail: mail.replace(b"--b\r\n", b"--bb\r\n--b\r\n", 1),
    ],
    ids=[
        "no boundary stated",
        "another stated",
        "not closed",
        "no quotes",
        "byte order mark",
        "blank lines",
        "blanks",
        "like a boundary",
    ],
)
def test_a_mail_that_is_not_quite_right_is_read(tmp_path: Path, change: object) -> None:
    mail = change(mixed(attached(b"1.xlsx"), attached(b"2.xlsx")))  # type: ignore[operator]
    assert {name: said.strip() for name, said in said(opened(tmp_path, "mail.eml", mail)).items()} == {
        "mail.eml!1.xlsx": "x", "mail.eml!2.xlsx": "x",
    }  # fmt: skip


def test_a_mail_cut_short_gives_what_is_there(tmp_path: Path) -> None:
    part = attached(b"1.xlsx", b"YWJjZGVm").replace(b"\r\n\r\n", b"\r\nContent-Transfer-Encoding: base64\r\n\r\n")
    mail = mixed(part)
    assert said(opened(tmp_path, "mail.eml", mail[: mail.index(b"ZGVm") + 2])) == {"mail.eml!1.xlsx": "abcd"}


def test_an_attachment_over_the_limit_is_refused_alone(tmp_path: Path) -> None:
    found = opened(tmp_path, "mail.eml", mixed(attached(b"1.xlsx", bytes(101)), attached(b"2.xlsx")), Limits(file=100))
    assert said(found) == {"mail.eml!1.xlsx": "file.too_large", "mail.eml!2.xlsx": "x"}


def test_a_mail_over_the_limit_is_not_read(tmp_path: Path) -> None:
    found = opened(tmp_path, "mail.eml", mixed(attached(b"1.xlsx")), Limits(message=100))
    assert found.fault is not None
    assert found.fault.code == "file.too_large"


def deep(levels: int) -> bytes:
    opening = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(levels))
    return TOP + opening + attached(b"1.xlsx")


@pytest.mark.parametrize(
    ("mail", "code"),
    [
        (mixed(*[attached(b"%d.xlsx" % n) for n in range(10_000)]), "file.bomb"),
        (mixed(*[b"x"] * 10_000), "file.bomb"),
        (deep(1000), "file.bomb"),
        (mixed(attached(b"1.xlsx", b"--b" * 5_000_000)), ""),
        (mixed(attached(b"1.xlsx", b"\n--b " * 2_000_000)), "file.bomb"),
        (mixed(attached(b"1.xlsx", b"\n--bx" * 2_000_000)), ""),
        (mixed(attached(b"1.xlsx", b"\r\n" * 5_000_000)), ""),
        (TOP + b"x:y\r\n" * 3_000_000, "file.nothing_inside"),
        (TOP + b"Subject: a\r\n b" * 1_000_000, "file.nothing_inside"),
    ],
    ids=[
        "parts", "headers only", "deep", "marks in a line", "marks in lines", "like marks", "blank lines", "headers",
        "folded",
    ],
)  # fmt: skip
def test_mails_made_to_take_long_do_not(tmp_path: Path, mail: bytes, code: str) -> None:
    began = time.perf_counter()
    found = opened(tmp_path, "mail.eml", mail)
    assert time.perf_counter() - began < 5
    assert (found.fault.code if found.fault else "") == code


RECEIVED = b"Received: from a.cn by b.cn\r\n\twith ESMTP; Wed, 1 Apr 2026 00:30:00 +0800\r\n"


@pytest.mark.parametrize(
    ("headers", "arrived"),
    [
        (b"Date: Tue, 31 Mar 2026 16:15:00 +0800\r\n", "2026-03-31T08:15:00Z"),
        (b"Date: Tue, 31 Mar 2026 16:15:00 +0800 (CST)\r\n" + RECEIVED, "2026-03-31T16:30:00Z"),
        (RECEIVED + RECEIVED.replace(b"1 Apr", b"9 Apr"), "2026-03-31T16:30:00Z"),
        (b"Received: from a.cn by b.cn\r\nDate: 31 Mar 2026 16:15:00 GMT\r\n", "2026-03-31T16:15:00Z"),
        (b"Date: Tue, 31 Mar 2026 16:15:00\r\n", "2026-03-31T16:15:00Z"),
        (b"", ""), (b"Date: yesterday\r\n", ""), (b"Date: Tue, 99 Mar 2026 16:15:00 +0800\r\n", ""),
        (b"Date: Tue, 31 Mar 0000 16:15:00 +0800\r\n", "2000-03-31T08:15:00Z"),
        (b"Date: Fri, 31 Dec 9999 23:59:59 -2300\r\n", ""),
        (b"Date: Fri, 31 Dec 9999 12:00:00 +0000\r\n", ""), (b"Date: Mon, 1 Jan 0500 12:00:00 +0000\r\n", ""),
    ],
)  # fmt: skip
def test_what_is_in_a_mail_arrived_when_the_mail_did(tmp_path: Path, headers: bytes, arrived: str) -> None:
    zipped = attached(b"z.zip", zip_of([Member(name=b"2.xlsx")]))
    found = opened(tmp_path, "mail.eml", headers + mixed(attached(b"1.xlsx"), zipped))
    assert {member.arrived for member in found.members} == {found.arrived} == {arrived}
    assert len(found.members) == 3


def test_what_is_in_a_forwarded_mail_arrived_when_that_did(tmp_path: Path) -> None:
    inner = b"Date: Mon, 2 Mar 2026 08:00:00 +0800\r\n" + mixed(attached(b"1.xlsx"), boundary=b"inner")
    undated = mixed(attached(b"2.xlsx"), boundary=b"other")
    outer = b"Date: Tue, 31 Mar 2026 16:15:00 +0800\r\n" + mixed(
        b"Content-Type: message/rfc822\r\n\r\n" + inner, b"Content-Type: message/rfc822\r\n\r\n" + undated
    )
    arrived = {m.name.rpartition("!")[2]: m.arrived for m in opened(tmp_path, "mail.eml", outer).members}
    assert arrived["1.xlsx"] == "2026-03-02T00:00:00Z"
    assert arrived["2.xlsx"] == "2026-03-31T08:15:00Z"


def test_a_mail_without_its_end_is_pointed_out_and_what_is_there_is_taken(tmp_path: Path) -> None:
    whole = mixed(attached(b"1.xlsx", b"one"), attached(b"2.xlsx", b"two"))
    found = opened(tmp_path, "mail.eml", whole[: whole.index(b"2.xlsx")])
    assert "mail.eml!1.xlsx" in said(found)
    assert found.fault
    assert found.fault.code == "file.not_unpacked"
    assert "lacks its end" in found.fault.params["why"].en  # type: ignore[attr-defined]


def test_a_boundary_within_a_line_is_no_end(tmp_path: Path) -> None:
    cut = mixed(attached(b"1.xlsx", b"one")).replace(b"--b--", b"see --b--")
    assert opened(tmp_path, "mail.eml", cut).fault


def test_files_encoded_in_the_text_are_named(tmp_path: Path) -> None:
    text = b"Content-Type: text/plain\r\n\r\nsee below\r\nbegin 644 C:\\forms\\1.xlsx\r\n#0V%T\r\n`\r\nend\r\n"
    found = opened(tmp_path, "mail.eml", mixed(text, attached(b"2.xlsx", b"two")))
    assert said(found) == {"mail.eml!1.xlsx": "file.not_unpacked", "mail.eml!2.xlsx": "two"}
    assert "uuencode" in why(found, "mail.eml!1.xlsx")


def test_a_sentence_that_begins_like_an_encoded_file_is_text(tmp_path: Path) -> None:
    text = b"Content-Type: text/plain\r\n\r\nPlease\r\nbegin 2026 with a check\r\n\r\nThank you\r\n"
    assert said(opened(tmp_path, "mail.eml", mixed(text, attached(b"2.xlsx", b"two")))) == {"mail.eml!2.xlsx": "two"}
