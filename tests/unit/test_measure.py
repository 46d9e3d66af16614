"""The estimate of the room a text takes."""

from __future__ import annotations

from evaluator.measure import lines_needed, row_height


def test_chinese_breaks_anywhere_and_english_between_words() -> None:
    assert lines_needed("字" * 22, 45.0) == 1
    assert lines_needed("字" * 44, 45.0) == 2
    assert lines_needed("seventeen letters", 16.0, "en") == 1
    assert lines_needed("incomprehensible incomprehensible", 17.0, "en") == 2
    assert lines_needed("incomprehensible incomprehensible", 27.0, "en") == 2


def test_line_breaks_and_empty_lines_count() -> None:
    assert lines_needed("", 45.0) == 1
    assert lines_needed("a\n\nb", 45.0) == 3


def test_a_row_is_as_high_as_its_highest_text() -> None:
    one, three = row_height([("a", 10.0)], "en"), row_height([("a", 10.0), ("a\nb\nc", 10.0)], "en")
    assert one < three == row_height([], "en", least=3)
    assert row_height([("a", 10.0)], "en", margin=9.0) == one + 5.0


def test_bold_texts_take_more_room() -> None:
    assert row_height([("字" * 22, 45.0)], "zh", bold=True) > row_height([("字" * 22, 45.0)], "zh")
