"""A dry run: mails as files to look at or to send by hand, and nothing that says they were sent."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from evaluator.errors import OutputError
from evaluator.intake.containers.mails import open_mail
from evaluator.intake.containers.spool import Spool
from evaluator.limits import DEFAULT
from evaluator.model.records import Model
from evaluator.rounds.folder import Round
from evaluator.rounds.ledger import Ledger
from evaluator.rounds.mailing import build
from evaluator.rounds.messages import resolve
from evaluator.rounds.outbox import write_mails
from evaluator.rounds.packages import Masters, masters_of
from evaluator.rounds.planning import Plan, plan
from evaluator.rounds.tasks import invitations
from tests.ledgers import entry, hand_made
from tests.unit.rounds.test_planning import with_mail

WHO = (entry("A", name="甲/中心"), entry("a", name="甲/中心"), entry("CON", name=""))


@pytest.fixture
def place(tmp_path: Path, model: Model) -> Round:
    return with_mail(hand_made(tmp_path, model), sender="p@office.cn")


@pytest.fixture
def ledger(place: Round) -> Iterator[Ledger]:
    with Ledger(place.database) as opened:
        yield opened


@pytest.fixture(scope="module")
def masters(tmp_path_factory: pytest.TempPathFactory, model: Model) -> Masters:
    return masters_of(hand_made(tmp_path_factory.mktemp("masters"), model))


@pytest.fixture
def planned(place: Round, ledger: Ledger, masters: Masters) -> Plan:
    return plan(place, ledger, "invitation", invitations(place, WHO, masters))


def test_each_mail_is_a_file_of_its_own_under_a_safe_name(place: Round, planned: Plan) -> None:
    written = write_mails(place, planned)
    assert [path.relative_to(place.outbox / "invitation").as_posix() for path in written] == [
        "A_甲_中心.eml", "a_甲_中心~2.eml", "_CON.eml",
    ]  # fmt: skip
    assert sorted(path.name for path in place.outbox.rglob("*.*")) == sorted(path.name for path in written)


def test_a_file_is_what_would_go_over_the_wire(place: Round, planned: Plan) -> None:
    for path, message in zip(write_mails(place, planned), planned.messages, strict=True):
        assert path.read_bytes() == build(place, message).data


def test_the_intake_reads_the_forms_out_of_the_file(place: Round, planned: Plan, tmp_path: Path) -> None:
    opened = open_mail(write_mails(place, planned)[0], Spool(tmp_path, DEFAULT))
    assert [found.name for found in opened.found] == list(planned.messages[0].files)


def test_nothing_says_that_they_were_sent(place: Round, ledger: Ledger, planned: Plan) -> None:
    write_mails(place, planned)
    assert ledger.rows("SELECT DISTINCT state FROM messages") == [("planned",)]
    assert ledger.rows("SELECT count(*) FROM packages") == [(0,)]


def test_mails_that_are_not_planned_any_more_leave_the_outbox(
    place: Round, ledger: Ledger, planned: Plan, masters: Masters
) -> None:
    write_mails(place, planned)
    less = plan(place, ledger, "invitation", invitations(place, WHO[:1], masters))
    assert [path.name for path in write_mails(place, less)] == ["A_甲_中心.eml"]
    assert len(list((place.outbox / "invitation").iterdir())) == 1


def test_a_folder_of_ones_own_may_hold_other_files_but_none_is_overwritten(
    place: Round, planned: Plan, tmp_path: Path
) -> None:
    own = tmp_path / "mails"
    first = write_mails(place, planned, own)
    (own / "other.eml").write_text("mine", encoding="utf-8")
    assert write_mails(place, planned, own) == first, "the same mails may be written again"
    first[0].write_text("mine", encoding="utf-8")
    with pytest.raises(OutputError) as caught:
        write_mails(place, planned, own)
    assert caught.value.key == "would_overwrite"
    assert first[0].read_text(encoding="utf-8") == (own / "other.eml").read_text(encoding="utf-8") == "mine"


def test_mails_for_sending_by_hand_are_noted_with_what_they_hold(
    place: Round, ledger: Ledger, planned: Plan, tmp_path: Path
) -> None:
    """So that the forms count as sent once a person says that the mail was."""
    paths = write_mails(place, planned, tmp_path / "mails", ledger=ledger)
    hashes = [digest for (digest,) in ledger.rows("SELECT sha256 FROM messages ORDER BY number")]
    assert hashes == [sha256(path.read_bytes()).hexdigest() for path in paths]
    assert ledger.rows("SELECT message, count(*) FROM enclosures GROUP BY message") == [(1, 5), (2, 5), (3, 5)]
    assert ledger.rows("SELECT DISTINCT state FROM messages") == [("planned",)]
    resolve(ledger, [1], "sent", "zh")
    again = plan(place, ledger, "invitation", ())
    assert (again.messages, ledger.rows("SELECT state FROM messages WHERE number = 1")) == ((), [("sent",)])


def test_what_was_written_for_sending_by_hand_is_not_sent_as_well_unless_told(
    place: Round, ledger: Ledger, planned: Plan, masters: Masters, tmp_path: Path
) -> None:
    write_mails(place, planned, tmp_path / "mails", ledger=ledger)
    tasks = invitations(place, (*WHO, entry("new")), masters)
    found = plan(place, ledger, "invitation", tasks, limit=1, skip_written=True)
    assert [one.institution.id for one in found.messages] == ["new"]
    assert [row.number for row in found.written] == [1, 2, 3]
    assert len(plan(place, ledger, "invitation", tasks).messages) == 4
    resolve(ledger, [2], "again", "zh")
    found = plan(place, ledger, "invitation", tasks, skip_written=True)
    assert [one.number for one in found.messages] == [2, 4]


def test_nothing_is_noted_where_a_file_could_not_be_written(
    place: Round, ledger: Ledger, planned: Plan, tmp_path: Path
) -> None:
    (tmp_path / "mails").mkdir()
    (tmp_path / "mails" / "_CON.eml").write_text("mine", encoding="utf-8")
    with pytest.raises(OutputError):
        write_mails(place, planned, tmp_path / "mails", ledger=ledger)
    assert ledger.rows("SELECT count(*) FROM packages") == [(0,)]
