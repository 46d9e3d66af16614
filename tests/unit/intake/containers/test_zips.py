"""Archives: names of every age, what may not come out, and what must not be lost."""

from __future__ import annotations

import io
import time
import zipfile
import zlib
from pathlib import Path

import pytest

from evaluator.limits import Limits
from tests.unit.intake.containers.opened import opened, said, why
from tests.zipfiles import Member, zip_of, zip_with


def test_files_come_out_under_the_archives_name_and_their_path_in_it(tmp_path: Path) -> None:
    found = opened(
        tmp_path, "inbox.zip", zip_of([Member(name=b"b/"), Member(name=b"b/1.xlsx"), Member(name=b"a.xlsx")])
    )
    assert found.fault is None
    assert said(found) == {"inbox.zip!b/1.xlsx": "x", "inbox.zip!a.xlsx": "x"}


def test_files_on_disk_have_numbers_for_names(tmp_path: Path) -> None:
    found = opened(tmp_path, "inbox.zip", zip_with(con=b"1", aux=b"2"))
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["000001", "000002"]
    assert [member.path.read_bytes() for member in found.members] == [b"1", b"2"]


NAME = "附件/1_服务策略能力.xlsx"
UNICODE_PATH = NAME.encode()
EXTRA = b"\x75\x70" + (5 + len(UNICODE_PATH)).to_bytes(2, "little") + b"\x01"


@pytest.mark.parametrize(
    ("raw", "flags", "extra"),
    [
        (NAME.encode(), 0x800, b""),
        (NAME.encode(), 0, b""),
        (NAME.encode("gbk"), 0, b""),
        (NAME.encode("gbk"), 0x800, b""),
        (b"___/1.xlsx", 0, EXTRA + zlib.crc32(b"___/1.xlsx").to_bytes(4, "little") + UNICODE_PATH),
        (NAME.replace("/", "\\").encode("gb18030"), 0, b""),
    ],
    ids=["utf-8 as flagged", "utf-8 without flag", "gbk", "gbk under a false flag", "Info-ZIP field", "backslash"],
)
def test_names_are_read_in_every_encoding(tmp_path: Path, raw: bytes, flags: int, extra: bytes) -> None:
    found = opened(tmp_path, "inbox.zip", zip_of([Member(name=raw, flags=flags, extra=extra)]))
    assert said(found) == {f"inbox.zip!{NAME}": "x"}


def test_an_unicode_name_of_another_entry_is_not_believed(tmp_path: Path) -> None:
    extra = EXTRA + bytes(4) + UNICODE_PATH
    assert said(opened(tmp_path, "a.zip", zip_of([Member(name=b"1.xlsx", extra=extra)]))) == {"a.zip!1.xlsx": "x"}


def test_names_that_are_no_text_are_read_as_old_programs_did(tmp_path: Path) -> None:
    assert said(opened(tmp_path, "a.zip", zip_of([Member(name=b"\x82.xlsx")]))) == {"a.zip!é.xlsx": "x"}


def test_names_in_pieces_are_composed(tmp_path: Path) -> None:
    found = opened(tmp_path, "a.zip", zip_of([Member(name="e\u0301.xlsx".encode())]))
    assert said(found) == {"a.zip!é.xlsx": "x"}


@pytest.mark.parametrize(
    "name",
    ["../x.xlsx", "a/../../x.xlsx", "/etc/x.xlsx", "C:/x.xlsx", "c:x.xlsx", "..\\x.xlsx", "\\x.xlsx", "a\0.xlsx"],
)
def test_a_name_that_leads_out_is_refused_and_the_rest_is_kept(tmp_path: Path, name: str) -> None:
    found = opened(tmp_path, "a.zip", zip_of([Member(name=name.encode()), Member(name=b"good.xlsx")]))
    shown = name.replace("\0", "\\x00")
    assert said(found) == {f"a.zip!{shown}": "file.not_unpacked", "a.zip!good.xlsx": "x"}
    assert "leads out" in why(found, f"a.zip!{shown}")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["000002"]


def test_members_that_were_not_taken_out_are_no_regular_files(tmp_path: Path) -> None:
    found = opened(tmp_path, "a.zip", zip_of([Member(name=b"../x.xlsx"), Member(name=b"~$x.xlsx")]))
    assert [(member.is_regular, member.path.name) for member in found.members] == [(False, "a.zip")] * 2


