"""Sending over real connections: encrypted, logged in, broken at any point, the process killed at any point."""

from __future__ import annotations

import email
import email.policy
import os
import random
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from email.message import EmailMessage
from pathlib import Path

import pytest

from evaluator.errors import RoundError
from evaluator.rounds.folder import Round, at_work, open_round
from evaluator.rounds.messages import resolve, rows_of
from evaluator.rounds.packages import Masters, masters_of, names_recipient
from evaluator.rounds.planning import Plan, plan
from evaluator.rounds.sending import Report, send
from evaluator.rounds.tasks import invitations
from evaluator.rounds.wire import SmtpWire
from tests.mailrounds import institutions, made, with_server
from tests.mailservers import PASSWORD, Answer, Certificates, SmtpServer

MANY = 30
FEW = 3
MASTERS: list[Masters] = []
"""The forms of all rounds here, which differ in their servers only."""


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return Certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def server(tmp_path: Path, certificates: Certificates) -> Iterator[SmtpServer]:
    with SmtpServer(tmp_path / "taken", certificates.context()).running() as running:
        yield running


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Round:
    """A round that the others are copies of."""
    place = made(tmp_path_factory.mktemp("template"), institutions(MANY))
    MASTERS[:] = [masters_of(place)]
    return place


@pytest.fixture
def place(
    tmp_path: Path, template: Round, server: SmtpServer, certificates: Certificates, monkeypatch: pytest.MonkeyPatch
) -> Round:
    monkeypatch.setenv("EVALUATOR_SMTP_PASSWORD", PASSWORD)
    shutil.copytree(template.path, tmp_path / "round")
    return with_server(tmp_path / "round", server, certificates.file)


def run(place: Round, count: int = FEW) -> tuple[Plan, Report]:
    with at_work(place) as ledger:
        planned = plan(place, ledger, "invitation", invitations(place, institutions(count), MASTERS[0]))
        return planned, send(place, ledger, planned, wire=SmtpWire(place))


def states(place: Round) -> Counter[str]:
    with at_work(place) as ledger:
        return Counter(row.state for row in rows_of(ledger, "invitation"))


def recipients(server: SmtpServer) -> list[str]:
    return [one[0] for one, _ in server.taken]


def error_of(place: Round) -> RoundError:
    with pytest.raises(RoundError) as caught:
        run(place)
    for lang in ("zh", "en"):
        said = caught.value.message(lang)  # type: ignore[arg-type]
        assert "\n" not in said
        assert PASSWORD not in said
    assert states(place) == {"planned": FEW}
    return caught.value


def parsed(data: bytes) -> EmailMessage:
    return email.message_from_bytes(data, policy=email.policy.default)


def own_files_only(server: SmtpServer, place: Round) -> bool:
    """Tell whether each message that was taken holds the five forms of its one recipient, in the order they came."""
    for to, data in server.taken:
        (identifier,) = (one.id for one in institutions(MANY) if [one.email] == to)
        forms = [part.get_content() for part in parsed(data).iter_attachments()]
        if len(forms) != 5 or not all(names_recipient(form, identifier, place) for form in forms):
            return False
    return True


# Whole


def test_each_institution_gets_its_own_files_over_an_encrypted_connection(place: Round, server: SmtpServer) -> None:
    _, report = run(place)
    assert (len(report.sent), report.failed, report.unclear, report.left) == (FEW, (), (), ())
    assert recipients(server) == [one.email for one in institutions(FEW)]
    assert own_files_only(server, place)


def test_what_arrives_is_what_the_ledger_names(place: Round, server: SmtpServer) -> None:
    """The server gives every line back as it was sent, dots at their start too."""
    from hashlib import sha256

    letters = place.letters / "invitation.zh.txt.j2"
    letters.write_text("Subject: S\n\n.one\n..two\n.\n", encoding="utf-8")
    run(place)
    with at_work(place) as ledger:
        named = [row.sha256 for row in rows_of(ledger, "invitation")]
    assert [sha256(data).hexdigest() for _, data in server.taken] == named
    body = parsed(server.taken[0][1]).get_body()
    assert body is not None
    assert body.get_content().split() == [".one", "..two", "."]


