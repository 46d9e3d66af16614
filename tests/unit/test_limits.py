"""The limits: one place, which an operator may change by a file."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from evaluator.errors import InputError
from evaluator.limits import DEFAULT, MEBI, Limits, differing, read_limits
from evaluator.wording import LANGS


def test_every_limit_has_a_default_above_zero() -> None:
    assert all(getattr(DEFAULT, limit.name) > 0 for limit in fields(Limits))


def test_a_file_changes_the_limits_it_names_and_no_others(tmp_path: Path) -> None:
    (tmp_path / "l.toml").write_text("file = 5_000\nseconds = 60\n", encoding="utf-8")
    found = read_limits(tmp_path / "l.toml")
    assert (found.file, found.seconds, found.entry) == (5_000, 60, 48 * MEBI)


@pytest.mark.parametrize(
    ("toml", "key"),
    [
        ("fiel = 5", "unknown_limit"),
        ("file = 0", "bad_limit"),
        ("file = -1", "bad_limit"),
        ("file = 1.5", "bad_limit"),
        ("file = true", "bad_limit"),
        ("file = 99999999999999999999999999", "bad_limit"),
        ("file = 0x" + "f" * 5000, "bad_limit"),
        ("seconds = 1_000_000_000", "bad_limit"),
        ("file = '20 MB'", "bad_limit"),
        ("[file]\nmost = 5", "bad_limit"),
        ("file = ", "limits_not_toml"),
        (None, "bad_limits"),
    ],
)
def test_a_faulty_file_is_the_operators_mistake(tmp_path: Path, toml: str | None, key: str) -> None:
    path = tmp_path / "l.toml"
    if toml is not None:
        path.write_text(toml, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_limits(path)
    assert caught.value.key == key
    for lang in LANGS:
        assert str(path) in caught.value.message(lang)


def test_bytes_that_are_no_text_are_a_faulty_file(tmp_path: Path) -> None:
    (tmp_path / "l.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(InputError) as caught:
        read_limits(tmp_path / "l.toml")
    assert caught.value.key == "limits_not_utf8"


def test_a_byte_order_mark_as_some_editors_write_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / "l.toml").write_bytes(b"\xef\xbb\xbffile = 5_000\n")
    assert read_limits(tmp_path / "l.toml").file == 5_000


def test_limits_that_are_not_the_defaults_are_named_in_their_order() -> None:
    assert differing(DEFAULT) == ""
    assert differing(Limits(rows=10, file=5)) == "file=5, rows=10"
