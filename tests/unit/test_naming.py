"""File and sheet names: safe on every system, unique, and a function of the ids and names alone."""

from __future__ import annotations

import unicodedata
from pathlib import PureWindowsPath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluator.naming import FILE_BYTES, SHEET_UNITS, file_stems, quoted_sheet, sheet_names


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
        ("wide／slash：and？more％", "7_wide_slash_and_more_"),
        ("℀ ℅", "7__ _"),
        ("a\u202eb\u200bc\ufeffd\u3164e\ufe0ff\U000e0041g", "7_abcdefg"),
        ("nul\x00esc\x1b[2J\x9b", "7_nul_esc_2J_"),
        ("lone\ud800surrogate\ue000", "7_lone_surrogate_"),
        ("cafe\u0301", "7_café"),
        ("👨\u200d👩\u200d👧 帮扶中心", "7_👨👩👧 帮扶中心"),
        ("二‥点…", "7_二.点"),
        ("（中国）有限公司", "7_（中国）有限公司"),
    ],
)
def test_what_file_systems_or_links_refuse_is_replaced(name: str, expected: str) -> None:
    assert file_stems(["7"], [name]) == [expected]


@pytest.mark.parametrize(
    "device",
    [
        "CON",
        "nul",
        "com1",
        "LPT9.txt",
        "COM0",
        "com¹",
        "LPT³.tar.gz",
        "CONIN$",
        "conout$",
        "CLOCK$",
        "aux .xlsx",
        "ＣＯＮ",
    ],
)
def test_a_device_of_windows_is_no_file_name(device: str) -> None:
    assert file_stems([device], [""]) == [f"_{device}"]


def test_an_id_of_dots_or_blanks_still_gives_a_name() -> None:
    assert file_stems(["..", "  "], ["", ""]) == ["_", "_~2"]


def test_a_name_starts_with_nothing_that_programs_read_as_something_else() -> None:
    assert file_stems(["~$N01", "-rf", ".hidden", "‥/x"], [""] * 4) == ["$N01", "_rf", "hidden", "_x"]


def test_names_that_some_system_takes_for_the_same_are_told_apart() -> None:
    same = ["Café", "Cafe\u0301", "ＣＡＦÉ", "CAFÉ"]
    assert file_stems(same, [""] * 4) == ["Café", "Café~2", "ＣＡＦÉ~3", "CAFÉ~4"]
    assert sheet_names(["Straße", "STRASSE", "ﬁn", "FIN", "ıd", "ID"]) == [
        "Straße", "STRASSE~2", "ﬁn", "FIN~2", "ıd", "ID~2",
    ]  # fmt: skip


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
    assert given == ["quoted", "a_b_c_d_e_f", "x" * SHEET_UNITS, "_", "History_", "it's"]


def test_sheet_names_stay_unique_within_31_characters_and_beside_taken_ones() -> None:
    given = sheet_names(["y" * 40, "Y" * 40, "排名"], ["排名"])
    assert given == ["y" * 31, "Y" * 29 + "~2", "排名~2"]
    assert all(len(name) <= SHEET_UNITS for name in given)


def test_emoji_count_as_two_in_a_sheet_name_and_are_never_cut_in_half() -> None:
    assert sheet_names(["x" + "😀" * 20, "x" + "😀" * 15 + "y"]) == ["x" + "😀" * 15, "x" + "😀" * 14 + "~2"]


def test_a_cut_does_not_end_a_sheet_name_with_a_quote() -> None:
    assert sheet_names(["z" * 30 + "'tail"]) == ["z" * 30]


def test_quotes_inside_a_sheet_name_are_doubled_in_links() -> None:
    assert quoted_sheet("it's") == "'it''s'"


ODD = "cCoOnN.~ -_/\\:’'\"*?<>|[]\u0301éÉ①¹．／‥\ud800😀"
WORDS = st.text(st.characters(), max_size=80) | st.text(st.sampled_from(ODD))
DEVICES = {"CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"} | {
    f"{d}{n}" for d in ("COM", "LPT") for n in "0123456789¹²³"
}


@settings(max_examples=200, deadline=None)
@given(st.lists(WORDS, min_size=1, max_size=6))
def test_whatever_is_typed_gives_safe_unique_names(words: list[str]) -> None:
    stems, sheets = file_stems(words, [""] * len(words)), sheet_names(words)
    for names in (stems, sheets):
        assert len({_folded(name) for name in names}) == len(words)
        for name in names:
            assert name
            assert not {unicodedata.category(c) for c in name} & {"Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp"}
    for stem in stems:
        assert not set(unicodedata.normalize("NFKC", stem)) & set('<>:"/\\|?*%#[]')
        assert len(stem.encode("utf-8")) <= FILE_BYTES
        assert stem == stem.strip(" .")
        assert not stem.startswith(("~", "-"))
        assert PureWindowsPath(f"{stem}.xlsx").name == f"{stem}.xlsx"
        assert stem.partition(".")[0].rstrip().upper() not in DEVICES
    for sheet in sheets:
        assert len(sheet.encode("utf-16-le")) <= 2 * SHEET_UNITS
        assert not set(sheet) & set("[]:*?/\\")
        assert sheet == sheet.strip("'")


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())
