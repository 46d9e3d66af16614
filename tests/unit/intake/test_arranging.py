"""Which recorded file each given one is: by name and content, by content, by name."""

from __future__ import annotations

import time
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


def test_of_equal_copies_the_likest_name_is_taken_however_deep_others_lie() -> None:
    recorded = {"r/b/1.xlsx": "same", "r/a/1.xlsx": "same", "r/1/2/3/4/5.xlsx": "z"}
    given = [("s/b/1.xlsx", "same"), ("s/1/2/3/4/5.xlsx", "z")]
    assert arranged(recorded, given) == ["r/b/1.xlsx", "r/1/2/3/4/5.xlsx"]


def test_of_equal_copies_with_other_names_the_first_is_taken_in_whatever_order_they_are_listed() -> None:
    recorded = {"r/b.xlsx": "same", "r/a.xlsx": "same"}
    assert arranged(recorded, [("s/c.xlsx", "same")]) == ["r/a.xlsx"]
    assert arranged(dict(reversed(recorded.items())), [("s/c.xlsx", "same")]) == ["r/a.xlsx"]


@pytest.mark.parametrize("is_known", [True, False], ids=["with its content", "with another"])
def test_a_name_is_the_one_that_ends_alike_where_one_of_both_says_no_more(is_known: bool) -> None:
    recorded = {"r/in/N01/1.xlsx": "a", "r/1.xlsx": "b"}
    assert arranged(recorded, [("s/t/u/1.xlsx", "b" if is_known else "x")]) == ["r/1.xlsx"]
    assert arranged(recorded, [("N01/1.xlsx", "a" if is_known else "x")]) == ["r/in/N01/1.xlsx"]


def test_many_files_whose_names_end_alike_take_no_longer_each() -> None:
    """In pairs, the 10,000 files of either kind would take a quarter of a minute."""
    apart = {f"r/A{n:04}/{k}_SS.xlsx": f"{n}-{k}" for n in range(2000) for k in range(5)}
    alike = {f"r/A{n:05}.xlsx": "same" for n in range(10_000)}
    began = time.perf_counter()
    assert set(arranged(apart, [(name.replace("/A", "/B"), f"new {digest}") for name, digest in apart.items()])) == {
        None
    }
    found = arranged(alike, [(name.replace("/A", "/B"), digest) for name, digest in alike.items()])
    assert time.perf_counter() - began < 6
    assert found == list(alike)


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
