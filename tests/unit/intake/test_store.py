"""The store of readings: what was read is found again, and nothing in it is trusted."""

from __future__ import annotations

import os
import random
import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from evaluator.errors import InputError
from evaluator.intake import store as module
from evaluator.intake.claims import Claim
from evaluator.intake.reading import How, ReadFile
from evaluator.intake.store import KEPT_DAYS, NAME, SWITCH, Store, default_place
from evaluator.limits import Limits
from evaluator.questionnaire.reader import FieldValue
from evaluator.seals import Sealed

HOW = How(asked={"SS1-1": ("甲", "a")}, limits=Limits())
CLAIM = Claim(
    file="in/a.xlsx",
    model="m",
    record="N01",
    fields={"name": FieldValue(value="中心\ud800", sheet="机构信息", cell="B5")},
    sealed=Sealed(
        round="2026", institution="N01", domain="SS", model="m", edition="1", model_hash="0f", corrects="ab" * 32
    ),
    seal="\u5370",
)
READ = ReadFile(name="in/a.xlsx", sha256="ab" * 32, size=7, claim=CLAIM, content=b"packed")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "cache" / NAME


def put(place: Path | None, *read: ReadFile, how: How = HOW) -> None:
    with Store(how, place) as store:
        store.put(read)


def found(place: Path, sha256: str = READ.sha256, how: How = HOW) -> ReadFile | None:
    with Store(how, place) as store:
        return store.find("other/b.xlsx", sha256, 7)


@pytest.mark.parametrize("claim", [CLAIM, replace(CLAIM, sealed=None, seal="")], ids=["sealed", "not sealed"])
def test_a_reading_is_found_by_the_files_content_under_any_name(place: Path, claim: Claim) -> None:
    put(place, replace(READ, claim=claim))
    with Store(HOW, place) as store:
        again = store.find("other/b.xlsx", READ.sha256, 7)
        assert again == replace(READ, name="other/b.xlsx", content=b"", claim=replace(claim, file="other/b.xlsx"))
        assert store.content(again) == b"packed"
        assert store.find("other/b.xlsx", "cd" * 32, 7) is None


@pytest.mark.parametrize(
    "how", [replace(HOW, asked={"SS1-1": ("乙", "a")}), replace(HOW, limits=Limits(sheets=3))], ids=["model", "limits"]
)
def test_a_reading_made_otherwise_is_not_found(place: Path, how: How) -> None:
    put(place, READ)
    assert found(place, how=how) is None


