"""Values that will not do: whatever the records refuse is said in the operator's language, and in nobody else's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from evaluator.model.files import load_model
from evaluator.model.lint import Fault
from evaluator.model.records import BLANKS, CONTROLS, EXAMPLES, FINE, INVISIBLE, DomainFile, ModelFile, Record
from evaluator.model.shape import reason, shape_fault
from evaluator.wording import LANGS, Text, catalogue

TYPES = {"str": "string_type", "float": "float_type", "int": "int_type", "bool": "bool_type", "tuple": "tuple_type"}
BOUNDS = {
    "gt": "greater_than", "ge": "greater_than_equal", "lt": "less_than", "le": "less_than_equal",
    "pattern": "string_pattern_mismatch",
}  # fmt: skip
LENGTHS = {
    "str": {"min_length": "string_too_short", "max_length": "string_too_long"},
    "tuple": {"min_length": "too_short", "max_length": "too_long"},
}
OWN = {"missing", "extra_forbidden"}
"""Types with a fault of their own instead of a bad value's reason."""
LATIN = re.compile(r"[A-Za-z]{2,}")
QUOTED = re.compile(r" (true 或 false|应形如 )?[\w.-]+( / \w+)*$| (true|staged|resource|full)\b[a-z/ ]*", re.ASCII)
"""What a reason quotes of the model's language: `true`, codes, an example."""


def records() -> Iterator[type[Record]]:
    """Every record that a model's files are made of."""

    def below(record: type[Record]) -> Iterator[type[Record]]:
        yield record
        for inner in record.__subclasses__():
            yield from below(inner)

    yield from (one for one in below(Record) if one.__module__ == Record.__module__)


def types_of(schema: Any) -> Iterator[str]:
    """Every type of fault that a schema of pydantic's core can raise; an unknown kind of schema is a failure."""
    kind = schema["type"]
    if kind in TYPES:
        yield TYPES[kind]
        yield from (BOUNDS[name] for name in BOUNDS if name in schema)
        yield from (said for name, said in LENGTHS.get(kind, {}).items() if schema.get(name))
        if schema.get("allow_inf_nan") is False:
            yield "finite_number"
        for inner in schema.get("items_schema", ()):
            yield from types_of(inner)
    elif kind == "literal":
        yield "literal_error"
    elif kind == "model":
        yield "model_type"
        yield from types_of(schema["schema"])
    elif kind == "model-fields":
        yield from OWN
        for field in schema["fields"].values():
            yield from types_of(field["schema"])
    elif kind == "function-after":
        yield from [FINE] if schema["schema"]["type"] == "float" else (BLANKS, CONTROLS, INVISIBLE)
        yield from types_of(schema["schema"])
    elif kind in ("default", "nullable"):
        yield from types_of(schema["schema"])
    elif kind == "definitions":
        yield from types_of(schema["schema"])
        for inner in schema["definitions"]:
            yield from types_of(inner)
    elif kind != "definition-ref":
        pytest.fail(f"nobody said what a schema of the kind {kind} raises")


def test_every_type_of_fault_that_the_records_can_raise_has_a_text() -> None:
    found = {kind for record in records() for kind in types_of(record.__pydantic_core_schema__)}
    assert {"string_type", "greater_than", "literal_error", "model_type", BLANKS, *OWN} <= found
    named = set(catalogue("model")["value"]) - {"like", "pattern", "huge", "other"}  # type: ignore[call-overload]
    assert found - OWN - {"string_pattern_mismatch"} == named


def test_every_pattern_has_an_example_that_has_it() -> None:
    patterns = {
        one["pattern"]
        for record in (ModelFile, DomainFile)
        for one in walk(record.model_json_schema())
        if isinstance(one.get("pattern"), str)
    }
    assert patterns == set(EXAMPLES)
    assert all(re.fullmatch(pattern, example) for pattern, example in EXAMPLES.items())


def walk(node: object) -> Iterator[dict[str, Any]]:
    inner: object = node.values() if isinstance(node, dict) else node
    if isinstance(node, dict):
        yield node
    for one in inner if isinstance(inner, list) or isinstance(node, dict) else ():
        yield from walk(one)


