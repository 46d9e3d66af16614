"""A round from beginning to end, against real mail servers on this machine: `python -m tests.story [--institutions N]`.

Forms go out while the program is killed again and again; institutions answer in every way they do; what came is
collected, reminders and corrections go out, corrections come back and change the score. Every claim on the way is
checked against what the servers have, and the first that does not hold ends the story.
"""

from __future__ import annotations

import argparse
import email
import email.policy
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl

from evaluator.intake.institutions import FIELDS, Institution
from evaluator.model.records import Model
from evaluator.rounds.folder import DATABASE, SETTINGS, open_round
from evaluator.rounds.ledger import Ledger
from evaluator.synthesis.people import make_people
from evaluator.wording import say
from tests import forms, imapserver, mailservers, replies

KINDS = (
    "plain", "plain", "plain", "plain", "plain", "two_mails", "forwarded", "zipped", "faulty", "partial",
    "twice", "wrong_file", "silent", "bounced", "empty", "cloud", "automatic", "plain", "plain", "faulty",
)  # fmt: skip
"""How institutions answer, over and over in this order."""
OWING = {"faulty", "partial", "wrong_file", "silent", "empty", "cloud", "automatic"}
"""Those who owe something once all mail is in and whom a reminder can reach."""
KILLS = 3
_EMPTY_CELL = re.compile(rb'<c r="([FG])(\d+)"( s="\d+")/>')


@dataclass
class Story:
    """A round being told."""

    folder: Path
    smtp: mailservers.SmtpServer
    imap: imapserver.ImapServer
    model: Model
    people: tuple[Institution, ...]
    seed: int
    told: list[str] = field(default_factory=list)

    @property
    def round(self) -> Path:
        return self.folder / "round"

    def say(self, words: str) -> None:
        self.told.append(words)
        print(f"[{time.strftime('%H:%M:%S')}] {words}", flush=True)  # noqa: T201 - to be watched

    def kind_of(self, person: Institution) -> str:
        return KINDS[self.people.index(person) % len(KINDS)]

    def of_kind(self, *kinds: str) -> list[Institution]:
        return [one for number, one in enumerate(self.people) if KINDS[number % len(KINDS)] in kinds]

    # Running the program

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        variables = {
            **os.environ, "EVALUATOR_SMTP_PASSWORD": mailservers.PASSWORD, "EVALUATOR_LANG": "en",
            "EVALUATOR_IMAP_PASSWORD": imapserver.PASSWORD, "EVALUATOR_CACHE": str(self.folder / "cache"),
            "PYTHONUTF8": "1",
        }  # fmt: skip
        return subprocess.Popen(
            [sys.executable, "-m", "evaluator", *arguments], cwd=self.folder, env=variables, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8",
        )  # fmt: skip

    def run(self, *arguments: str, expected: tuple[int, ...] = (0,)) -> str:
        with self.start(*arguments) as process:
            out, wrong = process.communicate()
        assert process.returncode in expected, f"{arguments}: {process.returncode}\n{out}\n{wrong}"
        for password in (mailservers.PASSWORD, imapserver.PASSWORD):
            assert password not in out + wrong
        return out

    # What the servers have

    def sent(self) -> dict[str, list[EmailMessage]]:
        """Mails that the outgoing server took, by address."""
        found: dict[str, list[EmailMessage]] = {}
        for recipients, data in self.smtp.taken:
            for address in recipients:
                message = email.message_from_bytes(data, policy=email.policy.default)
                found.setdefault(address, []).append(message)
        return found

    def put(self, message: EmailMessage | bytes, when: datetime) -> None:
        self.imap.put(message if isinstance(message, bytes) else message.as_bytes(), when)

    def status(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.run("status", "round", "--format", "json"))
        return found


