"""Messages saved by Outlook."""

from __future__ import annotations

import random
import struct
import time
from pathlib import Path

import pytest

from evaluator.intake.containers.kinds import container_of
from evaluator.limits import Limits
from tests.msgfile import Attached, compound, message, msg
from tests.unit.intake.containers.opened import opened, said, why
from tests.zipfiles import zip_with


@pytest.mark.parametrize("size", [0, 1, 63, 64, 4095, 4096, 100_000], ids=lambda size: f"{size} bytes")
def test_attachments_come_out_whole(tmp_path: Path, size: int) -> None:
    data = random.Random(1).randbytes(size)  # noqa: S311 - any bytes will do
    found = opened(tmp_path, "mail.msg", msg([Attached(name="1_服务.xlsx", data=data), Attached(name="b", data=b"b")]))
    assert found.fault is None
    assert [member.name for member in found.members] == ["mail.msg!1_服务.xlsx", "mail.msg!b"]
    assert [member.path.read_bytes() for member in found.members] == [data, b"b"]


def test_names_in_eight_bits_are_read(tmp_path: Path) -> None:
    found = opened(tmp_path, "mail.msg", msg([Attached(name="服务.xlsx".encode("gbk"), data=b"x")]))
    assert said(found) == {"mail.msg!服务.xlsx": "x"}


def test_an_attachment_without_a_name_comes_out(tmp_path: Path) -> None:
    assert said(opened(tmp_path, "mail.msg", msg([Attached(data=b"x")]))) == {"mail.msg!part_01": "x"}


def test_containers_in_a_message_are_opened(tmp_path: Path) -> None:
    inner = message([Attached(name="2.xlsx", data=b"2")], subject="Re: 问卷")
    data = msg([Attached(name="a.zip", data=zip_with(a=b"1")), Attached(message=inner)])
    assert said(opened(tmp_path, "mail.msg", data)) == {
        "mail.msg!a.zip": "zip",
        "mail.msg!a.zip!a.xlsx": "1",
        "mail.msg!0002_Re 问卷.msg": "msg",
        "mail.msg!0002_Re 问卷.msg!2.xlsx": "2",
    }


def test_messages_in_messages_end_where_the_limit_is(tmp_path: Path) -> None:
    inner = message([Attached(name="1.xlsx", data=b"1")])
    for _ in range(5):
        inner = message([Attached(message=inner)])
    assert list(said(opened(tmp_path, "mail.msg", compound(inner))).values()) == ["msg", "file.not_unpacked"]


def test_a_message_without_attachments_says_so(tmp_path: Path) -> None:
    found = opened(tmp_path, "mail.msg", msg())
    assert (found.fault.code if found.fault else "", found.members) == ("file.nothing_inside", ())


def test_pictures_in_the_text_are_skipped_and_others_are_not(tmp_path: Path) -> None:
    pictures = [
        Attached(name="logo.png", data=b"x", content_id="1@x"),
        Attached(name="logo", data=b"x", content_id="1@x", kind="image/png"),
        Attached(name="scan.png", data=b"x"),
        Attached(name="1.xlsx", data=b"x", content_id="2@x"),
    ]
    assert list(said(opened(tmp_path, "mail.msg", msg(pictures))).values()) == ["junk", "junk", "x", "x"]


def test_links_and_objects_are_left_to_a_person(tmp_path: Path) -> None:
    found = opened(tmp_path, "mail.msg", msg([Attached(name="1.xlsx"), Attached(name="2", message={"CONTENTS": b"x"})]))
    assert "link" in why(found, "mail.msg!1.xlsx")
    assert "object" in why(found, "mail.msg!2")


def test_a_name_that_climbs_is_refused(tmp_path: Path) -> None:
    found = opened(tmp_path, "mail.msg", msg([Attached(name="..\\x.xlsx", data=b"x"), Attached(name="y", data=b"y")]))
    assert said(found) == {"mail.msg!..\\x.xlsx": "file.not_unpacked", "mail.msg!y": "y"}


def test_an_attachment_over_the_limit_is_refused_alone(tmp_path: Path) -> None:
    data = msg([Attached(name="1", data=bytes(200)), Attached(name="2", data=b"2")])
    assert said(opened(tmp_path, "mail.msg", data, Limits(file=100))) == {
        "mail.msg!1": "file.too_large", "mail.msg!2": "2",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("limits", "code"), [(Limits(message=100), "file.too_large"), (Limits(message_parts=1), "file.bomb")]
)
def test_a_message_over_a_limit_is_not_opened(tmp_path: Path, limits: Limits, code: str) -> None:
    found = opened(tmp_path, "mail.msg", msg([Attached(data=b"1"), Attached(data=b"2")]), limits)
    assert (found.fault.code if found.fault else "", found.members) == (code, ())


GOOD = msg([Attached(name="1.xlsx", data=bytes(5000)), Attached(name="2.xlsx", data=b"2" * 100)], subject="s")
DIRECTORY = (struct.unpack_from("<I", GOOD, 48)[0] + 1) * 512
TABLE = (struct.unpack_from("<I", GOOD, 76)[0] + 1) * 512


def with_number(data: bytes, place: int, number: int) -> bytes:
    return data[:place] + struct.pack("<I", number) + data[place + 4 :]


