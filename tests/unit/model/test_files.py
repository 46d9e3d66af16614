"""From a model's files to a model, or to every fault in them, each with file and line."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import pytest

from evaluator.errors import InputError, ModelError
from evaluator.model import files
from evaluator.model.files import builtin_models, inspect_model, load_model, own_files
from evaluator.wording import LANGS

BUILTIN = files._BUILTIN / "sme-service" / "2023.1"


class Copy:
    """A copy of the built-in model to be spoiled."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shutil.copytree(BUILTIN, folder)

    def change(self, name: str, old: str, new: str) -> int:
        """Replace the first occurrence of a text; gives the line where it stood."""
        path = self.folder / name
        source = path.read_text(encoding="utf-8")
        assert old in source
        path.write_text(source.replace(old, new, 1), encoding="utf-8")
        return source[: source.index(old)].count("\n") + 1

    def faults(self) -> list[str]:
        """Every fault as `code file:line place`."""
        model, faults = inspect_model(str(self.folder))
        assert (model is None) == any(fault.severity == "error" for fault in faults)
        for fault in faults:
            for lang in LANGS:
                assert fault.code == "bad_value" or "{" not in fault.message(lang), fault.message(lang)
                assert f"{fault.file}" in fault.message(lang)
        return [f"{fault.code} {fault.file}:{fault.line} {fault.place}" for fault in faults]


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    return Copy(tmp_path / "model")


def test_a_copy_of_the_built_in_model_is_the_same_model(copy: Copy) -> None:
    assert copy.faults() == []
    assert load_model(str(copy.folder)) == load_model()
    assert load_model(str(copy.folder / "model.toml")).hash == load_model().hash


def test_the_built_in_model_is_found_by_name_and_edition() -> None:
    assert "sme-service@2023.1" in builtin_models()
    assert load_model("sme-service@2023.1").edition == "2023.1"
    newest = builtin_models()[-1]
    assert load_model("sme-service") == load_model(newest) == load_model()


def test_one_domains_file_is_not_taken_for_a_faulty_model(copy: Copy) -> None:
    for look in (load_model, inspect_model):
        with pytest.raises(InputError) as error:
            look(str(copy.folder / "1_SS.toml"))
        assert error.value.key == "a_domains_file"


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("no-such-model", "no_such_model"),
        ("sme-service@1999", "no_such_edition"),
        ("/no/such/model.toml", "no_such_model"),
        ("", "no_such_model"),
        ("../sme-service", "no_such_model"),
        ("SME-SERVICE", "no_such_model"),
    ],
)
def test_a_model_that_is_not_there_is_said_with_those_that_are(
    name: str, key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError) as error:
        load_model(name)
    assert error.value.key == key
    assert "2023.1" in error.value.message("en")


def test_editions_are_in_order_of_their_numbers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for edition in ("2023.1", "2023.10", "2023.2", "2024", "2023"):
        (tmp_path / "m" / edition).mkdir(parents=True)
        (tmp_path / "m" / edition / "model.toml").touch()
    monkeypatch.setattr(files, "_BUILTIN", tmp_path)
    assert builtin_models() == ("m@2023", "m@2023.1", "m@2023.2", "m@2023.10", "m@2024")


# The shape of single files

