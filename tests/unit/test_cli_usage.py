"""Every mistake in using every command, and every help page, in the operator's language and in no other."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import click
import pytest

from evaluator import cli
from evaluator.cli import helppage, usage
from evaluator.cli.mails import Numbers
from evaluator.cli.options import ModelName, Place
from evaluator.cli.rounds import Day
from evaluator.wording import LANGS, Lang

HAN = re.compile(r"[\u4e00-\u9fff]")
LATIN = re.compile(r"[A-Za-z]{2,}")
WIDTH = 80
TYPED = "§"
"""A value that no type but text takes."""
KINDS = {
    "no_command", "near_command", "no_option", "near_option", "no_value", "value_of_flag", "wrong_value", "missing",
    "extra",
}  # fmt: skip
"""What can be wrong with how a command is used."""
Mistake = tuple[str, list[str]]
EXAMPLES: list[tuple[list[str], Lang, str]] = [
    (["sample", "--out", "x", "--seed", "-1"], "zh", "选项 --seed 的取值无效：-1 不可用，应为不小于 0 的整数"),
    (["sample", "--out", "x", "--seed", "-1"], "en", "--seed is not valid: -1 is not a whole number of at least 0"),
    (["sample", "--out", "x", "--workers", "257"], "zh", "257 不可用，应为 1 至 256 的整数"),
    (["sample", "--out", "x", "--lang", "§"], "zh", "§ 不可用，应为 zh / en 之一"),
    (["sample", "--out", "x", "--lang", "§"], "en", "§ is not one of zh / en"),
    (["explain", "x"], "zh", "缺少参数：机构"),
    (["explain", "x"], "en", "INSTITUTION is missing"),
    (["sample", "--out", "x", "--seed", ""], "zh", '"" 不可用'),
    (
        ["override", "withdraw", "x", "\x1b[2J", "--role", "x", "--reason", "x"],
        "en",
        "\\u001b[2J is not a whole number",
    ),
    (["audit-sample", "x", "--seed", "x"], "zh", "缺少选项 --size"),
    (["model", "lint", ""], "zh", "模型为空"),
    (["whatif", "x", "--model", "x", "--out", ""], "zh", "选项 --out 的取值无效：路径为空"),
]
"""Mistakes, a language, and a part of what is said."""


def commands(command: click.Command = cli.cli, path: tuple[str, ...] = ()) -> Iterator[tuple[list[str], click.Command]]:
    """Every command and group, with the words that lead to it."""
    yield list(path), command
    if isinstance(command, click.Group):
        for name, inner in command.commands.items():
            yield from commands(inner, (*path, name))


def fitting(param: click.Parameter) -> str:
    """A value that a parameter takes."""
    match param.type:
        case click.types.IntParamType():
            return str(getattr(param.type, "min", None) or 1)
        case click.Choice():
            return str(param.type.choices[0])
        case Day():
            return "2026-03-31"
        case Numbers():
            return "1"
    return "1"


def wrong(param: click.Parameter) -> list[str]:
    """Values that a parameter does not take."""
    match param.type:
        case click.types.IntParamType():
            least, most = getattr(param.type, "min", None), getattr(param.type, "max", None)
            beyond = [] if least is None else [least - 1]
            return [TYPED, "1.5", *map(str, beyond if most is None else [*beyond, most + 1])]
        case Place():
            return ["", " "] if param.type._addresses else ["", "s3://§"]
        case ModelName():
            return ["", " "]
        case click.Choice() | Day() | Numbers():
            return [TYPED]
    assert isinstance(param.type, click.types.StringParamType | click.types.BoolParamType), (
        f"nobody said what {param.type} refuses"
    )
    return []


def mistakes() -> Iterator[Mistake]:
    """Every kind of mistake with every command and parameter."""
    for path, command in commands():
        if isinstance(command, click.Group):
            yield "no_command", [*path, TYPED]
            yield "near_command", [*path, next(iter(command.commands))[:-1]]
            continue
        values = {param.name: fitting(param) for param in command.params if param.required}
        arguments = [one for one in command.params if isinstance(one, click.Argument)]
        options = [one for one in command.params if isinstance(one, click.Option)]
        yield "no_option", [*path, "--§"]
        yield "no_option", [*path, "-§"]
        yield "near_option", [*path, "--hel"]
        for name in values:
            yield "missing", [*path, *given(command, {key: one for key, one in values.items() if key != name})]
        for one in options:
            if one.is_flag:
                yield "value_of_flag", [*path, f"{max(one.opts, key=len)}=§"]
            else:
                yield "no_value", [*path, *given(command, values), one.opts[-1]]
        for param in command.params:
            for value in wrong(param):
                yield "wrong_value", [*path, *given(command, {**values, param.name: value})]
        if all(one.nargs == 1 for one in arguments):
            every = {**values, **{one.name: "1" for one in arguments}}
            yield "extra", [*path, *given(command, every), "§", "§"]


def given(command: click.Command, values: dict[str | None, str]) -> Iterator[str]:
    """A command line with some parameters."""
    for param in command.params:
        if param.name in values:
            yield from [values[param.name]] if isinstance(param, click.Argument) else [
                max(param.opts, key=len), values[param.name]
            ]  # fmt: skip


def told() -> None:
    """Read command lines as JSON; print, as JSON, each one's exit code, stdout and stderr."""
    said: list[tuple[int, str, str]] = []
    for arguments in json.load(sys.stdin):
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                cli.main(arguments)
            except SystemExit as stopped:
                said.append((int(stopped.code or 0), out.getvalue(), err.getvalue()))
    sys.stdout.write(json.dumps(said))


