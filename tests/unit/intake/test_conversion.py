"""What becomes of each file when LibreOffice converts, hangs, dies or is not there; a script stands in for it."""

from __future__ import annotations

import os
import sys
import time
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from evaluator.intake import conversion
from evaluator.intake.conversion import BATCH, convert
from evaluator.intake.libreoffice import ENVIRONMENT
from evaluator.limits import DEFAULT, Limits
from evaluator.questionnaire.opening import Unread
from evaluator.wording import LANGS, say
from tests.unit.intake.test_opendocument import FILLED, content, spreadsheet

OFFICE = '''#!{python}
"""Converts as LibreOffice does, or as it does on a bad day: what it does with a file is what the file says."""
import json, os, pathlib, resource, signal, subprocess, sys, time, zipfile
place = pathlib.Path(__file__).parent
inputs = [pathlib.Path(one) for one in sys.argv if one.endswith((".xls", ".ods"))]
made = pathlib.Path(sys.argv[sys.argv.index("--outdir") + 1])
with (place / "starts").open("a") as log:
    print(json.dumps([sys.argv[1:], resource.getrlimit(resource.RLIMIT_AS)[0]]), file=log)
for path in inputs:
    does = path.read_bytes()
    if does.startswith(b"hang"):
        (place / "child").write_text(str(subprocess.Popen(["sleep", "600"]).pid))
        time.sleep(600)
    if does.startswith(b"crash"):
        os.kill(os.getpid(), signal.SIGKILL)
    if does.startswith(b"half"):
        (made / (path.stem + ".xlsx")).write_bytes(b"PK")
        sys.exit(77)
    if does.startswith(b"slow"):
        time.sleep(0.25)
    if not does.startswith(b"refuse"):
        with zipfile.ZipFile(made / (path.stem + ".xlsx"), "w") as book:
            book.writestr("what", does)
sys.exit({code})
'''

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the stand-in is a script that Windows can't start")


def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int = 0) -> Path:
    script = tmp_path / "office" / "soffice"
    script.parent.mkdir()
    script.write_text(OFFICE.format(python=sys.executable, code=code), encoding="utf-8")
    script.chmod(0o755)
    monkeypatch.setenv(ENVIRONMENT, str(script))
    return script


def files(tmp_path: Path, *contents: bytes, kind: str = "xls") -> dict[Path, str]:
    found = {}
    for number, data in enumerate(contents):
        path = tmp_path / f"{number} -甲;$(x) --norestore.{kind}"
        path.write_bytes(data)
        found[path] = kind
    return found


def starts(script: Path) -> list[str]:
    return (script.parent / "starts").read_text(encoding="utf-8").splitlines()


def outcome(given: dict[Path, str], folder: Path, seconds: int = 30) -> list[str]:
    """What became of each file, in order: the text its workbook was made of, or the reason there is none."""
    found = convert(given, folder, Limits(seconds=seconds))
    assert set(found) == set(given)
    return [_said(found[path]) for path in given]


def _said(one: Path | Unread) -> str:
    if isinstance(one, Path):
        with zipfile.ZipFile(one) as book:
            return book.read("what").decode()
    assert one.code == "file.not_a_workbook"
    for lang in LANGS:
        assert ".xls" in say("findings.file.not_a_workbook.found", lang, **one.params)
    return say("findings.file.not_a_workbook.found", "en", **one.params).partition("(.xls) ")[2]


def ended(process: int) -> bool:
    for _ in range(100):
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return True
        status = Path(f"/proc/{process}/stat")
        if status.is_file() and " Z " in status.read_text(encoding="utf-8"):
            return True  # ended; nobody has asked for its exit code yet
        time.sleep(0.05)
    return False


REFUSED, ENDED = "(LibreOffice can't open it).", "(LibreOffice ended while converting it)."


def test_each_file_gets_its_own_workbook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = office(tmp_path, monkeypatch)
    assert outcome(files(tmp_path, b"a", b"b", b"c"), tmp_path / "new" / "folder") == ["a", "b", "c"]
    assert len(starts(script)) == 1


def test_no_file_is_no_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = office(tmp_path, monkeypatch)
    assert outcome({}, tmp_path / "new") == []
    assert not (script.parent / "starts").exists()


def test_files_own_names_never_reach_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = office(tmp_path, monkeypatch)
    outcome(files(tmp_path, b"a"), tmp_path / "new")
    (line,) = starts(script)
    assert "$(x)" not in line
    assert line.count("--norestore") == 1
    assert '--infilter=MS Excel 97"' in line


def test_originals_are_left_alone_and_nothing_but_workbooks_is_left_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office(tmp_path, monkeypatch)
    given = files(tmp_path, b"a", b"refuse")
    found = convert(given, tmp_path / "new")
    assert [path.read_bytes() for path in given] == [b"a", b"refuse"]
    left = [path for path in (tmp_path / "new").rglob("*") if path.is_file()]
    assert left == [path for path in found.values() if isinstance(path, Path)]
    assert len(list((tmp_path / "new").iterdir())) == 1


