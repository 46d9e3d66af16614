"""Finding files: each once, under the name people will see."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from evaluator.errors import InputError
from evaluator.intake.sources import Source, find
from tests.zipfiles import zip_with


def made(folder: Path, *names: str) -> Path:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    return folder


def names(found: tuple[Source, ...]) -> list[str]:
    return [source.name for source in found]


def test_a_folder_is_searched_recursively_and_listed_by_name_from_the_folder_on(tmp_path: Path) -> None:
    root = made(tmp_path / "returned", "b.xlsx", "a/2.xlsx", "a/1.XLSX", "江苏/甲 中心.xlsx", "c.pdf")
    assert names(find([root])) == [
        "returned/a/1.XLSX", "returned/a/2.xlsx", "returned/b.xlsx", "returned/c.pdf", "returned/江苏/甲 中心.xlsx",
    ]  # fmt: skip


def test_a_file_is_listed_by_its_own_name(tmp_path: Path) -> None:
    assert names(find([made(tmp_path, "x/one.xlsx") / "x" / "one.xlsx"])) == ["one.xlsx"]


def test_a_file_named_in_several_ways_is_listed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = made(tmp_path / "in", "a.xlsx", "sub/b.xlsx")
    monkeypatch.chdir(tmp_path)
    paths = [root, Path("in"), Path("in/a.xlsx"), Path("in/sub/../a.xlsx"), root / "sub"]
    assert names(find(paths)) == ["in/a.xlsx", "in/sub/b.xlsx"]


def test_the_order_of_the_paths_changes_nothing(tmp_path: Path) -> None:
    one, two = made(tmp_path / "one", "a.xlsx"), made(tmp_path / "two", "b.xlsx")
    assert find([one, two]) == find([two, one])


def test_folders_of_the_same_name_are_told_apart_by_their_whole_path(tmp_path: Path) -> None:
    one, two = made(tmp_path / "jiangsu" / "in", "a.xlsx"), made(tmp_path / "zhejiang" / "in", "a.xlsx")
    assert names(find([one, two])) == [f"{one.as_posix()}/a.xlsx", f"{two.as_posix()}/a.xlsx"]


def test_what_is_left_out_is_not_listed(tmp_path: Path) -> None:
    root = made(tmp_path / "in", "a.xlsx", "roster.xlsx", "results/ranking.xlsx", "results/institutions/x.xlsx")
    assert names(find([root], [root / "roster.xlsx", root / "results"])) == ["in/a.xlsx"]


@pytest.mark.parametrize("name", ["~$a.xlsx", "._a.xlsx", ".~lock.a.xlsx#", "Thumbs.db", "desktop.ini", ".DS_Store"])
def test_leftovers_of_programs_are_listed_as_such(tmp_path: Path, name: str) -> None:
    root = made(tmp_path / "in", "a.xlsx", name)
    assert {source.path.name: source.is_junk for source in find([root])} == {"a.xlsx": False, name: True}


def test_what_the_mac_adds_to_archives_is_not_searched(tmp_path: Path) -> None:
    assert names(find([made(tmp_path / "in", "a.xlsx", "__MACOSX/._a.xlsx")])) == ["in/a.xlsx"]


def test_a_folder_named_like_a_workbook_is_a_folder(tmp_path: Path) -> None:
    root = made(tmp_path / "in", "x.xlsx/inside.xlsx")
    (root / "empty.xlsx").mkdir()
    assert names(find([root])) == ["in/x.xlsx/inside.xlsx"]


def test_links_and_pipes_are_listed_but_not_as_regular_files(tmp_path: Path) -> None:
    root = made(tmp_path / "in", "a.xlsx")
    made(tmp_path / "elsewhere", "b.xlsx")
    (root / "dangling.xlsx").symlink_to(tmp_path / "nothing")
    (root / "link.xlsx").symlink_to(tmp_path / "elsewhere" / "b.xlsx")
    (root / "folder").symlink_to(tmp_path / "elsewhere")
    os.mkfifo(root / "pipe.xlsx")
    assert {source.name: source.is_regular for source in find([root])} == {
        "in/a.xlsx": True, "in/dangling.xlsx": False, "in/folder": False, "in/link.xlsx": False, "in/pipe.xlsx": False,
    }  # fmt: skip


def test_a_link_back_to_its_own_folder_is_not_followed(tmp_path: Path) -> None:
    root = made(tmp_path / "in", "a.xlsx")
    (root / "again").symlink_to(root)
    assert names(find([root])) == ["in/a.xlsx", "in/again"]


def test_a_folder_that_can_not_be_read_is_listed_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = made(tmp_path / "in", "a.xlsx", "shut/b.xlsx")
    real = os.scandir

    def scandir(path: os.PathLike[str] | str) -> object:
        if Path(path).name == "shut":
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    good, shut = find([root])
    assert (good.name, good.fault) == ("in/a.xlsx", None)
    assert (shut.name, shut.is_regular, shut.fault.code if shut.fault else "") == ("in/shut", False, "file.unreadable")


def test_containers_are_marked_and_other_files_are_not(tmp_path: Path) -> None:
    root = made(tmp_path / "in", "a.xlsx", "b.zip", "c.txt")
    (root / "d.zip").write_bytes(zip_with(a=b"1"))
    (root / "e.eml").write_bytes(b"From: a@b.cn\nTo: c@d.cn\n\n")
    (root / "~$f.zip").write_bytes(zip_with(a=b"1"))
    (root / "g.zip").symlink_to(root / "d.zip")
    assert {source.name: source.container for source in find([root]) if source.container} == {
        "in/d.zip": "zip", "in/e.eml": "eml",
    }  # fmt: skip


def test_a_file_named_like_a_member_of_a_container_is_told_apart(tmp_path: Path) -> None:
    root = made(tmp_path / "in", "a.zip!1.xlsx", "b!1.xlsx")
    (root / "a.zip").write_bytes(zip_with(**{"1": b"1"}))
    assert names(find([root])) == ["in/a.zip", "in/a.zip！1 (2).xlsx", "in/b!1.xlsx"]


def test_a_path_that_is_not_there_stops(tmp_path: Path) -> None:
    with pytest.raises(InputError) as error:
        find([made(tmp_path / "in", "a.xlsx"), tmp_path / "in" / "b.xlsx"])
    assert error.value.key == "no_such_path"


def test_paths_without_any_file_stop(tmp_path: Path) -> None:
    (tmp_path / "in" / "sub").mkdir(parents=True)
    with pytest.raises(InputError) as error:
        find([tmp_path / "in"])
    assert error.value.key == "nothing_to_read"


def test_thousands_of_paths_as_a_shell_gives_them_take_no_time(tmp_path: Path) -> None:
    root = made(tmp_path / "in", *(f"{n}.xlsx" for n in range(2000)))
    began = time.perf_counter()
    assert len(find(sorted(root.iterdir()))) == 2000
    assert time.perf_counter() - began < 5