def listen(lang: Lang, lines: Sequence[Sequence[str]], folder: Path | None = None) -> list[tuple[int, str, str]]:
    """Give exit code, stdout and stderr of each command line, of a program that speaks a language from its start."""
    done = subprocess.run(
        [sys.executable, "-c", "from tests.unit.test_cli_usage import told; told()"],
        env={**os.environ, "EVALUATOR_LANG": lang, "COLUMNS": str(WIDTH), "PYTHONPATH": os.pathsep.join(sys.path)},
        input=json.dumps(lines), cwd=folder, capture_output=True, encoding="utf-8", check=True,
    )  # fmt: skip
    return [(code, out, err) for code, out, err in json.loads(done.stdout)]


@cache
def heard(lang: Lang) -> Sequence[tuple[str, list[str], int, str, str]]:
    """What is said to each mistake and each wish for help: kind, arguments, exit code, stdout and stderr."""
    wishes: list[Mistake] = [("help", [*path, "--help"]) for path, _ in commands()]
    groups = [path for path, command in commands() if isinstance(command, click.Group)]
    bare: list[Mistake] = [("bare", [*path, *end]) for path in groups for end in ([], ["--"])]
    examples: list[Mistake] = [("example", arguments) for arguments, _, _ in EXAMPLES]
    given = [*mistakes(), *wishes, *bare, *examples, ("version", ["--version"])]
    said = listen(lang, [arguments for _, arguments in given])
    return [(*one, *answer) for one, answer in zip(given, said, strict=True)]


def test_every_command_is_one_that_speaks_the_operators_language() -> None:
    assert [path for path, one in commands() if not isinstance(one, usage.Command | usage.Group)] == []
    assert len(list(commands())) > 20


@pytest.mark.parametrize("lang", LANGS)
def test_every_mistake_is_one_line_in_the_operators_language_that_says_where_to_read_on(lang: Lang) -> None:
    found = [one for one in heard(lang) if one[0] in KINDS]
    assert {kind for kind, *_ in found} == KINDS
    assert len(found) > 200
    for kind, arguments, code, out, err in found:
        path = next(" ".join(path) for path, _ in reversed(list(commands())) if arguments[: len(path)] == path)
        command = f"evaluator {path}".strip()
        assert (code, out, err.count("\n")) == (2, "", 1), (kind, arguments, err)
        assert f"{command} --help" in err, (kind, arguments, err)
        said = err.replace(f"{command} --help", "")
        if lang == "en":
            assert not HAN.search(said), (kind, arguments, err)
            continue
        for words in (
            r"--?[a-z-]+",
            r"\bs3://",
            r"\b(zh / en|text / json|all)\b",
            r"相近的有 [a-z-]+",
            r"没有命令 \w+",
        ):
            said = re.sub(words, "", said, flags=re.ASCII)
        assert not LATIN.search(said), (kind, arguments, err)
        assert said.startswith("错误：")