VALUES = (
    st.none() | st.booleans() | st.integers() | st.sampled_from([10**400, int("f" * 5000, 16)]) | st.floats()
    | st.text(max_size=5) | st.just("x" * 2001) | st.just(" x")
    | st.dates() | st.lists(st.integers(), max_size=6) | st.dictionaries(st.sampled_from(["zh", "en", "a"]), st.text())
)  # fmt: skip


@given(st.data())
def test_a_value_that_is_spoiled_is_said_without_a_word_of_another_language(data: st.DataObject) -> None:
    """Put something in the place of one value of a real model's file."""
    table = load_model().model_dump(mode="json", by_alias=True)
    name, record = data.draw(st.sampled_from([("model.toml", ModelFile), ("1_SS.toml", DomainFile)]))
    if record is DomainFile:
        table = {key: value for key, value in table["domains"][0].items() if key != "weight"}
    else:
        table["domains"] = [{"code": "SS", "file": "1_SS.toml", "weight": 1.0}]
    node: Any = table
    while True:
        key = data.draw(st.sampled_from(sorted(node) if isinstance(node, dict) else range(len(node))))
        inner = node[key]
        if not (isinstance(inner, dict | list) and inner and data.draw(st.booleans())):
            break
        node = inner
    node[key] = data.draw(VALUES)
    for fault in faults_of(record, name, table):
        if fault.code == "bad_value":
            why = fault.params["why"]
            assert isinstance(why, Text)
            assert not LATIN.search(QUOTED.sub("", why.zh)), why.zh
        assert fault.message("zh") != fault.message("en")


def faults_of(record: type[BaseModel], name: str, table: dict[str, Any]) -> list[Fault]:
    try:
        record.model_validate(table)
    except ValidationError as error:
        return [shape_fault(name, {(): 1}, table, details) for details in error.errors()]
    return []


def details(kind: str, given: object, message: str = "", **context: Any) -> ErrorDetails:
    return {"type": kind, "loc": ("rules", "x"), "msg": message, "input": given, "ctx": context}


@pytest.mark.parametrize(
    ("fault", "zh", "en"),
    [
        (details("greater_than", -1, gt=0.0), "应大于 0", "it should be more than 0"),
        (details("less_than_equal", 9, le=100000), "不得大于 100000", "it should be at most 100000"),
        (details("less_than_equal", 2**63, le=2**63 - 1), f"不得大于 {2**63 - 1}", f"it should be at most {2**63 - 1}"),
        (details("float_type", 10**400), "数值过大", "it is out of all bounds"),
        (details("float_type", True), "应为不加引号的数字", "it should be a number without quotation marks"),
        (
            details("literal_error", "x", expected="'staged', 'average' or 'cumulative'"),
            "应为 staged / average / cumulative 之一",
            "it should be one of staged / average / cumulative",
        ),
        (
            details("string_pattern_mismatch", "x", pattern=r"^[A-Z]{2}$"),
            "应形如 SS",
            "it should look like SS",
        ),
        (details("string_pattern_mismatch", "x", pattern="z"), "格式有误", "it is not in the right form"),
        (
            details("date_type", 1, "Input should be a valid date"),
            "此处的值不合要求（Input should be a valid date）",
            "the value is not what belongs here (Input should be a valid date)",
        ),
    ],
)
def test_the_reason_says_what_the_value_should_be(fault: ErrorDetails, zh: str, en: str) -> None:
    assert reason(fault) == Text(zh=zh, en=en)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (True, "true"),
        ("80%", '"80%"'),
        (date(2023, 12, 1), '"2023-12-01"'),
        ([1, 2], "[1, 2]"),
        ("\x1b[2J", '"\\u001b[2J"'),
        ("甲" * 100, '"' + "甲" * 58 + "…"),
    ],
)
def test_the_value_is_shown_about_as_it_stands_in_the_file(value: object, shown: str) -> None:
    fault = shape_fault("model.toml", {(): 1}, {}, details("float_type", value))
    for lang in LANGS:
        assert f" {shown} " in fault.message(lang)
