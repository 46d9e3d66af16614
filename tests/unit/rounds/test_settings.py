"""A round's settings: a file to start from that says all there is to set, and every fault said with its line."""

from __future__ import annotations

import tomllib
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluator.errors import RoundError
from evaluator.rounds.making import settings_text
from evaluator.rounds.settings import Settings, parsed, read_settings
from evaluator.wording import LANGS, Lang, Text

HERE = Path("round.toml")
ROUND = '[round]\nid = "r1"\nname = "一轮"\ndeadline = 2026-03-31\n'
KEYS = [
    (part, key)
    for part, field in Settings.model_fields.items()
    for key in field.annotation.model_fields  # type: ignore[union-attr]
]


def error_of(source: str) -> RoundError:
    with pytest.raises(RoundError) as error:
        parsed(source, HERE)
    for lang in LANGS:
        words = error.value.message(lang)
        assert "\n" not in words
        assert "Input should" not in words
    return error.value


def faults_of(source: str) -> list[str]:
    error = error_of(source)
    assert error.key == "settings_faults"
    faults = error.params["faults"]
    assert isinstance(faults, Text)
    assert len(faults.zh.split("；")) == len(faults.en.split("; line"))
    return faults.en.split("; line")


def text_of(lang: Lang, **changed: str) -> str:
    values = {"round_id": "r1", "name": "n", "model": "sme-service@2023.1", **changed}
    return settings_text(lang, deadline=date(2026, 3, 31), **values)  # type: ignore[arg-type]


@pytest.mark.parametrize("lang", LANGS)
def test_the_file_to_start_from_names_every_setting_with_its_default(lang: Lang) -> None:
    source = text_of(lang)
    content = tomllib.loads(source)
    assert sorted((part, key) for part, keys in content.items() for key in keys) == sorted(KEYS)
    bare = {key: content["round"][key] for key in ("id", "name", "deadline", "lang", "model")}
    assert parsed(source, HERE) == Settings.model_validate({"round": bare})


@pytest.mark.parametrize("lang", LANGS)
def test_the_file_to_start_from_explains_itself(lang: Lang) -> None:
    lines = text_of(lang).splitlines()
    comments = [line for line in lines if line.startswith("#")]
    assert len(comments) > 20
    assert any("\u4e00" <= c <= "\u9fff" for c in "".join(comments)) == (lang == "zh")


@given(st.text(st.characters(exclude_categories=["C", "Zl", "Zp"]), max_size=200))
@settings(max_examples=150, deadline=None)
def test_any_line_of_text_comes_back_as_it_was(words: str) -> None:
    found = parsed(text_of("zh", name=words, contact=words), HERE)
    assert (found.round.name, found.round.contact) == (words, words)


@pytest.mark.parametrize("words", ['say "x" \\ y', "it's'''\"\"\"", "#no comment", "@id@ {x} %s \\u0041", "C:\\temp\\"])
def test_quotes_backslashes_and_marks_stay_text(words: str) -> None:
    assert parsed(text_of("en", name=words), HERE).round.name == words


@pytest.mark.parametrize("words", ["a\nb", "a\x00", "a\u2028b", "a\u202eb", "a\x7f", "a\udc80", "x" * 501])
def test_what_is_not_one_line_is_no_name(words: str) -> None:
    assert faults_of(text_of("en", name=words))[0].startswith("line ")


@pytest.mark.parametrize(("part", "key"), KEYS)
def test_every_setting_of_a_wrong_kind_says_what_is_expected(part: str, key: str) -> None:
    rows = {} if part == "round" else {part: ""}
    source = ROUND.replace(f"{key} = ", f"x{key} = ") if part == "round" else ROUND
    source = "\n".join(line for line in source.splitlines() if not line.startswith("x"))
    source += f"\n[{part}]\n{key} = " if rows else f"\n{key} = "
    line = len(source.splitlines())
    for value, said in (("[]", "[]"), ("0x" + "f" * 5000, "…"), ("1" + "0" * 400, f"1{'0' * 58}…")):
        [fault] = faults_of(source + value)
        assert fault.startswith(f"line {line}: {part}.{key} is {said}; it must be ")