SHAPE: list[tuple[str, str, str, str, str]] = [
    # file, text, what is put in its place, code, place
    ("model.toml", 'edition = "2023.1"', "edition = 2023.1", "bad_value", "edition"),
    ("model.toml", 'edition = "2023.1"', "edition = 2023-12-01", "bad_value", "edition"),
    ("model.toml", 'edition = "2023.1"', "edition = true", "bad_value", "edition"),
    ("model.toml", 'edition = "2023.1"', 'edition = "第一版"', "bad_value", "edition"),
    ("model.toml", 'id = "sme-service"', 'id = "SME service"', "bad_value", "id"),
    ("model.toml", 'id = "sme-service"', f'id = "{"x" * 101}"', "bad_value", "id"),
    ("model.toml", 'edition = "2023.1"', f'edition = "{"9" * 101}"', "bad_value", "edition"),
    ("model.toml", "evidence_rule = true", 'evidence_rule = "yes"', "bad_value", "rules.evidence_rule"),
    ("model.toml", "evidence_rule = true", "evidence_rule = 1", "bad_value", "rules.evidence_rule"),
    ("model.toml", "pass_mark = 0.8", 'pass_mark = "80%"', "bad_value", "rules.pass_mark"),
    ("model.toml", "pass_mark = 0.8", "pass_mark = 80", "bad_value", "rules.pass_mark"),
    ("model.toml", "pass_mark = 0.8", "pass_mark = nan", "bad_value", "rules.pass_mark"),
    ("model.toml", "pass_mark = 0.8", "passmark = 0.8", "unknown_key", "rules.passmark"),
    ("model.toml", 'method = "staged"', 'method = "best"', "bad_value", "rules.method"),
    ("model.toml", "domain_floor = 1", "domain_floor = 1.0", "bad_value", "rules.domain_floor"),
    ("model.toml", "domain_floor = 1", "domain_floor = true", "bad_value", "rules.domain_floor"),
    ("model.toml", "bands = [0.8, 1.8,", "bands = [1.8,", "bad_value", "rules.bands"),
    ("model.toml", "draws = 1000", "draws = 100001", "bad_value", "rules.robustness.draws"),
    ("model.toml", "draws = 1000", "draws = -1", "bad_value", "rules.robustness.draws"),
    ("model.toml", "draws = 1000", "draws = 1000.0", "bad_value", "rules.robustness.draws"),
    ("model.toml", "spread = 0.25", "spread = 1", "bad_value", "rules.robustness.spread"),
    ("model.toml", "spread = 0.25", "spread = 25", "bad_value", "rules.robustness.spread"),
    ("model.toml", "seed = 1 ", "seed = -1 ", "bad_value", "rules.robustness.seed"),
    ("model.toml", "seed = 1 ", "seeds = 1 ", "unknown_key", "rules.robustness.seeds"),
    ("model.toml", "seed = 1 ", f"seed = {2**63} ", "bad_value", "rules.robustness.seed"),
    ("model.toml", "spread = 0.25", "spread = 1e-13", "bad_value", "rules.robustness.spread"),
    ("model.toml", "pass_mark = 0.8", "pass_mark = 1e-13", "bad_value", "rules.pass_mark"),
    ("model.toml", "min_coverage = 0.9", "min_coverage = 5e-324", "bad_value", "rules.min_coverage"),
    ("model.toml", "value = 0.5", "value = 1e-300", "bad_value", "partial.value"),
    ("model.toml", "weight = 0.15", "weight = 1e-13", "bad_value", "SS.weight"),
    ("model.toml", "weight = 0.15", "weight = 1e300", "bad_value", "SS.weight"),
    ("model.toml", "weight = 0.15", "weight = nan", "bad_value", "SS.weight"),
    ("model.toml", "weight = 0.15", 'weight = "0.15"', "bad_value", "SS.weight"),
    ("model.toml", "weight = 0.15", "weight = 0", "bad_value", "SS.weight"),
    ("model.toml", 'file = "1_SS.toml"', 'file = "../1_SS.toml"', "bad_value", "SS.file"),
    ("model.toml", 'code = "na"', 'code = "n/a"', "bad_value", "n/a.code"),
    ("1_SS.toml", "level = 1", 'level = "1"', "bad_value", "SS1-1.level"),
    ("1_SS.toml", "level = 1", "level = 6", "bad_value", "SS1-1.level"),
    ("1_SS.toml", "level = 1", "level = true", "bad_value", "SS1-1.level"),
    ("1_SS.toml", "level = 1", "level = 2023-01-01", "bad_value", "SS1-1.level"),
    ("1_SS.toml", 'dimension = "process"', 'dimension = "过程"', "bad_value", "SS1-1.dimension"),
    ("1_SS.toml", "na_allowed = false", 'na_allowed = "no"', "bad_value", "SS1-1.na_allowed"),
    ("1_SS.toml", 'id = "SS1-2"', 'id = "SS1.2"', "bad_value", "SS1.2.id"),
    ("1_SS.toml", 'id = "SS1-2"', "id = 12", "bad_value", "12.id"),
    ("1_SS.toml", 'text.en = "The institution has a work plan', 'text.en = "', "missing_language", "SS1-1.text.en"),
    ("1_SS.toml", 'text.en = "The institution has a work plan', 'text.en = " The', "bad_value", "SS1-1.text.en"),
    ("1_SS.toml", "text.zh", "text.cn", "unknown_key", "SS1-1.text.cn"),
    ("1_SS.toml", "weight = 0.25", "weight = 1e-13", "bad_value", "SS1.weight"),
    ("1_SS.toml", "weight = 0.25", "weight = -0.0", "bad_value", "SS1.weight"),
    ("1_SS.toml", "weight = 0.25", "weigth = 0.25", "unknown_key", "SS1.weigth"),
    ("1_SS.toml", "level = 1", "weight = 1e308\nlevel = 1", "bad_value", "SS1-1.weight"),
    ("1_SS.toml", "level = 1", "weight = 1000001\nlevel = 1", "bad_value", "SS1-1.weight"),
    ("1_SS.toml", "level = 1", "weight = 5e-324\nlevel = 1", "bad_value", "SS1-1.weight"),
    ("1_SS.toml", "level = 1", "weight = 9.9e-7\nlevel = 1", "bad_value", "SS1-1.weight"),
    ("1_SS.toml", "level = 1", "weight = inf\nlevel = 1", "bad_value", "SS1-1.weight"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "old", "new", "code", "place"), SHAPE)
