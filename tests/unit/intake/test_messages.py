"""Taking what arrived apart: messages from loose files, and what each message holds."""

from __future__ import annotations

import zipfile
from io import BytesIO
from pathlib import Path

from evaluator.intake.messages import Letter, Parted, not_a_letter, not_parted, part_containers, read_letters
from evaluator.intake.sources import Source, find
from evaluator.limits import DEFAULT
from evaluator.wording import Text
from tests.replies import forwarded, mail

PLAIN = ("1.txt", b"one")


def packed(*files: tuple[str, bytes]) -> bytes:
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, data in files:
            archive.writestr(name, data)
    return stream.getvalue()


def source(folder: Path, name: str, data: bytes) -> Source:
    (folder / name).write_bytes(data)
    [found] = find([folder / name])
    return found


def parted(folder: Path, name: str, data: bytes) -> Parted:
    [one] = part_containers(DEFAULT, [(source(folder, name, data), folder / "out")])
    return one


def letter(folder: Path, data: bytes) -> Letter:
    [one] = read_letters(DEFAULT, [(source(folder, "mail.eml", data), folder / "out")])
    return one


def test_messages_in_an_archive_are_told_from_files_and_what_they_hold_is_left_in_them(tmp_path: Path) -> None:
    inner = mail("a@x.cn", files=[PLAIN]).as_bytes()
    found = parted(
        tmp_path, "x.zip", packed(("a.eml", inner), ("2.txt", b"two"), ("more.zip", packed(("b.eml", inner))))
    )
    assert [one.name for one in found.messages] == ["x.zip!a.eml", "x.zip!more.zip!b.eml"]
    assert [one.path.read_bytes() for one in found.messages] == [inner, inner]
    assert [one.name for one in found.files] == ["x.zip!2.txt"]
    assert found.fault is None


def test_messages_of_a_mailbox_keep_their_bytes(tmp_path: Path) -> None:
    one = mail("a@x.cn", subject="s", files=[PLAIN]).as_bytes()
    found = parted(tmp_path, "x.mbox", b"From a Mon Mar  2 09:00:00 2026\n" + one)
    assert [(m.name, m.container, m.path.read_bytes()) for m in found.messages] == [("x.mbox!0001_s.eml", "eml", one)]
    assert found.files == ()


def test_an_archive_that_is_damaged_has_a_fault_and_an_empty_one_none(tmp_path: Path) -> None:
    broken = parted(tmp_path, "x.zip", b"PK\x03\x04" + b"x" * 40)
    assert broken.fault is not None
    assert broken.fault.code == "file.not_unpacked"
    (tmp_path / "more").mkdir()
    assert parted(tmp_path / "more", "y.zip", packed()).fault is None


def test_a_message_says_what_it_says_and_holds_what_it_holds(tmp_path: Path) -> None:
    original = mail("a@x.cn", subject="first", files=[("in.zip", packed(PLAIN, ("~$lock.xlsx", b"x")))])
    found = letter(tmp_path, forwarded("b@x.cn", original).as_bytes())
    assert (found.facts.sender, found.facts.subject, found.arrived) == ("b@x.cn", "转发：first", "2026-03-02T01:00:00Z")
    assert [one.name for one in found.files] == ["mail.eml!0002_first.eml!in.zip!1.txt"]
    assert found.fault is None


def test_a_message_of_words_alone_has_no_fault(tmp_path: Path) -> None:
    found = letter(tmp_path, mail("a@x.cn").as_bytes())
    assert (found.files, found.fault) == ((), None)


def test_a_message_that_is_cut_off_has_a_fault(tmp_path: Path) -> None:
    data = mail("a@x.cn", files=[("a.txt", b"x" * 5000)]).as_bytes()
    found = letter(tmp_path, data[:-60])
    assert found.fault is not None
    assert found.fault.code == "file.not_unpacked"


def test_what_a_process_dies_of_is_said(tmp_path: Path) -> None:
    wanted = (source(tmp_path, "mail.eml", mail("a@x.cn").as_bytes()), tmp_path)
    why = Text(zh="超时", en="time")
    for fault in (not_a_letter(wanted, why).fault, not_parted(wanted, why).fault):
        assert fault is not None
        assert (fault.code, fault.params) == ("file.crashed_reader", {"why": why})
