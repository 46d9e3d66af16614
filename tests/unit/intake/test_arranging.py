"""Which recorded file each given one is: by name and content, by content, by name."""

from __future__ import annotations

import unicodedata

import pytest

from evaluator.intake.arranging import arranged, is_same_place, top_level

RECORDED = {"returned/N01/1.xlsx": "a", "returned/N01/2.xlsx": "b", "returned/N02/1.xlsx": "c"}


@pytest.mark.parametrize("start", ["returned", "forms", "/srv/2026/returned", "C:\\forms"])
def test_the_folder_may_be_called_otherwise(start: str) -> None:
    given = [(name.replace("returned", start, 1), digest) for name, digest in RECORDED.items()]
    assert arranged(RECORDED, given) == list(RECORDED)
    assert all(is_same_place(old, new) for old, (new, _) in zip(RECORDED, given, strict=True))


def test_a_changed_file_is_the_one_of_its_name() -> None:
    given = [("forms/N01/1.xlsx", "a"), ("forms/N01/2.xlsx", "x"), ("forms/N02/1.xlsx", "c")]
    assert arranged(RECORDED, given) == list(RECORDED)


def test_a_moved_file_is_the_one_of_its_content() -> None:
    given = [("returned/N01/1.xlsx", "a"), ("returned/N09/7.xlsx", "b"), ("returned/N02/1.xlsx", "c")]
    assert arranged(RECORDED, given) == list(RECORDED)
    assert not is_same_place("returned/N01/2.xlsx", "returned/N09/7.xlsx")


def test_two_files_that_changed_names_are_told_apart_by_content() -> None:
    given = [("returned/N01/1.xlsx", "c"), ("returned/N02/1.xlsx", "a"), ("returned/N01/2.xlsx", "b")]
    assert arranged(RECORDED, given) == ["returned/N02/1.xlsx", "returned/N01/1.xlsx", "returned/N01/2.xlsx"]


def test_a_file_of_another_institution_is_not_taken_for_one_of_the_same_name() -> None:
    assert arranged({"returned/N01/1.xlsx": "a"}, [("returned/N02/1.xlsx", "x")]) == [None]


def test_of_equal_copies_one_more_is_new_and_one_less_is_missing() -> None:
    recorded = {"r/a.xlsx": "same", "r/b.xlsx": "same"}
    more = [("r/a.xlsx", "same"), ("r/b.xlsx", "same"), ("r/c.xlsx", "same")]
    assert arranged(recorded, more) == ["r/a.xlsx", "r/b.xlsx", None]
    assert arranged(recorded, [("r/b.xlsx", "same")]) == ["r/b.xlsx"]


def test_accents_may_be_put_together_otherwise() -> None:
    name = "r/Café 中心.xlsx"
    apart = unicodedata.normalize("NFD", name)
    assert apart != name
    assert arranged({name: "a"}, [(apart, "b")]) == [name]
    assert is_same_place(name, apart)


def test_files_without_a_hash_are_matched_by_name_only() -> None:
    recorded = {"r/locked.xlsx": "", "r/other.xlsx": ""}
    assert arranged(recorded, [("s/other.xlsx", ""), ("s/new.xlsx", "")]) == ["r/other.xlsx", None]


def test_the_order_of_what_is_given_does_not_matter() -> None:
    given = [("x/2.xlsx", "b"), ("x/1.xlsx", "q"), ("x/3.xlsx", "b")]
    recorded = {"r/1.xlsx": "a", "r/2.xlsx": "b", "r/3.xlsx": "c"}
    one = dict(zip([name for name, _ in given], arranged(recorded, given), strict=True))
    given.reverse()
    assert dict(zip([name for name, _ in given], arranged(recorded, given), strict=True)) == one


def test_members_of_containers_are_left_out() -> None:
    assert top_level(["a.zip", "a.zip!x.xlsx", "a.zip!b.zip!y.xlsx", "what!.xlsx"]) == {"a.zip", "what!.xlsx"}