def test_a_value_that_will_not_do_is_said_with_its_line(
    copy: Copy, name: str, old: str, new: str, code: str, place: str
) -> None:
    if new == 'text.en = "':  # the whole text goes, not only its start
        old = next(line for line in (BUILTIN / name).read_text(encoding="utf-8").splitlines() if line.startswith(old))
        new = 'text.en = ""'
    line = copy.change(name, old, new)
    assert f"{code} {name}:{line} {place}" in copy.faults()


@pytest.mark.parametrize(
    ("name", "gone", "at", "place"),
    [
        ("model.toml", 'edition = "2023.1"\n', "", "edition"),
        ("model.toml", "pass_mark = 0.8 ", "[rules]", "rules.pass_mark"),
        ("1_SS.toml", "level = 1\n", '[[item.requirement]]\nid = "SS1-1"', "SS1-1.level"),
        ("1_SS.toml", "weight = 0.25\n", '[[item]]\ncode = "SS1"', "SS1.weight"),
    ],
)
def test_a_missing_key_is_said_at_the_table_that_lacks_it(
    copy: Copy, name: str, gone: str, at: str, place: str
) -> None:
    source = (BUILTIN / name).read_text(encoding="utf-8")
    copy.change(name, gone, "#" if not gone.endswith("\n") else "")
    line = source[: source.index(at)].count("\n") + 1 if at else 1
    assert copy.faults()[0] == f"missing_key {name}:{line} {place}"


def test_a_missing_language_is_said_at_its_text(copy: Copy) -> None:
    source = (BUILTIN / "3_ST.toml").read_text(encoding="utf-8")
    gone = next(line for line in source.splitlines() if line.startswith("evidence.en"))
    line = copy.change("3_ST.toml", gone + "\n", "")
    assert copy.faults() == [f"missing_language 3_ST.toml:{line - 1} ST1-1.evidence.en"]


def test_surprising_types_are_shown_as_they_were_read(copy: Copy) -> None:
    copy.change("model.toml", 'edition = "2023.1"', "edition = 2023.10")
    _, faults = inspect_model(str(copy.folder))
    assert "2023.1 " in faults[0].message("en") + " "


HUGE = ("1" + "0" * 400, "-1" + "0" * 400, "0x" + "F" * 5000, "1e400", "-inf", "nan")
"""Numbers beyond all bounds: too long for a float, too long to be written in decimals, none at all."""
NUMBERS = [
    ("model.toml", "weight = 0.15", "weight = {}", "SS.weight"),
    ("model.toml", "bands = [0.8,", "bands = [{},", "rules.bands[1]"),
    ("model.toml", "pass_mark = 0.8", "pass_mark = {}", "rules.pass_mark"),
    ("model.toml", "domain_floor = 1", "domain_floor = {}", "rules.domain_floor"),
    ("model.toml", "min_coverage = 0.9", "min_coverage = {}", "rules.min_coverage"),
    ("model.toml", "draws = 1000", "draws = {}", "rules.robustness.draws"),
    ("model.toml", "spread = 0.25", "spread = {}", "rules.robustness.spread"),
    ("model.toml", "seed = 1 ", "seed = {} ", "rules.robustness.seed"),
    ("model.toml", "value = 0.5", "value = {}", "partial.value"),
    ("model.toml", "level = 1", "level = {}", "levels[1].level"),
    ("1_SS.toml", "weight = 0.25", "weight = {}", "SS1.weight"),
    ("1_SS.toml", "level = 1", "level = {}", "SS1-1.level"),
    ("1_SS.toml", "level = 1", "weight = {}\nlevel = 1", "SS1-1.weight"),
    ("1_SS.toml", "level = 1", "veto_star = {}\nlevel = 1", "SS1-1.veto_star"),
]  # fmt: skip


