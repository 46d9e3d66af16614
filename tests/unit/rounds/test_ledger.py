"""The ledger: every step with its event or not at all, and nothing that was recorded is ever changed."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from evaluator.errors import RoundError
from evaluator.rounds import ledger as module
from evaluator.rounds.ledger import Ledger, now, operator

NOON = "2026-03-31T12:00:00Z"
INSTITUTION = "INSERT INTO institutions (id, fields, roster, since) VALUES (?, '{}', '', '')"
WRITER = """
import sys
from pathlib import Path
from evaluator.rounds.ledger import Ledger
with Ledger(Path(sys.argv[1])) as ledger:
    for number in range(25):
        with ledger.step(sys.argv[2]) as database:
            database.execute(sys.argv[3], sys.argv[2:3])
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    path = tmp_path / "round.db"
    Ledger.create(path, {"round": "r1", "model": "m"}, clock=lambda: NOON, who="maker")
    return path


def stopped_after(database: sqlite3.Connection) -> None:
    """Write something, and be stopped before the step ends."""
    database.execute(INSTITUTION, ("N01",))
    raise KeyboardInterrupt


def key_of(error: pytest.ExceptionInfo[RoundError]) -> str:
    """The error's key, once both languages can say it on one line."""
    for lang in ("zh", "en"):
        words = error.value.message(lang)
        assert "\n" not in words
        assert "{" not in words
    return error.value.key


def test_a_new_ledger_holds_the_facts_and_the_event_of_its_making(place: Path) -> None:
    with Ledger(place) as ledger:
        assert ledger.facts == {"round": "r1", "model": "m"}
        [(at, who, what, detail)] = ledger.rows("SELECT at, who, what, detail FROM events")
    assert (at, who, what, json.loads(detail)) == (NOON, "maker", "created", {"round": "r1", "model": "m"})


def test_there_is_no_making_over_a_ledger(place: Path) -> None:
    before = place.read_bytes()
    with pytest.raises(FileExistsError):
        Ledger.create(place, {"round": "r2"})
    assert place.read_bytes() == before


@pytest.mark.skipif(sys.platform == "win32", reason="file modes are POSIX's")
def test_only_the_owner_can_read_it(place: Path) -> None:
    assert place.stat().st_mode & 0o777 == 0o600


def test_a_step_is_written_with_its_event_who_and_when(place: Path) -> None:
    with (
        Ledger(place, clock=lambda: NOON, who="clerk") as ledger,
        ledger.step("added", institution="N01", sha256="ab", detail={"why": "字"}) as database,
    ):
        database.execute(INSTITUTION, ("N01",))
    with Ledger(place) as ledger:
        assert ledger.rows("SELECT id FROM institutions") == [("N01",)]
        assert ledger.rows("SELECT * FROM events")[-1] == (2, NOON, "clerk", "added", "N01", "ab", '{"why": "字"}')


def test_a_step_that_fails_leaves_neither_change_nor_event(place: Path) -> None:
    with Ledger(place) as ledger:
        with pytest.raises(KeyboardInterrupt), ledger.step("added") as database:
            stopped_after(database)
        with pytest.raises(TypeError), ledger.step("added", detail={"path": place}) as database:
            database.execute(INSTITUTION, ("N01",))
        assert ledger.rows("SELECT id FROM institutions") == []
        assert len(ledger.rows("SELECT * FROM events")) == 1
        with ledger.step("after"):
            pass
        assert len(ledger.rows("SELECT * FROM events")) == 2


@pytest.mark.parametrize(
    "query",
    [
        "UPDATE events SET what = 'x'",
        "DELETE FROM events",
        "REPLACE INTO events VALUES (1, '', '', 'x', '', '', '')",
        "UPDATE institutions SET fields = 'x'",
        "DELETE FROM institutions",
        "REPLACE INTO institutions VALUES (1, 'N02', '', '', '')",
        "UPDATE round SET value = 'x'",
        "DELETE FROM round",
        "REPLACE INTO round VALUES ('round', 'x')",
    ],
)
def test_what_was_recorded_is_never_changed_or_deleted(place: Path, query: str) -> None:
    with Ledger(place) as ledger:
        with ledger.step("added") as database:
            database.execute(INSTITUTION, ("N01",))
        with pytest.raises(sqlite3.IntegrityError, match="only ever added"), ledger.step("x") as database:
            database.execute(query)
        assert len(ledger.rows("SELECT * FROM events")) == 2