@pytest.mark.parametrize(
    "data",
    [
        with_number(GOOD, 44, 0xFFFFFFF0),
        with_number(with_number(GOOD, 44, 0xFFFF), 72, 516),
        with_number(GOOD, 64, 0xFFFFFFF0),
        with_number(GOOD, 72, 0xFFFFFFF0),
        with_number(GOOD, 76, 0xFFFFFF),
        with_number(GOOD, 30, 0x00060010),
        GOOD[:600],
        GOOD[: len(GOOD) // 2],
    ],
    ids=["tables", "lists of tables", "small tables", "lists", "place", "sectors", "directory gone", "half"],
)
def test_a_file_that_lies_about_its_tables_is_refused(tmp_path: Path, data: bytes) -> None:
    began = time.perf_counter()
    found = opened(tmp_path, "mail.msg", data) if container_of_bytes(tmp_path, data) else None
    assert time.perf_counter() - began < 2
    assert found is None or found.fault is not None or any(member.fault for member in found.members)


def container_of_bytes(folder: Path, data: bytes) -> str:
    (folder / "x.msg").write_bytes(data)
    return container_of("x.msg", folder / "x.msg")


@pytest.mark.parametrize("place", [68, 72, 76], ids=["left", "right", "child"])
def test_trees_that_bite_their_tail_come_to_an_end(tmp_path: Path, place: int) -> None:
    data = GOOD
    for number in range(1, 8):
        data = with_number(data, DIRECTORY + 128 * number + place, 1)
    assert opened(tmp_path, "mail.msg", data) is not None


def test_chains_that_bite_their_tail_come_to_an_end(tmp_path: Path) -> None:
    data = GOOD
    for number in range(20):
        data = with_number(data, TABLE + 4 * number, number)
    began = time.perf_counter()
    opened(tmp_path, "mail.msg", data)
    assert time.perf_counter() - began < 2


def test_claimed_sizes_are_not_believed(tmp_path: Path) -> None:
    at = GOOD.index(struct.pack("<I", 5000), DIRECTORY)
    found = opened(tmp_path, "mail.msg", with_number(GOOD, at, 0x7FFFFF00))
    assert found.fault is not None
    assert found.fault.code == "file.bomb"


def test_a_directory_of_many_entries_takes_no_time(tmp_path: Path) -> None:
    many = {**message([Attached(name="1.xlsx", data=b"x")]), **{f"n{n:05}": b"" for n in range(20_000)}}
    began = time.perf_counter()
    assert said(opened(tmp_path, "mail.msg", compound(many))) == {"mail.msg!1.xlsx": "x"}
    assert time.perf_counter() - began < 5


@pytest.mark.parametrize("seed", range(5))
def test_damaged_messages_never_raise(tmp_path: Path, seed: int) -> None:
    """Each of many copies has a few bytes changed, most of them where they hurt."""
    chance = random.Random(seed)  # noqa: S311 - the same damage in each run
    for number in range(60):
        data = bytearray(GOOD)
        for _ in range(chance.randint(1, 8)):
            start, end = chance.choice(
                [(24, 512), (DIRECTORY, DIRECTORY + 2000), (TABLE, TABLE + 200), (512, len(data))]
            )
            data[chance.randrange(start, min(end, len(data)))] = chance.choice([0, 1, 0x7F, 0xFE, 0xFF])
        folder = tmp_path / str(number)
        folder.mkdir()
        if container_of_bytes(folder, bytes(data)):
            found = opened(folder, "mail.msg", bytes(data))
            assert found.fault or found.members


def test_messages_that_share_their_bytes_are_refused(tmp_path: Path) -> None:
    """All attachments of all messages in it point to the one large stream there is."""
    large = Attached(name="1.xlsx", data=bytes(9000))
    small = [Attached(message=message([Attached(name="1.xlsx", data=bytes(5000))])) for _ in range(3)]
    data = msg([large, *small])
    for at in range(0, len(data) - 4, 4):
        if data[at : at + 4] == struct.pack("<I", 5000):
            data = with_number(data, at, 9000)
    found = opened(tmp_path, "mail.msg", data)
    assert [member.fault.code for member in found.members if member.fault] == ["file.bomb"]


DELIVERED, SENT, OTHER = 0x0E060040, 0x00390040, 0x30070040
MARCH_31 = 134194185000000000
"""2026-03-31T08:15:00Z in tenths of microseconds since 1601."""


@pytest.mark.parametrize(
    ("times", "arrived"),
    [
        ({OTHER: 1, SENT: MARCH_31}, "2026-03-31T08:15:00Z"),
        ({SENT: 1, DELIVERED: MARCH_31}, "2026-03-31T08:15:00Z"),
        ({SENT: MARCH_31, DELIVERED: 0}, "2026-03-31T08:15:00Z"),
        ({DELIVERED: 2**64 - 1}, ""), ({DELIVERED: 2650467743990000000}, ""), ({OTHER: MARCH_31}, ""), ({}, ""),
    ],
)  # fmt: skip
def test_what_is_in_a_message_arrived_when_it_was_delivered(
    tmp_path: Path, times: dict[int, int], arrived: str
) -> None:
    inner = message([Attached(name="2.xlsx", data=b"two")], times={SENT: MARCH_31 + 36_000_000_000})
    data = msg([Attached(name="1.xlsx", data=b"one"), Attached(message=inner)], times=times)
    found = opened(tmp_path, "a.msg", data)
    assert found.arrived == arrived
    by_name = {member.name.rpartition("!")[2]: member.arrived for member in found.members}
    assert by_name["1.xlsx"] == arrived
    assert by_name["2.xlsx"] == "2026-03-31T09:15:00Z"
