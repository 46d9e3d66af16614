"""Accounting for mails: by what they show and what their files are, one kind each, and the same again next time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluator.intake.containers.facts import MailFacts
from evaluator.intake.institutions import Institution
from evaluator.intake.messages import Letter
from evaluator.questionnaire.opening import Unread
from evaluator.rounds.bounces import Sent
from evaluator.rounds.collecting import KINDS, Known, Outcome, by_address, reason_for, settled, signs_of, takes_files
from evaluator.rounds.reasons import Reason, packed, said, said_of, unpacked
from evaluator.wording import catalogue

SENT = Sent(ids={"a1@round.example": "<a1@round.example>"}, last_to={"a@x.cn": "<a1@round.example>"}, round="2026-t")
KNOWN = Known(
    sent=SENT,
    subjects={"关于填报自评问卷的通知"},
    names={"2026-t"},
    addresses={"a@x.cn": frozenset({"N001"}), "both@x.cn": frozenset({"N001", "N003"})},
)
OWN = Outcome(name="a.xlsx", owner="N001", reason="")
OTHERS = Outcome(name="o.xlsx", owner="N002", reason="")
PDF = Outcome(name="scan.pdf", owner="", reason="attachment_unreadable")
BLANK = Outcome(name="b.xlsx", owner="", reason="unanswered")


def signs(fault: Unread | None = None, **facts: object) -> list[str]:
    letter = Letter(facts=MailFacts(**facts), arrived="", files=(), fault=fault)  # type: ignore[arg-type]
    return [sign.key for sign in signs_of(letter, KNOWN)[0]]


def of(*keys: str, sender: str = "who@where.cn", files: tuple[Outcome, ...] = ()) -> tuple[str, list[str]]:
    kind, why = settled([Reason(key=key) for key in keys], sender, files, KNOWN)
    return kind, [reason.key for reason in why]


def test_what_a_mail_shows_by_itself() -> None:
    assert signs() == []
    assert signs(answers=("other@x.cn", "a1@round.example")) == ["answers"]
    assert signs(fields={"x-evaluator-round": "2026-t"}) == ["answers"]
    assert signs(fields={"x-evaluator-round": "2025"}) == []
    assert signs(subject="答复: 关于填报自评问卷的通知") == ["subject"]
    assert signs(subject="2026-T forms") == ["subject"]
    assert signs(subject="2026 forms") == []
    assert signs(words="see https://we.tl/t-1 and https://pan.quark.cn/s/1") == ["cloud_link", "cloud_link"]
    assert signs(fields={"list-id": "x"}) == ["bulk"]
    assert signs(fault=Unread(code="file.not_unpacked")) == ["damaged"]
    assert signs(fault=Unread(code="file.too_large", params={"size": "70.0", "limit": 64})) == ["too_large"]
    assert signs(message_id="a1@round.example") == ["own_copy"]


def test_a_bounce_says_which_message_did_not_arrive() -> None:
    report = "Final-Recipient: rfc822; a@x.cn\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 no"
    facts = MailFacts(report=report, returned="Message-ID: <a1@round.example>")
    found, bounced = signs_of(Letter(facts=facts, arrived="", files=()), KNOWN)
    assert bounced == {"<a1@round.example>": "5.1.1 550 no"}
    assert not takes_files(found, facts)
    assert takes_files((), MailFacts(report="x"))


@pytest.mark.parametrize(
    ("keys", "sender", "files", "expected"),
    [
        ((), "", (), ("not_ours", [])),
        ((), "", (OWN,), ("matched", ["sender_differs"])),
        ((), "a@x.cn", (OWN,), ("matched", [])),
        ((), "a@x.cn", (OWN, PDF), ("matched", ["attachment_unreadable"])),
        ((), "a@x.cn", (OTHERS,), ("person", ["foreign_form"])),
        ((), "a@x.cn", (OWN, OTHERS, PDF), ("person", ["foreign_form", "attachment_unreadable"])),
        ((), "both@x.cn", (OWN,), ("matched", [])),
        ((), "both@x.cn", (OWN, OTHERS), ("person", ["foreign_form"])),
        ((), "", (OWN, OTHERS), ("matched", ["sender_differs"])),
        (("dealt_with",), "a@x.cn", (OTHERS,), ("done", ["dealt_with", "foreign_form"])),
        ((), "", (PDF,), ("person", ["attachment_unreadable"])),
        (("bulk",), "", (PDF,), ("not_ours", ["bulk", "attachment_unreadable"])),
        (("bulk", "answers"), "", (PDF,), ("person", ["bulk", "answers", "attachment_unreadable"])),
        (("bulk",), "", (OWN,), ("matched", ["bulk", "sender_differs"])),
        (("bulk", "cloud_link"), "", (), ("not_ours", ["bulk", "cloud_link"])),
        (("cloud_link",), "", (), ("person", ["cloud_link"])),
        ((), "a@x.cn", (), ("person", ["no_attachment", "known_sender"])),
        (("answers",), "", (), ("person", ["no_attachment", "answers"])),
        (("subject",), "", (), ("person", ["no_attachment", "subject"])),
        (("damaged",), "a@x.cn", (OWN,), ("person", ["damaged"])),
        (("too_large",), "", (), ("person", ["too_large"])),
        (("bounce",), "", (), ("bounce", ["bounce"])),
        (("bounce",), "", (BLANK,), ("bounce", ["bounce"])),
        (("bounce",), "a@x.cn", (OWN,), ("matched", ["bounce"])),
        (("bounce_unclear",), "", (), ("person", ["bounce_unclear"])),
        (("bounce_partly",), "", (), ("person", ["bounce_partly"])),
        (("delayed",), "", (), ("auto_reply", ["delayed"])),
        (("delivered",), "", (), ("auto_reply", ["delivered"])),
        (("auto_reply", "answers"), "a@x.cn", (), ("auto_reply", ["auto_reply", "answers"])),
        (("auto_reply",), "a@x.cn", (OWN,), ("matched", ["auto_reply"])),
        (("auto_reply",), "", (PDF,), ("person", ["auto_reply", "attachment_unreadable"])),
        (("answers", "dealt_with"), "", (), ("done", ["no_attachment", "answers", "dealt_with"])),
        (("answers", "dealt_with"), "a@x.cn", (OWN,), ("matched", ["answers", "dealt_with"])),
        (("own_copy", "subject"), "", (BLANK,), ("not_ours", ["own_copy", "subject"])),
    ],
)
def test_a_mail_is_taken_for_one_kind(
    keys: tuple[str, ...], sender: str, files: tuple[Outcome, ...], expected: tuple[str, list[str]]
) -> None:
    assert of(*keys, sender=sender, files=files) == expected


KEYS = tuple(catalogue("rounds")["collect"]["reason"])  # type: ignore[index]
SIGNS = st.lists(st.sampled_from(KEYS), max_size=5, unique=True)
FILES = st.lists(st.sampled_from([OWN, OTHERS, PDF, BLANK]), max_size=3)


def test_a_form_of_another_institution_is_named_with_whose_it_is_and_whose_address_it_came_from() -> None:
    _, (why,) = settled((), "a@x.cn", [OWN, OTHERS], KNOWN)
    assert said([why]).zh == "附件o.xlsx是N002的问卷，但来自N001的邮箱，请核实"


def test_an_address_may_be_that_of_several_institutions() -> None:
    roster = [
        Institution(id="N001", email="A@x.cn; b@x.cn"),
        Institution(id="N002", email="a@X.cn"),
        Institution(id="N003"),
    ]
    assert by_address(roster) == {"a@x.cn": {"N001", "N002"}, "b@x.cn": {"N001"}}


@given(SIGNS, FILES, st.sampled_from(["", "a@x.cn"]))
def test_accounting_again_changes_nothing(keys: list[str], files: list[Outcome], sender: str) -> None:
    kind, why = settled([Reason(key=key) for key in keys], sender, files, KNOWN)
    assert kind in KINDS
    assert settled(unpacked(packed(why)), sender, files, KNOWN) == (kind, why)


@given(SIGNS)
def test_no_file_of_an_institution_is_lost_in_a_mail_that_is_not_ours(keys: list[str]) -> None:
    kind, _ = settled([Reason(key=key) for key in keys], "", [OWN], KNOWN)
    assert kind in ("matched", "person", "done")


@pytest.mark.parametrize(
    ("codes", "reason"),
    [
        (("identity.seal_broken",), "seal_broken"),
        (("return.other_round",), "other_round"),
        (("identity.unsealed",), "unsealed"),
        (("identity.unknown",), "identity_unknown"),
        (("identity.mismatch", "form.missing_rows"), "identity_unknown"),
        (("file.encrypted",), "attachment_unreadable"),
        (("form.not_a_questionnaire",), "no_form"),
        ((), "no_form"),
    ],
)
def test_a_files_findings_say_why_it_is_nobodys(codes: tuple[str, ...], reason: str) -> None:
    assert reason_for(codes) == reason


def test_every_reason_is_said_in_both_languages() -> None:
    params = {"files": "a.xlsx", "service": "baidu", "sender": "a@x.cn", "institutions": "N001", "address": "a@x.cn"}
    params |= {"why": "550", "size": "70", "limit": "64", "institution": "N002", "senders": "N001"}
    for key in KEYS:
        words = said([Reason(key=key, params=params)])
        assert words.zh
        assert words.en
    both = said_of(packed([Reason(key="answers"), Reason(key="cloud_link", params={"service": "baidu"})]))
    assert both.zh.startswith("是对本轮邮件的回复；内有百度网盘链接")
    assert both.en.startswith("answers a message of this round; has a link to Baidu Netdisk")
    assert said_of("") == ("", "")
