"""Bounces: told from other mails, in the words of many servers, and only for messages that are ours."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from evaluator.intake.containers.facts import MailFacts, about
from evaluator.limits import DEFAULT
from evaluator.rounds.bounces import Report, Sent, is_automatic, is_bulk, report_in
from tests.mailrounds import institutions
from tests.replies import mail, our_mail, report

[A] = institutions(1)
OURS = "<a1.xyz@round.example>"
SENT = Sent(ids={OURS.strip("<>"): OURS}, last_to={A.email: OURS}, round="2026-t")
ORIGINAL = our_mail(A, OURS, "2026-t")


def facts_of(data: bytes, folder: Path) -> MailFacts:
    path = folder / "mail.eml"
    path.write_bytes(data)
    return about(path, "eml", DEFAULT)


def reported(data: bytes, folder: Path) -> Report | None:
    return report_in(facts_of(data, folder), SENT)


def test_a_failed_delivery_names_message_address_and_the_servers_words(tmp_path: Path) -> None:
    assert reported(report(ORIGINAL, A.email), tmp_path) == Report(
        fate="bounce", message_id=OURS, address=A.email, words="5.1.1 550 no such user"
    )


@pytest.mark.parametrize(
    ("action", "status", "fate"),
    [
        ("failed", "5.1.1", "bounce"),
        ("failed", "4.4.7", "bounce"),
        ("Failed (bad destination)", "5.0.0", "bounce"),
        ("delayed", "4.4.1", "delayed"),
        ("delivered", "2.0.0", "delivered"),
        ("relayed", "2.0.0", "delivered"),
        ("expanded", "2.0.0", "delivered"),
    ],
)
def test_only_a_failure_is_a_bounce(action: str, status: str, fate: str, tmp_path: Path) -> None:
    found = reported(report(ORIGINAL, A.email, action=action, status=status), tmp_path)
    assert found is not None
    assert found.fate == fate


def test_one_failed_recipient_of_two_is_a_bounce_that_names_it(tmp_path: Path) -> None:
    other = b"\nFinal-Recipient: rfc822; good@inst.example\nAction: relayed\nStatus: 2.0.0\n"
    end = b"\n--b\nContent-Type: text/rfc822"
    data = report(ORIGINAL, A.email).replace(end, other + end, 1)
    found = reported(data, tmp_path)
    assert found is not None
    assert (found.fate, found.address) == ("bounce", A.email)


def test_a_report_on_a_message_that_is_not_ours_is_none(tmp_path: Path) -> None:
    foreign = b"From: x@y.cn\nTo: z@w.cn\nMessage-ID: <other@y.cn>\n\nx"
    assert reported(report(foreign, "z@w.cn"), tmp_path) is None


def test_an_id_that_was_written_anew_is_told_by_the_rounds_header_and_the_address(tmp_path: Path) -> None:
    renamed = ORIGINAL.replace(OURS.encode(), b"<0100abcd@mail.example>")
    found = reported(report(renamed, A.email), tmp_path)
    assert found is not None
    assert (found.fate, found.message_id) == ("bounce", OURS)


def test_a_report_that_names_only_an_address_we_wrote_to_is_unclear(tmp_path: Path) -> None:
    foreign = b"From: x@y.cn\nTo: z@w.cn\nMessage-ID: <other@y.cn>\n\nx"
    found = reported(report(foreign, A.email), tmp_path)
    assert found is not None
    assert (found.fate, found.message_id) == ("bounce_unclear", "")


def test_a_message_to_several_addresses_bounces_only_where_all_of_them_failed(tmp_path: Path) -> None:
    several = replace(SENT, recipients={OURS: frozenset({A.email, "other@inst.example"})})
    facts = facts_of(report(ORIGINAL, A.email), tmp_path)
    found = report_in(facts, several)
    assert found is not None
    assert (found.fate, found.message_id) == ("bounce_partly", OURS)
    alone = report_in(facts, replace(SENT, recipients={OURS: frozenset({"forwards@inst.example"})}))
    assert alone is not None
    assert alone.fate == "bounce"


def test_a_header_that_names_who_was_not_reached_makes_a_report(tmp_path: Path) -> None:
    made = mail("mail@google.example", subject="x", words=f"550 no\nMessage-ID: {OURS}", X_Failed_Recipients=A.email)
    found = reported(made.as_bytes(), tmp_path)
    assert found is not None
    assert (found.fate, found.address, found.message_id) == ("bounce", A.email, OURS)


PROSE = {
    "qq": (
        "PostMaster@qq.com",
        "系统退信/Systems bounce",
        (
            f"很抱歉，您发送的邮件被系统退回。\n收件人: {A.email}\n退信原因: 550 Mailbox not found. http://service.mail.qq.com\n"
            f"原邮件标识 {OURS}\n"
        ),
        ("bounce", "550 Mailbox not found. http://service.mail.qq.com"),
    ),
    "netease": (
        "Postmaster@163.com",
        "系统退信",
        f"抱歉，您的邮件被退回来了……\n收件人地址不存在 User not found:{A.email}\n原邮件 Message-Id: {OURS}",
        ("bounce", "系统退信"),
    ),
    "qmail": (
        "MAILER-DAEMON@mx.cn",
        "failure notice",
        (
            f"Hi. This is the qmail-send program.\n<{A.email}>:\n192.0.2.1 does not like recipient.\n"
            f"Remote host said: 551 not local\n\n--- Below this line is a copy of the message.\n\nMessage-ID: {OURS}\n"
        ),
        ("bounce", "551 not local"),
    ),
    "exim warning": (
        "Mailer-Daemon@mx.cn",
        "Warning: message 1abc delayed 24 hours",
        f"A message that you sent has not yet been delivered.\nMessage-ID: {OURS}\n{A.email}\nDelay reason: timeout",
        ("delayed", "Warning: message 1abc delayed 24 hours"),
    ),
    "address only": (
        "postmaster@corp.cn",
        "无法投递",
        f"无法投递到 {A.email}：用户不存在",
        ("bounce_unclear", "无法投递"),
    ),
}


@pytest.mark.parametrize("server", PROSE)
def test_what_servers_write_for_people_is_understood(server: str, tmp_path: Path) -> None:
    sender, subject, words, expected = PROSE[server]
    found = reported(mail(sender, subject=subject, words=words).as_bytes(), tmp_path)
    assert found is not None
    assert (found.fate, found.words) == expected
    assert found.message_id == ("" if found.fate == "bounce_unclear" else OURS)


def test_an_id_in_a_web_page_is_found(tmp_path: Path) -> None:
    made = mail("postmaster@corp.cn", subject="退信", words="x")
    made.set_content(f"<p>550 no</p><p>Message-ID: &lt;{OURS.strip('<>')}&gt;</p>", subtype="html")
    found = reported(made.as_bytes(), tmp_path)
    assert found is not None
    assert (found.fate, found.message_id) == ("bounce", OURS)


def test_a_persons_answer_that_quotes_our_id_is_no_bounce(tmp_path: Path) -> None:
    made = mail(A.email, subject="回复：关于填报的通知", words=f"已填好。\n> Message-ID: {OURS}", In_Reply_To=OURS)
    assert reported(made.as_bytes(), tmp_path) is None


@pytest.mark.parametrize(
    ("headers", "subject", "expected"),
    [
        ({"Auto_Submitted": "auto-replied"}, "x", True),
        ({"Auto_Submitted": "auto-generated"}, "x", True),
        ({"Auto_Submitted": "no"}, "x", False),
        ({"X_Autoreply": "yes"}, "x", True),
        ({"Precedence": "auto_reply"}, "x", True),
        ({}, "自动回复：外出", True),
        ({}, "Automatic reply: forms", True),
        ({}, "Out of Office", True),
        ({}, "回复：自动回复的设置", False),
    ],
)
def test_robots_are_told_from_people(headers: dict[str, str], subject: str, expected: bool, tmp_path: Path) -> None:
    assert is_automatic(facts_of(mail(A.email, subject=subject, **headers).as_bytes(), tmp_path)) is expected


def test_lists_are_told_from_people(tmp_path: Path) -> None:
    assert is_bulk(facts_of(mail("x@y.cn", List_Unsubscribe="<mailto:x@y.cn>").as_bytes(), tmp_path))
    assert is_bulk(facts_of(mail("x@y.cn", Precedence="bulk").as_bytes(), tmp_path))
    assert not is_bulk(facts_of(mail("x@y.cn").as_bytes(), tmp_path))
