"""Broken TOML: the line, and a reason in the operator's language."""

from __future__ import annotations

import ast
import inspect
import tomllib

import pytest

from evaluator.tomlfaults import fault_of, table_of
from evaluator.wording import Text, filled, text

BROKEN = [
    # text, line, reason
    ("a = ", 1, "value"),
    ("a = yes", 1, "value"),
    ("a = 1\nb = 一", 2, "value"),
    ("a = 2026-02-30", 1, "date"),
    ("a = 0.8 0.9", 1, "more_than_one"),
    ("a = 1\n\nb = 2 c = 3\n", 3, "more_than_one"),
    ("；a = 1", 1, "statement"),
    ("= 1", 1, "statement"),
    ("a. = 1", 1, "key"),
    ("[甲]", 1, "key"),
    ("a 1", 1, "no_equals"),
    ("a-1", 1, "no_equals"),
    ("[a\nb = 1", 1, "table_end"),
    ("[[a]\nb = 1", 1, "table_end"),
    ("a = [1 2]", 1, "array_end"),
    ("a = [1,\n2", 2, "array_end"),
    ("a = {b = 1", 1, "inline_end"),
    ("a = {b = 1 c = 2}", 1, "inline_end"),
    ('a = "x', 1, "text_end"),
    ('a = "x\nb = 1', 1, "text_end"),
    ("a = 'x\nb = 1", 2, "text_end"),
    ("a = 'x\nb = 'y'", 1, "text_end"),
    ("a = 'x\r\nb = 'y'", 1, "text_end"),
    ("a = 'x", 1, "text_end"),
    ('a = """x', 1, "text_end"),
    ("a = '''x", 1, "text_end"),
    ('a = "x\x00"', 1, "character"),
    ("# \x01", 1, "character"),
    ('a = "C:\\data"', 1, "backslash"),
    ('a = "\\u12"', 1, "escape"),
    ('a = "\\ud800"', 1, "escape"),
    ("a = 1\na = 2", 2, "twice"),
    ("[a]\n[a]", 2, "twice"),
    ("a = 1\n[a]", 2, "twice"),
    ("a = 1\n[[a]]", 2, "twice"),
    ("a = {b = 1}\n[a.c]", 2, "twice"),
    ("[a.b]\nc = 1\n[a]\nb.d = 1", 4, "twice"),
    ("a = {b = 1, b = 2}", 1, "twice"),
    ("a = " + "1" * 5000, 1, "number"),
    ("a = 1\nb = " + "1_" * 4300 + "1\nc = 1", 2, "number"),
    ("a = " + "[" * 100_000, 1, "depth"),
    ("b = 1\n" + "a." * 100_000 + "a = 1", 2, "parts"),
    ("[" + " a . 'x' ." * 100_000 + "a]", 1, "parts"),
    ("b = {" + 'a."b b".' * 100_000 + "a = 1}", 1, "parts"),
]


def found_in(source: str) -> tuple[int, Text]:
    with pytest.raises((ValueError, RecursionError)) as caught:
        table_of(source)
    return fault_of(caught.value, source)


MISTYPED = [
    # text, what of it is said to be meant, in both languages
    ("a = “staged”", '"'),
    ("a = ‘staged’", '"'),
    ("a = [“x”]", '"'),
    ('a = "staged”', '"'),
    ('a = "staged”\nb = 1', '"'),
    ("a ＝ 1", "＝ ="),
    ("a： 1", "： ="),
    ("b = 1\r\na：1", "： ="),
    ("a = [1，2]", "， ,"),
    ("a = {b = 1，c = 2}", "， ,"),
    ("a = ０.３", "０ 0"),
    ("［a］", "［ ["),
    ("weight = 0,30", "0,30 0.30"),
    ("weight = 0，30", "0，30 0.30"),
    ("weight = 30%", "30% 0.3"),
    ("weight = 12.5 ％", "12.5% 0.125"),
]


@pytest.mark.parametrize(("source", "meant"), MISTYPED)
def test_what_was_plainly_mistyped_is_said_with_what_to_write_instead(source: str, meant: str) -> None:
    _, why = found_in(source)
    for said in why:
        assert [part for part in meant.split() if part not in said] == []
    assert why not in [text(f"syntax.{reason}") for _, _, reason in BROKEN]


def test_a_double_quote_inside_a_text_is_told_from_something_behind_it() -> None:
    assert found_in('a = "他说"好"。"')[1] == text("syntax.inner_quotes")
    assert found_in('a = {b = "他说"好"。"}')[1] == text("syntax.inner_quotes")
    assert found_in('a = "x" b')[1] == text("syntax.more_than_one")
    assert found_in('a = ["x" "y"]')[1] == text("syntax.array_end")
    assert found_in('a = {b = "x"，c = "y"}')[1] == filled("syntax.wide", sign="，", plain=",")


def test_a_text_of_many_points_is_no_key() -> None:
    words = "第1.1条、" * 200 + "1.2.3 " * 200 + "..." * 200
    assert table_of(f'a = "{words}"') == {"a": words}
    assert table_of("a." * 60 + "a = 1")["a"]["a"]


def test_curly_quotes_inside_a_text_are_not_blamed_for_a_missing_end() -> None:
    assert found_in('a = "请说“好”')[1] == text("syntax.text_end")


@pytest.mark.parametrize(("source", "line", "reason"), BROKEN, ids=[f"{n}-{one[2]}" for n, one in enumerate(BROKEN)])
def test_what_is_broken_is_said_with_its_line(source: str, line: int, reason: str) -> None:
    assert found_in(source) == (line, text(f"syntax.{reason}"))


def test_whatever_the_parser_of_this_python_says_is_known() -> None:
    """Its messages are the last arguments of the calls that make its errors."""
    calls = [
        node
        for node in ast.walk(ast.parse(inspect.getsource(tomllib._parser)))  # type: ignore[attr-defined]
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "suffixed_err"
    ]
    said = [_message(call.args[-1]) for call in calls]
    assert len(said) > 15
    assert [words for words in said if words in fault_of(ValueError(words), "")[1].zh] == []


def _message(node: ast.expr) -> str:
    parts = node.values if isinstance(node, ast.JoinedStr) else [node]
    return "".join(part.value if isinstance(part, ast.Constant) else "'x'" for part in parts)


def test_words_that_nobody_foresaw_stand_behind_a_sentence_of_the_language() -> None:
    line, why = fault_of(ValueError("Something new (at line 7, column 3)"), "")
    assert line == 7
    assert why == Text(zh="此处写法有误（Something new）", en="it is not well formed here (Something new)")
