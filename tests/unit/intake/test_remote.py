from __future__ import annotations

import errno
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from evaluator.errors import InputError, OutputError
from evaluator.intake import remote
from evaluator.intake.guards import load
from evaluator.intake.sources import Source
from evaluator.limits import Limits
from tests.cluster.machines import require_modules

LIMITS = Limits(file=100, container_file=1_000)
WORKBOOK = b"PK\x03\x04 something"
MAIL = b"From: a@example.org\nSubject: x\n\nhello\n"


@pytest.fixture
def put() -> Iterator[Callable[..., None]]:
    """Give what fills a store in memory: `put(name=bytes, ...)`."""
    require_modules("fsspec")
    from fsspec.implementations.memory import MemoryFileSystem

    system = MemoryFileSystem()

    def fill(**files: bytes) -> None:
        for name, content in files.items():
            system.pipe(f"/{name}", content)

    yield fill
    system.rm("/", recursive=True)


@pytest.fixture
def fails(monkeypatch: pytest.MonkeyPatch) -> Callable[[Exception, int], list[str]]:
    """Give what makes the store fail some times; the places asked for are noted in the list it gives."""
    require_modules("fsspec")
    from fsspec.implementations.memory import MemoryFileSystem

    monkeypatch.setattr(remote, "_PAUSE", 0)
    fetched = MemoryFileSystem.get_file

    def failing(error: Exception, times: int) -> list[str]:
        asked: list[str] = []

        def get_file(self: Any, place: str, *arguments: Any, **more: Any) -> None:
            asked.append(place)
            if len(asked) <= times:
                raise error
            fetched(self, place, *arguments, **more)

        monkeypatch.setattr(MemoryFileSystem, "get_file", get_file)
        return asked

    return failing


def names(found: tuple[Source, ...]) -> list[str]:
    return [one.name for one in found]


@pytest.mark.parametrize("text", ["s3://bucket/prefix", "memory://x", "HTTPS://host/x", "zip+x-1.y://a"])
def test_addresses(text: str) -> None:
    assert remote.is_url(text)


@pytest.mark.parametrize("text", ["C:\\forms", "C://forms", "/forms", "forms", "a/s3://x", "s3:/x", "1_x.xlsx"])
def test_paths(text: str) -> None:
    assert not remote.is_url(text)


def test_files_are_named_from_the_last_part_of_the_address_on_in_order(
    put: Callable[..., None], tmp_path: Path
) -> None:
    put(**{"b/in/2.xlsx": b"2", "b/in/sub/1.xlsx": b"1", "b/in/10.xlsx": b"10", "b/other/x.xlsx": b"x"})
    found = remote.fetch(["memory://b/in/"], tmp_path / "new", LIMITS)
    assert names(found) == ["in/10.xlsx", "in/2.xlsx", "in/sub/1.xlsx"]
    assert [one.path.read_bytes() for one in found] == [b"10", b"2", b"1"]
    assert all(one.is_regular and one.path.parent == tmp_path / "new" for one in found)


def test_an_address_may_be_a_single_file(put: Callable[..., None], tmp_path: Path) -> None:
    put(**{"b/in/2.xlsx": WORKBOOK})
    (found,) = remote.fetch(["memory://b/in/2.xlsx"], tmp_path, LIMITS)
    assert found.name == "2.xlsx"
    assert load(found, LIMITS) == WORKBOOK


def test_names_on_disk_have_nothing_of_the_names_there(put: Callable[..., None], tmp_path: Path) -> None:
    put(**{"b/in/a?b*c:<>|.xlsx": b"1", f"b/in/{'长' * 300}.xlsx": b"2", "b/in/CON": b"3"})
    found = remote.fetch(["memory://b/in"], tmp_path, LIMITS)
    assert sorted(names(found)) == sorted(["in/a?b*c:<>|.xlsx", f"in/{'长' * 300}.xlsx", "in/CON"])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["000000", "000001", "000002"]


def test_a_file_under_two_addresses_is_listed_once(put: Callable[..., None], tmp_path: Path) -> None:
    put(**{"b/in/sub/1.xlsx": b"1", "b/in/2.xlsx": b"2"})
    assert names(remote.fetch(["memory://b/in", "memory://b/in/sub"], tmp_path, LIMITS)) == [
        "in/2.xlsx",
        "in/sub/1.xlsx",
    ]


def test_addresses_that_end_alike_are_shown_whole(put: Callable[..., None], tmp_path: Path) -> None:
    put(**{"a/in/1.xlsx": b"1", "b/in/1.xlsx": b"2"})
    assert names(remote.fetch(["memory://b/in", "memory://a/in"], tmp_path, LIMITS)) == [
        "memory://a/in/1.xlsx",
        "memory://b/in/1.xlsx",
    ]


def test_folders_here_and_there_that_end_alike_are_told_apart(put: Callable[..., None], tmp_path: Path) -> None:
    put(**{"a/in/1.xlsx": b"1"})
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "1.xlsx").write_bytes(b"2")
    found = remote.find([tmp_path / "in", "memory://a/in"], [], tmp_path / "fetched", LIMITS)
    assert names(found) == ["in/1.xlsx", "memory://a/in/1.xlsx"]