def test_names_cannot_deceive_the_eye(tmp_path: Path) -> None:
    found = opened(tmp_path, "a.zip", zip_of([Member(name="x\u202excod.xlsx".encode()), Member(name=b"a\x1b[2J.xlsx")]))
    assert list(said(found)) == ["a.zip!x\\u202excod.xlsx", "a.zip!a\\x1b[2J.xlsx"]


def test_endless_names_are_cut(tmp_path: Path) -> None:
    (name,) = said(opened(tmp_path, "a.zip", zip_of([Member(name=b"n" * 60_000 + b".xlsx")])))
    assert len(name) < 200
    assert name.endswith("….xlsx")


def test_members_of_one_name_are_told_apart(tmp_path: Path) -> None:
    names = (b"x.xlsx", b"x.xlsx", b"x (2).xlsx", b"x.xlsx", b"x")
    found = opened(tmp_path, "a.zip", zip_of([Member(name=n, data=bytes([65 + i])) for i, n in enumerate(names)]))
    assert said(found) == {
        "a.zip!x.xlsx": "A", "a.zip!x (2).xlsx": "B", "a.zip!x (2) (2).xlsx": "C", "a.zip!x (3).xlsx": "D",
        "a.zip!x": "E",
    }  # fmt: skip


def test_leftovers_are_skipped_and_what_the_mac_adds_is_not_listed(tmp_path: Path) -> None:
    names = (b"__MACOSX/._a.xlsx", b"a/.DS_Store", b"Thumbs.db", b"~$a.xlsx", b"a.xlsx")
    found = opened(tmp_path, "a.zip", zip_of([Member(name=name) for name in names]))
    assert said(found) == {
        "a.zip!a/.DS_Store": "junk", "a.zip!Thumbs.db": "junk", "a.zip!~$a.xlsx": "junk", "a.zip!a.xlsx": "x",
    }  # fmt: skip


def test_an_archive_of_nothing_says_so(tmp_path: Path) -> None:
    found = opened(tmp_path, "a.zip", zip_of([Member(name=b"folder/"), Member(name=b"Thumbs.db")]))
    assert found.fault is not None
    assert found.fault.code == "file.nothing_inside"


def test_an_archive_without_entries_says_so(tmp_path: Path) -> None:
    found = opened(tmp_path, "a.zip", zip_of([]))
    assert found.fault is not None
    assert found.fault.code == "file.nothing_inside"


@pytest.mark.parametrize(
    ("member", "code"),
    [
        (Member(name=b"a.xlsx", flags=1), "file.encrypted"),
        (Member(name=b"a.xlsx", crc=1), "file.not_unpacked"),
        (Member(name=b"a.xlsx", data=b"abc", size=2), "file.not_unpacked"),
        (Member(name=b"a.xlsx", data=b"abc", size=4), "file.not_unpacked"),
        (Member(name=b"a.xlsx", data=b"abc", size=2, stored=True), "file.not_unpacked"),
        (Member(name=b"a.xlsx", data=bytes(21 << 20), stored=True), "file.too_large"),
        (Member(name=b"a.xlsx", data=bytes(5 << 20)), "file.bomb"),
    ],
    ids=["encrypted", "checksum", "more than claimed", "less than claimed", "stored", "too large", "bomb"],
)
def test_a_member_that_can_not_come_out_costs_itself_alone(tmp_path: Path, member: Member, code: str) -> None:
    found = opened(tmp_path, "a.zip", zip_of([member, Member(name=b"good.xlsx")]))
    assert said(found) == {"a.zip!a.xlsx": code, "a.zip!good.xlsx": "x"}
    assert [path.name for path in (tmp_path / "out").iterdir() if path.read_bytes() == b"x"] == ["000002"]