def tell(count: int = 300, seed: int = 1, folder: Path | None = None) -> Story:
    """Tell the whole story; raises where something does not hold."""
    with ExitStack() as stack:
        here = folder or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="story-")))
        certificates = mailservers.Certificates(here)
        smtp = mailservers.SmtpServer(here / "smtp", certificates.context())
        stack.enter_context(smtp.running())
        imap = stack.enter_context(imapserver.running())
        story = Story(folder=here, smtp=smtp, imap=imap, model=forms.model(), people=people(count, seed), seed=seed)
        make_round(story, certificates.file)
        send_through_kills(story)
        own_files_only(story)
        answer(story)
        collect(story)
        remind(story)
        correct(story)
        decide(story)
        story.say("The end: everything held.")
        return story


def people(count: int, seed: int) -> tuple[Institution, ...]:
    """Institutions with names, codes and addresses."""
    made = make_people(forms.model(), "zh", count, seed)
    return tuple(Institution(**{key: person.fields[key] for key in FIELDS}) for person in made)


def make_round(story: Story, ca_file: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append([say(f"form.field.{key}", "zh") for key in FIELDS])
    for one in story.people:
        sheet.append([getattr(one, key) for key in FIELDS])
    book.save(story.folder / "名单.xlsx")
    deadline = (datetime.now(UTC) + timedelta(days=30)).date().isoformat()
    story.run(
        "init", "round", "--roster", "名单.xlsx", "--deadline", deadline, "--id", "2026-story",
        "--from", f"某某评估中心 <{mailservers.USER}>", "--contact", "王老师 010-12345678",
    )  # fmt: skip
    settings = story.round / SETTINGS
    head, _, rest = settings.read_text(encoding="utf-8").partition("[mail]")
    servers = f"""
[mail]
sender = "某某评估中心 <{mailservers.USER}>"
per_minute = 1000000
remind_every_days = 0.0

[smtp]
host = "localhost"
port = {story.smtp.port}
user = "{mailservers.USER}"
ca_file = '{ca_file.as_posix()}'

[imap]
host = "localhost"
port = {story.imap.tls_port}
user = "{imapserver.USER}"
ca_file = '{story.imap.ca_file.as_posix()}'
"""
    assert rest
    settings.write_text(head + servers, encoding="utf-8")
    out = story.run("send", "round")
    assert "nothing was sent" in out
    assert len(list((story.round / "outbox" / "invitation").glob("*.eml"))) == len(story.people)
    assert not story.smtp.taken
    story.say(f"A round of {len(story.people)} institutions is made; a dry run sent nothing.")


def send_through_kills(story: Story) -> None:
    chance = random.Random(story.seed)  # noqa: S311 - no secret
    for number in range(KILLS):
        target = len(story.smtp.taken) + chance.randint(1, max(1, len(story.people) // 5))
        process = story.start("send", "round", "--yes", "-q")
        while len(list(story.smtp.folder.iterdir())) < target and process.poll() is None:
            time.sleep(chance.random() / 500)
        process.kill()
        process.communicate()
        story.say(f"Kill {number + 1}: the server has {len(story.smtp.taken)} mails.")
    story.run("send", "round", "--yes", expected=(0, 1))
    settle_unclear(story)
    story.run("send", "round", "--yes")
    counts = {address: len(mails) for address, mails in story.sent().items()}
    assert counts == {one.email: 1 for one in story.people}, "each institution has its mail exactly once"
    story.say(f"Each of {len(counts)} institutions has its mail exactly once.")


def settle_unclear(story: Story) -> None:
    """Do what a person does with a mail of which nobody knows: look whether the server has it."""
    have = {str(message["Message-ID"]) for mails in story.sent().values() for message in mails}
    with Ledger(story.round / DATABASE) as ledger:
        unclear = ledger.rows("SELECT number, message_id FROM messages WHERE state IN ('unclear', 'handing')")
    for number, message_id in unclear:
        story.run("send", "round", "--sent" if message_id in have else "--again", str(number))
        story.say(f"Mail {number} was unclear; it {'had' if message_id in have else 'had not'} arrived.")


def own_files_only(story: Story) -> None:
    place = open_round(story.round)
    files = 0
    for one in story.people:
        (message,) = mails_to(story, one)
        for _, data in attached(message):
            meta = forms.read(data).meta
            assert (meta["institution"], meta["round"]) == (one.id, place.id)
            files += 1
    assert files == len(story.people) * len(story.model.domains)
    story.say(f"All {files} files are their recipients' own.")


_BY_ADDRESS: dict[Path, dict[str, list[EmailMessage]]] = {}


def mails_to(story: Story, person: Institution) -> list[EmailMessage]:
    """Mails to an institution at the time this was first asked."""
    if story.folder not in _BY_ADDRESS:
        _BY_ADDRESS[story.folder] = story.sent()
    return _BY_ADDRESS[story.folder][person.email]


def attached(message: EmailMessage) -> list[tuple[str, bytes]]:
    """Files of a mail, those in an archive too."""
    found: list[tuple[str, bytes]] = []
    for part in message.iter_attachments():
        name, data = part.get_filename() or "", part.get_content()
        if name.endswith(".zip"):
            with zipfile.ZipFile(BytesIO(data)) as archive:
                found += [(inner, archive.read(inner)) for inner in archive.namelist()]
        else:
            found.append((name, data))
    return found


def fill(data: bytes, faulty: bool = False) -> bytes:
    """Fill a form in as a person does: answers and evidence; a faulty one lacks some and has nonsense."""

    def cell(found: re.Match[bytes]) -> bytes:
        column, row, style = found[1], int(found[2]), found[3]
        words = "大部分满足" if column == b"F" else f"制度文件第{row}号"
        if faulty and column == b"F" and row % 4 == 1:
            if row % 8 == 1:
                return found[0]
            words = "差不多吧"
        inline = f"<is><t>{words}</t></is>".encode()
        return b'<c r="%b%d"%b t="inlineStr">%b</c>' % (column, row, style, inline)

    return rewritten(data, {forms.QUESTIONNAIRE_PART: lambda xml: _EMPTY_CELL.sub(cell, xml)})


def rewritten(data: bytes, changes: Mapping[str, Any]) -> bytes:
    stream = BytesIO()
    with (
        zipfile.ZipFile(BytesIO(data)) as old,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as new,
    ):
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, changes[name](content) if name in changes else content)
    return stream.getvalue()


def answer(story: Story) -> None:
    """Put into the mailbox what institutions send back, some of it forwarded, zipped, wrong or nothing at all."""
    now = datetime.now(UTC)
    count = 0
    for number, one in enumerate(story.people):
        (original,) = mails_to(story, one)
        for message in replies_of(story, one, original):
            story.put(message, now + timedelta(seconds=number))
            count += 1
    newsletter = replies.mail(
        "news@shop.example", subject="本周特价", words="全场五折。", List_Unsubscribe="<mailto:x@shop.example>"
    )
    story.put(newsletter, now)
    story.say(f"{count} answers and a newsletter are in the mailbox.")


def replies_of(story: Story, one: Institution, original: EmailMessage) -> Iterator[EmailMessage | bytes]:
    kind = story.kind_of(one)
    mine = [
        (name, fill(data, kind == "faulty" and place == 0)) for place, (name, data) in enumerate(attached(original))
    ]
    about = {"In_Reply_To": str(original["Message-ID"])}
    identity = f"<{kind}-{one.id}@inst.example>"
    if kind in ("plain", "faulty"):
        yield replies.mail(one.email, files=mine, message_id=identity, **about)
    elif kind == "two_mails":
        yield replies.mail(one.email, files=mine[:2], message_id=identity, **about)
        yield replies.mail(one.email, files=mine[2:], message_id=f"<2-{identity[1:]}", **about)
    elif kind == "forwarded":
        yield replies.forwarded("colleague@round.example", replies.mail(one.email, files=mine, message_id=identity))
    elif kind == "zipped":
        packed = replies.mail(one.email, message_id=identity, **about)
        data = replies.gbk_zip([(f"附件/{name}", content) for name, content in mine])
        packed.add_attachment(data, maintype="application", subtype="zip", filename="问卷.zip")
        yield packed
    elif kind == "partial":
        yield replies.mail(one.email, files=mine[:3], message_id=identity, **about)
    elif kind == "twice":
        yield replies.mail(one.email, files=mine, message_id=identity, **about)
        yield replies.mail(one.email, files=mine, message_id=f"<2-{identity[1:]}", **about)
    elif kind == "wrong_file":
        other = story.people[story.people.index(one) - 1]  # the consultant of both mixed two files up
        (theirs,) = mails_to(story, other)
        name, data = attached(theirs)[0]
        yield replies.mail(one.email, files=[(name, fill(data)), *mine[1:]], message_id=identity, **about)
    elif kind == "bounced":
        yield replies.report(original.as_bytes(), one.email)
    elif kind == "empty":
        yield replies.mail(one.email, words="见附件。", message_id=identity, **about)
    elif kind == "cloud":
        words = "文件较大，请下载：https://pan.baidu.com/s/1abcDEF"
        yield replies.mail(one.email, words=words, message_id=identity, **about)
    elif kind == "automatic":
        yield replies.mail(one.email, subject="自动回复：我在休假", words="您好，我休假中。", message_id=identity,
                           Auto_Submitted="auto-replied", **about)  # fmt: skip


def expected_states(story: Story, one: Institution) -> list[str]:
    """States of an institution's forms once all mail is in."""
    count = len(story.model.domains)
    kind = story.kind_of(one)
    if kind in ("plain", "two_mails", "forwarded", "zipped", "twice"):
        return ["complete"] * count
    return {
        "faulty": ["faulty"] + ["complete"] * (count - 1),
        "partial": ["complete"] * 3 + ["sent"] * (count - 3),
        "wrong_file": ["sent"] + ["complete"] * (count - 1),
        "bounced": ["bounced"] * count,
    }.get(kind, ["sent"] * count)


def check_states(story: Story, expected: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    status = story.status()
    found = {one["id"]: [form["state"] for form in one["domains"].values()] for one in status["institutions"]}
    differing = {key: (found[key], states) for key, states in expected.items() if found[key] != list(states)}
    assert not differing, f"found, expected: {dict(list(differing.items())[:5])}"
    return status


def collect(story: Story) -> None:
    out = story.run("collect", "round", "--imap", expected=(1,))
    story.say(out.strip().splitlines()[-2])
    with Ledger(story.round / DATABASE) as ledger:
        kinds = dict(ledger.rows("SELECT kind, count(*) FROM mails GROUP BY kind"))
        files = ledger.rows("SELECT count(*) FROM files")[0][0]
        events = ledger.rows("SELECT count(*) FROM events")[0][0]
    assert kinds == {
        "matched": len(story.of_kind("plain", "faulty", "forwarded", "zipped", "partial"))
        + 2 * len(story.of_kind("two_mails", "twice")),
        "person": len(story.of_kind("empty", "cloud", "wrong_file")),
        "bounce": len(story.of_kind("bounced")),
        "auto_reply": len(story.of_kind("automatic")),
        "not_ours": 1,
    }, kinds
    status = check_states(story, {one.id: expected_states(story, one) for one in story.people})
    assert len([one for one in status["attention"] if one["kind"] == "mail"]) == kinds["person"]
    again = story.run("collect", "round", "--imap", expected=(1,))
    assert "New: 0 mails, 0 files" in again, again
    with Ledger(story.round / DATABASE) as ledger:
        assert ledger.rows("SELECT count(*) FROM files")[0][0] == files
        assert ledger.rows("SELECT count(*) FROM events")[0][0] - events <= 1
    assert not any(flags for flags in story.imap.flags().values()), "the mailbox is as it was"
    story.run("status", "round", "--out", "status.xlsx", "-q")
    story.say(f"Every mail is accounted for ({kinds}), every form's state is right, collecting again changed nothing.")


def remind(story: Story) -> None:
    before = len(story.smtp.taken)
    story.run("remind", "round", "--yes")
    reminded = [(recipients, data) for recipients, data in story.smtp.taken[before:]]
    due = {one.email: one for one in story.people if story.kind_of(one) in OWING}
    assert sorted(address for recipients, _ in reminded for address in recipients) == sorted(due)
    for (address,), data in reminded:
        one = due[address]
        message = email.message_from_bytes(data, policy=email.policy.default)
        states = expected_states(story, one)
        missing = [d.code for d, state in zip(story.model.domains, states, strict=True) if state == "sent"]
        owners = {forms.read(content).meta["domain"] for _, content in attached(message)}
        assert owners == set(missing), (one.id, owners, missing)
        body = message.get_body(("plain",))
        assert body is not None
        if story.kind_of(one) == "faulty":
            assert "F5" in body.get_content()
    story.say(f"Reminders went to exactly the {len(due)} who owe something, each with the forms it owes.")


def correct(story: Story) -> None:
    faulty = story.of_kind("faulty")
    first = scores(story, "before")
    before = len(story.smtp.taken)
    story.run("send", "round", "--corrections", "--yes")
    sent = story.smtp.taken[before:]
    assert sorted(address for recipients, _ in sent for address in recipients) == sorted(one.email for one in faulty)
    now = datetime.now(UTC) + timedelta(hours=1)
    for (address,), data in sent:
        message = email.message_from_bytes(data, policy=email.policy.default)
        ((name, workbook),) = attached(message)
        mended = mend(workbook)
        story.put(replies.mail(address, files=[(name, mended)], message_id=f"<mended-{address}>"), now)
    story.run("collect", "round", "--imap", expected=(1,))  # mails that need a person still do
    check_states(story, {one.id: ["complete"] * len(story.model.domains) for one in faulty})
    assert "To send: 0" in story.run("send", "round", "--corrections")
    second = scores(story, "after")
    changed = {key for key in first if first[key] != second[key]}
    assert changed == {one.id for one in faulty}
    assert all((second[one.id] or 0.0) > (first[one.id] or 0.0) for one in faulty)
    story.say(f"{len(faulty)} corrections went out, came back, and changed just those scores.")


def mend(workbook: bytes) -> bytes:
    """Mend a correction in a spreadsheet program's way: every answer that is marked or blank gets one."""
    book = openpyxl.load_workbook(BytesIO(workbook))
    sheet = forms.sheet_of(book)
    for row in sheet.iter_rows(min_row=forms.FIRST_ROW):
        if row[0].value and row[5].value not in ("完全满足", "大部分满足", "部分满足", "不满足", "不适用"):
            row[5].value = "大部分满足"
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def scores(story: Story, name: str) -> dict[str, float | None]:
    """Score the round; give each institution's domain scores added up, as not all domains came of all."""
    import sqlite3

    story.run("score", "round", "--out", name, "-q", expected=(0, 1))
    with sqlite3.connect(story.folder / name / "results.db") as database:
        return dict(database.execute("SELECT institution, sum(score) FROM domains GROUP BY institution"))


def decide(story: Story) -> None:
    one = story.of_kind("plain")[0]
    requirement = story.model.domains[0].requirements[0].id
    before = scores(story, "undecided")
    why = ("--reason", "申诉成立", "--role", "评审组长")
    story.run("override", "answer", "round", one.id, requirement, "none", *why)
    decided = scores(story, "decided")
    assert {key for key in before if before[key] != decided[key]} == {one.id}
    story.run("override", "withdraw", "round", "1", *why)
    assert scores(story, "withdrawn") == before
    story.say("A decision changed one score, and its withdrawal changed it back.")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.story", description=__doc__)
    parser.add_argument("--institutions", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="folder to keep everything in, missing or empty")
    given = parser.parse_args()
    if given.keep:
        given.keep.mkdir(parents=True, exist_ok=True)
    tell(given.institutions, given.seed, given.keep and given.keep.resolve())


if __name__ == "__main__":
    main()