@pytest.mark.parametrize(
    ("kind", "lang", "words"),
    [
        ("no_value", "zh", "后面缺少取值"),
        ("no_value", "en", "needs a value"),
        ("value_of_flag", "zh", "不带取值"),
        ("value_of_flag", "en", "takes no value"),
        ("wrong_value", "zh", "无效"),
        ("wrong_value", "en", "is not valid"),
        ("missing", "zh", "缺少"),
        ("missing", "en", "is missing"),
        ("extra", "zh", "多余的参数：§，§"),
        ("extra", "en", "nothing to be done with: §, §"),
        ("no_option", "zh", "没有选项"),
        ("no_command", "zh", "没有命令 §（"),
        ("near_option", "zh", "相近的有 --"),
        ("near_command", "en", "similar: "),
    ],
)
def test_each_kind_of_mistake_is_told_apart(kind: str, lang: Lang, words: str) -> None:
    assert [err for one, _, _, _, err in heard(lang) if one == kind and words not in err] == []


@pytest.mark.parametrize(
    ("arguments", "lang", "words"),
    EXAMPLES,
)
def test_a_mistake_names_the_parameter_the_value_and_what_is_expected(
    arguments: list[str], lang: Lang, words: str
) -> None:
    said = [err for kind, given, _, _, err in heard(lang) if kind == "example" and given == arguments]
    assert said
    assert [err for err in said if words not in err] == []


def test_of_several_values_the_wrong_one_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["send", "x", "--again", "1", "--again", "§", "--again", "2"])
    assert "§" in capsys.readouterr().err


def test_a_mistake_that_click_may_learn_to_find_is_not_said_in_its_words() -> None:
    context = click.Context(cli.cli, info_name="evaluator")
    said = usage._said(click.UsageError("Something new."), cli.cli, context, [])
    assert "Something" not in said


@pytest.mark.parametrize("lang", LANGS)
def test_a_group_without_a_command_prints_its_help_page_as_it_is(lang: Lang) -> None:
    pages = {tuple(arguments[:-1]): out for kind, arguments, _, out, _ in heard(lang) if kind == "help"}
    found = [(arguments, code, out, err) for kind, arguments, code, out, err in heard(lang) if kind == "bare"]
    assert len(found) == 6
    for arguments, code, out, err in found:
        assert (code, out, err) == (2, "", pages[tuple(word for word in arguments if word != "--")])


@pytest.mark.parametrize("lang", LANGS)
def test_help_pages_are_in_one_language_and_no_wider_than_the_terminal(lang: Lang) -> None:
    found = [(arguments, out) for kind, arguments, code, out, _ in heard(lang) if kind == "help" and code == 0]
    assert len(found) == len(list(commands()))
    for arguments, page in found:
        assert page.startswith("用法：evaluator" if lang == "zh" else "Usage: evaluator")
        options = page.partition("选项：")[2].splitlines()
        for line in page.splitlines():
            assert helppage.width_of(line) <= WIDTH, (arguments, line)
            name = re.match(r" +(-\S.*?)(?:  |$)", line)
            if lang == "en":
                assert not HAN.search(line), (arguments, line)
            elif name and line in options:
                bare = re.sub(r"-[\w-]+|\[zh\|en\]|\[text\|json\]|\|all", "", name[1])
                assert not LATIN.search(bare), (arguments, line)
        if lang == "zh":
            assert "显示本说明并退出。" in page
            assert not re.search(
                r"Usage|Options|Commands|default:|required|Show|\b[A-Z]{4,}\b(?<!TOML)(?<!JSON)(?<!IMAP)", page
            )


def test_the_version_is_said_in_the_operators_language() -> None:
    said = {lang: next(out for kind, _, _, out, _ in heard(lang) if kind == "version") for lang in LANGS}
    assert said["zh"].startswith("evaluator，版本 ")
    assert said["en"].startswith("evaluator, version ")


