"""The catalogues: both languages everywhere, the same placeholders, and every key that the code names."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from string import Formatter

import pytest

import evaluator
from evaluator.findings import codes
from evaluator.wording import LANGS, Text, catalogue, say, text
from evaluator.wording.matching import is_empty, plain

SOURCE = Path(evaluator.__file__).parent
CATALOGUES = tuple(sorted(path.stem for path in (SOURCE / "wording").glob("*.toml")))
HAN = re.compile(r"[\u4e00-\u9fff]")

WRAPPERS = {
    "cli": {"say": "cli.", "wording.say": "", "_model_say": "model.show."},
    "overview.py": {"line": "model.show."},
    "roster.py": {"_fault": "intake.roster."},
    "uscc.py": {"_filled": "intake.uscc."},
    "*": {
        "InputError": "errors.", "OutputError": "errors.", "RosterError": "errors.", "ModelError": "errors.",
        "RoundError": "errors.",
        "order.say": "form.", "case.say": "synthesis.text.", "at_main": "model.fault.", "Fault": "model.fault.",
    },
}  # fmt: skip
"""Functions that put something in front of a key, by the name of the file or of its folder."""


def is_entry(node: object) -> bool:
    return isinstance(node, dict) and any(not isinstance(node.get(lang, {}), dict) for lang in LANGS)


def entries(name: str) -> Iterator[tuple[str, Mapping[str, object]]]:
    """Every text of a catalogue with its key."""

    def below(key: str, node: object) -> Iterator[tuple[str, Mapping[str, object]]]:
        if is_entry(node):
            yield key, node  # type: ignore[misc]
        elif isinstance(node, dict):
            for part, inner in node.items():
                yield from below(f"{key}.{part}", inner)
        elif isinstance(node, list):
            for number, inner in enumerate(node):
                yield from below(f"{key}[{number}]", inner)

    return below(name, catalogue(name))


ALL = [(key, entry) for name in CATALOGUES for key, entry in entries(name)]
SAID_IN_ONE_LANGUAGE = {"form.instructions.na": {"na"}}
"""Placeholders that one language needs and the other does not, by key. (Synthetic rounds are no translations.)"""


def placeholders(words: str) -> set[str]:
    return {field for _, field, _, _ in Formatter().parse(words) if field is not None}


def test_there_are_catalogues_with_texts() -> None:
    assert {"cli", "errors", "findings", "form", "intake", "model", "terms"} <= set(CATALOGUES)
    assert len(ALL) > 300


def test_every_text_stands_in_both_languages_or_is_meant_to_be_empty_in_both() -> None:
    assert [key for key, entry in ALL if not all(isinstance(entry.get(lang), str | list) for lang in LANGS)] == []
    own = [(key, entry) for key, entry in ALL if not key.startswith("synthesis.")]
    assert [key for key, entry in own if bool(str(entry["zh"]).strip()) != bool(str(entry["en"]).strip())] == []


def test_no_text_knows_how_many_domains_a_model_has() -> None:
    said = re.compile(r"[二三四五六七八九十\d]个能力域|\b(?:five|5) (?:capability )?domains", re.IGNORECASE)
    assert [key for key, entry in ALL if any(said.search(str(entry[lang])) for lang in LANGS)] == []


def test_what_persons_decide_has_one_name() -> None:
    """`人为更改` sounds like tampering; the command line calls it `人工决定`, and what is undone `撤回`."""
    assert [key for key, entry in ALL if re.search("人为|撤销", str(entry["zh"]))] == []


def test_what_lies_above_a_star_does_not_include_it() -> None:
    """`三星级以上` would include three stars: it is `及以上` or `高于`."""
    said = re.compile(r"(?:星|级|\{stars?\})以上")
    assert [key for key, entry in ALL if said.search(str(entry["zh"]))] == []


def test_both_languages_have_the_same_placeholders() -> None:
    differing = {
        key: placeholders(str(entry["zh"])) ^ placeholders(str(entry["en"]))
        for key, entry in ALL
        if not key.startswith("synthesis.")
    }
    assert {key: names for key, names in differing.items() if names} == SAID_IN_ONE_LANGUAGE


RETIRED = {"名次": "排名", "达标线": "通过线", "达标等级": "通过等级", "判级方法": "定级方法"}
"""Words for which another is said everywhere, as the headers of the results do."""
TYPED = {"explain.part.rank", "errors.no_such_part"}
"""What may be typed for a rank is not bound by it."""


def test_a_term_is_the_same_word_in_every_catalogue() -> None:
    own = [(key, str(entry["zh"])) for key, entry in ALL if not key.startswith("synthesis.") and key not in TYPED]
    assert [(key, word) for key, words in own for word in RETIRED if word in words] == []


def test_placeholders_are_plain_names() -> None:
    """No `{}`, `{0}` or `{a.b}`: what is filled in is given by name."""
    named = {(key, field) for key, entry in ALL for lang in LANGS for field in placeholders(str(entry[lang]))}
    assert [place for place in sorted(named) if not place[1].isidentifier()] == []


def test_english_texts_hold_no_chinese() -> None:
    assert [key for key, entry in ALL if HAN.search(str(entry["en"]))] == []


def test_every_finding_has_a_severity_and_says_what_was_found_and_what_to_do() -> None:
    for code in codes():
        family, name = code.split(".")
        entry = catalogue("findings")[family][name]  # type: ignore[index]
        assert set(entry) == {"severity", "found", "action"}, code
        assert entry["severity"] in ("error", "warning", "info"), code


def test_every_text_is_one_that_can_be_looked_up() -> None:
    for key, entry in ALL:
        if "[" not in key:
            assert text(key) == Text(zh=str(entry["zh"]), en=str(entry["en"]))


def test_a_text_among_the_parameters_is_said_in_the_same_language() -> None:
    kind = text("intake.kind.pdf")
    assert say("findings.file.not_a_workbook.found", "zh", kind=kind) == "文件不是.xlsx工作簿，而是PDF文件。"
    assert (
        say("findings.file.not_a_workbook.found", "en", kind=kind) == "The file is not an .xlsx workbook; it is a PDF."
    )


def test_braces_in_what_is_filled_in_are_left_alone() -> None:
    assert "{x}" in say("findings.form.unknown_rows.found", "en", found="{x}")


@pytest.mark.parametrize("key", ["form.no_such", "form.column", "form", "no_catalogue.key", "form.column.id.zh"])
def test_a_key_that_is_no_text_raises(key: str) -> None:
    with pytest.raises((KeyError, FileNotFoundError, TypeError)):
        text(key)


# Every key the code names


@cache
def sources() -> tuple[tuple[Path, ast.Module], ...]:
    return tuple((path, ast.parse(path.read_text(encoding="utf-8"))) for path in sorted(SOURCE.rglob("*.py")))


def is_text(key: str) -> bool:
    try:
        text(key)
    except (KeyError, TypeError):
        return False
    return True


def is_table(key: str) -> bool:
    name, *rest = key.split(".")
    node: object = catalogue(name)
    for part in rest:
        node = node.get(part) if isinstance(node, dict) else None
    return isinstance(node, dict) and not is_entry(node)


def test_every_whole_key_in_the_code_is_a_text_or_a_finding() -> None:
    families = {code.partition(".")[0] for code in codes()}
    pattern = re.compile(rf"(?:{'|'.join({*CATALOGUES, *families})})(?:\.[a-z][a-z0-9_]*)+")
    named, strange = 0, []
    for path, tree in sources():
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and pattern.fullmatch(node.value):
                if node.value.endswith((".toml", ".db", ".xlsx")):
                    continue
                named += 1
                part_of_one = node.value.endswith("_") and is_table(node.value.rpartition(".")[0])
                if not (node.value in codes() or is_text(node.value) or is_table(node.value) or part_of_one):
                    strange.append(f"{path.name}:{node.lineno} {node.value}")
    assert strange == []
    assert named > 100


def test_every_key_the_code_puts_together_starts_with_a_table() -> None:
    named, strange = 0, []
    for path, tree in sources():
        for node in ast.walk(tree):
            first = node.values[0] if isinstance(node, ast.JoinedStr) and node.values else None
            if not (isinstance(first, ast.Constant) and isinstance(first.value, str)):
                continue
            start = re.match(rf"((?:{'|'.join(CATALOGUES)})(?:\.[a-z0-9_]+)*)\.[a-z0-9_]*$", first.value)
            if start:
                named += 1
                if not is_table(start[1]):
                    strange.append(f"{path.name}:{node.lineno} {first.value}")
    assert strange == []
    assert named > 20


def test_every_key_given_to_a_wrapper_is_a_text() -> None:
    named, strange = 0, []
    for path, tree in sources():
        wrappers = WRAPPERS["*"] | WRAPPERS.get(path.name, {}) | WRAPPERS.get(path.parent.name, {})
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            prefix = next((wrappers[name] for name in _names(node.func) if name in wrappers), None)
            given = [node.args[0]] if node.args else [k.value for k in node.keywords if k.arg == "code"]
            for value in given:
                if prefix and isinstance(value, ast.Constant):
                    named += 1
                    if not is_text(f"{prefix}{value.value}"):
                        strange.append(f"{path.name}:{node.lineno} {prefix}{value.value}")
    assert strange == []
    assert named > 100


def test_every_finding_of_the_catalogue_is_made_somewhere() -> None:
    constants = {
        node.value
        for _, tree in sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert [code for code in codes() if code not in constants] == []


def _names(function: ast.expr) -> tuple[str, ...]:
    """`say`, or `order.say` and `say`, for what is called."""
    if isinstance(function, ast.Name):
        return (function.id,)
    if isinstance(function, ast.Attribute):
        owner = function.value
        last = owner.id if isinstance(owner, ast.Name) else owner.attr if isinstance(owner, ast.Attribute) else ""
        return (f"{last}.{function.attr}", *([] if function.attr == "say" else [function.attr]))
    return ()


# Matching


@pytest.mark.parametrize(
    ("words", "folded"),
    [
        ("完全满足", "完全满足"),
        (" 完全\n满足　", "完全满足"),
        ("完全\u200b满足\ufeff", "完全满足"),
        ("ＦＵＬＬ", "full"),
        ("N/A", "n/a"),
        ("Ｎ／Ａ", "n/a"),
        ("（甲）中心", "(甲)中心"),
        ("Straße", "strasse"),
        ("①", "1"),
        ("", ""),
        ("e\u0301", "é"),
        ("\x00\x1f", ""),
        ("\U0001f600", "\U0001f600"),
        ("a\u00ad b", "ab"),
        ("İ", "i̇"),
    ],
)
def test_width_case_blanks_and_invisible_marks_make_no_difference(words: str, folded: str) -> None:
    assert plain(words) == folded
    assert plain(folded) == folded


@pytest.mark.parametrize("words", ["", " ", "\t\r\n", "\u3000", "\u200b\ufeff", "\u00a0", "\x00"])
def test_what_shows_nothing_is_empty(words: str) -> None:
    assert is_empty(words)


@pytest.mark.parametrize("words", ["0", "-", ".", " a", "\u200b中", "'"])
def test_what_shows_something_is_not_empty(words: str) -> None:
    assert not is_empty(words)
