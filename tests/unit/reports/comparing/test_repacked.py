"""Inputs that lie in a container now, or did when the results were made, are paired by content."""

from __future__ import annotations

from collections.abc import Mapping

from evaluator.reports.comparing.repacked import repacked_of
from evaluator.reports.comparing.sealed import SealedFile

LOOSE = {"in/a.xlsx": "1", "in/b.xlsx": "2", "in/~$a.xlsx": "3"}
PACKED = {"all.zip": "9", "all.zip!a.xlsx": "1", "all.zip!b.xlsx": "2", "all.zip!~$a.xlsx": ""}


def files(hashes: Mapping[str, str]) -> dict[str, SealedFile]:
    return {path: SealedFile(sha256=digest) for path, digest in hashes.items()}


def test_what_went_into_a_container_or_came_out_of_it_is_counted_by_it() -> None:
    into, out = repacked_of(files(LOOSE), files(PACKED)), repacked_of(files(PACKED), files(LOOSE))
    assert (into.containers, out.containers) == ({("packed", "all.zip"): 3}, {("unpacked", "all.zip"): 3})
    assert into.told == out.told == {*LOOSE, *PACKED}


def test_nested_containers_are_told_by_the_outermost() -> None:
    nested = {"all.zip": "9", "all.zip!b.zip": "8", "all.zip!b.zip!a.xlsx": "1"}
    found = repacked_of(files(nested), files({"in/a.xlsx": "1"}))
    assert (found.containers, found.told) == ({("unpacked", "all.zip"): 1}, {*nested, "in/a.xlsx"})


def test_other_content_of_the_same_name_is_no_pair() -> None:
    found = repacked_of(files({"in/a.xlsx": "1"}), files({"all.zip": "9", "all.zip!a.xlsx": "2"}))
    assert (found.containers, found.told) == ({}, frozenset())


def test_files_that_are_in_no_container_are_left_to_others() -> None:
    found = repacked_of(files({"in/a.xlsx": "1"}), files({"in/b.xlsx": "1"}))
    assert (found.containers, found.told) == ({}, frozenset())


def test_a_container_that_is_there_still_is_left_to_others() -> None:
    now = {"all.zip": "7", "all.zip!a.xlsx": "1", "in/b.xlsx": "2"}
    found = repacked_of(files({path: PACKED[path] for path in [*PACKED][:3]}), files(now))
    assert (found.containers, found.told) == ({("unpacked", "all.zip"): 1}, {"all.zip!b.xlsx", "in/b.xlsx"})