@pytest.mark.parametrize(
    ("words", "width", "lines"),
    [
        ("甲乙丙丁", 4, ["甲乙", "丙丁"]),
        ("甲乙，丙丁", 5, ["甲", "乙，", "丙丁"]),
        ("甲（乙丙）", 4, ["甲", "（乙", "丙）"]),
        ("ab cd ef", 5, ["ab cd", "ef"]),
        ("见 evaluator --help。", 12, ["见 evaluator", "--help。"]),
        ("abcdefgh", 4, ["abcdefgh"]),
        ("", 4, [""]),
    ],
)
def test_lines_break_between_words_and_characters_but_not_before_punctuation(
    words: str, width: int, lines: list[str]
) -> None:
    assert helppage._wrapped(words, width) == lines


OPERATORS = [
    "score nowhere --out o", "score empty --out o", "score forms --out file.txt", "score forms --out file.txt/below",
    "score forms --out full", "score forms --out o --roster nowhere", "score forms --out o --roster file.txt",
    "score forms --out o --roster half.xlsx", "score forms --out o --roster empty",
    "score forms --out o --model nowhere", "score forms --out o --model sme-service@1",
    "score forms --out o --model file.txt", "score forms --out o --model faulty",
    "score forms --out o --limits nowhere", "score forms --out o --limits empty",
    "score forms --out o --limits no_value.toml", "score forms --out o --limits latin.toml",
    "score forms --out o --limits unknown.toml", "score forms --out o --limits below.toml",
    "score forms --out o --cluster bogus", "check forms --corrections forms/c", "templates --out file.txt",
    "templates --out t --domain XX", "templates --out t --roster forms/1.xlsx --domain SS", "sample --out full",
    "explain empty A", "explain junk A", "explain torn A", "verify nowhere forms",
    "whatif junk --model faulty --out w.xlsx",
    "whatif junk --model sme-service --out file.txt", "analyse torn --out w.xlsx",
    "analyse junk", "audit-sample torn --size 1 --seed 1",
    "model lint nowhere", "model show faulty", "init full --roster half.xlsx --deadline 2026-12-31", "init r",
    "init file.txt --example", "init r --roster half.xlsx --deadline 2026-12-31", "collect empty file.txt",
    "status empty", "status settings", "send nowhere", "remind no_key", "override list broken",
    "override answer broken A B C --reason x --role y",
]  # fmt: skip
"""Things that an operator may ask for and that can't be done, in a folder with all sorts of broken files."""
SENTENCE = re.compile(r"[A-Za-z']{2,}(?: [A-Za-z']{2,}){2,}")


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """A folder with all sorts of broken files."""
    for name in ("empty", "full", "forms", "faulty", "junk", "torn", "settings", "no_key", "broken"):
        (tmp_path / name).mkdir()
    files = {
        "file.txt": b"hello", "full/thesis.docx": b"x", "forms/1.xlsx": b"x", "half.xlsx": b"PK\x03\x04half",
        "faulty/model.toml": b"id = 5\n[rules]\nmethod = 1\n", "faulty/1.toml": b"code = ",
        "no_value.toml": b"file = ", "latin.toml": b"\xff", "unknown.toml": b"fiel = 1", "below.toml": b"file = -1",
        "junk/results.db": b"junk" * 99, "junk/manifest.json": b"{", "torn/manifest.json": b"{}",
        "settings/round.toml": b"[round]\nid = ", "no_key/round.toml": b"[round]\nid = 5\nlang = 'fr'",
        "broken/round.toml": b"\xff",
    }  # fmt: skip
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    with contextlib.closing(sqlite3.connect(tmp_path / "torn" / "results.db")) as database:
        database.execute("CREATE TABLE other (a)")
    return tmp_path


def test_what_can_not_be_done_is_said_in_chinese_without_an_english_sentence(broken: Path) -> None:
    for line, (code, _, err) in zip(OPERATORS, listen("zh", [one.split() for one in OPERATORS], broken), strict=True):
        assert (code, err.count("\n")) == (2, 1), (line, err)
        assert err.startswith("错误："), (line, err)
        assert HAN.search(err.removeprefix("错误：")), (line, err)
        assert "意外错误" not in err, (line, err)
        assert not SENTENCE.search(re.sub(r"evaluator [a-z -]+", "", err)), (line, err)
