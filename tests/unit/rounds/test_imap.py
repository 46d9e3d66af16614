"""The mailbox: reached safely or not at all, and named so that messages are known again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from evaluator.errors import RoundError
from evaluator.rounds.imap import Mailbox
from tests import imapserver
from tests.imapserver import PASSWORD, USER, ImapServer

MESSAGE = b"Subject: hi\r\nFrom: a@x.cn\r\nDate: Mon, 02 Mar 2026 09:00:00 +0800\r\n\r\nhello\r\n"


@pytest.fixture(scope="module")
def server() -> Iterator[ImapServer]:
    with imapserver.running() as running:
        running.put(MESSAGE, datetime(2026, 3, 1, 12, 30, tzinfo=UTC))
        yield running


@pytest.fixture(autouse=True)
def password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EVALUATOR_IMAP_PASSWORD", PASSWORD)


def of(server: ImapServer, **changed: object) -> Mailbox:
    return Mailbox(settings=server.settings(**changed), base=Path("/"))


@pytest.mark.parametrize("security", ["tls", "starttls", "none"])
def test_a_message_is_read_and_stays_unread(server: ImapServer, security: str) -> None:
    port = server.tls_port if security == "tls" else server.port
    with of(server, security=security, port=port).opened() as session:
        [listed] = session.listed(session.uids())
        assert (listed.size, listed.arrived) == (len(MESSAGE), "2026-03-01T12:30:00Z")
        assert session.message(listed.uid) == MESSAGE
        assert session.head(listed.uid) == MESSAGE[: MESSAGE.index(b"hello")]
        assert session.message(99) is None
        assert session.uid(session.place(listed.uid)) == listed.uid
        assert session.uid(session.place(listed.uid).replace("VALIDITY=", "VALIDITY=9")) is None
        assert session.uid("in/mail.eml") is None
        assert session.unseen() == [listed.uid]
    assert server.flags() == {1: set()}


@pytest.mark.parametrize(
    ("changed", "key"),
    [
        ({"host": ""}, "imap_not_set"),
        ({"user": ""}, "imap_not_set"),
        ({"port": 1}, "imap_not_reached"),
        ({"host": "no-such-host.invalid"}, "imap_not_reached"),
        ({"ca_file": ""}, "imap_certificate"),
        ({"host": "127.0.0.1"}, "imap_certificate"),
        ({"ca_file": "nowhere.pem"}, "ca_file"),
        ({"user": "somebody@else.example"}, "imap_login"),
        ({"folder": "没有"}, "imap_folder"),
        ({"host": "mail.example.org", "security": "none"}, "imap_in_the_clear"),
    ],
)
def test_what_is_wrong_is_one_line_that_says_so_and_no_password(
    server: ImapServer, changed: dict[str, object], key: str
) -> None:
    with pytest.raises(RoundError) as raised, of(server, **changed).opened():
        pass
    assert raised.value.key == key
    for lang in ("zh", "en"):
        assert "\n" not in raised.value.message(lang)  # type: ignore[arg-type]
        assert PASSWORD not in raised.value.message(lang)  # type: ignore[arg-type]


def test_a_wrong_password_is_told_and_not_shown(server: ImapServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EVALUATOR_IMAP_PASSWORD", "wrong-geheim")
    with pytest.raises(RoundError) as raised, of(server).opened():
        pass
    assert raised.value.key == "imap_login"
    assert "wrong-geheim" not in str(raised.value)
    assert "wrong-geheim" not in repr(raised.value.__context__)
    assert USER in str(raised.value)


def test_a_server_that_does_not_encrypt_is_not_given_the_password() -> None:
    with imapserver.running("ssl = no") as plain:
        with pytest.raises(RoundError) as raised, of(plain, security="starttls", port=plain.port).opened():
            pass
        assert raised.value.key == "imap_failed"
        assert "STARTTLS" in str(raised.value)


def test_a_server_that_can_t_move_has_messages_copied_and_only_those_deleted() -> None:
    more = "imap_capability = IMAP4rev1 ID UIDPLUS"
    with imapserver.running(more) as server:
        for _ in range(3):
            server.put(MESSAGE, datetime(2026, 3, 1, tzinfo=UTC))
        with server.client() as client:
            client.create_folder("完成")
            client.add_flags([3], [b"\\Deleted"])  # by a person, who may think better of it
        mailbox = Mailbox(settings=server.settings(), base=Path("/"), move_to="完成")
        with mailbox.opened(writing=True) as session:
            session.move([1], "完成")
        assert server.flags() == {2: set(), 3: {b"\\Deleted"}}
        assert list(server.flags("完成")) == [1]


def test_a_mailbox_is_only_opened_for_reading_unless_it_is_to_be_changed(server: ImapServer) -> None:
    with of(server).opened() as session, suppress(RoundError):  # servers differ in whether they say no
        session.mark_seen([1])
    assert server.flags() == {1: set()}
    with of(server).opened(writing=True) as session:
        session.mark_seen([1])
    assert server.flags() == {1: {b"\\Seen"}}