def test_paths_alone_need_nothing_to_fetch_to(tmp_path: Path) -> None:
    (tmp_path / "1.xlsx").write_bytes(b"1")
    assert names(remote.find([tmp_path / "1.xlsx"], [], tmp_path / "fetched", LIMITS)) == ["1.xlsx"]
    assert not (tmp_path / "fetched").exists()


def test_passwords_and_keys_are_not_shown() -> None:
    assert remote._whole("ftp://me:secret@host/in/") == "ftp://host/in"
    assert remote._whole("https://host/in/1.xlsx?token=secret") == "https://host/in/1.xlsx"
    assert remote._base("https://host/in/1.xlsx?token=secret", "https://host/in/1.xlsx?token=secret") == "1.xlsx"
    assert remote._whole("s3://bucket/what?.xlsx") == "s3://bucket/what?.xlsx"


def test_files_that_are_too_large_are_listed_but_not_fetched(
    put: Callable[..., None], fails: Callable[[Exception, int], list[str]], tmp_path: Path
) -> None:
    asked = fails(ValueError(), 0)
    put(
        **{"b/in/1.xlsx": bytes(101), "b/in/2.zip": bytes(1_001), "b/in/3.zip": bytes(1_000), "b/in/4.xlsx": bytes(100)}
    )
    found = remote.fetch(["memory://b/in"], tmp_path, LIMITS)
    assert [one.fault.code if one.fault else "" for one in found] == ["file.too_large", "file.too_large", "", ""]
    assert sorted(asked) == ["/b/in/3.zip", "/b/in/4.xlsx"]


def test_containers_and_leftovers_are_told_as_they_are_here(put: Callable[..., None], tmp_path: Path) -> None:
    put(**{"b/in/m.eml": MAIL, "b/in/~$m.eml": MAIL, "b/in/__MACOSX/x": b"1", "b/in/Inbox": b"From x\n" + MAIL})
    found = {one.name: one for one in remote.fetch(["memory://b/in"], tmp_path, LIMITS)}
    assert {name: one.container for name, one in found.items()} == {
        "in/m.eml": "eml",
        "in/~$m.eml": "",
        "in/Inbox": "mbox",
    }
    assert [name for name, one in found.items() if one.is_junk] == ["in/~$m.eml"]


def test_a_file_that_fails_is_tried_again(
    put: Callable[..., None], fails: Callable[[Exception, int], list[str]], tmp_path: Path
) -> None:
    put(**{"b/in/1.xlsx": WORKBOOK})
    asked = fails(ConnectionError("gone"), remote.TRIES - 1)
    (found,) = remote.fetch(["memory://b/in"], tmp_path, LIMITS)
    assert load(found, LIMITS) == WORKBOOK
    assert len(asked) == remote.TRIES


@pytest.mark.parametrize(
    ("error", "tries"), [(ConnectionError("gone"), remote.TRIES), (PermissionError("not yours"), 1)]
)
def test_a_file_that_can_not_be_had_is_listed_with_the_reason(
    put: Callable[..., None],
    fails: Callable[[Exception, int], list[str]],
    tmp_path: Path,
    error: Exception,
    tries: int,
) -> None:
    put(**{"b/in/1.xlsx": WORKBOOK})
    asked = fails(error, 10)
    (found,) = remote.fetch(["memory://b/in"], tmp_path, LIMITS)
    assert found.fault is not None
    assert found.fault.code == "file.unreadable"
    assert str(error) in str(found.fault.params["why"])
    assert len(asked) == tries


def test_a_full_disk_is_the_operators_matter(
    put: Callable[..., None], fails: Callable[[Exception, int], list[str]], tmp_path: Path
) -> None:
    put(**{"b/in/1.xlsx": WORKBOOK})
    fails(OSError(errno.ENOSPC, "No space left on device"), 10)
    with pytest.raises(OutputError, match="No space left"):
        remote.fetch(["memory://b/in"], tmp_path, LIMITS)


@pytest.mark.parametrize(
    ("place", "key"),
    [
        ("memory://b/nowhere", "no_such_path"),
        ("nothing://x", "url_not_read"),
        ("gs://x", "cloud_not_installed"),
        ("memory://empty", "nothing_to_read"),
    ],
)
def test_an_address_that_can_not_be_read_is_one_line(
    put: Callable[..., None], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, place: str, key: str
) -> None:
    monkeypatch.setitem(sys.modules, "gcsfs", None)
    put(**{"empty/__MACOSX/x": b"1"})
    with pytest.raises(InputError) as caught:
        remote.find([place], [], tmp_path, LIMITS)
    assert caught.value.key == key
    for lang in ("zh", "en"):
        assert place in caught.value.message(lang)
        assert "\n" not in caught.value.message(lang)


def test_without_fsspec_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "fsspec.core", None)
    with pytest.raises(InputError) as caught:
        remote.fetch(["s3://x"], tmp_path, LIMITS)
    assert "pip install evaluator[cloud]" in caught.value.message("en")
