"""Unpacking as a whole: what goes between processes, and what an operator has to mend."""

from __future__ import annotations

import os
import pickle
import random
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, Self

import pytest

from evaluator.errors import OutputError
from evaluator.intake.containers import spool
from evaluator.intake.containers.unpacking import unpack
from evaluator.intake.sources import find
from evaluator.limits import DEFAULT, Limits
from tests.msgfile import Attached, message, msg
from tests.unit.intake.containers.opened import opened, said
from tests.unit.intake.containers.test_mails import attached, mixed
from tests.unit.intake.containers.test_mboxes import FROM
from tests.zipfiles import Member, zip_of, zip_with

NAMES = (b"../x.xlsx", b"~$x.xlsx", b"1.xlsx")
MEMBERS = zip_of([*(Member(name=name) for name in NAMES), Member(name=b"n.zip", data=zip_with(a=b"1"))])


def test_what_comes_out_goes_between_processes(tmp_path: Path) -> None:
    found = opened(tmp_path, "a.zip", MEMBERS)
    assert len(found.members) == 5
    assert pickle.loads(pickle.dumps(found)) == found  # noqa: S301 - its own


def test_unpacking_again_into_the_same_folder_gives_the_same(tmp_path: Path) -> None:
    found = opened(tmp_path, "a.zip", MEMBERS)
    (source,) = find([tmp_path / "in"])
    assert [m.path for m in unpack(source, tmp_path / "out", DEFAULT).members] == [m.path for m in found.members]


def test_all_kinds_hold_all_kinds(tmp_path: Path) -> None:
    mail = mixed(attached(b"forms.zip", zip_with(a=b"1")))
    outlook = msg([Attached(name="2.xlsx", data=b"2"), Attached(message=message([Attached(name="3", data=b"3")]))])
    data = zip_of(
        [
            Member(name=b"mails.mbox", data=FROM + mail),
            Member(name=b"mail.eml", data=mail),
            Member(name=b"mail.msg", data=outlook),
        ]
    )
    assert said(opened(tmp_path, "all.zip", data, Limits(container_depth=3))) == {
        "all.zip!mails.mbox": "mbox",
        "all.zip!mails.mbox!0001_forms.eml": "eml",
        "all.zip!mails.mbox!0001_forms.eml!forms.zip": "zip",
        "all.zip!mails.mbox!0001_forms.eml!forms.zip!a.xlsx": "1",
        "all.zip!mail.eml": "eml",
        "all.zip!mail.eml!forms.zip": "zip",
        "all.zip!mail.eml!forms.zip!a.xlsx": "1",
        "all.zip!mail.msg": "msg",
        "all.zip!mail.msg!2.xlsx": "2",
        "all.zip!mail.msg!0002.msg": "msg",
        "all.zip!mail.msg!0002.msg!3": "3",
    }


@pytest.mark.parametrize(
    ("name", "data"),
    [("a.zip", zip_with(a=b"1")), ("a.eml", mixed(attached(b"1"))), ("a.mbox", FROM + mixed(attached(b"1"))),
     ("a.msg", msg([Attached(data=b"1")]))],
)  # fmt: skip
def test_a_full_disk_stops_the_run_and_is_no_fault_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, data: bytes
) -> None:
    real: Callable[[Path], BinaryIO] = spool._writing

    class Full:
        def __init__(self, path: Path) -> None:
            self.stream = real(path)

        def __enter__(self) -> Self:
            return self

        def __exit__(self, *args: object) -> None:
            self.stream.close()

        def write(self, chunk: bytes) -> int:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(spool, "_writing", Full)
    with pytest.raises(OutputError) as error:
        opened(tmp_path, name, data)
    assert error.value.key == "not_writable"
    assert list((tmp_path / "out").iterdir()) == []


def test_a_folder_that_is_not_there_stops_the_run(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(zip_with(a=b"1"))
    (source,) = find([tmp_path / "a.zip"])
    with pytest.raises(OutputError):
        unpack(source, tmp_path / "nowhere", DEFAULT)


def test_a_container_that_is_gone_is_a_finding(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(zip_with(a=b"1"))
    (source,) = find([tmp_path / "a.zip"])
    source.path.unlink()
    fault = unpack(source, tmp_path, DEFAULT).fault
    assert fault is not None
    assert fault.code == "file.not_unpacked"


INNER = mixed(attached(b"1.xlsx"), attached(b"forms.zip", MEMBERS))
GENUINE = {
    "zip": zip_of([Member(name="附件/mail.eml".encode("gbk"), data=INNER), Member(name=b"n.zip", data=MEMBERS)]),
    "eml": INNER,
    "mbox": FROM + INNER + b"\n" + FROM + mixed(attached(b"2.xlsx")),
    "msg": msg([Attached(name="n.zip", data=MEMBERS), Attached(message=message([Attached(name="3", data=b"3")]))]),
}


@pytest.mark.parametrize("kind", GENUINE)
def test_damaged_containers_never_raise_and_never_vanish(tmp_path: Path, kind: str) -> None:
    """Bytes are changed, cut out, doubled and cut off; EVALUATOR_FUZZ says how often (100 times by default)."""
    chance = random.Random(kind)  # noqa: S311 - the same damage in each run
    for number in range(int(os.environ.get("EVALUATOR_FUZZ", "100"))):
        data = damaged(bytearray(GENUINE[kind]), chance)
        (tmp_path / f"x{number}.{kind}").write_bytes(data)
        (source,) = find([tmp_path / f"x{number}.{kind}"])
        if source.container:
            (tmp_path / "out").mkdir(exist_ok=True)
            found = unpack(source, tmp_path / "out", DEFAULT)
            assert found.fault or found.members
            assert len({member.name for member in found.members}) == len(found.members)
        source.path.unlink()


def damaged(data: bytearray, chance: random.Random) -> bytes:
    for _ in range(chance.randint(1, 6)):
        start = chance.randrange(len(data))
        length = chance.choice([1, 1, 2, 4, 40])
        match chance.randrange(5):
            case 0:
                data[start] = chance.randrange(256)
            case 1:
                data[start : start + length] = bytes([chance.choice([0, 0x0A, 0x22, 0x3B, 0xFF])]) * length
            case 2:
                del data[start : start + length]
            case 3:
                data[start:start] = data[start : start + length]
            case _:
                if chance.random() < 0.1:
                    del data[max(start, 30) :]
    return bytes(data)
