"""Names of members, in words that are safe to show."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluator.intake.containers.names import guessed, inside, last_part, numbered, of_message, of_zip_entry, readable


@given(st.binary(max_size=60), st.booleans(), st.binary(max_size=60))
def test_any_bytes_are_a_name_that_can_be_shown(raw: bytes, is_utf8: bool, extra: bytes) -> None:
    name = readable(of_zip_entry(raw, is_utf8, extra))
    assert name.encode("utf-8").decode("utf-8") == name
    assert not set(name) & set(map(chr, range(32)))


@given(st.text(max_size=60))
def test_a_path_inside_never_leads_out(name: str) -> None:
    parts = inside(name).split("/")
    assert ".." not in parts
    assert inside(name)[:1] != "/"


@given(st.text(alphabet="./\\ab:\0", max_size=12))
def test_a_last_part_has_no_folders(name: str) -> None:
    assert not set(last_part(name)) & {"/", "\\"}


@pytest.mark.parametrize(
    ("name", "path"),
    [("a/b", "a/b"), ("./a//b", "a/b"), ("a\\b", "a/b"), ("a/..b", "a/..b"), ("a/../b", ""), ("", ""), ("D:\\a", "")],
)
def test_paths_are_made_plain(name: str, path: str) -> None:
    assert inside(name) == path


def test_what_was_gbk_is_read_as_such_and_what_was_utf8_too() -> None:
    assert {guessed("服务能力".encode(encoding)) for encoding in ("utf-8", "gbk", "gb18030")} == {"服务能力"}


def test_lone_surrogates_are_shown() -> None:
    assert readable("a\ud800b") == "a\\ud800b"


@pytest.mark.parametrize(
    ("name", "twin"), [("a/b.xlsx", "a/b (2).xlsx"), ("a.b/c", "a.b/c (2)"), ("!.eml", "! (2).eml")]
)
def test_twins_keep_their_ending(name: str, twin: str) -> None:
    assert numbered(name, 2) == twin


def test_messages_are_named_by_number_and_what_a_file_may_be_called() -> None:
    assert of_message(3, " Re: a/b!c\r\n <d> ...") == "0003_Re a b c d.eml"
    assert of_message(12345, "***") == "12345.eml"
    assert len(of_message(1, "字" * 500)) < 80
