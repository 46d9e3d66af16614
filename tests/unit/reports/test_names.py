"""File and sheet names: safe on every system, unique, and a function of the ids and names alone."""

from __future__ import annotations

import pytest

from evaluator.reports.names import FILE_BYTES, SHEET_LENGTH, file_stems, quoted_sheet, sheet_names


def test_a_file_is_named_by_id_and_name() -> None:
    assert file_stems(["SME0001"], ["南京服务中心"]) == ["SME0001_南京服务中心"]


def test_a_file_without_a_name_is_named_by_its_id() -> None:
    assert file_stems(["SME0001"], [""]) == ["SME0001"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ('=HYPERLINK("http://x","0")', "7_=HYPERLINK(_http_x_,_0_)"),
        ("../../etc/passwd", "7_.._.._etc_passwd"),
        ("a\\b|c?d*e", "7_a_b_c_d_e"),
        ("tab\there", "7_tab_here"),
        ("50%#1", "7_50_1"),
        ("ends with a dot. ", "7_ends with a dot"),
    ],
)
def test_what_file_systems_or_links_refuse_is_replaced(name: str, expected: str) -> None:
    assert file_stems(["7"], [name]) == [expected]


@pytest.mark.parametrize("device", ["CON", "nul", "com1", "LPT9.txt"])
def test_a_device_of_windows_is_no_file_name(device: str) -> None:
    assert file_stems([device], [""]) == [f"_{device}"]


def test_an_id_of_dots_or_blanks_still_gives_a_name() -> None:
    assert file_stems(["..", "  "], ["", ""]) == ["_", "_~2"]


def test_a_long_name_is_cut_between_characters_and_stays_unique() -> None:
    first, second = file_stems(["1", "1"], ["服" * 300] * 2)
    assert first != second
    for stem in (first, second):
        assert FILE_BYTES - 3 <= len(stem.encode("utf-8")) <= FILE_BYTES
        assert set(stem) <= set("1_服~2")


def test_names_that_differ_in_case_only_are_told_apart() -> None:
    assert file_stems(["a", "A", "a"], ["X", "x", "x"]) == ["a_X", "A_x~2", "a_x~3"]


def test_a_number_put_on_never_meets_a_name_that_is_there() -> None:
    given = file_stems(["a", "a~2", "a", "a"], ["", "", "", ""])
    assert len({stem.casefold() for stem in given}) == 4
    assert given[:2] == ["a", "a~2"]


def test_a_sheet_name_keeps_to_excels_rules() -> None:
    given = sheet_names(["'quoted'", "a/b:c?[d]*e\\f", "x" * 40, "", "History", "it's"])
    assert given == ["quoted", "a_b_c_d_e_f", "x" * SHEET_LENGTH, "_", "History_", "it's"]


def test_sheet_names_stay_unique_within_31_characters_and_beside_taken_ones() -> None:
    given = sheet_names(["y" * 40, "Y" * 40, "排名"], ["排名"])
    assert given == ["y" * 31, "Y" * 29 + "~2", "排名~2"]
    assert all(len(name) <= SHEET_LENGTH for name in given)


def test_a_cut_does_not_end_a_sheet_name_with_a_quote() -> None:
    assert sheet_names(["z" * 30 + "'tail"]) == ["z" * 30]


def test_quotes_inside_a_sheet_name_are_doubled_in_links() -> None:
    assert quoted_sheet("it's") == "'it''s'"
