"""From a key's path to its line."""

from __future__ import annotations

import pytest

from evaluator.model.places import Path, line_of, lines_by_path

SOURCE = '''\
id = "m"                 # line 1
name = { zh = "甲", en = "A" }
categories = [
    { zh = "一", en = "one" },
    { zh = "二", en = "two" },
]

[rules]
pass_mark = 0.8
text.zh = "key = [x] # no comment"
text . en = "spaced"

[[item]]
code = "SS1"
  [[item.requirement]]
  id = "SS1-1"
  text.zh = """
id = "not a key"
[not.a.table]
"""
  text.en = "one"
[[item.requirement]]
id = "SS1-2"
[[item]]
code = "SS2"
[[item.requirement]]
id = "SS2-1"
quoted = \'\'\'
weight = 3\'\'\'
weight = 2
'''


@pytest.mark.parametrize(
    ("path", "words"),
    [
        (("id",), 'id = "m"'),
        (("name",), "name ="),
        (("name", "zh"), "name ="),
        (("categories",), "categories"),
        (("categories", 1, "en"), "categories"),
        (("rules",), "[rules]"),
        (("rules", "pass_mark"), "pass_mark"),
        (("rules", "text", "zh"), "text.zh"),
        (("rules", "text", "en"), "text . en"),
        (("rules", "bands"), "[rules]"),
        (("item",), "[[item]]\ncode = \"SS1\""),
        (("item", 0, "code"), 'code = "SS1"'),
        (("item", 0, "requirement"), "  [[item.requirement]]"),
        (("item", 0, "requirement", 0, "text", "zh"), '  text.zh = """'),
        (("item", 0, "requirement", 0, "text", "en"), "  text.en"),
        (("item", 0, "requirement", 1, "id"), 'id = "SS1-2"'),
        (("item", 1), "[[item]]\ncode = \"SS2\""),
        (("item", 1, "requirement", 0, "id"), 'id = "SS2-1"'),
        (("item", 1, "requirement", 0, "weight"), "weight = 2"),
        (("item", 1, "requirement", 0, "level"), "[[item.requirement]]\nid = \"SS2-1\""),
        (("nothing", 3), 'id = "m"'),
    ],
)  # fmt: skip
def test_a_path_is_found_or_the_nearest_one_above_it(path: Path, words: str) -> None:
    line = SOURCE[: SOURCE.index(words)].count("\n") + 1
    assert line_of(lines_by_path(SOURCE), path) == line


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_line_ends_and_marks_that_look_like_them_do_not_shift_lines(end: str) -> None:
    source = end.join(['a = "x\u2028y\x85z\u2029\x0b"', "b = 1", "[t]", "c = 1"])
    places = lines_by_path(source)
    assert (places[("b",)], places["t", "c"]) == (2, 4)


def test_nothing_has_its_first_line() -> None:
    assert line_of(lines_by_path(""), ("a", 0, "b")) == 1