@pytest.mark.parametrize("number", HUGE, ids=("10^400", "-10^400", "5000 hex digits", "1e400", "-inf", "nan"))
@pytest.mark.parametrize(("name", "old", "new", "place"), NUMBERS, ids=[place for *_, place in NUMBERS])
def test_no_number_is_too_large_to_be_a_fault(
    copy: Copy, name: str, old: str, new: str, place: str, number: str
) -> None:
    copy.change(name, old, new.format(number))
    assert any(fault.startswith(f"bad_value {name}:") and fault.endswith(f" {place}") for fault in copy.faults())


def test_a_number_of_more_digits_than_python_reads_is_said_with_its_line(copy: Copy) -> None:
    line = copy.change("model.toml", "weight = 0.15", "weight = " + "1" * 4301)
    assert copy.faults()[0] == f"syntax model.toml:{line} model.toml"
    assert "数字过长" in inspect_model(str(copy.folder))[1][0].message("zh")


@pytest.mark.parametrize("low", ["1e-6", "0.000001"])
def test_the_bounds_of_a_requirements_weight_are_said_and_are_themselves_allowed(copy: Copy, low: str) -> None:
    line = copy.change("1_SS.toml", "level = 1", f"weight = {low}\nlevel = 1")
    at = copy.change("1_SS.toml", "level = 2", "weight = 1000000\nlevel = 2")
    assert copy.faults() == []
    copy.change("1_SS.toml", f"weight = {low}", "weight = 0")
    copy.change("1_SS.toml", "weight = 1000000", "weight = 1e7")
    below, above = inspect_model(str(copy.folder))[1]
    assert (below.message("en"), above.line) == (
        f"1_SS.toml, line {line} [SS1-1.weight]: the value 0 won't do: it should be at least 0.000001.", at,
    )  # fmt: skip
    assert "不得大于 1000000" in above.message("zh")


def test_a_negative_nought_is_nought(copy: Copy) -> None:
    copy.change("model.toml", "value = 0.0", "value = -0.0")
    copy.change("model.toml", "min_coverage = 0.9", "min_coverage = -0.0")
    found = load_model(str(copy.folder))
    assert (str(found.answer("none").value), str(found.rules.min_coverage)) == ("0.0", "0.0")


def test_a_text_without_end_or_with_a_terminals_codes_is_shown_short_and_harmless(copy: Copy) -> None:
    copy.change("1_SS.toml", 'id = "SS1-2"', 'id = "\\u001b[2J' + "x" * 10_000 + '"')
    for lang in LANGS:
        said = [fault.message(lang) for fault in inspect_model(str(copy.folder))[1]]
        assert said
        assert all(words.isprintable() and len(words) < 1000 for words in said)


# Files that can't be read at all


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('dimension = "process"', "dimension = process"),
        ('dimension = "process"', 'dimension = "process'),
        ("level = 1", "level = 1\nlevel = 2"),
        ("na_allowed = false", "na_allowed = False"),
        ('text.zh = "', 'text.zh = ""'),
    ],
)
def test_a_syntax_error_is_said_with_its_line(copy: Copy, old: str, new: str) -> None:
    line = copy.change("1_SS.toml", old, new)
    code, place, _ = copy.faults()[0].split(" ")
    assert code == "syntax"
    assert place in (f"1_SS.toml:{line}", f"1_SS.toml:{line + 1}")


def test_a_text_that_is_never_closed_is_said(copy: Copy) -> None:
    copy.change("1_SS.toml", 'text.zh = "', 'text.zh = """')
    assert copy.faults()[0].startswith("syntax 1_SS.toml:")


def test_nesting_without_end_is_a_fault(copy: Copy) -> None:
    (copy.folder / "1_SS.toml").write_text("a = " + "[" * 100_000)
    assert copy.faults()[0].startswith("syntax 1_SS.toml:")


def test_another_encoding_is_said_at_the_first_line_that_shows_it(copy: Copy) -> None:
    path = copy.folder / "2_SD.toml"
    path.write_bytes(b'code = "SD"\n' + path.read_text(encoding="utf-8").partition("\n")[2].encode("gb18030"))
    assert copy.faults()[0] == "not_utf8 2_SD.toml:2 2_SD.toml"


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(copy: Copy) -> None:
    for path in copy.folder.glob("*.toml"):
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert copy.faults() == []


def test_a_file_that_is_no_model_for_its_size_is_not_read(copy: Copy) -> None:
    (copy.folder / "1_SS.toml").write_bytes(b"#" * (files.MAX_BYTES + 1))
    assert "too_large 1_SS.toml:1 1_SS.toml" in copy.faults()