@pytest.mark.parametrize("value", [None, b"N01"])
def test_values_of_another_type_are_refused(place: Path, value: object) -> None:
    with (
        Ledger(place) as ledger,
        pytest.raises(sqlite3.IntegrityError),
        ledger.step("added") as database,
    ):
        database.execute(INSTITUTION, (value,))


def test_mistakes_of_the_program_are_not_taken_for_a_bad_file(place: Path) -> None:
    with Ledger(place) as ledger, pytest.raises(sqlite3.OperationalError):
        ledger.rows("SELECT nothing FROM nowhere")


def test_a_ledger_that_is_not_there_is_one_line_and_none_is_made(tmp_path: Path) -> None:
    with pytest.raises(RoundError) as error:
        Ledger(tmp_path / "round.db")
    assert key_of(error) == "no_ledger"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("data", [b"no database at all" * 99, b"SQLite format 3\0" + b"\xff" * 4096])
def test_a_file_that_is_no_database_is_one_line(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "round.db").write_bytes(data)
    with pytest.raises(RoundError) as error:
        Ledger(tmp_path / "round.db")
    assert key_of(error) == "ledger_damaged"


def test_a_database_of_another_version_is_refused(place: Path) -> None:
    database = sqlite3.connect(place)
    database.execute("PRAGMA user_version = 99")
    database.close()
    with pytest.raises(RoundError) as error:
        Ledger(place)
    assert key_of(error) == "ledger_version"


def test_a_damaged_page_is_found(place: Path) -> None:
    with Ledger(place) as ledger, ledger.step("added") as database:
        database.executemany(INSTITUTION, [(f"N{number:040}",) for number in range(500)])
    data = bytearray(place.read_bytes())
    data[-4096:] = b"\xaa" * 4096
    place.write_bytes(data)
    with pytest.raises(RoundError) as error, Ledger(place) as ledger:
        ledger.check()
    assert key_of(error) == "ledger_damaged"


def test_a_ledger_that_another_program_keeps_is_one_line(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_WAITING", 0.05)
    other = sqlite3.connect(place, isolation_level=None)
    with Ledger(place) as ledger:
        other.execute("BEGIN EXCLUSIVE")
        try:
            with pytest.raises(RoundError) as error, ledger.step("x"):
                pass
            assert key_of(error) == "ledger_busy"
        finally:
            other.close()
        with ledger.step("x"):
            pass


def test_a_full_disk_is_one_line_and_undoes_the_step(place: Path) -> None:
    with Ledger(place) as ledger:
        ledger.rows("PRAGMA max_page_count = 1")  # as few as it has
        with pytest.raises(RoundError) as error, ledger.step("added") as database:
            database.execute(INSTITUTION, ("N" * 100_000,))
        assert key_of(error) == "ledger_not_written"
        assert ledger.rows("SELECT id FROM institutions") == []


def test_a_ledger_that_cannot_be_made_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> sqlite3.Connection:
        database = sqlite3.connect(tmp_path / "round.db", isolation_level=None)
        database.execute("PRAGMA max_page_count = 2")
        return database

    monkeypatch.setattr(module, "_connected", full)
    with pytest.raises(RoundError) as error:
        Ledger.create(tmp_path / "round.db", {"round": "r1"})
    assert key_of(error) == "ledger_not_written"


def test_two_processes_write_all_their_steps(place: Path) -> None:
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(place), name, INSTITUTION]) for name in ("a", "b")]
    assert [writer.wait(timeout=60) for writer in writers] == [0, 0]
    with Ledger(place) as ledger:
        assert dict(ledger.rows("SELECT id, COUNT(*) FROM institutions GROUP BY id")) == {"a": 25, "b": 25}
        assert dict(ledger.rows("SELECT what, COUNT(*) FROM events GROUP BY what")) == {"a": 25, "b": 25, "created": 1}
        ledger.check()


def test_who_is_at_work_is_the_operator_named_else_the_login(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EVALUATOR_OPERATOR", " 王老师 ")
    assert operator() == "王老师"
    monkeypatch.delenv("EVALUATOR_OPERATOR")
    monkeypatch.setattr("getpass.getuser", lambda: "login")
    assert operator() == "login"


def test_times_are_utc_to_the_second() -> None:
    assert len(now()) == len(NOON)
    assert now().endswith("Z")