def test_larger_members_come_out_whole(tmp_path: Path) -> None:
    data = b"".join(zlib.crc32(bytes([n % 256, n // 256])).to_bytes(4, "big") * 10 for n in range(30_000))
    found = opened(tmp_path, "a.zip", zip_with(deflated=data))
    assert found.members[0].path.read_bytes() == data


def test_an_archive_in_an_archive_is_opened_and_one_in_that_is_not(tmp_path: Path) -> None:
    third = zip_with(third=b"3")
    second = zip_of([Member(name=b"third.zip", data=third), Member(name=b"2.xlsx", data=b"2")])
    found = opened(tmp_path, "first.zip", zip_of([Member(name=b"second.zip", data=second)]))
    assert said(found) == {
        "first.zip!second.zip": "zip",
        "first.zip!second.zip!third.zip": "file.not_unpacked",
        "first.zip!second.zip!2.xlsx": "2",
    }
    assert "too deep" in why(found, "first.zip!second.zip!third.zip")


def test_a_nested_container_may_be_larger_than_a_workbook(tmp_path: Path) -> None:
    inner = zip_of([Member(name=b"a.bin", data=bytes(21 << 20), stored=True), Member(name=b"1.xlsx")])
    found = opened(tmp_path, "a.zip", zip_of([Member(name=b"b.zip", data=inner, stored=True)]))
    assert said(found) == {"a.zip!b.zip": "zip", "a.zip!b.zip!a.bin": "file.too_large", "a.zip!b.zip!1.xlsx": "x"}


def test_a_nested_archive_with_nothing_in_it_says_so_and_its_holder_does_not(tmp_path: Path) -> None:
    found = opened(tmp_path, "a.zip", zip_of([Member(name=b"b.zip", data=zip_of([]))]))
    assert (found.fault, said(found)) == (None, {"a.zip!b.zip": "file.nothing_inside"})


def test_a_damaged_archive_says_so(tmp_path: Path) -> None:
    found = opened(tmp_path, "a.zip", zip_with(a=b"1" * 1000)[:-40])
    assert (found.fault.code if found.fault else "", found.members) == ("file.not_unpacked", ())


def test_archives_of_archives_come_to_an_end(tmp_path: Path) -> None:
    """Each level has ten of the next: 42.zip in small."""
    data = zip_with(end=bytes(1000))
    for _ in range(5):
        data = zip_of([Member(name=b"%d.zip" % n, data=data) for n in range(10)])
    found = opened(tmp_path, "bomb.zip", data)
    assert len(found.members) == 110
    assert {m.fault.code if m.fault else "" for m in found.members if m.name.count("!") == 2} == {"file.not_unpacked"}


def test_what_comes_out_of_all_of_a_container_is_counted_together(tmp_path: Path) -> None:
    inner = zip_with(**{f"n{n}": bytes(1000) for n in range(10)})
    data = zip_of([Member(name=b"%d.zip" % n, data=inner) for n in range(10)])
    found = opened(tmp_path, "a.zip", data, Limits(container_unpacked=30_000))
    assert sum(path.stat().st_size for path in (tmp_path / "out").iterdir()) <= 30_000
    assert "file.bomb" in said(found).values()


def test_members_of_all_of_a_container_are_counted_together(tmp_path: Path) -> None:
    inner = zip_with(**{f"n{n}": b"1" for n in range(10)})
    data = zip_of([Member(name=b"%d.zip" % n, data=inner) for n in range(10)])
    found = opened(tmp_path, "a.zip", data, Limits(container_entries=45))
    assert len([m for m in found.members if not m.container]) == 35
    assert [m.fault.code for m in found.members if m.fault] == ["file.bomb"] * 7


def test_a_file_that_holds_itself_comes_to_an_end(tmp_path: Path) -> None:
    """The archive's one entry, as its directory has it, is the archive from its start: what is stored is itself."""
    name, size = b"self.zip", 2000
    inner = zip_of([Member(name=name, data=bytes(size - 200), stored=True)])
    data = zip_of([Member(name=name, data=inner, stored=True)])
    looped = bytearray(data)
    central = data.rfind(b"PK\1\2")
    looped[central + 42 : central + 46] = bytes(4)
    for place in (18, 22):
        looped[place : place + 4] = len(data).to_bytes(4, "little")
        looped[central + place + 2 : central + place + 6] = len(data).to_bytes(4, "little")
    found = opened(tmp_path, "self.zip", bytes(looped))
    assert said(found) == {"self.zip!self.zip": "file.bomb"}


def test_too_many_entries_are_refused_without_looking_at_them(tmp_path: Path) -> None:
    data = zip_of([Member(name=b"%d" % n, data=b"", stored=True) for n in range(200_000)])
    began = time.perf_counter()
    found = opened(tmp_path, "a.zip", data)
    assert time.perf_counter() - began < 5
    assert (found.fault.code if found.fault else "", found.members) == ("file.bomb", ())


def test_an_archive_over_the_limit_is_not_opened(tmp_path: Path) -> None:
    found = opened(tmp_path, "a.zip", zip_with(a=b"1"), Limits(container_file=50))
    assert found.fault is not None
    assert found.fault.code == "file.too_large"


def test_what_other_programs_write_is_read(tmp_path: Path) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("附件/1.xlsx", b"one" * 1000)
        with archive.open("2.xlsx", "w", force_zip64=True) as entry:
            entry.write(b"two")
    assert list(said(opened(tmp_path, "a.zip", made.getvalue())).values()) == [("one" * 7)[:20], "two"]