def test_a_listed_file_that_is_missing_is_said_where_it_is_listed(copy: Copy) -> None:
    (copy.folder / "4_SO.toml").unlink()
    source = (copy.folder / "model.toml").read_text(encoding="utf-8")
    line = source[: source.index('file = "4_SO.toml"')].count("\n") + 1
    assert copy.faults() == [f"missing_file model.toml:{line} domains.file"]


@pytest.mark.parametrize("name", ["x" * 300 + ".toml", "\\u0000.toml", "\\u001b[2J.toml", "CON.toml"])
def test_a_listed_name_that_no_file_has_is_a_missing_file(copy: Copy, name: str) -> None:
    line = copy.change("model.toml", "4_SO.toml", name)
    model, faults = inspect_model(str(copy.folder))
    assert model is None
    assert [(fault.code, fault.line) for fault in faults] == [("missing_file", line)]
    assert faults[0].message("zh").isprintable()


def test_a_file_that_can_not_be_opened_is_a_fault(copy: Copy, monkeypatch: pytest.MonkeyPatch) -> None:
    real = Path.open

    def refuse(path: Path, mode: str = "r", **options: Any) -> IO[Any]:
        if path.name == "2_SD.toml":
            raise PermissionError(13, "Permission denied")
        return real(path, mode, **options)

    monkeypatch.setattr(Path, "open", refuse)  # root may read anything, so the refusal is made here
    assert copy.faults() == ["unreadable 2_SD.toml:1 2_SD.toml"]


# All faults at once


def test_the_faults_of_all_files_are_said_at_once_main_file_first(copy: Copy) -> None:
    lines = [
        copy.change("model.toml", "pass_mark = 0.8", "pass_mark = 8"),
        copy.change("1_SS.toml", "level = 1", "level = 9"),
        copy.change("1_SS.toml", 'dimension = "process"', 'dimension = "x"'),
        copy.change("3_ST.toml", "weight = ", "weight = -"),
        copy.change("5_CI.toml", 'id = "CI1-1"', 'id = "XX1-1"'),
    ]
    found = copy.faults()
    assert found[0] == f"bad_value model.toml:{lines[0]} rules.pass_mark"
    assert {line.split(" ")[1] for line in found} >= {
        f"1_SS.toml:{lines[1]}", f"1_SS.toml:{lines[2]}", f"3_ST.toml:{lines[3]}", f"5_CI.toml:{lines[4]}",
    }  # fmt: skip


def test_a_broken_main_file_does_not_hide_the_faults_of_the_others(copy: Copy) -> None:
    copy.change("model.toml", "[rules]", "[rules")
    line = copy.change("2_SD.toml", "level = 1", "level = 9")
    found = copy.faults()
    assert found[0].startswith("syntax model.toml:")
    assert f"bad_value 2_SD.toml:{line} SD1-1.level" in found


def test_loading_a_faulty_model_raises_with_all_faults_and_says_the_first(copy: Copy) -> None:
    line = copy.change("model.toml", "pass_mark = 0.8", "pass_mark = 8")
    copy.change("1_SS.toml", "level = 1", "level = 9")
    with pytest.raises(ModelError) as error:
        load_model(str(copy.folder))
    assert [fault.file for fault in error.value.faults] == ["model.toml", "1_SS.toml"]  # type: ignore[attr-defined]
    message = error.value.message("en")
    assert "(faults: 2)" in message
    assert f"model.toml, line {line}" in message
    assert "\n" not in message


@pytest.mark.parametrize(
    "spoil", [lambda copy: (copy.folder / "model.toml").unlink(), lambda copy: shutil.rmtree(copy.folder)]
)
def test_a_folder_without_a_main_file_is_no_model(copy: Copy, spoil: Callable[[Copy], None]) -> None:
    spoil(copy)
    with pytest.raises(InputError):
        inspect_model(str(copy.folder))


def test_the_files_of_a_model_of_ones_own_are_its_main_file_and_its_domains(tmp_path: Path) -> None:
    assert own_files("sme-service@2023.1") == ()
    built_in = files._main_file("sme-service@2023.1").parent
    for path in built_in.glob("*.toml"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "other.toml").write_text("", encoding="utf-8")
    found = own_files(str(tmp_path))
    assert [path.name for path in found][:2] == ["model.toml", "1_SS.toml"]
    assert {path.name for path in found} == {path.name for path in built_in.glob("*.toml")}
