"""Making a round: all that belongs to it, or nothing."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from evaluator.errors import EvaluatorError, InputError, ModelError, RosterError, RoundError
from evaluator.model import files
from evaluator.rounds import folder, making
from evaluator.rounds.folder import Round, open_round
from evaluator.rounds.ledger import Ledger
from evaluator.rounds.making import create_round
from evaluator.rounds.roster_changes import roster_of
from evaluator.wording import Lang
from tests import forms

DEADLINE = date(2026, 3, 31)
MAKER = """
import sys
from datetime import date
from pathlib import Path
from evaluator.errors import RoundError
from evaluator.rounds.making import create_round
try:
    create_round(Path(sys.argv[1]), roster=Path(sys.argv[2]), deadline=date(2026, 3, 31))
    print("made")
except RoundError as error:
    print(error.key)
"""
NOON = "2026-03-01T12:00:00Z"
Make = Callable[..., Round]


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    return forms.roster(
        tmp_path / "rows.xlsx",
        {"id": "N02", "name": "乙", "email": "b@example.org", "province": "江苏"},
        {"id": "N01", "name": "甲", "email": "a@example.org; b@example.org"},
    )


@pytest.fixture
def make(tmp_path: Path, rows: Path) -> Make:
    def made(**given: Any) -> Round:
        return create_round(tmp_path / "round", **{"roster": rows, "deadline": DEADLINE, **given})

    return made


def refused(make: Make, kind: type[EvaluatorError] = RoundError, **given: object) -> str:
    with pytest.raises(kind) as error:
        make(**given)
    for lang in ("zh", "en"):
        assert "\n" not in error.value.message(lang)
    return error.value.key


def names(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} - {".lock"}


def own_model(folder: Path, main: str = "model.toml") -> Path:
    shutil.copytree(files._main_file("sme-service").parent, folder)
    (folder / "notes.txt").write_text("not the model's", encoding="utf-8")
    return (folder / "model.toml").replace(folder / main)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_round_holds_all_that_belongs_to_it(tmp_path: Path, make: Make, rows: Path, lang: Lang) -> None:
    place = make(lang=lang, name="第一轮", contact="王老师", sender="某中心 <a@example.org>", clock=lambda: NOON)
    letters = {f"letters/{kind}.{lang}.txt.j2" for kind in ("invitation", "reminder", "correction")}
    assert names(place.path) == {".gitignore", "round.toml", "roster.xlsx", "round.db", "secret.key", *letters}
    assert place.roster.read_bytes() == rows.read_bytes()
    assert place.settings.round.name == "第一轮"
    assert (place.settings.round.lang, place.settings.round.deadline) == (lang, DEADLINE)
    assert (place.settings.round.contact, place.settings.mail.sender) == ("王老师", "某中心 <a@example.org>")
    assert place == open_round(place.path)
    with Ledger(place.database) as ledger:
        assert [one.id for one in roster_of(ledger)] == ["N01", "N02"]
        assert roster_of(ledger)[1].province == "江苏省"
        events = ledger.rows("SELECT at, what, sha256, detail FROM events ORDER BY number")
    digest = hashlib.sha256(rows.read_bytes()).hexdigest()
    assert [event[:3] for event in events] == [(NOON, "created", ""), (NOON, "roster", digest)]
    assert json.loads(events[1][3]) == {"added": ["N01", "N02"], "removed": [], "changed": {}}


def test_what_is_not_given_has_a_default(make: Make) -> None:
    place = make()
    assert place.id.startswith("2026-")
    assert place.settings.round.name == "中小企业服务机构通用能力成熟度评价（2026年）"
    assert place.settings.round.model == "sme-service@2023.1"


def test_no_two_rounds_have_the_same_id_or_key(make: Make) -> None:
    first = make()
    shutil.rmtree(first.path)
    second = make()
    assert first.id != second.id
    assert first.key != second.key


def test_quotes_and_backslashes_in_names_are_kept(make: Make) -> None:
    words = 'say "x" \\ y # {z}'
    assert make(name=words, contact=words).settings.round.name == words


@pytest.mark.skipif(sys.platform == "win32", reason="file modes are POSIX's")
def test_the_key_is_the_owners_alone_from_its_creation(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, set[int]] = {}
    opened = Path.open

    def watched(self: Path, *given: Any, **named: Any) -> Any:
        seen.setdefault(self.name, set()).add(self.stat().st_mode & 0o777 if self.exists() else 0o666)
        return opened(self, *given, **named)

    monkeypatch.setattr(Path, "open", watched)
    old = os.umask(0)
    try:
        place = make()
    finally:
        os.umask(old)
    assert seen["secret.key"] == {0o600}
    for name in ("secret.key", "round.db"):
        assert (place.path / name).stat().st_mode & 0o777 == 0o600
    assert place.path.stat().st_mode & 0o777 == 0o700


def test_the_key_stands_in_no_other_file(make: Make) -> None:
    place = make()
    for name in names(place.path) - {"secret.key"}:
        data = (place.path / name).read_bytes()
        assert place.key not in data
        assert place.key.hex().encode() not in data


@pytest.mark.skipif(shutil.which("git") is None, reason="takes git")
def test_a_repository_takes_only_what_is_no_secret(tmp_path: Path, make: Make) -> None:
    place = make(model=str(own_model(tmp_path / "own")))
    for kept in ("inbox/ab/abcd", "outbox/a.eml", "status.xlsx"):
        (place.path / kept).parent.mkdir(parents=True, exist_ok=True)
        (place.path / kept).write_text("x", encoding="utf-8")
    subprocess.run(["git", "init", "-q"], cwd=place.path, check=True)
    listed = subprocess.run(
        ["git", "ls-files", "-o", "--exclude-standard"], cwd=place.path, capture_output=True, text=True, check=True
    )
    taken = listed.stdout.split()
    assert {".gitignore", "round.toml", "model/model.toml", "letters/invitation.zh.txt.j2"} <= set(taken)
    assert {path.partition("/")[0] for path in taken} == {".gitignore", "round.toml", "model", "letters"}


@pytest.mark.parametrize("main", ["model.toml", "我的 model.toml"])
def test_a_model_of_ones_own_is_kept_with_the_round(tmp_path: Path, make: Make, main: str) -> None:
    own = own_model(tmp_path / "own", main)
    place = make(model=str(own))
    shutil.rmtree(tmp_path / "own")
    again = open_round(place.path)
    assert again.settings.round.model == f"model/{main}"
    assert again.model.hash == files.load_model("sme-service").hash
    assert not (place.path / "model" / "notes.txt").exists()


def test_an_empty_folder_may_become_a_round(tmp_path: Path, make: Make) -> None:
    (tmp_path / "round").mkdir()
    inode = (tmp_path / "round").stat().st_ino
    assert make().path.stat().st_ino == inode  # the same folder, which may be somebody's working folder


def test_the_working_folder_may_become_a_round(tmp_path: Path, rows: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    create_round(Path(), roster=rows, deadline=DEADLINE)
    assert open_round(tmp_path / "here").id == open_round(Path()).id


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path, make: Make) -> None:
    (tmp_path / "round").mkdir()
    (tmp_path / "round" / "notes.txt").write_text("x", encoding="utf-8")
    assert refused(make) == "not_empty"
    assert names(tmp_path / "round") == {"notes.txt"}
    assert not (tmp_path / "round" / ".lock").exists()


def test_a_round_is_never_made_over_another(make: Make) -> None:
    first = make()
    assert refused(make) == "round_exists"
    assert open_round(first.path) == first


def test_of_two_processes_one_makes_the_round_and_the_other_says_so(tmp_path: Path, rows: Path) -> None:
    command = [sys.executable, "-c", MAKER, str(tmp_path / "round"), str(rows)]
    makers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    assert sorted(maker.communicate(timeout=60)[0].strip() for maker in makers) == ["made", "round_exists"]
    assert open_round(tmp_path / "round").path.is_dir()


def test_a_file_is_no_place_for_a_round(tmp_path: Path, make: Make) -> None:
    (tmp_path / "round").write_text("x", encoding="utf-8")
    assert refused(make) == "is_a_file"


@pytest.mark.parametrize(
    ("given", "kind", "key"),
    [
        ({"round_id": "a b"}, RoundError, "settings_faults"),
        ({"name": "a\nb"}, RoundError, "settings_faults"),
        ({"sender": "nobody"}, RoundError, "settings_faults"),
        ({"deadline": date(1999, 1, 1)}, RoundError, "settings_faults"),
        ({"model": "nothing"}, InputError, "no_such_model"),
        ({"roster": Path("nothing.xlsx")}, InputError, "no_such_path"),
    ],
)
def test_with_a_fault_nothing_is_made(
    tmp_path: Path, make: Make, given: dict[str, object], kind: type[EvaluatorError], key: str
) -> None:
    assert refused(make, kind, **given) == key
    assert not (tmp_path / "round").exists()


def test_with_a_faulty_roster_or_model_nothing_is_made(tmp_path: Path, make: Make) -> None:
    faulty = forms.roster(tmp_path / "faulty.xlsx", {"id": "N01", "name": "甲", "email": "nobody"})
    assert refused(make, RosterError, roster=faulty) == "roster_faults"
    own = own_model(tmp_path / "own")
    own.write_text("id = 3", encoding="utf-8")
    assert refused(make, ModelError, model=str(own)) == "model_faults"
    assert not (tmp_path / "round").exists()


@pytest.mark.parametrize("there", [False, True])
@pytest.mark.parametrize("step", ["_fill", "_move", "replace"])
def test_a_failure_on_the_way_leaves_nothing(
    tmp_path: Path, make: Make, monkeypatch: pytest.MonkeyPatch, there: bool, step: str
) -> None:
    if there:
        (tmp_path / "round").mkdir()
    replace, moved = Path.replace, []

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    def third_fails(self: Path, target: Path) -> Path:
        moved.append(self)
        return full() if len(moved) == 3 else replace(self, target)  # type: ignore[func-returns-value,return-value]

    with monkeypatch.context() as patch:
        if step == "replace":
            patch.setattr(Path, "replace", third_fails)
        else:
            patch.setattr(making, step, full)
        assert refused(make) == "round_not_writable"
    if there:
        assert {path.name for path in (tmp_path / "round").iterdir()} <= {".lock"}
    else:
        assert not (tmp_path / "round").exists()
    make()


def test_what_a_stopped_one_left_goes_at_the_next_try(tmp_path: Path, make: Make) -> None:
    left = tmp_path / "round" / folder.MAKING / "letters"
    left.mkdir(parents=True)
    (left / "half.txt").write_text("x", encoding="utf-8")
    place = make()
    assert not (place.path / folder.MAKING).exists()


def test_one_that_was_stopped_while_moving_is_said_and_left_alone(tmp_path: Path, make: Make) -> None:
    (tmp_path / "round" / folder.MAKING).mkdir(parents=True)
    (tmp_path / "round" / "roster.xlsx").write_text("perhaps the only copy", encoding="utf-8")
    assert refused(make) == "round_half_made"
    assert (tmp_path / "round" / "roster.xlsx").exists()


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_place_that_cannot_be_written_is_one_line(tmp_path: Path, make: Make) -> None:
    tmp_path.chmod(0o500)
    try:
        assert refused(make) == "round_not_writable"
    finally:
        tmp_path.chmod(0o700)
