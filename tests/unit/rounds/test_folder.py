"""A round's folder: opened only where all belongs together, and one process at a time at work in it."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest

from evaluator.errors import RoundError
from evaluator.rounds.folder import Round, at_work, is_round, open_round
from evaluator.rounds.ledger import Ledger
from evaluator.rounds.making import create_round
from tests import forms

HOLDER = """
import sys, time
from pathlib import Path
from evaluator.rounds.folder import locked
with locked(Path(sys.argv[1])):
    print("at work", flush=True)
    time.sleep(float(sys.argv[2]))
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    rows = forms.roster(tmp_path / "rows.xlsx", {"id": "N01", "name": "甲", "email": "a@example.org"})
    return create_round(tmp_path / "round", roster=rows, deadline=date(2026, 3, 31), round_id="r1").path


@contextmanager
def another_at_work(place: Path, seconds: float) -> Iterator[subprocess.Popen[str]]:
    """Another process that keeps the round to itself."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(place), str(seconds)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "at work\n"
        yield process
    finally:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def another_try(place: Path) -> str:
    """What another process finds that tries to work at once."""
    program = (
        "import sys; from pathlib import Path; from evaluator.rounds.folder import locked\n"
        "from evaluator.errors import RoundError\n"
        "try:\n    with locked(Path(sys.argv[1]), 0.1): print('at work')\n"
        "except RoundError as error: print(error.key)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program, str(place)], capture_output=True, text=True, timeout=60, check=True
    )
    return ended.stdout.strip()


def key_of(error: pytest.ExceptionInfo[RoundError]) -> str:
    for lang in ("zh", "en"):
        words = error.value.message(lang)
        assert "\n" not in words
        assert "{" not in words
    return error.value.key


def changed(place: Path, old: str, new: str) -> None:
    path = place / "round.toml"
    words = path.read_text(encoding="utf-8")
    assert old in words
    path.write_text(words.replace(old, new), encoding="utf-8")


def test_a_round_opens_with_its_settings_model_and_key(place: Path) -> None:
    found = open_round(place)
    assert (found.id, found.model.id, len(found.key)) == ("r1", "sme-service", 32)
    assert found.key.hex() not in repr(found)


@pytest.mark.parametrize(("missing", "said"), [("round.toml", "settings_not_read"), ("round.db", "no_ledger")])
def test_a_round_that_lacks_settings_or_database_says_what_it_lacks(place: Path, missing: str, said: str) -> None:
    (place / missing).unlink()
    assert is_round(place)
    with pytest.raises(RoundError) as error:
        open_round(place)
    assert key_of(error) == said


def test_a_round_under_another_id_is_refused(place: Path) -> None:
    changed(place, '"r1"', '"r2"')
    with pytest.raises(RoundError) as error:
        open_round(place)
    assert key_of(error) == "round_renamed"


def test_another_model_is_refused(place: Path, tmp_path: Path) -> None:
    from evaluator.model import files

    own = tmp_path / "round" / "other"
    own.mkdir()
    for path in files._main_file("sme-service").parent.glob("*.toml"):
        words = path.read_text(encoding="utf-8")
        (own / path.name).write_text(words.replace("pass_mark = 0.8", "pass_mark = 0.7"), encoding="utf-8")
    changed(place, '"sme-service@2023.1"', '"other"')
    with pytest.raises(RoundError) as error:
        open_round(place)
    assert key_of(error) == "model_changed"


@pytest.mark.parametrize(
    ("content", "key"), [("00" * 32, "key_changed"), ("00" * 31, "key_damaged"), ("密钥", "key_damaged")]
)
def test_another_or_a_damaged_key_is_refused(place: Path, content: str, key: str) -> None:
    (place / "secret.key").write_text(content, encoding="utf-8")
    with pytest.raises(RoundError) as error:
        open_round(place)
    assert key_of(error) == key
    assert "00" * 4 not in error.value.message("en")


def test_a_key_that_is_gone_is_one_line(place: Path) -> None:
    (place / "secret.key").unlink()
    with pytest.raises(RoundError) as error:
        open_round(place)
    assert key_of(error) == "key_not_read"


def test_a_damaged_database_is_found_on_opening(place: Path) -> None:
    data = bytearray((place / "round.db").read_bytes())
    data[4096:8192] = b"\xaa" * 4096
    (place / "round.db").write_bytes(data)
    with pytest.raises(RoundError) as error:
        open_round(place)
    assert key_of(error) == "ledger_damaged"


def test_a_database_that_lacks_what_every_round_has_is_refused(place: Path) -> None:
    (place / "round.db").unlink()
    Ledger.create(place / "round.db", {"round": "r1"})
    with pytest.raises(RoundError) as error:
        open_round(place)
    assert key_of(error) == "ledger_damaged"


def test_a_second_process_says_that_the_first_is_at_work(place: Path) -> None:
    opened = open_round(place)
    with another_at_work(place, 30), pytest.raises(RoundError) as error, at_work(opened, patience=0.1):
        pass
    assert key_of(error) == "round_busy"


def test_a_second_process_waits_for_the_first(place: Path) -> None:
    opened = open_round(place)
    with another_at_work(place, 0.5), at_work(opened) as ledger, ledger.step("done"):
        pass
    with at_work(opened) as ledger:
        assert ledger.rows("SELECT what FROM events")[-1] == ("done",)


def test_a_process_that_is_killed_leaves_no_lock(place: Path) -> None:
    opened = open_round(place)
    with another_at_work(place, 30) as other:
        other.kill()
        other.wait()
        start = time.monotonic()
        with at_work(opened, patience=5):
            assert time.monotonic() - start < 2


def test_work_may_be_nested_and_ends_with_the_outermost(place: Path) -> None:
    opened = open_round(place)
    with at_work(opened) as outer:
        with at_work(opened) as inner, inner.step("inner"):
            pass
        with outer.step("outer"):
            pass
        assert another_try(place) == "round_busy"
    assert another_try(place) == "at work"


def test_work_that_fails_lets_go_of_the_round(place: Path) -> None:
    opened: Round = open_round(place)
    with pytest.raises(ValueError, match="x"), at_work(opened):
        raise ValueError("x")
    assert another_try(place) == "at work"