def test_a_reading_by_another_reader_is_not_found(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(place, READ)
    monkeypatch.setattr(module, "_reader_version", lambda: "another")
    assert found(place) is None


def test_files_without_a_form_are_read_again_each_time(place: Path) -> None:
    put(place, replace(READ, claim=None, content=b"", code="file.crashed_reader"))
    assert found(place) is None


def change(column: str) -> Callable[[Path], object]:
    def run(place: Path) -> None:
        with closing(sqlite3.connect(place)) as database, database:
            database.execute(f"UPDATE readings SET {column} = ?", (b"x" if column != "claim" else "[]",))  # noqa: S608

    return run


def swapped(place: Path) -> None:
    """Give one file's reading to another file."""
    put(place, replace(READ, sha256="cd" * 32, content=b"other"))
    with closing(sqlite3.connect(place)) as database, database:
        rows = database.execute("SELECT key, claim, content, seal FROM readings").fetchall()
        database.execute("DELETE FROM readings")
        keys = [row[0] for row in rows]
        for key, row in zip(reversed(keys), rows, strict=True):
            database.execute("INSERT INTO readings VALUES (?, ?, ?, ?, 99999)", (key, *row[1:]))


def overwritten(content: bytes) -> Callable[[Path], object]:
    def run(place: Path) -> None:
        for path in place.parent.iterdir():
            path.write_bytes(content)

    return run


def cut(place: Path) -> None:
    with place.open("r+b") as stream:
        stream.truncate(5000)


def another_table(place: Path) -> None:
    place.unlink()
    with closing(sqlite3.connect(place)) as database, database:
        database.execute("CREATE TABLE readings (something TEXT)")


@pytest.mark.parametrize(
    "spoil",
    [
        change("claim"), change("content"), change("seal"), swapped, overwritten(b""),
        overwritten(b"no database" * 999), cut, another_table,
    ],
    ids=["claim", "content", "seal", "swapped", "emptied", "overwritten", "cut", "another_table"],
)  # fmt: skip
def test_what_was_spoilt_is_not_used_and_the_store_works_on(place: Path, spoil: Callable[[Path], object]) -> None:
    put(place, READ)
    spoil(place)
    again = found(place)
    assert again is None
    put(place, READ)
    assert found(place) is not None


def test_a_place_that_can_not_be_used_costs_only_the_memory(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with Store(HOW, tmp_path / "file" / NAME) as store:
        (light,) = store.put([READ])
        assert light.content == b""
        assert store.content(light) == b"packed"
        assert store.is_empty


@pytest.mark.parametrize("seed", range(20))
def test_a_database_with_misplaced_pages_never_stops_a_run(place: Path, seed: int) -> None:
    many = [replace(READ, sha256=f"{n:064x}", content=bytes(2000)) for n in range(300)]
    put(place, *many)
    with Store(HOW, place):
        pass  # closing writes what was beside the database into it
    pages = bytearray(place.read_bytes())
    here, there = random.Random(seed).sample(range(1, len(pages) // 4096), 2)  # noqa: S311 - a fixed choice for each seed
    pages[here * 4096 : (here + 1) * 4096] = pages[there * 4096 : (there + 1) * 4096]
    place.write_bytes(pages)
    with Store(HOW, place) as store:
        for one in many:
            known = store.find(one.name, one.sha256, one.size)
            (light,) = [known] if known else store.put([one])
            assert store.content(light) == one.content


def test_without_a_place_readings_last_for_the_run() -> None:
    with Store(HOW, None) as store:
        (light,) = store.put([READ])
        assert store.content(light) == b"packed"


def test_two_runs_at_once_do_no_harm(place: Path) -> None:
    with Store(HOW, place) as one, Store(HOW, place) as two:
        (light,) = one.put([READ])
        other = two.put([replace(READ, sha256="cd" * 32, content=b"other")])[0]
        assert (one.content(light), two.content(other)) == (b"packed", b"other")
        assert one.find("x", "cd" * 32, 7) is not None


def test_a_reading_taken_away_meanwhile_is_an_operators_line(place: Path) -> None:
    with Store(HOW, place) as store:
        (light,) = store.put([READ])
        with closing(sqlite3.connect(place)) as database, database:
            database.execute("DELETE FROM readings")
        with pytest.raises(InputError, match="cache of readings"):
            store.content(light)


def test_readings_that_no_run_used_for_long_are_dropped(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = replace(READ, sha256="cd" * 32)
    now = module.time.time()
    put(place, READ, other)
    monkeypatch.setattr(module.time, "time", lambda: now + (KEPT_DAYS - 1) * 86_400)
    with Store(HOW, place) as store:
        store.used([READ])
    monkeypatch.setattr(module.time, "time", lambda: now + (KEPT_DAYS + 1) * 86_400)
    with Store(HOW, place) as store:
        store.used([])
    assert (found(place) is not None, found(place, other.sha256) is not None) == (True, False)


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps no such mode")
def test_the_store_is_the_users_alone(place: Path) -> None:
    put(place, READ)
    assert {stat.S_IMODE(path.stat().st_mode) for path in place.parent.iterdir()} == {0o600}


def test_the_environment_says_where_the_store_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SWITCH, str(tmp_path))
    assert default_place() == tmp_path / NAME
    monkeypatch.setenv(SWITCH, "OFF")
    assert default_place() is None
    monkeypatch.delenv(SWITCH)
    assert default_place() is not None
