"""A process that sends is killed at every point there is: before and after each write and each word on the wire."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = '''
"""Sends to two institutions over a wire that notes what it took; forks before, and dies in the fork at each point."""
import dataclasses, os, signal, sys
from datetime import date
from pathlib import Path

from evaluator.model.files import load_model
from evaluator.rounds import sending
from evaluator.rounds.ledger import Ledger
from evaluator.rounds.messages import rows_of
from evaluator.rounds.packages import masters_of
from evaluator.rounds.planning import plan
from evaluator.rounds.tasks import invitations
from evaluator.rounds.wire import Answer
from tests.ledgers import entry, hand_made
from tests.unit.rounds.test_planning import with_mail

folder = Path(sys.argv[1])
who = (entry("A"), entry("B"))


class Noting:
    """Takes a message when its dot comes, as a server does, and keeps it past any kill."""

    def __init__(self, path):
        self.path, self.to = path, ""

    def ready(self): ...
    def close(self): ...
    def drop(self): ...

    def offer(self, sender, recipients, data):
        self.to = recipients[0]

    def finish(self):
        with self.path.open("a") as stream:
            stream.write(self.to + "\\n")
        return Answer("sent")


def watched(owner, name, pass_by):
    plain = getattr(owner, name)

    def call(*args, **kwargs):
        pass_by()
        result = plain(*args, **kwargs)
        pass_by()
        return result

    setattr(owner, name, call)


def run(place, fatal):
    """Send; die at that point. Gives how many points there are."""
    passed = 0

    def pass_by():
        nonlocal passed
        passed += 1
        if passed == fatal:
            os.kill(os.getpid(), signal.SIGKILL)

    wire = Noting(place.path / "taken")
    with Ledger(place.database) as ledger:
        planned = plan(place, ledger, "invitation", invitations(place, who, masters))
        for name in ("mark", "mark_sending"):
            watched(sending, name, pass_by)
        for name in ("ready", "offer", "finish", "close"):
            watched(wire, name, pass_by)
        sending.send(place, ledger, planned, wire=wire)
    return passed


def taken(place):
    path = place.path / "taken"
    return path.read_text().split() if path.exists() else []


def check(place, fatal):
    """After the kill and another whole run: each has it once, or is listed as unclear."""
    before = taken(place)
    with Ledger(place.database) as ledger:
        planned = plan(place, ledger, "invitation", invitations(place, who, masters))
        unclear = {row.address for row in planned.unclear}
        assert not {one.addresses[0] for one in planned.messages} & set(before), (fatal, "sent again")
        sending.send(place, ledger, planned, wire=Noting(place.path / "taken"))
        sent = {row.address for row in rows_of(ledger, "invitation") if row.state == "sent"}
        (lonely,) = ledger.rows("SELECT count(*) FROM messages WHERE sha256 <> '' AND number NOT IN"
                                " (SELECT message FROM enclosures)")[0]
        assert lonely == 0, (fatal, "a message on record without what it holds")
    after = taken(place)
    assert len(after) == len(set(after)), (fatal, "sent twice")
    assert sent | unclear == {"A@x.cn", "B@x.cn"}, (fatal, "left out")
    assert sent <= set(after), (fatal, "called sent")
    assert len(unclear) <= 1, (fatal, "more unclear than were under way")
    return bool(unclear)


def new(name):
    path = folder / name
    path.mkdir()
    return with_mail(hand_made(path, model), sender="p@office.cn", per_minute=1_000_000)


model = load_model()
first = new("count")
masters = masters_of(first)
if os.fork() == 0:
    (folder / "points").write_text(str(run(first, 0)))
    os._exit(0)
os.wait()
points, unclear = int((folder / "points").read_text()), 0
for fatal in range(1, points + 1):
    place = new(str(fatal))
    if os.fork() == 0:
        run(place, fatal)
        os._exit(0)
    assert os.WTERMSIG(os.wait()[1]) == signal.SIGKILL, fatal
    unclear += check(place, fatal)
print(points, unclear)
'''


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
def test_killed_at_any_point_no_mail_is_sent_twice_or_left_out(tmp_path: Path) -> None:
    """Of some thirty points only those between telling the ledger and hearing the server leave anything unclear."""
    here = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path)],
        env=here,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    points, unclear = map(int, done.stdout.split())
    assert points >= 22
    assert 0 < unclear <= 10