def test_files_over_the_mailboxs_limit_arrive_as_one_archive(place: Round, server: SmtpServer) -> None:
    path = place.path / "round.toml"
    path.write_text(path.read_text("utf-8").replace("[mail]", "[mail]\nsize_limit_mb = 0.05"), encoding="utf-8")
    run(open_round(place.path))
    attached = list(parsed(server.taken[0][1]).iter_attachments())
    assert [part.get_filename() for part in attached] == ["N001_自评问卷.zip"]


# Getting in


def test_a_wrong_password_is_one_line_and_nothing_is_sent(
    place: Round, server: SmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EVALUATOR_SMTP_PASSWORD", "wrong-9999-wrong")
    error = error_of(place)
    assert error.key == "smtp_login"
    assert "535" in error.message("en")
    assert "wrong-9999" not in error.message("en") + repr(error.__cause__) + repr(error.params)
    assert server.taken == []


@pytest.mark.parametrize("password", ["密码", "a\r\nb"])
def test_a_password_that_no_server_takes_is_one_line(
    place: Round, monkeypatch: pytest.MonkeyPatch, password: str
) -> None:
    monkeypatch.setenv("EVALUATOR_SMTP_PASSWORD", password)
    error = error_of(place)
    assert error.key == "smtp_login"
    assert password not in error.message("en")


def test_without_a_password_one_line_says_where_to_put_it(place: Round, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EVALUATOR_SMTP_PASSWORD")
    monkeypatch.setattr("evaluator.rounds.access._from_keyring", lambda *_: None)
    error = error_of(place)
    assert error.key == "no_password"
    assert "EVALUATOR_SMTP_PASSWORD" in error.message("zh")


def test_the_keyring_gives_the_password_where_the_environment_does_not(
    place: Round, server: SmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("EVALUATOR_SMTP_PASSWORD")
    asked = []
    monkeypatch.setattr("keyring.get_password", lambda *key: asked.append(key) or PASSWORD)
    run(place)
    assert len(server.taken) == FEW
    assert set(asked) == {("evaluator", "smtp:pinggu@round.example@localhost")}


def test_a_certificate_that_nobody_vouches_for_is_refused(place: Round, server: SmtpServer, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    error = error_of(with_server(place.path, server, Certificates(tmp_path / "other").file))
    assert error.key == "smtp_certificate"


def test_a_certificate_of_another_name_is_refused(tmp_path: Path, place: Round, certificates: Certificates) -> None:
    with SmtpServer(tmp_path / "t2", certificates.context("mail.example")).running() as other:
        assert error_of(with_server(place.path, other, certificates.file)).key == "smtp_certificate"


def test_a_server_without_encryption_gets_neither_password_nor_mail(
    tmp_path: Path, place: Round, certificates: Certificates
) -> None:
    with SmtpServer(tmp_path / "t2", certificates.context(), starttls=False).running() as other:
        assert error_of(with_server(place.path, other, certificates.file)).key == "smtp_no_starttls"
        assert not other.points


def test_only_this_machine_may_be_spoken_to_in_the_clear(
    tmp_path: Path, place: Round, certificates: Certificates
) -> None:
    with SmtpServer(tmp_path / "t2", certificates.context(), starttls=False).running() as other:
        settings = {"security": "none", "user": ""}
        _, report = run(with_server(place.path, other, certificates.file, **settings))
        assert len(report.sent) == FEW
        far = with_server(place.path, other, certificates.file, **settings, host="mail.example")
        with pytest.raises(RoundError) as caught:
            SmtpWire(far).ready()
        assert caught.value.key == "smtp_in_the_clear"


def test_a_server_that_is_not_there_is_one_line(tmp_path: Path, place: Round, certificates: Certificates) -> None:
    with SmtpServer(tmp_path / "t2", certificates.context()).running() as other:
        pass
    assert error_of(with_server(place.path, other, certificates.file)).key == "smtp_not_reached"


def test_a_file_of_certificates_that_is_none_is_one_line(tmp_path: Path, place: Round, server: SmtpServer) -> None:
    (tmp_path / "none.pem").write_text("nothing", encoding="utf-8")
    assert error_of(with_server(place.path, server, tmp_path / "none.pem")).key == "ca_file"
    assert error_of(with_server(place.path, server, tmp_path / "gone.pem")).key == "ca_file"


# Refusals and broken connections


def once(point: str, answer: str, to: str = "n002@inst.example", times: int = 1):  # noqa: ANN201
    """Answer so at a point of the message to a recipient, that many times; `MAIL` counts messages: the second."""
    left = [times]

    def hook(at: str, address: str, server: SmtpServer) -> Answer:
        is_it = server.points["MAIL"] == 2 if at == "MAIL" else address == to
        if at != point or not is_it or not left[0]:
            return None
        left[0] -= 1
        return answer

    return hook


@pytest.mark.parametrize("point", ["RCPT", "DATA", "DOT"])
def test_a_refusal_for_good_costs_one_message(place: Round, server: SmtpServer, point: str) -> None:
    server.hook = once(point, "550 no such user here")
    _, report = run(place)
    assert [(one.message.institution.id, one.words) for one in report.failed] == [("N002", "550 no such user here")]
    assert recipients(server) == ["n001@inst.example", "n003@inst.example"]
    assert states(place) == {"sent": FEW - 1, "failed": 1}


@pytest.mark.parametrize("point", ["MAIL", "RCPT", "DATA", "DOT"])
@pytest.mark.parametrize("answer", ["451 later", "421 going down"])
def test_a_refusal_for_now_is_tried_again_at_the_end(place: Round, server: SmtpServer, point: str, answer: str) -> None:
    server.hook = once(point, answer)
    _, report = run(place)
    assert len(report.sent) == FEW
    assert recipients(server)[-1] == "n002@inst.example"
    assert len(recipients(server)) == FEW


@pytest.mark.parametrize("point", ["MAIL", "RCPT", "DATA"])
def test_a_connection_broken_before_the_dot_costs_nothing(place: Round, server: SmtpServer, point: str) -> None:
    server.hook = once(point, "drop")
    _, report = run(place)
    assert (len(report.sent), report.unclear) == (FEW, ())
    assert Counter(recipients(server)) == {one.email: 1 for one in institutions(FEW)}


@pytest.mark.parametrize(("point", "was_taken"), [("DOT", False), ("KEPT", True)])
def test_a_connection_broken_after_the_dot_leaves_it_to_a_person(
    place: Round, server: SmtpServer, point: str, was_taken: bool
) -> None:
    server.hook = once(point, "drop")
    _, report = run(place)
    (unclear,) = report.unclear
    assert unclear.message.institution.id == "N002"
    assert ("n002@inst.example" in recipients(server)) == was_taken
    planned, second = run(place)
    assert ([row.number for row in planned.unclear], second.sent) == ([unclear.message.number], ())
    with at_work(place) as ledger:
        resolve(ledger, [unclear.message.number], "sent" if was_taken else "again", "zh")
    run(place)
    assert Counter(recipients(server)) == {one.email: 1 for one in institutions(FEW)}


def test_a_refused_sender_stops_at_once(place: Round, server: SmtpServer) -> None:
    server.hook = once("MAIL", "553 not your address")
    _, report = run(place)
    assert report.stopped is not None
    assert report.stopped.key == "smtp_sender_refused"
    assert (len(report.sent), len(report.left)) == (1, FEW - 1)


def test_a_message_too_large_for_the_server_costs_one_message(place: Round, server: SmtpServer) -> None:
    server.hook = once("MAIL", "552 too large")
    _, report = run(place)
    assert (len(report.sent), len(report.failed)) == (FEW - 1, 1)


def test_a_server_that_closed_an_idle_connection_is_called_anew(place: Round, server: SmtpServer) -> None:
    server.hook = lambda at, address, owner: "421 idle" if at == "MAIL" and owner.points["MAIL"] == 3 else None
    _, report = run(place)
    assert len(report.sent) == FEW


# Killed

PROGRAM = """
import os, random, signal, sys
from pathlib import Path
from evaluator.rounds import ledger as ledgers
from evaluator.rounds.folder import at_work, open_round
from evaluator.rounds.packages import masters_of
from evaluator.rounds.planning import plan
from evaluator.rounds.sending import send
from evaluator.rounds.tasks import invitations
from evaluator.rounds.wire import SmtpWire
from tests.mailrounds import institutions

place, many, fatal = open_round(Path(sys.argv[1])), int(sys.argv[2]), int(sys.argv[3])
passed = 0

def pass_by():
    global passed
    passed += 1
    if passed == fatal:
        os.kill(os.getpid(), signal.SIGKILL)

def watched(owner, name):
    plain = getattr(owner, name)
    def call(*args, **kwargs):
        pass_by()
        result = plain(*args, **kwargs)
        pass_by()
        return result
    setattr(owner, name, call)

with at_work(place) as ledger:
    planned = plan(place, ledger, "invitation", invitations(place, institutions(many), masters_of(place)))
    wire = SmtpWire(place)
    if fatal:
        import evaluator.rounds.sending as sending
        for name in ("mark", "mark_sending"):
            watched(sending, name)
        for name in ("ready", "offer", "finish"):
            watched(wire, name)
    report = send(place, ledger, planned, wire=wire)
sys.exit(0 if not report.left else 3)
"""


def sender(place: Round, fatal: int) -> subprocess.Popen[bytes]:
    """Start a process that sends to all, and kills itself at the given one of the points around ledger and wire."""
    here = Path(__file__).resolve().parents[3]
    environment = {**os.environ, "PYTHONPATH": str(here)}
    return subprocess.Popen([sys.executable, "-c", PROGRAM, str(place.path), str(MANY), str(fatal)], env=environment)


def settled(place: Round, server: SmtpServer) -> None:
    """Check what must hold after any kills: nobody got two, and whoever got none is unclear or still planned."""
    got = Counter(recipients(server))
    assert max(got.values(), default=0) <= 1
    with at_work(place) as ledger:
        planned = plan(place, ledger, "invitation", invitations(place, institutions(MANY), MASTERS[0]))
        open_ones = {message.addresses[0] for message in planned.messages}
        unclear = {row.address for row in planned.unclear}
        sent = {row.address for row in rows_of(ledger, "invitation") if row.state == "sent"}
    assert not open_ones & set(got), "nothing that arrived is sent again"
    assert sent <= set(got), "nothing is called sent that did not arrive"
    assert open_ones | unclear | set(got) == {one.email for one in institutions(MANY)}, "nobody is left out"


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
def test_killed_anywhere_a_round_is_sent_to_the_end_without_sending_twice(
    tmp_path: Path, template: Round, certificates: Certificates, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed by itself around each write and each word on the wire, and by the server while it waits for an answer."""
    monkeypatch.setenv("EVALUATOR_SMTP_PASSWORD", PASSWORD)
    chance = random.Random(1)  # noqa: S311 - tests repeat
    running: list[subprocess.Popen[bytes]] = []
    fatal: list[tuple[str, int]] = []

    def hook(at: str, address: str, server: SmtpServer) -> Answer:
        if fatal and at == fatal[0][0] and server.points[at] >= fatal[0][1]:
            fatal.clear()
            running[-1].send_signal(signal.SIGKILL)
            running[-1].wait(10)
        return None

    with SmtpServer(tmp_path / "taken", certificates.context(), hook=hook).running() as server:
        shutil.copytree(template.path, tmp_path / "round")
        place = with_server(tmp_path / "round", server, certificates.file)
        for kill in range(3):
            by_server = kill % 2 == 1
            point = chance.choice(["MAIL", "RCPT", "DATA", "DOT", "KEPT"])
            fatal[:] = [(point, server.points[point] + chance.randint(1, 4))] if by_server else []
            running.append(sender(place, 0 if by_server else chance.randint(1, 60)))
            assert running[-1].wait(30) == -signal.SIGKILL
            settled(place, server)
        running.append(sender(place, 0))
        assert running[-1].wait(30) == 0
        settled(place, server)
        unclear = _decided(place, server)
        running.append(sender(place, 0))
        assert running[-1].wait(30) == 0
        assert Counter(recipients(server)) == {one.email: 1 for one in institutions(MANY)}
        assert states(place) == {"sent": MANY}
        assert own_files_only(server, place)
    assert len(unclear) <= 3, "at most one for each kill"


def _decided(place: Round, server: SmtpServer) -> Sequence[int]:
    """Settle what is unclear as a person does who looks into the mailbox it was sent from."""
    got = set(recipients(server))
    with at_work(place) as ledger:
        unclear = [row for row in rows_of(ledger, "invitation") if row.state == "unclear"]
        for row in unclear:
            resolve(ledger, [row.number], "sent" if row.address in got else "again", "zh")
    return [row.number for row in unclear]