def test_all_faults_are_said_at_once_with_their_lines() -> None:
    faults = faults_of(
        '[round]\nid = "a..b"\ndeadline = 2026-02-28T10:00:00\n'
        'late = "no"\n[mail]\nsender = "nobody"\nper_minute = 0\nsize = 3\n[smtp]\nport = 70000\n[pop]\n'
    )
    assert [fault.partition(";")[0].removeprefix("line").strip() for fault in faults] == [
        "round.name is missing",
        '2: round.id is "a..b"',
        '3: round.deadline is "2026-02-28 10:00:00"',
        '4: round.late is "no"',
        '6: mail.sender is "nobody"',
        "7: mail.per_minute is 0",
        "8: there is no setting mail.size (there are: sender, reply_to, size_limit_mb, per_minute, remind_every_days)",
        "10: smtp.port is 70000",
        "11: there is no setting pop (there are: round, mail, smtp, imap)",
    ]


def test_a_section_that_is_missing_or_none_is_said() -> None:
    assert "a section that begins with [round]" in error_of("").message("en")
    assert "以 [smtp] 开头" in error_of(f"smtp = 3\n{ROUND}").message("zh")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("2026-03-31", date(2026, 3, 31)),
        ('"2026-03-31"', date(2026, 3, 31)),
        ('"20260331"', date(2026, 3, 31)),
        ("20260331", None),
        ('"31.3.2026"', None),
        ("2026-03-31T00:00:00", None),
        ("1926-03-31", None),
        ("true", None),
    ],
)
def test_only_a_day_is_a_deadline(given: str, expected: date | None) -> None:
    source = ROUND.replace("2026-03-31", given)
    if expected is None:
        assert "round.deadline" in faults_of(source)[0]
    else:
        assert parsed(source, HERE).round.deadline == expected


@pytest.mark.parametrize("given", ["nan", "inf", "-15", '"8"', "true"])
def test_only_a_number_within_bounds_is_an_offset(given: str) -> None:
    assert "round.utc_offset" in faults_of(f"{ROUND}utc_offset = {given}\n")[0]


@pytest.mark.parametrize("given", ["r", "2026", "2026-spring", "a.b_c-d", "A" * 40])
def test_ids_that_are_good_in_names_of_files_and_mails(given: str) -> None:
    assert parsed(ROUND.replace("r1", given), HERE).round.id == given


@pytest.mark.parametrize("given", ["", "-a", "a-", "a b", "a/b", "轮次", "a..b", "A" * 41, "a\\n"])
def test_ids_that_are_not(given: str) -> None:
    assert "round.id" in faults_of(ROUND.replace("r1", given))[0]


@pytest.mark.parametrize("given", ["", "a@x.cn", "评价 办公室 <a@x.cn>", "<a@例子.中国>"])
def test_a_sender_is_an_address_maybe_with_a_name(given: str) -> None:
    assert parsed(f'{ROUND}[mail]\nsender = "{given}"', HERE).mail.sender == given


@pytest.mark.parametrize("given", ["a", "a@x", "a@x.cn <b>", "a@x.cn, b@x.cn", "a@x.cn\\nBcc: b@x.cn"])
def test_what_is_no_address_is_no_sender(given: str) -> None:
    assert "mail.sender" in faults_of(f'{ROUND}[mail]\nsender = "{given}"')[0]


def test_returns_are_late_from_the_end_of_the_day_in_the_rounds_own_time() -> None:
    assert parsed(ROUND, HERE).closes.astimezone(UTC) == datetime(2026, 3, 31, 16, tzinfo=UTC)
    other = parsed(f"{ROUND}utc_offset = -9.5", HERE)
    assert other.closes.astimezone(UTC) == datetime(2026, 4, 1, 9, 30, tzinfo=UTC)


def test_broken_toml_is_said_with_its_line() -> None:
    error = error_of("[round]\nid = r1\n")
    assert (error.key, int(str(error.params["line"]))) == ("settings_not_toml", 2)


def test_files_as_editors_save_them_are_read(tmp_path: Path) -> None:
    path = tmp_path / "round.toml"
    path.write_bytes(b"\xef\xbb\xbf" + ROUND.replace("\n", "\r\n").encode())
    assert read_settings(path).round.name == "一轮"
    path.write_bytes(ROUND.encode("gbk"))
    with pytest.raises(RoundError) as error:
        read_settings(path)
    assert error.value.key == "settings_not_utf8"


def test_settings_that_are_not_there_are_one_line(tmp_path: Path) -> None:
    with pytest.raises(RoundError) as error:
        read_settings(tmp_path / "round.toml")
    assert error.value.key == "settings_not_read"