def test_two_runs_into_one_folder_do_not_meet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    office(tmp_path, monkeypatch)
    first = convert(files(tmp_path, b"a"), tmp_path / "new")
    second = convert(files(tmp_path, b"b"), tmp_path / "new")
    assert [_said(one) for one in (*first.values(), *second.values())] == ["a", "b"]


def test_many_files_go_in_batches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = office(tmp_path, monkeypatch)
    texts = [f"file {number}" for number in range(BATCH + 3)]
    assert outcome(files(tmp_path, *(words.encode() for words in texts)), tmp_path / "new") == texts
    assert [line.count('.xls"') for line in starts(script)] == [BATCH, 3]


def test_each_kind_is_opened_as_what_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = office(tmp_path, monkeypatch)
    ods = spreadsheet(content_xml=content(FILLED.format(columns=1)))
    given = {**files(tmp_path, b"a"), **files(tmp_path, ods, kind="ods")}
    assert all(isinstance(found, Path) for found in convert(given, tmp_path / "new").values())
    assert [("calc8" in line, "MS Excel 97" in line) for line in starts(script)] == [(True, False), (False, True)]


@pytest.mark.parametrize("code", [0, 1])
def test_what_it_refuses_costs_only_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    script = office(tmp_path, monkeypatch, code)
    assert outcome(files(tmp_path, b"a", b"refuse", b"c", b"refuse"), tmp_path / "new") == ["a", REFUSED, "c", REFUSED]
    assert len(starts(script)) == 1


@pytest.mark.parametrize("bad", [b"crash", b"half"])
def test_what_it_dies_of_costs_only_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bad: bytes) -> None:
    script = office(tmp_path, monkeypatch)
    given = files(tmp_path, b"a", b"refuse", bad, b"d", bad, b"f")
    assert outcome(given, tmp_path / "new") == ["a", REFUSED, ENDED, "d", ENDED, "f"]
    assert len(starts(script)) <= 7


def test_what_it_hangs_on_costs_only_itself_and_leaves_no_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = office(tmp_path, monkeypatch)
    given = files(tmp_path, b"a", b"hang", b"c")
    assert outcome(given, tmp_path / "new", seconds=1) == ["a", "(LibreOffice took longer than 1 seconds).", "c"]
    assert ended(int((script.parent / "child").read_text(encoding="utf-8")))


def test_time_is_counted_for_each_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten files of a quarter of a second take longer than one file and the start may, and all are converted."""
    script = office(tmp_path, monkeypatch)
    texts = [f"slow {number}" for number in range(10)]
    assert outcome(files(tmp_path, *(words.encode() for words in texts)), tmp_path / "new", seconds=1) == texts
    assert len(starts(script)) == 1


def test_an_interruption_leaves_no_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = office(tmp_path, monkeypatch)
    child = script.parent / "child"

    def interrupt(seconds: float) -> None:
        if child.is_file() and child.read_text(encoding="utf-8"):
            raise KeyboardInterrupt

    monkeypatch.setattr("evaluator.intake.libreoffice.time.sleep", interrupt)
    with pytest.raises(KeyboardInterrupt):
        convert(files(tmp_path, b"hang"), tmp_path / "new")
    monkeypatch.undo()
    assert ended(int(child.read_text(encoding="utf-8")))
    assert not any(path.is_file() for path in (tmp_path / "new").rglob("*"))


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not hold a process to it")
def test_its_memory_is_limited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = office(tmp_path, monkeypatch)
    outcome(files(tmp_path, b"a"), tmp_path / "new")
    assert starts(script)[0].endswith(f", {DEFAULT.office_memory}]")


def test_without_libreoffice_the_finding_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ENVIRONMENT, "")
    assert outcome(files(tmp_path, b"a"), tmp_path / "new") == ["(there is no LibreOffice here to convert it)."]
    assert not (tmp_path / "new").exists()


def test_what_can_not_be_read_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    office(tmp_path, monkeypatch)
    gone = {tmp_path / "gone.xls": "xls", **files(tmp_path, b"a")}
    found = list(convert(gone, tmp_path / "new").values())
    assert isinstance(found[0], Unread)
    assert found[0].code == "file.unreadable"
    assert isinstance(found[1], Path)


def test_an_ods_that_asks_for_too_much_never_reaches_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = office(tmp_path, monkeypatch)
    bomb = spreadsheet(content_xml=content(FILLED.format(columns=16384), 1_048_576))
    (found,) = convert(files(tmp_path, bomb, kind="ods"), tmp_path / "new", DEFAULT).values()
    assert isinstance(found, Unread)
    assert found.code == "file.bomb"
    assert "1,000,000" in say("findings.file.bomb.found", "en", **found.params)
    assert not (script.parent / "starts").exists()


def test_what_it_says_of_a_converted_file_is_whole() -> None:
    kinds: Sequence[str] = tuple(conversion._FILTERS)
    for kind in kinds:
        for lang in LANGS:
            said = say(f"findings.{conversion.CONVERTED}.found", lang, kind=say(f"intake.kind.{kind}", lang))
            assert f".{kind}" in said
